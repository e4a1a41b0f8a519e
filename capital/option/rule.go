package option

import (
	"fmt"
	"math"
	"slices"

	"sluice/capital"
)

// Side tells where, along a variable, an action is taken.
type Side string

// Sides of a rule, within what 95 of 100 fitted paths have seen on the date: beyond, a
// polynomial is a guess.
const (
	Above  Side = "above"  // from At upwards
	Below  Side = "below"  // up to At
	Always Side = "always" // everywhere
	Never  Side = "never"  // nowhere
	Mixed  Side = "mixed"  // it changes more than once; At is the first change
)

// Row is a line of the rule: on a date, in a phase, an action is taken on one side of
// At along Axis, while Across is Given.
type Row struct {
	Date          int
	Phase, Action string
	Axis, Across  Variable // Across without a name: there is none
	Level         float64  // quantile of Across at which the row holds
	Given         float64  // value of Across there, as it is read
	Side          Side
	At            float64 // value of Axis, as it is read; 0 for always and never
}

// String is the row as a sentence.
func (r Row) String() string {
	out := fmt.Sprintf("date %d, %s: ", r.Date, r.Phase)
	switch r.Side {
	case Above:
		out += fmt.Sprintf("%s if %s > %.4g %s", r.Action, r.Axis.Name, r.At, r.Axis.Unit)
	case Below:
		out += fmt.Sprintf("%s if %s < %.4g %s", r.Action, r.Axis.Name, r.At, r.Axis.Unit)
	case Mixed:
		out += fmt.Sprintf("%s on several stretches of %s, the first from %.4g %s", r.Action, r.Axis.Name, r.At, r.Axis.Unit)
	case Always, Never:
		out += string(r.Side) + " " + r.Action
	}
	if r.Across.Name != "" {
		out += fmt.Sprintf(" while %s is %.4g %s", r.Across.Name, r.Given, r.Across.Unit)
	}
	return out
}

// looked is how many paths the quantiles of a rule are taken from: all are equally
// likely, and this many place a threshold well within what a table shows.
const looked = 4000

// rule is a cut through the fitted rule on every date on which there is a choice and
// the state is not the same everywhere.
func (s *solver) rule(c Cut) (out []Row) {
	for date := range s.problem.Dates {
		k := slices.IndexFunc(s.steps[date][c.Phase], func(x step) bool { return x.index == c.Action })
		if k < 0 || len(s.steps[date][c.Phase]) < 2 {
			continue
		}
		seen := s.quantiles(date)
		if seen[c.Axis][0] == seen[c.Axis][len(seen[c.Axis])-1] {
			continue
		}
		levels := []float64{0.1, 0.5, 0.9}
		if c.Across < 0 {
			levels = levels[1:2]
		}
		for _, level := range levels {
			out = append(out, s.row(date, k, c, level, seen))
		}
	}
	return out
}

// quantiles are the sorted values of every variable on a date.
func (s *solver) quantiles(date int) [][]float64 {
	dim := len(s.problem.Variables)
	out := make([][]float64, dim)
	for v := range out {
		for i := range min(looked, s.settings.Paths) {
			out[v] = append(out[v], s.states[date][i*s.problem.width()+v])
		}
		slices.Sort(out[v])
	}
	return out
}

// grid is how many steps a rule takes along its axis before it looks closer.
const grid = 64

// edge is the share of paths beyond either end of the stretch that a rule is told for.
const edge = 0.025

// row looks along the axis of a cut.
func (s *solver) row(date, k int, c Cut, level float64, seen [][]float64) Row {
	of := s.problem.Phases[c.Phase]
	r := Row{Date: date, Phase: of.Name, Action: of.Actions[c.Action].Name, Axis: s.problem.Variables[c.Axis], Level: level}
	x := make([]float64, len(seen))
	for v, sorted := range seen {
		x[v] = capital.Quantile(sorted, 0.5)
	}
	if c.Across >= 0 {
		x[c.Across] = capital.Quantile(seen[c.Across], level)
		r.Across, r.Given = s.problem.Variables[c.Across], s.problem.Variables[c.Across].read(x[c.Across])
	}
	sight := s.newSight()
	takes := func(at float64) bool {
		x[c.Axis] = at
		got, _ := s.pick(date, c.Phase, sight.look(s.problem.widen(date, x)))
		return got == k
	}
	low, high := capital.Quantile(seen[c.Axis], edge), capital.Quantile(seen[c.Axis], 1-edge)
	starts := takes(low)
	var turns []float64
	for i, was := 1, starts; i <= grid; i++ {
		a, b := low+(high-low)*float64(i-1)/grid, low+(high-low)*float64(i)/grid
		if is := takes(b); is != was {
			turns, was = append(turns, turn(takes, a, b)), is
		}
	}
	r.Side = side(starts, len(turns))
	if len(turns) > 0 {
		r.At = r.Axis.read(turns[0])
	}
	return r
}

func side(starts bool, turns int) Side {
	switch {
	case turns > 1:
		return Mixed
	case turns == 1 && starts:
		return Below
	case turns == 1:
		return Above
	case starts:
		return Always
	}
	return Never
}

// turn is where a choice changes between two points.
func turn(takes func(float64) bool, a, b float64) float64 {
	was := takes(a)
	for range 40 {
		m := (a + b) / 2
		if takes(m) == was {
			a = m
		} else {
			b = m
		}
	}
	return (a + b) / 2
}

// read is a value of the state as a person reads it.
func (v Variable) read(x float64) float64 {
	if v.Log {
		return math.Exp(x)
	}
	return x
}
