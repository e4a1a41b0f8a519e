package portfolio

import (
	"cmp"
	"math"
	"slices"

	"sluice/solve"
)

// chain says, for every column, which column of the same site and product starts
// next before it, or -1.
//
// In the mixed-integer program a column is not "this option is taken" (x) but "of
// this product, this option or one that starts earlier is taken" (y), so that
// x = y - y of the one before. The relaxation is the same. But to branch on y is to
// ask whether a project starts by a quarter, which halves what is left, where to
// branch on x leaves one option out of many; and a limit that holds what an option
// uses for good has few coefficients left.
//
// Source: docs/formula/portfolio.md.
type chain []int

// chained is the chain of the open columns.
func (t *table) chained(open []bool) chain {
	c := slices.Repeat(chain{-1}, len(t.cols))
	for i := range t.p.Sites {
		var order []int
		for j := t.first[i]; j < t.first[i+1]; j++ {
			if open == nil || open[j] {
				order = append(order, j)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(t.option(a).Product, t.option(b).Product), t.option(a).Start-t.option(b).Start)
		})
		for k := 1; k < len(order); k++ {
			if t.option(order[k]).Product == t.option(order[k-1]).Product {
				c[order[k]] = order[k-1]
			}
		}
	}
	return c
}

// term adds v times x of a column.
func (c chain) term(terms []solve.Term, j int, v float64) []solve.Term {
	terms = append(terms, solve.Term{Column: j, Value: v})
	if c != nil && c[j] >= 0 {
		terms = append(terms, solve.Term{Column: c[j], Value: -v})
	}
	return terms
}

// least is the coefficient below which a term is nothing: rows are scaled to a few
// hundred.
const least = 1e-9

// tidy adds the terms of each column up and leaves out what has cancelled.
func tidy(terms []solve.Term) []solve.Term {
	slices.SortStableFunc(terms, func(a, b solve.Term) int { return a.Column - b.Column })
	out := terms[:0]
	for _, x := range terms {
		if n := len(out); n > 0 && out[n-1].Column == x.Column {
			out[n-1].Value += x.Value
			continue
		}
		if n := len(out); n > 0 && math.Abs(out[n-1].Value) <= least {
			out = out[:n-1]
		}
		out = append(out, x)
	}
	if n := len(out); n > 0 && math.Abs(out[n-1].Value) <= least {
		out = out[:n-1]
	}
	return out
}

// read turns the columns of a chained program into shares of options, in place.
func (c chain) read(column []float64) {
	old := slices.Clone(column[:len(c)])
	for j, before := range c {
		if before >= 0 {
			column[j] -= old[before]
		}
	}
}

// write is the other way round, for columns in any order.
func (c chain) write(column []float64) {
	x := slices.Clone(column[:len(c)])
	for j := range c {
		for k := c[j]; k >= 0; k = c[k] {
			column[j] += x[k]
		}
	}
}
