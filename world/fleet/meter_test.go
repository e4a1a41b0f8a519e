package fleet_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/modbus"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/fleet"
	world "sluice/world/modbus"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex // guards at
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// metered is a fleet with open meters in a time that the test moves.
type metered struct {
	*fleet.Fleet
	site  *fleet.Site
	clock *clock
	grid  fleet.Grid
}

// open builds a fleet behind meters on free ports.
func open(tb testing.TB, c fleet.Config, g fleet.Grid) metered {
	tb.Helper()
	clock := &clock{at: noon}
	g.Now, g.Meters = clock.now, netip.MustParsePrefix("127.8.0.0/24")
	var err error
	for range 20 {
		c.Offset = 26_000 + rand.IntN(15_000)
		f, wrong := fleet.New(c, noon)
		if wrong != nil {
			tb.Fatal(wrong)
		}
		site, wrong := f.Behind(g)
		if wrong != nil {
			tb.Fatal(wrong)
		}
		if err = site.Open(); err == nil {
			tb.Cleanup(func() {
				if err := site.Stop(); err != nil {
					tb.Error(err)
				}
			})
			return metered{f, site, clock, g}
		}
	}
	tb.Fatal(err)
	return metered{}
}

// driver is the real driver before a meter of the site.
func (m metered) driver(tb testing.TB, meter *fleet.Meter) *modbus.Meter {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{m.grid.Meters}, time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	name := m.grid.Template
	if name == "" {
		name = "schneider-pm5000"
	}
	tpl, err := modbus.Shipped(name)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := modbus.New(n, tpl, modbus.Options{
		Host: meter.Address.String(), Port: 502 + m.Offset(), Rating: 100 * unit.Megawatt, Timeout: 2 * time.Second, Now: m.clock.now,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func (m metered) read(tb testing.TB, meter *fleet.Meter) modbus.Reading {
	tb.Helper()
	r, err := m.driver(tb, meter).Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// shove gives orders of all kinds to machines here and there.
func (m metered) shove(rng *rand.Rand) {
	now := m.clock.now()
	for _, u := range m.Units() {
		switch rng.IntN(6) {
		case 0:
			u.Machine.Sleep(now)
		case 1:
			u.Machine.Wake(now, false)
		case 2:
			u.Machine.SetPower(now, u.Machine.Spec.Presets[rng.IntN(len(u.Machine.Spec.Presets))].Power)
		}
	}
}

// sum is what the machines from to to draw and drew, worked out by the test.
func (m metered) sum(from, to int) (watts, joules float64) {
	for _, u := range m.Units()[from:to] {
		s := u.Machine.State(m.clock.now())
		watts, joules = watts+float64(s.Power), joules+float64(s.Energy)
	}
	return watts, joules
}

// near reports whether a shown value is within a tolerance of the truth.
func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// TestMetersTellTheTruth reads the meters of every shipped template through the
// real driver while machines sleep, wake and change, and compares them with the
// sum over the machines themselves.
func TestMetersTellTheTruth(t *testing.T) {
	t.Parallel()
	for _, template := range modbus.Names() {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			m := open(t, config(50), fleet.Grid{Feeders: 3, Template: template, PUE: 1_050_000, Auxiliary: 10_001, Losses: 15_000})
			rng := rand.New(rand.NewPCG(1, 2))
			edges := []int{0, 16, 33, 50}
			var moved unit.Power
			for range 12 {
				m.shove(rng)
				passed := m.clock.pass(time.Duration(1+rng.IntN(200)) * time.Second).Sub(noon).Seconds()
				var watts, joules float64
				for i, aux := range []float64{3335, 3333, 3333} {
					w, j := m.sum(edges[i], edges[i+1])
					w, j = w*1.05+aux, j*1.05+aux*passed
					m.compare(t, i+1, w, j)
					watts, joules = watts+w, joules+j
				}
				before := m.read(t, m.site.Meters()[0]).Power.Value
				m.compare(t, 0, watts*1.015, joules*1.015)
				moved = max(moved, before)
			}
			if moved < 50_000 {
				t.Errorf("never more than %v: nothing was measured", moved)
			}
		})
	}
}

// compare reads a meter and compares it with the truth, within what its
// registers can show.
func (m metered) compare(t *testing.T, meter int, watts, joules float64) {
	t.Helper()
	r := m.read(t, m.site.Meters()[meter])
	if !r.Power.Known || !near(float64(r.Power.Value), watts, 3+watts*1e-6) {
		t.Errorf("meter %d shows %+v, %.1f W flow", meter, r.Power, watts)
	}
	if !r.Import.Known || !near(float64(r.Import.Energy), joules, 10+float64(r.Import.Step)) {
		t.Errorf("meter %d shows %d J, %.1f J flowed, a step is %d", meter, r.Import.Energy, joules, r.Import.Step)
	}
	if r.Export.Energy != 0 || len(r.Faults) > 0 {
		t.Errorf("meter %d: export %+v, faults %v", meter, r.Export, r.Faults)
	}
}

// TestEnergyIsTheIntegralOfPower adds up the power of every second and compares
// it with the counter. The sum that leaves the house load out must not agree.
func TestEnergyIsTheIntegralOfPower(t *testing.T) {
	t.Parallel()
	m := open(t, config(40), fleet.Grid{Feeders: 2, PUE: 1_080_000, Auxiliary: 5_000, Losses: 20_000})
	rng := rand.New(rand.NewPCG(3, 4))
	for _, meter := range m.site.Meters() {
		m.shove(rng)
		begin := meter.Truth(m.clock.now())
		area, last, seconds := 0.0, begin.Power, 900
		for i := range seconds {
			if i%300 == 200 {
				m.shove(rng)
			}
			next := meter.Truth(m.clock.pass(time.Second)).Power
			area, last = area+float64(last+next)/2, next
		}
		counted := float64(meter.Truth(m.clock.now()).Energy - begin.Energy)
		tolerance := counted * 2e-4 // half watts of rounding, and the corners of ramps
		if !near(counted, area, tolerance) {
			t.Errorf("%s counted %.0f J, the power adds up to %.0f J", meter.Name, counted, area)
		}
		if near(counted, area-2_500*float64(seconds), tolerance) {
			t.Errorf("%s: the comparison does not see the house load", meter.Name)
		}
	}
}

// TestCadence: a meter shows what it showed until it renews.
func TestCadence(t *testing.T) {
	t.Parallel()
	m := open(t, config(20), fleet.Grid{Cadence: 5 * time.Second})
	revenue := m.site.Meters()[0]
	first := m.read(t, revenue)
	for _, u := range m.Units() {
		u.Machine.Sleep(m.clock.now())
	}
	m.clock.pass(4900 * time.Millisecond)
	if d := cmp.Diff(first.Power, m.read(t, revenue).Power); d != "" {
		t.Errorf("renewed too soon: %s", d)
	}
	m.clock.pass(100 * time.Millisecond)
	if r := m.read(t, revenue); r.Power.Value >= first.Power.Value {
		t.Errorf("still %v after its time", r.Power.Value)
	}
}

// TestNoise: the power shown trembles around the truth, the energy does not.
func TestNoise(t *testing.T) {
	t.Parallel()
	m := open(t, config(20), fleet.Grid{Noise: 10_000})
	revenue, off, mean := m.site.Meters()[0], 0, 0.0
	for range 200 {
		truth := revenue.Truth(m.clock.pass(time.Second))
		r := m.read(t, revenue)
		share := float64(r.Power.Value)/float64(truth.Power) - 1
		if math.Abs(share) > 0.06 {
			t.Errorf("off by %.3f at a deviation of 0.01", share)
		}
		if math.Abs(share) > 0.005 {
			off++
		}
		mean += share / 200
		if !near(float64(r.Import.Energy), float64(truth.Energy), float64(r.Import.Step)) {
			t.Errorf("energy %d, truth %d", r.Import.Energy, truth.Energy)
		}
	}
	if off < 60 || math.Abs(mean) > 0.004 {
		t.Errorf("%d of 200 readings are off by more than half a percent, their mean by %.4f", off, mean)
	}
}

// TestMeterFaults: each fault looks to the driver like what it imitates, and a
// good meter like none of them.
func TestMeterFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault fleet.MeterFault
		finds []modbus.Finding
		err   error
	}{
		"good":    {},
		"swapped": {fault: fleet.MeterFault{Mischief: world.Mischief{Swapped: true}}, finds: []modbus.Finding{modbus.SwappedCT}},
		"stuck":   {fault: fleet.MeterFault{Mischief: world.Mischief{Stuck: true}}, finds: []modbus.Finding{modbus.StuckMeter}},
		"scaled":  {fault: fleet.MeterFault{Scale: 400_000}, finds: []modbus.Finding{modbus.UnderMeasured}},
		"silent":  {fault: fleet.MeterFault{Mischief: world.Mischief{Silent: true}}, err: modbus.ErrSilent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := open(t, config(20), fleet.Grid{Faults: map[string]fleet.MeterFault{fleet.RevenueMeter: c.fault}})
			revenue, feeder := m.site.Meters()[0], m.site.Meters()[1]
			before, err := m.driver(t, revenue).Read(t.Context())
			if !errors.Is(err, c.err) || c.err != nil && err == nil {
				t.Fatalf("read: %v, want %v", err, c.err)
			}
			healthy := m.read(t, feeder)
			m.clock.pass(10 * time.Minute)
			load := revenue.Truth(m.clock.now()).Power
			if err == nil {
				if got := modbus.Examine(modbus.Between(before, m.read(t, revenue)), load); !slices.Equal(got, c.finds) {
					t.Errorf("found %v, want %v", got, c.finds)
				}
			}
			if got := modbus.Examine(modbus.Between(healthy, m.read(t, feeder)), load); len(got) > 0 {
				t.Errorf("the good meter beside it: %v", got)
			}
		})
	}
}

func TestGridFaults(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change func(*fleet.Grid)
		says   string
	}{
		"no feeders":         {func(g *fleet.Grid) { g.Feeders = -1 }, "-1 feeders"},
		"an empty feeder":    {func(g *fleet.Grid) { g.Feeders = 13 }, "13 feeders for 12 machines"},
		"no network":         {func(g *fleet.Grid) { g.Meters = netip.Prefix{} }, "127.0.0.0/8"},
		"a real network":     {func(g *fleet.Grid) { g.Meters = netip.MustParsePrefix("10.0.0.0/24") }, "127.0.0.0/8"},
		"among machines":     {func(g *fleet.Grid) { g.Meters = netip.MustParsePrefix("127.7.9.0/24") }, "network of their own"},
		"no room":            {func(g *fleet.Grid) { g.Meters = netip.MustParsePrefix("127.8.0.0/30"); g.Feeders = 2 }, "widen"},
		"a pue below one":    {func(g *fleet.Grid) { g.PUE = 900_000 }, "pue 0.9"},
		"negative load":      {func(g *fleet.Grid) { g.Auxiliary = -1 }, "auxiliary"},
		"losses of a half":   {func(g *fleet.Grid) { g.Losses = 500_000 }, "losses"},
		"a hasty meter":      {func(g *fleet.Grid) { g.Cadence = time.Millisecond }, "at least 1s"},
		"an unknown meter":   {func(g *fleet.Grid) { g.Template = "abacus" }, "abacus"},
		"a fault of nothing": {func(g *fleet.Grid) { g.Faults = map[string]fleet.MeterFault{"feeder-3": {}} }, `no meter "feeder-3"`},
	} {
		f, err := fleet.New(config(12), noon)
		if err != nil {
			t.Fatal(err)
		}
		g := fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24")}
		c.change(&g)
		if _, err := f.Behind(g); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestMetersNeedFreePorts: a port that is taken is named, and nothing stays open.
func TestMetersNeedFreePorts(t *testing.T) {
	t.Parallel()
	m := open(t, config(5), fleet.Grid{})
	c := config(5)
	c.Offset = m.Offset()
	f, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.Behind(m.grid)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Open(); err == nil || !strings.Contains(err.Error(), "--port-offset") {
		t.Errorf("two meters at one address: %v", err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

// BenchmarkMeters reads the revenue meter of twenty thousand machines, a second
// later each time, so that every reading asks every machine.
func BenchmarkMeters(b *testing.B) {
	m := open(b, fleet.Config{Miners: 20_000, Seed: 7, Network: netip.MustParsePrefix("127.7.0.0/16")}, fleet.Grid{Feeders: 4, PUE: 1_050_000})
	d := m.driver(b, m.site.Meters()[0])
	for b.Loop() {
		m.clock.pass(time.Second)
		if _, err := d.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
