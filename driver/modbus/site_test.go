package modbus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/driver/drivertest"
	"sluice/driver/modbus"
	"sluice/loop/cycle"
	"sluice/loop/observe"
	"sluice/unit"
	world "sluice/world/modbus"
)

var _ observe.Meter = (*modbus.Site)(nil)

// dial is a template with counters of four digits in kilowatt-hours.
const dial = `template: dial
maker: none
standing: U
source: this test
values: primary
reads:
  active_power:  {kind: holding, address: 0, type: int32, unit: W, sign: import_positive}
  energy_import: {kind: holding, address: 2, type: uint32, unit: kWh, wrap: 10000}
  energy_export: {kind: holding, address: 4, type: uint32, unit: kWh, wrap: 10000}
`

func site(tb testing.TB, b *bench, change func(*modbus.SiteConfig)) *modbus.Site {
	tb.Helper()
	c := modbus.SiteConfig{Name: "meter/main", Revenue: b, Rating: 10 * unit.Megawatt}
	if change != nil {
		change(&c)
	}
	s, err := modbus.NewSite(c)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func registers(tb testing.TB, s *modbus.Site) cycle.Registers {
	tb.Helper()
	r, err := s.Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestSiteIsAMeter runs the conformance suite of the port.
func TestSiteIsAMeter(t *testing.T) {
	t.Parallel()
	drivertest.Meter(t, func(tb testing.TB) drivertest.Bench {
		tb.Helper()
		b := open(tb, shipped(tb, "schneider-pm5000"), nil)
		s := site(tb, b, func(c *modbus.SiteConfig) {
			c.Plants = []modbus.Plant{{Name: "hydro/river", Meter: b}, {Name: "wind/ridge", Meter: b, Drawn: true}}
		})
		return drivertest.Bench{Meter: s, Wait: func(d time.Duration) { b.pass(9*unit.Megawatt, d) }}
	})
}

// TestSiteOverTheDial: counters that begin again several times lose nothing.
func TestSiteOverTheDial(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	b.set(world.Truth{Import: 9_990 * unit.KilowattHour, Export: 5 * unit.KilowattHour})
	s := site(t, b, nil)
	first := registers(t, s)
	if first.Import != 9_990*unit.KilowattHour || first.Export != 5*unit.KilowattHour || first.Source != "meter/main" {
		t.Errorf("begins at %+v", first)
	}
	for range 60 {
		b.pass(8*unit.Megawatt, 15*time.Minute)
		registers(t, s)
	}
	b.pass(-4*unit.Megawatt, 15*time.Minute)
	last := registers(t, s)
	if drawn, fed := last.Import-first.Import, last.Export-first.Export; drawn != 120*unit.MegawattHour || fed != unit.MegawattHour {
		t.Errorf("drawn %d J, fed in %d J", drawn, fed)
	}
	if last.Peak != 0 {
		t.Errorf("peak %v while feeding in", last.Peak)
	}
}

// TestSitePeak: the highest power seen, and the mean where nothing was sampled.
func TestSitePeak(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	s := site(t, b, nil)
	b.pass(3*unit.Megawatt, time.Minute)
	registers(t, s)
	b.pass(8*unit.Megawatt, 15*time.Minute)
	b.pass(2*unit.Megawatt, 0)
	if r := registers(t, s); r.Peak != 8*unit.Megawatt {
		t.Errorf("peak %v, want the mean of 8 MW", r.Peak)
	}
	b.pass(9*unit.Megawatt, time.Second)
	if err := s.Sample(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.pass(2*unit.Megawatt, 15*time.Minute)
	if r := registers(t, s); r.Peak != 9*unit.Megawatt {
		t.Errorf("peak %v, want the sample of 9 MW", r.Peak)
	}
	b.pass(2*unit.Megawatt, 15*time.Minute)
	if r := registers(t, s); r.Peak != 2*unit.Megawatt {
		t.Errorf("peak %v, want 2 MW: a peak belongs to its stretch", r.Peak)
	}
}

// TestSiteMeterRestarts: a meter that keeps its counters goes on, one that
// lost them is an error until a person accepts, and registers never fall.
func TestSiteMeterRestarts(t *testing.T) {
	t.Parallel()
	for name, src := range map[string][]byte{"a dial": []byte(dial), "no dial": []byte(strings.ReplaceAll(dial, "wrap: 10000", "wrap: never")), "a shipped one": shipped(t, "janitza-umg")} {
		b := open(t, src, nil)
		b.set(world.Truth{Import: 5_000 * unit.KilowattHour, Export: 100 * unit.KilowattHour, Frequency: 50_000})
		s := site(t, b, nil)
		before := registers(t, s)
		if err := b.World.Restart(false); err != nil {
			t.Fatal(err)
		}
		b.pass(8*unit.Megawatt, 15*time.Minute)
		kept := registers(t, s)
		if kept.Import-before.Import != 2*unit.MegawattHour {
			t.Errorf("%s: kept counters, drew %d J", name, kept.Import-before.Import)
		}
		if err := b.World.Restart(true); err != nil {
			t.Fatal(err)
		}
		b.pass(4*unit.Megawatt, 15*time.Minute)
		for range 2 {
			if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrReset) {
				t.Errorf("%s: lost counters: %v", name, err)
			}
		}
		if d := cmp.Diff(kept.Import, s.Position().Marks["import"].Registered); d != "" {
			t.Errorf("%s: the register moved: %s", name, d)
		}
		s.Accept()
		if r := registers(t, s); r.Import != kept.Import || r.Export != kept.Export {
			t.Errorf("%s: accepted at %+v, want the registers to stand", name, r)
		}
		b.pass(4*unit.Megawatt, 15*time.Minute)
		if r := registers(t, s); r.Import-kept.Import != unit.MegawattHour {
			t.Errorf("%s: after that %d J", name, r.Import-kept.Import)
		}
		if err := b.World.Restart(true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrReset) {
			t.Errorf("%s: what was accepted once is accepted for ever: %v", name, err)
		}
	}
}

// TestSiteRefuses: what cannot be carried on has its name and changes nothing.
func TestSiteRefuses(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	s := site(t, b, nil)
	before := registers(t, s)
	position := s.Position()
	jumped := b.Truth()
	jumped.Import += 9_000 * unit.KilowattHour
	b.set(jumped)
	if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrJump) {
		t.Errorf("nine megawatt-hours in no time at ten megawatts: %v", err)
	}
	b.World.Inflict(world.Mischief{Exception: 4})
	if _, err := s.Read(t.Context()); !errors.Is(err, modbus.Exception(4)) {
		t.Errorf("a broken meter: %v", err)
	}
	if d := cmp.Diff(position, s.Position()); d != "" {
		t.Errorf("the position moved: %s", d)
	}
	b.World.Inflict(world.Mischief{})
	b.pass(0, 2*time.Hour)
	if r := registers(t, s); r.Import-before.Import != 9_000*unit.KilowattHour {
		t.Errorf("what two hours can carry is energy: %d J", r.Import-before.Import)
	}
}

// fake is a meter made of one reading.
type fake struct {
	r   modbus.Reading
	err error
}

func (f *fake) Read(context.Context) (modbus.Reading, error) { return f.r, f.err }

// TestSiteUnknown: a missing counter is an error, never a zero; a site that
// never feeds in may do without the counter of it.
func TestSiteUnknown(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	full := read(t, b)
	half := full
	half.Export = modbus.Counter{}
	s := site(t, b, func(c *modbus.SiteConfig) { c.Revenue = &fake{r: half} })
	if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrUnknown) || !strings.Contains(err.Error(), "export") {
		t.Errorf("no export counter: %v", err)
	}
	s = site(t, b, func(c *modbus.SiteConfig) { c.Revenue, c.ImportOnly = &fake{r: half}, true })
	if r, err := s.Read(t.Context()); err != nil || r.Import != full.Import.Energy || r.Export != 0 {
		t.Errorf("import only: %+v, %v", r, err)
	}
	s = site(t, b, func(c *modbus.SiteConfig) {
		c.Plants = []modbus.Plant{{Name: "hydro/river", Meter: &fake{err: modbus.ErrSilent}}}
	})
	if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrSilent) || !strings.Contains(err.Error(), "hydro/river") {
		t.Errorf("a silent plant: %v", err)
	}
	for name, c := range map[string]modbus.SiteConfig{
		"no name":     {Revenue: b, Rating: 1},
		"no meter":    {Name: "x", Rating: 1},
		"no rating":   {Name: "x", Revenue: b},
		"plant twice": {Name: "x", Revenue: b, Rating: 1, Plants: []modbus.Plant{{Name: "p", Meter: b}, {Name: "p", Meter: b}}},
	} {
		if _, err := modbus.NewSite(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestSiteRescaled: another template for the same meter is not energy.
func TestSiteRescaled(t *testing.T) {
	t.Parallel()
	b, other := open(t, []byte(dial), nil), open(t, []byte(strings.ReplaceAll(dial, "unit: kWh", "unit: Wh, scale: 10")), nil)
	first, second := read(t, b), read(t, other)
	f := &fake{r: first}
	s := site(t, b, func(c *modbus.SiteConfig) { c.Revenue = f })
	registers(t, s)
	f.r = second
	if _, err := s.Read(t.Context()); !errors.Is(err, modbus.ErrRescaled) {
		t.Errorf("got %v", err)
	}
}

// TestSiteResumes: a program that starts again goes on where it left off.
func TestSiteResumes(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	b.set(world.Truth{Import: 9_000 * unit.KilowattHour})
	s := site(t, b, nil)
	before := registers(t, s)
	position := s.Position()
	b.pass(8*unit.Megawatt, 15*time.Minute)
	again := site(t, b, func(c *modbus.SiteConfig) { c.Resume = &position })
	if r := registers(t, again); r.Import-before.Import != 2*unit.MegawattHour || r.Peak != 8*unit.Megawatt {
		t.Errorf("resumed at %+v after %+v", r, before)
	}
	if d := cmp.Diff(position, s.Position()); d != "" {
		t.Errorf("the kept position was changed: %s", d)
	}
}

// TestSiteOnlyRises: whatever the meter does, registers never fall, and what
// was read is what was drawn as long as nothing was lost.
func TestSiteOnlyRises(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(dial), nil)
	rapid.Check(t, func(rt *rapid.T) {
		b.set(world.Truth{Import: unit.Energy(rapid.Int64Range(0, 9_999).Draw(rt, "dial")) * unit.KilowattHour})
		if err := b.World.Restart(false); err != nil {
			rt.Fatal(err)
		}
		s := site(t, b, nil)
		last := registers(t, s)
		start, began := last.Import, b.Truth().Import
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			b.pass(unit.Power(rapid.Int64Range(0, 10_000).Draw(rt, "kW"))*unit.Kilowatt, time.Duration(rapid.Int64Range(0, 2400).Draw(rt, "seconds"))*time.Second)
			now := registers(t, s)
			if now.Import < last.Import || now.Export < last.Export || now.Peak < 0 {
				rt.Fatalf("from %+v to %+v", last, now)
			}
			last = now
		}
		if off := (b.Truth().Import - began) - (last.Import - start); off < 0 || off >= unit.KilowattHour {
			rt.Fatalf("%d J are missing: only an unfinished count may be", off)
		}
	})
}
