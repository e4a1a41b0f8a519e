package match

import (
	"math/big"

	"sluice/unit"
)

// far reports whether a day's credit is further from its work than the terms allow.
//
// Formula: |off| > tolerance * worth; of blocks that were found, |off| > k * worth / sqrt(blocks).
// Source: docs/formula/match.md.
func (m *matching) far(off unit.Satoshi, w Work) bool {
	if w.Worth == 0 {
		return off != 0
	}
	if m.terms.Scheme == Expected {
		return beyond(off, w.Worth, m.terms.OneDay)
	}
	// off^2 * blocks > (k * worth)^2, with blocks in thousandths: no root, no float.
	square := func(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(n)) }
	left := new(big.Int).Mul(square(int64(off)), big.NewInt(w.Blocks))
	right := new(big.Int).Mul(square(m.terms.Deviation), square(int64(w.Worth)))
	return left.Cmp(right.Mul(right, big.NewInt(1000))) > 0
}

// beyond reports whether off is more than a share of all, either way.
func beyond(off, all unit.Satoshi, share unit.Ratio) bool {
	left := new(big.Int).Mul(big.NewInt(int64(max(off, -off))), big.NewInt(int64(unit.One)))
	return left.Cmp(new(big.Int).Mul(big.NewInt(int64(all)), big.NewInt(int64(share)))) > 0
}
