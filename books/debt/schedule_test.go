package debt_test

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/books"
	"sluice/books/debt"
	"sluice/unit"
)

// TestSchedules: known loans, and the last instalment takes what is left.
func TestSchedules(t *testing.T) {
	t.Parallel()
	house := debt.Loan{Principal: 200_000 * dollar, Rate: 60_000, PerYear: 12, Periods: 360, Step: 10_000}
	if got, err := house.Level(); err != nil || got != 1_199_100_000 {
		t.Errorf("a level payment of %d, %v", got, err)
	}
	free := debt.Loan{Principal: 100, PerYear: 12, Periods: 3}
	if got, err := free.Annuity(); err != nil || got[0] != (debt.Instalment{Principal: 33, Left: 67}) || got[2] != (debt.Instalment{Principal: 34}) {
		t.Errorf("%+v, %v", got, err)
	}
	bullet := debt.Loan{Principal: 1_000_000 * dollar, Rate: 90_000, PerYear: 4, Periods: 2}
	if got, err := bullet.Bullet(); err != nil || got[0] != (debt.Instalment{Interest: 22_500 * dollar, Left: 1_000_000 * dollar}) || got[1].Payment() != 1_022_500*dollar || got[1].Left != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	var service []unit.Amount // cash of 15.12 million that grows by 3 % a year, over 1.30
	for _, cafds := range []unit.Amount{15_120_000_000_000, 15_573_600_000_000, 16_040_808_000_000, 16_522_032_240_000, 17_017_693_207_200, 17_528_224_003_416, 18_054_070_723_518, 18_595_692_845_224, 19_153_563_630_581, 19_728_170_539_498} {
		service = append(service, unit.Amount(unit.MulDiv(int64(cafds), 100, 130)))
	}
	principal, err := debt.Present(service, 90_000, 1)
	if err != nil || principal/10_000 != 8_380_263_834 { // 83,802,638.34
		t.Errorf("sized at %d, %v", principal, err)
	}
	sculpted := debt.Loan{Principal: principal, Rate: 90_000, PerYear: 1, Periods: 10}
	if got, err := sculpted.Sculpted(service); err != nil || got[9].Left != 0 || got[0].Payment() != service[0] {
		t.Errorf("%+v, %v", got, err)
	}
	for sentence, c := range map[string]func() error{
		"a list that leaves a dollar":  func() error { _, err := sculpted.Sculpted(append(service[:9:9], service[9]-dollar)); return err },
		"a list that is too short":     func() error { _, err := sculpted.Sculpted(service[:9]); return err },
		"a payment below the interest": func() error { _, err := sculpted.Sculpted(append([]unit.Amount{dollar}, service[1:]...)); return err },
		"a loan of nothing":            func() error { _, err := debt.Loan{PerYear: 1, Periods: 1}.Annuity(); return err },
		"a loan without end":           func() error { _, err := debt.Loan{Principal: 1, PerYear: 1}.Bullet(); return err },
		"a loan at more than all a year": func() error {
			_, err := debt.Loan{Principal: 1, PerYear: 1, Periods: 1, Rate: 1_000_001}.Level()
			return err
		},
	} {
		if err := c(); !errors.Is(err, debt.ErrLoan) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// python asks Python's decimals, with fifty digits, for a number.
func python(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("SKIPPED, Python's decimals were not asked: python3 is not here")
	}
	out, err := exec.CommandContext(t.Context(), path, "-c", "from decimal import *\ngetcontext().prec = 50\n"+program).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestPythonAgrees: level payments and present values, by the closed formula in
// somebody else's arithmetic.
func TestPythonAgrees(t *testing.T) {
	t.Parallel()
	for _, l := range []debt.Loan{
		{Principal: 83_802_638_340_000, Rate: 90_000, PerYear: 12, Periods: 144},
		{Principal: 1_000_000_000_001, Rate: 1, PerYear: 12, Periods: 360},
		{Principal: 999_999_999_999_999, Rate: 273_913, PerYear: 4, Periods: 40},
		{Principal: 12_345_678, Rate: 1_000_000, PerYear: 1, Periods: 99},
	} {
		level, err := l.Level()
		if err != nil {
			t.Fatal(err)
		}
		want := python(t, fmt.Sprintf("i = Decimal(%d) / 1000000 / %d\nprint((Decimal(%d) * i / (1 - (1 + i) ** -%d)).quantize(Decimal(1), ROUND_HALF_EVEN))", l.Rate, l.PerYear, l.Principal, l.Periods))
		if strconv.FormatInt(int64(level), 10) != want {
			t.Errorf("%+v: %d, Python says %s", l, level, want)
		}
		flows := make([]unit.Amount, l.Periods)
		for i := range flows {
			flows[i] = unit.Amount(int64(i+1) * 1_234_567_891)
		}
		worth, err := debt.Present(flows, l.Rate, l.PerYear)
		if err != nil {
			t.Fatal(err)
		}
		want = python(t, fmt.Sprintf("i = Decimal(%d) / 1000000 / %d\nprint(sum(Decimal(k * 1234567891) / (1 + i) ** k for k in range(1, %d)).quantize(Decimal(1), ROUND_HALF_EVEN))", l.Rate, l.PerYear, l.Periods+1))
		if strconv.FormatInt(int64(worth), 10) != want {
			t.Errorf("%+v: worth %d, Python says %s", l, worth, want)
		}
	}
}

// TestAnnuityIsPaidBack: whatever the loan, the principal is paid back to the
// millionth, and the present value of what is paid is the loan but for roundings.
func TestAnnuityIsPaidBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := debt.Loan{
			Principal: unit.Amount(rapid.Int64Range(1, 1e15).Draw(t, "principal")), Rate: unit.Ratio(rapid.Int64Range(0, 400_000).Draw(t, "rate")),
			PerYear: rapid.SampledFrom([]int{1, 4, 12}).Draw(t, "a year"), Periods: rapid.IntRange(1, 60).Draw(t, "periods"),
		}
		all, err := l.Annuity()
		if err != nil {
			t.Fatal(err)
		}
		paid, flows := unit.Amount(0), []unit.Amount(nil)
		for _, x := range all {
			paid += x.Principal
			flows = append(flows, x.Payment())
			if paid+x.Left != l.Principal {
				t.Fatalf("%+v after %d", x, paid)
			}
		}
		worth, err := debt.Present(flows, l.Rate, l.PerYear)
		if off := worth - l.Principal; err != nil || paid != l.Principal || off > 100 || off < -100 {
			t.Fatalf("paid %d of %d, worth %d, %v", paid, l.Principal, worth, err)
		}
	})
}

// land is a lease of a year, paid at the begin of every month.
func land() debt.Lease {
	l := debt.Lease{Name: "land", Start: on(2025, 1, 31), Months: 12, Rate: 120_000, Tags: books.Tags{Site: "houston"}}
	for i := range 13 {
		l.Payments = append(l.Payments, unit.Amount(min(i/6, 1)*2_000+10_000)*dollar)
	}
	l.Payments[12] = 0
	return l
}

// TestLease: a lease whose rent rises after half a year, by hand.
func TestLease(t *testing.T) {
	t.Parallel()
	l := land()
	s, err := l.At(l.Start)
	// 10,000 * (1 + (1 - 1.01^-5) / 0.01) + 12,000 * (1 - 1.01^-6) / 0.01 * 1.01^-5, by hand 124,752.80...
	want := python(t, "q = Decimal('1.01')\nprint(((10000 * sum(q ** -k for k in range(0, 6)) + 12000 * sum(q ** -k for k in range(6, 12))) * 1000000).quantize(Decimal(1)))")
	if err != nil || strconv.FormatInt(int64(s.First), 10) != want || s.Paid != 0 || s.Cost != 0 {
		t.Errorf("%+v, %v, Python says %s", s, err, want)
	}
	s, err = l.At(on(2025, 3, 1)) // a day after the 28th of February, the second payment
	if err != nil || s.Paid != 20_000*dollar || s.Cost != 11_354_838_710 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = l.At(on(2026, 2, 1))
	if err != nil || s.Liability() != 0 || s.Right() != 0 || s.Cost != 132_000*dollar || s.Paid != s.Cost {
		t.Errorf("%+v, %v", s, err)
	}
	for sentence, change := range map[string]func(*debt.Lease){
		"no name":             func(l *debt.Lease) { l.Name = "" },
		"a payment too few":   func(l *debt.Lease) { l.Payments = l.Payments[1:] },
		"a negative payment":  func(l *debt.Lease) { l.Payments[3] = -1 },
		"no month":            func(l *debt.Lease) { l.Months, l.Payments = 0, l.Payments[:1] },
		"a rate above all":    func(l *debt.Lease) { l.Rate = unit.One + 1 },
		"beyond every ledger": func(l *debt.Lease) { l.Payments[0] = 1<<63 - 1 },
	} {
		l := land()
		change(&l)
		if _, _, err := debt.Charge(span(on(2025, 1, 1), on(2025, 2, 1)), l); !errors.Is(err, debt.ErrLease) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	l.Payments = make([]unit.Amount, 13)
	if _, err := debt.Commence(event("x", l.Start), l); !errors.Is(err, debt.ErrLease) {
		t.Errorf("a lease for nothing: %v", err)
	}
	if _, err := debt.Pay(event("x", l.Start), l, bank, 0); !errors.Is(err, debt.ErrEvent) {
		t.Errorf("nothing paid: %v", err)
	}
}

// TestLeaseCuts: however the life of a lease is cut, liability and right of use end
// at zero, the cash cost is what is paid, and all cost is even.
func TestLeaseCuts(t *testing.T) {
	t.Parallel()
	c := chart()
	rapid.Check(t, func(t *rapid.T) {
		l := debt.Lease{Name: "land", Start: on(2025, 1, rapid.IntRange(1, 31).Draw(t, "day")), Months: rapid.IntRange(1, 14).Draw(t, "months"), Rate: unit.Ratio(rapid.Int64Range(0, 300_000).Draw(t, "rate"))}
		total := unit.Amount(0)
		for range l.Months + 1 {
			l.Payments = append(l.Payments, unit.Amount(rapid.Int64Range(0, 1e12).Draw(t, "payment")))
			total += l.Payments[len(l.Payments)-1]
		}
		held := map[string]unit.Amount{}
		post := func(x books.Transaction, err error) {
			if err == nil {
				err = x.Validate(c)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range x.Lines {
				held[line.Account] += unit.Amount(line.Amount)
			}
		}
		if total == 0 {
			return
		}
		post(debt.Commence(event("begin", l.Start), l))
		for _, p := range l.Payments {
			if p > 0 {
				post(debt.Pay(event("pay", l.Start), l, bank, p))
			}
		}
		days := cut(t, on(2024, 12, 1), on(2026, 6, 1))
		for i := 1; i < len(days); i++ {
			x, some, err := debt.Charge(span(days[i-1], days[i]), l)
			if some || err != nil {
				post(x, err)
			}
			s, err := l.At(days[i])
			if err != nil || s.Cost != held[books.LeasesPaid]+held[books.LeasesLevelled] || s.Paid != held[books.LeasesPaid] {
				t.Fatalf("%+v, held %v, %v", s, held, err)
			}
		}
		if held[books.Leases] != 0 || held[books.RightOfUse] != 0 || held[books.LeasesPaid] != total || held[books.LeasesLevelled] != 0 {
			t.Fatalf("%v of %d", held, total)
		}
	})
}

// TestSpanOfNothing: a day on which nothing happens books nothing.
func TestSpanOfNothing(t *testing.T) {
	t.Parallel()
	for sentence, charge := range map[string]func(debt.Span) (books.Transaction, bool, error){
		"interest": func(s debt.Span) (books.Transaction, bool, error) { return debt.Accrue(s, hall(), nil) },
		"fees":     func(s debt.Span) (books.Transaction, bool, error) { return debt.Spread(s, hall()) },
		"a lease":  func(s debt.Span) (books.Transaction, bool, error) { return debt.Charge(s, land()) },
	} {
		if x, some, err := charge(span(on(2024, 1, 1), on(2024, 1, 1).Add(24*time.Hour))); some || err != nil {
			t.Errorf("%s: %+v, %v", sentence, x, err)
		}
	}
}
