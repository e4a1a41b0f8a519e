package peer_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital/peer"
	"sluice/unit"
	"sluice/use/mining"
)

// network is days of one price on which a PH/s finds so much each day.
func network(first time.Time, days int, price, found float64) (out []mining.Network) {
	const reward = 3.125
	difficulty := 86_400 * 1e15 * reward / (found * (1 << 32))
	for i := range days {
		out = append(out, mining.Network{
			Day: first.AddDate(0, 0, i), Price: unit.Amount(math.Round(price * 1e6)), Difficulty: int64(math.Round(difficulty)), Reward: unit.Satoshi(reward * 1e8),
		})
	}
	return out
}

func market(tb rapid.TB, n []mining.Network, closes ...peer.Close) peer.Market {
	tb.Helper()
	m, err := peer.NewMarket(n, nil, closes)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// sideOf is the only company of a group.
func sideOf(tb rapid.TB, p string, m peer.Market, lines ...string) peer.Side {
	tb.Helper()
	return gather(tb, lines...).Sides(period(tb, p), m)[0]
}

// published are the months of docs/formula/peer.md: what is known of each, and how far
// the network is from what was published.
func published() []struct {
	company, month          string
	hashrate, sum, btc, off float64
} {
	return []struct {
		company, month          string
		hashrate, sum, btc, off float64
	}{
		{"Riot", "2023-08", 4.5, 0.074628144, 333, 0.008},
		{"Riot", "2024-04", 8.8, 0.043093175, 375, 0.011},
		{"Riot", "2024-07", 15.5, 0.024597593, 370, 0.030},
		{"Riot", "2024-08", 14.5, 0.022491653, 322, 0.013},
		{"Riot", "2025-03", 30.3, 0.017585624, 533, 0.000},
		{"Riot", "2025-04", 29.3, 0.015785344, 463, -0.001},
		{"CleanSpark", "2024-09", 23.4, 0.021150508, 493, 0.004},
		{"CleanSpark", "2025-09", 45.6, 0.013806616, 629, 0.001},
	}
}

// TestProduction: eight published months against the network, to the tenth of a percent.
func TestProduction(t *testing.T) {
	t.Parallel()
	for _, c := range published() {
		p := period(t, c.month)
		g := gather(t, fmt.Sprintf("%s,%s,btc_produced,%v,BTC", c.company, c.month, c.btc), fmt.Sprintf("%s,%s,avg_operating_hashrate,%v,EH/s", c.company, c.month, c.hashrate))
		all := g.Production(market(t, network(p.First, p.Days(), 60_000, c.sum/float64(p.Days()))))
		if len(all) != 1 {
			t.Fatalf("%v", all)
		}
		if x := all[0]; !near(x.Expected, c.sum, 1e-6) || !near(x.Model, c.sum*c.hashrate*1000, 1e-6) || math.Abs(x.Off-c.off) > 0.0006 || !x.Within || x.Why != "" {
			t.Errorf("%s %s: %+v", c.company, c.month, x)
		}
	}
}

// TestProductionRefuses: what proves nothing is told as such, and what is off is told.
func TestProductionRefuses(t *testing.T) {
	t.Parallel()
	p := period(t, "2024-10")
	whole := network(p.First, 31, 60_000, 0.001)
	for sentence, c := range map[string]struct {
		m      peer.Market
		lines  []string
		why    string
		within bool
		n      int
	}{
		"a hashrate from production":  {market(t, whole), []string{"M,2024-10,btc_produced,717,BTC", "M,2024-10,realized_hashrate,32.43,EH/s"}, "circular", false, 1},
		"a day is missing":            {market(t, whole[:30]), []string{"M,2024-10,btc_produced,310,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "nothing was checked", false, 1},
		"no network":                  {peer.Market{}, []string{"M,2024-10,btc_produced,310,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "nothing was checked", false, 1},
		"nothing mined":               {market(t, whole), []string{"M,2024-10,btc_produced,0,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "nothing was produced", false, 1},
		"as it should be":             {market(t, whole), []string{"M,2024-10,btc_produced,310,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "", true, 1},
		"too little":                  {market(t, whole), []string{"M,2024-10,btc_produced,290,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "", false, 1},
		"too much":                    {market(t, whole), []string{"M,2024-10,btc_produced,330,BTC", "M,2024-10,avg_operating_hashrate,10,EH/s"}, "", false, 1},
		"no hashrate":                 {market(t, whole), []string{"M,2024-10,btc_produced,310,BTC"}, "", false, 0},
		"a hashrate of other periods": {market(t, whole), []string{"M,2024-10,btc_produced,310,BTC", "M,2024Q4,avg_operating_hashrate,10,EH/s"}, "", false, 0},
	} {
		all := gather(t, c.lines...).Production(c.m)
		if len(all) != c.n || c.n == 1 && (all[0].Within != c.within || !strings.Contains(all[0].Why, c.why) || (all[0].Why == "") != (c.why == "")) {
			t.Errorf("%s: %+v", sentence, all)
		}
	}
}

// alder is a company of round numbers over the 30 days of June 2025.
func alder() []string {
	return []string{
		"A,2025-06,avg_operating_hashrate,10,EH/s", "A,2025-06,operating_hashrate,12,EH/s", "A,2025-06,fleet_efficiency,20,J/TH", "A,2025-06,btc_produced,150,BTC", "A,2025-06,revenue:mining,15,USD_M",
		"A,2025-06,total_cost,18,USD_M", "A,2025-06,cash_cost_per_btc,80000,USD/BTC", "A,2025-06,power_gross,300,MW", "A,2025-06,power_critical,50,MW",
		"A,2025-06-30,cash,100,USD_M", "A,2025-06-30,debt,400,USD_M", "A,2025-06-30,btc_held,2000,BTC", "A,2025-06-30,shares,50,shares_M", "A,2025-06-30,share_price,12,USD/share",
	}
}

func june(tb rapid.TB) peer.Market {
	tb.Helper()
	return market(tb, network(period(tb, "2025-06").First, 30, 100_000, 0.0005))
}

// TestSides: every figure of a company of round numbers, worked by hand.
func TestSides(t *testing.T) {
	t.Parallel()
	s := sideOf(t, "2025-06", june(t), alder()...)
	ev := 50e6*12 + 400e6 - 100e6 - 2000*100_000.0
	want := map[string]float64{
		"avg_operating_hashrate": 10, "fleet_efficiency": 20, "btc_produced": 150,
		"hashprice_earned": 15e6 / (10_000 * 30), "hashprice_earned_btc": 150.0 / (10_000 * 30),
		"cash_cost_per_btc": 80_000, "all_in_cost_per_btc": 120_000, "energy_per_btc": 0.024 * 20 / 0.0005,
		"power_gross": 300, "power_critical": 50, "market_cap": 600e6, "debt": 400e6, "cash": 100e6, "btc_held": 2000,
		"ev": ev, "ev_per_gross_mw": ev / 300, "ev_per_critical_mw": ev / 50, "ev_per_ehs": ev / 12, "sat_per_share": 2000e8 / 50e6, "debt_per_btc": 200_000,
	}
	for _, c := range peer.Columns() {
		if f := s.Figure(c.Key); c.Told {
			continue // TestTold
		} else if !f.OK || !near(f.Value, want[c.Key], 1e-9) {
			t.Errorf("%s is %+v, want %v", c.Key, f, want[c.Key])
		}
		if c.Says == "" || c.Unit == "" || strings.Contains(c.Key, "_mw") && !strings.Contains(c.Unit, "gross") && !strings.Contains(c.Unit, "critical") {
			t.Errorf("%+v does not name its unit and base", c)
		}
	}
	if f := s.Figure("none"); f.OK {
		t.Error("a column that there is not")
	}
}

// TestTold: what is shown as it was told.
func TestTold(t *testing.T) {
	t.Parallel()
	s := sideOf(t, "2025Q2", peer.Market{}, "A,2025Q2,revenue,69.3,USD_M", "A,2025Q2,adjusted_ebitda,-19.6,USD_M", "A,2025Q2,gross_mining_margin,35,pct", "A,2025Q2,median_total_hashcost,44.8,USD/PH/day",
		"A,2025Q2,avg_hashprice,55,USD/PH/day", "A,2025Q2,all_in_power_cost,3.4,c/kWh", "A,2025Q2,total_power_credits,28.5,USD_M", "A,2025Q2,power_utilised,808,MW", "A,2025Q2,power_contracted,1.2,GW")
	want := map[string]float64{
		"revenue": 69.3e6, "adjusted_ebitda": -19.6e6, "gross_mining_margin": 0.35, "hashcost": 44.8, "hashprice_published": 55, "all_in_power_cost": 34,
		"total_power_credits": 28.5e6, "power_utilised": 808, "power_contracted": 1200,
	}
	for _, c := range peer.Columns() {
		if f := s.Figure(c.Key); c.Told != (want[c.Key] != 0) || c.Told && (!f.OK || !near(f.Value, want[c.Key], 1e-12)) {
			t.Errorf("%s: %+v, want %v", c.Key, f, want[c.Key])
		}
	}
}

// TestSidesOtherwise: one fact more or less, and what it does to a figure.
func TestSidesOtherwise(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time { return period(t, text).First }
	closed := func(on string, price float64) peer.Close {
		return peer.Close{Day: day(on), Ticker: "A", Price: price}
	}
	for sentence, c := range map[string]struct {
		without string // rows that begin so are left out
		more    []string
		closes  []peer.Close
		key     string
		want    float64 // 0: missing
		says    string
	}{
		"revenue from production":        {"A,2025-06,revenue", nil, nil, "hashprice_earned", 50, "its bitcoin at the mean price"},
		"no revenue, no production":      {"A,2025-06,r", []string{"A,2025-06,revenue,15,USD_M"}, nil, "hashprice_earned", 50, "mean price"},
		"published all-in cost":          {"", []string{"A,2025-06,cost_incl_depreciation_sbc,96100,USD/BTC"}, nil, "all_in_cost_per_btc", 96_100, ""},
		"no cost at all":                 {"A,2025-06,total_cost", nil, nil, "all_in_cost_per_btc", 0, "or total_cost with btc_produced"},
		"metered energy":                 {"", []string{"A,2025-06,energy_used,165,GWh"}, nil, "energy_per_btc", 1100, "at the meter"},
		"energy at the machines":         {"", nil, nil, "energy_per_btc", 960, "PUE 1"},
		"no debt told is not none":       {"A,2025-06-30,debt", nil, nil, "ev", 0, "debt is missing"},
		"no debt told, of a MW":          {"A,2025-06-30,debt", nil, nil, "ev_per_gross_mw", 0, "debt is missing"},
		"no debt":                        {"A,2025-06-30,debt", []string{"A,2025-06-30,debt,0,USD"}, nil, "ev", 300e6, ""},
		"no bitcoin":                     {"A,2025-06-30,btc", []string{"A,2025-06-30,btc_held,0,BTC"}, nil, "debt_per_btc", 0, "btc_held is nought"},
		"cash of the quarter before":     {"A,2025-06-30,cash", []string{"A,2025Q1,cash,60,USD_M"}, nil, "cash", 60e6, "cash of 2025Q1"},
		"cash of last year":              {"A,2025-06-30,cash", []string{"A,2024-12-01,cash,60,USD_M"}, nil, "cash", 0, "more than 190 days before"},
		"cash of later":                  {"A,2025-06-30,cash", []string{"A,2025-07-01,cash,60,USD_M"}, nil, "cash", 0, "cash is missing"},
		"a close counts more":            {"", nil, []peer.Close{closed("2025-06-30", 13)}, "market_cap", 650e6, ""},
		"a close of the Friday before":   {"", nil, []peer.Close{closed("2025-06-27", 14), closed("2025-07-01", 99)}, "market_cap", 700e6, "close of 2025-06-27"},
		"a close that is too old":        {"", nil, []peer.Close{closed("2025-06-20", 14)}, "market_cap", 600e6, "share_price as told"},
		"no price of the share":          {"A,2025-06-30,share_price", nil, []peer.Close{closed("2025-06-20", 14)}, "market_cap", 0, "price of the share"},
		"a ticker":                       {"", []string{"A,2025,ticker,EX,"}, []peer.Close{{Day: day("2025-06-30"), Ticker: "EX", Price: 10}}, "market_cap", 500e6, ""},
		"average where nothing operates": {"A,2025-06,operating", nil, nil, "ev_per_ehs", 70e6, "average operating hashrate"},
		"a derived hashrate":             {"A,2025-06,avg", []string{"A,2025-06,realized_hashrate,10,EH/s"}, nil, "hashprice_earned", 0, "derived from production"},
		"no critical MW":                 {"A,2025-06,power_critical", nil, nil, "ev_per_critical_mw", 0, "power_critical is missing"},
	} {
		lines := append([]string{}, c.more...)
		for _, l := range alder() {
			if c.without == "" || !strings.HasPrefix(l, c.without) {
				lines = append(lines, l)
			}
		}
		m := market(t, network(day("2025-06-01"), 30, 100_000, 0.0005), c.closes...)
		f := sideOf(t, "2025-06", m, lines...).Figure(c.key)
		if f.OK != (c.want != 0) || f.OK && !near(f.Value, c.want, 1e-9) || !strings.Contains(f.How+f.Why, c.says) || f.OK && f.Why != "" {
			t.Errorf("%s: %+v, want %v and %q", sentence, f, c.want, c.says)
		}
	}
}

// TestParts: a quarter is made of its months only where all are there.
func TestParts(t *testing.T) {
	t.Parallel()
	months := []string{
		"A,2025-04,btc_produced,100,BTC", "A,2025-05,btc_produced,110,BTC", "A,2025-06,btc_produced,120,BTC",
		"A,2025-04,avg_operating_hashrate,10,EH/s", "A,2025-05,avg_operating_hashrate,11,EH/s", "A,2025-06,avg_operating_hashrate,12,EH/s",
	}
	s := sideOf(t, "2025Q2", peer.Market{}, months...)
	if f := s.Figure("btc_produced"); f.Value != 330 || !strings.Contains(f.How, "is the sum of 3 parts") {
		t.Errorf("%+v", f)
	}
	if f := s.Figure("avg_operating_hashrate"); !near(f.Value, (30*10+31*11+30*12)/91.0, 1e-12) || !strings.Contains(f.How, "by their days") {
		t.Errorf("%+v", f)
	}
	s = sideOf(t, "2025Q2", peer.Market{}, months[0], months[2])
	if f := s.Figure("btc_produced"); f.OK || !strings.Contains(f.Why, "first 30 of 91 days only") {
		t.Errorf("%+v", f)
	}
	s = sideOf(t, "2025Q2", peer.Market{}, months[1], months[2])
	if f := s.Figure("btc_produced"); f.OK || !strings.Contains(f.Why, "is missing") {
		t.Errorf("%+v", f)
	}
	s = sideOf(t, "2025Q2", peer.Market{}, append(months, "A,2025Q2,btc_produced,333,BTC")...)
	if f := s.Figure("btc_produced"); f.Value != 333 || f.How != "" {
		t.Errorf("%+v", f)
	}
	s = sideOf(t, "2025H1", peer.Market{}, append(months, "A,2025Q1,btc_produced,300,BTC", "A,2025-01,btc_produced,1,BTC")...)
	if f := s.Figure("btc_produced"); f.Value != 630 {
		t.Errorf("%+v", f)
	}
	fleet := []string{"A,2025Q2,fleet_efficiency,20,J/TH", "A,2025-06,fleet_efficiency,19,J/TH", "A,2025H1,fleet_efficiency,21,J/TH"}
	for when, want := range map[string]float64{"2025Q2": 20, "2025-06": 19, "2025H1": 21, "2025-07": 19} {
		if f := sideOf(t, when, peer.Market{}, fleet...).Figure("fleet_efficiency"); f.Value != want {
			t.Errorf("%s: %+v, want %v", when, f, want)
		}
	}
	rate := sideOf(t, "2025Q2", peer.Market{}, "A,2025-04,cash_cost_per_btc,1000,USD/BTC", "A,2025-05,cash_cost_per_btc,1000,USD/BTC", "A,2025-06,cash_cost_per_btc,1000,USD/BTC")
	if f := rate.Figure("cash_cost_per_btc"); f.OK || rate.Empty() == false {
		t.Errorf("a rate was summed: %+v", f)
	}
}

// TestEVIdentity: EV with cash and bitcoin is market cap with debt, whatever they are.
func TestEVIdentity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		cash, debt, held, shares := draw("cash", 5000), draw("debt", 50_000), draw("held", 60_000), draw("shares", 2000)+1
		price, btc := draw("price", 400)+1, draw("btc", 200_000)+1000
		m := market(t, network(period(t, "2025-06").First, 30, float64(btc), 0.0005))
		s := sideOf(t, "2025-06", m, fmt.Sprintf("A,2025-06-30,cash,%d,USD_M", cash), fmt.Sprintf("A,2025-06-30,debt,%d,USD_M", debt), fmt.Sprintf("A,2025-06-30,btc_held,%d,BTC", held),
			fmt.Sprintf("A,2025-06-30,shares,%d,shares_M", shares), fmt.Sprintf("A,2025-06-30,share_price,%d,USD/share", price), "A,2025-06,power_gross,500,MW", "A,2025-06,power_critical,100,MW")
		ev := s.Figure("ev")
		left, right := ev.Value+float64(cash)*1e6+float64(held)*float64(btc), s.Figure("market_cap").Value+float64(debt)*1e6
		if !ev.OK || math.Abs(left-right) > 1e-6*right+1e-3 {
			t.Fatalf("%v and %v", left, right)
		}
		if a, b := s.Figure("ev_per_gross_mw").Value*500, s.Figure("ev_per_critical_mw").Value*100; math.Abs(a-b) > 1e-9*math.Abs(a)+1e-6 {
			t.Fatalf("EV of gross MW %v, of critical MW %v", a, b)
		}
	})
}

// TestKept: what holding brought against selling at the mean price.
func TestKept(t *testing.T) {
	t.Parallel()
	n := network(period(t, "2025-06").First, 30, 100_000, 0.0005)
	for i := 15; i < 30; i++ {
		n[i].Price = 120_000 * unit.Unit
	}
	m := market(t, n)
	g := gather(t, "A,2025-06,btc_produced,150,BTC", "A,2025-06,btc_sold,50,BTC", "A,2025-06,btc_sale_net_price,109000,USD/BTC",
		"B,2025-06,btc_produced,150,BTC", "B,2025-06,btc_sold,200,BTC", "C,2025-06,btc_produced,150,BTC", "D,2025-06,btc_sold,1,BTC")
	all := g.Kept(period(t, "2025-06"), m)
	if len(all) != 3 {
		t.Fatalf("%+v", all)
	}
	if a := all[0]; a.Kept != 100 || a.Price != 109_000 || !near(a.MeanPrice, 110_000, 1e-12) || a.LastPrice != 120_000 || !near(a.Gained, 1e6, 1e-9) || !near(a.AtMean, 11e6, 1e-9) {
		t.Errorf("%+v", a)
	}
	if b := all[1]; b.Kept != -50 || !near(b.Gained, -500_000, 1e-9) || b.Price != 0 {
		t.Errorf("%+v", b)
	}
	if c := all[2]; !strings.Contains(c.Why, "btc_sold of 2025-06 is missing") {
		t.Errorf("%+v", c)
	}
	if all := g.Kept(period(t, "2025-06"), peer.Market{}); !strings.Contains(all[0].Why, "network file") {
		t.Errorf("%+v", all[0])
	}
}

// TestContracts: a megawatt is a critical one in a rent, and named in a cost.
func TestContracts(t *testing.T) {
	t.Parallel()
	g := gather(t, "A,2024Q2,contract_power:cw,200,MW", "A,2024Q2,contract_revenue:cw,290,USD_M/yr", "A,2024Q2,contract_term:cw,12,yr", "B,2025Q2,contract_power:late,10,MW",
		"A,2025Q1,project_cost:w,128,USD_M", "A,2025Q1,project_power_gross:w,18,MW", "A,2025Q1,project_power_critical:w,14.4,MW", "B,2025Q1,project_cost:x,10,USD_M")
	c := g.Contracts(period(t, "2025Q1"))
	if len(c) != 1 || !near(c[0].PerMW.Value, 1.45e6, 1e-12) || !near(c[0].Whole.Value, 3.48e9, 1e-12) || c[0].Power.How != "told in 2024Q2" {
		t.Errorf("%+v", c)
	}
	if c = g.Contracts(period(t, "2025Q2")); len(c) != 2 || c[1].PerMW.OK || !strings.Contains(c[1].PerMW.Why, "contract_revenue:late is missing") || c[1].Whole.OK {
		t.Errorf("%+v", c)
	}
	told := gather(t, "A,2025Q1,capex_per_critical_mw:y,9,USD_M/MW", "A,2025Q1,project_power_critical:y,10,MW").Projects(period(t, "2025Q2"))
	if len(told) != 1 || told[0].PerCritical.Value != 9e6 || told[0].PerCritical.How != "as published; told in 2025Q1" || told[0].PerGross.OK {
		t.Errorf("%+v", told)
	}
	p := g.Projects(period(t, "2025Q1"))
	if len(p) != 2 || math.Abs(p[0].PerGross.Value/1e6-7.111) > 0.001 || math.Abs(p[0].PerCritical.Value/1e6-8.889) > 0.001 || p[1].PerGross.OK {
		t.Errorf("%+v", p)
	}
}
