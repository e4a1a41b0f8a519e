package tenant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"strings"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
)

// behalfPath is where the house asks in the name of a tenant, through the door alone.
const behalfPath = "/behalf/"

// mostBehalf bounds what comes back to the house.
const mostBehalf = 16 << 20

// behalfKey marks a request whose tenant the house has already made sure of. No request
// that comes over a network can carry it.
type behalfKey struct{}

// Inside is what is served at the door of a server: the operator's orders, and what
// people of a tenant ask whom the house let in by itself, such as in its control room.
func Inside(o Office, s *Server) http.Handler {
	b := behalf{o.Store, s}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, is := strings.CutPrefix(r.URL.Path, behalfPath); is {
			name, at, _ := strings.Cut(rest, "/")
			b.answer(w, r, name, "/"+at)
			return
		}
		o.ServeHTTP(w, r)
	})
}

// behalf answers in the name of the tenant in the path as the server answers its tokens.
type behalf struct {
	store  *tenants.Store
	server *Server
}

// answer answers what is asked in the name of a tenant at a path of the interface. A
// tenant who is closed is a stranger here too.
func (b behalf) answer(w http.ResponseWriter, r *http.Request, name, at string) {
	who, err := b.store.Office().Tenant(r.Context(), name)
	var p tenants.Profile
	if err == nil {
		p, err = b.store.Desk().Profile(r.Context(), who)
	}
	if err == nil && !p.Closed.IsZero() {
		err = tenants.ErrUnknown
	}
	if err != nil {
		q := told(err)
		if errors.Is(err, tenants.ErrUnknown) {
			q = problem(http.StatusNotFound, "unknown", "There is no such thing", "the operator keeps no tenant of that name, or has closed it", "ask the operator")
		}
		q.write(w, "")
		return
	}
	in := r.Clone(context.WithValue(r.Context(), behalfKey{}, who))
	in.URL.Path, in.URL.RawPath = at, ""
	b.server.ServeHTTP(w, in)
}

// Errand is one question or wish in the name of a tenant.
type Errand struct {
	Tenant string
	Method string
	Path   string // of the tenants' interface, from /v1/ on
	Query  url.Values
	Body   []byte // JSON; nil: none
}

// Ask has the server of a data directory answer an errand as it answers the tenant. The
// error wraps ErrNobody where none runs; what the server refuses is an answer.
func Ask(ctx context.Context, dir string, e Errand) (status int, body []byte, err error) {
	if !engine.Plain(e.Tenant) || !strings.HasPrefix(e.Path, "/v1/") || e.Path != path.Clean(e.Path) {
		return 0, nil, fmt.Errorf("errand %.60q of %.60q: %w: no tenant is called so, or the path is none of its interface", e.Path, e.Tenant, tenants.ErrUnknown)
	}
	u := url.URL{Scheme: "http", Host: "office", Path: behalfPath + e.Tenant + e.Path, RawQuery: e.Query.Encode()}
	r, err := http.NewRequestWithContext(ctx, e.Method, u.String(), bytes.NewReader(e.Body))
	if err != nil {
		return 0, nil, err
	}
	if e.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	a, err := inside(dir).Do(r)
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		return 0, nil, fmt.Errorf("%w: %w", ErrNobody, err)
	case err != nil:
		return 0, nil, fmt.Errorf("ask the server for tenants: %w", err)
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	if body, err = io.ReadAll(io.LimitReader(a.Body, mostBehalf+1)); err == nil && len(body) > mostBehalf {
		err = fmt.Errorf("the server for tenants answered more than %d bytes: ask for less", mostBehalf)
	}
	return a.StatusCode, body, err
}

// inside is a client of the door of a data directory.
func inside(dir string) *http.Client {
	socket := filepath.Join(dir, SocketName)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: time.Minute}
}
