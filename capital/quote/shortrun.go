package quote

import (
	"sluice/unit"
	"sluice/use/mining"
)

// Worth is what a rental price of a GPU-hour brings a facility MWh. Equipment is
// bought already; an hour that is not sold brings nothing.
//
// Formula: b = p*1000 / (k_IT*PUE). Source: docs/formula/quote.md.
func Worth(price unit.Amount, gpu unit.Power, pue unit.Ratio) unit.Price {
	return unit.Price(unit.MulDiv(int64(price)*1_000_000, int64(unit.One), int64(gpu)*int64(pue)))
}

// Rental is the price of a GPU-hour that brings as much as a facility MWh is worth
// elsewhere: Worth turned round.
//
// Formula: p = b*k_IT*PUE/1000. Source: docs/formula/quote.md.
func Rental(worth unit.Price, gpu unit.Power, pue unit.Ratio) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(worth), int64(gpu)*int64(pue), 1_000_000*int64(unit.One)))
}

// Floor is the rental price below which spare GPUs are better off.
type Floor struct {
	Gross  unit.Price // what a MWh of mining earns before any cost
	Mining unit.Price // the same after mining's cost besides power
	Power  unit.Price // what a MWh costs, or brings where it is sold back
	// Below these prices of a GPU-hour the power is better mined with, before and after
	// mining's other cost, and better not drawn at all.
	AgainstGross, AgainstMining, AgainstPower unit.Amount
	Least                                     unit.Amount // the higher of the last two: the floor
}

// ShortRun is the floor for GPUs that draw from a site whose power is either used up,
// so that miners make room for them, or bought for them. Off means off: a GPU that
// idles under power saves less, and idle is the IT power that it then keeps drawing.
//
// Source: docs/formula/quote.md.
func ShortRun(t Terms, idle unit.Power) Floor {
	f := Floor{Power: t.Energy}
	if t.Hashprice > 0 {
		f.Gross = mining.Worth(t.Hashprice, t.Efficiency, 0, 0)
		f.Mining = mining.Worth(t.Hashprice, t.Efficiency, 0, t.MiningCost)
	}
	freed := t.GPU - idle
	f.AgainstGross, f.AgainstMining, f.AgainstPower = Rental(f.Gross, freed, t.PUE), Rental(f.Mining, freed, t.PUE), Rental(f.Power, freed, t.PUE)
	f.Least = max(f.AgainstMining, f.AgainstPower)
	return f
}
