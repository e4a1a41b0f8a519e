package room

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"path"
	"strings"
	"time"
)

// eventsPath is where events are listened to: a stream without end.
const eventsPath = "/v1/events"

// usualBody is the longest body where a route says nothing else, in bytes.
const usualBody = 1 << 20

// The longest that one request takes to arrive, and its answer to leave.
const (
	readWithin  = 30 * time.Second
	writeWithin = time.Minute
)

// Handler is everything that is served: the interface, the pages, and the signs of life.
func (r *Room) Handler() http.Handler {
	rates := r.cfg.Rates.usual()
	s := &shell{
		room: r, pages: newPages(r.cfg.Pages), docs: r.docs(),
		address: newLimit(rates.Address), visitor: newLimit(rates.Visitor), events: newLimit(rates.Events), files: newLimit(rates.Files),
	}
	cross := http.NewCrossOriginProtection()
	for _, host := range r.cfg.Hosts {
		// A proxy may give the page another host than it gives us.
		_ = cross.AddTrustedOrigin("https://" + host) // Validate has looked at it
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		r.answer(w, problem(http.StatusForbidden, "cross_origin", "another page asks in your name", "open the control room itself, and do it there"))
	}))
	return r.behind(s.first(s.limited(cross.Handler(http.HandlerFunc(s.route)))))
}

// shell is what stands around the routes.
type shell struct {
	room                            *Room
	pages                           *pages
	docs                            []byte
	address, visitor, events, files *limit
}

// first gives every request a name and safe headers, and turns a panic into a problem.
func (s *shell) first(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		id := rand.Text()[:16]
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), interest-cohort=()")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		if s.room.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer s.caught(w, req, id)
		next.ServeHTTP(w, req)
	})
}

// caught answers after a panic. What was said is for the log: it may hold anything.
func (s *shell) caught(w http.ResponseWriter, req *http.Request, id string) {
	said := recover()
	if said == nil {
		return
	}
	if said == http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
		panic(said)
	}
	s.room.cfg.Log.ErrorContext(req.Context(), "a request panicked", "request", id, "method", req.Method, "path", req.URL.Path, "panic", fmt.Sprint(said))
	s.room.answer(w, problem(http.StatusInternalServerError, "failed", "it was not carried out to its end", "try again; the log of the program says more under "+id))
}

// limited refuses who asks too often.
func (s *shell) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if wait := s.wait(req); wait > 0 {
			p := problem(http.StatusTooManyRequests, "too_often", "you ask too often", "wait, and ask less often; live values come by "+eventsPath)
			p.wait = int((wait + time.Second - 1) / time.Second)
			s.room.answer(w, p)
			return
		}
		next.ServeHTTP(w, req)
	})
}

// wait is how long until a request may be asked; zero: now.
func (s *shell) wait(req *http.Request) time.Duration {
	from, now := networkOf(req.RemoteAddr), s.room.cfg.Clock()
	switch {
	case req.URL.Path == "/livez" || req.URL.Path == "/readyz":
		return 0
	case req.URL.Path == eventsPath:
		return s.events.take(from, now)
	case !ofInterface(req.URL.Path) && !strings.HasPrefix(req.URL.Path, prometheusPath):
		return s.files.take(from, now)
	}
	if wait := s.address.take(from, now); wait > 0 {
		return wait
	}
	if credential := s.room.credential(req); credential != "" {
		sum := sha256.Sum256([]byte(credential))
		return s.visitor.take(string(sum[:16]), now)
	}
	return 0
}

// credential is what somebody shows to say who they are; empty: nothing.
func (r *Room) credential(req *http.Request) string {
	if bearer := req.Header.Get("Authorization"); bearer != "" {
		return bearer
	}
	if c, err := req.Cookie(r.cookie()); err == nil {
		return c.Value
	}
	return ""
}

// networkOf is what one asker has: an address of IPv4, 64 bits of IPv6.
func networkOf(remote string) string {
	ip, err := netip.ParseAddr(addressOf(remote))
	if err != nil {
		return remote
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// ofInterface reports whether a path belongs to the interface and not to the pages.
func ofInterface(p string) bool {
	p = path.Clean("/" + p)
	return p == "/v1" || strings.HasPrefix(p, "/v1/")
}

// route finds who answers.
func (s *shell) route(w http.ResponseWriter, req *http.Request) {
	switch p := req.URL.Path; {
	case p == "/livez" && reads(req):
		plain(w, http.StatusOK, "alive\n")
	case p == "/readyz" && reads(req):
		s.room.ready(w, req)
	case p == "/v1/docs" && reads(req):
		s.described(w)
	case strings.HasPrefix(p, prometheusPath):
		w.Header().Set("Cache-Control", "no-store")
		s.room.prometheus(w, req)
	case ofInterface(p):
		s.room.serveInterface(w, req)
	default:
		s.pages.serve(s.room, w, req)
	}
}

func reads(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead
}

// serveInterface answers what belongs to the interface.
func (r *Room) serveInterface(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if req.URL.Path != eventsPath {
		to := http.NewResponseController(w)
		now := time.Now()                           // of the connection, whatever the clock of the room says
		_ = to.SetReadDeadline(now.Add(readWithin)) // where it cannot be set nobody waits
		_ = to.SetWriteDeadline(now.Add(writeWithin))
	}
	req = straight(req)
	if _, pattern := r.mux.Handler(req); pattern == "" {
		r.astray(w, req)
		return
	}
	r.once(r.bounded(r.mux)).ServeHTTP(w, req)
}

// bounded ends the streams of a server that ends; what is not a stream is finished.
func (r *Room) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ending, is := req.Context().Value(endingKey{}).(context.Context)
		if !is || req.URL.Path != eventsPath {
			next.ServeHTTP(w, req)
			return
		}
		ctx, end := context.WithCancel(req.Context())
		defer end()
		stop := context.AfterFunc(ending, end) //nolint:contextcheck // it is that of the server, which ends before the request
		defer stop()
		next.ServeHTTP(w, req.WithContext(ctx))
	})
}

// endingKey is under what a request finds the context that ends with the server.
type endingKey struct{}

// astray answers what is no route: there is no such path, or not by this method.
func (r *Room) astray(w http.ResponseWriter, req *http.Request) {
	found := &headless{header: http.Header{}}
	r.mux.ServeHTTP(found, req)
	if found.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", found.header.Get("Allow"))
		r.answer(w, problem(http.StatusMethodNotAllowed, "method", "this cannot be done here by "+clip(req.Method, 20), "see /v1/docs for what can"))
		return
	}
	r.answer(w, problem(http.StatusNotFound, "no_route", fmt.Sprintf("there is nothing at %q", clip(req.URL.Path, 100)), "see /v1/docs for what there is"))
}

// headless is an answer of which only status and headers are wanted.
type headless struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (h *headless) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *headless) WriteHeader(status int) { h.status = status }

// Write implements http.ResponseWriter.
func (h *headless) Write(b []byte) (int, error) { return len(b), nil }

// clip cuts what a stranger wrote.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// routeOf is the route that a request is for.
func (r *Room) routeOf(req *http.Request) (route, bool) {
	_, pattern := r.mux.Handler(req)
	for _, t := range r.routes {
		if pattern == t.method+" "+t.path {
			return t, true
		}
	}
	return route{}, false
}

// bodyOf reads what was sent for a route.
func (r *Room) bodyOf(w http.ResponseWriter, req *http.Request, t route) ([]byte, error) {
	most := t.body
	if most == 0 {
		most = usualBody
	}
	return io.ReadAll(http.MaxBytesReader(w, req.Body, most))
}

func tooLarge(most int64) *Problem {
	return problem(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("what was sent has more than %d bytes", most), "send less, or in parts")
}

// answer answers with a problem, outside of a route.
func (r *Room) answer(w http.ResponseWriter, p *Problem) {
	if p.Status >= http.StatusInternalServerError && p.cause != nil {
		r.cfg.Log.Error("a request failed", "problem", p.Code, "cause", p.cause)
	}
	if p.wait > 0 {
		w.Header().Set("Retry-After", itoa(p.wait))
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who is gone is told nothing
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // who is gone is told nothing
}

// ready says whether the room can answer: people are known, and what else was given.
func (r *Room) ready(w http.ResponseWriter, req *http.Request) {
	ctx, end := context.WithTimeout(req.Context(), 5*time.Second)
	defer end()
	for _, c := range append([]Check{{"people", r.people}}, r.cfg.Ready...) {
		if err := c.Ask(ctx); err != nil {
			r.cfg.Log.WarnContext(ctx, "not ready", "what", c.Name, "cause", err)
			plain(w, http.StatusServiceUnavailable, c.Name+" does not answer\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

func (r *Room) people(ctx context.Context) error {
	_, err := r.cfg.People.Head(ctx)
	return err
}

// nonce is one that nobody guesses.
func nonce() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // it never fails: the program ends before
	return base64.StdEncoding.EncodeToString(b[:])
}

// policy is what a page may load and do. Styles that the program writes bear the nonce.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; style-src 'self' 'nonce-" + nonce +
		"'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
