package replay

import (
	"strings"
	"testing"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/driver/entityfile"
	"sluice/loop/settle"
	"sluice/replay/report"
	"sluice/unit"
	"sluice/world/hall"
)

// account is a replay and what the books of its company say.
type account struct {
	*report.Report

	journal settle.Journal
	held    books.Holdings
	sums    map[string]unit.Amount // by account
}

// inTheBooks replays a site with the books of a company. Every sheet balances.
func inTheBooks(t *testing.T, s *Setup) (a account) {
	t.Helper()
	f, err := entityfile.Load("houston")
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, 1)
	o.Entity, o.Books = f, func(x settle.Journal) error { a.journal = x; return nil }
	a.Report = replayed(t, s, o)
	balances, err := books.Tally(a.journal.Transactions)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range a.journal.Transactions {
		if err := a.held.Apply(f.Chart, x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := statement.BalanceSheet(f.Chart, balances, &a.held); err != nil {
		t.Error(err)
	}
	a.sums = map[string]unit.Amount{}
	for _, b := range balances {
		a.sums[b.Account] += unit.Amount(b.Amount)
	}
	return a
}

// TestBooksOfAHall: what the report says tenants paid, the books say, month's end and
// all, every sheet balances, and no plan set it aside as coins.
func TestBooksOfAHall(t *testing.T) {
	t.Parallel()
	long(t)
	r := inTheBooks(t, halled(t, "2025-04-30T23:00", "2025-05-01T01:00"))
	sums := r.sums
	var aside int64 // of coins and tenants, by the plans of both days
	for _, x := range r.journal.Transactions {
		for _, l := range x.Lines {
			if x.Standing == books.Pending && l.Account == books.Unbilled {
				aside += l.Amount
			}
		}
	}
	together := r.Hosting.Ways[0]
	if got := -sums[books.Reservation] - sums[books.Hosting]; got != together.Tenants || got <= 0 {
		t.Errorf("the books earn %v of tenants, the report says %v", got, together.Tenants)
	}
	if got := sums[books.Unbilled]; got != together.Tenants || sums[books.CreditsGranted] != together.Credits {
		t.Errorf("unbilled %v, credits %v", got, sums[books.CreditsGranted])
	}
	mined := policy(t, r.Report, report.Sluice).Net - together.Tenants + together.Bill
	if most := int64(20 * mined); aside <= 0 || aside > most { // of a day, of which an hour was replayed
		t.Errorf("the plans set %d aside, machines mined %v in two hours", aside, mined)
	}
}

// TestCreditsOfAReplay: servers break, a month ends in the middle, and what was missed
// in it is credited once, in every way of running the hall, and taken off what its
// tenants paid.
func TestCreditsOfAReplay(t *testing.T) {
	t.Parallel()
	long(t)
	s := halled(t, "2025-04-30T22:30", "2025-05-01T00:30")
	s.Halls[0].Failures = hall.Failures{Between: 6 * time.Hour, Repair: 6 * time.Hour}
	played, r := ran(t, s, options(t, 1))
	addsUp(t, r)
	last := int(local(t, "2025-05-01", s.Site.Zone).Sub(s.From)/s.Step) - 1
	for name, one := range map[string]*tally{report.Always: played.always, report.Sluice: played.sluice, report.Apart: played.apart, report.Foreseen: played.hindsight} {
		train := one.tenants["hosting/train"]
		if train.counts.Down == 0 || train.missed != 1 {
			t.Fatalf("%s: %d GPU-seconds are down and %d months missed: the test proves nothing", name, train.counts.Down, train.missed)
		}
		const want = unit.Amount(28_800_000) // far below 99 %: a quarter of an hour and a half of 32 GPUs at 2.40
		if train.credited != want {
			t.Errorf("%s: train is credited %v, want %v", name, train.credited, want)
		}
		for i, served := range one.served {
			if (served < one.served[0]/2) != (i == last) {
				t.Errorf("%s: interval %d of %d earns %v of its tenants", name, i, last, served)
			}
		}
	}
	for _, w := range r.Hosting.Ways {
		if sum := w.Mined + w.Tenants - w.Credits - w.Bill; sum != w.Net || (w.Credits > 0) != (w.ID != report.NoHall) || (w.Missed > 0) != (w.Credits > 0) {
			t.Errorf("%s nets %v, its parts come to %v: %+v", w.ID, w.Net, sum, w)
		}
	}
}

// TestColocationIsReplayed: the racks of a tenant draw what they want, are never
// stopped, and pay their kilowatts by the seconds of each month.
func TestColocationIsReplayed(t *testing.T) {
	t.Parallel()
	long(t)
	begin := strings.Index(creek, "    - {name: serve")
	serve, _, _ := strings.Cut(creek[begin:], "\n")
	r := replayed(t, halled(t, "2025-04-30T23:00", "2025-05-01T01:00", serve,
		"    - {name: racks, kind: colocation, from: 2024-01-01, critical_power_w: 12000, price_per_kw_month: 150}", "nodes: 12", "nodes: 11"), options(t, 1))
	c := r.Hosting.Contracts[2]
	if want := (12 * unit.Kilowatt).Over(2 * time.Hour); c.Name != "racks" || c.IT != want || c.Down != 0 || c.Evictions != 0 || c.Size != 12 {
		t.Errorf("%+v, want %d J", c, want)
	}
	if want := unit.Amount(4_919_355); c.Earned < want-1 || c.Earned > want+1 { // 12 kW at 150: an hour of 720 and one of 744
		t.Errorf("earned %d, want %d", c.Earned, want)
	}
}
