package curtail

import (
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/use/hosting/shed"
)

// answered takes what the engine said. It ends the waiting, and nothing else: an
// answer is no proof.
func (c *core) answered(e engine.Answer) {
	if e.Event != c.st.Event {
		return
	}
	delete(c.st.Waiting, e.Seq)
	c.dirty = true
	c.well(Unreachable, c.cfg.Hall)
	a := c.actOf(e.Seq)
	c.st.Backs = slices.DeleteFunc(c.st.Backs, func(b Back) bool { return b.Seq == e.Seq })
	if !e.Done {
		c.refused(a)
		return
	}
	if a != nil {
		c.well(Refuses, a.Item)
		delete(c.st.Refused, a.Item)
		if a.Seq == e.Seq && a.Stage == Sent {
			a.Stage = Agreed
		}
	}
}

// refused takes that the engine will not: a job that cannot be warned is not
// evicted, and others are taken in its place.
func (c *core) refused(a *Act) {
	if a == nil {
		c.trouble(Refuses, c.cfg.Hall)
		return
	}
	item := a.Item
	if c.st.Refused == nil {
		c.st.Refused = map[string]time.Time{}
	}
	c.st.Refused[item] = c.now
	c.drop(slices.IndexFunc(c.st.Acts, func(b Act) bool { return b.Seq == a.Seq }))
	c.trouble(Refuses, item)
}

// actOf is the act to which a command belongs.
func (c *core) actOf(seq int) *Act {
	i := slices.IndexFunc(c.st.Acts, func(a Act) bool { return a.Seq == seq || a.WarnSeq == seq })
	if i < 0 || seq == 0 {
		return nil
	}
	return &c.st.Acts[i]
}

// failed takes that a command got no answer: it goes out again after a while.
func (c *core) failed(event string, seq int) {
	if _, waits := c.st.Waiting[seq]; event == c.st.Event && (waits || seq < 0 && len(c.st.Waiting) > 0) {
		c.trouble(Unreachable, c.cfg.Hall)
	}
}

// agentAnswered takes what the agent of a node said to the last limit.
func (c *core) agentAnswered(e gpu.Answer) {
	if e.Taken {
		c.st.Lifts = slices.DeleteFunc(c.st.Lifts, func(l Lift) bool {
			if l.Node != e.Node || len(l.UUIDs) == 0 {
				return false
			}
			c.confirmed(l)
			return true
		})
	}
	for i := range c.st.Acts {
		a := &c.st.Acts[i]
		if a.Lever != shed.Cap || !slices.Contains(a.Nodes, e.Node) {
			continue
		}
		if e.Taken {
			c.well(NodeRefuses, a.Item)
			if a.Stage == Sent {
				a.Stage = Agreed
				c.dirty = true
			}
			continue
		}
		if a.Stage == Sent {
			a.Due = c.now
			c.trouble(NodeRefuses, a.Item)
		}
	}
}

// retry sends commands again that nobody answered, under their old numbers, and
// evictions whose time has come.
func (c *core) retry() {
	for i := range c.st.Acts {
		a := &c.st.Acts[i]
		c.push(a)
		if _, waits := c.waits(a.Seq); waits && a.Stage == Sent {
			switch a.Lever {
			case shed.Evict:
				c.repeat(engine.Command{Seq: c.same(&a.Seq), Verb: engine.Evict, Subject: a.Item})
			case shed.Off:
				c.repeat(engine.Command{Seq: c.same(&a.Seq), Verb: engine.Off, Subject: a.Item})
			case shed.Cap, shed.Hold:
			}
		}
		if _, waits := c.waits(a.WarnSeq); waits && a.Stage == Warned {
			c.warnAgain(a)
		}
	}
	for _, q := range sorted(c.st.Held) {
		if _, waits := c.waits(c.st.Held[q]); waits {
			c.repeat(engine.Command{Seq: c.st.Held[q], Verb: engine.Hold, Subject: q})
		}
	}
	if _, waits := c.waits(c.st.WithSeq); waits {
		switch {
		case c.st.Withheld > 0:
			c.repeat(engine.Command{Seq: c.st.WithSeq, Verb: engine.Withhold, Power: c.st.Withheld})
		case !c.full:
			c.repeat(engine.Command{Seq: c.st.WithSeq, Verb: engine.GiveBack})
		}
	}
	c.retryBacks()
}

// warnAgain announces an eviction once more, later by as much: it is another
// command, because it says another time.
func (c *core) warnAgain(a *Act) {
	delete(c.st.Waiting, a.WarnSeq)
	a.WarnSeq = c.nextSeq()
	if i := c.cfg.tenancy(a.Contract); i >= 0 {
		a.By = later(a.By, c.now.Add(c.warning(&c.cfg.Tenancies[i])))
		a.Due = a.By.Add(c.cfg.Tenancies[i].Contract.Grace + c.cfg.Timing.Kill)
	}
	c.send(engine.Command{Seq: a.WarnSeq, Verb: engine.Warn, Subject: a.Item, By: a.By.UTC()}, time.Time{})
}

// retryBacks repeats what gives back, unless the meter has no room for it any more:
// then its room is kept until it has.
func (c *core) retryBacks() {
	if c.full {
		c.keepRoom()
		return
	}
	for _, b := range c.st.Backs {
		if _, waits := c.waits(b.Seq); waits {
			c.repeat(engine.Command{Seq: b.Seq, Verb: b.Verb, Subject: b.Subject})
		}
	}
	for i := range c.st.Lifts {
		l := &c.st.Lifts[i]
		if c.now.Sub(l.Since) < c.cfg.Timing.Retry {
			continue
		}
		l.Since, l.Again = c.now, true
		c.st.Epoch++
		c.out = append(c.out, Set{Setting: settingOf(l.Node, l.UUIDs, l.Limit, c.st.Epoch)})
		c.dirty = true
	}
}

// keepRoom keeps the room of what was given back and is not known to have arrived.
func (c *core) keepRoom() {
	for _, b := range c.st.Backs {
		if r, ok := c.st.Coming[b.Subject]; ok && b.Verb == engine.Restore {
			r.Since = c.now
			c.st.Coming[b.Subject] = r
		}
	}
	for i := range c.st.Lifts {
		c.st.Lifts[i].Begun = c.now
	}
}

// waits reports whether a command has waited for its answer so long that it goes out again.
func (c *core) waits(seq int) (time.Time, bool) {
	since, ok := c.st.Waiting[seq]
	return since, ok && seq > 0 && c.now.Sub(since) >= c.cfg.Timing.Retry
}

func (c *core) repeat(cmd engine.Command) { c.send(cmd, time.Time{}) }

// same is the number of a command that is repeated: its old one.
func (c *core) same(seq *int) int {
	if c.newNumbers {
		delete(c.st.Waiting, *seq)
		*seq = c.nextSeq()
	}
	return *seq
}

func sorted(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
