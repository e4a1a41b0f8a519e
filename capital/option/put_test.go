package option_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"sluice/capital"
	"sluice/capital/option"
)

// stock is a put on a stock without dividends: the decision of Longstaff and Schwartz.
type stock struct {
	spot, strike, rate, sigma, years float64
	dates                            int // after now
}

const (
	held = iota
	exercised
)

// european is the value of the put at a time before its end, by Black and Scholes.
func (o stock) european(spot, left float64) float64 {
	if left <= 0 {
		return max(o.strike-spot, 0)
	}
	s := o.sigma * math.Sqrt(left)
	d1 := (math.Log(spot/o.strike) + (o.rate+o.sigma*o.sigma/2)*left) / s
	return o.strike*math.Exp(-o.rate*left)*capital.Normal(s-d1) - spot*capital.Normal(-d1)
}

// problem is the put as a decision. The European put is its control: it is traded,
// and takes most of the noise away.
func (o stock) problem() option.Problem {
	dt := o.years / float64(o.dates)
	return option.Problem{
		Name: "put", Dates: o.dates + 1, Variables: []option.Variable{{Name: "stock", Unit: "USD"}}, Discount: math.Exp(-o.rate * dt),
		Phases: []option.Phase{
			held: {
				Name: "held", Asks: func(_ int, x []float64) bool { return x[0] < o.strike },
				Actions: []option.Action{
					{Name: "hold", To: held},
					{Name: "exercise", To: exercised, Goes: true, Pay: func(_ int, x []float64) float64 { return max(o.strike-x[0], 0) }},
				},
			},
			exercised: {Name: "exercised"},
		},
		Draw: func(chance *rand.Rand, x []float64) {
			drift, spread := (o.rate-o.sigma*o.sigma/2)*dt, o.sigma*math.Sqrt(dt)
			x[0] = o.spot
			for i := 1; i < len(x); i++ {
				x[i] = x[i-1] * math.Exp(drift+spread*chance.NormFloat64())
			}
		},
		Control: func(date int, x []float64) float64 { return o.european(x[0], o.years-float64(date)*dt) },
		Cuts:    []option.Cut{{Phase: held, Action: 1, Axis: 0, Across: -1}},
	}
}

// tree is the same put on a binomial tree with a number of steps between dates, and
// the greatest price at which it is exercised on a date. It shares no code with the room.
func (o stock) tree(steps, date int) (value, boundary float64) {
	n := o.dates * steps
	dt := o.years / float64(n)
	up := math.Exp(o.sigma * math.Sqrt(dt))
	grow := math.Exp(o.rate * dt)
	p := (grow - 1/up) / (up - 1/up)
	v, spots := make([]float64, n+1), make([]float64, 2*n+1)
	for i := range spots {
		spots[i] = o.spot * math.Pow(up, float64(i-n))
	}
	for at := n; at >= 0; at-- {
		for j := 0; j <= at; j++ {
			if at < n {
				v[j] = (p*v[j+1] + (1-p)*v[j]) / grow
			}
			if spot := spots[n+2*j-at]; at%steps == 0 && o.strike-spot > v[j] {
				v[j] = o.strike - spot
				if at == date*steps {
					boundary = max(boundary, spot)
				}
			}
		}
	}
	return v[0], boundary
}

func settings(paths int) option.Settings {
	return option.Settings{Paths: paths, Fresh: paths, Degree: 3, Seed: 1, FreshSeed: 2}
}

func solve(tb testing.TB, p option.Problem, s option.Settings) option.Result {
	tb.Helper()
	r, err := option.Solve(tb.Context(), p, s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestLongstaffSchwartz: the first row of table 1 of the paper. Finite differences
// give 4.478 and the paper's own simulation 4.472, with an error of 0.010.
func TestLongstaffSchwartz(t *testing.T) {
	t.Parallel()
	p := stock{36, 40, 0.06, 0.20, 1, 50}.problem()
	r := solve(t, p, settings(20_000))
	if off := r.Value - 4.478; math.Abs(off) > max(3*r.Error, 0.03) {
		t.Errorf("with control %.4f, error %.4f, want 4.478", r.Value, r.Error)
	}
	p.Control = nil
	plain := solve(t, p, settings(20_000))
	if off := plain.Value - 4.478; math.Abs(off) > max(3*plain.Error, 0.03) {
		t.Errorf("without control %.4f, error %.4f, want 4.478", plain.Value, plain.Error)
	}
	if r.Error > plain.Error/4 {
		t.Errorf("the control leaves an error of %.4f of %.4f", r.Error, plain.Error)
	}
	if r.First != "hold" || r.Now != 4 || r.Never != 0 || math.Abs(r.Wait-(r.Value-4)) > 1e-9 {
		t.Errorf("%q, now %g, never %g, wait %g", r.First, r.Now, r.Never, r.Wait)
	}
}

// bermudan is the twenty values of group bermudan_put_tree: strike 40, interest 6 %,
// fifty dates a year, by a tree with 40 steps between dates.
func bermudan() (all []struct {
	stock
	want float64
},
) {
	for i, row := range [][4]float64{
		{4.478, 4.840, 7.101, 8.507},
		{3.250, 3.745, 6.148, 7.668},
		{2.314, 2.885, 5.312, 6.917},
		{1.617, 2.213, 4.583, 6.245},
		{1.110, 1.690, 3.948, 5.642},
	} {
		for j, want := range row {
			years := 1 + j%2
			all = append(all, struct {
				stock
				want float64
			}{stock{36 + 2*float64(i), 40, 0.06, 0.2 + 0.2*float64(j/2), float64(years), 50 * years}, want})
		}
	}
	return all
}

// TestBermudan: all twenty values to 0.03. With the control 4,000 fresh paths
// leave an error below 0.007, a quarter of the tolerance; without it half a million would be needed.
func TestBermudan(t *testing.T) {
	t.Parallel()
	for _, c := range bermudan() {
		r := solve(t, c.problem(), option.Settings{Paths: 8_000, Fresh: 4_000, Degree: 3, Seed: 1, FreshSeed: 2})
		if math.Abs(r.Value-c.want) > 0.03 || r.Error > 0.007 {
			t.Errorf("%+v: %.4f, error %.4f, want %.3f", c.stock, r.Value, r.Error, c.want)
		}
		// a fitted rule is not better than the best one
		if r.Value > c.want+0.0005+4*r.Error {
			t.Errorf("%+v: %.4f, error %.4f, is above the best rule's %.3f", c.stock, r.Value, r.Error, c.want)
		}
	}
}

// TestTree: the table itself, by another method; every third row keeps it fast.
func TestTree(t *testing.T) {
	t.Parallel()
	for i, c := range bermudan() {
		if i%3 != 0 {
			continue
		}
		if got, _ := c.tree(40, 0); math.Abs(got-c.want) > 0.002 {
			t.Errorf("%+v: %.4f, want %.3f", c.stock, got, c.want)
		}
	}
}

// TestBoundary: the rule of the put is its early exercise boundary, and the tree has
// the same one. The value is flat around it, so that a dollar off costs next to nothing.
func TestBoundary(t *testing.T) {
	t.Parallel()
	o := stock{36, 40, 0.06, 0.40, 1, 10}
	r := solve(t, o.problem(), settings(30_000))
	for _, row := range r.Rule {
		_, want := o.tree(60, row.Date)
		if row.Date < 4 {
			continue // hardly a path, and hardly a node of the tree, is there yet
		}
		if row.Side != option.Below || math.Abs(row.At-want) > 1 {
			t.Errorf("%v: want below %.2f", row, want)
		}
	}
	if len(r.Rule) != o.dates {
		t.Errorf("%d rows, want one for each of %d dates after the first", len(r.Rule), o.dates)
	}
	if last := r.Rule[len(r.Rule)-1]; math.Abs(last.At-40) > 1e-3 || last.String() != "date 10, held: exercise if stock < 40 USD" {
		t.Errorf("on the last date %q at %g", last, last.At)
	}
	if got := r.Policy.Choose(5, held, []float64{20}); got != 1 {
		t.Errorf("at 20 it does %d, want to exercise", got)
	}
	if got := r.Policy.Choose(5, held, []float64{39}); got != 0 {
		t.Errorf("at 39 it does %d, want to hold", got)
	}
	if r.Policy.Choose(5, exercised, []float64{39}) != -1 || r.Policy.Choose(11, held, []float64{39}) != -1 {
		t.Error("there is something to choose where there is nothing")
	}
}

// BenchmarkPut is the put of the paper with 50,000 paths to fit and as many fresh ones.
func BenchmarkPut(b *testing.B) {
	p := stock{36, 40, 0.06, 0.20, 1, 50}.problem()
	p.Control = nil
	for b.Loop() {
		solve(b, p, settings(50_000))
	}
}
