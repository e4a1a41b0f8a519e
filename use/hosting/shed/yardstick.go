package shed

import (
	"cmp"
	"slices"
)

// Newest stops the newest jobs first, as engines do, until enough is saved. It is
// a yardstick: it keeps terms, deadlines and firm tenants as Choose does, and knows
// no price and no power limit.
func Newest(items []Item, a Ask) Plan {
	return byOrder(items, a, func(x, y *Item) int { return y.Started.Compare(x.Started) })
}

// Largest stops the jobs with most GPUs first. It is a yardstick like Newest.
func Largest(items []Item, a Ask) Plan {
	return byOrder(items, a, func(x, y *Item) int { return cmp.Compare(y.GPUs, x.GPUs) })
}

func byOrder(items []Item, a Ask, compare func(x, y *Item) int) Plan {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := &items[i], &items[j]
		if x.Firm != y.Firm {
			if y.Firm {
				return -1
			}
			return 1
		}
		return cmp.Or(compare(x, y), cmp.Compare(x.ID, y.ID))
	})
	p := Plan{Ask: a}
	taken := make([]int, len(items))
	for i := range taken {
		taken[i] = -1
	}
	need := a.need()
	for _, i := range order {
		it := &items[i]
		o := slices.IndexFunc(it.Options, func(o Option) bool { may, _ := allowed(it, &o, a); return may && o.Lever == Evict })
		if need <= 0 || o < 0 || it.Firm && a.KeepFirm {
			continue
		}
		taken[i], need = o, need-it.Options[o].Saved
	}
	p.fill(items, taken)
	return p
}
