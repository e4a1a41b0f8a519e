package peer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"sluice/capital"
	"sluice/unit"
	"sluice/use/mining"
)

// ErrClose says that a close cannot be believed, or contradicts another.
var ErrClose = errors.New("no close of a share")

// CarryMost is how many days the last close of a share is taken for a later day:
// a week bridges every holiday of an exchange. Beyond it there is none.
const CarryMost = 7

// Close is what a share cost at the end of a day of its exchange, USD. Closes have to
// be adjusted for splits.
type Close struct {
	Day    time.Time // 00:00 UTC
	Ticker string
	Price  float64
	Source string
	Place  string // file and line, for messages
}

// Market is bitcoin by day and the closes of shares. The zero value knows nothing.
type Market struct {
	days      []mining.Network // one after the other
	estimated map[time.Time]bool
	closes    map[string][]Close // by ticker, by day
	tickers   []string
}

// NewMarket keeps the days of the network, which follow each other, those of them
// whose price is an estimate, and closes in any order. Two closes of one share on
// one day have to be the same; all that are not are told, ErrClose.
func NewMarket(network []mining.Network, estimated []time.Time, closes []Close) (Market, error) {
	m := Market{days: network, estimated: map[time.Time]bool{}, closes: map[string][]Close{}}
	for i, n := range network {
		if n.Price <= 0 || n.Difficulty <= 0 || n.Reward <= 0 || i > 0 && !n.Day.Equal(network[i-1].Day.AddDate(0, 0, 1)) {
			return Market{}, fmt.Errorf("bitcoin on %s: the day has no price, difficulty or reward, or does not follow the one before: give each day once, in order: %w", n.Day.Format(time.DateOnly), ErrClose)
		}
	}
	for _, d := range estimated {
		m.estimated[d] = true
	}
	var faults []error
	for _, c := range closes {
		if c.Ticker == "" || !(c.Price > 0) || math.IsInf(c.Price, 0) {
			faults = append(faults, fmt.Errorf("%s: close of %q on %s: write a price above zero: %w", c.Place, c.Ticker, c.Day.Format(time.DateOnly), ErrClose))
			continue
		}
		if m.closes[c.Ticker] == nil {
			m.tickers = append(m.tickers, c.Ticker)
		}
		m.closes[c.Ticker] = append(m.closes[c.Ticker], c)
	}
	for _, t := range m.tickers {
		kept, err := inOrder(m.closes[t])
		m.closes[t] = kept
		faults = append(faults, err...)
	}
	if n := len(faults); n > faultsMost {
		faults = append(faults[:faultsMost:faultsMost], fmt.Errorf("and %d faults more: %w", n-faultsMost, ErrClose))
	}
	return m, errors.Join(faults...)
}

// inOrder sorts closes by day and leaves out those that are there twice.
func inOrder(all []Close) (kept []Close, faults []error) {
	slices.SortStableFunc(all, func(a, b Close) int { return a.Day.Compare(b.Day) })
	for _, c := range all {
		n := len(kept)
		switch {
		case n == 0 || !kept[n-1].Day.Equal(c.Day):
			kept = append(kept, c)
		case kept[n-1].Price != c.Price:
			faults = append(faults, fmt.Errorf("%s: close of %s on %s is %s, and %s at %s: keep the right row: %w",
				c.Place, c.Ticker, c.Day.Format(time.DateOnly), plain(c.Price), plain(kept[n-1].Price), kept[n-1].Place, ErrClose))
		}
	}
	return kept, faults
}

// Tickers are the shares that have closes, in the order of their first one.
func (m Market) Tickers() []string { return slices.Clone(m.tickers) }

// Window is from the first to the last day on which any share has a close.
func (m Market) Window() (Period, bool) {
	var w Period
	for i, t := range m.tickers {
		all := m.closes[t]
		if first := all[0].Day; i == 0 || first.Before(w.First) {
			w.First = first
		}
		if last := all[len(all)-1].Day; i == 0 || last.After(w.Last) {
			w.Last = last
		}
	}
	return w, len(m.tickers) > 0
}

// close is the last close of a share on a day or at most CarryMost days before it.
func (m Market) close(ticker string, day time.Time) (c Close, age int, err error) {
	all := m.closes[ticker]
	i, there := slices.BinarySearchFunc(all, day, func(c Close, d time.Time) int { return c.Day.Compare(d) })
	if !there {
		i--
	}
	if i < 0 {
		return Close{}, 0, fmt.Errorf("%s has no close on %s or before it: %w", ticker, day.Format(time.DateOnly), ErrClose)
	}
	if age = days(all[i].Day, day); age > CarryMost {
		return Close{}, 0, fmt.Errorf("the last close of %s by %s is of %s, more than %d days before: %w", ticker, day.Format(time.DateOnly), all[i].Day.Format(time.DateOnly), CarryMost, ErrClose)
	}
	return all[i], age, nil
}

// day is the network on a day.
func (m Market) day(d time.Time) (mining.Network, bool) {
	if len(m.days) == 0 {
		return mining.Network{}, false
	}
	if i := days(m.days[0].Day, d); i >= 0 && i < len(m.days) {
		return m.days[i], true
	}
	return mining.Network{}, false
}

// bitcoin is the price of a bitcoin at the end of a day, USD.
func (m Market) bitcoin(d time.Time) Figure {
	n, there := m.day(d)
	switch {
	case !there:
		return none("the price of bitcoin on %s is missing", d.Format(time.DateOnly))
	case m.estimated[n.Day]:
		return got(n.Price.Float(), "price of bitcoin on "+d.Format(time.DateOnly)+" is estimated")
	}
	return got(n.Price.Float(), "")
}

// Network is what bitcoin was over a period.
type Network struct {
	Mean         float64 // price of a bitcoin, USD: the mean of the days
	Last         float64 // price of the last day, USD
	HashpriceBTC float64 // what a PH/s is expected to find over all days, BTC
	Hashprice    float64 // mean of the days, USD/PH/day
	Estimated    int     // days whose price is an estimate
}

// Network sums the network up over a period; false where one of its days is missing.
//
// Formula: sum over the days of 86,400 s * 1e15 H/s / (difficulty * 2^32) * reward.
// Source: docs/formula/peer.md.
func (m Market) Network(p Period) (Network, bool) {
	var out Network
	for d := p.First; !d.After(p.Last); d = d.AddDate(0, 0, 1) {
		n, there := m.day(d)
		if !there {
			return Network{}, false
		}
		found := capital.HashpriceBTC(float64(n.Difficulty), float64(n.Reward)/float64(unit.Bitcoin))
		out.Last = n.Price.Float()
		out.Mean += out.Last
		out.HashpriceBTC += found
		out.Hashprice += found * out.Last
		if m.estimated[d] {
			out.Estimated++
		}
	}
	out.Mean /= float64(p.Days())
	out.Hashprice /= float64(p.Days())
	return out, true
}
