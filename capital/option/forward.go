package option

import (
	"context"
	"sync"
)

// plan is a way to go along a path: by the rule, with a given first step or none
// (-1); at once, wherever it can; or never.
type plan struct {
	first      int
	now, never bool
}

// choose is the step of a plan.
func (p *Policy) choose(way plan, date, phase int, s *sight) (k int, pay float64) {
	switch {
	case way.never:
		return 0, p.payOf(date, phase, 0, s.x)
	case way.now:
		for i, step := range p.steps[date][phase] {
			if step.goes {
				return i, p.payOf(date, phase, i, s.x)
			}
		}
		return 0, p.payOf(date, phase, 0, s.x)
	case date == 0 && way.first >= 0:
		return way.first, p.payOf(date, phase, way.first, s.x)
	}
	return p.pick(date, phase, s)
}

// run is the value of a plan on one path. It tells the control less its mean, and
// calls seen with every step.
func (p *Policy) run(way plan, states []float64, s *sight, seen func(date, phase, k int)) (value, control float64) {
	dim, phase, worth, last := p.problem.width(), p.problem.Start, 1.0, 0
	for date := range p.problem.Dates {
		if p.problem.Phases[phase].closed() {
			break
		}
		if date > 0 {
			worth *= p.problem.Discount
		}
		last = date
		s.look(states[date*dim : (date+1)*dim])
		k, pay := p.choose(way, date, phase, s)
		if seen != nil {
			seen(date, phase, k)
		}
		to := p.steps[date][phase][k].to
		value += worth * (pay + p.flowOf(date, to, s))
		phase = to
	}
	if c := p.problem.Control; c != nil {
		n := len(p.problem.Variables)
		control = worth*c(last, states[last*dim:last*dim+n]) - c(0, states[:n])
	}
	return value, control
}

// tally is what plans are worth on fresh paths, and how often which step was taken.
type tally struct {
	plans    []plan
	values   [][]float64 // by plan and path
	controls [][]float64
	mu       sync.Mutex // guards counts; whole numbers add up in any order
	counts   [][][]int  // of the first plan, by date, phase and step
}

func (s *solver) newTally(plans []plan) *tally {
	t := &tally{plans: plans, values: make([][]float64, len(plans)), controls: make([][]float64, len(plans)), counts: s.newCounts()}
	for i := range plans {
		t.values[i], t.controls[i] = make([]float64, s.settings.Fresh), make([]float64, s.settings.Fresh)
	}
	return t
}

func (s *solver) newCounts() [][][]int {
	out := make([][][]int, len(s.steps))
	for date, phases := range s.steps {
		out[date] = make([][]int, len(phases))
		for phase, steps := range phases {
			out[date][phase] = make([]int, len(steps))
		}
	}
	return out
}

// add joins the counts of a block.
func (t *tally) add(counts [][][]int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for date := range counts {
		for phase := range counts[date] {
			for k, n := range counts[date][phase] {
				t.counts[date][phase][k] += n
			}
		}
	}
}

// forward walks fresh paths by every plan; all plans meet the same chance.
func (s *solver) forward(ctx context.Context, plans []plan) (*tally, error) {
	t := s.newTally(plans)
	blocks := (s.settings.Fresh + block - 1) / block
	faults := make([]error, blocks)
	err := each(ctx, blocks, func(b int) {
		counts := s.newCounts()
		count := func(date, phase, k int) { counts[date][phase][k]++ }
		sight, states := s.newSight(), make([]float64, s.problem.Dates*s.problem.width())
		for i := b * block; i < min((b+1)*block, s.settings.Fresh); i++ {
			if faults[b] = s.problem.path(s.settings.FreshSeed, i, states); faults[b] != nil {
				return
			}
			seen := count
			for j, way := range plans {
				t.values[j][i], t.controls[j][i] = s.run(way, states, sight, seen)
				seen = nil // only the first plan is counted
			}
			if faults[b] = s.problem.finite(t, i); faults[b] != nil {
				return
			}
		}
		t.add(counts)
	})
	return t, first(err, faults)
}
