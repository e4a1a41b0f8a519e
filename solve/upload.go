package solve

import (
	"context"
	"math"
	"slices"
)

// option is one setting of the solver.
type option int

const (
	optionOutput option = iota
	optionPresolve
	optionTimeLimit
	optionIterations
	optionNodes
	optionGap
	optionDualWeights
	optionHeuristics
	optionCutAge
	optionCount
)

// setting is the value of an option. Numbers of all types are kept as float64.
type setting struct {
	known bool
	num   float64
	text  string
}

// optionNames are the names of the options and the calls that set them.
//
//nolint:gochecknoglobals // A constant table; Go has no constant arrays.
var optionNames = [optionCount]struct {
	name string
	call call
}{
	optionOutput:      {"output_flag", callSetBool},
	optionPresolve:    {"presolve", callSetString},
	optionTimeLimit:   {"time_limit", callSetDouble},
	optionIterations:  {"simplex_iteration_limit", callSetInt},
	optionNodes:       {"mip_max_nodes", callSetInt},
	optionGap:         {"mip_rel_gap", callSetDouble},
	optionDualWeights: {"simplex_dual_edge_weight_strategy", callSetInt},
	optionHeuristics:  {"mip_heuristic_effort", callSetDouble},
	optionCutAge:      {"mip_pool_age_limit", callSetInt},
}

// apply sets an option unless it is already set so.
func (m *Model) apply(ctx context.Context, o option, num float64, text string) error {
	want := setting{known: true, num: num, text: text}
	if m.set[o] == want {
		return nil
	}
	name, err := m.in.cstring(ctx, optionNames[o].name)
	if err != nil {
		return err
	}
	value := uint64(uint32(int32(num)))
	if optionNames[o].call == callSetDouble {
		value = math.Float64bits(num)
	}
	if optionNames[o].call == callSetString {
		if value, err = m.in.cstring(ctx, text); err != nil {
			return err
		}
	}
	if err := m.in.highs(ctx, optionNames[o].call, m.handle, name, value); err != nil {
		return err
	}
	m.set[o] = want
	return nil
}

// upload makes the module hold the problem as it stands.
func (m *Model) upload(ctx context.Context) error {
	if m.generation != m.in.generation {
		h, err := m.in.call(ctx, callCreate)
		if err != nil {
			return err
		}
		m.handle, m.generation, m.loaded = h, m.in.generation, false
		m.set = [optionCount]setting{}
	}
	output := 0.0
	if m.in.engine.cfg.Log != nil {
		output = 1
	}
	if err := m.apply(ctx, optionOutput, output, ""); err != nil {
		return err
	}
	if !m.loaded {
		return m.pass(ctx)
	}
	return m.passChanges(ctx)
}

// pass hands the whole problem over. The solver forgets what it had.
func (m *Model) pass(ctx context.Context) error {
	p, in := m.p, m.in
	n, rows, nz := p.Columns(), p.Rows(), len(p.Value)
	if err := in.reserve(ctx, 8*(3*n+2*rows+nz)+4*(n+rows+1+nz)+10*8); err != nil {
		return err
	}
	const rowwise, minimise = 2, 1
	lower, upper := m.whole()
	args := [maxArgs]uint64{
		m.handle, uint64(n), uint64(rows), uint64(nz), rowwise, minimise, math.Float64bits(p.Offset),
		in.putFloats(p.Cost), in.putFloats(lower), in.putFloats(upper),
		in.putFloats(p.RowLower), in.putFloats(p.RowUpper),
		in.putInts(p.Start), in.putInts(p.Index), in.putFloats(p.Value),
	}
	f := callPassLp
	if m.mixed {
		f = callPassMip
		args[maxArgs-1] = putBytes(in, p.Kind)
	}
	if err := in.highs(ctx, f, args[:]...); err != nil {
		return err
	}
	m.loaded, m.costs, m.bounds, m.rows = true, span{}, span{}, span{}
	return nil
}

// whole is the bounds of the columns, those of whole numbers rounded inward: the
// solver has answered -1 to a whole number between -0.5 and 0.5. Bounds between
// which there is no whole number stay, and the solver finds nothing there.
func (m *Model) whole() (lower, upper []float64) {
	lower, upper = m.p.Lower, m.p.Upper
	copied := false
	for j, kind := range m.p.Kind {
		lo, up := math.Ceil(lower[j]), math.Floor(upper[j])
		if kind != Integer || lo > up || lo == lower[j] && up == upper[j] {
			continue
		}
		if !copied {
			lower, upper, copied = slices.Clone(lower), slices.Clone(upper), true
		}
		lower[j], upper[j] = lo, up
	}
	return lower, upper
}

// passChanges hands over what was marked since the last time.
func (m *Model) passChanges(ctx context.Context) error {
	p := m.p
	if err := m.passRange(ctx, callChangeCosts, m.costs, p.Cost); err != nil {
		return err
	}
	lower, upper := m.whole()
	if err := m.passRange(ctx, callChangeColumnBounds, m.bounds, lower, upper); err != nil {
		return err
	}
	if err := m.passRange(ctx, callChangeRowBounds, m.rows, p.RowLower, p.RowUpper); err != nil {
		return err
	}
	m.costs, m.bounds, m.rows = span{}, span{}, span{}
	return nil
}

// passRange hands over one range of one or two arrays.
func (m *Model) passRange(ctx context.Context, f call, s span, arrays ...[]float64) error {
	n := s.to - s.from
	if n == 0 {
		return nil
	}
	if err := m.in.reserve(ctx, len(arrays)*(8*n+8)); err != nil {
		return err
	}
	args := []uint64{m.handle, uint64(s.from), uint64(s.to - 1)}
	for _, a := range arrays {
		args = append(args, m.in.putFloats(a[s.from:s.to]))
	}
	return m.in.highs(ctx, f, args...)
}

// passBasis hands a starting basis over.
func (m *Model) passBasis(ctx context.Context, b *Basis) error {
	if err := m.in.reserve(ctx, 4*(len(b.Column)+len(b.Row))+2*8); err != nil {
		return err
	}
	c := putBytes(m.in, b.Column)
	return m.in.highs(ctx, callSetBasis, m.handle, c, putBytes(m.in, b.Row))
}

// passStart hands a starting point of a mixed-integer run over.
func (m *Model) passStart(ctx context.Context, x []float64) error {
	if err := m.in.reserve(ctx, 8*len(x)+8); err != nil {
		return err
	}
	return m.in.highs(ctx, callSetSolution, m.handle, m.in.putFloats(x), 0, 0, 0)
}
