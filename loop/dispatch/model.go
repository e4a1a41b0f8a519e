package dispatch

import (
	"math"

	"sluice/solve"
)

// Penalties in currency units per MWh for what physics allows but nobody wants,
// a strictly falling ladder (docs/formula/dispatch.md). They stay within 1e6 of
// ordinary coefficients, or the simplex loses digits.
const (
	penaltyNode   = 1_000_000.0
	penaltyImport = 200_000.0
	penaltyOrder  = 100_000.0
	penaltyRamp   = 20_000.0
)

// tie prefers, among equals, the earlier service and the bid named first. It is
// below any price a market quotes and only serves to keep plans still.
const tie = 1e-5

// seat says where the columns of one taker stand within a block.
type seat struct {
	step  int // first of its steps
	start int // power started, or -1
	off   int // stop indicator of a whole bid, or -1
	on    int // on indicator of a whole bid, or -1
	rise  int // start indicator of a whole bid, or -1
	short int // floor not served, or -1
	up    int // ramp slack, or -1
}

// model is a linear program together with the meaning of its columns and rows.
// Columns and rows come in equal blocks, one per interval, so that the next
// turn can start from this turn's basis; peaks and deadlines follow at the end.
type model struct {
	m       *market
	problem solve.Problem
	columns int // per block
	rows    int // per block
	supply  []int
	unmet   int
	over    int
	seats   []seat
	peak    int // first peak column
	missed  int // first column of energy missed by a deadline
	node    int // row of the node balance within a block
}

// build lays the market out as a program. Source of every row: docs/formula/dispatch.md.
func build(m *market) *model {
	b := &model{m: m}
	b.layColumns()
	b.fillColumns()
	b.fillRows()
	return b
}

// layColumns gives each quantity its place within a block.
func (b *model) layColumns() {
	n := 0
	next := func(wanted bool) int {
		if !wanted {
			return -1
		}
		n++
		return n - 1
	}
	for range b.m.lanes {
		b.supply = append(b.supply, next(true))
	}
	b.unmet = next(true)
	b.over = next(b.m.rating > 0)
	for _, t := range b.m.takers {
		s := seat{step: n}
		n += len(t.cap)
		s.on = next(t.whole)
		s.rise = next(t.whole)
		s.off = next(t.whole)
		s.start = next(!t.whole && t.starts)
		s.short = next(t.floor != nil)
		s.up = next(t.ramp > 0)
		b.seats = append(b.seats, s)
	}
	b.columns = n
	b.peak = n * b.m.n
	b.missed = b.peak + len(b.m.peaks)
}

// fillColumns sets costs and bounds.
func (b *model) fillColumns() {
	total := b.missed + b.m.dueCount()
	p := &b.problem
	p.Cost, p.Lower, p.Upper = make([]float64, total), make([]float64, total), make([]float64, total)
	if b.m.mixed() {
		p.Kind = make([]solve.Kind, total)
	}
	for t := range b.m.n {
		at := t * b.columns
		b.fillSupply(at, t)
		for i := range b.m.takers {
			b.fillTaker(at, t, i)
		}
	}
	for r, k := range b.m.peaks {
		p.Cost[b.peak+r], p.Upper[b.peak+r] = k.rate, math.Inf(1)
	}
	j := b.missed
	for _, k := range b.m.takers {
		for _, d := range k.due {
			p.Cost[j], p.Upper[j] = d.penalty, d.energy
			j++
		}
	}
}

func (b *model) fillSupply(at, t int) {
	p, h := &b.problem, b.m.hours[t]
	for o, l := range b.m.lanes {
		j := at + b.supply[o]
		p.Cost[j], p.Upper[j] = h*l.cost[t], l.cap[t]
	}
	p.Cost[at+b.unmet], p.Upper[at+b.unmet] = h*penaltyNode, b.m.mustRun
	if b.over >= 0 {
		penalty := penaltyImport
		if b.m.ordered {
			penalty = penaltyOrder
		}
		p.Cost[at+b.over], p.Upper[at+b.over] = h*penalty, math.Max(0, b.m.rating-b.m.limit[t])
	}
}

func (b *model) fillTaker(at, t, i int) {
	p, h, k, s := &b.problem, b.m.hours[t], b.m.takers[i], b.seats[i]
	for n := range k.cap {
		j := at + s.step + n
		p.Cost[j] = -h * k.avail[t] * (k.worth[n][t] - tie*float64(1+i) - tie*float64(t)/float64(b.m.n))
		p.Upper[j] = k.cap[n]
	}
	first := at + s.step
	p.Lower[first], p.Upper[first] = k.least[t], math.Max(k.least[t], math.Min(k.most[t], k.cap[0]))
	if s.start >= 0 {
		p.Cost[at+s.start], p.Upper[at+s.start] = k.start[t], math.Inf(1)
	}
	if s.on >= 0 {
		for _, j := range []int{s.on, s.rise, s.off} {
			p.Upper[at+j], p.Kind[at+j] = 1, solve.Integer
		}
		p.Lower[at+s.on], p.Upper[at+s.on] = k.onLeast[t], k.onMost[t]
		p.Cost[at+s.rise] = k.start[t] * k.cap[0]
		p.Lower[first], p.Upper[first] = 0, k.cap[0]
	}
	if s.short >= 0 {
		p.Cost[at+s.short], p.Upper[at+s.short] = h*k.penalty, k.floor[t]
	}
	if s.up >= 0 {
		p.Cost[at+s.up], p.Upper[at+s.up] = h*penaltyRamp, math.Inf(1)
	}
}

// row appends a row to the program.
func (b *model) row(lower, upper float64) {
	p := &b.problem
	p.RowLower, p.RowUpper = append(p.RowLower, lower), append(p.RowUpper, upper)
	p.Start = append(p.Start, int32(len(p.Index)))
}

// term adds a coefficient to the row begun last.
func (b *model) term(column int, value float64) {
	b.problem.Index = append(b.problem.Index, int32(column))
	b.problem.Value = append(b.problem.Value, value)
}

// fillRows sets the rows, block by block, then peaks and deadlines.
func (b *model) fillRows() {
	for t := range b.m.n {
		b.node = 0
		b.nodeRow(t)
		b.connectionRow(t)
		b.branchRows(t)
		for i := range b.m.takers {
			b.takerRows(t, i)
		}
		if t == 0 {
			b.rows = len(b.problem.RowLower)
		}
	}
	b.peakRows()
	b.dueRows()
	b.problem.Start = append(b.problem.Start, int32(len(b.problem.Index)))
}

// nodeRow balances the site: supply plus what is not served equals the house
// load plus every taker at the meter.
func (b *model) nodeRow(t int) {
	at := t * b.columns
	b.row(b.m.mustRun, b.m.mustRun)
	for o := range b.m.lanes {
		b.term(at+b.supply[o], 1)
	}
	b.term(at+b.unmet, 1)
	for i, k := range b.m.takers {
		for n := range k.cap {
			b.term(at+b.seats[i].step+n, -k.pue[t]*k.avail[t])
		}
	}
}

// connectionRow keeps the import within the contract limit.
func (b *model) connectionRow(t int) {
	at := t * b.columns
	b.row(math.Inf(-1), b.m.limit[t])
	for o, l := range b.m.lanes {
		if l.grid {
			b.term(at+b.supply[o], 1)
		}
	}
	if b.over >= 0 {
		b.term(at+b.over, -1)
	}
}

// branchRows keep every hall and feeder within what it bears.
func (b *model) branchRows(t int) {
	at := t * b.columns
	for _, branch := range b.m.branches {
		b.row(math.Inf(-1), branch.limit)
		for _, i := range branch.takers {
			k := b.m.takers[i]
			for n := range k.cap {
				b.term(at+b.seats[i].step+n, k.pue[t]*k.avail[t])
			}
		}
	}
}

// takerRows couples the steps of one taker with each other and with the interval before.
func (b *model) takerRows(t, i int) {
	k, s, at := b.m.takers[i], b.seats[i], t*b.columns
	if len(k.cap) > 1 && (k.starts || k.whole) {
		b.upperStepsRow(t, i)
	}
	if s.start >= 0 {
		b.row(math.Inf(-1), b.before(t, k.on))
		b.term(at+s.step, 1)
		b.termBefore(t, s.step, -1)
		b.term(at+s.start, -1)
	}
	if s.on >= 0 {
		b.commitmentRows(t, i)
	}
	if s.short >= 0 {
		b.row(k.floor[t], math.Inf(1))
		for n := range k.cap {
			b.term(at+s.step+n, k.avail[t])
		}
		b.term(at+s.short, 1)
	}
	if s.up >= 0 {
		b.rampRows(t, i)
	}
}

// upperStepsRow lets the steps above the first run only on machines that run.
func (b *model) upperStepsRow(t, i int) {
	k, s, at := b.m.takers[i], b.seats[i], t*b.columns
	b.row(math.Inf(-1), 0)
	b.term(at+s.step, -k.upper)
	for n := 1; n < len(k.cap); n++ {
		b.term(at+s.step+n, 1)
	}
}

// before is the value of the interval before the first, else zero.
func (b *model) before(t int, initial float64) float64 {
	if t == 0 {
		return initial
	}
	return 0
}

// termBefore adds the column of the interval before, where there is one.
func (b *model) termBefore(t, column int, value float64) {
	if t > 0 {
		b.term((t-1)*b.columns+column, value)
	}
}

// rampRows keeps the change of draw within the ramp, both ways, softly.
func (b *model) rampRows(t, i int) {
	k, s, at := b.m.takers[i], b.seats[i], t*b.columns
	room := k.ramp * b.m.hours[t]
	for _, sign := range []float64{1, -1} {
		b.row(math.Inf(-1), room+sign*b.before(t, k.draw))
		for n := range k.cap {
			b.term(at+s.step+n, sign)
			b.termBefore(t, s.step+n, -sign)
		}
		b.term(at+s.up, -1)
	}
}

// commitmentRows ties a whole bid to its on, start and stop indicators.
func (b *model) commitmentRows(t, i int) {
	k, s, at := b.m.takers[i], b.seats[i], t*b.columns
	b.row(0, 0)
	b.term(at+s.step, 1)
	b.term(at+s.on, -k.cap[0])
	b.row(b.before(t, k.running()), b.before(t, k.running()))
	b.term(at+s.on, 1)
	b.termBefore(t, s.on, -1)
	b.term(at+s.rise, -1)
	b.term(at+s.off, 1)
	b.row(math.Inf(-1), 0)
	b.window(t, s.rise, k.minOn)
	b.term(at+s.on, -1)
	b.row(math.Inf(-1), 1)
	b.window(t, s.off, k.minOff)
	b.term(at+s.on, 1)
}

// window adds the column of every interval that began within d hours before the end of t.
func (b *model) window(t, column int, d float64) {
	back := 0.0
	for z := t; z >= 0; z-- {
		if z < t && back >= d {
			return
		}
		b.term(z*b.columns+column, 1)
		back += b.m.hours[z]
	}
}

// peakRows raise the billed peak above what is incurred already: the average
// import of each measurement interval inside the window.
func (b *model) peakRows() {
	for r, k := range b.m.peaks {
		for _, w := range k.windows {
			b.row(math.Inf(-1), k.floor-w.realised)
			for _, x := range w.share {
				for o, l := range b.m.lanes {
					if l.grid {
						b.term(x.t*b.columns+b.supply[o], x.weight)
					}
				}
			}
			b.term(b.peak+r, -1)
		}
	}
}

// dueRows ask for the energy owed by each deadline.
func (b *model) dueRows() {
	j := b.missed
	for i, k := range b.m.takers {
		for _, d := range k.due {
			b.row(d.energy, math.Inf(1))
			for t := d.from; t < d.before; t++ {
				for n := range k.cap {
					b.term(t*b.columns+b.seats[i].step+n, b.m.hours[t]*k.avail[t])
				}
			}
			b.term(j, 1)
			j++
		}
	}
}
