package forecast

import (
	"fmt"
	"strings"
	"time"

	"sluice/series"
	"sluice/unit"
)

// Outlook is what the desk expects on mesh at the turn's clock now. It changes
// nothing: asking twice gives the same answer. The mesh may be unequal; the
// price of an interval is the mean over the settlement intervals that it
// covers, in proportion, and its quantiles are those of one settlement interval
// in its middle, which is on the safe side. It returns ErrNothingKnown before
// the first price, ErrOrder for a clock earlier than the last price, and
// series.ErrGrid for a mesh that is empty of time or reaches beyond the horizon.
func (d *Desk) Outlook(now time.Time, mesh series.Mesh) (Outlook, error) {
	if err := d.answerable(now, mesh); err != nil {
		return Outlook{}, err
	}
	o := paper(mesh.Len())
	o.Issued, o.Model = now, d.label.of(d)
	strain, why := d.condition(now, mesh)
	o.Degraded = why
	spread := d.spreads()
	from := mesh.Start.UnixNano()
	for i, length := range mesh.Lengths {
		to := from + int64(length)
		f := d.over(from, to)
		o.Point[i] = price(f)
		h := max(1, int(d.clock.interval(time.Unix(0, (from+to)/2))-d.at))
		d.fan(&o, i, f, strain*d.scale(f, h), spread.at(&d.lead, h))
		from = to
	}
	return o, nil
}

// paper is an Outlook of n intervals in one piece of memory.
func paper(n int) Outlook {
	all := make([]unit.Price, 6*n)
	cut := func(i int) []unit.Price { return all[i*n : (i+1)*n : (i+1)*n] }
	return Outlook{Point: cut(0), Q05: cut(1), Q25: cut(2), Q50: cut(3), Q75: cut(4), Q95: cut(5)}
}

// answerable refuses questions that have no honest answer.
func (d *Desk) answerable(now time.Time, mesh series.Mesh) error {
	if d.turns == 0 {
		return fmt.Errorf("outlook at %s: %w: publish one first", stamp(now), ErrNothingKnown)
	}
	if last := d.clock.start(d.at); now.Before(last) {
		return fmt.Errorf("outlook at %s: %w: a price of %s is known already", stamp(now), ErrOrder, stamp(last))
	}
	end := mesh.Start
	for i, length := range mesh.Lengths {
		if length <= 0 {
			return fmt.Errorf("outlook at %s: %w: mesh interval %d lasts %v", stamp(now), series.ErrGrid, i, length)
		}
		end = end.Add(length)
	}
	if end.Sub(now) > d.cfg.Horizon+d.cfg.Step {
		return fmt.Errorf("outlook at %s: %w: the mesh ends at %s, beyond the horizon of %v: set a longer one",
			stamp(now), series.ErrGrid, stamp(end), d.cfg.Horizon)
	}
	return nil
}

// over is the mean expected price over [from, to), in nanoseconds since 1970.
func (d *Desk) over(from, to int64) float64 {
	step := d.clock.step * int64(time.Second)
	sum := 0.0
	for k := (from - floorMod(from, step)) / step; k*step < to; k++ {
		held := min(to, (k+1)*step) - max(from, k*step)
		sum += float64(d.best(k) * float64(held))
	}
	return sum / float64(to-from)
}

// best is the price of interval k if it was published of late, or what the best
// model that can speak expects.
func (d *Desk) best(k int64) float64 {
	h := int(k - d.at)
	if h < 1 {
		if p, known := d.known(k); known {
			return p
		}
		h = 1
	}
	f := d.recent[floorMod(d.at, recentPrices)].price
	for _, m := range d.rank[d.band(h)] {
		if v := d.expect(m, h); d.enters[m] && v == v {
			f = v
			break
		}
	}
	if d.peek != nil {
		f = d.peek(k, f)
	}
	return f
}

// band is the band that lead h falls into.
func (d *Desk) band(h int) Band {
	for b := range Day {
		if h <= d.lead[b] {
			return b
		}
	}
	return Day
}

// fan writes the quantiles of interval i.
func (d *Desk) fan(o *Outlook, i int, f, scale float64, read [quantiles]float64) {
	for j, q := range [quantiles][]unit.Price{o.Q05, o.Q25, o.Q50, o.Q75, o.Q95} {
		q[i] = price(f + float64(scale*read[j]))
	}
}

// spreads are the quantiles of the error per band, in units of the scale.
type spreads [bands][quantiles]float64

func (d *Desk) spreads() spreads {
	var s spreads
	for b := range bands {
		s[b] = d.errors[b][d.rank[b][0]].read()
	}
	return s
}

// at is the spread at lead h, interpolated between the leads of the bands.
func (s *spreads) at(lead *[bands]int, h int) [quantiles]float64 {
	if h <= lead[Next] {
		return s[Next]
	}
	for b := Hour; b <= Day; b++ {
		if h > lead[b] || lead[b] == lead[b-1] {
			continue
		}
		part := float64(h-lead[b-1]) / float64(lead[b]-lead[b-1])
		out := s[b-1]
		for j := range out {
			out[j] += float64(part * (s[b][j] - out[j]))
		}
		return out
	}
	return s[Day]
}

// The factors by which quantiles widen when an input is missing.
const (
	sound  = 1.0
	gappy  = 1.25 // some of the last prices are missing
	late   = 1.5  // the last price is old
	novice = 1.5  // there is less than a week of history
)

// condition says how far the inputs of this turn fall short, and by how much
// the quantiles widen for it.
func (d *Desk) condition(now time.Time, mesh series.Mesh) (float64, string) {
	strain, why := sound, ""
	add := func(factor float64, format string, args ...any) {
		strain *= factor
		why += "; " + fmt.Sprintf(format, args...)
	}
	if age := now.Sub(d.clock.start(d.at + 1)); age > d.cfg.Stale {
		add(late, "the last price is %v old", age)
	}
	days := (d.at - d.first + 1) / int64(d.clock.slots)
	if days < warmDays {
		add(novice, "%d of %d days of history", days, warmDays)
	}
	if gaps := d.gaps(); gaps > 0 && d.turns >= recentPrices {
		add(gappy, "%d of the last %d prices are missing", gaps, recentPrices)
	}
	if d.curveEnds(mesh) {
		add(gappy, "the day-ahead curve ends before the mesh does")
	}
	return strain, strings.TrimPrefix(why, "; ")
}

// curveEnds reports whether the day-ahead model is the one in use at the end of
// the mesh and has no price there.
func (d *Desk) curveEnds(mesh series.Mesh) bool {
	end := mesh.Start
	for _, length := range mesh.Lengths {
		end = end.Add(length)
	}
	k := d.clock.interval(end.Add(-1))
	v := d.curve.at(k)
	return d.rank[d.band(int(k-d.at))][0] == iDayAhead && v != v
}

// gaps is how many of the last prices are missing.
func (d *Desk) gaps() int {
	n := 0
	for k := d.at; k > d.at-recentPrices; k-- {
		if _, known := d.known(k); !known {
			n++
		}
	}
	return n
}

// label remembers the text for a set of chosen models, which seldom changes.
type label struct {
	chosen [bands]int
	text   string
}

func (l *label) of(d *Desk) string {
	var chosen [bands]int
	for b := range bands {
		chosen[b] = d.rank[b][0]
	}
	if l.text == "" || chosen != l.chosen {
		var parts [bands]string
		for b := range bands {
			parts[b] = b.String() + "=" + string(Models()[chosen[b]])
		}
		l.chosen, l.text = chosen, strings.Join(parts[:], " ")
	}
	return l.text
}
