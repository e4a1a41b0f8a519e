package treasury

import (
	"fmt"
	"math"

	"sluice/capital"
)

// Window is mined coins held over some weeks, against the same coins sold each week
// and the money lent at the cash rate.
type Window struct {
	From, To  int     // weeks; coins of both are in it
	Coins     float64 // mined, BTC
	Held      float64 // worth of the coins at the end, USD
	Sold      float64 // worth of the money at the end, with interest, USD
	Gain      float64 // of holding over selling, USD
	Mean      float64 // price at which the coins would have been sold, USD
	BreakEven float64 // price at the end from which holding was better, USD
	Worst     float64 // least that holding was ahead at the end of any week, USD: negative is behind
}

// Opportunity weighs holding against selling over the weeks from to to, both within:
// whoever holds what was mined has bought it at the price of that week. rate is the
// cash rate, a year.
//
// Formula: held = price(to) * sum mined(t); sold = sum mined(t) price(t)
// (1+rate)^((to-t) 7/365). Source: docs/formula/treasury.md, Opportunity.
func Opportunity(mined, price []float64, rate float64, from, to int) (Window, error) {
	if err := checkMined(mined, price, rate); err != nil {
		return Window{}, err
	}
	if from < 0 || to < from || to >= len(mined) {
		return Window{}, fmt.Errorf("weeks %d to %d of %d: choose a window that lies on the path: %w", from, to, len(mined), ErrPath)
	}
	return weigh(mined, price, rate, from, to), nil
}

// checkMined refuses rows that do not serve.
func checkMined(mined, price []float64, rate float64) error {
	if !(rate > -1 && rate <= 10) {
		return fmt.Errorf("rate %v: a cash rate is a share a year, 0.05 for 5 %%: %w", rate, ErrPath)
	}
	return Path{Price: price, Hashprice: mined}.Check() // coins too are numbers and not negative
}

func weigh(mined, price []float64, rate float64, from, to int) Window {
	w := Window{From: from, To: to}
	grows := math.Pow(1+rate, ofYear)
	var brought float64
	for t := from; t <= to; t++ {
		w.Coins += mined[t]
		w.Sold = w.Sold*grows + mined[t]*price[t]
		brought += mined[t] * price[t]
		w.Worst = min(w.Worst, w.Coins*price[t]-w.Sold)
	}
	w.Held = w.Coins * price[to]
	w.Gain = w.Held - w.Sold
	if w.Coins > 0 {
		w.Mean, w.BreakEven = brought/w.Coins, w.Sold/w.Coins
	}
	return w
}

// Return is the rate a year at which lending the money would have come to the same as
// holding the coins; several and the error are those of capital.Return.
func (w Window) Return(mined, price []float64) (rate float64, several bool, err error) {
	flows := make([]float64, w.To-w.From+1)
	for t := range flows {
		flows[t] = -mined[w.From+t] * price[w.From+t]
	}
	flows[len(flows)-1] += w.Held
	rate, several, err = capital.Return(flows)
	return capital.PerYear(rate, 1/ofYear), several, err
}

// Held is holding against selling over every window of some weeks.
type Held struct {
	Weeks int
	Won   float64        // share of the windows in which holding was better
	Ratio capital.Spread // worth of holding over that of selling, less 1
}

// Windows weighs holding against selling over every window of some weeks in which
// coins are mined. Windows overlap: their shares are those of one history, not of as
// many independent draws.
func Windows(mined, price []float64, rate float64, weeks int) (Held, error) {
	if err := checkMined(mined, price, rate); err != nil {
		return Held{}, err
	}
	if weeks < 1 || weeks > len(mined) {
		return Held{}, fmt.Errorf("windows of %d weeks on a path of %d: choose 1 to that: %w", weeks, len(mined), ErrPath)
	}
	out := Held{Weeks: weeks}
	var ratios []float64
	for from := 0; from+weeks <= len(mined); from++ {
		w := weigh(mined, price, rate, from, from+weeks-1)
		if w.Sold == 0 {
			continue
		}
		ratios = append(ratios, w.Held/w.Sold-1)
		out.Won += indicator(w.Gain > 0)
	}
	if len(ratios) == 0 {
		return Held{}, fmt.Errorf("no coin is mined in any of %d weeks: %w", len(mined), ErrPath)
	}
	out.Won /= float64(len(ratios))
	out.Ratio = capital.SpreadOf(ratios)
	return out, nil
}
