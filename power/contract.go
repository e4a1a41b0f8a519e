package power

import (
	"time"

	"sluice/unit"
)

// Contracts is everything that a site has agreed on power, as its file states
// it. The zero value has no contract at all.
type Contracts struct {
	Holidays    []Date // local days that tariff windows treat as holidays
	Spot        *Spot
	PPAs        []PPA
	Plants      []Plant
	Energy      []EnergyCharge
	Demand      []DemandCharge
	Coincident  []CoincidentPeak
	Fixed       []FixedCharge
	MinimumBill unit.Amount // least cost a month of energy charges, demand charges, coincident peaks and fixed charges together, >= 0; 0: none
	Carbon      Carbon
}

// Term is how long a contract holds: from From, before To. A zero end is open.
type Term struct{ From, To time.Time }

// Holds reports whether t lies in the term.
func (d Term) Holds(t time.Time) bool {
	return (d.From.IsZero() || !t.Before(d.From)) && (d.To.IsZero() || t.Before(d.To))
}

// Spot is purchase at the price of a market zone.
type Spot struct {
	Name        string // "spot" when empty
	Zone        string // settlement point whose price is paid, for example "LZ_WEST"; a load pays the zone, not the hub
	Adders      Adders
	Export      bool // what the site generates may be fed in at the same price, less Adders.Export
	Publication Publication
	Carbon      int64 // grams of CO2 per kWh
	Term        Term
}

// Adders is what the retailer adds to a market price, >= 0.
type Adders struct {
	Import unit.Price // per MWh bought
	Export unit.Price // per MWh fed in
	Losses unit.Ratio // share of the market price added for losses: 0.02 makes 50 into 51; purchase only
}

// Buy is what one MWh bought costs at a market price.
//
// Formula: price + price * losses + adder. Source: docs/formula/tariff.md, "Spot".
func (a Adders) Buy(market unit.Price) unit.Price { return market + market.Scale(a.Losses) + a.Import }

// Sell is what one MWh fed in earns at a market price.
func (a Adders) Sell(market unit.Price) unit.Price { return market - a.Export }

// PPA is a block of power bought ahead at a fixed price.
type PPA struct {
	Name      string
	Power     unit.Power
	Price     unit.Price // per MWh of the block
	Shape     Window     // when the block is delivered; the zero window is always
	Term      Term
	TakeOrPay bool       // the whole block is paid, drawn or not; else only what is drawn
	SellBack  bool       // what is not drawn is sold at the spot price less Fee, at either sign; needs TakeOrPay
	Fee       unit.Price // per MWh sold back, >= 0
	Carbon    int64      // grams of CO2 per kWh
}

// PlantKind is what drives a plant.
type PlantKind string

// The kinds of plant. Wind and solar need a forecast or a profile.
const (
	Wind       PlantKind = "wind"
	Hydro      PlantKind = "hydro"
	Solar      PlantKind = "solar"
	Geothermal PlantKind = "geothermal"
)

// Plant is generation behind the revenue meter.
type Plant struct {
	Name    string
	Kind    PlantKind
	Power   unit.Power   // nameplate
	Price   unit.Price   // operation and maintenance, or the owner's price, per MWh generated
	Profile []unit.Ratio // share of nameplate by local hour, 24 of them, where no forecast is given; empty: nameplate
	MustRun bool         // cannot be turned down: what is not used is fed in or spilt
	Carbon  int64        // grams of CO2 per kWh
}

// EnergyCharge is a charge on every MWh drawn from the grid: the supply of a
// utility, or the delivery of what was bought elsewhere. Uses are asked in
// order, the first whose window holds replaces Price.
type EnergyCharge struct {
	Name   string
	Supply bool // it supplies the energy that no purchase covers; else it is a delivery charge on every import
	Price  unit.Price
	Uses   []TimeOfUse
	Tiers  []Tier // supply or delivery by monthly volume; each adds to the price of the hour, the last one is open

	Authorised   unit.Power // supply only: power up to which Price holds; 0: no limit
	Beyond       unit.Price // supply only: price of the energy above Authorised
	Interruption *Interruption
	Carbon       int64 // supply only: grams of CO2 per kWh
	Term         Term
}

// TimeOfUse is a price that holds in a window.
type TimeOfUse struct {
	Window Window
	Price  unit.Price
}

// Tier is a surcharge on the energy of a month up to a volume.
type Tier struct {
	UpTo  unit.Energy // volume of the month at which the tier ends; 0: open
	Price unit.Price  // added to the price of the hour; may be negative
}

// Interruption is the clause of an interruptible supply: while the utility's
// instruction holds, little may be drawn and the rest is dear.
type Interruption struct {
	Demand string     // demand charge whose highest average of the last 12 months counts
	Share  unit.Ratio // of that maximum, which may still be drawn
	Price  unit.Price // per MWh drawn above it
	Hours  int        // most hours a year in which the utility may ask; for people
	Notice time.Duration
}

// Billing is the period over which a demand charge looks for its peak.
type Billing string

// The billing periods, in local time.
const (
	Monthly Billing = "month"
	Daily   Billing = "day"
)

// DemandCharge is a charge on the highest average import of a measurement
// interval.
type DemandCharge struct {
	Name          string
	Rate          unit.DemandRate // per MW and period, or per MW and RateDays
	RateDays      int             // 30: the rate is for 30 days and a month is billed by its days; 0: for the period, whatever its length
	Interval      time.Duration   // measurement interval, on UTC boundaries: 5, 15, 30 or 60 minutes
	Window        Window          // in which measurement intervals count
	Period        Billing
	Ratchet       unit.Ratio // of the highest metered peak of the months before, billed at least; 0: none
	Lookback      int        // months that the ratchet looks back, at most 24
	MinimumBilled unit.Power
	Term          Term
}

// CoincidentPeak is a charge on the import in the intervals in which the whole
// grid has its peaks. Every figure is data, because the rules change.
type CoincidentPeak struct {
	Name     string
	Rate     unit.DemandRate // per MW and year
	Counted  int             // intervals counted a year
	Window   Window          // in which an interval can be counted: months, hours
	Interval time.Duration   // of a counted interval: 5, 15, 30 or 60 minutes
	Watch    Watch
	Term     Term
}

// Watch is how a plan guesses which intervals will be counted when no forecast
// of the odds is given: on a day whose forecast system load reaches Ratio times
// the highest load of its month so far, each interval of Hours has Odds.
type Watch struct {
	Ratio unit.Ratio
	Hours []Hours
	Odds  unit.Ratio
}

// Alarmed reports whether a day with a forecast system peak may hold a counted
// interval, given the highest actual load of its month before that day.
//
// Formula: forecast >= ratio * month to date. Source: docs/formula/tariff.md, "Coincident peak".
func (w Watch) Alarmed(forecast, monthToDate unit.Power) bool {
	return forecast >= monthToDate.Scale(w.Ratio)
}

// FixedCharge is paid every month.
type FixedCharge struct {
	Name     string
	PerMonth unit.Amount // cost, >= 0
}

// Publication says when the price of an interval becomes known.
type Publication struct {
	DayAhead bool
	Gate     time.Duration // day ahead: local clock time on the day before, for example 13h30m
	Lag      time.Duration // else: after the end of the interval
}

// At is the instant at which the price of the interval that starts at start
// becomes known. Without it a replay would read the future.
func (p Publication) At(start time.Time, length time.Duration, zone *time.Location) time.Time {
	if !p.DayAhead {
		return start.Add(length + p.Lag)
	}
	y, m, d := start.In(zone).Date()
	minutes := int(p.Gate / time.Minute)
	return time.Date(y, m, d-1, minutes/60, minutes%60, 0, 0, zone).UTC()
}
