package shed

import (
	"cmp"
	"slices"

	"sluice/unit"
)

// nextMost bounds the list of those who would be next.
const nextMost = 8

// plan writes a choice down.
func (s *search) plan(pick []int32, bound unit.Amount) Plan {
	p := Plan{Ask: s.ask, Bound: bound}
	taken := make([]int, len(s.items))
	for i := range taken {
		taken[i] = -1
		if q := pick[i]; q > 0 {
			taken[i] = int(s.of(i)[q].option)
		}
	}
	p.fill(s.items, taken)
	p.Next = next(s.items, taken, s.ask)
	return p
}

// rank is the place of an option in the order of levers, firm tenants last.
func rank(it *Item, o *Option) int {
	switch o.Lever {
	case Hold:
		return 0
	case Cap:
		return 1
	case Evict:
		if it.Firm {
			return 4
		}
		return 2
	case Off:
		return 3
	}
	return 5
}

// fill writes choices, sums and steps. taken is the option of each item; -1: none.
func (p *Plan) fill(items []Item, taken []int) {
	order := make([]int, 0, len(items))
	for i, o := range taken {
		if o >= 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &items[a].Options[taken[a]], &items[b].Options[taken[b]]
		return cmp.Or(cmp.Compare(rank(&items[a], x), rank(&items[b], y)), perWatt(x.Cost, x.Saved, y.Cost, y.Saved), cmp.Compare(items[a].ID, items[b].ID))
	})
	p.Steps = []Step{{Lever: Hold}}
	for _, i := range order {
		o := items[i].Options[taken[i]]
		p.Choices = append(p.Choices, Choice{Item: items[i].ID, Option: o})
		p.Saved, p.Cost = p.Saved+o.Saved, p.Cost+o.Cost
		p.step(items[i].Firm && o.Lever == Evict, o)
	}
	p.Short = max(0, p.Ask.need()-p.Saved)
}

func (p *Plan) step(firm bool, o Option) {
	s := &p.Steps[len(p.Steps)-1]
	if s.Lever != o.Lever || s.Firm != firm {
		p.Steps = append(p.Steps, Step{Lever: o.Lever, Firm: firm})
		s = &p.Steps[len(p.Steps)-1]
	}
	s.Items, s.Saved, s.Cost, s.Ready = s.Items+1, s.Saved+o.Saved, s.Cost+o.Cost, max(s.Ready, o.Ready)
}

// next lists the options that would be taken next, each item at most once.
func next(items []Item, taken []int, a Ask) []Choice {
	type cand struct {
		i, o  int
		firm  bool
		saved unit.Power
		cost  unit.Amount
	}
	var all []cand
	for i := range items {
		var now Option
		if taken[i] >= 0 {
			now = items[i].Options[taken[i]]
		}
		best := cand{o: -1}
		for j := range items[i].Options {
			o := &items[i].Options[j]
			may, soft := allowed(&items[i], o, a)
			c := cand{i: i, o: j, firm: !soft, saved: o.Saved - now.Saved, cost: o.Cost - now.Cost}
			if !may || c.saved <= 0 || c.firm && a.KeepFirm || best.o >= 0 && c.firm && !best.firm {
				continue
			}
			if best.o < 0 || best.firm && !c.firm || dearer(best.cost, best.saved, c.cost, c.saved) {
				best = c
			}
		}
		if best.o >= 0 {
			all = append(all, best)
		}
	}
	slices.SortFunc(all, func(a, b cand) int {
		if a.firm != b.firm {
			if b.firm {
				return -1
			}
			return 1
		}
		return cmp.Or(perWatt(a.cost, a.saved, b.cost, b.saved), cmp.Compare(items[a.i].ID, items[b.i].ID))
	})
	var out []Choice
	for _, c := range all[:min(nextMost, len(all))] {
		out = append(out, Choice{Item: items[c.i].ID, Option: items[c.i].Options[c.o]})
	}
	return out
}
