package portfolio

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"sluice/capital"
)

// How good picks are gathered before the whole is solved. The figures are those with
// which companies of fifty sites were proven soonest.
const (
	gatherSeed   = 12
	gatherRounds = 2
	gatherStarts = 12 // of a round
	gatherKept   = 8
	gatherNear   = 20   // options of a site that are tried, those of least reduced cost
	gatherWarmth = 2e-5 // of the ceiling: reduced cost at which an option is drawn e times less
	mergeGap     = 0.5  // share of the gap that was asked for
	mergeNodes   = 30
	mostMerged   = 3 // runs
)

// draft is a pick that keeps all limits, with its worth.
type draft struct {
	pick  []int
	value float64
}

// gather draws picks around the relaxation, betters each where it stands, and merges
// the best of them. The better the best pick is, the fewer options have to stay open
// for the proof, and proofs are what takes long.
func (s *search) gather(ctx context.Context) error {
	if s.best == nil || !s.large() {
		return nil
	}
	for i := range s.t.p.Sites {
		s.near = append(s.near, s.handy(i))
	}
	near := make([]bool, len(s.t.cols))
	for _, j := range slices.Concat(s.near...) {
		near[j] = true
	}
	r := capital.Stream(gatherSeed, 0)
	next := s.bettered(s.round(r), near)
	defer func() { next() }()
	for n := range gatherRounds {
		for _, pick := range next() {
			s.keep(pick)
		}
		if s.close(s.ceil, s.value) {
			return nil
		}
		if n+1 < gatherRounds {
			next = s.bettered(s.round(r), near) // beside the solver, which takes one processor
		}
		s.learn()
		if err := s.merge(ctx); err != nil {
			return err
		}
	}
	return nil
}

// round draws the picks that a round starts from, some of them warm.
func (s *search) round(r *rand.Rand) [][]int {
	var out [][]int
	for n := range gatherStarts {
		out = append(out, s.drawn(r, float64(n%3)*gatherWarmth))
	}
	return out
}

// bettered betters picks where they stand, each by itself, and gives a function that
// waits for them. It only reads what a search knows from its relaxation on.
func (s *search) bettered(picks [][]int, near []bool) func() [][]int {
	var all sync.WaitGroup
	for k := range picks {
		all.Go(func() { picks[k] = s.exchanged(s.t.climb(picks[k], near)) })
	}
	return func() [][]int {
		all.Wait()
		return picks
	}
}

// handy are the open columns of a site of least reduced cost.
func (s *search) handy(i int) []int {
	var out []int
	for j := s.t.first[i]; j < s.t.first[i+1]; j++ {
		if s.open[j] {
			out = append(out, j)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(s.loss[a], s.loss[b]) })
	return out[:min(len(out), gatherNear)]
}

// drawn is a pick by chance: at every site an option by its share in the relaxation,
// or, the warmer the more, one that costs little.
func (s *search) drawn(r *rand.Rand, warmth float64) []int {
	pick := slices.Clone(s.best)
	scale := warmth * max(abs(s.ceil), s.size())
	weight := func(j int) float64 {
		if scale == 0 {
			return s.share[j]
		}
		return s.share[j] + math.Exp(-s.loss[j]/scale)
	}
	for i, near := range s.near {
		var sum float64
		for _, j := range near {
			sum += weight(j)
		}
		u := r.Float64() * sum
		for _, j := range near {
			if u -= weight(j); u < 0 {
				pick[i] = j
				break
			}
		}
	}
	return pick
}

// keep keeps a pick among the best.
func (s *search) keep(pick []int) {
	w := s.t.weigh(s.t.at(pick))
	if w.fault > 0 {
		return
	}
	if w.objective > s.value {
		s.best, s.value = pick, w.objective
	}
	s.drafts = append(s.drafts, draft{pick, w.objective})
	slices.SortStableFunc(s.drafts, func(a, b draft) int { return cmp.Compare(b.value, a.value) })
	s.drafts = s.drafts[:min(len(s.drafts), gatherKept)]
}

// merge solves the program among what the best picks and the relaxation take: what
// each of them has right comes together. It leaves behind cuts that are right near
// the best, which saves rounds of the whole program.
func (s *search) merge(ctx context.Context) error {
	open := make([]bool, len(s.t.cols))
	for _, j := range s.best {
		open[j] = true
	}
	for _, k := range s.drafts {
		for _, j := range k.pick {
			open[j] = true
		}
	}
	for j, v := range s.share {
		open[j] = open[j] || s.open[j] && v > 1e-6
	}
	c, nodes := s.t.chained(open), mergeNodes
	if s.o.Nodes > 0 {
		nodes = min(nodes, s.o.Nodes)
	}
	for range mostMerged {
		a, err := s.attempt(ctx, open, c, limits{gap: mergeGap * s.o.Gap, nodes: nodes})
		switch {
		case errors.Is(err, errNone):
			return nil
		case err != nil:
			return err
		case a.ended:
			return nil
		}
	}
	return nil
}
