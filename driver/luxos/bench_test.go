package luxos_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/luxos"
	"sluice/driver/wire"
	"sluice/world/machine"

	dialect "sluice/world/luxos"
)

// spec is a made-up machine with a few profiles.
func spec() machine.Spec {
	top := device.Preset{Name: "590MHz", Power: 2794, Hash: 121_800}
	return machine.Spec{
		Family: device.LuxOS, Model: "Antminer S19k Pro", MAC: "02:00:00:00:19:01", Serial: "LX0001",
		Nameplate: top, Standby: 25, Seed: 7,
		Presets: []device.Preset{
			{Name: "190MHz", Power: 784, Hash: 39_200},
			{Name: "290MHz", Power: 1188, Hash: 59_800},
			{Name: "390MHz", Power: 1657, Hash: 80_500},
			top,
			{Name: "690MHz", Power: 3461, Hash: 142_400},
		},
		Times: machine.Times{Down: 3 * time.Second, FirstHash: 20 * time.Second, Up: 2 * time.Minute, UpFast: 8 * time.Second, Level: 10 * time.Second},
	}
}

// serve starts a machine that speaks the dialect until the test ends.
func serve(tb testing.TB, o dialect.Options) drivertest.MachineBench {
	tb.Helper()
	c := drivertest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := machine.New(spec(), c.Now())
	l, port := drivertest.Listen(tb)
	drivertest.Serve(tb, func(ctx context.Context) error {
		return dialect.Serve(ctx, l, func(net.Addr) *machine.Machine { return m }, c.Now, o)
	})
	n, tap := drivertest.Tapped(tb)
	a := device.Address{Host: "127.0.0.1", Port: port}
	return drivertest.MachineBench{
		Driver: luxos.New(n, luxos.Options{}), Address: a, Machine: m, Now: c.Now, Wait: c.Wait, Tap: tap,
		Occupy: func() { say(tb, n, a, `{"command":"logon"}`) },
	}
}

// say sends one raw request and returns the reply.
func say(tb testing.TB, n *wire.Network, a device.Address, request string) wire.Tree {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 5*time.Second)
	defer cancel()
	r, err := n.Ask(ctx, a.Host, a.Port, []byte(request))
	if err != nil {
		tb.Fatal(err)
	}
	tree, err := wire.Parse(r.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	return tree
}

// TestConformance holds the driver against the contract of package device. It
// counts goroutines and is not parallel.
func TestConformance(t *testing.T) { //nolint:paralleltest // see above
	drivertest.Machine(t, drivertest.MachineSuite{
		Family: device.LuxOS,
		New: func(tb testing.TB) drivertest.MachineBench {
			tb.Helper()
			return serve(tb, dialect.Options{})
		},
		Patience: 1, // the session is given back even when the order went wrong
	})
}
