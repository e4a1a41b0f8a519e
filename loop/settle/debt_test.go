package settle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/debt"
	"sluice/unit"
)

// on is a day of 2025 or later, as it begins in Chicago.
func on(tb testing.TB, year int, month time.Month, day int) time.Time {
	tb.Helper()
	return time.Date(year, month, day, 0, 0, 0, 0, chicago(tb))
}

// loan is one of 1,000,000 at 9 % that is paid back at the end of 2026.
func loan(tb testing.TB) Loan {
	tb.Helper()
	return Loan{
		Facility: debt.Facility{
			Name: "hall", Limit: 1_000_000 * unit.Unit, Basis: debt.Actual360, Rates: []debt.Reset{{From: on(tb, 2025, 1, 1), Rate: 90_000}},
			Start: on(tb, 2025, 1, 1), Maturity: on(tb, 2027, 1, 1), Tags: books.Tags{Site: "test", Counterparty: "bank"},
		},
		Draws: []debt.Move{{Day: on(tb, 2025, 1, 1), Amount: 1_000_000 * unit.Unit}},
		Plan:  Bullet, Every: 3,
	}
}

// debtor is a company with one loan and one lease.
func debtor(tb testing.TB, l Loan) Company {
	tb.Helper()
	o := owner(tb)
	o.Chart = o.Chart.With(books.Debt(l.Name), books.AccruedInterest(l.Name))
	o.Debt = []Loan{l}
	o.Leases = []debt.Lease{{Name: "land", Start: on(tb, 2025, 1, 15), Months: 3, Rate: 120_000, Payments: []unit.Amount{100 * unit.Unit, 100 * unit.Unit, 160 * unit.Unit, 0}}}
	return o
}

// booksOf are books that clerks write: each month by one that knows of the months
// before only what stands in the books.
type booksOf struct {
	tb    testing.TB
	o     Company
	begun time.Time
	all   []books.Transaction
}

// month has a clerk of a site write a month; what stands already is the same again
// or nothing.
func (b *booksOf) month(site string, from, to time.Time) error {
	b.tb.Helper()
	s := place(b.tb)
	s.Name = site
	at := Standing{Sums: map[string]int64{}, Begun: b.begun}
	for _, t := range b.all {
		if b.o.Agreed(t) {
			at.Agreed = append(at.Agreed, t)
		}
	}
	c := NewClerk(b.o, s, at)
	if b.begun.IsZero() {
		if err := c.Open(from); err != nil {
			return err
		}
		b.begun = from
	}
	if err := c.Month(Month{From: from, To: to, Bitcoin: 100_000 * unit.Unit}); err != nil {
		return err
	}
	for _, t := range c.Journal().Transactions {
		i := slices.IndexFunc(b.all, func(o books.Transaction) bool { return o.ID == t.ID })
		if i < 0 {
			b.all = append(b.all, t)
		} else if b.all[i].Input() != t.Input() {
			return fmt.Errorf("%s stands with other content: %+v and %+v", t.ID, b.all[i], t)
		}
	}
	return nil
}

// months writes so many.
func (b *booksOf) months(site string, from time.Time, n int) {
	b.tb.Helper()
	for range n {
		to := time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, from.Location())
		if err := b.month(site, from, to); err != nil {
			b.tb.Fatal(err)
		}
		from = to
	}
}

// sum is the balance of an account.
func (b *booksOf) sum(account string) (sum unit.Amount) {
	for _, t := range b.all {
		for _, l := range t.Lines {
			if l.Account == account {
				sum += unit.Amount(l.Amount)
			}
		}
	}
	return sum
}

// before is the balance of an account before a day, of one kind or of all.
func (b *booksOf) before(account string, day time.Time, kind string) (sum unit.Amount) {
	for _, t := range b.all {
		for _, l := range t.Lines {
			if l.Account == account && t.At.Before(day) && (kind == "" || t.Kind == kind) {
				sum += unit.Amount(l.Amount)
			}
		}
	}
	return sum
}

func (b *booksOf) kinds(of ...string) (out []string) {
	for _, t := range b.all {
		if slices.Contains(of, t.Kind) {
			out = append(out, fmt.Sprintf("%s %s %s", t.At.In(chicago(b.tb)).Format(time.DateOnly), t.Kind, unit.Amount(t.Lines[0].Amount)))
		}
	}
	return out
}

// TestDebtByHand: draws, interest, payments, fees and a building, by hand.
func TestDebtByHand(t *testing.T) {
	t.Parallel()
	l := loan(t)
	l.Fees = 73_000 * unit.Unit // 100 a day
	l.Draws[0].Amount = 400_000 * unit.Unit
	l.Draws = append(l.Draws, debt.Move{Day: on(t, 2025, 2, 11), Amount: 200_000 * unit.Unit})
	l.Building = []debt.Building{{Project: "hall-2", From: on(t, 2025, 1, 1), To: on(t, 2025, 1, 21), Share: 500_000}}
	b := &booksOf{tb: t, o: debtor(t, l)}
	b.o.Leases = nil
	b.months("test", on(t, 2025, 1, 1), 4)
	want := []string{
		"2025-01-01 fees of debt paid 73000.00", "2025-01-01 draw of debt 400000.00",
		"2025-01-31 interest 1000.00", "2025-01-31 fees of debt 3100.00", // of the interest, 20 days of 100 a day, half: into the hall
		"2025-02-11 draw of debt 200000.00", "2025-02-28 interest 3700.00", "2025-02-28 fees of debt 2800.00",
		"2025-03-31 interest 4650.00", "2025-03-31 fees of debt 3100.00",
		"2025-04-01 payment of debt 11450.00", "2025-04-30 interest 4500.00", "2025-04-30 fees of debt 3000.00",
	}
	if diff := cmp.Diff(want, b.kinds("fees of debt paid", "draw of debt", "interest", "fees of debt", "payment of debt", "interest correction")); diff != "" {
		t.Error(diff)
	}
	if b.sum(books.Construction) != 1_000*unit.Unit || b.sum(books.InterestPaid) != 14_950*unit.Unit || b.sum(books.Debt("hall")) != -600_000*unit.Unit || b.sum(books.DebtCosts) != 61_000*unit.Unit {
		t.Errorf("building %s, interest %s, owed %s, fees %s", b.sum(books.Construction), b.sum(books.InterestPaid), b.sum(books.Debt("hall")), b.sum(books.DebtCosts))
	}
}

// TestLeaseByHand: a lease of 360.00 in three months costs 120.00 each, of which
// what is paid is cash.
func TestLeaseByHand(t *testing.T) {
	t.Parallel()
	o := debtor(t, loan(t))
	b := &booksOf{tb: t, o: o}
	b.months("test", on(t, 2025, 1, 1), 2)
	if b.sum(books.LeasesPaid) != 200*unit.Unit || b.sum(books.LeasesLevelled) != -20*unit.Unit { // a month and a half
		t.Errorf("paid %s, levelled %s", b.sum(books.LeasesPaid), b.sum(books.LeasesLevelled))
	}
	b.months("test", on(t, 2025, 3, 1), 4)
	if b.sum(books.LeasesPaid) != 360*unit.Unit || b.sum(books.LeasesLevelled) != 0 || b.sum(books.Leases) != 0 || b.sum(books.RightOfUse) != 0 {
		t.Errorf("paid %s, levelled %s, owed %s, right %s", b.sum(books.LeasesPaid), b.sum(books.LeasesLevelled), b.sum(books.Leases), b.sum(books.RightOfUse))
	}
	o.Leases[0].Start, o.Leases[0].Payments = on(t, 2025, 1, 1), []unit.Amount{0, 0, 0, 360 * unit.Unit} // paid on the first day of April
	after := &booksOf{tb: t, o: o}
	after.months("test", on(t, 2025, 1, 1), 6)
	if after.sum(books.LeasesPaid) != 360*unit.Unit || after.sum(books.LeasesLevelled) != 0 || after.sum(books.Leases) != 0 || after.sum(books.RightOfUse) != 0 {
		t.Errorf("paid after all: %s, levelled %s, owed %s, right %s", after.sum(books.LeasesPaid), after.sum(books.LeasesLevelled), after.sum(books.Leases), after.sum(books.RightOfUse))
	}
	late := &booksOf{tb: t, o: debtor(t, loan(t))}
	late.months("test", on(t, 2025, 2, 1), 5)
	if late.sum(books.LeasesLevelled) != 360*unit.Unit-65_806_452-260*unit.Unit || late.sum(books.LeasesPaid) != 260*unit.Unit || late.sum(books.Leases) != 0 || late.sum(books.RightOfUse) != 0 {
		t.Errorf("books that begin later: levelled %s, paid %s, owed %s, right %s", late.sum(books.LeasesLevelled), late.sum(books.LeasesPaid), late.sum(books.Leases), late.sum(books.RightOfUse))
	}
}

// TestNothingAhead: what happens on the first day of a month is none of the month
// before.
func TestNothingAhead(t *testing.T) {
	t.Parallel()
	l := loan(t)
	l.Fees, l.Start, l.Draws[0].Day, l.Maturity = unit.Unit, on(t, 2025, 2, 1), on(t, 2025, 2, 1), on(t, 2025, 8, 1)
	b := &booksOf{tb: t, o: debtor(t, l)}
	b.o.Leases[0].Start = on(t, 2025, 2, 1)
	b.months("test", on(t, 2025, 1, 1), 1)
	if len(b.all) != 1 { // the capital
		t.Errorf("%+v", b.all)
	}
	b.months("test", on(t, 2025, 2, 1), 1)
	want := []string{
		"2025-02-01 fees of debt paid 1.00", "2025-02-01 draw of debt 1000000.00", "2025-02-28 interest 7000.00", "2025-02-28 fees of debt 0.15",
		"2025-02-01 lease begins 355.86", "2025-02-01 payment of lease 100.00", "2025-02-28 lease 100.00",
	}
	if diff := cmp.Diff(want, b.kinds("fees of debt paid", "draw of debt", "interest", "fees of debt", "lease begins", "payment of lease", "lease")); diff != "" {
		t.Error(diff)
	}
}

// TestTwoLoans: each is booked as if it were alone.
func TestTwoLoans(t *testing.T) {
	t.Parallel()
	one, two := loan(t), loan(t)
	two.Name, two.Every, two.Fees, two.Start = "trucks", 6, 1000*unit.Unit, on(t, 2025, 2, 14)
	two.Draws = []debt.Move{{Day: two.Start, Amount: 500 * unit.Unit}}
	two.Rates = []debt.Reset{{From: two.Start, Rate: 60_000}}
	var alone []string
	for _, l := range []Loan{one, two} {
		b := &booksOf{tb: t, o: debtor(t, l)}
		b.o.Leases = nil
		b.months("test", on(t, 2025, 1, 1), 9)
		for _, x := range b.all[1:] {
			alone = append(alone, fmt.Sprintf("%x", x.Input()))
		}
	}
	b := &booksOf{tb: t, o: debtor(t, one)}
	b.o.Debt, b.o.Leases, b.o.Chart = []Loan{one, two}, nil, b.o.Chart.With(books.Debt("trucks"), books.AccruedInterest("trucks"))
	b.months("test", on(t, 2025, 1, 1), 9)
	var both []string
	for _, x := range b.all[1:] {
		both = append(both, fmt.Sprintf("%x", x.Input()))
	}
	slices.Sort(alone)
	slices.Sort(both)
	if !slices.Equal(alone, both) || len(both) < 30 {
		t.Errorf("%d transactions alone, %d together", len(alone), len(both))
	}
}

// TestDues: the days on which loans are served, and what is paid back.
func TestDues(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*Loan)
		want   string
	}{
		"all at the end":            {func(l *Loan) { l.Every = 12 }, "2026-01-01 0.00, 2027-01-01 all"},
		"days that a month lacks":   {func(l *Loan) { l.Start, l.Maturity, l.Every = on(t, 2025, 1, 31), on(t, 2025, 4, 30), 1 }, "2025-02-28 0.00, 2025-03-31 0.00, 2025-04-30 all"},
		"a short last period":       {func(l *Loan) { l.Every, l.Maturity = 12, on(t, 2026, 3, 1) }, "2026-01-01 0.00, 2026-03-01 all"},
		"closed before":             {func(l *Loan) { l.Every, l.Closed = 12, on(t, 2025, 5, 1) }, "2025-05-01 all"},
		"an annuity":                {func(l *Loan) { l.Plan, l.Every, l.Rate = Annuity, 12, 100_000 }, "2026-01-01 476190.48, 2027-01-01 all"},
		"interest alone at first":   {func(l *Loan) { l.Plan, l.Every, l.First = Annuity, 6, on(t, 2026, 1, 1) }, "2025-07-01 0.00, 2026-01-01 0.00, 2026-07-01 500000.00, 2027-01-01 all"},
		"as it was agreed":          {func(l *Loan) { l.Plan, l.List = Listed, []debt.Move{{Day: on(t, 2025, 3, 3), Amount: unit.Unit}} }, "2025-03-03 1.00, 2027-01-01 all"},
		"a list until the last day": {func(l *Loan) { l.Plan, l.List = Listed, []debt.Move{{Day: l.Maturity, Amount: 1_000_000 * unit.Unit}} }, "2027-01-01 all"},
	} {
		l := loan(t)
		l.Draws = slices.Clone(l.Draws)
		c.change(&l)
		l.Draws[0].Day = l.Start
		dues, err := l.Dues()
		var got []string
		for _, d := range dues {
			what := d.Principal.String()
			if d.Last {
				what = "all"
			}
			got = append(got, d.Day.Format(time.DateOnly)+" "+what)
		}
		if strings.Join(got, ", ") != c.want || err != nil || l.Validate() != nil {
			t.Errorf("%s: %s, want %s; %v, %v", sentence, strings.Join(got, ", "), c.want, err, l.Validate())
		}
	}
}

// TestLoansRefused: what cannot be is told.
func TestLoansRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*Loan)
		want   string
	}{
		"a plan that is none":      {func(l *Loan) { l.Plan = "some day" }, "some day"},
		"five months":              {func(l *Loan) { l.Every = 5 }, "every 5 months"},
		"no limit":                 {func(l *Loan) { l.Limit = 0 }, "a limit above zero"},
		"drawn beyond the limit":   {func(l *Loan) { l.Limit-- }, "beyond the limit"},
		"drawn on the last day":    {func(l *Loan) { l.Draws[0].Day = l.Maturity }, "draw of"},
		"drawn twice a day":        {func(l *Loan) { l.Draws = append(l.Draws, l.Draws[0]) }, "one a day at most"},
		"half a period":            {func(l *Loan) { l.Plan, l.Every, l.Maturity = Annuity, 12, on(t, 2026, 7, 1) }, "whole periods"},
		"drawn after an annuity":   {func(l *Loan) { l.Plan, l.Draws[0].Day = Annuity, on(t, 2025, 3, 1) }, "when the annuity begins"},
		"more back than was drawn": {func(l *Loan) { l.Plan, l.List = Listed, []debt.Move{{Day: on(t, 2025, 3, 1), Amount: l.Limit + 1}} }, "are owed"},
	} {
		l := loan(t)
		c.change(&l)
		if err := l.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestKnownLate: a rate that was corrected, a prepayment by hand, and a draw that
// is declared otherwise than it was booked.
func TestKnownLate(t *testing.T) {
	t.Parallel()
	b := &booksOf{tb: t, o: debtor(t, loan(t))}
	b.months("test", on(t, 2025, 1, 1), 2) // 250 a day
	b.o.Debt[0].Rates = []debt.Reset{{From: on(t, 2025, 1, 1), To: on(t, 2025, 2, 1), Rate: 72_000}, {From: on(t, 2025, 2, 1), Rate: 90_000}}
	hand := books.Transaction{ID: "hand", Entity: "Test LLC", Kind: "payment", Standing: books.Posted, At: on(t, 2025, 3, 11).Add(12 * time.Hour), Booked: on(t, 2025, 3, 11), Lines: []books.Line{
		{Account: books.Debt("hall"), Amount: 400_000e6}, {Account: b.o.Bank, Amount: -400_000e6},
	}}
	b.all = append(b.all, hand)
	b.months("test", on(t, 2025, 3, 1), 1)
	if got := b.kinds("interest correction"); len(got) != 1 || got[0] != "2025-03-31 interest correction -1550.00" {
		t.Errorf("corrected by %v", got)
	}
	if got, want := b.sum(books.InterestPaid), (31*200+28*250+10*250+21*150)*unit.Unit; got != want {
		t.Errorf("interest %s, want %s", got, want)
	}
	b.o.Debt[0].Draws[0].Amount--
	if err := b.month("test", on(t, 2025, 4, 1), on(t, 2025, 5, 1)); err == nil || !strings.Contains(err.Error(), "another amount") {
		t.Errorf("a draw was changed: %v", err)
	}
	b.o.Debt[0].Draws[0].Amount++
	b.o.Debt[0].Rates[1].To = on(t, 2025, 4, 20)
	if err := b.month("test", on(t, 2025, 4, 1), on(t, 2025, 5, 1)); err == nil || !strings.Contains(err.Error(), "2025-04-20") {
		t.Errorf("no rate: %v", err)
	}
}

// TestTwoSites: what is the company's is booked once, whoever comes first, and what
// is a site's by its clerk.
func TestTwoSites(t *testing.T) {
	t.Parallel()
	whole := &booksOf{tb: t, o: debtor(t, loan(t))}
	whole.o.Debt[0].Tags.Site = ""
	both := &booksOf{tb: t, o: whole.o}
	for month := range time.Month(6) {
		from := on(t, 2025, 1+month, 1)
		whole.months("test", from, 1)
		first, second := "test", "other"
		if month%2 == 1 {
			first, second = second, first
		}
		both.months(first, from, 1)
		both.months(second, from, 1)
	}
	both.months("other", on(t, 2025, 7, 1), 2) // one goes ahead
	whole.months("test", on(t, 2025, 7, 1), 2)
	both.months("test", on(t, 2025, 7, 1), 2)
	names := func(b *booksOf) (out []string) {
		for _, x := range b.all {
			out = append(out, x.ID+" "+x.Kind)
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(names(whole), names(both)); diff != "" {
		t.Error(diff)
	}
	elsewhere := &booksOf{tb: t, o: debtor(t, loan(t))}
	elsewhere.begun = on(t, 2025, 1, 1)
	elsewhere.months("other", on(t, 2025, 1, 1), 3)
	if elsewhere.sum(books.Debt("hall")) != 0 || elsewhere.sum(books.LeasesPaid) == 0 {
		t.Error("a clerk booked the loan of another site, or not the company's lease")
	}
}

// TestInterestOfAYear: whatever is agreed, the interest that is booked month by
// month by clerks that know only the books is what the facility says of the whole,
// to the millionth; nothing is owed at the end; and all of it is the same again.
func TestInterestOfAYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		l := anyLoan(t, r)
		if err := l.Validate(); err != nil {
			r.Fatal(err)
		}
		b := &booksOf{tb: t, o: debtor(t, l)}
		begin := on(t, 2024, 12, 1)
		b.months("test", begin, 14)
		moves, err := l.Planned()
		if err != nil {
			r.Fatal(err)
		}
		want, err := l.Interest(moves, on(t, 2026, 2, 1))
		if err != nil {
			r.Fatal(err)
		}
		if got := b.sum(books.InterestPaid) + b.sum(books.Construction); got != want.All {
			r.Fatalf("interest %d, the facility says %d", got, want.All)
		}
		for _, account := range []string{books.Debt(l.Name), books.AccruedInterest(l.Name), books.DebtCosts} {
			if got := b.sum(account); got != 0 {
				r.Fatalf("%s holds %d at the end", account, got)
			}
		}
		if got := b.kinds("interest correction"); len(got) > 0 {
			r.Fatalf("%v", got)
		}
		again := &booksOf{tb: t, o: b.o, all: b.all}
		n := len(b.all)
		if again.months("test", begin, 14); len(again.all) != n {
			r.Fatalf("%d more the second time", len(again.all)-n)
		}
		c := NewClerk(b.o, place(t), Standing{})
		if err := c.Open(begin); err != nil {
			r.Fatal(err)
		}
		for m := range time.Month(14) {
			if err := c.Month(Month{From: on(t, 2024, 12+m, 1), To: on(t, 2024, 13+m, 1), Bitcoin: 100_000 * unit.Unit}); err != nil {
				r.Fatal(err)
			}
		}
		for i, x := range c.Journal().Transactions {
			if i >= n || x.Input() != b.all[i].Input() {
				r.Fatalf("one clerk writes %s %s, many write another", x.ID, x.Kind)
			}
		}
	})
}

// anyLoan is a loan of the year 2025.
func anyLoan(tb testing.TB, r *rapid.T) Loan {
	tb.Helper()
	amount := func(name string, most int64) unit.Amount { return unit.Amount(rapid.Int64Range(1, most).Draw(r, name)) }
	start := on(tb, 2025, 1, rapid.IntRange(1, 31).Draw(r, "start"))
	l := Loan{
		Facility: debt.Facility{
			Name: "any", Limit: 1e12, Basis: rapid.SampledFrom([]debt.Basis{debt.Actual360, debt.Actual365, debt.Thirty360}).Draw(r, "basis"),
			Margin: unit.Ratio(rapid.IntRange(0, 99_999).Draw(r, "margin")), Unused: unit.Ratio(rapid.IntRange(0, 9_999).Draw(r, "unused")),
			Fees: amount("fees", 1e9), Start: start, Maturity: monthsAfter(start, 12),
		},
		Draws: []debt.Move{{Day: start, Amount: amount("first", 4e11)}},
		Plan:  rapid.SampledFrom([]Plan{Bullet, Annuity, Listed}).Draw(r, "plan"), Every: rapid.SampledFrom([]int{1, 2, 3, 4, 6, 12}).Draw(r, "every"), Rate: 50_000,
	}
	reset := start.AddDate(0, 0, rapid.IntRange(1, 360).Draw(r, "reset"))
	l.Rates = []debt.Reset{{From: start, To: reset, Rate: 43_100}, {From: reset, Rate: 21_000}}
	if l.Plan != Annuity {
		l.Draws = append(l.Draws, debt.Move{Day: start.AddDate(0, 0, rapid.IntRange(1, 300).Draw(r, "more")), Amount: amount("second", 5e11)})
	}
	if l.Plan == Listed {
		l.List = []debt.Move{{Day: start.AddDate(0, 0, rapid.IntRange(2, 300).Draw(r, "back")), Amount: min(l.Draws[0].Amount, amount("some", 4e11))}}
	}
	if rapid.Bool().Draw(r, "builds") {
		l.Building = []debt.Building{{Project: "hall", From: start, To: start.AddDate(0, 0, rapid.IntRange(1, 400).Draw(r, "built")), Share: 333_333}}
	}
	return l
}

// TestOlderThanTheBooks: books that begin in the life of a loan hold in the end
// what books from its begin hold, and of its cost what comes after their begin.
func TestOlderThanTheBooks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		l := anyLoan(t, r)
		old := &booksOf{tb: t, o: debtor(t, l)}
		old.o.Leases = nil
		old.months("test", on(t, 2024, 12, 1), 14)
		begin := on(t, 2025, time.Month(rapid.IntRange(2, 12).Draw(r, "month")), max(1, rapid.IntRange(-20, 28).Draw(r, "day")))
		young := &booksOf{tb: t, o: old.o}
		end := on(t, begin.Year(), begin.Month()+1, 1)
		if err := young.month("test", begin, end); err != nil {
			r.Fatal(err)
		}
		for _, account := range []string{books.Debt(l.Name), books.AccruedInterest(l.Name), books.DebtCosts} {
			got, want := young.before(account, begin.AddDate(0, 0, 1), "debt owed"), old.before(account, begin, "")
			if begin.Day() == 1 && (got-want > 1 || want-got > 1) {
				r.Fatalf("%s held %d, and %d when the books began", account, want, got)
			}
		}
		for end.Before(on(t, 2026, 2, 1)) {
			young.months("test", end, 1)
			end = on(t, end.Year(), end.Month()+1, 1)
		}
		for _, account := range []string{books.Debt(l.Name), books.AccruedInterest(l.Name), books.DebtCosts} {
			if got := young.sum(account); got != 0 {
				r.Fatalf("%s holds %d at the end", account, got)
			}
		}
		moves, err := l.Planned()
		if err != nil {
			r.Fatal(err)
		}
		before, err := l.Interest(moves, begin)
		if err != nil {
			r.Fatal(err)
		}
		want := old.sum(books.InterestPaid) + old.sum(books.Construction) - before.All
		if got := young.sum(books.InterestPaid) + young.sum(books.Construction); got-want > 1 || want-got > 1 {
			r.Fatalf("interest %d, want %d", got, want)
		}
	})
}
