package antminer_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/drivertest"
	world "sluice/world/antminer"
	"sluice/world/machine"
)

// build is one build of the firmware on one model.
type build struct {
	model  string
	world  world.Options
	driver antminer.Options
}

const secret = "kiruna-snow"

// spec is a machine of the size of an S21.
func (b build) spec() machine.Spec {
	return machine.Spec{
		Family: device.Antminer, Model: b.model, MAC: "02:4A:00:00:00:7C", Serial: "SLUICE0001",
		Nameplate: device.Preset{Name: "normal", Power: 3500, Hash: 200_000},
		Presets: []device.Preset{
			{Name: "low", Power: 2600, Hash: 160_000}, {Name: "normal", Power: 3500, Hash: 200_000}, {Name: "high", Power: 4400, Hash: 235_000},
		},
		Standby: 40, Times: machine.Times{Down: 10 * time.Second, Dark: time.Minute, FirstHash: 2 * time.Minute, Up: 8 * time.Minute, Level: time.Minute},
	}
}

// start serves one machine of the build and returns a driver that reaches it.
func (b build) start(tb testing.TB) drivertest.MachineBench {
	tb.Helper()
	c := drivertest.NewClock(time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC))
	m := machine.New(b.spec(), c.Now())
	web, webPort := drivertest.Listen(tb)
	miner, minerPort := drivertest.Listen(tb)
	power, powerPort := drivertest.Listen(tb)
	o := b.world
	o.Secret = secret
	drivertest.Serve(tb, func(ctx context.Context) error {
		unit := func(net.Addr) *machine.Machine { return m }
		return world.Serve(ctx, world.Listeners{Web: web, Miner: miner, Power: power}, unit, c.Now, o)
	})
	d := b.driver
	d.Miner, d.Power = minerPort, powerPort
	n, tap := drivertest.Tapped(tb)
	return drivertest.MachineBench{
		Driver: antminer.New(n, d), Address: device.Address{Host: "127.0.0.1", Port: webPort}, Tap: tap,
		Right: device.Credential{User: "root", Secret: secret}, Wrong: device.Credential{User: "root", Secret: "root"},
		Machine: m, Now: c.Now, Wait: c.Wait,
	}
}

// suite is the conformance suite for one build.
func (b build) suite() drivertest.MachineSuite {
	return drivertest.MachineSuite{
		Family: device.Antminer, New: b.start, Nameless: true,
		Patience: 1, // a challenge that is cut is asked for once more
		At: func(tb testing.TB, port int) (device.Driver, device.Address) {
			tb.Helper()
			return antminer.New(drivertest.Network(tb), antminer.Options{Miner: port, Power: port}), device.Address{Host: "127.0.0.1", Port: port}
		},
	}
}

// open opens the machine of a bench.
func open(tb testing.TB, b drivertest.MachineBench) device.Device {
	tb.Helper()
	id, err := b.Driver.Probe(tb.Context(), b.Address)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := b.Driver.Open(tb.Context(), b.Address, id, b.Right)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
