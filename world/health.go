package world

import (
	"math"
	"math/rand/v2"
	"time"

	"sluice/unit"
)

// Failures says how often machines break and how long they stay broken.
type Failures struct {
	Between time.Duration // mean time between failures of one machine; 0: nothing fails
	Repair  time.Duration // mean time to repair
	Seed    uint64
}

// Health is the share of working machines, hour by hour, drawn once from a
// seed. It is never changed after it was made.
type Health struct {
	start time.Time
	share []unit.Ratio
}

// NewHealth draws hours of failures and repairs for a group of count machines.
// Each hour every working machine fails and every broken one is repaired with
// its own chance; the number of both is drawn from the normal approximation.
// The run begins in the steady state.
//
// Source: docs/formula/world.md, "Failures".
func NewHealth(f Failures, group string, count int, from time.Time, hours int) *Health {
	h := &Health{start: from.Truncate(time.Hour), share: make([]unit.Ratio, hours)}
	r := rand.New(rand.NewPCG(f.Seed, seedOf(group)))
	broken := 0
	if f.Between > 0 {
		broken = int(float64(count) * f.Repair.Hours() / (f.Between + f.Repair).Hours())
	}
	for i := range h.share {
		if f.Between > 0 {
			broken += draws(r, count-broken, 1/f.Between.Hours()) - draws(r, broken, 1/max(1, f.Repair.Hours()))
			broken = min(max(broken, 0), count)
		}
		h.share[i] = unit.Ratio(unit.MulDiv(int64(count-broken), int64(unit.One), int64(count)))
	}
	return h
}

// draws is how many of n happen with chance p each.
func draws(r *rand.Rand, n int, p float64) int {
	mean := float64(n) * p
	return min(n, max(0, int(math.Round(mean+r.NormFloat64()*math.Sqrt(mean*(1-p))))))
}

// seedOf makes a number of a name (FNV-1a).
func seedOf(name string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// At is the share of machines that work at t; beyond the drawn hours the last holds.
func (h *Health) At(t time.Time) unit.Ratio {
	if len(h.share) == 0 {
		return unit.One
	}
	i := int(t.Sub(h.start) / time.Hour)
	return h.share[min(max(i, 0), len(h.share)-1)]
}
