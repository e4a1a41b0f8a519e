package commission

import (
	"math"
	"slices"
	"time"

	"sluice/unit"
)

// sample is one value at the time at which it was asked for.
type sample struct {
	at time.Duration
	v  int64
}

// trace is samples in the order of time.
type trace []sample

// add takes a sample; one from the past is left out, because answers may
// overtake each other and only the newest question counts.
func (s *trace) add(at time.Duration, v int64) {
	if n := len(*s); n > 0 && (*s)[n-1].at >= at {
		return
	}
	*s = append(*s, sample{at, v})
}

// within is what was asked for after from and until to.
func (s trace) within(from, to time.Duration) trace {
	by := func(x sample, t time.Duration) int {
		if x.at <= t {
			return -1
		}
		return 1
	}
	a, _ := slices.BinarySearchFunc(s, from, by)
	b, _ := slices.BinarySearchFunc(s, to, by)
	return s[a:max(a, b)]
}

// mean is rounded half to even; of nothing it is not known.
func (s trace) mean() (int64, bool) {
	if len(s) == 0 {
		return 0, false
	}
	var sum int64
	for _, x := range s {
		sum += x.v
	}
	return unit.MulDiv(sum, 1, int64(len(s))), true
}

// gap is the widest distance between two samples, the ends of the window counted.
func (s trace) gap(from, to time.Duration) time.Duration {
	widest := time.Duration(0)
	for _, x := range s {
		widest, from = max(widest, x.at-from), x.at
	}
	return max(widest, to-from)
}

// still reports whether the two halves of a window agree within slack.
func (s trace) still(from, to time.Duration, slack unit.Power) bool {
	mid := from + (to-from)/2
	a, okA := s.within(from, mid).mean()
	b, okB := s.within(mid, to).mean()
	return okA && okB && abs(a-b) <= int64(slack)
}

// smooth is the running median of 2*reach+1 samples, centred, so that an edge
// stays where it is and wild samples are gone.
func (s trace) smooth(reach int) trace {
	out := make(trace, len(s))
	near := make([]int64, 0, 2*reach+1)
	for i, x := range s {
		side := min(reach, i, len(s)-1-i)
		near = near[:0]
		for _, y := range s[i-side : i+side+1] {
			near = append(near, y.v)
		}
		slices.Sort(near)
		out[i] = sample{x.at, near[side]}
	}
	return out
}

// first is when the trace first does what is asked.
func (s trace) first(does func(int64) bool) (time.Duration, bool) {
	for _, x := range s {
		if does(x.v) {
			return x.at, true
		}
	}
	return 0, false
}

// since is from when on the trace does what is asked and goes on to its end.
func (s trace) since(does func(int64) bool) (time.Duration, bool) {
	at, ok := time.Duration(0), false
	for _, x := range slices.Backward(s) {
		if !does(x.v) {
			break
		}
		at, ok = x.at, true
	}
	return at, ok
}

// highest is the largest value.
func (s trace) highest() int64 {
	most := int64(math.MinInt64)
	for _, x := range s {
		most = max(most, x.v)
	}
	return most
}

// batches is into how many windows the baseline is cut.
const batches = 8

// confidence is (t * sqrt 2)^2 in thousandths, t = 3.499 being the two-sided 99 %
// point of Student's distribution with batches - 1 degrees of freedom.
const confidence = 24_486

// resolution is the smallest difference of two window means that is believed,
// from the means of equal windows in which nothing should have moved. step is the
// least change that the meter can show.
//
// Formula: R = step + t * sqrt(2) * s. Source: docs/formula/commission.md.
func resolution(means [batches]int64, step unit.Power) unit.Power {
	var sum, squares int64
	for _, m := range means {
		sum += m
	}
	middle := unit.MulDiv(sum, 1, batches)
	for _, m := range means {
		squares += (m - middle) * (m - middle)
	}
	return max(1, step) + unit.Power(root(unit.MulDiv(squares, confidence, 1000*(batches-1))))
}

// root is the square root of v >= 0, rounded up.
func root(v int64) int64 {
	if v <= 1 {
		return v
	}
	r := v/2 + 1
	for next := (r + v/r) / 2; next < r; next = (r + v/r) / 2 {
		r = next // Newton's method from above ends at the root rounded down
	}
	if r*r < v {
		r++
	}
	return r
}

func abs(v int64) int64 { return max(v, -v) }
