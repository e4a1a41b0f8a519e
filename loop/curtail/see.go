package curtail

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

func settingOf(node string, uuids []string, limit unit.Power, epoch int64) gpu.Setting {
	return gpu.Setting{Node: node, UUIDs: uuids, Limit: limit, Epoch: epoch}
}

// see compares the acts with the last look: what is done, what was undone by
// somebody, what goes on where it should not.
func (c *core) see() {
	for i := len(c.st.Acts) - 1; i >= 0; i-- {
		a := &c.st.Acts[i]
		switch a.Lever {
		case shed.Evict:
			c.seeEviction(i)
		case shed.Cap:
			c.seeLimit(i)
		case shed.Off:
			c.seeNode(a)
		case shed.Hold:
		}
	}
	c.seeLifts()
	c.seeHolds()
	c.seeWithheld()
	c.seePower()
}

func (c *core) seeEviction(i int) {
	a := &c.st.Acts[i]
	w, known := c.sv.where[a.Item]
	switch {
	case !known || !running(c.sv.jobs[w].Job):
		if a.Stage == Meant || a.Stage == Warned {
			c.drop(i) // it ended by itself before it was evicted
			return
		}
		if !known { // it ended: nothing is left to restore
			c.drop(i)
			return
		}
		if a.Stage != Seen || !a.Ran {
			a.Stage, a.Ran = Seen, true
			delete(c.st.Waiting, a.Seq)
			delete(c.st.Waiting, a.WarnSeq)
			c.well(IgnoresSignals, a.Item)
			c.well(CameBack, a.Item)
			c.dirty = true
		}
	case a.Ran && c.sv.jobs[w].State == engine.Running:
		// It was away and runs: somebody started it. It goes again.
		c.trouble(CameBack, a.Item)
		a.Ran, a.Stage, a.SentAt = false, Sent, c.now
		a.Seq = c.nextSeq() // a new eviction, not a repetition
		c.send(engine.Command{Seq: a.Seq, Verb: engine.Evict, Subject: a.Item}, time.Time{})
	case (a.Stage == Sent || a.Stage == Agreed) && c.now.After(a.SentAt.Add(c.graceOf(a)+c.cfg.Timing.Kill)):
		c.trouble(IgnoresSignals, a.Item)
	}
}

func (c *core) graceOf(a *Act) time.Duration {
	if i := c.cfg.tenancy(a.Contract); i >= 0 {
		return c.cfg.Tenancies[i].Contract.Grace
	}
	return 0
}

// seeLimit lifts the limit of a job that is gone, and sets one again that a node forgot.
func (c *core) seeLimit(i int) {
	a := &c.st.Acts[i]
	w, known := c.sv.where[a.Item]
	if !known || !running(c.sv.jobs[w].Job) || !c.sv.jobs[w].Started.Equal(a.Run) {
		if c.st.Phase == Idle || c.st.Phase == Releasing {
			c.lift(i)
		}
		return
	}
	if c.deeper(i) || len(a.UUIDs) > 0 { // one below it is in force, or the node has other jobs with limits of their own
		return
	}
	proven, lost := true, ""
	for _, n := range a.Nodes {
		at, ok := c.sv.places[n]
		if !ok || c.sv.seats[at].noLim || c.sv.seats[at].limit == 0 {
			proven = false
			continue
		}
		if c.sv.seats[at].limit > a.Limit {
			proven, lost = false, n
		}
	}
	switch {
	case proven:
		if a.Stage != Seen {
			a.Stage = Seen
			c.dirty = true
		}
		c.well(LimitLost, a.Item)
	case lost != "" && a.Stage == Seen:
		c.trouble(LimitLost, a.Item)
		c.again(a)
	case lost != "" && c.now.Sub(a.SentAt) >= c.cfg.Timing.Retry:
		c.again(a)
	}
}

func (c *core) again(a *Act) {
	c.limit(a, a.Limit)
	a.Stage, a.SentAt = Sent, c.now
}

// seeLifts ends the waiting for raised limits that readings show. A node that is not
// up forgets its limits by itself.
func (c *core) seeLifts() {
	c.st.Lifts = slices.DeleteFunc(c.st.Lifts, func(l Lift) bool {
		at, ok := c.sv.places[l.Node]
		if !ok || c.sv.seats[at].node.State != engine.NodeUp && c.sv.seats[at].node.State != engine.NodeDraining {
			return true
		}
		p := &c.sv.seats[at]
		want := l.Limit
		if want == 0 && p.group != nil {
			want = p.group.Model.TDP
		}
		if len(l.UUIDs) > 0 || p.noLim || p.low <= 0 || p.low < want {
			return false
		}
		c.confirmed(l)
		return true
	})
}

// deeper reports whether a later act holds the same job lower.
func (c *core) deeper(i int) bool {
	for k := i + 1; k < len(c.st.Acts); k++ {
		if b := &c.st.Acts[k]; b.Item == c.st.Acts[i].Item && b.Lever == shed.Cap {
			return true
		}
	}
	return false
}

// lift sets the nodes of a job that is gone back to their default limit, unless
// another job of ours runs there under a limit.
func (c *core) lift(i int) {
	a := c.st.Acts[i]
	a.Nodes = append([]string(nil), a.Nodes...)
	keep := a.Nodes[:0]
	for _, n := range a.Nodes {
		if len(a.UUIDs) > 0 || !c.limited(n, a.Item) {
			keep = append(keep, n)
		}
	}
	a.Nodes = keep
	c.limit(&a, 0)
	c.lifted(&a, 0, 0)
	c.drop(i)
}

func (c *core) limited(node, but string) bool {
	for i := range c.st.Acts {
		b := &c.st.Acts[i]
		if w, ok := c.sv.where[b.Item]; b.Lever != shed.Cap || b.Item == but || !ok || !running(c.sv.jobs[w].Job) || !c.sv.jobs[w].Started.Equal(b.Run) {
			continue
		}
		if slices.Contains(b.Nodes, node) {
			return true
		}
	}
	return false
}

func (c *core) seeNode(a *Act) {
	at, ok := c.sv.places[a.Item]
	if !ok {
		return
	}
	switch s := c.sv.seats[at].node.State; {
	case s == engine.NodeOff || s == engine.NodeLeaving || s == engine.NodeDown:
		if a.Stage != Seen {
			a.Stage = Seen
			delete(c.st.Waiting, a.Seq)
			c.well(NodeStaysOn, a.Item)
			c.dirty = true
		}
	case c.now.Sub(a.SentAt) > 2*c.cfg.Timing.Off:
		c.trouble(NodeStaysOn, a.Item)
	}
}

// seeHolds closes queues again that somebody opened.
func (c *core) seeHolds() {
	for i := range c.sv.view.Queues {
		q := &c.sv.view.Queues[i]
		seq, ours := c.st.Held[q.Name]
		if !ours {
			continue
		}
		if q.Held {
			delete(c.st.Waiting, seq)
			c.well(HoldLost, q.Name)
			continue
		}
		if _, waits := c.st.Waiting[seq]; waits {
			continue
		}
		c.trouble(HoldLost, q.Name)
		c.st.Held[q.Name] = c.nextSeq()
		c.send(engine.Command{Seq: c.st.Held[q.Name], Verb: engine.Hold, Subject: q.Name}, time.Time{})
	}
}

// seeWithheld withholds watts again that the engine let go of: an order of ours that
// ends by itself would end upwards.
func (c *core) seeWithheld() {
	w := c.sv.view.Watts
	if c.st.Withheld == 0 || !w.Known || c.forgetsHold {
		c.well(WithheldLost, c.cfg.Hall)
		return
	}
	if _, waits := c.st.Waiting[c.st.WithSeq]; waits {
		return
	}
	if w.Withheld >= c.st.Withheld {
		c.well(WithheldLost, c.cfg.Hall)
		return
	}
	c.trouble(WithheldLost, c.cfg.Hall)
	p := c.st.Withheld
	c.st.Withheld = 0
	c.withhold(p)
}

// seePower names nodes whose busy GPUs do not state their power.
func (c *core) seePower() {
	for i := range c.sv.seats {
		p := &c.sv.seats[i]
		if p.node.State == engine.NodeUp && p.node.Busy > 0 && p.known < p.node.GPUs {
			c.trouble(NoPower, p.node.Name)
		} else if len(c.st.Troubles) > 0 {
			c.well(NoPower, p.node.Name)
		}
	}
}
