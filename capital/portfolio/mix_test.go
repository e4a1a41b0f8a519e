package portfolio

import (
	"errors"
	"math"
	"slices"
	"testing"

	"sluice/capital"
)

// TestMixClosed are cases that can be solved by hand.
func TestMixClosed(t *testing.T) {
	t.Parallel()
	in := solver(t)
	even := []float64{0.25, 0.25, 0.25, 0.25}
	for name, c := range map[string]struct {
		h     Holdings
		share []float64
		tail  float64
		price float64
	}{
		// Only the sure use has no tail; half of the mean needs half of the other.
		"sure and risky": {
			Holdings{[]Use{{Name: "hosting", Returns: []float64{0, 0, 0, 0}}, {Name: "bitcoin", Returns: []float64{0.8, 0.4, 0, -0.4}}}, even, 0.75, 0.1},
			[]float64{0.5, 0.5},
			0.2, 2,
		},
		// Two uses that lose in turn: halves take all of the risk away.
		"opposites": {
			Holdings{[]Use{{Name: "mining", Returns: []float64{0.3, -0.1, 0.3, -0.1}}, {Name: "hosting", Returns: []float64{-0.1, 0.3, -0.1, 0.3}}}, even, 0.5, 0.05},
			[]float64{0.5, 0.5},
			-0.1, 0,
		},
		"a share that is limited": {
			Holdings{[]Use{{Name: "hosting", Returns: []float64{0, 0, 0, 0}, Most: 0.25}, {Name: "bitcoin", Returns: []float64{0.8, 0.4, 0, -0.4}}}, even, 0.75, 0},
			[]float64{0.25, 0.75},
			0.3, 0,
		},
	} {
		got, err := Mix(t.Context(), in, c.h)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, want := range c.share {
			if math.Abs(got.Share[i]-want) > 1e-7 {
				t.Errorf("%s: shares %v, want %v", name, got.Share, c.share)
			}
		}
		if !near(got.CVaR, c.tail, 1e-7, 1) || !near(got.Price, c.price, 1e-6, 1) {
			t.Errorf("%s: CVaR %v at a price of %v, want %v and %v", name, got.CVaR, got.Price, c.tail, c.price)
		}
	}
}

// holdings draws returns of mining, hosting and bitcoin that move together.
func holdings(seed uint64, scenarios int) Holdings {
	h := Holdings{Beta: 0.9, Uses: []Use{{Name: "mining"}, {Name: "hosting"}, {Name: "bitcoin"}}}
	r := capital.Stream(seed, 7)
	var sum float64
	for range scenarios {
		coin, rent := r.NormFloat64(), r.NormFloat64()
		h.Uses[0].Returns = append(h.Uses[0].Returns, 0.10+0.35*coin+0.1*r.NormFloat64())
		h.Uses[1].Returns = append(h.Uses[1].Returns, 0.09+0.10*rent)
		h.Uses[2].Returns = append(h.Uses[2].Returns, 0.15+0.5*coin)
		h.Weights = append(h.Weights, 0.5+r.Float64())
		sum += h.Weights[len(h.Weights)-1]
	}
	for s := range h.Weights {
		h.Weights[s] /= sum
	}
	return h
}

// TestMixGrid compares with all shares of a grid of one hundredth, CVaR by sorting:
// none is better, and one is nearly as good.
func TestMixGrid(t *testing.T) {
	t.Parallel()
	in := solver(t)
	for seed := range uint64(4) {
		h := holdings(seed, 40)
		// the required mean lies half way between hosting and the best use
		means := make([]float64, 3)
		for i, u := range h.Uses {
			for s, w := range h.Weights {
				means[i] += w * u.Returns[s]
			}
		}
		h.Mean = (means[1] + slices.Max(means)) / 2
		got, err := Mix(t.Context(), in, h)
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(1)
		for a := range 101 {
			for b := range 101 - a {
				share := []float64{float64(a) / 100, float64(b) / 100, float64(100-a-b) / 100}
				if mean := share[0]*means[0] + share[1]*means[1] + share[2]*means[2]; mean < h.Mean {
					continue
				}
				c := counter{p: Problem{Beta: h.Beta}}
				for s, w := range h.Weights {
					gain := 0.0
					for i, u := range h.Uses {
						gain += share[i] * u.Returns[s]
					}
					c.loss = append(c.loss, weighted{-gain, w})
				}
				_, tail := c.worst()
				best = min(best, tail)
			}
		}
		if got.CVaR > best+1e-9 || got.CVaR < best-0.02 {
			t.Errorf("seed %d: CVaR %v, best of the grid %v", seed, got.CVaR, best)
		}
		if got.Mean < h.Mean-1e-7 || math.Abs(got.Share[0]+got.Share[1]+got.Share[2]-1) > 1e-7 {
			t.Errorf("seed %d: %+v", seed, got)
		}
	}
}

func TestMixRefused(t *testing.T) {
	t.Parallel()
	h := holdings(1, 10)
	h.Mean = 9
	if _, err := Mix(t.Context(), solver(t), h); !errors.Is(err, ErrMean) {
		t.Errorf("a mean that nothing earns: %v", err)
	}
	for name, change := range map[string]func(h *Holdings){
		"weights": func(h *Holdings) { h.Weights[0] += 0.1 },
		"NaN":     func(h *Holdings) { h.Uses[1].Returns[3] = math.NaN() },
		"length":  func(h *Holdings) { h.Uses[1].Returns = h.Uses[1].Returns[:9] },
		"name":    func(h *Holdings) { h.Uses[1].Name = "mining" },
		"level":   func(h *Holdings) { h.Beta = 0 },
		"shares":  func(h *Holdings) { h.Uses[0].Most, h.Uses[1].Most, h.Uses[2].Most = 0.3, 0.3, 0.3 },
	} {
		h := holdings(1, 10)
		change(&h)
		if _, err := Mix(t.Context(), solver(t), h); !errors.Is(err, ErrProblem) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFrontier: with rising aversion neither CVaR nor expected value rises, the ends
// are the best mean and nearly the best tail, and counting out agrees in between.
func TestFrontier(t *testing.T) {
	t.Parallel()
	in := solver(t)
	p := random(42, shape{4, 5, 20, 3})
	p.Needs, p.Liquidity, p.Beta = nil, nil, 0.9
	for i := range p.Sites {
		for o := range p.Sites[i].Options {
			// What earns more is worth less on bad days.
			x := p.Sites[i].Options[o].NPV
			for s := range x {
				x[s] = 0.3*x[s] + 4e6*float64(o)*(1+1.2*math.Sin(float64(s)))
			}
		}
	}
	points, err := Frontier(t.Context(), p, Options{Solver: in}, 0, 0.1, 0.3, 1, 3, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range points {
		p.Aversion = x.Aversion
		want, err := Exhaustive(p)
		if err != nil || !near(x.Choice.Objective, want.Objective, 1e-6, 1e3) {
			t.Errorf("aversion %v: %v, counting out %v (%v)", x.Aversion, x.Choice.Objective, want.Objective, err)
		}
		if i > 0 && (x.Choice.CVaR > points[i-1].Choice.CVaR+1 || x.Choice.Expected > points[i-1].Choice.Expected+1) {
			t.Errorf("aversion %v: mean %v, CVaR %v after %v, %v", x.Aversion, x.Choice.Expected, x.Choice.CVaR, points[i-1].Choice.Expected, points[i-1].Choice.CVaR)
		}
	}
	if first, last := points[0].Choice, points[5].Choice; first.CVaR-last.CVaR < 1e6 {
		t.Errorf("the frontier has one point: %v and %v", first, last)
	}
}
