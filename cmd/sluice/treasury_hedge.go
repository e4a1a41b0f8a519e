package main

import (
	"fmt"

	"sluice/capital"
	"sluice/capital/treasury"
)

// treasuryTerm is a hedge of a plan, laid on a path as an overlay: each of its months
// is settled in cash by the mean of its days, at the month's end, as the plan does it.
type treasuryTerm struct {
	capital.Hedge // months, strike and cost are those of the path
}

// Row is what the hedge moves on a path.
//
// Formula: futures size (strike - mean - cost); put size (max(strike - mean, 0) - cost);
// hashprice size days (strike - mean hashprice - cost). Source: docs/formula/model.md.
func (h treasuryTerm) Row(p treasury.Path) (treasury.Row, error) {
	n := len(p.Price)
	r := treasury.Row{USD: make([]float64, n), BTC: make([]float64, n), Gain: make([]float64, n), Cost: make([]float64, n), Lodged: make([]float64, n), Notional: make([]float64, n)}
	index := p
	if h.Kind != capital.HashForward { // the index is the price of a coin itself
		index.Hashprice = make([]float64, n)
		for i := range index.Hashprice {
			index.Hashprice[i] = 1
		}
	}
	for m := h.From; m < h.To; m++ {
		mean, days, err := treasury.Forward{PH: h.Size, Month: m}.Average(index)
		if err != nil {
			return treasury.Row{}, err
		}
		size := h.Size
		if h.Kind == capital.HashForward {
			size *= days
		}
		gain := h.Strike - mean
		if h.Kind == capital.Put {
			gain = max(gain, 0)
		}
		at := treasuryWeekOf(p, m)
		r.Gain[at] += size * gain
		r.Cost[at] += size * h.Cost
		r.Notional[at] += size * mean
	}
	for i := range r.USD {
		r.USD[i] = r.Gain[i] - r.Cost[i]
	}
	return r, nil
}

// treasuryWeekOf is the week in which a month ends.
func treasuryWeekOf(p treasury.Path, m capital.Month) int {
	end := m.Add(1).Begin()
	for i := range p.Begin {
		if i+1 == len(p.Begin) || !p.Begin[i+1].Before(end) {
			return i
		}
	}
	return 0
}

// treasuryMonths are the whole months of a path: the first, and the first that is not whole.
func treasuryMonths(p treasury.Path) (first, end capital.Month) {
	first = capital.MonthOf(p.Begin[0])
	if first.Begin().Before(p.Begin[0]) {
		first++
	}
	return first, capital.MonthOf(p.Begin[len(p.Begin)-1].AddDate(0, 0, 7))
}

// rolled is a hedge of the plan on a history: it begins with it, is made anew when it
// ends, and each time its strike and its cost bear the same proportion to the market
// as in the plan.
func (s *treasuryReport) rolled(h capital.Hedge, p treasury.Path) (out []treasury.Hedge) {
	market := s.plan.plan.Market
	then := market.Price
	if h.Kind == capital.HashForward {
		then *= s.plan.model.Base().Hash[0]
	}
	if past := s.miner.older(s.in.efficiency); h.Kind == capital.HashForward {
		h.Size *= past.PH / s.miner.PH // the same part of the machines
	}
	first, end := treasuryMonths(p)
	for m := first; m < end; m += h.To - h.From {
		at := treasuryWeekOf(p, m-1)
		now := p.Price[at]
		if h.Kind == capital.HashForward {
			now *= p.Hashprice[at]
		}
		x := h
		x.From, x.To = m, min(m+h.To-h.From, end)
		x.Strike, x.Cost = h.Strike*now/then, h.Cost*now/then
		out = append(out, treasuryTerm{x})
	}
	return out
}

// treasuryDated is a hedge of the plan on futures, in its own months as far as they reach.
func treasuryDated(h capital.Hedge, p treasury.Path) []treasury.Hedge {
	first, end := treasuryMonths(p)
	h.From, h.To = max(h.From, first), min(h.To, end)
	if h.From >= h.To {
		return nil
	}
	return []treasury.Hedge{treasuryTerm{h}}
}

// treasuryHedged is the plan's own policy without and with its hedges.
type treasuryHedged struct {
	where         string
	years         []treasuryFlow // of a history
	with, without treasury.Outcome
	path          treasury.Path

	ranked [2]treasury.Rated // without and with, on futures
	paid   float64           // for the hedges: their cost, mean over futures
	got    float64           // received, mean over futures
	gave   float64           // given up where the market went the other way, mean over futures
	months int               // of the hedges that lie on the path
}

// treasuryFlow is the cash of a year.
type treasuryFlow struct {
	year                     int
	without, with, paid, net float64
	coins                    [2]float64 // at its end, without and with
}

// count adds what a row of hedges moved, as a part of all paths.
func (h *treasuryHedged) count(r treasury.Row, part float64) {
	for i, gain := range r.Gain {
		h.got += max(gain, 0) * part
		h.gave += max(-gain, 0) * part
		h.paid += r.Cost[i] * part
	}
}

// hedgeHistory lays the hedges on the whole history.
func (s *treasuryReport) hedgeHistory() (treasuryHedged, error) {
	w := s.windows[0]
	out := treasuryHedged{where: w.name, path: w.path}
	m, _ := s.miner.older(s.in.efficiency).with(s.plan.plan.Pledges, w.path.Price[0])
	without, err := treasury.Backtest(m, w.path, s.own)
	if err != nil {
		return out, err
	}
	for _, h := range s.plan.plan.Hedges {
		terms := s.rolled(h, w.path)
		m.Hedges = append(m.Hedges, terms...)
		out.months += treasuryLasts(terms)
	}
	with, err := treasury.Backtest(m, w.path, s.own)
	if err != nil {
		return out, err
	}
	row, err := treasury.Overlay(w.path, m.Hedges...)
	if err != nil {
		return out, err
	}
	out.count(row, 1)
	out.with, out.without = with.Outcome, without.Outcome
	for i, begin := range w.path.Begin {
		if n := len(out.years); n == 0 || out.years[n-1].year != begin.Year() {
			out.years = append(out.years, treasuryFlow{year: begin.Year()})
		}
		y := &out.years[len(out.years)-1]
		y.without += treasuryChange(&without, i)
		y.with += treasuryChange(&with, i)
		y.paid += row.Cost[i]
		y.net += row.USD[i]
		y.coins = [2]float64{without.Steps[i].Free + without.Steps[i].Lodged, with.Steps[i].Free + with.Steps[i].Lodged}
	}
	return out, nil
}

// treasuryChange is by how much cash changed in a week.
func treasuryChange(r *treasury.Report, week int) float64 {
	if week == 0 {
		return r.Steps[0].Cash - r.Begin.Cash
	}
	return r.Steps[week].Cash - r.Steps[week-1].Cash
}

// treasuryLasts is how many months of hedges there are.
func treasuryLasts(terms []treasury.Hedge) (months int) {
	for _, x := range terms {
		if t, is := x.(treasuryTerm); is {
			months += int(t.To - t.From)
		}
	}
	return months
}

// hedgeFutures lays the hedges on all futures.
func (s *treasuryReport) hedgeFutures(m treasury.Miner, planned treasury.Path, paths treasury.Paths) (treasuryHedged, error) {
	out := treasuryHedged{where: "futures"}
	own := []treasury.Choice{s.choices[len(s.choices)-1]}
	for k := range out.ranked {
		if k == 1 {
			for _, h := range s.plan.plan.Hedges {
				terms := treasuryDated(h, planned)
				m.Hedges = append(m.Hedges, terms...)
				out.months += treasuryLasts(terms)
			}
		}
		r, err := treasury.Rank(m, planned, paths, own)
		if err != nil {
			return out, fmt.Errorf("hedges of the plan: %w", err)
		}
		out.ranked[k] = r[0]
	}
	for i := range paths.Price {
		row, err := treasury.Overlay(paths.Row(i), m.Hedges...)
		if err != nil {
			return out, err
		}
		out.count(row, 1/float64(len(paths.Price)))
	}
	return out, nil
}
