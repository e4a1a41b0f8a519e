package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/loop"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/loop/trust"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/use/hosting"
)

// Hall is a GPU hall that runs by itself and takes budgets of the market. Several
// goroutines may ask it; ctx carries the timeout, and every method may be repeated.
type Hall interface {
	Report(ctx context.Context) (loop.HallReport, error)
	Follow(ctx context.Context, o loop.HallOrder) error
}

// GPUHall is one such hall as the site file declares it.
type GPUHall struct {
	Name      string
	Tenancies []*hosting.Tenancy
}

// attended is a hall as the site sees it.
type attended struct {
	GPUHall
	group   int // of the kernel
	asking  bool
	next    time.Time // when it is asked again
	report  loop.HallReport
	at      time.Time // when it was asked for the report; zero: it was never heard
	shift   time.Duration
	pending *loop.HallOrder  // the whole of it: raises wait for room
	sending *loop.HallOrder  // on its way: nobody knows yet whether it was taken
	doubt   *loop.HallOrder  // got no answer: the next report says whether it was taken
	last    loop.HallOrder   // that was taken
	told    time.Time        // when that was known
	epoch   sqlite.Epoch     // of what is on its way
	bounded unit.Power       // bound that people were told of
	over    time.Time        // since when it draws more than the limits leave; zero: it does not
	ill     string           // as last told
	seen    []cycle.UseState // contracts, when the engine was seen last
	beside  unit.Power       // that no contract held then, at the meter
}

type (
	// Reported is what a hall says of itself.
	Reported struct {
		Hall   int
		Asked  time.Time
		Report loop.HallReport
		Err    error
	}

	// Budgeted is what a plan gives the halls, until an instant.
	Budgeted struct {
		Until  time.Time
		Orders []cycle.Order
		Calls  []cycle.Call
	}

	// Followed is what became of an order to a hall.
	Followed struct {
		Hall int
		Err  error
	}
)

func (Reported) event() {}
func (Budgeted) event() {}
func (Followed) event() {}

type (
	// Attend asks a hall how it stands.
	Attend struct{ Hall int }

	// Steer hands a hall its budgets. Its record is kept before what raises goes out.
	Steer struct {
		Hall   int
		Order  loop.HallOrder // by the hall's clock
		Raise  bool
		Record sqlite.Record
	}
)

func (Attend) deed() {}
func (Steer) deed()  {}

// attend makes what is known of the halls in the beginning.
func (c *Core) attend(all []GPUHall) {
	for _, h := range all {
		c.halls = append(c.halls, attended{GPUHall: h, group: c.cfg.hall(h.Name), next: c.now})
	}
}

// heardOf reports whether a hall was heard lately.
func (c *Core) heardOf(h *attended) bool {
	return !h.at.IsZero() && c.now.Sub(h.at) <= 3*c.cfg.Poll+10*time.Second
}

// knows reports whether a hall was heard lately, and its engine with it.
func (c *Core) knows(h *attended) bool { return c.heardOf(h) && !h.blind() }

// blind reports whether a hall says nothing of contracts that an engine serves.
func (h *attended) blind() bool {
	served := func(t *hosting.Tenancy) bool { return t.Contract().Kind != hosting.Colocation }
	return len(h.report.Uses) == 0 && slices.ContainsFunc(h.Tenancies, served)
}

// steers reports whether the market steers halls: in the last stage only, because a
// hall is far more than any stage before entrusts.
func (c *Core) steers() bool {
	return (c.cfg.Entrust || c.stage == trust.ClosedAll) && !c.stopped && !c.kernel.Shedding()
}

// tend asks halls, claims what they may draw, and lets orders out for which there is
// room now.
func (c *Core) tend() {
	for i := range c.halls {
		h := &c.halls[i]
		if !h.asking && !h.next.After(c.now) {
			h.asking, h.next = true, c.now.Add(c.cfg.Poll)
			c.out = append(c.out, Attend{Hall: i})
		}
		if h.pending != nil && h.sending == nil {
			c.rise(i)
		}
		if c.ticks%kernelTick == 0 {
			c.bound(i)
		}
	}
}

// reported takes what a hall says.
func (c *Core) reported(e Reported) {
	h := &c.halls[e.Hall]
	h.asking = false
	defer c.claim(e.Hall)
	switch {
	case e.Err != nil:
		if !c.heardOf(h) {
			c.illHall(e.Hall, "hall_silent", fmt.Sprintf("%v: its contracts do not bid, and all that it may draw is reserved; see to 'sluice hall run'", e.Err))
		}
		return
	case e.Report.Hall != h.Name:
		c.illHall(e.Hall, "hall_other", fmt.Sprintf("hall %q answers there: correct --hall", e.Report.Hall))
		return
	case e.Asked.Before(h.at):
		return
	}
	shift := e.Report.At.Sub(e.Asked)
	if far := max(shift, -shift); !c.cfg.Loose && far > clocksApart {
		c.illHall(e.Hall, "hall_clock", fmt.Sprintf("its clock is %s from the site's: set both by NTP; until then it is not steered", far.Round(time.Second)))
		return
	}
	if !e.Asked.After(h.told) || h.sending != nil { // it may be of a time before it took its last order
		e.Report.Budgets, e.Report.Bound = h.report.Budgets, h.last.Most
	} else {
		h.doubt = nil
	}
	h.report, h.at, h.shift, h.last.Most = e.Report, e.Asked, shift, e.Report.Bound
	for _, x := range e.Report.Refused {
		c.out = append(c.out, Alarm{Machine: -1, Code: "call_refused", Text: h.Name + ": " + x})
	}
	if h.blind() {
		c.illHall(e.Hall, "hall_blind", "its engine shows nothing: its contracts do not bid, and all that they may draw is reserved; see to the engine")
		return
	}
	h.seen, h.beside = e.Report.Uses, h.rest()
	c.illHall(e.Hall, "", "")
}

// clocksApart is how far the clocks of a real site and a real hall may be apart.
const clocksApart = 30 * time.Second

// illHall tells of the state of a hall, once for each change.
func (c *Core) illHall(i int, code, text string) {
	h := &c.halls[i]
	if h.ill == code {
		return
	}
	if code == "" {
		code, text = "hall_heard", "it answers, and its contracts are known"
		h.ill = ""
	} else {
		h.ill = code
	}
	c.out = append(c.out, Alarm{Machine: -1, Code: code, Text: "hall " + h.Name + ": " + text})
}

// claim has the kernel hold free what a hall may draw until it is asked again.
func (c *Core) claim(i int) {
	h := &c.halls[i]
	if h.at.IsZero() {
		return
	}
	draw := h.draw()
	most := h.most(c.knows(h))
	if room, known := c.cfg.Site.Room(h.Name); known && room > 0 {
		most = min(most, room-room.Scale(c.groups[h.group].Margin))
	}
	c.step(actuate.Beside{Group: h.group, Draw: draw, Most: max(draw, most)})
}

// draw is what a hall draws at the meter.
func (h *attended) draw() unit.Power {
	if h.report.Known {
		return h.report.Power
	}
	var sum unit.Power
	for _, u := range h.report.Uses {
		sum += u.State.Draw
	}
	return sum.ScaleUp(max(unit.One, h.report.PUE))
}

// rest is what a hall draws at the meter that no contract holds, with a little for
// servers that come free or boot meanwhile.
func (h *attended) rest() unit.Power {
	var sum unit.Power
	for _, u := range h.report.Uses {
		sum += u.State.Draw
	}
	rest := max(0, h.draw()-sum.ScaleUp(max(unit.One, h.report.PUE)))
	return rest + rest/20
}

// most is the most that a hall may come to draw at the meter: what runs, what waits
// and could start, and a twentieth of each contract for what may come meanwhile,
// within the budgets that it follows or may come to follow. Of a hall that is not
// heard it is all that those allow.
//
// Source: docs/formula/reservation.md, "Beside the units".
func (h *attended) most(heard bool) unit.Power {
	var sum unit.Power
	for _, t := range h.Tenancies {
		u, found := stateOf(h.seen, t.Use())
		if !found {
			continue
		}
		may := t.Capacity()
		if heard {
			may = min(may, max(u.State.Draw, u.Tenant.Wanted)+t.Capacity()/20)
		}
		if b, bounded := h.budget(t.Use()); bounded {
			may = min(may, b)
		}
		sum += max(may, u.State.Draw)
	}
	return sum.ScaleUp(max(unit.One, h.report.PUE)) + h.beside
}

func stateOf(all []cycle.UseState, name string) (cycle.UseState, bool) {
	i := slices.IndexFunc(all, func(u cycle.UseState) bool { return u.Use == name })
	if i < 0 {
		return cycle.UseState{}, false
	}
	return all[i], true
}

// budget is the highest budget that a contract may be following now or soon; false:
// nothing bounds it.
func (h *attended) budget(use string) (unit.Power, bool) {
	b, bounded := h.report.Budgets[use]
	for _, o := range []*loop.HallOrder{h.sending, h.doubt, h.pending} {
		if o == nil {
			continue
		}
		for _, x := range o.Orders {
			if x.Use == use {
				b = max(b, x.Draw)
			}
		}
	}
	return b, bounded
}

// hosts is what halls of GPUs draw behind a limit, by what they say; only those
// that hang on no feeder where feeders are held against the connection.
func (c *Core) hosts(g int, direct bool) unit.Power {
	var sum unit.Power
	for i := range c.halls {
		if h := &c.halls[i]; c.within(h.group, g) && (!direct || h.group == g) {
			sum += h.draw()
		}
	}
	return sum
}

// within reports whether group a lies behind the limit of group b.
func (c *Core) within(a, b int) bool {
	for a > b {
		a = c.groups[a].Parent
	}
	return a == b
}

// HallStatus is where a hall of GPUs stands that takes budgets of the market.
type HallStatus struct {
	Hall    string                `json:"hall"`
	Heard   time.Time             `json:"heard,omitzero"`
	Power   unit.Power            `json:"power_w"` // at the meter
	Most    unit.Power            `json:"most_w"`  // that is reserved for it
	Steered bool                  `json:"steered"` // it takes budgets: in the last stage, while it is heard
	Budgets map[string]unit.Power `json:"budgets_w,omitempty"`
	Waits   bool                  `json:"waits_for_room,omitempty"` // it gets more as soon as machines have made room
	Bound   unit.Power            `json:"bound_w,omitempty"`        // whatever it costs; 0: none
	Trouble string                `json:"trouble,omitempty"`
}

func (c *Core) hallStatus() []HallStatus {
	var out []HallStatus
	for i := range c.halls {
		h := &c.halls[i]
		out = append(out, HallStatus{
			Hall: h.Name, Heard: h.at, Power: h.draw(), Most: max(h.draw(), h.most(c.knows(h))), Steered: c.steers() && c.heardOf(h), Budgets: maps.Clone(h.report.Budgets),
			Waits: h.pending != nil, Bound: h.last.Most, Trouble: h.ill,
		})
	}
	return out
}
