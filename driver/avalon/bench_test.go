package avalon_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/avalon"
	"sluice/driver/drivertest"
	world "sluice/world/avalon"
	"sluice/world/machine"
)

// build is one firmware on one model.
type build struct {
	model  string
	world  world.Options
	driver avalon.Options
}

func (b build) spec() machine.Spec {
	return machine.Spec{
		Family: device.Avalon, Model: b.model, MAC: "02:4a:00:00:00:a1", Serial: "0201000000000a1",
		Nameplate: device.Preset{Name: "1", Power: 3300, Hash: 110_000},
		Presets: []device.Preset{
			{Name: "0", Power: 2200, Hash: 82_000}, {Name: "1", Power: 3300, Hash: 110_000}, {Name: "2", Power: 3900, Hash: 121_000},
		},
		Standby: 11, Times: machine.Times{Down: 9 * time.Second, Dark: 20 * time.Second, FirstHash: 2 * time.Minute, Up: 5 * time.Minute, Level: time.Minute},
	}
}

// start serves one machine and returns a driver that reaches it.
func (b build) start(tb testing.TB) drivertest.MachineBench {
	tb.Helper()
	c := drivertest.NewClock(time.Date(2015, 1, 1, 0, 7, 0, 0, time.UTC)) // no clock was set yet
	m := machine.New(b.spec(), c.Now())
	l, port := drivertest.Listen(tb)
	drivertest.Serve(tb, func(ctx context.Context) error {
		return world.Serve(ctx, l, func(net.Addr) *machine.Machine { return m }, c.Now, b.world)
	})
	n, tap := drivertest.Tapped(tb)
	return drivertest.MachineBench{
		Driver: avalon.New(n, b.driver), Address: device.Address{Host: "127.0.0.1", Port: port}, Tap: tap,
		Machine: m, Now: c.Now, Wait: c.Wait,
	}
}

func open(tb testing.TB, b drivertest.MachineBench) device.Device {
	tb.Helper()
	id, err := b.Driver.Probe(tb.Context(), b.Address)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := b.Driver.Open(tb.Context(), b.Address, id, device.Credential{})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
