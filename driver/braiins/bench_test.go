package braiins_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/braiins"
	"sluice/driver/drivertest"
	"sluice/driver/wire"
	"sluice/world/machine"

	dialect "sluice/world/braiins"
)

// clock is the time of a virtual machine.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

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

// network declares the loopback address of the tests and nothing else.
func network(tb testing.TB) *wire.Network {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// serve starts a machine that speaks the dialect until the test ends.
func serve(tb testing.TB, o dialect.Options) drivertest.MachineBench {
	tb.Helper()
	o.Password = "sluice-test"
	c := &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	m := machine.New(spec(), c.now())
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() {
		done <- dialect.Serve(ctx, l, func(net.Addr) *machine.Machine { return m }, c.now, o)
	}()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	return drivertest.MachineBench{
		Driver: braiins.New(network(tb), braiins.Options{}), Address: device.Address{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port},
		Right: device.Credential{User: "root", Secret: "sluice-test"}, Wrong: device.Credential{Secret: "a wrong one"},
		Machine: m, Now: c.now, Wait: c.wait,
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
