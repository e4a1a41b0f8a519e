package live

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
	"sluice/use/mining"
)

// TestCopyOfTheMachines: whatever happens to the machines of a site, and whenever it is asked for
// the changes, a copy is the whole list, and nothing in it is a state that a person
// would tell from the real one.
func TestCopyOfTheMachines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(x *rapid.T) {
		p := few(rapid.Uint64Range(1, 1<<40).Draw(x, "seed"))
		p.wire = wild()
		h := p.build(t)
		copied, rev := map[string]MachineRow{}, int64(0)
		for range 40 {
			disturb(x, h)
			most := rapid.SampledFrom([]int{1500, 6000, 60_000}).Draw(x, "most")
			h.pass(time.Duration(rapid.IntRange(0, most).Draw(x, "milliseconds")) * time.Millisecond)
			list := h.core.changed(rev, h.now).written()
			if list.All {
				clear(copied)
			}
			for _, m := range list.Machines {
				copied[m.Name] = m
			}
			rev = list.Rev
			matches(x, h, copied)
		}
	})
}

// matches fails when a copy is not the list, or shows what is not so.
func matches(t *rapid.T, h *hall, copied map[string]MachineRow) {
	whole := h.core.changed(0, h.now).written()
	if len(copied) != len(h.units) || !whole.All || whole.Count != len(h.units) {
		t.Fatalf("%d of %d machines are copied, all: %v", len(copied), len(h.units), whole.All)
	}
	for i, m := range whole.Machines {
		if diff := cmp.Diff(m, copied[m.Name]); diff != "" {
			t.Fatalf("the copy of %s is not the list: %s", m.Name, diff)
		}
		if now := h.core.show(i); m.differs(now) {
			t.Fatalf("%s is shown as it is not any more: %s", m.Name, cmp.Diff(m.Shown, now))
		}
	}
}

// disturb lets one thing happen to a site.
func disturb(t *rapid.T, h *hall) {
	i := rapid.IntRange(0, len(h.units)-1).Draw(t, "machine")
	switch rapid.IntRange(0, 8).Draw(t, "what") {
	case 0:
		h.tell(Said{By: "ann", What: h.core.joined(actuate.Locked{Unit: i, By: "ann", Ceiling: 1000})})
	case 1:
		h.tell(Said{By: "ann", What: actuate.Unlocked{Unit: i, By: "ann"}})
	case 2:
		h.want(h.now.Unix(), func(i int) unit.Power { return h.full(i) * unit.Power(rapid.IntRange(0, 1).Draw(t, "on")) })
	case 3:
		h.units[i].cut = !h.units[i].cut
	case 4:
		h.tell(Entrusted{Machines: slices.Repeat([]bool{i%2 == 0}, len(h.units))})
	case 5:
		h.units[i].Sleep(h.now)
	case 6:
		h.tell(Said{By: "ben", What: actuate.Stopped{By: "ben"}})
	case 7:
		h.tell(Said{By: "ben and ann", What: actuate.Resumed{By: "ben", And: "ann"}})
	case 8:
		h.tell(Said{By: "ben", What: actuate.Cleared{Unit: i, By: "ben"}})
	}
}

// TestCopyOfAnotherRun: a copy of an earlier run is told to begin anew, and so is one
// that knows more than there is.
func TestCopyOfAnotherRun(t *testing.T) {
	t.Parallel()
	h := few(4).build(t)
	h.pass(time.Minute)
	first := h.core.changed(0, h.now).written()
	if again := h.core.changed(first.Rev, h.now).written(); again.All || len(again.Machines) > 0 || again.Rev != first.Rev {
		t.Errorf("nothing happened, and %d machines changed", len(again.Machines))
	}
	if ahead := h.core.changed(first.Rev+1, h.now).written(); !ahead.All {
		t.Error("a revision that was never told is not wondered at")
	}
	h.reborn(t, nil)
	if anew := h.core.changed(first.Rev, h.now).written(); !anew.All || len(anew.Machines) != len(h.units) || anew.Rev <= first.Rev {
		t.Errorf("a copy of the run before is told of %d machines, all: %v", len(anew.Machines), anew.All)
	}
}

// TestWhatAPersonSees: what nobody would see is no change.
func TestWhatAPersonSees(t *testing.T) {
	t.Parallel()
	was := Shown{State: MachineRunning, Power: 3000, PowerKnown: true, Hash: 200_000, HashKnown: true, Heat: 60_000, HeatKnown: true, At: dawn}
	for sentence, c := range map[string]struct {
		change func(*Shown)
		seen   bool
	}{
		"nothing":                        {func(*Shown) {}, false},
		"another reading of the same":    {func(s *Shown) { s.At = dawn.Add(time.Hour) }, false},
		"a per cent of power":            {func(s *Shown) { s.Power = 3030 }, false},
		"more than a per cent":           {func(s *Shown) { s.Power = 2969 }, true},
		"power is not known any more":    {func(s *Shown) { s.Power, s.PowerKnown = 0, false }, true},
		"two per cent of hash rate":      {func(s *Shown) { s.Hash = 204_000 }, false},
		"more of it":                     {func(s *Shown) { s.Hash = 195_000 }, true},
		"less than a degree":             {func(s *Shown) { s.Heat = 60_999 }, false},
		"a degree":                       {func(s *Shown) { s.Heat = 59_000 }, true},
		"it sleeps":                      {func(s *Shown) { s.State = MachineAsleep }, true},
		"an order waits":                 {func(s *Shown) { s.Proving = true }, true},
		"somebody locked it":             {func(s *Shown) { s.LockedBy = "ann" }, true},
		"it is in trouble":               {func(s *Shown) { s.Trouble, s.Since = NoWork, dawn }, true},
		"another reason not to raise it": {func(s *Shown) { s.Why = actuate.LimitFull }, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			now := was
			c.change(&now)
			if got := was.differs(now); got != c.seen {
				t.Errorf("a person sees it: %v, want %v", got, c.seen)
			}
		})
	}
	idle := Shown{Power: 100, PowerKnown: true}
	if idle.differs(Shown{Power: 110, PowerKnown: true}) || !idle.differs(Shown{Power: 111, PowerKnown: true}) {
		t.Error("of a small draw ten watts are no change, and eleven are one")
	}
}

// TestSilentIsNotKnown: of a machine that is not heard any more no figure is shown as
// if it were so now.
func TestSilentIsNotKnown(t *testing.T) {
	t.Parallel()
	h := few(5).build(t)
	h.pass(time.Minute)
	const gone = 2
	if s := h.core.show(gone); s.State != MachineRunning || !s.PowerKnown || !s.HashKnown {
		t.Fatalf("it runs, and is shown as %+v", s)
	}
	h.units[gone].cut = true
	h.pass(3 * time.Minute)
	if s := h.core.show(gone); s.State != MachineUnknown || s.PowerKnown || s.HashKnown || s.Power != 0 || s.At.IsZero() || s.Trouble != SilentMachine {
		t.Errorf("it is not heard, and is shown as %+v", s)
	}
	list := h.core.changed(0, h.now)
	if age := h.now.Sub(list.list.Oldest); age > 30*time.Second || list.list.Newest.Before(list.list.Oldest) {
		t.Errorf("those that are heard were read from %v to %v", list.list.Oldest, list.list.Newest)
	}
}

// TestHeat: temperatures are asked for seldom and kept for a while.
func TestHeat(t *testing.T) {
	t.Parallel()
	h := few(6).build(t)
	asked := map[int]int{}
	h.watch = func(_ *hall, d Deed) {
		if r, is := d.(Read); is && r.Heat {
			asked[r.Machine]++
		}
	}
	h.units[1].cut = true
	h.pass(10 * time.Minute)
	if asked[0] < 9 || asked[0] > 11 || asked[1] > 2 {
		t.Errorf("in ten minutes asked %d times, and who does not answer %d times", asked[0], asked[1])
	}
	m := &h.core.machines[0]
	m.warm, m.proving = time.Time{}, true
	h.core.ask(0)
	if r, is := h.core.out[len(h.core.out)-1].(Read); !is || r.Heat {
		t.Errorf("a proof waits for temperatures: %+v", r)
	}
	hot := device.Reading{Chips: []device.Temperature{{MilliC: 61_000}, {MilliC: 70_500}, {MilliC: -5}}}
	for _, x := range []struct {
		after time.Duration
		r     device.Reading
		known bool
	}{{0, hot, true}, {heatOld, device.Reading{}, true}, {heatOld + time.Second, device.Reading{}, false}} {
		m.feel(Heard{Asked: dawn.Add(x.after), Reading: x.r})
		if m.heat.Known != x.known || x.known && m.heat.Value != 70_500 {
			t.Errorf("after %v it is %+v", x.after, m.heat)
		}
	}
}

// crowd is the core of a site with very many machines, which all run.
func crowd(tb testing.TB, n int) *Core {
	tb.Helper()
	s := shapes()[0]
	cat, err := mining.Catalogue{}.With(mining.Model{
		Name: "m", Cooling: mining.Air, Power: s.top().Power, Hashrate: s.top().Hashrate, Source: "virtual", Curves: []mining.Curve{{Points: s.points}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := mining.Compile(mining.Group{Name: "g", Model: "m", Count: n, Cooling: use.Cooling{PUE0: unit.One}}, cat)
	if err != nil {
		tb.Fatal(err)
	}
	limit := unit.Power(n) * 4000
	c := Config{
		Site: site.Site{
			Name: "crowd", Zone: time.UTC, Currency: "USD", Connection: site.Connection{Import: limit, Rating: limit},
			Meters: []site.Meter{{Name: "revenue", Kind: site.RevenueMeter}},
		},
		Rigs: []*mining.Rig{r}, Begin: dawn, Term: 1, Poll: 10 * time.Second, Shed: time.Minute, Entrust: true,
	}
	for i := range n {
		host := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		c.Machines = append(c.Machines, Machine{Host: host, Identity: device.Identity{Family: s.family, Model: "m", MAC: strconv.Itoa(i)}, Can: s.can(), Met: dawn})
	}
	k, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		k.Handle(dawn, speaks(k, i, dawn, 3461))
	}
	k.flush()
	return k
}

// speaks is a machine that says what it draws.
func speaks(c *Core, i int, at time.Time, p unit.Power) Heard {
	id := c.cfg.Machines[i].Identity
	return Heard{Machine: i, Asked: at, Other: &id, Reading: device.Reading{
		Asked: at, Activity: device.Stated(device.Running), Intent: device.Stated(device.Running), Power: device.Stated(p), Mode: device.Stated("3461"),
		Limit: device.Stated(p), Hash: device.Stated(unit.Hashrate(142_000)), Uptime: device.Stated(at.Sub(dawn.Add(-time.Hour))),
	}}
}

// BenchmarkMachines is what a copy of 100,000 machines costs the goroutine of the core.
func BenchmarkMachines(b *testing.B) {
	const n = 100_000
	k := crowd(b, n)
	now := dawn
	second := func(machines int, swing unit.Power) {
		now = now.Add(time.Second)
		for i := range machines {
			k.Handle(now, speaks(k, i, now, 3461-swing*unit.Power(now.Second()%2)))
		}
		k.flush()
	}
	rev := k.changed(0, now).list.Rev
	for _, c := range []struct {
		name    string
		before  func()
		changed int
	}{
		{"nothing happened", func() {}, 0},
		{"10,000 readings as before", func() { second(10_000, 0) }, 0},
		{"10,000 readings that changed", func() { second(10_000, 200) }, 10_000},
		{"after a tick of the kernel", func() { k.roster.all = true }, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.before()
			rev = k.changed(rev, now).list.Rev
			for b.Loop() {
				b.StopTimer()
				c.before()
				b.StartTimer()
				x := k.changed(rev, now)
				if rev = x.list.Rev; len(x.rows) != c.changed {
					b.Fatalf("%d changed, want %d", len(x.rows), c.changed)
				}
			}
		})
	}
	b.Run("all of them", func(b *testing.B) {
		for b.Loop() {
			k.changed(0, now)
		}
	})
	b.Run("made for the first time", func(b *testing.B) {
		for b.Loop() {
			k.roster = nil
			k.changed(0, now)
		}
	})
}

// BenchmarkPreview is what an estimate for 100,000 machines costs the core, and whoever asks.
func BenchmarkPreview(b *testing.B) {
	k := crowd(b, 100_000)
	for _, whole := range []bool{false, true} {
		b.Run(fmt.Sprintf("with the estimate: %v", whole), func(b *testing.B) {
			for b.Loop() {
				g, err := k.gives(Request{Limit: 100 * unit.Megawatt}, k.now)
				if err != nil {
					b.Fatal(err)
				}
				if whole {
					g.estimate(k.cfg.Rigs, func(i int) string { return k.machines[i].Name() })
				}
			}
		})
	}
}
