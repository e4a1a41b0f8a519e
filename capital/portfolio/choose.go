package portfolio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/solve"
)

// Solver solves a program. *solve.Instance is one.
type Solver interface {
	Solve(ctx context.Context, p *solve.Problem, opt solve.Options) (*solve.Solution, error)
}

// Options steer a choice.
type Options struct {
	Solver Solver
	// Gap is by what share of its value the choice may miss the best one. 0 asks for
	// the best within the tolerance of the solver, about 1e-9 of the largest value.
	Gap float64
	// Limit is the time that one run of the solver may take, by the solver's clock; 0:
	// no limit. A choice takes a few runs. Where it is reached the best choice found is
	// given with the gap that is proven, and the same input may give another choice.
	Limit time.Duration
	// Nodes limits the nodes of a run, which is repeatable; 0: no limit.
	Nodes int

	hints [][]int // picks that may be good: columns by site
}

// Errors of a choice.
var (
	// ErrInfeasible means that no choice keeps all limits. It comes with a *Conflict.
	ErrInfeasible = errors.New("no choice keeps all limits")
	// ErrLimit means that a limit of time or nodes was reached before any choice was found.
	ErrLimit = errors.New("stopped before a choice was found")
	// ErrSolver means that the solver failed, or is missing.
	ErrSolver = errors.New("the solver gave no answer")
)

// Taken is the option taken at a site.
type Taken struct {
	Site, Option, Product string
	Start                 int
	NPV                   float64 // expected
}

// Choice is the answer. Money is that of the plan.
type Choice struct {
	Taken     []Taken   // by site
	Objective float64   // Expected - Aversion*CVaR - penalties of shortfalls
	Expected  float64   // expected present value
	CVaR      float64   // mean loss of the worst share 1-Beta; negative where even that gains
	VaR       float64   // loss that is passed with probability of at most 1-Beta
	Shortfall []float64 // by quarter: expected money below the least liquidity; nil without one
	// Bound is what no choice can pass, proven by the solver; Gap is (Bound -
	// Objective) as a share of the objective. Proven says that it is within the gap
	// that was asked for.
	Bound   float64
	Gap     float64
	Proven  bool
	Binding []Binding
	Effort  Effort

	pick []int
}

// Effort is what an answer took. It does not depend on the machine.
type Effort struct {
	Columns  int // options of all sites
	Dropped  int // of these, worse than another of their site in every respect
	Open     int // options the last mixed-integer program chose among
	Rows     int // limits
	Cuts     int // rows of risk and liquidity that were needed
	Programs int // mixed-integer programs solved
	Nodes    int
}

// most rounds of the two loops; each round adds a row, so they end anyway.
const (
	mostRelaxed = 200
	mostWhole   = 200
)

// Choose takes the best option of every site.
//
// It fails with ErrProblem where p is faulty, with ErrInfeasible and a *Conflict
// where the limits cannot be kept together, with ErrLimit, and with ErrSolver.
//
// Formula: docs/formula/portfolio.md.
func Choose(ctx context.Context, p Problem, o Options) (Choice, error) {
	t, err := newTable(&p)
	if err != nil {
		return Choice{}, err
	}
	if o.Solver == nil || !(o.Gap >= 0) {
		return Choice{}, fmt.Errorf("gap %v: give a solver, and a gap of at least 0: %w", o.Gap, ErrProblem)
	}
	s := newSearch(t, o)
	if err := s.run(ctx); err != nil {
		if errors.Is(err, errNone) {
			return Choice{}, t.conflict(ctx, o)
		}
		return Choice{}, err
	}
	return s.choice(), nil
}

// choice puts the best pick into words and figures.
func (s *search) choice() Choice {
	t := s.t
	w := t.weigh(t.at(s.best))
	c := Choice{
		Objective: w.objective, Expected: w.expected, CVaR: w.tail, VaR: w.atRisk, Shortfall: w.short,
		Bound: max(s.bound, w.objective), Effort: s.effort, pick: s.best,
	}
	c.Gap = gapOf(c.Bound, c.Objective, s.b.tiny)
	c.Proven = s.close(c.Bound, c.Objective)
	for i, j := range s.best {
		o := t.option(j)
		c.Taken = append(c.Taken, Taken{t.p.Sites[i].Name, o.Name, o.Product, o.Start, t.mean[j]})
	}
	c.Binding = t.binding(s.best)
	c.Effort.Rows, c.Effort.Cuts, c.Effort.Columns = len(t.rows), len(s.b.cuts), len(t.cols)
	return c
}

// gapOf is the gap as a share of the value; tiny keeps it finite around nought.
func gapOf(bound, value, tiny float64) float64 {
	if bound-value <= tiny {
		return 0
	}
	return (bound - value) / max(abs(value), tiny)
}

func abs(x float64) float64 { return max(x, -x) }
