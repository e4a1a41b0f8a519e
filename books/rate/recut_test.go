package rate_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books/rate"
)

// cuts is the pieces of a drawn interval in a revision, with quantities of their own.
func (d draw) cuts(revision int) []rate.Interval {
	x, n := d.in.Intervals[d.which], int64(len(d.later)+1)
	var out []rate.Interval
	for i, q := range append([]int64{d.more}, d.later...) {
		y := x
		y.From, y.To = x.From+(x.To-x.From)*int64(i)/n, x.From+(x.To-x.From)*int64(i+1)/n
		y.Quantity, y.Revision = q, revision
		out = append(out, y)
	}
	return out
}

// with is the month with these intervals in the place of the drawn one.
func (d draw) with(in ...rate.Interval) rate.Input {
	out := d.in
	out.Intervals = append(slices.Delete(slices.Clone(d.in.Intervals), d.which, d.which+1), in...)
	return out
}

// recutFresh: an interval that a later revision cuts into others is rated as if the
// others had been all, and so are others that a later revision puts together.
func recutFresh(r rater, d draw) error {
	x := d.in.Intervals[d.which]
	whole := x
	whole.Revision = 2
	for sentence, c := range map[string]struct{ corrected, fresh rate.Input }{
		"cut":                {d.with(append(d.cuts(2), x)...), d.with(d.cuts(2)...)},
		"put together":       {d.with(append(d.cuts(1), whole)...), d.with(whole)},
		"cut, and once more": {d.with(append(append(d.cuts(3), d.cuts(2)...), x)...), d.with(d.cuts(3)...)},
	} {
		a, err := r(c.corrected)
		b, again := r(c.fresh)
		if err != nil || again != nil || !reflect.DeepEqual(a, b) {
			return fmt.Errorf("%s: %w: %s", sentence, errors.Join(errDiffer, err, again), cmp.Diff(b, a))
		}
	}
	return nil
}

// recutPartly: where a part only is said anew, all of it is in doubt.
func recutPartly(r rater, d draw) error {
	pieces := d.cuts(2)
	pieces = pieces[1:]
	a, err := r(d.with(append(pieces, d.in.Intervals[d.which])...))
	b, again := r(d.with())
	if err != nil || again != nil || len(a.Suspense) != len(pieces)+1 {
		return fmt.Errorf("%d in suspense, want %d: %w", len(a.Suspense), len(pieces)+1, errors.Join(errDiffer, err, again))
	}
	for i, l := range a.Lines {
		if l.Quantity != b.Lines[i].Quantity {
			return fmt.Errorf("what is in doubt was rated: %+v", l)
		}
	}
	return nil
}

// recutNoted: what was invoiced and the notes are a fresh rating, also where a
// correction cuts otherwise.
func recutNoted(r rater, d draw) error {
	first, err := r(d.in)
	if err != nil {
		return err
	}
	fresh, err := r(d.with(append(d.cuts(2), d.in.Intervals[d.which])...))
	if err != nil {
		return err
	}
	n, err := rate.Delta(first.Lines, fresh.Lines)
	if err != nil {
		return err
	}
	if was, is := sum(slices.Concat(first.Lines, n.Credit, n.Debit)), sum(fresh.Lines); was != is || len(fresh.Suspense) > 0 {
		return fmt.Errorf("original and notes are %d, a fresh rating %d, in suspense %v", was, is, fresh.Suspense)
	}
	return nil
}

// oneTruth takes every revision for the first.
func oneTruth(in rate.Input) (rate.Rating, error) {
	in.Intervals = slices.Clone(in.Intervals)
	for i := range in.Intervals {
		in.Intervals[i].Revision = 1
	}
	return rate.Rate(in)
}

// lastWins drops whatever a later revision touches.
func lastWins(in rate.Input) (rate.Rating, error) {
	all := in.Intervals
	in.Intervals = slices.DeleteFunc(slices.Clone(all), func(x rate.Interval) bool {
		return slices.ContainsFunc(all, func(y rate.Interval) bool {
			return y.Revision > x.Revision && y.Meter == x.Meter && y.Component == x.Component && !x.Span().Common(y.Span()).Empty()
		})
	})
	return rate.Rate(in)
}

// TestRecut: what must hold of revisions that cut otherwise, in any month; and a
// rater that does it wrong is noticed.
func TestRecut(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		check property
		bug   rater
	}{
		"is a fresh rating":          {recutFresh, oneTruth},
		"in part it is in doubt":     {recutPartly, lastWins},
		"is noted by its difference": {recutNoted, oneTruth},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				if err := c.check(rate.Rate, months(rate.Graduated).Draw(t, "month")); err != nil {
					t.Fatal(err)
				}
			})
			if !caught(c.check, c.bug, months(rate.Graduated)) {
				t.Error("a bug was planted, and nobody noticed")
			}
		})
	}
}

// TestRecutEdges: which intervals a later revision takes the place of.
func TestRecutEdges(t *testing.T) {
	t.Parallel()
	at := func(f, t, quantity int64, revision int) rate.Interval {
		x := used("ip", from+f, from+t, quantity)
		x.Revision = revision
		return x
	}
	meter := func(x rate.Interval, m string) rate.Interval {
		x.Meter = m
		return x
	}
	for sentence, c := range map[string]struct {
		in             []rate.Interval
		rated, parked  int64
		gaps, revision int
	}{
		"an hour by four quarters":                {[]rate.Interval{at(0, 60, 1, 1), at(0, 15, 10, 2), at(15, 30, 20, 2), at(30, 45, 30, 2), at(45, 60, 40, 2)}, 100, 0, 1, 2},
		"one quarter is missing":                  {[]rate.Interval{at(0, 60, 1, 1), at(0, 15, 10, 2), at(30, 45, 30, 2), at(45, 60, 40, 2)}, 0, 4, 1, 0},
		"a second is missing":                     {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 2), at(31, 60, 30, 2)}, 0, 3, 1, 0},
		"the quarters are of the same revision":   {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 1), at(30, 60, 30, 1)}, 0, 3, 1, 0},
		"the quarters are older":                  {[]rate.Interval{at(0, 60, 1, 2), at(0, 30, 10, 1), at(30, 60, 30, 1)}, 1, 0, 1, 2},
		"the quarters are of different revisions": {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 2), at(30, 60, 30, 7)}, 40, 0, 1, 7},
		"the quarters are of another meter":       {[]rate.Interval{at(0, 60, 1, 1), meter(at(0, 30, 10, 2), "m2"), meter(at(30, 60, 30, 2), "m2")}, 41, 0, 2, 2},
		"a quarter has a fault":                   {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 2), at(30, 60, -1, 2)}, 0, 3, 1, 0},
		"the hour had a fault":                    {[]rate.Interval{at(0, 60, -1, 1), at(0, 30, 10, 2), at(30, 60, 30, 2)}, 40, 0, 1, 2},
		"the quarters go beyond it":               {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 2), at(30, 90, 30, 2)}, 40, 0, 1, 2},
		"the next hour is hurt":                   {[]rate.Interval{at(0, 60, 1, 1), at(60, 120, 2, 1), at(0, 30, 10, 2), at(30, 90, 30, 2)}, 10, 2, 1, 2},
		"the quarters overlap":                    {[]rate.Interval{at(0, 60, 1, 1), at(0, 40, 10, 2), at(30, 60, 30, 2)}, 0, 2, 1, 0},
		"three ways to cut, the last counts":      {[]rate.Interval{at(0, 60, 1, 1), at(0, 30, 10, 2), at(30, 60, 30, 2), at(0, 20, 100, 3), at(20, 60, 200, 3)}, 300, 0, 1, 3},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := must(t, rate.Input{
				Contracts: []rate.Contract{contract(rate.Term{Name: "ip", Kind: rate.Usage, Component: "ip", Unit: rate.Piece})},
				Prices:    []rate.PriceVersion{price("ip", 1)}, Period: september, Intervals: c.in,
			})
			if l := r.Lines[0]; l.Quantity != c.rated || l.Revision != c.revision || int64(len(r.Suspense)) != c.parked || len(r.Gaps) != c.gaps {
				t.Errorf("rated %d of revision %d, in suspense %v, gaps %v", l.Quantity, l.Revision, r.Suspense, r.Gaps)
			}
		})
	}
}

// TestCutReadings: where nothing changes that a term depends on, it makes no
// difference to a line, to its id nor to the hash of its inputs, how the readings
// were cut; across a change of price it does.
func TestCutReadings(t *testing.T) {
	t.Parallel()
	const noon = from + 12*hour
	rated := func(cuts ...int64) rate.Line {
		t.Helper()
		in := rate.Input{
			Period: september, Contracts: []rate.Contract{contract(rate.Term{Name: "power", Kind: rate.Usage, Component: "energy", Unit: rate.MegawattHour})},
			Prices: []rate.PriceVersion{{Component: "energy", From: from, To: noon, Value: 40_000_000}, {Component: "energy", From: noon, To: to, Value: 50_000_000}},
		}
		for i := 1; i < len(cuts); i++ {
			in.Intervals = append(in.Intervals, rate.Interval{Contract: "c1", Meter: "m1", Component: "energy", From: cuts[i-1], To: cuts[i], Quantity: (cuts[i] - cuts[i-1]) * 1000})
		}
		r, err := rate.Rate(in)
		if err != nil || len(r.Lines) != 1 {
			t.Fatal(r, err)
		}
		return r.Lines[0]
	}
	whole := rated(from, noon, to)
	for sentence, other := range map[string]rate.Line{
		"cut in the morning":        rated(from, from+hour, noon, to),
		"cut in many":               rated(from, from+1, from+2, from+hour, noon, noon+900, noon+1000, to-1, to),
		"cut by the hour and after": rated(from, from+hour, from+2*hour, noon, to),
	} {
		if other != whole {
			t.Errorf("%s: %+v, and in two pieces %+v", sentence, other, whole)
		}
	}
	if over := rated(from, noon-hour, noon+hour, to); over.ID == whole.ID || !over.Apportioned {
		t.Errorf("a reading over the change of price has the id of those that end there: %+v", over)
	}
	if gap := rated(from, noon, to-hour); gap.ID == whole.ID {
		t.Error("an hour is missing, and the id is the same")
	}
}
