package commission

import (
	"fmt"
	"time"

	"sluice/device"
	"sluice/unit"
)

// restore gives back what was found. It is all that a trial does once it has ended.
type restore struct {
	sleep, level bool // may not be as found
	begun        bool
	since        time.Duration // when the giving back of the part at hand began
	tries        int
	fits         int    // readings in a row that show the part as it was found
	missing      string // what the last reading lacked
	failed       []string
}

// triesMost bounds how often an order to give back goes out that was heard.
const triesMost = 4

// proofReads is how many readings in a row prove that something is as it was.
const proofReads = 3

// touch notes what an order may have changed.
func (r *restore) touch(c device.Command) {
	switch c.Verb {
	case device.Sleep:
		r.sleep = true
	case device.SetPower, device.SetMode:
		r.level = true
	case device.Reboot: // which level and whether asleep it comes back nobody knows
		r.sleep, r.level = true, true
	case device.Wake, device.Locate:
	}
}

// clean notes that a leg proved the machine to be as it was found.
func (r *restore) clean(s Step) {
	r.sleep = false
	if s == Levelled {
		r.level = false
	}
}

// giveBack does what is due to give back, one part after the other.
func (t *Trial) giveBack() {
	r := &t.restore
	r.sleep = r.sleep && !t.forgetSleep && t.plan.Can.Wake
	r.level = r.level && !t.forgetLevel && t.able
	c, more := t.due()
	if !more {
		t.finishAll()
		return
	}
	if !r.begun {
		r.begun = true
		t.begin(GiveBack, t.found.Name, t.plan.Limits.Restore)
		t.part()
	}
	switch {
	case t.order.number == 0 || t.order.command != c:
		t.order = order{}
		t.give(c)
	case r.fits >= proofReads:
		t.given()
	case t.now-r.since > t.plan.Limits.Restore:
		t.fail(fmt.Sprintf("%s: not proven within %v: %s", words(c), t.plan.Limits.Restore.Round(time.Second), t.lack()))
	case !t.order.acted && t.now-t.order.sent >= t.order.wait:
		t.retry(c)
	case t.order.acted && t.now-t.order.sent > t.plan.Limits.Restore/triesMost && r.tries < triesMost && r.fits == 0:
		t.give(c)
	}
}

// due is the order that gives back what is not as found: awake first, because
// many machines take no level while they sleep.
func (t *Trial) due() (device.Command, bool) {
	switch {
	case t.restore.sleep:
		return t.plan.wake().command, true
	case t.restore.level:
		return t.found.Command, true
	}
	return device.Command{}, false
}

func (t *Trial) give(c device.Command) {
	t.restore.tries++
	t.restore.fits = 0
	t.send(c, true)
}

// part begins the next part.
func (t *Trial) part() {
	t.order = order{}
	t.restore.since, t.restore.tries, t.restore.fits, t.restore.missing = t.now, 0, 0, ""
}

// given notes that the part at hand was proven.
func (t *Trial) given() {
	if t.restore.sleep {
		t.restore.sleep = false
	} else {
		t.restore.level = false
	}
	t.part()
	t.giveBack()
}

// fail names a part that could not be given back and goes on with the next.
func (t *Trial) fail(why string) {
	t.restore.failed = append(t.restore.failed, why)
	t.given()
}

// retry asks once more where asking is safe, and gives up where it is useless.
func (t *Trial) retry(c device.Command) {
	switch a := t.order.ack; {
	case t.order.fatal():
		t.fail(fmt.Sprintf("%s: %s", words(c), a))
	default:
		wait := min(2*t.order.wait, 6*t.plan.Limits.Retry)
		t.send(c, true)
		t.order.wait = wait
	}
}

// lack is what keeps the part at hand from being proven.
func (t *Trial) lack() string {
	if t.restore.missing != "" {
		return t.restore.missing
	}
	if !t.order.acted {
		return t.order.ack.String()
	}
	return "it was not read after the order"
}

// see takes a reading as evidence. Only one that was asked for after the answer counts.
func (r *restore) see(t *Trial, e Read) {
	if !r.begun || t.order.number == 0 || t.order.flying || e.Asked <= t.order.answered {
		return
	}
	if r.missing = t.differs(e.Reading); r.missing == "" {
		r.fits++
		return
	}
	r.fits = 0
}

// differs says in what a reading is not as it was found, or nothing.
func (t *Trial) differs(r device.Reading) string {
	f := t.plan.Found
	switch {
	case r.Intent.Known && r.Intent.Value == device.Asleep || r.Activity.Value == device.Asleep:
		return "it says that it sleeps"
	case r.Activity.Value == device.Stopped:
		return "it says that a fault stopped it"
	case f.Hash.Known && f.Hash.Value > 0 && r.Hash.Known && r.Hash.Value == 0:
		return "it does not hash"
	}
	if t.restore.sleep && t.restore.level {
		return "" // its level comes next, and its power with it
	}
	if want := t.found.Command; t.restore.level {
		if want.Verb == device.SetMode && r.Mode.Known && r.Mode.Value != want.Mode {
			return fmt.Sprintf("it is at level %q instead of %q", r.Mode.Value, want.Mode)
		}
		if want.Verb == device.SetPower && r.Limit.Known && abs(int64(r.Limit.Value-want.Power)) > max(1, int64(t.plan.Can.Step)) {
			return fmt.Sprintf("its limit is %s instead of %s", r.Limit.Value, want.Power)
		}
	}
	return t.differsInPower(r)
}

// differsInPower compares what it draws, by its own word and by a meter of its own.
func (t *Trial) differsInPower(r device.Reading) string {
	off := func(is, was unit.Power) bool { return abs(int64(is-was)) > max(150, int64(was)/10) }
	f := t.plan.Found
	if f.Power.Known && r.Power.Known && off(r.Power.Value, f.Power.Value) {
		return fmt.Sprintf("it draws %s instead of %s", r.Power.Value, f.Power.Value)
	}
	if was := t.learnt.found.metered; t.plan.Meter.Dedicated && was.Known && len(t.meter) > 0 {
		if is := unit.Power(t.meter[len(t.meter)-1].v); off(is, was.Value) {
			return fmt.Sprintf("its meter shows %s instead of %s", is, was.Value)
		}
	}
	return ""
}

// words is an order to give back, for people.
func words(c device.Command) string {
	switch c.Verb {
	case device.Wake:
		return "wake it"
	case device.SetMode:
		return fmt.Sprintf("set level %q", c.Mode)
	case device.SetPower:
		return fmt.Sprintf("set at most %s", c.Power)
	case device.Sleep, device.Locate, device.Reboot:
	}
	return string(c.Verb)
}

// finishAll ends the trial.
func (t *Trial) finishAll() {
	t.over = true
	t.out = append(t.out, Done{t.record()})
}
