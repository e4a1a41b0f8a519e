package option_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/option"
)

// sample is a basis of random columns and a right side.
func sample(seed uint64, rows, columns int) (basis [][]float64, side []float64) {
	chance := capital.Stream(seed, 0)
	column := func() (out []float64) {
		for range rows {
			out = append(out, chance.NormFloat64())
		}
		return out
	}
	for range columns {
		basis = append(basis, column())
	}
	return basis, column()
}

// TestLeastSquares: what is left of the right side is perpendicular to every column,
// in blocks of any length; no other test of a least square is needed.
func TestLeastSquares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		columns := rapid.IntRange(1, 12).Draw(rt, "columns")
		rows := columns + rapid.IntRange(0, 60).Draw(rt, "rows")
		basis, side := sample(rapid.Uint64().Draw(rt, "seed"), rows, columns)
		got, kept := option.LeastSquares(basis, [][]float64{side}, rapid.IntRange(1, rows+5).Draw(rt, "block"))
		if kept != columns {
			rt.Fatalf("%d of %d kept", kept, columns)
		}
		for _, c := range basis {
			var dot, size float64
			for i, v := range c {
				left := side[i]
				for j, other := range basis {
					left -= got[0][j] * other[i]
				}
				dot += v * left
				size += math.Abs(v * side[i])
			}
			if math.Abs(dot) > 1e-9*(1+size) {
				rt.Fatalf("what is left is not perpendicular: %g", dot)
			}
		}
	})
}

// TestSingular: a column that depends on those before it gets nothing, is counted,
// and does not disturb the others.
func TestSingular(t *testing.T) {
	t.Parallel()
	basis, side := sample(7, 300, 3)
	want, _ := option.LeastSquares(basis, [][]float64{side}, 64)
	sum := make([]float64, 300)
	for i := range sum {
		sum[i] = 2*basis[0][i] - basis[1][i]
	}
	got, kept := option.LeastSquares([][]float64{basis[0], basis[1], sum, make([]float64, 300), basis[2]}, [][]float64{side}, 64)
	if kept != 3 || got[0][2] != 0 || got[0][3] != 0 {
		t.Fatalf("%d kept of %v", kept, got)
	}
	for i, j := range []int{0, 1, 4} {
		if math.Abs(got[0][j]-want[0][i]) > 1e-9 {
			t.Errorf("coefficient %d is %g, want %g", j, got[0][j], want[0][i])
		}
	}
}

func TestProducts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		variables      []int
		states, degree int
		want           string
	}{
		{[]int{0}, 1, 3, ",a,aa,aaa"},
		{[]int{0, 1}, 2, 2, ",a,b,aa,ab,bb"},
		{[]int{0, 2, 3}, 3, 2, ",a,c,d,aa,ac,cc"}, // d is a feature
		{nil, 2, 3, ""},
	} {
		if got := strings.Join(option.Products(c.variables, c.states, c.degree), ","); got != c.want {
			t.Errorf("%v: %q, want %q", c.variables, got, c.want)
		}
	}
	if n := len(option.Products([]int{0, 1, 2, 3}, 4, 3)); n != 35 {
		t.Errorf("%d products of four variables to degree 3, want 35", n)
	}
}

// TestReduced: a basis that the paths cannot carry is made smaller, and that is said:
// two variables that are one, and far too few paths in the money.
func TestReduced(t *testing.T) {
	t.Parallel()
	p := plant(0.2, 0.4, 4)
	draw := p.Draw
	p.Variables = append(p.Variables, option.Variable{Name: "the same again"})
	p.Draw = func(chance *rand.Rand, x []float64) {
		half := x[:len(x)/2]
		draw(chance, half)
		for i, h := range slices.Backward(half) {
			x[2*i+1], x[2*i] = 3*h+1, h
		}
	}
	double := solve(t, p, settings(2_000))
	single := solve(t, plant(0.2, 0.4, 4), settings(2_000))
	if len(double.Reduced) != 10 || double.Reduced[0].Kept != 4 || double.Reduced[0].Of != 10 || double.Reduced[0].Paths != 2_000 {
		t.Errorf("%+v, want ten dates with 4 of 10 functions", double.Reduced)
	}
	if len(single.Reduced) > 0 || math.Abs(single.Value-double.Value) > 1e-9 {
		t.Errorf("%.12f with a variable twice, %.12f with it once, %v", double.Value, single.Value, single.Reduced)
	}
	few := stock{44, 40, 0.06, 0.2, 1, 50}.problem()
	if r := solve(t, few, settings(2_000)); len(r.Reduced) == 0 || r.Reduced[len(r.Reduced)-1].Phase != "held" || r.Reduced[len(r.Reduced)-1].Paths >= 40 {
		t.Errorf("%+v, want dates with fewer than 40 paths in the money", r.Reduced)
	}
}

// TestFeature: the payoff as a feature carries a basis of degree 1 to where degree 3 is.
func TestFeature(t *testing.T) {
	t.Parallel()
	p, err := example().Problem()
	if err != nil {
		t.Fatal(err)
	}
	s := quick()
	s.Degree = 1
	with := solve(t, p, s)
	p.Features = nil
	without := solve(t, p, s)
	if more, err, fault := with.Against(without); fault != nil || more < 3*err {
		t.Errorf("features add %.0f, error %.0f, %v", more, err, fault)
	}
}
