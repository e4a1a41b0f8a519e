package room

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"sluice/people"
	store "sluice/store/people"
)

// Demo makes a room that everybody may try: its sites are virtual, it is reached from
// this computer alone, and its people are played by whoever looks.
type Demo struct {
	Says string // on the banner

	ready chan struct{} // closed once there is a cast
	cast  []Persona

	mu    sync.Mutex
	shown map[string]int64 // step of the last code of each
}

// NewDemo is a demonstration whose cast is still to come.
func NewDemo(says string) *Demo {
	return &Demo{Says: says, ready: make(chan struct{}), shown: map[string]int64{}}
}

// Enter says once who can be played. Whoever asks before waits for it.
func (d *Demo) Enter(cast []Persona) {
	d.cast = cast
	close(d.ready)
}

// personas are who can be played, once somebody can.
func (d *Demo) personas(ctx context.Context) ([]Persona, error) {
	select {
	case <-d.ready:
		return d.cast, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Persona is somebody of the demonstration.
type Persona struct {
	Name, Label string
	Roles       []people.Role
	Password    people.Secret
	Seed        []byte // of the app
}

// Played is who can be played.
type Played struct {
	Says string       `json:"says"`
	Cast []PlayedRole `json:"cast"`
}

// PlayedRole is one of them.
type PlayedRole struct {
	Name  string   `json:"name"`
	Label string   `json:"label"`
	Roles []string `json:"roles"`
}

// ShownCode is what the app of who is played shows.
type ShownCode struct {
	Code string `json:"code"`
}

type playIn struct {
	Name string `path:"name" maxLength:"100"`
}

func (r *Room) serveDemo() {
	serve(r, route{method: http.MethodGet, path: "/v1/demo", id: "getDemo", says: "Who can be played; there is nobody where the sites are real.", group: "session", reach: open}, r.played)
	raw(r, route{method: http.MethodPost, path: "/v1/demo/{name}", id: "play", says: "Logs in as somebody of the demonstration.", group: "session", reach: open}, r.play)
	serve(r, route{method: http.MethodGet, path: "/v1/session/code", id: "getDemoCode", says: "What the app of who is played shows.", group: "session", reach: oneself}, r.shownCode)
}

func (r *Room) played(ctx context.Context, _ Visit, _ *struct{}) (Played, error) {
	out := Played{Cast: []PlayedRole{}}
	if r.cfg.Demo == nil {
		return out, nil
	}
	out.Says = r.cfg.Demo.Says
	cast, err := r.cfg.Demo.personas(ctx)
	for _, p := range cast {
		roles := []string{}
		for _, x := range p.Roles {
			roles = append(roles, string(x))
		}
		out.Cast = append(out.Cast, PlayedRole{p.Name, p.Label, roles})
	}
	return out, err
}

// persona is somebody who can be played.
func (d *Demo) persona(ctx context.Context, name string) (Persona, bool) {
	if d == nil {
		return Persona{}, false
	}
	cast, err := d.personas(ctx)
	i := slices.IndexFunc(cast, func(p Persona) bool { return p.Name == name })
	if err != nil || i < 0 {
		return Persona{}, false
	}
	return cast[i], true
}

// code is the next one that somebody's app shows; false: it shows none that was not
// used already, for up to half a minute.
func (d *Demo) code(p Persona, step int64) (people.Secret, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := max(step-1, d.shown[p.Name]+1)
	if next > step+1 {
		return people.Secret{}, false
	}
	d.shown[p.Name] = next
	return people.Hide(people.CodeAt(p.Seed, next)), true
}

func (r *Room) play(ctx context.Context, v Visit, in *playIn) (*loggedIn, error) {
	p, known := r.cfg.Demo.persona(ctx, in.Name)
	if !known {
		return nil, missing("person of a demonstration", in.Name)
	}
	a := store.Attempt{Name: p.Name, Password: p.Password, Address: v.from, Agent: v.agent, Old: v.text}
	if p.Seed != nil {
		code, fresh := r.cfg.Demo.code(p, people.Step(v.at))
		if !fresh {
			return nil, tooSoon()
		}
		a.Code = code
	}
	text, who, err := r.cfg.People.Login(ctx, a, v.at)
	if err != nil {
		return nil, err
	}
	v.who = who
	s, err := r.session(ctx, v, nil)
	return &loggedIn{SetCookie: r.keep(text, people.SessionMost), Body: s}, err
}

func (r *Room) shownCode(ctx context.Context, v Visit, _ *struct{}) (ShownCode, error) {
	p, known := r.cfg.Demo.persona(ctx, v.who.Actor().Person)
	if !known || p.Seed == nil {
		return ShownCode{}, missing("app", "of yours here")
	}
	code, fresh := r.cfg.Demo.code(p, people.Step(v.at))
	if !fresh {
		return ShownCode{}, tooSoon()
	}
	return ShownCode{code.Reveal()}, nil
}

// tooSoon is when all codes of now were used.
func tooSoon() *Problem {
	p := problem(http.StatusTooManyRequests, "too-soon", "the app shows no new code yet: each counts once", "wait half a minute, and try again")
	p.wait = 30
	return p
}
