package vnish

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"sluice/world/machine"
)

// Options is what the owner of a machine has set.
type Options struct {
	Password string        // empty: "admin"
	Version  string        // empty: "1.2.7"; from 1.3 on there is a throttle
	Untuned  bool          // no preset was ever tuned
	Switcher bool          // the firmware may move the preset
	Stays    bool          // a stop outlives a reboot
	Token    time.Duration // how long a token lives without use; 0: half an hour
}

func (o Options) withDefaults() Options {
	if o.Password == "" {
		o.Password = "admin"
	}
	if o.Version == "" {
		o.Version = "1.2.7"
	}
	if o.Token == 0 {
		o.Token = 30 * time.Minute
	}
	return o
}

// throttles reports whether the version has a throttle.
func (o Options) throttles() bool { return !strings.HasPrefix(o.Version, "1.2.") }

// Ports is where machines listen.
type Ports struct {
	Web net.Listener // the web interface
	RPC net.Listener // the reports of cgminer; nil: none
}

// Serve answers for machines at p until ctx is over. unit finds the machine at
// the local address of a connection, now is the machines' time.
func Serve(ctx context.Context, p Ports, unit machine.Unit, now func() time.Time, o Options) error {
	s := &server{unit: unit, now: now, options: o.withDefaults(), settings: map[*machine.Machine]*settings{}}
	doors := []func(context.Context) error{func(ctx context.Context) error { return machine.ServeWeb(ctx, p.Web, unit, now, s.answer) }}
	if p.RPC != nil {
		doors = append(doors, func(ctx context.Context) error { return machine.Accept(ctx, p.RPC, s.handle) })
	}
	return machine.Together(ctx, doors...)
}

// settings is what a machine remembers beside its inside.
type settings struct {
	token    string
	used     time.Time
	n        int
	throttle int64
	saved    string // the preset in the settings, in force after a restart
	current  string // the preset in force
	locate   bool
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
		name := m.State(s.now()).Mode
		x = &settings{throttle: 100, saved: name, current: name}
		s.settings[m] = x
	}
	if st := m.State(s.now()); st.Restarts != x.restarts {
		x.restarts, x.token, x.throttle = st.Restarts, "", 100
		x.saved, x.current = st.Mode, st.Mode
	}
	return x
}

// request is one request on its way to an answer.
type request struct {
	*http.Request
	m    *machine.Machine
	x    *settings
	body map[string]any
}

// answer serves one request of the web interface.
func (s *server) answer(w http.ResponseWriter, r *http.Request, m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := request{Request: r, m: m, x: s.of(m)}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&in.body); err != nil && r.ContentLength > 0 {
		fail(w, http.StatusBadRequest, "bad request")
		return
	}
	path, api := strings.CutPrefix(r.URL.Path, "/api/v1")
	if !api {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><head><meta name=\"firmware\" content=\"AnthillOS\"></head></html>"))
		return
	}
	switch {
	case path == "/unlock":
		s.unlock(w, in)
	case open()[path] != nil && r.Method == http.MethodGet:
		say(w, open()[path](s, in))
	case !s.authorised(in):
		fail(w, http.StatusUnauthorized, "unauthorized")
	case inner()[path] != nil && r.Method == http.MethodGet:
		say(w, inner()[path](s, in))
	case orders()[path] != nil && r.Method == http.MethodPost:
		orders()[path](s, w, in)
	default:
		fail(w, http.StatusNotFound, "not found")
	}
}

// unlock trades the password for a token.
func (s *server) unlock(w http.ResponseWriter, r request) {
	if pw, _ := r.body["pw"].(string); pw != s.options.Password {
		fail(w, http.StatusForbidden, "wrong password")
		return
	}
	r.x.n++
	r.x.token, r.x.used = fmt.Sprintf("token-%d", r.x.n), s.now()
	say(w, map[string]any{"token": r.x.token})
}

// authorised checks the bearer and keeps it alive.
func (s *server) authorised(r request) bool {
	now := s.now()
	if r.x.token == "" || r.Header.Get("Authorization") != "Bearer "+r.x.token || now.Sub(r.x.used) >= s.options.Token {
		return false
	}
	r.x.used = now
	return true
}

func say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	b, _ := json.Marshal(v) //nolint:errchkjson // plain maps of plain values
	_, _ = w.Write(b)
}

func fail(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	say(w, map[string]any{"err": text})
}
