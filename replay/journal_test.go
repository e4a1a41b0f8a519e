package replay

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/export"
	"sluice/books/statement"
	"sluice/driver/entityfile"
	"sluice/loop/settle"
	"sluice/replay/report"
	"sluice/unit"
)

// booked replays a site and returns its books beside the report's figures.
func booked(t *testing.T, from, to string, change func(*settle.Company)) (j settle.Journal, c books.Chart, r report.Policy) {
	t.Helper()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	o := options(t, 2)
	o.Entity, o.Books = f, func(x settle.Journal) error { j = x; return nil }
	all := replayed(t, texan(t, from, to), o)
	i := slices.IndexFunc(all.Policies, func(p report.Policy) bool { return p.ID == report.Sluice })
	return j, f.Chart, all.Policies[i]
}

// TestBooksOfAReplay: what the report says was earned, the books say, and every
// statement ties to the others and to the lots.
func TestBooksOfAReplay(t *testing.T) {
	t.Parallel()
	j, chart, policy := booked(t, "2025-03-30", "2025-04-03", func(*settle.Company) {})
	balances, err := books.Tally(j.Transactions)
	if err != nil {
		t.Fatal(err)
	}
	var held books.Holdings
	for _, x := range j.Transactions {
		if err := held.Apply(chart, x); err != nil {
			t.Fatal(err)
		}
	}
	in, err := statement.ProfitAndLoss(chart, balances)
	if err != nil {
		t.Fatal(err)
	}
	operating := unit.Amount(0) // what the replay knows of: power, coins as they were earned, running cost
	for _, r := range in.Income {
		if !strings.HasPrefix(r.Account.Name, "Income:Gain:") {
			operating += r.Amount
		}
	}
	for _, r := range in.Expenses {
		if strings.HasPrefix(r.Account.Name, "Expenses:Power:") || r.Account.Name == books.SitesOwn {
			operating -= r.Amount
		}
	}
	fee := slices.IndexFunc(in.Income, func(r statement.Row) bool { return r.Account.Name == books.PoolFee })
	if fee < 0 || in.Income[fee].Amount >= 0 {
		t.Errorf("the pool took no fee: %+v", in.Income)
	}
	if operating != policy.Net {
		t.Errorf("the books say %v, the report %v", operating, policy.Net)
	}
	if got := cost.Earned(j.Transactions); got != policy.Bitcoin {
		t.Errorf("the books earned %d, the report %d", got, policy.Bitcoin)
	}
	sheet, err := statement.BalanceSheet(chart, balances, &held)
	if err != nil || sheet.Earned != in.Net {
		t.Errorf("%+v, %v", sheet, err)
	}
	if _, err := statement.CashFlow(chart, nil, balances, j.Transactions); err != nil {
		t.Error(err)
	}
	s, err := cost.PerBitcoin(cost.Input{Chart: chart, Balances: balances, Earned: policy.Bitcoin, Keys: []cost.Key{{Name: "all", Shares: map[string]int64{cost.Mining: 1}}}})
	if err != nil || s.Levels[0].Gross <= 0 || s.Levels[3].Gross <= s.Levels[2].Gross || len(s.Left) > 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestBooksAgain: the same replay makes the same books, and one in which all coins
// are kept holds them.
func TestBooksAgain(t *testing.T) {
	t.Parallel()
	one, chart, policy := booked(t, "2025-03-30", "2025-04-03", func(f *settle.Company) { f.Sale = settle.Hold })
	two, _, _ := booked(t, "2025-03-30", "2025-04-03", func(f *settle.Company) { f.Sale = settle.Hold })
	if len(one.Transactions) != len(two.Transactions) {
		t.Fatal("two runs wrote other books")
	}
	var held books.Holdings
	for i, x := range one.Transactions {
		if x.Input() != two.Transactions[i].Input() {
			t.Fatalf("transaction %d differs: %+v and %+v", i, x, two.Transactions[i])
		}
		if err := held.Apply(chart, x); err != nil {
			t.Fatal(err)
		}
	}
	if q, _ := held.Total(""); q != policy.Bitcoin {
		t.Errorf("holds %d, mined %d", q, policy.Bitcoin)
	}
	zone, _ := time.LoadLocation(chart.Zone)
	closing, err := export.Balances(nil, one.Transactions)
	if err != nil {
		t.Fatal(err)
	}
	p := export.Period{
		Chart: chart, Zone: zone, From: time.Date(2025, 3, 30, 0, 0, 0, 0, zone), To: time.Date(2025, 4, 3, 0, 0, 0, 0, zone),
		Transactions: slices.DeleteFunc(one.Transactions, func(t books.Transaction) bool { return t.Standing != books.Posted }),
		Closing:      closing, Prices: one.Prices,
	}
	var b bytes.Buffer
	if err := export.Hledger(&b, p); err != nil || b.Len() < 2000 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// TestBooksRefused: an entity of another currency is refused with a reason.
func TestBooksRefused(t *testing.T) {
	t.Parallel()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	f.Chart.Currency = "EUR"
	o := options(t, 1)
	o.Entity, o.Books = f, func(settle.Journal) error { t.Error("books were written"); return nil }
	if _, err := Run(t.Context(), texan(t, "2025-04-01T00:00", "2025-04-01T06:00"), o); err == nil || !strings.Contains(err.Error(), "in that currency") {
		t.Errorf("%v", err)
	}
}
