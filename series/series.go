package series

import (
	"fmt"
	"time"
)

// Series holds one value per interval of a grid, and whether it is known.
type Series[T any] struct {
	Grid  Grid
	value []T
	known []bool
}

// New returns a series on g in which nothing is known yet.
func New[T any](g Grid) *Series[T] {
	return &Series[T]{Grid: g, value: make([]T, g.Len()), known: make([]bool, g.Len())}
}

// Set makes the value of interval i known.
func (s *Series[T]) Set(i int, v T) { s.value[i], s.known[i] = v, true }

// Value returns the value of interval i and whether it is known; outside the
// grid nothing is known.
func (s *Series[T]) Value(i int) (T, bool) {
	if i < 0 || i >= len(s.value) {
		var none T
		return none, false
	}
	return s.value[i], s.known[i]
}

// At returns the value at t and whether it is known.
func (s *Series[T]) At(t time.Time) (T, bool) {
	i, inside := s.Grid.Index(t)
	if !inside {
		var none T
		return none, false
	}
	return s.Value(i)
}

// Gaps lists the stretches in which nothing is known, in order.
func (s *Series[T]) Gaps() []Gap {
	var gaps []Gap
	for i := 0; i < len(s.known); i++ {
		if s.known[i] {
			continue
		}
		from := i
		for i < len(s.known) && !s.known[i] {
			i++
		}
		gaps = append(gaps, Gap{First: from, Count: i - from, Start: s.Grid.Start(from)})
	}
	return gaps
}

// Gap is a stretch of intervals without a value.
type Gap struct {
	First, Count int
	Start        time.Time
}

// Fill is a declared policy for gaps in a series.
type Fill string

// The fill policies, from the strictest. Refuse is the default everywhere.
const (
	Refuse       Fill = "refuse"        // a gap is an error
	HoldLast     Fill = "hold-last"     // the last known value stays
	SameHourYday Fill = "same-hour-day" // the value of the same time a day earlier
)

// FillGaps fills every gap by policy p and returns how many intervals were
// filled. It changes nothing and returns an error when the policy refuses, is
// unknown, or finds no earlier value to use.
func (s *Series[T]) FillGaps(p Fill) (int, error) {
	gaps := s.Gaps()
	if len(gaps) == 0 {
		return 0, nil
	}
	back, err := s.lookback(p, gaps)
	if err != nil {
		return 0, err
	}
	value, known, filled := append([]T(nil), s.value...), append([]bool(nil), s.known...), 0
	for i := range known {
		if known[i] {
			continue
		}
		if i < back || !known[i-back] {
			return 0, fmt.Errorf("fill %s at %s: no earlier value to take: start the period later or repair the file", p, s.Grid.Start(i).Format(time.RFC3339))
		}
		value[i], known[i] = value[i-back], true
		filled++
	}
	s.value, s.known = value, known
	return filled, nil
}

// lookback is how many intervals earlier the policy looks.
func (s *Series[T]) lookback(p Fill, gaps []Gap) (int, error) {
	switch p {
	case HoldLast:
		return 1, nil
	case SameHourYday:
		return int(24 * time.Hour / s.Grid.Step()), nil
	case Refuse, "":
		missing := 0
		for _, g := range gaps {
			missing += g.Count
		}
		return 0, fmt.Errorf("%d of %d intervals have no value, the first %d from %s: repair the file or declare a fill policy (%s or %s)",
			missing, s.Grid.Len(), gaps[0].Count, gaps[0].Start.Format(time.RFC3339), HoldLast, SameHourYday)
	}
	return 0, fmt.Errorf("fill policy %q is not known: use %s, %s or %s", string(p), Refuse, HoldLast, SameHourYday)
}

// Profile is one value for every interval of a plan, or a single value that
// holds for all of them, which keeps a paper small.
type Profile[T any] []T

// Flat is a profile with one value throughout.
func Flat[T any](v T) Profile[T] { return Profile[T]{v} }

// At is the value in interval i.
func (p Profile[T]) At(i int) T {
	if len(p) == 1 {
		return p[0]
	}
	return p[i]
}

// Covers reports whether the profile has a value for each of n intervals.
func (p Profile[T]) Covers(n int) bool { return len(p) == 1 || len(p) == n }
