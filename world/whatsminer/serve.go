package whatsminer

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/machine"
)

// Doors are the listeners of one range of machines; nil: that dialect is not spoken.
type Doors struct {
	V2 net.Listener // port 4028
	V3 net.Listener // port 4433
}

// Rules are what all machines of a server have in common.
type Rules struct {
	Firmware  string        // such as 20230803.11.REL
	API       string        // such as 2.0.5
	Password  string        // of every account; when empty each API has its own: Super, and "admin" for v2
	Super     string        // of the accounts of v3; Password when empty, and "super" when both are
	Locked    bool          // orders are refused until the operator unlocks them
	Slots     int           // logins of v2 alive at once; 16 when zero
	TokenLife time.Duration // of v2; thirty minutes when zero
	Clients   int           // connections of v3 at once; 10 when zero
	Clock     time.Duration // by how much the machines' clocks are ahead
	Slack     time.Duration // by how much a signature may be off; a minute when zero
	Quiet     bool          // sleeping and rebooting go unanswered as well
	DownErr   bool          // a stopped machine answers reports with a text
	Persists  bool          // sleep survives a reboot
	Occupied  bool          // other controllers hold all logins of v2 and connections of v3, and renew them for ever
}

// withDefaults fills in what was left zero.
func (r Rules) withDefaults() Rules {
	if r.Firmware == "" {
		r.Firmware = "20230803.11.REL"
	}
	if r.API == "" {
		r.API = "2.0.5"
	}
	r.Super = cmp.Or(r.Super, r.Password, "super")
	r.Password = cmp.Or(r.Password, "admin")
	if r.Slots == 0 {
		r.Slots = 16
	}
	if r.TokenLife == 0 {
		r.TokenLife = 30 * time.Minute
	}
	if r.Clients == 0 {
		r.Clients = 10
	}
	if r.Slack == 0 {
		r.Slack = time.Minute
	}
	return r
}

// Server is the firmware of a range of machines.
type Server struct {
	unit  machine.Unit
	now   func() time.Time
	rules Rules
	poor  bool // v2 beside v3

	secrets sync.Map // hashed passwords by machine

	mu       sync.Mutex // guards the sessions and all that is in them
	sessions map[*machine.Machine]*session
}

// session is what a firmware remembers of its machine.
type session struct {
	locked  bool
	grants  []grant
	issued  int        // logins given out so far
	clients int        // connections of v3
	limit   unit.Power // 0: that of the mode
	percent int64      // 0: all of the limit
	fast    bool       // start without the slow ramp
	led     string

	restarts int // of the machine by itself, as far as this is still true
}

// New returns the firmware of the machines that unit finds. now is their time.
func New(unit machine.Unit, now func() time.Time, rules Rules) *Server {
	return &Server{unit: unit, now: now, rules: rules.withDefaults(), sessions: map[*machine.Machine]*session{}}
}

// Serve answers until ctx is over or a listener fails. It is called once.
func Serve(ctx context.Context, d Doors, unit machine.Unit, now func() time.Time, rules Rules) error {
	return New(unit, now, rules).Serve(ctx, d)
}

// Serve answers until ctx is over or a listener fails. It is called once.
func (s *Server) Serve(ctx context.Context, d Doors) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.poor = d.V3 != nil
	var doors sync.WaitGroup
	failed := make([]error, 2)
	serve := func(i int, l net.Listener, handle func(context.Context, net.Conn)) {
		if l == nil {
			return
		}
		doors.Go(func() {
			defer cancel()
			failed[i] = machine.Accept(ctx, l, handle)
		})
	}
	serve(0, d.V2, s.talkV2)
	serve(1, d.V3, s.talkV3)
	doors.Wait()
	return errors.Join(failed...)
}

// Lock switches the orders of a machine off or on, as its operator would.
func (s *Server) Lock(m *machine.Machine, locked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session(m).locked = locked
}

// Occupy lets another controller take all free logins of a machine.
func (s *Server) Occupy(m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range s.rules.Slots {
		s.grant(m)
	}
}

// session is what the firmware of m remembers; s.mu is held.
func (s *Server) session(m *machine.Machine) *session {
	x := s.sessions[m]
	if x == nil {
		x = &session{locked: s.rules.Locked, led: "auto"}
		s.sessions[m] = x
	}
	if n := m.State(s.now()).Restarts; n != x.restarts {
		x.restarts, x.grants, x.percent = n, nil, 0
		if !m.Spec.Persists {
			x.limit = 0
		}
	}
	return x
}

// idle is how long a connection may stay without a request.
const idle = time.Minute

// talkV2 answers one request and hangs up.
func (s *Server) talkV2(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil || m.State(s.now()).Dark {
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(idle))
	request, err := readV2(conn)
	if err != nil {
		return
	}
	answer := s.answerV2(m, request)
	if answer == nil { // silence, until the other side gives up
		_, _ = conn.Read(make([]byte, 1))
		return
	}
	m.Send(ctx, conn, append(answer, 0))
}

// talkV3 answers frame after frame.
func (s *Server) talkV3(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil || m.State(s.now()).Dark || !s.enter(m) {
		return
	}
	defer s.leave(m)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idle))
		request, err := wire.ReadFrame(conn)
		if err != nil || m.State(s.now()).Dark { // a restart ends a connection that was open
			return
		}
		answer := s.answerV3(m, request)
		if answer == nil {
			_, _ = io.Copy(io.Discard, conn)
			return
		}
		framed, err := wire.Frame(answer)
		if err != nil || !m.Send(ctx, conn, framed) {
			return
		}
	}
}

// enter counts a client of v3 and reports whether there was room.
func (s *Server) enter(m *machine.Machine) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.session(m)
	if x.clients >= s.rules.Clients || s.rules.Occupied {
		return false
	}
	x.clients++
	return true
}

func (s *Server) leave(m *machine.Machine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session(m).clients--
}
