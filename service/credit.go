package service

import (
	"math/bits"

	"sluice/unit"
)

// Record is a month in unit-seconds: GPU-seconds, or kilowatt-seconds.
type Record struct {
	Committed int64 // of the whole month
	Down      int64 // of Committed: could not be used, whoever caused it
	Excused   int64 // of Down: does not count, as agreed
}

// base is what downtime is held against: excused time leaves both sides.
func (r Record) base() int64 { return max(0, r.Committed-r.Excused) }

// counted is the downtime that counts.
func (r Record) counted() int64 { return max(0, r.Down-r.Excused) }

// Rate is the share of a fee that is credited for so many unit-seconds down out of
// base: that of the last tier that was missed, 0 where none was. Whole numbers are
// compared, so a single second decides, and who reaches a threshold exactly has
// reached it. Down and base are not negative; a base of 0 promises nothing.
//
// Formula: tier missed when down * 10^6 > (10^6 - below) * base.
// Source: docs/formula/service.md.
func Rate(tiers []Tier, down, base int64) unit.Ratio {
	var rate unit.Ratio
	for _, t := range tiers {
		if missed(t.Below, down, base) {
			rate = t.Credit
		}
	}
	return rate
}

// missed reports whether (base - down) / base lies strictly below a threshold.
func missed(below unit.Ratio, down, base int64) bool {
	if base <= 0 || down <= 0 || below <= 0 {
		return false
	}
	lostHigh, lostLow := bits.Mul64(uint64(down), uint64(unit.One))
	mayHigh, mayLow := bits.Mul64(uint64(max(0, unit.One-below)), uint64(base)) //nolint:gosec // not negative
	return lostHigh > mayHigh || lostHigh == mayHigh && lostLow > mayLow
}

// tolerated is the most downtime that reaches a threshold: the floor of
// (1 - below) * base.
func tolerated(below unit.Ratio, base int64) int64 {
	if base <= 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(max(0, unit.One-below)), uint64(base)) //nolint:gosec // not negative
	quotient, _ := bits.Div64(high, low, uint64(unit.One))
	return int64(quotient) //nolint:gosec // at most base
}

// Rate is the share of the fee that a month is credited, after the cap.
func (l Level) Rate(r Record) unit.Ratio { return Rate(l.tiers(), r.counted(), r.base()) }

// Credit is what a tenant gets back of a month's fee, as a positive amount, rounded
// half to even: down, excused (a part of down) and committed unit-seconds of the whole month.
//
// Formula: credit = fee * rate of the last tier missed by 1 - (D - X) / (C - X), at
// most the cap. Source: docs/formula/service.md.
func Credit(l Level, fee unit.Amount, down, excused, committed int64) unit.Amount {
	return l.Credit(fee, Record{Committed: committed, Down: down, Excused: excused})
}

// Credit is the same of a record.
func (l Level) Credit(fee unit.Amount, r Record) unit.Amount {
	return unit.Amount(unit.MulDiv(int64(fee), int64(l.Rate(r)), int64(unit.One)))
}

// Apart is the credit where each part is held against the promise by itself, with
// its share of the fee by committed time. The shares add up to the fee.
//
// Source: docs/formula/service.md, "Scope".
func (l Level) Apart(fee unit.Amount, parts []Record) unit.Amount {
	var sum unit.Amount
	for i, share := range shares(fee, parts) {
		sum += l.Credit(share, parts[i])
	}
	return sum
}

// shares divides a fee by committed time: each part has the difference of two
// rounded running sums, so nothing is lost.
func shares(fee unit.Amount, parts []Record) []unit.Amount {
	var all, far int64
	for _, p := range parts {
		all += p.Committed
	}
	out := make([]unit.Amount, len(parts))
	var before unit.Amount
	for i, p := range parts {
		if all <= 0 {
			break
		}
		far += p.Committed
		after := unit.Amount(unit.MulDiv(int64(fee), far, all))
		out[i], before = after-before, after
	}
	return out
}
