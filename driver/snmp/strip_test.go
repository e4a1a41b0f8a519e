package snmp_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/snmp"
	"sluice/driver/wire"
	"sluice/unit"
	world "sluice/world/snmp"
)

func loopback(tb testing.TB) *wire.Network {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// strip starts an agent with the objects and opens it by the template.
func strip(tb testing.TB, tpl snmp.Template, objects []world.Object, change func(*snmp.Options)) (*snmp.Strip, *world.Agent) {
	tb.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	agent := world.NewAgent("lab", func() []world.Object { return objects })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- agent.Serve(ctx, conn) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("the agent ended: %v", err)
		}
	})
	o := snmp.Options{Host: "127.0.0.1", Port: conn.LocalAddr().(*net.UDPAddr).Port, Community: "lab", Timeout: 2 * time.Second}
	if change != nil {
		change(&o)
	}
	s, err := snmp.New(loopback(tb), tpl, o)
	if err != nil {
		tb.Fatal(err)
	}
	return s, agent
}

func shipped(tb testing.TB, name string) snmp.Template {
	tb.Helper()
	tpl, err := snmp.Shipped(name)
	if err != nil {
		tb.Fatal(err)
	}
	return tpl
}

// apc is what an APC strip that draws 6.13 kW states.
func apc() []world.Object {
	return []world.Object{
		{OID: "1.3.6.1.4.1.318.1.1.26.4.3.1.5.1", Value: int64(613)},
		{OID: "1.3.6.1.4.1.318.1.1.26.4.3.1.9.1", Value: world.Gauge(4_000_000_001)},
		{OID: "1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.1", Value: int64(3065)},
		{OID: "1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.2", Value: int64(-1)},
	}
}

func TestReadsAStrip(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, _ := strip(t, shipped(t, "apc-rpdu2"), apc(), func(o *snmp.Options) {
		o.Outlets, o.Now = []int{1, 2, 3}, func() time.Time { return now }
	})
	got, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watts := func(p unit.Power) device.Value[unit.Power] {
		return device.Value[unit.Power]{Value: p, Known: true, Source: device.FromPDU}
	}
	want := snmp.Reading{
		Asked: now, Power: watts(6130), Raw: 4_000_000_001,
		Energy:  device.Value[unit.Energy]{Value: 4_000_000_001 * unit.KilowattHour / 10, Known: true, Source: device.FromPDU},
		Outlets: []snmp.Outlet{{Number: 1, Power: watts(3065)}, {Number: 2}, {Number: 3}},
	}
	faults := got.Faults
	got.Faults = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(faults) != 2 || !strings.Contains(faults[0].String(), "outlet_power 2: beyond") || !strings.Contains(faults[1].String(), "outlet_power 3: the strip has no such object") {
		t.Errorf("faults %v", faults)
	}
}

// TestEveryTemplate: what the simulated strip states by a template is read by it.
func TestEveryTemplate(t *testing.T) {
	t.Parallel()
	for _, name := range snmp.Names() {
		tpl := shipped(t, name)
		if tpl.Name != name || tpl.Source == "" || len(tpl.Models) == 0 {
			t.Errorf("%s: %+v", name, tpl)
		}
		var objects []world.Object
		var outlets []int
		for _, o := range tpl.Objects {
			if o.Quantity != snmp.OutletPower {
				objects = append(objects, world.Object{OID: o.OID, Value: world.Wide(100)})
				continue
			}
			for n := 1; n <= 48; n++ {
				outlets = append(outlets, n)
				objects = append(objects, world.Object{OID: strings.Replace(o.OID, "{outlet}", strconv.Itoa(n), 1), Value: int64(n)})
			}
		}
		s, agent := strip(t, tpl, objects, func(o *snmp.Options) { o.Outlets = outlets })
		r, err := s.Read(t.Context())
		if err != nil || len(r.Faults) != 0 || !r.Power.Known || !r.Energy.Known {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		for i, o := range r.Outlets {
			if o.Power.Value != unit.Power(i+1) {
				t.Errorf("%s: outlet %d states %v", name, o.Number, o.Power)
			}
		}
		if agent.Requests() != 3 {
			t.Errorf("%s: %d datagrams for 50 objects", name, agent.Requests())
		}
	}
}

// TestStandings: nobody may raise a standing without seeing the test that says
// how far each template was proven.
func TestStandings(t *testing.T) {
	t.Parallel()
	want := map[string]snmp.Standing{"apc-rpdu2": snmp.Secondary, "generic": snmp.Unverified, "raritan-px": snmp.Unverified}
	got := map[string]snmp.Standing{}
	doc, err := os.ReadFile("../../docs/meters.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range snmp.Names() {
		got[name] = shipped(t, name).Standing
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("docs/meters.md does not list %s", name)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestKindsOfValues: numbers come in every kind of the protocol, and as text.
func TestKindsOfValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  unit.Power
		known bool
	}{
		"an integer":        {int64(42), 42, true},
		"a negative one":    {int64(-42), -42, true},
		"a gauge":           {world.Gauge(4_294_967_295), 4_294_967_295, true},
		"a counter":         {world.Counter(7), 7, true},
		"a wide counter":    {world.Wide(1 << 40), 1 << 40, true},
		"too wide":          {world.Wide(1 << 63), 0, false},
		"text of a number":  {"1234", 1234, true},
		"text of something": {"N/A", 0, false},
		"nothing":           {nil, 0, false},
	} {
		tpl := snmp.Template{Name: "probe", Objects: []snmp.Object{{Quantity: snmp.Power, OID: "1.3.6.1.9.1", Digits: 1, Unit: "W"}}}
		s, _ := strip(t, tpl, []world.Object{{OID: "1.3.6.1.9.1", Value: c.value}}, nil)
		r, err := s.Read(t.Context())
		if err != nil || r.Power.Known != c.known || r.Power.Value != c.want || c.known != (len(r.Faults) == 0) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestSerial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value any
		want  string
	}{{"ZA12\x0034\n", "ZA1234"}, {int64(77), "77"}, {strings.Repeat("9", 80), strings.Repeat("9", 64)}, {nil, ""}} {
		tpl := snmp.Template{Name: "probe", Objects: []snmp.Object{{Quantity: snmp.Serial, OID: "1.3.6.1.9.1"}}}
		s, _ := strip(t, tpl, []world.Object{{OID: "1.3.6.1.9.1", Value: c.value}}, nil)
		if r, err := s.Read(t.Context()); err != nil || r.Serial != c.want {
			t.Errorf("%q: %+v, %v", c.value, r, err)
		}
	}
}

// TestMischief: a strip that breaks is an error, never a number.
func TestMischief(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		x    world.Mischief
		want error
	}{
		"silent":                {world.Mischief{Silent: true}, snmp.ErrSilent},
		"another's answer":      {world.Mischief{Stale: true}, snmp.ErrSilent},
		"noise":                 {world.Mischief{Garbage: true}, nil},
		"half an answer":        {world.Mischief{Half: true}, nil},
		"an error of the strip": {world.Mischief{Error: 5}, nil},
	} {
		s, agent := strip(t, shipped(t, "apc-rpdu2"), apc(), func(o *snmp.Options) { o.Timeout = 50 * time.Millisecond })
		agent.Inflict(c.x)
		r, err := s.Read(t.Context())
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), "read strip 127.0.0.1") {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	s, _ := strip(t, shipped(t, "apc-rpdu2"), apc(), func(o *snmp.Options) { o.Community, o.Timeout = "wrong", 50*time.Millisecond })
	if _, err := s.Read(t.Context()); !errors.Is(err, snmp.ErrSilent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a wrong community: %v", err)
	}
}

// TestCancelled: a call that is given up returns at once.
func TestCancelled(t *testing.T) {
	t.Parallel()
	s, agent := strip(t, shipped(t, "apc-rpdu2"), apc(), func(o *snmp.Options) { o.Timeout = time.Hour })
	agent.Inflict(world.Mischief{Silent: true})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := s.Read(ctx); done <- err }()
	for agent.Requests() == 0 {
		select {
		case err := <-done:
			t.Fatalf("ended before it was cancelled: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tpl := shipped(t, "apc-rpdu2")
	bare := snmp.Template{Name: "bare", Objects: []snmp.Object{{Quantity: snmp.Power, OID: "1.3.6", Digits: 1, Unit: "W"}}}
	for name, c := range map[string]struct {
		t    snmp.Template
		o    snmp.Options
		want string
	}{
		"an address in no declared network": {tpl, snmp.Options{Host: "192.0.2.1", Community: "x"}, "no declared device network"},
		"a name":                            {tpl, snmp.Options{Host: "localhost", Community: "x"}, "no declared device network"},
		"neither community nor user":        {tpl, snmp.Options{Host: "127.0.0.1"}, "state a community"},
		"an empty template":                 {snmp.Template{}, snmp.Options{Host: "127.0.0.1", Community: "x"}, "maps nothing"},
		"outlets without a map":             {bare, snmp.Options{Host: "127.0.0.1", Community: "x", Outlets: []int{1}}, "maps no outlets"},
		"too many outlets":                  {tpl, snmp.Options{Host: "127.0.0.1", Community: "x", Outlets: make([]int, 129)}, "128 at most"},
		"privacy without authentication":    {tpl, snmp.Options{Host: "127.0.0.1", Security: snmp.Security{User: "u", PrivBy: "AES", PrivSecret: "12345678"}}, "authentication"},
		"a short secret":                    {tpl, snmp.Options{Host: "127.0.0.1", Security: snmp.Security{User: "u", AuthBy: "SHA256", AuthSecret: "short"}}, "8 characters"},
		"an unknown cipher":                 {tpl, snmp.Options{Host: "127.0.0.1", Security: snmp.Security{User: "u", AuthBy: "ROT13", AuthSecret: "12345678"}}, "ROT13"},
		"secrets without a user":            {tpl, snmp.Options{Host: "127.0.0.1", Community: "x", Security: snmp.Security{AuthBy: "SHA", AuthSecret: "12345678"}}, "needs a user"},
	} {
		if _, err := snmp.New(loopback(t), c.t, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVersion3AsksFirst: a session of SNMP 3 begins with a question that the
// agent, which speaks 2c only, leaves unanswered; no secret is in it.
func TestVersion3AsksFirst(t *testing.T) {
	t.Parallel()
	s, agent := strip(t, shipped(t, "apc-rpdu2"), apc(), func(o *snmp.Options) {
		o.Community, o.Timeout = "", 50*time.Millisecond
		o.Security = snmp.Security{User: "reader", AuthBy: "SHA256", AuthSecret: "long enough", PrivBy: "AES", PrivSecret: "long enough"}
	})
	if _, err := s.Read(t.Context()); !errors.Is(err, snmp.ErrSilent) || strings.Contains(err.Error(), "long enough") {
		t.Errorf("got %v", err)
	}
	if agent.Requests() == 0 {
		t.Error("nothing was asked")
	}
}
