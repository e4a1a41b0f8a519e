package live

import (
	"time"

	"sluice/unit"
)

// violation is a limit that was passed outside the shed window.
type violation struct {
	group  string
	over   unit.Power
	lasted time.Duration
}

// passing is where a group stands against its limit, at the meter.
type passing struct {
	limit unit.Power // as last seen
	cut   time.Time  // when it fell
	since time.Time  // when the meter showed more; zero: it does not
	told  bool
}

// guard compares a meter with the limit of its group. Above it for longer than the
// shed window, counted from the last cut, is a violation.
func (c *Core) guard(g int, at time.Time, p unit.Power) {
	w, limit := &c.passing[g], c.kernel.Group(g).Limit
	if limit < w.limit {
		w.cut = at
	}
	w.limit = limit
	if p <= limit || c.others(g) > limit {
		w.since, w.told = time.Time{}, false
		return
	}
	if w.since.IsZero() {
		w.since = at
	}
	begin := w.since
	if end := w.cut.Add(c.cfg.Shed); !w.cut.IsZero() && end.After(begin) {
		begin = end
	}
	if lasted := at.Sub(begin); lasted > c.cfg.Grace && !w.told {
		w.told = true
		c.violated = violation{group: c.groups[g].Name, over: p - limit, lasted: lasted}
	}
}

// others is what this program may not move behind a limit and what only says so:
// it does not answer for a limit that they pass alone. With nothing entrusted it
// answers for none.
func (c *Core) others(g int) unit.Power {
	const all unit.Power = 1 << 60
	var sum unit.Power
	trusted := false
	for i := range c.machines {
		switch {
		case !c.behind(i, g):
		case c.trusted[i]:
			trusted = true
		default:
			sum += c.machines[i].power()
		}
	}
	for i := range c.halls {
		if h := &c.halls[i]; c.within(h.group, g) && !c.steers() {
			sum += h.draw()
		}
	}
	if !trusted {
		return all
	}
	return sum
}

func (c *Core) takeViolation() violation {
	v := c.violated
	c.violated = violation{}
	return v
}

// staleFeeds names what a plan and the limits stand on and what is too old now.
func (c *Core) staleFeeds() []string {
	var out []string
	for i, m := range c.cfg.Site.Meters {
		if g, known := c.cfg.metered(m); known && g == 0 && !c.fresh(i) {
			out = append(out, "meter "+m.Name)
		}
	}
	if !c.market {
		out = append(out, "market")
	}
	return out
}

// fresh reports whether a meter was read lately.
func (c *Core) fresh(i int) bool {
	m := &c.meters[i]
	return m.known && c.now.Sub(m.at) <= c.cfg.timing().MeterAge
}

// see counts the seconds in which everything critical was fresh.
func (c *Core) see() {
	if len(c.staleFeeds()) == 0 {
		c.seen += time.Second
	}
}

func (c *Core) takeSeen() time.Duration {
	d := c.seen
	c.seen = 0
	return d
}
