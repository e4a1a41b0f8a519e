package live

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/store/sqlite"
	"sluice/unit"
)

// TestBadQuestions: what cannot be answered is said in words, and nothing is guessed.
func TestBadQuestions(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	door := w.site.Handler()
	for sentence, c := range map[string]struct {
		method, path, body string
		code               int
		says               string
	}{
		"a revision that is none":        {"GET", "/machines?after=x", "", 400, "the rev of an earlier answer"},
		"a revision below zero":          {"GET", "/machines?after=-1", "", 400, "the rev of an earlier answer"},
		"a machine without a name":       {"GET", "/machine", "", 404, `no machine \"\"`},
		"a machine that is not there":    {"GET", "/machine?name=10.9.9.9", "", 404, "10.9.9.9"},
		"a plan of no revision":          {"GET", "/plan?after=now", "", 400, "the rev of an earlier answer"},
		"a plan before there is one":     {"GET", "/plan", "", 404, "nothing was planned"},
		"turns from never":               {"GET", "/turns?from=yesterday", "", 400, "give an instant"},
		"turns before 1970":              {"GET", "/turns?from=1969-12-31T00:00:00Z", "", 400, "give an instant"},
		"turns to the past":              {"GET", "/turns?from=2025-08-01T12:00:00Z&to=2025-08-01T11:00:00Z", "", 400, "is not before"},
		"no turns":                       {"GET", "/turns?limit=0", "", 400, "from 1 to 2976"},
		"too many turns":                 {"GET", "/turns?limit=2977", "", 400, "from 1 to 2976"},
		"a look at what changes":         {"GET", "/preview", "", 405, ""},
		"a preview of no request":        {"POST", "/preview", "50 MW", 400, "read the request"},
		"a preview of a place elsewhere": {"POST", "/preview", `{"group":"moon"}`, 409, "no feeder or hall"},
		"a preview below zero":           {"POST", "/preview", `{"limit_w":-1}`, 409, "not negative"},
		"a preview of what is over":      {"POST", "/preview", `{"from":"2025-01-01T00:00:00Z","until":"2025-01-02T00:00:00Z"}`, 409, "is over"},
	} {
		a := httptest.NewRecorder()
		door.ServeHTTP(a, httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body)))
		if a.Code != c.code || !strings.Contains(a.Body.String(), c.says) {
			t.Errorf("%s: %d %s, want %d and %q", sentence, a.Code, a.Body, c.code, c.says)
		}
	}
}

// TestMachineReads: the list tells what happened to machines, and the page of one tells
// it with its orders, their proof and its history.
func TestMachineReads(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	full := w.site.core.machines[0].ladder.most()
	w.hear(t, 0, at(full))
	w.hear(t, 1, at(0))
	first, err := w.remote.Machines(t.Context(), 0)
	if err != nil || !first.All || first.Count != 4 || len(first.Machines) != 4 {
		t.Fatalf("%+v, %v", first, err)
	}
	got := first.Machines[0]
	want := Shown{
		State: MachineRunning, Power: full, PowerKnown: true, Target: got.Target, Hash: unit.Hashrate(full) * 60, HashKnown: true, Heat: 64_200, HeatKnown: true, Entrusted: true,
		Proving: got.Proving, Setpoint: got.Setpoint, SetpointKnown: got.SetpointKnown, Why: got.Why, At: got.At,
	}
	if diff := cmp.Diff(want, got.Shown); diff != "" {
		t.Error(diff)
	}
	if got.Name != w.name(0) || got.Family != device.Antminer || got.Model == "" || got.Use != "mining/"+got.Group || got.Feeder == "" || got.Hall == "" {
		t.Errorf("its plate says %+v", got.Plate)
	}
	if x := first.Machines[1]; x.State != MachineAsleep || x.Hash != 0 || !x.HashKnown {
		t.Errorf("the sleeper is shown as %+v", x.Shown)
	}
	if x := first.Machines[2]; x.State != MachineUnknown || x.PowerKnown || x.HeatKnown || x.Trouble != NeverFound {
		t.Errorf("who never said anything is shown as %+v", x.Shown)
	}
	if _, err := w.remote.Act(t.Context(), "lock", Request{By: "ann", Machine: w.name(2), Limit: 700}); err != nil {
		t.Fatal(err)
	}
	next, err := w.remote.Machines(t.Context(), first.Rev)
	if err != nil || next.All || next.Rev <= first.Rev {
		t.Fatalf("%+v, %v", next, err)
	}
	for _, m := range next.Machines {
		if m.Name == w.name(2) && (m.LockedBy != "ann" || m.Ceiling != 700 || m.Trouble != LockedOut || m.Since.IsZero()) {
			t.Errorf("the locked one is shown as %+v", m.Shown)
		}
	}
	if len(next.Machines) == 0 || len(next.Machines) == 4 {
		t.Errorf("%d machines changed", len(next.Machines))
	}
}

// TestMachinePage: orders of a machine are joined with their proofs and the last answer.
func TestMachinePage(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	name, ago := w.name(0), func(d time.Duration) time.Time {
		return w.site.plant.Clock.Now().Add(-d).UTC().Truncate(time.Millisecond)
	}
	w.hear(t, 0, at(3000))
	order := func(n int64, at time.Time) sqlite.Record {
		e := sqlite.Epoch{Term: 1, Plan: n, Sequence: 1}
		return sqlite.Record{Kind: sqlite.Order, Key: "order/" + name + "/" + e.String(), Subject: name, At: at, Epoch: e, Body: []byte(`{"target_w":0,"ceil_w":3500,"cause":"plan","verb":"sleep"}`)}
	}
	proof := sqlite.Record{Kind: sqlite.Receipt, Key: "proof/" + name, Subject: name, At: ago(59 * time.Minute), Body: []byte(`{"setpoint_w":0,"power_w":18,"power_stated":true,"epoch":{"Term":1,"Plan":7,"Sequence":1}}`)}
	w.keep(t, order(7, ago(time.Hour)), proof, order(8, ago(5*time.Minute)))
	other := order(9, ago(4*time.Minute))
	other.Subject, other.Key = "127.120.0.99", "order/other"
	w.keep(t, other)
	if err := w.site.Do(t.Context(), func(c *Core, _ time.Time) {
		w.site.handle(t.Context(), Answered{Machine: 0, Epoch: actuate.Epoch{Term: 1, Plan: 8, Sequence: 1}, Ack: device.Ack{Class: device.Refused, Reason: device.Busy, Text: "not now"}})
	}); err != nil {
		t.Fatal(err)
	}
	p, err := w.remote.Machine(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var mine []OrderRow
	for _, o := range p.Orders {
		if strings.HasPrefix(o.Epoch, "1.") { // the site that runs gives orders itself, of the second term
			mine = append(mine, o)
		}
	}
	if len(mine) != 2 || mine[0].Epoch != "1.8.1" || mine[0].Answer != device.Refused || mine[0].Proven || !mine[0].ExpectedBy.After(mine[0].At) || len(mine[0].Hash) != 64 {
		t.Fatalf("orders %+v", mine)
	}
	if o := mine[1]; !o.Proven || o.Verb != device.Sleep || o.Cause != "plan" || *o.Setpoint != 0 || *o.Effect != 18 || !o.ProvenAt.Equal(proof.At) || o.Answer != "" {
		t.Errorf("the proven one is %+v", o)
	}
	if p.Trouble != HeldByOther || p.Remedy != HeldByOther.Remedy() || p.Reply == nil || p.Reply.Reason != device.Busy || p.Reply.Text != "not now" {
		t.Errorf("its trouble is %q, its answer %+v", p.Trouble, p.Reply)
	}
	if len(p.Curve) == 0 || p.Curve[len(p.Curve)-1].Hash == 0 || p.Times.Boot == 0 || p.Times.Learned || p.Beside != 4 || *p.Says.Uptime != 3600 {
		t.Errorf("curve %+v, times %+v, %d on the feeder, says %+v", p.Curve, p.Times, p.Beside, p.Says)
	}
	for i, r := range p.History {
		if i > 0 && r.At.After(p.History[i-1].At.Add(time.Second)) || !json.Valid(r.Body) {
			t.Errorf("record %d of its history is %+v", i, r)
		}
	}
	if len(p.History) < 3 || p.Now.Sub(p.LookedTo) > pastFar {
		t.Errorf("%d records, looked back to %v", len(p.History), p.LookedTo)
	}
}

// TestTurnList: a row for each interval of which papers are kept, with what was planned,
// seen and booked, and pages that lead on.
func TestTurnList(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	start := laneBegin.Add(-time.Hour)
	late := func(n int) time.Time { return start.Add(time.Duration(n) * paperStep) }
	w.file(t, w.turnOf(late(0)), "site", 1)
	shadow := w.turnOf(late(1))
	shadow.Plan.Price[0], shadow.Entry, shadow.Delivery = 11*unit.PerMWh, cycle.Entry{}, cycle.Delivery{}
	w.file(t, shadow, shadowed, 1)
	again := w.turnOf(late(3))
	w.file(t, again, "site", 1)
	again.Plan.Price[0], again.Plan.Solver = 99*unit.PerMWh, cycle.Solver{Status: "feasible", Fallback: "too slow"}
	w.file(t, again, "site", 2)
	after := w.turnOf(late(3))
	after.Plan.Price[0] = 1
	w.file(t, after, shadowed, 3) // tells less than the site's own
	list, err := w.remote.Turns(t.Context(), start, start.Add(time.Hour), 0)
	if err != nil || len(list.Turns) != 3 || list.Currency == "" || !list.Next.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	nine, meter := unit.Power(9000), unit.Power(9450)
	want := TurnRow{
		Start: late(0), Seconds: 300, Turn: late(0).Unix() / 300, Planned: true, Price: 42 * unit.PerMWh, Worth: 77 * unit.PerMWh, Status: "optimal",
		Uses:    []TurnUse{{Use: "mining/antminer-1", Planned: &nine, Meter: &meter, Reason: cycle.Worthwhile, IT: 2_700_000, Energy: 2_835_000}},
		Metered: true, Import: 2_835_000, Peak: 9500, Source: "meter", Settled: true, Spot: 40 * unit.PerMWh, Priced: true, Bitcoin: int64(100_000 * unit.Unit), Mined: 98,
		Energy: 30_000, Income: 98_000, Running: 5000, Other: 7000, Margin: 70_000,
	}
	if diff := cmp.Diff(want, list.Turns[0]); diff != "" {
		t.Error(diff)
	}
	if x := list.Turns[1]; !x.Shadow || x.Price != 11*unit.PerMWh || x.Settled || x.Metered || !x.Start.Equal(late(1)) {
		t.Errorf("the shadow's is %+v", x)
	}
	if x := list.Turns[2]; x.Shadow || x.Price != 99*unit.PerMWh || x.Fallback != "too slow" {
		t.Errorf("that of two runs is %+v", x)
	}
	var paged []TurnRow
	for from, pages := start, 0; !from.IsZero(); pages++ {
		page, err := w.remote.Turns(t.Context(), from, start.Add(time.Hour), 2)
		if err != nil || pages > 6 {
			t.Fatalf("page %d: %v", pages, err)
		}
		paged, from = append(paged, page.Turns...), page.Next
	}
	if diff := cmp.Diff(list.Turns, paged); diff != "" {
		t.Errorf("in pages: %s", diff)
	}
	if last, err := w.remote.Turns(t.Context(), time.Time{}, start.Add(20*time.Minute), 4); err != nil || len(last.Turns) != 3 || !last.From.Equal(start) {
		t.Errorf("the last four before: %+v, %v", last, err)
	}
}

// TestPlanRead: the newest papers come once, and again when there are newer ones.
func TestPlanRead(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	if _, _, err := w.remote.Plan(t.Context(), 0); !errors.Is(err, ErrNo) {
		t.Errorf("before the first: %v", err)
	}
	if st, err := w.remote.Status(t.Context()); err != nil || st.Market != nil || st.Money.EvenKnown {
		t.Errorf("before the first: %+v, %v", st.Market, err)
	}
	publish := func(start time.Time, shadow bool) {
		x := w.turnOf(start)
		if err := w.site.Do(t.Context(), func(c *Core, _ time.Time) { c.publish(papersOf(&x, shadow)) }); err != nil {
			t.Fatal(err)
		}
	}
	publish(laneBegin, true)
	p, fresh, err := w.remote.Plan(t.Context(), 0)
	if err != nil || !fresh || !p.Shadow || !p.Plan.At.Equal(laneBegin) || p.Outlook.Spot[0] != 43*unit.PerMWh || !p.Snapshot.Spot.Known {
		t.Fatalf("%+v %v %v", p, fresh, err)
	}
	if _, fresh, err := w.remote.Plan(t.Context(), p.Rev); fresh || err != nil {
		t.Errorf("the same once more: %v %v", fresh, err)
	}
	publish(laneBegin, false) // of the same interval, after a restart
	q, fresh, err := w.remote.Plan(t.Context(), p.Rev)
	if err != nil || !fresh || q.Shadow || q.Rev <= p.Rev {
		t.Errorf("%+v %v %v", q.Rev, fresh, err)
	}
	st, err := w.remote.Status(t.Context())
	if err != nil || st.Market == nil || st.Market.Spot != 41*unit.PerMWh || st.Market.Expected != 43*unit.PerMWh || !st.Market.Forecast.Equal(laneBegin) || st.Money.BreakEven != 77*unit.PerMWh || !st.Money.EvenKnown {
		t.Errorf("%+v %+v, %v", st.Market, st.Money, err)
	}
}

// TestAbout: a status says what the site is and with what it runs.
func TestAbout(t *testing.T) {
	t.Parallel()
	w := newWindow(t)
	st, err := w.remote.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := w.site.core.cfg
	if st.Zone != c.Site.Zone.String() || st.Currency != c.Site.Currency || st.Interval != 300 || st.Version != "9.9" || !st.Virtual || st.Speed != 1 || !st.Since.Equal(laneBegin) {
		t.Errorf("%+v", st.About)
	}
	if wall := RealTime(); wall.virtual || time.Since(st.Started) > time.Minute || st.Site != c.Site.Name {
		t.Errorf("started %v, %q", st.Started, st.Site)
	}
	var text map[string]any
	a := httptest.NewRecorder()
	w.site.Handler().ServeHTTP(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/status", nil))
	if err := json.Unmarshal(a.Body.Bytes(), &text); err != nil || text["zone"] == nil || text["beats"] == nil || text["site"] != c.Site.Name {
		t.Errorf("%v %s", err, a.Body)
	}
}

// TestBreakEven: the price at which machines would change what they do.
func TestBreakEven(t *testing.T) {
	t.Parallel()
	of := func(use string, draw unit.Power, worth int64) cycle.Reason {
		return cycle.Reason{Use: use, Draw: draw, Worth: unit.Price(worth) * unit.PerMWh}
	}
	for sentence, c := range map[string]struct {
		all   []cycle.Reason
		want  int64
		known bool
	}{
		"nobody":                           {nil, 0, false},
		"no machines":                      {[]cycle.Reason{of("hosting/acme", 5, 300)}, 0, false},
		"one that runs":                    {[]cycle.Reason{of("mining/a", 5, 60)}, 60, true},
		"the least of those that run":      {[]cycle.Reason{of("mining/a", 5, 60), of("mining/b", 5, 50), of("mining/c", 0, 40)}, 50, true},
		"the most where nobody runs":       {[]cycle.Reason{of("mining/a", 0, 30), of("mining/b", 0, 45)}, 45, true},
		"tenants do not count":             {[]cycle.Reason{of("hosting/acme", 5, 20), of("mining/a", 5, 60)}, 60, true},
		"nothing runs below zero for long": {[]cycle.Reason{of("mining/a", 0, -5)}, 0, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got, known := breakEven(c.all); got != unit.Price(c.want)*unit.PerMWh || known != c.known {
				t.Errorf("%v, %v", got, known)
			}
		})
	}
	if got := (Settled{Length: 5 * time.Minute, Margin: 70_000}).hourly(); got != 840_000 {
		t.Errorf("by the hour %d", got)
	}
}
