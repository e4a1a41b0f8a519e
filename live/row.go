package live

import (
	"time"

	"sluice/loop/cycle"
)

// RowOf is a turn in a line, for who has its papers. step is the length of an interval;
// a turn of another length is an empty row.
func RowOf(t *cycle.Turn, step time.Duration) TurnRow {
	var x TurnRow
	p := t.Plan
	x.plan(slimPlan{p.Head, p.Uses, p.Price, p.Reasons, p.Flags, p.Solver}, false, step)
	x.delivery(t.Delivery, step)
	x.entry(t.Entry, step)
	return x
}
