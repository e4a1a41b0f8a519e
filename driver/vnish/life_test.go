package vnish_test

import (
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/vnish"
	"sluice/driver/wire"
	"sluice/unit"

	dialect "sluice/world/vnish"
)

func open(tb testing.TB, b bench, c device.Credential) device.Device {
	tb.Helper()
	id, err := b.Driver.Probe(tb.Context(), b.Address)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := b.Driver.Open(tb.Context(), b.Address, id, c)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func read(tb testing.TB, d device.Device) device.Reading {
	tb.Helper()
	r, err := d.Read(tb.Context(), device.All)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestTokenEnds: an order after the token has expired costs two more answers
// and works.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{Token: time.Minute})
	d := open(t, b, b.Right)
	b.Wait(time.Hour)
	before := b.Machine.Answers()
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Errorf("after the token ended: %v", a)
	}
	if n := b.Machine.Answers() - before; n != 3 {
		t.Errorf("it took %d answers, want 401, a token and the order", n)
	}
}

// TestWrongPassword: a wrong password is tried once, the open pages are read,
// and no level is promised.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	d := open(t, b, b.Wrong)
	if r := read(t, d); !r.Hash.Known || r.Activity.Value != device.Running {
		t.Errorf("reading: %+v", r)
	}
	if c := d.Capabilities(); c.Level != device.NoLevels {
		t.Errorf("levels without a password: %s", c.Level)
	}
	a := open(t, b, device.Credential{}).Apply(t.Context(), device.Command{Verb: device.Sleep})
	if a.Class != device.Refused || a.Reason != device.BadAuth {
		t.Errorf("without any password: %v", a)
	}
}

// TestThrottle counts whole percents downwards and never exceeds what was asked.
func TestThrottle(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{Version: "1.3.3"})
	d := open(t, b, b.Right)
	c := d.Capabilities()
	if c.Level != device.Percent || c.Most != 3510 || c.Least != 702 || c.LevelCost != device.Hot {
		t.Fatalf("capabilities: %+v", c)
	}
	for asked, want := range map[int64]int64{3509: 3474, 2999: 2983, 702: 702, 3510: 3510, 9000: 3510} {
		a := d.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: unit.Power(asked)})
		if a.Class != device.Accepted || a.Set.Power != unit.Power(want) {
			t.Errorf("at most %d W: %v, set %d W, want %d W", asked, a, a.Set.Power, want)
		}
		if r := read(t, d); r.Limit.Value != unit.Power(want) {
			t.Errorf("limit %d W, want %d W", r.Limit.Value, want)
		}
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 701}); a.Reason != device.BadValue {
		t.Errorf("below the throttle: %v", a)
	}
	if a := d.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Accepted {
		t.Errorf("locate: %v", a)
	}
}

// TestPresetWaits: a preset for a sleeping machine is saved, does not wake it,
// and is in force after the wake.
func TestPresetWaits(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{Switcher: true, Untuned: true})
	d := open(t, b, b.Right)
	if c := d.Capabilities(); c.LevelCost != device.Retunes {
		t.Errorf("untuned presets cost %s", c.LevelCost)
	}
	d.Apply(t.Context(), device.Command{Verb: device.Sleep})
	a := d.Apply(t.Context(), device.Command{Verb: device.SetMode, Mode: "2550"})
	if a.Class != device.Accepted || !strings.Contains(a.Text, "when it wakes") || !strings.Contains(a.Text, "switcher is on") {
		t.Errorf("a preset while asleep: %v", a)
	}
	b.Wait(time.Minute)
	if r := read(t, d); r.Activity.Value != device.Asleep || r.Mode.Value != "3510" {
		t.Errorf("still asleep: %+v", r)
	}
	d.Apply(t.Context(), device.Command{Verb: device.Wake})
	b.Wait(time.Hour)
	if r := read(t, d); r.Activity.Value != device.Running || r.Mode.Value != "2550" || r.Power.Value != 2550 {
		t.Errorf("after the wake: %+v", r)
	}
}

// TestWebIsDown: a machine whose web interface is down is recognised by its
// reports, and then only its address is known.
func TestWebIsDown(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	d := vnish.New(b.net, vnish.Options{RPCPort: b.rpc})
	id, err := d.Probe(t.Context(), device.Address{Host: "127.0.0.1", Port: 1})
	want := device.Identity{Family: device.VNish, Maker: "Bitmain", Model: "Antminer S21 Pro", Firmware: "VNish", Version: "1.2.7", Weak: true}
	if err != nil || id != want {
		t.Errorf("identity %+v, %v", id, err)
	}
	r, err := b.net.Ask(t.Context(), "127.0.0.1", b.rpc, []byte(`{"command":"version"}`))
	if err != nil {
		t.Fatal(err)
	}
	x, err := wire.Parse(r.Bytes)
	if err != nil || x.At("STATUS", "STATUS").Text() != "E" || x.At("STATUS", "Msg").Text() != "Invalid command" {
		t.Errorf("version is answered with %s", r.Bytes)
	}
}

// TestReboot: a stop outlives a reboot only where the owner said so.
func TestReboot(t *testing.T) {
	t.Parallel()
	for stays, want := range map[bool]device.Activity{true: device.Asleep, false: device.Running} {
		b := serve(t, dialect.Options{Stays: stays})
		d := open(t, b, b.Right)
		if d.Capabilities().Persists != stays {
			t.Errorf("persists: %t", d.Capabilities().Persists)
		}
		d.Apply(t.Context(), device.Command{Verb: device.Sleep})
		if a := d.Apply(t.Context(), device.Command{Verb: device.Reboot}); a.Class != device.Accepted {
			t.Errorf("reboot: %v", a)
		}
		b.Wait(time.Hour)
		if r := read(t, d); r.Activity.Value != want {
			t.Errorf("after a reboot with stays=%t it is %s", stays, r.Activity.Value)
		}
	}
}
