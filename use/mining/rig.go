package mining

import (
	"errors"
	"fmt"
	"slices"

	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// Rig is a group joined to its machine model: its steps are worked out once,
// so a bid costs almost nothing. It is never changed once made and may be used
// from several goroutines.
type Rig struct {
	group Group
	model Model
	steps []Step // of one machine
}

// Compile joins a group to its model. It takes the defaults, validates the
// group, finds its curve and limits it at the nameplate, at MaxPower, or with
// Overclock at the end of the curve.
func Compile(g Group, c Catalogue) (*Rig, error) {
	g = g.WithDefaults()
	m, err := c.Lookup(g.Model)
	if err := errors.Join(g.Validate(), err); err != nil {
		return nil, err
	}
	if g.Cooling.Kind == "" {
		g.Cooling.Kind = m.Cooling
	}
	if g.Derate == (Derate{}) {
		g.Derate = c.DerateOf(m, g.Cooling.Kind)
	}
	curve, err := m.Curve(g.Firmware)
	if err != nil {
		return nil, fmt.Errorf("mining group %q: %w", g.Name, err)
	}
	limit, err := g.limit(m)
	if err != nil {
		return nil, err
	}
	steps := Hull(curve.Points, limit)
	if len(steps) == 0 {
		return nil, fmt.Errorf("mining group %q: model %q cannot run at %d W: its lowest operating point is %s; raise max power or choose another firmware",
			g.Name, m.Name, int64(limit), curve.Points[0])
	}
	return &Rig{group: g, model: m, steps: steps}, nil
}

// limit is the highest wall power that one machine of the group may draw.
func (g Group) limit(m Model) (unit.Power, error) {
	switch {
	case !m.Rated() && g.MaxPower == 0 && !g.Overclock:
		return 0, fmt.Errorf("mining group %q: the nameplate of model %q is not known: declare max power per machine", g.Name, m.Name)
	case m.Rated() && g.MaxPower > m.Power && !g.Overclock:
		return 0, fmt.Errorf("mining group %q: max power %d W is above the nameplate of model %q, %d W: lower it or allow overclock",
			g.Name, int64(g.MaxPower), m.Name, int64(m.Power))
	case g.MaxPower > 0:
		return g.MaxPower, nil
	case g.Overclock:
		return powerMax, nil
	}
	return m.Power, nil
}

// Input is what a group must be told at every turn.
type Input struct {
	Hashprice    unit.Hashprice             // known now, before the pool's fee; it holds for the whole plan
	Temperatures []int64                    // ambient, thousandths of a degree Celsius: one per interval, or one for all; empty: unknown
	Health       series.Profile[unit.Ratio] // share of machines that can hash; empty: unknown, the group's own. A known 0 is a dead group
	State        use.State
}

// hashpriceMax is a hundred times what a PH/s has ever earned in a day (2011).
const hashpriceMax unit.Hashprice = 1e15

// Bid is what the group would pay for power: one step per slice of its hull, in
// falling order of worth, for one interval length n of in or for all alike.
// Unknown temperatures leave the PUE at its base and nothing derated; Notes
// says so. It fails on a hashprice that is not positive (a missing price is no
// price of zero), a health outside 0 to 1, and profiles of unequal length.
func (r *Rig) Bid(in Input) (use.Bid, error) {
	if err := r.check(in); err != nil {
		return use.Bid{}, err
	}
	g := r.group
	b := use.Bid{
		Use: r.Use(), Steps: make([]use.Step, len(r.steps)),
		PUE: series.Flat(g.Cooling.PUE0), Available: slices.Clone(in.Health),
		Ramp: g.Ramp, MinOn: g.MinOn, MinOff: g.MinOff, Restart: g.Restart,
		Wear: g.Wear, Whole: g.Whole, Now: in.State,
	}
	for k, s := range r.steps {
		worth := s.Worth(in.Hashprice, g.PoolFee, g.OperatingCost)
		b.Steps[k] = use.Step{Power: s.Power * unit.Power(g.Count), Worth: series.Flat(worth)}
	}
	if len(in.Health) == 0 {
		b.Available = series.Flat(g.Health)
	}
	if len(in.Temperatures) > 0 {
		b.PUE, b.Available = r.heat(in.Temperatures, b.Available)
	}
	return b, nil
}

// heat is the marginal PUE and the share available at the given temperatures.
func (r *Rig) heat(temperatures []int64, health series.Profile[unit.Ratio]) (pue, available series.Profile[unit.Ratio]) {
	pue = make(series.Profile[unit.Ratio], len(temperatures))
	for i, t := range temperatures {
		pue[i] = r.group.Cooling.PUE(t)
	}
	available = make(series.Profile[unit.Ratio], max(len(temperatures), len(health)))
	for i := range available {
		share := r.group.Derate.Share(series.Profile[int64](temperatures).At(i))
		available[i] = unit.Ratio(unit.MulDiv(int64(share), int64(health.At(i)), int64(unit.One)))
	}
	return pue, available
}

// check reports what is wrong with in, all at once.
func (r *Rig) check(in Input) error {
	var faults []error
	if in.Hashprice <= 0 || in.Hashprice > hashpriceMax {
		faults = append(faults, fmt.Errorf("bid of mining group %q: hashprice %.2f must be positive and below %.0f: is its source missing, or in another unit?",
			r.group.Name, in.Hashprice.Float(), hashpriceMax.Float()))
	}
	if n, m := len(in.Temperatures), len(in.Health); n > 1 && m > 1 && n != m {
		faults = append(faults, fmt.Errorf("bid of mining group %q: %d temperatures and %d healths: state one of each per interval, or one for all", r.group.Name, n, m))
	}
	for i, h := range in.Health {
		if h < 0 || h > unit.One {
			faults = append(faults, fmt.Errorf("bid of mining group %q: health %.3f of interval %d must be between 0 and 1", r.group.Name, h.Float(), i))
		}
	}
	return errors.Join(faults...)
}

// Notes says what Bid assumed because in did not say it, for the paper trail.
func (r *Rig) Notes(in Input) []string {
	var notes []string
	g := r.group
	if len(in.Temperatures) == 0 && (g.Cooling.PerDegree > 0 || g.Derate != (Derate{})) {
		notes = append(notes, fmt.Sprintf("mining/%s: temperature unknown: marginal PUE %.3f, nothing derated", g.Name, g.Cooling.PUE0.Float()))
	}
	if len(in.Health) == 0 {
		notes = append(notes, fmt.Sprintf("mining/%s: health unknown: %.1f %% of the machines assumed to hash", g.Name, 100*g.Health.Float()))
	}
	return notes
}

// Group is the declared group with its defaults.
func (r *Rig) Group() Group { return r.group }

// Use is the name under which the group bids.
func (r *Rig) Use() string { return "mining/" + r.group.Name }

// Model is the machine model of the group.
func (r *Rig) Model() Model { return r.model }

// Steps are the steps of one machine, in falling order of worth.
func (r *Rig) Steps() []Step { return slices.Clone(r.steps) }

// Top is the highest operating point that one machine may use.
func (r *Rig) Top() Point { return r.steps[len(r.steps)-1].To }

// Capacity is the IT power of the group with every machine at its top point.
func (r *Rig) Capacity() unit.Power { return r.Top().Power * unit.Power(r.group.Count) }

// FullHashrate is the hash rate at Capacity.
func (r *Rig) FullHashrate() unit.Hashrate {
	return r.Top().Hashrate * unit.Hashrate(r.group.Count)
}

// FullPower is what the group draws when nobody tells it anything: every
// machine at its nameplate, or at its top point where the nameplate is unknown
// or lower. Reservations of the connection count it for silent machines.
func (r *Rig) FullPower() unit.Power {
	return max(r.model.Power, r.Top().Power) * unit.Power(r.group.Count)
}

// Worth is what one IT MWh in step k earns at a hashprice.
func (r *Rig) Worth(k int, hp unit.Hashprice) unit.Price {
	return r.steps[k].Worth(hp, r.group.PoolFee, r.group.OperatingCost)
}

// Average is the worth of one IT MWh over all steps together: what the group
// earns per MWh when it runs at Capacity. It decides nothing; the steps do.
func (r *Rig) Average(hp unit.Hashprice) unit.Price {
	whole := Step{To: r.Top(), Power: r.Top().Power, Hashrate: r.Top().Hashrate}
	return whole.Worth(hp, r.group.PoolFee, r.group.OperatingCost)
}

// BreakEven is the energy price at the meter at which running at Capacity
// earns nothing, at the base PUE.
//
// Formula: b = V / PUE. Source: docs/formula/mining.md.
func (r *Rig) BreakEven(hp unit.Hashprice) unit.Price {
	top, g := r.Top(), r.group
	kept := int64(top.Hashrate) * int64(unit.One-g.PoolFee)
	income := unit.MulDiv(int64(hp), kept, 24*int64(top.Power)*int64(g.Cooling.PUE0))
	return unit.Price(income) - g.OperatingCost.Unscale(g.Cooling.PUE0)
}

// RestartLoss is what one start of one MW of the first step costs: the income
// of the time in which the machines draw power and earn nothing, and the wear.
// The energy drawn meanwhile is paid like any other and is not in it.
//
// Formula: L = (V + vom) * d * 1 MW + wear. Source: docs/formula/mining.md.
func (r *Rig) RestartLoss(hp unit.Hashprice) unit.Amount {
	income := r.steps[0].Worth(hp, r.group.PoolFee, 0)
	return income.Of(unit.Megawatt.Over(r.group.Restart)) + r.group.Wear
}
