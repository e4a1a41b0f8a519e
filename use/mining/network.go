package mining

import (
	"math/big"
	"time"

	"sluice/unit"
)

// Network is what the Bitcoin network and its market say about one UTC day.
type Network struct {
	Day        time.Time    // 00:00 UTC
	Price      unit.Amount  // millionths of a currency unit per BTC
	Difficulty int64        // rounded to a whole number, relative error below 1e-13
	Reward     unit.Satoshi // subsidy plus fees of the average block of the day
}

// Yield is the bitcoin that one EH/s is expected to find in a day.
//
// Formula: 86,400 s * 1e18 H/s / (difficulty * 2^32) * reward, rounded half to
// even to a satoshi. Source: docs/formula/mining.md.
func (n Network) Yield() unit.HashYield {
	hashes := new(big.Int).Mul(big.NewInt(86_400), big.NewInt(1_000_000_000_000_000_000))
	hashes.Mul(hashes, big.NewInt(int64(n.Reward)))
	perBlock := new(big.Int).Lsh(big.NewInt(n.Difficulty), 32)
	return unit.HashYield(divHalfEven(hashes, perBlock))
}

// Hashprice is the expected income of one PH/s for a day, before the pool's fee.
func (n Network) Hashprice() unit.Hashprice {
	return unit.Hashprice(unit.MulDiv(int64(n.Yield()), int64(n.Price), 1000*int64(unit.Bitcoin)))
}

// divHalfEven returns a/b rounded half to even, for a >= 0 and b > 0.
func divHalfEven(a, b *big.Int) int64 {
	quotient, rest := new(big.Int).QuoRem(a, b, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(b) {
	case 1:
		quotient.Add(quotient, big.NewInt(1))
	case 0:
		quotient.Add(quotient, new(big.Int).And(quotient, big.NewInt(1)))
	}
	return quotient.Int64()
}
