package hall

import (
	"time"

	"sluice/unit"
)

// Advance lets d pass. What is below a second is kept for the next call.
func (h *Hall) Advance(d time.Duration) {
	h.rest += max(0, d)
	end := h.now + moment(h.rest/time.Second)
	h.rest %= time.Second
	h.peak = h.meter()
	for {
		next := h.nextEvent()
		if next > end {
			break
		}
		h.pass(next - h.now)
		h.now = next
		h.settle()
		h.peak = max(h.peak, h.meter())
	}
	h.pass(end - h.now)
	h.now = end
}

// meter is what the site's meter sees of the hall now.
func (h *Hall) meter() unit.Power { return h.draw.ScaleUp(h.pue) }

// Peak is the highest power that the site's meter saw of the hall in the last Advance.
func (h *Hall) Peak() unit.Power { return h.peak }

// nextEvent is when something happens by itself.
func (h *Hall) nextEvent() moment {
	next := min(h.next, h.moves, h.phase, h.saving, h.tires)
	for i := range h.tenants {
		next = min(next, h.tenants[i].arrives, h.tenants[i].soonest)
	}
	return max(next, h.now)
}

// settle lets happen what is due, until nothing is.
func (h *Hall) settle() {
	for {
		if h.phase <= h.now {
			h.outside()
		}
		h.servers()
		h.happen()
		for i := range h.tenants {
			h.arrivals(i)
		}
		h.schedule()
		h.saving = h.thrift()
		if min(h.next, h.moves, h.phase, h.saving) > h.now {
			return
		}
	}
}

// arrivals lets in the jobs of a contract that are due. What comes before the
// contract begins or after it ended is turned away.
func (h *Hall) arrivals(i int) {
	t, k := &h.tenants[i], &h.set.tenants[i]
	if t.arrives > h.now {
		return
	}
	t.arrives = never
	for t.stream != nil {
		j, ok := t.stream.Next()
		if !ok {
			return
		}
		if t.arrives = at(j.Arrive); t.arrives > h.now {
			return
		}
		t.stream.Take()
		if k.inForce(h.now) && j.GPUs > 0 {
			h.enter(i, j)
		}
		t.arrives = never
	}
}

// outside takes note of what comes from outside: temperature, load of tenants with
// hardware of their own, beginning, ramp and end of contracts, the calendar month,
// and when any of it changes next.
func (h *Hall) outside() {
	c := h.set.c
	h.version++
	h.phase = never
	h.pue = c.Hall.Cooling.PUE0
	if c.Air != nil {
		if t, known := c.Air.At(h.now.time()); known {
			h.pue = c.Hall.Cooling.PUE(t)
		}
		h.phase = h.airChange()
	}
	for i := range h.tenants {
		k := &h.set.tenants[i]
		h.load(i)
		for _, m := range append([]moment{at(k.Start)}, k.ramps...) {
			h.later(m)
		}
		for _, c := range h.tenants[i].flex.told {
			h.later(c.from)
			h.later(c.to)
		}
		if !k.End.IsZero() {
			h.later(at(k.End))
			if at(k.End) == h.now {
				h.close(i)
			}
		}
	}
	for _, x := range h.windows {
		h.later(x.from)
		h.later(x.until)
	}
	first := h.now.time()
	h.later(at(time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, time.UTC)))
}

// later takes note of a change from outside, if it still comes.
func (h *Hall) later(m moment) {
	if m > h.now {
		h.phase = min(h.phase, m)
	}
}

// airChange is when the temperature changes next, or may.
func (h *Hall) airChange() moment {
	g := h.set.c.Air.Grid
	if i, inside := g.Index(h.now.time()); inside {
		return at(g.Start(i + 1))
	}
	if first := at(g.Start(0)); first > h.now {
		return first
	}
	return never
}

// load sets what a tenant with hardware of its own draws in this hour.
func (h *Hall) load(i int) {
	t, k := &h.tenants[i], &h.set.tenants[i]
	if !k.colocated() {
		return
	}
	share := unit.Ratio(0)
	if k.inForce(h.now) {
		share = unit.One
		if k.load != nil {
			share = k.load.At(h.now.time())
			h.later(h.now - h.now%3600 + 3600)
		}
	}
	draw := k.Power.Scale(share)
	h.draw += draw - t.draw
	t.started += max(0, draw-t.draw)
	t.draw, t.full = draw, draw
}

// pass lets seconds pass in which nothing happens.
func (h *Hall) pass(seconds moment) {
	if seconds <= 0 {
		return
	}
	d := time.Duration(seconds) * time.Second
	h.it += h.draw.Over(d)
	rest := h.draw
	for i := range h.tenants {
		t := &h.tenants[i]
		rest -= t.draw
		t.it += t.draw.Over(d)
		t.meter += t.draw.Scale(h.pue).Over(d)
		h.serve(i, int64(seconds))
	}
	h.idle += rest.Scale(h.pue).Over(d)
}
