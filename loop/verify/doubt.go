package verify

import (
	"sluice/loop/cycle"
	"sluice/unit"
)

// Doubt is load behind the meter of a use that nothing explains, as mean power
// over the interval of a delivery.
type Doubt struct {
	Use         string
	Unexplained unit.Power // as in Report, in watts of the units; below zero: units state more than the meter sees
}

// Explain returns d with the cause cycle.Unexplained for each use whose doubt is
// beyond the class of the meters and at least half of its gap to the plan. A use
// that did as planned keeps its cause, and so does one with a cause that stands in
// the papers: an order not taken, a start. d itself is not changed.
//
// Source: docs/formula/verify.md.
func Explain(d cycle.Delivery, doubts []Doubt) cycle.Delivery {
	d.Uses = append([]cycle.UseDelivery(nil), d.Uses...)
	for i := range d.Uses {
		u := &d.Uses[i]
		if u.Cause != cycle.RampingDown && u.Cause != cycle.EquipmentOut {
			continue
		}
		for _, x := range doubts {
			odd, gap := x.Unexplained.Over(d.Length), u.IT-u.Planned
			if gap < 0 { // less was drawn: only load that the meter lacks explains it
				odd, gap = -odd, -gap
			}
			if x.Use == u.Use && odd > max(u.Planned, u.IT)/classShare && odd >= gap/2 {
				u.Cause = cycle.Unexplained
			}
		}
	}
	return d
}
