package verify

import (
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
)

const (
	mw      = unit.Megawatt
	quarter = 15 * time.Minute
)

var at = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// plan draws p for use "a", all of it from the grid.
func plan(p unit.Power) cycle.Plan {
	return cycle.Plan{
		Head: cycle.Head{Version: cycle.Version, At: at}, Mesh: series.Mesh{Start: at, Lengths: []time.Duration{quarter}},
		Offers: []power.Offer{{Source: "spot"}, {Source: "hydro/river", BehindMeter: true}},
		Supply: []cycle.SupplyPlan{{Source: "spot", Power: []unit.Power{p}}, {Source: "hydro/river", Power: []unit.Power{mw}}},
		Uses:   []cycle.UsePlan{{Use: "a", Draw: []unit.Power{p}}},
	}
}

func registers(after bool, it unit.Power, started unit.Power) cycle.Registers {
	r := cycle.Registers{At: at, Source: "test", Import: 100, Export: 10, Own: []cycle.OwnRegister{{Source: "hydro/river", Generated: 5}}, Uses: []cycle.UseRegister{{Use: "a", IT: 7, Meter: 8, Work: 9}}}
	if !after {
		return r
	}
	r.At = at.Add(quarter)
	r.Import += it.Over(quarter)
	r.Own[0].Generated += mw.Over(quarter)
	r.Uses[0].IT += it.Over(quarter)
	r.Uses[0].Meter += it.Over(quarter)
	r.Uses[0].Work += 11
	r.Uses[0].Started += started
	r.Peak = it
	return r
}

func TestCauses(t *testing.T) {
	t.Parallel()
	refused := []cycle.Receipt{{Use: "a", Why: "locked out"}}
	for sentence, c := range map[string]struct {
		planned, drawn, started unit.Power
		receipts                []cycle.Receipt
		want                    cycle.Cause
	}{
		"as planned":                            {3 * mw, 3 * mw, 0, nil, cycle.AsPlanned},
		"within the class of the meters":        {3 * mw, 3*mw - 29_000, 0, nil, cycle.AsPlanned},
		"a kilowatt more or less is nothing":    {0, 1000, 0, nil, cycle.AsPlanned},
		"as planned, but starting up":           {3 * mw, 3 * mw, mw, nil, cycle.StartingUp},
		"less, because it was starting":         {3 * mw, 2 * mw, mw, nil, cycle.StartingUp},
		"less, and nothing was started":         {3 * mw, 2 * mw, 0, nil, cycle.EquipmentOut},
		"more, on the way down":                 {mw, 2 * mw, 0, nil, cycle.RampingDown},
		"the order was not taken":               {0, 3 * mw, 0, refused, cycle.OrderNotTaken},
		"not taken, but it makes no difference": {3 * mw, 3 * mw, 0, refused, cycle.AsPlanned},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			d := Deliver(plan(c.planned), registers(false, 0, 0), registers(true, c.drawn, c.started), 10*mw, c.receipts)
			if d.Uses[0].Cause != c.want {
				t.Errorf("cause %q, want %q", d.Uses[0].Cause, c.want)
			}
		})
	}
}

func TestDeliveryIsWhatTheMetersSay(t *testing.T) {
	t.Parallel()
	d := Deliver(plan(3*mw), registers(false, 0, 0), registers(true, 4*mw, 0), 3_500_000, nil)
	u := d.Uses[0]
	for name, ok := range map[string]bool{
		"import":     d.Import == (4 * mw).Over(quarter),
		"export":     d.Export == 0,
		"generation": d.Own == mw.Over(quarter),
		"planned":    d.Planned == (3 * mw).Over(quarter),
		"length":     d.Length == quarter,
		"peak":       d.Peak == 4*mw,
		"over":       d.Over == mw/2,
		"IT":         u.IT == (4 * mw).Over(quarter),
		"meter":      u.Meter == (4 * mw).Over(quarter),
		"work":       u.Work == 11,
		"IT planned": u.Planned == (3 * mw).Over(quarter),
		"source":     d.Source == "test",
	} {
		if !ok {
			t.Errorf("%s is wrong in %+v", name, d)
		}
	}
}

// TestRegistersAreFoundByName: a driver that lists its meters in another order
// after a restart changes nothing.
func TestRegistersAreFoundByName(t *testing.T) {
	t.Parallel()
	before := cycle.Registers{
		At: at, Own: []cycle.OwnRegister{{Source: "x", Generated: 100}, {Source: "y", Generated: 7}},
		Uses: []cycle.UseRegister{{Use: "a", IT: 1000}, {Use: "b", IT: 50}},
	}
	after := cycle.Registers{
		At: at.Add(quarter), Own: []cycle.OwnRegister{{Source: "y", Generated: 8}, {Source: "x", Generated: 102}},
		Uses: []cycle.UseRegister{{Use: "b", IT: 55}, {Use: "a", IT: 1001}},
	}
	d := Deliver(cycle.Plan{}, before, after, mw, nil)
	if d.Own != 3 || d.Uses[0].IT != 5 || d.Uses[1].IT != 1 {
		t.Errorf("own %d, uses %+v", d.Own, d.Uses)
	}
}
