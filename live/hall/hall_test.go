package hall

import (
	"strings"
	"testing"
	"time"

	"sluice/engine"
	"sluice/loop/curtail"
	"sluice/unit"
)

// TestCurtail takes a third of a hall away within ten minutes, holds it for twenty,
// and gives everything back.
func TestCurtail(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		before, racks := b.shows(HallMeter, ""), b.shows(RackMeter, "h100-rack-03")
		event := b.curtail(30_000, 10*time.Minute, 20*time.Minute)
		b.pass(10 * time.Minute)
		if now := b.shows(HallMeter, ""); before-now < 29_500 {
			b.tb.Errorf("the hall's meter fell from %s to %s, wanted 30 kW", before, now)
		}
		if now := b.shows(RackMeter, "h100-rack-03"); now >= racks {
			b.tb.Errorf("the meter of a rack went from %s to %s", racks, now)
		}
		e := b.status().Event
		if e == nil || e.Phase != curtail.Holding || !e.Proven || e.Outcome.Hall.Fell() < 29_500 || !e.Outcome.Racks["h100-rack-03"].Known {
			b.tb.Errorf("the event says %+v", e)
		}
		for id, s := range b.states() {
			if strings.HasPrefix(id, "firm") && s != engine.Running {
				b.tb.Errorf("firm job %s is %s", id, s)
			}
		}
		b.pass(60 * time.Minute)
		b.restored(event)
		if now := b.shows(HallMeter, ""); now < before-500 {
			b.tb.Errorf("the hall draws %s, %s before", now, before)
		}
	})
}

// restored checks that nothing of an event is left.
func (b *bench) restored(event string) {
	b.tb.Helper()
	s := b.status()
	if s.Event == nil || s.Event.Order.Event != event || s.Event.Phase != curtail.Done || len(s.Event.Acts) > 0 {
		b.tb.Errorf("the event is not over: %+v", s.Event)
	}
	if l := b.limits(); len(l) > 0 {
		b.tb.Errorf("limits are left: %v", l)
	}
	for id, state := range b.states() {
		if state != engine.Running {
			b.tb.Errorf("job %s is %s after everything was given back", id, state)
		}
	}
	v, err := b.v.View(b.tb.Context())
	if err != nil || v.Watts.Withheld > 0 {
		b.tb.Errorf("%s are still withheld, %v", v.Watts.Withheld, err)
	}
	for _, q := range v.Queues {
		if q.Held {
			b.tb.Errorf("queue %s is still held by %q", q.Name, q.Event)
		}
	}
}

// TestPreview: the plan names levers in their order with time and price, the bound
// holds, and nothing is done.
func TestPreview(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		p, err := b.h.Propose(b.tb.Context(), Wish{By: 30_000, Within: 10 * time.Minute, Hold: time.Hour})
		if err != nil {
			b.tb.Fatal(err)
		}
		if p.Saved < 30_000 || p.Lands > p.To || p.Bound > p.Cost || p.Cost <= 0 || !p.Metered || len(p.Next) == 0 {
			b.tb.Errorf("the proposal is %+v", p)
		}
		var sum unit.Power
		for i, s := range p.Steps {
			sum += s.Saved
			if s.Firm {
				b.tb.Errorf("step %d evicts firm tenants: %+v", i, s)
			}
		}
		if d := p.Saved - sum; d > 5 || d < -5 {
			b.tb.Errorf("steps come to %s, the plan to %s", sum, p.Saved)
		}
		if n := len(b.spy.commands()); n > 0 || b.status().Event != nil {
			b.tb.Errorf("%d commands went out for a preview", n)
		}
		for name, w := range map[string]Wish{
			"more than it draws":  {By: unit.Megawatt, Within: time.Minute},
			"up":                  {To: unit.Megawatt, Within: time.Minute},
			"both ways":           {To: 50_000, By: 10_000, Within: time.Minute},
			"without time":        {By: 10_000},
			"a name that is none": {By: 10_000, Within: time.Minute, Event: "No Name"},
		} {
			if _, err := b.h.Propose(b.tb.Context(), w); err == nil {
				b.tb.Errorf("%s was taken", name)
			}
		}
	})
}

// TestBudgets: the market gives a contract less, and then everything again.
func TestBudgets(t *testing.T) {
	t.Parallel()
	inBubble(t, nil, func(b *bench) {
		before := b.shows(HallMeter, "")
		full := map[string]unit.Power{"firm": 100 * unit.Kilowatt, "spot": 100 * unit.Kilowatt, "batch": 100 * unit.Kilowatt}
		cut := map[string]unit.Power{"firm": 100 * unit.Kilowatt, "spot": 10 * unit.Kilowatt, "batch": 100 * unit.Kilowatt}
		b.gives(0, cut)
		b.pass(10 * time.Minute)
		low := b.shows(HallMeter, "")
		if before-low < 15_000 {
			b.tb.Errorf("the meter fell from %s to %s, and spot should be down to 10 kW", before, low)
		}
		for id, s := range b.states() {
			if !strings.HasPrefix(id, "spot") && s != engine.Running {
				b.tb.Errorf("%s is %s", id, s)
			}
		}
		b.gives(0, full)
		b.pass(30 * time.Minute)
		for id, s := range b.states() {
			if s != engine.Running {
				b.tb.Errorf("%s is %s after everything was given", id, s)
			}
		}
		if l := b.limits(); len(l) > 0 {
			b.tb.Errorf("limits are left: %v", l)
		}
	})
}
