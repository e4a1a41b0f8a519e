package slurm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sluice/engine"
)

// The parsers of slurmrestd that this driver was written for.
const (
	oldestParser = 38
	newestParser = 46
)

// answerMost bounds an answer: a thousand jobs are about 4 MB.
const answerMost = 256 << 20

// rest speaks to slurmrestd.
type rest struct {
	c      Config
	client *http.Client
	base   string
	line   *line // fetches tokens, where there is one
	parser int   // 0: not known yet
	db     bool  // it reaches the accounting
	token  string
	renew  time.Time // at half the token's life
}

func newRest(c Config, line *line) (*rest, error) {
	r := &rest{c: c, line: line, base: strings.TrimSuffix(c.REST.URL, "/")}
	transport := c.REST.Client
	if c.REST.Socket != "" {
		if c.REST.URL != "" {
			return nil, errors.New("slurm: REST has a socket or an address, not both")
		}
		r.base = "http://slurmrestd"
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", c.REST.Socket)
		}
		transport = &http.Transport{DialContext: dial, DisableKeepAlives: true}
	} else {
		u, err := url.Parse(r.base)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("slurm: %q is no address such as https://slurm.example:6820", c.REST.URL)
		}
		if c.REST.Token == nil && line == nil {
			return nil, errors.New("slurm: an address over the network needs a token: give Token or commands")
		}
	}
	r.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return r, nil
}

// about picks the newest parser that is known here and there.
func (r *rest) about(ctx context.Context) (about, error) {
	spec, err := r.ask(ctx, http.MethodGet, "/openapi/v3", nil)
	if err != nil {
		return about{}, err
	}
	r.parser, r.db = parsers(spec.at("paths").keys())
	if r.parser == 0 {
		return about{}, fmt.Errorf("%w: slurmrestd offers no parser from v0.0.%d to v0.0.%d: start it with one of them (-d or -s)", engine.ErrUnsupported, oldestParser, newestParser)
	}
	ping, err := r.ask(ctx, http.MethodGet, "/slurm/"+r.dialect()+"/ping", nil)
	if err != nil {
		return about{}, err
	}
	release := cmp.Or(ping.at("meta", "slurm", "release").text(), ping.at("meta", "Slurm", "release").text())
	return about{version: release, dialect: r.dialect()}, nil
}

func (r *rest) dialect() string { return fmt.Sprintf("v0.0.%d", r.parser) }

// parsers finds the newest known parser among the paths of a specification, and
// whether it reaches the accounting.
func parsers(paths []string) (newest int, db bool) {
	seen := map[string][]int{}
	for _, p := range paths {
		root, rest, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/v0.0.")
		number, _, deeper := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(number); deeper && err == nil && n >= oldestParser && n <= newestParser {
			seen[root] = append(seen[root], n)
		}
	}
	if len(seen["slurm"]) == 0 {
		return 0, false
	}
	newest = slices.Max(seen["slurm"])
	return newest, slices.Contains(seen["slurmdb"], newest)
}

// takes says from which parser on a change can be made.
func (r *rest) takes(k kind) bool {
	switch k {
	case signalJob:
		return r.parser >= 38
	case markJob, holdJob, freeJob:
		return r.parser >= 39
	case putReservation, dropReservation:
		return r.parser >= 43
	case requeueJob, sinkNode, raiseNode, keepNode:
		return r.parser >= 45
	case recordRuns:
		return r.parser >= 41 && r.db
	case setPartition, writeTenants:
	}
	return false
}

func (r *rest) load(ctx context.Context, p part) (state, error) {
	if r.parser == 0 {
		if _, err := r.about(ctx); err != nil {
			return state{}, err
		}
	}
	t, err := r.ask(ctx, http.MethodGet, "/slurm/"+r.dialect()+"/"+string(p), nil)
	if err != nil {
		return state{}, err
	}
	s, err := decode(p, t)
	if err != nil {
		return state{}, fmt.Errorf("slurm: %s: %w", p, err)
	}
	return s, nil
}

// ask exchanges one request, with a token that is fresh, and once more with a
// new one where the first is not taken. A question whose connection slurmrestd
// dropped, as it does now and then when it is busy, is asked again; a change never
// is, because it may have been made.
func (r *rest) ask(ctx context.Context, method, path string, body any) (tree, error) {
	t, err := r.exchange(ctx, method, path, body)
	for again := 0; again < 2 && method == http.MethodGet && dropped(err); again++ {
		t, err = r.exchange(ctx, method, path, body)
	}
	if errors.Is(err, engine.ErrDenied) && r.c.REST.Socket == "" {
		r.token = ""
		t, err = r.exchange(ctx, method, path, body)
	}
	return t, err
}

// dropped reports a connection that ended before it answered.
func dropped(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF)
}

func (r *rest) exchange(ctx context.Context, method, path string, body any) (tree, error) {
	ctx, cancel := context.WithTimeout(ctx, r.c.Timeout)
	defer cancel()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return tree{}, err
		}
		in = bytes.NewReader(text)
	}
	q, err := http.NewRequestWithContext(ctx, method, r.base+path, in)
	if err != nil {
		return tree{}, err
	}
	q.Header.Set("Accept", "application/json")
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if err := r.sign(ctx, q); err != nil {
		return tree{}, err
	}
	a, err := r.client.Do(q)
	if err != nil {
		return tree{}, fmt.Errorf("slurm: %s %s: %w: %w", method, path, engine.ErrUnreachable, err)
	}
	text, err := io.ReadAll(io.LimitReader(a.Body, answerMost+1))
	if err := errors.Join(err, a.Body.Close()); err != nil {
		return tree{}, fmt.Errorf("slurm: %s %s: %w: %w", method, path, engine.ErrUnreachable, err)
	}
	t, err := judge(a.StatusCode, text)
	if err != nil {
		return tree{}, fmt.Errorf("slurm: %s %s: %w", method, path, err)
	}
	return t, nil
}

// sign puts a token on a request that goes over the network.
func (r *rest) sign(ctx context.Context, q *http.Request) error {
	if r.c.REST.Socket != "" {
		return nil
	}
	now := r.c.Now()
	if r.token == "" || !now.Before(r.renew) {
		life := cmp.Or(r.c.REST.Lifespan, usualLifespan)
		fetch := r.c.REST.Token
		if fetch == nil {
			fetch = r.line.fetchToken
		}
		token, err := fetch(ctx, life)
		if err != nil {
			return fmt.Errorf("slurm: no token: %w", err)
		}
		r.token, r.renew = token, now.Add(life/2)
	}
	q.Header.Set("X-SLURM-USER-TOKEN", r.token)
	if r.c.REST.User != "" {
		q.Header.Set("X-SLURM-USER-NAME", r.c.REST.User)
	}
	return nil
}

// judge reads an answer: its status, its errors and its warnings.
func judge(status int, text []byte) (tree, error) {
	if len(text) > answerMost {
		return tree{}, fmt.Errorf("%w: an answer of more than %d bytes", engine.ErrUnreachable, answerMost)
	}
	t, err := parse(text)
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return tree{}, fmt.Errorf("%w: status %d: %.120q", engine.ErrDenied, status, text)
	case err != nil && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed):
		return tree{}, fmt.Errorf("%w: status %d: %.120q", engine.ErrUnsupported, status, text)
	case err != nil:
		return tree{}, fmt.Errorf("%w: status %d: %w", engine.ErrUnreachable, status, err)
	}
	var said []string
	for _, list := range []string{"errors", "warnings"} {
		for _, e := range t.at(list).each() {
			s := strings.TrimSpace(e.at("error").text() + " " + e.at("description").text())
			if list == "errors" || worrying(s) {
				said = append(said, s)
			}
		}
	}
	if len(said) == 0 && status < http.StatusBadRequest {
		return t, nil
	}
	return tree{}, classify(fmt.Sprintf("status %d: %s", status, strings.Join(said, "; ")))
}

// worrying reports whether a warning says that a part of a request was not
// understood: what is not understood was not done.
func worrying(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "unknown key") || strings.Contains(s, "unknown field") || strings.Contains(s, "unable to parse") || strings.Contains(s, "ignored")
}

// classify finds the error of package engine in what Slurm says, over REST or
// by its commands.
func classify(said string) error {
	low := strings.ToLower(said)
	for _, c := range []struct {
		err   error
		words []string
	}{
		{engine.ErrUnreachable, []string{"unable to contact slurm controller", "connect failure", "zero bytes were transmitted", "socket timed out", "connection refused", "unable to contact", "slurmdbd is not", "unable to connect to database", "error connecting to slurm"}},
		{engine.ErrDenied, []string{"authentication", "access/permission denied", "access denied", "permission denied", "user's group not permitted", "not authorized", "insufficient privileges", "operation not permitted"}},
		{engine.ErrUnknown, []string{"invalid job id", "invalid partition", "invalid node name", "reservation is invalid", "unknown job", "nothing modified", "unable to find", "no such"}},
	} {
		for _, w := range c.words {
			if strings.Contains(low, w) {
				return fmt.Errorf("%w: %.300s", c.err, said)
			}
		}
	}
	return fmt.Errorf("slurm refused: %.300s", said)
}
