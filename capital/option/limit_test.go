package option_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sluice/capital/option"
)

// TestEuropean: a put with one date is worth the closed form.
func TestEuropean(t *testing.T) {
	t.Parallel()
	for _, o := range []stock{{36, 40, 0.06, 0.2, 1, 10}, {44, 40, 0.06, 0.4, 2, 10}} {
		p := o.problem()
		p.Control = nil
		p.Phases[held].Actions[1].When = func(date int) bool { return date == o.dates }
		r := solve(t, p, settings(30_000))
		if want := o.european(o.spot, o.years); math.Abs(r.Value-want) > 3*r.Error || r.Error > 0.05 {
			t.Errorf("%+v: %.4f, error %.4f, want %.4f", o, r.Value, r.Error, want)
		}
		// with the control it is exact: the put and its control are one
		p.Control = o.problem().Control
		if r := solve(t, p, settings(1_000)); math.Abs(r.Value-o.european(o.spot, o.years)) > 1e-9 || r.Error > 1e-9 {
			t.Errorf("%+v: with itself as control %.12f, error %g", o, r.Value, r.Error)
		}
	}
}

// TestCertain: without volatility the best date is found exactly, and nothing is left
// of the basis but the constant.
func TestCertain(t *testing.T) {
	t.Parallel()
	for _, o := range []stock{{36, 40, 0.06, 0, 1, 10}, {36, 40, -0.05, 0, 1, 10}} {
		want, dt := 0.0, o.years/float64(o.dates)
		for i := range o.dates + 1 {
			at := dt * float64(i)
			want = max(want, math.Exp(-o.rate*at)*(o.strike-o.spot*math.Exp(o.rate*at)))
		}
		p := o.problem()
		p.Control = nil
		r := solve(t, p, settings(200))
		if math.Abs(r.Value-want) > 1e-9 || r.Error > 1e-9 || len(r.Rule) > 0 || len(r.Reduced) > 0 {
			t.Errorf("%+v: %.12f, error %g, rule %v, reduced %v, want %.12f", o, r.Value, r.Error, r.Rule, r.Reduced, want)
		}
	}
}

// TestMoreDates: on the same paths a put that may be exercised more often is worth no less.
func TestMoreDates(t *testing.T) {
	t.Parallel()
	o := stock{36, 40, 0.06, 0.2, 1, 32}
	var last option.Result
	for every := 32; every >= 1; every /= 2 {
		p := o.problem()
		p.Phases[held].Actions[1].When = func(date int) bool { return date%every == 0 && date > 0 }
		r := solve(t, p, settings(8_000))
		if every < 32 {
			more, err, fault := r.Against(last)
			if fault != nil || more < -3*err {
				t.Errorf("every %d dates: %.4f more, error %.4f, %v", every, more, err, fault)
			}
			if every == 16 && more < 0.1 {
				t.Errorf("a second date adds only %.4f", more)
			}
		}
		last = r
	}
}

// plant is a small staged decision of chance: what runs pays a walk, and may be given
// up, stopped, or made bigger.
func plant(drift, sigma float64, actions int) option.Problem {
	pays := func(_ int, x []float64) float64 { return x[0] }
	all := []option.Action{
		{Name: "run", To: 0},
		{Name: "give up", To: 2},
		{Name: "stop", To: 1, Pay: func(int, []float64) float64 { return -0.2 }},
		{Name: "double", To: 3, Pay: func(int, []float64) float64 { return -4 }, Goes: true},
	}
	return option.Problem{
		Name: "plant", Dates: 12, Variables: []option.Variable{{Name: "margin", Unit: "USD"}}, Discount: 0.97,
		Phases: []option.Phase{
			{Name: "running", Flow: pays, Actions: all[:actions]},
			{Name: "stopped", Flow: func(int, []float64) float64 { return -0.1 }, Actions: []option.Action{
				{Name: "stay", To: 1}, {Name: "restart", To: 0, Pay: func(int, []float64) float64 { return -0.5 }}, {Name: "give up", To: 2},
			}},
			{Name: "given up"},
			{Name: "doubled", Flow: func(_ int, x []float64) float64 { return 2 * x[0] }, Actions: []option.Action{{Name: "run", To: 3}, {Name: "give up", To: 2}}},
		},
		Draw: func(chance *rand.Rand, x []float64) {
			x[0] = drift
			for i := 1; i < len(x); i++ {
				x[i] = x[i-1] + sigma*chance.NormFloat64()
			}
		},
	}
}

// TestGivingUp: a right to give up for nothing never has a negative value, however
// much the plant loses; without it the value is as negative as the losses.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		drift, sigma := rapid.Float64Range(-3, 1).Draw(rt, "margin"), rapid.Float64Range(0, 1).Draw(rt, "sigma")
		r := solve(t, plant(drift, sigma, 2), settings(400))
		if r.Value < -3*r.Error {
			rt.Fatalf("%g, error %g", r.Value, r.Error)
		}
		annuity := (1 - math.Pow(0.97, 12)) / 0.03
		if math.Abs(r.Never-drift*annuity) > 4*r.NeverError+1e-9 {
			rt.Fatalf("never giving up is worth %g, error %g, want %g", r.Never, r.NeverError, drift*annuity)
		}
	})
}

// TestMoreActions: another action never lowers the value.
func TestMoreActions(t *testing.T) {
	t.Parallel()
	for _, drift := range []float64{-0.3, 0.1, 0.6} {
		var last option.Result
		for actions := 1; actions <= 4; actions++ {
			r := solve(t, plant(drift, 0.4, actions), settings(6_000))
			if actions > 1 {
				if more, err, fault := r.Against(last); fault != nil || more < -3*err {
					t.Errorf("margin %g: action %d adds %.4f, error %.4f, %v", drift, actions, more, err, fault)
				}
			}
			last = r
		}
	}
}

// TestPerpetual: the closed form, and a long horizon that comes up to it from below.
func TestPerpetual(t *testing.T) {
	t.Parallel()
	w, err := option.Perpetual(1, 1, 0.04, 0.04, 0.2)
	if err != nil || math.Abs(w.Beta-2) > 1e-12 || math.Abs(w.Threshold-2) > 1e-12 || math.Abs(w.Value-0.25) > 1e-12 {
		t.Fatalf("%+v, %v", w, err)
	}
	if deep, err := option.Perpetual(3, 1, 0.04, 0.04, 0.2); err != nil || deep.Value != 2 {
		t.Errorf("beyond the threshold %+v, %v", deep, err)
	}
	var last float64
	for _, years := range []int{5, 20, 80} {
		// twice a year: dates half a year apart cost about a hundredth of the value
		r := solve(t, invest(years), option.Settings{Paths: 8_000, Fresh: 20_000, Degree: 3, Seed: 3, FreshSeed: 4})
		if r.Value > 0.25+3*r.Error || r.Value < last {
			t.Errorf("%d years: %.4f, error %.4f, after %.4f", years, r.Value, r.Error, last)
		}
		if last = r.Value; years == 80 && (r.Value < 0.235 || r.Error > 0.005) {
			t.Errorf("%d years: %.4f, error %.4f, want close to 0.25", years, r.Value, r.Error)
		}
		if r.First != "wait" || r.Now != 0 || math.Abs(r.Wait-r.Value) > 1e-9 || math.Abs(r.Hold-r.Value) > 1e-9 {
			t.Errorf("%d years: %q, now %g, wait %g, hold %g", years, r.First, r.Now, r.Wait, r.Hold)
		}
	}
}

// invest is the option to pay 1 for a value of 1, with interest and payout of 4 %.
func invest(years int) option.Problem {
	return option.Problem{
		Name: "invest", Dates: 2*years + 1, Variables: []option.Variable{{Name: "value", Log: true}}, Discount: math.Exp(-0.02),
		Phases: []option.Phase{
			{
				Name: "waiting", Asks: func(_ int, x []float64) bool { return x[0] > 0 },
				Actions: []option.Action{{Name: "wait", To: 0}, {Name: "invest", To: 1, Goes: true, Pay: func(_ int, x []float64) float64 { return math.Exp(x[0]) - 1 }}},
			},
			{Name: "invested"},
		},
		Draw: func(chance *rand.Rand, x []float64) {
			x[0] = 0
			for i := 1; i < len(x); i++ {
				x[i] = x[i-1] - 0.01 + 0.2*math.Sqrt(0.5)*chance.NormFloat64()
			}
		},
		Control: func(date int, x []float64) float64 { return math.Exp(x[0] + 0.02*float64(date)) },
	}
}

// TestLooksAhead: on its own few paths a rule looks better than it is; that is why
// the value comes from fresh ones.
func TestLooksAhead(t *testing.T) {
	t.Parallel()
	p := stock{40, 40, 0.06, 0.2, 1, 25}.problem()
	var gap float64
	for seed := range uint64(10) {
		r := solve(t, p, option.Settings{Paths: 150, Fresh: 2_000, Degree: 4, Seed: 2 * seed, FreshSeed: 2*seed + 1})
		gap += (r.Fitted - r.Value) / 10
	}
	if gap < 0.05 {
		t.Errorf("a rule of 150 paths looks only %.4f better on them", gap)
	}
	s := settings(400)
	one := solve(t, p, s)
	s.FreshSeed++
	two := solve(t, p, s)
	s.Seed += 5
	three := solve(t, p, s)
	if one.Fitted != two.Fitted || one.Value == two.Value || two.Fitted == three.Fitted {
		t.Errorf("fitted %g, %g, %g, value %g, %g: the fit follows its seed and the value the fresh one", one.Fitted, two.Fitted, three.Fitted, one.Value, two.Value)
	}
}

// TestBeyond: far from all fitted paths the rule holds what it knows at their edge; a
// polynomial that is followed there says anything.
func TestBeyond(t *testing.T) {
	t.Parallel()
	for _, degree := range []int{3, 4} {
		p := invest(10)
		p.Phases[0].Asks = nil
		r := solve(t, p, option.Settings{Paths: 4_000, Fresh: 200, Degree: degree, Seed: 3, FreshSeed: 4})
		for date := 1; date < 20; date++ {
			if r.Policy.Choose(date, 0, []float64{9}) != 1 || r.Policy.Choose(date, 0, []float64{-9}) != 0 {
				t.Errorf("degree %d, date %d: it does not invest at 8,103, or does at 0.0001", degree, date)
			}
		}
	}
}

// TestProcessors: the same bits on one processor and on many. It changes a setting of
// the whole process and so runs alone.
func TestProcessors(t *testing.T) {
	c := example()
	p, err := c.Problem()
	if err != nil {
		t.Fatal(err)
	}
	s := option.Settings{Paths: 3_000, Fresh: 2_500, Degree: 2, Seed: 1, FreshSeed: 2}
	was := runtime.GOMAXPROCS(1)
	one := solve(t, p, s)
	runtime.GOMAXPROCS(7)
	many := solve(t, p, s)
	runtime.GOMAXPROCS(was)
	if diff := cmp.Diff(one, many, cmpopts.IgnoreUnexported(option.Result{}), cmpopts.IgnoreFields(option.Result{}, "Policy")); diff != "" {
		t.Error(diff)
	}
	if more, _, err := many.Against(one); err != nil || more != 0 {
		t.Errorf("the same paths differ by %g, %v", more, err)
	}
}
