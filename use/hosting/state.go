package hosting

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"sluice/books"
	"sluice/series"
	"sluice/service"
)

// LevelState is what a month has seen so far of a contract's promise. Its zero value
// has seen nothing. It is plain data and never changed once made.
type LevelState struct {
	Month     series.Interval // local month, in UTC
	Committed int64           // unit-seconds, like all counts
	Down      int64
	Excused   int64 // of Down
	Slowed    int64
	Capped    time.Duration // in which power limits of ours slowed the work
	Parts     []Part        `json:",omitempty"` // by name, where each is held against the promise by itself
	Evidence  books.Hash    // of everything that was added, in order
}

// Part is one node of a contract whose nodes fail each by itself.
type Part struct {
	Name      string
	Committed int64
	Down      int64
	Excused   int64
}

// Span is what happened with a contract in a stretch of time.
type Span struct {
	From, To time.Time
	Counts   Counts     // of this stretch only
	Parts    []Part     // of this stretch only
	Evidence books.Hash // of the paper that says so
}

// Add is the state after a stretch of time, and the months that ended in it. A
// stretch that reaches over the end of a month is divided by its seconds, what does
// not divide going to the later part. It fails on a stretch without length or of a
// month that is over: correct its statement instead.
func (s LevelState) Add(span Span, zone *time.Location) (LevelState, []LevelState, error) {
	if !span.From.Before(span.To) || !s.Month.Start.IsZero() && span.From.Before(s.Month.Start) {
		return s, nil, fmt.Errorf("service level from %s to %s: the stretch is empty or its month, before %s, is over: correct the statement of that month",
			span.From.Format(time.RFC3339), span.To.Format(time.RFC3339), s.Month.Start.Format(time.RFC3339))
	}
	var over []LevelState
	whole, done := span, Span{}
	for at := span.From; at.Before(whole.To); {
		month := series.MonthOf(at, place(zone))
		if !month.Start.Equal(s.Month.Start) {
			if !s.Month.Start.IsZero() {
				over = append(over, s)
			}
			s = LevelState{Month: month}
		}
		end := month.End()
		if whole.To.Before(end) {
			end = whole.To
		}
		until := whole.until(end)
		s = s.with(until.less(done, at, end))
		at, done = end, until
	}
	return s, over, nil
}

// until is what falls to the part of a stretch before an instant: the floor of its share.
func (s Span) until(end time.Time) Span {
	part, all := end.Sub(s.From), s.To.Sub(s.From)
	cut := func(n int64) int64 { return floorDiv(n, int64(part), int64(all)) }
	out := s
	c := s.Counts
	out.Counts = Counts{cut(c.Served), cut(c.Committed), cut(c.Lost), cut(c.Slowed), cut(c.Down), cut(c.Excused), cut(c.Late), cut(c.Evictions)}
	out.Parts = slices.Clone(s.Parts)
	for i, p := range out.Parts {
		out.Parts[i] = Part{p.Name, cut(p.Committed), cut(p.Down), cut(p.Excused)}
	}
	return out
}

// less is a stretch without what was counted of it before.
func (s Span) less(done Span, from, to time.Time) Span {
	s.From, s.To, s.Counts = from, to, s.Counts.Since(done.Counts)
	s.Parts = slices.Clone(s.Parts)
	for i := range done.Parts {
		s.Parts[i].Committed -= done.Parts[i].Committed
		s.Parts[i].Down -= done.Parts[i].Down
		s.Parts[i].Excused -= done.Parts[i].Excused
	}
	return s
}

// floorDiv is n * part / all rounded down; n is not negative, 0 <= part <= all.
func floorDiv(n, part, all int64) int64 {
	high, low := bits.Mul64(uint64(max(0, n)), uint64(part)) //nolint:gosec // not negative
	quotient, _ := bits.Div64(high, low, uint64(all))        //nolint:gosec // positive
	return int64(quotient)                                   //nolint:gosec // at most n
}

// with adds a stretch that lies within the month.
func (s LevelState) with(span Span) LevelState {
	s.Committed += span.Counts.Committed
	s.Down += span.Counts.Down
	s.Excused += span.Counts.Excused
	s.Slowed += span.Counts.Slowed
	if span.Counts.Slowed > 0 {
		s.Capped += span.To.Sub(span.From)
	}
	s.Parts = slices.Clone(s.Parts)
	for _, p := range span.Parts {
		i := slices.IndexFunc(s.Parts, func(q Part) bool { return q.Name == p.Name })
		if i < 0 {
			i = len(s.Parts)
			s.Parts = append(s.Parts, Part{Name: p.Name})
		}
		s.Parts[i].Committed += p.Committed
		s.Parts[i].Down += p.Down
		s.Parts[i].Excused += p.Excused
	}
	s.Evidence = s.chained(span)
	return s
}

// chained is the hash of what was added so far and of this stretch.
func (s LevelState) chained(span Span) books.Hash {
	c := span.Counts
	h := sha256.New()
	h.Write(s.Evidence[:])
	h.Write(span.Evidence[:])
	for _, n := range []int64{span.From.Unix(), span.To.Unix(), c.Served, c.Committed, c.Lost, c.Slowed, c.Down, c.Excused, c.Late, c.Evictions} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) //nolint:gosec // the bits are hashed, not the value
	}
	for _, p := range span.Parts {
		h.Write(fmt.Appendf(nil, "%q %d %d %d\n", p.Name, p.Committed, p.Down, p.Excused))
	}
	return books.Hash(h.Sum(nil))
}

// at is the state as it counts at an instant: nothing yet in a month of its own.
func (s LevelState) at(at time.Time, zone *time.Location) LevelState {
	if month := series.MonthOf(at, zone); !month.Start.Equal(s.Month.Start) {
		return LevelState{Month: month}
	}
	return s
}

// records are the parts of a month that are held against a promise one by one.
func (s LevelState) records() []service.Record {
	out := make([]service.Record, len(s.Parts))
	for i, p := range s.Parts {
		out[i] = service.Record{Committed: p.Committed, Down: p.Down, Excused: p.Excused}
	}
	return out
}
