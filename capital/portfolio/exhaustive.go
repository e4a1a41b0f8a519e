package portfolio

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// mostCombinations is how many combinations Exhaustive counts out: 8^6.
const mostCombinations = 262_144

// Counted is the best of all combinations.
type Counted struct {
	Pick                                []int // option of each site, by its place
	Objective, Expected, CVaR, VaR      float64
	Combinations, Feasible, Improvement int // Improvement: how often a better one was met
}

// Exhaustive counts all combinations out. It shares no code with Choose beyond the
// check of the problem, so that each tests the other. It fails with ErrProblem where
// there are more than 262,144 combinations, and with ErrInfeasible.
//
// Source: docs/formula/portfolio.md.
func Exhaustive(p Problem) (Counted, error) {
	if err := p.Validate(); err != nil {
		return Counted{}, err
	}
	c := counter{p: p, pick: make([]int, len(p.Sites)), loss: make([]weighted, len(p.Scenarios))}
	c.out.Combinations = 1
	for _, s := range p.Sites {
		c.out.Combinations *= len(s.Options)
		if c.out.Combinations > mostCombinations {
			return Counted{}, fmt.Errorf("%d sites have more than %d combinations: count out at most 6 sites of 8 options: %w", len(p.Sites), mostCombinations, ErrProblem)
		}
	}
	c.site(0)
	if c.out.Pick == nil {
		return Counted{}, fmt.Errorf("none of %d combinations: %w", c.out.Combinations, ErrInfeasible)
	}
	return c.out, nil
}

// counter walks through all combinations.
type counter struct {
	p    Problem
	pick []int
	loss []weighted
	out  Counted
}

// weighted is a loss with its weight.
type weighted struct{ loss, weight float64 }

// site tries every option of a site and of all that follow.
func (c *counter) site(i int) {
	if i == len(c.pick) {
		c.leaf()
		return
	}
	for o := range c.p.Sites[i].Options {
		c.pick[i] = o
		c.site(i + 1)
	}
}

// leaf looks at one combination.
func (c *counter) leaf() {
	if !c.budget() || !c.people() || !c.grid() || !c.covenants() || !c.needs() || !c.exclusions() {
		return
	}
	short, ok := c.liquidity()
	if !ok {
		return
	}
	c.out.Feasible++
	expected := 0.0
	for s := range c.loss {
		value := 0.0
		for i, o := range c.pick {
			if v := c.p.Sites[i].Options[o].NPV; v != nil {
				value += v[s]
			}
		}
		c.loss[s] = weighted{-value, c.p.Scenarios[s].Weight}
		expected += value * c.p.Scenarios[s].Weight
	}
	atRisk, tail := c.worst()
	objective := expected - c.p.Aversion*tail - short
	if c.out.Pick == nil || objective > c.out.Objective {
		c.out.Pick = slices.Clone(c.pick)
		c.out.Objective, c.out.Expected, c.out.CVaR, c.out.VaR = objective, expected, tail, atRisk
		c.out.Improvement++
	}
}

// worst is VaR and CVaR in the form of Rockafellar and Uryasev: VaR by sorting, then
// the mean of what lies beyond it.
func (c *counter) worst() (atRisk, tail float64) {
	slices.SortFunc(c.loss, func(a, b weighted) int { return cmp.Compare(a.loss, b.loss) })
	reached := 0.0
	for _, l := range c.loss {
		reached += l.weight
		atRisk = l.loss
		if reached >= c.p.Beta-weightSlack {
			break
		}
	}
	beyond := 0.0
	for _, l := range c.loss {
		beyond += l.weight * math.Max(0, l.loss-atRisk)
	}
	return atRisk, atRisk + beyond/(1-c.p.Beta)
}

// fits says whether a sum keeps its limit; size is the sum of the absolute terms.
func fits(sum, size, limit float64) bool { return sum <= limit+slack*(math.Abs(limit)+size) }

func (c *counter) budget() bool {
	if c.p.Budget == nil {
		return true
	}
	var limit float64
	spent := make([]float64, len(c.pick))
	for q, m := range c.p.Budget.Money {
		limit += m
		var sum, size float64
		for i, o := range c.pick {
			if x := c.p.Sites[i].Options[o].Capex; x != nil {
				spent[i] += x[q]
			}
			sum, size = sum+spent[i], size+math.Abs(spent[i])
		}
		if !fits(sum, size, limit) {
			return false
		}
		if !c.p.Budget.Carry {
			limit = 0
			clear(spent)
		}
	}
	return true
}

// people looks at crew and at the number of projects in construction.
func (c *counter) people() bool {
	for q := range c.p.Quarters {
		var crew, size float64
		building := 0
		for i, n := range c.pick {
			o := &c.p.Sites[i].Options[n]
			if o.Crew != nil {
				crew, size = crew+o.Crew[q], size+math.Abs(o.Crew[q])
			}
			if q >= o.Start && q < o.Start+o.Build {
				building++
			}
		}
		if c.p.Crew != nil && !fits(crew, size, c.p.Crew[q]) || c.p.Building > 0 && building > c.p.Building {
			return false
		}
	}
	return true
}

func (c *counter) grid() bool {
	for _, s := range c.p.Substations {
		for q, limit := range s.MW {
			var sum, size float64
			for i, n := range c.pick {
				if x := c.p.Sites[i].Options[n].MW; x != nil && c.p.Sites[i].Substation == s.Name {
					sum, size = sum+x[q], size+math.Abs(x[q])
				}
			}
			if !fits(sum, size, limit) {
				return false
			}
		}
	}
	return true
}

func (c *counter) covenants() bool {
	for _, v := range c.p.Covenants {
		for q, limit := range v.Most {
			var sum, size float64
			for i, n := range c.pick {
				if v.Load[i] != nil && v.Load[i][n] != nil {
					sum, size = sum+v.Load[i][n][q], size+math.Abs(v.Load[i][n][q])
				}
			}
			if !fits(sum, size, limit) {
				return false
			}
		}
	}
	return true
}

// taken counts how many of some options are taken.
func (c *counter) taken(refs []Ref) int {
	n := 0
	for _, r := range refs {
		for i, o := range c.pick {
			if c.p.Sites[i].Name == r.Site && c.p.Sites[i].Options[o].Name == r.Option {
				n++
			}
		}
	}
	return n
}

func (c *counter) needs() bool {
	for _, n := range c.p.Needs {
		if (len(n.If) == 0 || c.taken(n.If) > 0) && c.taken(n.Needs) == 0 {
			return false
		}
	}
	return true
}

func (c *counter) exclusions() bool {
	for _, e := range c.p.Exclusive {
		if c.taken(e.Of) > 1 {
			return false
		}
	}
	return true
}

// liquidity is what shortfalls of cash cost, or that they are forbidden.
func (c *counter) liquidity() (cost float64, ok bool) {
	l := c.p.Liquidity
	if l == nil {
		return 0, true
	}
	for s, scenario := range c.p.Scenarios {
		cash, size := l.Start, math.Abs(l.Start)+math.Abs(l.Least)
		for q := range c.p.Quarters {
			flow := 0.0
			for i, n := range c.pick {
				if x := c.p.Sites[i].Options[n].Cash; x != nil {
					flow += x[s][q]
				}
			}
			cash, size = cash+flow, size+math.Abs(flow)
			if cash >= l.Least-slack*size {
				continue
			}
			if l.Hard {
				return 0, false
			}
			cost += l.Penalty * scenario.Weight * (l.Least - cash)
		}
	}
	return cost, true
}
