package history

import (
	"slices"
	"time"

	"sluice/series"
)

const day = 24 * 3600

// span is one row as an interval of UTC seconds.
type span struct {
	line       int
	start, end int64
	value      int64
	known      bool
}

// spans turns rows in order of time into intervals.
func (t *table) spans(rows []reading, c Columns, fallback time.Duration) ([]span, error) {
	lengths, err := t.lengths(rows, c, fallback)
	if err != nil {
		return nil, err
	}
	out := make([]span, len(rows))
	for i, r := range rows {
		start := r.stamp.seconds
		if c.Label == IntervalEnd {
			start -= lengths[i]
		}
		out[i] = span{r.line, start, start + lengths[i], r.value, r.known}
		if i > 0 && start < out[i-1].end {
			return nil, t.fault(r.line, "correct the lengths, or leave their column out: lengths then follow from the stamps",
				"the interval from %s begins before the one on line %d ends", show(start), out[i-1].line)
		}
	}
	return out, nil
}

// lengths finds how many seconds each row stands for.
func (t *table) lengths(rows []reading, c Columns, fallback time.Duration) ([]int64, error) {
	out := make([]int64, len(rows))
	if c.Minutes != "" {
		for i, r := range rows {
			out[i] = r.minutes * 60
		}
		return out, nil
	}
	if len(rows) == 1 {
		if fallback == 0 {
			return nil, t.fault(rows[0].line, "give the step, or a column of minutes", "one row alone does not say how long its interval is")
		}
		out[0] = int64(fallback / time.Second)
		return out, nil
	}
	distances := make([]int64, len(rows)-1)
	for i := range distances {
		distances[i] = rows[i+1].stamp.seconds - rows[i].stamp.seconds
	}
	steps, bad := established(distances)
	if bad >= 0 {
		return nil, t.fault(rows[bad+1].line, "give intervals of 5, 15, 30 or 60 minutes",
			"%s comes %v after the row before, which is no length of a settlement interval in this file", show(rows[bad+1].stamp.seconds), time.Duration(distances[bad])*time.Second)
	}
	if c.Label == IntervalEnd {
		copy(out[1:], steps)
		out[0] = steps[0]
	} else {
		copy(out, steps)
		out[len(out)-1] = steps[len(steps)-1]
	}
	return out, nil
}

// established returns, for every distance between two stamps, the length of
// the interval that it belongs to, or in bad the index of the first distance
// that is shorter than any length near it (-1: none).
//
// The finest distance that markets settle on is a length. A coarser one is a
// length where it holds for a whole day. Whatever else occurs is a hole, and
// takes the length of the rows beside it.
func established(distances []int64) (steps []int64, bad int) {
	finest := int64(0)
	for _, d := range distances {
		if settles(d) && (finest == 0 || d < finest) {
			finest = d
		}
	}
	steps = make([]int64, len(distances))
	for i := 0; i < len(distances); {
		j, d := i, distances[i]
		for j < len(distances) && distances[j] == d {
			j++
		}
		if d == finest || settles(d) && int64(j-i)*d >= day {
			for k := i; k < j; k++ {
				steps[k] = d
			}
		}
		i = j
	}
	return bridge(steps, distances)
}

// bridge gives every hole the larger of the lengths on its two sides that fits into it.
func bridge(steps, distances []int64) ([]int64, int) {
	after := make([]int64, len(steps)+1)
	for i := len(steps) - 1; i >= 0; i-- {
		after[i] = steps[i]
		if steps[i] == 0 {
			after[i] = after[i+1]
		}
	}
	before := int64(0)
	for i := range steps {
		if steps[i] == 0 {
			for _, s := range []int64{before, after[i]} {
				if s <= distances[i] && s > steps[i] {
					steps[i] = s
				}
			}
			if steps[i] == 0 {
				return nil, i
			}
		} else {
			before = steps[i]
		}
	}
	return steps, -1
}

func settles(seconds int64) bool { return series.Settles(time.Duration(seconds) * time.Second) }

// met lists the lengths that occur.
func met(spans []span) []time.Duration {
	var out []time.Duration
	for _, s := range spans {
		if d := time.Duration(s.end-s.start) * time.Second; !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	slices.Sort(out)
	return out
}
