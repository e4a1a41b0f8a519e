package hall

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/rate"
	"sluice/engine"
	"sluice/gpu"
	"sluice/loop/curtail"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting/meter"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// looker changes what the agents of a bench say.
type looker struct {
	gpu.Agent

	silent atomic.Bool
	change func(*gpu.Reading)
}

func (l *looker) Read(ctx context.Context) ([]gpu.Reading, error) {
	if l.silent.Load() {
		return nil, errors.New("the agent did not answer in time")
	}
	all, err := l.Agent.Read(ctx)
	for i := range all {
		if l.change != nil {
			l.change(&all[i])
		}
	}
	return all, err
}

// looked puts a looker before the agents of a bench.
func looked(b *bench, change func(*gpu.Reading)) *looker {
	l := &looker{Agent: b.v, change: change}
	b.plant.Agents = []Agent{{Agent: l}}
	return l
}

// pad has the engine bill two GPUs of spot more, which is 5 %, on a node.
func (b *bench) pad(node string) {
	b.spy.set(func(s *spy) {
		s.pads = []engine.Usage{{Job: "ghost", Run: 1, Tenant: "t-spot", Contract: "spot", Queue: "spot", GPUs: 2, Nodes: []string{node}, From: time.Now().UTC()}}
	})
}

// idle is a node on which nothing runs.
func (b *bench) idle() string {
	b.tb.Helper()
	v, err := b.v.View(b.tb.Context())
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, n := range v.Nodes {
		if n.Busy == 0 {
			return n.Name
		}
	}
	b.tb.Fatal("something runs on every node")
	return ""
}

// witnessed is what was compared, noted where it is not what was wanted.
func (b *bench) witnessed(agree, disputed, open int) Witnessed {
	b.tb.Helper()
	u, err := b.h.Usage(b.tb.Context(), time.Now().Add(-24*time.Hour))
	if err != nil {
		b.tb.Fatal(err)
	}
	if w := u.Witness; w.Agree != agree || w.Disputed != disputed || w.Open != open {
		b.breach("wanted %d that agree, %d disputed, %d not compared: %+v", agree, disputed, open, w)
	}
	return u.Witness
}

// heldOf are the lines of a contract that two sources tell otherwise.
func (b *bench) heldOf(contract string) (out []tenants.Held) {
	b.tb.Helper()
	who, err := b.plant.Store.Office().Owner(b.tb.Context(), contract)
	if err != nil {
		b.tb.Fatal(err)
	}
	all, err := b.plant.Store.Desk().Held(b.tb.Context(), who)
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, x := range all {
		if x.Engine+x.Witness > 0 {
			out = append(out, x)
		}
	}
	return out
}

// TestSecondWitness: the engine's GPU-seconds are held against the labels, hour by
// hour; what nobody saw is compared with nothing.
func TestSecondWitness(t *testing.T) {
	t.Parallel()
	type trial struct {
		change func(*bench)
		run    func(*bench)
	}
	for sentence, c := range map[string]trial{
		"an honest day agrees in every hour":                     {change: slowly, run: honestDay},
		"a restart within an hour is no dispute":                 {run: restartedHour},
		"5 % more for one contract is caught within the hour":    {run: overbilled},
		"so is 5 % more on a node where jobs run":                {run: overbilledBusy},
		"nothing is compared where nobody says who holds a GPU":  {change: unlabelled, run: uncompared("no agent said")},
		"nothing is compared where jobs have other names":        {change: renamed, run: uncompared("other names")},
		"a GPU that several jobs share is witness of nothing":    {change: sharing, run: uncompared("no agent said")},
		"a silent agent is witness of nothing":                   {run: silentHour},
		"a node without labels is witness of nothing":            {change: darkNode, run: darkHour},
		"what is disputed clears with the next hour that agrees": {run: cleared},
		"jobs that the engine does not know are told":            {run: unknownJobs},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for _, what := range inBubble(t, c.change, c.run) {
				t.Error(what)
			}
		})
	}
}

func slowly(b *bench) { b.cfg.Timing.Period, b.cfg.Beat = 30*time.Second, 15*time.Second }

// honestDay: jobs come, end, are evicted and limited, and every hour agrees.
func honestDay(b *bench) {
	b.v.Use(func(h *hall.Hall) {
		for i := range 40 {
			j := jobs.Job{ID: "short-" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Contract: "spot", GPUs: 1 + i%3, Work: int64(1+i%3) * int64(700+97*i), Draw: 500, Class: gpu.Training}
			if err := h.Submit(j); err != nil {
				b.tb.Fatal(err)
			}
		}
	})
	b.pass(3 * time.Hour)
	b.curtail(35_000, 10*time.Minute, 20*time.Minute)
	b.pass(21*time.Hour + 5*time.Minute)
	if w := b.witnessed(72, 0, 0); w.Seen < 990_000 || w.Last.Hour() != 23 {
		b.breach("compared: %+v", w)
	}
	if b.has("gpu_seconds_disputed", "") {
		b.breach("an honest day is disputed: %+v", b.status().Troubles)
	}
}

func restartedHour(b *bench) {
	b.pass(32 * time.Minute)
	b.stop()
	b.pass(4 * time.Minute)
	b.start()
	b.pass(30 * time.Minute)
	if w := b.witnessed(3, 0, 0); w.Seen < 800_000 || w.Seen > 960_000 {
		b.breach("four minutes and what was not written yet were not seen, and %+v", w)
	}
}

func overbilled(b *bench)     { b.overbilled(b.idle()) }
func overbilledBusy(b *bench) { b.overbilled("h100-0000") }

func (b *bench) overbilled(node string) {
	b.pass(10 * time.Minute)
	b.pad(node)
	b.pass(55 * time.Minute)
	b.witnessed(2, 1, 0)
	b.want("gpu_seconds_disputed", "spot")
	if b.has("gpu_seconds_disputed", "firm") || len(b.heldOf("firm")) > 0 {
		b.breach("firm is disputed, and nobody lied of it")
	}
	held := b.heldOf("spot")
	if len(held) != 12 {
		b.breach("%d lines of spot are held, wanted the 12 of the hour", len(held))
	}
	for _, x := range held {
		more := x.Engine - x.Witness
		if more < 2*3600*8/10 || more > 2*3600 || x.Witness < 40*3500 || x.Component != "gpu-h100-sxm" || x.Source != "[world]" || x.Released != nil {
			b.breach("held: %+v", x)
		}
	}
	b.stop()
	b.start()
	b.pass(6 * time.Minute)
	b.want("gpu_seconds_disputed", "spot")
}

// TestDisputedEnergy: the energy of what is disputed was exact, and counts as estimated.
func TestDisputedEnergy(t *testing.T) {
	t.Parallel()
	for _, what := range inBubble(t, nil, func(b *bench) {
		hour := rate.Span{From: time.Now().Add(-48*time.Hour).Unix() / 3600 * 3600}
		hour.To = hour.From + 3600
		line := meter.Usage{Contract: "firm", Meter: "gpu", Component: meter.ITEnergy, Span: hour, Quantity: 7, Measure: meter.Joules, Revision: 1, Evidence: books.Hash{1}}
		other := line
		other.Contract = "spot"
		if err := b.plant.Store.Office().PutUsage(b.tb.Context(), []meter.Usage{line, other}); err != nil {
			b.tb.Fatal(err)
		}
		check := meter.Check{Contract: "firm", Span: hour, Engine: 3600, Witness: 1800, Limit: 36}
		err := b.h.Do(b.tb.Context(), func(ctx context.Context) {
			for range 2 { // the second time says nothing new
				if err := b.h.dispute(ctx, hour, []meter.Check{check}); err != nil {
					b.breach("%v", err)
				}
			}
		})
		if err != nil {
			b.tb.Fatal(err)
		}
		for _, want := range []meter.Usage{line, other} {
			if want.Contract == "firm" {
				want.Revision, want.Estimated = 2, true
			}
			got, err := b.plant.Store.Office().Usage(b.tb.Context(), tenants.Query{Contract: want.Contract, To: time.Unix(hour.To, 0)})
			if err != nil || len(got) != 1 || got[0].Estimated != want.Estimated || got[0].Revision != want.Revision || got[0].Evidence != want.Evidence {
				b.breach("%+v, wanted %+v, %v", got, want, err)
			}
		}
	}) {
		t.Error(what)
	}
}

func unlabelled(b *bench) { looked(b, func(r *gpu.Reading) { r.Job = "" }) }
func sharing(b *bench)    { looked(b, func(r *gpu.Reading) { r.Shared = true }) }
func renamed(b *bench) {
	looked(b, func(r *gpu.Reading) {
		if r.Job != "" {
			r.Job = "t/" + r.Job + "-0-x7k2p"
		}
	})
}

// uncompared: the engine bills too much, nobody can contradict it, and nobody is said
// to confirm it.
func uncompared(why string) func(*bench) {
	return func(b *bench) {
		b.pad(b.idle())
		b.pass(65 * time.Minute)
		if w := b.witnessed(0, 0, 3); !strings.Contains(w.Why, why) || !w.Last.IsZero() {
			b.breach("%+v", w)
		}
		if n := len(b.heldOf("spot")); n > 0 || b.has("gpu_seconds_disputed", "") {
			b.breach("%d lines are held on nobody's word", n)
		}
	}
}

// silentHour: a third of an hour, and then more than half of the next.
func silentHour(b *bench) {
	b.stop()
	l := looked(b, nil)
	b.start()
	b.pass(9 * time.Minute)
	l.silent.Store(true)
	b.pass(20 * time.Minute)
	l.silent.Store(false)
	b.pass(35 * time.Minute)
	if w := b.witnessed(3, 0, 0); w.Seen < 600_000 || w.Seen > 680_000 {
		b.breach("a third of the hour was not seen, and %+v", w)
	}
	l.silent.Store(true)
	b.pad(b.idle())
	b.pass(60 * time.Minute)
	if w := b.witnessed(3, 0, 3); !strings.Contains(w.Why, "were seen") {
		b.breach("%+v", w)
	}
	if n := len(b.heldOf("spot")); n > 0 {
		b.breach("%d lines are held on the word of a silent agent", n)
	}
}

// darkNode: no labels reach one node, and what runs there pauses now and then.
func darkNode(b *bench) {
	n := 0
	looked(b, func(r *gpu.Reading) {
		if r.Node == "h100-0000" {
			r.Job = ""
			if n++; n/400%2 == 0 {
				r.Busy = 0
			}
		}
	})
}

func darkHour(b *bench) {
	b.pass(65 * time.Minute)
	if w := b.witnessed(3, 0, 0); w.Seen > unit.One*95/100 {
		b.breach("of a node without labels everything was seen: %+v", w)
	}
}

func cleared(b *bench) {
	b.stop()
	l := looked(b, nil)
	b.start()
	b.pad(b.idle())
	b.pass(65 * time.Minute)
	b.want("gpu_seconds_disputed", "spot")
	b.spy.set(func(s *spy) { s.pads = nil })
	l.silent.Store(true)
	b.pass(60 * time.Minute)
	b.want("gpu_seconds_disputed", "spot") // nobody said anything else
	l.silent.Store(false)
	b.pass(60 * time.Minute)
	if b.has("gpu_seconds_disputed", "") || len(b.heldOf("spot")) < 12 {
		b.breach("an hour agrees: %d lines are held, %+v", len(b.heldOf("spot")), b.status().Troubles)
	}
}

func unknownJobs(b *bench) {
	b.stop()
	looked(b, func(r *gpu.Reading) {
		if r.Job == "spot-1" {
			r.Job = "stowaway"
		}
	})
	b.start()
	b.pass(65 * time.Minute)
	b.witnessed(2, 1, 0)
	b.want("gpu_seconds_disputed", "gpu")
	b.want("gpu_seconds_disputed", "spot")
}

// TestGlances: a node counts as seen from one answer to the next, and never across
// one that it is missing in.
func TestGlances(t *testing.T) {
	t.Parallel()
	const begin = 1_000_000
	h := &Hall{cfg: Config{Timing: curtail.Timing{Fresh: time.Minute}}, view: engine.View{Nodes: []engine.Node{{Name: "n1", GPUs: 2}}}}
	said := func(second int64, jobs ...string) (out []gpu.Reading) {
		for _, j := range jobs {
			out = append(out, gpu.Reading{Node: "n1", Source: "dcgm", Job: j, At: time.Unix(begin+second, 0)})
		}
		return out
	}
	p := func(from, to int64, jobs map[string]int) picture {
		return picture{rate.Span{From: begin + from, To: begin + to}, jobs}
	}
	ab := map[string]int{"a": 1, "b": 1}
	for sentence, c := range map[string]struct {
		answers [][]gpu.Reading
		want    []picture
	}{
		"what stays the same is one picture":          {[][]gpu.Reading{said(0, "a", "b"), said(5, "b", "a"), said(10, "a", "b")}, []picture{p(0, 10, ab)}},
		"what changes is another":                     {[][]gpu.Reading{said(0, "a", "b"), said(5, "a", ""), said(10, "a", "")}, []picture{p(0, 5, ab), p(5, 10, map[string]int{"a": 1, "": 1})}},
		"an answer that did not come leaves a hole":   {[][]gpu.Reading{said(0, "a", "b"), said(5, "a", "b"), nil, said(15, "a", "b"), said(20, "a", "b")}, []picture{p(0, 5, ab), p(15, 20, ab)}},
		"a GPU that is missing leaves a hole":         {[][]gpu.Reading{said(0, "a", "b"), said(5, "a"), said(10, "a", "b"), said(15, "a", "b")}, []picture{p(10, 15, ab)}},
		"an answer holds for a minute at most":        {[][]gpu.Reading{said(0, "a", "b"), said(300, "a", "b")}, []picture{p(0, 60, ab)}},
		"the same answer again is none":               {[][]gpu.Reading{said(0, "a", "b"), said(0, "a", "b")}, nil},
		"who never names a job says nothing":          {[][]gpu.Reading{said(0, "", ""), said(5, "", "")}, nil},
		"pictures older than two hours are forgotten": {[][]gpu.Reading{said(0, "a", "b"), said(5, "a", "b"), nil, said(8000, "a", "a"), said(8005, "a", "a")}, []picture{p(8000, 8005, map[string]int{"a": 2})}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWitness(keptWitness{}, 1)
			for _, a := range c.answers {
				w.look(h, 0, a)
			}
			var got []picture
			for _, e := range w.kept.Eyes {
				got = e.Seen
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
