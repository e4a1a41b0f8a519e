package live

import (
	"slices"
	"strings"
	"time"

	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// said takes what a person or the grid did. What lowers is ordered first and
// written down beside it.
func (c *Core) said(e Said) {
	if s, stops := e.What.(actuate.Stopped); stops {
		c.stopped = true
		c.step(s)
		for i := range c.lent {
			c.takeBack(i)
		}
		c.keepAct(e, "site", "stopped")
		return
	}
	c.step(e.What)
	switch x := e.What.(type) {
	case actuate.Resumed:
		if !c.kernel.Stopped() {
			c.stopped = false
			c.keepAct(e, "site", "resumed")
		}
	case actuate.Locked:
		c.trouble(x.Unit, LockedOut)
		c.calledBack(x.Unit)
		c.keepLock(x.Unit, lock{By: x.By, Ceiling: x.Ceiling, Why: e.Why, Since: c.now})
	case actuate.Unlocked:
		c.unlocked(e, x)
	case actuate.Cleared:
		c.clearing[x.Unit] = true
		c.trouble(x.Unit, Fine)
	case actuate.Instruction:
		c.keepInstruction(e, x)
	}
}

// unlocked releases a machine where the kernel agreed.
func (c *Core) unlocked(e Said, x actuate.Unlocked) {
	if c.kernel.Unit(x.Unit).Locked != "" {
		return // the kernel said no
	}
	c.trouble(x.Unit, Fine)
	c.keepLock(x.Unit, lock{})
	c.keepAct(e, c.machines[x.Unit].Name(), "released by "+e.By)
}

// instructed is the body of an instruction's record. Each has a subject of its
// own, so that all of them are found again.
type instructed struct {
	By    string     `json:"by"`
	Group string     `json:"group"`
	From  time.Time  `json:"from"`
	Limit unit.Power `json:"limit_w"`
}

func (c *Core) keepInstruction(e Said, x actuate.Instruction) {
	from := c.cfg.Begin.Add(x.From)
	body := instructed{By: e.By, Group: c.groups[x.Group].Name, From: from, Limit: x.Limit}
	subject := instructionPrefix + body.Group + "/" + from.UTC().Format(time.RFC3339Nano)
	c.out = append(c.out, Keep{Record: c.record(sqlite.Person, c.key("act", subject), subject, sqlite.Epoch{}, body)})
}

// lock is the body of a lock-out's record.
type lock struct {
	By      string     `json:"by"` // empty: released
	Ceiling unit.Power `json:"ceiling_w"`
	Why     string     `json:"why,omitempty"`
	Since   time.Time  `json:"since,omitzero"`
}

func (c *Core) keepLock(i int, held lock) {
	c.machines[i].held = held
	name := c.machines[i].Name()
	key := c.key("lock", name)
	c.out = append(c.out, Keep{Record: c.record(sqlite.LockOut, key, name, sqlite.Epoch{}, held)})
}

// joined is a lock-out beside one that stands: both people hold the machine then,
// at the lower of their ceilings, and neither releases it alone.
func (c *Core) joined(e actuate.Locked) actuate.Locked {
	const and = " and "
	v := c.kernel.Unit(e.Unit)
	if v.Locked == "" || v.Locked == e.By {
		return e
	}
	e.Ceiling = min(e.Ceiling, v.Ceiling)
	if slices.Contains(strings.Split(v.Locked, and), e.By) {
		e.By = v.Locked
	} else {
		e.By = v.Locked + and + e.By
	}
	return e
}

// act is the body of a record of what a person did.
type act struct {
	By   string `json:"by"`
	What string `json:"what"`
}

func (c *Core) keepAct(e Said, subject, what string) {
	key := c.key("act", subject)
	c.out = append(c.out, Keep{Record: c.record(sqlite.Person, key, subject, sqlite.Epoch{}, act{strings.TrimSpace(e.By), what})})
}
