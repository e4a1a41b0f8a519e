package meter

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// Count is what one meter counted over an interval.
type Count struct {
	Name      string
	First     unit.Energy // of the counter when the interval began
	Last      unit.Energy // when it ended
	Read      bool        // both were read; else nothing is known
	Estimated bool        // somebody put it there by a rule of his own
}

// Energy is what was counted; false: it is not known, for it was not read or the
// counter fell, and how far it had come before is lost.
func (c Count) Energy() (unit.Energy, bool) {
	if !c.Read || c.Last < c.First {
		return 0, false
	}
	return c.Last - c.First, true
}

// Card is what one GPU stated at the two ends of an interval. A reading without
// values was not taken.
type Card struct {
	UUID        string
	First, Last gpu.Reading
}

// Node is one server over an interval.
type Node struct {
	Name   string
	Rack   string    // empty: in none that is metered
	GPUs   int       // that it holds, read or not
	Model  gpu.Model // what is declared of it, for estimates; zero: nothing
	Owner  string    // contract to which the whole node belongs; empty: none
	Labels bool      // who holds a GPU is read with it: no job is an idle GPU
	Off    bool      // switched off throughout
	Cards  []Card
	Meter  Count
}

// Slice is a part of a shared GPU that a job held.
type Slice struct {
	Node, UUID    string
	Contract, Job string
	Parts, Of     int // compute slices of the GPU
	From, To      time.Time
}

// Contract is how the use of a contract is counted.
type Contract struct {
	Name      string
	Tenant    string
	Component string    // of its GPU-seconds, such as "gpu-h100"
	Slices    string    // of its slice-seconds; empty: it has no slices
	Nodes     bool      // idle GPUs of the nodes it uses are its own
	Residual  bool      // it bears its part of a small residual
	Serves    rate.Span // in which it is in force
}

// Metered is how the use of a hosting contract is counted.
func Metered(c hosting.Contract) Contract {
	m := Contract{Name: c.Name, Tenant: c.Tenant, Component: Component(c.Model), Nodes: c.Nodes, Serves: rate.Span{From: c.Start.Unix(), To: farFuture}}
	if !c.End.IsZero() {
		m.Serves.To = c.End.Unix()
	}
	return m
}

// Component is the component of the GPU-seconds of a model: "gpu-h100-sxm".
func Component(model string) string {
	words := strings.FieldsFunc(strings.ToLower(model), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(append([]string{"gpu"}, words...), "-")
}

// Overhead is a meter of what serves the machines: cooling, pumps, losses.
type Overhead struct {
	Count
	All bool // other loads bear their part of it, such as of a transformer's losses
}

// Rack is a meter of one rack.
type Rack struct {
	Name  string
	Meter Count
}

// Interval is everything that was read over one stretch behind one boundary. It is
// cut where a contract begins or ends, and best where a job does.
type Interval struct {
	Boundary  string // name of the hall or site; the meter of its usage
	Span      rate.Span
	Nodes     []Node
	Jobs      []engine.Usage // that ran in it, in part or whole
	Slices    []Slice
	Contracts []Contract
	Network   []Count    // machines of nobody alone: network, storage
	Overhead  []Overhead // what serves the machines
	Others    []Count    // other loads behind the boundary, such as miners
	Racks     []Rack
	Meter     Count // of the boundary
}

// farFuture is the end of what has none; package rate goes no further.
const farFuture = 32_503_680_000

// mostSeconds of an interval, and mostGPUs of a node.
const (
	mostSeconds = 86_400
	mostGPUs    = 1024
)

// mostEnergy bounds a counter, 10 TWh, and mostRise what it counts in an interval, 50
// GWh, so that sums of as many as mostMeters fit.
const (
	mostEnergy = 10_000_000 * unit.MegawattHour
	mostRise   = 50_000 * unit.MegawattHour
	mostMeters = 20_000
)

// Validate reports everything that is wrong with an interval. It wraps ErrInterval.
func (in Interval) Validate() error {
	var faults []error
	bad := func(wrong bool, says string, about ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(says, about...))
		}
	}
	n := in.Span.Seconds()
	bad(in.Boundary == "" || n == 0 || n > mostSeconds || in.Span.From < 0 || in.Span.To > farFuture, "boundary %q, from %d to %d: it has a name and 1 second to 1 day", in.Boundary, in.Span.From, in.Span.To)
	contracts := map[string]bool{}
	for _, c := range in.Contracts {
		bad(c.Name == "" || contracts[c.Name] || c.Component == "", "contract %q: it has a name of its own and a component", c.Name)
		cut := c.Serves.Common(in.Span)
		bad(!cut.Empty() && cut != in.Span, "contract %q begins or ends within it: cut the interval there", c.Name)
		contracts[c.Name] = true
	}
	nodes := map[string]Node{}
	for _, x := range in.Nodes {
		_, twice := nodes[x.Name]
		bad(x.Name == "" || twice || x.GPUs < 0 || x.GPUs > mostGPUs || len(x.Cards) > x.GPUs, "node %q with %d GPUs, %d read: it has a name of its own and no more GPUs than it holds", x.Name, x.GPUs, len(x.Cards))
		bad(x.Owner != "" && !contracts[x.Owner], "node %q belongs to contract %q, which is not here", x.Name, x.Owner)
		nodes[x.Name] = x
	}
	for _, u := range in.Jobs {
		bad(u.Job == "" || u.GPUs < 0 || u.GPUs > 1<<16 || !u.To.IsZero() && u.To.Before(u.From), "job %q, run %d with %d GPUs: it has an id and ends after it begins", u.Job, u.Run, u.GPUs)
	}
	for _, s := range in.Slices {
		_, known := nodes[s.Node]
		bad(!known || s.UUID == "" || s.Of < 1 || s.Of > mostSlices || s.Parts < 1 || s.Parts > s.Of || s.To.Before(s.From), "slice %d of %d of GPU %q of node %q: it is a part of a GPU of a node here", s.Parts, s.Of, s.UUID, s.Node)
	}
	for _, c := range in.counts() {
		bad(c.First < 0 || c.Last < 0 || max(c.First, c.Last) > mostEnergy || c.Last-c.First > mostRise, "meter %q counts from %d to %d J: it counts upwards from zero, and no more than 50 GWh", c.Name, c.First, c.Last)
	}
	bad(len(in.counts())+len(in.Jobs)+len(in.Slices) > mostMeters, "it has more than %d meters, jobs and slices", mostMeters)
	if err := errors.Join(append(faults, in.cards()...)...); err != nil {
		return fmt.Errorf("interval of %s from %d: %w: %w", in.Boundary, in.Span.From, ErrInterval, err)
	}
	return nil
}

// ErrInterval is an interval that says two things at once, or nothing.
var ErrInterval = errors.New("this cannot be metered")

// cards checks what GPUs stated.
func (in Interval) cards() (faults []error) {
	seen := map[string]bool{}
	for _, n := range in.Nodes {
		if m := n.Model; min(m.TDP, m.Idle, m.Node, m.Empty) < 0 || max(m.TDP, m.Idle, m.Node, m.Empty) > unit.Megawatt || m.PerNode < 0 || m.PerNode > mostGPUs {
			faults = append(faults, fmt.Errorf("model %q of node %q: its powers lie between 0 and 1 MW", m.Name, n.Name))
		}
		for _, c := range n.Cards {
			low, high := min(c.First.Energy, c.Last.Energy), max(c.First.Energy, c.Last.Energy)
			draw := max(c.First.Draw, c.Last.Draw)
			if c.UUID == "" || seen[c.UUID] || low < 0 || high > mostEnergy || min(c.First.Draw, c.Last.Draw) < 0 || draw > unit.Megawatt {
				faults = append(faults, fmt.Errorf("GPU %q of node %q: it has a UUID of its own and counts upwards from zero", c.UUID, n.Name))
			}
			seen[c.UUID] = true
		}
	}
	return faults
}

// counts are all meters of an interval.
func (in Interval) counts() []Count {
	out := slices.Concat(in.Network, in.Others, []Count{in.Meter})
	for _, o := range in.Overhead {
		out = append(out, o.Count)
	}
	for _, r := range in.Racks {
		out = append(out, r.Meter)
	}
	for _, n := range in.Nodes {
		out = append(out, n.Meter)
	}
	return out
}

// ordered is the same interval with everything in order and times in UTC, so that
// neither splits nor evidence depend on the order in which things were read.
func (in Interval) ordered() Interval {
	in.Nodes, in.Jobs, in.Slices = slices.Clone(in.Nodes), slices.Clone(in.Jobs), slices.Clone(in.Slices)
	in.Contracts, in.Racks = slices.Clone(in.Contracts), slices.Clone(in.Racks)
	slices.SortFunc(in.Nodes, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(in.Contracts, func(a, b Contract) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(in.Racks, func(a, b Rack) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(in.Jobs, func(a, b engine.Usage) int {
		return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.Run, b.Run), a.From.Compare(b.From))
	})
	slices.SortStableFunc(in.Slices, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(a.UUID, b.UUID), cmp.Compare(a.Job, b.Job), a.From.Compare(b.From))
	})
	for i, u := range in.Jobs {
		in.Jobs[i].From, in.Jobs[i].To = u.From.UTC(), u.To.UTC()
	}
	for i, s := range in.Slices {
		in.Slices[i].From, in.Slices[i].To = s.From.UTC(), s.To.UTC()
	}
	for i, n := range in.Nodes {
		cards := slices.Clone(n.Cards)
		slices.SortFunc(cards, func(a, b Card) int { return cmp.Compare(a.UUID, b.UUID) })
		for j, c := range cards {
			cards[j].First.At, cards[j].Last.At = c.First.At.UTC(), c.Last.At.UTC()
		}
		in.Nodes[i].Cards = cards
	}
	return in
}
