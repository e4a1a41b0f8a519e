package quote

import (
	"fmt"
	"math"
	"slices"

	"sluice/unit"
)

const hoursPerYear = 8760

// Colocation is what differs where a tenant brings its own GPUs and rents power in
// the hall: the hall, its operation and mining are paid, the GPUs are not ours.
type Colocation struct {
	Operations unit.Amount // of the hall alone, a megawatt and year
	Occupancy  unit.Ratio  // kW that are billed, share of those that the hall has
	Energy     bool        // the price includes energy; otherwise the tenant pays what the meter says
}

// Offer is a facility megawatt sold in some unit.
type Offer struct {
	Unit  string // "GPU-hour", or "kW-month" of IT
	Terms Terms

	fixed []cost  // what does not depend on the markets
	load  float64 // energy that the seller pays, share of the megawatt
	units float64 // that are paid for in a year, credits and fees taken off
}

// cost is a part of an offer, USD a megawatt and year.
type cost struct {
	name string
	usd  float64
}

// The parts of a price.
const (
	PartHall       = "data centre"
	PartHardware   = "GPUs"
	PartOperations = "operations"
	PartEnergy     = "energy"
	PartMining     = "mining forgone"
	PartResidual   = "residual value"
)

// GPUHours offers the megawatt as GPU-hours. The error names every input out of bounds.
//
// Formula: fixed = C_dc*CRF(w,n_dc) + N*C_gpu*CRF(w,n_gpu) + O - S*SFF(w,n_gpu), units = N*8760*u*(1-f).
// Source: docs/formula/quote.md.
func GPUHours(t Terms) (Offer, error) {
	if err := t.Validate(); err != nil {
		return Offer{}, err
	}
	w, life := t.Capital.Float(), t.HardwareLife
	hardware := t.perMW() * dollars(t.Hardware)
	return Offer{
		Unit: "GPU-hour", Terms: t, load: t.Load.Float(),
		units: t.perMW() * hoursPerYear * t.Utilisation.Float() * (1 - t.Fees.Float()),
		fixed: []cost{
			{PartHall, dollars(t.Hall) * recovery(w, t.HallLife)},
			{PartHardware, hardware * recovery(w, life)},
			{PartOperations, dollars(t.Operations)},
			{PartResidual, -hardware * t.Residual.Float() * sinking(w, life)},
		},
	}, nil
}

// KilowattMonths offers the megawatt as kW-months of IT power to tenants with their
// own GPUs. The error names every input out of bounds.
//
// Formula: fixed = C_dc*CRF(w,n_dc) + O_colo, units = 12*1000/PUE*occupancy*(1-f).
// Source: docs/formula/quote.md.
func KilowattMonths(t Terms, c Colocation) (Offer, error) {
	if err := t.Validate(); err != nil {
		return Offer{}, err
	}
	if c.Occupancy <= 0 || c.Occupancy > unit.One || c.Operations < 0 {
		return Offer{}, fmt.Errorf("%w: colocation: the occupancy is above 0 %% and at most 100 %%, and operations are not negative", ErrTerms)
	}
	o := Offer{
		Unit: "kW-month", Terms: t, units: 12 * 1000 / t.PUE.Float() * c.Occupancy.Float() * (1 - t.Fees.Float()),
		fixed: []cost{{PartHall, dollars(t.Hall) * recovery(t.Capital.Float(), t.HallLife)}, {PartOperations, dollars(c.Operations)}},
	}
	if c.Energy {
		o.load = t.Load.Float()
	}
	return o, nil
}

// perMW is how many GPUs a facility megawatt carries.
//
// Formula: N = 1000 / (k_IT * PUE). Source: docs/formula/quote.md.
func (t Terms) perMW() float64 {
	return float64(unit.Megawatt) / (float64(t.GPU) * t.PUE.Float())
}

// margin is what a MWh of mining leaves, USD; where it would lose, it stops.
//
// Formula: max(0, 1e6/e * H/24 - c_e - o_m). Source: docs/formula/quote.md.
func (t Terms) margin(hashprice, energy float64) float64 {
	return max(0, hashprice*1000/(24*t.Efficiency.Float())-energy-t.MiningCost.Float())
}

// recovery is the yearly payment that returns 1 with interest over a life.
//
// Formula: CRF(w,n) = w / (1 - (1+w)^-n), and 1/n at w = 0. Source: docs/formula/quote.md.
func recovery(w float64, life Months) float64 {
	n := float64(life) / years
	if w == 0 {
		return 1 / n
	}
	return -w / math.Expm1(-n*math.Log1p(w))
}

// sinking is the yearly payment that grows to 1 over a life.
//
// Formula: SFF(w,n) = w / ((1+w)^n - 1), and 1/n at w = 0. Source: docs/formula/quote.md.
func sinking(w float64, life Months) float64 {
	n := float64(life) / years
	if w == 0 {
		return 1 / n
	}
	return w / math.Expm1(n*math.Log1p(w))
}

// Price is the least price of an offer.
type Price struct {
	Unit  string
	Least unit.Amount // USD a unit
	Parts []Part      // they sum to Least exactly
	// Bare is the price without mining to forgo: what covers cost alone.
	Bare unit.Amount
	// GPUs is how many a facility megawatt carries, and Units how many units of it are
	// paid for in a year, both in millionths.
	GPUs, Units int64
}

// Part is what a price is made of.
type Part struct {
	Name   string
	Of     unit.Amount // USD a unit; what is left at the end is negative
	Yearly unit.Amount // USD a megawatt and year
}

// Price is the least price at which the offer is worth as much as mining, with the
// power price and hashprice of the terms.
//
// Formula: p* = (M + fixed + 8760*L*c_e) / units, M = 8760*a_m*max(0, 1e6/e*H/24 - c_e - o_m).
// Source: docs/formula/quote.md.
func (o Offer) Price() (Price, error) {
	t := o.Terms
	hashprice, energy := t.Hashprice.Float(), t.Energy.Float()
	return o.price(cost{PartMining, hoursPerYear * t.Available.Float() * t.margin(hashprice, energy)}, cost{PartEnergy, hoursPerYear * o.load * energy})
}

func (o Offer) price(mining, energy cost) (Price, error) {
	p := Price{Unit: o.Unit, GPUs: unit.FromFloat(o.Terms.perMW()), Units: unit.FromFloat(o.units)}
	order := []string{PartHall, PartHardware, PartOperations, PartEnergy, PartMining, PartResidual}
	for _, name := range order {
		for _, c := range append(slices.Clip(o.fixed), energy, mining) {
			if c.name != name {
				continue
			}
			of, err := money(c.usd / o.units)
			if err != nil {
				return Price{}, fmt.Errorf("%s: %w", name, err)
			}
			yearly, err := money(c.usd)
			if err != nil {
				return Price{}, fmt.Errorf("%s: %w", name, err)
			}
			p.Parts = append(p.Parts, Part{Name: name, Of: of, Yearly: yearly})
			p.Least += of
			if name != PartMining {
				p.Bare += of
			}
		}
	}
	return p, nil
}

// base is the sum of what does not depend on the markets, USD a megawatt and year.
func (o Offer) base() (sum float64) {
	for _, c := range o.fixed {
		sum += c.usd
	}
	return sum
}
