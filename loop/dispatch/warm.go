package dispatch

import (
	"slices"
	"time"

	"sluice/series"
	"sluice/solve"
)

// footing is where the last solution stood, so that the next turn, one interval
// later and nearly the same, starts there. It only saves time: a program solved
// from any footing has the same optimum.
type footing struct {
	basis         *solve.Basis
	starts        []time.Time
	columns, rows int
}

// keep remembers where the solution of b stood.
func (b *model) keep(spans []series.Interval, s *solve.Solution) *footing {
	if s.Basis == nil {
		return nil
	}
	f := &footing{basis: s.Basis, columns: b.columns, rows: b.rows}
	for _, i := range spans {
		f.starts = append(f.starts, i.Start)
	}
	return f
}

// carry moves the footing to the intervals of the new program: each block takes
// the states of the old block in which its interval begins. It returns nil when
// the programs have different shapes.
func (f *footing) carry(b *model, spans []series.Interval) *solve.Basis {
	if f == nil || f.columns != b.columns || f.rows != b.rows || len(f.starts) == 0 {
		return nil
	}
	p := &b.problem
	out := &solve.Basis{Column: make([]int8, len(p.Cost)), Row: make([]int8, len(p.RowLower))}
	for t, s := range spans {
		old, found := slices.BinarySearchFunc(f.starts, s.Start, time.Time.Compare)
		if !found {
			old = max(0, old-1)
		}
		copy(out.Column[t*b.columns:(t+1)*b.columns], f.basis.Column[old*b.columns:])
		copy(out.Row[t*b.rows:(t+1)*b.rows], f.basis.Row[old*b.rows:])
	}
	tail(out.Column, f.basis.Column, len(spans)*b.columns, len(f.starts)*b.columns, solve.AtLower)
	tail(out.Row, f.basis.Row, len(spans)*b.rows, len(f.starts)*b.rows, solve.Basic)
	return out
}

// tail copies what follows the blocks where both have the same length, else a neutral state.
func tail(out, old []int8, from, oldFrom int, neutral int8) {
	if len(out)-from == len(old)-oldFrom {
		copy(out[from:], old[oldFrom:])
		return
	}
	for i := from; i < len(out); i++ {
		out[i] = neutral
	}
}
