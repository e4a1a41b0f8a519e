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

// Solver solves one program. It is called from one goroutine at a time and must
// return promptly when ctx ends.
type Solver interface {
	Solve(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error)
}

// Input is everything that a turn's decision depends on.
type Input struct {
	Head    cycle.Head
	Mesh    series.Mesh
	Bids    []use.Bid
	Offers  []power.Offer
	Charges power.Charges
	Limit   power.Limit
	MustRun unit.Power // house load that always draws
}

// Validate reports every fault of the input at once.
func (in Input) Validate() error {
	n := in.Mesh.Len()
	var faults []error
	if n == 0 {
		faults = append(faults, errors.New("the plan has no interval"))
	}
	for _, b := range in.Bids {
		faults = append(faults, b.Validate(n))
	}
	for _, o := range in.Offers {
		if !o.Max.Covers(n) || !o.Price.Covers(n) || len(o.SellBack) > 0 && !o.SellBack.Covers(n) {
			faults = append(faults, fmt.Errorf("offer %s does not cover %d intervals", o.Source, n))
		}
	}
	if !in.Limit.Import.Covers(n) {
		faults = append(faults, fmt.Errorf("the import limit does not cover %d intervals", n))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("clear %s turn %d: %w", in.Head.Site, in.Head.Turn, err)
	}
	return nil
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
		why := err.Error()
		a = byMerit(in)
		a.solver = cycle.Solver{Status: "merit order", Fallback: why}
	}
	return a.plan(in), nil
}

// bySolver builds and solves the program and recounts its answer.
func (m *Market) bySolver(ctx context.Context, in Input) (*answer, error) {
	if m.solver == nil {
		return nil, solve.ErrNoSolver
	}
	b := build(newMarket(in))
	spans := in.Mesh.Intervals()
	o := m.limits
	o.Basis = m.foot.carry(b, spans)
	s, err := m.solver.Solve(ctx, &b.problem, o)
	if err != nil {
		return nil, fmt.Errorf("solve: %w", err)
	}
	if !s.Status.Usable() {
		return nil, fmt.Errorf("solve: %s: %s", s.Status, s.Detail)
	}
	a, err := b.read(in, s)
	if err != nil {
		return nil, err
	}
	m.foot = b.keep(spans, s)
	return a, nil
}
