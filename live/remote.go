package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"sluice/loop/cycle"
)

// ErrAway says that nobody answers at a data directory: no site runs on it, it hangs,
// or it ended before its answer did.
var ErrAway = errors.New("nobody answers")

// ErrOdd marks an answer that cannot be read: too long, no JSON, or of something that
// is no site.
var ErrOdd = errors.New("the site's answer cannot be read")

// The longest answers: of most pages, and of the list of all machines.
const (
	answerMost = 64 << 20
	listMost   = 512 << 20
)

// idleMost is how long a connection is kept for the next question. The site itself
// ends one after ten seconds, and nobody shall ask on a connection that is just ending.
const idleMost = 5 * time.Second

// Remote speaks to a site that runs, over the socket in its data directory. Several
// goroutines may use it. Every method ends with its context, and wraps ErrAway where
// nobody answers, ErrNo where the site refuses, and ErrOdd where its answer is odd.
type Remote struct {
	folder string
	way    *http.Transport
	most   int64 // longest answer; 0: as above
}

// Dial is a client of the site of a data directory. Nothing is opened yet.
func Dial(folder string) *Remote {
	socket := filepath.Join(folder, SocketName)
	return &Remote{folder: folder, way: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: 8, IdleConnTimeout: idleMost, DisableCompression: true,
	}}
}

// Close gives idle connections back. The client can be used again.
func (r *Remote) Close() { r.way.CloseIdleConnections() }

// Status is where the site stands.
func (r *Remote) Status(ctx context.Context) (Status, error) {
	return get[Status](ctx, r, "status", nil)
}

// Notices are the last notices of the site, oldest first.
func (r *Remote) Notices(ctx context.Context) ([]Notice, error) {
	return get[[]Notice](ctx, r, "notices", nil)
}

// Machines is what changed of the machines since a revision, which an earlier answer
// told; 0: all of them.
func (r *Remote) Machines(ctx context.Context, after int64) (MachineList, error) {
	return get[MachineList](ctx, r, "machines", url.Values{"after": {strconv.FormatInt(after, 10)}})
}

// Machine is everything of one machine, by its address.
func (r *Remote) Machine(ctx context.Context, name string) (MachinePage, error) {
	return get[MachinePage](ctx, r, "machine", url.Values{"name": {name}})
}

// Turns is a page of intervals from one instant to another; a zero instant and a limit
// of 0 leave it to the site.
func (r *Remote) Turns(ctx context.Context, from, to time.Time, limit int) (TurnList, error) {
	q := url.Values{}
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			q.Set(name, at.UTC().Format(time.RFC3339))
		}
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return get[TurnList](ctx, r, "turns", q)
}

// Turn is the papers of the interval that holds at.
func (r *Remote) Turn(ctx context.Context, at time.Time) (cycle.Turn, error) {
	return get[cycle.Turn](ctx, r, "turn", url.Values{"at": {at.UTC().Format(time.RFC3339)}})
}

// Plan is the newest plan with what it stands on, and false while it is the one of a
// revision that an earlier answer told.
func (r *Remote) Plan(ctx context.Context, after int64) (p PlanPapers, fresh bool, err error) {
	fresh, err = r.ask(ctx, call{path: "plan", query: url.Values{"after": {strconv.FormatInt(after, 10)}}}, &p)
	return p, fresh, err
}

// Preview estimates what a limit would take away. Nothing is changed.
func (r *Remote) Preview(ctx context.Context, q Request) (p Preview, err error) {
	_, err = r.ask(ctx, call{path: "preview", body: &q}, &p)
	return p, err
}

// Act has a site do something that a person asks for. Where the connection breaks
// before the answer came, nobody knows whether it was done: see Status.
func (r *Remote) Act(ctx context.Context, deed string, q Request) (a Answer, err error) {
	if !slices.Contains(Deeds(), deed) {
		return a, fmt.Errorf("%w: a site cannot %q", ErrNo, deed)
	}
	_, err = r.ask(ctx, call{path: deed, body: &q}, &a)
	return a, err
}

// RoundTrip sends any request to the site, whatever host it names, so that its
// /metrics and its read API of Prometheus at /api/v1/ can be reached through it.
func (r *Remote) RoundTrip(q *http.Request) (*http.Response, error) {
	x := q.Clone(q.Context())
	x.URL.Scheme, x.URL.Host = "http", "site"
	a, err := r.way.RoundTrip(x)
	if err != nil {
		return nil, r.away(q.Context(), err)
	}
	return a, nil
}

// call is one question to a site.
type call struct {
	path  string
	query url.Values
	body  *Request // nil: a read
}

func get[T any](ctx context.Context, r *Remote, path string, q url.Values) (out T, err error) {
	_, err = r.ask(ctx, call{path: path, query: q}, &out)
	return out, err
}

// ask sends one question and reads the answer into a value. It is false where the
// site says that nothing is new.
func (r *Remote) ask(ctx context.Context, c call, into any) (fresh bool, err error) {
	q, err := c.request(ctx)
	if err != nil {
		return false, err
	}
	a, err := r.way.RoundTrip(q)
	if err != nil {
		return false, r.away(ctx, err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if a.StatusCode == http.StatusNoContent {
		return false, nil
	}
	text, err := r.read(ctx, a.Body, c.path)
	if err != nil {
		return false, err
	}
	if a.StatusCode != http.StatusOK {
		return false, refusedBy(a, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("%w: %s: %w", ErrOdd, c.path, err)
	}
	return true, nil
}

func (c call) request(ctx context.Context) (*http.Request, error) {
	method, body := http.MethodGet, []byte(nil)
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
		method = http.MethodPost
	}
	at := url.URL{Scheme: "http", Host: "site", Path: "/" + c.path, RawQuery: c.query.Encode()}
	q, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the site: %w", err)
	}
	return q, nil
}

// read reads an answer to its end, and no more than it may be long.
func (r *Remote) read(ctx context.Context, from io.Reader, path string) ([]byte, error) {
	most := r.most
	switch {
	case most > 0:
	case path == "machines":
		most = listMost
	default:
		most = answerMost
	}
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, r.away(ctx, err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("%w: %s is longer than %d bytes", ErrOdd, path, most)
	}
	return text, nil
}

// away is an error of the way to the site. Where the caller gave up, that is why; a
// caller whose time was over before the site answered found nobody.
func (r *Remote) away(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	var way *net.OpError
	switch {
	case cause != nil && errors.Is(cause, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w in time: %w", r.folder, ErrAway, cause)
	case cause != nil:
		return fmt.Errorf("ask the site of %s: %w", r.folder, cause)
	case errors.As(err, &way) && way.Op == "dial":
		return fmt.Errorf("%s: %w: no site runs on this data directory: start sluice serve, or correct --data (%w)", r.folder, ErrAway, err)
	}
	return fmt.Errorf("%s: %w any more: %w", r.folder, ErrAway, err)
}

// no is what a site said instead of doing it, in its own words.
type no struct{ why string }

// Error is the site's own word.
func (n no) Error() string { return n.why }

// Is makes it ErrNo.
func (n no) Is(err error) bool { return err == ErrNo }

// refusedBy is what an answer that is no success says.
func refusedBy(a *http.Response, text []byte) error {
	var said Answer
	switch err := json.Unmarshal(text, &said); {
	case err != nil || said.No == "":
		return fmt.Errorf("%w: it answers %s", ErrOdd, a.Status)
	case a.StatusCode == http.StatusServiceUnavailable:
		return fmt.Errorf("the site cannot answer now: %s", said.No)
	}
	return no{said.No}
}
