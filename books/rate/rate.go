package rate

import (
	"errors"
	"fmt"
	"slices"

	"sluice/unit"
)

// Input is everything that the lines of one contract and period are made of.
type Input struct {
	Contracts []Contract // versions of one contract
	Intervals []Interval // in any order, repeated, in all their revisions
	Prices    []PriceVersion
	Period    Span        // at most 400 days; monthly prices are for the whole of it
	Prepaid   unit.Amount // what is left of what was paid in advance, positive
	Until     int64       // for the month to date: nothing from this second on is rated, and what is for the month counts by its share; 0: the whole period
}

// Rating is what an input comes to.
type Rating struct {
	Lines    []Line   // by version and in the order of its terms
	Suspense []Parked // what was not rated, by component, meter and time
	Gaps     []Gap    // where a meter of the period said nothing that counts
}

// ErrInput is an input that has no lines.
var ErrInput = errors.New("this cannot be rated")

// longest is the most seconds of a period.
const longest = 400 * 86_400

// Rate makes the lines of a period. All intervals are judged, also those outside
// of the period: what is wrong with them stands in Suspense. Errors wrap
// ErrInput, ErrContract, ErrVersions, ErrConflict, ErrPrice or ErrOverflow; then
// nothing was rated.
//
// Source: docs/formula/rating.md.
func Rate(in Input) (Rating, error) {
	frames, err := in.frames()
	if err != nil {
		return Rating{}, err
	}
	intervals, err := latest(in.Intervals)
	if err != nil {
		return Rating{}, err
	}
	var r Rating
	counted := r.judge(frames, intervals)
	for _, f := range frames {
		f.stretch = f.window.Common(in.Period)
		f.window = f.stretch
		if in.Until != 0 {
			f.window.To = min(f.window.To, in.Until)
		}
		if f.window.Empty() {
			continue
		}
		if err := r.frame(f, counted, in.Prepaid); err != nil {
			return Rating{}, err
		}
	}
	return r, nil
}

// frames checks an input and returns one frame per version, in time; the window
// of each is all its service.
func (in Input) frames() ([]frame, error) {
	if n := in.Period.Seconds(); n == 0 || n > longest || len(in.Contracts) == 0 || in.Prepaid < 0 {
		return nil, fmt.Errorf("period of %d seconds, %d versions of a contract, %v prepaid: %w: a period has 1 second to 400 days, a contract a version, and a prepayment no sign",
			n, len(in.Contracts), in.Prepaid, ErrInput)
	}
	book, err := newPricebook(in.Prices)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(in.Contracts)
	slices.SortStableFunc(all, func(a, b Contract) int { return compareSpans(a.Valid, b.Valid) })
	var out []frame
	for i, c := range all {
		if err := c.Validate(); err != nil {
			return nil, err
		}
		if c.ID != all[0].ID || c.Currency != all[0].Currency {
			return nil, fmt.Errorf("contracts %q in %s and %q in %s: %w: rate them one by one", all[0].ID, all[0].Currency, c.ID, c.Currency, ErrInput)
		}
		if i > 0 && c.Valid.From < all[i-1].Valid.To {
			return nil, fmt.Errorf("contract %q, versions %d and %d: %w: end the earlier one first", c.ID, all[i-1].Version, c.Version, ErrVersions)
		}
		out = append(out, frame{contract: c, period: in.Period, window: c.service(), book: book})
	}
	return out, nil
}

// frame rates one version.
func (r *Rating) frame(f frame, counted []Interval, prepaid unit.Amount) error {
	open := r.gaps(f, counted)
	first := len(r.Lines)
	for _, t := range f.contract.Terms {
		l := Line{Contract: f.contract.ID, Version: f.contract.Version, Component: t.Name, Kind: t.Kind, Period: f.stretch, Unit: t.Unit}
		var err error
		if t.derived() {
			l, err = f.derive(t, l, r.Lines[first:], prepaid+r.drawn())
		} else {
			l, err = f.line(t, l, counted)
			l.Estimated = l.Estimated || t.Kind == Shortfall && slices.Contains(open, t.Component)
		}
		if err != nil {
			return fmt.Errorf("contract %q, %q from %d: %w", f.contract.ID, t.Name, f.window.From, err)
		}
		r.Lines = append(r.Lines, l)
	}
	return nil
}

// drawn is what the lines so far drew from the prepayment, negative; earlier
// versions of a period draw from the same money.
func (r *Rating) drawn() unit.Amount {
	var a unit.Amount
	for _, l := range r.Lines {
		if l.Kind == Prepayment {
			a += l.Amount
		}
	}
	return a
}
