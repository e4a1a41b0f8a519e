package solve

import (
	"context"
	"fmt"
	"slices"
)

// Model is a problem kept inside an instance for repeated runs: costs, bounds
// and coefficients change, the pattern of the matrix stays. It keeps its own
// copy of the problem, so that it survives the replacement of the instance;
// only the place where the last run stood is then lost, and the next run is a
// cold one unless it is given a basis.
//
// A model shares the instance with others and with Solve; the rule of one
// goroutine at a time holds for all of them together.
type Model struct {
	in         *Instance
	p          *Problem
	mixed      bool   // p has integer or semi-continuous columns
	handle     uint64 // of the solver object inside the module
	generation uint64 // of the module that holds handle
	loaded     bool   // the module holds p, except for what is marked below
	costs      span
	bounds     span
	rows       span
	basis      *Basis // to be set before the next run
	set        [optionCount]setting
	closed     bool
}

// span is a range of entries that changed since they were last handed over.
type span struct{ from, to int }

// mark widens the span by n entries from from on.
func (s *span) mark(from, n int) {
	switch {
	case n == 0:
	case s.from == s.to:
		*s = span{from, from + n}
	default:
		*s = span{min(s.from, from), max(s.to, from+n)}
	}
}

// Load checks the problem, copies it and keeps it in the instance.
func (in *Instance) Load(ctx context.Context, p *Problem) (*Model, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	q := *p
	q.Cost, q.Lower, q.Upper = slices.Clone(p.Cost), slices.Clone(p.Lower), slices.Clone(p.Upper)
	q.RowLower, q.RowUpper = slices.Clone(p.RowLower), slices.Clone(p.RowUpper)
	q.Kind, q.Start, q.Index, q.Value = slices.Clone(p.Kind), slices.Clone(p.Start), slices.Clone(p.Index), slices.Clone(p.Value)
	m := &Model{in: in, p: &q, mixed: q.Mixed()}
	c, err := in.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer in.end(c)
	if err := m.upload(c); err != nil {
		return nil, err
	}
	return m, nil
}

// Solve solves one problem. Repeated cold solves of equal problems give equal
// bits, also on another instance.
//
// A run that ended without a usable primal is a Solution with its status, not
// an error. Errors: ErrInvalid, ErrBusy, ErrClosed, ErrEngine, or the cause of
// ctx when that ended the run.
func (in *Instance) Solve(ctx context.Context, p *Problem, opt Options) (*Solution, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	c, err := in.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer in.end(c)
	m := &in.solo
	m.p, m.mixed, m.loaded, m.basis = p, p.Mixed(), false, nil
	defer func() { m.p = nil }()
	return m.run(ctx, c, opt)
}

// Run solves the model as it stands. See [Instance.Solve] for the errors.
func (m *Model) Run(ctx context.Context, opt Options) (*Solution, error) {
	if m.closed {
		return nil, ErrClosed
	}
	c, err := m.in.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer m.in.end(c)
	return m.run(ctx, c, opt)
}

// Problem returns the model's own copy of the problem as it stands. Read it,
// change it through the methods.
func (m *Model) Problem() *Problem { return m.p }

// SetCosts replaces the costs of len(cost) columns from column from on.
func (m *Model) SetCosts(from int, cost []float64) error {
	if err := inside("costs", from, len(cost), len(m.p.Cost)); err != nil {
		return err
	}
	for i, c := range cost {
		if !finite(c) {
			return fmt.Errorf("%w: cost of column %d is %v: it must be finite", ErrInvalid, from+i, c)
		}
	}
	copy(m.p.Cost[from:], cost)
	m.costs.mark(from, len(cost))
	return nil
}

// SetBounds replaces the bounds of len(lower) columns from column from on.
func (m *Model) SetBounds(from int, lower, upper []float64) error {
	if err := checkPairs("column", from, lower, upper, len(m.p.Lower)); err != nil {
		return err
	}
	copy(m.p.Lower[from:], lower)
	copy(m.p.Upper[from:], upper)
	m.bounds.mark(from, len(lower))
	return nil
}

// SetRowBounds replaces the bounds of len(lower) rows from row from on.
func (m *Model) SetRowBounds(from int, lower, upper []float64) error {
	if err := checkPairs("row", from, lower, upper, len(m.p.RowLower)); err != nil {
		return err
	}
	copy(m.p.RowLower[from:], lower)
	copy(m.p.RowUpper[from:], upper)
	m.rows.mark(from, len(lower))
	return nil
}

// SetValues replaces coefficients, counted in the order of Problem.Value. The
// next run hands the whole matrix over again and starts cold unless it is given
// a basis; where the values are unchanged nothing happens.
func (m *Model) SetValues(from int, value []float64) error {
	if err := inside("coefficients", from, len(value), len(m.p.Value)); err != nil {
		return err
	}
	for i, v := range value {
		if !finite(v) {
			return fmt.Errorf("%w: coefficient %d is %v: it must be finite", ErrInvalid, from+i, v)
		}
	}
	if !slices.Equal(m.p.Value[from:from+len(value)], value) {
		copy(m.p.Value[from:], value)
		m.loaded = false
	}
	return nil
}

// SetBasis makes the next run start from b, which is kept, not copied. It has
// no effect on a mixed-integer model.
func (m *Model) SetBasis(b *Basis) error {
	if err := b.fits(m.p); err != nil {
		return err
	}
	m.basis = b
	return nil
}

// Close forgets the model and frees its memory in the instance.
func (m *Model) Close(ctx context.Context) error {
	if m.closed {
		return nil
	}
	m.closed = true
	in := m.in
	if !in.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer in.busy.Store(false)
	if in.mod == nil || m.generation != in.generation {
		return nil
	}
	_, err := in.call(quiet(ctx, in), callDestroy, m.handle)
	return err
}

// inside refuses a range that leaves the slice it would change.
func inside(what string, from, n, size int) error {
	if from < 0 || from+n > size {
		return fmt.Errorf("%w: set %s %d to %d of %d", ErrInvalid, what, from, from+n, size)
	}
	return nil
}

// checkPairs refuses bounds that Validate would refuse.
func checkPairs(what string, from int, lower, upper []float64, size int) error {
	if len(lower) != len(upper) {
		return fmt.Errorf("%w: set %s bounds: %d lower and %d upper", ErrInvalid, what, len(lower), len(upper))
	}
	if err := inside(what+" bounds", from, len(lower), size); err != nil {
		return err
	}
	f := &faults{}
	for i := range lower {
		checkBounds(f, what, from+i, lower[i], upper[i])
	}
	return f.err()
}
