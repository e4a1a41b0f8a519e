package capital

import "math"

// Terms of mining that never change.
const (
	daySeconds    = 86_400.0
	petahash      = 1e15
	halvingBlocks = 210_000
	firstSubsidy  = 50.0  // BTC
	BlocksPerDay  = 144.0 // as difficulty aims at
)

// SubsidyAt is the new bitcoin of the block at a height, BTC; none below 0.
//
// Formula: 5,000,000,000 sat, halved and rounded down every 210,000 blocks (Bitcoin
// Core, GetBlockSubsidy). Source: docs/formula/capital.md.
func SubsidyAt(height int64) float64 {
	halvings := height / halvingBlocks
	if height < 0 || halvings >= 64 {
		return 0
	}
	return float64(int64(firstSubsidy*1e8)>>halvings) / 1e8
}

// HashpriceBTC is what one PH/s is expected to find in a day, BTC, at a difficulty
// and a reward per block (subsidy and fees), BTC.
//
// Formula: 86,400 s * 1e15 H/s / (difficulty * 2^32) * reward. Source: docs/formula/capital.md.
func HashpriceBTC(difficulty, reward float64) float64 {
	return daySeconds * petahash / (difficulty * (1 << 32)) * reward
}

// Strike is the price of power, USD/MWh, at which a machine earns exactly its
// energy: hashprice in USD/PH/day, fee of the pool, wall efficiency in J/TH.
//
// Formula: hashprice (1 - fee) / (0.024 e PUE). Source: docs/formula/capital.md.
func Strike(hashprice, fee, efficiency, pue float64) float64 {
	return hashprice * (1 - fee) / (0.024 * efficiency * pue)
}

// EnergyPerBTC is the energy of one bitcoin, MWh: hashprice in BTC/PH/day.
//
// Formula: 0.024 e PUE / (hashprice (1 - fee)). Source: docs/formula/capital.md.
func EnergyPerBTC(hashpriceBTC, fee, efficiency, pue float64) float64 {
	return 0.024 * efficiency * pue / (hashpriceBTC * (1 - fee))
}

// CostPerBTC is what a bitcoin costs at a hashcost, USD/PH/day: the price at which
// mining breaks even.
//
// Formula: hashcost / (hashprice (1 - fee)). Source: docs/formula/capital.md.
func CostPerBTC(hashcost, hashpriceBTC, fee float64) float64 {
	return hashcost / (hashpriceBTC * (1 - fee))
}

// Efficient is the hashprice over what the average machine of the network needs for
// a PH/s and day, USD/MWh: the price of power at which that machine breaks even.
// fleet is its wall efficiency, J/TH.
//
// Formula: hashprice / (0.024 fleet). Source: docs/formula/capital.md.
func Efficient(hashprice, fleet float64) float64 { return hashprice / (0.024 * fleet) }

// Stays is by how much the hashprice in BTC rises for those who stay when a share of
// the network leaves and difficulty has followed: 0.087 for 0.08.
//
// Formula: x / (1 - x). Source: docs/formula/capital.md.
func Stays(leaves float64) float64 { return leaves / (1 - leaves) }

// Normal is the distribution function of the standard normal.
func Normal(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }
