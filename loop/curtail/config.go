package curtail

import (
	"errors"
	"fmt"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// Config is one hall: its servers, who is in it, and what its engine can do.
type Config struct {
	Hall      string          // its meter has the same name
	Groups    []hosting.Group // servers by GPU model
	Racks     map[string]string
	Tenancies []Tenancy
	Engine    engine.Capabilities
	PUE       unit.Ratio            // watts at the meter for one more IT watt; 0: one
	PerWatt   unit.Ratio            // IT watts that follow a watt of a GPU, fans and conversion included; 0: one
	Rest      map[string]unit.Power // by GPU model: what a server draws for a GPU at work beside the GPU, and that falls when its job stops; missing: none is claimed, see RestOf
	Spare     int                   // empty nodes that stay on; negative: nodes are never switched off
	Start     unit.Amount           // damage of switching a node off and on again
	Timing    Timing
	Volatile  bool // nothing is kept: a replay needs no Persist

	// Draw states the IT watts of a contract, where somebody keeps the sum. It is
	// asked in every turn and must be cheap. Nil: the readings are summed.
	Draw func(contract string) (unit.Power, bool)
	// Credit is what falls due when so many GPUs of a contract are down for so long. Nil: nothing.
	Credit func(contract string, gpus int, hold time.Duration) unit.Amount
}

// Tenancy is a contract in the hall.
type Tenancy struct {
	Contract hosting.Contract
	Queue    string // through which its jobs come
	Curve    gpu.Curve
	MinRun   time.Duration // agreed: a run is not evicted earlier
	Capping  time.Duration // of power limits left in this month; negative: without end; 0 is none left
	Called   bool          // flexible: its call was announced in time, whatever notice an order leaves
	Outside  bool          // flexible: power may not be called within the terms now: its work counts as firm
}

// Timing holds the periods of the kernel.
type Timing struct {
	Period  time.Duration // between two looks at the meter
	Fresh   time.Duration // an older reading or meter is not known
	Limit   time.Duration // from setting a power limit until the meter shows it
	Kill    time.Duration // from the end of a job until the meter shows it
	Off     time.Duration // from the command until an empty node is off
	Retry   time.Duration // an unanswered command is sent again
	Spread  time.Duration // between two steps of giving back
	Expect  time.Duration // Follow: how long a lack of power is taken to last
	Turn    time.Duration // Follow: a budget is reached within this
	Ahead   time.Duration // Follow: commands that fall due so soon are returned at once, with their time; 0: Tick lets them out
	Pulse   time.Duration // Follow: a queue opens for so long to let in what fits; 0: never, it is open or held
	Look    time.Duration // Follow looks at every job at least so often
	Empty   time.Duration // a node is empty so long before it is switched off
	Margin  unit.Ratio    // of what must fall, on top
	Notice  unit.Power    // a difference of the meter below this is noise
	Granule unit.Power    // withheld watts move in steps of this
}

// DefaultTiming suits a control period of ten seconds.
func DefaultTiming() Timing {
	return Timing{
		Period: 10 * time.Second, Fresh: time.Minute, Limit: 15 * time.Second, Kill: 20 * time.Second, Off: 3 * time.Minute,
		Retry: 15 * time.Second, Spread: 30 * time.Second, Expect: time.Hour, Turn: 15 * time.Minute, Ahead: 15 * time.Minute, Pulse: 10 * time.Second, Look: time.Hour,
		Empty: 15 * time.Minute, Margin: unit.One / 50, Notice: 5 * unit.Kilowatt, Granule: 10 * unit.Kilowatt,
	}
}

// NewTenancy is a contract with all of its agreed hours of limits left.
func NewTenancy(c hosting.Contract, queue string, curve gpu.Curve) Tenancy {
	t := Tenancy{Contract: c, Queue: queue, Curve: curve, Capping: c.Capping.Hours}
	if c.Capping.Hours == 0 {
		t.Capping = -1
	}
	return t
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("curtailment of hall %q: "+format, append([]any{c.Hall}, args...)...))
	}
	if !engine.Plain(c.Hall) || len(c.Hall) > 30 {
		say("its name becomes part of names in the engine: use 1 to 30 lower-case letters, digits and dashes")
	}
	seen := map[string]bool{}
	for _, t := range c.Tenancies {
		if t.Contract.Name == "" || seen[t.Contract.Name] {
			say("contract %q: every contract needs a name of its own: give one version of each", t.Contract.Name)
		}
		seen[t.Contract.Name] = true
		if t.Queue == "" && t.Contract.Kind != hosting.Colocation {
			say("contract %q: no queue of the engine is named for it", t.Contract.Name)
		}
	}
	for _, g := range c.Groups {
		if g.Model.PerNode <= 0 || g.Model.TDP <= 0 {
			say("group %q: GPUs in a node and their default power limit must be known", g.Name)
		}
	}
	t := c.Timing
	if min(t.Period, t.Fresh, t.Retry, t.Expect) <= 0 || min(t.Limit, t.Kill, t.Off, t.Spread, t.Turn, t.Ahead, t.Pulse, t.Look, t.Empty) < 0 ||
		min(t.Margin, 0) < 0 || min(t.Notice, t.Granule) < 0 || c.PUE < 0 || c.PUE > 0 && c.PUE < unit.One || c.PerWatt < 0 || c.Start < 0 {
		say("timing %+v, PUE %v: periods must be positive, nothing negative, a PUE at least one", t, c.PUE.Float())
	}
	return errors.Join(faults...)
}

// pue is the PUE, one where none is stated.
func (c *Config) pue() unit.Ratio { return max(c.PUE, unit.One) }

// perWatt is the IT power that follows GPU power.
func (c *Config) perWatt(p unit.Power) unit.Power {
	if c.PerWatt == 0 {
		return p
	}
	return p.Scale(c.PerWatt)
}

// tenancy finds a contract; -1: it is not of this hall.
func (c *Config) tenancy(name string) int {
	for i := range c.Tenancies {
		if c.Tenancies[i].Contract.Name == name {
			return i
		}
	}
	return -1
}

// group finds the servers of a model; nil: none are declared.
func (c *Config) group(model string) *hosting.Group {
	for i := range c.Groups {
		if c.Groups[i].Model.Name == model {
			return &c.Groups[i]
		}
	}
	if len(c.Groups) == 1 && model == "" {
		return &c.Groups[0]
	}
	return nil
}

// each is the most that a GPU of a contract draws with its share of the server.
func (c *Config) each(i int) unit.Power {
	if g := c.group(c.Tenancies[i].Contract.Model); g != nil {
		return g.Each()
	}
	return unit.Kilowatt
}

// full is the most that a contract can draw with all of its GPUs.
func (c *Config) full(i int) unit.Power {
	t := &c.Tenancies[i].Contract
	if t.Kind == hosting.Colocation {
		return t.Power
	}
	return c.each(i) * unit.Power(t.GPUs)
}

// RestOf is what a server draws for each GPU at work beside the GPU, at most, by its
// nameplate: full less empty, less what its GPUs add. Measured servers draw less.
//
// Source: docs/formula/hall.md.
func RestOf(m gpu.Model) unit.Power {
	if m.PerNode == 0 {
		return 0
	}
	return max(0, m.Node-m.Empty-unit.Power(m.PerNode)*(m.TDP-m.Idle)) / unit.Power(m.PerNode)
}

// aside is what a GPU's share of the server draws beside it when the server is empty.
func aside(g *hosting.Group) unit.Power {
	if g == nil || g.Model.PerNode == 0 {
		return 0
	}
	return max(0, g.Model.Empty/unit.Power(g.Model.PerNode)-g.Model.Idle)
}
