package commission

import (
	"fmt"
	"time"

	"sluice/device"
	"sluice/unit"
)

// follow watches what an order does until the machine is steady where it was
// sent, or until there was time enough.
func (t *Trial) follow(g leg) {
	v, still := t.window()
	v.level = g.level
	effect := v.to > 0 && t.effect(g, v)
	if effect && still && t.ready(g, v) {
		v.settled = t.settling(v)
		t.close(g, v)
		return
	}
	gone := t.now - t.order.first
	repeatable := g.step == Sleeping || g.step == Levelled
	switch {
	case gone > g.bound:
		t.overdue(g, v, effect)
	case repeatable && !effect && !t.order.again && gone > g.bound/2:
		t.order.again = true
		t.send(g.command, false) // said yes and did nothing: once more, then it is believed
	}
}

// effect reports whether a window shows what the order asked for.
func (t *Trial) effect(g leg, v visit) bool {
	switch g.step {
	case Sleeping:
		return t.asleep(v)
	case Waking, FastWake, Rebooted:
		return t.back(g, v)
	case Levelled:
		return t.held(g, v)
	case Baseline, GiveBack:
	}
	return false
}

// asleep wants at least half of what the machine draws gone, or where nobody
// knows how much that is, three times the resolution. Without a meter its own
// watts must be those of a sleeper, and it must say that it sleeps.
func (t *Trial) asleep(v visit) bool {
	if !t.plan.Meter.Given || t.trustWord {
		last := t.glances[len(t.glances)-1]
		return v.stated.Known && int64(v.stated.Value) <= max(150, t.size/10) && last.ok && last.asleep
	}
	if t.size == 0 {
		return t.depth(v) > 3*int64(t.resolution)
	}
	return t.depth(v) >= t.size/2
}

// back wants nine tenths of the power and of the hash rate found, as far as the
// machine states them, else of the power by meter. After a restart from a low
// level it wants a machine that works, wherever it stands.
func (t *Trial) back(g leg, v visit) bool {
	if works, _ := t.worked(v); !works {
		return false
	}
	if g.step == Rebooted && len(t.visits) > 0 {
		return true
	}
	f := t.learnt.found
	known := false
	if f.hash.Known && v.hash.Known {
		if known = true; v.hash.Value < f.hash.Value-f.hash.Value/10 {
			return false
		}
	}
	if f.stated.Known && v.stated.Known {
		if known = true; v.stated.Value < f.stated.Value-f.stated.Value/10 {
			return false
		}
	}
	return known || v.signal >= t.before.signal+t.learnt.lastDrop*9/10
}

// held wants at least half of the change against the level found that the labels
// promise, where they promise one that can be seen. Machines take some labels for
// the step below, so what is promised against the leg before is only waited for.
func (t *Trial) held(g leg, v visit) bool {
	if works, _ := t.worked(v); !works || g.fresh {
		return works
	}
	if half(t.promised(g.level, atFound), v.signal-t.ref.signal) {
		return t.now-t.order.first > min(g.bound/4, patienceMost) || half(t.promised(g.level, t.before.level), v.signal-t.before.signal)
	}
	return false
}

// patienceMost bounds the wait for a change that a label promises against the
// level before it.
const patienceMost = 5 * time.Minute

// half reports whether at least half of what was promised came.
func half(want, got int64) bool {
	if want < 0 {
		want, got = -want, -got
	}
	return want == 0 || got >= want/2
}

// promised is by how much one level should draw more than another by their
// labels; 0: nothing that could be told from nothing.
func (t *Trial) promised(to, from int) int64 {
	a, b := t.power(to), t.power(from)
	if d := int64(a - b); a > 0 && b > 0 && abs(d) > 2*int64(t.slack()) {
		return d
	}
	return 0
}

// power is the label of a level in watts; 0: it has none. A limit above what the
// machine draws changes nothing, so the level found counts at what it draws.
func (t *Trial) power(level int) unit.Power {
	p := t.found.Power
	if level >= 0 {
		p = t.tried[level].Power
	}
	limit := t.plan.Can.Level == device.Watts || t.plan.Can.Level == device.Percent
	if limit && t.size > 0 && p > 0 {
		return min(p, unit.Power(t.size))
	}
	return p
}

// ready adds to the effect that the machine works and stands still by its own word.
func (t *Trial) ready(g leg, v visit) bool {
	if g.step == Sleeping {
		return true
	}
	works, still := t.worked(v)
	return works && still
}

// close takes what a leg showed, and judges its round where it ends.
func (t *Trial) close(g leg, v visit) {
	t.finish(g.step, t.name(g), v, v.settled)
	if g.level == atFound && g.step != Sleeping && g.step != Rebooted {
		t.restore.clean(g.step)
	}
	if g.step == Rebooted {
		t.restore.sleep = false // it works; at which level is another matter
	}
	if g.fresh {
		if t.suspect != "" && !t.moved(t.ref, v) {
			t.end(Disobeys, t.suspect) // nothing else moved, so nothing hid what it did
			return
		}
		t.suspect, t.ref = "", v
		t.next()
		return
	}
	for _, u := range t.visits {
		if g.step == Levelled && u.level == v.level && v.level >= 0 && t.moved(u, v) {
			t.anew(fmt.Sprintf("level %s drew %d W on the way down and %d W on the way up", t.name(g), u.signal, v.signal), false)
			return
		}
	}
	if g.last && t.moved(t.ref, v) {
		ref := t.ref
		t.ref = v
		t.anew(fmt.Sprintf("the meter showed %d W before and %d W after, with the machine at one level", ref.signal, v.signal), true)
		return
	}
	t.learn(g, v)
	t.visits = append(t.visits, v)
	if g.last {
		t.learnt.rounds(t, v)
		t.ref = v
	}
	t.next()
}

// overdue judges a leg whose time is up.
func (t *Trial) overdue(g leg, v visit, effect bool) {
	late := g.bound.Round(time.Second)
	switch {
	case effect && g.step != Sleeping && t.moving(v):
		if g.level >= 0 {
			t.drop(g, fmt.Sprintf("level %s did not settle within %v", t.name(g), late))
			return
		}
		t.end(WakeFailed, fmt.Sprintf("its power still moves after %v: look at its boards and its tuner", late))
	case effect && g.step == Rebooted:
		t.end(Restless, fmt.Sprintf("the meter did not come to rest within %v of the restart", late))
	case effect:
		t.anew(fmt.Sprintf("the meter did not come to rest within %v of %s", late, g.step), false)
	case g.step == Sleeping:
		t.doubt(v, fmt.Sprintf("it was told twice to sleep, answered %q, and no fall of its power was seen within %v: count it as drawing its full power", t.order.ack.Class, late))
	case g.step == Levelled && g.level >= 0:
		t.doubt(v, fmt.Sprintf("it was told twice to take level %s, answered %q, and its power did not follow within %v", t.name(g), t.order.ack.Class, late))
	default:
		t.end(WakeFailed, t.stage(late))
	}
}

// doubt deals with an order that had no effect on the meter. Where the machine
// says so itself, or is alone on its meter, it does not obey. Otherwise other load
// may have risen by as much at the same time: the machine goes back to the level
// found, and if the meter shows there what it showed before, nothing moved.
func (t *Trial) doubt(v visit, why string) {
	says := t.before.stated.Known && v.stated.Known && abs(int64(v.stated.Value-t.before.stated.Value)) <= max(int64(t.slack()), t.size/20)
	if !t.plan.Meter.Given || t.plan.Meter.Dedicated || says {
		t.end(Disobeys, why)
		return
	}
	t.suspect = why
	t.anew("the meter did not follow an order, and other load may have hidden it", false)
}

// moving reports whether the machine says itself that it is not steady.
func (t *Trial) moving(v visit) bool {
	works, still := t.worked(v)
	return !works || !still
}

// stage says how far a wake came, and what to do.
func (t *Trial) stage(late time.Duration) string {
	n := len(t.glances)
	if n == 0 || t.glances[n-1].at < t.order.sent {
		return fmt.Sprintf("nothing was heard of it for %v: look at its network and its supply", late)
	}
	g, v := t.glances[n-1], t.look(t.now-t.plan.Limits.Window, t.now)
	f := t.learnt.found
	switch {
	case !g.ok:
		return fmt.Sprintf("it does not answer %v after the wake: wake it again, then cut its power for a minute, then look at its control board", late)
	case g.stopped:
		return "it says that a fault stopped it: sluice device test shows its codes"
	case g.asleep:
		return fmt.Sprintf("it still sleeps after %v: wake it again; if that fails, restart it", late)
	case !v.hash.Known || v.hash.Value == 0:
		return fmt.Sprintf("it answers and does not hash after %v: look at its pools and its boards", late)
	case f.hash.Known && f.hash.Value > 0:
		return fmt.Sprintf("it runs at %d %% of the hash rate found after %v: a board may be missing; restart it", 100*int64(v.hash.Value)/int64(f.hash.Value), late)
	}
	return fmt.Sprintf("it does not draw what it drew after %v: look at its boards", late)
}
