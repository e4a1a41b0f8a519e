package capital_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	for sentence, c := range map[string]struct {
		sorted []float64
		q      float64
		want   float64
	}{
		"the least":                      {[]float64{1, 2, 3, 4}, 0, 1},
		"the greatest":                   {[]float64{1, 2, 3, 4}, 1, 4},
		"between":                        {[]float64{1, 2, 3, 4}, 0.5, 2.5},
		"a third":                        {[]float64{1, 2, 3, 4}, 1.0 / 3, 2},
		"one value":                      {[]float64{7}, 0.3, 7},
		"at a value before an endless":   {[]float64{1, 2, inf}, 0.5, 2},
		"between a value and an endless": {[]float64{1, inf}, 0.5, inf},
		"between two endless":            {[]float64{1, inf, inf}, 0.75, inf},
	} {
		if got := capital.Quantile(c.sorted, c.q); got != c.want {
			t.Errorf("%s: %v, want %v", sentence, got, c.want)
		}
	}
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		if got := capital.Quantile([]float64{1, 2}, q); !math.IsNaN(got) {
			t.Errorf("the quantile %v is %v", q, got)
		}
	}
	if !math.IsNaN(capital.Quantile(nil, 0.5)) {
		t.Error("nothing has a median")
	}
}

// TestTail: losses of 1 to 100, by hand, and shares that fall between two losses.
func TestTail(t *testing.T) {
	t.Parallel()
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64((i*37)%100 + 1) // in no order
	}
	for sentence, c := range map[string]struct {
		losses       []float64
		beta         float64
		atRisk, mean float64
	}{
		"1 to 100 at 95 %":                     {hundred, 0.95, 95, 98},
		"1 to 100 at 99 %":                     {hundred, 0.99, 99, 100},
		"1 to 100 at 0 %: the mean":            {hundred, 0, 1, 50.5},
		"a share of one loss lies at the edge": {[]float64{10, 20, 30}, 0.5, 20, (0.5*20 + 30) / 1.5},
		"one loss":                             {[]float64{4}, 0.9, 4, 4},
		"gains are negative losses":            {[]float64{-3, -1}, 0.5, -3, -1},
	} {
		atRisk, mean := capital.Tail(c.losses, c.beta)
		if atRisk != c.atRisk || math.Abs(mean-c.mean) > 1e-9 {
			t.Errorf("%s: %v and %v, want %v and %v", sentence, atRisk, mean, c.atRisk, c.mean)
		}
	}
	for sentence, c := range map[string]struct {
		losses []float64
		beta   float64
	}{
		"no losses": {nil, 0.95}, "nothing lies beyond": {hundred, 1}, "no share": {hundred, -0.1}, "no number": {[]float64{1, math.NaN()}, 0.5}, "no beta": {hundred, math.NaN()},
	} {
		if atRisk, mean := capital.Tail(c.losses, c.beta); !math.IsNaN(atRisk) || !math.IsNaN(mean) {
			t.Errorf("%s: %v and %v", sentence, atRisk, mean)
		}
	}
}

// TestTailIsLeast: the mean of the tail is the least of a + mean(max(loss - a, 0)) /
// (1 - beta) over every a, which is how Rockafellar and Uryasev define it.
func TestTailIsLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		losses := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 1, 60).Draw(t, "losses")
		beta := rapid.Float64Range(0, 0.99).Draw(t, "beta")
		least := math.Inf(1)
		for _, a := range losses { // it bends at losses alone
			v := 0.0
			for _, x := range losses {
				v += max(x-a, 0)
			}
			least = min(least, a+v/((1-beta)*float64(len(losses))))
		}
		atRisk, mean := capital.Tail(losses, beta)
		if math.Abs(mean-least) > 1e-6 || mean < atRisk-1e-9 {
			t.Fatalf("%v beyond %v, want %v", mean, atRisk, least)
		}
	})
}

func TestSpreadOf(t *testing.T) {
	t.Parallel()
	sample := make([]float64, 101)
	for i := range sample {
		sample[i] = float64((i * 29) % 101)
	}
	want := capital.Spread{N: 101, Mean: 50, P5: 5, P10: 10, P25: 25, P50: 50, P75: 75, P90: 90, P95: 95, Least: 0, Greatest: 100}
	// 0 to 100 has squares of 101 (101^2 - 1) / 12 = 85850 around its mean
	want.Error = math.Sqrt(85850.0 / 100 / 101)
	before := slices.Clone(sample)
	if got := capital.SpreadOf(sample); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !slices.Equal(sample, before) {
		t.Error("the sample was moved")
	}
	if got := capital.SpreadOf([]float64{3}); got.Mean != 3 || got.Error != 0 || got.P5 != 3 || got.P95 != 3 {
		t.Errorf("%+v", got)
	}
	if got := capital.SpreadOf(nil); got != (capital.Spread{}) {
		t.Errorf("%+v", got)
	}
	// a value that is no number may not hide among the least
	if got := capital.SpreadOf([]float64{1, math.NaN(), 3}); got.N != 3 || !math.IsNaN(got.P95) || !math.IsNaN(got.Greatest) || !math.IsNaN(got.Mean) {
		t.Errorf("%+v", got)
	}
}

// TestErrorFalls: the standard error is what means of samples differ by.
func TestErrorFalls(t *testing.T) {
	t.Parallel()
	var means []float64
	var said float64
	for path := range uint64(400) {
		r := capital.Stream(7, path)
		sample := make([]float64, 100)
		for i := range sample {
			sample[i] = r.NormFloat64()
		}
		s := capital.SpreadOf(sample)
		means = append(means, s.Mean)
		said += s.Error / 400
	}
	seen := capital.SpreadOf(means).Error * math.Sqrt(400) // back to the deviation of one mean
	if math.Abs(said-0.1) > 0.002 || math.Abs(seen-0.1) > 0.015 {
		t.Errorf("said %v, seen %v, want 0.1", said, seen)
	}
}

// TestStream: a path is the same whenever and beside whatever it is drawn, and no
// other one.
func TestStream(t *testing.T) {
	t.Parallel()
	draw := func(seed, path uint64) [4]uint64 {
		r := capital.Stream(seed, path)
		return [4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}
	}
	// PCG-DXSM is part of the Go library and frozen: the Go library tests these bits too
	if got, want := draw(1, 2), [4]uint64{0xc4f5a58656eef510, 0x9dcec3ad077dec6c, 0xc8d04605312f8088, 0xcbedc0dcb63ac19a}; got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
	seen := map[[4]uint64]bool{}
	for seed := range uint64(30) {
		for path := range uint64(30) {
			seen[draw(seed, path)] = true
		}
	}
	if len(seen) != 900 {
		t.Errorf("900 streams, %d of them differ", len(seen))
	}
	// streams of neighbours know nothing of each other
	var xy, n float64
	for path := range uint64(2000) {
		a, b := capital.Stream(5, path), capital.Stream(5, path+1)
		for range 10 {
			xy += a.NormFloat64() * b.NormFloat64()
			n++
		}
	}
	if c := xy / n; math.Abs(c) > 4/math.Sqrt(n) {
		t.Errorf("neighbours agree by %v", c)
	}
}

func BenchmarkSpreadOf(b *testing.B) {
	r := capital.Stream(1, 1)
	sample := make([]float64, 10_000)
	for i := range sample {
		sample[i] = r.NormFloat64()
	}
	for b.Loop() {
		if capital.SpreadOf(sample).N == 0 {
			b.Fatal("nothing")
		}
	}
}
