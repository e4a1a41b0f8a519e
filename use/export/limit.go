package export

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
	"sluice/site"
	"sluice/unit"
)

// Direction is the side of the meter that an instruction limits.
type Direction string

// The directions.
const (
	Import Direction = "import"
	Export Direction = "export"
)

// Instruction is an order of the grid operator or of a programme: for a while,
// draw or feed in no more than Power. It narrows the contract and never widens it.
type Instruction struct {
	ID        string
	Programme string // who orders and under which rules, with their version
	Direction Direction
	From, To  time.Time // in force from From, before To
	Power     unit.Power
	Penalty   unit.Price // per MWh beyond it, as the programme states; 0: not stated
}

// Limits is what may be drawn and fed in, interval by interval.
type Limits struct {
	Import  series.Profile[unit.Power]
	Export  series.Profile[unit.Power]
	Ordered []Ordered // intervals in which an instruction binds, in order; a plan may miss these at a price
}

// Ordered names the instruction that sets a limit in one interval.
type Ordered struct {
	Interval  int
	Direction Direction
	ID        string
	Penalty   unit.Price
}

// Validate reports every fault of the instruction at once.
func (o Instruction) Validate() error {
	var found []error
	say := func(format string, args ...any) {
		found = append(found, fmt.Errorf("instruction %q of %q: "+format, append([]any{o.ID, o.Programme}, args...)...))
	}
	if o.ID == "" {
		say("has no id: state the programme's own")
	}
	if o.Direction != Import && o.Direction != Export {
		say("direction %q is not known: use %s or %s", string(o.Direction), Import, Export)
	}
	if o.Power < 0 || o.Penalty < 0 {
		say("limit %v and penalty %v must not be negative", o.Power, o.Penalty)
	}
	if !o.To.After(o.From) {
		say("ends at %s, not after its start: correct the times", o.To.Format(time.RFC3339))
	}
	return errors.Join(found...)
}

// LimitsOver is what the connection and the instructions leave in every
// interval of a plan. An instruction that holds in any part of an interval
// holds in all of it. Of several, the tightest binds; of equal ones, the first.
func LimitsOver(mesh series.Mesh, c site.Connection, orders []Instruction) Limits {
	n := mesh.Len()
	out := Limits{Import: make(series.Profile[unit.Power], n), Export: make(series.Profile[unit.Power], n)}
	for i, at := range mesh.Intervals() {
		out.Import[i] = out.tighten(i, at, c.Ceiling(), orders, Import)
		out.Export[i] = out.tighten(i, at, c.Outlet(), orders, Export)
	}
	return out
}

// tighten lowers limit to the tightest order of one direction and notes which one that is.
func (l *Limits) tighten(i int, at series.Interval, limit unit.Power, orders []Instruction, d Direction) unit.Power {
	var by *Instruction
	for k := range orders {
		o := &orders[k]
		if o.Direction == d && o.From.Before(at.End()) && o.To.After(at.Start) && o.Power < limit {
			limit, by = o.Power, o
		}
	}
	if by != nil {
		l.Ordered = append(l.Ordered, Ordered{Interval: i, Direction: d, ID: by.ID, Penalty: by.Penalty})
	}
	return limit
}
