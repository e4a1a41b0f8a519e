package reserve

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// Span is a half-open stretch of time, [From, To), in Unix seconds.
type Span struct{ From, To int64 }

// Seconds is the length of the stretch; 0 where it ends before it begins.
func (s Span) Seconds() int64 { return max(0, s.To-s.From) }

// common is the part of both stretches; it may be empty.
func (s Span) common(o Span) Span { return Span{max(s.From, o.From), min(s.To, o.To)} }

// Reading is what the meter of a site said of one stretch, in one revision.
type Reading struct {
	Span
	Energy   unit.Energy // consumed
	Revision int         // the highest counts
	Evidence books.Hash
}

// The failures of readings: one that cannot be, and two that cannot both be right,
// because a stretch and revision has two energies, or stretches overlap.
var (
	ErrReading  = errors.New("no reading")
	ErrConflict = errors.New("readings contradict each other")
)

// The bounds of a stretch, seconds, and of power: with them no sum of energies
// overflows.
const (
	longest   = 32 * 86_400
	powerMost = 10_000 * unit.Megawatt
)

// possible reports whether a reading can be.
func (r Reading) possible() bool {
	n := r.Seconds()
	most := unit.Energy(int64(powerMost) * n)
	return n > 0 && n <= longest && r.Energy >= -most && r.Energy <= most
}

// Meter is the readings that count, in order, none overlapping.
type Meter struct{ readings []Reading }

// Read keeps of every stretch the highest revision. Errors wrap ErrReading or
// ErrConflict.
func Read(all []Reading) (Meter, error) {
	in := slices.Clone(all)
	slices.SortStableFunc(in, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Revision, b.Revision))
	})
	var out []Reading
	for _, r := range in {
		n := len(out)
		switch {
		case !r.possible():
			return Meter{}, fmt.Errorf("reading from %d to %d of %d J: %w: it ends after it begins, within 32 days, and is of no more than %s", r.From, r.To, r.Energy, ErrReading, powerMost)
		case n > 0 && out[n-1].Span == r.Span:
			if out[n-1].Revision == r.Revision && out[n-1].Energy != r.Energy {
				return Meter{}, fmt.Errorf("reading from %d to %d, revision %d: %w: %d J and %d J", r.From, r.To, r.Revision, ErrConflict, out[n-1].Energy, r.Energy)
			}
			out[n-1] = r
		case n > 0 && r.From < out[n-1].To:
			return Meter{}, fmt.Errorf("reading from %d to %d: %w: the one before it ends at %d", r.From, r.To, ErrConflict, out[n-1].To)
		default:
			out = append(out, r)
		}
	}
	return Meter{out}, nil
}

// within is the readings of which some part lies in a stretch.
func (m Meter) within(s Span) []Reading {
	i := m.first(s.From)
	j := i
	for j < len(m.readings) && m.readings[j].From < s.To {
		j++
	}
	return m.readings[i:j]
}

// first is the place of the first reading that ends after an instant.
func (m Meter) first(at int64) int {
	i, _ := slices.BinarySearchFunc(m.readings, at, func(r Reading, at int64) int {
		if r.To > at {
			return 1
		}
		return -1
	})
	return i
}

// over is what was consumed in a stretch. False: the meter does not know all of it.
// Within a reading power is taken to be even.
func (m Meter) over(s Span) (energy int64, known bool) {
	at := s.From
	for _, r := range m.within(s) {
		if r.From > at {
			break
		}
		end := min(s.To, r.To)
		energy += r.until(end) - r.until(at)
		at = end
	}
	return energy, at >= s.To
}

// until is the energy from the begin of a reading to an instant within.
func (r Reading) until(at int64) int64 {
	return unit.MulDiv(int64(r.Energy), at-r.From, r.Seconds())
}

// cuts are the instants within a stretch at which a reading begins or ends.
func (m Meter) cuts(s Span) []int64 {
	var out []int64
	for _, r := range m.within(s) {
		out = append(out, max(s.From, r.From), min(s.To, r.To))
	}
	return out
}
