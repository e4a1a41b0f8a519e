package hall

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/loop"
	"sluice/loop/curtail"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/hosting"
)

// tells is what the hall tells the market now.
func (b *bench) tells() loop.HallReport {
	b.tb.Helper()
	r, err := b.h.Report(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	return r
}

// gives hands the hall budgets for ten minutes, and a bound.
func (b *bench) gives(most unit.Power, budgets map[string]unit.Power, calls ...cycle.Call) {
	b.tb.Helper()
	o := loop.HallOrder{At: time.Now(), Until: time.Now().Add(10 * time.Minute), Most: most, Within: time.Minute, Calls: calls}
	for name, p := range budgets {
		o.Orders = append(o.Orders, cycle.Order{Use: "hosting/" + name, Draw: p})
	}
	if err := b.h.Market(b.tb.Context(), o); err != nil {
		b.tb.Fatal(err)
	}
}

func registerOf(r loop.HallReport, name string) cycle.UseRegister {
	for _, u := range r.Registers {
		if u.Use == "hosting/"+name {
			return u
		}
	}
	return cycle.UseRegister{}
}

// TestReport: what a hall counts for the market is what ran and what its meter
// counted, also over a restart; a stretch in which nobody looked is nobody's.
func TestReport(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		first := b.tells()
		truth := func() unit.Energy {
			s, err := b.v.Gauges("gpu")[0].Meter.Sample(b.tb.Context())
			if err != nil {
				b.tb.Fatal(err)
			}
			return s.Energy
		}
		before := truth()
		b.pass(10 * time.Minute)
		b.tells() // what is told is on disk
		b.stop()
		b.start()
		b.pass(10 * time.Minute)
		last, drawn := b.tells(), truth()-before
		var sum unit.Energy
		for _, u := range last.Registers {
			was := registerOf(first, strings.TrimPrefix(u.Use, "hosting/"))
			if u.Meter < was.Meter || u.IT < was.IT {
				b.breach("the register of %s fell", u.Use)
			}
			sum += u.Meter - was.Meter
		}
		if off := sum - drawn; off > drawn/100 || -off > drawn/100 {
			b.breach("registers rose by %.4f MWh, the meter counted %.4f", sum.MWh(), drawn.MWh())
		}
		n := registerOf(last, "firm").Service.Since(registerOf(first, "firm").Service)
		if want := int64(32 * 21 * 60); n.Served > want || n.Served < want-32*120 || n.Committed > want || n.Committed < want-32*120 || n.Down > 0 {
			b.breach("firm tenants were served %+v in 21 minutes of 32 GPUs", n)
		}
		if !last.Known || len(last.Uses) != 3 || len(last.Expected) != 3 || last.PUE != 1_200_000 {
			b.breach("the report is %+v", last)
		}
	}) {
		t.Error(what)
	}
}

// TestMarketBudgets: budgets of the market are followed and told again; who wants
// more is known; a market that falls silent is named, and nothing is given back.
func TestMarketBudgets(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		b.gives(0, map[string]unit.Power{"firm": 100_000, "batch": 100_000, "spot": 10_000})
		b.pass(9 * time.Minute)
		r := b.tells()
		i := slices.IndexFunc(r.Uses, func(u cycle.UseState) bool { return u.Use == "hosting/spot" })
		if u := r.Uses[i]; u.State.Draw > 10_500 || u.Tenant.Wanted < 40_000 || r.Budgets["hosting/spot"] != 10_000 {
			b.breach("spot draws %s of 10 kW and wants %s; budgets %v", u.State.Draw, u.Tenant.Wanted, r.Budgets)
		}
		if n := registerOf(r, "spot").Service; n.Evictions == 0 || n.Served == 0 {
			b.breach("what spot was served is %+v", n)
		}
		if b.has(string(MarketSilent), "") {
			b.breach("the market is called silent within its time")
		}
		b.pass(5 * time.Minute)
		if !b.has(string(MarketSilent), "gpu") {
			b.breach("the budgets are over and nobody says so")
		}
		if u := b.tells().Uses[i]; u.State.Draw > 10_500 {
			b.breach("the market is silent, and spot draws %s again", u.State.Draw)
		}
		if err := b.h.Release(b.tb.Context(), "follow-gpu", 0); err != nil {
			b.breach("%v", err)
		}
		b.pass(30 * time.Minute)
		for id, s := range b.states() {
			if s != engine.Running {
				b.breach("%s is %s after everything was let go", id, s)
			}
		}
		if b.has(string(MarketSilent), "") {
			b.breach("a person let everything go, and the market is still called silent")
		}
	}) {
		t.Error(what)
	}
}

// TestBound: a bound of the market is kept whatever it costs, a lower one too; firm
// tenants go last; as it rises power is given back, and with its end all of it.
func TestBound(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		before := b.shows(HallMeter, "")
		for _, c := range []struct {
			most unit.Power
			pass time.Duration
		}{{90_000, 12 * time.Minute}, {60_000, 12 * time.Minute}, {80_000, 20 * time.Minute}} {
			b.gives(c.most, nil)
			b.pass(c.pass)
			if got := b.shows(HallMeter, ""); got > c.most+600 {
				b.breach("bound to %s, it draws %s", c.most, got)
			}
			for id, s := range b.states() {
				if c.most > 60_000 && strings.HasPrefix(id, "firm") && s != engine.Running {
					b.breach("bound to %s, %s is %s", c.most, id, s)
				}
			}
		}
		if got := b.tells().Bound; got != 80_000 {
			b.breach("it tells of a bound of %s", got)
		}
		b.gives(0, nil)
		b.pass(90 * time.Minute)
		if e := b.status().Event; e.Phase != curtail.Done {
			b.breach("without a bound the event is %s", e.Phase)
		}
		if got := b.shows(HallMeter, ""); got < before-500 {
			b.breach("without a bound it draws %s, before it was %s", got, before)
		}
	}) {
		t.Error(what)
	}
}

// TestBoundBesideAPerson: the market takes nothing over from a person's event.
func TestBoundBesideAPerson(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		event := b.curtail(20_000, 10*time.Minute, 0)
		b.pass(10 * time.Minute)
		b.gives(60_000, nil)
		b.pass(5 * time.Minute)
		if got := b.status().Event.Order.Event; got != event || !b.has(string(BoundMissed), "gpu") {
			b.breach("event %s runs, and the bound is not named as missed", got)
		}
		b.gives(0, nil)
		b.pass(time.Minute)
		if b.has(string(BoundMissed), "") || b.status().Event.Phase != curtail.Holding {
			b.breach("a bound that is gone leaves %+v", b.status().Troubles)
		}
	}) {
		t.Error(what)
	}
}

// TestCalls: a call within the terms is announced to the tenant and covers the
// stretch; one outside of them is refused and told.
func TestCalls(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, func(b *bench) {
		c := b.cfg.Tenancies[2].Contract()
		c.Kind, c.Flex = hosting.Flexible, hosting.Flex{Share: unit.One, Hours: 50 * time.Hour, Event: 4 * time.Hour, Notice: 30 * time.Minute, Events: 8}
		x, err := hosting.Compile(c, b.cfg.Hall, b.cfg.Curves, time.UTC)
		if err != nil {
			b.tb.Fatal(err)
		}
		b.cfg.Tenancies[2] = x
	}, func(b *bench) {
		now := time.Now()
		good := cycle.Call{Use: "hosting/spot", From: now.Add(40 * time.Minute), To: now.Add(100 * time.Minute)}
		b.gives(0, nil, good, cycle.Call{Use: "hosting/spot", From: now.Add(110 * time.Minute), To: now.Add(10 * time.Hour)})
		b.gives(0, nil, good) // told twice
		r := b.tells()
		i := slices.IndexFunc(r.Uses, func(u cycle.UseState) bool { return u.Use == "hosting/spot" })
		if f := r.Uses[i].Tenant.Flex; f.Calls != 1 || f.Used != time.Hour {
			b.breach("after one call the state is %+v", f)
		}
		if len(r.Refused) != 1 || !strings.Contains(r.Refused[0], "at most") {
			b.breach("refused: %q", r.Refused)
		}
		if len(b.tells().Refused) != 0 {
			b.breach("a refusal is told twice")
		}
		who, err := b.plant.Store.Office().Owner(b.tb.Context(), "spot")
		if err != nil {
			b.tb.Fatal(err)
		}
		notices, err := b.plant.Store.Desk().Notices(b.tb.Context(), who, time.Time{})
		if err != nil || len(notices) != 1 || !notices[0].From.Equal(good.From.UTC().Truncate(time.Second)) {
			b.breach("the tenant knows of %+v, %v", notices, err)
		}
		b.pass(30 * time.Minute)
		if b.h.market.covered("spot", time.Now()) {
			b.breach("the call covers a time before it")
		}
		b.pass(15 * time.Minute)
		if !b.h.market.covered("spot", time.Now()) || b.h.follow == nil {
			b.breach("the call does not cover its time")
		}
	}) {
		t.Error(what)
	}
}

// TestClient: the market reaches a hall at its socket, and what the hall refuses is
// told apart from what goes wrong.
func TestClient(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		w := httptest.NewRecorder()
		b.h.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/market", strings.NewReader(`{"most_w":-1}`)))
		if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "negative bound") {
			b.breach("a negative bound: %d %s", w.Code, w.Body)
		}
		w = httptest.NewRecorder()
		b.h.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/market", nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"hosting/spot"`) {
			b.breach("the report: %d %s", w.Code, w.Body)
		}
	}) {
		t.Error(what)
	}
	if _, err := NewClient(t.TempDir()).Report(t.Context()); !errors.Is(err, ErrNobody) {
		t.Errorf("where no hall runs: %v", err)
	}
}
