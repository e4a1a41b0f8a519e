package peer_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/peer"
	"sluice/unit"
	"sluice/use/mining"
)

// bitcoin is days of bitcoin at these prices.
func bitcoin(first time.Time, prices []float64) []mining.Network {
	out := network(first, len(prices), 1, 0.0005)
	for i, p := range prices {
		out[i].Price = unit.Amount(math.Round(p * 1e6))
	}
	return out
}

// walk is prices that move by chance.
func walk(seed, path uint64, n int) []float64 {
	r := capital.Stream(seed, path)
	out := []float64{100}
	for len(out) < n {
		out = append(out, math.Round(1e6*out[len(out)-1]*math.Exp(0.03*r.NormFloat64()))/1e6)
	}
	return out
}

// closes are those of a share on days one after the other.
func closes(ticker string, first time.Time, prices []float64) (out []peer.Close) {
	for i, p := range prices {
		out = append(out, peer.Close{Day: first.AddDate(0, 0, i), Ticker: ticker, Price: p, Place: fmt.Sprintf("p.csv, line %d", i+2)})
	}
	return out
}

func members(tickers ...string) (out []peer.Member) {
	for _, t := range tickers {
		out = append(out, peer.Member{Company: t, Ticker: t})
	}
	return out
}

var january = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func window(days int) peer.Period {
	return peer.Period{First: january, Last: january.AddDate(0, 0, days-1)}
}

// TestBasketOfOne: a basket of one share is that share, however it is weighted.
func TestBasketOfOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(21, 150).Draw(t, "days"), rapid.Uint64().Draw(t, "seed")
		share, btc := walk(seed, 0, n), walk(seed, 1, n)
		m := market(t, bitcoin(january, btc), closes("A", january, share)...)
		b := peer.Basket{Name: "one", Members: members("A")}
		b.Members[0].Shares = []peer.ShareCount{{Day: january, Value: 1e8}}
		equal, err := b.Against(m, window(n))
		if err != nil {
			t.Fatal(err)
		}
		b.Weights = peer.ByCap
		byCap, err := b.Against(m, window(n))
		if err != nil {
			t.Fatal(err)
		}
		if want := share[n-1]/share[0] - 1; !near(equal.Basket.Return+1, want+1, 1e-9) || !near(byCap.Basket.Return+1, want+1, 1e-9) {
			t.Fatalf("%v and %v, want %v", equal.Basket.Return, byCap.Basket.Return, want)
		}
		high, worst := 0.0, 0.0
		for _, v := range share {
			high = max(high, v)
			worst = max(worst, 1-v/high)
		}
		if math.Abs(equal.Basket.Drawdown-worst) > 1e-9 || !near(equal.Basket.Volatility, byCap.Basket.Volatility, 1e-6) || equal.Correlation < -1-1e-9 || equal.Correlation > 1+1e-9 || equal.Closes != n {
			t.Fatalf("%+v, worst %v", equal, worst)
		}
		if ahead := equal.Basket.Return - equal.BTC.Return; equal.Ahead != ahead {
			t.Fatal(equal.Ahead)
		}
	})
}

// TestBasketIsBitcoin: a share that is bitcoin goes as bitcoin; one that moves twice
// as far each day has twice its beta and its volatility.
func TestBasketIsBitcoin(t *testing.T) {
	t.Parallel()
	btc := walk(3, 1, 120)
	twice := []float64{50}
	for i := 1; i < len(btc); i++ {
		twice = append(twice, twice[i-1]*(1+2*(btc[i]/btc[i-1]-1)))
	}
	m := market(t, bitcoin(january, btc), append(closes("B", january, btc), closes("T", january, twice)...)...)
	r, err := peer.Basket{Members: members("B")}.Against(m, window(120))
	if err != nil || !near(r.Beta, 1, 1e-9) || !near(r.Correlation, 1, 1e-9) || r.Tracking > 1e-9 || math.Abs(r.Ahead) > 1e-12 || !near(r.Basket.Volatility, r.BTC.Volatility, 1e-9) {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = peer.Basket{Members: members("T")}.Against(m, window(120))
	if err != nil || !near(r.Beta, 2, 1e-6) || !near(r.Correlation, 1, 1e-6) || !near(r.Basket.Volatility, 2*r.BTC.Volatility, 1e-6) || !near(r.Tracking, r.BTC.Volatility, 1e-6) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestBasketByHand: two shares over two months, set anew on the last close of January.
func TestBasketByHand(t *testing.T) {
	t.Parallel()
	a, b, btc := make([]float64, 59), make([]float64, 59), make([]float64, 59)
	for i := range a {
		a[i], b[i], btc[i] = 10, 40, 100_000+float64(i%2)
		if i >= 10 {
			a[i] = 20 // within January
		}
		if i >= 40 {
			b[i] = 20 // within February
		}
	}
	m := market(t, bitcoin(january, btc), append(closes("A", january, a), closes("B", january, b)...)...)
	basket := peer.Basket{Members: members("A", "B")}
	// January: half in each, A doubles: 1.5. February: 0.75 in each, B halves: 1.125.
	r, err := basket.Against(m, window(59))
	if err != nil || !near(r.Basket.Return, 0.125, 1e-9) || !near(r.Basket.Drawdown, 0.25, 1e-9) || len(r.Jumps) != 0 || r.Begin[0] != 0.5 {
		t.Errorf("%+v, %v", r, err)
	}
	// By cap: 100 A and 50 B are worth 1000 and 2000, then 2000 and 2000. B sells as
	// many new shares in January: from February on a third is in A. 4/3, then 2/3 of it.
	basket.Weights = peer.ByCap
	basket.Members[0].Shares = []peer.ShareCount{{Day: january, Value: 100}}
	basket.Members[1].Shares = []peer.ShareCount{{Day: january, Value: 50}, {Day: january.AddDate(0, 0, 20), Value: 100}}
	r, err = basket.Against(m, window(59))
	if err != nil || !near(r.Basket.Return, 4.0/3*2/3-1, 1e-9) || !near(r.Begin[0], 1.0/3, 1e-12) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestBasketVolatility: what a swing of one percent each day is a year.
func TestBasketVolatility(t *testing.T) {
	t.Parallel()
	swing := []float64{100}
	for i := 1; i < 61; i++ {
		swing = append(swing, swing[i-1]*(1.01-0.02*float64(i%2)))
	}
	m := market(t, bitcoin(january, walk(1, 1, 61)), closes("A", january, swing)...)
	r, err := peer.Basket{Members: members("A")}.Against(m, window(61))
	if want := 0.01 * math.Sqrt(60.0/59) * math.Sqrt(365.25); err != nil || !near(r.Basket.Volatility, want, 1e-9) {
		t.Errorf("%v, want %v: %v", r.Basket.Volatility, want, err)
	}
}

// TestMissingDays: a day without a close takes the last one, for a week and no
// longer, and says so; planted holes are found.
func TestMissingDays(t *testing.T) {
	t.Parallel()
	const n = 60
	btc := bitcoin(january, walk(5, 9, n))
	without := func(all []peer.Close, from, to int) (out []peer.Close) {
		for i, c := range all {
			if i < from || i > to {
				out = append(out, c)
			}
		}
		return out
	}
	a, b := closes("A", january, walk(5, 0, n)), closes("B", january, walk(5, 1, n))
	for sentence, c := range map[string]struct {
		a, b    []peer.Close
		btc     []mining.Network
		w       peer.Period
		carried int
		oldest  int
		says    string
	}{
		"nothing is missing":              {a, b, btc, window(n), 0, 0, ""},
		"two days of one":                 {a, without(b, 20, 21), btc, window(n), 2, 2, ""},
		"a week of one":                   {a, without(b, 20, 26), btc, window(n), 7, 7, ""},
		"more than a week of one":         {a, without(b, 20, 27), btc, window(n), 0, 0, "the last close of B by 2025-01-28 is of 2025-01-20, more than 7 days before"},
		"a holiday of both":               {without(a, 20, 25), without(b, 20, 25), btc, window(n), 0, 0, ""},
		"more than a week of both":        {without(a, 20, 26), without(b, 20, 26), btc, window(n), 0, 0, "no member has a close between 2025-01-20 and 2025-01-28"},
		"one that begins later":           {a, without(b, 0, 9), btc, window(n), 0, 0, "B has no close on 2025-01-01 or before it"},
		"one that ended":                  {a, without(b, 40, 59), btc, window(n), 0, 0, "the last close of B"},
		"a window that begins before":     {a, b, btc, peer.Period{First: january.AddDate(0, 0, -8), Last: january.AddDate(0, 0, n-1)}, 0, 0, "no member has a close between 2024-12-24 and 2025-01-01"},
		"a window that ends after":        {a, b, btc, window(n + 8), 0, 0, "no member has a close between"},
		"a window of 20 returns":          {a, b, btc, window(21), 0, 0, ""},
		"a window that is too short":      {a, b, btc, window(20), 0, 0, "has 20 days with closes, and at least 21 are needed"},
		"bitcoin ends before":             {a, b, btc[:50], window(n), 0, 0, "the price of bitcoin on 2025-02-20 is missing"},
		"no bitcoin":                      {a, b, nil, window(n), 0, 0, "the price of bitcoin"},
		"bitcoin does not move":           {a, b, bitcoin(january, slicesOf(n, 84_929.48)), window(n), 0, 0, "does not move"},
		"the closes do not move":          {closes("A", january, slicesOf(n, 7)), closes("B", january, slicesOf(n, 3)), btc, window(n), 0, 0, "does not move"},
		"a window in which nothing is":    {a, b, btc, peer.Period{First: january.AddDate(1, 0, 0), Last: january.AddDate(1, 2, 0)}, 0, 0, "has 0 days"},
		"a first day bridged from before": {a, without(b, 5, 5), btc, peer.Period{First: january.AddDate(0, 0, 5), Last: january.AddDate(0, 0, n-1)}, 1, 1, ""},
	} {
		r, err := peer.Basket{Name: "x", Members: members("A", "B")}.Against(market(t, c.btc, append(append([]peer.Close{}, c.a...), c.b...)...), c.w)
		if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, peer.ErrBasket) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		} else if r.Carried != c.carried || r.Oldest != c.oldest {
			t.Errorf("%s: %d carried, %d days", sentence, r.Carried, r.Oldest)
		}
	}
	if _, err := (peer.Basket{}).Against(peer.Market{}, window(n)); !errors.Is(err, peer.ErrBasket) {
		t.Error(err)
	}
	byCap := peer.Basket{Weights: peer.ByCap, Members: members("A")}
	m := market(t, btc, a...)
	if _, err := byCap.Against(m, window(n)); err == nil || !strings.Contains(err.Error(), "shares are not told within 190 days before 2025-01-01") {
		t.Error(err)
	}
	byCap.Members[0].Shares = []peer.ShareCount{{Day: january.AddDate(0, 0, 10), Value: 1e6}}
	if _, err := byCap.Against(m, window(n)); err == nil {
		t.Error("shares that are told later were known before")
	}
}

func slicesOf(n int, v float64) (out []float64) {
	for range n {
		out = append(out, v)
	}
	return out
}

// TestSplit: a close that halves overnight is told.
func TestSplit(t *testing.T) {
	t.Parallel()
	a := walk(2, 2, 40)
	for i := 20; i < 40; i++ {
		a[i] /= 10
	}
	r, err := peer.Basket{Members: members("A")}.Against(market(t, bitcoin(january, walk(2, 3, 40)), closes("A", january, a)...), window(40))
	if err != nil || len(r.Jumps) != 1 || !strings.Contains(r.Jumps[0], "by 2025-01-21: a split") {
		t.Errorf("%+v, %v", r.Jumps, err)
	}
}

// TestGroupBasket: a class is what was told by the first day of a window.
func TestGroupBasket(t *testing.T) {
	t.Parallel()
	g := gather(t, "A,2024,class,pure,", "B,2024,class,hybrid,", "B,2025-03-01,class,ai-first,", "C,2025,class,pure,", "D,2025Q2,class,pure,", "E,2024,class,pure,", "A,2024,ticker,AA,", "A,2024Q4,shares,5,shares_M")
	m := market(t, nil, append(closes("AA", january, walk(1, 0, 3)), append(closes("B", january, walk(1, 1, 3)), closes("C", january, walk(1, 2, 3))...)...)...)
	for _, c := range []struct {
		class, day, names, apart string
	}{
		{peer.Pure, "2025-01-01", "A, C", "E"},
		{peer.Pure, "2024-06-01", "A", "E"},
		{peer.Pure, "2025-05-01", "A, C", "D, E"},
		{peer.Hybrid, "2025-02-28", "B", ""},
		{peer.Hybrid, "2025-03-01", "", ""},
		{peer.AIFirst, "2025-03-01", "B", ""},
	} {
		b, apart := g.GroupBasket(c.class, peer.ByCap, period(t, c.day).First, m)
		if b.Names() != c.names || strings.Join(apart, ", ") != c.apart {
			t.Errorf("%s on %s: %s, apart %v", c.class, c.day, b.Names(), apart)
		}
	}
	b, _ := g.GroupBasket(peer.Pure, peer.ByCap, january, m)
	if b.Members[0].Ticker != "AA" || len(b.Members[0].Shares) != 1 || b.Members[0].Shares[0].Value != 5e6 || b.Weights.String() != "cap-weighted" {
		t.Errorf("%+v", b.Members[0])
	}
}

// TestMarket: closes and days that cannot be believed are refused.
func TestMarket(t *testing.T) {
	t.Parallel()
	a := closes("A", january, []float64{1, 2, 3})
	if m := market(t, nil, append(a, a...)...); len(m.Tickers()) != 1 {
		t.Error(m.Tickers())
	}
	other := a[1]
	other.Price, other.Place = 5, "p.csv, line 9"
	for says, all := range map[string][]peer.Close{
		"p.csv, line 9: close of A on 2025-01-02 is 5, and 2 at p.csv, line 3": append(append([]peer.Close{}, a...), other),
		"write a price above zero": {{Day: january, Ticker: "A", Price: math.NaN()}},
		"above zero":               {{Day: january, Ticker: "A", Price: math.Inf(1)}},
		"close of \"\"":            {{Day: january, Price: 1}},
	} {
		if _, err := peer.NewMarket(nil, nil, all); !errors.Is(err, peer.ErrClose) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	n := network(january, 5, 1, 0.1)
	if _, err := peer.NewMarket(append(n[:2:2], n[3:]...), nil, nil); err == nil || !strings.Contains(err.Error(), "2025-01-04") {
		t.Error(err)
	}
	m, err := peer.NewMarket(n, []time.Time{january}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := m.Network(window(5)); !ok || x.Estimated != 1 || !near(x.HashpriceBTC, 0.5, 1e-9) || !near(x.Hashprice, 0.1, 1e-9) {
		t.Errorf("%+v, %v", x, ok)
	}
	if _, ok := m.Network(window(6)); ok {
		t.Error("a day that is missing was counted")
	}
	if _, ok := m.Window(); ok {
		t.Error("there is no close")
	}
}

// BenchmarkBasket: ten shares over four years.
func BenchmarkBasket(b *testing.B) {
	const n = 1460
	var all []peer.Close
	var tickers []string
	for k := range 10 {
		tickers = append(tickers, fmt.Sprint("S", k))
		all = append(all, closes(tickers[k], january, walk(7, uint64(k), n))...)
	}
	m := market(b, bitcoin(january, walk(7, 99, n)), all...)
	basket := peer.Basket{Members: members(tickers...)}
	for b.Loop() {
		if _, err := basket.Against(m, window(n)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSides: a hundred companies of fourteen figures.
func BenchmarkSides(b *testing.B) {
	var lines []string
	for k := range 100 {
		for _, l := range alder() {
			lines = append(lines, fmt.Sprint("C", k, l[1:]))
		}
	}
	g, m, p := gather(b, lines...), june(b), period(b, "2025-06")
	for b.Loop() {
		g.Sides(p, m)
	}
}
