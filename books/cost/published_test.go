package cost_test

import (
	"math"
	"testing"

	"sluice/books"
	"sluice/books/cost"
	"sluice/driver/history"
	"sluice/internal/beside"
	"sluice/unit"
	"sluice/use/mining"
)

func near(got, want, by float64) bool { return math.Abs(got-want) <= by }

// The third quarter of 2025: what one PH/s earned in a day and what a bitcoin was
// worth, both as means over the quarter.
const (
	yield     = 0.000489349 // BTC
	meanPrice = 114_411     // USD
)

// published is a figure that somebody published, with what follows from it.
//
// Sources: TheMinerMag, third quarter of 2025; Bitfarms, third quarter of 2025.
type published struct {
	perBTC, hashcost float64 // USD by bitcoin, USD by PH/s and day
	earned           float64 // BTC
	spent            float64 // million USD
	days, fleet      float64 // EH/s
}

func (p published) petahashDays() float64 { return p.earned / yield }

// state is the statement of who published: so much was spent in cash, by so much
// work, for so many coins.
func (p published) state(t *testing.T) cost.Statement {
	t.Helper()
	s, err := cost.PerBitcoin(cost.Input{
		Chart: books.Standard("Firm", "USD", "UTC"), Earned: unit.Satoshi(p.earned * 1e8), Work: unit.Work(p.petahashDays() * 86_400 * 1e6),
		Balances: []books.Balance{balance(books.Overhead, "", "mining", unit.Amount(p.perBTC*p.earned)*dollar)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPublished: hashcost is the cost of a bitcoin times what a PH/s earned, for
// the figures that were published, out of the same code.
func TestPublished(t *testing.T) {
	t.Parallel()
	for who, p := range map[string]published{
		"median, low end":  {perBTC: 89_900, hashcost: 44, earned: 1000},
		"median, high end": {perBTC: 91_600, hashcost: 44.8, earned: 1000},
		"Bitfarms":         {perBTC: 82_400, hashcost: 40.3, earned: 520, spent: 42.8, days: 92, fleet: 11.55},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			cash := p.state(t).Levels[books.CashCost-1]
			if !near(cash.PerBTC.Float(), p.perBTC, 1) || !near(cash.Hashcost.Float(), p.hashcost, 0.06) {
				t.Errorf("%v by bitcoin, %v by PH/s and day", cash.PerBTC.Float(), cash.Hashcost.Float())
			}
			if p.days > 0 && (!near(cash.Gross.Float()/1e6, p.spent, 0.05) || !near(p.petahashDays()/p.days/1000, p.fleet, 0.01)) {
				t.Errorf("%v million, a fleet of %v EH/s", cash.Gross.Float()/1e6, p.petahashDays()/p.days/1000)
			}
		})
	}
	// 44.8 USD by PH/s and day at that yield, to the cent.
	if got := 44.8 / yield; !near(got, 91_550.20, 0.01) {
		t.Errorf("the high end is %v by bitcoin", got)
	}
}

// TestPublishedMargin: a bitcoin that cost 82,400 in cash and was worth 114,411 left
// 32,000, and 17.6 % at a price of 100,000. The company lost money all the same: all
// that it spent, 69.3 million of revenue and 46.3 million of loss, is 222,000 by
// bitcoin, and no more than a ceiling, since it is not all of mining.
//
// Source: Bitfarms, third quarter of 2025.
func TestPublishedMargin(t *testing.T) {
	t.Parallel()
	cash := published{perBTC: 82_400, earned: 520}.state(t).Levels[books.CashCost-1].PerBTC.Float()
	if left := meanPrice - cash; !near(left, 32_000, 50) || !near(left*520/1e6, 16.6, 0.05) || !near(left/meanPrice, 0.28, 0.001) {
		t.Errorf("%v were left by bitcoin, %v million, %v of the price", left, left*520/1e6, left/meanPrice)
	}
	if left := (100_000 - cash) / 100_000; !near(left, 0.176, 0.0001) {
		t.Errorf("at 100,000 %v of the price were left", left)
	}
	full := published{perBTC: (69.3 + 46.3) * 1e6 / 520, earned: 520}.state(t).Levels[books.FullyLoaded-1]
	if !near(full.PerBTC.Float(), 222_000, 500) || full.PerBTC.Float() < cash {
		t.Errorf("fully loaded %v by bitcoin", full.PerBTC.Float())
	}
}

// TestPublishedLevels: with depreciation and what is paid in shares the listed
// miners spent far more by bitcoin than in cash. The same books say both.
//
// Source: CoinShares, averages of listed miners.
func TestPublishedLevels(t *testing.T) {
	t.Parallel()
	for quarter, c := range map[string]struct{ cash, full unit.Amount }{
		"second of 2024": {49_500, 96_100}, "third of 2024": {55_950, 106_000}, "fourth of 2024": {82_162, 137_018},
	} {
		s, err := cost.PerBitcoin(cost.Input{
			Chart: books.Standard("Firm", "USD", "UTC"), Earned: 1_000 * unit.Bitcoin,
			Balances: []books.Balance{
				balance(books.PowerEnergy, "", "mining", c.cash*1_000*dollar),
				balance("Expenses:ShareBasedCompensation", "", "mining", (c.full-c.cash)*300*dollar),
				balance(books.Depreciation, "", "mining", (c.full-c.cash)*700*dollar),
			},
		})
		if err != nil || s.Levels[2].PerBTC != c.cash*dollar || s.Levels[3].PerBTC != c.full*dollar {
			t.Errorf("%s: %+v, %v", quarter, s.Levels, err)
		}
	}
}

// TestPublishedProduction: what a fleet of the published size earned by the month's
// yield is what the company says that it produced, within 3.5 %: fees are of
// another window, and the fleet is as the company counts it.
//
// Source: monthly updates of Riot and CleanSpark.
func TestPublishedProduction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		who          string
		fleet, yield float64 // EH/s; sum over the days of the month of BTC by PH/s
		model, said  float64 // BTC
	}{
		{"Riot, August 2023", 4.5, 0.074628144, 335.8, 333},
		{"Riot, April 2024", 8.8, 0.043093175, 379.2, 375},
		{"Riot, July 2024", 15.5, 0.024597593, 381.3, 370},
		{"Riot, August 2024", 14.5, 0.022491653, 326.1, 322},
		{"Riot, March 2025", 30.3, 0.017585624, 532.8, 533},
		{"Riot, April 2025", 29.3, 0.015785344, 462.5, 463},
		{"CleanSpark, September 2024", 23.4, 0.021150508, 494.9, 493},
		{"CleanSpark, September 2025", 45.6, 0.013806616, 629.6, 629},
	} {
		month := unit.HashYield(math.Round(c.yield * 1000 * 1e8)) // as if all were found in one day
		day := unit.Work(c.fleet * 1e9 * 86_400)
		got := month.Of(day).BTC()
		if !near(got, c.model, 0.06) || !near(got/c.said, 1, 0.035) {
			t.Errorf("%s: %v BTC, the model %v, published %v", c.who, got, c.model, c.said)
		}
	}
}

// TestPublishedYield: the quarter and the months of the tests above, out of a history
// of every day: 55.98 USD by PH/s and day on average where "about 55" was published,
// 35.29 at the lowest of November 2025 where "about 35" was.
//
// Sources: the chain, and prices by day; TheMinerMag.
func TestPublishedYield(t *testing.T) {
	t.Parallel()
	days, _, err := history.ReadBitcoin(beside.Open(t, "data", "btc_daily.csv"), "btc.csv", "USD")
	if err != nil {
		t.Fatal(err)
	}
	var price, hashprice, quarter, n float64
	lowest, months := math.Inf(1), map[string]float64{}
	for _, d := range days {
		one := float64(d.Yield()) / 1000 / 1e8 // of a PH/s; a yield is satoshi of an EH/s
		months[d.Day.Format("2006-01")] += one
		switch month := d.Day.Format("2006-01"); {
		case month >= "2025-07" && month <= "2025-09":
			price, hashprice, quarter, n = price+d.Price.Float(), hashprice+d.Hashprice().Float(), quarter+one, n+1
		case month == "2025-11":
			lowest = min(lowest, d.Hashprice().Float())
		}
	}
	if n != 92 || !near(quarter/n, yield, 1e-9) || !near(price/n, meanPrice, 1) || !near(hashprice/n, 55.98, 0.01) || !near(lowest, 35.29, 0.01) {
		t.Errorf("%v days: %v BTC, %v USD, hashprice %v, at the lowest %v", n, quarter/n, price/n, hashprice/n, lowest)
	}
	for month, want := range map[string]float64{
		"2023-08": 0.074628144, "2024-04": 0.043093175, "2024-07": 0.024597593, "2024-08": 0.022491653,
		"2025-03": 0.017585624, "2025-04": 0.015785344, "2024-09": 0.021150508, "2025-09": 0.013806616,
	} {
		if !near(months[month], want, 2e-8) {
			t.Errorf("%s: a PH/s earned %v, want %v", month, months[month], want)
		}
	}
}

// TestPublishedEnergy: a bitcoin took 883 MWh at 18 J/TH in that quarter, and 35 USD
// by PH/s and day pay 83.33 USD/MWh at 17.5 J/TH.
func TestPublishedEnergy(t *testing.T) {
	t.Parallel()
	petahashDays := 1 / yield
	drawn := unit.Energy(math.Round(18 * petahashDays * 1000 * 86_400)) // J/TH by TH
	if !near(drawn.MWh(), 882.8055, 0.001) {
		t.Errorf("a bitcoin took %v MWh", drawn.MWh())
	}
	if p, ok := cost.Margin(unit.Amount(math.Round(35*petahashDays*1e6)), unit.Energy(math.Round(17.5*petahashDays*1000*86_400))); !ok || !near(p.Float(), 83.3333, 0.0001) {
		t.Errorf("hashing pays %v", p)
	}
	if p := mining.BreakEven(35*1e6, 17_500, 0, 0, unit.One); !near(p.Float(), 83.3333, 0.0001) {
		t.Errorf("breaks even at %v", p)
	}
}
