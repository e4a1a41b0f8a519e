package loop

import (
	"errors"
	"fmt"
	"slices"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
	"sluice/use/export"
	"sluice/use/mining"
)

// bids is the list of the uses of power: each says what power is worth to it.
// This is the one place that knows them all.
func (w *Wheel) bids(t *cycle.Turn, offers []power.Offer, charges power.Charges) ([]use.Bid, error) {
	out, err := w.miners(t)
	if err != nil {
		return nil, err
	}
	feed := export.FeedIn{
		Use: "export/" + w.c.Site.Name, Limit: charges.ExportMax,
		Price: t.Outlook.Spot, Adder: charges.Export,
	}
	if len(charges.Export) > 0 {
		if b, any := feed.Bid(offers, t.Outlook.Mesh.Len()); any {
			b.Feed = true
			out = append(out, b)
		}
	}
	return out, nil
}

// miners are the bids of the mining groups at the hashprice known now.
func (w *Wheel) miners(t *cycle.Turn) ([]use.Bid, error) {
	var out []use.Bid
	if !t.Snapshot.Hashprice.Known {
		return nil, errors.New("the hashprice is not known: feed the network's difficulty and a bitcoin price first")
	}
	for _, r := range w.c.Rigs {
		s, found := stateOf(t.Snapshot.Uses, "mining/"+r.Group().Name)
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

// branches lists the halls and feeders with the mining groups behind them.
func branches(s site.Site, rigs []*mining.Rig) []power.Branch {
	var out []power.Branch
	add := func(name string, limit unit.Power, halls []string) {
		b := power.Branch{Name: name, Max: limit}
		for _, r := range rigs {
			if slices.Contains(halls, r.Group().Hall) {
				b.Uses = append(b.Uses, "mining/"+r.Group().Name)
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
