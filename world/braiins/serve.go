package braiins

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"sluice/unit"
	"sluice/world/machine"
)

// Options is what the owner of a machine has set.
type Options struct {
	User     string        // empty: "root"
	Password string        // as it is: many machines have none
	Token    time.Duration // how long a token lives without use; 0: an hour
	DPS      bool          // dynamic scaling is on
	Late     int           // so many of the lowest presets were never tuned
}

func (o Options) withDefaults() Options {
	if o.User == "" {
		o.User = "root"
	}
	if o.Token == 0 {
		o.Token = time.Hour
	}
	return o
}

// Ports is where machines listen.
type Ports struct {
	Web net.Listener // pages and REST on 80
	RPC net.Listener // the reports of cgminer on 4028; nil: none
	Far net.Listener // gRPC on 50051; nil: none
}

// Serve answers for machines at p until ctx is over. unit finds the machine at
// the local address of a connection, now is the machines' time.
func Serve(ctx context.Context, p Ports, unit machine.Unit, now func() time.Time, o Options) error {
	s := &server{unit: unit, now: now, options: o.withDefaults(), settings: map[*machine.Machine]*settings{}}
	doors := []func(context.Context) error{func(ctx context.Context) error { return machine.ServeWeb(ctx, p.Web, unit, now, s.answer) }}
	if p.RPC != nil {
		doors = append(doors, func(ctx context.Context) error { return machine.Accept(ctx, p.RPC, s.report) })
	}
	if p.Far != nil {
		doors = append(doors, func(ctx context.Context) error { return machine.ServeRPC(ctx, p.Far, unit, now, s.call) })
	}
	return machine.Together(ctx, doors...)
}

// settings is what a machine remembers beside its inside.
type settings struct {
	token  string
	used   time.Time
	n      int
	target unit.Power
	locate bool

	restarts int // of the machine by itself, as far as this is still true
}

type server struct {
	unit    machine.Unit
	now     func() time.Time
	options Options

	mu       sync.Mutex // guards settings and all in it
	settings map[*machine.Machine]*settings
}

// of is what m remembers; the caller holds the lock.
func (s *server) of(m *machine.Machine) *settings {
	x := s.settings[m]
	if x == nil {
		x = &settings{target: m.State(s.now()).Target}
		s.settings[m] = x
	}
	if st := m.State(s.now()); st.Restarts != x.restarts {
		x.restarts, x.token, x.target = st.Restarts, "", st.Target
	}
	return x
}

// request is one request on its way to an answer.
type request struct {
	*http.Request
	m    *machine.Machine
	x    *settings
	body []byte
}

// answer serves one request.
func (s *server) answer(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.of(m)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, http.StatusBadRequest, "cannot read the body")
		return
	}
	in := request{Request: r, m: m, x: x, body: body}
	path, api := strings.CutPrefix(r.URL.Path, "/api/v1")
	switch {
	case path == "/graphql":
		say(w, graph(m, string(body)))
	case !api:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html><head><title>Braiins OS</title></head></html>")
	case path == "/version":
		say(w, map[string]any{"major": 1, "minor": 0, "patch": 0})
	case path == "/auth/login" && r.Method == http.MethodPost:
		s.login(w, in)
	case !s.authorised(in):
		fail(w, http.StatusUnauthorized, "invalid or expired token")
	default:
		s.inner(w, in, path)
	}
}

// inner serves what needs a token.
func (s *server) inner(w http.ResponseWriter, r request, path string) {
	page, order := pages()[path], orders()[path]
	switch {
	case page != nil && r.Method == http.MethodGet:
		say(w, page(s, r))
	case order != nil && r.Method == http.MethodPut:
		order(s, w, r)
	default:
		fail(w, http.StatusNotFound, "no such page")
	}
}

// login trades a password for a token.
func (s *server) login(w http.ResponseWriter, r request) {
	var in struct{ Username, Password string }
	if json.Unmarshal(r.body, &in) != nil || !s.enter(r.x, in.Username, in.Password) {
		fail(w, http.StatusUnauthorized, "wrong user or password")
		return
	}
	say(w, map[string]any{"token": r.x.token, "timeout_s": int64(s.options.Token.Seconds())})
}

// enter makes a new token for those who know the password.
func (s *server) enter(x *settings, user, password string) bool {
	if user != s.options.User || password != s.options.Password {
		return false
	}
	x.n++
	x.token, x.used = fmt.Sprintf("token%04d", x.n), s.now()
	return true
}

// authorised checks the bare token and keeps it alive.
func (s *server) authorised(r request) bool {
	now := s.now()
	if r.x.token == "" || r.Header.Get("Authorization") != r.x.token || now.Sub(r.x.used) >= s.options.Token {
		return false
	}
	r.x.used = now
	return true
}

// graph answers the two questions of the old interface that need no login: the
// model, and the version. To all others it has an error.
func graph(m *machine.Machine, query string) any {
	switch {
	case strings.Contains(query, "modelName"):
		return map[string]any{"data": map[string]any{"bosminer": map[string]any{"info": map[string]any{"modelName": m.Spec.Model}}}}
	case strings.Contains(query, "version"):
		return map[string]any{"data": map[string]any{"bos": map[string]any{"info": map[string]any{"version": map[string]any{"full": firmware}}}}}
	}
	return map[string]any{"data": nil, "errors": []any{map[string]any{"message": "Unauthorized"}}}
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	b, _ := json.Marshal(v) //nolint:errchkjson // plain maps of plain values
	_, _ = w.Write(b)
}

// fail answers in text, as the real interface does.
func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
