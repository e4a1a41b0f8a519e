package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/driver/planfile"
	"sluice/people"
)

// abacus works plans out by what the test says.
type abacus struct {
	worked atomic.Int64
	no     error
	began  chan int
	goOn   chan error
}

// Work implements Planner.
func (a *abacus) Work(_ context.Context, _ string, plan []byte) (CapitalWork, error) {
	a.worked.Add(1)
	rate := strings.Contains(string(plan), "discount_rate: 0.2\n")
	w := CapitalWork{Plan: "North", Currency: "USD", Figures: []CapitalFigure{}}
	if w.Answer.Bare.NPV = 100; rate {
		w.Answer.Bare.NPV = 50
	}
	return w, a.no
}

// Risk implements Planner.
func (a *abacus) Risk(ctx context.Context, _ string, _ []byte, ask CapitalRiskAsk, step func(done, total int)) (CapitalFound, error) {
	step(1, 4)
	a.began <- ask.Paths
	select {
	case err := <-a.goOn:
		return CapitalFound{Result: CapitalRiskResult{Currency: "USD", Broke: 0.25}, Board: []byte("board")}, err
	case <-ctx.Done():
		return CapitalFound{}, context.Cause(ctx)
	}
}

// Board implements Planner.
func (a *abacus) Board(_ context.Context, name string, plan []byte, ask BoardAsk) ([]byte, error) {
	return fmt.Appendf(nil, "%s %s %s %q %v", name, ask.Format, ask.Language, ask.Risk, strings.Contains(string(plan), "plan:")), nil
}

// northPlan is a plan as an object, with the rate at which it is discounted.
func northPlan(t *testing.T, name, rate string) string {
	t.Helper()
	text, err := planfile.Example("washington")
	if err != nil {
		t.Fatal(err)
	}
	out := PlanObject(name, text)
	if !strings.Contains(out, "discount_rate: 0.10") {
		t.Fatal("the example has another rate than the test means")
	}
	return strings.Replace(out, "discount_rate: 0.10", "discount_rate: "+rate, 1)
}

// counting is a room that works plans out, with an officer of finance who has applied one.
func counting(t *testing.T) (*world, *abacus, *guest) {
	t.Helper()
	a := &abacus{began: make(chan int, 4), goOn: make(chan error, 4)}
	shelf, err := NewRisks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w, _ := deciding(t, func(c *Config) { c.Planner, c.Risks = a, shelf })
	finance := w.as(people.Finance, "")
	finance.ok(http.StatusOK, http.MethodPost, "/v1/objects/apply", map[string]any{"yaml": northPlan(t, "north", "0.10"), "reason": "first"})
	return w, a, finance
}

// TestPlans lists a plan, works it out once, and shows it to who may see money alone.
func TestPlans(t *testing.T) {
	t.Parallel()
	w, a, finance := counting(t)
	var list CapitalList
	for range 5000 {
		finance.do(http.MethodGet, "/v1/plans", nil).read(t, &list)
		if len(list.Plans) == 1 && !list.Plans[0].Pending {
			break
		}
		<-time.After(time.Millisecond)
	}
	if len(list.Plans) != 1 || list.Plans[0].Answer == nil || list.Plans[0].Answer.Bare.NPV != 100 || list.Plans[0].Version != 1 || list.Plans[0].Begin == "" || len(list.Examples) != 2 {
		t.Fatalf("%+v", list)
	}
	var plan CapitalPlan
	finance.do(http.MethodGet, "/v1/plans/north", nil).read(t, &plan)
	if plan.Work == nil || plan.Work.Answer.Bare.NPV != 100 || !json.Valid(plan.Spec) || a.worked.Load() != 1 {
		t.Errorf("worked %d times: %+v", a.worked.Load(), plan.CapitalHead)
	}
	viewer := w.as(people.Viewer, "")
	for _, path := range []string{"/v1/plans", "/v1/plans/north", "/v1/objects/Plan/north", "/v1/objects/Plan/north/history"} {
		if got := viewer.do(http.MethodGet, path, nil); got.status != http.StatusForbidden && got.status != http.StatusNotFound {
			t.Errorf("a viewer reads %s: %d %.100s", path, got.status, got.body)
		}
	}
	if got := viewer.do(http.MethodGet, "/v1/objects/export", nil); strings.Contains(got.body, "discount_rate") {
		t.Error("a viewer exports the plan")
	}
	if got := w.as(people.Auditor, "").do(http.MethodPost, "/v1/objects/apply", map[string]any{"yaml": northPlan(t, "north", "0.12")}); got.status != http.StatusForbidden {
		t.Errorf("an auditor changes the plan: %d %.200s", got.status, got.body)
	}
}

// TestPlanFaults: what is wrong with a plan is said with its line as it is applied, and
// files of power prices are not opened.
func TestPlanFaults(t *testing.T) {
	t.Parallel()
	_, _, finance := counting(t)
	for text, want := range map[string]string{
		strings.Replace(northPlan(t, "south", "0.10"), "discount_rate", "discont_rate", 1):            "discont_rate",
		strings.Replace(northPlan(t, "south", "0.10"), "discount_rate: 0.10", "discount_rate: 11", 1): "discount_rate",
		prying(t): "reads no files of power prices",
	} {
		got := finance.do(http.MethodPost, "/v1/objects/apply", map[string]any{"yaml": text})
		if p := got.problem(); got.status != http.StatusUnprocessableEntity || len(p.Faults) == 0 || !strings.Contains(strings.Join(p.Faults, "\n"), want) {
			t.Errorf("%s: %d %.300s", want, got.status, got.body)
		}
	}
}

// prying is a plan that names a file of the machine as power prices.
func prying(t *testing.T) string {
	t.Helper()
	text, err := planfile.Example("operator")
	if err != nil || !strings.Contains(string(text), "  houston: houston\n") {
		t.Fatalf("the example has other histories than the test means: %v", err)
	}
	return strings.Replace(PlanObject("south", text), "houston: houston\n", "houston: /etc/passwd\n", 1)
}

// TestPlanWhatIf changes figures without keeping them.
func TestPlanWhatIf(t *testing.T) {
	t.Parallel()
	_, _, finance := counting(t)
	const path = "/v1/plans/north/what-if"
	ask := func(place, value string) map[string]any {
		return map[string]any{"changes": []CapitalWish{{Place: place, Value: value}}}
	}
	var out CapitalWhatIf
	finance.do(http.MethodPost, path, ask("discount_rate", "0.2")).read(t, &out)
	if out.Version != 1 || out.Saved.Answer.Bare.NPV != 100 || out.Changed.Answer.Bare.NPV != 50 || !strings.Contains(string(out.Spec), `"discount_rate":0.2`) {
		t.Errorf("%d %+v %+v", out.Version, out.Saved.Answer, out.Changed.Answer)
	}
	for wish, code := range map[CapitalWish]string{
		{"discount_rate", "eleven"}: "no_figure", {"discont_rate", "0.2"}: "no_figure", {"currency", "EUR"}: "no_figure", {"sites", "1"}: "no_figure",
		{"discount_rate", "11"}: "invalid", {"discount_rate", "1e400"}: "no_figure", {"begin", "2026-13"}: "no_figure",
	} {
		if got := finance.do(http.MethodPost, path, ask(wish.Place, wish.Value)); got.problem().Code != code {
			t.Errorf("%+v: %d %.200s", wish, got.status, got.body)
		}
	}
	var plan CapitalPlan
	finance.do(http.MethodGet, "/v1/plans/north", nil).read(t, &plan)
	if plan.Version != 1 || strings.Contains(string(plan.Spec), `"discount_rate":0.2`) {
		t.Error("a question changed the plan")
	}
}

// TestSeek finds figures in parts with names, in lists, and where names hold dots.
func TestSeek(t *testing.T) {
	t.Parallel()
	spec := json.RawMessage(`{"sites":[{"name":"a.b","gross_mw":40,"power":{"price_per_mwh":[34,35]}},{"name":"a","b":{"gross_mw":1}}],"begin":"2026-01"}`)
	for place, want := range map[string]string{
		"sites.a.b.gross_mw": `"gross_mw":7`, "sites.a.b.power.price_per_mwh.1": `[34,7]`, "sites.1.b.gross_mw": `{"gross_mw":7}`,
	} {
		got, err := refigured(spec, []CapitalWish{{place, "7"}})
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %s, %v", place, got, err)
		}
	}
	if _, err := refigured(spec, []CapitalWish{{"sites.a.b.power.price_per_mwh.2", "7"}}); err == nil {
		t.Error("a figure that there is not was changed")
	}
}

// TestUnworkable: the faults of the engine are told, and a computer that fails is not
// taken for a plan that does.
func TestUnworkable(t *testing.T) {
	t.Parallel()
	_, a, finance := counting(t)
	a.no = fmt.Errorf("north: line 3: loans: circular\n%w", ErrUnworkable)
	var plan CapitalPlan
	finance.do(http.MethodGet, "/v1/plans/north", nil).read(t, &plan)
	if plan.Work != nil || len(plan.Faults) == 0 || !strings.Contains(plan.Faults[0], "circular") {
		t.Errorf("%+v", plan.CapitalHead)
	}
	finance.ok(http.StatusOK, http.MethodPost, "/v1/objects/apply", map[string]any{"yaml": northPlan(t, "north", "0.12")})
	a.no = errors.New("no memory")
	if got := finance.do(http.MethodGet, "/v1/plans/north", nil); got.status != http.StatusInternalServerError || strings.Contains(got.body, "memory") {
		t.Errorf("%d %s", got.status, got.body)
	}
	a.no = nil
	finance.do(http.MethodGet, "/v1/plans/north", nil).read(t, &plan)
	if plan.Work == nil {
		t.Error("a failure of the computer is remembered")
	}
}

// TestRisk runs a plan, one at a time for each person, and writes the report of it.
func TestRisk(t *testing.T) {
	t.Parallel()
	w, a, finance := counting(t)
	const path = "/v1/plans/north/risks"
	var x CapitalRisk
	finance.ok(http.StatusAccepted, http.MethodPost, path, CapitalRiskAsk{Paths: 500, Seed: 7}).read(t, &x)
	if n := <-a.began; n != 500 || x.State != "running" || x.Version != 1 {
		t.Fatalf("%d %+v", n, x)
	}
	if got := finance.do(http.MethodPost, path, CapitalRiskAsk{Paths: 100}); got.problem().Code != "risk_runs" {
		t.Errorf("a second one: %d %s", got.status, got.body)
	}
	other := w.as(people.Trader, "")
	if got := other.do(http.MethodDelete, path+"/"+x.ID, nil); got.status != http.StatusNotFound {
		t.Errorf("somebody else ends it: %d", got.status)
	}
	var list CapitalRisks
	finance.do(http.MethodGet, path, nil).read(t, &list)
	if !list.Busy || len(list.All) != 1 || list.All[0].Done != 25 || list.Most != riskPaths {
		t.Errorf("%+v", list)
	}
	if got := finance.do(http.MethodGet, "/v1/plans/north/board?format=pdf&risk="+x.ID, nil); got.problem().Code != "risk_not_done" {
		t.Errorf("a report of what is not there: %d %s", got.status, got.body)
	}
	a.goOn <- nil
	if x = finance.ranOver(path + "/" + x.ID); x.State != "done" || x.Result == nil || x.Result.Broke != 0.25 {
		t.Fatalf("%+v", x)
	}
	finance.ok(http.StatusOK, http.MethodPost, "/v1/objects/apply", map[string]any{"yaml": northPlan(t, "north", "0.12")})
	got := finance.do(http.MethodGet, "/v1/plans/north/board?format=pdf&language=ar&risk="+x.ID, nil)
	if got.body != `north pdf ar "board" true` || !strings.Contains(got.header.Get("Content-Disposition"), "north-version-1-ar.pdf") || got.header.Get("Content-Type") != "application/pdf" {
		t.Errorf("%s %v", got.body, got.header)
	}
	said := w.room.api.OpenAPI().Paths["/v1/plans/{plan}/board"].Get.Responses["200"].Content
	for _, format := range []string{"html", "pdf", "xlsx"} {
		a := finance.ok(http.StatusOK, http.MethodGet, "/v1/plans/north/board?format="+format, nil)
		media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		if said[media] == nil || len(said) != 3 {
			t.Errorf("a report as %s is %s, which the description does not say", format, media)
		}
	}
	for _, bad := range []CapitalRiskAsk{{Paths: 99}, {Paths: riskPaths + 1}} {
		if got := finance.do(http.MethodPost, path, bad); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%+v: %d", bad, got.status)
		}
	}
}

// TestRiskEnds: a run that somebody ends is kept as that, one that fails says why, and a
// shelf that is opened again has what was found.
func TestRiskEnds(t *testing.T) {
	t.Parallel()
	w, a, finance := counting(t)
	const path = "/v1/plans/north/risks"
	var x CapitalRisk
	finance.ok(http.StatusAccepted, http.MethodPost, path, CapitalRiskAsk{Paths: 100}).read(t, &x)
	<-a.began
	finance.ok(http.StatusNoContent, http.MethodDelete, path+"/"+x.ID, nil)
	if x = finance.ranOver(path + "/" + x.ID); x.State != "cancelled" {
		t.Errorf("%+v", x)
	}
	w.later(time.Second)
	finance.ok(http.StatusAccepted, http.MethodPost, path, CapitalRiskAsk{Paths: 100}).read(t, &x)
	<-a.began
	a.goOn <- errors.New("no weeks of bitcoin")
	if x = finance.ranOver(path + "/" + x.ID); x.State != "failed" || !strings.Contains(x.Why, "no weeks") {
		t.Errorf("%+v", x)
	}
	again, err := NewRisks(w.room.cfg.Risks.dir)
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := again.of("north", "finance"); len(all) != 2 || all[0].State != "failed" {
		t.Errorf("%+v", all)
	}
}

// ranOver waits for a run in another goroutine.
func (g *guest) ranOver(path string) (x CapitalRisk) {
	g.Helper()
	for range 5000 {
		g.do(http.MethodGet, path, nil).read(g.TB, &x)
		if x.State != "running" {
			return x
		}
		<-time.After(time.Millisecond)
	}
	g.Fatal("it runs and runs")
	return x
}
