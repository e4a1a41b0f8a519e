package modbus_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/unit"
	world "sluice/world/modbus"
)

func known[T any](v T) device.Value[T] { return device.Value[T]{Value: v, Known: true} }

func TestExamine(t *testing.T) {
	t.Parallel()
	const mw, hour = unit.Megawatt, time.Hour
	swapped, under, stuck := []modbus.Finding{modbus.SwappedCT}, []modbus.Finding{modbus.UnderMeasured}, []modbus.Finding{modbus.StuckMeter}
	cases := map[string]struct {
		w       modbus.Witness
		certain unit.Power
		want    []modbus.Finding
	}{
		"all as it should be":                {modbus.Witness{Length: hour, Power: known(9 * mw), Import: known(9 * mw.Over(hour)), Export: known(unit.Energy(0))}, 9 * mw, nil},
		"more than is certain":               {modbus.Witness{Length: hour, Power: known(20 * mw), Import: known(20 * mw.Over(hour)), Export: known(unit.Energy(0))}, 9 * mw, nil},
		"power turned around":                {modbus.Witness{Length: hour, Power: known(-9 * mw)}, 9 * mw, swapped},
		"a little feed-in is no proof":       {modbus.Witness{Length: hour, Power: known(-1 * mw)}, 9 * mw, nil},
		"feed-in while nothing is certain":   {modbus.Witness{Length: hour, Power: known(-9 * mw), Export: known(9 * mw.Over(hour))}, 0, nil},
		"export rises under a load":          {modbus.Witness{Length: hour, Import: known(unit.Energy(0)), Export: known(9 * mw.Over(hour))}, 9 * mw, swapped},
		"both rise: it changed in between":   {modbus.Witness{Length: hour, Import: known(9 * mw.Over(hour)), Export: known(9 * mw.Over(hour))}, 9 * mw, nil},
		"the import counter fell":            {modbus.Witness{Length: hour, Fell: true}, 9 * mw, swapped},
		"one of three turned around":         {modbus.Witness{Length: hour, Power: known(3 * mw), Import: known(3 * mw.Over(hour)), Export: known(unit.Energy(0))}, 9 * mw, under},
		"low now, but the hour is right":     {modbus.Witness{Length: hour, Power: known(3 * mw), Import: known(9 * mw.Over(hour)), Export: known(unit.Energy(0))}, 9 * mw, nil},
		"nothing moves":                      {modbus.Witness{Length: hour, Power: known(9 * mw), Import: known(unit.Energy(0)), Export: known(unit.Energy(0)), Step: 3_600_000}, 9 * mw, stuck},
		"too short for its steps":            {modbus.Witness{Length: time.Second, Power: known(9 * mw), Import: known(unit.Energy(0)), Export: known(unit.Energy(0)), Step: 3_600_000_000}, 9 * mw, nil},
		"nothing is known":                   {modbus.Witness{Length: hour}, 9 * mw, nil},
		"no time passed, nothing is claimed": {modbus.Witness{Import: known(unit.Energy(0)), Export: known(unit.Energy(0))}, 9 * mw, nil},
	}
	for name, c := range cases {
		if got := modbus.Examine(c.w, c.certain); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestAGoodMeterIsNeverAccused: whatever load is drawn, a meter that shows it is healthy.
func TestAGoodMeterIsNeverAccused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := unit.Power(rapid.Int64Range(1, 100_000_000).Draw(t, "drawn"))
		certain := unit.Power(rapid.Int64Range(0, int64(p)).Draw(t, "certain"))
		length := time.Duration(rapid.Int64Range(1, 86_400).Draw(t, "seconds")) * time.Second
		w := modbus.Witness{Length: length, Power: known(p), Import: known(p.Over(length)), Export: known(unit.Energy(0)), Step: 1}
		if got := modbus.Examine(w, certain); got != nil {
			t.Fatalf("%v of %v certain of %v for %v", got, certain, p, length)
		}
	})
}

// TestWiringFaultsAreSeenOnTheWire: the simulated meter turns its transformers
// or stands still, and the readings tell.
func TestWiringFaultsAreSeenOnTheWire(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		x    world.Mischief
		want []modbus.Finding
	}{
		"healthy": {world.Mischief{}, nil},
		"turned":  {world.Mischief{Swapped: true}, []modbus.Finding{modbus.SwappedCT}},
		"stuck":   {world.Mischief{Stuck: true}, []modbus.Finding{modbus.StuckMeter}},
	}
	for name, c := range cases {
		b := open(t, shipped(t, "abb-a43"), nil)
		b.pass(9*unit.Megawatt, time.Minute)
		b.World.Inflict(c.x)
		before := read(t, b)
		b.pass(9*unit.Megawatt, 15*time.Minute)
		if got := modbus.Examine(modbus.Between(before, read(t, b)), 8*unit.Megawatt); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
