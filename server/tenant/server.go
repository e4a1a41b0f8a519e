package tenant

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/store/tenants"
)

// What one server does at once, and how long one request takes.
const (
	mostAtOnce = 128
	mostTime   = 20 * time.Second
	mostPath   = 1024
	mostToken  = 200
)

// Server answers tenants. It may be used from any goroutine.
type Server struct {
	c      Config
	routes []route
	mux    *http.ServeMux
	about  []byte // the description of all routes
	tokens *limit
	wrong  *limit
	turns  chan struct{}
	asking sync.Mutex // one wish is held against the calendar at a time
	views  *views
}

// New is a server. The error says what is missing.
func New(c Config) (*Server, error) { return with(c, routes()) }

// with is a server of some routes.
func with(c Config, all []route) (*Server, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{
		c: c, routes: all, mux: http.NewServeMux(), tokens: newLimit(c.Rate), wrong: newLimit(c.Wrong),
		turns: make(chan struct{}, mostAtOnce), views: newViews(c.Stations),
	}
	if s.about, err = describe(all); err != nil {
		return nil, err
	}
	for _, r := range all {
		s.mux.Handle(r.method+" "+r.path, s.serve(r))
	}
	return s, nil
}

// Turn is who may decide on reservations now: one at a time.
func (s *Server) Turn() sync.Locker { return &s.asking }

// request is one request on its way.
type request struct {
	id  string
	at  time.Time
	who tenants.Tenant
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'")
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	default:
		s.refuse(w, r, s.begin(w), away("too many requests are answered at once", nil))
		return
	}
	if h, _ := s.mux.Handler(r); ours(h) && straight(r) {
		s.mux.ServeHTTP(w, r)
		return
	}
	s.astray(w, r)
}

// served is the handler of a route.
type served http.HandlerFunc

// ServeHTTP implements http.Handler.
func (f served) ServeHTTP(w http.ResponseWriter, r *http.Request) { f(w, r) }

// ours tells a route from what the multiplexer answers by itself, such as a redirect.
func ours(h http.Handler) bool {
	_, is := h.(served)
	return is
}

// straight reports whether a path means what it says.
func straight(r *http.Request) bool {
	p := r.URL.Path
	return len(p) <= mostPath && p == path.Clean(p) && !strings.ContainsFunc(p, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' })
}

// astray answers what is no route. Who is not known learns nothing of what there is.
func (s *Server) astray(w http.ResponseWriter, r *http.Request) {
	q := s.begin(w)
	var err error
	if q.who, err = s.authenticate(r, q.at); err != nil {
		s.refuse(w, r, q, err)
		return
	}
	var allowed []string
	for _, x := range s.routes {
		probe := r.Clone(r.Context())
		probe.Method = x.method
		if h, pattern := s.mux.Handler(probe); straight(r) && ours(h) && pattern == x.method+" "+x.path {
			allowed = append(allowed, x.method)
		}
	}
	if len(allowed) == 0 {
		s.refuse(w, r, q, problem(http.StatusNotFound, "no-route", "There is no such route", "nothing is served at this path", "see GET "+aboutPath+" for all routes"))
		return
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(slices.Compact(allowed), ", "))
	s.refuse(w, r, q, problem(http.StatusMethodNotAllowed, "method", "That cannot be done here", "the path does not take this method", "use one that Allow names"))
}

// begin gives a request its id.
func (s *Server) begin(w http.ResponseWriter) request {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	q := request{id: hex.EncodeToString(b), at: s.c.Now()}
	w.Header().Set("X-Request-Id", q.id)
	return q
}

// serve is the handler of a route: it finds out who asks before anything else.
func (s *Server) serve(r route) http.Handler {
	return served(func(w http.ResponseWriter, in *http.Request) {
		q := s.begin(w)
		defer func() {
			if x := recover(); x != nil {
				s.refuse(w, in, q, fmt.Errorf("panic: %v", x))
			}
		}()
		ctx, cancel := context.WithTimeout(in.Context(), mostTime)
		defer cancel()
		c := call{request: q, ctx: ctx, path: in.PathValue, server: s, csv: wantsCSV(in)}
		var err error
		if !r.open {
			c.who, err = s.authenticate(in, q.at)
			q.who = c.who
		}
		if err == nil {
			c.query, err = r.parse(in.URL.RawQuery)
		}
		if err == nil && r.body != nil {
			c.body, err = r.read(w, in)
		}
		var answer any
		if err == nil {
			answer, err = r.do(c)
		}
		if err != nil {
			s.refuse(w, in, q, err)
			return
		}
		s.reply(w, in, q, r.status, answer)
	})
}

// authenticate says who asks. A token that is valid is never refused for what others
// at the same address got wrong.
func (s *Server) authenticate(r *http.Request, now time.Time) (tenants.Tenant, error) {
	if who, is := r.Context().Value(behalfKey{}).(tenants.Tenant); is {
		return who, nil
	}
	token, given := bearer(r)
	who, err := tenants.Tenant{}, tenants.ErrToken
	if given {
		who, err = s.c.Desk.Authenticate(r.Context(), token, now)
	}
	if errors.Is(err, tenants.ErrToken) {
		if wait := s.wrong.take(address(r), now); wait > 0 {
			return tenants.Tenant{}, tooMany(wait)
		}
		return tenants.Tenant{}, stranger()
	}
	if err != nil {
		return tenants.Tenant{}, err
	}
	key := sha256.Sum256([]byte(token))
	if wait := s.tokens.take(string(key[:]), now); wait > 0 {
		return tenants.Tenant{}, tooMany(wait)
	}
	return who, nil
}

// bearer is the one token of a request.
func bearer(r *http.Request) (string, bool) {
	all := r.Header.Values("Authorization")
	if len(all) != 1 || len(all[0]) > mostToken {
		return "", false
	}
	scheme, token, cut := strings.Cut(all[0], " ")
	return token, cut && strings.EqualFold(scheme, "Bearer")
}

// address is where a request comes from, as far as one customer of a network has it.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	a, bad := netip.ParseAddr(host)
	if err != nil || bad != nil {
		return r.RemoteAddr
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
}

// refuse tells what is wrong, and the operator what the tenant is not told.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, q request, err error) {
	p := told(err)
	p.write(w, q.id)
	s.note(r, q, p.Status, p.cause)
}

// reply writes an answer.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, q request, status int, answer any) {
	var body []byte
	var err error
	switch a := answer.(type) {
	case table:
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		body = a
	case json.RawMessage:
		w.Header().Set("Content-Type", "application/json")
		body = a
	default:
		w.Header().Set("Content-Type", "application/json")
		if body, err = json.Marshal(answer); err != nil {
			s.refuse(w, r, q, err)
			return
		}
		body = append(body, '\n')
	}
	w.WriteHeader(status)
	_, err = w.Write(body)
	s.note(r, q, status, err)
}

func (s *Server) note(r *http.Request, q request, status int, err error) {
	s.c.Log(Entry{At: q.at, Request: q.id, From: address(r), Tenant: q.who.Name(), Method: r.Method, Path: r.URL.Path, Status: status, Took: s.c.Now().Sub(q.at), Err: err})
}
