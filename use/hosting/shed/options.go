package shed

import (
	"time"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// Job is one job as far as taking its power costs something.
type Job struct {
	GPUs    int
	Draw    unit.Power    // of a GPU, measured over the last minutes
	Idle    unit.Power    // of a GPU with nothing to do; it stays when the job goes
	Rest    unit.Power    // of the server beside a GPU at work, which falls when the job stops; 0: nothing is claimed
	Ran     time.Duration // in its present run
	Unsaved time.Duration // since the last proven checkpoint; negative: none was ever proven
	Speed   unit.Ratio    // under the limit in force; 0: no limit
	Stopped bool          // the running event has evicted it: its work is lost already; Draw is what it drew
}

// Terms is what was agreed about a job, and what breaking into it costs.
type Terms struct {
	Price    unit.Amount   // of a GPU-hour
	Fixed    bool          // never evicted by an engine: colocation
	Warn     time.Duration // from warning to the engine's signal
	Grace    time.Duration // from that signal to the end
	Kill     time.Duration // until the watts have fallen after the end
	Limit    time.Duration // until the watts have fallen after a limit was set
	Restart  time.Duration // of the work after an eviction
	MinRun   time.Duration // a run is not evicted earlier
	Slowdown unit.Ratio    // agreed at most; 0: no limits
	Capping  time.Duration // of limits left in this month; negative: without end
	Shift    bool          // batch: work that waits costs nothing
	Credit   unit.Amount   // that falls due when the job is evicted
	Risk     unit.Amount   // of losing the tenant over it
}

// Limited is a level as one job feels it.
type Limited struct {
	Limit, Draw  unit.Power // of a GPU
	Speed, Least unit.Ratio
}

// TermsOf are the terms of a contract. Kill, Limit, MinRun, Credit and Shift are
// not in it: the engine, the site and the month know them.
func TermsOf(c hosting.Contract) Terms {
	t := Terms{
		Price: c.Price, Warn: c.Warn, Grace: c.Grace, Restart: c.Restart,
		Slowdown: c.Capping.Slowdown, Capping: c.Capping.Hours, Fixed: c.Kind == hosting.Colocation,
	}
	if c.Capping.Hours == 0 {
		t.Capping = -1
	}
	return t
}

// Firm reports whether the work of a contract is evicted only as a last resort.
// Flexible work is firm outside its terms, which the caller knows.
func Firm(k hosting.Kind) bool {
	switch k {
	case hosting.Spot, hosting.Batch, hosting.Flexible:
		return false
	case hosting.Colocation, hosting.Reserved, hosting.OnDemand:
		return true
	}
	return true
}

// Feel is how a job that draws so much without a limit feels the levels of a
// curve, highest limit first. A limit that is not below the draw saves nothing and
// is left out. Draw is the limit itself, which bounds it; no level lies below the knee.
//
// Source: docs/formula/shed.md.
func Feel(c gpu.Curve, draw unit.Power) []Limited {
	var out []Limited
	for _, l := range c.Levels() {
		if l.Limit >= draw || l.Limit <= 0 {
			continue
		}
		power, speed := c.Under(l.Limit, draw)
		out = append(out, Limited{Limit: l.Limit, Draw: power, Speed: speed, Least: min(speed, c.Careful(l.Limit, draw))})
	}
	return out
}

// Options are the things that may be done to a job within its terms and in time,
// each with what it saves and costs. levels are those that the job feels, falling.
//
// Formula: cap v k T (s0 - s), eviction v k (lost + restart + T) + credit + risk.
// Source: docs/formula/shed.md.
func Options(j Job, t Terms, levels []Limited, a Ask) []Option {
	var out []Option
	if j.GPUs <= 0 || j.Draw <= 0 {
		return nil
	}
	if !j.Stopped {
		out = j.caps(t, levels, a)
	}
	if o, ok := j.eviction(t, a); ok {
		out = append(out, o)
	}
	return out
}

// speed is how fast the job runs now.
func (j Job) speed() unit.Ratio {
	if j.Speed == 0 {
		return unit.One
	}
	return j.Speed
}

func (j Job) caps(t Terms, levels []Limited, a Ask) []Option {
	if t.Slowdown <= 0 || t.Limit > a.Within || t.Capping >= 0 && t.Capping < a.Hold {
		return nil
	}
	var out []Option
	draw, speed := j.Draw, j.speed()
	for _, l := range levels {
		if unit.One-l.Least > t.Slowdown {
			break
		}
		if l.Draw >= draw || l.Speed > speed {
			continue // in force already, or a deeper one saves no more
		}
		if beyondKnee(j.Draw, draw-l.Draw, speed-l.Speed) {
			break
		}
		lost := scale(a.Hold, j.speed()-l.Speed)
		if t.Shift {
			lost = 0
		}
		out = append(out, Option{
			Lever: Cap, Limit: l.Limit, Saved: unit.Power(j.GPUs) * (j.Draw - l.Draw),
			Cost: t.worth(j.GPUs, lost), Ready: t.Limit, Slow: unit.One - l.Speed,
		})
		draw, speed = l.Draw, l.Speed
	}
	return out
}

// beyondKnee reports whether a band costs at least as much speed, as a share, as
// it saves power: a watt taken there is dearer than one taken by stopping.
func beyondKnee(full, watts unit.Power, speed unit.Ratio) bool {
	return unit.MulDiv(int64(watts), int64(unit.One), int64(full)) <= int64(speed)
}

func (j Job) eviction(t Terms, a Ask) (Option, bool) {
	saved := unit.Power(j.GPUs) * (j.Draw - j.Idle + j.Rest)
	if t.Fixed || saved <= 0 {
		return Option{}, false
	}
	o := Option{Lever: Evict, Saved: saved, Ready: t.Warn + t.Grace + t.Kill}
	gone := scale(a.Hold, j.speed())
	if t.Shift {
		gone = 0
	}
	if j.Stopped { // what was lost is lost, whoever comes back
		o.Cost, o.Ready = t.worth(j.GPUs, gone), 0
		return o, true
	}
	if o.Ready > a.Within || j.Ran+t.Warn < t.MinRun {
		return Option{}, false
	}
	o.Cost = t.worth(j.GPUs, j.lost()+t.Restart+gone) + t.Credit + t.Risk
	return o, true
}

// lost is the work that an eviction destroys: a save that a warning may bring about is never counted on.
func (j Job) lost() time.Duration {
	if j.Unsaved < 0 {
		return j.Ran
	}
	return j.Unsaved
}

// worth is what GPUs earn in so much time.
func (t Terms) worth(gpus int, d time.Duration) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(t.Price)*int64(gpus), int64(d), int64(time.Hour)))
}

func scale(d time.Duration, r unit.Ratio) time.Duration {
	return time.Duration(unit.MulDiv(int64(d), int64(r), int64(unit.One)))
}
