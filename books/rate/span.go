package rate

import (
	"cmp"
	"slices"
	"time"
)

// Span is a half-open stretch of time, [From, To), in Unix seconds.
type Span struct{ From, To int64 }

// Seconds is the length of the stretch; 0 where it ends before it begins.
func (s Span) Seconds() int64 { return max(0, s.To-s.From) }

// Empty reports whether no second lies in the stretch.
func (s Span) Empty() bool { return s.To <= s.From }

// Common is the part of both stretches; it may be empty.
func (s Span) Common(o Span) Span { return Span{max(s.From, o.From), min(s.To, o.To)} }

// Union is the same seconds as the given stretches cover, each once, in order.
func Union(spans []Span) []Span {
	var out []Span
	in := slices.DeleteFunc(slices.Clone(spans), Span.Empty)
	slices.SortFunc(in, compareSpans)
	for _, s := range in {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

func compareSpans(a, b Span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }

// within is what two unions have in common.
func within(a, b []Span) []Span {
	var out []Span
	for _, x := range a {
		for _, y := range b {
			if c := x.Common(y); !c.Empty() {
				out = append(out, c)
			}
		}
	}
	return Union(out)
}

// without is what a union covers of a stretch that another does not.
func without(whole Span, taken []Span) []Span {
	var out []Span
	at := whole.From
	for _, s := range taken {
		if c := s.Common(whole); !c.Empty() {
			if c.From > at {
				out = append(out, Span{at, c.From})
			}
			at = c.To
		}
	}
	if at < whole.To {
		out = append(out, Span{at, whole.To})
	}
	return out
}

// first is the first seconds of a union.
func first(spans []Span, seconds int64) []Span {
	var out []Span
	for _, s := range spans {
		s.To = min(s.To, s.From+max(0, seconds))
		if s.Empty() {
			break
		}
		out, seconds = append(out, s), seconds-s.Seconds()
	}
	return out
}

func total(spans []Span) int64 {
	var n int64
	for _, s := range spans {
		n += s.Seconds()
	}
	return n
}

// anniversary is the same local time of day so many calendar months later. A day
// that a month does not have is its last one.
func anniversary(start int64, months int, zone *time.Location) int64 {
	if zone == nil {
		zone = time.UTC
	}
	t := time.Unix(start, 0).In(zone)
	last := time.Date(t.Year(), t.Month()+time.Month(months)+1, 0, 0, 0, 0, 0, zone).Day()
	day := min(t.Day(), last)
	return time.Date(t.Year(), t.Month()+time.Month(months), day, t.Hour(), t.Minute(), t.Second(), 0, zone).Unix()
}
