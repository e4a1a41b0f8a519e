package export

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// Product is a reserve that the grid buys: power that is drawn and stops on
// call. Products come and go, so each one is data with its dates, never a name
// in code.
type Product struct {
	Name     string                     // as the market names it, for example "ECRS"
	Reaction time.Duration              // longest time from the call to the full reduction
	Duration time.Duration              // how long the reduction may have to last
	Notice   time.Duration              // how long before delivery the offer must stand
	Minimum  unit.Power                 // least offer
	Step     unit.Power                 // offers are whole multiples of it; 0: any
	Price    series.Profile[unit.Price] // per MW and hour held, forecast for the plan
	Deployed unit.Ratio                 // expected share of the reserve held that is called
	Excludes []string                   // products that the same megawatt may not back; empty: all others
	From, To time.Time                  // valid from From, before To; zero: open
}

// Response is what one use of power can do when called, as measured.
type Response struct {
	Use       string
	Reaction  time.Duration
	Sheddable unit.Power // low quantile of what it sheds, IT watts; 0: not measured, so nothing is offered
	Least     unit.Power // IT watts that stay on when called
}

// Reserves is the site's switch for offering reserve from load.
type Reserves struct {
	FromLoad bool // off unless set; see the package comment before setting it
	Products []Product
	Market   series.Profile[unit.Price] // forecast market price, for the cost of being called
}

// Validate reports every fault of the products at once for a plan of n intervals.
func (r Reserves) Validate(n int) error {
	var found []error
	names := map[string]bool{}
	for _, p := range r.Products {
		if p.Name == "" || names[p.Name] {
			found = append(found, fmt.Errorf("reserve product %q: the name is empty or stated twice: name each product once", p.Name))
		}
		names[p.Name] = true
		if p.Reaction <= 0 || p.Duration <= 0 || p.Notice < 0 {
			found = append(found, fmt.Errorf("reserve product %q: reaction %v and duration %v must be positive, notice %v not negative", p.Name, p.Reaction, p.Duration, p.Notice))
		}
		if p.Minimum < 0 || p.Step < 0 || p.Deployed < 0 || p.Deployed > unit.One {
			found = append(found, fmt.Errorf("reserve product %q: minimum %v, step %v and deployed share %.3f make no sense", p.Name, p.Minimum, p.Step, p.Deployed.Float()))
		}
		if !p.Price.Covers(n) {
			found = append(found, fmt.Errorf("reserve product %q: states %d prices for %d intervals", p.Name, len(p.Price), n))
		}
	}
	return errors.Join(found...)
}

// Offer returns the bid with the headroom that its use may offer over mesh. It
// returns the bid unchanged when the switch is off, the use has no measured
// response, or no product suits. The bid that came in is not changed.
//
// Where products exclude one another only the first that suits is offered:
// products are asked in the order in which the site states them.
func (r Reserves) Offer(b use.Bid, can Response, mesh series.Mesh) use.Bid {
	if !r.FromLoad || can.Sheddable <= 0 {
		return b
	}
	offered := []Product{}
	b.Headroom = slices.Clone(b.Headroom)
	for _, p := range r.Products {
		most := p.round(can.Sheddable)
		if most <= 0 || !p.suits(can, mesh) || excluded(p, offered) {
			continue
		}
		offered = append(offered, p)
		b.Headroom = append(b.Headroom, use.Headroom{Product: p.Name, Price: r.net(p, b, mesh.Len()), Max: most, Least: can.Least})
	}
	return b
}

// suits reports whether the use is fast enough and the product is valid throughout the plan.
func (p Product) suits(can Response, mesh series.Mesh) bool {
	if can.Reaction > p.Reaction || mesh.Len() == 0 {
		return false
	}
	end := mesh.Start
	for _, d := range mesh.Lengths {
		end = end.Add(d)
	}
	return (p.From.IsZero() || !mesh.Start.Before(p.From)) && (p.To.IsZero() || !end.After(p.To))
}

// round lowers an offer to the market's step; below the minimum there is none.
func (p Product) round(most unit.Power) unit.Power {
	if p.Step > 0 {
		most -= most % p.Step
	}
	if most < p.Minimum {
		return 0
	}
	return most
}

// excluded reports whether p may not stand beside what is offered already.
func excluded(p Product, offered []Product) bool {
	for _, o := range offered {
		if len(p.Excludes) == 0 || len(o.Excludes) == 0 || slices.Contains(p.Excludes, o.Name) || slices.Contains(o.Excludes, p.Name) {
			return true
		}
	}
	return false
}

// net is the price of the reserve less what being called is expected to cost,
// at the worth of the dearest step, which is the careful side.
//
// Formula: a - phi * max(0, worth/PUE - market). Source: docs/formula/tariff.md, "Reserve".
func (r Reserves) net(p Product, b use.Bid, n int) series.Profile[unit.Price] {
	out := make(series.Profile[unit.Price], n)
	for i := range out {
		lost := unit.Price(0)
		if len(b.Steps) > 0 && len(r.Market) > 0 {
			lost = max(0, b.Steps[0].Worth.At(i).Unscale(b.PUE.At(i))-r.Market.At(i))
		}
		out[i] = p.Price.At(i) - lost.Scale(p.Deployed)
	}
	return out
}
