package gpu

import (
	"cmp"
	"slices"
	"time"

	"sluice/unit"
)

// Rack is GPUs of one model that a trial may take, and what their tenants allow.
type Rack struct {
	Name      string
	Class     Class
	GPUs      int
	Draw      unit.Power // of one GPU in the mean of the last minutes
	Allowance unit.Ratio // slowdown that its contracts still allow, as a share of speed
	Protected bool       // a tenant of it takes part in no trial
}

// Ask is what a trial is planned from: one curve and the racks it is for.
type Ask struct {
	Curve    Curve
	Min      unit.Power // lowest limit that the GPUs take
	Seen     unit.Power // lowest limit seen on site for the model; 0: none below the full one
	Approved unit.Power // lowest limit that an operator approved for trials; 0: none
	Running  bool       // a trial goes on
	Racks    []Rack
}

// Trial is one limit, one step lower than any before, tried on one rack.
type Trial struct {
	Rack     string
	Limit    unit.Power
	Before   unit.Power // lowest limit until now, to which it returns
	For      time.Duration
	Slowdown unit.Ratio // to be expected, by the careful figure
	Slowest  unit.Ratio // speed below which the trial must end
}

// NoTrial says why there is none.
type NoTrial string

// The reasons.
const (
	TrialGoesOn   NoTrial = "trial_goes_on"    // one rack and one step at a time
	RangeUnknown  NoTrial = "range_unknown"    // the full or the lowest limit is not known
	TrialAtLowest NoTrial = "at_lowest"        // no full step is left above the lowest limit
	TrialAtKnee   NoTrial = "at_knee"          // below lies what was measured to waste energy
	NotApproved   NoTrial = "not_approved"     // no operator approved a limit that low
	NoRack        NoTrial = "no_rack_may_bear" // protected, idle, another class, or beyond its allowance
)

// trialStep is the least step of a trial, as a share of the range of limits.
const trialStep = unit.One / 20

// PlanTrial plans the next step of learning: the lowest limit seen on site less a
// twentieth of the range, rounded up, on the rack with the fewest GPUs whose tenants
// allow it. An empty reason means that there is a trial. It never goes below a knee
// that was seen with points beneath it; a knee that is an assumption, or only the end
// of what was tried, may be passed where an operator approved it.
//
// Source: docs/formula/gpu.md.
func PlanTrial(a Ask) (Trial, NoTrial) {
	c := a.Curve
	if a.Running {
		return Trial{}, TrialGoesOn
	}
	if c.Full <= 0 || a.Min <= 0 || a.Min >= c.Full || len(c.Points) == 0 {
		return Trial{}, RangeUnknown
	}
	before := c.Full
	if a.Seen > 0 {
		before = min(before, a.Seen)
	}
	limit := before - (c.Full - a.Min).ScaleUp(trialStep)
	knee := c.Knee()
	switch {
	case limit < a.Min:
		return Trial{}, TrialAtLowest
	case c.Standing != Assumed && knee+1 < len(c.Points) && limit < c.Points[knee].Limit:
		return Trial{}, TrialAtKnee
	case a.Approved <= 0 || limit < a.Approved:
		return Trial{}, NotApproved
	}
	rack, ok := a.rack(limit)
	if !ok {
		return Trial{}, NoRack
	}
	return Trial{
		Rack: rack.Name, Limit: limit, Before: before, For: TrialTime,
		Slowdown: unit.One - c.Careful(limit, rack.Draw), Slowest: unit.One - rack.Allowance,
	}, ""
}

// rack is the smallest that may bear a limit. One that draws less than the limit
// would show nothing.
func (a Ask) rack(limit unit.Power) (Rack, bool) {
	fit := slices.DeleteFunc(slices.Clone(a.Racks), func(r Rack) bool {
		return r.Protected || r.GPUs <= 0 || r.Class != a.Curve.Class || r.Draw <= limit || unit.One-a.Curve.Careful(limit, r.Draw) > r.Allowance
	})
	if len(fit) == 0 {
		return Rack{}, false
	}
	return slices.MinFunc(fit, func(x, y Rack) int {
		return cmp.Or(cmp.Compare(x.GPUs, y.GPUs), cmp.Compare(x.Name, y.Name))
	}), true
}

// Course is how a trial stands.
type Course string

// The courses.
const (
	TrialOn   Course = "on"   // go on
	TrialStop Course = "stop" // it slows down more than its tenants allow: put the limit back now
	TrialDone Course = "done" // it stood long enough: keep what was seen and put the limit back
)

// Judge says how a trial stands after so long with such a speed; a speed of 0 is not
// known, and a trial that nobody can judge ends with its time.
func (t Trial) Judge(passed time.Duration, speed unit.Ratio) Course {
	switch {
	case speed > 0 && speed < t.Slowest:
		return TrialStop
	case passed >= t.For:
		return TrialDone
	}
	return TrialOn
}
