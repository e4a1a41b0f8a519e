package forecast

import "slices"

// The five quantiles of an Outlook.
const quantiles = 5

// wanted are the probabilities of the quantiles.
func wanted() [quantiles]float64 { return [quantiles]float64{0.05, 0.25, 0.5, 0.75, 0.95} }

// The parameters of the quantiles.
const (
	window   = 3000  // errors remembered per model and band
	doubts   = 41    // made-up wide errors that a new window starts with
	doubtLow = -1.5  // the lowest of them, in units of the scale,
	doubtTop = 2.5   // and the highest
	correct  = 0.005 // by how much a miss moves the level that is read
	edge     = 0.002
)

// residuals are the last errors of one model in one band, in units of the scale
// known when the forecast was made, and the levels at which they are read.
type residuals struct {
	ring   []float64
	sorted []float64
	next   int
	level  [quantiles]float64
}

func newResiduals() residuals {
	r := residuals{ring: make([]float64, 0, window), sorted: make([]float64, 0, window), level: wanted()}
	for i := range doubts {
		r.add(doubtLow + (doubtTop-doubtLow)*float64(i)/(doubts-1))
	}
	return r
}

// add remembers an error and forgets the oldest beyond the window.
func (r *residuals) add(e float64) {
	if len(r.ring) < window {
		r.ring = append(r.ring, e)
		at, _ := slices.BinarySearch(r.sorted, e)
		r.sorted = slices.Insert(r.sorted, at, e)
		return
	}
	old := r.ring[r.next]
	r.ring[r.next], r.next = e, (r.next+1)%window
	r.replace(old, e)
}

// replace swaps old for e and keeps the order, moving only what lies between.
func (r *residuals) replace(old, e float64) {
	from, _ := slices.BinarySearch(r.sorted, old)
	to, _ := slices.BinarySearch(r.sorted, e)
	if to > from {
		to--
		copy(r.sorted[from:to], r.sorted[from+1:to+1])
	} else {
		copy(r.sorted[to+1:from+1], r.sorted[to:from])
	}
	r.sorted[to] = e
}

// read returns the five quantiles of the error in units of the scale.
func (r *residuals) read() [quantiles]float64 {
	var out [quantiles]float64
	for j, level := range r.level {
		x := level * float64(len(r.sorted)-1)
		i := int(x)
		out[j] = r.sorted[i] + float64((x-float64(i))*(r.sorted[min(i+1, len(r.sorted)-1)]-r.sorted[i]))
		if j > 0 {
			out[j] = max(out[j], out[j-1])
		}
	}
	return out
}

// judge moves each level against the misses: a quantile that too many prices
// exceed is read higher.
func (r *residuals) judge(under [quantiles]bool, lead int) {
	for j, want := range wanted() {
		hit := 0.0
		if under[j] {
			hit = 1
		}
		r.level[j] = max(edge, min(1-edge, r.level[j]+float64(correct/float64(lead)*(want-hit))))
	}
}
