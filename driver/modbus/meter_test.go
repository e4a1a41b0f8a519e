package modbus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	wiring "github.com/simonvetter/modbus"

	"sluice/driver/modbus"
	"sluice/driver/wire"
	"sluice/unit"
	world "sluice/world/modbus"
)

// sheet is a template text of one type in one order, for the quantities named.
func sheet(ty, bytes, words, extra string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "template: probe\nmaker: none\nstanding: U\nsource: this test\nvalues: primary\nbyte_order: %s\nword_order: %s\n%sreads:\n", bytes, words, extra)
	wrap := "type"
	if strings.HasPrefix(ty, "float") {
		wrap = "never"
	}
	scale, unit := 1, "W"
	if strings.HasSuffix(ty, "16") {
		scale, unit = 1, "kW"
	}
	fmt.Fprintf(&b, "  active_power: {kind: holding, address: 100, type: %s, scale: %d, unit: %s, sign: import_positive}\n", ty, scale, unit)
	fmt.Fprintf(&b, "  energy_import: {kind: input, address: 200, type: %s, unit: MWh, wrap: %s}\n", ty, wrap)
	fmt.Fprintf(&b, "  energy_export: {kind: input, address: 300, type: %s, unit: MWh, wrap: %s}\n", ty, wrap)
	return b.String()
}

// TestEveryTypeInEveryOrder: the simulated meter and the driver agree on every
// coding, the one encoding by other means than the other decodes.
func TestEveryTypeInEveryOrder(t *testing.T) {
	t.Parallel()
	for _, ty := range []modbus.Type{modbus.Int16, modbus.Uint16, modbus.Int32, modbus.Uint32, modbus.Int64, modbus.Uint64, modbus.Float32, modbus.Float64} {
		for _, bytes := range []string{"big", "little"} {
			for _, words := range []string{"high_first", "low_first"} {
				b := open(t, []byte(sheet(string(ty), bytes, words, "")), nil)
				truth := world.Truth{Power: 12_345_000, Import: 31_234 * unit.MegawattHour, Export: 7 * unit.MegawattHour}
				if !strings.HasPrefix(string(ty), "u") {
					truth.Power = -12_345_000
				}
				b.set(truth)
				r := read(t, b)
				if !r.Power.Known || r.Power.Value != truth.Power || r.Import.Energy != truth.Import || r.Export.Energy != truth.Export {
					t.Errorf("%s, %s, %s: read %+v of %+v", ty, bytes, words, r, truth)
				}
			}
		}
	}
}

// TestTransformers: values behind transformers are multiplied by both ratios.
func TestTransformers(t *testing.T) {
	t.Parallel()
	src := strings.Replace(sheet("int32", "big", "high_first", ""), "values: primary", "values: secondary", 1)
	src += "  voltage_l1: {kind: holding, address: 110, type: uint32, scale: 0.1, unit: V}\n"
	b := open(t, []byte(src), func(o *modbus.Options, c *world.Config) {
		o.Current, o.Voltage = modbus.Transformer{Primary: 2000, Secondary: 5}, modbus.Transformer{Primary: 20_000, Secondary: 100}
		c.Current, c.Voltage = 400, 200
	})
	truth := world.Truth{Power: 8_000_000, Import: 160_000 * unit.MegawattHour, Voltage: 11_540_000}
	b.set(truth)
	if r := read(t, b); r.Power.Value != truth.Power || r.Import.Energy != truth.Import || r.Voltage[0].Value != truth.Voltage {
		t.Errorf("read %+v of %+v", r, truth)
	}
}

// TestTurnedSign: a meter that counts feed-in as positive reads like any other.
func TestTurnedSign(t *testing.T) {
	t.Parallel()
	b := open(t, []byte(strings.Replace(sheet("int32", "big", "high_first", ""), "import_positive", "export_positive", 1)), nil)
	if r := read(t, b); r.Power.Value != good().Power {
		t.Errorf("power %+v, want %d", r.Power, good().Power)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	primary, err := modbus.Shipped("generic")
	if err != nil {
		t.Fatal(err)
	}
	secondary := primary
	secondary.Secondary = true
	five := modbus.Transformer{Primary: 2000, Secondary: 5}
	cases := map[string]struct {
		t    modbus.Template
		o    modbus.Options
		want string
	}{
		"an address in no declared network": {primary, modbus.Options{Host: "192.0.2.1"}, "no declared device network"},
		"a name":                            {primary, modbus.Options{Host: "localhost"}, "no declared device network"},
		"ratios where they are known":       {primary, modbus.Options{Host: "127.0.0.1", Current: five}, "leave the ratios out"},
		"no ratios where they are needed":   {secondary, modbus.Options{Host: "127.0.0.1"}, "state the ratio"},
		"half a ratio":                      {secondary, modbus.Options{Host: "127.0.0.1", Current: modbus.Transformer{Primary: 5}}, "both sides"},
		"an empty template":                 {modbus.Template{}, modbus.Options{Host: "127.0.0.1"}, "maps nothing"},
		"two faults at once":                {modbus.Template{}, modbus.Options{Host: "10.0.0.1"}, "maps nothing"},
	}
	for name, c := range cases {
		if _, err := modbus.New(loopback(t), c.t, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := modbus.New(loopback(t), primary, modbus.Options{Host: "192.0.2.1"}); !errors.Is(err, wire.ErrOutside) {
		t.Errorf("not named: %v", err)
	}
}

// TestMischief: every way in which a meter breaks is an error or an unknown
// value with its cause, never a number.
func TestMischief(t *testing.T) {
	t.Parallel()
	quick := func(o *modbus.Options, _ *world.Config) { o.Timeout = 60 * time.Millisecond }
	b := open(t, shipped(t, "abb-a43"), quick)
	b.World.Inflict(world.Mischief{Silent: true})
	if _, err := b.Read(t.Context()); !errors.Is(err, modbus.ErrSilent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
	b.World.Inflict(world.Mischief{Slow: time.Minute})
	if _, err := b.Read(t.Context()); !errors.Is(err, modbus.ErrSilent) {
		t.Errorf("slow beyond the limit: %v", err)
	}
	b = open(t, shipped(t, "abb-a43"), func(*modbus.Options, *world.Config) {}) // with time for a busy computer
	for _, code := range []byte{1, 2, 3, 4, 5, 6, 8, 10, 11} {
		b.World.Inflict(world.Mischief{Exception: code})
		if _, err := b.Read(t.Context()); !errors.Is(err, modbus.Exception(code)) || !strings.Contains(err.Error(), fmt.Sprint("exception ", code)) {
			t.Errorf("exception %d: %v", code, err)
		}
	}
	b.World.Inflict(world.Mischief{Refused: "frequency"})
	r, err := b.Read(t.Context())
	if err != nil || !r.Import.Known || r.Power.Known || r.Frequency.Known || len(r.Faults) == 0 {
		t.Errorf("one request refused: %+v, %v", r, err)
	}
	b.World.Inflict(world.Mischief{Slow: time.Millisecond})
	if r, err := b.Read(t.Context()); err != nil || r.Power.Value != good().Power {
		t.Errorf("slow within the limit: %+v, %v", r, err)
	}
}

// TestNoiseIsNotBelieved: what the bounds of the template exclude is not known.
func TestNoiseIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := open(t, shipped(t, "abb-a43"), func(o *modbus.Options, _ *world.Config) { o.Rating = 10_000_000 })
	b.World.Inflict(world.Mischief{Garbage: true})
	believed := 0
	for range 20 {
		r := read(t, b)
		for _, known := range []bool{r.Power.Known, r.Frequency.Known, r.PowerFactor.Known} {
			if known {
				believed++
			}
		}
		if r.Power.Known && (r.Power.Value > 20_000_000 || r.Power.Value < -20_000_000) {
			t.Errorf("%s believed at a connection of 10 MW", r.Power.Value)
		}
	}
	if believed > 40 {
		t.Errorf("%d of 60 values of noise were believed", believed)
	}
}

// TestCancelled: a call that is given up returns at once.
func TestCancelled(t *testing.T) {
	t.Parallel()
	b := open(t, shipped(t, "generic"), func(o *modbus.Options, _ *world.Config) { o.Timeout = time.Hour })
	b.World.Inflict(world.Mischief{Silent: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := b.Read(ctx); done <- err }()
	for b.World.Requests() == 0 {
		select {
		case err := <-done:
			t.Fatalf("ended before it was cancelled: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, modbus.ErrSilent) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestWrongUnit: a gateway that has nobody of that number says so.
func TestWrongUnit(t *testing.T) {
	t.Parallel()
	b := open(t, shipped(t, "generic"), func(o *modbus.Options, _ *world.Config) { o.Unit = 9 })
	if _, err := b.Read(t.Context()); !errors.Is(err, modbus.Exception(11)) {
		t.Errorf("got %v", err)
	}
}

// TestNobodyListens: an address at which nothing listens is an error that says where.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	b := open(t, shipped(t, "generic"), nil)
	if err := b.World.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(t.Context()); err == nil || errors.Is(err, modbus.ErrSilent) || !strings.Contains(err.Error(), "read meter 127.0.0.1:") {
		t.Errorf("got %v", err)
	}
}

// TestSerialFramingThroughAGateway talks to a hand-written gateway.
func TestSerialFramingThroughAGateway(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // the test ends with it
		request := make([]byte, 8)
		if _, err := io.ReadFull(conn, request); err == nil && string(request) == "\x01\x03\x00\x64\x00\x02\x85\xd4" {
			_, _ = conn.Write([]byte("\x01\x03\x04\x00\x01\xe8\xe4\xe5\xb8"))
		}
	}()
	src := "template: gate\nmaker: none\nstanding: U\nsource: this test\nvalues: primary\ntransport: {kind: rtu-over-tcp}\nreads:\n" +
		"  active_power: {kind: holding, address: 100, type: int32, scale: 0.01, unit: W, sign: import_positive}\n"
	tpl, err := modbus.Parse("gate.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	m, err := modbus.New(loopback(t), tpl, modbus.Options{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := m.Read(t.Context()); err != nil || r.Power.Value != 1252 {
		t.Errorf("read %+v, %v", r, err)
	}
}

// TestReferee: another implementation of the protocol reads the simulated meter
// and finds what the driver finds.
func TestReferee(t *testing.T) {
	t.Parallel()
	b := open(t, shipped(t, "eastron-sdm630"), nil)
	c, err := wiring.NewClient(&wiring.ClientConfiguration{URL: "tcp://" + b.World.Addr().String(), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // the test ends with it
	power, err := c.ReadFloat32(0x34, wiring.INPUT_REGISTER)
	if r := read(t, b); err != nil || unit.Power(power) != r.Power.Value {
		t.Errorf("the referee reads %v, %v; the driver %+v", power, err, r.Power)
	}
	if _, err := c.ReadRegisters(0x34, 61, wiring.INPUT_REGISTER); !errors.Is(err, wiring.ErrIllegalDataValue) {
		t.Errorf("more registers than the meter bears: %v", err)
	}
	if err := c.WriteRegister(0x34, 1); !errors.Is(err, wiring.ErrIllegalFunction) {
		t.Errorf("a write to a meter: %v", err)
	}
}

// TestUserTemplate: the worked example of docs/meters.md stays true.
func TestUserTemplate(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/meters.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "```yaml\n")
	src, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("docs/meters.md shows no template")
	}
	b := open(t, []byte(src), func(o *modbus.Options, c *world.Config) {
		o.Current = modbus.Transformer{Primary: 2000, Secondary: 5}
		c.Current = 400
	})
	truth := good()
	truth.Import, truth.Export = 4_000*unit.MegawattHour, 400*unit.KilowattHour
	b.set(truth)
	if r := read(t, b); r.Power.Value != truth.Power || r.Import.Energy != truth.Import || len(r.Faults) != 0 {
		t.Errorf("read %+v of %+v", r, truth)
	}
	for _, name := range modbus.Names() {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/meters.md does not list %s", name)
		}
	}
}
