package modbus_test

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"sluice/driver/modbus"
	"sluice/driver/wire"
	"sluice/unit"
	world "sluice/world/modbus"
)

// loopback is the one declared network of these tests.
func loopback(tb testing.TB) *wire.Network {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// bench is a simulated meter in virtual time and the driver before it.
type bench struct {
	*modbus.Meter
	World *world.Meter

	mu    sync.Mutex // guards the truth and the time
	truth world.Truth
	now   time.Time
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// good is a plain truth that every shipped template can show.
func good() world.Truth {
	return world.Truth{
		Power: 8_192_000, Import: 5_000_000 * unit.KilowattHour, Export: 250 * unit.KilowattHour,
		Voltage: 230_500, Frequency: 50_000, PowerFactor: 950_000, Serial: "31415926",
	}
}

func (b *bench) Truth() world.Truth {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.truth
}

func (b *bench) set(x world.Truth) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.truth = x
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

// pass lets d pass at power p.
func (b *bench) pass(p unit.Power, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.truth, b.now = b.truth.Accrue(p, d), b.now.Add(d)
}

// open starts a meter of the template text src. With change the options may be altered.
func open(tb testing.TB, src []byte, change func(*modbus.Options, *world.Config)) *bench {
	tb.Helper()
	tpl, err := modbus.Parse("test.yaml", src)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := world.ParseMap(src)
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{truth: good(), now: noon}
	c := world.Config{Address: "127.0.0.1:0", Map: m, Truth: b.Truth}
	o := modbus.Options{Host: "127.0.0.1", Timeout: 2 * time.Second, Now: b.clock}
	if change != nil {
		change(&o, &c)
	}
	if b.World, err = world.Start(c); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.World.Stop(); err != nil {
			tb.Errorf("stop the meter: %v", err)
		}
	})
	if o.Port == 0 {
		o.Port = int(b.World.Addr().Port())
	}
	if b.Meter, err = modbus.New(loopback(tb), tpl, o); err != nil {
		tb.Fatal(err)
	}
	return b
}

// shipped is the text of a template inside the program.
func shipped(tb testing.TB, name string) []byte {
	tb.Helper()
	src, err := modbus.File(name)
	if err != nil {
		tb.Fatal(err)
	}
	return src
}

func read(tb testing.TB, b *bench) modbus.Reading {
	tb.Helper()
	r, err := b.Read(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
