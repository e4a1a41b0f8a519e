package treasury_test

import (
	"encoding/csv"
	"errors"
	"math"
	"strconv"
	"testing"
	"time"

	"sluice/capital"
	"sluice/capital/treasury"
	"sluice/internal/beside"
)

// days are bitcoin by day.
type days struct {
	treasury.Path

	Difficulty []float64
}

// daily is bitcoin by day over some years, both within.
func daily(t *testing.T, from, to int) days {
	t.Helper()
	rows, err := csv.NewReader(beside.Open(t, "data", "btc_daily.csv")).ReadAll()
	if err != nil || rows[0][1] != "price_usd" || rows[0][2] != "difficulty" || rows[0][6] != "hashprice_btc_ph_day" {
		t.Fatal(err)
	}
	var p days
	for _, row := range rows[1:] {
		day, bad := time.Parse(time.DateOnly, row[0])
		price, bad2 := strconv.ParseFloat(row[1], 64)
		hash, bad3 := strconv.ParseFloat(row[6], 64)
		difficulty, bad4 := strconv.ParseFloat(row[2], 64)
		if err := errors.Join(bad, bad2, bad3, bad4); err != nil {
			t.Fatal(err)
		}
		if day.Year() > to {
			break
		}
		if n := len(p.Begin); n > 0 && !day.Equal(p.Begin[n-1].AddDate(0, 0, 1)) {
			t.Fatalf("%s does not follow %s", row[0], p.Begin[n-1])
		}
		if day.Year() >= from {
			p.Begin, p.Price, p.Hashprice = append(p.Begin, day), append(p.Price, price), append(p.Hashprice, hash)
			p.Difficulty = append(p.Difficulty, difficulty)
		}
	}
	return p
}

// weekly is the same by week, from the first Monday on: the price of the last day,
// the mean of the hashprices.
func weekly(t *testing.T, from, to int) treasury.Path {
	t.Helper()
	d := daily(t, from, to)
	first := 0
	for d.Begin[first].Weekday() != time.Monday {
		first++
	}
	var p treasury.Path
	for i := first; i+7 <= len(d.Price); i += 7 {
		p.Begin, p.Price, p.Hashprice = append(p.Begin, d.Begin[i]), append(p.Price, d.Price[i+6]), append(p.Hashprice, sum(d.Hashprice[i:i+7])/7)
	}
	return p
}

// rules are the policies that history is shown under.
func rules() []treasury.Choice {
	return []treasury.Choice{
		{Name: "hold"},
		{Name: "sell all", Policy: treasury.Policy{Kind: treasury.SellAll}},
		{Name: "part 70 %", Policy: treasury.Policy{Kind: treasury.Part, Share: 0.7}},
		{Name: "cover 90 days", Policy: treasury.Policy{Kind: treasury.Cover, Cover: 90}},
		{Name: "bands", Policy: treasury.Policy{Kind: treasury.Threshold, Share: 0.7, Least: 0.2, Floor: 2e6, Ceiling: 30e6}},
		{Name: "quarterly", Policy: treasury.Policy{Kind: treasury.Average, Share: 0.5, Every: 13, Evenly: true}},
	}
}

// replay is a 10 MW miner with machines of its time, debt on them and a loan on most
// of its coins.
type replay struct {
	name       string
	from, to   int
	efficiency float64
	service    float64 // of debt, USD a week
	held       float64 // BTC at the begin
	weeks      int
	// End of the run under holding and under selling all, as testdata/replay.py says:
	// cash, coins, coins that lenders sold, week in which cash ran out.
	hold, sell [4]float64
}

func (r replay) miner(path treasury.Path) treasury.Miner {
	return treasury.Miner{
		PH: 10_000 / r.efficiency, Efficiency: r.efficiency, PUE: 1.03, Fee: 0.02, Uptime: 0.95, Stops: true, Power: 45,
		Opex: 15_000, Service: r.service, SaleCost: 0.003, Cash: 1e6, BTC: r.held,
		Loans: []treasury.Rung{{Name: "coins", Owed: 0.9 * r.held * path.Price[0] * 0.5, LTV0: 0.5, Call: 0.7, Cure: 0.6, Liquidation: 0.85, Release: 0.35, Rate: 0.1}},
	}
}

// TestHistory replays eight years and the two winters, and prints what each policy
// came to.
func TestHistory(t *testing.T) {
	t.Parallel()
	for _, c := range []replay{
		{"2017 to 2025", 2017, 2025, 98, 20_000, 1500, 469, [4]float64{0, 15725.17961, 0, -1}, [4]float64{53881959.96, 0.4506514786, 0, -1}},
		{"2018", 2018, 2018, 98, 110_000, 300, 52, [4]float64{-147637.8433, 771.4965559, 218.7121652, 50}, [4]float64{7501486.683, 270, 0, -1}},
		{"2022", 2022, 2022, 34, 150_000, 300, 51, [4]float64{-2464714.354, 143.4275942, 223.8013436, 24}, [4]float64{-761597.0224, 171.8617035, 98.13829651, 45}},
	} {
		path := weekly(t, c.from, c.to)
		if len(path.Price) != c.weeks {
			t.Errorf("%s: %d weeks", c.name, len(path.Price))
		}
		t.Logf("%s: %d weeks from %s, 10 MW at %.0f J/TH", c.name, len(path.Price), path.Begin[0].Format(time.DateOnly), c.efficiency)
		t.Logf("%-14s %11s %8s %11s %11s %11s %8s %8s %8s %7s %6s", "policy", "end cash", "end BTC", "net", "least cash", "runs out", "sold", "at mean", "forced", "seized", "calls")
		for _, r := range rules() {
			got, err := treasury.Backtest(c.miner(path), path, r.Policy)
			if err != nil {
				t.Fatal(err)
			}
			show(t, r.Name, path, got)
			var want [4]float64
			switch r.Policy.Kind {
			case treasury.Hold:
				want = c.hold
			case treasury.SellAll:
				want = c.sell
			case treasury.Part, treasury.Cover, treasury.Threshold, treasury.Average:
				continue
			}
			for i, x := range [4]float64{got.Cash, got.BTC, got.Seized, float64(got.Out)} {
				if math.Abs(x-want[i]) > 1e-8*(1+math.Abs(want[i])) {
					t.Errorf("%s, %s: %v, Python says %v", c.name, r.Name, x, want[i])
				}
			}
		}
	}
}

// show prints an outcome, and its table of calls where the policy holds.
func show(t *testing.T, name string, path treasury.Path, r treasury.Report) {
	t.Helper()
	out := "never"
	if r.Out >= 0 {
		out = path.Begin[r.Out].Format(time.DateOnly)
	}
	t.Logf("%-14s %11.0f %8.1f %11.0f %11.0f %11s %8.1f %8.0f %8.1f %7.1f %6d", name, r.Cash, r.BTC, r.Net, r.Least, out, r.Sold, r.Mean, r.Forced, r.Seized, r.Called)
	for _, x := range r.Calls {
		if x.Released == 0 && name == "hold" {
			t.Logf("    call %s at %6.0f: LTV %.3f to %.3f, %.1f BTC pledged, %.0f USD repaid, %.1f BTC sold by the lender, %.0f due", path.Begin[x.Week].Format(time.DateOnly), x.Price, x.Before, x.After, x.Coins, x.Cash, x.Sold, x.Due)
		}
	}
}

// TestTouches: how often a loan on coins of some day was called within a year, against
// shares that another program counted on the same prices.
func TestTouches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, days int
		ltv0       float64
		call, sold float64 // shares that touch 70 % and 85 %
	}{
		{2018, 2558, 0.35, 0.25, 0.14},
		{2018, 2558, 0.50, 0.44, 0.37},
		{2018, 2558, 0.65, 0.73, 0.47},
		{2021, 1462, 0.35, 0.20, 0.16},
		{2021, 1462, 0.50, 0.34, 0.29},
		{2021, 1462, 0.65, 0.76, 0.39},
	} {
		path := daily(t, c.from, 2025)
		for level, want := range map[float64]float64{0.7: c.call, 0.85: c.sold} {
			r := treasury.Rung{Owed: 1, LTV0: c.ltv0, Call: level, Cure: 0.5, Liquidation: 1}
			touched := 0
			for begin := range c.days {
				l, err := treasury.NewLadder([]treasury.Rung{r}, path.Price[begin])
				if err != nil {
					t.Fatal(err)
				}
				for day := begin + 1; day < len(path.Price) && day <= begin+365 && len(l.Calls()) == 0; day++ {
					l.Step(day, path.Price[day], treasury.Purse{})
				}
				touched += len(l.Calls())
			}
			if got := float64(touched) / float64(c.days); math.Abs(got-want) > 0.0051 {
				t.Errorf("from %d at %v: %.4f touch %v, not %v", c.from, c.ltv0, got, level, want)
			}
		}
	}
}

// TestHoldingInHistory prints by how much holding was ahead of selling and lending at
// 4 %, over windows of one to four years.
func TestHoldingInHistory(t *testing.T) {
	t.Parallel()
	path := weekly(t, 2017, 2025)
	last := -1.0
	for _, weeks := range []int{52, 104, 208} {
		h, err := treasury.Windows(path.Hashprice, path.Price, 0.04, weeks)
		if err != nil || h.Ratio.N != len(path.Price)-weeks+1 {
			t.Fatal(h, err)
		}
		t.Logf("%3d weeks: holding won in %.3f of %d windows, ahead by P5 %+.2f, P50 %+.2f, P95 %+.2f", weeks, h.Won, h.Ratio.N, h.Ratio.P5, h.Ratio.P50, h.Ratio.P95)
		if h.Ratio.P50 < last {
			t.Errorf("the median of %d weeks, %v, is below that of shorter ones", weeks, h.Ratio.P50)
		}
		last = h.Ratio.P50
	}
}

// spring is a country with 2 MW of fleet and spill from April to August, over the
// decade that was; the height is that of 1 January 2016.
func spring() treasury.Reserve {
	r := treasury.Reserve{
		Begin: capital.Month(2016 * 12), Height: 391_182, Worth: 12, Opex: 4, PUE: 1.05, Uptime: 0.95, Fee: 0.01, Share: 0.9, Fees: 0.3,
		Fleets: []treasury.Fleet{{Month: 0, MW: 2, Efficiency: 98, Capex: 2e6}, {Month: 48, MW: 2, Efficiency: 45, Capex: 0.9e6}, {Month: 96, MW: 2, Efficiency: 20, Capex: 1.4e6}},
	}
	for i := 3; i < 8; i++ {
		r.Surplus[i] = 3_000
	}
	return r
}

// TestDecade turns the spill of 2016 to 2025 into reserves, and checks the coins
// against the hashprice that the chain paid day by day, with its real fees and real
// days of halving; 144 blocks a day put a halving some weeks too late.
func TestDecade(t *testing.T) {
	t.Parallel()
	d, r := daily(t, 2016, 2025), spring()
	var price, difficulty []float64
	var mined float64
	var at capital.Month
	for i, day := range d.Begin {
		month := capital.MonthOf(day)
		if month != at {
			price, difficulty, at = append(price, 0), append(difficulty, 0), month
		}
		n := len(price) - 1
		days := month.Add(1).Begin().Sub(month.Begin()).Hours() / 24
		price[n] = d.Price[i]
		difficulty[n] += d.Difficulty[i] / days
		if r.Surplus[int(month)%12] > 0 {
			fleet := r.Fleets[min(n/48, 2)]
			mined += fleet.MW * 0.95 * 1000 / (fleet.Efficiency * r.PUE) * d.Hashprice[i] * 0.99
		}
	}
	s, err := r.Stock(price, difficulty, nil)
	if err != nil || len(price) != 120 || math.Abs(s.Mined/mined-1) > 0.02 {
		t.Errorf("%d months, %.1f BTC, day by day %.1f, %v", len(price), s.Mined, mined, err)
	}
	t.Logf("%.0f GWh used, %.0f spilled: %.0f BTC mined (%.0f day by day), %.0f held worth %.0f million; a coin cost %.0f, one in reserve %.0f; forgone %.1f million; worst fall %.2f; %d months under worth", s.Energy/1000, s.Spilled/1000, s.Mined, mined, s.Held, s.Value/1e6, s.Cost, s.Net, s.Forgone/1e6, s.Drawdown, s.Under)
}
