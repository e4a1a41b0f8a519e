package meter

import (
	"slices"
	"time"

	"sluice/books"
	"sluice/books/rate"
	"sluice/engine"
)

// holder is who bears a part. A job without contract is one that nobody is known
// to have; what has neither is the operator's.
type holder struct{ contract, job string }

// stay is some GPUs of one node that a job held within an interval.
type stay struct {
	holder
	gpus int64
	span rate.Span
}

// mostSlices a GPU is cut into; whole is divisible by all numbers up to it, so that
// a GPU-second and every slice-second are whole numbers of one weight.
const (
	mostSlices = 16
	whole      = 720_720
)

// seconds is a stretch in whole seconds, within an interval. What has no end goes on.
func seconds(from, to time.Time, within rate.Span) rate.Span {
	s := rate.Span{From: from.Unix(), To: within.To}
	if !to.IsZero() {
		s.To = to.Unix()
	}
	return s.Common(within)
}

// stays are what jobs held on each node. Where an engine does not say how many GPUs
// of a job are on which node, they are spread evenly over its nodes.
func (in Interval) stays() (on map[string][]stay, faults []Fault) {
	on = map[string][]stay{}
	known := in.contracts()
	for _, u := range in.Jobs {
		span := seconds(u.From, u.To, in.Span)
		if span.Empty() || u.GPUs == 0 {
			continue
		}
		who := holder{u.Contract, u.Job}
		if !known[u.Contract] {
			faults = append(faults, Fault{"job " + u.Job, "contract " + quote(u.Contract) + " is not metered here: its use is the operator's until the contract is named"})
			who.contract = ""
		}
		parts, places := spreadOver(u)
		for i, name := range places {
			on[name] = append(on[name], stay{who, parts[i], span})
		}
		if len(places) == 0 {
			faults = append(faults, Fault{"job " + u.Job, "the engine names no node: its GPU-seconds count, and no energy is found for it"})
			on[""] = append(on[""], stay{who, int64(u.GPUs), span})
		}
	}
	for name := range on {
		if name != "" && !slices.ContainsFunc(in.Nodes, func(n Node) bool { return n.Name == name }) {
			faults = append(faults, Fault{"node " + name, "jobs run on it and no meter knows it: their GPU-seconds count, and no energy is found for them"})
		}
	}
	slices.SortFunc(faults, compareFaults)
	return on, slices.Compact(faults)
}

// spreadOver is how many GPUs of a run are on which of its nodes.
func spreadOver(u engine.Usage) ([]int64, []string) {
	if len(u.Nodes) == 0 {
		return nil, nil
	}
	even := make([]int64, len(u.Nodes))
	for i := range even {
		even[i] = 1
	}
	return split(int64(u.GPUs), even), u.Nodes
}

func (in Interval) contracts() map[string]bool {
	out := map[string]bool{}
	for _, c := range in.Contracts {
		if !c.Serves.Common(in.Span).Empty() {
			out[c.Name] = true
		}
	}
	return out
}

// tenure is the GPU-seconds of one node: those of jobs, and the idle ones of
// whoever they belong to.
type tenure struct {
	busy map[holder]int64
	idle map[holder]int64
	over bool // jobs held more GPUs than there are
}

// tenure walks over a node from one change to the next.
func (in Interval) tenure(n Node, stays []stay) tenure {
	t := tenure{busy: map[holder]int64{}, idle: map[holder]int64{}}
	edges := []int64{in.Span.From, in.Span.To}
	for _, s := range stays {
		edges = append(edges, s.span.From, s.span.To)
		t.busy[s.holder] += s.gpus * s.span.Seconds()
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	shared := int64(len(in.sharedCards(n)))
	for i := 1; i < len(edges); i++ {
		at := rate.Span{From: edges[i-1], To: edges[i]}
		held := int64(0)
		for _, s := range stays {
			if !s.span.Common(at).Empty() {
				held += s.gpus
			}
		}
		free := int64(n.GPUs) - shared - held
		t.over = t.over || free < 0
		if free > 0 {
			t.idle[holder{contract: in.owner(n, stays, at)}] += free * at.Seconds()
		}
	}
	return t
}

// owner is the contract to which idle GPUs of a node belong in a stretch; empty:
// the operator. Two contracts that would both have them have none.
func (in Interval) owner(n Node, stays []stay, at rate.Span) string {
	if n.Owner != "" {
		return n.Owner
	}
	found := ""
	for _, s := range stays {
		if s.span.Common(at).Empty() || s.contract == found || !in.wholeNodes(s.contract) {
			continue
		}
		if found != "" {
			return ""
		}
		found = s.contract
	}
	return found
}

func (in Interval) wholeNodes(contract string) bool {
	return slices.ContainsFunc(in.Contracts, func(c Contract) bool { return c.Name == contract && c.Nodes })
}

// sharedCards are the GPUs of a node that are cut into slices.
func (in Interval) sharedCards(n Node) (out []string) {
	for _, c := range n.Cards {
		sliced := slices.ContainsFunc(in.Slices, func(s Slice) bool { return s.Node == n.Name && s.UUID == c.UUID })
		if sliced || c.First.Shared || c.Last.Shared {
			out = append(out, c.UUID)
		}
	}
	return out
}

// sum is all of a weight.
func sum[K comparable](of map[K]int64) (n int64) {
	for _, v := range of {
		n += v
	}
	return n
}

// split divides by largest remainder. Without weights the first part takes all:
// what was metered does not vanish.
func split(total int64, weights []int64) []int64 {
	if out, err := books.Split(total, weights); err == nil {
		return out
	}
	out := make([]int64, len(weights))
	if len(out) > 0 {
		out[0] = total
	}
	return out
}
