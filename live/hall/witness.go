package hall

import (
	"maps"
	"slices"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/use/hosting/meter"
)

// witness holds who has which GPU, by the labels of agents and exporters, against the
// engine's word, hour by hour.
type witness struct {
	kept   keptWitness
	rounds []int             // answers of each agent so far
	last   map[string]glance // what was seen last, by eye
}

// keptWitness is what of it outlives a restart.
type keptWitness struct {
	Eyes     map[string]*eye
	Labels   map[string]int64  // when a source last named a job, Unix seconds
	Runs     []engine.Usage    // as they were metered, of hours that are not compared yet
	Metered  []rate.Span       // of those hours
	Hours    []hourCompared    // of the last two days
	Disputed map[string]string // by contract, until an hour of it agrees
}

// eye is one node as one source sees it.
type eye struct {
	Node     string
	Source   string
	Labelled int64 // when it last named a job here, Unix seconds
	Dark     int64 // when something last ran here that it did not name
	Seen     []picture
}

// picture is how many GPUs of a node each job held over a stretch; of no job: idle ones.
type picture struct {
	rate.Span

	Jobs map[string]int
}

// glance is one node in one round of readings.
type glance struct {
	node, source string
	agent, round int
	at           int64 // Unix seconds
	gpus         int
	jobs         map[string]int
	labels       bool // it names a job
	shared       bool // by several jobs: nobody knows who holds how much
	dark         bool // something runs that it does not name
	mum          bool // a GPU says neither
}

const (
	pictureMost = 400       // of one eye: more than an hour has
	pictureAge  = 2 * 3600  // s
	labelsHold  = 24 * 3600 // s for which a source that named a job is believed to name all
)

// newWitness goes on where an earlier run stopped.
func newWitness(kept keptWitness, agents int) witness {
	if kept.Eyes == nil {
		kept.Eyes = map[string]*eye{}
	}
	if kept.Labels == nil {
		kept.Labels = map[string]int64{}
	}
	return witness{kept: kept, rounds: make([]int, agents), last: map[string]glance{}}
}

// look takes one answer of an agent. A node that is not in it was not seen since the
// answer before, and what is not seen is witness of nothing.
func (w *witness) look(h *Hall, agent int, got []gpu.Reading) {
	w.rounds[agent]++
	has := make(map[string]int, len(h.view.Nodes))
	for i := range h.view.Nodes {
		has[h.view.Nodes[i].Name] = h.view.Nodes[i].GPUs
	}
	for name, g := range glances(got) {
		g.agent, g.round = agent, w.rounds[agent]
		if all, known := has[g.node]; known && g.gpus >= all && !g.shared {
			w.see(name, *g, int64(h.cfg.Timing.Fresh/time.Second))
		}
	}
}

// glances are the nodes of one answer.
func glances(got []gpu.Reading) map[string]*glance {
	out := map[string]*glance{}
	var g *glance
	for i := range got {
		r := &got[i]
		if g == nil || g.node != r.Node || g.source != r.Source {
			name := r.Node + " " + r.Source
			if g = out[name]; g == nil {
				g = &glance{node: r.Node, source: r.Source, jobs: map[string]int{}}
				out[name] = g
			}
		}
		g.at = max(g.at, r.At.Unix())
		g.gpus++
		g.jobs[r.Job]++
		g.labels = g.labels || r.Job != ""
		g.shared = g.shared || r.Shared
		g.dark = g.dark || r.Job == "" && r.Has.Busy && r.Busy > 0
		g.mum = g.mum || r.Job == "" && !r.Has.Busy
	}
	return out
}

// see adds what a node showed from the glance before to this one, where its source
// names jobs at all. A GPU that works for nobody it names is no idle one.
func (w *witness) see(name string, g glance, fresh int64) {
	e := w.kept.Eyes[name]
	if g.labels {
		w.kept.Labels[g.source] = g.at
	} else if last, ever := w.kept.Labels[g.source]; !ever || g.at-last > labelsHold {
		return
	}
	if e == nil {
		e = &eye{Node: g.node, Source: g.source}
		w.kept.Eyes[name] = e
	}
	if g.labels {
		e.Labelled = g.at
	}
	trusted := e.Labelled > 0 && g.at-e.Labelled <= labelsHold
	if g.dark && !trusted {
		e.Dark, e.Seen = g.at, nil // no labels reach this node: what looked idle proves nothing
	}
	doubtful := g.mum || e.Dark > 0 && g.at-e.Dark <= labelsHold
	if g.dark || !trusted && doubtful {
		return
	}
	before, known := w.last[name]
	if known && before.agent == g.agent && before.round+1 == g.round {
		e.add(picture{rate.Span{From: before.at, To: min(g.at, before.at+fresh)}, before.jobs})
	}
	w.last[name] = g
}

// add lets the last picture go on, or begins another.
func (e *eye) add(p picture) {
	n := len(e.Seen) - 1
	if n >= 0 {
		p.From = max(p.From, e.Seen[n].To)
	}
	switch {
	case p.Empty():
		return
	case n >= 0 && e.Seen[n].To == p.From && maps.Equal(e.Seen[n].Jobs, p.Jobs):
		e.Seen[n].To = p.To
	default:
		e.Seen = append(e.Seen, p)
	}
	e.Seen = slices.DeleteFunc(e.Seen, func(x picture) bool { return x.To <= p.To-pictureAge })
	e.Seen = e.Seen[max(0, len(e.Seen)-pictureMost):]
}

// sightings are what was seen within some stretches, GPU by GPU.
func (w *witness) sightings(within []rate.Span) []meter.Sighting {
	var out []meter.Sighting
	for _, name := range slices.Sorted(maps.Keys(w.kept.Eyes)) {
		e := w.kept.Eyes[name]
		for _, p := range e.Seen {
			for _, part := range within {
				if span := p.Common(part); !span.Empty() {
					out = append(out, e.sightings(p, span)...)
				}
			}
		}
	}
	return out
}

func (e *eye) sightings(p picture, span rate.Span) []meter.Sighting {
	var out []meter.Sighting
	for job, gpus := range p.Jobs {
		for range gpus {
			out = append(out, meter.Sighting{Source: e.Source, Node: e.Node, Job: job, Span: span})
		}
	}
	return out
}

// ran keeps what was metered until its hour is compared.
func (w *witness) ran(span rate.Span, jobs []engine.Usage) {
	type run struct {
		job string
		n   int
	}
	at := map[run]int{}
	for i, u := range w.kept.Runs {
		at[run{u.Job, u.Run}] = i
	}
	w.kept.Metered = rate.Union(append(w.kept.Metered, span))
	for _, u := range cutTo(jobs, span) {
		i, known := at[run{u.Job, u.Run}]
		if o := &w.kept.Runs; known && (*o)[i].To.Equal(u.From) && (*o)[i].GPUs == u.GPUs && (*o)[i].Contract == u.Contract && slices.Equal((*o)[i].Nodes, u.Nodes) {
			(*o)[i].To = u.To
			continue
		}
		w.kept.Runs = append(w.kept.Runs, u)
	}
}

// cutTo are runs within a stretch, in whole seconds. What has no end goes on.
func cutTo(jobs []engine.Usage, within rate.Span) []engine.Usage {
	var out []engine.Usage
	for _, u := range jobs {
		s := rate.Span{From: u.From.Unix(), To: within.To}
		if !u.To.IsZero() {
			s.To = u.To.Unix()
		}
		if s = s.Common(within); !s.Empty() && u.GPUs > 0 {
			u.From, u.To = time.Unix(s.From, 0).UTC(), time.Unix(s.To, 0).UTC()
			out = append(out, u)
		}
	}
	return out
}

// forget leaves out what was before an instant, Unix seconds.
func (w *witness) forget(until int64) {
	k := &w.kept
	k.Runs = slices.DeleteFunc(k.Runs, func(u engine.Usage) bool { return u.To.Unix() <= until })
	for i := range k.Metered {
		k.Metered[i].From = max(k.Metered[i].From, until)
	}
	k.Metered = slices.DeleteFunc(k.Metered, rate.Span.Empty)
	for name, e := range k.Eyes {
		e.Seen = slices.DeleteFunc(e.Seen, func(p picture) bool { return p.To <= until })
		if len(e.Seen) == 0 && until-max(e.Labelled, e.Dark) > labelsHold {
			delete(k.Eyes, name)
			delete(w.last, name)
		}
	}
}
