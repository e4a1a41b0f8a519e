package live

import (
	"encoding/json"
	"fmt"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/use/mining"
)

// rig is what a group's machines are.
type rig = *mining.Rig

// points are the operating points of one machine of a rig, rising.
func points(r rig) []unit.Power {
	var out []unit.Power
	for _, s := range r.Steps() {
		out = append(out, s.To.Power)
	}
	return out
}

// kept is the body of an order's record: what is needed to take up after a
// restart, and to give a machine back what it had.
type kept struct {
	Target unit.Power    `json:"target_w"`
	Ceil   unit.Power    `json:"ceil_w"`
	Cause  actuate.Cause `json:"cause"`
	Verb   device.Verb   `json:"verb,omitempty"` // empty: it was there already
	Mode   string        `json:"mode,omitempty"`
	Found  string        `json:"found_mode,omitempty"`
	Wakes  bool          `json:"wakes,omitempty"`  // it slept on our order
	Idled  bool          `json:"idled,omitempty"`  // a plan put it to sleep last
	Starts []time.Time   `json:"starts,omitempty"` // after that, in the last day
}

// proof is the body of a receipt: the setpoint at which a machine was seen.
type proof struct {
	Setpoint unit.Power `json:"setpoint_w"`
	Power    unit.Power `json:"power_w"`
	Stated   bool       `json:"power_stated"`
}

// knockPause is how long a raise waits before it is said again to a machine that
// said no: some lock out whoever knocks too often.
const knockPause = 10 * time.Minute

// send turns an order of the kernel into one for the machine. What stands there
// already is not told again; the kernel hears a yes and waits for the proof.
func (c *Core) send(x actuate.Send) {
	m := &c.machines[x.Unit]
	if m.Twin != "" && !c.stopped {
		return // counted, and never commanded but by a stop
	}
	if x.Cause == actuate.ForRetry && x.Raise && m.trouble.ofAnswers() && c.now.Sub(m.knocked) < knockPause {
		return
	}
	m.knocked = c.now
	c.calledBack(x.Unit)
	if c.kernel.Unit(x.Unit).Foreign { // a restart would take our own order for the reason why it sleeps
		c.trouble(x.Unit, SleptByOther)
	}
	if !m.proving || m.target != x.Target {
		m.ordered = c.now
	}
	m.target, m.proving = x.Target, true
	m.next = c.now.Add(time.Second) // the proof is wanted soon
	command, needed := m.ladder.command(m.last, x.Target, m.found)
	if x.Cause != actuate.ForStop && !needed && m.ever {
		c.counts.Already++
		if r := c.orderRecord(x, device.Command{}); r.Key != "" {
			c.out = append(c.out, Keep{Record: r})
		}
		c.step(actuate.Answered{Unit: x.Unit, Epoch: x.Epoch, Class: device.Accepted})
		return
	}
	if !needed {
		command = device.Command{Verb: device.Sleep}
	}
	if command.Verb == device.Sleep && m.last.Mode.Known {
		if sleeps, _ := asleep(m.last); !sleeps {
			m.found = m.last.Mode.Value
		}
	}
	c.counts.Orders++
	if x.Raise {
		c.counts.Raises++
	}
	c.out = append(c.out, Order{
		Machine: x.Unit, Epoch: x.Epoch, Command: command, Cause: x.Cause, Raise: x.Raise, AtOnce: c.stopped && x.Target == 0,
		Weight: max(0, m.power()-x.Target), Record: c.orderRecord(x, command),
	})
}

// orderRecord is an order as it is kept. A retry carries that of the order which
// it repeats: nobody here knows whether it was kept. It is empty for an order of
// an earlier run, which is known from its record.
func (c *Core) orderRecord(x actuate.Send, d device.Command) sqlite.Record {
	m := &c.machines[x.Unit]
	if x.Cause == actuate.ForRetry {
		if m.record.Epoch == sqlite.Epoch(x.Epoch) {
			return m.record
		}
		return sqlite.Record{}
	}
	body := kept{Target: x.Target, Ceil: max(x.Target, m.ladder.most()), Cause: x.Cause, Verb: d.Verb, Mode: d.Mode, Found: m.found}
	v := c.kernel.Unit(x.Unit)
	body.Idled, body.Wakes = v.Idled, v.Wakes
	for _, at := range v.Starts {
		body.Starts = append(body.Starts, c.cfg.Begin.Add(at))
	}
	e := sqlite.Epoch(x.Epoch)
	m.record = c.record(sqlite.Order, "order/"+m.Name()+"/"+e.String(), m.Name(), e, body)
	return m.record
}

// record is a record of now.
func (c *Core) record(k sqlite.Kind, key, subject string, e sqlite.Epoch, body any) sqlite.Record {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("record %s: %v", key, err)) // our own plain data
	}
	return sqlite.Record{Site: c.cfg.Site.Name, Kind: k, Key: key, Subject: subject, At: c.now, Epoch: e, Body: text}
}

// answer takes what a machine said to an order.
func (c *Core) answer(e Answered) {
	m := &c.machines[e.Machine]
	c.counts.Answers[e.Ack.Class]++
	m.said = reply{epoch: e.Epoch, class: e.Ack.Class, reason: e.Ack.Reason, text: e.Ack.Text, at: c.now}
	if t := troubleOf(e.Ack); t != Fine {
		c.trouble(e.Machine, t)
	} else if e.Ack.Class == device.Accepted && m.trouble.ofAnswers() {
		c.trouble(e.Machine, Fine)
	}
	m.next = c.now.Add(time.Second)
	c.step(actuate.Answered{Unit: e.Machine, Epoch: e.Epoch, Class: e.Ack.Class})
}

// ofAnswers reports whether a trouble ends when the machine says yes again.
func (t Trouble) ofAnswers() bool {
	switch t {
	case WrongPassword, WritesLocked, HeldByOther, ClockSkew, Garbled, Unsupported:
		return true
	case Fine, NeverFound, SilentMachine, NoObedience, Replaced, Duplicate, SleptByOther, LockedOut, OtherPool, Drifts, Liar, Contended, NoWork:
	}
	return false
}

// proven keeps the proof of an order.
func (c *Core) proven(x actuate.Proof) {
	m := &c.machines[x.Unit]
	m.proving = false
	if x.Setpoint > 0 && m.on.Before(m.off) || m.on.IsZero() && x.Setpoint > 0 {
		m.on = c.now
	} else if x.Setpoint == 0 && !m.off.After(m.on) {
		m.off = c.now
	}
	c.counts.Proofs++
	e := sqlite.Epoch(x.Epoch)
	body := proof{Setpoint: x.Setpoint, Power: m.last.Power.Value, Stated: m.last.Power.Known}
	r := c.record(sqlite.Receipt, "proof/"+m.Name()+"/"+e.String(), m.Name(), sqlite.Epoch{}, struct {
		proof
		Epoch sqlite.Epoch `json:"epoch"`
	}{body, e})
	c.out = append(c.out, Keep{Record: r})
}

// refused notes why a machine, or the whole site, does not move.
func (c *Core) refused(x actuate.Refusal) {
	if x.Unit < 0 {
		c.refusals[x.Code]++
		return
	}
	if x.Code == actuate.NotOurs {
		c.trouble(x.Unit, SleptByOther)
	}
	if x.Code == actuate.LockedCode {
		c.trouble(x.Unit, LockedOut)
	}
}

// alarmed carries an alarm of the kernel on.
func (c *Core) alarmed(x actuate.Alarm) {
	text := siteAlarm(x.Code)
	if x.Code == actuate.NotReached || x.Code == actuate.NoEffect {
		c.counts.Missed++
	}
	if x.Unit >= 0 {
		if t := refusedAs(x.Code); t != Fine {
			if m := &c.machines[x.Unit]; x.Code != actuate.NotReached || m.trouble == Fine && m.lost > 0 && !m.waking(c.now) {
				c.trouble(x.Unit, t) // what it said itself tells more than its silence
			}
			return
		}
		text = c.machines[x.Unit].Name()
	}
	c.out = append(c.out, Alarm{Machine: x.Unit, Code: string(x.Code), Text: text})
}

// trouble enters the state of a machine, keeps it and tells of it, once for each change.
func (c *Core) trouble(i int, t Trouble) {
	m := &c.machines[i]
	if m.trouble == t || c.lasts(i) && !t.lasting() {
		return
	}
	was := m.trouble
	m.trouble, m.since = t, c.now
	c.touch(i)
	if was == NeverFound && t == Fine {
		return
	}
	key := c.key("trouble", m.Name())
	c.out = append(c.out, Keep{Record: c.record(sqlite.Trouble, key, m.Name(), sqlite.Epoch{}, struct {
		Code   Trouble `json:"code"`
		Before Trouble `json:"before"`
		Remedy string  `json:"remedy,omitempty"`
	}{t, was, t.Remedy()})})
	if t != Fine {
		c.out = append(c.out, Alarm{Machine: i, Code: string(t), Text: m.Name() + ": " + t.Remedy()})
	}
}
