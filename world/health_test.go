package world

import (
	"testing"
	"time"

	"sluice/unit"
)

// TestFailures: the mean share of broken machines is repair / (between + repair),
// drawn alike by the same seed and otherwise by another, or for another group.
func TestFailures(t *testing.T) {
	t.Parallel()
	const hours = 24 * 365
	for sentence, f := range map[string]Failures{
		"two years between, five days to repair": {Between: 730 * 24 * time.Hour, Repair: 5 * 24 * time.Hour, Seed: 7},
		"a bad batch":                            {Between: 1000 * time.Hour, Repair: 100 * time.Hour, Seed: 1},
		"hot swap within the hour":               {Between: 100 * time.Hour, Repair: time.Hour, Seed: 2},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			h := NewHealth(f, "a", 4000, start, hours)
			same, other, seed := NewHealth(f, "a", 4000, start, hours), NewHealth(f, "b", 4000, start, hours), NewHealth(Failures{f.Between, f.Repair, f.Seed + 1}, "a", 4000, start, hours)
			var sum, differB, differSeed int64
			for i := range hours {
				at := start.Add(time.Duration(i) * time.Hour)
				share := h.At(at)
				if share < 0 || share > unit.One {
					t.Fatalf("share %d at hour %d", share, i)
				}
				if same.At(at) != share {
					t.Fatalf("hour %d: the same seed gave %d and %d", i, share, same.At(at))
				}
				sum += int64(share)
				differB += indicator(other.At(at) != share)
				differSeed += indicator(seed.At(at) != share)
			}
			if differB < hours/4 || differSeed < hours/4 {
				t.Errorf("another group differs in %d hours, another seed in %d of %d", differB, differSeed, hours)
			}
			broken := 1 - float64(sum)/hours/1e6
			want := f.Repair.Hours() / (f.Between + f.Repair).Hours()
			if broken < 0.9*want || broken > 1.1*want {
				t.Errorf("%.4f of the machines are broken on the average, want %.4f", broken, want)
			}
		})
	}
}

func indicator(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func TestHealthOutsideItsHours(t *testing.T) {
	t.Parallel()
	if got := NewHealth(Failures{}, "a", 10, start, 4).At(start.Add(time.Hour)); got != unit.One {
		t.Errorf("without failures %d of the machines work", got)
	}
	if got := (&Health{}).At(start); got != unit.One {
		t.Errorf("undrawn health is %d", got)
	}
	h := NewHealth(Failures{Between: 50 * time.Hour, Repair: 20 * time.Hour, Seed: 9}, "a", 1000, start, 4)
	if h.At(start.Add(-time.Hour)) != h.At(start) || h.At(start.Add(99*time.Hour)) != h.At(start.Add(3*time.Hour)) {
		t.Error("before and after the drawn hours the first and the last hold")
	}
}
