package braiins_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/wire"
	"sluice/unit"

	dialect "sluice/world/braiins"
)

func open(tb testing.TB, b drivertest.MachineBench, id device.Identity) (device.Device, error) {
	tb.Helper()
	return b.Driver.Open(tb.Context(), b.Address, id, b.Right)
}

func begin(tb testing.TB, o dialect.Options) (drivertest.MachineBench, device.Device) {
	tb.Helper()
	b := serve(tb, o)
	d, err := open(tb, b, device.Identity{})
	if err != nil {
		tb.Fatal(err)
	}
	return b, d
}

// TestTokenEnds: an order after the token has expired costs two more answers
// and works; the token lives while it is used.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	b, d := begin(t, dialect.Options{})
	for want, idle := range map[int]time.Duration{1: 59 * time.Minute, 3: time.Hour} {
		b.Wait(idle)
		before := b.Machine.Answers()
		if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
			t.Errorf("after %v: %v", idle, a)
		}
		if n := b.Machine.Answers() - before; n != want {
			t.Errorf("after %v it took %d answers, want %d", idle, n, want)
		}
	}
}

// TestBareToken: the header carries the token and nothing before it.
func TestBareToken(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	n := drivertest.Network(t)
	w := wire.Web{Net: n, Client: n.HTTP(), Host: b.Address.Host, Port: b.Address.Port}
	a, err := w.Do(t.Context(), http.MethodPost, "/api/v1/auth/login", []byte(`{"username":"root","password":"sluice-test"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := wire.Parse(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]int{x.At("token").Text(): http.StatusOK, "Bearer " + x.At("token").Text(): http.StatusUnauthorized} {
		a, err := w.Do(t.Context(), http.MethodGet, "/api/v1/miner/details", nil, http.Header{"authorization": {header}})
		if err != nil || a.Status != want {
			t.Errorf("with %q: status %d, %v", header, a.Status, err)
		}
	}
}

// TestAlreadySo: the boolean of an answer is no judgement of the order.
func TestAlreadySo(t *testing.T) {
	t.Parallel()
	_, d := begin(t, dialect.Options{})
	for i, want := range []string{"paused", "was already paused"} {
		if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted || a.Text != want {
			t.Errorf("pause %d: %v, want %q", i+1, a, want)
		}
	}
}

// TestTargets: bounds hold before the machine is asked, tuned profiles are
// modes, and dynamic scaling is named.
func TestTargets(t *testing.T) {
	t.Parallel()
	b, d := begin(t, dialect.Options{DPS: true, Late: 2})
	c := d.Capabilities()
	if c.Least != 1500 || c.Most != 3400 || len(c.Presets) != 3 || c.Presets[0].Name != "2500 W" {
		t.Fatalf("capabilities: %+v", c)
	}
	before := b.Machine.Answers()
	if a := d.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 1499}); a.Reason != device.BadValue || b.Machine.Answers() != before {
		t.Errorf("below the bounds: %v", a)
	}
	a := d.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 9000})
	if a.Class != device.Accepted || a.Set.Power != 3400 || !strings.Contains(a.Text, "dynamic scaling is on") {
		t.Errorf("above the bounds: %v, set %+v", a, a.Set)
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.SetMode, Mode: "2500 W"}); a.Class != device.Accepted || a.Set.Power != 2500 {
		t.Errorf("a tuned profile: %v, set %+v", a, a.Set)
	}
	r, err := d.Read(t.Context(), device.Status)
	if err != nil || r.Limit.Value != 2500 || r.Activity.Value != device.Tuning {
		t.Errorf("on its way: %+v, %v", r, err)
	}
	b.Wait(time.Hour)
	r, err = d.Read(t.Context(), device.Status|device.Power)
	if err != nil || r.Activity.Value != device.Running || r.Power != device.Stated(unit.Power(2500)) || r.Hash.Known {
		t.Errorf("there: %+v, %v", r, err)
	}
}

// TestAnotherMachine: what was scanned is what is opened.
func TestAnotherMachine(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	if _, err := open(t, b, device.Identity{MAC: "02:00:00:00:00:99"}); err == nil || !strings.Contains(err.Error(), "scan the network again") {
		t.Errorf("opening a machine that was replaced: %v", err)
	}
	if _, err := open(t, b, device.Identity{MAC: "02:00:00:00:19:02"}); err != nil {
		t.Errorf("opening the right machine: %v", err)
	}
}

// TestLocateAndReboot: both are taken, and a reboot ends the token.
func TestLocateAndReboot(t *testing.T) {
	t.Parallel()
	b, d := begin(t, dialect.Options{})
	for _, v := range []device.Verb{device.Locate, device.Reboot} {
		if a := d.Apply(t.Context(), device.Command{Verb: v}); a.Class != device.Accepted {
			t.Errorf("%s: %v", v, a)
		}
	}
	b.Wait(time.Hour)
	if r, err := d.Read(t.Context(), device.All); err != nil || r.Activity.Value != device.Running || r.Uptime.Value > time.Hour {
		t.Errorf("after the reboot: %+v, %v", r, err)
	}
}
