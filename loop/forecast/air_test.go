package forecast

import (
	"testing"
	"time"

	"sluice/series"
)

// TestAir shows yesterday's course carried over, today's difference fading, and
// nothing where nothing is known.
func TestAir(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 7, 10, 12, 0, 0, 0, time.UTC)
	mesh := series.Mesh{Start: now, Lengths: []time.Duration{time.Hour, 12 * time.Hour, 24 * time.Hour}}
	// Yesterday it had 30 C at noon and 20 C otherwise; today noon has 34 C.
	record := func(at time.Time) (int64, bool) {
		switch {
		case at.After(now):
			t.Fatalf("asked for %s, which is later than now", at)
		case at.Equal(now):
			return 34_000, true
		case at.Hour() == 12:
			return 30_000, true
		}
		return 20_000, true
	}
	got := Air(now, mesh, record)
	// 4 degrees above yesterday fade with exp(-1h/12h) and exp(-13h/12h).
	for i, want := range []int64{34_000, 20_000 + 3680, 20_000 + 1354} {
		if got[i] != want {
			t.Errorf("interval %d: %d, want %d", i, got[i], want)
		}
	}
	if Air(now, mesh, func(time.Time) (int64, bool) { return 0, false }) != nil {
		t.Error("an unknown temperature was guessed")
	}
	only := Air(now, mesh, func(at time.Time) (int64, bool) { return 5_000, at.Equal(now) })
	if only[0] != 5_000 || only[2] != 5_000 {
		t.Errorf("without yesterday: %v, want the present temperature throughout", only)
	}
}
