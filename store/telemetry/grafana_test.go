package telemetry

import (
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// dashboard is what of a Grafana dashboard asks questions.
type dashboard struct {
	UID    string `json:"uid"`
	Title  string `json:"title"`
	Panels []struct {
		ID      int    `json:"id"`
		Title   string `json:"title"`
		Targets []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
		GridPos struct{ X, Y, W, H int } `json:"gridPos"`
	} `json:"panels"`
}

func dashboards(t *testing.T) map[string]dashboard {
	t.Helper()
	out := map[string]dashboard{}
	files, err := filepath.Glob("grafana/*.json")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name) //nolint:gosec // one of ours
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[filepath.Base(name)] = d
	}
	return out
}

// names are the metrics that are kept, and those that the program states of itself.
func names(t *testing.T) (kept, own []string) {
	t.Helper()
	for _, d := range Catalogue() {
		kept = append(kept, string(d.Metric))
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (sluice_\w+)`).FindAllStringSubmatch(scrape(t, said(t)), -1) {
		own = append(own, m[1])
	}
	return kept, own
}

// asks reports a question that does not parse, or asks of a metric that is not there.
func asks(t *testing.T, where, expr string, there []string) {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(expr, "$site", "houston"))
	if err != nil {
		t.Errorf("%s: %s: %v", where, expr, err)
		return
	}
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		v, is := n.(*parser.VectorSelector)
		if is && !slices.Contains(there, v.Name) && !slices.Contains(there, strings.TrimSuffix(v.Name, "_bucket")) {
			t.Errorf("%s asks of %s, which nobody states: %s", where, v.Name, expr)
		}
		return nil
	})
}

// TestDashboards: every question of a dashboard parses, asks of what is there, and is
// answered; no two panels lie on each other.
func TestDashboards(t *testing.T) {
	t.Parallel()
	kept, own := names(t)
	db, c := hour(t)
	for name, d := range dashboards(t) {
		there := own
		if name == "site.json" {
			there = kept
		}
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" {
						t.Fatalf("%s: %q lies on %q", name, p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s: %q asks nothing", name, p.Title)
			}
			for _, q := range p.Targets {
				asks(t, name+", "+p.Title, q.Expr, there)
				at := c.at.Add(-time.Second).Format(time.RFC3339)
				if code, body := ask(t, db, "/query", form("query", strings.ReplaceAll(q.Expr, "$site", "houston"), "time", at)); code != 200 {
					t.Errorf("%s, %q: %d %s", name, p.Title, code, body)
				}
			}
		}
	}
}

// TestAlertRules: every rule parses, asks of what the program states, and says what to
// do; Debian's promtool, another build by other people, takes them too.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	groups, errs := rulefmt.ParseFile("alerts.yml", false, model.LegacyValidation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	_, own := names(t)
	n := 0
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			n++
			asks(t, r.Alert, r.Expr, own)
			if r.Annotations["summary"] == "" || r.Annotations["remedy"] == "" || r.Labels["severity"] == "" {
				t.Errorf("%s says no summary, remedy or severity", r.Alert)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d rules", n)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: promtool is missing, so the alert rules were read by no other program (make debian installs it)")
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "alerts.yml").CombinedOutput(); err != nil { //nolint:gosec // the tool that was found
		t.Errorf("promtool: %v: %s", err, out)
	}
}
