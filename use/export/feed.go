package export

import (
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// FeedIn is what feeding into the grid earns and how much of it is possible.
type FeedIn struct {
	Use   string                     // stable name of the bid, for example "export/pecos"
	Limit unit.Power                 // most that may be fed in, positive watts at the meter: power.Charges.ExportMax
	Price series.Profile[unit.Price] // market price per MWh, forecast
	Adder series.Profile[unit.Price] // cost per MWh fed in: power.Charges.Export
}

// Bid is the feed-in as a use of power over n intervals, and whether there is
// any. It never asks for more than the plants behind the meter generate: what
// is bought from the grid is not sold through the same meter.
//
// Power counts as consumption of the site's bus, positive; the meter sees it as
// export. Formula: worth = price - adder. Source: docs/formula/tariff.md, "Export".
func (f FeedIn) Bid(offers []power.Offer, n int) (use.Bid, bool) {
	generated := make(series.Profile[unit.Power], n)
	highest := unit.Power(0)
	for i := range generated {
		for _, o := range offers {
			if o.BehindMeter {
				generated[i] += o.Max.At(i)
			}
		}
		highest = max(highest, generated[i])
	}
	most := min(f.Limit, highest)
	if most <= 0 {
		return use.Bid{}, false
	}
	return use.Bid{
		Use:       f.Use,
		Feed:      true,
		Steps:     []use.Step{{Power: most, Worth: f.worth(n)}},
		PUE:       series.Flat(unit.One),
		Available: shares(generated, most),
	}, true
}

// worth is the market price less the adder, per interval.
func (f FeedIn) worth(n int) series.Profile[unit.Price] {
	out := make(series.Profile[unit.Price], n)
	for i := range out {
		out[i] = f.Price.At(i) - f.Adder.At(i)
	}
	return out
}

// shares is what of most is generated, rounded down so that a plan never feeds in what is not there.
func shares(generated series.Profile[unit.Power], most unit.Power) series.Profile[unit.Ratio] {
	out := make(series.Profile[unit.Ratio], len(generated))
	for i, g := range generated {
		g = min(g, most)
		r := unit.Ratio(unit.MulDiv(int64(g), int64(unit.One), int64(most)))
		if most.Scale(r) > g {
			r--
		}
		out[i] = r
	}
	return out
}
