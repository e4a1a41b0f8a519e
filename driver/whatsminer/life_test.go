package whatsminer_test

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/whatsminer"
	world "sluice/world/whatsminer"
)

// three are the rules of firmware with API v3.
func three() world.Rules { return world.Rules{API: "3.0.1", Firmware: "20250214.16.REL"} }

func state(t *testing.T, m device.Device) device.Reading {
	t.Helper()
	r, err := m.Read(t.Context(), device.All)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}

func TestV3IsAskedBeforeItsPoorV2(t *testing.T) {
	t.Parallel()
	h := build(t, true, three())
	if c := h.open(t, whatsminer.Options{}, password).Capabilities(); !c.NeedsClock || c.Connections != 10 {
		t.Errorf("firmware of v3 was opened as %+v", c)
	}
	h.v3 = closedPort(t)
	m := h.open(t, whatsminer.Options{}, password)
	if c := m.Capabilities(); c.NeedsClock || c.Connections != 1 || !c.Sleep {
		t.Errorf("the v2 of such firmware was opened as %+v", c)
	}
	for _, c := range state(t, m).Chips {
		if strings.HasPrefix(c.Where, "board") && strings.HasSuffix(c.Where, "chip") {
			t.Errorf("the poor v2 states no chip temperatures of boards and the reading has %+v", c)
		}
	}
}

// TestHotAndRestarting compares the two ways to hold a machine at a power.
func TestHotAndRestarting(t *testing.T) {
	t.Parallel()
	for _, v3 := range []bool{false, true} {
		for _, restarting := range []bool{false, true} {
			rules := world.Rules{}
			if v3 {
				rules = three()
			}
			h := build(t, v3, rules)
			m := h.open(t, whatsminer.Options{Restarting: restarting}, password)
			a := m.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 2000})
			want := device.Command{Verb: device.SetPower, Power: 1980} // 60 % of 3300 W
			if restarting {
				want.Power = 2000
			}
			if a.Class != device.Accepted || a.Set != want {
				t.Errorf("v3 %t, restarting %t: %+v", v3, restarting, a)
			}
			if booted := h.unit.State(h.Now()).Booted; booted.Equal(h.Now()) != restarting {
				t.Errorf("v3 %t, restarting %t: the machine started at %v, now is %v", v3, restarting, booted, h.Now())
			}
			h.Wait(time.Hour)
			want.Power = min(want.Power, 2000)
			if r := state(t, m); r.Limit.Value != want.Power || r.Power.Value != want.Power {
				t.Errorf("v3 %t, restarting %t: limit %+v, power %+v", v3, restarting, r.Limit, r.Power)
			}
		}
	}
}

func TestLevelIsRefusedDuringTheRamp(t *testing.T) {
	t.Parallel()
	for _, v3 := range []bool{false, true} {
		h := build(t, v3, three())
		m := h.open(t, whatsminer.Options{}, password)
		m.Apply(t.Context(), device.Command{Verb: device.Sleep})
		h.Wait(time.Minute)
		if a := m.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 2000}); a.Class != device.Refused || a.Reason != device.BadState {
			t.Errorf("v3 %t, asleep: %+v", v3, a)
		}
		m.Apply(t.Context(), device.Command{Verb: device.Wake})
		h.Wait(2 * time.Minute)
		if r := state(t, m); r.Activity.Value != device.Waking {
			t.Errorf("v3 %t, two minutes after waking: %+v", v3, r.Activity)
		}
		if a := m.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 2000}); a.Class != device.Refused || a.Reason != device.BadState {
			t.Errorf("v3 %t, waking: %+v", v3, a)
		}
	}
}

// TestModeGoesUnanswered: the answer that never comes is the expected one.
func TestModeGoesUnanswered(t *testing.T) {
	t.Parallel()
	for _, v3 := range []bool{false, true} {
		h := build(t, v3, three())
		m := h.open(t, whatsminer.Options{Write: 50 * time.Millisecond}, password)
		a := m.Apply(t.Context(), device.Command{Verb: device.SetMode, Mode: "Low"})
		if a.Class != device.NoReply || a.Set.Mode != "low" || !m.Capabilities().Silent {
			t.Errorf("v3 %t: %+v", v3, a)
		}
		h.Wait(time.Hour)
		if r := state(t, m); r.Mode.Value != "low" || r.Power.Value != 2600 {
			t.Errorf("v3 %t: mode %+v, %+v", v3, r.Mode, r.Power)
		}
	}
}

func TestQuietSleepIsNoReply(t *testing.T) {
	t.Parallel()
	h := build(t, false, world.Rules{Quiet: true})
	m := h.open(t, whatsminer.Options{Write: 50 * time.Millisecond}, password)
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.NoReply {
		t.Errorf("%+v", a)
	}
	h.Wait(time.Minute)
	if r := state(t, m); r.Activity.Value != device.Asleep || r.Power.Value != 35 {
		t.Errorf("%+v, %+v", r.Activity, r.Power)
	}
}

// TestOneLoginServesManyOrders: places for logins are few.
func TestOneLoginServesManyOrders(t *testing.T) {
	t.Parallel()
	h := build(t, false, world.Rules{Slots: 1})
	m := h.open(t, whatsminer.Options{}, password)
	for range 3 {
		if a := m.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Accepted {
			t.Fatalf("%+v", a)
		}
	}
	other := h.open(t, whatsminer.Options{}, password)
	if a := other.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Refused || a.Reason != device.Busy {
		t.Errorf("no place was left: %+v", a)
	}
	h.Wait(31 * time.Minute)
	if a := m.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Accepted {
		t.Errorf("half an hour later a new login is free: %+v", a)
	}
}

// TestTokenThatRanOut: the driver does not ask again by itself, the caller may.
func TestTokenThatRanOut(t *testing.T) {
	t.Parallel()
	h := build(t, false, world.Rules{TokenLife: 10 * time.Minute})
	m := h.open(t, whatsminer.Options{}, password)
	m.Apply(t.Context(), device.Command{Verb: device.Locate})
	h.Wait(11 * time.Minute)
	before := h.unit.Answers()
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Refused || a.Reason != device.BadAuth || h.unit.Answers() != before+1 {
		t.Errorf("%+v, %d answers", a, h.unit.Answers()-before)
	}
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Errorf("asked once more: %+v", a)
	}
}

func TestRebootForgetsLogins(t *testing.T) {
	t.Parallel()
	h := build(t, false, world.Rules{})
	m := h.open(t, whatsminer.Options{}, password)
	if a := m.Apply(t.Context(), device.Command{Verb: device.Reboot}); a.Class != device.Accepted {
		t.Fatalf("%+v", a)
	}
	if _, err := m.Read(t.Context(), device.Status); err == nil {
		t.Errorf("a machine that boots answered")
	}
	h.Wait(time.Hour)
	if a := m.Apply(t.Context(), device.Command{Verb: device.Locate}); a.Class != device.Accepted {
		t.Errorf("an hour later the login is asked for anew: %+v", a)
	}
}

func TestRefusalNamesTheClock(t *testing.T) {
	t.Parallel()
	rules := three()
	rules.Clock = -5 * time.Minute
	h := build(t, true, rules)
	a := h.open(t, whatsminer.Options{}, password).Apply(t.Context(), device.Command{Verb: device.Sleep})
	if a.Class != device.Refused || a.Reason != device.BadClock || !strings.Contains(a.Text, "-300 s off") {
		t.Errorf("%+v", a)
	}
}

func TestElevenClientsOfV3(t *testing.T) {
	t.Parallel()
	h := build(t, true, three())
	m := h.open(t, whatsminer.Options{}, password)
	var guests []net.Conn
	for range 10 {
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(h.v3)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("\x1b\x00\x00\x00{\"cmd\":\"get.miner.setting\"}")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		guests = append(guests, c)
	}
	if a := m.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.NotSent {
		t.Errorf("the eleventh client: %+v", a)
	}
	for _, c := range guests {
		_ = c.Close()
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	h := build(t, true, three())
	m := h.open(t, whatsminer.Options{}, password)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if a := m.Apply(ctx, device.Command{Verb: device.Sleep}); a.Class != device.NotSent {
		t.Errorf("%+v", a)
	}
}
