package quote_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/quote"
	"sluice/unit"
)

func sold(tb rapid.TB, t quote.Terms) quote.Offer {
	tb.Helper()
	o, err := quote.GPUHours(t)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

// TestFlatIsTheFormula: where today's prices stay, the price over any term is the
// price of the formula.
func TestFlatIsTheFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := drawn(t)
		term := quote.Months(rapid.IntRange(1, 120).Draw(t, "term"))
		v, err := sold(t, terms).Judge(0, term, []quote.Scenario{quote.Flat(terms, term)})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := v.Outcomes[0].Least, price(t, terms).Least; math.Abs(float64(got-want)) > 5+1e-9*math.Abs(float64(want)) {
			t.Fatalf("over %d months %d, by the formula %d", term, got, want)
		}
	})
}

// curves are drawn about the prices at which mining stops and starts.
func curves(t *rapid.T, name string, term int) quote.Scenario {
	s := quote.Scenario{Name: name}
	for range term {
		s.Energy = append(s.Energy, unit.Price(rapid.Int64Range(-50e6, 200e6).Draw(t, "energy")))
		s.Hashprice = append(s.Hashprice, unit.Hashprice(rapid.Int64Range(1e6, 90e6).Draw(t, "hashprice")))
	}
	return s
}

// balance is what the contract leaves beyond mining, month by month, at a price:
// revenue less all costs less the margin forgone, each discounted by itself.
func balance(t quote.Terms, s quote.Scenario, term int, p float64) (net float64, yearly []float64, idle int) {
	gpus := 1e6 / (float64(t.GPU) * t.PUE.Float())
	hardware := gpus * t.Hardware.Float()
	fixed := owed(t.Hall.Float(), 0, t.Capital.Float(), int(t.HallLife/12)) + owed(hardware, hardware*t.Residual.Float(), t.Capital.Float(), int(t.HardwareLife/12)) + t.Operations.Float()
	month, worth := math.Exp(-math.Log(1+t.Capital.Float())/12), 1.0
	for m := range term {
		worth *= month
		revenue := p * gpus * 730 * t.Utilisation.Float() * (1 - t.Fees.Float())
		mined := s.Hashprice[m].Float()/1000*1e6/t.Efficiency.Float()/24 - s.Energy[m].Float() - t.MiningCost.Float()
		if mined < 0 {
			mined = 0
			idle++
		}
		mined *= 730 * t.Available.Float()
		net += worth * (revenue - fixed/12 - 730*t.Load.Float()*s.Energy[m].Float() - mined)
		if m%12 == 0 {
			yearly = append(yearly, 0)
		}
		yearly[m/12] += mined
	}
	return net, yearly, idle
}

// TestJudge holds every outcome against the balance of its months.
func TestJudge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		terms := gb300()
		terms.Residual, terms.Load = unit.Ratio(rapid.Int64Range(0, 400_000).Draw(t, "residual")), unit.Ratio(rapid.Int64Range(500_000, 1_000_000).Draw(t, "load"))
		term, asked := rapid.IntRange(1, 40).Draw(t, "term"), rapid.Int64Range(3_000_000, 5_000_000).Draw(t, "asked")
		all := []quote.Scenario{curves(t, "one", term), curves(t, "two", term)}
		all[0].Probability = unit.Ratio(rapid.Int64Range(0, 1_000_000).Draw(t, "probability"))
		all[1].Probability = unit.One - all[0].Probability
		v, err := sold(t, terms).Judge(unit.Amount(asked), quote.Months(term), all)
		if err != nil {
			t.Fatal(err)
		}
		var share unit.Ratio
		mean := 0.0
		for i, o := range v.Outcomes {
			net, yearly, idle := balance(terms, all[i], term, float64(asked)/1e6)
			if math.Abs(o.Net.Float()-net) > 0.01 || int(o.Idle) != idle || len(o.Forgone) != len(yearly) {
				t.Fatalf("%s: %v beyond mining in %d idle months, by the month %v in %d", o.Name, o.Net.Float(), o.Idle, net, idle)
			}
			for y, usd := range yearly {
				if math.Abs(o.Forgone[y].Float()-usd) > 0.001 {
					t.Fatalf("%s: year %d: %v forgone, by the month %v", o.Name, y+1, o.Forgone[y].Float(), usd)
				}
			}
			if even, _, _ := balance(terms, all[i], term, o.Least.Float()); math.Abs(even) > 20 {
				t.Fatalf("%s: at the least price it is worth %v beyond mining", o.Name, even)
			}
			if o.Beats != (o.Least <= unit.Amount(asked)) {
				t.Fatalf("%+v", o)
			}
			if o.Beats {
				share += all[i].Probability
			}
			mean += all[i].Probability.Float() * net
		}
		if v.Share != share || math.Abs(v.Net.Float()-mean) > 0.01 {
			t.Fatalf("%+v, by the month %v", v, mean)
		}
	})
}

// TestTheEdge: the least price itself beats mining, a millionth less does not.
func TestTheEdge(t *testing.T) {
	t.Parallel()
	o, still := sold(t, gb300()), strolls(100)
	still.HashVolatility, still.PowerVolatility = 0, 0
	first, err := o.Judge(0, 60, []quote.Scenario{quote.Flat(gb300(), 60)})
	if err != nil {
		t.Fatal(err)
	}
	for less, share := range map[unit.Amount]unit.Ratio{0: unit.One, 1: 0} {
		asked := first.Outcomes[0].Least - less
		v, err := o.Judge(asked, 60, []quote.Scenario{quote.Flat(gb300(), 60)})
		if err != nil || v.Share != share || v.Outcomes[0].Beats != (less == 0) {
			t.Errorf("%d less: %+v, %v", less, v, err)
		}
		if s, err := o.Simulate(t.Context(), asked, 60, still); err != nil || s.Share != share {
			t.Errorf("%d less, walked: %+v, %v", less, s, err)
		}
	}
}

// TestMiningStops: a good month is not eaten up by a bad one.
func TestMiningStops(t *testing.T) {
	t.Parallel()
	s := quote.Scenario{Name: "up and down", Probability: unit.One, Energy: []unit.Price{0, 104 * unit.PerMWh}, Hashprice: []unit.Hashprice{43_200_000, 43_200_000}}
	v, err := sold(t, gb300()).Judge(0, 2, []quote.Scenario{s})
	// 43.2 at 18 J/TH earns 100.00 a MWh: 96 in the first month, and nothing in the second.
	if o := v.Outcomes[0]; err != nil || o.Idle != 1 || o.Forgone[0] != dollars(96*730*0.95) {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestBadScenarios: what does not serve is told, all of it.
func TestBadScenarios(t *testing.T) {
	t.Parallel()
	good := quote.Flat(gb300(), 12)
	short, never := good, good
	short.Name, short.Hashprice = "short", good.Hashprice[:7]
	never.Name, never.Probability = "never", -1
	for sentence, c := range map[string]struct {
		term quote.Months
		all  []quote.Scenario
		want string
	}{
		"a curve that ends early":        {12, []quote.Scenario{short}, "short: power price is given for 12 months and hashprice for 7"},
		"a probability below none":       {12, []quote.Scenario{good, never}, "never: a probability is 0 % to 100 %"},
		"probabilities of too much":      {12, []quote.Scenario{good, good}, "are 200 % in all"},
		"probabilities of too little":    {12, []quote.Scenario{{Name: "x", Probability: 999_999, Energy: good.Energy, Hashprice: good.Hashprice}}, "are 99.9999 % in all"},
		"a term of nothing":              {0, []quote.Scenario{good}, "the term is 1 month to 60 years"},
		"a term without an end in sight": {721, nil, "the term is 1 month to 60 years"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if _, err := sold(t, gb300()).Judge(0, c.term, c.all); !errors.Is(err, quote.ErrScenario) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// strolls are walks about today's prices.
func strolls(paths int) quote.Walk {
	return quote.Walk{
		Around: quote.Flat(gb300(), 60), HashVolatility: 450_000, PowerVolatility: 25 * unit.PerMWh, HalfLife: 6, Correlation: -300_000, Paths: paths, Seed: 42,
	}
}

// TestSlowWalk recomputes some paths with normal numbers found another way.
func TestSlowWalk(t *testing.T) {
	t.Parallel()
	const paths, term, asked = 300, 60, 3_990_000
	w, terms := strolls(paths), gb300()
	got, err := sold(t, terms).Simulate(t.Context(), asked, term, w)
	if err != nil {
		t.Fatal(err)
	}
	var nets []float64
	wins, idle, forgone := 0, 0, 0.0
	for path := range uint64(paths) {
		s, source := quote.Flat(terms, term), rand.NewPCG(42, path)
		log, off, kappa := 0.0, 0.0, math.Log(2)/0.5
		for m := range term {
			z, y := slowNormal(source), slowNormal(source)
			log += 0.45*z*math.Sqrt(1.0/12) - 0.45*0.45/24
			off = off*math.Exp(-kappa/12) + 25*math.Sqrt((1-math.Exp(-2*kappa/12))/(2*kappa))*(-0.3*z+math.Sqrt(1-0.09)*y)
			s.Hashprice[m] = unit.Hashprice(math.Round(45e6 * math.Exp(log)))
			s.Energy[m] = unit.Price(math.Round(45e6 + 1e6*off))
		}
		net, yearly, n := balance(terms, s, term, asked/1e6)
		nets, idle = append(nets, net), idle+n
		if net >= 0 {
			wins++
		}
		for _, usd := range yearly {
			forgone += usd
		}
	}
	slices.Sort(nets)
	if got.Wins != wins || got.Paths != paths || got.Seed != 42 || got.Share != unit.Ratio(math.Round(1e6*float64(wins)/paths)) || wins < paths/10 || wins > paths*9/10 {
		t.Errorf("%d of %d win, recomputed %d", got.Wins, got.Paths, wins)
	}
	for i, q := range []unit.Amount{got.Net.P5, got.Net.P50, got.Net.P95} {
		if want := nets[[]int{14, 149, 284}[i]]; math.Abs(q.Float()-want) > 1 {
			t.Errorf("quantile %d is %v, recomputed %v", i, q.Float(), want)
		}
	}
	if want := forgone / paths / 5; math.Abs(got.Forgone.Float()-want) > 1 || math.Abs(got.Idle.Float()-float64(idle)/(paths*term)) > 1e-6 {
		t.Errorf("%v forgone, recomputed %v; idle %v", got.Forgone.Float(), want, got.Idle.Float())
	}
}

// slowNormal halves until the normal distribution gives the number drawn.
func slowNormal(source *rand.PCG) float64 {
	u := (float64(source.Uint64()>>11) + 0.5) / (1 << 53)
	low, high := -10.0, 10.0
	for range 80 {
		if m := (low + high) / 2; math.Erfc(-m/math.Sqrt2)/2 < u {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// TestClosedForm: with a power price that stays, mining is an option on the
// hashprice, and its mean is known.
func TestClosedForm(t *testing.T) {
	t.Parallel()
	w := strolls(20_000)
	w.PowerVolatility, w.Correlation = 0, 0
	got, err := sold(t, gb300()).Simulate(t.Context(), 4*unit.Unit, 60, w)
	if err != nil {
		t.Fatal(err)
	}
	const forward, strike = 1e6 / 18 * 0.045 / 24, 49.0
	mean := 0.0
	for m := 1; m <= 60; m++ {
		sd := 0.45 * math.Sqrt(float64(m)/12)
		d := math.Log(forward/strike)/sd + sd/2
		mean += 8760 * 0.95 * (forward*phi(d) - strike*phi(d-sd)) / 60
	}
	if math.Abs(got.Forgone.Float()-mean) > 0.02*mean {
		t.Errorf("%v is forgone in a year, and by the closed form %v", got.Forgone.Float(), mean)
	}
	if on := price(t, gb300()).Parts[4].Yearly.Float(); mean <= on {
		t.Errorf("the choice to stop is worth nothing: %v with it, %v without", mean, on)
	}
}

func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// TestSeeds: a seed gives one result, another one another; where nothing strays,
// every path is the scenario.
func TestSeeds(t *testing.T) {
	t.Parallel()
	o := sold(t, gb300())
	walk := func(w quote.Walk) quote.Spread {
		s, err := o.Simulate(t.Context(), 4*unit.Unit, 60, w)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, again, other := walk(strolls(500)), walk(strolls(500)), strolls(500)
	other.Seed = 43
	if one != again || one.Net == walk(other).Net {
		t.Errorf("%+v", one)
	}
	if one.Low >= one.Share || one.High <= one.Share || one.High-one.Low > 100_000 {
		t.Errorf("%d of %d, and between %d and %d", one.Wins, one.Paths, one.Low, one.High)
	}
	still := strolls(100)
	still.HashVolatility, still.PowerVolatility = 0, 0
	s, want := walk(still), price(t, gb300()).Least
	if s.Wins != 100 || s.High != unit.One || s.Low < 950_000 || s.Least.P5 != s.Least.P95 || max(s.Least.P50-want, want-s.Least.P50) > 5 || s.NetHalf != 0 || s.Idle != 0 {
		t.Errorf("%+v, the price is %d", s, want)
	}
}

// TestWilson: the interval of known counts.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ k, n, low, high float64 }{{0, 10, 0, 0.2775}, {5, 10, 0.2366, 0.7634}, {10, 10, 0.7225, 1}, {81, 263, 0.2553, 0.3662}} {
		if low, high := quote.Wilson(c.k, c.n); math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%v of %v: %v to %v", c.k, c.n, low, high)
		}
	}
}

// TestBadWalks: a walk that makes no sense is refused, and one that is no longer
// wanted ends.
func TestBadWalks(t *testing.T) {
	t.Parallel()
	bad := quote.Walk{Around: quote.Flat(gb300(), 3), HashVolatility: -1, PowerVolatility: -1, Correlation: 2_000_000}
	_, err := sold(t, gb300()).Simulate(t.Context(), 1, 60, bad)
	if !errors.Is(err, quote.ErrScenario) || strings.Count(err.Error(), "\n") != 5 {
		t.Errorf("%v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := sold(t, gb300()).Simulate(ctx, 1, 60, strolls(100)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
