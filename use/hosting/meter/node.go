package meter

import (
	"slices"
	"time"

	"sluice/unit"
)

// NodeEnergy is what is known of one server over an interval.
type NodeEnergy struct {
	Node  string
	State State
	Marks []Mark
	Total unit.Energy // of the node
	GPU   unit.Energy // of its GPUs
	Rest  unit.Energy // processors, memory, fans, network cards
}

// server is a node on its way to its parts.
type server struct {
	Node
	NodeEnergy
	tenure
	stays []stay
	cards []drawn
	total bool // its meter was read
}

// servers reads the counters of all nodes and estimates what was not read.
func (in Interval) servers(on map[string][]stay) []*server {
	var out []*server
	like := peers{}
	for _, n := range in.Nodes {
		s := &server{Node: n, NodeEnergy: NodeEnergy{Node: n.Name, State: Measured}, stays: on[n.Name]}
		s.tenure = in.tenure(n, s.stays)
		s.Total, s.total = n.Meter.Energy()
		for _, c := range n.all() {
			d := c.counter()
			if d.read {
				like.add(n, d, n.work(c, s.tenure))
			}
			s.cards = append(s.cards, d)
		}
		out = append(out, s)
	}
	length := time.Duration(in.Span.Seconds()) * time.Second
	for _, s := range out {
		s.measure(like, length)
	}
	rests := restsOf(out)
	for _, s := range out {
		s.round(rests, length)
	}
	return out
}

// all are the GPUs of a node, those that were not read with them.
func (n Node) all() []Card {
	if n.Off {
		return n.Cards
	}
	return append(slices.Clone(n.Cards), make([]Card, n.GPUs-len(n.Cards))...)
}

// measure settles the energies of the GPUs, and holds them against the node's meter.
func (s *server) measure(like peers, length time.Duration) {
	var fixed, guessed unit.Energy
	var open []int64
	for i, d := range s.cards {
		if !d.read {
			s.cards[i] = d.guess(s.Node, s.tenure, like, length)
			s.Marks = marked(s.Marks, d.marks...)
			guessed += s.cards[i].energy
			open = append(open, int64(s.cards[i].energy))
			continue
		}
		fixed += d.energy
	}
	if s.total && fixed+guessed > s.Total {
		s.fit(fixed, open)
	}
	for _, d := range s.cards {
		s.GPU += d.energy
	}
}

// fit brings the GPUs of a node down to its meter: what was estimated first, and
// what was read only where it alone exceeds the meter.
func (s *server) fit(fixed unit.Energy, open []int64) {
	if fixed < s.Total {
		parts := split(int64(s.Total-fixed), open)
		for i := range s.cards {
			if !s.cards[i].read {
				s.cards[i].energy, parts = unit.Energy(parts[0]), parts[1:]
			}
		}
		return
	}
	all := make([]int64, len(s.cards))
	for i, d := range s.cards {
		all[i] = int64(d.energy)
	}
	for i, e := range split(int64(s.Total), all) {
		s.cards[i].energy = unit.Energy(e)
		s.cards[i].marks = marked(s.cards[i].marks, BelowGPUs)
	}
	s.Marks = marked(s.Marks, BelowGPUs)
}

// restsOf is the mean of what nodes of a model draw beside their GPUs, of those whose
// counters were all read.
func restsOf(all []*server) map[string]unit.Energy {
	sums, number := map[string]unit.Energy{}, map[string]int64{}
	for _, s := range all {
		if s.total && len(s.Marks) == 0 && !s.Off && s.Model.Name != "" {
			sums[s.Model.Name] += s.Total - s.GPU
			number[s.Model.Name]++
		}
	}
	for name, n := range number {
		sums[name] = unit.Energy(unit.MulDiv(int64(sums[name]), 1, n))
	}
	return sums
}

// round gives a node its total and its state.
func (s *server) round(rests map[string]unit.Energy, length time.Duration) {
	lost := slices.ContainsFunc(s.cards, func(d drawn) bool { return !d.known })
	switch {
	case s.total:
		s.Rest = s.Total - s.GPU
	case s.Off && len(s.cards) == 0:
		s.State = SwitchOff
	default:
		rest, known := s.beside(rests, length)
		s.Marks = marked(s.Marks, NoMeter)
		if !slices.ContainsFunc(s.cards, func(d drawn) bool { return d.read }) {
			s.Marks = marked(s.Marks, NoPower)
		}
		s.Rest, s.Total = rest, s.GPU+rest
		if lost || !known && s.GPU == 0 {
			s.State = Unknown
			return
		}
	}
	if len(s.Marks) > 0 {
		s.State = Estimated
	}
}

// beside estimates what a node without a meter draws beside its GPUs: like others of
// its model, or between what is declared of an empty and of a full one.
func (s *server) beside(rests map[string]unit.Energy, length time.Duration) (unit.Energy, bool) {
	if e, ok := rests[s.Model.Name]; ok {
		return e, true
	}
	m, gpus := s.Model, unit.Power(s.Model.PerNode)
	empty, full := m.Empty-gpus*m.Idle, m.Node-gpus*m.TDP
	switch {
	case m.Empty <= 0 && m.Node <= 0:
		return 0, false
	case m.Empty <= 0:
		empty = full
	case m.Node <= 0:
		full = empty
	}
	empty, full = max(0, empty), max(0, full)
	busy, idle := sum(s.busy), sum(s.idle)
	share := unit.Ratio(0)
	if busy+idle > 0 {
		share = unit.Ratio(unit.MulDiv(busy, int64(unit.One), busy+idle))
	}
	return (empty + max(0, full-empty).Scale(share)).Over(length), true
}
