package option

import (
	"errors"
	"fmt"
	"math"
)

// Stage is how far a conversion has come when it is valued.
type Stage string

// Stages in which a conversion can be valued.
const (
	Holding   Stage = "holding"   // it mines, nothing is paid
	Deposited Stage = "deposited" // the deposit is paid and the grid is ready: it may build
	Running   Stage = "running"   // the first block is let: only the second is decided
)

// Conversion is a mine that can become a hall: a first block, and later perhaps a
// second one. Powers are gross megawatts at the meter, money is USD, rates and
// volatilities are a year's, dates are quarters.
//
// What a quarter pays is taken in its middle. Rents and building costs are those of
// the market on the date on which they are agreed. Durations and capex are expected
// ones: late and dear projects (docs/formula/option.md) belong into them.
type Conversion struct {
	Name          string
	First, Second float64 // MW; a Second of 0: there is one block
	At            Stage
	Stopped       bool // the machines stand still now
	// Quarters is how long machines can mine and blocks can begin to be built; then
	// what is not converted is worth its salvage, and where the first block is still
	// being built the second one is sold on the day it is ready.
	Quarters int
	Discount float64 // rate for a year
	Mine     Mine
	Hall     Hall
	Markets  Markets
	Rights   Rights
}

// Mine is what mining pays. Its own machines keep their efficiency while that of the
// network gets better, so that the same hashprice per watt of the network pays less.
type Mine struct {
	Hashprice  float64 // b: hashprice over what the average machine needs, USD/MWh (capital.Efficient)
	Fleet      float64 // of the network's average machine now, J/TH
	FleetFalls float64 // share by which Fleet falls in a year
	Machine    float64 // of the own machines, J/TH
	PUE, Fee   float64 // of the mine; share that the pool keeps
	Uptime     float64 // share of hours
	Power      float64 // price, USD/MWh; may be negative
	Cost       float64 // of mining besides power, USD/MWh
	Idle       float64 // of machines that stand still, USD/MW and year
	Restart    float64 // USD/MW
	Salvage    float64 // of what is given up, USD/MW
	Keep       float64 // share of a block that mines on while it is built
}

// Hall is what a converted block costs and earns. Power is passed through to the tenant.
type Hall struct {
	PUE       float64 // gross for a megawatt that the tenant can use
	Rent      float64 // of the market now, USD/kW and month of the tenant's power
	Prelet    bool    // the rent is agreed when building begins, not when the block is ready
	Escalator float64 // share by which an agreed rent rises in a year
	Let       float64 // share of the tenant's power that is paid
	Opex      float64 // USD/MW of the tenant's power and year
	Inflation float64 // of opex, from the day the block is ready
	Term      int     // years
	Residual  float64 // at the end of the term, USD/MW gross
	Capex     float64 // at an index of 1, USD/MW gross; the price is fixed when building begins and paid evenly
	Build     int     // quarters
	Deposit   float64 // for the grid, of the first block, lost when given up: USD/MW gross
	Connect   int     // quarters from the deposit to the day on which one may build; 0: no deposit is needed
}

// Markets is how hashprice, rent and capex move. Means are kept: a greater volatility
// widens what may come and moves no mean.
type Markets struct {
	HashVolatility float64
	Level          float64 // to which the hashprice returns, USD/MWh
	HalfLife       float64 // months in which half of the way is gone
	Walk           float64 // share of paths that do not return; 0.5 is the mixture of docs/formula/option.md
	RentVolatility, RentGrowth,
	CapexVolatility, CapexGrowth float64
	HashRent, HashCapex, RentCapex float64 // correlations
}

// Rights are what may be decided besides converting. Restarting is always allowed.
type Rights struct{ Stop, Abandon, Expand bool }

// bound is what a number must lie within.
type bound struct {
	name          string
	of, low, high float64
}

// quartersMost bounds the horizon: ten years.
const (
	quartersMost = 40
	buildMost    = 20
	termMost     = 40
	moneyMost    = 1e9
)

func (c Conversion) bounds() []bound {
	m, h, k := c.Mine, c.Hall, c.Markets
	const tiny = 1e-6
	return []bound{
		{"the first block, MW,", c.First, tiny, 1e5},
		{"the second block, MW,", c.Second, 0, 1e5},
		{"the discount rate", c.Discount, -0.5, 2},
		{"the horizon in quarters", float64(c.Quarters), 1, quartersMost},
		{"the quarters of building", float64(h.Build), 1, buildMost},
		{"the quarters to the grid", float64(h.Connect), 0, buildMost},
		{"the term in years", float64(h.Term), 1, termMost},
		{"the hashprice, USD/MWh,", m.Hashprice, tiny, 1e5},
		{"the network's J/TH", m.Fleet, tiny, 1e5},
		{"the fall of the network's J/TH", m.FleetFalls, 0, 0.9},
		{"the machines' J/TH", m.Machine, tiny, 1e5},
		{"the PUE of the mine", m.PUE, 1, 5},
		{"the pool's fee", m.Fee, 0, 0.5},
		{"the uptime", m.Uptime, 0, 1},
		{"the power price, USD/MWh,", m.Power, -1e4, 1e4},
		{"the cost of mining, USD/MWh,", m.Cost, 0, 1e4},
		{"the cost of standing still", m.Idle, 0, moneyMost},
		{"the cost of a restart", m.Restart, 0, moneyMost},
		{"the salvage", m.Salvage, 0, moneyMost},
		{"the share that mines on", m.Keep, 0, 1},
		{"the PUE of the hall", h.PUE, 1, 5},
		{"the rent", h.Rent, tiny, 1e5},
		{"the escalator", h.Escalator, -0.2, 0.5},
		{"the share that is let", h.Let, 0, 1},
		{"the opex", h.Opex, 0, moneyMost},
		{"the inflation", h.Inflation, -0.2, 0.5},
		{"the residual", h.Residual, 0, moneyMost},
		{"the capex", h.Capex, 0, moneyMost},
		{"the deposit", h.Deposit, 0, moneyMost},
		{"the volatility of the hashprice", k.HashVolatility, 0, 3},
		{"the level of the hashprice", k.Level, tiny, 1e5},
		{"the half-life in months", k.HalfLife, 0.1, 1e3},
		{"the share of paths that walk", k.Walk, 0, 1},
		{"the volatility of rent", k.RentVolatility, 0, 3},
		{"the growth of rent", k.RentGrowth, -0.5, 0.5},
		{"the volatility of capex", k.CapexVolatility, 0, 3},
		{"the growth of capex", k.CapexGrowth, -0.5, 0.5},
	}
}

// Validate reports every input that is out of its bounds, and those that do not go together.
func (c Conversion) Validate() error {
	var faults []error
	fault := func(wrong bool, says string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("conversion %q: %w: %s", c.Name, ErrProblem, fmt.Sprintf(says, args...)))
		}
	}
	for _, b := range c.bounds() {
		in := b.of >= b.low && b.of <= b.high // false of what is no number
		fault(!in, "%s is %g: give %g to %g", b.name, b.of, b.low, b.high)
	}
	switch c.At {
	case Holding, Deposited:
	case Running:
		fault(c.Second == 0, "the first block runs and there is no second one: nothing is left to decide")
	default:
		fault(true, "it is at %q: write %q, %q or %q", string(c.At), Holding, Deposited, Running)
	}
	fault(c.At == Deposited && c.Hall.Connect == 0, "a deposit is paid but none is needed: give the quarters to the grid, or begin at %q", Holding)
	fault(c.Hall.Deposit > 0 && c.Hall.Connect == 0, "a deposit of %g USD/MW with no quarters to the grid: add it to the capex instead", c.Hall.Deposit)
	fault(c.Rights.Expand && c.Second == 0, "the right to expand needs a second block")
	if _, ok := c.Markets.roots(); !ok {
		fault(true, "the correlations %g, %g and %g contradict each other: no three markets can move like that", c.Markets.HashRent, c.Markets.HashCapex, c.Markets.RentCapex)
	}
	return errors.Join(faults...)
}

// roots is the lower triangle whose square is the matrix of correlations (Cholesky).
func (m Markets) roots() (l [3][3]float64, ok bool) {
	for _, r := range []float64{m.HashRent, m.HashCapex, m.RentCapex} {
		if !(r >= -1 && r <= 1) {
			return l, false
		}
	}
	l[0][0], l[1][0], l[2][0] = 1, m.HashRent, m.HashCapex
	l[1][1] = math.Sqrt(1 - m.HashRent*m.HashRent)
	rest := m.RentCapex - m.HashRent*m.HashCapex
	if l[1][1] > 0 {
		l[2][1] = rest / l[1][1]
	} else if math.Abs(rest) > 1e-12 {
		return l, false
	}
	square := 1 - l[2][0]*l[2][0] - l[2][1]*l[2][1]
	l[2][2] = math.Sqrt(max(square, 0))
	return l, square >= -1e-12
}
