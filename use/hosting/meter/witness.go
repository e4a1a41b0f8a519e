package meter

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
)

// Sighting is one GPU as a second source saw it over a stretch. No job: it was idle.
type Sighting struct {
	Source string
	Node   string
	UUID   string
	Job    string
	Span   rate.Span
}

// Sightings makes stretches of readings that say who holds a GPU: each holds until
// the next one of its GPU and source, and no longer than gap. What comes after is
// not seen, and no witness of anything.
func Sightings(readings []gpu.Reading, gap time.Duration) []Sighting {
	in := slices.Clone(readings)
	slices.SortStableFunc(in, func(a, b gpu.Reading) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Node, b.Node), cmp.Compare(a.UUID, b.UUID), a.At.Compare(b.At))
	})
	var out []Sighting
	for i, r := range in {
		if i+1 == len(in) || in[i+1].UUID != r.UUID || in[i+1].Source != r.Source || in[i+1].Node != r.Node {
			continue
		}
		s := Sighting{r.Source, r.Node, r.UUID, r.Job, rate.Span{From: r.At.Unix(), To: min(in[i+1].At.Unix(), r.At.Add(gap).Unix())}}
		if n := len(out) - 1; n >= 0 && continues(out[n], s) {
			out[n].Span.To = s.Span.To
			continue
		}
		if !s.Span.Empty() {
			out = append(out, s)
		}
	}
	return out
}

// continues reports that b goes on where a ends.
func continues(a, b Sighting) bool {
	joined := a.Span.To == b.Span.From
	a.Span = b.Span
	return joined && a == b
}

// Check holds the GPU-seconds of a contract in one stretch, by the engine's word,
// against those of a second source, over the seconds that it saw.
type Check struct {
	Contract string // empty: jobs that the engine does not know
	Span     rate.Span
	Engine   int64
	Witness  int64
	Unseen   int64 // GPU-seconds of the engine that nobody else saw
	Limit    int64 // difference that is still agreement: 1 % of the stretch on the most GPUs at once
	Sources  []string
}

// Agrees reports that both say the same, but for 1 % of the stretch.
func (c Check) Agrees() bool { return max(c.Engine-c.Witness, c.Witness-c.Engine) <= c.Limit }

// CrossCheck compares the engine's intervals of an hour with sightings. On each node
// the first of the sources that saw it counts: labels of an exporter, then the
// process list of the node's agent. Source: docs/formula/meter.md.
func CrossCheck(hour rate.Span, jobs []engine.Usage, seen []Sighting, sources []string) []Check {
	by := coverage(hour, seen, sources)
	contract := map[string]string{}
	all := map[string]*tally{}
	at := func(name string) *tally {
		if all[name] == nil {
			all[name] = &tally{Check: Check{Contract: name, Span: hour}}
		}
		return all[name]
	}
	for _, u := range jobs {
		contract[u.Job] = u.Contract
		t := at(u.Contract)
		parts, places := spreadOver(u)
		span := seconds(u.From, u.To, hour)
		for i, node := range places {
			t.engine = append(t.engine, stay{gpus: parts[i], span: span})
			both := int64(0)
			for _, s := range by[node].spans {
				both += s.Common(span).Seconds()
			}
			t.Engine += parts[i] * both
			t.Unseen += parts[i] * (span.Seconds() - both)
		}
		if len(places) == 0 {
			t.Unseen += int64(u.GPUs) * span.Seconds()
		}
	}
	for _, s := range seen {
		if s.Job == "" || by[s.Node].source != s.Source {
			continue
		}
		t := at(contract[s.Job])
		t.witness = append(t.witness, stay{gpus: 1, span: s.Span.Common(hour)})
		t.Witness += s.Span.Common(hour).Seconds()
		t.Sources = append(t.Sources, s.Source)
	}
	var out []Check
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[name].close())
	}
	return out
}

// tally is a check on its way.
type tally struct {
	Check
	engine, witness []stay
}

// close sets the limit of a check.
func (t *tally) close() Check {
	slices.Sort(t.Sources)
	t.Sources = slices.Compact(t.Sources)
	t.Limit = max(peak(t.engine), peak(t.witness)) * t.Span.Seconds() / 100
	return t.Check
}

// peak is the most GPUs at once.
func peak(all []stay) (most int64) {
	change := map[int64]int64{}
	for _, s := range all {
		if !s.span.Empty() {
			change[s.span.From] += s.gpus
			change[s.span.To] -= s.gpus
		}
	}
	held := int64(0)
	for _, at := range slices.Sorted(maps.Keys(change)) {
		held += change[at]
		most = max(most, held)
	}
	return most
}

// vision is when a node was seen, and by whom.
type vision struct {
	source string
	spans  []rate.Span
}

// coverage is for each node the first source that saw it in an hour.
func coverage(hour rate.Span, seen []Sighting, sources []string) map[string]vision {
	out := map[string]vision{}
	for _, source := range sources {
		found := map[string][]rate.Span{}
		for _, s := range seen {
			if c := s.Span.Common(hour); s.Source == source && !c.Empty() {
				found[s.Node] = append(found[s.Node], c)
			}
		}
		for node, spans := range found {
			if _, known := out[node]; !known {
				out[node] = vision{source, rate.Union(spans)}
			}
		}
	}
	return out
}

// Dispute takes from usage what a second source contradicts: the GPU-seconds of the
// contract and hour are held with both figures, its energy counts as estimated.
func Dispute(lines []Usage, checks []Check) (free []Usage, held []Hold) {
	for _, u := range lines {
		i := slices.IndexFunc(checks, func(c Check) bool {
			return c.Contract == u.Contract && !c.Agrees() && !c.Span.Common(u.Span).Empty()
		})
		switch {
		case i < 0:
			free = append(free, u)
		case u.Measure == GPUSeconds:
			c := checks[i]
			held = append(held, Hold{
				Contract: u.Contract, Component: u.Component, Span: u.Span, Engine: c.Engine, Witness: c.Witness, Source: fmt.Sprint(c.Sources),
				Why: fmt.Sprintf("the engine counts %d GPU-seconds from %s to %s and %v %d: more than 1 %% apart: find which one is wrong, then meter it again", c.Engine, instant(c.Span.From), instant(c.Span.To), c.Sources, c.Witness),
			})
		default:
			u.Estimated = true
			free = append(free, u)
		}
	}
	return free, held
}
