package commission

import (
	"time"

	"sluice/device"
	"sluice/unit"
)

// visit is one window in which the machine was steady.
type visit struct {
	from, to time.Duration
	signal   int64 // mean of what the trial measures with
	metered  device.Value[unit.Power]
	stated   device.Value[unit.Power]
	hash     device.Value[unit.Hashrate]
	settled  time.Duration // from the order until the signal stayed where it is
	level    int
}

// look takes the means of a window.
func (t *Trial) look(from, to time.Duration) visit {
	v := visit{from: from, to: to, level: atFound}
	v.signal, _ = t.signal().within(from, to).mean()
	if m, ok := t.meter.within(from, to).mean(); ok {
		v.metered = device.Value[unit.Power]{Value: unit.Power(m), Known: true, Source: device.FromMeter}
	}
	if m, ok := t.stated.within(from, to).mean(); ok {
		v.stated = device.Stated(unit.Power(m))
	}
	if m, ok := t.hash.within(from, to).mean(); ok {
		v.hash = device.Stated(unit.Hashrate(m))
	}
	return v
}

// window is the newest window after the order, when its samples are dense enough,
// and whether it is at rest: its two halves agree, and it agrees with the window
// before, so that no tail of a ramp is taken for a level.
func (t *Trial) window() (visit, bool) {
	w := t.plan.Limits.Window
	from := t.now - w
	if from < t.order.answered || from < t.order.sent {
		return visit{}, false
	}
	s := t.signal().within(from, t.now)
	if len(s) < 4 || s.gap(from, t.now) > w/2 {
		return visit{}, false
	}
	rest := from-w >= t.order.answered && s.still(from, t.now, t.slack()) && t.signal().still(from-w, t.now, t.slack())
	return t.look(from, t.now), rest
}

// worked reports whether the machine answered and worked during the whole of a
// window, and whether its own power stood still in it.
func (t *Trial) worked(v visit) (works, still bool) {
	n := 0
	for i := len(t.glances) - 1; i >= 0 && t.glances[i].at > v.from; i-- {
		if g := t.glances[i]; !g.ok || !g.working {
			return false, false
		}
		n++
	}
	s := t.stated.within(v.from, v.to)
	return n >= 2, len(s) == 0 || s.still(v.from, v.to, max(t.slack(), unit.Power(t.size/50)))
}

// course is the signal from an order to a window at rest, smoothed by the shortest
// running median under which the window stays within the band around its mean, and
// that band: the slack, or a fiftieth of what the machine draws. On a feeder too
// noisy for the longest median the band is as wide as the noise.
func (t *Trial) course(v visit) (trace, int64) {
	band := max(int64(t.slack()), t.size/50)
	all := t.signal().within(t.order.first, v.to)
	from := v.from - (v.to-v.from)/2
	wobble := int64(0)
	for _, reach := range []int{2, 5, 10, 20} {
		s := all.smooth(reach)
		wobble = 0
		for _, x := range s.within(from, v.to) {
			wobble = max(wobble, abs(x.v-v.signal))
		}
		if wobble <= band {
			return s, band
		}
	}
	return all.smooth(20), wobble
}

// settling is how long after its order the signal last lay outside the band
// around where it settled.
func (t *Trial) settling(v visit) time.Duration {
	s, band := t.course(v)
	at, ok := s.since(func(p int64) bool { return abs(p-v.signal) <= band })
	if !ok {
		at = v.to
	}
	return at - t.order.first
}

// finish tells people what a step showed.
func (t *Trial) finish(s Step, level string, v visit, took time.Duration) {
	t.out = append(t.out, Finished{Step: s, Level: level, Took: took, Metered: v.metered, Stated: v.stated, Hash: v.hash})
}

// moved reports whether other load moved between two visits at one level: by how
// far the signal came back to another place, less what the machine itself says
// that it draws differently.
func (t *Trial) moved(a, b visit) bool {
	if !t.plan.Meter.Given || t.believeAll {
		return false // nobody else is in the signal
	}
	d := b.signal - a.signal
	if a.stated.Known && b.stated.Known {
		d -= int64(b.stated.Value - a.stated.Value)
	}
	return abs(d) > int64(t.slack())
}

// depth is by how much the signal fell since the round began at the level found.
func (t *Trial) depth(v visit) int64 { return t.ref.signal - v.signal }
