package avalon

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
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

// request is one question.
type request struct {
	Command   string `json:"command"`
	Parameter string `json:"parameter"`
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
	q, ok := ask(conn)
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

// ask reads a question as a JSON object or as words with bars between them.
func ask(conn io.Reader) (request, bool) {
	in := bufio.NewReader(io.LimitReader(conn, machine.RequestMax))
	head, err := in.Peek(1)
	if err != nil {
		return request{}, false
	}
	var q request
	if head[0] == '{' {
		return q, json.NewDecoder(in).Decode(&q) == nil
	}
	line, _ := in.ReadString('\n')
	q.Command, q.Parameter, _ = strings.Cut(strings.TrimSpace(line), "|")
	return q, q.Command != ""
}

// clock is the machine's own time.
func (s *server) clock() time.Time { return s.now().Add(s.options.Skew) }

// status is the head of every answer.
func (s *server) status(letter string, code int, msg string) []any {
	return []any{map[string]any{"STATUS": letter, "When": s.clock().Unix(), "Code": code, "Msg": msg, "Description": "cgminer 4.11.1"}}
}
