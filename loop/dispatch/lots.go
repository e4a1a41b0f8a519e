package dispatch

import (
	"cmp"
	"slices"

	"sluice/loop/cycle"
	"sluice/unit"
)

// InputOf is everything that the decision of a stored turn depended on.
func InputOf(t *cycle.Turn) Input {
	p := t.Plan
	return Input{
		Head: p.Head, Mesh: p.Mesh, Bids: p.Bids, Offers: p.Offers, Charges: p.Charges,
		Limit: t.Snapshot.Limit, MustRun: p.MustRun,
	}
}

// Lot is one offer, or one step of a bid, as the market of one interval sees it.
type Lot struct {
	Name  string     // source, or use
	Step  int        // of a bid
	Price unit.Price // what a MWh at the meter costs from here, or is worth here
	Max   unit.Power // at the meter, >= 0
	Taken unit.Power // of it by the plan
	Sold  unit.Power // of a block, back to the market
	Must  bool       // not for the market to decide: house load, a plant that cannot be turned down
}

// Lots are the offers from the cheapest and the steps of the bids from the worthiest,
// as they met in interval t of a plan. Taken is as the plan has it: what couples
// intervals (starts, minimum times, promises) can leave a worthy step off and a poor
// one on.
func Lots(in Input, p cycle.Plan, t int) (offers, bids []Lot) {
	for o, x := range in.Offers {
		l := Lot{Name: x.Source, Price: laneCost(in, o, t), Max: x.Max.At(t), Must: forced(x)}
		for _, s := range p.Supply {
			if s.Source == x.Source && t < len(s.Power) {
				l.Taken = s.Power[t]
				if t < len(s.Sold) {
					l.Sold = s.Sold[t]
				}
			}
		}
		offers = append(offers, l)
	}
	if in.MustRun > 0 {
		bids = append(bids, Lot{Name: "house", Max: in.MustRun, Taken: in.MustRun, Must: true})
	}
	for _, b := range in.Bids {
		left := metered(p, b.Use, t)
		for k, s := range b.Steps {
			most := s.Power.Scale(b.Available.At(t)).Scale(b.PUE.At(t))
			l := Lot{Name: b.Use, Step: k, Price: s.Worth.At(t).Unscale(b.PUE.At(t)), Max: most, Taken: min(left, most)}
			left -= l.Taken
			bids = append(bids, l)
		}
	}
	slices.SortStableFunc(offers, func(a, b Lot) int { return cmp.Compare(a.Price, b.Price) })
	slices.SortStableFunc(bids, func(a, b Lot) int {
		if a.Must != b.Must {
			return cmp.Compare(dealt(b.Must), dealt(a.Must))
		}
		return cmp.Compare(b.Price, a.Price)
	})
	return offers, bids
}

func dealt(must bool) int {
	if must {
		return 1
	}
	return 0
}

// metered is what a use draws at the meter in interval t of a plan.
func metered(p cycle.Plan, use string, t int) unit.Power {
	for _, u := range p.Uses {
		if u.Use == use && t < len(u.Meter) {
			return u.Meter[t]
		}
	}
	return 0
}
