package tenant

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

// TestWhy: why a job waits, in plain words, from what is sure to what is likely.
func TestWhy(t *testing.T) {
	t.Parallel()
	job := engine.Job{ID: "1", Contract: "c", Queue: "q", State: engine.Waiting, GPUs: 8, Watts: 8000}
	contract := hosting.Contract{Name: "c", GPUs: 64, Start: today.AddDate(0, -1, 0)}
	until := today.Add(time.Hour)
	for sentence, c := range map[string]struct {
		change func(*mine, *engine.Job)
		cause  Cause
		says   string
		until  time.Time
	}{
		"the engine is silent":      {nil, NotSaid, "not said yet", time.Time{}},
		"jobs in front":             {func(_ *mine, j *engine.Job) { j.Position = 3 }, Front, "number 3", time.Time{}},
		"the site has no power":     {func(m *mine, _ *engine.Job) { m.view.Watts = engine.Watts{Known: true, Budget: 9000, Admitted: 2000} }, Power, "no power", time.Time{}},
		"power is known to suffice": {func(m *mine, _ *engine.Job) { m.view.Watts = engine.Watts{Known: true, Budget: 10_000, Admitted: 2000} }, NotSaid, "", time.Time{}},
		"licences of Slurm":         {func(_ *mine, j *engine.Job) { j.Why = "Licenses" }, Power, "no power", time.Time{}},
		"a quota of Slurm":          {func(_ *mine, j *engine.Job) { j.Why = "AssocGrpGRES" }, Quota, "quota", time.Time{}},
		"a quota of Kueue": {func(_ *mine, j *engine.Job) {
			j.Why = "couldn't assign flavors to pod set main: insufficient unused quota for nvidia.com/gpu in flavor h100, 4 more needed"
		}, Quota, "quota", time.Time{}},
		"watts of Kueue":   {func(_ *mine, j *engine.Job) { j.Why = "insufficient unused quota for power.sluice.example/watts" }, Power, "no power", time.Time{}},
		"no GPUs are free": {func(_ *mine, j *engine.Job) { j.Why = "Resources" }, Capacity, "free together", time.Time{}},
		"no node has so many free": {func(m *mine, _ *engine.Job) {
			m.view.Nodes = []engine.Node{{State: engine.NodeUp, GPUs: 8, Busy: 1}, {State: engine.NodeDown, GPUs: 8}}
		}, Capacity, "free together", time.Time{}},
		"servers are starting": {func(m *mine, _ *engine.Job) {
			m.view.Nodes = []engine.Node{{State: engine.NodeUp, GPUs: 8, Busy: 1}, {State: engine.NodeStarting, GPUs: 8}}
		}, Capacity, "switched on", time.Time{}},
		"a node has so many free": {func(m *mine, j *engine.Job) {
			j.GPUs = 7
			m.view.Nodes = []engine.Node{{State: engine.NodeUp, GPUs: 8, Busy: 1}}
		}, NotSaid, "", time.Time{}},
		"empty nodes together": {func(m *mine, j *engine.Job) {
			j.GPUs = 16
			m.view.Nodes = []engine.Node{{State: engine.NodeUp, GPUs: 8}, {State: engine.NodeUp, GPUs: 8}}
		}, NotSaid, "", time.Time{}},
		"the tenant held it":          {func(_ *mine, j *engine.Job) { j.Why = "JobHeldUser" }, Yourself, "you held it", time.Time{}},
		"held by nobody known":        {func(_ *mine, j *engine.Job) { j.State = engine.Held }, Yourself, "somebody held", time.Time{}},
		"stopped by a curtailment":    {func(_ *mine, j *engine.Job) { j.State, j.Evicted = engine.Held, "e" }, Power, "planned for", until},
		"stopped by an untold one":    {func(_ *mine, j *engine.Job) { j.State, j.Evicted = engine.Held, "x" }, Power, "when the curtailment is over", time.Time{}},
		"its queue is held":           {func(m *mine, _ *engine.Job) { m.view.Queues[0].Held, m.view.Queues[0].Event = true, "e" }, Power, "lets nothing start", until},
		"the operator held its queue": {func(m *mine, _ *engine.Job) { m.view.Queues[0].Held = true }, Operator, "operator", time.Time{}},
		"more than the queue has":     {func(m *mine, _ *engine.Job) { m.view.Queues[0].GPUs = 7 }, Quota, "may ever give", time.Time{}},
		"more than the contract has":  {func(_ *mine, j *engine.Job) { j.GPUs = 65 }, Agreed, "wants 65 GPUs and its contract has 64", time.Time{}},
		"the contract is full":        {func(m *mine, _ *engine.Job) { m.jobs = []engine.Job{{Contract: "c", State: engine.Running, GPUs: 60}} }, Agreed, "hold 60 of the 64", time.Time{}},
		"a contract of nobody":        {func(_ *mine, j *engine.Job) { j.Contract = "other" }, Agreed, "no contract of the name", time.Time{}},
		"the contract has not begun":  {func(m *mine, _ *engine.Job) { m.contracts[0].Start = until }, Agreed, "not begun", until},
		"the contract has ended":      {func(m *mine, _ *engine.Job) { m.contracts[0].End = today }, Agreed, "has ended", time.Time{}},
		"it is being stopped":         {func(_ *mine, j *engine.Job) { j.State = engine.Stopping }, Power, "being stopped", time.Time{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := mine{now: today, names: []string{"c"}, contracts: []hosting.Contract{contract}, notices: []tenants.Notice{{Event: "e", Until: until}}}
			m.view.Queues = []engine.Queue{{Name: "q"}}
			j := job
			if c.change != nil {
				c.change(&m, &j)
			}
			r := m.why(j)
			if r.Cause != c.cause || !strings.Contains(r.Says, c.says) || (r.Until == nil) != c.until.IsZero() || r.Until != nil && !r.Until.Equal(c.until) {
				t.Errorf("%+v", *r)
			}
			if strings.Contains(r.Engine, " ") {
				t.Errorf("a sentence of the engine reaches the tenant: %q", r.Engine)
			}
		})
	}
	if (mine{}).why(engine.Job{State: engine.Running}) != nil {
		t.Error("a job that runs waits")
	}
}

// dear says that power is too dear for a job.
type dear struct{}

// Why implements Reasons.
func (dear) Why(_ context.Context, _ string, j engine.Job) (Reason, bool) {
	return Reason{Cause: Worth, Says: "power costs more than it pays"}, strings.HasSuffix(j.ID, "-2")
}

// TestReasons: who steers an engine adds why, where the engine is vague.
func TestReasons(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	w.conf.Reasons = dear{}
	w.view.Queues = nil
	w.book.Contracts[0].GPUs = 30
	all := read[[]Job](t, w.server(), "GET /v1/jobs", alpha.text, "")
	if len(all) != 2 || all[0].Reason != nil || all[1].Reason.Cause != Worth || all[1].Reason.Engine != "Resources" || *all[1].Position != 1 {
		text, _ := json.Marshal(all)
		t.Errorf("%s", text)
	}
}

// TestEngineIsSpared: however many ask, an engine is asked once in a while.
func TestEngineIsSpared(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	n := 0
	w.conf.Stations[0].Viewer = viewing(func() (engine.View, error) { n++; return engine.View{}, nil })
	s := w.server()
	for range 50 {
		send(s, "GET /v1/jobs", alpha.text, "")
	}
	w.pass(fresh)
	send(s, "GET /v1/jobs", alpha.text, "")
	if n != 2 {
		t.Errorf("asked %d times", n)
	}
}

type viewing func() (engine.View, error)

// View implements Viewer.
func (f viewing) View(context.Context) (engine.View, error) { return f() }
