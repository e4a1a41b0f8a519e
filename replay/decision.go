package replay

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/replay/report"
	"sluice/unit"
)

// shown is how many decisions a report lists.
const shown = 12

// decisions are the stretches in which the fleet drew less than always-on would
// have, or where nothing mines the tenants, the most valuable first.
func (r *run) decisions() []report.Decision {
	var out []report.Decision
	for i := 0; i < r.m.grid.Len(); i++ {
		if !r.lowered(i) {
			continue
		}
		first := i
		for i < r.m.grid.Len() && r.lowered(i) {
			i++
		}
		out = append(out, r.decision(first, i))
	}
	slices.SortStableFunc(out, func(a, b report.Decision) int { return cmp.Compare(b.Gain, a.Gain) })
	return out[:min(shown, len(out))]
}

// movable is the mean IT power in interval i of what a decision moves: of all
// machines, or where nothing mines of all contracts.
func (r *run) movable(t *tally, i int) unit.Power {
	if r.s.mines() {
		return t.fleet[i]
	}
	var sum unit.Power
	for _, c := range r.s.Tenancies {
		if of := t.tenants[c.Use()]; of != nil {
			sum += of.load[i]
		}
	}
	return sum
}

// lowered reports whether a fiftieth less was drawn than could have been.
func (r *run) lowered(i int) bool {
	could := r.movable(r.always, i)
	return could > 0 && r.movable(r.sluice, i) < could-could/50
}

// decision describes the stretch from first to before last. The restart that
// ends it is paid in the interval after.
func (r *run) decision(first, last int) report.Decision {
	d := report.Decision{Start: r.m.grid.Start(first), End: r.m.grid.Start(last)}
	var spot, top unit.Price
	var did, could unit.Energy
	for i := first; i < last; i++ {
		p, _ := r.m.price(i)
		spot += p
		top = max(top, p)
		did += r.movable(r.sluice, i).Over(r.s.Step)
		could += r.movable(r.always, i).Over(r.s.Step)
	}
	for i := first; i < min(last+1, r.m.grid.Len()); i++ {
		d.Gain += r.sluice.net(i) - r.always.net(i)
	}
	hours := r.m.grid.Start(last).Sub(r.m.grid.Start(first)).Hours()
	d.What = fmt.Sprintf("left %.1f of %.1f MWh undrawn for %.2f h", (could - did).MWh(), could.MWh(), hours)
	switch {
	case !r.s.mines():
		d.What = fmt.Sprintf("tenants held back by %.1f of %.1f MWh over %.2f h", (could - did).MWh(), could.MWh(), hours)
	case did == 0:
		d.What = fmt.Sprintf("whole fleet off for %.2f h, %.1f MWh undrawn", hours, could.MWh())
	}
	d.Why = fmt.Sprintf("spot averaged %.2f and reached %.2f per MWh", spot.Float()/float64(last-first), top.Float())
	if r.s.mines() {
		d.Why += fmt.Sprintf("; the fleet earns %.2f at the meter", r.m.breakEven(r.m.hashprice(d.Start).Value).Float())
	}
	return d
}
