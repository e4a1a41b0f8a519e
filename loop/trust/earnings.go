package trust

import (
	"math"
	"slices"
	"time"

	"sluice/unit"
)

const (
	currenciesMost = 8
	gainMost       = unit.Amount(1_000_000_000) * unit.Unit // of one interval
	daysMost       = 100
)

// Earning is what intervals would have earned under the plan and what they did
// earn, in one currency. Only intervals for which both are known are in it.
type Earning struct {
	Currency   unit.Currency
	Would, Was unit.Amount
	Counted    int // intervals in the sums
	Missing    int // intervals that were told without this currency, and are not in the sums
}

// Gain is what following the plan would have added, in the counted intervals.
func (e Earning) Gain() unit.Amount { return e.Would - e.Was }

// Earnings are those of some intervals, per currency.
type Earnings struct {
	Intervals int // told; others are in no sum
	Unvalued  int // of them without any known worth
	Money     []Earning
}

// Day is one local day under one stage.
type Day struct {
	Date     string // in the zone of the site, for example 2026-11-20
	Stage    Stage
	Earnings Earnings
}

// Earned is the summary of what plans would have earned.
type Earned struct {
	Total Earnings // since the first start
	Days  []Day    // the latest, oldest first
}

// Earned is the summary so far. What was earned stands beside what would have
// been earned only where both are known.
func (k *Kernel) Earned() Earned {
	out := Earned{Total: k.earned.Total.copied(), Days: slices.Clone(k.earned.Days)}
	for i := range out.Days {
		out.Days[i].Earnings = out.Days[i].Earnings.copied()
	}
	return out
}

func (e Earnings) copied() Earnings {
	e.Money = slices.Clone(e.Money)
	return e
}

func (e *Earned) add(zone *time.Location, s Stage, o Outcome) {
	if zone == nil {
		zone = time.UTC
	}
	date := o.Start.In(zone).Format(time.DateOnly)
	if n := len(e.Days); n == 0 || e.Days[n-1].Date != date || e.Days[n-1].Stage != s {
		if n >= daysMost {
			e.Days = slices.Delete(e.Days, 0, n-daysMost+1)
		}
		e.Days = append(e.Days, Day{Date: date, Stage: s})
	}
	e.Total.add(o)
	e.Days[len(e.Days)-1].Earnings.add(o)
}

// add counts one interval. A currency that it does not state is missing in it,
// and so it is in the intervals before its first.
func (e *Earnings) add(o Outcome) {
	if len(o.Gains) == 0 {
		e.Unvalued++
	}
	for _, g := range o.Gains {
		if !slices.ContainsFunc(e.Money, func(m Earning) bool { return m.Currency == g.Currency }) && len(e.Money) < currenciesMost {
			e.Money = append(e.Money, Earning{Currency: g.Currency, Missing: e.Intervals})
		}
	}
	e.Intervals++
	for i := range e.Money {
		m := &e.Money[i]
		at := slices.IndexFunc(o.Gains, func(g Gain) bool { return g.Currency == m.Currency })
		if at < 0 || !fits(m.Would, o.Gains[at].Would) || !fits(m.Was, o.Gains[at].Was) {
			m.Missing++
			continue
		}
		m.Counted++
		m.Would += o.Gains[at].Would
		m.Was += o.Gains[at].Was
	}
}

// fits reports whether a sum stays far from its bounds.
func fits(sum, more unit.Amount) bool {
	const most = unit.Amount(math.MaxInt64 / 4)
	return sum+more <= most && sum+more >= -most
}

func validGains(gains []Gain) bool {
	if len(gains) > currenciesMost {
		return false
	}
	for i, g := range gains {
		if !validCurrency(g.Currency) || max(g.Would, g.Was) > gainMost || min(g.Would, g.Was) < -gainMost {
			return false
		}
		if slices.ContainsFunc(gains[:i], func(x Gain) bool { return x.Currency == g.Currency }) {
			return false
		}
	}
	return true
}

func validCurrency(c unit.Currency) bool { return len(c) == 3 }
