package live

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/loop"
	"sluice/store/sqlite"
	"sluice/unit"
)

// budgeted hands the budgets of a plan on: what takes power away at once, what gives
// some when there is room for it.
func (c *Core) budgeted(e Budgeted) {
	for i := range c.halls {
		h := &c.halls[i]
		o := h.part(e)
		if len(o.Orders) == 0 || !c.steers() || !c.heardOf(h) {
			h.pending = nil
			continue
		}
		o.At = c.now
		h.pending = &o
		c.claim(i)
		if h.sending == nil {
			c.lower(i)
		}
	}
}

// part is what of a plan's budgets concerns a hall.
func (h *attended) part(e Budgeted) loop.HallOrder {
	out := loop.HallOrder{Until: e.Until}
	for _, t := range h.Tenancies {
		for _, o := range e.Orders {
			if o.Use == t.Use() {
				out.Orders = append(out.Orders, o)
			}
		}
		for _, k := range e.Calls {
			if k.Use == t.Use() {
				out.Calls = append(out.Calls, k)
			}
		}
	}
	return out
}

// lower sends what of a waiting order takes power away. Where it gives none, that is
// all of it.
func (c *Core) lower(i int) {
	h := &c.halls[i]
	o, raises := *h.pending, false
	o.Orders = slices.Clone(o.Orders)
	for k := range o.Orders {
		x := &o.Orders[k]
		if b, bounded := h.report.Budgets[x.Use]; bounded && x.Draw > b {
			x.Draw, raises = b, true
		}
	}
	if !raises || c.raisesFirst {
		o, h.pending = *h.pending, nil
	}
	o.Most = h.last.Most
	c.sendHall(i, o)
}

// rise sends a waiting order that raises, once what it gives is free behind every
// limit. One that is too old is left out: the next plan knows better.
func (c *Core) rise(i int) {
	h := &c.halls[i]
	if !c.steers() || !c.now.Before(h.pending.Until) {
		h.pending = nil
		c.claim(i)
		return
	}
	for g := h.group; g >= 0; g = c.groups[g].Parent {
		if v := c.kernel.Group(g); v.Reserved > v.Limit || v.Stale {
			return
		}
	}
	o := *h.pending
	h.pending = nil
	o.Most = h.last.Most
	c.sendHall(i, o)
}

// sendHall lets an order out; one at a time.
func (c *Core) sendHall(i int, o loop.HallOrder) {
	h := &c.halls[i]
	o.Within = c.cfg.Shed
	raise := h.last.Most > 0 && (o.Most == 0 || o.Most > h.last.Most)
	for _, x := range o.Orders {
		b, bounded := h.report.Budgets[x.Use]
		raise = raise || bounded && x.Draw > b
	}
	c.serial++
	e := sqlite.Epoch{Term: c.cfg.Term, Plan: c.now.Unix(), Sequence: c.serial}
	r := c.record(sqlite.Order, "order/"+ofHall+h.Name+"/"+e.String(), ofHall+h.Name, e, o)
	h.sending, h.epoch = &o, e
	c.claim(i)
	c.out = append(c.out, Steer{Hall: i, Order: o.Shifted(h.shift), Raise: raise, Record: r})
}

// ofHall begins the subject of records about a hall.
const ofHall = "hall/"

// followed takes what became of an order. Where nobody knows, the next report says.
func (c *Core) followed(e Followed) {
	h := &c.halls[e.Hall]
	if h.sending == nil {
		return
	}
	o := *h.sending
	h.sending = nil
	if e.Err != nil {
		c.illHall(e.Hall, "hall_refuses", fmt.Sprintf("%v: its budgets stay as they were", e.Err))
		h.next, h.told, h.doubt = c.now, c.now, &o
		c.claim(e.Hall)
		return // what waits goes out when there is room
	}
	h.last, h.told = o, c.now
	c.out = append(c.out, Keep{Record: c.record(sqlite.Receipt, "taken/"+h.Name+"/"+h.epoch.String(), ofHall+h.Name, sqlite.Epoch{}, struct {
		Epoch sqlite.Epoch `json:"epoch"`
	}{h.epoch})})
	h.report.Budgets = maps.Clone(h.report.Budgets)
	for _, x := range o.Orders {
		if h.report.Budgets == nil {
			h.report.Budgets = map[string]unit.Power{}
		}
		h.report.Budgets[x.Use] = x.Draw
	}
	c.claim(e.Hall)
	if h.pending != nil && h.pending.At.After(o.At) { // it came while this was on its way
		c.lower(e.Hall)
	}
}

// bound gives a hall a bound that it must keep whatever that costs, where it draws
// more than the limits leave without a single machine: machines went first. It is
// lifted as the limits come back. An instruction of the grid binds in every stage.
func (c *Core) bound(i int) {
	h := &c.halls[i]
	if !c.heardOf(h) || h.sending != nil || h.last.Most == 0 && !c.steers() && !c.instructed(h.group) {
		return
	}
	room := c.room(i)
	switch {
	case h.draw() <= room:
		h.over = time.Time{}
	case h.over.IsZero():
		h.over = c.now
	}
	want := h.last.Most
	switch {
	case !h.over.IsZero() && c.now.Sub(h.over) >= 2*kernelTick*time.Second && (want == 0 || room < want):
		want = max(1, room)
	case want > 0 && room >= h.most(true)+h.most(true)/10 && h.over.IsZero():
		want = 0
	case want > 0 && room > want+want/100:
		want = room
	}
	if want == h.last.Most || (want == 0 || want > h.last.Most && h.last.Most > 0) && c.kernel.Shedding() {
		return
	}
	o := h.last
	o.At, o.Most = c.now, want
	if o.Until.IsZero() {
		o.Until = c.now.Add(2 * c.cfg.settleStep())
	}
	if h.bounded != want {
		h.bounded = want
		c.out = append(c.out, Alarm{Machine: -1, Code: "hall_bound", Text: fmt.Sprintf("hall %s: at most %s at its meter, it draws %s", h.Name, boundText(want), h.draw())})
	}
	c.sendHall(i, o)
}

// instructed reports whether the grid leaves less than what is connected, here or
// around it.
func (c *Core) instructed(group int) bool {
	for g := group; g >= 0; g = c.groups[g].Parent {
		if c.kernel.Group(g).Limit < c.groups[g].Limit {
			return true
		}
	}
	return false
}

func boundText(p unit.Power) string {
	if p == 0 {
		return "what its tenants want"
	}
	return p.String()
}

// room is what every limit around a hall leaves it when all machines sleep.
func (c *Core) room(i int) unit.Power {
	h := &c.halls[i]
	least := unlimited
	for g := h.group; g >= 0; g = c.groups[g].Parent {
		v := c.kernel.Group(g)
		left := v.Limit - c.groups[g].Unmeasured - v.Limit.Scale(c.groups[g].Margin) - c.sleeping(g)
		for k := range c.halls {
			if o := &c.halls[k]; k != i && c.within(o.group, g) {
				left -= o.draw()
			}
		}
		least = min(least, left)
	}
	return max(0, least)
}

// sleeping is what the machines behind a limit draw when all of them sleep.
func (c *Core) sleeping(g int) unit.Power {
	var sum unit.Power
	for i := range c.machines {
		if c.behind(i, g) {
			sum += restMean
		}
	}
	return sum.ScaleUp(unit.One + c.meanOverhead())
}
