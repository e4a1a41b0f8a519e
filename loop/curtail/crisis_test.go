package curtail

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// crisis drives a kernel against a plant, and watches the rules.
type crisis struct {
	*plant
	k        *Kernel
	kept     State // last persisted
	faulty   sabotage
	silent   bool // no meter
	reports  []Phase
	alarms   map[Ill]time.Time
	numbers  map[string]int // number of each eviction
	order    Order
	restarts float64 // share of beats before which the program dies
}

const beat = 5 * time.Second

func newCrisis(tb testing.TB, seed uint64, change func(*plant)) *crisis {
	tb.Helper()
	p := newPlant(tb, 24, seed)
	p.cfg.Timing.Ahead = 0
	// A tenant holds a job of its own: nobody but the tenant may start it.
	own := p.run("own", "spot-b", 500, "n07")
	own.State, own.Nodes = engine.Held, nil
	if change != nil {
		change(p)
	}
	return &crisis{plant: p, alarms: map[Ill]time.Time{}, numbers: map[string]int{}}
}

// open makes a kernel of what was kept, as after a start of the program.
func (c *crisis) open() {
	c.tb.Helper()
	text, err := json.Marshal(c.kept)
	if err != nil {
		c.tb.Fatal(err)
	}
	var st State
	if err := json.Unmarshal(text, &st); err != nil {
		c.tb.Fatal(err)
	}
	k, err := NewKernel(c.cfg, st)
	if err != nil {
		c.tb.Fatal(err)
	}
	k.sabotage = c.faulty
	c.k = k
	c.show()
}

// show tells the kernel what there is to see.
func (c *crisis) show() {
	if !c.dead {
		c.step(View{View: c.view()})
	}
	c.step(Readings{Readings: c.readings()})
	if c.silent {
		return
	}
	c.step(Meter{Scope: HallMeter, Name: "h1", Power: c.meter(), At: c.now})
	c.step(Meter{Scope: SiteMeter, Name: "site", Power: c.meter() + unit.Megawatt, At: c.now})
	for r, p := range c.rackPowers() {
		c.step(Meter{Scope: RackMeter, Name: r, Power: p, At: c.now})
	}
}

func (c *crisis) rackPowers() map[string]unit.Power {
	out := map[string]unit.Power{}
	for _, n := range c.nodes {
		if n.State == engine.NodeUp || n.State == engine.NodeLeaving {
			out[c.cfg.Racks[n.Name]] += c.server(n.Name)
		}
	}
	return out
}

func (c *crisis) step(e Event) { c.carryOut(c.k.Step(c.now, e)) }

func (c *crisis) carryOut(out []Effect) {
	for _, e := range out {
		switch e := e.(type) {
		case Persist:
			c.kept = e.State
		case Send:
			c.command(e)
		case Set:
			if e.Setting.Epoch > c.kept.Epoch {
				c.breach("a limit of %s goes out before the state is kept", e.Setting.Node)
			}
			if !e.Setting.Until.IsZero() {
				c.breach("a limit of %s expires", e.Setting.Node)
			}
			if a, ok := c.set(e.Setting); ok {
				c.step(Taken{Answer: a})
			}
		case Alarm:
			c.alarms[e.Trouble.Ill] = c.now
		case Report:
			c.reports = append(c.reports, e.Phase)
		case Cleared, Refusal:
		}
	}
}

func (c *crisis) command(e Send) {
	if e.Command.Seq > c.kept.Seq {
		c.breach("%s of %s goes out before the state is kept", e.Command.Verb, e.Command.Subject)
	}
	if e.Command.Verb == engine.Evict {
		if n, again := c.numbers[e.Command.Subject]; again && n != e.Command.Seq && c.alarms[CameBack].IsZero() && c.alarms[Refuses].IsZero() {
			c.breach("the eviction of %s is repeated under another number", e.Command.Subject)
		}
		c.numbers[e.Command.Subject] = e.Command.Seq
	}
	if a, ok := c.do(e.Command); ok {
		c.step(Answered{Answer: a})
	} else {
		c.step(Failed{Event: e.Command.Event, Seq: e.Command.Seq})
	}
}

// begin orders a cut to a share of what the meter shows.
func (c *crisis) begin(share unit.Ratio, within, hold time.Duration) {
	c.tb.Helper()
	c.open()
	c.order = Order{Event: "e-1", From: c.meter(), To: c.meter().Scale(share), At: c.now, Within: within, Hold: hold}
	c.step(Begin{Order: c.order})
}

// pass lets time go on in beats, and watches.
func (c *crisis) pass(d time.Duration) {
	for end := c.now.Add(d); c.now.Before(end); {
		before := c.meter()
		c.plant.pass(beat)
		if c.seed.Float64() < c.restarts {
			c.open()
		}
		c.show()
		c.step(Tick{})
		c.watch(before)
	}
}

// watch checks the rules that hold at any time.
func (c *crisis) watch(before unit.Power) {
	rise := c.meter() - before
	switch c.k.st.Phase {
	case Releasing:
		// The largest job comes back whole; beyond it no more than a portion at once.
		portion := max((c.order.From-c.order.To)/10, c.cfg.Timing.Granule) + 8*unit.Kilowatt
		if rise > portion {
			c.breach("the meter rises by %v at once", rise)
		}
		if c.silent && rise > 0 {
			c.breach("power rises by %v and no meter tells", rise)
		}
	case Holding:
		if rise > c.cfg.Timing.Notice {
			c.breach("the meter rises by %v while the order stands", rise)
		}
	case Idle, Shedding, Done, Stopped:
	}
	if c.meter() > c.order.From+c.cfg.Timing.Notice && c.stuck == 0 {
		c.breach("the meter shows %v, more than before the event", c.meter())
	}
}

// reached checks that the order is kept.
func (c *crisis) reached() {
	if c.meter() > c.order.To+c.cfg.Timing.Notice {
		c.breach("the meter shows %v at the deadline, ordered is %v", c.meter(), c.order.To)
	}
}

// restored checks that all is as it was.
func (c *crisis) restored() {
	for _, w := range c.jobs {
		if w.ID != "own" && (w.State != engine.Running || c.limit[w.Nodes[0]] != 0) {
			c.breach("%s is %s under a limit of %v", w.ID, w.State, c.limit)
		}
	}
	if c.job("own").State != engine.Held || len(c.held)+len(c.with) > 0 || c.k.st.Phase != Done {
		c.breach("phase %s, held %v, withheld %v, the tenant's own job is %s", c.k.st.Phase, c.held, c.with, c.job("own").State)
	}
}

func (c *crisis) report() {
	c.tb.Helper()
	for _, b := range c.broken {
		c.tb.Error(b)
	}
}

// whole is an event from its order to the end.
func whole(c *crisis) {
	c.begin(700_000, 4*time.Minute, 10*time.Minute)
	c.pass(4 * time.Minute)
	c.reached()
	c.pass(10 * time.Minute)
	c.pass(30 * time.Minute)
	c.restored()
}

func TestEventFromOrderToEnd(t *testing.T) {
	t.Parallel()
	c := newCrisis(t, 1, nil)
	whole(c)
	c.report()
	if want := []Phase{Shedding, Holding, Releasing, Done}; !slices.Equal(c.reports, want) {
		t.Errorf("phases %v, want %v", c.reports, want)
	}
	if len(c.alarms) > 0 {
		t.Errorf("alarms %v", c.alarms)
	}
}

// Lost answers, refused commands and restarts of the program at any moment.
func TestEventThroughFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newCrisis(t, seed, nil)
			c.lose, c.restarts = 0.2, 0.1
			c.begin(750_000, 8*time.Minute, 10*time.Minute)
			c.pass(8 * time.Minute)
			c.reached()
			c.pass(10 * time.Minute)
			c.reached()
			c.pass(60 * time.Minute)
			c.restored()
			c.report()
		})
	}
}
