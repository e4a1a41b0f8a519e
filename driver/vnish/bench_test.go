package vnish_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/vnish"
	"sluice/driver/wire"
	"sluice/world/machine"

	dialect "sluice/world/vnish"
)

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

// bench is a served machine and its second port.
type bench struct {
	drivertest.MachineBench
	net *wire.Network
	rpc int
}

// serve starts a machine that speaks the dialect until the test ends.
func serve(tb testing.TB, o dialect.Options) bench {
	tb.Helper()
	o.Password = "sluice-test"
	c := drivertest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := machine.New(spec(), c.Now())
	web, webPort := drivertest.Listen(tb)
	rpc, rpcPort := drivertest.Listen(tb)
	drivertest.Serve(tb, func(ctx context.Context) error {
		return dialect.Serve(ctx, dialect.Ports{Web: web, RPC: rpc}, func(net.Addr) *machine.Machine { return m }, c.Now, o)
	})
	n, tap := drivertest.Tapped(tb)
	return bench{net: n, rpc: rpcPort, MachineBench: drivertest.MachineBench{
		Driver: vnish.New(n, vnish.Options{RPCPort: rpcPort}), Address: device.Address{Host: "127.0.0.1", Port: webPort},
		Right: device.Credential{Secret: "sluice-test"}, Wrong: device.Credential{Secret: "a wrong one"},
		Machine: m, Now: c.Now, Wait: c.Wait, Tap: tap,
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
			return vnish.New(drivertest.Network(tb), vnish.Options{RPCPort: port}), device.Address{Host: "127.0.0.1", Port: port}
		},
	}
}

// TestConformance holds the driver against the contract of package device, with
// presets and with a throttle. It counts goroutines and is not parallel.
func TestConformance(t *testing.T) { //nolint:paralleltest // see above
	t.Run("presets", func(t *testing.T) { drivertest.Machine(t, suite(dialect.Options{})) })
	t.Run("throttle", func(t *testing.T) { drivertest.Machine(t, suite(dialect.Options{Version: "1.3.3"})) })
}
