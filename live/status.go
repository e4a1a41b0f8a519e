package live

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/site"
	"sluice/unit"
)

// Status is where a site stands, for people and programs.
type Status struct {
	About
	Site     string          `json:"site"`
	At       time.Time       `json:"at"`
	Stopped  bool            `json:"stopped"`
	ShedOnly bool            `json:"shed_only"`
	Halted   actuate.Code    `json:"halted,omitempty"`      // why nothing rises anywhere
	Until    time.Time       `json:"halted_until,omitzero"` // where that is known
	Groups   []GroupStatus   `json:"groups"`                // the site first, then feeders and halls
	Meters   []MeterStatus   `json:"meters"`                // as declared
	Uses     []UseStatus     `json:"uses"`                  // mining groups
	Machines MachineCounts   `json:"machines"`              //
	Troubles []TroubleStatus `json:"troubles"`              // machines that need somebody
	Why      map[string]int  `json:"why_not_raised"`        // machines by the reason for which they do not rise
	Orders   Counts          `json:"orders"`                // since the program began
	Plan     *PlanStatus     `json:"plan,omitempty"`        // of the interval that runs
	Earned   Earned          `json:"earned"`                // since the program began
	Shadow   Earned          `json:"would_have_earned"`     // with full trust, on a simulated plant
	Trusted  int             `json:"entrusted"`             // machines that are moved without a person's word
	Mode     *ModeStatus     `json:"mode,omitempty"`        // nil: every machine was entrusted at the start
	Halls    []HallStatus    `json:"gpu_halls,omitempty"`
	Ways     []ThreeWays     `json:"three_ways,omitempty"` // last window of each group that a pool credited
	Market   *MarketStatus   `json:"market,omitempty"`     // nil before the first turn
	Money    MoneyStatus     `json:"money"`
}

// GroupStatus is one limit and what stands against it.
type GroupStatus struct {
	Name       string     `json:"name"`
	Limit      unit.Power `json:"limit_w"`
	Reserved   unit.Power `json:"reserved_w"` // the most that may be drawn, everything outstanding counted
	Unmeasured unit.Power `json:"unmeasured_w"`
	StaleMeter bool       `json:"stale_meter,omitempty"`
}

// MeterStatus is the last reading of a meter.
type MeterStatus struct {
	Name  string         `json:"name"`
	Of    string         `json:"of,omitempty"`
	Power unit.Power     `json:"power_w"`
	Known bool           `json:"known"`
	At    time.Time      `json:"at,omitzero"`
	Kind  site.MeterKind `json:"kind,omitempty"`
}

// UseStatus is one mining group.
type UseStatus struct {
	Use      string        `json:"use"`
	Machines int           `json:"machines"`
	Running  int           `json:"running"`
	Draw     unit.Power    `json:"stated_w"`
	Target   unit.Power    `json:"ordered_w"`
	Hash     unit.Hashrate `json:"hash_ghs"`
}

// MachineCounts is how many machines stand how.
type MachineCounts struct {
	All     int `json:"all"`
	Running int `json:"running"`
	Asleep  int `json:"asleep"`
	Unknown int `json:"unknown"` // never heard, or not for long
	Proving int `json:"proving"` // an order waits for its proof
}

// TroubleStatus is a machine that needs somebody.
type TroubleStatus struct {
	Machine string        `json:"machine"`
	Family  device.Family `json:"family"`
	Code    Trouble       `json:"code"`
	Since   time.Time     `json:"since"`
	Remedy  string        `json:"remedy"`
}

// PlanStatus is what the plan says of the interval that runs.
type PlanStatus struct {
	At     time.Time    `json:"at"`
	Price  unit.Price   `json:"site_price"`
	Uses   []PlannedUse `json:"uses"`
	Solver string       `json:"solver"`
}

// PlannedUse is one use and why it draws what it draws.
type PlannedUse struct {
	Use    string     `json:"use"`
	Draw   unit.Power `json:"draw_w"`
	Reason string     `json:"reason,omitempty"`
	Most   unit.Power `json:"most_w"`       // that could have run, IT
	Worth  unit.Price `json:"worth,string"` // of its marginal MWh, at the meter
	Flip   unit.Price `json:"flip,string"`  // cost of a MWh at which the decision would turn
}

// troublesMost bounds the machines in a status; the counts are of all.
const troublesMost = 200

// Status is where the site stands at now.
func (c *Core) Status(now time.Time) Status {
	s := Status{
		Site: c.cfg.Site.Name, At: now, Stopped: c.kernel.Stopped(), ShedOnly: c.kernel.Shedding(),
		Why: map[string]int{}, Orders: c.counts, Earned: c.earned, Shadow: c.shadow, Troubles: []TroubleStatus{},
	}
	s.Orders.Answers = maps.Clone(c.counts.Answers)
	var until time.Duration
	if s.Halted, until = c.kernel.Halted(); s.Halted == actuate.RestartHold {
		s.Until = c.cfg.Begin.Add(until)
	}
	for g, x := range c.groups {
		v := c.kernel.Group(g)
		s.Groups = append(s.Groups, GroupStatus{x.Name, v.Limit, v.Reserved, v.Unmeasured, v.Stale})
	}
	for i, m := range c.cfg.Site.Meters {
		x := c.meters[i]
		s.Meters = append(s.Meters, MeterStatus{m.Name, m.Of, x.power, x.known, x.at, m.Kind})
	}
	c.statusOfMachines(&s)
	s.Plan, s.Ways, s.Halls = c.planStatus(), c.threeWays(), c.hallStatus()
	s.Market, s.Money = c.marketStatus(), c.moneyStatus()
	return s
}

func (c *Core) statusOfMachines(s *Status) {
	for _, r := range c.cfg.Rigs {
		s.Uses = append(s.Uses, UseStatus{Use: r.Use()})
	}
	for i := range c.machines {
		m, v := &c.machines[i], c.kernel.Unit(i)
		u := &s.Uses[m.Group]
		u.Machines++
		s.Machines.All++
		if c.trusted[i] {
			s.Trusted++
		}
		u.Draw += m.power()
		u.Target += c.stands(i)
		if m.last.Hash.Known {
			u.Hash += m.last.Hash.Value
		}
		at, known := m.ladder.setpoint(m.last)
		switch {
		case v.Silent || !known:
			s.Machines.Unknown++
		case at == 0:
			s.Machines.Asleep++
		default:
			s.Machines.Running++
			u.Running++
		}
		if v.Open {
			s.Machines.Proving++
		}
		if v.Code != actuate.None && v.Wish > v.Setpoint {
			s.Why[string(v.Code)]++
		}
		if m.trouble != Fine && len(s.Troubles) < troublesMost {
			s.Troubles = append(s.Troubles, TroubleStatus{m.Name(), m.Identity.Family, m.trouble, m.since, m.trouble.Remedy()})
		}
	}
	slices.SortStableFunc(s.Troubles, func(a, b TroubleStatus) int { return cmp.Compare(a.Code, b.Code) })
}

func (c *Core) planStatus() *PlanStatus {
	if c.plan == nil {
		return nil
	}
	p := &PlanStatus{At: c.plan.At, Solver: c.plan.Solver.Status}
	if c.plan.Solver.Fallback != "" {
		p.Solver = c.plan.Solver.Fallback
	}
	if len(c.plan.Price) > 0 {
		p.Price = c.plan.Price[0]
	}
	for _, u := range c.plan.Uses {
		x := PlannedUse{Use: u.Use, Draw: u.Draw[0]}
		for _, r := range c.plan.Reasons {
			if r.Use == u.Use {
				x.Reason, x.Most, x.Worth, x.Flip = string(r.Code), r.Max, r.Worth, r.Flip
			}
		}
		p.Uses = append(p.Uses, x)
	}
	return p
}

// Find is the index of a machine by its address, and false when the site has none.
func (c *Core) Find(name string) (int, bool) {
	i, known := c.index[name]
	return i, known
}

// Group is the kernel's index of a limit by its name: the site, a feeder or a hall.
func (c *Core) Group(name string) (int, bool) {
	if name == "" {
		return 0, true
	}
	i := slices.IndexFunc(c.groups, func(g actuate.Group) bool { return g.Name == name })
	return i, i >= 0
}

// Since is how far an instant lies on the kernel's clock.
func (c *Core) Since(t time.Time) time.Duration { return c.at(t) }
