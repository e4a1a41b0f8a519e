package actuate

import (
	"slices"

	"sluice/unit"
)

// Member is one unit as a plan is shared out over its group.
type Member struct {
	Unit   int
	Levels []unit.Power // setpoints besides 0, rising; the highest not above a point is taken
	Now    unit.Power   // where it stands; what runs stays on before others are woken
}

// Share is what a plan gives a group of alike units: On watts of the first point
// that run, Draw watts in all, over points of one unit that rise from the first.
// Points are where the curve of the machine says that a further slice pays.
type Share struct {
	On, Draw unit.Power
	Points   []unit.Power
}

// Spread writes the setpoint of each member into target, by unit. It switches as
// few units on or off as it can, never passes Draw, and stays below it by less
// than one step of one unit where the members' levels are the points. The order
// of members is the order of preference.
func Spread(s Share, members []Member, target []unit.Power) {
	for _, m := range members {
		target[m.Unit] = 0
	}
	if len(s.Points) == 0 || s.Draw <= 0 {
		return
	}
	on := running(s, members)
	left := s.Draw
	for k, m := range on {
		least := m.at(s.Points[0])
		if least == 0 {
			least = m.Levels[0]
		}
		if least > left {
			on = on[:k]
			break
		}
		target[m.Unit], left = least, left-least
	}
	for _, p := range s.Points[1:] {
		for _, m := range on {
			if up := m.at(p) - target[m.Unit]; up > 0 && up <= left {
				target[m.Unit] += up
				left -= up
			}
		}
	}
}

// running are the members that shall run: those that do already, in their order,
// before those that must be woken.
func running(s Share, members []Member) []Member {
	out := slices.DeleteFunc(slices.Clone(members), func(m Member) bool { return len(m.Levels) == 0 })
	slices.SortStableFunc(out, func(a, b Member) int {
		switch {
		case a.Now > 0 && b.Now == 0:
			return -1
		case a.Now == 0 && b.Now > 0:
			return 1
		}
		return 0
	})
	n := int((s.On + s.Points[0]/2) / s.Points[0])
	return out[:min(n, len(out))]
}

// at is the highest level of a member that is not above p, 0 when there is none.
func (m Member) at(p unit.Power) unit.Power {
	n, exact := slices.BinarySearch(m.Levels, p)
	switch {
	case exact:
		return p
	case n == 0:
		return 0
	}
	return m.Levels[n-1]
}
