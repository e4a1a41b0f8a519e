package verify

import (
	"fmt"
	"time"

	"sluice/unit"
)

// Way is one of three ways to know the hash rate of a group of machines.
type Way struct {
	Hash  unit.Hashrate // mean over the window
	Known bool
}

// Ways is the same machines over the same window, three ways.
type Ways struct {
	Window time.Duration
	Device Way   // mean of what the machines state
	Pool   Way   // what the pool credited, by Credited
	Energy Way   // metered energy over the efficiency at that operating point, by FromEnergy
	Shares int64 // that the pool credited
	Target int64 // difficulty of one share; 0: not known
}

// Pair says how far two ways differ and how far they may.
type Pair struct {
	Name   string     // "device and pool", "device and energy", "energy and pool"
	Known  bool       // both are, and there were enough shares to tell
	Gap    unit.Ratio // of the greater; positive when the first is
	Limit  unit.Ratio
	Differ bool
}

// Match is what comparing three ways showed.
type Match struct {
	Pairs    [3]Pair   // device and pool, device and energy, energy and pool
	Findings []Finding // none or one
}

const (
	pairLeast = 30_000 // ways may differ by this part in any case
	pairSigma = 4      // and by so many standard deviations of the count of shares
	noLimit   = unit.One
)

// Credited is the hash rate that shares of that difficulty in all are worth over a
// window. It is an error when one of them is not above zero or beyond any pool.
//
// Source: docs/formula/verify.md.
func Credited(difficulty int64, window time.Duration) (unit.Hashrate, error) {
	if window < time.Second || difficulty < 0 || difficulty > 1<<56 {
		return 0, fmt.Errorf("shares of difficulty %d in %v: want a sum of accepted shares over at least a second", difficulty, window)
	}
	return unit.Hashrate(unit.MulDiv(difficulty, 1<<32, int64(window))), nil
}

// FromEnergy is the hash rate that so much power is worth at an efficiency.
func FromEnergy(p unit.Power, e unit.Efficiency) (unit.Hashrate, error) {
	if p < 0 || p > powerMost || e <= 0 {
		return 0, fmt.Errorf("%d W at %d thousandths of a J/TH: want a load and an efficiency above zero", p, e)
	}
	return unit.Hashrate(unit.MulDiv(int64(p), 1_000_000, int64(e))), nil
}

// Reconcile compares the three ways pair by pair, and says who must be wrong. The
// error says what is wrong with x.
//
// Source: docs/formula/verify.md.
func Reconcile(x Ways) (Match, error) {
	for _, w := range []Way{x.Device, x.Pool, x.Energy} {
		if w.Known && (w.Hash < 0 || w.Hash > 1<<53) {
			return Match{}, fmt.Errorf("reconcile: hash rate of %d GH/s: neither negative nor beyond all miners of the world", w.Hash)
		}
	}
	if x.Window < time.Second || x.Shares < 0 || x.Target < 0 {
		return Match{}, fmt.Errorf("reconcile: %d shares of difficulty %d in %v: want a window of at least a second and no negative counts", x.Shares, x.Target, x.Window)
	}
	m := Match{Pairs: [3]Pair{
		compare("device and pool", x.Device, x.Pool, x.limit(x.Device)),
		compare("device and energy", x.Device, x.Energy, pairLeast),
		compare("energy and pool", x.Energy, x.Pool, x.limit(x.Energy)),
	}}
	if c, gap, odd := x.culprit(m.Pairs); odd {
		m.Findings = []Finding{{Code: c, Unit: Group, Evidence: Evidence{Share: gap, Count: int(x.Shares)}}}
	}
	return m, nil
}

// limit is how far the credit of the pool may be from another way. Too few shares
// tell nothing. Where their difficulty is known, those count that should have
// come: a pool that credits nothing must not be believed for lack of shares.
func (x *Ways) limit(other Way) unit.Ratio {
	n := x.Shares
	if due := x.due(other); due > n {
		n = due
	}
	if n == 0 {
		return noLimit
	}
	return max(pairLeast, unit.Ratio(root(pairSigma*pairSigma*int64(unit.One)*int64(unit.One)/n)))
}

// due is how many shares a hash rate should have made.
func (x *Ways) due(w Way) int64 {
	if x.Target == 0 || !w.Known {
		return 0
	}
	each, err := Credited(min(x.Target, 1<<56), x.Window)
	if err != nil || each == 0 {
		return 0
	}
	return int64(w.Hash / each)
}

// root is the integer square root, rounded up.
func root(n int64) int64 {
	low, high := int64(0), int64(1)<<31
	for low < high {
		if mid := (low + high) / 2; mid*mid < n {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

func compare(name string, a, b Way, limit unit.Ratio) Pair {
	p := Pair{Name: name, Known: a.Known && b.Known && limit < noLimit, Limit: limit}
	most := max(a.Hash, b.Hash)
	if !p.Known || most == 0 {
		return p
	}
	p.Gap = unit.Ratio(unit.MulDiv(int64(a.Hash-b.Hash), int64(unit.One), int64(most)))
	p.Differ = max(p.Gap, -p.Gap) > limit
	return p
}

// culprit is what the pairs that differ have in common.
func (x *Ways) culprit(p [3]Pair) (Code, unit.Ratio, bool) {
	pool, energy, both := p[0].Differ, p[1].Differ, p[2].Differ
	switch {
	case x.Pool.Known && x.Shares == 0 && (pool || both || x.working() && x.Target == 0):
		return PoolSilent, unit.One, true
	case pool && energy && both:
		return NoTwoAgree, p[0].Gap, true
	case pool && energy:
		return LyingMiner, p[1].Gap, true
	case energy && both:
		return EnergyOdd, p[1].Gap, true
	case pool:
		return paid(p[0].Gap), p[0].Gap, true
	case energy:
		return LyingMiner, p[1].Gap, true
	case both:
		if x.Device.Known { // device lies between and agrees with each: the meter is the likelier
			return EnergyOdd, p[2].Gap, true
		}
		return paid(p[2].Gap), p[2].Gap, true
	}
	return "", 0, false
}

// working reports whether another way says that there should be shares.
func (x *Ways) working() bool {
	return x.Device.Known && x.Device.Hash > 0 || x.Energy.Known && x.Energy.Hash > 0
}

// paid names a pool that credits less, or more.
func paid(gap unit.Ratio) Code {
	if gap > 0 {
		return Redirected
	}
	return Overpaid
}
