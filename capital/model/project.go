package model

import (
	"math"

	"sluice/capital"
)

// project is a conversion with what does not change from path to path.
type project struct {
	capital.Project
	site      int
	begin     float64     // months since the begin of the plan
	after     [][]int     // per phase: the phases before it
	tables    [][]float64 // per phase and then per equipment: what tax lets be written off
	escalated []float64   // by year of the contract
	unit      float64     // money for one critical MW and month, GPU-hours apart
	prepaid   float64     // money
	cost      float64     // of all phases, as planned
	equipment float64
}

func (m *Model) layOut(p capital.Project) project {
	out := project{Project: p, begin: float64(p.Begin - m.plan.Begin)}
	for i, s := range m.plan.Sites {
		if s.Name == p.Site {
			out.site = i
		}
	}
	at := map[string]int{}
	for i, f := range p.Phases {
		at[f.Name] = i
		out.cost += f.Cost
	}
	for _, f := range p.Phases {
		var before []int
		for _, name := range f.After {
			before = append(before, at[name])
		}
		out.after = append(out.after, before)
		out.tables = append(out.tables, taxTable(f.Tax))
	}
	for _, e := range p.Equipment {
		out.equipment += e.Cost
		out.tables = append(out.tables, taxTable(e.Tax))
	}
	for y := range m.plan.Years + 2 {
		out.escalated = append(out.escalated, math.Pow(1+p.Contract.Escalator, float64(y)))
	}
	out.unit = out.monthly()
	out.prepaid = p.Contract.Prepaid * out.worth()
	return out
}

// hoursOfMonth is the mean: a year of 8,760 hours.
const hoursOfMonth = 730.0

// monthly is the rent of one critical MW and month at the rate of the first year.
func (p *project) monthly() float64 {
	c := p.Contract
	switch c.Unit {
	case capital.PerKWMonth:
		return c.Rate * 1000
	case capital.PerMWYear:
		return c.Rate / 12
	case capital.PerGPUHour:
		return c.Rate * 1000 / c.KW * hoursOfMonth
	}
	return 0
}

// worth is what the contract brings over its term where all of it is billed.
func (p *project) worth() float64 {
	var sum float64
	for k := range p.Contract.Term {
		sum += p.unit * p.Contract.MW * p.escalated[min(k/12, len(p.escalated)-1)]
	}
	return sum
}

// building is a project on one path.
type building struct {
	begin, finish []float64 // of phases, months
	spent         []float64 // of phases, so far; interest that was built in is not in it
	length        []float64
	cost          []float64 // of phases
	asset         []int     // of phases and then of equipment: where they are kept
	first, ready  float64   // when the first power is there; when all phases are finished
	start, stop   float64   // of the rent
	bought, sold  []bool    // of equipment
	earned        float64   // of the prepayment
	energised     float64   // gross MW that are there in the middle of the step
	taken         float64   // MW of mining that are displaced so far
	built         float64   // of phases and equipment, so far
	interest      float64   // that became part of the plant
	let           float64   // months of rent so far
	prepaid       bool      // the prepayment has come
	whole         bool      // nothing of it is built any more
}

// raise lays the phases of a project out on a path.
func (p *project) raise(i int, path *Path, b *building) {
	b.first, b.ready = math.Inf(1), 0
	for k, f := range p.Phases {
		begin := p.begin
		for _, before := range p.after[k] {
			begin = max(begin, b.finish[before])
		}
		b.begin[k], b.length[k] = begin, f.Months*path.slip(i, k)
		b.finish[k] = begin + b.length[k]
		b.cost[k] = f.Cost * path.overrun(i, k)
		if f.MW > 0 {
			b.first = min(b.first, b.finish[k])
		}
		b.ready = max(b.ready, b.finish[k])
	}
	b.start = max(b.first, p.starts())
	b.stop = b.start + float64(p.Contract.Term)
	if path.Default != nil {
		b.stop = min(b.stop, b.start+path.Default[i])
	}
}

// starts is the month that the contract names, in months since the begin of the plan.
func (p *project) starts() float64 {
	if p.Contract.Starts == 0 {
		return 0
	}
	return p.begin + float64(p.Contract.Starts-p.Begin)
}

// energised is the gross MW that are there at a time.
func (p *project) energised(b *building, at float64) float64 {
	var mw float64
	for k, finish := range b.finish {
		if finish <= at {
			mw += p.Phases[k].MW
		}
	}
	return mw
}

// paid is the share of a phase's cost that has been paid at a time.
//
// Formula: 3 x^2 - 2 x^3 over the phase. Source: docs/formula/model.md.
func (b *building) paid(k int, at float64) float64 {
	if b.length[k] == 0 {
		if at >= b.begin[k] {
			return 1
		}
		return 0
	}
	x := min(max((at-b.begin[k])/b.length[k], 0), 1)
	return x * x * (3 - 2*x)
}

// rent is what a tenant owes for a step, for how many months of it, and the critical
// MW that are let.
func (p *project) rent(b *building, from, to, index float64) (owed, months, critical float64) {
	middle := (from + to) / 2
	mw := min(p.Contract.MW, b.energised/p.PUE)
	if mw == 0 {
		return 0, 0, 0
	}
	c := &p.Contract
	during := min(to, b.stop) - max(from, b.start)
	if during > 0 {
		at := max(middle, b.start) - b.start
		ramp := 1.0
		if k := int(at); k < len(c.Ramp) {
			ramp = c.Ramp[k]
		}
		billed := c.Firm + (1-c.Firm)*c.Billed*index
		return p.unit * mw * billed * ramp * p.escalated[min(int(at/12), len(p.escalated)-1)] * during, during, mw
	}
	if c.Renewal > 0 && middle > b.stop+c.Vacancy {
		return p.unit * mw * c.Renewal * c.Billed * index * (to - from), to - from, mw
	}
	return 0, 0, 0
}
