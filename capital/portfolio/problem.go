package portfolio

import "math"

// Ref names an option of a site.
type Ref struct {
	Site, Option string
}

// String is the option as it is read.
func (r Ref) String() string { return r.Site + "/" + r.Option }

// Problem is a choice to be made: one option at every site. Quarters are counted
// from 0, and every array over quarters has Quarters entries. A limit that is nil
// does not limit.
type Problem struct {
	Quarters  int
	Sites     []Site
	Scenarios []Scenario
	Beta      float64 // level of CVaR: the worst share 1-Beta counts; above 0 and below 1
	Aversion  float64 // lambda, the weight of CVaR against expected value; at least 0

	Budget      *Budget
	Crew        []float64 // people there are, by quarter
	Substations []Substation
	Liquidity   *Liquidity
	Building    int // most projects in construction in one quarter; 0: no limit
	Needs       []Need
	Exclusive   []Exclusion
	Covenants   []Covenant
}

// Site is a place at which one option is taken. Exactly one option of a site has
// the product None.
type Site struct {
	Name       string
	Substation string // names one of Substations; empty: its grid is not limited
	Options    []Option
}

// None is the product of the option that builds nothing.
const None = "none"

// Option is something to do at a site, from a quarter on. An array that no limit of
// the problem uses may be nil; the option None may leave any array out, which says
// that nothing changes.
type Option struct {
	Name    string // unique at its site
	Product string
	Start   int         // quarter in which construction starts
	Build   int         // quarters of construction; 0: none
	NPV     []float64   // by scenario, money
	Capex   []float64   // by quarter, money that counts against the budget
	Crew    []float64   // by quarter, people
	MW      []float64   // by quarter, megawatts at the substation of the site
	Cash    [][]float64 // by scenario and quarter, money received less paid, capex too
}

// Scenario is one future with its weight. All weights are above 0 and sum to 1.
type Scenario struct {
	Name   string // unique
	Weight float64
}

// Budget is the money that may be spent in each quarter.
type Budget struct {
	Money []float64
	Carry bool // what is not spent may be spent later
}

// Substation is a point of the grid with the megawatts there by quarter.
type Substation struct {
	Name string // unique
	MW   []float64
}

// Liquidity says how little cash there may be. In each scenario and quarter, cash is
// Start and all that the options taken have paid until the end of the quarter.
type Liquidity struct {
	Start float64
	Least float64
	// Hard forbids every shortfall in every scenario. Otherwise each unit of money
	// below Least costs Penalty in each quarter that it is short.
	Hard    bool
	Penalty float64
}

// Need is a precedence: where one of the options If is taken, one of Needs must be.
// The options If belong to one site. Without any, one of Needs must be taken in any
// case, which is how a promise already made is written.
type Need struct {
	Name      string // unique among needs
	If, Needs []Ref
}

// Exclusion lets at most one of some options be taken.
type Exclusion struct {
	Name string // unique among exclusions
	Of   []Ref
}

// Covenant is a linear limit by quarter: the loads of the options taken sum to at
// most Most. See Multiple for debt against earnings.
type Covenant struct {
	Name string        // unique among covenants
	Load [][][]float64 // by site, option and quarter; nil: the site, or the option, counts nothing
	Most []float64     // by quarter; +Inf: not tested in that quarter
}

// Debt is what a company owes and earns in each quarter, by site and option as in
// Covenant.Load, and without any option.
type Debt struct {
	Owed, Earned         [][][]float64
	BaseOwed, BaseEarned []float64
}

// Multiple is the covenant that debt is at most times the earnings of the same
// quarter: debt - times * EBITDA <= times * base EBITDA - base debt. Where the test
// is of a year's earnings, Earned holds those of the trailing year.
//
// Source: docs/formula/portfolio.md.
func Multiple(name string, times float64, d Debt) Covenant {
	c := Covenant{Name: name, Load: make([][][]float64, max(len(d.Owed), len(d.Earned)))}
	for i := range c.Load {
		owed, earned := at(d.Owed, i), at(d.Earned, i)
		c.Load[i] = make([][]float64, max(len(owed), len(earned)))
		for o := range c.Load[i] {
			c.Load[i][o] = less(at(owed, o), times, at(earned, o))
		}
	}
	for _, x := range less(d.BaseOwed, times, d.BaseEarned) {
		c.Most = append(c.Most, -x)
	}
	return c
}

// at is an entry, or the zero value behind the end.
func at[T any](list []T, i int) (v T) {
	if i < len(list) {
		return list[i]
	}
	return v
}

// less is a - times*b, as long as the longer; arrays of two lengths give NaN, which
// the check refuses.
func less(a []float64, times float64, b []float64) []float64 {
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	out := make([]float64, max(len(a), len(b)))
	for q := range out {
		switch {
		case len(a) == len(b):
			out[q] = a[q] - times*b[q]
		case len(a) == 0:
			out[q] = -times * b[q]
		case len(b) == 0:
			out[q] = a[q]
		default:
			out[q] = math.NaN()
		}
	}
	return out
}
