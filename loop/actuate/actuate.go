// Package actuate turns a plan into orders: one bounded instruction for each
// group of devices, lowerings before raises, so that a raise only spends power
// that was given up first.
//
// Between two turns the Kernel holds a site under its limits. It counts every
// unit at the most that it could draw, lowers at once, and raises only against
// what was proven to be free. Why: docs/decision/0012-worst-case-reservation.md.
package actuate

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// Device carries orders out. The loop calls it from one goroutine at a time; an
// order may be repeated without further effect; ctx carries the timeout. A
// receipt is what the device answered: the loop believes the meter.
type Device interface {
	Carry(ctx context.Context, o cycle.Order) (cycle.Receipt, error)
}

// Orders are the instructions of the interval that the plan decides. now is the
// draw of each use before them, by name; what is lowered comes first. The turn
// number is the epoch: a device that saw a later turn refuses an earlier order.
func Orders(p cycle.Plan, now map[string]unit.Power, step time.Duration) []cycle.Order {
	var out []cycle.Order
	for _, u := range p.Uses {
		out = append(out, cycle.Order{
			Head: p.Head, Use: u.Use, Epoch: p.Turn, On: u.On, Draw: u.Draw[0],
			Deadline: p.At.Add(step), Silence: cycle.HoldOrder,
		})
	}
	for o, s := range p.Supply {
		if p.Offers[o].BehindMeter {
			out = append(out, cycle.Order{
				Head: p.Head, Use: s.Source, Epoch: p.Turn, On: s.Power[0], Draw: s.Power[0],
				Deadline: p.At.Add(step), Silence: cycle.HoldOrder,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b cycle.Order) int {
		return cmp.Compare(a.Draw-now[a.Use], b.Draw-now[b.Use])
	})
	return out
}
