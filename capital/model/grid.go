package model

import (
	"time"

	"sluice/capital"
)

// Grid is the steps of a plan. A step lies within two months at most.
type Grid struct {
	From, To []float64   // months since the begin of the plan; a month goes by evenly
	Hours    []float64   // hours of the step
	Weeks    []float64   // weeks of the step
	Closes   []int       // the month of the plan whose end lies in the step, or -1
	Begin    []time.Time // UTC
}

// Steps is how many there are.
func (g Grid) Steps() int { return len(g.From) }

// Monthly is one step a month.
func Monthly(p capital.Plan) Grid {
	var g Grid
	for m := range p.Months() {
		g.add(p, p.Begin.Add(m).Begin(), p.Begin.Add(m+1).Begin())
	}
	return g
}

// Weekly is steps of seven days from the begin of the plan; the last one ends with it.
func Weekly(p capital.Plan) Grid {
	var g Grid
	end := p.End().Begin()
	for at := p.Begin.Begin(); at.Before(end); at = at.AddDate(0, 0, 7) {
		next := at.AddDate(0, 0, 7)
		if next.After(end) {
			next = end
		}
		g.add(p, at, next)
	}
	return g
}

func (g *Grid) add(p capital.Plan, from, to time.Time) {
	a, b := position(p, from), position(p, to)
	closes := -1
	if int(b) > int(a) {
		closes = int(b) - 1
	}
	hours := to.Sub(from).Hours()
	g.From, g.To, g.Closes = append(g.From, a), append(g.To, b), append(g.Closes, closes)
	g.Hours, g.Weeks, g.Begin = append(g.Hours, hours), append(g.Weeks, hours/168), append(g.Begin, from)
}

// position is a time in months since the begin of a plan.
func position(p capital.Plan, t time.Time) float64 {
	m := capital.MonthOf(t)
	begin, length := m.Begin(), m.Add(1).Begin().Sub(m.Begin())
	return float64(m-p.Begin) + float64(t.Sub(begin))/float64(length)
}
