package machine_test

import (
	"math"
	"testing"
	"time"

	"sluice/device"
	"sluice/world/machine"
)

func start() (*machine.Machine, time.Time) {
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	return machine.New(machine.Spec{
		Nameplate: device.Preset{Name: "full", Power: 3000, Hash: 100_000}, Standby: 30,
		Times: machine.Times{Down: 10 * time.Second, FirstHash: time.Minute, Up: 5 * time.Minute},
	}, now), now
}

// TestLater checks that orders for later act at their time and in its order,
// whenever somebody looks.
func TestLater(t *testing.T) {
	t.Parallel()
	m, now := start()
	m.Later(now, now.Add(time.Hour), false)
	m.Later(now, now.Add(time.Minute), true)
	if got := m.State(now.Add(59 * time.Second)).Intent; got != device.Running {
		t.Errorf("before its time it was told %s", got)
	}
	if got := m.State(now.Add(2 * time.Minute)); got.Activity != device.Asleep || got.Power != 30 || !got.Since.Equal(now.Add(time.Minute)) {
		t.Errorf("after its time: %+v", got)
	}
	if got := m.State(now.Add(3 * time.Hour)); got.Activity != device.Running || got.Power != 3000 || !got.Since.Equal(now.Add(time.Hour)) {
		t.Errorf("after the wake: %+v", got)
	}
	m.Later(now, now.Add(-time.Hour), true)
	if got := m.State(now.Add(3 * time.Hour)).Intent; got != device.Asleep {
		t.Errorf("an order for the past: told %s", got)
	}
}

// TestBreak checks that faults strike from now on, after the answers that are spared.
func TestBreak(t *testing.T) {
	t.Parallel()
	m, now := start()
	m.Break(machine.Faults{Garbage: 1, Lies: 1, Spare: 2})
	for i, want := range []bool{false, false, true, true} {
		if got := m.Mischief().Garbage; got != want {
			t.Errorf("answer %d is spoilt: %t, want %t", i+1, got, want)
		}
	}
	if m.Answers() != 4 {
		t.Errorf("%d answers, want 4", m.Answers())
	}
	m.Sleep(now)
	if got := m.State(now.Add(time.Hour)); got.Power != 3000 || got.Intent != device.Asleep {
		t.Errorf("a liar: %+v", got)
	}
	m.Break(machine.Faults{})
	m.Sleep(now.Add(time.Hour))
	if got := m.State(now.Add(2 * time.Hour)); got.Power != 30 || m.Mischief() != (machine.Mischief{}) {
		t.Errorf("repaired: %+v", got)
	}
	m.Report(math.NaN())
	if got := m.State(now.Add(2 * time.Hour)).Reported; got.Known {
		t.Errorf("reports %+v", got)
	}
}

// TestRebootAfterFailedWake checks that a restart finishes a wake that failed.
func TestRebootAfterFailedWake(t *testing.T) {
	t.Parallel()
	m, now := start()
	m.Sleep(now)
	m.Break(machine.Faults{WakeFails: 1})
	m.Wake(now.Add(time.Minute), false)
	if got := m.State(now.Add(time.Hour)); got.Activity != device.Stopped || !got.Dark {
		t.Errorf("a wake that failed: %+v", got)
	}
	m.Reboot(now.Add(time.Hour), true)
	if got := m.State(now.Add(2 * time.Hour)); got.Activity != device.Running || got.Dark {
		t.Errorf("after the restart: %+v", got)
	}
}

// TestTold counts every order once, when it comes.
func TestTold(t *testing.T) {
	t.Parallel()
	m, now := start()
	m.Sleep(now)
	m.Later(now, now.Add(time.Hour), true)
	m.Later(now, now.Add(2*time.Hour), false)
	m.Wake(now, false)
	m.SetPower(now, 3000)
	m.SetMode(now, "no such mode")
	m.Reboot(now, false)
	if got, want := m.State(now.Add(3*time.Hour)).Told, (machine.Told{Sleep: 2, Wake: 2, Level: 2, Restart: 1}); got != want {
		t.Errorf("told %+v, want %+v", got, want)
	}
}
