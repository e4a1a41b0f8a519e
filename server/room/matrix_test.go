package room

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sluice/people"
)

// parameter is one in the path of a route.
var parameter = regexp.MustCompile(`\{([^}]+)\}`)

// example is what stands for the parameters of a path: one of our sites, and what nobody
// has.
func example(path string) string {
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		switch name {
		case "{site}":
			return "a"
		case "{tenant}":
			return "acme"
		}
		return "0"
	})
}

// admitted reports whether a route lets somebody in, or the status with which it refuses.
func admitted(t route, g *guest) (status int) {
	rule, _ := t.verb.Rule()
	holds := func(v people.Verb, at people.Place) bool { return people.Allowed(g.grants, v, at) }
	at, there := people.Place{}, true
	switch t.reach {
	case open:
		return 0
	case oneself:
		if g.cookie == "" && g.token == "" {
			return http.StatusUnauthorized
		}
		return 0
	case house:
	case ofTenant:
		for _, x := range g.grants {
			if x.Tenant == "acme" && holds(t.verb, x.Place()) {
				at = x.Place()
			}
		}
	case atSite:
		at.Site = "a"
		there = holds(people.Look, at) || holds(t.verb, at)
	case somewhere:
		for _, x := range g.grants {
			if holds(t.verb, x.Place()) {
				at = x.Place()
			}
		}
	}
	switch {
	case g.cookie == "" && g.token == "":
		return http.StatusUnauthorized
	case !there:
		return http.StatusNotFound
	case !holds(t.verb, at), g.token != "" && !rule.Token && t.reach != somewhere:
		return http.StatusForbidden
	}
	return 0
}

// leaks asks for every route as every guest, and says where the answer is not what the
// table of rights says.
func leaks(routes []route, guests []*guest) (out []string) {
	for _, t := range routes {
		for _, g := range guests {
			var body any
			if t.changes() {
				body = "{}"
			}
			a := g.do(t.method, example(t.path), body)
			if says := judge(t, g, a); says != "" {
				out = append(out, fmt.Sprintf("%s (%s %s) as %s: %s: %d %.200s", t.id, t.reach, t.verb, g.says(), says, a.status, a.body))
			}
		}
	}
	return out
}

// says is who a guest is, in words.
func (g *guest) says() string {
	if g.token != "" {
		return "a token of " + g.name
	}
	return g.name
}

// judge says what is wrong with an answer; empty: nothing.
func judge(t route, g *guest, a reply) string {
	p := a.problem()
	want := admitted(t, g)
	byRight := a.status == http.StatusForbidden && (p.Code == string(people.NoRight) || p.Code == string(people.NotByToken) && t.reach == house)
	switch {
	case a.status >= 500 && p.Code != "away":
		return "a failure of the server"
	case a.status >= 400 && (p.Code == "" || p.Hint == ""):
		return "a refusal that does not say what to do"
	case want != 0 && a.status != want:
		return fmt.Sprintf("want %d", want)
	case want == 0 && t.reach != open && a.status == http.StatusUnauthorized:
		return "somebody is not known"
	case want == 0 && t.reach != oneself && byRight:
		return "somebody who has the right is refused"
	}
	return ""
}

// everyone is somebody with each role at site a, at site b and at all sites, in person
// and by a token, somebody of another tenant, and nobody.
func everyone(w *world) []*guest {
	w.Helper()
	var out []*guest
	for _, role := range people.Roles() {
		for _, site := range []string{"a", "b", ""} {
			out = append(out, w.as(role, site))
		}
	}
	out = append(out, w.holding("rival", people.Grant{Role: people.TenantAdmin, Site: "a", Tenant: "rival"}))
	// Roles that were given in between ended sessions: all are logged in now.
	for i, g := range out {
		out[i] = w.holding(g.name, g.grants[0])
	}
	for _, g := range out {
		if people.Allowed(g.grants, people.Tokens, g.grants[0].Place()) {
			out = append(out, g.byToken(time.Hour))
		}
	}
	nobody := w.nobody()
	nobody.name = "nobody"
	return append(out, nobody)
}

// TestEveryRouteAsEverybody walks roles, sites and routes. A route that is added later is
// walked too.
func TestEveryRouteAsEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a", "b")
	guests := everyone(w)
	if len(guests) < 55 {
		t.Fatalf("%d guests", len(guests))
	}
	// What ends one's own session is asked as somebody whose session nobody needs.
	routes := slices.DeleteFunc(slices.Clone(w.room.routes), func(x route) bool { return x.id == "logout" })
	for _, says := range leaks(routes, guests) {
		t.Error(says)
	}
	t.Logf("%d routes, %d guests", len(routes), len(guests))
}

// TestALeakIsNoticed plants routes that skip the check, or check something else.
func TestALeakIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a", "b")
	guests := []*guest{w.nobody(), w.as(people.Viewer, "b"), w.as(people.Engineer, "a"), w.as(people.Viewer, "a").byToken(time.Hour)}
	empty := func(context.Context, *struct{}) (*nothing, error) { return &nothing{}, nil }
	plant := func(id, path string, is, says route) route {
		is.method, is.path, is.id, is.says, is.group = http.MethodGet, path, id, "Planted.", "test"
		op := is.operation()
		if is.reach != open {
			op.Middlewares = huma.Middlewares{w.room.admit(is)}
		}
		huma.Register(w.room.api, op, empty)
		says.method, says.path, says.id = is.method, is.path, is.id
		return says
	}
	for _, planted := range []route{
		plant("noCheck", "/v1/planted/1", route{reach: open}, route{reach: house, verb: people.Audit}),
		plant("anybody", "/v1/planted/2", route{reach: oneself}, route{reach: house, verb: people.Audit}),
		plant("otherVerb", "/v1/planted/{site}/3", route{reach: atSite, verb: people.Look}, route{reach: atSite, verb: people.SetUp}),
		plant("anySite", "/v1/planted/{site}/4", route{reach: somewhere, verb: people.Look}, route{reach: atSite, verb: people.Look}),
		plant("tooStrict", "/v1/planted/{site}/5", route{reach: atSite, verb: people.Audit}, route{reach: atSite, verb: people.Look}),
	} {
		if found := leaks([]route{planted}, guests); len(found) == 0 {
			t.Errorf("%s is not noticed", planted.id)
		}
	}
	good := plant("good", "/v1/planted/{site}/6", route{reach: atSite, verb: people.SetUp}, route{reach: atSite, verb: people.SetUp})
	if found := leaks([]route{good}, guests); len(found) != 0 {
		t.Error(strings.Join(found, "\n"))
	}
}

// TestASiteThatIsNotThere is not there for anybody, whatever they may.
func TestASiteThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a")
	engineer := w.as(people.Engineer, "")
	for _, x := range w.room.routes {
		if x.reach != atSite {
			continue
		}
		var body any
		if x.changes() {
			body = "{}"
		}
		if a := engineer.do(x.method, strings.Replace(x.path, "{site}", "gone", 1), body); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", x.id, a.status, a.body)
		}
	}
}

// TestWhatIsOver: sessions and tokens that are over open nothing, and the answer says what
// to do.
func TestWhatIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a")
	viewer, engineer := w.as(people.Viewer, "a"), w.as(people.Engineer, "a")
	token := viewer.byToken(time.Hour)
	w.later(13 * time.Hour)
	made := *viewer
	made.cookie = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	half := *token
	half.token = half.token[:len(half.token)-3]
	for name, g := range map[string]*guest{"session": viewer, "idle session": engineer, "token": token, "made up": &made, "half a token": &half} {
		for _, x := range w.room.routes {
			if x.reach == open {
				continue
			}
			var body any
			if x.changes() {
				body = "{}"
			}
			a := g.do(x.method, example(x.path), body)
			if p := a.problem(); a.status != http.StatusUnauthorized || p.Hint == "" || p.Code != "session" && p.Code != "token" {
				t.Errorf("%s, %s: %d %s", name, x.id, a.status, a.body)
			}
		}
	}
}
