package luxos

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"time"

	"sluice/world/machine"
)

// Options is what the owner of a machine has set.
type Options struct {
	ATM      bool // the temperature manager is on
	Occupied bool // another controller holds the session and never lets it go
}

// expiry is how long a session lives without use.
const expiry = time.Minute

// Serve answers for machines at l until ctx is over. unit finds the machine at
// the local address of a connection, now is the machines' time.
func Serve(ctx context.Context, l net.Listener, unit machine.Unit, now func() time.Time, o Options) error {
	s := &server{unit: unit, now: now, options: o, sessions: map[*machine.Machine]session{}}
	return machine.Accept(ctx, l, s.handle)
}

// session is the one session of a machine.
type session struct {
	id       string
	used     time.Time
	n        int
	restarts int // of the machine, when the session was given out
}

type server struct {
	unit    machine.Unit
	now     func() time.Time
	options Options

	mu       sync.Mutex // guards sessions
	sessions map[*machine.Machine]session
}

// handle answers one request and closes, as cgminer does.
func (s *server) handle(ctx context.Context, conn net.Conn) {
	m := s.unit(conn.LocalAddr())
	if m == nil || m.State(s.now()).Dark {
		return
	}
	request, ok := machine.Request(conn)
	if !ok {
		return
	}
	m.Send(ctx, conn, append(s.answer(m, request), 0))
}

// answer carries out one request, in JSON or as "command|parameter".
func (s *server) answer(m *machine.Machine, request []byte) []byte {
	q, err := machine.ParseQuestion(request)
	switch {
	case err != nil:
		return s.pack(refuse(23, "Invalid JSON"))
	case q.Command == "":
		return s.pack(refuse(24, "Missing JSON 'command'"))
	case strings.Contains(q.Command, "+"):
		return s.several(m, strings.Split(q.Command, "+"))
	}
	return s.pack(s.carry(m, q.Command, q.Parameter))
}

// several answers reports asked for together, each under its own key.
func (s *server) several(m *machine.Machine, commands []string) []byte {
	out := map[string]any{"id": 1}
	for _, c := range commands {
		if _, ok := reports()[c]; ok {
			out[c] = []any{s.stamp(s.carry(m, c, ""))}
		}
	}
	b, _ := json.Marshal(out) //nolint:errchkjson // plain maps of plain values
	return b
}

// answer is a reply before it is stamped.
type answer struct {
	letter  string
	code    int
	msg     string
	section string
	rows    any
}

func refuse(code int, msg string) answer { return answer{letter: "E", code: code, msg: msg} }

func (s *server) stamp(a answer) map[string]any {
	out := map[string]any{"id": 1, "STATUS": []any{map[string]any{
		"STATUS": a.letter, "Code": a.code, "Msg": a.msg, "When": s.now().Unix(), "Description": "LUXminer " + version,
	}}}
	if a.section != "" {
		out[a.section] = a.rows
	}
	return out
}

func (s *server) pack(a answer) []byte {
	b, _ := json.Marshal(s.stamp(a)) //nolint:errchkjson // plain maps of plain values
	return b
}
