package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/live/bookkeeper"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/store/ledger"
	"sluice/unit"
)

// hosts is books in which a site accrues two contracts, 9,000 a day for hall-2 and
// 1,000 for another, and the credit of the month for hall-2 on the last of September.
type hosts struct {
	tenant
	t    *testing.T
	zone *time.Location
}

func newHosts(t *testing.T) hosts {
	t.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	return hosts{newTenant(t), t, zone}
}

// days is what a clerk writes of days of September 2025.
func (h hosts) days(c *company, first, last int) settle.Journal {
	h.t.Helper()
	clerk := settle.NewClerk(*c.Company, settle.Site{Name: "creek", Zone: h.zone}, settle.Standing{})
	for n := first; n <= last; n++ {
		from := time.Date(2025, 9, n, 0, 0, 0, 0, h.zone)
		d := settle.Day{From: from, To: from.AddDate(0, 0, 1), Postings: []cycle.Posting{
			{Account: books.Reservation, Use: "hosting/hall-2", Amount: -8000 * unit.Unit},
			{Account: books.Hosting, Use: "hosting/hall-2", Amount: -1000 * unit.Unit},
			{Account: books.Unbilled, Use: "hosting/hall-2", Amount: 9000 * unit.Unit},
			{Account: books.Hosting, Use: "hosting/other", Amount: -1000 * unit.Unit},
			{Account: books.Unbilled, Use: "hosting/other", Amount: 1000 * unit.Unit},
			{Account: books.PowerEnergy, Use: "hosting/hall-2", Amount: 500 * unit.Unit},
			{Account: books.AccruedPower, Amount: -500 * unit.Unit},
		}, Uses: []settle.Done{{Use: "hosting/hall-2", Meter: 10 * unit.MegawattHour}}}
		if n == 30 {
			d.Postings = append(d.Postings, cycle.Posting{Account: books.CreditsGranted, Use: "hosting/hall-2", Amount: 20_000 * unit.Unit},
				cycle.Posting{Account: books.CreditsOwed, Use: "hosting/hall-2", Amount: -20_000 * unit.Unit})
		}
		if err := clerk.Day(d, "test"); err != nil {
			h.t.Fatal(err)
		}
	}
	return clerk.Journal()
}

// open gives do the books of the company.
func (h hosts) open(do func(*company, *ledger.Store) error) {
	h.t.Helper()
	c, err := companyOf("houston")
	if err != nil {
		h.t.Fatal(err)
	}
	store, err := ledger.Open(h.t.Context(), ledger.Config{Directory: h.books})
	if err == nil {
		err = errors.Join(c.open(h.t.Context(), store), do(c, store), store.Close())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// accrue books days as a replay does.
func (h hosts) accrue(first, last int) {
	h.t.Helper()
	h.open(func(c *company, s *ledger.Store) error { return c.book(h.t.Context(), s, h.days(c, first, last)) })
}

// careless books days as somebody does who does not ask what is invoiced.
func (h hosts) careless(first, last int) {
	h.t.Helper()
	h.open(func(c *company, s *ledger.Store) error {
		b, err := bookkeeper.Batch(c.Chart.Entity, h.days(c, first, last))
		if err == nil {
			_, err = s.Book(h.t.Context(), b)
		}
		return err
	})
}

// stands is what of a contract is earned in September, less credits, and what of it
// is unbilled or owed as a credit at all, in millionths.
func (h hosts) stands(contract string) (earned, unbilled int64) {
	h.t.Helper()
	h.open(func(_ *company, s *ledger.Store) error {
		from := time.Date(2025, 9, 1, 0, 0, 0, 0, h.zone)
		month, err := s.Balances(h.t.Context(), ledger.Query{Entity: houston, From: from, To: from.AddDate(0, 1, 0)})
		for _, b := range month {
			if b.Tags.Contract == contract && strings.HasPrefix(b.Account, "Income:") {
				earned -= b.Amount
			}
		}
		all, also := s.Balances(h.t.Context(), ledger.Query{Entity: houston})
		for _, b := range all {
			if b.Tags.Contract == contract && (b.Account == books.Unbilled || b.Account == books.CreditsOwed) {
				unbilled += max(b.Amount, -b.Amount)
			}
		}
		return errors.Join(err, also)
	})
	return earned, unbilled
}

func (h hosts) must(when string, earned, unbilled int64) {
	h.t.Helper()
	if a, b := h.stands("hall-2"); a != earned || b != unbilled {
		h.t.Errorf("%s: %d earned and %d unbilled, want %d and %d", when, a, b, earned, unbilled)
	}
}

// Amounts in millionths: what a day accrues, what is accrued as a credit, and what
// September comes to, the invoice less the note on the service level.
const (
	aDay   = 9000_000_000
	credit = 20_000_000_000
	billed = 310_159_456_000 - 25_000_000_000
)

// TestServiceEarnedOnce: a site accrues a contract, its invoice takes that back and
// earns the month, what comes later is not booked, and who books it all the same is
// found out and put right by running the invoice again.
func TestServiceEarnedOnce(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	h.accrue(5, 20)
	h.must("accrued", 16*aDay, 16*aDay)
	bill := []string{"--books", h.books, "--contract", "colocation", "--usage", h.usage, "--outages", h.outages, "--period", "2025-09"}
	if out := told(t, []string{"To be taken back: 144,000.000000 USD, which were accrued at creek from 2025-09-05 to 2025-09-20"}, append([]string{"check"}, bill...)...); strings.Contains(out, "Look at") {
		t.Error(out)
	}
	h.must("checked", 16*aDay, 16*aDay)
	told(t, []string{"Look at: sites accrued nothing of gpu-7 in 2025-09, and something of hall-2, other"}, "check", "--books", h.books, "--contract", "gpu-reserved", "--period", "2025-09")
	issue := append([]string{"issue", "--date", "2025-10-01"}, bill...)
	told(t, []string{first, "310,159.46", second, "Taken back: 144,000.000000 USD"}, issue...)
	h.must("invoiced", billed, 0)
	h.accrue(1, 30)
	h.must("the rest of the days", billed, 0)
	if other, unbilled := h.stands("other"); other != 30_000e6 || unbilled != 30_000e6 {
		t.Errorf("of the other contract %d are earned and %d unbilled", other, unbilled)
	}
	h.oracles(t)
	h.careless(1, 30)
	h.must("booked all the same", billed+14*aDay-credit, 14*aDay+credit)
	if code, out, _ := call(t, "ledger", "verify", "--books", h.books); code == exitOK || !strings.Contains(out, "service rendered of contract hall-2 stands accrued, and its month is invoiced") {
		t.Errorf("%d: what is earned twice is proved:\n%s", code, out)
	}
	if out := told(t, []string{"nothing is new", "Taken back: 106,000.000000 USD"}, issue...); strings.Contains(out, third) {
		t.Errorf("another document:\n%s", out)
	}
	h.must("issued again", billed, 0)
	before := h.size()
	if out := told(t, []string{"nothing is new"}, issue...); strings.Contains(out, "Taken back") || h.size() != before {
		t.Errorf("a third run booked something:\n%s", out)
	}
	told(t, []string{third, "-29.49"}, "issue", "--date", "2025-10-20", "--books", h.books, "--contract", "colocation", "--usage", write(t, "late.csv", readings(t, corrected)), "--period", "2025-09")
	h.must("corrected", billed-29_485_750, 0) // 0.7 MWh at 41.50, and 1.5 % of it
	h.oracles(t)
}

// size is how many transactions the books hold.
func (h hosts) size() (n int64) {
	h.t.Helper()
	h.open(func(_ *company, s *ledger.Store) error {
		v, err := s.Verify(h.t.Context(), houston)
		n = v.Transactions
		return err
	})
	return n
}

// oracles have two programs of others read the books, and one of them say what the
// tenants of September bring: once.
func (h hosts) oracles(t *testing.T) {
	t.Helper()
	for _, p := range []string{"hledger", "bean-check"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Logf("SKIPPED: %s is missing, so the books were NOT proved by it (make debian installs it)", p)
			return
		}
	}
	if code, out, errs := call(t, "ledger", "verify", "--books", h.books, "--period", "2025-09"); code != exitOK || strings.Count(out, "nothing to say") != 3 || !strings.Contains(out, "tenants      agree") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	code, text, errs := call(t, "ledger", "export", "--books", h.books, "--as", "hledger", "--period", "2025-09")
	if code != exitOK {
		t.Fatal(errs)
	}
	file := filepath.Join(t.TempDir(), "september.journal")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "hledger", "-f", file, "balance", "Income:", "Assets:Unbilled", "tag:contract=hall-2", "--no-total", "-O", "json").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	earned, _ := h.stands("hall-2")
	if got := hledgerSum(t, said, "Income:"); got != -earned {
		t.Errorf("hledger has %d, the books %d:\n%s", got, -earned, said)
	}
}

// hledgerSum adds up what hledger says of accounts, in millionths.
func hledgerSum(t *testing.T, said []byte, prefix string) (sum int64) {
	t.Helper()
	var report []json.RawMessage
	var rows [][]json.RawMessage
	if err := json.Unmarshal(said, &report); err != nil || len(report) == 0 || json.Unmarshal(report[0], &rows) != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, r := range rows {
		var name string
		var amounts []struct {
			Quantity struct {
				Mantissa int64 `json:"decimalMantissa"`
				Places   int   `json:"decimalPlaces"`
			} `json:"aquantity"`
		}
		if len(r) != 4 || json.Unmarshal(r[0], &name) != nil || json.Unmarshal(r[3], &amounts) != nil {
			t.Fatalf("another form: %s", r)
		}
		for _, a := range amounts {
			for v, places := a.Quantity.Mantissa, a.Quantity.Places; strings.HasPrefix(name, prefix); places++ {
				if places == 6 {
					sum += v
					break
				}
				v *= 10
			}
		}
	}
	return sum
}

// TestServiceOfAClosedMonth: what was accrued of a month that was closed before its
// invoice is taken back on the day of the invoice, and says where it belongs.
func TestServiceOfAClosedMonth(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	h.accrue(1, 30)
	lockUntil(t, h.books, time.Date(2025, 10, 1, 5, 0, 0, 0, time.UTC))
	if code, out, errs := h.issue(t, "--usage", h.usage, "--outages", h.outages); code != exitOK || !strings.Contains(out, "Taken back: 250,000.000000 USD") {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	h.must("closed", 30*aDay-credit, 0) // what the closed month says stays
	code, out, errs := call(t, "ledger", "entries", "--books", h.books, "--account", "Income:Hosting:Reservation", "--period", "2025-10")
	if code != exitOK || strings.Count(out, "reversal  posted") != 30 || !strings.Contains(out, "belongs to 2025-09") || !strings.Contains(out, "contract hall-2 is billed for 2025-09") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
}
