package live

import (
	"net/http"
	"strconv"
	"time"

	"sluice/device"
	"sluice/driver/door"
	"sluice/loop/actuate"
	"sluice/store/sqlite"
	"sluice/unit"
)

// MachinePage is everything that is known of one machine.
type MachinePage struct {
	MachineRow
	Now      time.Time       `json:"now"`
	Remedy   string          `json:"remedy,omitempty"` // of its trouble
	Twin     string          `json:"twin,omitempty"`   // another address at which it answers
	Lock     *LockOut        `json:"lock_out,omitempty"`
	Bound    unit.Power      `json:"bound_w"` // what it is counted at against the limits
	Wish     unit.Power      `json:"wish_w"`  // what is left of the plan's wish
	Says     Says            `json:"says"`
	Level    string          `json:"level_kind"` // how it can be held below full power
	Curve    []CurvePoint    `json:"curve"`      // levels at which it can be held, rising
	Times    MachineTimes    `json:"times"`
	Reply    *Reply          `json:"last_answer,omitempty"` // to an order, in this run
	Orders   []OrderRow      `json:"orders"`                // newest first
	History  []MachineRecord `json:"history"`               // newest first
	LookedTo time.Time       `json:"looked_back_to,omitzero"`
	Beside   int             `json:"machines_on_feeder"` // itself among them; without feeders: of the site
}

// LockOut is why a machine is held down.
type LockOut struct {
	By    string    `json:"by"`
	Why   string    `json:"why,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// Says is what its last reading said beside the figures.
type Says struct {
	Activity device.Activity `json:"activity,omitempty"`
	Intent   device.Activity `json:"intent,omitempty"`
	Mode     string          `json:"mode,omitempty"`
	Limit    *unit.Power     `json:"limit_w,omitempty"`
	Uptime   *int64          `json:"uptime_seconds,omitempty"`
	Pools    []string        `json:"pools,omitempty"` // where it mines, the first in use
}

// CurvePoint is one level of a machine.
type CurvePoint struct {
	Power unit.Power    `json:"power_w"`
	Hash  unit.Hashrate `json:"hash_ghs"` // as its group's curve has it
	Mode  string        `json:"mode,omitempty"`
}

// MachineTimes is how a machine behaves on the way, as the site reckons with it. A
// figure of commissioning is nil where nobody measured it.
type MachineTimes struct {
	Boot      unit.Power  `json:"boot_w"`         // highest draw after a restart
	Waking    unit.Power  `json:"waking_w"`       // highest draw on the way up
	Follow    int64       `json:"follow_seconds"` // until an order that was taken shows
	Restart   int64       `json:"restart_seconds"`
	Settle    int64       `json:"settle_seconds"` // from a wake to steady power
	Learned   bool        `json:"learned"`
	BootSeen  *unit.Power `json:"learned_boot_w,omitempty"`
	SleepSeen *int64      `json:"learned_sleep_ms,omitempty"`
	DarkSeen  *int64      `json:"learned_dark_ms,omitempty"`
}

// Reply is what a machine answered to its last order. It is no proof.
type Reply struct {
	Epoch  string               `json:"epoch"`
	Class  device.AckClass      `json:"class"`
	Reason device.RefusedReason `json:"reason,omitempty"`
	Text   string               `json:"text,omitempty"`
	At     time.Time            `json:"at"`
}

// reply is the same within the core.
type reply struct {
	epoch  actuate.Epoch
	class  device.AckClass
	reason device.RefusedReason
	text   string
	at     time.Time
}

// page is what the core knows of a machine.
func (c *Core) page(i int, now time.Time) MachinePage {
	m, v := &c.machines[i], c.kernel.Unit(i)
	p := MachinePage{
		MachineRow: MachineRow{c.plate(i, c.feeders()), c.show(i)}, Now: now, Remedy: m.trouble.Remedy(), Twin: m.Twin,
		Bound: v.Bound, Wish: v.Wish, Says: m.says(), Level: string(m.ladder.kind), Curve: m.curve(c.cfg.Rigs[m.Group]), Times: c.times(i),
		Orders: []OrderRow{}, History: []MachineRecord{},
	}
	if v.Locked != "" {
		p.Lock = &LockOut{v.Locked, m.held.Why, m.held.Since}
	}
	if !m.said.at.IsZero() {
		p.Reply = &Reply{sqlite.Epoch(m.said.epoch).String(), m.said.class, m.said.reason, m.said.text, m.said.at}
	}
	feeder := c.feederOf(i)
	for k := range c.machines {
		if c.feederOf(k) == feeder {
			p.Beside++
		}
	}
	return p
}

// feederOf is the kernel's group of a machine's feeder, or that in which it stands
// where there is none.
func (c *Core) feederOf(i int) int {
	g := c.cfg.hall(c.cfg.Rigs[c.machines[i].Group].Group().Hall)
	if p := c.groups[g].Parent; p > 0 {
		return p
	}
	return g
}

// says is what a machine said last.
func (m *machine) says() Says {
	r := m.last
	s := Says{Activity: r.Activity.Value, Intent: r.Intent.Value, Mode: r.Mode.Value}
	if r.Limit.Known {
		s.Limit = &r.Limit.Value
	}
	if r.Uptime.Known {
		s.Uptime = seconds(r.Uptime.Value)
	}
	for _, p := range r.Pools {
		s.Pools = append(s.Pools, p.URL)
	}
	return s
}

func seconds(d time.Duration) *int64 {
	n := int64(d / time.Second)
	return &n
}

// curve is the levels of a machine, with what its group's curve says that they hash.
func (m *machine) curve(r rig) []CurvePoint {
	out := make([]CurvePoint, len(m.ladder.rungs))
	for k, x := range m.ladder.rungs {
		out[k] = CurvePoint{Power: x.power, Hash: hashOf(r, x.power), Mode: x.mode}
	}
	return out
}

// hashOf is what one machine of a rig hashes at a power, by the group's curve.
func hashOf(r rig, p unit.Power) unit.Hashrate {
	var sum unit.Hashrate
	for _, s := range r.Steps() {
		take := min(max(p, 0), s.Power)
		sum += unit.Hashrate(unit.MulDiv(int64(take), int64(s.Hashrate), int64(s.Power)))
		p -= take
	}
	return sum
}

// times is how the site reckons with a machine.
func (c *Core) times(i int) MachineTimes {
	m := &c.machines[i]
	u := c.cfg.unit(m.Machine, m.ladder)
	t := MachineTimes{Boot: u.Boot, Waking: u.Waking, Follow: int64(u.Follow / time.Second), Restart: int64(m.Can.Restart / time.Second), Settle: int64(m.Can.Settle / time.Second)}
	if c.cfg.Learned == nil {
		return t
	}
	l := c.cfg.Learned(m.Machine)
	t.Learned = l != Learned{}
	if l.Boot > 0 {
		t.BootSeen = &l.Boot
	}
	for _, x := range []struct {
		d  time.Duration
		to **int64
	}{{l.Sleep, &t.SleepSeen}, {l.Dark, &t.DarkSeen}} {
		if ms := int64(x.d / time.Millisecond); ms > 0 {
			*x.to = &ms
		}
	}
	return t
}

// machinePage answers everything of the machine ?name=.
func (s *Site) machinePage(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	var p MachinePage
	var known bool
	err := s.Do(r.Context(), func(c *Core, now time.Time) {
		var i int
		if i, known = c.Find(name); known {
			p = c.page(i, now)
		}
	})
	switch {
	case err != nil:
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	case !known:
		door.Write(w, http.StatusNotFound, Answer{No: "this site has no machine " + strconv.Quote(name) + ": give its address with ?name="})
		return
	}
	if err := p.remember(r.Context(), s.plant.Papers, s.core.cfg.Site.Name); err != nil {
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	}
	door.Write(w, http.StatusOK, p)
}
