package hall

import (
	"context"
	"time"

	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting/meter"
)

// page is how many lines of usage are read at once.
const page = 10_000

// used sums the stored lines of a period up.
func (h *Hall) used(ctx context.Context, from time.Time) (Used, error) {
	out := Used{From: from, To: h.now(), Now: h.ledger.kept.First.At}
	at := map[string]int{}
	for _, t := range h.cfg.Tenancies {
		at[t.Contract().Name] = len(out.Lines)
		out.Lines = append(out.Lines, UsedLine{Contract: t.Contract().Name, Tenant: t.Contract().Tenant})
	}
	lines, err := h.lines(ctx, from, out.To)
	if err != nil {
		return out, err
	}
	for _, u := range lines {
		if i, ours := at[u.Contract]; ours {
			out.Lines[i].add(u)
		}
	}
	out.Witness = h.witness.since(from)
	if err := h.heldLines(ctx, &out); err != nil {
		return out, err
	}
	for _, v := range meter.Hours(h.balances()[h.cfg.Hall.Name]) {
		if v.Stretch.To > from.Unix() {
			out.Balances = append(out.Balances, v)
		}
	}
	return out, nil
}

// lines are what is stored of this hall's meter from one instant to another.
func (h *Hall) lines(ctx context.Context, from, to time.Time) ([]meter.Usage, error) {
	var out []meter.Usage
	for after := 0; ; after += page {
		some, err := h.plant.Store.Office().Usage(ctx, tenants.Query{From: from, To: to, After: after, Limit: page})
		if err != nil {
			return nil, err
		}
		for _, u := range some {
			if u.Meter == h.cfg.Hall.Name {
				out = append(out, u)
			}
		}
		if len(some) < page {
			return out, nil
		}
	}
}

func (l *UsedLine) add(u meter.Usage) {
	switch {
	case u.Measure == meter.GPUSeconds:
		l.GPUSeconds += u.Quantity
	case u.Component == meter.ITEnergy:
		l.IT += unit.Energy(u.Quantity)
	case u.Component == meter.FacilityEnergy:
		l.Facility += unit.Energy(u.Quantity)
	}
	l.Estimated = l.Estimated || u.Estimated
}

// heldLines counts what is not billed yet, by contract.
func (h *Hall) heldLines(ctx context.Context, out *Used) error {
	office, desk := h.plant.Store.Office(), h.plant.Store.Desk()
	for i := range out.Lines {
		who, err := office.Owner(ctx, out.Lines[i].Contract)
		if err != nil {
			return err
		}
		all, err := desk.Held(ctx, who)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Contract == out.Lines[i].Contract && x.Released == nil && x.Span.To > out.From.Unix() {
				out.Lines[i].Held++
			}
		}
	}
	return nil
}
