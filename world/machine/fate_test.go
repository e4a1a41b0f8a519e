package machine_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

var midnight = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// lively is a machine to which everything happens that can.
func lively(seed uint64) machine.Spec {
	presets := []device.Preset{{Name: "low", Power: 2000, Hash: 70_000}, {Name: "full", Power: 3000, Hash: 100_000}, {Name: "high", Power: 3900, Hash: 120_000}}
	return machine.Spec{
		Nameplate: presets[1], Presets: presets, Standby: 30, Seed: seed, PerDegree: 0.004, Restarts: 4 * time.Hour, ChipMax: 88,
		Air: machine.Air{Warmer: 8, Swing: 8, Peak: 20 * time.Hour}, Faults: machine.Faults{WakeFails: 0.3, Slow: 0.5},
		Times: machine.Times{Down: 10 * time.Second, Dark: 40 * time.Second, FirstHash: time.Minute, Up: 8 * time.Minute, Level: 50 * time.Second},
	}
}

// deed is an order at a time of the day.
type deed struct {
	at   time.Duration
	what int
}

func deeds(t *rapid.T) []deed {
	return slices.SortedFunc(slices.Values(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) deed {
		return deed{time.Duration(rapid.Int64Range(1, int64(24*time.Hour)).Draw(t, "at")), rapid.IntRange(0, 4).Draw(t, "what")}
	}), 0, 12).Draw(t, "orders")), func(a, b deed) int { return int(a.at - b.at) })
}

// live gives the orders and asks at the times between them, and returns how the
// machine stands at midnight.
func live(m *machine.Machine, orders []deed, asked []time.Duration) machine.State {
	for len(orders)+len(asked) > 0 {
		if len(orders) == 0 || len(asked) > 0 && asked[0] < orders[0].at {
			m.State(midnight.Add(asked[0]))
			m.Mischief()
			asked = asked[1:]
			continue
		}
		now := midnight.Add(orders[0].at)
		switch orders[0].what {
		case 0:
			m.Sleep(now)
		case 1:
			m.Wake(now, false)
		case 2:
			m.SetMode(now, "low")
		case 3:
			m.SetMode(now, "high")
		case 4:
			m.Later(now, now.Add(time.Hour), true)
		}
		orders = orders[1:]
	}
	return m.State(midnight.Add(24 * time.Hour))
}

// TestOneLife: the same seed and the same orders are the same life, however
// often somebody looks. As a control, another seed is another life.
func TestOneLife(t *testing.T) {
	t.Parallel()
	others := 0
	rapid.Check(t, func(t *rapid.T) {
		seed, orders := rapid.Uint64().Draw(t, "seed"), deeds(t)
		asked := rapid.SliceOfN(rapid.Int64Range(0, int64(24*time.Hour)), 0, 60).Draw(t, "asked")
		slices.Sort(asked)
		var times []time.Duration
		for _, a := range asked {
			times = append(times, time.Duration(a))
		}
		begin := func(seed uint64) *machine.Machine {
			m := machine.New(lively(seed), midnight)
			m.Cut(midnight, midnight.Add(7*time.Hour), midnight.Add(7*time.Hour+20*time.Second))
			return m
		}
		never, often := live(begin(seed), orders, nil), live(begin(seed), orders, times)
		if d := never.Energy - often.Energy; d < -2 || d > 2 {
			t.Fatalf("%d J when nobody looks, %d J when somebody does", never.Energy, often.Energy)
		}
		never.Energy = often.Energy
		if never != often {
			t.Fatalf("when nobody looks: %+v\nwhen somebody does: %+v", never, often)
		}
		if live(begin(seed+1), orders, nil) != never {
			others++
		}
	})
	if others == 0 {
		t.Error("every seed is the same life: nothing was compared")
	}
}

// TestEnergyIsTheIntegral adds up the power of every second of a day in which
// everything happens.
func TestEnergyIsTheIntegral(t *testing.T) {
	t.Parallel()
	m := machine.New(lively(3), midnight)
	m.Cut(midnight, midnight.Add(9*time.Hour), midnight.Add(9*time.Hour+20*time.Second))
	area, seen := 0.0, map[device.Activity]bool{}
	const step = time.Second
	for now := midnight; now.Before(midnight.Add(24 * time.Hour)); now = now.Add(step) {
		switch int(now.Sub(midnight) / step) {
		case 3 * 3600:
			m.Sleep(now)
		case 5 * 3600:
			m.Wake(now, false)
		case 15 * 3600:
			m.SetMode(now, "high")
		}
		s := m.State(now.Add(step / 2))
		seen[s.Activity] = true
		area += float64(s.Power) * step.Seconds()
	}
	got := float64(m.State(midnight.Add(24 * time.Hour)).Energy)
	if math.Abs(got-area) > area*1e-4 {
		t.Errorf("counted %.0f J, the power adds up to %.0f J", got, area)
	}
	for _, a := range []device.Activity{device.Running, device.Throttled, device.Asleep, device.Waking} {
		if !seen[a] {
			t.Errorf("never %s: the day was too quiet", a)
		}
	}
}

// TestRestarts: they come as often as their mean says, independently of one
// another: as many days without one as chance allows.
func TestRestarts(t *testing.T) {
	t.Parallel()
	s := lively(0)
	s.Restarts, s.ChipMax, s.Air = 24*time.Hour, 0, machine.Air{}
	const machines = 3000
	count, none, first := 0, 0, 0
	for i := range machines {
		s.Seed = uint64(i) //nolint:gosec // counts up from zero
		m := machine.New(s, midnight)
		if next := m.NextRestart(); next.Before(midnight.Add(12 * time.Hour)) {
			first++
		}
		n := m.State(midnight.Add(24 * time.Hour)).Restarts
		count += n
		if n == 0 {
			none++
		}
	}
	for what, c := range map[string][2]float64{
		"restarts of a day": {float64(count), machines}, "machines without one": {float64(none), machines / math.E},
		"in the first half day": {float64(first), machines * (1 - 1/math.Sqrt(math.E))},
	} {
		if math.Abs(c[0]-c[1]) > 5*math.Sqrt(c[1]) {
			t.Errorf("%s: %.0f, want about %.0f", what, c[0], c[1])
		}
	}
}

// TestWhatARestartLeaves: who keeps it stays asleep; the others come back at
// their nameplate, whatever they were told.
func TestWhatARestartLeaves(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		persists bool
		order    func(*machine.Machine, time.Time)
		activity device.Activity
		after    unit.Power
	}{
		"asleep, kept":      {true, func(m *machine.Machine, t time.Time) { m.Sleep(t) }, device.Asleep, 30},
		"asleep, forgotten": {false, func(m *machine.Machine, t time.Time) { m.Sleep(t) }, device.Running, 3000},
		"low, kept":         {true, func(m *machine.Machine, t time.Time) { m.SetMode(t, "low") }, device.Running, 2000},
		"low, forgotten":    {false, func(m *machine.Machine, t time.Time) { m.SetMode(t, "low") }, device.Running, 3000},
	} {
		s := lively(1)
		s.Persists, s.Air, s.Restarts = c.persists, machine.Air{}, 0
		m := machine.New(s, midnight)
		c.order(m, midnight)
		lost := midnight.Add(time.Hour)
		m.Cut(midnight, lost, lost.Add(20*time.Second))
		before := m.State(lost.Add(-time.Second))
		if got := m.State(lost.Add(10 * time.Second)); got.Power != 0 || got.Hash != 0 || !got.Dark || got.Energy-before.Energy > unit.Energy(before.Power)+1 {
			t.Errorf("%s: without supply %+v", what, got)
		}
		boot := lost.Add(20 * time.Second)
		if got := m.State(boot.Add(39 * time.Second)); !got.Dark || got.Power != 30 || !got.Booted.Equal(boot) || got.Restarts != 1 {
			t.Errorf("%s: while it boots %+v", what, got)
		}
		if got := m.State(boot.Add(10 * time.Minute)); got.Dark || got.Activity != c.activity || got.Power != c.after {
			t.Errorf("%s: afterwards %+v", what, got)
		}
	}
}

// TestAir: draw and chips follow the air of the day, hashes do not.
func TestAir(t *testing.T) {
	t.Parallel()
	s := lively(1)
	s.Restarts, s.Air.Warmer = 0, 0
	for hour, want := range map[int]float64{20: 33, 26: 25, 32: 17} {
		got := machine.New(s, midnight).State(midnight.Add(time.Duration(hour) * time.Hour))
		watts := 3000 * (1 + 0.004*(want-25))
		if math.Abs(got.AirC-want) > 1e-9 || math.Abs(float64(got.Power)-watts) > 0.5 || math.Abs(got.ChipC-want-45*watts/3000) > 1e-6 || got.Hash != 100_000 {
			t.Errorf("hour %d: %+v", hour, got)
		}
	}
	s.Air = machine.Air{}
	if got := machine.New(s, midnight).State(midnight.Add(20 * time.Hour)); got.AirC != 25 || got.Power != 3000 {
		t.Errorf("air that nobody described: %+v", got)
	}
}

// TestHeat: too hot a machine goes down by itself until its chips are cool
// enough, keeps its settings, and comes back in the evening. One without the
// protection does not.
func TestHeat(t *testing.T) {
	t.Parallel()
	s := lively(1)
	s.Restarts = 0
	m := machine.New(s, midnight)
	m.SetMode(midnight, "high")
	if noon := m.State(midnight.Add(20 * time.Hour)); noon.Activity != device.Throttled || noon.Share >= 100 || noon.ChipC > 88 || noon.Mode != "high" || noon.Target != 3900 || noon.Hash >= 120_000 {
		t.Errorf("in the heat: %+v", noon)
	}
	if evening := m.State(midnight.Add(32 * time.Hour)); evening.Activity != device.Running || evening.Share != 100 || evening.Hash != 120_000 {
		t.Errorf("in the cool: %+v", evening)
	}
	s.ChipMax = 0
	bare := machine.New(s, midnight)
	bare.SetMode(midnight, "high")
	if got := bare.State(midnight.Add(20 * time.Hour)); got.Activity != device.Running || got.ChipC <= 88 {
		t.Errorf("without the protection: %+v", got)
	}
}
