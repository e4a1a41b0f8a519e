package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/books"
	coins "sluice/books/lot"
	"sluice/books/statement"
	"sluice/live/accountant"
	"sluice/store/ledger"
	"sluice/unit"
)

// firm is small books of the end of 2024, kept in a folder.
type firm struct {
	t     *testing.T
	dir   string
	chart books.Chart
}

// newFirm is a company that mined for four days around the end of November 2024,
// with the papers and prices of those days.
func newFirm(t *testing.T) *firm {
	t.Helper()
	pool := books.Pool("pool")
	f := &firm{t: t, dir: filepath.Join(t.TempDir(), "books")}
	f.chart = books.Standard("Firm", "USD", "America/Chicago").With(books.Bank("main"), pool, books.FairValue(pool))
	zone, err := time.LoadLocation(f.chart.Zone)
	if err != nil {
		t.Fatal(err)
	}
	b := ledger.Batch{Entity: "Firm"}
	for n := range 4 {
		f.day(&b, pool, time.Date(2024, 11, 29+n, 0, 0, 0, 0, zone))
	}
	b.Papers = append(b.Papers, ledger.Paper{Kind: accountant.PaperCompany, Name: "Firm", Body: []byte(companyYAML)})
	f.keep(func(s *ledger.Store) error {
		if _, err := s.OpenEntity(t.Context(), f.chart); err != nil {
			return err
		}
		_, err := s.Book(t.Context(), b)
		return err
	})
	return f
}

const companyYAML = `entity: Firm
currency: USD
time_zone: America/Chicago
bank: main
pool: pool
wallet: treasury
utility: retailer
price_policy: "1"
sell: none
keys:
  - name: heads
    account: Expenses:Corporate
    shares: { mining: 3, hosting: 1 }
`

// day is what is booked of a day, what it is booked from, and a price.
func (f *firm) day(b *ledger.Batch, pool string, begin time.Time) {
	f.t.Helper()
	name, last := begin.Format(time.DateOnly), begin.AddDate(0, 0, 1).Add(-time.Second)
	d := statement.Day{Day: name, Site: "houston", Import: 20 * unit.MegawattHour, Uses: []statement.Use{
		{Use: "mining/hall", Model: "S21", IT: 15 * unit.MegawattHour, Meter: 16 * unit.MegawattHour, Work: 80_000_000_000, Mined: 5_000_000},
	}}
	body, err := d.Canonical()
	if err != nil {
		f.t.Fatal(err)
	}
	price := books.Price{Asset: books.Bitcoin, Quote: "USD", At: begin, Value: unit.Amount(90_000+begin.Day()) * unit.Unit, Source: "test", Policy: "1"}
	worth, err := price.Of(5_000_000)
	if err != nil {
		f.t.Fatal(err)
	}
	tags := books.Tags{Site: "houston", Use: "mining", Model: "S21"}
	e := coins.Event{
		ID: "credit-" + name, Entity: "Firm", Currency: "USD", At: last, Booked: last, Source: "test",
		Evidence: ledger.Paper{Body: body}.Hash(), Tags: tags,
	}
	credit, err := coins.Earn(e, coins.Earning{Account: pool, Lot: name, Quantity: 5_000_000, Subsidy: worth})
	if err != nil {
		f.t.Fatal(err)
	}
	power := f.booking("power-"+name, last, move{books.AccruedPower, books.PowerEnergy, 640}, tags)
	power.Kind, power.Evidence = "power metered", e.Evidence
	b.Transactions = append(b.Transactions, credit, power, f.booking("heads-"+name, last, move{books.Bank("main"), books.Overhead, 400}, books.Tags{}))
	b.Papers = append(b.Papers, ledger.Paper{Kind: accountant.PaperDay, Name: name, Body: body}, ledger.Paper{Kind: accountant.PaperPrice, Name: price.Name(), Body: price.Canonical()})
}

// move is dollars that go from one account to another.
type move struct {
	from, to string
	dollars  unit.Amount
}

func (f *firm) booking(id string, at time.Time, m move, tags books.Tags) books.Transaction {
	return books.Transaction{ID: id, Entity: "Firm", Kind: "booking", Standing: books.Posted, At: at, Booked: at, Source: "test", Lines: []books.Line{
		{Account: m.to, Amount: int64(m.dollars * unit.Unit), Tags: tags}, {Account: m.from, Amount: -int64(m.dollars * unit.Unit), Tags: tags},
	}}
}

func (f *firm) keep(do func(*ledger.Store) error) {
	f.t.Helper()
	s, err := ledger.Open(f.t.Context(), ledger.Config{Directory: f.dir})
	if err == nil {
		err = do(s)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.t.Fatal(err)
	}
}

func (f *firm) post(x books.Transaction) {
	f.t.Helper()
	f.keep(func(s *ledger.Store) error {
		_, err := s.Post(f.t.Context(), x)
		return err
	})
}

// call runs a command on the books and wants its exit code and a text in what it says.
func (f *firm) call(code int, want string, args ...string) string {
	f.t.Helper()
	got, said, errs := call(f.t, append([]string{"ledger", args[0], "--books", f.dir}, args[1:]...)...)
	if all := said + errs; got != code || !strings.Contains(all, want) {
		f.t.Fatalf("%v: %d, want %d and %q:\n%s", args, got, code, want, all)
	}
	return said
}

func (f *firm) report(args ...string) (r reportJSON) {
	f.t.Helper()
	said := f.call(exitOK, "", append([]string{"report", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(said), &r); err != nil {
		f.t.Fatal(err)
	}
	return r
}

// earned is what of a report a closing must not change.
func earned(said string) string {
	from, to := strings.Index(said, "Profit and loss"), strings.Index(said, "Balance sheet")
	return said[from:to] + said[strings.Index(said, "Cash flow"):]
}

func needPrograms(t *testing.T) {
	t.Helper()
	for _, p := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("SKIPPED: %s is missing, so no year was closed (make debian installs it)", p)
		}
	}
}

// TestLedgerYearEnd goes from open books to a closed year, says no where it must,
// closes again after an adjustment, and every report of the year stays as it was.
func TestLedgerYearEnd(t *testing.T) {
	t.Parallel()
	needPrograms(t)
	f := newFirm(t)
	year := []string{"close", "--period", "2024", "--year-end", "--by", "anna"}
	at := time.Date(2024, 12, 2, 12, 0, 0, 0, time.UTC)
	plan := f.booking("plan", at, move{books.AccruedPower, books.PowerEnergy, 77}, books.Tags{Site: "houston"})
	plan.Standing = books.Pending
	f.post(plan)
	f.call(exitOK, "Set aside, not yet delivered", "report", "--period", "2024")
	f.call(exitBadInput, "1 transactions are pending, the first plan of 2024-12-02", year...)
	f.post(books.Transaction{ID: "given-up", Entity: "Firm", Kind: "nothing delivered", Standing: books.Void, At: at, Booked: at, Settles: "plan"})
	f.call(exitBadInput, "is no fiscal year", "close", "--period", "2024-12", "--year-end", "--by", "anna")
	f.call(exitBadInput, "it ends on 2999-12-31 only", "close", "--period", "2999", "--year-end", "--by", "anna")
	f.call(exitBadInput, "close the year before first", "close", "--period", "2025", "--year-end", "--by", "anna")
	before := f.call(exitOK, "", "report", "--period", "2024", "--by", "site", "--cost-by", "model")
	f.call(exitOK, "locked", "close", "--period", "2024-11", "--by", "anna")
	f.call(exitOK, "profit of the year into Equity:RetainedEarnings: 13,843.10", year...)
	f.call(exitOK, "the year stood closed and locked: nothing was booked", year...)
	after := f.call(exitOK, "", "report", "--period", "2024", "--by", "site", "--cost-by", "model")
	if earned(before) != earned(after) {
		t.Errorf("the closing changed what the year earned:\n%s\n%s", before, after)
	}
	if r := f.report("--period", "2024"); r.Sheet.Earned != "0.000000" || r.Income.Net != "13843.100000" {
		t.Errorf("still open %s, earned %s", r.Sheet.Earned, r.Income.Net)
	}
	f.call(exitOK, "taken back", "unlock", "--number", "2", "--by", "anna", "--and", "ben", "--reason", "audit")
	f.post(f.booking("audit", at, move{books.Bank("main"), books.Overhead, 846}, books.Tags{}))
	f.call(exitOK, "loss of the year into Equity:RetainedEarnings: (846.00)", year...)
	if r := f.report("--period", "2024"); r.Sheet.Earned != "0.000000" || r.Income.Net != "12997.100000" {
		t.Errorf("after the audit: still open %s, earned %s", r.Sheet.Earned, r.Income.Net)
	}
	f.post(f.booking("january", at.AddDate(0, 1, 0), move{books.Bank("main"), books.Overhead, 1}, books.Tags{}))
	f.call(exitOK, "locked 2025-01", "close", "--period", "2025-01", "--by", "anna")
	if said := f.call(exitOK, "the year stood closed", year...); !strings.Contains(said, "locked 2024-12-01") {
		t.Errorf("the lock of the year is another one:\n%s", said)
	}
}

// TestLedgerYearNotReady: months that are empty, and an end that is locked already.
func TestLedgerYearNotReady(t *testing.T) {
	t.Parallel()
	needPrograms(t)
	f := newFirm(t)
	f.call(exitBadInput, "nothing is booked in 2025-01", "close", "--period", "2024-06-01..2025-06-01", "--year-end", "--by", "anna")
	f.call(exitBadInput, "nothing is booked in it", "close", "--period", "2023", "--year-end", "--by", "anna")
	f.call(exitOK, "locked", "close", "--period", "2024", "--by", "anna")
	f.call(exitBadInput, "'sluice ledger unlock --number 1'", "close", "--period", "2024", "--year-end", "--by", "anna")
}

// TestLedgerFacts: what is filed beside the journal gives energy, work, keys and
// prices; what is not filed is not known, and what contradicts the books is told.
func TestLedgerFacts(t *testing.T) {
	t.Parallel()
	f := newFirm(t)
	r := f.report("--period", "2024", "--cost-by", "model")
	mining := r.Margins[len(r.Margins)-1]
	// 4 * 0.05 BTC at 90,015.50 on average, less 2,560 of energy and 3/4 of 1,600
	if !r.Energy.Known || r.Energy.Work != "320000000000" || mining.Use != "mining" || mining.Drawn != "230400000000" || mining.Net != "14243.100000" || mining.PerMWh != "222.548438" {
		t.Errorf("%+v, %+v", r.Energy, r.Margins)
	}
	if r.Cost == nil || r.Cost.Levels[2].Gross != "3760.000000" || r.Cost.Levels[0].Hashcost != "691.200000" || len(r.Cost.Keys) != 1 || r.Cost.Keys[0] != "heads" {
		t.Errorf("%+v", r.Cost)
	}
	if len(r.CostBy) != 2 || *r.CostBy[1].Name != "S21" || r.CostBy[1].Levels[0].PerBTC != "12800.000000" || r.CostBy[0].Levels[2].Gross != "1200.000000" || r.CostBy[0].Levels[2].PerBTC != "" {
		t.Errorf("%+v", r.CostBy)
	}
	if len(r.Rolls) != 1 || r.Rolls[0].Additions != "18003.100000" || r.Rolls[0].Closing != "18003.100000" || r.Disclosure.Basis != statement.FIFO {
		t.Errorf("%+v, %+v", r.Rolls, r.Disclosure)
	}
	if said := f.call(exitOK, "", "export", "--as", "hledger", "--period", "2024"); strings.Count(said, "\nP 2024-") != 4 {
		t.Errorf("four prices are filed:\n%s", said)
	}
	f.call(exitBadInput, `the books are of "Firm"`, "report", "--company", "houston")
	f.call(exitBadInput, "use site or model", "report", "--cost-by", "colour")
	f.keep(func(s *ledger.Store) error {
		other := statement.Day{Day: "2024-11-30", Site: "houston", Uses: []statement.Use{{Use: "mining/hall", Mined: 5_000_001}}}
		body, err := other.Canonical()
		if err == nil {
			_, err = s.Book(t.Context(), ledger.Batch{Entity: "Firm", Papers: []ledger.Paper{{Kind: accountant.PaperDay, Name: "again", Body: body}}})
		}
		return err
	})
	needPrograms(t)
	f.call(exitFailed, "0.05000001 BTC were mined, and 0.05000000 are booked", "verify", "--period", "2024")
}
