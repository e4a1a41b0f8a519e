package match

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"sluice/unit"
)

// Yield is what one EH/s finds in a day, as a history by UTC day states it.
type Yield struct {
	Day time.Time // 00:00 UTC
	unit.HashYield
}

// Piece is a stretch of time in which hashing found the same. Low and High are
// apart where nobody says at which hour difficulty or reward changed.
type Piece struct {
	From, To         time.Time
	Yield, Low, High unit.HashYield
}

// ErrHistory is the failure of a day for which no yield is known.
var ErrHistory = errors.New("the history of the network does not cover it")

const halfDay = 12 * time.Hour

// Pieces cuts a history by day where the yield changes. Of a change that is not
// among those whose instant is known, the history says the day only: the half day
// on either side of midnight is then within the yields of both days.
//
// Source: docs/formula/match.md.
func Pieces(days []Yield, changes []time.Time) (out []Piece) {
	for i, d := range days {
		before, after := d, d
		if i > 0 {
			before = days[i-1]
		}
		if i+1 < len(days) {
			after = days[i+1]
		}
		noon, end := d.Day.Add(halfDay), d.Day.Add(2*halfDay)
		// A day on which two yields are mixed, such as that of a halving, is cut inside.
		if at, known := within(changes, d.Day, end); known && before.HashYield != d.HashYield && after.HashYield != d.HashYield {
			out = append(out, plain(d.Day, at, before), plain(at, end, after))
			continue
		}
		out = append(out, half(d.Day, noon, d, before, changes)...)
		out = append(out, half(noon, end, d, after, changes)...)
	}
	return slices.DeleteFunc(out, func(p Piece) bool { return !p.From.Before(p.To) })
}

func plain(from, to time.Time, y Yield) Piece {
	return Piece{from, to, y.HashYield, y.HashYield, y.HashYield}
}

// half is half a day beside a day of another yield, or of the same.
func half(from, to time.Time, own, other Yield, changes []time.Time) []Piece {
	if own.HashYield == other.HashYield {
		return []Piece{plain(from, to, own)}
	}
	border := from
	if other.Day.After(own.Day) {
		border = to
	}
	at, known := within(changes, border.Add(-halfDay), border.Add(halfDay))
	switch {
	case !known:
		return []Piece{{from, to, own.HashYield, min(own.HashYield, other.HashYield), max(own.HashYield, other.HashYield)}}
	case !at.After(from) || !at.Before(to): // on the other side of midnight
		return []Piece{plain(from, to, own)}
	case border.Equal(from):
		return []Piece{plain(from, at, other), plain(at, to, own)}
	}
	return []Piece{plain(from, at, own), plain(at, to, other)}
}

// within is the first of the instants in a stretch.
func within(changes []time.Time, from, to time.Time) (time.Time, bool) {
	i := slices.IndexFunc(changes, func(t time.Time) bool { return !t.Before(from) && t.Before(to) })
	if i < 0 {
		return time.Time{}, false
	}
	return changes[i], true
}

// perDay is what one EH/s hashes in a day, gigahashes.
const perDay = 86_400 * 1000 * int64(unit.Petahash)

// Value is what the hashes of a day, spread evenly from one instant to another,
// are worth on average under a pool's fee.
//
// Formula: sum over pieces of yield * time, * hashes / (whole time * 8.64e13 GH).
// Source: docs/formula/match.md.
func Value(d Day, from, to time.Time, pieces []Piece, fee unit.Ratio) (Work, error) {
	var known time.Duration
	sums := [3]*big.Int{new(big.Int), new(big.Int), new(big.Int)}
	for _, p := range pieces {
		a, b := p.From, p.To
		if a.Before(from) {
			a = from
		}
		if b.After(to) {
			b = to
		}
		if !a.Before(b) {
			continue
		}
		known += b.Sub(a)
		for i, y := range []unit.HashYield{p.Yield, p.Low, p.High} {
			sums[i].Add(sums[i], new(big.Int).Mul(big.NewInt(int64(y)), big.NewInt(int64(b.Sub(a)))))
		}
	}
	if known != to.Sub(from) || fee < 0 || fee > unit.One {
		return Work{}, fmt.Errorf("work of %s: %w: name a history that does, or leave the day out", d.Day, ErrHistory)
	}
	w := Work{Day: d.Day}
	below := new(big.Int).Mul(big.NewInt(int64(known)), big.NewInt(perDay))
	ok := true
	for _, x := range []struct {
		to    *unit.Satoshi
		sum   *big.Int
		share unit.Ratio
	}{{&w.Gross, sums[0], unit.One}, {&w.Worth, sums[0], unit.One - fee}, {&w.Low, sums[1], unit.One - fee}, {&w.High, sums[2], unit.One - fee}} {
		n := new(big.Int).Mul(x.sum, big.NewInt(int64(d.Accepted)))
		n.Mul(n, big.NewInt(int64(x.share)))
		*x.to, ok = quotient(n, new(big.Int).Mul(below, big.NewInt(int64(unit.One))), ok)
	}
	if !ok {
		return Work{}, fmt.Errorf("work of %s: %w: it is worth more than all bitcoin", d.Day, ErrInput)
	}
	return w, nil
}

// quotient is a/b rounded half to even, a >= 0 and b > 0, and false where it is too large.
func quotient(a, b *big.Int, ok bool) (unit.Satoshi, bool) {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if c := r.Lsh(r, 1).Cmp(b); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() || unit.Satoshi(q.Int64()) > coinsMost {
		return 0, false
	}
	return unit.Satoshi(q.Int64()), ok
}
