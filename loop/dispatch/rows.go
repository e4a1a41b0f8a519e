package dispatch

import "math"

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

// fillRows sets the rows, block by block, then what couples the blocks. The
// node balance is the first row of a block.
func (b *model) fillRows() {
	for t := range b.m.n {
		b.nodeRow(t)
		b.connectionRow(t)
		b.feedRows(t)
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
	b.holdRows()
	b.carbonRow()
	b.problem.Start = append(b.problem.Start, int32(len(b.problem.Index)))
}

// nodeRow balances the site: supply plus what is not served equals the house
// load plus every taker at the meter plus what is spilt.
func (b *model) nodeRow(t int) {
	at := t * b.columns
	b.row(b.m.mustRun, b.m.mustRun)
	for o := range b.m.lanes {
		b.term(at+b.supply[o], 1)
	}
	b.term(at+b.unmet, 1)
	if b.spill >= 0 {
		b.term(at+b.spill, -1)
	}
	for i := range b.m.takers {
		b.meterTerms(t, i, -1)
	}
}

// meterTerms adds what taker i draws at the meter, times sign.
func (b *model) meterTerms(t, i int, sign float64) {
	k, at := &b.m.takers[i], t*b.columns
	for n := range k.cap {
		b.term(at+b.seats[i].step+n, sign*k.pue[t]*k.avail[t])
	}
}

// gridTerms adds the import, times weight.
func (b *model) gridTerms(t int, weight float64) {
	for o, l := range b.m.lanes {
		if l.grid {
			b.term(t*b.columns+b.supply[o], weight)
		}
	}
}

// connectionRow keeps the import within the contract limit.
func (b *model) connectionRow(t int) {
	b.row(math.Inf(-1), b.m.limit[t])
	b.gridTerms(t, 1)
	if b.over >= 0 {
		b.term(t*b.columns+b.over, -1)
	}
}

// feedRows keep the feed-in within the export limit, and the site from
// importing and feeding in at once.
func (b *model) feedRows(t int) {
	if b.m.export != nil {
		b.row(math.Inf(-1), b.m.export[t])
		b.feedTerms(t)
	}
	if b.side < 0 {
		return
	}
	b.row(math.Inf(-1), 0)
	b.gridTerms(t, 1)
	b.term(t*b.columns+b.side, -math.Max(b.m.limit[t], b.m.rating))
	b.row(math.Inf(-1), b.m.fed)
	b.feedTerms(t)
	b.term(t*b.columns+b.side, b.m.fed)
}

func (b *model) feedTerms(t int) {
	for i, k := range b.m.takers {
		if k.feed {
			b.meterTerms(t, i, 1)
		}
	}
}

// branchRows keep every hall and feeder within what it bears.
func (b *model) branchRows(t int) {
	for _, branch := range b.m.branches {
		b.row(math.Inf(-1), branch.limit)
		for _, i := range branch.takers {
			b.meterTerms(t, i, 1)
		}
	}
}

// takerRows couples the steps of one taker with each other and with the interval before.
func (b *model) takerRows(t, i int) {
	k, s, at := &b.m.takers[i], b.seats[i], t*b.columns
	if k.tied {
		b.upperStepRows(t, i)
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

// upperStepRows let a step above the first run only on machines that run: the
// share of it that is on is at most the share of step 0.
func (b *model) upperStepRows(t, i int) {
	k, s, at := &b.m.takers[i], b.seats[i], t*b.columns
	for n := 1; n < len(k.cap); n++ {
		b.row(math.Inf(-1), 0)
		b.term(at+s.step, -k.cap[n]/k.cap[0])
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

// rampRows keeps the change of what is drawn within the ramp, both ways, softly.
func (b *model) rampRows(t, i int) {
	k, s, at := &b.m.takers[i], b.seats[i], t*b.columns
	room := k.ramp * b.m.hours[t]
	for _, sign := range []float64{1, -1} {
		b.row(math.Inf(-1), room+sign*b.before(t, k.draw))
		for n := range k.cap {
			b.term(at+s.step+n, sign*k.avail[t])
			b.termBefore(t, s.step+n, -sign*k.avail[max(0, t-1)])
		}
		b.term(at+s.up, -1)
	}
}

// commitmentRows ties a whole bid to its on, start and stop indicators.
func (b *model) commitmentRows(t, i int) {
	k, s, at := &b.m.takers[i], b.seats[i], t*b.columns
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

// window adds the column of t and of every interval that began less than d
// hours before t begins.
func (b *model) window(t, column int, d float64) {
	b.term(t*b.columns+column, 1)
	back := 0.0
	for z := t - 1; z >= 0; z-- {
		if back += b.m.hours[z]; back >= d-1e-9 {
			return
		}
		b.term(z*b.columns+column, 1)
	}
}

// peakRows raise the billed peak above what is incurred already: the average
// import of each measurement interval inside the window.
func (b *model) peakRows() {
	for r, k := range b.m.peaks {
		for _, w := range k.windows {
			b.row(math.Inf(-1), k.floor-w.realised)
			for _, x := range w.share {
				b.gridTerms(x.t, x.weight)
			}
			b.term(b.peak+r, -1)
		}
	}
}

// dueRows ask for the energy owed within every stretch of a taker's deadlines.
func (b *model) dueRows() {
	j := b.missed
	for i, k := range b.m.takers {
		for _, d := range k.debts {
			b.row(d.energy.MWh(), math.Inf(1))
			for t := d.from; t < d.before; t++ {
				for n := range k.cap {
					b.term(t*b.columns+b.seats[i].step+n, b.m.hours[t]*k.avail[t])
				}
			}
			for _, x := range d.items {
				b.term(j+x, 1)
			}
		}
		j += len(k.due)
	}
}

// holdRows keep on what may not stop yet, softly.
func (b *model) holdRows() {
	for n, h := range b.holds {
		b.row(h.least, math.Inf(1))
		b.term(h.t*b.columns+b.seats[h.taker].step, 1)
		b.term(b.broken+n, 1)
	}
}

// carbonRow keeps the emissions of the plan within the cap, softly.
func (b *model) carbonRow() {
	if b.m.carbon == 0 {
		return
	}
	b.row(math.Inf(-1), b.m.carbon)
	for t := range b.m.n {
		for o, l := range b.m.lanes {
			if l.carbon != 0 {
				b.term(t*b.columns+b.supply[o], b.m.hours[t]*l.carbon)
			}
		}
	}
	b.term(b.excess, -1)
}
