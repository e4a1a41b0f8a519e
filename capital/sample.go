package capital

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Stream is the source of chance of one path. Every path has its own, so that
// results do not depend on how many processors draw, and two plans that differ in
// one thing meet the same chance in all others.
func Stream(seed, path uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, path)) }

// Quantile is the value below which a share q of a sorted sample lies, linear
// between its neighbours (type 7 of Hyndman and Fan); NaN where there is no sample
// or q is no share.
//
// Formula: at (n-1) q, counted from 0. Source: docs/formula/capital.md.
func Quantile(sorted []float64, q float64) float64 {
	n := len(sorted)
	if n == 0 || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	at := q * float64(n-1)
	i := int(at)
	// a sample may hold infinities, and their difference is no number
	if f := at - float64(i); f > 0 && sorted[i+1] != sorted[i] {
		return sorted[i] + f*(sorted[i+1]-sorted[i])
	}
	return sorted[i]
}

// Tail is the value at risk of equally likely losses, and the mean of the worst
// share 1-beta of them. The loss at the edge counts with the part that lies beyond
// it. Both are NaN where there are no losses, one is no number, or beta does not lie
// from 0 to below 1.
//
// Formula: CVaR = a + sum of max(loss - a, 0) / ((1-beta) n), with a the beta
// quantile (Rockafellar and Uryasev 2000). Source: docs/formula/capital.md.
func Tail(losses []float64, beta float64) (atRisk, mean float64) {
	n := len(losses)
	if n == 0 || !(beta >= 0 && beta < 1) || slices.ContainsFunc(losses, math.IsNaN) {
		return math.NaN(), math.NaN()
	}
	s := slices.Sorted(slices.Values(losses))
	i := min(max(int(math.Ceil(beta*float64(n)-1e-9))-1, 0), n-1)
	atRisk = s[i]
	var over float64
	for _, x := range s[i+1:] {
		over += x - atRisk
	}
	return atRisk, atRisk + over/((1-beta)*float64(n))
}

// Spread is a sample in the figures that are printed of it.
type Spread struct {
	N               int
	Mean, Error     float64 // Error is the standard error of the mean; 0 for a sample of one, which has none
	P5, P10, P25    float64
	P50             float64
	P75, P90, P95   float64
	Least, Greatest float64
}

// SpreadOf sums a sample up; sums are taken in its own order, so that the same
// sample gives the same bits. A value that is no number makes all figures none: it
// would else stand among the least unseen.
//
// Formula: the standard error is the deviation of the sample over the root of n.
// Source: docs/formula/capital.md.
func SpreadOf(sample []float64) Spread {
	n := len(sample)
	if n == 0 {
		return Spread{}
	}
	if x := math.NaN(); slices.ContainsFunc(sample, math.IsNaN) {
		return Spread{n, x, x, x, x, x, x, x, x, x, x, x}
	}
	var sum float64
	for _, x := range sample {
		sum += x
	}
	mean := sum / float64(n)
	var squares float64
	for _, x := range sample {
		squares += (x - mean) * (x - mean)
	}
	s := slices.Sorted(slices.Values(sample))
	out := Spread{
		N: n, Mean: mean, P5: Quantile(s, 0.05), P10: Quantile(s, 0.1), P25: Quantile(s, 0.25), P50: Quantile(s, 0.5),
		P75: Quantile(s, 0.75), P90: Quantile(s, 0.9), P95: Quantile(s, 0.95), Least: s[0], Greatest: s[n-1],
	}
	if n > 1 {
		out.Error = math.Sqrt(squares / float64(n-1) / float64(n))
	}
	return out
}
