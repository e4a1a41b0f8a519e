package room

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

// screens reads the paths of all screens out of the table of the pages.
func screens(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../ui/src/routes.ts")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\s*\{ path: '([^']+)'`).FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	if len(out) < 10 {
		t.Fatalf("only %d screens in the table: %v", len(out), out)
	}
	return out
}

// filled puts things that there are into a path; false: there is none of the kind.
func filled(path string, have map[string]string) (string, bool) {
	path = strings.Replace(path, "/:kind/:name", "/:kind/:object", 1) // another name than that of a person
	for part := range strings.SplitSeq(path, "/") {
		if name, is := strings.CutPrefix(part, ":"); is {
			if have[name] == "" {
				return path, false
			}
			path = strings.Replace(path, ":"+name, have[name], 1)
		}
	}
	return path, true
}

// things are names of what the demonstration has, by the parameter of a path.
func (o operator) things(t *testing.T) map[string]string {
	t.Helper()
	c := o.client(t, "anna")
	have := map[string]string{"site": "bayou"}
	var turns struct{ Past []struct{ Start string } }
	var fleet struct{ Machines []struct{ Name string } }
	until(t, "the site has turned and knows its machines", 90*time.Second, func() bool {
		o.call(t, c, http.MethodGet, "/v1/sites/bayou/machines", &fleet)
		o.call(t, c, http.MethodGet, "/v1/sites/bayou/timeline", &turns)
		return len(fleet.Machines) > 0 && len(turns.Past) > 0
	})
	have["machine"] = fleet.Machines[0].Name
	var live struct{ Plan *struct{ At string } }
	until(t, "the site has planned", 60*time.Second, func() bool {
		o.call(t, c, http.MethodGet, "/v1/sites/bayou/timeline", &live)
		return live.Plan != nil
	})
	have["at"] = live.Plan.At
	var books struct{ Books []struct{ Name string } }
	if code := o.call(t, c, http.MethodGet, "/v1/books", &books); code == http.StatusOK && len(books.Books) > 0 {
		have["book"] = books.Books[0].Name
	}
	var list struct {
		Page []struct{ ID json.RawMessage }
	}
	if code := o.call(t, c, http.MethodGet, "/v1/books/"+have["book"]+"/transactions?limit=50", &list); code == http.StatusOK {
		for _, x := range list.Page {
			have["id"] = url.PathEscape(strings.Trim(string(x.ID), `"`))
		}
	}
	o.bills(t, c, have)
	var plans struct{ Plans []struct{ Name string } }
	until(t, "the plan of the demonstration is there", 90*time.Second, func() bool {
		o.call(t, c, http.MethodGet, "/v1/plans", &plans)
		return len(plans.Plans) > 0 && o.ranRisk(t, c, plans.Plans[0].Name)
	})
	have["plan"] = plans.Plans[0].Name
	have["name"], have["kind"] = "ben", "Contact"
	if o.applies(t, c, "Contact", "office", `{"spec": {"channel": "mail", "address": "office@example.org", "language": "en"}}`) {
		have["object"] = "office"
	}
	var halls struct{ Halls []struct{ Name string } }
	if code := o.call(t, c, http.MethodGet, "/v1/halls", &halls); code == http.StatusOK && len(halls.Halls) > 0 {
		have["hall"] = halls.Halls[0].Name
	}
	return have
}

// ranRisk reports whether a plan was run on its futures.
func (o operator) ranRisk(t *testing.T, c *http.Client, plan string) bool {
	t.Helper()
	var runs struct{ Risks []struct{ State string } }
	o.call(t, c, http.MethodGet, "/v1/plans/"+plan+"/risks", &runs)
	return len(runs.Risks) > 0 && runs.Risks[0].State == "done"
}

// fault is one that axe found.
type fault struct {
	ID, Impact, Help string
	Nodes            []struct {
		Target []any
		HTML   string
	}
}

// axe looks for faults of accessibility.
func (p person) axe(t *testing.T) []fault {
	t.Helper()
	script, err := os.ReadFile("../../ui/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: axe-core is missing: run make build")
	}
	var text string
	p.do(t, chromedp.Evaluate(string(script)+`;0`, nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`, &text, browser.Awaited))
	var all []fault
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestScreens visits every screen in three languages and two schemes, and on a phone.
func TestScreens(t *testing.T) { //nolint:paralleltest // as above: one demonstration at a time
	o := newOperator(t, 33000, 60)
	t.Logf("first page %v after the program was started", o.first.Round(time.Millisecond))
	have, all := o.things(t), screens(t)
	for _, l := range []look{
		{"en", "light", 1280},
		{"en", "dark", 1280},
		{"ar", "light", 1280},
		{"ar", "dark", 1280},
		{"pt", "light", 1280},
		{"pt", "dark", 1280},
		{"en", "light", 390},
		{"ar", "dark", 390},
	} {
		t.Run(l.String(), func(t *testing.T) {
			p := o.sit(t, "anna", l)
			p.faults.All() // of who was not logged in yet
			visited := 0
			for _, screen := range all {
				path, is := filled(screen, have)
				if !is {
					t.Logf("not visited: %s: the demonstration has none", screen)
					continue
				}
				visited++
				p.visit(t, path, l)
			}
			t.Logf("%d of %d screens visited", visited, len(all))
		})
	}
	o.tenantLooks(t)
}

// phone reports the screens that have to fit on a phone; others may be moved sideways.
func phone(path string) bool {
	for _, part := range []string{"books", "trust", "objects", "halls", "hosting", "heat", "plan", "turns"} {
		if strings.Contains(path, part) {
			return false
		}
	}
	return true
}

// visit looks at one screen.
func (p person) visit(t *testing.T, path string, l look) {
	t.Helper()
	p.goes(t, path)
	p.keep(t, strings.Trim(strings.NewReplacer("/", "_", ":", "").Replace(path), "_")+"-"+l.String())
	for _, f := range p.axe(t) {
		if f.Impact == "serious" || f.Impact == "critical" {
			for _, n := range f.Nodes {
				t.Errorf("%s: %s (%s): %s: %v %.200s", path, f.ID, f.Impact, f.Help, n.Target, n.HTML)
			}
		}
	}
	var wide int64
	var left string
	p.do(t, chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide),
		chromedp.Evaluate(`([...document.querySelectorAll("[translate=no]")].reduce((text, e) => text.replaceAll(e.innerText, ""), document.body.innerText).match(/\b[a-z]+(\.[a-z_]+){2,}\b|\{\{\w+\}\}|NaN|undefined|\[object/g) || []).join(" ")`, &left))
	if wide > l.width && (l.width > 600 || phone(path)) {
		t.Errorf("%s: %d px wide in a window of %d", path, wide, l.width)
	}
	if left != "" {
		t.Errorf("%s: words that were not put into words: %s", path, left)
	}
	for _, f := range p.faults.All() {
		t.Errorf("%s: %s", path, f)
	}
}
