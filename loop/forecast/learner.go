package forecast

import (
	"math"
	"slices"
	"time"
)

// The parameters of the transition model; docs/formula/forecast.md says what
// each means and how little the result depends on it.
const (
	signals  = 8      // see signal
	excursus = 0.6    // an excursion begins at this share of the typical price
	forget   = 0.9985 // per excursion: memory of about 700 excursions
	caution  = 10.    // weight of the prior, in excursions
	believe  = 1.2    // a price is credited with going on to at most this multiple of its excursion
	rescue   = 0.98   // how certainty returns when forgetting has used it up
	stay     = 0.6    // prior: share of the last excursion that stays,
	stayed   = 0.2    // and of the one before,
	fade     = 0.95   // both times this per interval of lead
	reach    = 1.5    // no forecast goes further than this multiple of the excursion
)

// signal is what the transition model sees when a price is published: the last
// two excursions from the quiet level, in units of the larger one, plain and
// times three modifiers. Its length is fixed so that nothing is allocated.
type signal [signals]float64

// learner learns, per lead, which part of an excursion is still there. It is a
// recursive least squares fit with forgetting and a prior.
type learner struct {
	lead   []int // in intervals, ascending
	weight []signal
	spread [][signals]signal // inverse of the weighted information
	past   []memory          // ring over origins
	now    memory
	left   []float64 // per lead: what is expected to be left of the excursion
}

// memory is what was seen at one origin, kept until its outcome is known.
type memory struct {
	origin int64
	scale  float64 // size of the excursion; 0 where there is nothing to learn from
	big    bool    // whether it was large enough to learn from
	signal signal
	level  []float64 // per lead: the quiet level at the target
}

// leads are the leads at which the learner is fitted; between them it
// interpolates and beyond the last it stays.
func leads(c *clock) []int {
	out := []int{1, 2, 3}
	const h = time.Hour
	for _, lead := range []time.Duration{h, 3 * h / 2, 2 * h, 3 * h, 4 * h, 24 * h} {
		out = append(out, c.steps(lead, 1))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func newLearner(c *clock) learner {
	l := learner{lead: leads(c)}
	n := len(l.lead)
	l.weight, l.spread, l.left = make([]signal, n), make([][signals]signal, n), make([]float64, n)
	for i, h := range l.lead {
		kept := math.Pow(fade, float64(h-1))
		l.weight[i][0], l.weight[i][1] = stay*kept, stayed*kept
		for j := range signals {
			l.spread[i][j][j] = 1 / caution
		}
	}
	l.past = make([]memory, l.lead[n-1]+1)
	for i := range l.past {
		l.past[i] = memory{origin: math.MinInt64, level: make([]float64, n)}
	}
	l.now.level = make([]float64, n)
	return l
}

// settle learns from the price p of interval k at every lead that waited for it.
func (l *learner) settle(k int64, p float64) {
	for i, h := range l.lead {
		m := &l.past[floorMod(k-int64(h), int64(len(l.past)))]
		if m.origin != k-int64(h) || !m.big {
			continue
		}
		y := (p - m.level[i]) / m.scale
		l.fit(i, &m.signal, max(-believe, min(believe, y)))
	}
}

// fit moves the weights of lead i towards the outcome y of x. Products are
// rounded before they are added so that every machine agrees to the last bit.
func (l *learner) fit(i int, x *signal, y float64) {
	spread := &l.spread[i]
	var gain signal
	for r := range signals {
		gain[r] = dot(&spread[r], x)
	}
	whole := forget + dot(&gain, x)
	miss := (y - dot(&l.weight[i], x)) / whole
	rescued := false
	for r := range signals {
		l.weight[i][r] += float64(gain[r] * miss)
		for c := range signals {
			spread[r][c] = (spread[r][c] - float64(gain[r]*gain[c])/whole) / forget
		}
		rescued = rescued || spread[r][r] > 1/caution
	}
	if rescued {
		shrink(spread)
	}
}

// shrink keeps forgetting from making the fit less certain than it began.
func shrink(spread *[signals]signal) {
	for r := range signals {
		for c := range signals {
			spread[r][c] *= rescue
		}
	}
}

// expect says what is left of the excursion in l.now at every lead, and keeps
// the memory until the outcomes are known.
func (l *learner) expect() {
	for i := range l.lead {
		part := dot(&l.weight[i], &l.now.signal)
		l.left[i] = max(-reach, min(reach, part)) * l.now.scale
	}
	kept := &l.past[floorMod(l.now.origin, int64(len(l.past)))]
	level := kept.level
	copy(level, l.now.level)
	*kept = l.now
	kept.level = level
}

// at is what is left at lead h, h >= 1, interpolated between the fitted leads.
func (l *learner) at(h int) float64 {
	n := len(l.lead)
	if h >= l.lead[n-1] {
		return l.left[n-1]
	}
	i := 0
	for l.lead[i] < h {
		i++
	}
	if l.lead[i] == h {
		return l.left[i]
	}
	part := float64(h-l.lead[i-1]) / float64(l.lead[i]-l.lead[i-1])
	return float64((1-part)*l.left[i-1]) + float64(part*l.left[i])
}

func dot(a, b *signal) float64 {
	sum := 0.0
	for i := range signals {
		sum += float64(a[i] * b[i])
	}
	return sum
}
