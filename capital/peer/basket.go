package peer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrBasket says why shares have no figures against bitcoin over a window.
var ErrBasket = errors.New("no figures of the basket")

// ReturnsLeast is the least number of returns from which a volatility or a beta is
// told: about a month of an exchange.
const ReturnsLeast = 20

// Weighting is how much of each share a basket holds.
type Weighting int

// The weightings.
const (
	// Equal holds as much money of each share, set anew at the end of each month.
	Equal Weighting = iota
	// ByCap holds each share by its market cap, set anew at the end of each month, so
	// that new shares that a company sells are no gain of those who hold it.
	ByCap
)

// String is the name of the weighting.
func (w Weighting) String() string { return [...]string{"equal-weighted", "cap-weighted"}[w] }

// Member is a share of a basket.
type Member struct {
	Company, Ticker string
	Shares          []ShareCount // for ByCap: how many there were, by day
}

// ShareCount is how many shares there were at the end of a day.
type ShareCount struct {
	Day   time.Time
	Value float64
}

// Basket is shares that are held together.
type Basket struct {
	Name    string
	Weights Weighting
	Members []Member
}

// Track is how something went over a window.
type Track struct {
	Return     float64 // of the whole window
	Volatility float64 // a year
	Drawdown   float64 // worst fall from what was its highest close until then, as a share of it
}

// Result is a basket against bitcoin.
type Result struct {
	Window      Period // from the first to the last close
	Closes      int    // days that have one
	Basket, BTC Track
	Correlation float64   // of their returns from close to close
	Beta        float64   // of the basket to bitcoin
	Tracking    float64   // volatility a year of the difference of their returns
	Ahead       float64   // return of the basket less that of bitcoin
	Begin       []float64 // weights on the first day, as the members
	Carried     int       // closes that were taken for a later day, since that share had none
	Oldest      int       // days that the oldest of them was taken for
	Estimated   int       // days on which the price of bitcoin is an estimate
	Jumps       []string  // moves within a day that look like a split
}

// GroupBasket is the basket of all companies that were of a class on the first day of
// a window and have closes; apart are those of the class that have none. No class is
// taken from what was told later.
func (g *Group) GroupBasket(class string, w Weighting, from time.Time, m Market) (b Basket, apart []string) {
	b = Basket{Name: class, Weights: w}
	for _, company := range g.companies {
		if is, told := g.Class(company, from); !told || is != class {
			continue
		}
		member := Member{Company: company, Ticker: g.Ticker(company, from)}
		if len(m.closes[member.Ticker]) == 0 {
			apart = append(apart, company)
			continue
		}
		for _, f := range g.facts[key{company, mShares, ""}] {
			member.Shares = append(member.Shares, ShareCount{f.Period.Last, f.Value})
		}
		b.Members = append(b.Members, member)
	}
	return b, apart
}

// Against holds a basket against bitcoin over a window. Its days are those on which
// any member has a close; where another has none its last one counts, for CarryMost
// days and no longer, and that is counted. What a purchase costs is left out.
//
// ErrBasket: there is no member, a member has no close where one is needed, the
// closes leave more than CarryMost days out at an end or between, there are fewer
// than ReturnsLeast returns, bitcoin has no price on a day, or nothing moves.
//
// Formulas: docs/formula/peer.md.
func (b Basket) Against(m Market, window Period) (Result, error) {
	path, err := b.path(m, window)
	if err != nil {
		return Result{}, fmt.Errorf("%s basket %q: %w: %w", b.Weights, b.Name, err, ErrBasket)
	}
	out := path.result
	if err := out.measure(path.worth, path.bitcoin); err != nil {
		return Result{}, fmt.Errorf("%s basket %q: %w: %w", b.Weights, b.Name, err, ErrBasket)
	}
	return out, nil
}

// path is what a basket and bitcoin were worth on each day.
type path struct {
	days           []time.Time
	worth, bitcoin []float64
	result         Result // what was counted on the way
}

func (b Basket) path(m Market, window Period) (p path, err error) {
	if p.days, err = b.calendar(m, window); err != nil {
		return p, err
	}
	p.result.Window, p.result.Closes = Period{p.days[0], p.days[len(p.days)-1]}, len(p.days)
	var held, before []float64
	for i, day := range p.days {
		closes, err := p.closes(b, m, day)
		if err != nil {
			return p, err
		}
		if i == 0 {
			if p.result.Begin, err = b.weigh(day, closes); err != nil {
				return p, err
			}
			held = units(p.result.Begin, 1, closes)
		}
		p.jumps(b, day, before, closes)
		worth := 0.0
		for k, c := range closes {
			worth += held[k] * c
		}
		p.worth, before = append(p.worth, worth), closes
		if i+1 < len(p.days) && monthOf(p.days[i+1]) != monthOf(day) {
			weights, err := b.weigh(day, closes)
			if err != nil {
				return p, err
			}
			held = units(weights, worth, closes)
		}
		price := m.bitcoin(day)
		if !price.OK {
			return p, errors.New(price.Why)
		}
		p.bitcoin = append(p.bitcoin, price.Value)
		if m.estimated[day] {
			p.result.Estimated++
		}
	}
	return p, nil
}

// calendar is the days of the window on which any member has a close.
func (b Basket) calendar(m Market, window Period) ([]time.Time, error) {
	if len(b.Members) == 0 {
		return nil, errors.New("it has no member with closes")
	}
	seen := map[time.Time]bool{}
	for _, x := range b.Members {
		for _, c := range m.closes[x.Ticker] {
			if !c.Day.Before(window.First) && !c.Day.After(window.Last) {
				seen[c.Day] = true
			}
		}
	}
	var all []time.Time
	for d := range seen {
		all = append(all, d)
	}
	slices.SortFunc(all, time.Time.Compare)
	if len(all) <= ReturnsLeast {
		return nil, fmt.Errorf("%s has %d days with closes, and at least %d are needed: take a longer window", window, len(all), ReturnsLeast+1)
	}
	for i, d := range append(slices.Clone(all), window.Last) {
		before := window.First
		if i > 0 {
			before = all[i-1]
		}
		if days(before, d) > CarryMost {
			return nil, fmt.Errorf("no member has a close between %s and %s, more than %d days: give those closes, or another window", before.Format(time.DateOnly), d.Format(time.DateOnly), CarryMost)
		}
	}
	return all, nil
}

// closes are those of all members on a day.
func (p *path) closes(b Basket, m Market, day time.Time) ([]float64, error) {
	out := make([]float64, 0, len(b.Members))
	for _, x := range b.Members {
		c, age, err := m.close(x.Ticker, day)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: take it out, or another window", x.Company, err)
		}
		if age > 0 {
			p.result.Carried++
			p.result.Oldest = max(p.result.Oldest, age)
		}
		out = append(out, c.Price)
	}
	return out, nil
}

// jumps notes moves that look like a split that was not adjusted for.
func (p *path) jumps(b Basket, day time.Time, before, closes []float64) {
	for k := range before {
		if r := closes[k] / before[k]; r > 2 || r < 0.5 {
			p.result.Jumps = append(p.result.Jumps, fmt.Sprintf("%s went from %s to %s by %s: a split that was not adjusted for?", b.Members[k].Ticker, plain(before[k]), plain(closes[k]), day.Format(time.DateOnly)))
		}
	}
}

// weigh is the share of each member in the basket at the closes of a day.
func (b Basket) weigh(day time.Time, closes []float64) ([]float64, error) {
	out := make([]float64, len(closes))
	sum := 0.0
	for k, x := range b.Members {
		out[k] = 1
		if b.Weights == ByCap {
			n, err := x.shares(day)
			if err != nil {
				return nil, err
			}
			out[k] = n * closes[k]
		}
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out, nil
}

// shares is how many there are on a day, told not more than StaleMost days ago.
func (x Member) shares(day time.Time) (float64, error) {
	for _, s := range slices.Backward(x.Shares) {

		if s.Day.After(day) {
			continue
		}
		if days(s.Day, day) > StaleMost || s.Value <= 0 {
			break
		}
		return s.Value, nil
	}
	return 0, fmt.Errorf("%s: shares are not told within %d days before %s", x.Company, StaleMost, day.Format(time.DateOnly))
}

// units is how much of each member is held for some worth.
func units(weights []float64, worth float64, closes []float64) []float64 {
	out := make([]float64, len(closes))
	for k, w := range weights {
		out[k] = w * worth / closes[k]
	}
	return out
}

// Names are the companies of a basket.
func (b Basket) Names() string {
	var out []string
	for _, x := range b.Members {
		out = append(out, x.Company)
	}
	return strings.Join(out, ", ")
}
