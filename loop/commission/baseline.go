package commission

import (
	"fmt"
	"time"

	"sluice/unit"
)

// baseline waits until the machine runs steadily as it was found and the meter is
// still enough, and takes the resolution from how restless it is.
func (t *Trial) baseline() {
	w := t.plan.Limits.Window
	from := t.now - batches*w
	ready, why := t.steady(from)
	if ready {
		means, ok := t.means(from)
		if !ok {
			ready, why = false, "too few samples: ask more often, or take a longer window"
		} else if r := resolution(means, t.plan.Meter.Step); t.fine(r) {
			t.open(r)
			return
		} else if t.now-t.began > 3*batches*w {
			t.end(TooCoarse, fmt.Sprintf("nothing below %s can be told apart on this meter, and the machine draws about %d W: meter it alone, wait for a quieter hour, or take a longer window", r, t.size))
			return
		}
	}
	if t.now-t.began > 3*batches*w && !ready {
		t.end(Unsteady, why)
	}
}

// steady reports whether the machine ran all the time and drew the same.
func (t *Trial) steady(from time.Duration) (bool, string) {
	if from < t.began {
		return false, "there was not time enough"
	}
	if !t.plan.Can.Sleep && len(t.tried) == 0 && !t.plan.Reboot {
		t.end(Impossible, "its firmware can neither sleep nor take another level that can be given back")
		return false, ""
	}
	seen := 0
	for _, g := range t.glances {
		switch {
		case g.at <= from:
		case !g.ok:
			return false, "it did not answer every time while it should have run steadily: look at its network"
		case g.asleep:
			return false, "it sleeps: wake it, and commission it when it has run for a while"
		case !g.working:
			return false, "it does not run steadily: commission it when it does"
		default:
			seen++
		}
	}
	s := t.stated.within(from, t.now)
	if mean, ok := s.mean(); ok {
		t.size = mean
		if !s.still(from, t.now, max(50, unit.Power(mean*3/100))) {
			return false, fmt.Sprintf("its own power still moves around %d W: let it run for a while", mean)
		}
	} else if m, ok := t.meter.within(from, t.now).mean(); ok && t.plan.Meter.Dedicated {
		t.size = m
	}
	return seen >= 2*batches || t.plan.Meter.Given && seen >= batches, "it was not read often enough"
}

// means are the means of the equal windows of the baseline.
func (t *Trial) means(from time.Duration) (out [batches]int64, ok bool) {
	w, s := t.plan.Limits.Window, t.signal()
	for i := range out {
		a := from + time.Duration(i)*w
		part := s.within(a, a+w)
		if len(part) < 4 || part.gap(a, a+w) > w/2 {
			return out, false
		}
		out[i], _ = part.mean()
	}
	return out, true
}

// fine reports whether a resolution is good for this machine: a tenth of its power.
func (t *Trial) fine(r unit.Power) bool { return t.size == 0 || int64(r) <= t.size/10 || t.believeAll }

// open ends the baseline.
func (t *Trial) open(r unit.Power) {
	t.resolution = r
	if t.believeAll {
		t.resolution = 1
	}
	t.ref = t.look(t.now-batches*t.plan.Limits.Window, t.now)
	t.learnt.found = t.ref
	t.finish(Baseline, "", t.ref, t.now-t.began)
}
