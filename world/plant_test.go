package world

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/driver/drivertest"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/observe"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/mining"
)

// The plant is everything that the loop asks of one.
var (
	_ observe.Meter  = (*Plant)(nil)
	_ observe.Fleet  = (*Plant)(nil)
	_ actuate.Device = (*Plant)(nil)
)

const mw = unit.Megawatt

var start = time.Date(2025, 6, 1, 5, 0, 0, 0, time.UTC)

// rig is a thousand machines with a sweet spot of 2 kW and 100 TH/s, and one
// step above it of 1 kW and 25 TH/s.
func rig(tb testing.TB, change func(*mining.Group)) *mining.Rig {
	tb.Helper()
	c, err := mining.Catalogue{}.With(mining.Model{
		Name: "two-step", Cooling: mining.Air, Power: 3 * unit.Kilowatt, Hashrate: 125 * unit.Terahash,
		Curves: []mining.Curve{{Points: []mining.Point{
			{Label: "sweet", Power: 2 * unit.Kilowatt, Hashrate: 100 * unit.Terahash, Confidence: mining.Measured},
			{Label: "full", Power: 3 * unit.Kilowatt, Hashrate: 125 * unit.Terahash, Confidence: mining.Measured},
		}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	g := mining.Group{Name: "g", Model: "two-step", Count: 1000, Restart: 10 * time.Minute, Derate: mining.Derate{From: 40_000, Drop: 100_000, Stop: 45_000}}
	if change != nil {
		change(&g)
	}
	r, err := mining.Compile(g, c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func site(tb testing.TB, on bool, change func(*mining.Group), around Conditions) *Plant {
	tb.Helper()
	return New(Config{Start: start, Rigs: []*mining.Rig{rig(tb, change)}, On: on, Around: around})
}

func tell(tb testing.TB, p *Plant, on, draw unit.Power) {
	tb.Helper()
	if _, err := p.Carry(tb.Context(), cycle.Order{Use: "mining/g", On: on, Draw: draw}); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, p *Plant) cycle.Registers {
	tb.Helper()
	r, err := p.Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// air is a temperature in degrees for every hour from start.
func air(tb testing.TB, degrees ...int64) *series.Series[int64] {
	tb.Helper()
	g, err := series.NewGrid(start, time.Hour, len(degrees))
	if err != nil {
		tb.Fatal(err)
	}
	s := series.New[int64](g)
	for i, d := range degrees {
		s.Set(i, 1000*d)
	}
	return s
}

// minutes of full hash rate that work amounts to.
func minutes(w unit.Work) float64 { return float64(w) / float64(125_000*unit.Terahash) / 60 }

func TestPhysics(t *testing.T) {
	t.Parallel()
	ramped := func(g *mining.Group) { g.Ramp = 100 * unit.Kilowatt }
	for sentence, c := range map[string]struct {
		begins   bool // running
		change   func(*mining.Group)
		around   Conditions
		on, draw unit.Power // ordered at once
		pass     time.Duration
		it       unit.Energy
		hashed   float64 // in minutes of full hash rate
		started  unit.Power
	}{
		"what runs goes on running": {true, nil, Conditions{}, 2 * mw, 3 * mw, time.Hour, (3 * mw).Over(time.Hour), 60, 0},
		"a stop is at once":         {true, nil, Conditions{}, 0, 0, time.Hour, 0, 0, 0},
		"a start draws the sweet spot for ten minutes and hashes nothing": {
			false, nil,
			Conditions{},
			2 * mw, 3 * mw, time.Hour,
			(2 * mw).Over(10*time.Minute) + (3 * mw).Over(50*time.Minute), 50, 2 * mw,
		},
		"the steps above the sweet spot can be left out":    {true, nil, Conditions{}, 2 * mw, 2 * mw, time.Hour, (2 * mw).Over(time.Hour), 48, 0},
		"half of the machines turned up half way":           {true, nil, Conditions{}, 1 * mw, 1*mw + mw/4, time.Hour, (mw + mw/4).Over(time.Hour), 27, 0},
		"machines that are off are not turned up":           {true, nil, Conditions{}, 1 * mw, 3 * mw, time.Hour, (mw + mw/2).Over(time.Hour), 30, 0},
		"an order above the draw is bounded by the draw":    {true, nil, Conditions{}, 2 * mw, 1 * mw, time.Hour, mw.Over(time.Hour), 24, 0},
		"a ramp of 100 kW a minute takes half an hour down": {true, ramped, Conditions{}, 0, 0, time.Hour, sumOf(29, 100*unit.Kilowatt), 0, 0},
		"a ramp of 100 kW a minute, machines before turning up": {
			false, func(g *mining.Group) { ramped(g); g.Restart = time.Second },
			Conditions{},
			2 * mw, 3 * mw, 30 * time.Minute,
			sumOf(30, 100*unit.Kilowatt), 0, 2 * mw,
		},
		"a restart of nothing hashes from the second second": {
			false, func(g *mining.Group) { g.Restart = time.Second },
			Conditions{},
			2 * mw, 3 * mw, time.Hour,
			(2 * mw).Over(time.Minute) + (3 * mw).Over(59*time.Minute), 59.79, 2 * mw,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := site(t, c.begins, c.change, c.around)
			tell(t, p, c.on, c.draw)
			p.Advance(c.pass)
			u := read(t, p).Uses[0]
			// Powers are bounds: an order's draw is met within a watt.
			if d := u.IT - c.it; d < -unit.Energy(c.pass/time.Second) || d > unit.Energy(c.pass/time.Second) {
				t.Errorf("drew %.6f MWh, want %.6f", u.IT.MWh(), c.it.MWh())
			}
			if got := minutes(u.Work); c.hashed > 0 && (got < c.hashed-0.01 || got > c.hashed+0.01) {
				t.Errorf("hashed %.3f minutes at full rate, want %.3f", got, c.hashed)
			}
			if u.Started != c.started {
				t.Errorf("started %v, want %v", u.Started, c.started)
			}
		})
	}
}

// sumOf is the energy of n minutes that rise or fall by p from minute to minute.
func sumOf(n int, p unit.Power) unit.Energy {
	var e unit.Energy
	for k := 1; k <= n; k++ {
		e += (unit.Power(k) * p).Over(time.Minute)
	}
	return e
}

func TestHeat(t *testing.T) {
	t.Parallel()
	p := site(t, true, func(g *mining.Group) {
		g.Cooling = use.Cooling{PUE0: 1_050_000, PerDegree: 2000, Threshold: 25_000}
	}, Conditions{Air: air(t, 20, 30, 42, 50, 20)})
	want := []struct{ it, meter unit.Power }{
		{3 * mw, 3_150_000},    // mild: base cooling
		{3 * mw, 3_180_000},    // 30: 1 % more
		{2_700_000, 2_926_800}, // 42: a tenth derated, PUE 1.084
		{0, 0},                 // 50: everything is too hot
		{3 * mw, 3_150_000},    // the heat is over
	}
	was := read(t, p).Uses[0]
	for i, w := range want {
		p.Advance(time.Hour)
		u := read(t, p).Uses[0]
		if it, meter := (u.IT - was.IT).Mean(time.Hour), (u.Meter - was.Meter).Mean(time.Hour); it != w.it || meter != w.meter {
			t.Errorf("hour %d: %v IT and %v at the meter, want %v and %v", i, it, meter, w.it, w.meter)
		}
		was = u
	}
}

// TestConditionsInsideAnHour: generation that changes by quarter hours is
// metered by quarter hours, however long the stretch is.
func TestConditionsInsideAnHour(t *testing.T) {
	t.Parallel()
	g, err := series.NewGrid(start, 15*time.Minute, 4)
	if err != nil {
		t.Fatal(err)
	}
	wind := series.New[unit.Power](g)
	for i, p := range []unit.Power{1 * mw, 2 * mw, 0, 4 * mw} {
		wind.Set(i, p)
	}
	p := New(Config{
		Start: start, MustRun: 3 * mw, Plants: []string{"wind/ridge"}, Export: 10 * mw,
		Around: Conditions{Generation: map[string]*series.Series[unit.Power]{"wind/ridge": wind}},
	})
	p.Advance(time.Hour)
	r := read(t, p)
	if want := (6 * mw).Over(15 * time.Minute); r.Own[0].Generated != want {
		t.Errorf("generated %.3f MWh, want %.3f: nothing is fed in that nobody asked to be", r.Own[0].Generated.MWh(), want.MWh())
	}
	if want := (6 * mw).Over(15 * time.Minute); r.Import != want || r.Export != 0 || r.Peak != 3*mw {
		t.Errorf("imported %.3f MWh (want %.3f), exported %d J, peak %v", r.Import.MWh(), want.MWh(), r.Export, r.Peak)
	}
}

func TestFeedIn(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ feed, outlet, mustRun, own, out, in unit.Power }{
		"the surplus leaves as far as ordered":        {1 * mw, 9 * mw, 1 * mw, 3 * mw, 1 * mw, 0},
		"and as far as the connection lets it":        {9 * mw, 1 * mw, 1 * mw, 3 * mw, 1 * mw, 0},
		"what is not fed in is turned down":           {0, 9 * mw, 1 * mw, 1 * mw, 0, 0},
		"a plant that is too small leaves the import": {9 * mw, 9 * mw, 7 * mw, 4 * mw, 0, 3 * mw},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := New(Config{
				Start: start, MustRun: c.mustRun, Export: c.outlet, Plants: []string{"hydro/river"},
				Around: Conditions{Constant: map[string]unit.Power{"hydro/river": 4 * mw}},
			})
			if _, err := p.Carry(t.Context(), cycle.Order{Use: "export/site", Draw: c.feed}); err != nil {
				t.Fatal(err)
			}
			p.Advance(time.Hour)
			r := read(t, p)
			own := min(4*mw, c.mustRun+min(c.feed, c.outlet))
			if r.Export != c.out.Over(time.Hour) || r.Import != c.in.Over(time.Hour) || r.Own[0].Generated != own.Over(time.Hour) {
				t.Errorf("fed in %.2f, drew %.2f, generated %.2f MWh", r.Export.MWh(), r.Import.MWh(), r.Own[0].Generated.MWh())
			}
		})
	}
}

func TestMinimumTimesAreRemembered(t *testing.T) {
	t.Parallel()
	p := site(t, true, func(g *mining.Group) { g.MinOn, g.MinOff = 30*time.Minute, 45*time.Minute }, Conditions{})
	state := func() (on, held, rest unit.Power, since time.Duration) {
		s, err := p.States(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		x := s[0].State
		if !x.Since.IsZero() {
			since = x.Since.Sub(start)
		}
		return x.On, x.Held, x.Rest, since
	}
	check := func(when string, on, held, rest unit.Power, since time.Duration) {
		t.Helper()
		if a, b, c, d := state(); a != on || b != held || c != rest || d != since {
			t.Errorf("%s: on %v held %v rest %v since %v, want %v %v %v %v", when, a, b, c, d, on, held, rest, since)
		}
	}
	check("at the start", 2*mw, 0, 0, 0)
	tell(t, p, mw, mw)
	p.Advance(15 * time.Minute)
	check("half stopped", mw, 0, mw, 0)
	p.Advance(30 * time.Minute)
	check("after the rest", mw, 0, 0, 0)
	tell(t, p, 2*mw, 3*mw)
	p.Advance(15 * time.Minute)
	check("started again", 2*mw, mw, 0, 45*time.Minute)
	tell(t, p, 0, 0)
	p.Advance(15 * time.Minute)
	check("stopped", 0, 0, 2*mw, 60*time.Minute)
}

// TestStandingDecidesWhatFollows: plants of equal standing in the same world
// behave alike from there on, and a plant in motion stands differently.
func TestStandingDecidesWhatFollows(t *testing.T) {
	t.Parallel()
	change := func(g *mining.Group) { g.MinOn, g.MinOff = time.Hour, time.Hour }
	a, b := site(t, true, change, Conditions{}), site(t, true, change, Conditions{})
	tell(t, a, 0, 0)
	a.Advance(30 * time.Minute)
	tell(t, a, 2*mw, 3*mw)
	a.Advance(30 * time.Minute)
	b.Advance(time.Hour)
	if a.Standing() == b.Standing() {
		t.Error("a plant that was started half an hour ago stands like one that always ran")
	}
	a.Advance(time.Hour)
	b.Advance(time.Hour)
	if a.Standing() != b.Standing() {
		t.Fatalf("two hours later they differ: %s and %s", a.Standing(), b.Standing())
	}
	for _, p := range []*Plant{a, b} {
		tell(t, p, mw, 2*mw)
	}
	wasA, wasB := read(t, a), read(t, b)
	a.Advance(time.Hour)
	b.Advance(time.Hour)
	if x, y := read(t, a).Import-wasA.Import, read(t, b).Import-wasB.Import; x != y {
		t.Errorf("from the same standing they drew %d and %d J", x, y)
	}
}

// TestStandingTellsEveryMove: two plants with as much held, but since different
// times, come free at different times and so stand differently.
func TestStandingTellsEveryMove(t *testing.T) {
	t.Parallel()
	change := func(g *mining.Group) { g.MinOn = time.Hour }
	a, b := site(t, false, change, Conditions{}), site(t, false, change, Conditions{})
	for i, on := range [][2]unit.Power{{mw / 2, mw}, {2 * mw, 2 * mw}} {
		tell(t, a, on[0], on[0])
		tell(t, b, on[1], on[1])
		a.Advance(time.Duration(15) * time.Minute)
		b.Advance(time.Duration(15) * time.Minute)
		if a.Standing() == b.Standing() {
			t.Errorf("move %d: both stand at %s", i, a.Standing())
		}
	}
}

func TestCloneIsIndependent(t *testing.T) {
	t.Parallel()
	a := site(t, true, func(g *mining.Group) { g.MinOff = time.Hour; g.Ramp = 100 * unit.Kilowatt }, Conditions{})
	tell(t, a, mw, mw)
	a.Advance(5 * time.Minute)
	b := a.Clone()
	if diff := cmp.Diff(read(t, a), read(t, b)); diff != "" || a.Standing() != b.Standing() {
		t.Fatalf("the copy differs at once: %s", diff)
	}
	before := read(t, a)
	tell(t, b, 0, 0)
	b.Advance(3 * time.Hour)
	if diff := cmp.Diff(before, read(t, a)); diff != "" {
		t.Errorf("the copy moved its original:\n%s", diff)
	}
	a.Advance(3 * time.Hour)
	if read(t, a).Import == read(t, b).Import {
		t.Error("the original follows the orders of its copy")
	}
}

func TestUnknownUse(t *testing.T) {
	t.Parallel()
	if _, err := site(t, true, nil, Conditions{}).Carry(t.Context(), cycle.Order{Use: "mining/elsewhere"}); err == nil {
		t.Error("an order for a group that is not there was carried out")
	}
}

// TestConformance runs the suites that every driver runs.
func TestConformance(t *testing.T) {
	t.Parallel()
	open := func(tb testing.TB) drivertest.Bench {
		tb.Helper()
		p := New(Config{
			Start: start, MustRun: mw, Export: 4 * mw, On: true, Plants: []string{"hydro/river"},
			Rigs: []*mining.Rig{rig(tb, func(g *mining.Group) { g.MinOn, g.MinOff, g.Cooling.PUE0 = 20*time.Minute, 20*time.Minute, 1_040_000 })},
			Around: Conditions{
				Air: air(tb, 20, 30, 43, 20), Constant: map[string]unit.Power{"hydro/river": 2 * mw},
				Health: map[string]*Health{"mining/g": NewHealth(Failures{Between: 1000 * time.Hour, Repair: 50 * time.Hour, Seed: 3}, "g", 1000, start, 24)},
			},
		})
		return drivertest.Bench{Meter: p, Fleet: p, Device: p, Wait: p.Advance, Uses: []string{"mining/g"}, Full: 3 * mw}
	}
	for name, suite := range map[string]func(testing.TB, drivertest.Open){"meter": drivertest.Meter, "fleet": drivertest.Fleet, "device": drivertest.Device} {
		t.Run(name, func(t *testing.T) { t.Parallel(); suite(t, open) })
	}
}

// TestRegistersBalance: whatever is ordered and whatever happens, what is used
// is imported or generated to the joule, no ramp is passed, and it makes no
// difference to any register in how many steps time passes.
func TestRegistersBalance(t *testing.T) {
	t.Parallel()
	const mustRun = mw / 2
	rapid.Check(t, func(t *rapid.T) {
		ramp := unit.Power(rapid.SampledFrom([]int{0, 7_000, 90_001, 500_000}).Draw(t, "ramp"))
		around := Conditions{
			Air:      air(nopTB{}, rapid.SliceOfN(rapid.Int64Range(-10, 50), 6, 6).Draw(t, "air")...),
			Constant: map[string]unit.Power{"hydro/river": unit.Power(rapid.IntRange(0, 4_000_000).Draw(t, "river"))},
			Health:   map[string]*Health{"mining/g": NewHealth(Failures{Between: 300 * time.Hour, Repair: 30 * time.Hour, Seed: rapid.Uint64().Draw(t, "seed")}, "g", 1000, start, 6)},
		}
		c := Config{
			Start: start, MustRun: mustRun, Export: mw, On: rapid.Bool().Draw(t, "on"), Plants: []string{"hydro/river"}, Around: around,
			Rigs: []*mining.Rig{rig(nopTB{}, func(g *mining.Group) {
				g.Ramp, g.MinOn, g.Cooling = ramp, 30*time.Minute, use.Cooling{PUE0: 1_031_111, PerDegree: 1234, Threshold: 20_000}
			})},
		}
		fine, coarse := New(c), New(c)
		for range rapid.IntRange(1, 12).Draw(t, "turns") {
			on := unit.Power(rapid.IntRange(0, 2_000_000).Draw(t, "ordered on"))
			for _, o := range []cycle.Order{
				{Use: "mining/g", On: on, Draw: on + unit.Power(rapid.IntRange(0, 1_000_000).Draw(t, "above"))},
				{Use: "export/site", Draw: unit.Power(rapid.IntRange(0, 2_000_000).Draw(t, "feed"))},
				{Use: "hydro/river", Draw: unit.Power(rapid.IntRange(0, 5_000_000).Draw(t, "allowed"))},
			} {
				for _, p := range []*Plant{fine, coarse} {
					if _, err := p.Carry(t.Context(), o); err != nil {
						t.Fatal(err)
					}
				}
			}
			before, _ := fine.Read(t.Context())
			for range 15 {
				was := fine.groups[0].on + fine.groups[0].upper
				fine.Advance(time.Minute)
				if now := fine.groups[0].on + fine.groups[0].upper; ramp > 0 && max(now-was, was-now) > ramp {
					t.Fatalf("moved from %v to %v in a minute, the ramp allows %v", was, now, ramp)
				}
			}
			coarse.Advance(15 * time.Minute)
			a, _ := fine.Read(t.Context())
			b, _ := coarse.Read(t.Context())
			a.Peak, b.Peak = 0, 0 // of the last stretch, which differs
			if diff := cmp.Diff(a, b); diff != "" {
				t.Fatalf("minute by minute and at once differ:\n%s", diff)
			}
			used := a.Uses[0].Meter - before.Uses[0].Meter + mustRun.Over(15*time.Minute)
			came := a.Import - before.Import + a.Own[0].Generated - before.Own[0].Generated - (a.Export - before.Export)
			if used != came {
				t.Fatalf("used %d J, came %d J", used, came)
			}
		}
	})
}

// nopTB lets helpers for tests be used inside properties, where a failure to
// set up is a panic.
type nopTB struct{ testing.TB }

func (nopTB) Helper()           {}
func (nopTB) Fatal(args ...any) { panic(args) }
