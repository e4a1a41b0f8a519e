package forecast

import "math"

// The yardsticks of the signal, in typical prices.
const (
	ordinary = 5 * excursus // an excursion of ordinary size
	coldest  = excursus / 4 // no time of day counts as cooler
)

// look turns what is known after the price y into the inputs of the models.
func (d *Desk) look(y float64) {
	d.drift = d.residual()
	d.basis = y - d.curve.at(d.at)
	if d.basis != d.basis {
		d.basis = 0
	}
	now := &d.learner.now
	now.origin = d.at
	for i, h := range d.learner.lead {
		now.level[i] = d.season.level.smooth[d.clock.slot(d.at+int64(h))]
	}
	d.see(now, y)
	d.learner.expect()
}

// see writes the signal of the last two prices into m.
func (d *Desk) see(m *memory, y float64) {
	slot := d.clock.slot(d.at + 1)
	quiet, warm, u := d.season.level.smooth[slot], d.season.warm.smooth[slot], d.season.typical
	m.scale, m.big, m.signal = 0, false, signal{}
	if quiet != quiet {
		return
	}
	last, before := y-quiet, d.before(y)-quiet
	m.scale = max(math.Abs(last), math.Abs(before))
	m.big = m.scale > excursus*u
	if m.scale == 0 {
		return
	}
	z := [2]float64{last / m.scale, before / m.scale}
	size := math.Log(max(m.scale, excursus*u)/(ordinary*u)) / 2
	warmth := math.Log(max(warm, coldest*u)/max(math.Abs(y), excursus*u)) / 2
	for i := range z {
		m.signal[i], m.signal[2+i], m.signal[4+i] = z[i], float64(z[i]*size), float64(z[i]*warmth)
		if d.clock.opensHour(d.at) {
			m.signal[6+i] = z[i]
		}
	}
}

// before is the price of the interval before the last, or y where it is missing.
func (d *Desk) before(y float64) float64 {
	if p, known := d.known(d.at - 1); known {
		return p
	}
	return y
}

// known is the price of interval k and whether it is one of the recent ones.
func (d *Desk) known(k int64) (float64, bool) {
	p := d.recent[floorMod(k, recentPrices)]
	return p.price, p.interval == k
}

// residual is the mean residual of the recent prices from the season, each
// weighing half as much as the next younger; missing ones are left out.
func (d *Desk) residual() float64 {
	sum, total, weight := 0.0, 0.0, 1.0
	for k := d.at; k > d.at-recentPrices; k-- {
		p := d.recent[floorMod(k, recentPrices)]
		if p.interval == k && p.residual == p.residual {
			sum += float64(weight * p.residual)
			total += weight
		}
		weight *= heir
	}
	return sum / max(total, 1e-9)
}

// expect is what model m says at lead h >= 1; NaN where it cannot say.
func (d *Desk) expect(m, h int) float64 {
	k := d.at + int64(h)
	switch m {
	case iPersistence:
		return d.recent[floorMod(d.at, recentPrices)].price
	case iSeasonal:
		return d.season.mean.smooth[d.clock.slot(k)]
	case iBlend:
		return d.season.mean.smooth[d.clock.slot(k)] + float64(d.drift*d.kept(h))
	case iTransition:
		return d.season.level.smooth[d.clock.slot(k)] + d.learner.at(h)
	case iDayAhead:
		return d.curve.at(k) + float64(d.basis*d.kept(h))
	}
	return math.NaN()
}

// kept is what a residual retains at lead h.
func (d *Desk) kept(h int) float64 { return d.decay[min(h, len(d.decay)-1)] }
