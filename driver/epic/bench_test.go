package epic_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/epic"
	"sluice/unit"
	world "sluice/world/epic"
	"sluice/world/machine"
)

// bench serves one machine.
func bench(tb testing.TB, rules world.Rules) drivertest.MachineBench {
	tb.Helper()
	c := drivertest.NewClock(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	rules.Password = "sluice-test"
	m := machine.New(machine.Spec{
		Family: device.EPIC, Model: "Antminer S19J Pro", MAC: "02:00:00:00:e1:01", Standby: 40, Seed: 5,
		Nameplate: device.Preset{Name: "full", Power: 3000, Hash: 100 * unit.Terahash},
		Times:     machine.Times{Down: 5 * time.Second, FirstHash: time.Minute, Up: 5 * time.Minute, Level: time.Minute},
	}, c.Now())
	l, port := drivertest.Listen(tb)
	drivertest.Serve(tb, func(ctx context.Context) error {
		return world.Serve(ctx, world.Ports{API: l}, func(net.Addr) *machine.Machine { return m }, c.Now, rules)
	})
	n, tap := drivertest.Tapped(tb)
	return drivertest.MachineBench{
		Driver: epic.New(n, epic.Options{}), Address: device.Address{Host: "127.0.0.1", Port: port}, Tap: tap, Machine: m, Now: c.Now, Wait: c.Wait,
		Right: device.Credential{Secret: "sluice-test"}, Wrong: device.Credential{Secret: "letmein"},
	}
}

func TestConformance(t *testing.T) { //nolint:paralleltest // it counts goroutines
	drivertest.Machine(t, drivertest.MachineSuite{
		Family: device.EPIC,
		New: func(tb testing.TB) drivertest.MachineBench {
			tb.Helper()
			return bench(tb, world.Rules{})
		},
	})
}

// open opens the machine of a bench.
func open(t *testing.T, b drivertest.MachineBench) device.Device {
	t.Helper()
	id, err := b.Driver.Probe(t.Context(), b.Address)
	if err != nil {
		t.Fatalf("probe: %v", err)
	}
	m, err := b.Driver.Open(t.Context(), b.Address, id, b.Right)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return m
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	b := bench(t, world.Rules{})
	got, err := b.Driver.Probe(t.Context(), b.Address)
	want := device.Identity{Family: device.EPIC, Maker: "Bitmain", Model: "Antminer S19J Pro", Firmware: "PowerPlay-BM", Version: "1.15.4", MAC: "02:00:00:00:e1:01"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := b.Driver.Open(t.Context(), b.Address, device.Identity{MAC: "02:00:00:00:e1:99"}, b.Right); err == nil {
		t.Errorf("another machine was opened")
	}
}

// TestLevelNeedsTheTuner: a power is only held while the tuner is on.
func TestLevelNeedsTheTuner(t *testing.T) {
	t.Parallel()
	m := open(t, bench(t, world.Rules{Untuned: true}))
	if c := m.Capabilities(); c.Level != device.NoLevels {
		t.Errorf("without its tuner it can %+v", c)
	}
	if a := m.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 2000}); a.Class != device.Refused || a.Reason != device.Unsupported {
		t.Errorf("%+v", a)
	}
}

func TestLevelKeepsTheBounds(t *testing.T) {
	t.Parallel()
	b := bench(t, world.Rules{})
	m := open(t, b)
	if c := m.Capabilities(); c.Level != device.Watts || c.LevelCost != device.Retunes || c.Least != 1200 || c.Most != 3000 {
		t.Errorf("%+v", c)
	}
	for p, want := range map[unit.Power]unit.Power{1200: 1200, 1199: 0, 2222: 2222, 9000: 3000} {
		a := m.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: p})
		if a.Set.Power != want || (a.Class == device.Accepted) != (want > 0) || want == 0 && a.Reason != device.BadValue {
			t.Errorf("%d W: %+v", p, a)
		}
		b.Wait(time.Hour)
	}
}

// TestWaking: every word but Mining and Idling is a change between the two.
func TestWaking(t *testing.T) {
	t.Parallel()
	b := bench(t, world.Rules{})
	m := open(t, b)
	m.Apply(t.Context(), device.Command{Verb: device.Sleep})
	b.Wait(time.Minute)
	m.Apply(t.Context(), device.Command{Verb: device.Wake})
	b.Wait(2 * time.Minute)
	if r, err := m.Read(t.Context(), device.All); err != nil || r.Activity.Value != device.Waking || r.Intent.Value != device.Running {
		t.Errorf("%+v, %v", r, err)
	}
}
