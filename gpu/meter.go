package gpu

import (
	"time"

	"sluice/unit"
)

// SpanLeast is the least time over which the energy counter tells a mean power that
// may decide something: the draw of a sensor is itself an average over a window of
// its own, and the counter moves in steps.
const SpanLeast = 10 * time.Second

// Span is what one GPU consumed between two readings.
type Span struct {
	Energy    unit.Energy
	For       time.Duration
	Estimated bool // the counter was reset or is not stated: the mean of the two draws, over the time
}

// Mean is the power in the mean of the span.
func (s Span) Mean() unit.Power { return s.Energy.Mean(s.For) }

// Spent is what a GPU consumed from reading a to the later reading b of it. It is
// false when they are of two GPUs or less than SpanLeast apart, and when nothing is
// stated that could tell. A counter that fell was reset by a reload of the driver;
// one that rose by more than the GPU can draw is no counter: both are estimated
// from the draws, where they are stated.
//
// Formula: E = counter(b) - counter(a), or t * (draw(a) + draw(b)) / 2.
// Source: docs/formula/gpu.md.
func Spent(a, b Reading) (Span, bool) {
	d := b.At.Sub(a.At)
	if a.UUID != b.UUID || a.Node != b.Node || d < SpanLeast {
		return Span{}, false
	}
	if a.Has.Energy && b.Has.Energy && b.Energy >= a.Energy && b.Energy-a.Energy <= powerMost.Over(d) {
		return Span{Energy: b.Energy - a.Energy, For: d}, true
	}
	if !a.Has.Draw || !b.Has.Draw {
		return Span{}, false
	}
	return Span{Energy: ((a.Draw + b.Draw) / 2).Over(d), For: d, Estimated: true}, true
}

// Settle is how long after a setting a draw may be held against it: sensors follow
// in one to three seconds.
const Settle = 5 * time.Second

// Obeys is what one GPU does about a limit.
type Obeys string

// The ways.
const (
	Held    Obeys = "held"    // the limit is in force, and it draws no more
	Early   Obeys = "early"   // too soon to tell
	NotSet  Obeys = "not_set" // another limit is in force, above the one set
	Exceeds Obeys = "exceeds" // the limit is in force, and it draws more all the same
	Silent  Obeys = "silent"  // it does not say
)

// overdraw is by how much a mean draw may pass a limit: twentieth of it, for the
// control of the GPU and the error of its sensor.
const overdraw = unit.One + unit.One/20

// Follows says whether a GPU follows a limit set at a time, by two later readings:
// from the counter over SpanLeast where it can, otherwise from the later draw. That
// the node's own meter fell too must be seen there: a sensor is no meter.
func Follows(limit unit.Power, at time.Time, a, b Reading) Obeys {
	switch {
	case b.At.Before(at.Add(Settle)):
		return Early
	case !b.Has.Limit:
		return Silent
	case b.Limit > limit:
		return NotSet
	}
	draw, ok := b.Draw, b.Has.Draw
	if s, counted := Spent(a, b); counted && !s.Estimated && !a.At.Before(at.Add(Settle)) {
		draw, ok = s.Mean(), true
	}
	switch {
	case !ok:
		return Silent
	case draw > limit.ScaleUp(overdraw):
		return Exceeds
	}
	return Held
}

// Worst is what a GPU must be reckoned with in the worst case: the highest of what it
// was last seen to draw, of the limits in force and on their way, and of its boot
// default, since no limit set by software survives a reload of the driver. It is
// false while nothing bounds it: neither a default nor a highest limit is known.
//
// Source: docs/formula/gpu.md.
func Worst(r Reading, onTheWay ...unit.Power) (unit.Power, bool) {
	worst := max(r.Draw, r.Limit, r.Default)
	for _, p := range onTheWay {
		worst = max(worst, p)
	}
	if !r.Has.Default {
		worst = max(worst, r.Max)
	}
	return worst, r.Has.Default || r.Has.Range
}
