package forecast

import "math"

// tally counts how one model did in one band.
type tally struct {
	n                         float64
	miss, square, sum, regret float64
	pinball                   float64
	under                     [quantiles]float64
	recent, weight            float64 // exponentially weighted regret and its weight
	chosen                    float64
}

// stake turns a forecast and a price into money lost by deciding on it.
type stake struct{ low, high, width, restart float64 }

// newStake takes values in currency units per MWh and the restart in intervals.
func newStake(low, high, restart float64) stake {
	return stake{low: low, high: high, width: math.Log(high / low), restart: restart}
}

// regret is what run-or-idle decisions on the forecast f lose against decisions
// on the price y, per MWh, averaged over values of power that are spread evenly
// on a logarithmic scale from low to high. A value between f and y decides
// wrongly and loses its distance to y; one that stopped for nothing loses the
// restart, too. Without a restart the mean of y minimises it.
//
// Formula: (|y ln(c/a) - (c-a)| + restart max(0, a-c)) / ln(high/low), a and c
// being f and y held within low..high. Source: docs/formula/forecast.md.
func (s stake) regret(f, y float64) float64 {
	a, c := max(s.low, min(s.high, f)), max(s.low, min(s.high, y))
	if a == c {
		return 0
	}
	wrong := math.Abs(float64(y*math.Log(c/a)) - (c - a))
	return (wrong + float64(s.restart*max(0, a-c))) / s.width
}

// add counts one comparison; keep is the weight that recent regret retains.
func (t *tally) add(s stake, f, y, keep float64) {
	e, lost := f-y, s.regret(f, y)
	t.n++
	t.miss += math.Abs(e)
	t.square += float64(e * e)
	t.sum += e
	t.regret += lost
	t.recent = float64(t.recent*keep) + lost
	t.weight = float64(t.weight*keep) + 1
}

// read counts how the quantiles q did against y and says which ones held it.
func (t *tally) read(q [quantiles]float64, y float64) [quantiles]bool {
	var under [quantiles]bool
	loss := 0.0
	for j, p := range wanted() {
		under[j] = y <= q[j]
		if under[j] {
			t.under[j]++
			loss += float64((1 - p) * (q[j] - y))
		} else {
			loss += float64(p * (y - q[j]))
		}
	}
	t.pinball += loss / quantiles
	return under
}

// lately is the recent regret per price.
func (t *tally) lately() float64 { return t.recent / max(t.weight, 1) }

// score is the public face of t after the given number of turns.
func (t *tally) score(m Model, b Band, turns float64) Score {
	n := max(t.n, 1)
	s := Score{
		Model: m, Band: b, N: int(t.n), MAE: t.miss / n, RMSE: math.Sqrt(t.square / n), Bias: t.sum / n,
		Regret: t.regret / n, Pinball: t.pinball / n, Chosen: t.chosen / max(turns, 1),
	}
	for j := range t.under {
		s.Covered[j] = t.under[j] / n
	}
	return s
}
