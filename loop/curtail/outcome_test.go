package curtail

import (
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

func TestPreviewIsThePlanThatThenRuns(t *testing.T) {
	t.Parallel()
	c := newCrisis(t, 4, nil)
	o := Order{Event: "e-1", From: c.meter(), To: c.meter().Scale(650_000), At: c.now, Within: 4 * time.Minute, Hold: 10 * time.Minute}
	p, err := Preview(c.cfg, o, c.now, c.view(), c.readings())
	if err != nil {
		t.Fatal(err)
	}
	c.begin(650_000, 4*time.Minute, 10*time.Minute)
	if ran := c.k.st.Plan; ran.Cost != p.Cost || len(ran.Choices) != len(p.Choices) || p.Cost == 0 {
		t.Errorf("it runs %d choices for %v, the preview said %d for %v", len(ran.Choices), ran.Cost, len(p.Choices), p.Cost)
	}
	for i, s := range p.Steps {
		if s.Lever == shed.Cap && s.Ready != c.cfg.Timing.Limit || s.Lever == shed.Evict && s.Ready != 70*time.Second || i == 0 && s.Lever != shed.Hold {
			t.Errorf("step %d: %+v", i, s)
		}
	}
	if p.Short != 0 || p.Bound > p.Cost || len(p.Next) == 0 {
		t.Errorf("short of %v, bound %v, cost %v, next %v", p.Short, p.Bound, p.Cost, p.Next)
	}
}

// The fall at racks, hall and site is what the acts claimed, but for rounding.
func TestOutcomeHoldsThePlanAgainstTheMeters(t *testing.T) {
	t.Parallel()
	c := newCrisis(t, 4, nil)
	c.begin(650_000, 4*time.Minute, 10*time.Minute)
	c.pass(4 * time.Minute)
	out := c.k.Outcome()
	near := func(what string, f Fall) {
		if d := f.Fell() - f.Planned; !f.Known || d > 50 || d < -50 {
			t.Errorf("%s: %+v fell by %v", what, f, f.Fell())
		}
	}
	near("hall", out.Hall)
	near("site", out.Site)
	if len(out.Racks) != 6 {
		t.Errorf("racks %v", out.Racks)
	}
	for name, f := range out.Racks {
		near(name, f)
	}
	if out.Hall.Fell() < 30_000 || out.Planned != c.k.st.Plan.Cost {
		t.Errorf("outcome %+v", out)
	}
}

func TestReservedCountsTheWorstUntilItIsProven(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 2, 1)
	at := func(limit, draw unit.Power) []gpu.Reading {
		var out []gpu.Reading
		for _, n := range []string{"n00", "n01"} {
			for k := range perNode {
				out = append(out, gpu.Reading{Node: n, Index: k, Draw: draw, Limit: limit, Has: gpu.Has{Draw: true, Limit: true}, At: p.now})
			}
		}
		return out
	}
	yes, no := func(gpu.Reading) bool { return true }, func(gpu.Reading) bool { return false }
	rest := unit.Power(1160 - 8*70)
	boot := unit.Power(7200) - rest // by the server's maximum, more than its GPUs' limits
	cases := map[string]struct {
		readings []gpu.Reading
		flying   map[string]unit.Power
		fresh    func(gpu.Reading) bool
		want     unit.Power
	}{
		"nothing is known":               {nil, nil, yes, 2 * (boot + rest)},
		"proven at a limit":              {at(400, 350), nil, yes, 2 * (8*400 + rest)},
		"it draws more than its limit":   {at(400, 450), nil, yes, 2 * (8*450 + rest)},
		"the readings are old":           {at(400, 350), nil, no, 2 * (boot + rest)},
		"a higher limit flies":           {at(400, 350), map[string]unit.Power{"n00": 600}, yes, 8*600 + 8*400 + 2*rest},
		"the default limit flies":        {at(400, 350), map[string]unit.Power{"n00": 0}, yes, 8*700 + 8*400 + 2*rest},
		"a lower limit flies":            {at(400, 350), map[string]unit.Power{"n00": 300}, yes, 2 * (8*400 + rest)},
		"old and it drew more than ever": {at(400, 990), nil, no, 2 * (8*990 + rest)},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Reserved(p.cfg, p.view(), x.readings, x.flying, x.fresh); got != x.want {
				t.Errorf("%d W, want %d W", got, x.want)
			}
		})
	}
}

func TestAnEngineThatShowsNothingChangesNothing(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 1, nil)
	budget := map[string]unit.Power{"spot-a": 5000}
	m.turns(5, budget)
	acts := len(m.h.st.Acts)
	out := m.h.Follow(m.now, map[string]unit.Power{"spot-a": 1 << 40}, func() engine.View { return engine.View{} }, func() []gpu.Reading { return nil })
	if len(m.h.st.Acts) != acts || acts == 0 {
		t.Errorf("%d acts after a view of nothing, %d before", len(m.h.st.Acts), acts)
	}
	alarmed := false
	for _, e := range out {
		a, ok := e.(Alarm)
		alarmed = alarmed || ok && a.Trouble.Ill == Unreachable
	}
	if !alarmed {
		t.Errorf("effects %+v, want an alarm", out)
	}
}

func TestOldReadingsClaimNothing(t *testing.T) {
	t.Parallel()
	m := newMarket(t, 24, 1, nil)
	old := m.readings()
	for i := range old {
		old[i].At = m.now.Add(-10 * time.Minute)
	}
	out := m.h.Follow(m.now, map[string]unit.Power{"spot-a": 5000}, m.view, func() []gpu.Reading { return old })
	for _, e := range out {
		if s, ok := e.(Send); ok && s.Command.Verb == engine.Evict {
			t.Errorf("%+v by readings of ten minutes ago", s.Command)
		}
		if _, ok := e.(Set); ok {
			t.Errorf("%+v by readings of ten minutes ago", e)
		}
	}
}

// Flexible work is not firm within its share and its notice, and firm beyond.
func TestFlexibleTermsDecideWhoIsFirm(t *testing.T) {
	t.Parallel()
	flexible := func(flex hosting.Flex, called bool) int {
		c := newCrisis(t, 4, func(p *plant) {
			p.cfg.Tenancies[0].Contract.Kind = hosting.Flexible
			p.cfg.Tenancies[0].Contract.Flex = flex
			p.cfg.Tenancies[0].Contract.Capping.Slowdown = 0
			p.cfg.Tenancies[0].Called = called
		})
		c.open()
		c.k.st.Order = Order{Within: 4 * time.Minute, Hold: time.Hour}
		n := 0
		for _, it := range c.k.items(c.k.ask(1000, 4*time.Minute)) {
			if it.Contract == "firm" && !it.Firm {
				n++
			}
		}
		return n
	}
	half := hosting.Flex{Hours: 50 * time.Hour, Event: 2 * time.Hour, Notice: time.Minute, Share: unit.One / 2}
	all := len(newCrisis(t, 4, nil).jobs)
	cases := map[string]struct {
		change func(*hosting.Flex)
		called bool
		want   int
	}{
		"half of 96 GPUs, jobs of 8": {func(*hosting.Flex) {}, false, 6},
		"all of it":                  {func(f *hosting.Flex) { f.Share = unit.One }, false, 7},
		"the notice is too short":    {func(f *hosting.Flex) { f.Notice = time.Hour }, false, 0},
		"but it was called in time":  {func(f *hosting.Flex) { f.Notice = time.Hour }, true, 6},
		"the call is too long":       {func(f *hosting.Flex) { f.Event = time.Minute }, false, 0},
	}
	for name, x := range cases {
		f := half
		x.change(&f)
		if got := flexible(f, x.called); got != x.want {
			t.Errorf("%s: %d of %d jobs are not firm, want %d", name, got, all, x.want)
		}
	}
}

// Flexible work hears of its eviction by the notice of its contract, counted from the
// order; work that was called in time, and firm work, by the warning alone.
func TestFlexibleWorkHasItsNotice(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		kind   hosting.Kind
		called bool
		since  time.Duration // since the order
		want   time.Duration
	}{
		"at once after the order":      {hosting.Flexible, false, 0, 20 * time.Minute},
		"five minutes after the order": {hosting.Flexible, false, 5 * time.Minute, 15 * time.Minute},
		"long after the order":         {hosting.Flexible, false, time.Hour, 2 * time.Minute},
		"it was called in time":        {hosting.Flexible, true, 0, 2 * time.Minute},
		"it is reserved":               {hosting.Reserved, false, 0, 2 * time.Minute},
	} {
		c := newCrisis(t, 4, func(p *plant) {
			k := &p.cfg.Tenancies[0]
			k.Contract.Kind, k.Contract.Warn, k.Called = x.kind, 2*time.Minute, x.called
			k.Contract.Flex = hosting.Flex{Hours: 50 * time.Hour, Event: 2 * time.Hour, Notice: 20 * time.Minute, Share: unit.One}
		})
		c.open()
		c.k.st.Order = Order{At: c.k.now.Add(-x.since), Within: 30 * time.Minute, Hold: time.Hour}
		a := Act{Lever: shed.Evict, Contract: "firm"}
		c.k.number(&a)
		if got := a.By.Sub(c.k.now); got != x.want {
			t.Errorf("%s: warned %s ahead, want %s", name, got, x.want)
		}
	}
}

func TestOrdersThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	good := Order{Event: "e-1", From: 100_000, To: 80_000, Within: time.Minute}
	cases := map[string]struct {
		change func(*Order)
		seen   bool
		want   Code
	}{
		"no name":           {func(o *Order) { o.Event = "" }, true, BadOrder},
		"a name in capital": {func(o *Order) { o.Event = "E 1" }, true, BadOrder},
		"no time":           {func(o *Order) { o.Within = 0 }, true, BadOrder},
		"below nothing":     {func(o *Order) { o.To = -1 }, true, BadOrder},
		"no view":           {func(*Order) {}, false, NoView},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, 8, 1)
			k, err := NewKernel(p.cfg, State{})
			if err != nil {
				t.Fatal(err)
			}
			if x.seen {
				k.Step(p.now, View{View: p.view()})
			}
			o := good
			x.change(&o)
			out := k.Step(p.now, Begin{Order: o})
			if len(out) != 1 || out[0] != Effect(Refusal{Event: o.Event, Code: x.want}) {
				t.Errorf("effects %+v, want %s", out, x.want)
			}
		})
	}
}

func TestOneEventAtATime(t *testing.T) {
	t.Parallel()
	c := newCrisis(t, 4, nil)
	c.begin(800_000, 4*time.Minute, time.Minute)
	other := c.order
	other.Event = "e-2"
	if out := c.k.Step(c.now, Begin{Order: other}); len(out) != 1 || out[0] != Effect(Refusal{Event: "e-2", Code: Busy}) {
		t.Errorf("effects %+v", out)
	}
	acts := len(c.k.st.Acts)
	if c.step(Begin{Order: c.order}); len(c.k.st.Acts) != acts {
		t.Errorf("told twice: %d acts, %d before", len(c.k.st.Acts), acts)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 8, 1)
	c := p.cfg
	c.Hall, c.PUE, c.Timing.Period = "Hall 1", unit.One/2, 0
	c.Tenancies = append([]Tenancy{{}}, c.Tenancies...)
	if _, err := New(c); err == nil {
		t.Error("a faulty configuration is taken")
	}
	if _, err := NewKernel(p.cfg, State{Hall: "other"}); err == nil {
		t.Error("the state of another hall is taken")
	}
}
