package dispatch

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

func TestLots(t *testing.T) {
	t.Parallel()
	const mw, dollar = unit.Megawatt, unit.PerMWh
	flat := func(p unit.Price) series.Profile[unit.Price] { return series.Flat(p) }
	in := Input{
		Mesh: series.Mesh{Lengths: []time.Duration{time.Hour}},
		Offers: []power.Offer{
			{Source: "spot", Max: series.Flat(10 * mw), Price: flat(60 * dollar)},
			{Source: "wind", Max: series.Flat(2 * mw), Price: flat(0), BehindMeter: true},
		},
		Charges: power.Charges{Import: flat(3 * dollar), Export: flat(0)},
		Bids: []use.Bid{
			{
				Use: "mining/old", PUE: series.Flat(unit.Ratio(1_100_000)), Available: series.Flat(unit.One),
				Steps: []use.Step{{Power: 2 * mw, Worth: flat(66 * dollar)}},
			},
			{
				Use: "mining/new", PUE: series.Flat(unit.One), Available: series.Flat(unit.One / 2),
				Steps: []use.Step{{Power: 4 * mw, Worth: flat(120 * dollar)}, {Power: 2 * mw, Worth: flat(50 * dollar)}},
			},
		},
		MustRun: mw,
	}
	plan := cycle.Plan{
		Supply: []cycle.SupplyPlan{{Source: "wind", Power: []unit.Power{2 * mw}}, {Source: "spot", Power: []unit.Power{1_200_000}}},
		Uses:   []cycle.UsePlan{{Use: "mining/new", Meter: []unit.Power{2_200_000}}, {Use: "mining/old", Meter: []unit.Power{0}}},
	}
	offers, bids := Lots(in, plan, 0)
	want := []Lot{{Name: "wind", Max: 2 * mw, Taken: 2 * mw, Must: true}, {Name: "spot", Price: 63 * dollar, Max: 10 * mw, Taken: 1_200_000}}
	if diff := cmp.Diff(want, offers); diff != "" {
		t.Errorf("offers, import charge included for what passes the connection:\n%s", diff)
	}
	want = []Lot{
		{Name: "house", Max: mw, Taken: mw, Must: true},
		{Name: "mining/new", Price: 120 * dollar, Max: 2 * mw, Taken: 2 * mw},
		{Name: "mining/old", Price: 60 * dollar, Max: 2_200_000},
		{Name: "mining/new", Step: 1, Price: 50 * dollar, Max: mw, Taken: 200_000},
	}
	if diff := cmp.Diff(want, bids); diff != "" {
		t.Errorf("bids at the meter, what is available alone:\n%s", diff)
	}
	offers, _ = Lots(in, cycle.Plan{}, 0)
	if offers[1].Taken != 0 {
		t.Errorf("a plan without supplies takes %v", offers[1].Taken)
	}
}
