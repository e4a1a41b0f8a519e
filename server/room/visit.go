package room

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sluice/people"
	store "sluice/store/people"
)

// Visit is who asks, and when.
type Visit struct {
	who   store.Visitor
	at    time.Time
	from  string // address
	agent string
	text  people.Secret // of the session or the token
	token string        // its id; empty: a session
	why   error         // nobody is known, where a route takes anybody
}

// Sees reports whether the visitor holds a right at a site.
func (v Visit) Sees(right people.Verb, site string) bool {
	return v.who.Actor().Holds(right, people.Place{Site: site})
}

// sessionCookie is the cookie of the page; by TLS no other host can have set it.
const (
	sessionCookie = "sluice"
	secureCookie  = "__Host-sluice"
)

type visitKey struct{}

func visitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// cookie is the name of the session's cookie.
func (r *Room) cookie() string {
	if r.cfg.Secure {
		return secureCookie
	}
	return sessionCookie
}

// visit finds out who asks.
func (r *Room) visit(ctx huma.Context) (Visit, error) {
	req, _ := humago.Unwrap(ctx)
	return r.visitor(req)
}

// visitor finds out who sends a request: a token leads, then the session of the page.
func (r *Room) visitor(req *http.Request) (Visit, error) {
	v := Visit{at: r.cfg.Clock(), from: addressOf(req.RemoteAddr), agent: req.UserAgent()}
	if bearer, is := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); is {
		v.text = people.Hide(strings.TrimSpace(bearer))
		who, err := r.cfg.People.Token(req.Context(), v.text, v.at)
		v.who, v.token = who, who.Actor().Token
		return v, err
	}
	c, err := req.Cookie(r.cookie())
	if err != nil || c.Value == "" {
		return v, store.ErrVisitor
	}
	v.text = people.Hide(c.Value)
	v.who, err = r.cfg.People.Session(req.Context(), v.text, v.at)
	return v, err
}

// again looks whether a visitor is still valid, and with which rights.
func (r *Room) again(ctx context.Context, v Visit, now time.Time) (Visit, error) {
	var err error
	switch {
	case v.token != "":
		v.who, err = r.cfg.People.Token(ctx, v.text, now)
	default:
		v.who, err = r.cfg.People.Session(ctx, v.text, now)
	}
	v.at = now
	return v, err
}

// admit lets those through who may.
func (r *Room) admit(t route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		v, err := r.visit(ctx)
		if t.reach != open && err == nil {
			err = r.may(t, v, people.Place{Site: ctx.Param("site"), Tenant: ctx.Param("tenant")})
		}
		if t.reach != open && err != nil {
			r.refuse(ctx, t, err)
			return
		}
		v.why = err
		next(huma.WithValue(ctx, visitKey{}, v))
	}
}

// may says whether a visitor may ask for a route. Of a site that they may not look at
// they are not told that it exists.
func (r *Room) may(t route, v Visit, named people.Place) error {
	actor := v.who.Actor()
	if must := v.who.Must(); must != "" && t.reach != oneself {
		return problem(http.StatusForbidden, string(must), "your roles need an app that shows who you are", "enrol one first")
	}
	rule, _ := t.verb.Rule()
	switch t.reach {
	case open, oneself:
		return nil
	case house:
		return hold(actor, rule, people.Place{}, v.at)
	case somewhere:
		if !slices.ContainsFunc(actor.Grants, func(g people.Grant) bool { return actor.Holds(t.verb, g.Place()) }) {
			return hold(actor, rule, people.Place{}, v.at)
		}
		return nil
	case ofTenant:
		return hold(actor, rule, tenancy(actor, t.verb, named.Tenant), v.at)
	case atSite:
	}
	at := people.Place{Site: named.Site}
	if !actor.Holds(people.Look, at) && !actor.Holds(t.verb, at) || !r.has(at.Site) {
		return missing("site", at.Site)
	}
	return hold(actor, rule, at, v.at)
}

// tenancy is where an actor holds a right to what is a tenant's: of whole sites or of one.
func tenancy(a people.Actor, right people.Verb, tenant string) people.Place {
	for _, g := range a.Grants {
		if g.Tenant == tenant && a.Holds(right, g.Place()) {
			return g.Place()
		}
	}
	return people.Place{Tenant: tenant}
}

// hold asks the rules. What takes two people needs the right alone here: it becomes a
// request.
func hold(a people.Actor, rule people.Rule, at people.Place, now time.Time) error {
	err := a.May(rule.Verb, at, now)
	if people.CodeOf(err) == people.NeedsTwo {
		return nil
	}
	return err
}

// refuse answers with a problem, without the handler.
func (r *Room) refuse(ctx huma.Context, t route, err error) {
	p := told(err)
	if p.Status >= http.StatusInternalServerError {
		r.cfg.Log.ErrorContext(ctx.Context(), "a visitor was not known", "route", t.id, "cause", p.cause)
	}
	if p.wait > 0 {
		ctx.SetHeader("Retry-After", itoa(p.wait))
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = r.api.Marshal(ctx.BodyWriter(), "application/json", p) // who is gone is told nothing
}
