package option

import (
	"context"
	"slices"
)

// perTerm is how many paths a basis function needs; with fewer the degree is lowered.
const perTerm = 10

// fitPhases regresses what was realised after a date on the state there, over the
// paths that ask, for every phase that may follow, and keeps it for some phases that
// share a filter.
func (s *solver) fitPhases(ctx context.Context, date int, phases []int) error {
	asks := s.problem.Phases[phases[0]].Asks
	var follow []int
	for _, phase := range phases {
		for _, step := range s.steps[date][phase] {
			if s.next[step.to] != nil && !slices.Contains(follow, step.to) {
				follow = append(follow, step.to)
			}
		}
	}
	rows, sums, err := s.ask(ctx, date, asks)
	if err != nil {
		return err
	}
	f := &fit{none: sums.n == 0, coef: make([][]float64, len(s.problem.Phases))}
	for _, phase := range phases {
		s.fits[date][phase] = f
	}
	if f.none {
		return nil
	}
	var varies []int
	f.scale, varies = sums.scale(s.states[date][:s.problem.width()])
	all := terms(varies, len(s.problem.Variables), s.settings.Degree)
	degree := s.settings.Degree
	for degree > 0 && sums.n < perTerm*upTo(all, degree) {
		degree--
	}
	f.terms = all[:upTo(all, degree)]
	kept, err := s.regress(ctx, date, f, rows, follow)
	if kept < len(all) && err == nil {
		note := Reduced{Date: date, Paths: sums.n, Kept: kept, Of: len(all)}
		if asks != nil {
			note.Phase = s.problem.Phases[phases[0]].Name
		}
		s.reduced = append(s.reduced, note)
	}
	return err
}

// ask lists, by block, the paths on which a choice is meaningful, and sums them up.
func (s *solver) ask(ctx context.Context, date int, asks func(int, []float64) bool) (rows [][]int, all moments, err error) {
	dim, blocks := s.problem.width(), (s.settings.Paths+block-1)/block
	states := s.states[date]
	rows = make([][]int, blocks)
	sums := make([]moments, blocks)
	err = each(ctx, blocks, func(b int) {
		for i := b * block; i < min((b+1)*block, s.settings.Paths); i++ {
			x := states[i*dim : (i+1)*dim]
			if asks == nil || asks(date, x[:len(s.problem.Variables)]) {
				rows[b] = append(rows[b], i)
				sums[b].add(x, states[:dim])
			}
		}
	})
	for _, m := range sums {
		all.join(m)
	}
	return rows, all, err
}

// regress solves the least squares of a fit: every block is brought to a triangle,
// and the triangles are solved together, in the order of the blocks.
func (s *solver) regress(ctx context.Context, date int, f *fit, rows [][]int, follow []int) (kept int, err error) {
	k := len(f.terms)
	folded := make([]sheet, len(rows))
	left := make([]int, len(rows))
	err = each(ctx, len(rows), func(b int) {
		folded[b] = s.sheet(date, f, rows[b], follow)
		left[b] = folded[b].fold()
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, n := range left {
		total += n
	}
	joined := newSheet(total, k, len(follow))
	at := 0
	for b, part := range folded {
		for j, column := range part.columns {
			copy(joined.columns[j][at:], column[:left[b]])
		}
		at += left[b]
	}
	solved, kept := joined.coefficients()
	for i, to := range follow {
		f.coef[to] = solved[i]
	}
	return kept, nil
}

// sheet is the basis and the discounted values of a block of paths.
func (s *solver) sheet(date int, f *fit, rows, follow []int) sheet {
	dim, k := s.problem.width(), len(f.terms)
	out := newSheet(len(rows), k, len(follow))
	line := make([]float64, k)
	for r, i := range rows {
		f.scale.fill(f.terms, s.states[date][i*dim:(i+1)*dim], line)
		for j, v := range line {
			out.columns[j][r] = v
		}
	}
	for j, to := range follow {
		side, next := out.columns[k+j], s.next[to]
		for r, i := range rows {
			side[r] = s.problem.Discount * next[i]
		}
	}
	return out
}
