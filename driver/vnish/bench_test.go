package vnish_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/vnish"
	"sluice/driver/wire"
	"sluice/world/machine"

	dialect "sluice/world/vnish"
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

// spec is a made-up machine with a few presets.
func spec() machine.Spec {
	top := device.Preset{Name: "3510", Power: 3510, Hash: 234_000}
	return machine.Spec{
		Family: device.VNish, Model: "Antminer S21 Pro", MAC: "02:00:00:00:21:01", Serial: "VN0001",
		Nameplate: top, Standby: 40, Seed: 11,
		Presets: []device.Preset{
			{Name: "1500", Power: 1500, Hash: 101_000},
			{Name: "2550", Power: 2550, Hash: 170_000},
			{Name: "2800", Power: 2800, Hash: 188_000},
			top,
			{Name: "4000", Power: 4000, Hash: 262_000},
		},
		Times: machine.Times{Down: 10 * time.Second, Dark: 0, FirstHash: 90 * time.Second, Up: 160 * time.Second, Level: 20 * time.Second},
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

// bench is a served machine and its second port.
type bench struct {
	drivertest.MachineBench
	net *wire.Network
	rpc int
}

func listen(tb testing.TB) (net.Listener, int) {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

// serve starts a machine that speaks the dialect until the test ends.
func serve(tb testing.TB, o dialect.Options) bench {
	tb.Helper()
	o.Password = "sluice-test"
	c := &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	m := machine.New(spec(), c.now())
	web, webPort := listen(tb)
	rpc, rpcPort := listen(tb)
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() {
		done <- dialect.Serve(ctx, dialect.Ports{Web: web, RPC: rpc}, func(net.Addr) *machine.Machine { return m }, c.now, o)
	}()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	n := network(tb)
	return bench{net: n, rpc: rpcPort, MachineBench: drivertest.MachineBench{
		Driver: vnish.New(n, vnish.Options{RPCPort: rpcPort}), Address: device.Address{Host: "127.0.0.1", Port: webPort},
		Right: device.Credential{Secret: "sluice-test"}, Wrong: device.Credential{Secret: "a wrong one"},
		Machine: m, Now: c.now, Wait: c.wait,
	}}
}

// suite is the conformance suite for machines with these options.
func suite(o dialect.Options) drivertest.MachineSuite {
	return drivertest.MachineSuite{
		Family: device.VNish,
		New: func(tb testing.TB) drivertest.MachineBench {
			tb.Helper()
			return serve(tb, o).MachineBench
		},
		At: func(tb testing.TB, port int) (device.Driver, device.Address) {
			tb.Helper()
			return vnish.New(network(tb), vnish.Options{RPCPort: port}), device.Address{Host: "127.0.0.1", Port: port}
		},
	}
}

// TestConformance holds the driver against the contract of package device, with
// presets and with a throttle. It counts goroutines and is not parallel.
func TestConformance(t *testing.T) { //nolint:paralleltest // see above
	t.Run("presets", func(t *testing.T) { drivertest.Machine(t, suite(dialect.Options{})) })
	t.Run("throttle", func(t *testing.T) { drivertest.Machine(t, suite(dialect.Options{Version: "1.3.3"})) })
}
