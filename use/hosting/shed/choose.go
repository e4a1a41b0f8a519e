package shed

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sluice/unit"
)

// Bounds of the search, see docs/formula/shed.md. Up to them it is complete.
const (
	restartsMost = 64   // evictions that are forbidden in turn, the dearest watts first
	restartWork  = 4096 // of them times items: with many items each weighs little
	restartLeast = 8
	windowMost   = 128 // items that are exchanged, those nearest to where merit order stopped
	passesMost   = 64  // exchanges of one restart
)

// same is a difference of cost that decides nothing: a cent.
const same = unit.Unit / 100

// Choose says who gives up power, by merit order: the cheapest watts first, then
// single items and pairs exchanged while that is cheaper, and all of it once
// more for each eviction taken, with that eviction forbidden. Firm tenants are
// evicted only where everything else together is not enough, and then those that
// cost least. It always answers; what nobody can give is Plan.Short.
//
// Source: docs/formula/shed.md.
func Choose(items []Item, a Ask) Plan {
	soft := newSearch(items, a, false)
	pick, ok := soft.cheapest(a.need())
	if ok || a.KeepFirm || !anyFirm(items) {
		return soft.plan(pick, soft.bound(a.need()))
	}
	return breakFirm(items, a, soft)
}

func anyFirm(items []Item) bool {
	return slices.ContainsFunc(items, func(it Item) bool { return it.Firm })
}

// breakFirm chooses where everything but firm evictions is not enough: the
// cheapest firm evictions that leave the rest able to give the rest, and then the
// rest without them.
func breakFirm(items []Item, a Ask, soft *search) Plan {
	all := newSearch(items, a, true)
	rest := a.need() - soft.most()
	var extra []Item
	var at []int
	for i := range items {
		s, f := soft.last(i), all.last(i)
		if f.saved > s.saved {
			extra = append(extra, Item{
				ID: items[i].ID, Tenant: items[i].Tenant, Touched: items[i].Touched,
				Options: []Option{{Lever: Evict, Saved: f.saved - s.saved, Cost: f.cost, Ready: f.ready}},
			})
			at = append(at, i)
		}
	}
	firm := newSearch(extra, Ask{Within: a.Within}, true)
	out, _ := firm.cheapest(rest)
	need := a.need()
	pick := make([]int32, len(items))
	for j, p := range out {
		if p > 0 {
			i := at[j]
			pick[i] = int32(len(all.of(i)) - 1)
			need -= all.last(i).saved
			soft.forget(i)
		}
	}
	others, _ := soft.cheapest(need)
	for i, p := range others {
		if p > 0 {
			pick[i] = all.find(i, soft.of(i)[p].option)
		}
	}
	return all.plan(pick, all.bound(a.need()))
}

// search is the working memory of one choice.
type search struct {
	items  []Item
	ask    Ask
	start  []int32 // first point of each item
	pts    []point
	segs   []segment // by merit
	tenant []int32   // of each item, see rankTenants
	gone   []bool    // items out of the choice

	touched []int32 // per tenant, scratch
	window  []int32
	changes []change
	least   []pair
}

func newSearch(items []Item, a Ask, firm bool) *search {
	s := &search{items: items, ask: a, start: make([]int32, len(items)+1), tenant: make([]int32, len(items)), gone: make([]bool, len(items))}
	s.rankTenants()
	position := positions(items)
	for i := range items {
		s.start[i] = int32(len(s.pts))
		s.pts = pointsOf(s.pts, &items[i], a, firm)
		s.start[i+1] = int32(len(s.pts))
		s.segs = hullOf(s.segs, s.of(i), segment{item: int32(i), touched: items[i].Touched, tenant: s.tenant[i], position: position[i]})
	}
	slices.SortFunc(s.segs, func(a, b segment) int { return byMerit(&a, &b) })
	return s
}

// rankTenants numbers the tenants: those who can give most first, so that among
// equals few are touched, then by name.
func (s *search) rankTenants() {
	gives := map[string]unit.Power{}
	for i := range s.items {
		var most unit.Power
		for _, o := range s.items[i].Options {
			most = max(most, o.Saved)
		}
		gives[s.items[i].Tenant] += most
	}
	names := slices.Collect(maps.Keys(gives))
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(gives[b], gives[a]), cmp.Compare(a, b)) })
	rank := make(map[string]int32, len(names))
	for n, name := range names {
		rank[name] = int32(n)
	}
	s.touched = make([]int32, len(names))
	for i := range s.items {
		s.tenant[i] = rank[s.items[i].Tenant]
	}
}

// positions are the places of the items in order of ID.
func positions(items []Item) []int32 {
	order := make([]int32, len(items))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(items[a].ID, items[b].ID) })
	out := make([]int32, len(items))
	for n, i := range order {
		out[i] = int32(n)
	}
	return out
}

func (s *search) of(i int) []point { return s.pts[s.start[i]:s.start[i+1]] }
func (s *search) last(i int) point { return s.pts[s.start[i+1]-1] }

// find is the point of an item at which an option is taken.
func (s *search) find(i int, option int32) int32 {
	return int32(slices.IndexFunc(s.of(i), func(p point) bool { return p.option == option }))
}

// most is what all items together can save.
func (s *search) most() unit.Power {
	var sum unit.Power
	for i := range s.items {
		sum += s.last(i).saved
	}
	return sum
}

// forget takes an item out of the choice.
func (s *search) forget(i int) {
	s.gone[i] = true
	s.segs = slices.DeleteFunc(s.segs, func(g segment) bool { return g.item == int32(i) })
}

func (s *search) bound(need unit.Power) unit.Amount { return fractional(s.segs, need) }

// cheapest is the best of all restarts: a point for each item. Where even
// everything is not enough, it is everything, and false.
func (s *search) cheapest(need unit.Power) ([]int32, bool) {
	best := make([]int32, len(s.items))
	if need <= 0 {
		return best, true
	}
	if !s.greedy(best, need, -1) {
		return best, false
	}
	forbidden := s.taken(best)
	s.aim(best)
	s.improve(best, need)
	key := s.key(best)
	bound := s.bound(need)
	try := make([]int32, len(s.items))
	for _, f := range forbidden {
		if key.cost <= bound+same {
			break // nothing is cheaper
		}
		clear(try)
		if !s.greedy(try, need, f) {
			continue
		}
		s.aim(try)
		s.improve(try, need)
		if k := s.key(try); k.better(key) {
			key = k
			best, try = try, best
		}
	}
	return best, true
}

// greedy takes segments by merit until they save enough. The last segment of the
// forbidden item is passed over.
func (s *search) greedy(pick []int32, need unit.Power, forbidden int32) bool {
	for i := range s.segs {
		g := &s.segs[i]
		if g.item == forbidden && g.last {
			continue
		}
		if need <= 0 {
			return true
		}
		pick[g.item] = g.to
		need -= g.saved
	}
	return need <= 0
}

// taken lists items whose last segment was taken, the dearest watts first: to
// forbid any other changes nothing.
func (s *search) taken(pick []int32) []int32 {
	var out []int32
	most := min(restartsMost, max(restartLeast, restartWork/max(1, len(s.items))))
	for i := len(s.segs) - 1; i >= 0 && len(out) < most; i-- {
		if g := &s.segs[i]; g.last && pick[g.item] == g.to {
			out = append(out, g.item)
		}
	}
	return out
}

// key is what two choices are compared by.
type key struct {
	cost    unit.Amount
	fresh   int           // items that were not touched before
	ready   time.Duration // summed over items
	tenants int
	saved   unit.Power
}

// better compares costs, and where they differ by no more than a cent what is
// quick, and touches few.
func (k key) better(l key) bool {
	if d := k.cost - l.cost; d < -same || d > same {
		return d < 0
	}
	return cmp.Or(cmp.Compare(k.fresh, l.fresh), cmp.Compare(k.ready, l.ready), cmp.Compare(k.tenants, l.tenants),
		cmp.Compare(k.saved, l.saved), cmp.Compare(k.cost, l.cost)) < 0
}

func (s *search) key(pick []int32) key {
	var k key
	clear(s.touched)
	for i, p := range pick {
		if p == 0 {
			continue
		}
		q := &s.pts[s.start[i]+p]
		k.cost, k.saved, k.ready = k.cost+q.cost, k.saved+q.saved, k.ready+q.ready
		if !s.items[i].Touched {
			k.fresh++
		}
		if s.touched[s.tenant[i]]++; s.touched[s.tenant[i]] == 1 {
			k.tenants++
		}
	}
	return k
}
