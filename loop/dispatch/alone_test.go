package dispatch

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/power"
	"sluice/series"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
)

// TestAloneIsTheOptimum compares the uses alone with the program of the whole
// market, on random markets in which nothing is shared.
func TestAloneIsTheOptimum(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	decided := 0
	rapid.Check(t, func(r *rapid.T) {
		in := lonely(r)
		m := newMarket(in)
		got := alone(m, in)
		if got == nil {
			return
		}
		decided++
		b := build(m)
		sol, err := s.Solve(t.Context(), &b.problem, solve.Options{})
		if err != nil {
			r.Fatal(err)
		}
		want, err := b.read(in, sol)
		if err != nil {
			r.Fatal(err)
		}
		if d := math.Abs((want.worth - got.worth).Float()); d > 1e-6*math.Abs(want.worth.Float())+1e-2 {
			r.Errorf("uses alone earn %s, the program %s", got.worth, want.worth)
		}
		for k := range in.Mesh.Len() {
			if d := got.price[k] - want.price[k]; d > 100 || d < -100 {
				r.Errorf("interval %d: site price %v, the program says %v", k, got.price[k], want.price[k])
			}
		}
	})
	if decided == 0 {
		t.Error("no market fell apart: the test compares nothing")
	}
}

// lonely draws a market with one grid source that never fills up.
func lonely(r *rapid.T) Input {
	n := rapid.IntRange(2, 16).Draw(r, "intervals")
	step := rapid.SampledFrom([]time.Duration{15 * time.Minute, time.Hour}).Draw(r, "step")
	in := input(0, 200*mw, nil)
	in.MustRun = unit.Power(rapid.IntRange(0, 3).Draw(r, "house")) * mw
	in.Mesh = series.Mesh{Start: at}
	var ps series.Profile[unit.Price]
	for range n {
		in.Mesh.Lengths = append(in.Mesh.Lengths, step)
		ps = append(ps, dollars(float64(rapid.IntRange(-3000, 20000).Draw(r, "price"))/100))
	}
	in.Offers = []power.Offer{{Source: "spot", Kind: power.KindSpot, Max: series.Flat(200 * mw), Price: ps}}
	for i := range rapid.IntRange(1, 3).Draw(r, "uses") {
		in.Bids = append(in.Bids, lonelyBid(r, i, n))
	}
	return in
}

func lonelyBid(r *rapid.T, i, n int) use.Bid {
	b := bid([]string{"a", "b", "c"}[i], unit.Power(rapid.IntRange(1, 20).Draw(r, "first"))*mw, 0)
	worth := rapid.IntRange(2000, 15000).Draw(r, "worth")
	b.Steps[0].Worth = prices(float64(worth) / 100)
	for range rapid.IntRange(0, 3).Draw(r, "above") {
		worth -= rapid.IntRange(1, 2000).Draw(r, "less")
		b.Steps = append(b.Steps, use.Step{Power: unit.Power(rapid.IntRange(1, 5).Draw(r, "step")) * mw, Worth: prices(float64(worth) / 100)})
	}
	b.PUE, b.Available = nil, nil
	for range n {
		b.PUE = append(b.PUE, unit.One+unit.Ratio(rapid.IntRange(0, 200_000).Draw(r, "pue")))
		b.Available = append(b.Available, unit.Ratio(rapid.IntRange(500_000, 1_000_000).Draw(r, "available")))
	}
	b.Restart = time.Duration(rapid.IntRange(0, 30).Draw(r, "restart")) * time.Minute
	b.MinOn, b.MinOff = time.Hour, time.Hour
	on := b.Steps[0].Power / 4 * unit.Power(rapid.IntRange(0, 4).Draw(r, "on"))
	b.Now = use.State{On: on, Draw: on}
	if rapid.Bool().Draw(r, "moved") {
		b.Now.Since = at.Add(-30 * time.Minute)
		b.Now.Held = on / 2
		b.Now.Rest = (b.Steps[0].Power - on) / 2
	}
	return b
}
