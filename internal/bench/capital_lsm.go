package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"sluice/capital"
	"sluice/capital/option"
)

// The first put of table 1 of Longstaff and Schwartz (2001): what finite differences
// give, and the standard error of the simulation that the paper puts beside it.
const (
	published      = 4.478
	publishedError = 0.010
	tolerated      = 0.03
	putPaths       = 50_000
	putDates       = 50
	spot, strike   = 36.0, 40.0
	putRate        = 0.06
	putSigma       = 0.20
)

// waiting values the put of the paper, with and without a control, and the same by a tree.
func (b *bench) waiting(ctx context.Context, t *table) error {
	s := option.Settings{Paths: putPaths, Fresh: putPaths, Degree: 3, Seed: 1, FreshSeed: 2}
	p := put()
	w := startWatch()
	plain, err := option.Solve(ctx, p, s)
	if err != nil {
		return err
	}
	took := w.stop()
	p.Control = european
	held, err := option.Solve(ctx, p, s)
	if err != nil {
		return err
	}
	how := fmt.Sprintf("%d paths fit the rule and %d fresh ones value it, %d dates, polynomial of degree 3", putPaths, putPaths, putDates)
	t.add(
		figure{Name: "put of Longstaff and Schwartz, plain", Value: plain.Value, Unit: "USD", How: how + "; a fitted rule is never above the best one"}.
			above("published", published).promised(fmt.Sprintf("within %.2f, the reference's tolerance", tolerated), math.Abs(plain.Value-published) <= tolerated),
		figure{Name: "the same with the European put as control", Value: held.Value, Unit: "USD", How: how + "; what it takes out is noise"}.
			above("published", published).promised(fmt.Sprintf("within %.3f, the paper's own error", publishedError), math.Abs(held.Value-published) <= publishedError),
		figure{Name: "standard error of the plain one, and with the control", Text: fmt.Sprintf("%.4f, %.4f", plain.Error, held.Error), Unit: "USD", How: "of the fresh paths"},
		figure{Name: "the same on a tree", Value: tree(40), Unit: "USD", How: "binomial, 40 steps between dates; shares no code with the room"}.above("published", published),
		figure{Name: "put of Longstaff and Schwartz, processor", Value: took.cpu.Seconds(), Unit: "s", How: how},
	)
	return nil
}

const dt = 1.0 / putDates // years

// put is the put as a decision: hold or exercise.
func put() option.Problem {
	return option.Problem{
		Name: "put", Dates: putDates + 1, Variables: []option.Variable{{Name: "stock", Unit: "USD"}}, Discount: math.Exp(-putRate * dt),
		Phases: []option.Phase{
			{
				Name: "held", Asks: func(_ int, x []float64) bool { return x[0] < strike },
				Actions: []option.Action{
					{Name: "hold", To: 0},
					{Name: "exercise", To: 1, Goes: true, Pay: func(_ int, x []float64) float64 { return max(strike-x[0], 0) }},
				},
			},
			{Name: "exercised"},
		},
		Draw: func(chance *rand.Rand, x []float64) {
			x[0] = spot
			for i := 1; i < len(x); i++ {
				x[i] = x[i-1] * math.Exp((putRate-putSigma*putSigma/2)*dt+putSigma*math.Sqrt(dt)*chance.NormFloat64())
			}
		},
	}
}

// european is the put that can be exercised at the end alone, by Black and Scholes.
func european(date int, x []float64) float64 {
	left := 1 - float64(date)*dt
	if left <= 0 {
		return max(strike-x[0], 0)
	}
	s := putSigma * math.Sqrt(left)
	d := (math.Log(x[0]/strike) + (putRate+putSigma*putSigma/2)*left) / s
	return strike*math.Exp(-putRate*left)*capital.Normal(s-d) - x[0]*capital.Normal(-d)
}

// tree is the put on a binomial tree with some steps between its dates.
func tree(steps int) float64 {
	n := putDates * steps
	h := 1 / float64(n)
	up, grow := math.Exp(putSigma*math.Sqrt(h)), math.Exp(putRate*h)
	p := (grow - 1/up) / (up - 1/up)
	v := make([]float64, n+1)
	for at := n; at >= 0; at-- {
		for j := 0; j <= at; j++ {
			if at < n {
				v[j] = (p*v[j+1] + (1-p)*v[j]) / grow
			}
			if at%steps == 0 {
				v[j] = max(v[j], strike-spot*math.Pow(up, float64(2*j-at)))
			}
		}
	}
	return v[0]
}
