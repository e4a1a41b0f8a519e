package luxos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/drivertest"

	dialect "sluice/world/luxos"
)

func open(tb testing.TB, b drivertest.MachineBench) device.Device {
	tb.Helper()
	id, err := b.Driver.Probe(tb.Context(), b.Address)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := b.Driver.Open(tb.Context(), b.Address, id, device.Credential{})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// TestSessionEnds: the one session is somebody else's until it was not used for
// a minute.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	d := open(t, b)
	b.Occupy()
	sleep := device.Command{Verb: device.Sleep}
	if a := d.Apply(t.Context(), sleep); a.Class != device.Refused || a.Reason != device.Busy {
		t.Errorf("while another holds the session: %v", a)
	}
	b.Wait(59 * time.Second)
	if a := d.Apply(t.Context(), sleep); a.Reason != device.Busy {
		t.Errorf("a second before it ends: %v", a)
	}
	b.Wait(time.Second)
	if a := d.Apply(t.Context(), sleep); a.Class != device.Accepted {
		t.Errorf("after it ended: %v", a)
	}
	if a := d.Apply(t.Context(), sleep); a.Class != device.Accepted {
		t.Errorf("right after, when the driver has given it back: %v", a)
	}
}

// TestFastWake: the fast wake is asked for only when it was ordered, and sleep
// refuses levels.
func TestFastWake(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	d := open(t, b)
	d.Apply(t.Context(), device.Command{Verb: device.Sleep})
	b.Wait(time.Minute)
	if a := d.Apply(t.Context(), device.Command{Verb: device.SetMode, Mode: "290MHz"}); a.Class != device.Refused {
		t.Errorf("a level while asleep: %v", a)
	}
	a := d.Apply(t.Context(), device.Command{Verb: device.Wake, Fast: true})
	if a.Class != device.Accepted || !a.Set.Fast {
		t.Errorf("fast wake: %v, set %+v", a, a.Set)
	}
	b.Wait(10 * time.Second)
	if got := b.Machine.State(b.Now()).Activity; got != device.Running {
		t.Errorf("ten seconds after a fast wake it is %s", got)
	}
}

// TestManagedLevel: the ack of a level says when the firmware may move it, and
// a level is a label.
func TestManagedLevel(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{ATM: true})
	d := open(t, b)
	a := d.Apply(t.Context(), device.Command{Verb: device.SetPower, Power: 1600})
	if a.Class != device.Accepted || a.Set.Power != 1188 || a.Set.Mode != "290MHz" {
		t.Errorf("at most 1600 W: %v, set %+v", a, a.Set)
	}
	if !strings.Contains(a.Text, "temperature manager is on") {
		t.Errorf("the ack does not say that the level may move: %s", a.Text)
	}
	b.Wait(time.Minute)
	b.Machine.Report(-0.115)
	r, err := d.Read(t.Context(), device.Status|device.Power)
	if err != nil || r.Limit.Value != 1188 || r.Limit.Source != device.FromNameplate || r.Power.Value != 1051 {
		t.Errorf("label %+v, power %+v, %v: the label is not the power", r.Limit, r.Power, err)
	}
}

// TestAnotherMachine: what was scanned is what is opened.
func TestAnotherMachine(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	id := device.Identity{Family: device.LuxOS, MAC: "02:00:00:00:00:99"}
	if _, err := b.Driver.Open(t.Context(), b.Address, id, device.Credential{}); err == nil || !strings.Contains(err.Error(), "scan the network again") {
		t.Errorf("opening a machine that was replaced: %v", err)
	}
}

// TestLeftSession: a session that could not be given back is given back before
// the next order, so that the driver never stands in its own way.
func TestLeftSession(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	d := open(t, b)
	f := b.Machine.Spec.Faults
	f.Silent, f.Spare = 1, 1 // the logon goes well, nothing else is answered
	b.Machine.Break(f)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if a := d.Apply(ctx, device.Command{Verb: device.Sleep}); a.Class != device.NoReply {
		t.Errorf("an order that was not answered: %v", a)
	}
	b.Machine.Break(b.Machine.Spec.Faults)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Errorf("the next order: %v", a)
	}
}

// TestWorldSpeaks checks what third parties rely on: text requests, several
// reports at once, and a total rate that is a mean.
func TestWorldSpeaks(t *testing.T) {
	t.Parallel()
	b := serve(t, dialect.Options{})
	n := drivertest.Network(t)
	if got := say(t, n, b.Address, "version|").At("VERSION", "Type").Text(); got != "Antminer S19k Pro" {
		t.Errorf("version as text: %q", got)
	}
	both := say(t, n, b.Address, `{"command":"summary+stats"}`)
	if got, _ := both.At("summary", "SUMMARY", "GHS 5s").Whole(); got != 121_800 {
		t.Errorf("summary among several: %d GH/s", got)
	}
	if rows := both.At("stats", "STATS").Each(); len(rows) != 2 {
		t.Errorf("stats has %d rows", len(rows))
	} else if got, _ := rows[1].At("total rate").Whole(); got != 40_600 {
		t.Errorf("total rate %d, want the mean of three boards", got)
	}
	if got, _ := say(t, n, b.Address, `{"command":"curtail","parameter":"nobody,sleep"}`).At("STATUS", "Code").Whole(); got != 401 {
		t.Errorf("an order without a session: code %d", got)
	}
}
