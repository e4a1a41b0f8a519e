package loop

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
	"sluice/use/export"
	"sluice/use/hosting"
	"sluice/use/mining"
)

// bids is the list of the uses of power: each says what power is worth to it.
// This is the one place that knows them all.
func (w *Wheel) bids(t *cycle.Turn, f Facts, offers []power.Offer, charges power.Charges) ([]use.Bid, error) {
	out, err := w.miners(t)
	if err != nil {
		return nil, err
	}
	for _, c := range w.steered(f) {
		in, err := tenant(t, c, f)
		if err != nil {
			return nil, err
		}
		b, err := c.Bid(in)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	feed := export.FeedIn{
		Use: "export/" + w.c.Site.Name, Limit: charges.ExportMax,
		Price: t.Outlook.Spot, Adder: charges.Export,
	}
	if len(charges.Export) > 0 {
		if b, wanted := feed.Bid(offers, t.Outlook.Mesh.Len()); wanted {
			b.Feed = true
			out = append(out, b)
		}
	}
	return out, nil
}

// miners are the bids of the mining groups at the hashprice known now. A site
// without miners needs none.
func (w *Wheel) miners(t *cycle.Turn) ([]use.Bid, error) {
	var out []use.Bid
	if len(w.c.Rigs) > 0 && !t.Snapshot.Hashprice.Known {
		return nil, errors.New("the hashprice is not known: feed the network's difficulty and a bitcoin price first")
	}
	for _, r := range w.c.Rigs {
		s, found := stateOf(t.Snapshot.Uses, r.Use())
		if !found {
			return nil, fmt.Errorf("mining group %s has no state: its devices were not read", r.Group().Name)
		}
		b, err := r.Bid(mining.Input{
			Hashprice: t.Snapshot.Hashprice.Value, Temperatures: t.Outlook.Air,
			Health: series.Flat(s.Health), State: s.State,
		})
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func stateOf(uses []cycle.UseState, name string) (cycle.UseState, bool) {
	for _, u := range uses {
		if u.Use == name {
			return u, true
		}
	}
	return cycle.UseState{}, false
}

// Branches lists the halls and feeders with the uses behind them.
func Branches(s site.Site, rigs []*mining.Rig, tenancies []*hosting.Tenancy) []power.Branch {
	var out []power.Branch
	add := func(name string, limit unit.Power, halls []string) {
		b := power.Branch{Name: name, Max: limit}
		for _, r := range rigs {
			if slices.Contains(halls, r.Group().Hall) {
				b.Uses = append(b.Uses, r.Use())
			}
		}
		for _, c := range tenancies {
			if slices.Contains(halls, c.Contract().Hall) {
				b.Uses = append(b.Uses, c.Use())
			}
		}
		if limit > 0 && len(b.Uses) > 0 {
			out = append(out, b)
		}
	}
	for _, h := range s.Halls {
		add("hall/"+h.Name, h.Limit, []string{h.Name})
	}
	for _, f := range s.Feeders {
		var halls []string
		for _, h := range s.On(f.Name) {
			halls = append(halls, h.Name)
		}
		add("feeder/"+f.Name, f.Limit, halls)
	}
	return out
}

// planned is the peak that each demand charge is expected to reach in its whole
// period, so that a day's plan does not weigh a month's charge against a day's
// margin: of every step of every group, the power that earns the charge in what
// is left of the period at the mean of the expected prices, and what tenants are
// expected to draw, less what the plants behind the meter give at all hours. It is thought over once a local day.
//
// Source: docs/formula/tariff.md, "Planned peak".
func (w *Wheel) planned(t *cycle.Turn, f Facts) map[string]unit.Power {
	if len(w.c.Contracts.Demand) == 0 || len(w.c.Rigs) > 0 && !t.Snapshot.Hashprice.Known {
		return nil
	}
	day := series.DayOf(t.Snapshot.At, w.c.Site.Zone).Start
	if w.peaks != nil && day.Equal(w.planDay) {
		return w.peaks
	}
	mean := w.meanCost(t)
	w.planDay, w.peaks = day, map[string]unit.Power{}
	for _, r := range w.c.Rigs {
		pue := r.Group().Cooling.PUE0
		health := unit.One
		if s, found := stateOf(t.Snapshot.Uses, r.Use()); found {
			health = s.Health
		}
		for k, s := range r.Steps() {
			margin := r.Worth(k, t.Snapshot.Hashprice.Value).Unscale(pue) - mean
			most := (s.Power * unit.Power(r.Group().Count)).Scale(health).Scale(pue)
			for rule, p := range w.c.Contracts.PlannedPeaks(t.Snapshot.At, w.c.Site.Zone, margin, most) {
				w.peaks[rule] += p
			}
		}
	}
	others := w.c.Site.MustRun + w.tenants(t, f) - w.firm()
	for _, d := range w.c.Contracts.Demand {
		w.peaks[d.Name] = max(0, min(w.peaks[d.Name]+others, w.c.Site.Connection.Ceiling()))
	}
	return w.peaks
}

// tenants is what tenants are expected to draw at the meter, in the mean.
func (w *Wheel) tenants(t *cycle.Turn, f Facts) (sum unit.Power) {
	for _, c := range w.steered(f) {
		var all unit.Energy
		var over time.Duration
		for i, d := range t.Outlook.Mesh.Lengths {
			all, over = all+f.Loads[c.Use()].At(i).Over(d), over+d
		}
		sum += all.Mean(over).ScaleUp(max(unit.One, c.Cooling().PUE0))
	}
	return sum
}

// firm is what the plants behind the meter give at every hour of the day.
func (w *Wheel) firm() unit.Power {
	var sum unit.Power
	for _, g := range w.c.Contracts.Plants {
		least := unit.One
		switch {
		case len(g.Profile) > 0:
			least = slices.Min(g.Profile)
		case g.Kind == power.Wind || g.Kind == power.Solar:
			least = 0
		}
		sum += g.Power.Scale(least)
	}
	return sum
}

// meanCost is what a MWh from the market is expected to cost on the average.
func (w *Wheel) meanCost(t *cycle.Turn) unit.Price {
	var sum, hours int64
	for i, d := range t.Outlook.Mesh.Lengths {
		p := t.Outlook.Spot[i]
		if s := w.c.Contracts.Spot; s != nil {
			p = s.Adders.Buy(p)
		}
		sum += int64(p) / 1000 * int64(d/time.Minute)
		hours += int64(d / time.Minute)
	}
	return unit.Price(sum / max(1, hours) * 1000)
}
