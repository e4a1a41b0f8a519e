package quote

import (
	"errors"
	"fmt"
	"math"

	"sluice/unit"
)

// Scenario is one way that the markets may go: power price and hashprice by month
// from the begin of the term, and how likely that is.
type Scenario struct {
	Name        string
	Probability unit.Ratio
	Energy      []unit.Price
	Hashprice   []unit.Hashprice
}

// ErrScenario is what every complaint about scenarios is.
var ErrScenario = errors.New("scenarios do not serve")

// termMost bounds a term, months.
const termMost = 60 * years

// Flat is the scenario in which today's prices stay.
func Flat(t Terms, term Months) Scenario {
	s := Scenario{Name: "as today", Probability: unit.One}
	for range term {
		s.Energy, s.Hashprice = append(s.Energy, t.Energy), append(s.Hashprice, t.Hashprice)
	}
	return s
}

// CheckScenarios reports everything by which scenarios do not serve a term: a curve
// that ends before it, a probability that is none, probabilities that are not 1 in all.
func CheckScenarios(all []Scenario, term Months) error {
	var faults []error
	fault := func(format string, a ...any) {
		faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrScenario}, a...)...))
	}
	if term < 1 || term > termMost {
		fault("the term is 1 month to %d years", termMost/years)
	}
	var sum unit.Ratio
	for _, s := range all {
		if s.Probability < 0 || s.Probability > unit.One {
			fault("%s: a probability is 0 %% to 100 %%", s.Name)
		}
		sum += s.Probability
		if len(s.Energy) < int(term) || len(s.Hashprice) < int(term) {
			fault("%s: power price is given for %d months and hashprice for %d, and the term has %d: give the curves to its end", s.Name, len(s.Energy), len(s.Hashprice), term)
		}
	}
	if len(all) > 0 && sum != unit.One {
		fault("their probabilities are %s %% in all: make them 100 %%", plain(int64(sum), 4))
	}
	return errors.Join(faults...)
}

// Outcome is an offer in one scenario.
type Outcome struct {
	Name        string
	Probability unit.Ratio
	Least       unit.Amount   // least price, over the term
	Forgone     []unit.Amount // by mining, USD a megawatt, for each year of the term
	Idle        Months        // in which mining would have stopped
	Net         unit.Amount   // of the contract at the asked price beyond mining, discounted, USD a megawatt
	Beats       bool          // the asked price is at least the least
}

// Verdict is an offer over all scenarios.
type Verdict struct {
	Outcomes []Outcome
	Share    unit.Ratio  // probability with which the asked price beats mining
	Net      unit.Amount // mean of the net values, by probability
}

// Judge weighs an offer at an asked price in every scenario. Mining stops in each
// month in which it would lose; it does not lose in one month what it earns in another.
//
// Formula: p*_s = (fixed + sum d_m*(M_m + E_m) / sum d_m) / units, d_m = (1+w)^(-m/12),
// net = (p - p*_s) * units * sum d_m / 12. Source: docs/formula/quote.md.
func (o Offer) Judge(asked unit.Amount, term Months, all []Scenario) (Verdict, error) {
	if err := CheckScenarios(all, term); err != nil {
		return Verdict{}, err
	}
	d := discounts(o.Terms.Capital.Float(), term)
	var v Verdict
	mean := 0.0
	for _, s := range all {
		out := Outcome{Name: s.Name, Probability: s.Probability}
		net, err := o.outcome(&out, s, d, asked)
		if err != nil {
			return Verdict{}, fmt.Errorf("%s: %w", s.Name, err)
		}
		mean += net * s.Probability.Float()
		if out.Beats {
			v.Share += s.Probability
		}
		v.Outcomes = append(v.Outcomes, out)
	}
	var err error
	v.Net, err = money(mean)
	return v, err
}

// outcome fills in what a scenario makes of the offer and returns the net value.
func (o Offer) outcome(out *Outcome, s Scenario, d []float64, asked unit.Amount) (net float64, err error) {
	yearly := make([]float64, (len(d)+years-1)/years)
	markets := 0.0
	for m, factor := range d {
		mining, energy := o.month(s.Hashprice[m].Float(), s.Energy[m].Float())
		if mining == 0 {
			out.Idle++
		}
		yearly[m/years] += mining
		markets += factor * (mining + energy)
	}
	for _, usd := range yearly {
		a, err := money(usd)
		if err != nil {
			return 0, err
		}
		out.Forgone = append(out.Forgone, a)
	}
	least := o.level(markets, sum(d))
	if out.Least, err = money(least); err != nil {
		return 0, err
	}
	net = o.net(asked, least, sum(d))
	out.Beats = out.Least <= asked
	out.Net, err = money(net)
	return net, err
}

// month is what a month of mining would have left, and what the energy of the offer
// costs in it, USD a megawatt.
func (o Offer) month(hashprice, energy float64) (mining, cost float64) {
	const hours = hoursPerYear / float64(years)
	return hours * o.Terms.Available.Float() * o.Terms.margin(hashprice, energy), hours * o.load * energy
}

// level is the least price where the discounted months cost so much in all.
func (o Offer) level(markets, annuity float64) float64 {
	return (o.base() + years*markets/annuity) / o.units
}

// net is what an asked price leaves over the least, discounted, USD a megawatt.
func (o Offer) net(asked unit.Amount, least, annuity float64) float64 {
	return (dollars(asked) - least) * o.units * annuity / years
}

// discounts are the worths at the begin of a dollar at the end of each month.
func discounts(w float64, term Months) []float64 {
	out := make([]float64, term)
	for m := range out {
		out[m] = math.Pow(1+w, -float64(m+1)/years)
	}
	return out
}

func sum(all []float64) (s float64) {
	for _, v := range all {
		s += v
	}
	return s
}
