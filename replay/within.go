package replay

import (
	"cmp"
	"slices"

	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/power"
	"sluice/unit"
)

// within lowers the orders of a rule to what the connection, the halls and the
// feeders bear, as the protection of any site would: the most efficient machines
// keep their power. Without it a rule would earn on power that no cable carries.
func (l *line) within(orders []cycle.Order) []cycle.Order {
	s := l.m.s
	room := s.Site.Connection.Ceiling() - s.Site.MustRun - l.plant.Reach() + l.plant.Output()
	branches := loop.Branches(s.Site, s.Rigs, nil)
	for _, k := range l.byEfficiency() {
		o := &orders[k]
		available, pue := l.plant.Shares(o.Use)
		most := room
		for _, b := range branches {
			if slices.Contains(b.Uses, o.Use) {
				most = min(most, b.Max)
			}
		}
		draw := min(o.Draw, s.Rigs[k].Capacity().Scale(available))
		draw = min(draw, max(0, most).Unscale(pue))
		for draw > 0 && draw.ScaleUp(pue) > most {
			draw--
		}
		if draw < s.Rigs[k].Capacity().Scale(available) {
			o.Draw = draw
		}
		spend(branches, o.Use, draw.ScaleUp(pue))
		room -= draw.ScaleUp(pue)
	}
	return orders
}

// byEfficiency lists the groups, the one with the least J/TH first.
func (l *line) byEfficiency() []int {
	var order []int
	for k := range l.m.s.Rigs {
		order = append(order, k)
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(l.m.s.Rigs[x].Top().Efficiency(), l.m.s.Rigs[y].Top().Efficiency())
	})
	return order
}

// spend takes what a group draws from its halls and feeders.
func spend(branches []power.Branch, use string, p unit.Power) {
	for i := range branches {
		if slices.Contains(branches[i].Uses, use) {
			branches[i].Max -= p
		}
	}
}
