package treasury_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/treasury"
)

// weeks is a path of flat weeks from a day on.
func weeks(n int, price, hashprice float64) treasury.Path {
	p := treasury.Path{}
	for i := range n {
		p.Begin = append(p.Begin, time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*i))
		p.Price, p.Hashprice = append(p.Price, price), append(p.Hashprice, hashprice)
	}
	return p
}

// anyPath draws a path.
func anyPath(t *rapid.T, n int) treasury.Path {
	p := weeks(n, 0, 0)
	p.Price = anyPrices(t, n)
	for i := range p.Hashprice {
		p.Hashprice[i] = rapid.Float64Range(0, 0.001).Draw(t, "hashprice")
	}
	return p
}

func sum(xs []float64) (s float64) {
	for _, x := range xs {
		s += x
	}
	return s
}

// TestBlack: Hull's and other textbooks' case, and the limits.
func TestBlack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		right                               treasury.Right
		spot, strike, vol, rate, year, want float64
	}{
		{treasury.ToBuy, 42, 40, 0.2, 0.1, 0.5, 4.7594},
		{treasury.ToSell, 42, 40, 0.2, 0.1, 0.5, 0.8086},
		{treasury.ToBuy, 100, 100, 0.2, 0.05, 1, 10.4506},
		{treasury.ToSell, 100, 100, 0.2, 0.05, 1, 5.5735},
		{treasury.ToSell, 80, 100, 0, 0, 1, 20},
		{treasury.ToBuy, 80, 100, 0, 0, 1, 0},
		{treasury.ToBuy, 120, 100, 0, 0, 1, 20},
	} {
		got := treasury.Black(c.right, c.spot, c.strike, c.vol*math.Sqrt(c.year), math.Exp(-c.rate*c.year))
		if math.Abs(got-c.want) > 5e-5 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestParity: a call option less a put is the coin less the strike, discounted; and
// no price lies below what exercise is worth or falls when volatility rises.
func TestParity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spot, strike := rapid.Float64Range(1e3, 2e5).Draw(t, "spot"), rapid.Float64Range(1e3, 2e5).Draw(t, "strike")
		dev, disc := rapid.Float64Range(0, 3).Draw(t, "deviation"), rapid.Float64Range(0.5, 1).Draw(t, "discount")
		call, put := treasury.Black(treasury.ToBuy, spot, strike, dev, disc), treasury.Black(treasury.ToSell, spot, strike, dev, disc)
		if math.Abs(call-put-(spot-strike*disc)) > 1e-9*(spot+strike) {
			t.Fatalf("call %v less put %v is not %v", call, put, spot-strike*disc)
		}
		if call < max(spot-strike*disc, 0)-1e-9*spot || put < max(strike*disc-spot, 0)-1e-9*strike || treasury.Black(treasury.ToSell, spot, strike, dev*1.1, disc) < put-1e-9*strike {
			t.Fatalf("call %v, put %v at %v, %v, %v, %v", call, put, spot, strike, dev, disc)
		}
	})
}

// TestFullyHedgedIsFlat: coins and the futures on them are worth the same in every
// week where the basis is nought, and grow by the basis at each roll.
func TestFullyHedgedIsFlat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPath(t, 30)
		f := treasury.Futures{BTC: 12, From: 2, To: 28, Roll: rapid.IntRange(1, 40).Draw(t, "roll"), Margin: 0.3}
		r, err := f.Row(p)
		if err != nil || r.Check() != nil {
			t.Fatal(err, r.Check())
		}
		cash := 0.0
		for i := range p.Price {
			cash += r.USD[i]
			if i >= f.From && i <= f.To && !near(12*p.Price[i]+cash+r.Lodged[i], 12*p.Price[f.From]) {
				t.Fatalf("week %d: worth %v, not %v", i, 12*p.Price[i]+cash+r.Lodged[i], 12*p.Price[f.From])
			}
		}
		f.Basis, f.Roll = 0.1, 13
		if r, err = f.Row(p); err != nil {
			t.Fatal(err)
		}
		want := 12 * (p.Price[2] - p.Price[28] + 0.1*(p.Price[2]+p.Price[15])*13*7/365)
		if !near(sum(r.USD), want) {
			t.Fatalf("two contracts bring %v, not %v", sum(r.USD), want)
		}
	})
}

// TestFuturesByHand: margin and costs, and the notional.
func TestFuturesByHand(t *testing.T) {
	t.Parallel()
	p := weeks(4, 0, 0)
	p.Price = []float64{100, 90, 110, 120}
	r, err := treasury.Futures{BTC: 2, To: 3, Roll: 2, Margin: 0.5, Cost: 0.01}.Row(p)
	if err != nil {
		t.Fatal(err)
	}
	// opened at 100, rolled at 110, closed at 120 with a week to run
	for i, want := range []float64{-2 - 100, 20 + 10, -40 - 2.2 - 20, -20 - 2.4 + 110} {
		if !near(r.USD[i], want) {
			t.Errorf("week %d: %v, not %v", i, r.USD[i], want)
		}
	}
	if r.Notional[1] != 180 || r.Notional[3] != 0 || !near(sum(r.USD), -40-6.6) {
		t.Errorf("%+v", r)
	}
}

// TestCollar: with one strike it is a short forward, costless it costs nothing, and
// its worth with the coins stays within its strikes.
func TestCollar(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPath(t, 20)
		c := treasury.Collar{BTC: 3, Floor: 45_000, Cap: 45_000, Volatility: [2]float64{0.6, 0.6}, Rate: 0.04, From: 1, Weeks: 13}
		r, err := c.Row(p)
		if err != nil || r.Check() != nil {
			t.Fatal(err, r.Check())
		}
		if worth := 45_000 * math.Exp(-0.04*13*7/365); !near(r.USD[1], 3*(p.Price[1]-worth)) || !near(r.USD[14], 3*(45_000-p.Price[14])) || !near(r.Notional[5], 3*p.Price[5]) {
			t.Fatalf("%+v", r)
		}
		c.Floor, c.Volatility = 0.8*p.Price[1], [2]float64{0.7, 0.5}
		free, err := c.Costless(p.Price[1])
		if err != nil {
			t.Fatal(err)
		}
		r, err = free.Row(p)
		if err != nil || math.Abs(r.USD[1]) > 1e-6*p.Price[1] {
			t.Fatalf("a cap of %v costs %v, %v", free.Cap, r.USD[1], err)
		}
		if all := p.Price[14] + r.USD[14]/3; all < free.Floor-1e-6 || all > free.Cap+1e-6 {
			t.Fatalf("%v is outside %v to %v", all, free.Floor, free.Cap)
		}
	})
}

// TestForward: January of 2026 has a day and six of the weeks that begin on 29
// December and 26 January; at the average the forward pays nothing, and with what the
// fleet earns it is the fixed rate.
func TestForward(t *testing.T) {
	t.Parallel()
	january := capital.MonthOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	rapid.Check(t, func(t *rapid.T) {
		p := anyPath(t, 8)
		for _, settle := range []treasury.Settlement{treasury.InCash, treasury.InCoins, treasury.Native} {
			f := treasury.Forward{PH: 100, Month: january, Settle: settle}
			index, days, err := f.Average(p)
			if err != nil || days != 31 {
				t.Fatal(index, days, err)
			}
			earned, own := 0.0, make([]float64, 8)
			for i, d := range []float64{4, 7, 7, 7, 6, 0, 0, 0} {
				own[i] = p.Hashprice[i] * p.Price[i]
				if settle == treasury.Native {
					own[i] = p.Hashprice[i]
				}
				earned += d * 100 * own[i]
				own[i] *= 1.01 // the own pool pays 1 % above the index
			}
			if !near(index*31*100, earned) {
				t.Fatalf("an average of %v over %v", index, earned)
			}
			f.Rate = index
			r, err := f.Row(p)
			if err != nil || math.Abs(sum(r.USD)) > 1e-6 || math.Abs(sum(r.BTC)) > 1e-9 {
				t.Fatalf("at the average it pays %v and %v, %v", sum(r.USD), sum(r.BTC), err)
			}
			f.Rate = index * 2
			if r, err = f.Row(p); err != nil || r.Check() != nil {
				t.Fatal(err, r.Check())
			}
			paid := r.USD[4]
			if settle != treasury.InCash {
				paid = r.BTC[4]
			}
			if settle == treasury.InCoins {
				paid *= p.Price[4]
			}
			if !near(paid+earned, 100*31*f.Rate) {
				t.Fatalf("%v and %v are not %v", paid, earned, 100*31*f.Rate)
			}
			if b, err := f.Basis(p, own); err != nil || !near(b, 0.01*index) {
				t.Fatalf("a basis of %v on %v, %v", b, index, err)
			}
		}
	})
	f := treasury.Forward{PH: 100, Month: january, Rate: 50}
	r, err := f.Row(weeks(8, 100_000, 0.0004)) // 40 USD
	if err != nil || !near(r.USD[4], 31_000) || !near(r.Notional[2], 155_000) || r.Notional[4] != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestSenselessHedges are refused.
func TestSenselessHedges(t *testing.T) {
	t.Parallel()
	p, bare := weeks(10, 100, 1), weeks(10, 100, 1)
	bare.Begin = nil
	for sentence, c := range map[string]struct {
		h    treasury.Hedge
		p    treasury.Path
		want error
	}{
		"futures that end after the path":               {treasury.Futures{BTC: 1, To: 10, Roll: 1}, p, treasury.ErrHedge},
		"futures that are bought":                       {treasury.Futures{BTC: -1, To: 5, Roll: 1}, p, treasury.ErrHedge},
		"futures that never roll":                       {treasury.Futures{BTC: 1, To: 5}, p, treasury.ErrHedge},
		"an option that ends too late":                  {treasury.Option{BTC: 1, Strike: 1, Weeks: 10}, p, treasury.ErrHedge},
		"an option at nothing":                          {treasury.Option{BTC: 1, Weeks: 5}, p, treasury.ErrHedge},
		"a volatility in percent":                       {treasury.Option{BTC: 1, Strike: 1, Volatility: 60, Weeks: 5}, p, treasury.ErrHedge},
		"a collar upside down":                          {treasury.Collar{BTC: 1, Floor: 2, Cap: 1, Weeks: 5}, p, treasury.ErrHedge},
		"a forward of a month that ends after the path": {treasury.Forward{PH: 1, Month: capital.MonthOf(p.Begin[9]), Rate: 1}, p, treasury.ErrPath},
		"a forward without dates":                       {treasury.Forward{PH: 1, Month: capital.MonthOf(p.Begin[2]), Rate: 1}, bare, treasury.ErrPath},
		"a forward bought":                              {treasury.Forward{PH: -1, Month: capital.MonthOf(p.Begin[2]), Rate: 1}, p, treasury.ErrHedge},
	} {
		if _, err := treasury.Overlay(c.p, c.h); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := (treasury.Collar{BTC: 1, Floor: 200, Weeks: 5, Volatility: [2]float64{0.5, 0.5}}).Costless(100); !errors.Is(err, treasury.ErrHedge) {
		t.Error(err)
	}
}

// leak is a hedge that makes cash from nothing.
type leak struct{ treasury.Futures }

func (l leak) Row(p treasury.Path) (treasury.Row, error) {
	r, err := l.Futures.Row(p)
	r.USD[3] += 5
	return r, err
}

// TestHedgesConserve: the checker refuses a row in which any figure was changed, and
// a hedge that leaks never reaches a treasury.
func TestHedgesConserve(t *testing.T) {
	t.Parallel()
	p := weeks(10, 100, 1)
	f := treasury.Futures{BTC: 1, From: 1, To: 8, Roll: 3, Margin: 0.2, Cost: 0.01, Basis: 0.1}
	if _, err := treasury.Overlay(p, leak{f}); !errors.Is(err, treasury.ErrLedger) {
		t.Errorf("a leak went unseen: %v", err)
	}
	for part := range 4 {
		r, err := f.Row(p)
		if err != nil || r.Check() != nil {
			t.Fatal(err, r.Check())
		}
		[]([]float64){r.USD, r.Gain, r.Cost, r.Lodged}[part][4] += 0.01
		if err := r.Check(); !errors.Is(err, treasury.ErrLedger) {
			t.Errorf("part %d was changed: %v", part, err)
		}
	}
	r, _ := f.Row(p)
	r.Lodged[9], r.USD[9] = 1, r.USD[9]-1
	if err := r.Check(); !errors.Is(err, treasury.ErrLedger) {
		t.Errorf("margin stays at the exchange: %v", err)
	}
}
