package mining

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/unit"
	"sluice/use"
)

// Group is a number of identical machines that are fed, cooled and switched
// alike: a container or a row. It is what a site file declares; Compile makes
// it ready to bid.
type Group struct {
	Name     string
	Hall     string // where it stands; "" if the site has one hall only
	Model    string // a name of the catalogue or of an own model
	Firmware string // "" is the maker's own
	Count    int    // machines installed

	Health    unit.Ratio // share of machines expected to hash; 0: undeclared, all of them
	MaxPower  unit.Power // W per machine at most; 0: the nameplate, or with Overclock the whole curve
	Overclock bool       // operating points above the nameplate may be used
	Cooling   use.Cooling
	Derate    Derate // zero value: what the catalogue says for this model and cooling

	PoolFee       unit.Ratio  // share of the earnings that the pool keeps
	OperatingCost unit.Price  // variable cost beside electricity, per IT MWh
	Wear          unit.Amount // cost of starting one MW, beside the lost earnings

	Restart time.Duration // draws power but earns nothing for this long after a start; 0: undeclared, DefaultRestart
	MinOn   time.Duration // once started, stays on at least this long
	MinOff  time.Duration // once stopped, stays off at least this long
	Ramp    unit.Power    // IT watts per minute up and down for the whole group; 0: not limited
	Whole   bool          // one breaker: the group starts whole or not at all
}

// DefaultRestart is the loss assumed for a group that declares none: boot and
// tuning of ten minutes. Source: docs/formula/mining.md. Groups whose machines
// earn from the first second declare one second.
const DefaultRestart = 10 * time.Minute

// WithDefaults returns the group with its undeclared values filled in, as far
// as they do not depend on the model: Health and PUE0 are 1, Restart is
// DefaultRestart.
func (g Group) WithDefaults() Group {
	if g.Health == 0 {
		g.Health = unit.One
	}
	if g.Cooling.PUE0 == 0 {
		g.Cooling.PUE0 = unit.One
	}
	if g.Restart == 0 {
		g.Restart = DefaultRestart
	}
	return g
}

// countMax keeps the power and hash rate of a group within 64 bits in every product.
const countMax = 1_000_000

// Validate reports every fault of a group with its defaults at once, as far as
// the group alone can tell; Compile checks it against the model.
func (g Group) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("mining group %q: "+format, append([]any{g.Name}, args...)...))
	}
	if strings.TrimSpace(g.Name) == "" {
		say("has no name")
	}
	if strings.TrimSpace(g.Model) == "" {
		say("names no machine model")
	}
	if g.Count < 1 || g.Count > countMax {
		say("count %d must be between 1 and %d machines", g.Count, countMax)
	}
	if g.Health < 0 || g.Health > unit.One {
		say("health %.3f must be between 0 and 1", g.Health.Float())
	}
	if g.MaxPower < 0 || g.MaxPower > powerMax {
		say("max power %d W is per machine and must be between 0 and %d W", int64(g.MaxPower), int64(powerMax))
	}
	if g.PoolFee < 0 || g.PoolFee >= unit.One {
		say("pool fee %.3f is a share and must be at least 0 and below 1", g.PoolFee.Float())
	}
	if g.OperatingCost < 0 || g.Wear < 0 {
		say("operating cost and wear are costs and must not be negative")
	}
	if g.Restart < 0 || g.MinOn < 0 || g.MinOff < 0 || g.Ramp < 0 {
		say("restart, minimum on and off time and ramp must not be negative")
	}
	if !slices.Contains([]string{"", Air, Hydro, Immersion}, g.Cooling.Kind) {
		say("cooling %q is not known: use %s, %s or %s", g.Cooling.Kind, Air, Hydro, Immersion)
	}
	for _, why := range slices.Concat(g.Cooling.Faults(), g.Derate.faults()) {
		say("%s", why)
	}
	return errors.Join(faults...)
}
