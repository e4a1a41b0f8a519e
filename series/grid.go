package series

import (
	"errors"
	"fmt"
	"time"
)

// Interval is a half-open stretch of time, [Start, Start+Length).
type Interval struct {
	Start  time.Time
	Length time.Duration
}

// End is the first instant after the interval.
func (i Interval) End() time.Time { return i.Start.Add(i.Length) }

// Hours is the length in hours, for the float rooms.
func (i Interval) Hours() float64 { return i.Length.Hours() }

// ErrGrid marks a grid that no market settles on.
var ErrGrid = errors.New("not a settlement grid")

// Settles reports whether markets settle in intervals of this length.
func Settles(step time.Duration) bool {
	return step == 5*time.Minute || step == 15*time.Minute || step == 30*time.Minute || step == time.Hour
}

// Grid is a run of equal settlement intervals on UTC boundaries. Because the
// boundaries are UTC, a clock change neither adds nor removes an interval; it
// only changes which local day an interval belongs to.
type Grid struct {
	start time.Time
	step  time.Duration
	n     int
}

// NewGrid returns n intervals of step from start. The step must be 5, 15, 30 or
// 60 minutes, the start must lie on a boundary (zones with a quarter-hour
// offset settle on quarter hours, so 15 minutes is the coarsest boundary asked
// of an hourly grid), and n must not be negative.
func NewGrid(start time.Time, step time.Duration, n int) (Grid, error) {
	if !Settles(step) {
		return Grid{}, fmt.Errorf("grid of %v: %w: use 5m, 15m, 30m or 1h", step, ErrGrid)
	}
	boundary := min(step, 15*time.Minute)
	if !start.Equal(start.Truncate(boundary)) {
		return Grid{}, fmt.Errorf("grid from %s: %w: start is not on a %v boundary", start.Format(time.RFC3339), ErrGrid, boundary)
	}
	if n < 0 {
		return Grid{}, fmt.Errorf("grid of %d intervals: %w", n, ErrGrid)
	}
	return Grid{start: start.UTC(), step: step, n: n}, nil
}

// GridOver returns the grid of step that covers [from, to); to must lie on a boundary of it.
func GridOver(from, to time.Time, step time.Duration) (Grid, error) {
	if !to.After(from) {
		return Grid{}, fmt.Errorf("grid from %s to %s: %w: the end must be later than the start", from.Format(time.RFC3339), to.Format(time.RFC3339), ErrGrid)
	}
	span := to.Sub(from)
	if Settles(step) && span%step != 0 {
		return Grid{}, fmt.Errorf("grid from %s to %s: %w: not a whole number of %v", from.Format(time.RFC3339), to.Format(time.RFC3339), ErrGrid, step)
	}
	return NewGrid(from, step, int(span/max(step, 1)))
}

// Len is the number of intervals.
func (g Grid) Len() int { return g.n }

// Step is the length of every interval.
func (g Grid) Step() time.Duration { return g.step }

// Start is where interval i begins; Start(Len()) is where the grid ends.
func (g Grid) Start(i int) time.Time { return g.start.Add(time.Duration(i) * g.step) }

// End is the first instant after the grid.
func (g Grid) End() time.Time { return g.Start(g.n) }

// At is interval i.
func (g Grid) At(i int) Interval { return Interval{Start: g.Start(i), Length: g.step} }

// Index is the interval that holds t, and whether the grid holds t at all.
func (g Grid) Index(t time.Time) (int, bool) {
	if g.n == 0 || t.Before(g.start) || !t.Before(g.End()) {
		return 0, false
	}
	return int(t.Sub(g.start) / g.step), true
}

// Mesh is a run of intervals of unequal length without a hole: fine close by,
// coarse far off. It is the time axis of a plan.
type Mesh struct {
	Start   time.Time
	Lengths []time.Duration
}

// Len is the number of intervals.
func (m Mesh) Len() int { return len(m.Lengths) }

// Intervals lists the intervals of the mesh in order.
func (m Mesh) Intervals() []Interval {
	out := make([]Interval, len(m.Lengths))
	at := m.Start
	for i, d := range m.Lengths {
		out[i] = Interval{Start: at, Length: d}
		at = at.Add(d)
	}
	return out
}
