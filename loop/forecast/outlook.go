package forecast

import (
	"errors"
	"time"

	"sluice/unit"
)

// ErrNothingKnown marks an outlook asked of a desk that was never told a price.
var ErrNothingKnown = errors.New("no price was ever published")

// ErrOrder marks prices or questions that arrive out of order.
var ErrOrder = errors.New("out of order")

// Outlook is what a desk expected at one instant, per interval of the mesh.
type Outlook struct {
	// Issued is the turn's clock.
	Issued time.Time
	// Model names the model used per lead band, such as
	// "next=transition hour=transition 4h=blend day=seasonal".
	Model string
	// Point is the conditional mean of the price, because decisions are linear in
	// price. It is estimated robustly and lies somewhat low where scarcity is
	// rare; docs/formula/forecast.md says by how much.
	Point []unit.Price
	// Q05 to Q95 are quantiles of the price; in every interval they do not decrease.
	Q05, Q25, Q50, Q75, Q95 []unit.Price
	// Degraded says why the desk fell back to a weaker baseline or widened its
	// quantiles; empty when it did not.
	Degraded string
}

// Band is a range of lead times that is judged on its own. The lead of an
// interval is counted from the last published one, whose lead is zero.
type Band int

// The bands, each named by the lead at which it is judged.
const (
	Next Band = iota // the next interval
	Hour             // up to one hour
	FourHours
	Day // everything beyond four hours, judged a day ahead
	bands
)

// String is the name of the band in papers.
func (b Band) String() string { return [...]string{"next", "hour", "4h", "day"}[b] }

// Score says how well one model did in one band, in currency units per MWh,
// over everything that the desk has seen.
type Score struct {
	Model Model
	Band  Band
	// N is the number of prices that a forecast was compared with.
	N int
	// MAE, RMSE and Bias are of the point forecast; Bias is forecast minus price.
	MAE, RMSE, Bias float64
	// Regret is what run-or-idle decisions lost against foresight, averaged over
	// values of power between Config.ValueLow and ValueHigh, with the restarts.
	Regret float64
	// Pinball is the mean pinball loss of the five quantiles.
	Pinball float64
	// Covered is the share of prices at or below q05, q25, q50, q75 and q95.
	Covered [5]float64
	// Chosen is the share of turns in which the model was the one used.
	Chosen float64
}
