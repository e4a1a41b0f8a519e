package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/loop/actuate"
)

// LeaseWall is how long a machine stays lent unless it is asked for again, by the wall
// clock: whoever tries it may die, and then the site takes it back by itself.
const LeaseWall = time.Minute

// lease is a machine in the hands of a person who tries what it does. While it lasts no
// plan moves the machine. Whatever is ordered of it, by a limit, a stop or a lock-out, ends
// the lease.
type lease struct {
	by    string
	until time.Time
	over  bool // an order went out meanwhile: the machine is the site's again
}

// lentTo is who has a machine now; empty: nobody.
func (c *Core) lentTo(i int) string {
	if l, is := c.lent[i]; is && !l.over {
		return l.by
	}
	return ""
}

// mayLend says why a machine cannot be lent to somebody; empty: it can.
func (c *Core) mayLend(i int, by string) string {
	v, m := c.kernel.Unit(i), &c.machines[i]
	for k := range c.lent {
		if k != i && c.lentTo(k) != "" {
			return fmt.Sprintf("%s has %s: one machine is lent at a time", c.lentTo(k), c.machines[k].Name())
		}
	}
	holder := c.lentTo(i)
	switch {
	case c.stopped || c.kernel.Stopped():
		return "the site is stopped"
	case c.kernel.Shedding():
		return "the site only lowers until its program was started again"
	case holder != "" && holder != by:
		return holder + " has it already"
	case holder == by:
		return ""
	case v.Locked != "":
		return v.Locked + " holds it: release it first"
	case v.Silent || v.Strange || !m.same:
		return "it is not heard, or somebody else answers there"
	case m.trouble != Fine && m.trouble != Drifts:
		return "it has a trouble, " + string(m.trouble) + ": " + m.trouble.Remedy()
	case m.Twin != "":
		return "it answers at " + m.Twin + " too"
	case v.Open:
		return "an order to it waits for its proof: ask again in a moment"
	}
	return ""
}

type (
	// lent says that somebody gets a machine until an instant, or keeps it longer.
	lent struct {
		Machine int
		By, Why string
		Until   time.Time
	}

	// returned says that the machine is the site's again.
	returned struct{ Machine int }
)

func (lent) event()     {}
func (returned) event() {}

// lend gives a machine away.
func (c *Core) lend(e lent) {
	_, renewed := c.lent[e.Machine]
	c.lent[e.Machine] = lease{by: e.By, until: e.Until}
	if renewed {
		return
	}
	c.share()
	c.keepAct(Said{By: e.By}, c.machines[e.Machine].Name(), strings.TrimSpace("lent "+e.Why))
}

// takeBack ends a lease. A machine that was put to sleep meanwhile is no longer taken for
// one that somebody else wants asleep; what its meter said against it stands.
func (c *Core) takeBack(i int) {
	l, is := c.lent[i]
	if !is {
		return
	}
	delete(c.lent, i)
	if v := c.kernel.Unit(i); !v.Bad && !c.stopped {
		c.step(actuate.Cleared{Unit: i, By: l.by})
	}
	c.share()
	c.keepAct(Said{By: l.by}, c.machines[i].Name(), "given back")
}

// calledBack notes that the site orders something of a machine, which ends its lease.
func (c *Core) calledBack(i int) {
	if l, is := c.lent[i]; is {
		l.over = true
		c.lent[i] = l
	}
}

// leases takes back what is overdue or was called back.
func (c *Core) leases() {
	for i, l := range c.lent {
		if l.over || c.now.After(l.until) {
			c.takeBack(i)
		}
	}
}

// share tells the kernel which machines plans may move: those entrusted and not lent.
func (c *Core) share() {
	free := c.alone(slices.Clone(c.may))
	for i := range c.lent {
		free[i] = false
	}
	c.trusted = free
	c.step(actuate.Entrusted{Units: free})
}

// lendActs are what borrowers can do, and what follows from what they learned.
func (s *Site) lendActs() map[string]deedOf {
	return map[string]deedOf{"lend": s.lend, "giveback": s.giveBack, "relearn": s.relearn}
}

// lend gives a machine to a person for a minute, or for another one; with a number only
// to whom it is lent already. It goes on being counted at the most that it could draw.
func (s *Site) lend(ctx context.Context, q Request) (string, error) {
	i, err := s.borrowed(ctx, q)
	if err != nil {
		return "", err
	}
	by, no := strings.TrimSpace(q.By), ""
	err = s.Do(ctx, func(c *Core, _ time.Time) {
		switch no = c.mayLend(i, by); {
		case no != "":
		case q.Number != 0 && c.lentTo(i) != by:
			no = "it was taken back"
		default:
			s.handle(ctx, lent{Machine: i, By: by, Why: q.Reason, Until: s.plant.Clock.At(time.Now().Add(LeaseWall))})
		}
	})
	if err == nil && no != "" {
		err = fmt.Errorf("%w: %s is not lent: %s", ErrNo, q.Machine, no)
	}
	if err != nil {
		return "", err
	}
	return q.Machine + " is lent to " + by, nil
}

// giveBack gives a machine back that somebody was lent.
func (s *Site) giveBack(ctx context.Context, q Request) (string, error) {
	i, err := s.borrowed(ctx, q)
	if err != nil {
		return "", err
	}
	err = s.Do(ctx, func(c *Core, _ time.Time) {
		if c.lentTo(i) == strings.TrimSpace(q.By) {
			s.handle(ctx, returned{Machine: i})
		}
	})
	return q.Machine + " is the site's", err
}

// borrowed finds the machine of a request that names a person.
func (s *Site) borrowed(ctx context.Context, q Request) (int, error) {
	if err := named(q); err != nil {
		return 0, err
	}
	return s.machine(ctx, q)
}

// relearn lets the site begin anew with what was learned of its machines since it began.
func (s *Site) relearn(_ context.Context, q Request) (string, error) {
	if err := named(q); err != nil {
		return "", err
	}
	s.note(Notice{At: s.plant.Clock.Now(), Code: "relearn", Text: "by " + q.By + " " + q.Reason})
	select {
	case s.anew <- struct{}{}:
	default:
	}
	return "the site begins anew with what was learned", nil
}
