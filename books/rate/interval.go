package rate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sluice/books"
)

// Interval is what one meter said of one stretch, in one revision.
type Interval struct {
	Contract  string
	Meter     string
	Component string // what was measured, such as "energy" or "gpu-h100"
	From, To  int64  // Unix seconds, [From, To)
	Quantity  int64  // whole base units of what was measured: joules, GPU-seconds, pieces; not negative
	Revision  int    // the highest counts
	Estimated bool   // substituted by a declared rule, not read
	Evidence  books.Hash
}

// Span is the stretch of the interval.
func (i Interval) Span() Span { return Span{i.From, i.To} }

// ErrConflict is two deliveries that name the same interval and revision and say
// different things: one of them is forged or broken.
var ErrConflict = errors.New("the same interval and revision with other content")

// Reason says why an interval is in suspense; the list is closed.
type Reason string

// The reasons.
const (
	NoTime     Reason = "no time"  // it ends before it begins, or as it begins
	Negative   Reason = "negative" // nobody uses less than nothing
	Unknown    Reason = "contract" // of a contract that is not rated here
	Outside    Reason = "outside"  // before the start, after the end, or between two versions of the contract
	NoTerm     Reason = "no term"  // the contract has no term for this component
	OtherMeter Reason = "meter"    // the term names its meters, and this is none of them
	NoPrice    Reason = "no price" // there is no price for a part of it
	Overlaps   Reason = "overlaps" // another interval of the meter covers a part of it
)

// Parked is an interval in suspense: not rated, not forgotten.
type Parked struct {
	Interval Interval
	Reason   Reason
}

// Gap is a stretch of which a meter said nothing that could be rated.
type Gap struct {
	Contract, Meter, Component string
	Span                       Span
}

// key orders intervals and tells what is the same one.
func compareIntervals(a, b Interval) int {
	return cmp.Or(cmp.Compare(a.Contract, b.Contract), cmp.Compare(a.Component, b.Component), cmp.Compare(a.Meter, b.Meter),
		cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// Sort puts intervals into the order in which they are rated. Rate does it too; who
// rates the same ones again and again saves it the work.
func Sort(all []Interval) {
	order := func(a, b Interval) int {
		return cmp.Or(compareIntervals(a, b), cmp.Compare(a.Revision, b.Revision))
	}
	if !slices.IsSortedFunc(all, order) {
		slices.SortStableFunc(all, order)
	}
}

// latest keeps of every interval the highest revision, in order. Repetitions
// vanish; an error wraps ErrConflict.
func latest(in []Interval) ([]Interval, error) {
	all := slices.Clone(in)
	Sort(all)
	out := all[:0] // it never overtakes what is read
	for i, x := range all {
		if i > 0 && compareIntervals(all[i-1], x) == 0 {
			if all[i-1].Revision == x.Revision && all[i-1] != x {
				return nil, fmt.Errorf("meter %q, %q of contract %q from %d, revision %d: %w: ask the meter again and send a higher revision",
					x.Meter, x.Component, x.Contract, x.From, x.Revision, ErrConflict)
			}
			out[len(out)-1] = x
			continue
		}
		out = append(out, x)
	}
	return out, nil
}

// overlapping reports for each of ordered intervals whether another one of its
// meter and component covers a part of it. All of them are in doubt: which one
// is wrong cannot be known here.
func overlapping(in []Interval) []bool {
	bad := make([]bool, len(in))
	reach := 0 // the interval that ends last so far
	for i := 1; i < len(in); i++ {
		a, b := in[reach], in[i]
		if !a.beside(b) {
			reach = i
			continue
		}
		if b.From < a.To {
			bad[reach], bad[i] = true, true
		}
		if b.To > a.To {
			reach = i
		}
	}
	return bad
}
