package mining

import (
	"fmt"
	"math/big"
	"time"

	"sluice/unit"
)

// Consensus constants of Bitcoin.
const (
	halvingBlocks = 210_000
	epochBlocks   = 2016
	blockTime     = 10 * time.Minute
	epochSeconds  = int64(epochBlocks * blockTime / time.Second)
	easiestBits   = Bits(0x1d00ffff)
)

// Subsidy is the new bitcoin of the block at a height; before the first block
// and after the last halving it is none.
//
// Formula: 50 BTC halved every 210,000 blocks. Source: docs/formula/mining.md.
func Subsidy(height int64) unit.Satoshi {
	halvings := height / halvingBlocks
	if height < 0 || halvings >= 63 {
		return 0
	}
	return 50 * unit.Bitcoin >> halvings
}

// NextHalving is the first height above the given one, which is at least 0, at
// which the subsidy is halved.
func NextHalving(height int64) int64 { return (height/halvingBlocks + 1) * halvingBlocks }

// HalvingTime estimates when the next halving comes, at one block in ten
// minutes from the block at height, found at the given time.
func HalvingTime(height int64, found time.Time) time.Time {
	return found.Add(time.Duration(NextHalving(height)-height) * blockTime)
}

// Bits is a difficulty target in the compact form of a block header: one byte
// of exponent, three of mantissa.
type Bits uint32

// target is the number that a block's hash may not exceed.
func (b Bits) target() *big.Int {
	mantissa, exponent := big.NewInt(int64(b&0x7fffff)), int(b>>24)
	if exponent < 3 {
		return mantissa.Rsh(mantissa, uint(8*(3-exponent)))
	}
	return mantissa.Lsh(mantissa, uint(8*(exponent-3)))
}

// compact truncates a target to three bytes of mantissa. A mantissa whose top
// bit is set would read as negative, so it is shifted by one more byte.
func compact(target *big.Int) Bits {
	exponent := (target.BitLen() + 7) / 8
	mantissa := new(big.Int)
	if exponent <= 3 {
		mantissa.Lsh(target, uint(8*(3-exponent)))
	} else {
		mantissa.Rsh(target, uint(8*(exponent-3)))
	}
	m := uint32(mantissa.Uint64())
	if m&0x800000 != 0 {
		m, exponent = m>>8, exponent+1
	}
	return Bits(uint32(exponent)<<24 | m)
}

// Difficulty is how much harder a block is than the easiest one, rounded half
// to even to a whole number; 0 for bits that no block can carry.
//
// Formula: D = target(0x1d00ffff) / target(bits). Source: docs/formula/mining.md.
func (b Bits) Difficulty() int64 {
	target := b.target()
	if target.Sign() == 0 || b&0x800000 != 0 {
		return 0
	}
	return divHalfEven(easiestBits.target(), target)
}

// Retarget is the target of the next epoch by the consensus rule, from the
// times in the headers of the first and the last block of this epoch. Those
// are 2015 intervals apart, not 2016: the rule has always counted so.
//
// Formula: target * clamp(T, 1/4, 4 epochs) / 1,209,600 s, floored, never
// easier than the first target. Source: docs/formula/mining.md.
func Retarget(old Bits, first, last time.Time) Bits {
	span := min(max(last.Unix()-first.Unix(), epochSeconds/4), 4*epochSeconds)
	next := old.target()
	next.Mul(next, big.NewInt(span)).Quo(next, big.NewInt(epochSeconds))
	if next.Cmp(easiestBits.target()) > 0 {
		return easiestBits
	}
	return compact(next)
}

// Progress is where the chain stands within an epoch.
type Progress struct {
	Height   int64         // of the latest block
	Start    time.Time     // when the first block of this epoch was found
	Latest   time.Time     // when the latest block was found; zero: Now
	Now      time.Time     // when the estimate is made
	Quarter  time.Time     // when the first of the latest 504 blocks was found, 503 before Height; zero: unknown
	Previous unit.Ratio    // change at the last retarget, 0.05 for 5 % up
	LastMean time.Duration // mean time of a block in the whole epoch before; 0: unknown
}

// Projection is an estimate of the next change of difficulty.
type Projection struct {
	Height int64      // first block of the next epoch
	At     time.Time  // when it is expected
	Change unit.Ratio // 0.05 for 5 % up; never below -3/4 nor above 3
}

const (
	quarterBlocks = epochBlocks / 4
	// freshBlocks is the number of intervals between the latest 504 blocks. An
	// epoch with fewer of its own borrows the rest from the epoch before.
	freshBlocks = quarterBlocks - 1
)

// Trailing projects the next change from the pace of this epoch and, early in
// it, of the last 504 blocks, scaled to this epoch's difficulty.
//
// Formula and published cases: docs/formula/mining.md.
func (p Progress) Trailing() (Projection, error) {
	if err := p.check(); err != nil {
		return Projection{}, err
	}
	n, span := p.found(), p.elapsed()
	expected, blocks := time.Duration(n+1)*blockTime, n
	if n < freshBlocks && !p.Quarter.IsZero() {
		span += p.scaled(p.Start.Sub(p.Quarter))
		expected, blocks = quarterBlocks*blockTime, freshBlocks
	}
	if blocks == 0 { // the epoch's first block says nothing about its pace
		return p.projection(0, blockTime), nil
	}
	mean := time.Duration(unit.MulDiv(int64(span), 1, blocks))
	return p.projection(change(expected, span), mean), nil
}

// NextRetarget projects the next change by the mix that erred least in the
// back-test from 2021 to 2025: what is left of the epoch runs at half the pace
// of the last 504 blocks and half the pace of the whole epoch before, both
// scaled to this epoch's difficulty. Without those times it is Trailing.
//
// Formula and errors: docs/formula/mining.md.
func (p Progress) NextRetarget() (Projection, error) {
	n := p.found()
	if p.LastMean <= 0 || p.Quarter.IsZero() {
		return p.Trailing()
	}
	if err := p.check(); err != nil {
		return Projection{}, err
	}
	recent := p.Latest.Sub(p.Quarter)
	if p.Latest.IsZero() {
		recent = p.Now.Sub(p.Quarter)
	}
	if n < freshBlocks {
		recent = p.elapsed() + p.scaled(p.Start.Sub(p.Quarter))
	}
	pace := time.Duration(unit.MulDiv(int64(recent), 1, freshBlocks)+int64(p.scaled(p.LastMean))) / 2
	total := p.elapsed() + time.Duration(epochBlocks-1-n)*pace
	return p.projection(change(epochBlocks*blockTime, total), pace), nil
}

// check reports every time that cannot be.
func (p Progress) check() error {
	if p.Height < 0 || p.Now.Before(p.Start) || !p.Latest.IsZero() && p.Latest.Before(p.Start) {
		return fmt.Errorf("project difficulty at height %d: the epoch started %s, after %s: check the clock and the block times",
			p.Height, p.Start.UTC().Format(time.RFC3339), p.Now.UTC().Format(time.RFC3339))
	}
	if !p.Quarter.IsZero() && p.found() < freshBlocks && p.Quarter.After(p.Start) || p.Previous <= -unit.One {
		return fmt.Errorf("project difficulty at height %d: the block 503 earlier or the previous change %.3f makes no sense", p.Height, p.Previous.Float())
	}
	return nil
}

// found is the number of blocks found in this epoch after its first.
func (p Progress) found() int64 { return p.Height % epochBlocks }

// elapsed is how long this epoch lasts; a finished one ends with its last block.
func (p Progress) elapsed() time.Duration {
	if p.found() == epochBlocks-1 && !p.Latest.IsZero() {
		return p.Latest.Sub(p.Start)
	}
	return p.Now.Sub(p.Start)
}

// scaled is what d of the epoch before would last at this epoch's difficulty.
func (p Progress) scaled(d time.Duration) time.Duration {
	return time.Duration(unit.MulDiv(int64(d), int64(unit.One+p.Previous), int64(unit.One)))
}

func (p Progress) projection(c unit.Ratio, mean time.Duration) Projection {
	left := epochBlocks - p.found()
	return Projection{Height: p.Height + left, At: p.Now.Add(time.Duration(left) * mean), Change: c}
}

// change is how much harder blocks must become when they took span instead of
// expected, within what the consensus rule allows.
func change(expected, span time.Duration) unit.Ratio {
	span = min(max(span, expected/4), 4*expected)
	return unit.Ratio(unit.MulDiv(int64(expected), int64(unit.One), int64(span))) - unit.One
}
