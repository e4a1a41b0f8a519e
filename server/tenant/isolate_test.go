package tenant

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/store/tenants"
)

// probe is one request that is made of a route.
type probe struct{ method, target, body string }

// holes are the parameters of a path.
var holes = regexp.MustCompile(`\{([a-z]+)(?:\.\.\.)?\}`)

// probes are the requests of a route in which every parameter, of path, query and
// body, is one of some words. The route's own table says what there is to fill: a new
// route is covered by being there.
func probes(r route, words ...string) (out []probe) {
	for _, word := range words {
		path := holes.ReplaceAllString(r.path, url.PathEscape(word))
		bodies := []string{""}
		if r.body != nil {
			bodies = append(filled(r.example, word), filled(r.also, word)...)
		}
		for _, b := range bodies {
			out = append(out, probe{r.method, path, b})
		}
		for _, p := range r.params {
			if !p.path {
				out = append(out, probe{r.method, path + "?" + url.Values{p.name: {word}}.Encode(), bodies[0]})
			}
		}
		if strings.Contains(r.path, "{engine}") {
			out = append(out, probe{r.method, strings.Replace(strings.Replace(r.path, "{engine}", "slurm", 1), "{id...}", word, 1), bodies[0]})
		}
	}
	return out
}

// filled is an example of a body, whole and with each of its texts replaced by a word.
func filled(example, word string) []string {
	out := []string{example}
	var fields map[string]any
	if json.Unmarshal([]byte(example), &fields) != nil {
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if _, text := fields[k].(string); !text {
			continue
		}
		changed := maps.Clone(fields)
		changed[k] = word
		b, _ := json.Marshal(changed)
		out = append(out, string(b))
	}
	return out
}

// usual are the requests of a route as its own tenant would make them.
func usual(r route, own resident) []probe {
	words := []string{own.contract}
	switch {
	case strings.HasPrefix(r.path, "/v1/reservations"):
		words = []string{own.wish}
	case strings.HasPrefix(r.path, "/v1/jobs"):
		words = []string{own.job}
	}
	all := probes(r, words...)
	for _, p := range r.params {
		if !p.path {
			all = append(all, probe{r.method, r.path + "?" + url.Values{p.name: {p.example}}.Encode(), ""})
		}
	}
	return append(all, probe{http.MethodHead, all[0].target, ""}, probe{http.MethodOptions, all[0].target, ""})
}

var nameless = regexp.MustCompile(`"request":"[0-9a-f]{16}"`)

var ids = regexp.MustCompile(`[0-9a-f]{16}`)

// whole is an answer as text, without the name of the request.
func (a answer) whole() string {
	h := a.header.Clone()
	h.Del("X-Request-Id")
	var text strings.Builder
	fmt.Fprint(&text, a.status, " ")
	for _, k := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintf(&text, "%s=%s ", k, strings.Join(h[k], ","))
	}
	return text.String() + nameless.ReplaceAllString(a.body, "")
}

// reads reports a route that changes nothing.
func reads(r route) bool { return r.method == http.MethodGet }

// survey is all that a tenant is told by the routes that change nothing.
func survey(s *Server, r resident) map[probe]string {
	out := map[probe]string{}
	for _, x := range s.routes {
		if !reads(x) && x.path != "/v1/quote" {
			continue
		}
		for _, p := range usual(x, r) {
			a := send(s, p.method+" "+p.target, r.text, p.body)
			out[p] = a.whole()
		}
	}
	return out
}

// leaks is everything that one tenant learns of another one, or changes of it, by any
// route of a server.
func leaks(tb testing.TB, more ...route) (found []string) {
	tb.Helper()
	w := build(tb)
	alpha := w.enrol("alpha", 24)
	alone := survey(w.server(more...), alpha)
	beta := w.enrol("beta", 37)
	s := w.server(more...)
	for p, text := range survey(s, alpha) {
		if p.method == http.MethodHead || p.method == http.MethodGet || p.method == http.MethodPost {
			if text != alone[p] {
				found = append(found, fmt.Sprintf("%s %s: differs by another tenant being there:\n%s\n%s", p.method, p.target, alone[p], text))
			}
		}
	}
	before := survey(s, beta)
	words := []string{"beta", beta.contract, beta.event, beta.wish, beta.job, beta.token, beta.text, "beta-account", "beta-queue", "beta-part", "beta-1", "beta-node", "beta-contract,alpha-contract", "../beta", "%", "beta'--"}
	for _, r := range s.routes[min(len(more), 1)*len(routes()):] { // what was planted alone, or all
		if r.open {
			continue
		}
		found = append(found, pry(s, r, alpha, words)...)
	}
	if after := survey(s, beta); !maps.Equal(before, after) {
		found = append(found, "beta was changed, or its view of itself")
	}
	return found
}

// pry asks one route as a tenant with words of another one, and with tricks.
func pry(s *Server, r route, who resident, words []string) (found []string) {
	tricks := [][]string{nil, {"X-Tenant", "beta", "X-Forwarded-User", "beta", "Tenant", "beta", "X-Original-URL", "/v1/me?tenant=beta", "Cookie", "tenant=beta; token=" + words[6]}, {"X-HTTP-Method-Override", "DELETE"}, {"Accept", "text/csv"}}
	for _, word := range words {
		for i, p := range probes(r, word) {
			nothing := probes(r, strings.Repeat("n", len(word)))[i]
			for _, trick := range tricks[:1+len(tricks[1:])*min(1, strings.Count(word, "-contract"))] { // with one word, or all take long
				a := send(s, p.method+" "+p.target, who.text, p.body, trick...)
				said := erase(a.whole(), word)
				if strings.Contains(said, "beta") {
					found = append(found, fmt.Sprintf("%s %s with %q: %s", p.method, p.target, word, a.body))
				}
				n := send(s, nothing.method+" "+nothing.target, who.text, nothing.body, trick...)
				if want := erase(n.whole(), strings.Repeat("n", len(word))); said != want && !strings.ContainsAny(word, "/%' ,") {
					found = append(found, fmt.Sprintf("%s %s tells %q from what never was:\n%s\n%s", p.method, p.target, word, said, want))
				}
			}
		}
	}
	for _, name := range []string{"tenant", "as", "user", "name", "account"} {
		if a := send(s, r.method+" "+r.path+"?"+name+"=beta", who.text, r.example); strings.Contains(a.body, "beta") || a.status < 300 && !strings.Contains(r.path, "{") {
			found = append(found, fmt.Sprintf("%s %s takes ?%s=: %d %s", r.method, r.path, name, a.status, a.body))
		}
	}
	return found
}

// erase takes out what was sent.
func erase(text, word string) string {
	for _, w := range []string{word, url.PathEscape(word), url.QueryEscape(word)} {
		text = strings.ReplaceAll(text, w, "")
	}
	return ids.ReplaceAllString(text, "ID")
}

// TestTenantsAreApart asks every route of the server as one tenant for what is
// another one's.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	for _, l := range leaks(t) {
		t.Error(l)
	}
}

// TestLeaksAreFound is the test of the test: a route that forgets its tenant is found,
// and so is one that tells only a number, or whether something exists.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	waiting := func(c call) []tenants.Reservation {
		all, _ := c.server.c.Clerk.Waiting(c.ctx, tenants.Asked)
		return all
	}
	get := func(path string, do func(call) (any, error), params ...param) route {
		return route{method: http.MethodGet, path: path, answer: []Reservation{}, status: http.StatusOK, do: do, params: params}
	}
	id := param{name: "id", path: true}
	for sentence, r := range map[string]route{
		"all reservations": get("/v1/planted", func(c call) (any, error) { return waiting(c), nil }),
		"how many": get("/v1/planted", func(c call) (any, error) {
			n := 0
			for _, r := range waiting(c) {
				n += r.GPUs
			}
			return n, nil
		}),
		"any by its id": get("/v1/planted/{id}", func(c call) (any, error) {
			for _, r := range waiting(c) {
				if r.ID == c.path("id") {
					return shownAs(r), nil
				}
			}
			return nil, unknown("reservation")
		}, id),
		"that it exists": get("/v1/planted/{id}", func(c call) (any, error) {
			for _, r := range waiting(c) {
				if r.ID == c.path("id") && r.Tenant != c.who.Name() {
					return nil, problem(http.StatusForbidden, "forbidden", "", "", "")
				}
			}
			return nil, unknown("reservation")
		}, id),
		"jobs of all": get("/v1/planted", func(c call) (any, error) { return c.server.views.of(c.ctx, 0, c.at) }),
		"somebody else's end": {
			method: http.MethodDelete, path: "/v1/planted/{id}", answer: Reservation{}, status: http.StatusOK, params: []param{id},
			do: func(c call) (any, error) {
				for _, r := range waiting(c) {
					if r.ID == c.path("id") {
						o := c.server.c.Clerk.(Registry).Office
						t, _ := o.Tenant(c.ctx, r.Tenant)
						_, _ = c.server.c.Clerk.Decide(c.ctx, t, r.ID, tenants.Reservation{State: tenants.Refused, At: c.at, By: "x", Why: "x"})
					}
				}
				return nil, unknown("reservation")
			},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if found := leaks(t, r); len(found) == 0 {
				t.Error("the planted leak was not found")
			}
		})
	}
}

// TestNoWayAround: what is served is the table and nothing else, and every route of it
// says all that it takes, so that the test of isolation fills it.
func TestNoWayAround(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	handles := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Handle" || s.Sel.Name == "HandleFunc") {
				handles++
			}
			return true
		})
	}
	if handles != 1 {
		t.Errorf("%d calls of Handle: routes are entered in the table alone", handles)
	}
	seen := map[string]bool{}
	for _, r := range routes() {
		at := r.method + " " + r.path
		if seen[at] || !strings.HasPrefix(r.path, "/v1/") || r.do == nil || r.status == 0 || r.answer == nil || r.says == "" {
			t.Errorf("%s: is there twice, or something is missing", at)
		}
		seen[at] = true
		for _, h := range holes.FindAllStringSubmatch(r.path, -1) {
			if !slices.ContainsFunc(r.params, func(p param) bool { return p.path && p.name == h[1] }) {
				t.Errorf("%s: parameter %s is not declared", at, h[1])
			}
		}
		for _, p := range r.params {
			if !p.path && p.example == "" {
				t.Errorf("%s: parameter %s has no example", at, p.name)
			}
		}
		if r.body != nil && json.Unmarshal([]byte(r.example), r.body()) != nil {
			t.Errorf("%s: its example is no body of it", at)
		}
		if r.also != "" && json.Unmarshal([]byte(r.also), r.body()) != nil {
			t.Errorf("%s: its other example is no body of it", at)
		}
		if r.body == nil && (r.method == http.MethodPost || r.method == http.MethodPut || r.method == http.MethodPatch) {
			t.Errorf("%s: has no body", at)
		}
		if r.open && r.path != aboutPath {
			t.Errorf("%s: is open to everybody", at)
		}
	}
}
