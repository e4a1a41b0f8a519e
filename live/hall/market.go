package hall

import (
	"context"
	"fmt"
	"maps"
	"time"

	"sluice/loop"
	"sluice/loop/curtail"
	"sluice/loop/cycle"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
)

// market is what the hall tells the market of its site, and was told by it.
type market struct {
	kept    keptMarket
	runs    map[string]counted // by job that ran in the last view
	meter   Sample             // of the hall, when it was counted last
	bound   unit.Power         // at the hall's meter, whatever it costs; 0: none
	within  time.Duration
	refused []string // calls that the terms do not cover, since the last report
	called  map[string]bool
	unkept  bool
}

// keptMarket is what of it outlives a restart.
type keptMarket struct {
	Hall      string
	At        time.Time                    // view up to which everything is counted
	Registers map[string]cycle.UseRegister // by contract
	Idle      cycle.UseRegister            // of what no contract holds
	Total     unit.Energy                  // at the hall's meter
	Flex      map[string]hosting.FlexState
	Until     time.Time // of the budgets that came last
	Event     string    // curtailment that keeps the market's bound; empty: none
}

const marketFile = "market.json" // before anything of it is told

// counted is a job as it ran in a view.
type counted struct {
	contract string
	gpus     int
	saved    time.Time
}

// Market takes what the market of the site gives the hall until an instant. Orders to
// uses that are not of this hall are left out; without any the budgets stay.
func (h *Hall) Market(ctx context.Context, o loop.HallOrder) error {
	if !o.At.Before(o.Until) || o.Most < 0 || o.Within < 0 {
		return fmt.Errorf("%w: an order of the market has an end after its beginning, and no negative bound", ErrNo)
	}
	return h.Do(ctx, func(ctx context.Context) {
		m := &h.market
		for _, c := range o.Calls {
			m.call(ctx, h, c)
		}
		for _, x := range o.Orders {
			for _, t := range h.cfg.Tenancies {
				if t.Use() == x.Use {
					if h.budgets == nil {
						h.budgets = map[string]unit.Power{}
					}
					h.budgets = maps.Clone(h.budgets)
					h.budgets[t.Contract().Name] = x.Draw
				}
			}
		}
		if len(o.Orders) > 0 {
			m.kept.Until = o.Until
		}
		m.bound, m.within, m.unkept = o.Most, o.Within, true
		h.steer(ctx, h.now())
		m.keepBound(ctx, h)
	})
}

// call enters a call on the power that a tenant lets go, and lets the tenant know.
func (m *market) call(ctx context.Context, h *Hall, c cycle.Call) {
	for _, t := range h.cfg.Tenancies {
		if t.Use() != c.Use {
			continue
		}
		name, now := t.Contract().Name, h.now()
		call := hosting.Call{From: c.From, To: c.To}
		before := m.kept.Flex[name]
		if before.Call == call {
			return // it is told again
		}
		next, err := before.Announce(t.Contract().Flex, now, call, h.cfg.Zone)
		if err != nil {
			m.refused = append(m.refused, fmt.Sprintf("contract %s: %v", name, err))
			h.note("call_refused", "%s: %v", name, err)
			return
		}
		m.kept.Flex = maps.Clone(m.kept.Flex)
		if m.kept.Flex == nil {
			m.kept.Flex = map[string]hosting.FlexState{}
		}
		m.kept.Flex[name], m.unkept = next, true
		h.note("called", "contract %s lets power go from %s to %s", name, c.From.UTC().Format(time.RFC3339), c.To.UTC().Format("15:04 UTC"))
		h.hush(DiskRefuses, "notices", m.announce(ctx, h, name, call))
	}
}

// announce keeps the notice of a call for the tenant.
func (m *market) announce(ctx context.Context, h *Hall, contract string, c hosting.Call) error {
	office := h.plant.Store.Office()
	who, err := office.Owner(ctx, contract)
	if err != nil {
		return err
	}
	event := "call-" + c.From.UTC().Format("20060102-150405")
	return office.Notify(ctx, who, tenants.Notice{
		Contract: contract, Event: event, Revision: h.service.revision(ctx, h, who, contract, event), At: h.now(), From: c.From, Until: c.To,
		Measure: "power may be taken, as agreed", Says: "the market calls the power that the contract lets go",
	})
}

// covered reports whether a call that was announced in time covers now.
func (m *market) covered(contract string, now time.Time) bool {
	c := m.kept.Flex[contract].Call
	return !now.Before(c.From) && now.Before(c.To)
}

// pass does what time alone brings about: calls begin and end, budgets grow old, and
// the market's bound is kept.
func (m *market) pass(ctx context.Context, h *Hall, now time.Time) {
	changed := false
	for _, t := range h.cfg.Tenancies {
		name := t.Contract().Name
		if is := m.covered(name, now); is != m.called[name] {
			if m.called == nil {
				m.called = map[string]bool{}
			}
			m.called[name], changed = is, true
		}
	}
	if changed {
		h.refit(ctx)
	}
	if !m.kept.Until.IsZero() && now.After(m.kept.Until) {
		h.ill(Trouble{Code: string(MarketSilent), Subject: h.cfg.Hall.Name, Why: "its last budgets were for the time until " + m.kept.Until.UTC().Format(time.TimeOnly), Remedy: MarketSilent.Remedy()})
	} else {
		h.well(string(MarketSilent), h.cfg.Hall.Name)
	}
	m.keepBound(ctx, h)
}

// keepBound begins, tightens and ends the curtailment that keeps the market's bound.
func (m *market) keepBound(ctx context.Context, h *Hall) {
	p, known := h.power(HallMeter, h.cfg.Hall.Name)
	st := h.kernel.State()
	over, active := known && m.bound > 0 && p.Power > m.bound+h.cfg.Timing.Notice, h.active()
	back := st.Phase == curtail.Releasing
	switch {
	case active && st.Event != m.kept.Event:
		if over { // a person's curtailment goes first
			m.missed(h, fmt.Errorf("%s runs, and the hall draws %s where %s is left", st.Event, p.Power, m.bound))
		}
	case over && !active:
		m.kept.Event = "market-" + h.now().UTC().Format("20060102-150405")
		m.begin(ctx, h, m.kept.Event, p.Power)
	case active && m.bound > 0 && (m.bound < st.Order.To || back && over):
		m.begin(ctx, h, st.Event, p.Power)
	case active && m.bound == 0 && (!back || !st.Unbound), active && m.bound > st.Order.To && (!back || st.Limit != m.bound):
		if err := h.ask(ctx, curtail.Release{Event: st.Event, Limit: m.bound}); err != nil {
			m.missed(h, err)
		}
	}
	if !over {
		h.well(string(BoundMissed), h.cfg.Hall.Name)
	}
}

func (m *market) missed(h *Hall, err error) {
	h.ill(Trouble{Code: string(BoundMissed), Subject: h.cfg.Hall.Name, Why: err.Error(), Remedy: BoundMissed.Remedy()})
}

// begin orders a curtailment to the market's bound, or a deeper one of the event that runs.
func (m *market) begin(ctx context.Context, h *Hall, event string, from unit.Power) {
	o := curtail.Order{Event: event, From: from, To: m.bound, At: h.now().UTC(), Within: max(m.within, time.Minute), Why: "the grid or the connection leaves less power"}
	h.refit(ctx)
	if err := h.ask(ctx, curtail.Begin{Order: o}); err != nil {
		m.missed(h, err)
		return
	}
	h.note("curtail", "%s: to %s within %s, by the market: its bound", event, o.To, o.Within)
}

// unbind lets the market's bound go whose curtailment a person gives back.
func (m *market) unbind(h *Hall, event string) {
	if st := h.kernel.State(); m.kept.Event != "" && st.Event == m.kept.Event && (event == "" || event == m.kept.Event) {
		m.bound = 0
	}
}

// Free lets every contract have all of its power again, and no bound stands, until the
// market speaks again.
func (h *Hall) Free(ctx context.Context) error {
	return h.Do(ctx, func(ctx context.Context) {
		h.budgets = map[string]unit.Power{}
		for _, t := range h.cfg.Tenancies {
			h.budgets[t.Contract().Name] = t.Capacity()
		}
		h.market.kept.Until, h.market.bound, h.market.unkept = time.Time{}, 0, true
		h.note("freed", "every contract may have all of its power, until the market gives budgets again")
		h.steer(ctx, h.now())
	})
}
