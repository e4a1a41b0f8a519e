package verify

import (
	"time"

	"sluice/unit"
)

// watch is what is remembered of one meter, to tell a sick one from a load that
// is not as stated.
type watch struct {
	since   map[Code]time.Time // since when a condition stands without a break
	sample  time.Time          // when the last reading was taken
	power   unit.Power         // what it said
	repeats time.Time          // since when it says exactly that
	low     unit.Power         // expected load, lowest and highest since then
	high    unit.Power
	moved   int  // readings since they lay too far apart
	fresh   bool // this round brought a new reading
	sick    bool // a finding stands that makes its readings worthless
}

const (
	stuckAfter = 3                   // equal readings after the load has moved
	oneThird   = unit.One / 3        // what three transformers show when one is turned round
	looksLike  = unit.One * 15 / 100 // by which a wrong factor may miss 10, 100 or 1000
)

// stands reports since when a condition holds, and whether for long enough.
func (w *watch) stands(c Code, holds bool, at time.Time, long time.Duration) (time.Time, bool) {
	if !holds {
		delete(w.since, c)
		return time.Time{}, false
	}
	if w.since[c].IsZero() {
		w.since[c] = at
	}
	return w.since[c], at.Sub(w.since[c]) >= long
}

// look judges the meter, then the two measurements.
func (w *watch) look(c *Config, r Round, rep Report) []Finding {
	evidence := Evidence{Stated: rep.Expected, Measured: rep.Measured, Share: rep.Share}
	var found []Finding
	find := func(code Code, holds bool, long time.Duration, p unit.Power) bool {
		since, stands := w.stands(code, holds, r.At, long)
		if stands {
			found = append(found, Finding{Code: code, Unit: Group, Power: p, Since: since, Evidence: evidence})
		}
		return stands
	}
	w.take(r, rep)
	w.sick = find(MeterStale, !rep.Metered, 0, rep.Expected+rep.Silent)
	if !w.sick {
		odd := max(rep.Unexplained, -rep.Unexplained)
		stuck := find(MeterStuck, w.moved >= stuckAfter, 0, w.high-w.low)
		swapped := find(MeterSwapped, swapped(rep), c.Differ, odd)
		scaled := find(MeterScaled, scaled(rep), c.Differ, odd)
		w.sick = stuck || swapped || scaled
	}
	doubt := w.sick || swapped(rep) || scaled(rep)
	above, below := rep.Unexplained-rep.Silent, -rep.Unexplained
	most := max(rep.Measured, rep.Expected)
	find(MeterDiffers, !doubt && max(above, below) > most.Scale(c.Tolerance), c.Differ, max(above, below))
	find(CountedTwice, !doubt && below > most.Scale(c.Twice), c.Differ, below)
	w.sick = doubt
	return found
}

// take notes a reading, and whether it repeats while the load moves.
func (w *watch) take(r Round, rep Report) {
	taken := r.At.Add(-r.Age)
	w.fresh = rep.Metered && taken.After(w.sample)
	if !w.fresh {
		return
	}
	w.sample = taken
	if rep.Measured != w.power || w.repeats.IsZero() {
		w.power, w.repeats, w.moved = rep.Measured, taken, 0
		w.low, w.high = rep.Expected, rep.Expected
		return
	}
	w.low, w.high = min(w.low, rep.Expected), max(w.high, rep.Expected)
	if w.high-w.low > max(w.high.Scale(2*unit.One/100), unit.Kilowatt) {
		w.moved++
	}
}

// swapped reports whether the meter shows the load negative, or a third of it.
func swapped(rep Report) bool {
	if !rep.Metered || rep.Expected < 10*unit.Kilowatt {
		return false
	}
	ratio := share(rep.Measured, rep.Expected)
	return near(-ratio, unit.One, unit.One/4) || near(ratio, oneThird, unit.One/30)
}

// scaled reports whether the meter is wrong by a power of ten.
func scaled(rep Report) bool {
	if !rep.Metered || rep.Expected < 10*unit.Kilowatt {
		return false
	}
	ratio := unit.Ratio(unit.MulDiv(int64(rep.Measured), int64(unit.One), int64(rep.Expected)))
	for _, f := range []unit.Ratio{10, 100, 1000} {
		if near(ratio, f*unit.One, f*looksLike) || near(ratio, unit.One/f, looksLike/f) {
			return true
		}
	}
	return false
}

func near(a, b, by unit.Ratio) bool { return a-b <= by && b-a <= by }
