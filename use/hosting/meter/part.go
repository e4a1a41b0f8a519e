package meter

import (
	"cmp"
	"maps"
	"slices"

	"sluice/books/rate"
	"sluice/unit"
)

// portions are the shares of holders in one thing, in order: contracts by name and
// their jobs, then jobs of nobody known, the operator last.
type portions struct {
	who    []holder
	weight []int64
}

func compareHolders(a, b holder) int {
	return cmp.Or(-cmp.Compare(side(a), side(b)), cmp.Compare(a.contract, b.contract), cmp.Compare(a.job, b.job))
}

// side is 2 for what a contract bears, 1 for a job of nobody known, 0 for the operator.
func side(h holder) int {
	switch {
	case h.contract != "":
		return 2
	case h.job != "":
		return 1
	}
	return 0
}

func portionsOf(weights map[holder]int64) portions {
	p := portions{who: slices.SortedFunc(maps.Keys(weights), compareHolders)}
	for _, h := range p.who {
		p.weight = append(p.weight, weights[h])
	}
	if len(p.who) == 0 {
		return portions{[]holder{{}}, []int64{1}}
	}
	return p
}

// share divides an energy among holders. Where nobody has a weight, it is the operator's.
func (p portions) share(e unit.Energy) map[holder]unit.Energy {
	out := map[holder]unit.Energy{}
	if !slices.ContainsFunc(p.weight, func(w int64) bool { return w > 0 }) {
		out[holder{}] = e
		return out
	}
	for i, part := range split(int64(e), p.weight) {
		out[p.who[i]] += unit.Energy(part)
	}
	return out
}

// claim is the time that one GPU surely was a holder's.
type claim struct {
	stay    int // which one
	seconds int64
}

// claims reads the labels of a GPU at the two ends: a job that held it then has held
// it since it began, and will until it ends.
func (s *server) claims(c Card, span rate.Span, left []int64) (out []claim) {
	if !s.Labels {
		return nil
	}
	room := span.Seconds()
	take := func(job string, fits func(rate.Span) bool) {
		for i, st := range s.stays {
			if job == "" || st.job != job || !fits(st.span) || slices.ContainsFunc(out, func(c claim) bool { return c.stay == i }) {
				continue
			}
			n := min(st.span.Seconds(), room, left[i])
			room, left[i] = room-n, left[i]-n
			if n > 0 {
				out = append(out, claim{i, n})
			}
			return
		}
	}
	take(c.First.Job, func(x rate.Span) bool { return x.From <= span.From })
	take(c.Last.Job, func(x rate.Span) bool { return x.To >= span.To })
	return out
}

// sharing is what became of the GPUs of a node.
type sharing struct {
	gpu   map[holder]unit.Energy
	marks map[holder][]Mark
}

func (x sharing) give(h holder, e unit.Energy, marks ...Mark) {
	x.gpu[h] += e
	x.marks[h] = marked(x.marks[h], marks...)
}

// gpus divides the energy of a node's GPUs: by label where a job held one
// throughout, by seconds where one changed hands, and what nobody is known to have
// held by the GPU-seconds that are left. Source: docs/formula/meter.md.
func (in Interval) gpus(s *server) sharing {
	x := sharing{map[holder]unit.Energy{}, map[holder][]Mark{}}
	left := make([]int64, len(s.stays))
	for i, st := range s.stays {
		left[i] = st.gpus * st.span.Seconds()
	}
	sliced := in.sharedCards(s.Node)
	var pool unit.Energy
	var pooled []Mark
	for _, d := range s.cards {
		if slices.Contains(sliced, d.UUID) {
			in.slicesOf(s, d, x)
			continue
		}
		claims := s.claims(d.Card, in.Span, left)
		weights := make([]int64, len(claims)+1)
		weights[len(claims)] = in.Span.Seconds()
		for i, c := range claims {
			weights[i] = c.seconds
			weights[len(claims)] -= c.seconds
		}
		marks := d.marks
		if slices.Max(weights) < in.Span.Seconds() {
			marks = marked(marks, ChangedHands)
		}
		parts := split(int64(d.energy), weights)
		for i, c := range claims {
			x.give(s.stays[c.stay].holder, unit.Energy(parts[i]), marks...)
		}
		if weights[len(claims)] > 0 {
			pool, pooled = pool+unit.Energy(parts[len(claims)]), marked(pooled, marks...)
		}
	}
	s.pour(pool, pooled, left, x)
	return x
}

// pour divides what no label says among the seconds that no label covers.
func (s *server) pour(pool unit.Energy, marks []Mark, left []int64, x sharing) {
	weights := maps.Clone(s.idle)
	unlabelled := int64(0)
	for i, st := range s.stays {
		if left[i] > 0 {
			weights[st.holder] += left[i]
			unlabelled += left[i]
		}
	}
	p := portionsOf(weights)
	if unlabelled > 0 && len(p.who) > 1 {
		marks = marked(marks, Unlabelled)
	}
	for h, e := range p.share(pool) {
		x.give(h, e, marks...)
	}
}

// slicesOf divides a shared GPU by slice-seconds; what nobody held is idle.
func (in Interval) slicesOf(s *server, d drawn, x sharing) {
	weights := in.sliceWeights(s.Node, d.UUID)
	for h, e := range portionsOf(weights).share(d.energy) {
		x.give(h, e, marked(d.marks, SharedGPU)...)
	}
}

// sliceWeights is what holders had of one shared GPU, in parts of a GPU-second.
func (in Interval) sliceWeights(n Node, uuid string) map[holder]int64 {
	weights, free := map[holder]int64{}, in.Span.Seconds()*whole
	known := in.contracts()
	for _, sl := range in.Slices {
		if sl.Node != n.Name || sl.UUID != uuid {
			continue
		}
		h := holder{sl.Contract, sl.Job}
		if !known[h.contract] {
			h.contract = ""
		}
		w := seconds(sl.From, sl.To, in.Span).Seconds() * int64(sl.Parts) * whole / int64(sl.Of)
		weights[h] += w
		free -= w
	}
	if free > 0 {
		weights[holder{contract: n.Owner}] += free
	}
	return weights
}

// rest divides what a node draws beside its GPUs by GPU-seconds, idle ones too.
func (in Interval) rest(s *server) map[holder]unit.Energy {
	weights := map[holder]int64{}
	for _, m := range []map[holder]int64{s.busy, s.idle} {
		for h, n := range m {
			weights[h] += n * whole
		}
	}
	for _, uuid := range in.sharedCards(s.Node) {
		for h, w := range in.sliceWeights(s.Node, uuid) {
			weights[h] += w
		}
	}
	return portionsOf(weights).share(s.Rest)
}
