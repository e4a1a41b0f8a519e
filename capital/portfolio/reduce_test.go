package portfolio

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"sluice/capital"
)

// clouds are n paths around c centres far from each other; centre k has about k+1
// parts of them.
func clouds(n, c int) (paths [][]float64, of []int) {
	for i := range n {
		r := capital.Stream(99, uint64(i))
		k := int(math.Sqrt(float64(r.IntN(c * c))))
		x := make([]float64, 8)
		for q := range x {
			x[q] = 100*float64(k) + 10*float64(q) + r.NormFloat64()
		}
		paths, of = append(paths, x), append(of, k)
	}
	return paths, of
}

// TestReduceClouds: groups that lie far apart are found, with their shares.
func TestReduceClouds(t *testing.T) {
	t.Parallel()
	paths, of := clouds(600, 5)
	got, err := Reduce(paths, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for c, i := range got.Path {
		share := 0.0
		for j := range paths {
			if of[j] == of[i] {
				share += 1.0 / 600
			}
			if (of[j] == of[i]) != (got.Of[j] == c) {
				t.Fatalf("path %d of cloud %d is with path %d of cloud %d", j, of[j], got.Path[got.Of[j]], of[got.Path[got.Of[j]]])
			}
		}
		if !near(got.Weight[c], share, 1e-9, 1) {
			t.Errorf("weight %v, share %v", got.Weight[c], share)
		}
		sum += got.Weight[c]
	}
	if math.Abs(sum-1) > weightSlack || got.Kept < 0.99 || !slices.IsSorted(got.Path) {
		t.Errorf("weights sum to %v, kept %v, paths %v", sum, got.Kept, got.Path)
	}
}

// TestReduceRepeats: the same seed gives the same groups, all paths keep all, one
// keeps none, and paths that are alike do not stop it.
func TestReduceRepeats(t *testing.T) {
	t.Parallel()
	paths, _ := clouds(300, 9)
	a, _ := Reduce(paths, 20, 5)
	b, _ := Reduce(paths, 20, 5)
	if !reflect.DeepEqual(a, b) {
		t.Error("two runs of one seed differ")
	}
	before := a.Kept
	if all, err := Reduce(paths, 300, 5); err != nil || all.Kept != 1 || !near(all.Weight[7], 1.0/300, 1e-12, 1) {
		t.Errorf("all paths: kept %v, %v", all.Kept, err)
	}
	if one, err := Reduce(paths, 1, 5); err != nil || math.Abs(one.Kept) > 1e-12 || before < 0.9 {
		t.Errorf("one path keeps %v, twenty %v (%v)", one.Kept, before, err)
	}
	same := [][]float64{{1, 2}, {1, 2}, {1, 2}, {1, 2}}
	if got, err := Reduce(same, 3, 5); err != nil || len(got.Path) != 3 || got.Kept != 1 {
		t.Errorf("equal paths: %+v, %v", got, err)
	}
	for name, bad := range map[string][][]float64{"NaN": {{1}, {math.NaN()}}, "lengths": {{1}, {1, 2}}, "too few": {{1}}, "empty": {{}, {}}} {
		if _, err := Reduce(bad, 2, 5); !errors.Is(err, ErrProblem) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReduceTail says what reduction does to mean and CVaR: with 80 of 4,000 paths
// the mean stays within a tenth of a deviation, and CVaR within a fifth of one.
func TestReduceTail(t *testing.T) {
	t.Parallel()
	var paths [][]float64
	var loss []float64
	for i := range 4000 {
		r := capital.Stream(3, uint64(i))
		level, x, sum := 0.0, make([]float64, 10), 0.0
		for y := range x {
			level += 0.25 * r.NormFloat64()
			x[y] = math.Exp(level) / math.Pow(1.1, float64(y))
			sum += x[y]
		}
		paths, loss = append(paths, x), append(loss, -sum)
	}
	got, err := Reduce(paths, 80, 1)
	if err != nil {
		t.Fatal(err)
	}
	full := capital.SpreadOf(loss)
	deviation := full.Error * math.Sqrt(float64(full.N))
	_, whole := capital.Tail(loss, 0.95)
	c := counter{p: Problem{Beta: 0.95}}
	mean := 0.0
	for k, i := range got.Path {
		c.loss = append(c.loss, weighted{loss[i], got.Weight[k]})
		mean += got.Weight[k] * loss[i]
	}
	_, tail := c.worst()
	t.Logf("kept %.3f; mean %.3f of %.3f, CVaR %.3f of %.3f, deviation %.3f", got.Kept, mean, full.Mean, tail, whole, deviation)
	if math.Abs(mean-full.Mean) > 0.1*deviation || math.Abs(tail-whole) > 0.2*deviation {
		t.Errorf("mean %v of %v, CVaR %v of %v", mean, full.Mean, tail, whole)
	}
}

func BenchmarkReduce(b *testing.B) {
	paths, _ := clouds(5000, 30)
	for b.Loop() {
		if _, err := Reduce(paths, 80, 1); err != nil {
			b.Fatal(err)
		}
	}
}
