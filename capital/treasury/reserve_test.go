package treasury_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/treasury"
)

// TestSubsidy: a month of a halving has blocks of both sides.
func TestSubsidy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to int64
		want     float64
	}{
		{840_000, 844_000, 3.125},
		{839_000, 842_000, (1000*6.25 + 2000*3.125) / 3000},
		{0, 630_000, (50 + 25 + 12.5) / 3.0},
		{5, 5, 50},
	} {
		if got := treasury.Subsidy(c.from, c.to); !near(got, c.want) {
			t.Errorf("%d to %d: %v, not %v", c.from, c.to, got, c.want)
		}
	}
}

// valley is a country with spill in two months, in one of which the fleet is full.
func valley() treasury.Reserve {
	r := treasury.Reserve{
		Begin: capital.Month(2026*12 + 4), Height: 950_000, Worth: 10, Opex: 5, PUE: 1.05, Uptime: 0.9, Fee: 0.01, Share: 0.8, Fees: 0.05,
		Fleets: []treasury.Fleet{{Month: 0, MW: 20, Efficiency: 20, Capex: 8e6}, {Month: 2, MW: 20, Efficiency: 12, Capex: 6e6}},
	}
	r.Surplus[4], r.Surplus[6] = 100_000, 1000
	return r
}

// TestReserveByHand: May fills the fleet for 31 days at 90 %, June has no spill, in
// July a new fleet takes all of it.
func TestReserveByHand(t *testing.T) {
	t.Parallel()
	var months []treasury.StockMonth
	price, difficulty := []float64{100_000, 120_000, 60_000}, []float64{120e12, 130e12, 140e12}
	got, err := valley().Stock(price, difficulty, func(m treasury.StockMonth) { months = append(months, m) })
	if err != nil {
		t.Fatal(err)
	}
	may := 20.0 * 24 * 31 * 0.9
	coins := func(energy, efficiency, difficulty float64) float64 {
		hash := energy * 1e6 * 3600 / (efficiency * 1.05) * 1e12 // hashes
		return hash / (difficulty * math.Pow(2, 32)) * (3.125 + 0.05) * 0.99
	}
	a, b := coins(may, 20, 120e12), coins(1000, 12, 140e12)
	if !near(got.Energy, may+1000) || !near(got.Spilled, 100_000-may) || !near(got.Mined, a+b) || !near(got.Held, 0.8*(a+b)) || !near(got.Value, 0.8*(a+b)*60_000) {
		t.Errorf("%+v, not %v and %v", got, a, b)
	}
	cost := 14e6 + 15*(may+1000)
	income := 0.2 * (a*100_000 + b*60_000)
	if !near(got.Capex, 14e6) || !near(got.Cost, cost/(a+b)) || !near(got.Income, income) || !near(got.Net, (cost-income)/(0.8*(a+b))) {
		t.Errorf("%+v", got)
	}
	if want := 1 - got.Value/(0.8*a*120_000); !near(got.Drawdown, want) || len(months) != 3 || months[1].Mined != 0 || months[2].Capex != 6e6 || got.Under != 0 {
		t.Errorf("%+v, %+v", got, months)
	}
}

// TestReserves on paths: sums are kept, one path alone is its own quantile, a halving
// pays less, and a better fleet never mines less.
func TestReserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := valley()
		for i := range r.Surplus {
			r.Surplus[i] = rapid.Float64Range(0, 20_000).Draw(t, "surplus")
		}
		r.Share = rapid.Float64Range(0, 1).Draw(t, "share")
		n := rapid.IntRange(1, 130).Draw(t, "months")
		price, difficulty := make([]float64, n), make([]float64, n)
		for i := range price {
			price[i], difficulty[i] = rapid.Float64Range(1e4, 1e6).Draw(t, "price"), rapid.Float64Range(1e13, 1e15).Draw(t, "difficulty")
		}
		var mined, sold, energy, surplus float64
		s, err := r.Stock(price, difficulty, func(m treasury.StockMonth) {
			mined, sold, energy, surplus = mined+m.Mined, sold+m.Sold, energy+m.Energy, surplus+r.Surplus[int(m.Month)%12]
			if !near(m.Held, mined-sold) || m.Energy > r.Surplus[int(m.Month)%12] || m.Spilled < 0 {
				t.Fatalf("%+v after %v mined and %v sold", m, mined, sold)
			}
		})
		if err != nil || !near(s.Held+s.Sold, s.Mined) || !near(s.Energy+s.Spilled, surplus) || s.Drawdown < 0 || s.Drawdown > 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		r.Fleets[1].Efficiency = 6
		if better, err := r.Stock(price, difficulty, nil); err != nil || better.Mined < s.Mined-1e-12 {
			t.Fatalf("%v after %v, %v", better.Mined, s.Mined, err)
		}
	})
	dry := valley() // a drop of water mines less than a satoshi: it has no cost, and that is no bug
	dry.Surplus = [12]float64{4: 1e-299}
	if s, err := dry.Stock([]float64{1e5}, []float64{1e14}, nil); err != nil || s.Mined == 0 || s.Cost != 0 || s.Net != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	flat := func(x float64, n int) (out []float64) {
		for range n {
			out = append(out, x)
		}
		return out
	}
	r := valley()
	r.Height, r.Fees = 1_050_000-144*31, 0 // the second month is the first of the new epoch
	r.Surplus[5] = 1e6
	var two []treasury.StockMonth
	all, err := r.Over(treasury.Months{Price: [][]float64{flat(5e4, 2), flat(9e4, 2)}, Difficulty: [][]float64{flat(1e14, 2), flat(1e14, 2)}})
	if err != nil || all.Value.N != 2 || !near(all.Value.Greatest, all.Held.P50*9e4) || !near(all.Value.Least, all.Held.P50*5e4) || all.Behind != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := r.Stock(flat(5e4, 2), flat(1e14, 2), func(m treasury.StockMonth) { two = append(two, m) }); err != nil || !near(two[1].Hashprice*2, two[0].Hashprice) {
		t.Errorf("%+v, %v", two, err)
	}
}

// TestSenselessReserves are refused.
func TestSenselessReserves(t *testing.T) {
	t.Parallel()
	for sentence, spoil := range map[string]func(*treasury.Reserve){
		"a surplus below nothing": func(r *treasury.Reserve) { r.Surplus[3] = -1 },
		"no fleet":                func(r *treasury.Reserve) { r.Fleets = nil },
		"fleets out of order":     func(r *treasury.Reserve) { r.Fleets[1].Month = 0 },
		"more held than is mined": func(r *treasury.Reserve) { r.Share = 1.1 },
		"a fleet without power":   func(r *treasury.Reserve) { r.Fleets[0].MW = 0 },
		"a machine that is never": func(r *treasury.Reserve) { r.Uptime = 0 },
		"fees in satoshis":        func(r *treasury.Reserve) { r.Fees = 5e6 },
	} {
		r := valley()
		spoil(&r)
		if _, err := r.Stock([]float64{1}, []float64{1}, nil); !errors.Is(err, treasury.ErrReserve) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := valley().Stock([]float64{1}, []float64{0}, nil); !errors.Is(err, treasury.ErrPath) {
		t.Error(err)
	}
	if _, err := valley().Over(treasury.Months{}); !errors.Is(err, treasury.ErrPath) {
		t.Error(err)
	}
}
