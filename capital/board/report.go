package board

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/model"
)

// ErrReport says that a report cannot be shown.
var ErrReport = errors.New("no report that can be shown")

// Report is all that is shown of a plan. Money is in the currency of the plan.
type Report struct {
	Language Language
	Made     string // by what and when, as a line of text; may be empty
	Plan     capital.Plan
	Figures  []capital.Figure // the assumptions; nil: Plan.Figures
	Begin    capital.Month    // of the first of Months; 0: that of the plan
	Months   [][model.LineCount]float64
	Sites    []Site
	Tested   []model.Ratios // ratios of quarters; those of no quarter are left out
	// Residuals and Multiple are the worth of what stands at the end, by the residuals
	// and by the multiple of EBITDA that the plan states. Each is an amount at the last month.
	Residuals, Multiple float64
	Answer              Answer
	Projects            []ProjectAnswer
	Checks              []Check
	Risk                *Risk // nil: no paths of chance were drawn
}

// Site is the months of one site.
type Site struct {
	Name   string
	Months [][model.LineCount]float64
}

// Answer is what a plan is worth, by what is assumed to be left at its end.
type Answer struct {
	Without  Value // nothing is left
	Residual Value // the residuals that the plan states
	Multiple Value // a multiple of the EBITDA of the last twelve months
}

// ProjectAnswer is what a project adds to the plan: the plan with it, less the plan
// without it.
type ProjectAnswer struct {
	Name              string
	Gross, Critical   float64 // MW
	Capex             float64
	Ready             capital.Month // in which its last phase is finished; 0: not within the plan
	Without, Residual Value         // without, and with what is left of it at the end
}

// Check is a figure that somebody published, beside ours.
type Check struct {
	capital.Published
	Ours float64 // NaN: the plan does not have it
}

// Risk is what paths of chance made of the plan.
type Risk struct {
	Paths       int
	Seed        uint64
	Quarters    []capital.Month // last month of each quarter, of fans and covenants
	Fans        Fans
	Covenants   []CovenantRisk
	Tornado     []Bar
	Scenarios   []Scenario
	Reverse     []string // each a sentence: what must happen for the plan to break
	Drivers     []Driver
	NPV, IRR    capital.Spread // IRR of a year, over the paths that have one
	NoIRR       float64        // share of paths without one
	Runway      capital.Spread // months until cash does not reach; paths on which it always does count as the whole plan
	Broke       float64        // share of paths on which cash does not reach
	CashAtRisk  Estimate       // 95 % shortfall of the cash flow of 12 months against the plan
	CashTail    Estimate       // mean shortfall of the worst 5 %
	Convergence []Convergence
	Coverage    []Coverage
	Warnings    []string
}

// Fans are bands of a row over the quarters.
type Fans struct{ Cash, Debt, BTC, Free []Band }

// Band is the quantiles of a figure at one time.
type Band struct{ P5, P10, P25, P50, P75, P90, P95 float64 }

// CovenantRisk is one covenant at the end of each quarter.
type CovenantRisk struct {
	Name     string
	Kind     string    // as in capital.Covenant
	Limit    float64   // as in capital.Covenant
	Breach   []float64 // probability by quarter; NaN: it is not tested then
	Headroom []float64 // P5 of the distance to the limit, positive is kept; NaN: none
	First    string    // when it is first breached, in words; may be empty
}

// Bar is one input at two values, and what the plan is worth then.
type Bar struct {
	Input     string
	Low, High string // values of the input, with their units
	NPVLow    float64
	NPVHigh   float64
}

// Scenario is a named future.
type Scenario struct {
	Name        string
	NPV         float64
	LeastCash   float64
	FirstBreach string // covenant and month; empty: none
}

// Driver is how much of the variance of the NPV comes from an input.
type Driver struct {
	Input        string
	First, Total float64 // Sobol indices, 0 to 1; Total NaN: not computed
	Error        float64 // standard error of First
}

// Estimate is a figure with its standard error.
type Estimate struct{ Value, Error float64 }

// Convergence is a mean over the first paths.
type Convergence struct {
	Paths       int
	Mean, Error float64
}

// Coverage is how often a band held what happened, in a back-test.
type Coverage struct {
	What              string // of which row, such as hashprice
	Weeks             int    // horizon
	Nominal, Realised float64
	Origins           int // forecasts that were tested
}

// Most sizes of a report, so that a page ends.
const (
	mostMonths = 12 * 20
	mostRows   = 500
)

// check refuses a report that does not hold together.
func (r *Report) check() error {
	n := len(r.Months)
	if n == 0 || n%12 != 0 || n > mostMonths {
		return fmt.Errorf("plan %q: %d months: give whole years, 1 to %d: %w", r.Plan.Name, n, mostMonths/12, ErrReport)
	}
	for k := range r.Months {
		for l, v := range r.Months[k] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("plan %q: %s of %s is no number: look for what made it: %w", r.Plan.Name, model.Names()[l], r.begin().Add(k), ErrReport)
			}
		}
	}
	for _, s := range r.Sites {
		if len(s.Months) != n {
			return fmt.Errorf("site %q: %d months, the plan has %d: give the same: %w", s.Name, len(s.Months), n, ErrReport)
		}
	}
	return r.Risk.check()
}

// check refuses fans and covenants of another length than the quarters.
func (k *Risk) check() error {
	if k == nil {
		return nil
	}
	n := len(k.Quarters)
	for name, fan := range map[string][]Band{"cash": k.Fans.Cash, "debt": k.Fans.Debt, "BTC": k.Fans.BTC, "free cash": k.Fans.Free} {
		if len(fan) != n && len(fan) != 0 {
			return fmt.Errorf("fan of %s: %d quarters of %d: give one band for each, or none: %w", name, len(fan), n, ErrReport)
		}
	}
	for _, c := range k.Covenants {
		if len(c.Breach) != n || len(c.Headroom) != n {
			return fmt.Errorf("covenant %q: %d and %d quarters of %d: give NaN where it is not tested: %w", c.Name, len(c.Breach), len(c.Headroom), n, ErrReport)
		}
	}
	if rows := max(len(k.Tornado), len(k.Scenarios), len(k.Reverse), len(k.Drivers), len(k.Convergence), len(k.Coverage), len(k.Warnings)); rows > mostRows {
		return fmt.Errorf("%d rows of one table of risk, at most %d are shown: leave out the least: %w", rows, mostRows, ErrReport)
	}
	return nil
}

func (r *Report) begin() capital.Month {
	if r.Begin != 0 {
		return r.Begin
	}
	return r.Plan.Begin
}

func (r *Report) figures() []capital.Figure {
	if r.Figures != nil {
		return r.Figures
	}
	return r.Plan.Figures()
}

// years is how many years of the plan there are. A year of a plan begins with its
// first month, which need not be a January.
func (r *Report) years() int { return len(r.Months) / 12 }

// yearName is what a year of the plan is called: by its calendar year, or by its
// first month.
func (r *Report) yearName(y int) string {
	m := r.begin().Add(12 * y)
	if m%12 == 0 {
		return m.String()[:4]
	}
	return m.String()
}

// year is the sum of a line over a year of the plan.
func year(months [][model.LineCount]float64, l model.Line, y int) (sum float64) {
	for k := 12 * y; k < 12*y+12; k++ {
		sum += months[k][l]
	}
	return sum
}

// of is the sum of what is made of the months of a year.
func of(months [][model.LineCount]float64, y int, what func(*[model.LineCount]float64) float64) (sum float64) {
	for k := 12 * y; k < 12*y+12; k++ {
		sum += what(&months[k])
	}
	return sum
}
