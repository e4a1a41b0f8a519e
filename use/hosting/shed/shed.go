package shed

import (
	"math/bits"
	"time"

	"sluice/unit"
)

// Lever is a way to take power back.
type Lever string

// The levers, in the order in which they are pulled.
const (
	Hold  Lever = "hold"  // nothing more is admitted; what it frees comes with the ends of jobs and is never counted on
	Cap   Lever = "cap"   // a power limit for the GPUs of a job
	Evict Lever = "evict" // a job stops and waits
	Off   Lever = "off"   // an empty node is switched off
)

// Option is one thing that can be done to an item.
type Option struct {
	Lever Lever
	Limit unit.Power    // of a cap, for each GPU
	Saved unit.Power    // IT watts that fall
	Cost  unit.Amount   // damage while it lasts, counted positive
	Ready time.Duration // until the watts have fallen
	Slow  unit.Ratio    // of a cap: speed lost against no limit
}

// Item is one job, a gang being one, or one empty node. At most one of its
// options is taken.
type Item struct {
	ID, Contract, Tenant string
	GPUs                 int
	Nodes                []string
	Firm                 bool      // its eviction is the last resort
	Started              time.Time // of the present run, for the yardsticks
	Touched              bool      // the running event has curtailed it already
	Options              []Option
}

// Ask is what has to fall.
type Ask struct {
	Power    unit.Power    // IT watts, see Ask.Of
	Within   time.Duration // until they have fallen
	Hold     time.Duration // for which they stay away
	Margin   unit.Power    // IT watts on top: natural variation and the largest single command that may fail
	KeepFirm bool          // firm tenants are not evicted even where nothing else can give the watts
}

// Of is the least IT power that a cut at the meter needs, when each IT watt is
// seen there pue-fold; pue is at least one. Nothing to cut needs nothing.
func Of(meter unit.Power, pue unit.Ratio) unit.Power {
	if meter <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(meter), uint64(unit.One))
	quotient, rest := bits.Div64(high, low, uint64(pue))
	if rest > 0 {
		quotient++
	}
	return unit.Power(quotient)
}

// Choice is one option taken.
type Choice struct {
	Item   string
	Option Option
}

// Plan is who gives up what. The next on the list are named, so that the choice
// can be explained and carried on.
type Plan struct {
	Ask     Ask
	Choices []Choice // in the order of the levers
	Saved   unit.Power
	Cost    unit.Amount
	Bound   unit.Amount // no choice within the terms costs less
	Next    []Choice    // that would be next, cheapest watt first, firm tenants last
	Short   unit.Power  // that nothing within the terms can give
	Steps   []Step
}

// Step is everything that one lever does in a plan.
type Step struct {
	Lever Lever
	Firm  bool // evictions of firm tenants
	Items int
	Saved unit.Power
	Cost  unit.Amount
	Ready time.Duration // of the slowest
}

// need is the power that a plan must save.
func (a Ask) need() unit.Power { return a.Power + a.Margin }
