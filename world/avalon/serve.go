package avalon

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"time"

	"sluice/world/machine"
)

// Options is how a model differs from the ordinary.
type Options struct {
	Plain  bool          // sleeps at once and wakes by a reboot, as the A13 does; else by schedule, as the Q does
	Resets bool          // a second connection is closed; else it waits
	Empty  string        // the one of stats and estats that comes with an empty text, if any
	Skew   time.Duration // how far the machine's clock is ahead
}

// server holds who is being served.
type server struct {
	unit    machine.Unit
	now     func() time.Time
	options Options

	mu   sync.Mutex // guards seat
	seat map[*machine.Machine]chan struct{}
}

// Serve serves the cgminer interface until ctx is over and every connection is
// closed.
func Serve(ctx context.Context, l net.Listener, unit machine.Unit, now func() time.Time, o Options) error {
	s := &server{unit: unit, now: now, options: o, seat: map[*machine.Machine]chan struct{}{}}
	return machine.Accept(ctx, l, s.serve)
}

// sit takes the only seat of a machine and returns how to leave it.
func (s *server) sit(ctx context.Context, m *machine.Machine) (leave func(), ok bool) {
	s.mu.Lock()
	if s.seat[m] == nil {
		s.seat[m] = make(chan struct{}, 1)
	}
	seat := s.seat[m]
	s.mu.Unlock()
	leave = func() { <-seat }
	select {
	case seat <- struct{}{}:
		return leave, true
	default:
	}
	if s.options.Resets {
		return nil, false
	}
	select {
	case seat <- struct{}{}:
		return leave, true
	case <-ctx.Done():
		return nil, false
	}
}

// serve answers one question and hangs up.
func (s *server) serve(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil {
		return
	}
	leave, ok := s.sit(ctx, m)
	if !ok {
		return
	}
	defer leave()
	if m.State(s.now()).Dark {
		return
	}
	q, ok := machine.ReadQuestion(conn)
	if !ok {
		return
	}
	v := s.answer(m, q)
	if v == nil {
		return // done without a word
	}
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	m.Send(ctx, conn, append(b, 0))
}

// clock is the machine's own time.
func (s *server) clock() time.Time { return s.now().Add(s.options.Skew) }

// status is the head of every answer.
func (s *server) status(letter string, code int, msg string) []any {
	return []any{map[string]any{"STATUS": letter, "When": s.clock().Unix(), "Code": code, "Msg": msg, "Description": "cgminer 4.11.1"}}
}
