package room

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/people"
	store "sluice/store/people"
)

// Session is who somebody is, and what they may do.
type Session struct {
	Person       string              `json:"person"`
	Label        string              `json:"label"`
	Language     string              `json:"language,omitempty" doc:"The one that they chose; absent: that of the browser."`
	Grants       []people.Grant      `json:"grants"`
	Verbs        map[string][]string `json:"verbs" doc:"Rights by site; under the empty name those held at all sites."`
	Must         string              `json:"must,omitempty" doc:"What has to be done before anything else: enrol_code."`
	Proven       bool                `json:"proven" doc:"They showed who they are within the last minutes."`
	Code         bool                `json:"code" doc:"An app shows who they are."`
	Demo         string              `json:"demo,omitempty" doc:"What the banner says where sites are virtual."`
	Version      string              `json:"version"`
	Boot         string              `json:"boot" doc:"Differs after each start of the program."`
	Installation string              `json:"installation"`
}

// Login is a try to log in.
type Login struct {
	Name     string        `json:"name" maxLength:"200"`
	Password people.Secret `json:"password" maxLength:"300"`
	Code     people.Secret `json:"code,omitzero" maxLength:"40" doc:"Of the app, or a recovery code, where one is enrolled."`
}

type loggedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Session
}

type nothing struct{}

func (r *Room) serveSession() {
	raw(r, route{method: http.MethodGet, path: "/v1/session", id: "getSession", says: "Who you are and what you may do; 204 for who is not logged in.", group: "session", reach: open, empty: true}, r.whoami)
	raw(r, route{method: http.MethodPost, path: "/v1/session", id: "login", says: "Logs in.", group: "session", reach: open}, r.login)
	raw(r, route{method: http.MethodDelete, path: "/v1/session", id: "logout", says: "Logs out.", group: "session", reach: oneself, status: http.StatusNoContent}, r.logout)
}

// whoami is the session of who asks; nothing where nobody is logged in: it is what a
// page asks first, and no fault.
func (r *Room) whoami(ctx context.Context, v Visit, _ *struct{}) (*struct {
	Status int
	Body   *Session
}, error,
) {
	out := &struct {
		Status int
		Body   *Session
	}{Status: http.StatusNoContent}
	switch {
	case errors.Is(v.why, store.ErrVisitor), errors.Is(v.why, store.ErrSession):
		return out, nil
	case v.why != nil: // a token that is not valid was meant to be one
		return nil, v.why
	}
	s, err := r.session(ctx, v, nil)
	out.Status, out.Body = http.StatusOK, &s
	return out, err
}

// session is the session of a visitor.
func (r *Room) session(ctx context.Context, v Visit, _ *struct{}) (Session, error) {
	me, err := r.cfg.People.Me(ctx, v.who, v.at)
	if err != nil {
		return Session{}, err
	}
	a := v.who.Actor()
	s := Session{
		Person: me.Name, Label: me.Label, Language: me.Language, Grants: a.Grants, Verbs: map[string][]string{}, Must: string(v.who.Must()),
		Proven: !a.Proven.IsZero() && v.at.Sub(a.Proven) < people.StepUp, Code: me.Code,
		Version: r.cfg.Version, Boot: r.cfg.Boot, Installation: r.cfg.People.Installation(),
	}
	if r.cfg.Demo != nil {
		s.Demo = r.cfg.Demo.Says
	}
	if s.Grants == nil {
		s.Grants = []people.Grant{}
	}
	for _, site := range r.placesOf(a) {
		for _, rule := range people.Rules() {
			if a.Holds(rule.Verb, people.Place{Site: site}) {
				s.Verbs[site] = append(s.Verbs[site], string(rule.Verb))
			}
		}
	}
	return s, nil
}

// placesOf are the sites at which an actor has roles, the house first.
func (r *Room) placesOf(a people.Actor) []string {
	out := []string{""}
	for _, g := range a.Grants {
		if g.Site != "" && g.Tenant == "" {
			out = append(out, g.Site)
		}
	}
	return out
}

func (r *Room) login(ctx context.Context, v Visit, in *struct{ Body Login }) (*loggedIn, error) {
	text, who, err := r.cfg.People.Login(ctx, store.Attempt{
		Name: in.Body.Name, Password: in.Body.Password, Code: in.Body.Code, Address: v.from, Agent: v.agent, Old: v.text,
	}, v.at)
	if err != nil {
		return nil, err
	}
	v.who = who
	s, err := r.session(ctx, v, nil)
	return &loggedIn{SetCookie: r.keep(text, people.SessionMost), Body: s}, err
}

// keep is the cookie of a session; an age below zero ends it.
func (r *Room) keep(text people.Secret, age time.Duration) http.Cookie {
	return http.Cookie{
		Name: r.cookie(), Value: text.Reveal(), Path: "/", MaxAge: int(age.Seconds()),
		HttpOnly: true, Secure: r.cfg.Secure, SameSite: http.SameSiteStrictMode,
	}
}

func (r *Room) logout(ctx context.Context, v Visit, _ *struct{}) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error,
) {
	if err := r.cfg.People.Logout(ctx, v.who, v.at); err != nil {
		return nil, err
	}
	return &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{r.keep(people.Secret{}, -time.Second)}, nil
}
