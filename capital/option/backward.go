package option

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"sluice/capital"
)

// block is how many paths are summed together. It is fixed, so that sums do not
// depend on the number of processors.
const block = 1024

// each calls a function for 0 to n-1, on as many goroutines as there are processors,
// and waits for their end. It starts no more calls when ctx is done.
func each(ctx context.Context, n int, do func(i int)) error {
	var at atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		all.Go(func() {
			for ctx.Err() == nil {
				i := int(at.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

// solver is the state of one run.
type solver struct {
	Policy
	settings    Settings
	states      [][]float64 // by date: the variables of all fitted paths
	value, next [][]float64 // by phase: realised, of the fitted paths; nil: nothing
	reduced     []Reduced
}

// Reduced tells of a fit that used fewer basis functions than the degree asks for.
type Reduced struct {
	Date     int
	Phase    string // "" for all phases without a filter
	Paths    int    // paths that asked
	Kept, Of int    // basis functions
}

func newSolver(p Problem, s Settings) *solver {
	out := &solver{Policy: Policy{problem: p, steps: p.steps(), fits: make([][]*fit, p.Dates)}, settings: s}
	for date := range out.fits {
		out.fits[date] = make([]*fit, len(p.Phases))
	}
	out.value, out.next = make([][]float64, len(p.Phases)), make([][]float64, len(p.Phases))
	return out
}

// draw fills the states of all paths that fit.
func (s *solver) draw(ctx context.Context) error {
	p, dim := s.problem, s.problem.width()
	s.states = make([][]float64, p.Dates)
	for date := range s.states {
		s.states[date] = make([]float64, s.settings.Paths*dim)
	}
	blocks := (s.settings.Paths + block - 1) / block
	faults := make([]error, blocks)
	err := each(ctx, blocks, func(b int) {
		path := make([]float64, p.Dates*dim)
		for i := b * block; i < min((b+1)*block, s.settings.Paths); i++ {
			if err := p.path(s.settings.Seed, i, path); err != nil {
				faults[b] = err
				return
			}
			for date := range p.Dates {
				copy(s.states[date][i*dim:], path[date*dim:(date+1)*dim])
			}
		}
	})
	return first(err, faults)
}

// path draws one path and looks at it.
func (p Problem) path(seed uint64, i int, states []float64) error {
	n, width := len(p.Variables), p.width()
	drawn := states[len(states)-p.Dates*n:]        // at the end, so that it can be moved apart in place
	p.Draw(capital.Stream(seed, uint64(i)), drawn) //nolint:gosec // a path's number is not negative
	for date := range p.Dates {
		wide := states[date*width : (date+1)*width]
		copy(wide, drawn[date*n:(date+1)*n])
		for f, of := range p.Features {
			wide[n+f] = of(date, wide[:n])
		}
		for v, x := range wide {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("decision %q: path %d of seed %d: %s is %g on date %d: %w: its Draw must fill every date with finite numbers, and its Features must be finite there",
					p.Name, i, seed, p.called(v), x, date, ErrProblem)
			}
		}
	}
	return nil
}

// called is the name of a variable or of a feature.
func (p Problem) called(v int) string {
	if v < len(p.Variables) {
		return p.Variables[v].Name
	}
	return fmt.Sprintf("feature %d", v-len(p.Variables)+1)
}

// first is an error of the run, or else that of the first block that has one.
func first(err error, faults []error) error {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return err
}

// backward fits the rule, from the last date to the first.
func (s *solver) backward(ctx context.Context) error {
	for date := s.problem.Dates - 1; date >= 0; date-- {
		s.value, s.next = s.next, s.value // what was worked out last follows; the older is written anew
		if err := s.fitDate(ctx, date); err != nil {
			return err
		}
		if err := s.carry(ctx, date); err != nil {
			return err
		}
	}
	return nil
}

// fitDate fits the continuations of all phases that have a choice on a date. Phases
// without a filter share one fit.
func (s *solver) fitDate(ctx context.Context, date int) error {
	if date == s.problem.Dates-1 {
		return nil // nothing follows
	}
	var shared []int
	for phase, steps := range s.steps[date] {
		switch {
		case len(steps) < 2:
		case s.problem.Phases[phase].Asks == nil:
			shared = append(shared, phase)
		default:
			if err := s.fitPhases(ctx, date, []int{phase}); err != nil {
				return err
			}
		}
	}
	if len(shared) == 0 {
		return nil
	}
	return s.fitPhases(ctx, date, shared)
}

// carry moves the realised values one date back along the chosen actions. The fitted
// values choose; they are not carried, for their errors would add up.
func (s *solver) carry(ctx context.Context, date int) error {
	for phase, steps := range s.steps[date] {
		switch {
		case len(steps) == 0 || s.problem.Phases[phase].closed():
			s.value[phase] = nil
		case s.value[phase] == nil:
			s.value[phase] = make([]float64, s.settings.Paths)
		}
	}
	dim, blocks := s.problem.width(), (s.settings.Paths+block-1)/block
	faults := make([]error, blocks)
	err := each(ctx, blocks, func(b int) {
		sight := s.newSight()
		for i := b * block; i < min((b+1)*block, s.settings.Paths); i++ {
			sight.look(s.states[date][i*dim : (i+1)*dim])
			if phase, ok := s.carryPath(date, i, sight); !ok {
				faults[b] = s.problem.notFinite(date, phase, sight.x)
				return
			}
		}
	})
	return first(err, faults)
}

// carryPath carries one path; it tells the phase whose value is no number.
func (s *solver) carryPath(date, i int, sight *sight) (phase int, ok bool) {
	for phase, value := range s.value {
		if value == nil {
			continue
		}
		k, pay := s.pick(date, phase, sight)
		to := s.steps[date][phase][k].to
		v := pay + s.flowOf(date, to, sight)
		if next := s.next[to]; next != nil {
			v += s.problem.Discount * next[i]
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return phase, false
		}
		value[i] = v
	}
	return 0, true
}

func (p Problem) notFinite(date, phase int, x []float64) error {
	return fmt.Errorf("decision %q: phase %q on date %d in the state %v is worth no finite number: %w: its Pay and Flow must be finite in every state that is drawn",
		p.Name, p.Phases[phase].Name, date, x, ErrProblem)
}
