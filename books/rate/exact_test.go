package rate

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"sluice/unit"
)

// TestRound holds the one rounding to published ties and to the edge of the books.
func TestRound(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ a, b, c, want int64 }{
		"a third of a bitcoin":        {33333333, 112345670000, 1e8, 37448556292},
		"a product beyond 64 bits":    {100000000000, 115000000000, 1e8, 115000000000000},
		"one and a half MWh":          {5400000000, 45123456, 3.6e9, 67685184},
		"the same at a negative one":  {5400000000, -45123456, 3.6e9, -67685184},
		"half goes to zero":           {1800000000, 1, 3.6e9, 0},
		"one and a half goes to two":  {1800000000, 3, 3.6e9, 2},
		"two and a half goes to two":  {1800000000, 5, 3.6e9, 2},
		"minus one and a half to -2":  {1800000000, -3, 3.6e9, -2},
		"just above half":             {1800000001, 1, 3.6e9, 1},
		"a share of the cost of lots": {586666666301, 100000000, 533333333, 110000000000},
		"another":                     {37448556292, 5000000, 33333333, 5617283500},
	} {
		got, err := round(over(times(whole(c.a), whole(c.b)), whole(c.c)))
		if err != nil || got != c.want {
			t.Errorf("%s: %d, %v, want %d", sentence, got, err, c.want)
		}
	}
	for _, far := range []*big.Rat{over(times(whole(2100000000000000), whole(1000000000000)), whole(1e8)), plus(whole(math.MaxInt64), ratio(1, 2)), whole(math.MinInt64)} {
		if got, err := round(far); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s was rounded to %d", far, got)
		}
	}
}

// TestRoundAsUnit: the exact sums round as the 128-bit products of the house do.
func TestRoundAsUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		c := rapid.Int64Range(1, math.MaxInt64).Draw(t, "c")
		want, fits := unit.TryMulDiv(a, b, c)
		got, err := round(over(times(whole(a), whole(b)), whole(c)))
		if want != math.MinInt64 && fits != (err == nil) || err == nil && got != want {
			t.Fatalf("%d * %d / %d: %d, %v, want %d, %v", a, b, c, got, err, want, fits)
		}
	})
}

// TestShareConserves: parts of an interval always sum to it.
func TestShareConserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q, length := rapid.Int64Range(0, math.MaxInt64).Draw(t, "q"), rapid.Int64Range(2, 1<<40).Draw(t, "length")
		a := rapid.Int64Range(0, length).Draw(t, "a")
		b := rapid.Int64Range(a, length).Draw(t, "b")
		x, y, z := share(q, a, length), share(q, b, length)-share(q, a, length), q-share(q, b, length)
		if x < 0 || y < 0 || z < 0 || share(q, length, length) != q {
			t.Fatalf("parts %d, %d and %d of %d", x, y, z, q)
		}
	})
}

// TestAnniversary: a month that lacks the day ends on its last one, in the zone of the contract.
func TestAnniversary(t *testing.T) {
	t.Parallel()
	const end = 1738281600 // 31 January 2025, 00:00 UTC
	for months, want := range map[int]int64{0: end, 1: 1740700800, 2: 1743379200, 12: 1769817600, 13: 1772236800} {
		if got := anniversary(end, months, nil); got != want {
			t.Errorf("after %d months: %d, want %d", months, got, want)
		}
	}
}

// TestSpans: unions, differences and first seconds, against counting every second.
func TestSpans(t *testing.T) {
	t.Parallel()
	spans := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Span {
		from := rapid.Int64Range(0, 40).Draw(t, "from")
		return Span{from, from + rapid.Int64Range(-2, 12).Draw(t, "length")}
	}), 0, 6)
	rapid.Check(t, func(t *rapid.T) {
		a, b := spans.Draw(t, "a"), spans.Draw(t, "b")
		n := rapid.Int64Range(-1, 60).Draw(t, "n")
		var either, both, rest int64
		for s := range int64(60) {
			x, y := covers(a, s), covers(b, s)
			either += flag(x)
			both += flag(x && y)
			rest += flag(s < 50 && !x)
		}
		ua, ub := Union(a), Union(b)
		if total(ua) != either || total(within(ua, ub)) != both || total(without(Span{0, 50}, ua)) != rest || total(first(ua, n)) != max(0, min(n, either)) {
			t.Fatalf("%v and %v: %v, %v, %v, %v", a, b, ua, within(ua, ub), without(Span{0, 50}, ua), first(ua, n))
		}
	})
}

func covers(all []Span, s int64) bool {
	for _, x := range all {
		if s >= x.From && s < x.To {
			return true
		}
	}
	return false
}
