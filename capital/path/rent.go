package path

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// ErrRent is what every complaint about rents is.
var ErrRent = errors.New("no rents can be drawn so")

// Class is one kind of machine that is rented out, all of it to one tenant at a time.
// Weeks are counted from the begin of the future.
type Class struct {
	Name   string
	Market float64 // price of an hour today, USD
	// Paid is what today's tenant pays an hour; its contract has Term weeks left, 0:
	// there is no tenant yet, and the first one comes after Vacancy.
	Paid float64
	Term int
	// Renewal is the weeks of every later contract, at the market's price of its begin;
	// Vacancy those without rent after a contract's end or a tenant's failure.
	Renewal, Vacancy int
	Intensity        float64 // failures of a tenant in a year, mean
}

// Rents is how prices of machine hours fall. The market's price of a class falls by the
// same part each year, which part is uncertain: Slow in one path of ten or less,
// Fast in one of ten or more; 0.20 and 0.35 are the planning range, an assumption.
// Common is the correlation of the rates of two classes.
type Rents struct {
	Weeks      int
	Slow, Fast float64
	Common     float64
	Classes    []Class
}

// Rental is the future of one class, by week.
type Rental struct {
	Market []float64 // price of an hour at the begin of the week, USD
	Paid   []float64 // what an hour brings, USD; 0 where nobody rents
	Failed int       // week in which a tenant failed first; -1: none did
	Vacant int       // weeks in which nobody rented
	Rate   float64   // part of the price that is lost in a year
}

// Validate reports everything that is wrong. Its errors are ErrRent.
func (r Rents) Validate() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrRent}, a...)...))
		}
	}
	fault(r.Weeks < 1 || r.Weeks > weeksMost, "a horizon of %d weeks: take 1 to %d", r.Weeks, weeksMost)
	fault(!(r.Slow > 0 && r.Slow <= r.Fast && r.Fast < 1), "prices that fall by %v to %v a year: take two parts between 0 and 1, the smaller first", r.Slow, r.Fast)
	fault(!within(r.Common, 0, 1), "a correlation of %v between classes: take 0 to 1", r.Common)
	for _, c := range r.Classes {
		fault(!positive(c.Market) || !finite(c.Paid) || c.Paid < 0, "%s: a market price of %v and a contract at %v USD an hour", c.Name, c.Market, c.Paid)
		fault(c.Term < 0 || c.Renewal < 1 || c.Vacancy < 0, "%s: %d weeks of contract left, then %d empty and contracts of %d: none is negative and a contract lasts at least a week", c.Name, c.Term, c.Vacancy, c.Renewal)
		fault(!within(c.Intensity, 0, 50), "%s: %v failures of a tenant in a year: take 0 to 50", c.Name, c.Intensity)
	}
	return errors.Join(faults...)
}

// Draw writes one future of every class; into has as many places as there are classes.
// What one class signs does not move the chance of another.
//
// Formula: price = market exp(-k t), k lognormal through its tenth and ninetieth
// percentile. Source: docs/formula/path.md.
func (r Rents) Draw(source *rand.Rand, into []Rental) {
	low, high := -math.Log1p(-r.Slow), -math.Log1p(-r.Fast)
	decay := Multiplier{Mu: math.Log(low*high) / 2, Sigma: math.Log(high/low) / (2 * normalQuantile(0.9))}
	all := source.NormFloat64()
	common, own := math.Sqrt(r.Common), math.Sqrt(1-r.Common)
	for i, c := range r.Classes {
		k := decay.at(common*all + own*source.NormFloat64())
		var tenants rand.PCG
		tenants.Seed(source.Uint64(), uint64(i))
		m := &into[i]
		m.Market, m.Paid = resized(m.Market, r.Weeks), resized(m.Paid, r.Weeks)
		m.Rate = -math.Expm1(-k)
		price, keep := c.Market, math.Exp(-k/yearWeeks)
		for t := range m.Market {
			m.Market[t] = price
			price *= keep
		}
		c.let(m, &tenants)
	}
}

// let walks from tenant to tenant.
func (c Class) let(m *Rental, source *rand.PCG) {
	m.Failed, m.Vacant = -1, 0
	price, left := c.Paid, c.Term
	for t := 0; t < len(m.Paid); {
		end, failed := t+left, false
		if lasts := c.lasts(source); lasts < float64(left) {
			end, failed = t+int(lasts), true
		}
		for ; t < min(end, len(m.Paid)); t++ {
			m.Paid[t] = price
		}
		if failed && t < len(m.Paid) && m.Failed < 0 {
			m.Failed = t
		}
		for end = t + c.Vacancy; t < min(end, len(m.Paid)); t++ {
			m.Paid[t] = 0
			m.Vacant++
		}
		if t < len(m.Paid) {
			price, left = m.Market[t], c.Renewal
		}
	}
}

// lasts is how many weeks a tenant pays until it fails.
//
// Formula: exponential with the intensity. Source: docs/formula/path.md.
func (c Class) lasts(source *rand.PCG) float64 {
	u := float64(source.Uint64()>>11) / (1 << 53)
	if c.Intensity == 0 {
		return math.Inf(1)
	}
	return -math.Log1p(-u) / c.Intensity * yearWeeks
}
