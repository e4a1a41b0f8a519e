package hall

import (
	"context"
	"time"

	"sluice/service"
	"sluice/unit"
	"sluice/use/hosting"
)

// Promise is how the promise of one contract stands in the month that is under way.
// All times are GPU-seconds, or kilowatt-seconds of colocation.
type Promise struct {
	Contract string         `json:"contract"`
	From     time.Time      `json:"from"` // of the month, in the zone of the site
	To       time.Time      `json:"to"`
	Recorded int64          `json:"recorded_s"`          // that was promised and looked at
	Down     int64          `json:"down_s"`              // of it: could not be used, whoever caused it
	Excused  int64          `json:"excused_s"`           // of Down: does not count, as agreed
	Allowed  *int64         `json:"allowed_s,omitempty"` // that cost nothing in the whole month; nil: no tier is promised, or nodes are held one by one
	Left     *int64         `json:"left_s,omitempty"`    // until the next tier is missed; nil: likewise, or the last one is
	Tiers    []service.Tier `json:"tiers,omitempty"`
	Fee      unit.Amount    `json:"fee_micros"`              // of the month
	Credit   *unit.Amount   `json:"credit_micros,omitempty"` // if nothing more goes wrong; nil: nodes are held one by one
}

// Promises are those of all contracts that were promised something and were looked at
// this month.
func (h *Hall) Promises(ctx context.Context) ([]Promise, error) {
	out := []Promise{}
	err := h.Do(ctx, func(context.Context) {
		now := h.now()
		for _, t := range h.cfg.Tenancies {
			l := h.service.kept.Level[t.Contract().Name]
			if l.Committed > 0 && !now.Before(l.Month.Start) && now.Before(l.Month.End()) {
				out = append(out, standsFor(t.Contract(), l, h.cfg.Zone))
			}
		}
	})
	return out, err
}

// standsFor is how a promise stands after what a month has seen.
func standsFor(c hosting.Contract, l hosting.LevelState, zone *time.Location) Promise {
	whole := service.Record{Committed: max(l.Committed, c.Committed(l.Month.Start, l.Month.End(), zone)), Down: l.Down, Excused: l.Excused}
	p := Promise{
		Contract: c.Name, From: l.Month.Start.UTC(), To: l.Month.End().UTC(), Recorded: l.Committed, Down: l.Down, Excused: l.Excused,
		Tiers: c.Level.Tiers, Fee: c.Fee(l.Month, zone),
	}
	if c.Level.Scope == service.Instance {
		return p
	}
	credit := c.Level.Credit(p.Fee, whole)
	p.Credit = &credit
	unused := whole
	unused.Down = unused.Excused
	if all, some := c.Level.Allowance(unused); some {
		p.Allowed = &all
	}
	if left, some := c.Level.Allowance(whole); some {
		p.Left = &left
	}
	return p
}
