package forecast

import "math"

// waiting holds forecasts of one band until their price is known.
type waiting struct{ ring []guess }

// guess is what every model said about one interval.
type guess struct {
	target int64
	point  [contenders]float64 // NaN where a model could not say
	scale  [contenders]float64
	read   [contenders][quantiles]float64
}

func newWaiting(n int) waiting {
	w := waiting{ring: make([]guess, n)}
	for i := range w.ring {
		w.ring[i].target = math.MinInt64
	}
	return w
}

func (w *waiting) of(k int64) *guess { return &w.ring[floorMod(k, int64(len(w.ring)))] }

// compare scores what was said about interval k against its price y.
func (d *Desk) compare(k int64, y float64) {
	for b := range bands {
		g := d.wait[b].of(k)
		if g.target != k {
			continue
		}
		for m, f := range g.point {
			if f != f {
				continue
			}
			t, r := &d.tally[b][m], &d.errors[b][m]
			t.add(d.stake, f, y, d.keep)
			r.judge(t.read(g.read[m], y), d.lead[b])
			r.add((y - f) / g.scale[m])
		}
	}
}

// issue lets every model speak at the lead at which each band is judged, and
// ranks them.
func (d *Desk) issue() {
	for b := range bands {
		target := d.at + int64(d.lead[b])
		g := d.wait[b].of(target)
		g.target = target
		for m := range contenders {
			d.guess(g, b, m)
		}
		d.rank[b] = d.order(b, g)
		d.tally[b][d.rank[b][0]].chosen++
	}
}

// guess writes what model m says in band b.
func (d *Desk) guess(g *guess, b Band, m int) {
	g.point[m] = math.NaN()
	if d.enters[m] {
		g.point[m] = d.expect(m, d.lead[b])
	}
	if g.point[m] != g.point[m] {
		return
	}
	g.scale[m] = d.scale(g.point[m], d.lead[b])
	for j, e := range d.errors[b][m].read() {
		g.read[m][j] = g.point[m] + float64(e*g.scale[m])
	}
}

// scale is the size of error to expect around the forecast f at lead h: it
// grows with the distance from the quiet level and with the last move.
func (d *Desk) scale(f float64, h int) float64 {
	quiet := d.season.level.smooth[d.clock.slot(d.at+int64(h))]
	if quiet != quiet {
		quiet = 0
	}
	last := d.recent[floorMod(d.at, recentPrices)].price
	return calm*d.season.typical + math.Abs(f-quiet) + float64(stir*math.Abs(last-d.before(last)))
}

// The parameters of the scale.
const (
	calm = 0.25 // share of the typical price that even a quiet forecast may miss by
	stir = 0.5  // share of the last move that comes on top
)

// loyal is the share of its regret that the model in use is charged with, so
// that one lucky storm does not change the model.
const loyal = 0.85

// order ranks the models of band b: first those judged for at least a day by
// recent regret, then the young ones, then those that cannot speak. The model
// in use has an advantage, and ties go to the simpler.
func (d *Desk) order(b Band, g *guess) [contenders]int {
	var rank [contenders]int
	var cost [contenders]float64
	for m := range contenders {
		t := &d.tally[b][m]
		cost[m] = t.lately()
		if t.n < float64(d.clock.slots) && m != iPersistence {
			cost[m] = math.MaxFloat64
		}
		if m == d.rank[b][0] && t.n >= float64(d.clock.slots) {
			cost[m] *= loyal
		}
		if g.point[m] != g.point[m] {
			cost[m] = math.Inf(1)
		}
		i := m
		for ; i > 0 && cost[rank[i-1]] > cost[m]; i-- {
			rank[i] = rank[i-1]
		}
		rank[i] = m
	}
	return rank
}
