package portfolio

import (
	"math"

	"sluice/solve"
)

// binary scale of coefficients: the largest of a row, and of the objective, lie
// between half of it and it.
const (
	rowScale  = 1 << 9
	costScale = 1 << 10
)

// cut is a limit that is added when a solution breaks it: the columns taken, less
// what the aux column holds, sum to at most most.
//
// CVaR, a penalised shortfall and a hard liquidity are the largest of very many
// linear functions. Only those that were the largest somewhere are written down, so
// that the program has tens of dense rows instead of thousands.
type cut struct {
	by   []float64 // by column
	aux  int       // auxTail, a quarter, or auxNone
	most float64
}

// What a cut is about, besides the quarters 0, 1, ...
const (
	auxTail = -1 // the column that holds CVaR
	auxNone = -2 // no column: a limit
)

// aim says what a program minimises.
type aim uint8

// The aims of a program.
const (
	aimWorth   aim = iota // the objective, with its sign turned
	aimNothing            // nothing: is there any choice at all?
	aimLeast              // what the limits are passed by, each relative to its size
)

// builder makes programs of a table. Columns are those of the table, then CVaR,
// then the penalty of every quarter, then by how much each row is passed. Money in
// the last but one is in units of the objective.
type builder struct {
	t     *table
	aim   aim
	scale float64 // of money in the objective
	cuts  []cut
	off   []bool  // rows left out until a pick breaks them
	tiny  float64 // what counts as nought in the objective, in money
}

// newBuilder scales the objective. The first cut says that CVaR is at least the
// mean loss.
func newBuilder(t *table, a aim) *builder {
	b := &builder{t: t, aim: a, off: make([]bool, len(t.rows))}
	largest := 0.0
	for _, v := range t.mean {
		largest = max(largest, math.Abs(v))
	}
	b.scale = power(largest, costScale)
	b.tiny = 1e-9 * costScale / b.scale
	if b.risky() {
		by := make([]float64, len(t.cols))
		for j, v := range t.mean {
			by[j] = -v
		}
		b.cuts = append(b.cuts, cut{by: by, aux: auxTail})
	}
	return b
}

// risky says whether CVaR counts.
func (b *builder) risky() bool { return b.aim == aimWorth && b.t.p.Aversion > 0 }

// power is the power of two that brings x just below most; 1 for nought.
func power(x, most float64) float64 {
	if x == 0 {
		return 1
	}
	_, e := math.Frexp(x / most)
	return math.Ldexp(1, -e)
}

// tailColumn, shortColumn and overColumn are where the columns behind those of the table begin.
func (b *builder) tailColumn() int  { return len(b.t.cols) }
func (b *builder) shortColumn() int { return len(b.t.cols) + 1 }
func (b *builder) overColumn() int  { return len(b.t.cols) + 1 + b.t.p.Quarters }

// program writes the program down. Columns that are not open stay at nought. With a
// chain the columns are integer and stand for starts by their quarter.
func (b *builder) program(open []bool, c chain) *solve.Problem {
	var out solve.Builder
	b.columns(&out, open, c)
	shut := func(j int) bool { return open != nil && !open[j] }
	var terms []solve.Term
	for i := range b.t.p.Sites {
		terms = terms[:0]
		for j := b.t.first[i]; j < b.t.first[i+1]; j++ {
			if !shut(j) {
				terms = c.term(terms, j, 1)
			}
		}
		out.AddRow(1, 1, tidy(terms)...)
	}
	for j, before := range c {
		if before >= 0 && !shut(j) {
			out.AddRow(0, math.Inf(1), solve.Term{Column: j, Value: 1}, solve.Term{Column: before, Value: -1})
		}
	}
	for r := range b.t.rows {
		if b.off[r] {
			continue
		}
		row := &b.t.rows[r]
		by := row.scale()
		terms = terms[:0]
		for k, j := range row.at {
			if !shut(j) {
				terms = c.term(terms, j, by*row.by[k])
			}
		}
		if b.aim == aimLeast {
			terms = append(terms, solve.Term{Column: b.overColumn() + r, Value: -by * row.size})
		}
		out.AddRow(math.Inf(-1), by*row.most, tidy(terms)...)
	}
	for k := range b.cuts {
		b.addCut(&out, &b.cuts[k], shut, c)
	}
	return out.Problem()
}

// scale is what a row is multiplied by: nothing where its numbers are handy.
func (r *row) scale() float64 {
	most := 0.0
	for _, v := range r.by {
		most = max(most, math.Abs(v))
	}
	if most >= 0.1 && most <= 1e4 {
		return 1
	}
	return power(most, rowScale)
}

func (b *builder) columns(out *solve.Builder, open []bool, chain chain) {
	kind := solve.Continuous
	if chain != nil {
		kind = solve.Integer
	}
	cost := make([]float64, len(b.t.cols))
	for j := range cost {
		cost[j] += -b.scale * b.t.mean[j]
		if chain != nil && chain[j] >= 0 {
			cost[chain[j]] -= -b.scale * b.t.mean[j]
		}
	}
	for j := range b.t.cols {
		c := solve.Column{Kind: kind}
		if open == nil || open[j] {
			c.Upper = 1
		}
		if b.aim == aimWorth {
			c.Cost = cost[j]
		}
		out.AddColumn(c)
	}
	c := solve.Column{}
	if b.risky() {
		c = solve.Column{Cost: b.t.p.Aversion, Lower: math.Inf(-1), Upper: math.Inf(1)}
	}
	out.AddColumn(c)
	for range b.t.p.Quarters {
		c := solve.Column{Cost: 1}
		if l := b.t.p.Liquidity; l != nil && (b.aim == aimLeast || b.aim == aimWorth && !l.Hard) {
			c.Upper = math.Inf(1)
		}
		out.AddColumn(c)
	}
	if b.aim == aimLeast {
		for range b.t.rows {
			out.AddColumn(solve.Column{Cost: 1, Upper: math.Inf(1)})
		}
	}
}

// addCut writes a cut down, in units of the objective where it is part of it.
func (b *builder) addCut(out *solve.Builder, c *cut, shut func(j int) bool, ch chain) {
	by := b.scale
	if c.aux == auxNone || b.aim == aimLeast {
		by = power(c.largest(), rowScale)
	}
	terms := make([]solve.Term, 0, len(c.by)+1)
	for j, v := range c.by {
		if v != 0 && !shut(j) {
			terms = ch.term(terms, j, by*v)
		}
	}
	switch {
	case c.aux == auxTail:
		terms = append(terms, solve.Term{Column: b.tailColumn(), Value: -1})
	case c.aux >= 0 && b.aim == aimLeast:
		terms = append(terms, solve.Term{Column: b.shortColumn() + c.aux, Value: -by * b.cashSize()})
	case c.aux >= 0:
		terms = append(terms, solve.Term{Column: b.shortColumn() + c.aux, Value: -1})
	}
	out.AddRow(math.Inf(-1), by*c.most, tidy(terms)...)
}

// cashSize is the scale of a shortfall of liquidity.
func (b *builder) cashSize() float64 {
	l := b.t.p.Liquidity
	return max(math.Abs(l.Start), math.Abs(l.Least), 1)
}

// mend adds the cuts that a solution breaks, and says how many. x is the point of
// the solution, column its columns.
func (b *builder) mend(x *point, w *worth, column []float64, tiny float64) int {
	before := len(b.cuts)
	if b.risky() && w.tail > column[b.tailColumn()]/b.scale+tiny {
		by := make([]float64, len(b.t.cols))
		for j := range by {
			for s, v := range b.t.option(j).NPV {
				by[j] -= w.share[s] * v
			}
		}
		b.cuts = append(b.cuts, cut{by: by, aux: auxTail})
	}
	if b.t.p.Liquidity != nil {
		b.mendCash(x, w, column, tiny)
	}
	return len(b.cuts) - before
}

// mostCashCuts is how many cuts of liquidity one round adds.
const mostCashCuts = 12

// mendCash adds the cuts of the quarters that are worst.
func (b *builder) mendCash(x *point, w *worth, column []float64, tiny float64) {
	l := b.t.p.Liquidity
	miss := make([]float64, len(w.short))
	for q, s := range w.worst {
		if s < 0 {
			continue
		}
		held := column[b.shortColumn()+q]
		switch {
		case b.aim == aimWorth && !l.Hard:
			miss[q] = l.Penalty*w.short[q] - held/b.scale - tiny
		case b.aim == aimLeast:
			miss[q] = b.t.below(x, s, q) - held*b.cashSize() - 1e-9*b.cashSize()
		case l.Hard:
			miss[q] = b.t.below(x, s, q)
		}
	}
	for range mostCashCuts {
		q := largest(miss)
		if miss[q] <= 0 {
			return
		}
		miss[q] = 0
		b.cuts = append(b.cuts, b.cashCut(x, q, w.worst[q]))
	}
}

// ample is the share of a limit that must be left over in the relaxation for the
// limit to be left out of the programs that follow.
const ample = 0.1

// relieve leaves out the limits that the relaxation is far from.
func (b *builder) relieve(x *point) {
	for r := range b.t.rows {
		row := &b.t.rows[r]
		b.off[r] = row.most-x.use[r] > ample*row.size
	}
}

// enforce takes limits back in that a point breaks, and says how many.
func (b *builder) enforce(x *point) int {
	n := 0
	for r := range b.t.rows {
		if b.off[r] && b.t.rows[r].broken(x.use[r], x.gross[r]) {
			b.off[r] = false
			n++
		}
	}
	return n
}

// forget drops the cuts that the relaxation does not lean on. What is forgotten
// wrongly is found again.
func (b *builder) forget(a *solve.Solution, size float64) {
	first := len(a.Row) - len(b.cuts)
	kept := b.cuts[:0]
	for k := range b.cuts {
		c := &b.cuts[k]
		by := b.scale
		if c.aux == auxNone {
			by = power(c.largest(), rowScale)
		}
		if by*c.most-a.Row[first+k] <= 1e-6*by*size {
			kept = append(kept, *c)
		}
	}
	b.cuts = kept
}

// largest is the largest coefficient of a cut.
func (c *cut) largest() float64 {
	most := 0.0
	for _, v := range c.by {
		most = max(most, math.Abs(v))
	}
	return most
}

// largest is the index of the first largest entry.
func largest(x []float64) int {
	at := 0
	for i, v := range x {
		if v > x[at] {
			at = i
		}
	}
	return at
}

// below is by how much cash lies below the least in a scenario and quarter.
func (t *table) below(x *point, s, q int) float64 {
	level := t.p.Liquidity.Start
	for _, v := range x.cash[s*t.p.Quarters : s*t.p.Quarters+q+1] {
		level += v
	}
	return t.p.Liquidity.Least - level
}

// cashCut is the penalty of a quarter as it is in the scenarios that are short at x,
// or, where a shortfall is forbidden, the limit of the worst scenario.
func (b *builder) cashCut(x *point, q, worst int) cut {
	l := b.t.p.Liquidity
	c := cut{by: make([]float64, len(b.t.cols)), aux: q}
	weight := func(s int) float64 { return l.Penalty * b.t.p.Scenarios[s].Weight }
	if b.aim != aimWorth || l.Hard {
		weight = func(s int) float64 { return indicator(s == worst) }
		if b.aim != aimLeast {
			c.aux = auxNone
		}
	}
	for s := range b.t.p.Scenarios {
		by := weight(s)
		if by == 0 || b.t.below(x, s, q) <= 0 {
			continue
		}
		c.most += by * (l.Start - l.Least)
		for j := range c.by {
			if cash := b.t.option(j).Cash; cash != nil {
				for _, v := range cash[s][:q+1] {
					c.by[j] -= by * v
				}
			}
		}
	}
	return c
}

// indicator is 1 for true.
func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
