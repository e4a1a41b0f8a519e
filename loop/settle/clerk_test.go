package settle

import (
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/asset"
	"sluice/loop/cycle"
	"sluice/power"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// chicago is behind UTC, so that no day of it is one of UTC.
func chicago(tb testing.TB) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// owner is a company with a bank, a pool and a wallet.
func owner(tb testing.TB) Company {
	tb.Helper()
	c := Company{
		Zone: chicago(tb), Bank: books.Bank("main"), Pool: books.Pool("p"), Wallet: books.Wallet("w"), Utility: books.Vendor("grid"),
		Capital: 1000 * unit.Unit, Policy: "close-1", Sale: Hold, Payouts: Daily,
	}
	c.Chart = books.Standard("Test LLC", "USD", "America/Chicago").
		With(c.Bank, c.Pool, c.Wallet, c.Utility, books.FairValue(c.Pool), books.FairValue(c.Wallet), books.Vendor("operation"))
	return c
}

func place(tb testing.TB) Site {
	tb.Helper()
	return Site{Name: "test", Zone: chicago(tb), Models: map[string]string{"mining/a": "S21", "mining/b": "S21", "mining/c": "S19"}, Prices: "test", Replayed: true}
}

// morning begins a day at the site.
func morning(tb testing.TB, day int) time.Time {
	tb.Helper()
	return time.Date(2025, 1, day, 0, 0, 0, 0, chicago(tb))
}

// oneDay is a day in which two groups of one model and one of another ran.
func oneDay(tb testing.TB, day int, plan cycle.Expected) Day {
	tb.Helper()
	from := morning(tb, day)
	y := Diary{Zone: chicago(tb)}
	d := cycle.Delivery{Head: cycle.Head{At: from}, Length: 24 * time.Hour, Import: 10 * mwh, Uses: []cycle.UseDelivery{
		{Use: "mining/a", Meter: 3 * mwh}, {Use: "mining/b", Meter: 3 * mwh}, {Use: "mining/c", Meter: 2 * mwh},
	}}
	e := entry{cycle.Entry{Currency: "USD", Bitcoin: 100_000 * unit.Unit}}
	if err := e.power(d, 400*unit.Unit); err != nil {
		tb.Fatal(err)
	}
	for _, use := range []string{"mining/a", "mining/b", "mining/c"} {
		e.Coins = append(e.Coins, cycle.Coins{Use: use, Mined: 1_000_000, Fee: 10_000})
		e.add("Equity:Conversion:USD", use, 1000*unit.Unit)
		e.add(books.PoolFee, use, 10*unit.Unit)
		e.add(books.MiningSubsidy, use, -1010*unit.Unit)
		e.add(books.SitesOwn, use, 3*unit.Unit)
		e.add(RunOwed, use, -3*unit.Unit)
	}
	y.Add(plan, d, e.Entry)
	return y.Days[0]
}

// TestDay: a day is booked by model, and what its plan expected is settled.
func TestDay(t *testing.T) {
	t.Parallel()
	c := NewClerk(owner(t), place(t), Standing{})
	if err := c.Open(morning(t, 2)); err != nil {
		t.Fatal(err)
	}
	d := oneDay(t, 2, cycle.Expected{Power: 390 * unit.Unit, Worth: 2900 * unit.Unit})
	if err := c.Day(d, "papers"); err != nil {
		t.Fatal(err)
	}
	if err := c.Day(oneDay(t, 3, cycle.Expected{}), "papers"); err != nil {
		t.Fatal(err)
	}
	j := c.Journal()
	var kinds []string
	for _, x := range j.Transactions {
		kinds = append(kinds, x.Kind)
	}
	if got := strings.Join(kinds, ", "); got != "capital, plan of the day, pool credit, running cost, power metered, transfer of bitcoin, pool credit, running cost, power metered" {
		t.Fatalf("booked %s", got)
	}
	planned, credit, metered := j.Transactions[1], j.Transactions[2], j.Transactions[4]
	if planned.Standing != books.Pending || metered.Settles != planned.ID || j.Transactions[8].Settles != "" {
		t.Errorf("%s is settled by %q", planned.ID, metered.Settles)
	}
	if credit.Evidence == (books.Hash{}) || credit.Evidence != metered.Evidence || planned.Evidence == credit.Evidence {
		t.Error("what a day is booked from is not its evidence")
	}
	coins := map[string]int64{}
	for _, l := range credit.Lines {
		if l.Account == books.Conversion(books.Bitcoin) {
			coins[l.Tags.Model] -= l.Amount
		}
	}
	if len(coins) != 2 || coins["S21"] != 2_000_000 || coins["S19"] != 1_000_000 {
		t.Errorf("coins by model: %v", coins)
	}
	cost := map[string]int64{}
	for _, l := range metered.Lines {
		if l.Account == books.PowerEnergy {
			cost[l.Tags.Model] += l.Amount
		}
	}
	if cost["S21"] != 240e6 || cost["S19"] != 80e6 || cost[""] != 80e6 || len(metered.Lines) != 4 {
		t.Errorf("power by model: %v in %d lines", cost, len(metered.Lines))
	}
	if len(j.Days) != 2 || j.Days[0].Import != 10*mwh || len(j.Prices) != 2 {
		t.Errorf("papers %+v, prices %+v", j.Days, j.Prices)
	}
}

// TestNothingDelivered: a plan of which nothing came is void.
func TestNothingDelivered(t *testing.T) {
	t.Parallel()
	c := NewClerk(owner(t), place(t), Standing{})
	d := Day{From: morning(t, 2), To: morning(t, 3), Plan: cycle.Expected{Power: unit.Unit}}
	if err := c.Day(d, "papers"); err != nil {
		t.Fatal(err)
	}
	j := c.Journal()
	if n := len(j.Transactions); n != 2 || j.Transactions[1].Standing != books.Void || j.Transactions[1].Settles != j.Transactions[0].ID {
		t.Errorf("%+v", j.Transactions)
	}
}

// TestMonthDividesWhatIsShared: a charge of the whole site goes to its uses by what
// they drew, to the millionth, and a bill that the days do not come to is refused.
func TestMonthDividesWhatIsShared(t *testing.T) {
	t.Parallel()
	line := func(k power.LineKind, amount unit.Amount) power.Line { return power.Line{Kind: k, Amount: amount} }
	for sentence, x := range map[string]struct {
		bill []power.Line
		says string
	}{
		"as accrued":       {[]power.Line{line(power.LineSpot, -450*unit.Unit), line(power.LineExport, 50*unit.Unit), line(power.LineDemand, -100*unit.Unit-1)}, ""},
		"a day is missing": {[]power.Line{line(power.LineSpot, -801*unit.Unit)}, "a day of the month is not booked"},
	} {
		c := NewClerk(owner(t), place(t), Standing{})
		if err := c.Day(oneDay(t, 2, cycle.Expected{}), "papers"); err != nil {
			t.Fatal(err)
		}
		c.Journal()
		err := c.Month(Month{From: morning(t, 1), To: morning(t, 32), Bill: x.bill, Bitcoin: 101_000 * unit.Unit})
		if x.says != "" {
			if err == nil || !strings.Contains(err.Error(), x.says) {
				t.Errorf("%s: %v", sentence, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]int64{}
		for _, b := range c.Journal().Transactions {
			for _, l := range b.Lines {
				sums[l.Account+" "+l.Tags.Model] += l.Amount
			}
		}
		if a, b := sums[books.PowerDemand+" S21"], sums[books.PowerDemand+" S19"]; a+b != 100e6+1 || a != 75_000_001 {
			t.Errorf("%s: demand %d and %d", sentence, a, b)
		}
		if got := sums[books.ExportedEnergy+" S21"]; got != -37_500_000 {
			t.Errorf("%s: sold power of S21 %d", sentence, got)
		}
		if got := sums["Assets:Bank:Main "]; got != -509e6-1 { // power, and the running of the machines
			t.Errorf("%s: the bank paid %d", sentence, got)
		}
	}
}

// TestAssetsComeIntoService: what is in service when the books begin is owned, what
// comes later is bought in its month, and that of another site is left to it.
func TestAssetsComeIntoService(t *testing.T) {
	t.Parallel()
	o := owner(t)
	buy := func(name, site string, month time.Month) asset.Asset {
		return asset.Asset{
			Name: name, Account: "Assets:PPE:ASIC", Cost: 1200 * unit.Unit, Service: time.Date(2025, month, 15, 0, 0, 0, 0, chicago(t)), Life: 1,
			Method: asset.StraightLine, Tags: books.Tags{Site: site},
		}
	}
	o.Assets = []asset.Asset{buy("old", "test", 0), buy("new", "test", 1), buy("later", "test", 3), buy("other", "elsewhere", 1)}
	c := NewClerk(o, place(t), Standing{})
	if err := c.Open(morning(t, 1)); err != nil {
		t.Fatal(err)
	}
	if err := c.Month(Month{From: morning(t, 1), To: morning(t, 32), Bitcoin: 100_000 * unit.Unit}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range c.Journal().Transactions {
		got = append(got, strings.TrimSpace(x.Kind+" "+x.Narration))
	}
	if want := "capital, asset owned old, wear so far old, depreciation old, asset bought new, depreciation new"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

// TestWithin: what happens at a site in another zone is booked on the same date at
// the company.
func TestWithin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Los_Angeles", "America/New_York", "Australia/Sydney", "Europe/Stockholm"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		s := place(t)
		s.Zone = zone
		c := NewClerk(owner(t), s, Standing{})
		for at := range series.DayOf(time.Date(2025, 3, 9, 12, 0, 0, 0, zone), zone).Length / time.Hour {
			when := time.Date(2025, 3, 9, int(at), 0, 0, 0, zone)
			if got := c.within(when); got.In(chicago(t)).Format(time.DateOnly) != when.Format(time.DateOnly) {
				t.Errorf("%s is booked on %s", when, got.In(chicago(t)))
			}
		}
	}
}

// TestExpect: what a plan expects of the rest of the day, interval by interval.
func TestExpect(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	price := func(p ...int64) series.Profile[unit.Price] {
		var out series.Profile[unit.Price]
		for _, x := range p {
			out = append(out, unit.Price(x)*unit.PerMWh)
		}
		return out
	}
	p := cycle.Plan{
		Mesh:    series.Mesh{Start: at, Lengths: []time.Duration{hour, hour, 2 * hour}},
		Charges: power.Charges{Import: price(1), Export: price(0)},
		Offers: []power.Offer{
			{Source: "spot", Price: price(40, 50, 60)},
			{Source: "ppa", Price: price(0), Sunk: true, Paid: 30 * unit.PerMWh, Max: series.Profile[unit.Power]{2 * mw}, SellBack: price(35)},
		},
		Supply: []cycle.SupplyPlan{
			{Power: []unit.Power{mw, 0, mw}},
			{Power: []unit.Power{mw, 2 * mw, 2 * mw}, Sold: []unit.Power{mw, 0, 0}},
		},
		Bids: []use.Bid{
			{Use: "mining/a", Steps: []use.Step{{Power: mw, Worth: price(100)}, {Power: 2 * mw, Worth: price(70)}}},
			{Use: "export/x", Feed: true, Steps: []use.Step{{Power: mw, Worth: price(20)}}},
		},
		Uses: []cycle.UsePlan{{Draw: []unit.Power{2 * mw, mw, mw}}, {Draw: []unit.Power{0, mw, 0}}},
	}
	// First hour: spot 41, import of the block 1, block 60, sold 35. Second: block
	// 60, its import 2, fed in 20. One hour of the third: spot 61, block 60 and 2.
	want := cycle.Expected{Until: at.Add(3 * hour), Power: (41 + 1 + 60 - 35 + 60 + 2 - 20 + 61 + 60 + 2) * unit.Unit, Worth: (170 + 100 + 100) * unit.Unit}
	if got := Expect(p, at.Add(3*hour)); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
