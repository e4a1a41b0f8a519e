package history

import (
	"errors"
	"io"
	"time"

	"sluice/series"
	"sluice/unit"
)

// mostIntervals bounds a grid: forty years of five minutes.
const mostIntervals = 40 * 366 * 288

// pastEnd lets the end of a file through and keeps every other error.
func pastEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// grid is the grid that was asked for, or the one that the file fills.
func (t *table) grid(spans []span, o Options) (series.Grid, error) {
	step := o.Step
	if step == 0 {
		step = met(spans)[0]
	}
	first, last := instant(spans[0].start), instant(spans[len(spans)-1].end)
	if !series.Settles(step) {
		return series.Grid{}, t.fault(0, "use 5m, 15m, 30m or 1h", "a grid of %v is none that markets settle on", step)
	}
	from, to := o.From, o.To
	if from.IsZero() {
		from = wholeStart(spans[0], step)
	}
	if to.IsZero() && last.After(from) {
		to = from.Add(last.Sub(from).Truncate(step))
	}
	covered := "give a period within that, or another file"
	switch {
	case !to.After(from):
		return series.Grid{}, t.fault(0, covered, "no whole interval of %v to read: the file covers %s to %s", step, show(first.Unix()), show(last.Unix()))
	case from.Before(first) || to.After(last):
		return series.Grid{}, t.fault(0, covered, "the period from %s to %s is not covered: the file covers %s to %s",
			show(from.Unix()), show(to.Unix()), show(first.Unix()), show(last.Unix()))
	case to.Sub(from)/step > mostIntervals:
		return series.Grid{}, t.fault(0, "check the stamps, or read less at a time", "%s to %s is more than %d intervals", show(from.Unix()), show(to.Unix()), mostIntervals)
	}
	g, err := series.GridOver(from, to, step)
	if err != nil {
		return g, &Fault{File: t.name, What: err.Error(), Remedy: "give a period on the boundaries of the grid", Err: err}
	}
	return g, nil
}

// wholeStart is where the first whole interval of a coarser grid begins. A file
// that is as coarse as the grid keeps its own phase: hours begin at half past
// in a zone with a half-hour offset.
func wholeStart(first span, step time.Duration) time.Time {
	at := instant(first.start)
	if first.end-first.start >= int64(step/time.Second) {
		step = min(step, 15*time.Minute)
	}
	if rest := at.Sub(at.Truncate(step)); rest > 0 {
		at = at.Add(step - rest)
	}
	return at
}

// lay puts the intervals of a file onto a grid and fills gaps by the policy.
func (t *table) lay(spans []span, g series.Grid, fill series.Fill, src *Source) (*series.Series[int64], error) {
	src.Step = g.Step()
	inside := within(spans, g)
	src.Outside = len(spans) - len(inside)
	if fill == series.Refuse || fill == "" {
		if err := t.whole(inside, g); err != nil {
			return nil, err
		}
	}
	out, next := series.New[int64](g), 0
	for i := range g.Len() {
		start, end := g.Start(i).Unix(), g.Start(i+1).Unix()
		for next < len(inside) && inside[next].end <= start {
			next++
		}
		v, pieces, longer := mean(inside[next:], start, end)
		if pieces == 0 {
			continue
		}
		out.Set(i, v)
		if pieces > 1 {
			src.Averaged++
		} else if longer {
			src.Held++
		}
	}
	filled, err := out.FillGaps(fill)
	if err != nil {
		return nil, &Fault{File: t.name, What: err.Error(), Remedy: "use refuse, hold-last or same-hour-day, and a period that begins with a value", Err: err}
	}
	src.Filled = filled
	return out, nil
}

// within are the spans that touch the grid.
func within(spans []span, g series.Grid) []span {
	from, to := g.Start(0).Unix(), g.End().Unix()
	for len(spans) > 0 && spans[0].end <= from {
		spans = spans[1:]
	}
	for len(spans) > 0 && spans[len(spans)-1].start >= to {
		spans = spans[:len(spans)-1]
	}
	return spans
}

// mean is the time-weighted mean over [start, end), rounded half to even, of
// how many spans, and whether a single one reaches further. No pieces: some
// part of the interval has no value.
//
// Formula: sum(value * seconds) / seconds. Source: docs/formula/unit.md.
func mean(spans []span, start, end int64) (value int64, pieces int, longer bool) {
	var sum, covered int64
	for _, s := range spans {
		if s.start >= end {
			break
		}
		if !s.known {
			return 0, 0, false
		}
		overlap := min(s.end, end) - max(s.start, start)
		sum, covered = sum+s.value*overlap, covered+overlap
		longer = s.end-s.start > end-start
		pieces++
	}
	if covered != end-start {
		return 0, 0, false
	}
	return unit.MulDiv(sum, 1, covered), pieces, longer
}

// whole refuses the first gap inside the grid and says how many there are.
func (t *table) whole(spans []span, g series.Grid) error {
	var first *Fault
	holes, at := 0, g.Start(0).Unix()
	remedy := "repair the file, or declare a fill policy (hold-last or same-hour-day): filled intervals are counted"
	for i, s := range spans {
		switch {
		case s.start > at:
			holes++
			if first == nil {
				first = t.fault(s.line, remedy, "from %s to %s there is no row", show(at), show(s.start))
			}
		case !s.known:
			if i == 0 || spans[i-1].known {
				holes++
			}
			if first == nil {
				first = t.fault(s.line, remedy, "the interval from %s has no value", show(s.start))
			}
		}
		at = s.end
	}
	if end := g.End().Unix(); at < end {
		holes++
		if first == nil {
			first = t.fault(0, remedy, "from %s to %s there is no row", show(at), show(end))
		}
	}
	if first == nil {
		return nil
	}
	if holes > 1 {
		first.What += "; it is the first of " + plural(holes, "gap")
	}
	return first
}
