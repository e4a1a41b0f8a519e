package dispatch

import (
	"context"
	"errors"
	"fmt"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// errNoAnswer means that a solver returned neither a solution nor an error.
var errNoAnswer = errors.New("the solver returned nothing")

// Solver solves one program. It is called from one goroutine at a time, owns
// nothing of the problem after it returns, and must return promptly when ctx
// ends. Its answer is recounted before it is believed; any failure, lateness or
// wrong answer means merit order for the turn.
type Solver interface {
	Solve(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error)
}

// Input is everything that a turn's decision depends on.
type Input struct {
	Head    cycle.Head
	Mesh    series.Mesh
	Bids    []use.Bid     // each named once
	Offers  []power.Offer // each named once
	Charges power.Charges
	Limit   power.Limit
	MustRun unit.Power // house load that always draws, at the meter
}

// Market clears one site, turn after turn. One goroutine owns it. A zero solver
// means merit order for every turn.
type Market struct {
	solver Solver
	limits solve.Options
	foot   *footing
}

// New returns a market that solves with s inside limits.
func New(s Solver, limits solve.Options) *Market { return &Market{solver: s, limits: limits} }

// Forget drops what the market remembers of the last turn. The next turn starts
// cold, so that a run that begins here repeats bit for bit.
func (m *Market) Forget() { m.foot = nil }

// Clear decides the turn. The error says that the input makes no sense; every
// failure of the solver ends in a plan by merit order that says so.
func (m *Market) Clear(ctx context.Context, in Input) (cycle.Plan, error) {
	if err := in.Validate(); err != nil {
		return cycle.Plan{}, err
	}
	a, err := m.bySolver(ctx, in)
	if err != nil {
		m.Forget()
		a = byMerit(in)
		a.solver = cycle.Solver{Status: "merit order", Fallback: err.Error()}
	}
	return a.plan(in), nil
}

// bySolver builds and solves the program and recounts its answer.
func (m *Market) bySolver(ctx context.Context, in Input) (*answer, error) {
	if m.solver == nil {
		return nil, solve.ErrNoSolver
	}
	market := newMarket(in)
	if a := alone(market, in); a != nil {
		return a, nil
	}
	b := build(market)
	spans := in.Mesh.Intervals()
	o := m.limits
	o.Basis = m.foot.carry(b, spans)
	s, err := m.solver.Solve(ctx, &b.problem, o)
	switch {
	case err != nil:
		return nil, fmt.Errorf("solve: %w", err)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("solve: the answer came too late: %w", context.Cause(ctx))
	case s == nil:
		return nil, errNoAnswer
	case !s.Status.Usable():
		return nil, fmt.Errorf("solve: %s: %s", s.Status, s.Detail) //nolint:err113 // The solver's own words, for the plan.
	}
	a, err := b.read(in, s)
	if err != nil {
		return nil, err
	}
	m.foot = b.keep(spans, s)
	return a, nil
}
