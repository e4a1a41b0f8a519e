package machine_test

import (
	"testing"
	"time"

	"sluice/device"
	"sluice/world/machine"
)

// TestSetLevel compares a hot change with one that restarts.
func TestSetLevel(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	times := machine.Times{Dark: time.Minute, Up: 10 * time.Minute, Level: 10 * time.Second}
	for what, c := range map[string]struct {
		faults  machine.Faults
		restart bool
		dark    bool
		after   int64 // watts a minute and a half later
	}{
		"hot":                 {machine.Faults{}, false, false, 2000},
		"with a restart":      {machine.Faults{}, true, true, 100 + 1900*90/600}, // 90 s of the ramp of 600 s from standby
		"a liar does nothing": {machine.Faults{Lies: 1}, true, false, 3000},
	} {
		m := machine.New(machine.Spec{Nameplate: device.Preset{Name: "full", Power: 3000, Hash: 100}, Standby: 100, Times: times, Faults: c.faults}, noon)
		m.SetLevel(noon, device.Preset{Name: "odd", Power: 2000, Hash: 66}, c.restart)
		if got := m.State(noon.Add(time.Second)).Dark; got != c.dark {
			t.Errorf("%s: dark is %t", what, got)
		}
		if got := int64(m.State(noon.Add(90 * time.Second)).Power); got != c.after {
			t.Errorf("%s: %d W, want %d W", what, got, c.after)
		}
	}
}
