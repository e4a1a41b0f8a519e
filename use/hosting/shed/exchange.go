package shed

import (
	"cmp"
	"slices"
	"time"

	"sluice/unit"
)

// change moves one item from its point to another.
type change struct {
	item  int32
	to    int32
	saved unit.Power // more
	diff
}

// diff is what a change does to the figures that are made small, in this order.
type diff struct {
	cost  unit.Amount
	fresh int
	ready time.Duration
	saved unit.Power
}

func (d diff) plus(e diff) diff {
	return diff{cost: d.cost + e.cost, fresh: d.fresh + e.fresh, ready: d.ready + e.ready, saved: d.saved + e.saved}
}

func (d diff) compare(e diff) int {
	return cmp.Or(cmp.Compare(d.cost, e.cost), cmp.Compare(d.fresh, e.fresh), cmp.Compare(d.ready, e.ready), cmp.Compare(d.saved, e.saved))
}

// pair holds the best change so far and the best of another item.
type pair struct{ first, second int32 }

// aim sets the window of items that are exchanged: all of them where they are
// few, else those whose segments lie nearest to where merit order stopped.
func (s *search) aim(pick []int32) {
	s.window = s.window[:0]
	if len(s.items) <= windowMost {
		for i := range s.items {
			if !s.gone[i] && len(s.of(i)) > 1 {
				s.window = append(s.window, int32(i))
			}
		}
		return
	}
	stop := s.stopped(pick)
	seen := make(map[int32]bool, windowMost)
	for d := 0; len(s.window) < windowMost && (stop-d >= 0 || stop+d < len(s.segs)); d++ {
		for _, i := range [2]int{stop - d, stop + d + 1} {
			if i < 0 || i >= len(s.segs) || seen[s.segs[i].item] {
				continue
			}
			seen[s.segs[i].item] = true
			s.window = append(s.window, s.segs[i].item)
		}
	}
}

// stopped is the place of the last segment that was taken.
func (s *search) stopped(pick []int32) int {
	for i := len(s.segs) - 1; i >= 0; i-- {
		if g := &s.segs[i]; pick[g.item] >= g.to {
			return i
		}
	}
	return 0
}

// improve applies the best change of one or two items, again and again, while it
// makes the choice cheaper, or as cheap and better, and enough is saved.
func (s *search) improve(pick []int32, need unit.Power) {
	spare := -need
	for i, p := range pick {
		spare += s.pts[s.start[i]+p].saved
	}
	for range passesMost {
		one, two := s.bestPair(pick, spare)
		if one == nil {
			return
		}
		pick[one.item], spare = one.to, spare+one.saved
		if two != nil {
			pick[two.item], spare = two.to, spare+two.saved
		}
	}
}

// bestPair finds the best change, alone or with one of another item, that leaves
// spare at or above zero. Changes are sorted by what they save, and for every
// place the two best before it are kept: a pair is found without trying all.
func (s *search) bestPair(pick []int32, spare unit.Power) (one, two *change) {
	s.list(pick)
	s.bests()
	var best diff // nothing changes
	n := len(s.changes)
	for i := range s.changes {
		c := &s.changes[i]
		lacks := -spare - c.saved // that the other must save
		if lacks <= 0 && c.compare(best) < 0 {
			best, one, two = c.diff, c, nil
		}
		for n > 0 && s.changes[n-1].saved < lacks {
			n--
		}
		if n == 0 {
			break
		}
		other := s.least[n-1].first
		if s.changes[other].item == c.item {
			other = s.least[n-1].second
		}
		if other < 0 {
			continue
		}
		if sum := c.plus(s.changes[other].diff); sum.compare(best) < 0 {
			best, one, two = sum, c, &s.changes[other]
		}
	}
	return one, two
}

// list collects all changes of the window, those that save most first.
func (s *search) list(pick []int32) {
	s.changes = s.changes[:0]
	for _, i := range s.window {
		pts, now := s.of(int(i)), pick[i]
		fresh := 1
		if s.items[i].Touched {
			fresh = 0
		}
		for p := range pts {
			if int32(p) == now {
				continue
			}
			c := change{item: i, to: int32(p), saved: pts[p].saved - pts[now].saved}
			c.diff = diff{cost: pts[p].cost - pts[now].cost, ready: pts[p].ready - pts[now].ready, saved: c.saved}
			switch {
			case p == 0:
				c.fresh = -fresh
			case now == 0:
				c.fresh = fresh
			}
			s.changes = append(s.changes, c)
		}
	}
	slices.SortFunc(s.changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(b.saved, a.saved), a.compare(b.diff), cmp.Compare(a.item, b.item))
	})
}

// bests fills, for every place, the best change up to it and the best of another item.
func (s *search) bests() {
	s.least = s.least[:0]
	now := pair{first: -1, second: -1}
	for i := range s.changes {
		c := &s.changes[i]
		switch {
		case now.first < 0 || c.compare(s.changes[now.first].diff) < 0:
			if now.first >= 0 && s.changes[now.first].item != c.item {
				now.second = now.first
			}
			now.first = int32(i)
		case c.item != s.changes[now.first].item && (now.second < 0 || c.compare(s.changes[now.second].diff) < 0):
			now.second = int32(i)
		}
		s.least = append(s.least, now)
	}
}
