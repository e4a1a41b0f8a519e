package dispatch

import (
	"math"

	"sluice/solve"
)

// Penalties in currency units per MWh for what physics allows but nobody wants,
// a strictly falling ladder (docs/formula/dispatch.md). They stay within 1e6 of
// ordinary coefficients, or the simplex loses digits. What a contract prices
// itself, a promise or a deadline, is paid at the contract's own penalty.
const (
	penaltyNode   = 1_000_000.0
	penaltyImport = 200_000.0
	penaltyOrder  = 100_000.0
	penaltyHold   = 25_000.0
	penaltyRamp   = 20_000.0
	penaltyCarbon = 10_000.0 // per tonne
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

// hold is a minimum time that still runs in one interval.
type hold struct {
	t, taker int
	least    float64
}

// model is a linear program together with the meaning of its columns and rows.
// Columns and rows come in equal blocks, one per interval, so that the next
// turn can start from this turn's basis; what couples intervals or binds only
// some of them follows at the end, in the order peaks, deadlines, minimum times
// that still run, carbon.
type model struct {
	m       *market
	problem solve.Problem
	columns int // per block
	rows    int // per block
	supply  []int
	unmet   int
	over    int // import above the limit, or -1
	spill   int // output of forced sources that nothing takes, or -1
	side    int // the site imports (1) or feeds in (0), or -1
	seats   []seat
	peak    int // first peak column
	missed  int // first column of energy missed by a deadline
	broken  int // first column of minimum times broken
	holds   []hold
	excess  int // column of carbon above the cap, or the number of columns
}

// build lays the market out as a program. Source of every row: docs/formula/dispatch.md.
func build(m *market) *model {
	b := &model{m: m}
	b.layColumns()
	b.fillColumns()
	b.fillRows()
	return b
}

// layColumns gives each quantity its place within a block, and what follows the
// blocks its place behind them.
func (b *model) layColumns() {
	n, forced := 0, false
	next := func(wanted bool) int {
		if !wanted {
			return -1
		}
		n++
		return n - 1
	}
	for _, l := range b.m.lanes {
		b.supply = append(b.supply, next(true))
		forced = forced || l.must
	}
	b.unmet, b.over, b.spill, b.side = next(true), next(b.m.rating > 0), next(forced), next(b.m.both != nil)
	for _, t := range b.m.takers {
		s := seat{step: n}
		n += len(t.cap)
		s.on, s.rise, s.off = next(t.whole), next(t.whole), next(t.whole)
		s.start = next(!t.whole && t.starts)
		s.short = next(t.floor != nil)
		s.up = next(t.ramp > 0)
		b.seats = append(b.seats, s)
	}
	b.columns = n
	b.peak = n * b.m.n
	b.missed = b.peak + len(b.m.peaks)
	b.broken = b.missed + b.m.dueCount()
	for i, k := range b.m.takers {
		for t, least := range k.held {
			if least > 0 {
				b.holds = append(b.holds, hold{t: t, taker: i, least: least})
			}
		}
	}
	b.excess = b.broken + len(b.holds)
}

// fillColumns sets costs and bounds.
func (b *model) fillColumns() {
	total := b.excess
	if b.m.carbon > 0 {
		total++
	}
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
	b.fillTail()
}

// fillTail sets costs and bounds of what follows the blocks.
func (b *model) fillTail() {
	p := &b.problem
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
	for n, h := range b.holds {
		p.Cost[b.broken+n], p.Upper[b.broken+n] = b.m.hours[h.t]*penaltyHold, h.least
	}
	if b.m.carbon > 0 {
		p.Cost[b.excess], p.Upper[b.excess] = penaltyCarbon, math.Inf(1)
	}
}

func (b *model) fillSupply(at, t int) {
	p, h := &b.problem, b.m.hours[t]
	given := 0.0
	for o, l := range b.m.lanes {
		j := at + b.supply[o]
		p.Cost[j], p.Upper[j] = h*l.cost[t], l.cap[t]
		if l.must {
			p.Lower[j] = l.cap[t]
			given += l.cap[t]
		}
	}
	p.Cost[at+b.unmet], p.Upper[at+b.unmet] = h*penaltyNode, b.m.mustRun
	if b.over >= 0 {
		penalty := penaltyImport
		if b.m.ordered[t] {
			penalty = penaltyOrder
		}
		p.Cost[at+b.over], p.Upper[at+b.over] = h*penalty, math.Max(0, b.m.rating-b.m.limit[t])
	}
	if b.spill >= 0 {
		p.Cost[at+b.spill], p.Upper[at+b.spill] = h*penaltyNode, given
	}
	if b.side >= 0 {
		p.Upper[at+b.side] = 1
		if b.m.both[t] {
			p.Kind[at+b.side] = solve.Integer
		}
	}
}

func (b *model) fillTaker(at, t, i int) {
	p, h, k, s := &b.problem, b.m.hours[t], &b.m.takers[i], b.seats[i]
	for n := range k.cap {
		j := at + s.step + n
		p.Cost[j] = -h * k.avail[t] * (k.worth[n][t] - tie*float64(1+i) - tie*float64(t)/float64(b.m.n))
		p.Upper[j] = k.cap[n]
	}
	p.Upper[at+s.step] = k.most[t]
	if s.start >= 0 {
		p.Cost[at+s.start], p.Upper[at+s.start] = k.start[t], math.Inf(1)
	}
	if s.on >= 0 {
		for _, j := range []int{s.on, s.rise, s.off} {
			p.Upper[at+j], p.Kind[at+j] = 1, solve.Integer
		}
		p.Upper[at+s.on] = indicator(k.most[t] >= k.cap[0])
		p.Cost[at+s.rise] = k.start[t] * k.cap[0]
		p.Upper[at+s.step] = k.cap[0]
	}
	if s.short >= 0 {
		p.Cost[at+s.short], p.Upper[at+s.short] = h*k.penalty, k.floor[t]
	}
	if s.up >= 0 {
		p.Cost[at+s.up], p.Upper[at+s.up] = h*penaltyRamp, math.Inf(1)
	}
}
