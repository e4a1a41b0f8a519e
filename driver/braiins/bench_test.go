package braiins_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/braiins"
	"sluice/driver/drivertest"
	"sluice/world/machine"

	dialect "sluice/world/braiins"
)

// spec is a made-up machine with a few tuned targets.
func spec() machine.Spec {
	top := device.Preset{Name: "3031", Power: 3031, Hash: 141_000}
	return machine.Spec{
		Family: device.Braiins, Model: "Antminer S19 XP", MAC: "02:00:00:00:19:02",
		Nameplate: top, Standby: 40, Seed: 13,
		Presets: []device.Preset{
			{Name: "1500", Power: 1500, Hash: 76_000},
			{Name: "2000", Power: 2000, Hash: 99_000},
			{Name: "2500", Power: 2500, Hash: 120_000},
			top,
			{Name: "3400", Power: 3400, Hash: 151_000},
		},
		Times: machine.Times{Down: 5 * time.Second, FirstHash: 10 * time.Second, Up: time.Minute, Level: 20 * time.Second},
	}
}

// serve starts a machine that speaks the dialect until the test ends.
func serve(tb testing.TB, o dialect.Options) drivertest.MachineBench {
	tb.Helper()
	o.Password = "sluice-test"
	c := drivertest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := machine.New(spec(), c.Now())
	l, port := drivertest.Listen(tb)
	drivertest.Serve(tb, func(ctx context.Context) error {
		return dialect.Serve(ctx, dialect.Ports{Web: l}, func(net.Addr) *machine.Machine { return m }, c.Now, o)
	})
	n, tap := drivertest.Tapped(tb)
	return drivertest.MachineBench{
		Driver: braiins.New(n, braiins.Options{}), Address: device.Address{Host: "127.0.0.1", Port: port}, Tap: tap,
		Right: device.Credential{User: "root", Secret: "sluice-test"}, Wrong: device.Credential{Secret: "a wrong one"},
		Machine: m, Now: c.Now, Wait: c.Wait,
	}
}

// TestConformance holds the driver against the contract of package device. It
// counts goroutines and is not parallel.
func TestConformance(t *testing.T) { //nolint:paralleltest // see above
	drivertest.Machine(t, drivertest.MachineSuite{
		Family: device.Braiins,
		New: func(tb testing.TB) drivertest.MachineBench {
			tb.Helper()
			return serve(tb, dialect.Options{})
		},
		Nameless: true, // nothing is to be had without a login
		OpenAsks: true,
	})
}
