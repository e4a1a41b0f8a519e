package power

import (
	"sluice/series"
	"sluice/unit"
)

// LineKind says what a line of a statement charges or credits.
type LineKind string

// The kinds of line. Codes are stable.
const (
	LineSpot       LineKind = "spot"       // energy bought at the market price, adders included
	LineBlock      LineKind = "block"      // energy of an agreement that is paid: all of it, or what was drawn
	LineSellBack   LineKind = "sell_back"  // energy of an agreement sold instead of drawn
	LineForfeit    LineKind = "forfeit"    // energy of an agreement paid, but neither drawn nor sold; its amount is zero
	LineEnergy     LineKind = "energy"     // energy or delivery charge of a utility
	LineBeyond     LineKind = "beyond"     // energy above the authorised power, or drawn in an interruption
	LineExport     LineKind = "export"     // energy fed in
	LineGeneration LineKind = "generation" // energy of a plant behind the meter
	LineDemand     LineKind = "demand"     // billed peak of a period
	LineCoincident LineKind = "coincident" // import in counted intervals
	LineCarbon     LineKind = "carbon"     // emissions of what was drawn
	LineFixed      LineKind = "fixed"      // paid every month
	LineMinimum    LineKind = "minimum"    // what is missing to the minimum bill
)

// Line is one line of a statement: one source in one local month.
type Line struct {
	Source string
	Kind   LineKind
	Period series.Interval
	Energy unit.Energy // billed, >= 0; 0 where energy is not what is billed
	Peak   unit.Power  // billed power of demand and coincident lines; of a daily charge the highest day
	Amount unit.Amount // earned positive, spent negative
	Open   bool        // the month is not over: peaks, fixed charges and minimum are as they stand
}

// Reading is what the meters say about one settlement interval, and what was
// published about it.
type Reading struct {
	Interval   series.Interval
	Import     unit.Energy   // register of the revenue meter for energy drawn, >= 0
	Export     unit.Energy   // register for energy fed in, >= 0: it counts its own direction
	Generated  []unit.Energy // per plant, in the order of Contracts.Plants, >= 0; what was curtailed is not generated
	Price      unit.Price    // market price of the interval
	Priced     bool          // the price is known; missing is never zero
	Instructed bool          // the utility's interruption held
}
