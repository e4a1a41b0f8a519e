package hall

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// deed is one thing done to a hall.
type deed func(*Hall)

// mixed is a hall of two groups with contracts of all kinds, failures and faults.
func mixed() Config {
	c := small(12)
	c.Hall.Spare, c.Seed, c.Saving = 2, 5, unit.One/2
	c.Hall.Groups[0].Rack, c.Hall.Groups[0].Limit = 4, 36*unit.Kilowatt
	other := h100()
	other.Name, other.PerNode = "B200", 4
	c.Hall.Groups = append(c.Hall.Groups, hosting.Group{Name: "b200", Model: other, Nodes: 5, Boot: 3 * time.Minute})
	c.Hall.Cooling.PUE0 = 1_234_567
	c.Failures = Failures{Between: 4 * 24 * time.Hour, Repair: 5 * time.Hour}
	c.Faults = Faults{Deaf: 100_000, Hangs: 5 * time.Minute, Mute: 200_000}
	one := func(name string, kind hosting.Kind, model string, gpus int) {
		c.Contracts = append(c.Contracts, hosting.Contract{
			Name: name, Tenant: "t-" + name, Kind: kind, Model: model, GPUs: gpus, Start: begin, Grace: 3 * time.Minute, Restart: 4 * time.Minute,
		})
	}
	c.Contracts[0].GPUs = 40
	one("flex", hosting.Flexible, "b200", 16)
	one("open", hosting.OnDemand, "H100 SXM", 30)
	one("batch", hosting.Batch, "B200", 0)
	c.Contracts[2].Flex = hosting.Flex{Hours: 5 * time.Hour, Event: time.Hour, Events: 3, Share: 700_000}
	c.Contracts[2].Ramp = []unit.Ratio{unit.One / 2}
	c.Contracts = append(c.Contracts, hosting.Contract{Name: "colo", Kind: hosting.Colocation, Start: begin, Power: 70_001})
	c.Profiles = map[string]*jobs.Profile{"colo": jobs.NewProfile("colo", 700_000, 1)}
	return c
}

// streams gives every contract of a hall jobs that arrive at odd seconds.
func streams(t *rapid.T, c *Config) {
	c.Streams = map[string]*jobs.Stream{}
	for _, k := range c.Contracts {
		if k.Kind == hosting.Colocation {
			continue
		}
		var list []jobs.Job
		at := begin
		for i := range rapid.IntRange(0, 25).Draw(t, "jobs of "+k.Name) {
			at = at.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "gap")) * time.Second)
			j := job(fmt.Sprintf("%s-%03d", k.Name, i), k.Name, rapid.SampledFrom([]int{1, 2, 3, 4, 8, 12, 16}).Draw(t, "GPUs"), time.Duration(rapid.IntRange(1, 30_000).Draw(t, "lasts"))*time.Second)
			j.Arrive, j.Draw = at, unit.Power(rapid.IntRange(70, 700).Draw(t, "draw"))
			j.SaveEvery = time.Duration(rapid.SampledFrom([]int{0, 600, 3600}).Draw(t, "saves")) * time.Second
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				j.Deadline = at.Add(3 * time.Hour)
			case 1:
				j.Work, j.Until = 0, at.Add(2*time.Hour)
			}
			list = append(list, j)
		}
		c.Streams[k.Name] = jobs.Fixed(list)
	}
}

// deeds draws what is done to a hall: commands, limits, broken servers.
func deeds(t *rapid.T, c Config) []deed {
	queues := []string{"firm", "spot", "flex", "open", "batch"}
	nodes := []string{"h100-0000", "h100-0003", "h100-0011", "b200-0000", "b200-0004"}
	events := rapid.SampledFrom([]string{"call-1", "call-2"})
	var out []deed
	for range rapid.IntRange(0, 12).Draw(t, "deeds") {
		k := engine.Command{Event: events.Draw(t, "event"), Seq: 1, Power: unit.Power(rapid.IntRange(1, 100_000).Draw(t, "power"))}
		k.From = begin.Add(time.Duration(rapid.IntRange(0, 200_000).Draw(t, "from")) * time.Second)
		k.Until, k.By = k.From.Add(time.Hour), k.From
		k.Verb = rapid.SampledFrom(verbs()).Draw(t, "verb")
		switch k.Verb {
		case engine.Hold, engine.Drain, engine.Release:
			k.Subject = rapid.SampledFrom(queues).Draw(t, "queue")
		case engine.Off, engine.On:
			k.Subject = rapid.SampledFrom(nodes).Draw(t, "node")
		case engine.Window:
			k.Nodes = nodes[:rapid.IntRange(0, 4).Draw(t, "nodes")]
		case engine.Warn, engine.Evict, engine.Restore:
			k.Subject = fmt.Sprintf("%s-%03d", rapid.SampledFrom(queues).Draw(t, "queue"), rapid.IntRange(0, 24).Draw(t, "job"))
		case engine.Withhold, engine.GiveBack, engine.Unwindow, engine.Rank:
		}
		s := gpu.Setting{Node: rapid.SampledFrom(nodes).Draw(t, "limited"), Limit: unit.Power(rapid.SampledFrom([]int{0, 200, 400, 650, 900}).Draw(t, "limit")), Epoch: int64(rapid.IntRange(0, 2).Draw(t, "epoch"))}
		switch rapid.IntRange(0, 9).Draw(t, "deed") {
		case 0:
			out = append(out, func(h *Hall) { h.Break(s.Node) })
		case 1, 2, 3:
			out = append(out, func(h *Hall) { _, _ = h.Set(t.Context(), s) })
		default:
			out = append(out, func(h *Hall) { _, _ = h.Do(t.Context(), k) })
		}
	}
	return out
}

// sound reports what may never be in a hall.
func sound(t rapid.TB, h *Hall) {
	t.Helper()
	var draw, contracts unit.Power
	busy := map[int]int{}
	for _, w := range h.running {
		total := 0
		for _, p := range w.places {
			busy[p.node] += p.gpus
			total += p.gpus
			if got := len(h.chipsOf(w, p)); got != p.gpus {
				t.Fatalf("%s holds %d GPUs of %s, and %d are marked", w.ID, p.gpus, h.nodes[p.node].name, got)
			}
		}
		if total != w.GPUs || h.running[w.slot] != w || h.due[w.slot] != w.dueNext() || w.dueNext() <= h.now {
			t.Fatalf("%s holds %d of %d GPUs, due %d at %d", w.ID, total, w.GPUs, w.dueNext(), h.now)
		}
	}
	fresh := make([]pool, len(h.pools))
	for i := range h.nodes {
		n, g := &h.nodes[i], h.groupOf(i)
		want := g.Model.Empty
		for k := range h.chips(i) {
			c := h.chip(i, k)
			if c.seq != 0 {
				want += c.watts - g.Model.Idle + g.rest
			}
		}
		if n.state == engine.NodeOff {
			want = 0
		}
		if n.draw != want || int(n.busy) != busy[i] || busy[i] > 0 && n.state != engine.NodeUp && n.state != engine.NodeDraining {
			t.Fatalf("%s is %s, draws %v of %v, %d of %d busy", n.name, n.state, n.draw, want, n.busy, busy[i])
		}
		draw += n.draw
		p := &fresh[g.pool]
		if n.event == "" && !n.broken() {
			p.usual += h.chips(i)
		}
		if n.takes() {
			p.gpus += h.chips(i) - int(n.busy)
		}
	}
	for i, p := range h.pools {
		if p.usual != fresh[i].usual || p.gpus != fresh[i].gpus {
			t.Fatalf("pool %d: %+v, counted %+v", i, p, fresh[i])
		}
	}
	used, booked := map[int]int{}, unit.Power(0)
	full, slow := map[int]unit.Power{}, map[int]int64{}
	for _, w := range h.running {
		used[w.tenant] += w.GPUs
		full[w.tenant] += w.full
		slow[w.tenant] += int64(w.GPUs) * (whole - int64(w.speed))
		booked += h.planningOf(w)
		if w.draw > w.full || w.progress(h.now) > w.need {
			t.Fatalf("%s draws %v of %v, progress %d of %d", w.ID, w.draw, w.full, w.progress(h.now), w.need)
		}
	}
	for i := range h.tenants {
		n, k := &h.tenants[i], &h.set.tenants[i]
		away := 0
		for _, w := range n.queue {
			if w.state == engine.Held {
				away += w.GPUs
			}
		}
		if k.Kind == hosting.Colocation {
			draw += n.draw
		} else if n.full != full[i] || n.slow != slow[i] {
			t.Fatalf("%s would draw %v, its jobs %v; slowed by %d of %d", k.Name, n.full, full[i], n.slow, slow[i])
		}
		contracts += n.draw
		if n.used != used[i] || n.used > h.quotaOf(i) || n.away != away {
			t.Fatalf("%s uses %d, its jobs %d, of %d; away %d of %d", k.Name, n.used, used[i], h.quotaOf(i), n.away, away)
		}
	}
	if h.draw != draw || h.booked != booked || contracts > h.draw {
		t.Fatalf("the hall draws %v, its parts %v; admitted %v of %v", h.draw, draw, h.booked, booked)
	}
	for _, r := range h.Racks() {
		if r.Group == "h100" && h.set.groups[0].Limit > 0 && r.Draw > 36*unit.Kilowatt {
			t.Fatalf("rack %d draws %v", r.Rack, r.Draw)
		}
	}
}

// energy checks that all registers sum to what the hall drew, and only rise.
func energy(t rapid.TB, h *Hall, before []unit.Energy) []unit.Energy {
	t.Helper()
	var sum, meter unit.Energy
	var now []unit.Energy
	for i, r := range h.Registers() {
		sum, meter = sum+r.IT, meter+r.Meter
		now = append(now, r.IT)
		if before != nil && r.IT < before[i] || r.Meter < r.IT || r.Service.Slowed < 0 || r.Service.Lost < 0 || r.Service.Down > r.Service.Committed || r.Service.Excused > r.Service.Down {
			t.Fatalf("registers of %s: %+v", r.Use, r)
		}
	}
	it, all := h.Energy()
	if sum != it || meter != all {
		t.Fatalf("registers sum to %d of %d J, at the meter %d of %d", sum, it, meter, all)
	}
	return now
}

// told does deeds to a hall, one after every stretch of time, which is cut as told.
func told(h *Hall, list []deed, stretch time.Duration, cuts []time.Duration) {
	for i := range len(list) + 1 {
		left := stretch
		for _, c := range cuts {
			if c < left {
				h.Advance(c)
				left -= c
			}
		}
		h.Advance(left)
		if i < len(list) {
			list[i](h)
		}
	}
}

func TestNothingIsMadeOrLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := mixed()
		streams(t, &c)
		list := deeds(t, c)
		h, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		var before []unit.Energy
		var joules unit.Energy
		for i := range 40 {
			sound(t, h)
			drawn := h.Draw()
			quiet := h.nextEvent() > h.now+600
			h.Advance(10 * time.Minute)
			if it, _ := h.Energy(); quiet && it-joules != drawn.Over(10*time.Minute) {
				t.Fatalf("nothing happened, and %v for ten minutes were %d J", drawn, it-joules)
			}
			before = energy(t, h, before)
			joules, _ = h.Energy()
			if i < len(list) {
				list[i](h)
			}
		}
		sound(t, h)
	})
}

func TestTimeMayBeCutAnyhow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := mixed()
		streams(t, &c)
		list := deeds(t, c)
		a, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		b := a.Clone()
		var cuts []time.Duration
		for range rapid.IntRange(1, 6).Draw(t, "cuts") {
			cuts = append(cuts, time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "cut")))
		}
		stretch := time.Duration(rapid.IntRange(1, 20_000).Draw(t, "stretch")) * time.Second
		told(a, list, stretch, nil)
		told(b, list, stretch, cuts)
		alike(t, a, b)
	})
}

// alike checks that two halls stand alike and were counted alike.
func alike(t *rapid.T, a, b *Hall) {
	t.Helper()
	if a.Standing() != b.Standing() {
		t.Fatalf("they stand differently:\n%s\n%s", a.Standing(), b.Standing())
	}
	if d := cmp.Diff(a.Registers(), b.Registers()); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff(usage(t, a), usage(t, b)); d != "" {
		t.Fatal(d)
	}
}

func usage(t *rapid.T, h *Hall) []engine.Usage {
	u, err := h.Usage(t.Context(), begin, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestClonesAreIndependent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := mixed()
		streams(t, &c)
		h, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		told(h, deeds(t, c), 50*time.Minute, nil)
		clone, standing, registers := h.Clone(), h.Standing(), h.Registers()
		list, other := deeds(t, c), h.Clone()
		told(h, list, 70*time.Minute, nil)
		records := usage(t, h)
		told(other, deeds(t, c), 30*time.Minute, nil)
		if d := cmp.Diff(usage(t, h), records); d != "" {
			t.Fatal("what was done to a clone changed the records of the hall", d)
		}
		if clone.Standing() != standing || cmp.Diff(clone.Registers(), registers) != "" {
			t.Fatal("what was done to the hall changed its clone")
		}
		told(clone, list, 70*time.Minute, nil)
		alike(t, h, clone)
		sound(t, clone)
	})
}

// TestStandingDecidesWhatFollows brings a hall to where its twin stands by another
// way, and checks that they behave alike from then on.
func TestStandingDecidesWhatFollows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := mixed()
		streams(t, &c)
		a, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		told(a, deeds(t, c), 50*time.Minute, nil)
		b := a.Clone()
		detour(t, b, rapid.IntRange(0, 4).Draw(t, "detour"))
		if a.Standing() != b.Standing() {
			return // it had an effect that lasts
		}
		from, other := a.Registers(), b.Registers()
		list := deeds(t, c)
		told(a, list, time.Hour, nil)
		told(b, list, time.Hour, nil)
		if a.Standing() != b.Standing() {
			t.Fatalf("they stood alike and went apart:\n%s\n%s", a.Standing(), b.Standing())
		}
		for i, r := range a.Registers() {
			if x, y := r.IT-from[i].IT, b.Registers()[i].IT-other[i].IT; x != y || r.Service.Since(from[i].Service) != b.Registers()[i].Service.Since(other[i].Service) {
				t.Fatalf("%s stood alike and was counted differently: %d and %d J", r.Use, x, y)
			}
		}
	})
}

// detour does something to a hall and undoes it at once.
func detour(t *rapid.T, h *Hall, n int) {
	try := func(c engine.Command) {
		c.Event, c.Seq = "detour", 1
		_, _ = h.Do(t.Context(), c)
	}
	switch n {
	case 0:
		try(engine.Command{Verb: engine.Hold, Subject: "spot"})
		try(engine.Command{Verb: engine.Release, Subject: "spot"})
	case 1:
		try(engine.Command{Verb: engine.Withhold, Power: unit.Megawatt})
		try(engine.Command{Verb: engine.GiveBack})
	case 2:
		try(engine.Command{Verb: engine.Window, Power: 1, From: h.Now().Add(time.Hour), Until: h.Now().Add(2 * time.Hour)})
		try(engine.Command{Verb: engine.Unwindow})
	case 3:
		_ = h.Submit(job("guest", "spot", 1, time.Hour))
		h.End("guest")
	case 4:
		limit := h.chip(0, 0).limit
		_, _ = h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 300, Epoch: h.nodes[0].epoch})
		_, _ = h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: limit, Epoch: h.nodes[0].epoch})
	}
}

// TestStandingTellsHallsApart changes one thing at a time that decides what follows.
func TestStandingTellsHallsApart(t *testing.T) {
	t.Parallel()
	c := small(2)
	c.Streams = map[string]*jobs.Stream{"spot": jobs.Fixed([]jobs.Job{{ID: "later", Arrive: begin.Add(9 * time.Hour), GPUs: 1, Work: 1}})}
	h := built(t, c)
	submit(t, h, job("runs", "firm", 4, 20*time.Hour))
	submit(t, h, job("waits", "spot", 16, time.Hour))
	h.Advance(time.Hour + time.Millisecond)
	for sentence, change := range map[string]func(*Hall){
		"time":                func(h *Hall) { h.Advance(time.Second) },
		"part of a second":    func(h *Hall) { h.Advance(time.Millisecond) },
		"a limit":             func(h *Hall) { h.chip(1, 7).limit-- },
		"an epoch":            func(h *Hall) { h.nodes[1].epoch++ },
		"a node of ours":      func(h *Hall) { h.nodes[1].event = "x" },
		"when a node breaks":  func(h *Hall) { h.nodes[1].fails-- },
		"how often it broke":  func(h *Hall) { h.nodes[1].lives++ },
		"empty for how long":  func(h *Hall) { h.nodes[1].since++ },
		"progress, running":   func(h *Hall) { h.running[0].done++ },
		"progress, waiting":   func(h *Hall) { h.tenants[1].queue[0].done++ },
		"what was saved":      func(h *Hall) { h.running[0].kept++ },
		"a warning":           func(h *Hall) { h.running[0].warned++ },
		"the end of a grace":  func(h *Hall) { h.running[0].stops = h.now + 1 },
		"a restart ahead":     func(h *Hall) { h.tenants[1].queue[0].warm = true },
		"who stopped it":      func(h *Hall) { h.tenants[1].queue[0].event = "x" },
		"since when it waits": func(h *Hall) { h.tenants[1].queue[0].claimed++ },
		"a held queue":        func(h *Hall) { h.tenants[0].holds = []string{"x"} },
		"a drained queue":     func(h *Hall) { h.tenants[0].drains = []string{"x"} },
		"by what it stopped":  func(h *Hall) { h.tenants[1].queue[0].drained = true },
		"calls of a tenant":   func(h *Hall) { h.tenants[0].flex.calls++ },
		"hours of a tenant":   func(h *Hall) { h.tenants[0].flex.used++ },
		"withheld watts":      func(h *Hall) { h.grants = []grant{{"x", 1}} },
		"a window":            func(h *Hall) { h.windows = []window{{event: "x"}} },
		"a silent engine":     func(h *Hall) { h.Refuse(true) },
		"the stream":          func(h *Hall) { h.tenants[1].stream.Take() },
		"which GPUs":          func(h *Hall) { h.chip(0, 0).seq, h.chip(0, 7).seq = 0, h.chip(0, 0).seq },
	} {
		b := h.Clone()
		if b.Standing() != h.Standing() {
			t.Fatal("a clone stands elsewhere")
		}
		if change(b); b.Standing() == h.Standing() {
			t.Errorf("halls that differ in %s stand alike", sentence)
		}
	}
}

func TestTheSameSeedTheSameYear(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (string, *Hall) {
		c := large(t)
		c.Seed = seed
		h := built(t, c)
		h.Advance(21 * 24 * time.Hour)
		return h.Standing(), h
	}
	a, h := run(7)
	b, g := run(7)
	if a != b || cmp.Diff(h.Registers(), g.Registers()) != "" {
		t.Error("the same seed gave two years")
	}
	if c, _ := run(8); c == a {
		t.Error("another seed gave the same year")
	}
}
