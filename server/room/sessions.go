package room

import (
	"context"
	"net/http"
	"time"
)

// OpenSession is a session as a list shows it.
type OpenSession struct {
	ID      string    `json:"id" doc:"Tells sessions apart and opens none."`
	Person  string    `json:"person"`
	Made    time.Time `json:"made"`
	Seen    time.Time `json:"seen" doc:"Last, to the minute."`
	Address string    `json:"address"`
	Agent   string    `json:"agent" doc:"What the browser says of itself."`
	Mine    bool      `json:"mine" doc:"It is this one."`
}

// OpenSessions are the visitor's own, and for who may end them those of all.
type OpenSessions struct {
	Sessions []OpenSession `json:"sessions"`
}

type sessionIn struct {
	ID string `path:"id" maxLength:"60"`
}

func (r *Room) serveSessions() {
	serve(r, route{method: http.MethodGet, path: "/v1/sessions", id: "listSessions", says: "Your open sessions; for who may end them those of all.", group: "sessions", reach: oneself}, r.sessions)
	raw(r, gone(route{method: http.MethodDelete, path: "/v1/sessions/{id}", id: "endSession", says: "Ends a session.", group: "sessions", reach: oneself}), r.endSession)
}

func (r *Room) sessions(ctx context.Context, v Visit, _ *struct{}) (OpenSessions, error) {
	all, err := r.cfg.People.Sessions(ctx, v.who, v.at)
	out := OpenSessions{Sessions: []OpenSession{}}
	for _, s := range all {
		out.Sessions = append(out.Sessions, OpenSession{
			ID: s.ID, Person: s.Person, Made: s.Made, Seen: s.Seen, Address: s.Address, Agent: s.Agent, Mine: s.ID == v.who.SessionID(),
		})
	}
	return out, err
}

func (r *Room) endSession(ctx context.Context, v Visit, in *sessionIn) (*nothing, error) {
	return &nothing{}, r.cfg.People.EndSession(ctx, v.who, in.ID, v.at)
}
