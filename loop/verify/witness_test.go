package verify

import (
	"testing"
)

func TestAllLiarsAreNamed(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		p := newPlant(t, seed, 300, 4)
		steps, innocent := p.until(t, 150, 37, func() { p.toss(0.3) })
		t.Logf("seed %d: all named after %d steps, %d innocent, report %+v", seed, steps, innocent, p.codes())
	}
}

func TestBig(t *testing.T) {
	p := newPlant(t, 1, 2000, 30)
	steps, innocent := p.until(t, 700, 90, func() { p.toss(0.3) })
	t.Logf("all named after %d steps, %d innocent, report %+v", steps, innocent, p.codes())
}
