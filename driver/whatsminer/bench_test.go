package whatsminer_test

import (
	"context"
	"net"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/machine"
	world "sluice/world/whatsminer"
)

// password is what the virtual machines ask for.
const password = "sluice-test"

// spec is an invented machine of three modes.
func spec() machine.Spec {
	normal := device.Preset{Name: "normal", Power: 3300, Hash: 126 * unit.Terahash}
	return machine.Spec{
		Family: device.WhatsMiner, Model: "M50S_VH13", MAC: "02:00:00:00:50:01", Serial: "SLUICE-M50S-1", Nameplate: normal, Standby: 35,
		Presets: []device.Preset{{Name: "low", Power: 2600, Hash: 104 * unit.Terahash}, normal, {Name: "high", Power: 3900, Hash: 142 * unit.Terahash}},
		Times:   machine.Times{Down: 5 * time.Second, Dark: 40 * time.Second, FirstHash: time.Minute, Up: 10 * time.Minute, Level: 20 * time.Second}, Seed: 7,
	}
}

// house is one virtual machine on the network.
type house struct {
	*drivertest.Clock
	net    *wire.Network
	tap    *drivertest.Tap
	server *world.Server
	unit   *machine.Machine
	v2, v3 int
	rules  world.Rules
}

// build serves one machine that speaks v2, or v3 and a poor v2.
func build(tb testing.TB, three bool, rules world.Rules) *house {
	tb.Helper()
	h := &house{Clock: drivertest.NewClock(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)), rules: rules}
	h.net, h.tap = drivertest.Tapped(tb)
	if rules.Password == "" {
		rules.Password = password
	}
	h.unit = machine.New(spec(), h.Now())
	h.server = world.New(func(net.Addr) *machine.Machine { return h.unit }, h.Now, rules)
	var doors world.Doors
	doors.V2, h.v2 = drivertest.Listen(tb)
	if three {
		doors.V3, h.v3 = drivertest.Listen(tb)
	} else {
		h.v3 = closedPort(tb)
	}
	drivertest.Serve(tb, func(ctx context.Context) error { return h.server.Serve(ctx, doors) })
	return h
}

// closedPort is a port on which nobody listens.
func closedPort(tb testing.TB) int {
	tb.Helper()
	l, port := drivertest.Listen(tb)
	defer l.Close() //nolint:errcheck // that is the point
	return port
}

// driver reaches 127.0.0.1 and nothing else.
func (h *house) driver(tb testing.TB, o whatsminer.Options) *whatsminer.Driver {
	tb.Helper()
	o.PortV2, o.PortV3, o.Clock = h.v2, h.v3, h.Now
	return whatsminer.New(h.net, o)
}

// open opens the machine with a password.
func (h *house) open(tb testing.TB, o whatsminer.Options, secret device.Secret) device.Device {
	tb.Helper()
	d := h.driver(tb, o)
	at := device.Address{Host: "127.0.0.1"}
	id, err := d.Probe(tb.Context(), at)
	if err != nil {
		tb.Fatalf("probe: %v", err)
	}
	m, err := d.Open(tb.Context(), at, id, device.Credential{Secret: secret})
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	return m
}

// suite is the conformance suite for one dialect.
func suite(three bool, rules world.Rules, o whatsminer.Options) drivertest.MachineSuite {
	return drivertest.MachineSuite{
		Family: device.WhatsMiner,
		New: func(tb testing.TB) drivertest.MachineBench {
			tb.Helper()
			h := build(tb, three, rules)
			b := drivertest.MachineBench{
				Driver: h.driver(tb, o), Address: device.Address{Host: "127.0.0.1"}, Machine: h.unit, Now: h.Now, Wait: h.Wait, Tap: h.tap,
				Right: device.Credential{Secret: password}, Wrong: device.Credential{Secret: "not it"},
				Lock: func() { h.server.Lock(h.unit, true) },
			}
			if !three {
				b.Occupy = func() { h.server.Occupy(h.unit) }
			}
			return b
		},
		At: func(tb testing.TB, port int) (device.Driver, device.Address) {
			tb.Helper()
			h := build(tb, three, rules)
			return h.driver(tb, o), device.Address{Host: "127.0.0.1", Port: port}
		},
	}
}

func TestConformanceV2(t *testing.T) { //nolint:paralleltest // it counts goroutines
	drivertest.Machine(t, suite(false, world.Rules{}, whatsminer.Options{}))
}

func TestConformanceV2OfStoppedReports(t *testing.T) { //nolint:paralleltest // it counts goroutines
	drivertest.Machine(t, suite(false, world.Rules{DownErr: true}, whatsminer.Options{}))
}

func TestConformanceV3(t *testing.T) { //nolint:paralleltest // it counts goroutines
	drivertest.Machine(t, suite(true, world.Rules{API: "3.0.1", Firmware: "20250214.16.REL"}, whatsminer.Options{}))
}
