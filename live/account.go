package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"sluice/driver/pool"
	"sluice/site"
	"sluice/store/sqlite"
	"sluice/unit"
)

// credited is a file of a pool's credits that was read.
type credited struct {
	windows []pool.Credit
	written time.Time // when it was changed last
}

func (credited) event() {}

// tally is where the counters of a core stood when a stretch began.
type tally struct {
	at    time.Time
	whole bool // taken at at, and not long after it
	sums  map[string]counters
}

// counters is counters that only rise.
type counters struct {
	account
	could unit.Work     // that heard machines could have done
	full  unit.Hashrate // of all machines of the group
	read  time.Duration // in which the meter was read
}

// tallyLate is how late a boundary may be seen without making its stretch worthless.
const tallyLate = 10 * time.Second

// settleStep is the length of a settlement interval where none is declared.
const settleStep = 5 * time.Minute

func (c Config) settleStep() time.Duration {
	if c.Settle <= 0 {
		return settleStep
	}
	return c.Settle
}

// account closes a stretch when a settlement interval is over.
func (c *Core) account() {
	at := c.now.Truncate(c.cfg.settleStep())
	if !at.After(c.tally.at) {
		return
	}
	before := c.tally
	c.tally = tally{at: at, whole: c.now.Sub(at) <= tallyLate, sums: c.counted()}
	if before.whole && c.tally.whole && before.at.Add(c.cfg.settleStep()).Equal(at) {
		c.credits.add(stretch{before.at, at, between(before, c.tally)})
		c.compare()
	}
}

// between is what happened between two tallies.
func between(a, b tally) map[string]account {
	length, out := b.at.Sub(a.at), map[string]account{}
	for name, y := range b.sums {
		x := a.sums[name]
		out[name] = account{
			stated: y.stated - x.stated, due: y.due - x.due, starting: y.starting - x.starting, drawn: y.drawn - x.drawn,
			unheard: y.full.Over(length) - (y.could - x.could), metered: y.metered - x.metered,
			measured: x.measured && y.measured && unit.Ratio(unit.MulDiv(int64(y.read-x.read), int64(unit.One), int64(length))) >= meteredLeast,
		}
	}
	return out
}

// counted is where the counters of every group and of the site stand.
func (c *Core) counted() map[string]counters {
	out := map[string]counters{}
	groups := make([]counters, len(c.cfg.Rigs))
	for i := range c.machines {
		m := &c.machines[i]
		s, e := &groups[m.Group], &m.stated
		s.stated, s.due, s.starting, s.drawn = s.stated+e.work, s.due+e.due, s.starting+e.starting, s.drawn+e.drawn
		s.could, s.full = s.could+e.could, s.full+c.cfg.Rigs[m.Group].Top().Hashrate
	}
	var all counters
	for g, r := range c.cfg.Rigs {
		s := groups[g]
		all.account, all.could, all.full = all.plus(s.account), all.could+s.could, all.full+s.full
		s.metered, s.read, s.measured = c.meteredOf(g)
		out[r.Group().Name] = s
	}
	all.metered, all.read, all.measured = c.meteredOf(-1)
	out[""] = all
	return out
}

// meteredOf is the energy of the meter that sees all machines of a group and no
// others, in watts of machines; -1: of all. A meter whose load something behind it
// feeds in part measures no draw, and one before a hall of GPUs none of machines.
func (c *Core) meteredOf(group int) (unit.Energy, time.Duration, bool) {
	for i, m := range c.cfg.Site.Meters {
		if m.Kind == site.GenerationMeter {
			return 0, 0, false
		}
		g, known := c.cfg.metered(m)
		if !known || !c.occupies(group, g) || slices.ContainsFunc(c.halls, func(h attended) bool { return c.within(h.group, g) }) {
			continue
		}
		drawn, read := c.meters[i].drawn, c.meters[i].read
		if g == 0 {
			drawn -= c.cfg.Site.MustRun.Over(read)
		}
		share := unit.One + c.meanOverhead()
		return unit.Energy(unit.MulDiv(int64(drawn), int64(unit.One), int64(share))), read, true
	}
	return 0, 0, false
}

// occupies reports whether behind a limit stand the machines of a group and nobody else.
func (c *Core) occupies(group, limit int) bool {
	for k, r := range c.cfg.Rigs {
		at := c.cfg.hall(r.Group().Hall)
		for at > limit {
			at = c.groups[at].Parent
		}
		if (at == limit) != (group < 0 || k == group) {
			return false
		}
	}
	return true
}

// credit takes a file that the pool's credits were read from.
func (c *Core) credit(e credited) {
	if odd := c.credits.take(e.windows, e.written, c.now, c.cfg.settleStep()); odd > 0 {
		c.out = append(c.out, Alarm{Machine: -1, Code: "credit_unaligned", Text: fmt.Sprintf(
			"%d windows of the pool's credit do not begin and end with a settlement interval of %v: have it write such windows", odd, c.cfg.settleStep())})
	}
	c.compare()
}

// compare tells of every window that can be compared now, and keeps a record of it.
func (c *Core) compare() {
	for _, t := range c.credits.judge() {
		subject := t.Group
		if subject == "" {
			subject = "site"
		}
		key := c.key("credit", strconv.FormatInt(t.Start.Unix(), 10))
		c.out = append(c.out, Keep{Record: c.record(sqlite.Credit, key, subject, sqlite.Epoch{}, t)})
		if c.credits.news(t) {
			c.out = append(c.out, Alarm{Machine: -1, Code: string(t.Finding), Text: subject + ": " + t.String() + "; " + t.Finding.Remedy()})
		}
	}
}

// String says what was compared, in terahashes a second.
func (t ThreeWays) String() string {
	rate := func(h *unit.Hashrate) string {
		if h == nil {
			return "not known"
		}
		return strconv.FormatFloat(float64(*h)/float64(unit.Terahash), 'f', 1, 64)
	}
	by := "stated energy"
	if t.Metered {
		by = "metered energy"
	}
	return fmt.Sprintf("%d minutes from %s: machines %s, pool %s, %s %s TH/s, %d shares",
		t.Minutes, t.Start.UTC().Format("2006-01-02 15:04 UTC"), rate(t.Device), rate(&t.Pool), by, rate(t.Energy), t.Shares)
}

// threeWays is the last window of each group, in the order of their names.
func (c *Core) threeWays() []ThreeWays {
	var out []ThreeWays
	for _, name := range slices.Sorted(maps.Keys(c.credits.last)) {
		out = append(out, c.credits.last[name])
	}
	return out
}

// expect adds what a machine should have done between two readings, by its curve.
func (m *machine) expect(r rig, e Heard, d time.Duration, drawn unit.Power) {
	s := &m.stated
	top := r.Top().Hashrate
	if m.last.Hash.Known && e.Reading.Hash.Known {
		s.could += top.Over(d)
	}
	if at, known := m.ladder.setpoint(e.Reading); known && at == 0 {
		return // asleep: it draws a little and owes nothing
	}
	left := max(0, drawn)
	for _, x := range r.Steps() {
		take := min(left, x.Power)
		s.due += unit.Hashrate(unit.MulDiv(int64(x.Hashrate), int64(take), int64(x.Power))).Over(d)
		left -= take
	}
	if u := e.Reading.Uptime; e.Asked.Sub(m.woke) < r.Group().Restart || u.Known && u.Value < r.Group().Restart {
		s.starting += top.Over(d)
	}
}

// Credit takes what a pool credited, from a file that the computer wrote at an
// instant. A window that ended later is not compared: its shares were not all
// there yet.
func (s *Site) Credit(ctx context.Context, windows []pool.Credit, written time.Time) error {
	e := credited{windows: windows, written: s.plant.Clock.At(written)}
	return s.Do(ctx, func(*Core, time.Time) { s.handle(ctx, e) })
}

// Note tells a person, like a notice of the site's own.
func (s *Site) Note(n Notice) { s.note(n) }
