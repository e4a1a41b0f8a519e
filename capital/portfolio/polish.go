package portfolio

import (
	"context"
	"errors"
	"math/rand/v2"

	"sluice/capital"
)

// polishSeed is the seed of the sites that are freed.
const polishSeed = 12

// How a pick is bettered before the whole is solved.
const (
	polishTries = 3    // in a row without success
	polishPart  = 4    // one site of so many is freed
	polishReach = 0.01 // of the ceiling: reduced cost up to which its options are open
	polishGap   = 0.2  // share of the gap that was asked for
)

// polish frees some sites at a time, holds the others, and solves what remains. That
// betters the best pick at little cost, and leaves behind cuts that are right near
// the best, which saves rounds of the whole program.
func (s *search) polish(ctx context.Context) error {
	if s.best == nil || s.loss == nil || len(s.t.cols) <= core {
		return nil
	}
	r := capital.Stream(polishSeed, 0)
	for failed := 0; failed < polishTries && !s.close(s.ceil, s.value); failed++ {
		before := s.value
		if _, err := s.whole(ctx, s.around(r), polishGap*s.o.Gap); err != nil && !errors.Is(err, errNone) {
			return err
		}
		if s.value > before+s.o.Gap/50*abs(before) {
			failed = -1
		}
	}
	return nil
}

// around opens what the best pick takes, and at some sites what may be as good.
func (s *search) around(r *rand.Rand) []bool {
	open := make([]bool, len(s.t.cols))
	for _, j := range s.best {
		open[j] = true
	}
	sites := r.Perm(len(s.t.p.Sites))
	for _, i := range sites[:min(len(sites), max(8, len(sites)/polishPart))] {
		for j := s.t.first[i]; j < s.t.first[i+1]; j++ {
			open[j] = open[j] || s.open[j] && s.loss[j] <= polishReach*max(abs(s.ceil), s.size())
		}
	}
	return open
}
