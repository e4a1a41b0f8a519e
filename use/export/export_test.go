package export

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
)

const mw = unit.Megawatt

func noon() time.Time { return time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC) }

func mesh(lengths ...time.Duration) series.Mesh {
	return series.Mesh{Start: noon(), Lengths: lengths}
}

func own(powers ...unit.Power) power.Offer {
	return power.Offer{Source: "wind/ridge", Kind: power.KindGeneration, BehindMeter: true, Max: powers}
}

func TestFeedIn(t *testing.T) {
	t.Parallel()
	f := FeedIn{Use: "export/pecos", Limit: 8 * mw, Price: series.Profile[unit.Price]{50_000_000, -10_000_000, 20_000_000}, Adder: series.Flat(unit.Price(1_000_000))}
	grid := power.Offer{Source: "ppa/a", Kind: power.KindBlock, Max: series.Flat(40 * mw)}
	b, some := f.Bid([]power.Offer{grid, own(4*mw, 20*mw, 0), own(mw)}, 3)
	if !some {
		t.Fatal("no bid although the plants generate")
	}
	want := use.Bid{
		Use: "export/pecos", Feed: true, PUE: series.Flat(unit.One),
		Steps:     []use.Step{{Power: 8 * mw, Worth: series.Profile[unit.Price]{49_000_000, -11_000_000, 19_000_000}}},
		Available: series.Profile[unit.Ratio]{625_000, unit.One, 125_000},
	}
	if d := cmp.Diff(want, b); d != "" {
		t.Error(d)
	}
	if err := b.Validate(3); err != nil {
		t.Error(err)
	}
	for name, none := range map[string]FeedIn{"no right to feed in": {Limit: 0, Price: f.Price, Adder: f.Adder}, "no plant": f} {
		offers := []power.Offer{grid}
		if name == "no right to feed in" {
			offers = append(offers, own(mw))
		}
		if b, some := none.Bid(offers, 3); some {
			t.Errorf("%s: bid %+v: what is bought must not be sold through the same meter", name, b)
		}
	}
}

// TestFeedInNeverPassesGenerationOrLimit: a bid that is fully taken feeds in no
// watt more than is generated or allowed, and at most 0.01 percent less.
func TestFeedInNeverPassesGenerationOrLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		watts := rapid.Int64Range(0, 90_000_000)
		g := []unit.Power{unit.Power(watts.Draw(t, "first")), unit.Power(watts.Draw(t, "second"))}
		f := FeedIn{Limit: unit.Power(watts.Draw(t, "limit")), Price: series.Flat(unit.Price(1)), Adder: series.Flat(unit.Price(0))}
		b, some := f.Bid([]power.Offer{own(g...)}, 2)
		if !some {
			if f.Limit > 0 && max(g[0], g[1]) > 0 {
				t.Fatal("no bid")
			}
			return
		}
		for i := range g {
			fed, possible := b.Steps[0].Power.Scale(b.Available.At(i)), min(g[i], f.Limit)
			if fed > possible || possible-fed > b.Steps[0].Power/10_000+1 {
				t.Fatalf("feeds in %v of %v", fed, possible)
			}
		}
	})
}

func TestLimitsOver(t *testing.T) {
	t.Parallel()
	c := site.Connection{Import: 50 * mw, Export: 20 * mw, Rating: 45 * mw}
	m := mesh(5*time.Minute, 15*time.Minute, time.Hour, time.Hour)
	orders := []Instruction{
		{ID: "wide", Direction: Import, Power: 48 * mw, From: noon(), To: noon().Add(3 * time.Hour)},
		{ID: "a", Direction: Import, Power: 10 * mw, From: noon().Add(10 * time.Minute), To: noon().Add(20 * time.Minute), Penalty: 7},
		{ID: "b", Direction: Import, Power: 10 * mw, From: noon(), To: noon().Add(6 * time.Minute)},
		{ID: "c", Direction: Import, Power: 5 * mw, From: noon().Add(79 * time.Minute), To: noon().Add(80 * time.Minute)},
		{ID: "x", Direction: Export, Power: 0, From: noon().Add(80 * time.Minute), To: noon().Add(81 * time.Minute)},
	}
	want := Limits{
		Import: series.Profile[unit.Power]{10 * mw, 10 * mw, 5 * mw, 45 * mw},
		Export: series.Profile[unit.Power]{20 * mw, 20 * mw, 20 * mw, 0},
		Ordered: []Ordered{
			{Interval: 0, Direction: Import, ID: "b"},
			{Interval: 1, Direction: Import, ID: "a", Penalty: 7},
			{Interval: 2, Direction: Import, ID: "c"},
			{Interval: 3, Direction: Export, ID: "x"},
		},
	}
	if d := cmp.Diff(want, LimitsOver(m, c, orders)); d != "" {
		t.Error(d)
	}
}

// TestInstructionsOnlyNarrow: whatever is ordered, nothing passes the connection.
func TestInstructionsOnlyNarrow(t *testing.T) {
	t.Parallel()
	c := site.Connection{Import: 50 * mw, Export: 20 * mw, Rating: 60 * mw}
	m := mesh(15*time.Minute, time.Hour)
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Instruction {
			from := noon().Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "from")) * time.Minute)
			return Instruction{
				ID: "o", Direction: rapid.SampledFrom([]Direction{Import, Export}).Draw(t, "direction"),
				Power: unit.Power(rapid.Int64Range(0, 100_000_000).Draw(t, "power")), From: from,
				To: from.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute),
			}
		})).Draw(t, "orders")
		l := LimitsOver(m, c, orders)
		for i, at := range m.Intervals() {
			if l.Import[i] > c.Ceiling() || l.Export[i] > c.Outlet() {
				t.Fatalf("interval %d allows %v in and %v out", i, l.Import[i], l.Export[i])
			}
			for _, o := range orders {
				limit := l.Import[i]
				if o.Direction == Export {
					limit = l.Export[i]
				}
				if o.From.Before(at.End()) && o.To.After(at.Start) && limit > o.Power {
					t.Fatalf("interval %d allows %v against %+v", i, limit, o)
				}
			}
		}
	})
}

func TestInstructionValidate(t *testing.T) {
	t.Parallel()
	err := Instruction{Direction: "up", Power: -1}.Validate()
	for _, want := range []string{"has no id", `direction "up"`, "must not be negative", "not after its start"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	good := Instruction{ID: "1", Programme: "utility", Direction: Import, From: noon(), To: noon().Add(time.Hour)}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

func asics() (use.Bid, Response) {
	b := use.Bid{
		Use: "mining/a", PUE: series.Flat(unit.Ratio(1_100_000)), Available: series.Flat(unit.One),
		Steps: []use.Step{{Power: 10 * mw, Worth: series.Flat(unit.Price(88_000_000))}},
	}
	return b, Response{Use: "mining/a", Reaction: 5 * time.Minute, Sheddable: 7_350_000, Least: mw}
}

func products() []Product {
	return []Product{
		{Name: "RRS-FFR", Reaction: 250 * time.Millisecond, Duration: 15 * time.Minute, Price: series.Flat(unit.Price(9_000_000))},
		{Name: "ECRS", Reaction: 10 * time.Minute, Duration: time.Hour, Minimum: mw, Step: 100 * unit.Kilowatt, Price: series.Flat(unit.Price(8_000_000)), Deployed: 50_000, Excludes: []string{"NSPIN"}},
		{Name: "NSPIN", Reaction: 30 * time.Minute, Duration: time.Hour, Price: series.Flat(unit.Price(6_000_000))},
		{Name: "ERS-30", Reaction: 30 * time.Minute, Duration: time.Hour, Price: series.Flat(unit.Price(5_000_000)), Excludes: []string{"NSPIN"}},
		{Name: "ended", Reaction: time.Hour, Duration: time.Hour, Price: series.Flat(unit.Price(1)), Excludes: []string{"none"}, To: noon()},
		{Name: "big", Reaction: time.Hour, Duration: time.Hour, Minimum: 50 * mw, Price: series.Flat(unit.Price(1)), Excludes: []string{"none"}},
	}
}

func TestReservesAreOffUnlessSwitchedOn(t *testing.T) {
	t.Parallel()
	b, can := asics()
	if d := cmp.Diff(b, Reserves{Products: products()}.Offer(b, can, mesh(time.Hour))); d != "" {
		t.Errorf("without the switch the bid changed: %s", d)
	}
}

func TestReservesOffer(t *testing.T) {
	t.Parallel()
	b, can := asics()
	b.Headroom = []use.Headroom{{Product: "own"}}
	r := Reserves{FromLoad: true, Products: products(), Market: series.Flat(unit.Price(30_000_000))}
	got := r.Offer(b, can, mesh(time.Hour)).Headroom
	want := []use.Headroom{
		{Product: "own"},
		// Called 5 percent of the time, each MWh then loses 88/1.1 - 30 = 50.
		{Product: "ECRS", Price: series.Profile[unit.Price]{5_500_000}, Max: 7_300_000, Least: mw},
		{Product: "ERS-30", Price: series.Profile[unit.Price]{5_000_000}, Max: 7_350_000, Least: mw},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("too fast, excluded, ended and too big products stay out, steps round down: %s", d)
	}
	if len(b.Headroom) != 1 {
		t.Error("the bid that came in was changed")
	}
	can.Sheddable = 0
	if got := r.Offer(b, can, mesh(time.Hour)).Headroom; len(got) != 1 {
		t.Errorf("headroom %+v without a measured response", got)
	}
}

func TestReservesValidate(t *testing.T) {
	t.Parallel()
	if err := (Reserves{Products: products()}).Validate(4); err != nil {
		t.Error(err)
	}
	err := Reserves{Products: []Product{{}, {Name: "p", Reaction: 1, Duration: 1, Step: -1, Price: make(series.Profile[unit.Price], 3)}, {Name: "p"}}}.Validate(2)
	for _, want := range []string{"empty or stated twice", "must be positive", "make no sense", "3 prices for 2 intervals"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
