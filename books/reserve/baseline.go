package reserve

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Method is how it is told what load would have been without an instruction.
type Method string

// The methods.
const (
	High    Method = "high"     // mean of those like days that drew most, such as 5 of 10
	Middle  Method = "middle"   // mean of like days without those that drew most and least, such as 8 of 10
	SameDay Method = "same-day" // mean of a stretch before the event, such as the hour before
	DropTo  Method = "drop-to"  // none: load goes down to a firm level, whatever it was
)

// Adjustment is how a baseline of other days is brought to the level of its own.
type Adjustment string

// The adjustments.
const (
	NoAdjustment Adjustment = ""
	Additive     Adjustment = "additive" // by as much power as the day is above or below
	Scalar       Adjustment = "scalar"   // by as large a share
)

// Baseline is the declared rule.
type Baseline struct {
	Method   Method
	Keep, Of int           // days, of High and Middle
	Within   int           // days that are looked back at most
	Like     bool          // working days for a working day, weekends for a weekend
	Level    unit.Power    // to which load can go down: of DropTo the firm level
	Begin    time.Duration // before the event: the stretch of SameDay and of an adjustment begins
	End      time.Duration // before the event: and ends
	Adjust   Adjustment
	Limit    unit.Ratio // of an adjustment, by share of the baseline
}

// ErrProgramme is the failure of a rule that cannot be followed.
var ErrProgramme = errors.New("no programme")

func (b Baseline) validate() error {
	var faults []error
	switch b.Method {
	case High, Middle:
		if b.Keep < 1 || b.Of < b.Keep || b.Within < b.Of || b.Within > 120 {
			faults = append(faults, fmt.Errorf("%d of %d days within %d: some of some, within 120", b.Keep, b.Of, b.Within))
		}
		if b.Method == Middle && (b.Of-b.Keep)%2 != 0 {
			faults = append(faults, fmt.Errorf("the middle %d of %d: as many are left out above as below", b.Keep, b.Of))
		}
	case SameDay, DropTo:
		if b.Adjust != NoAdjustment {
			faults = append(faults, fmt.Errorf("%s is not adjusted", b.Method))
		}
	default:
		faults = append(faults, fmt.Errorf("method %q is none of %s, %s, %s and %s", b.Method, High, Middle, SameDay, DropTo))
	}
	if b.looks() && (b.End < 0 || b.Begin <= b.End || b.Begin > 48*time.Hour || b.Begin%time.Second != 0 || b.End%time.Second != 0) {
		faults = append(faults, errors.New("the stretch before the event begins before it ends, at most two days ago, at whole seconds"))
	}
	if !slices.Contains([]Adjustment{NoAdjustment, Additive, Scalar}, b.Adjust) || b.Adjust != NoAdjustment && (b.Limit <= 0 || b.Limit > unit.One) {
		faults = append(faults, fmt.Errorf("adjustment %q by up to %d millionths: it is additive or scalar, and at most as much as the baseline", b.Adjust, b.Limit))
	}
	if b.Level < 0 || b.Level > powerMost {
		faults = append(faults, fmt.Errorf("a level of %s: it is not below zero and at most %s", b.Level, powerMost))
	}
	return errors.Join(faults...)
}

// looks reports whether the stretch before the event matters.
func (b Baseline) looks() bool { return b.Method == SameDay || b.Adjust != NoAdjustment }

// before is the stretch before an event that begins at an instant.
func (b Baseline) before(from int64) Span {
	return Span{from - int64(b.Begin/time.Second), from - int64(b.End/time.Second)}
}

// estimate tells what load would have been in a stretch of an event, in joules.
type estimate func(Span) int64

// estimate follows the rule for one event. taken are days that are not like others.
// False: meters do not know enough days, or not the stretch before.
func (p Programme) estimate(m Meter, event Deployment, taken map[string]bool) (estimate, bool) {
	b := p.Baseline
	switch b.Method {
	case DropTo:
		return func(s Span) int64 { return int64(b.Level+event.Power) * s.Seconds() }, true
	case SameDay:
		look := b.before(event.From)
		energy, known := m.over(look)
		return func(s Span) int64 { return unit.MulDiv(energy, s.Seconds(), look.Seconds()) }, known
	case High, Middle:
	}
	days := p.days(m, event, taken)
	if len(days) < b.Of {
		return nil, false
	}
	plain := b.kept(days).mean(m)
	if b.Adjust == NoAdjustment {
		return plain, true
	}
	look := b.before(event.From)
	is, known := m.over(look)
	return b.adjusted(plain, look, is), known
}

// day is a like day: by how many seconds it lies before the event, and what it drew
// over the stretch of the event.
type day struct{ shift, energy int64 }

// days are the like days before an event of which the meters know all that is
// needed, latest first.
func (p Programme) days(m Meter, event Deployment, taken map[string]bool) []day {
	var out []day
	at := time.Unix(event.From, 0).In(p.zone())
	for back := 1; back <= p.Baseline.Within && len(out) < p.Baseline.Of; back++ {
		that := time.Date(at.Year(), at.Month(), at.Day()-back, at.Hour(), at.Minute(), at.Second(), 0, at.Location())
		if taken[that.Format(time.DateOnly)] || p.Baseline.Like && weekend(that) != weekend(at) {
			continue
		}
		shift := event.From - that.Unix()
		energy, known := m.over(Span{event.From - shift, event.To - shift})
		if p.Baseline.Adjust != NoAdjustment {
			_, also := m.over(p.Baseline.before(event.From - shift))
			known = known && also
		}
		if known {
			out = append(out, day{shift, energy})
		}
	}
	return out
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// choice is the days that count.
type choice []day

// kept are those days that the method keeps; of days that drew the same the later
// one counts as more.
func (b Baseline) kept(days []day) choice {
	in := slices.Clone(days)
	slices.SortFunc(in, func(x, y day) int { return cmp.Or(cmp.Compare(y.energy, x.energy), cmp.Compare(x.shift, y.shift)) })
	if b.Method == Middle {
		in = in[(b.Of-b.Keep)/2:]
	}
	return in[:b.Keep]
}

// mean is the mean of the days at the same time of day.
func (c choice) mean(m Meter) estimate {
	return func(s Span) int64 {
		var sum int64
		for _, d := range c {
			energy, _ := m.over(Span{s.From - d.shift, s.To - d.shift}) // within what is known
			sum += energy
		}
		return unit.MulDiv(sum, 1, int64(len(c)))
	}
}

// adjusted brings a baseline to what the day drew before the event, within the
// limit, and never below zero.
func (b Baseline) adjusted(plain estimate, look Span, is int64) estimate {
	was := plain(look)
	most := unit.MulDiv(max(was, 0), int64(b.Limit), int64(unit.One))
	off := min(max(is-was, -most), most)
	return func(s Span) int64 {
		base := plain(s)
		if b.Adjust == Additive {
			return max(0, base+unit.MulDiv(off, s.Seconds(), look.Seconds()))
		}
		if was <= 0 {
			return max(0, base)
		}
		return max(0, base+unit.MulDiv(base, off, was))
	}
}
