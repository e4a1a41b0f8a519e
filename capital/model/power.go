package model

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrHistory says that a history of power prices does not serve.
var ErrHistory = errors.New("no history of power prices")

// Hours is a history of power prices, each week of it sorted, so that what a machine
// earns that stops above a price is looked up and not summed.
type Hours struct {
	Name  string
	weeks []week
	all   week
}

// week is the prices of some hours, sorted, with the sums of the cheapest.
type week struct {
	prices []float64 // USD/MWh, ascending
	sums   []float64 // sums[i]: of the i cheapest
	mean   float64
}

// NewHours makes a history of weeks of prices, USD/MWh, each of equal intervals.
func NewHours(name string, weeks [][]float64) (*Hours, error) {
	if len(weeks) == 0 {
		return nil, fmt.Errorf("history %q has no week: %w", name, ErrHistory)
	}
	h := &Hours{Name: name}
	var all []float64
	for i, prices := range weeks {
		if len(prices) == 0 {
			return nil, fmt.Errorf("week %d of history %q has no price: %w", i, name, ErrHistory)
		}
		for _, p := range prices {
			if math.IsNaN(p) || math.IsInf(p, 0) {
				return nil, fmt.Errorf("week %d of history %q holds a price that is no number: %w", i, name, ErrHistory)
			}
		}
		h.weeks = append(h.weeks, newWeek(prices))
		all = append(all, prices...)
	}
	h.all = newWeek(all)
	return h, nil
}

// Weeks is how many there are.
func (h *Hours) Weeks() int { return len(h.weeks) }

// Mean is the mean price of all hours, USD/MWh.
func (h *Hours) Mean() float64 { return h.all.mean }

func newWeek(prices []float64) week {
	w := week{prices: slices.Sorted(slices.Values(prices)), sums: make([]float64, len(prices)+1)}
	for i, p := range w.prices {
		w.sums[i+1] = w.sums[i] + p
	}
	w.mean = w.sums[len(prices)] / float64(len(prices))
	return w
}

// below is the share of the hours that cost less than a strike, and the sum of their
// prices as a mean over all hours: what running then costs for one MWh of capacity.
func (w week) below(strike float64) (share, paid float64) {
	n := cheaper(w.prices, strike)
	all := float64(len(w.prices))
	return float64(n) / all, w.sums[n] / all
}

// cheaper is how many of ascending prices are below a strike. It is the innermost
// loop of a risk run, so it halves without a call.
func cheaper(prices []float64, strike float64) int {
	from, n := 0, len(prices)
	for n > 0 {
		half := n / 2
		if prices[from+half] < strike {
			from += half + 1
			n -= half + 1
		} else {
			n = half
		}
	}
	return from
}

// Dearest is the mean price of the dearest share of all hours, USD/MWh: what power
// given up in them was worth.
func (h *Hours) Dearest(share float64) float64 {
	n := len(h.all.prices)
	k := min(max(int(share*float64(n)+0.5), 1), n)
	return (h.all.sums[n] - h.all.sums[n-k]) / float64(k)
}
