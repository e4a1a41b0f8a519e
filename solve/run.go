package solve

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Model states of HiGHS that are told apart here.
const (
	stateOptimal             = 7
	stateInfeasible          = 8
	stateUnboundedInfeasible = 9
	stateUnbounded           = 10
	stateTimeLimit           = 13
	stateIterationLimit      = 14
	stateSolutionLimit       = 16
	stateInterrupted         = 17
)

// noLimit is a time limit in seconds that no run reaches. It is finite, because
// the solver reads the clock inside its loops only under a finite limit, and
// the clock is where a run is stopped.
const noLimit = 1e9

// The pricing of the dual simplex method. From a good basis few iterations are
// left, and Devex saves the work of exact steepest-edge weights: about 15 %.
const (
	weightsChosen = -1.0
	weightsDevex  = 1.0
)

// What the solver does in mixed-integer runs unless it is told otherwise.
const (
	usualEffort = 0.05 // share of the time for heuristics
	usualCutAge = 30
)

// primalFeasible is the value of the info primal_solution_status for a
// feasible primal.
const primalFeasible = 2

// run hands over what changed, solves, and accepts or refuses the outcome.
// ctx can stop the run; quiet serves the short calls.
func (m *Model) run(ctx, quiet context.Context, opt Options) (*Solution, error) {
	if err := m.prepare(quiet, opt); err != nil {
		return nil, err
	}
	state, err := m.solve(ctx, quiet)
	if err != nil {
		return nil, err
	}
	if state == stateUnboundedInfeasible {
		// Presolve could not tell; the simplex method can.
		if err := m.apply(quiet, optionPresolve, 0, "off"); err != nil {
			return nil, err
		}
		if state, err = m.solve(ctx, quiet); err != nil {
			return nil, err
		}
	}
	if m.mixed {
		return m.finishMixed(ctx, quiet, state, opt)
	}
	return m.finish(quiet, state, opt)
}

// prepare brings problem, options and starting point into the module.
func (m *Model) prepare(ctx context.Context, opt Options) error {
	basis := m.basis
	m.basis = nil
	if opt.Basis != nil {
		if err := opt.Basis.fits(m.p); err != nil {
			return err
		}
		basis = opt.Basis
	}
	if opt.Start != nil && len(opt.Start) != m.p.Columns() {
		return fmt.Errorf("%w: starting point of %d values for %d columns", ErrInvalid, len(opt.Start), m.p.Columns())
	}
	if err := m.upload(ctx); err != nil {
		return err
	}
	if err := m.applyAll(ctx, opt); err != nil {
		return err
	}
	weights := weightsChosen
	if basis != nil {
		weights = weightsDevex
	}
	if err := m.apply(ctx, optionDualWeights, weights, ""); err != nil {
		return err
	}
	if opt.Cold {
		if err := m.in.highs(ctx, callClearSolver, m.handle); err != nil {
			return err
		}
	}
	switch {
	case m.mixed && opt.Start != nil:
		return m.passStart(ctx, opt.Start)
	case !m.mixed && basis != nil:
		return m.passBasis(ctx, basis)
	}
	return nil
}

// applyAll sets the options of a run.
func (m *Model) applyAll(ctx context.Context, opt Options) error {
	limit := func(n int) float64 {
		if n <= 0 || n > math.MaxInt32 {
			return math.MaxInt32
		}
		return float64(n)
	}
	presolve, seconds, effort := "choose", noLimit, usualEffort
	if opt.NoHeuristics {
		effort = 0
	}
	if opt.NoPresolve {
		presolve = "off"
	}
	if opt.TimeLimit > 0 {
		seconds = opt.TimeLimit.Seconds()
	}
	for _, o := range []struct {
		option option
		num    float64
		text   string
	}{
		{optionPresolve, 0, presolve},
		{optionTimeLimit, seconds, ""},
		{optionIterations, limit(opt.IterationLimit), ""},
		{optionNodes, limit(opt.NodeLimit), ""},
		{optionGap, opt.Gap, ""},
		{optionHeuristics, effort, ""},
		{optionCutAge, float64(cmp.Or(opt.CutAge, usualCutAge)), ""},
	} {
		if err := m.apply(ctx, o.option, o.num, o.text); err != nil {
			return err
		}
	}
	return nil
}

// solve runs the solver once and returns the model state. When ctx ends
// first, the instance is discarded and the cause of ctx is the error.
func (m *Model) solve(ctx, quiet context.Context) (int32, error) {
	in := m.in
	// The time limit counts all runs of a solver object unless its clocks are reset.
	if err := in.highs(quiet, callZeroClocks, m.handle); err != nil {
		return 0, err
	}
	loud := context.WithValue(ctx, instanceKey{}, in)
	if _, err := in.call(loud, callRun, m.handle); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return 0, fmt.Errorf("solve: run stopped: %w", cause)
		}
		return 0, err
	}
	r, err := in.call(quiet, callModelStatus, m.handle)
	return int32(r), err
}

// finish reads and checks the outcome of a linear program.
func (m *Model) finish(ctx context.Context, state int32, opt Options) (*Solution, error) {
	s := &Solution{}
	var err error
	if s.Iterations, err = m.intInfo(ctx, callIntInfo, "simplex_iteration_count"); err != nil {
		return nil, err
	}
	usable, err := m.judge(ctx, s, state)
	if err != nil || !usable {
		return s, err
	}
	if err := m.read(ctx, s, opt); err != nil {
		return nil, err
	}
	m.p.recheck(s, false)
	s.Bound = math.Inf(-1)
	if s.Status == Optimal {
		s.Bound = s.Objective
	}
	return s, nil
}

// judge turns a model state into a status and says whether there is a primal
// to read. A limit counts only with a primal the solver itself calls feasible.
func (m *Model) judge(ctx context.Context, s *Solution, state int32) (bool, error) {
	switch state {
	case stateOptimal:
		s.Status = Optimal
		return true, nil
	case stateInfeasible:
		s.Status, s.Detail = Infeasible, "no point satisfies all rows and bounds"
		return false, nil
	case stateUnbounded:
		s.Status, s.Detail = Unbounded, "the objective falls without end: a bound is missing"
		return false, nil
	case stateTimeLimit, stateIterationLimit, stateSolutionLimit, stateInterrupted:
		primal, err := m.intInfo(ctx, callIntInfo, "primal_solution_status")
		if err != nil {
			return false, err
		}
		s.Detail = stateText(state)
		if primal != primalFeasible {
			s.Detail += " before a feasible point was found"
			return false, nil
		}
		s.Status = Feasible
		return true, nil
	default:
		s.Detail = stateText(state)
		return false, nil
	}
}

// stateText puts a model state into words.
func stateText(state int32) string {
	switch state {
	case stateUnboundedInfeasible:
		return "the problem is unbounded or infeasible, and the solver could not tell which"
	case stateTimeLimit:
		return "stopped by the time limit"
	case stateIterationLimit:
		return "stopped by the iteration limit"
	case stateSolutionLimit:
		return "stopped by the node limit"
	case stateInterrupted:
		return "interrupted"
	default:
		return fmt.Sprintf("the solver ended in state %d, which is not a result", state)
	}
}

// read copies the outcome of a linear program out of the module.
func (m *Model) read(ctx context.Context, s *Solution, opt Options) error {
	in, n, rows := m.in, m.p.Columns(), m.p.Rows()
	duals := !opt.NoDuals && s.Status == Optimal
	if err := in.reserve(ctx, 8*(2*n+rows)+3*8); err != nil {
		return err
	}
	column, _ := in.take(8 * n)
	var columnDual, rowDual uint32
	if duals {
		columnDual, _ = in.take(8 * n)
		rowDual, _ = in.take(8 * rows)
	}
	// Row activities are not read: they are computed from the columns in Go.
	if err := in.highs(ctx, callGetSolution, m.handle, uint64(column), uint64(columnDual), 0, uint64(rowDual)); err != nil {
		return err
	}
	s.Column = in.floats(uint64(column), n)
	if duals {
		s.ColumnDual, s.RowDual = in.floats(uint64(columnDual), n), in.floats(uint64(rowDual), rows)
	}
	if opt.NoBasis {
		return nil
	}
	return m.readBasis(ctx, s)
}

// readBasis copies the basis out of the module where it has one.
func (m *Model) readBasis(ctx context.Context, s *Solution) error {
	valid, err := m.intInfo(ctx, callIntInfo, "basis_validity")
	if err != nil || valid == 0 {
		return err
	}
	in, n, rows := m.in, m.p.Columns(), m.p.Rows()
	if err := in.reserve(ctx, 4*(n+rows)+2*8); err != nil {
		return err
	}
	column, _ := in.take(4 * n)
	row, _ := in.take(4 * rows)
	if err := in.highs(ctx, callGetBasis, m.handle, uint64(column), uint64(row)); err != nil {
		return err
	}
	s.Basis = &Basis{Column: in.states(uint64(column), n), Row: in.states(uint64(row), rows)}
	return nil
}

// finishMixed reads the integers, fixes them, and solves the linear program
// that remains: it polishes the primal and is the only source of duals.
func (m *Model) finishMixed(ctx, quiet context.Context, state int32, opt Options) (*Solution, error) {
	s := &Solution{}
	usable, err := m.judge(quiet, s, state)
	if err != nil {
		return nil, err
	}
	if s.Nodes, err = m.intInfo(quiet, callInt64Info, "mip_node_count"); err != nil {
		return nil, err
	}
	if s.Iterations, err = m.intInfo(quiet, callIntInfo, "simplex_iteration_count"); err != nil {
		return nil, err
	}
	if s.Bound, err = m.floatInfo(quiet, "mip_dual_bound"); err != nil || !usable {
		return s, err
	}
	if err := m.read(quiet, s, Options{NoDuals: true, NoBasis: true}); err != nil {
		return nil, err
	}
	fixed, err := m.solveFixed(ctx, quiet, s.Column, opt)
	if err != nil {
		return nil, err
	}
	if fixed != nil {
		s.Column, s.ColumnDual, s.RowDual, s.Basis = fixed.Column, fixed.ColumnDual, fixed.RowDual, fixed.Basis
		s.Iterations += fixed.Iterations
	} else if s.Detail == "" {
		s.Detail = "no duals: the linear program with fixed integers did not solve"
	}
	m.p.recheck(s, true)
	return s, nil
}

// solveFixed solves the model with its integers fixed at x. It returns nil
// where that linear program has no optimum.
func (m *Model) solveFixed(ctx, quiet context.Context, x []float64, opt Options) (*Solution, error) {
	p := *m.p
	p.Lower, p.Upper = slices.Clone(p.Lower), slices.Clone(p.Upper)
	for j, k := range p.Kind {
		switch k {
		case Continuous:
		case Integer:
			p.Lower[j] = math.Round(x[j])
			p.Upper[j] = p.Lower[j]
		case SemiContinuous:
			// Off if nearer to zero than to its range, else continuous within it.
			if x[j] < p.Lower[j]/2 || x[j] < intTolerance {
				p.Lower[j], p.Upper[j] = 0, 0
			}
		}
	}
	p.Kind = nil
	whole, mixed := m.p, m.mixed
	defer func() { m.p, m.mixed, m.loaded = whole, mixed, false }()
	m.p, m.mixed = &p, false
	if err := m.pass(quiet); err != nil {
		return nil, err
	}
	opt.IterationLimit = 0
	if err := m.applyAll(quiet, opt); err != nil {
		return nil, err
	}
	state, err := m.solve(ctx, quiet)
	if err != nil {
		return nil, err
	}
	s, err := m.finish(quiet, state, opt)
	if err != nil || s.Status != Optimal {
		return nil, err
	}
	return s, nil
}

// intInfo reads a whole number about the last run.
func (m *Model) intInfo(ctx context.Context, f call, name string) (int, error) {
	b, err := m.info(ctx, f, name)
	if f == callInt64Info {
		return int(b), err
	}
	return int(int32(b)), err
}

// floatInfo reads a number about the last run.
func (m *Model) floatInfo(ctx context.Context, name string) (float64, error) {
	b, err := m.info(ctx, callDoubleInfo, name)
	return math.Float64frombits(b), err
}

// info reads eight bytes of information about the last run.
func (m *Model) info(ctx context.Context, f call, name string) (uint64, error) {
	text, err := m.in.cstring(ctx, name)
	if err != nil {
		return 0, err
	}
	if err := m.in.reserve(ctx, 8); err != nil {
		return 0, err
	}
	p, _ := m.in.take(8)
	if err := m.in.highs(ctx, f, m.handle, text, uint64(p)); err != nil {
		return 0, err
	}
	b, _ := m.in.mod.Memory().ReadUint64Le(p)
	return b, nil
}
