package portfolio

import (
	"cmp"
	"slices"
)

// Binding is a limit that stands between a choice and a better one.
type Binding struct {
	Name   string  // for example: the budget of quarter 3
	Use    float64 // what the choice uses
	Most   float64 // what there is
	Blocks int     // better options at one site that it, alone or with others, keeps out
	Gain   float64 // what the best of these would add to the objective
}

// cashName is how the least liquidity is called.
const cashName = "the least liquidity"

// binding finds, for a choice, every change at one site that would be better if it
// were allowed, and the limits that forbid it. Of a hard liquidity the use and the
// limit are not given by scenario.
func (t *table) binding(pick []int) []Binding {
	x := t.at(pick)
	now := t.weigh(x)
	by := make([]Binding, len(t.rows)+1) // the last is liquidity
	for r := range t.rows {
		by[r] = Binding{Name: t.rows[r].name, Use: x.use[r], Most: t.rows[r].most}
	}
	by[len(t.rows)].Name = cashName
	for i, j := range pick {
		t.put(x, j, -1)
		for k := t.first[i]; k < t.first[i+1]; k++ {
			t.put(x, k, 1)
			if w := t.weigh(x); w.fault > 0 && w.objective > now.objective {
				t.blame(x, &w, w.objective-now.objective, by)
			}
			t.put(x, k, -1)
		}
		t.put(x, j, 1)
	}
	by = slices.DeleteFunc(by, func(b Binding) bool { return b.Blocks == 0 })
	slices.SortStableFunc(by, func(a, b Binding) int { return cmp.Compare(b.Gain, a.Gain) })
	return by
}

// blame counts a change that is forbidden with every limit that forbids it.
func (t *table) blame(x *point, w *worth, gain float64, by []Binding) {
	count := func(b *Binding) {
		b.Blocks++
		b.Gain = max(b.Gain, gain)
	}
	for r := range t.rows {
		if t.rows[r].broken(x.use[r], x.gross[r]) {
			count(&by[r])
		}
	}
	if l := t.p.Liquidity; l != nil && l.Hard && slices.Max(w.worst) >= 0 {
		count(&by[len(t.rows)])
	}
}
