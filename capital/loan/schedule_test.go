package loan_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
	"sluice/capital/loan"
)

// growing is cash that grows by a share each period.
func growing(first, by float64, periods int) []float64 {
	row := make([]float64, periods)
	for t := range row {
		row[t] = first * math.Pow(1+by, float64(t))
	}
	return row
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// whole fails a schedule that does not hang together: interest on what is owed,
// service of both parts, nothing owed at the end, and worth its debt at its own rate.
func whole(tb rapid.TB, s loan.Schedule, rate float64) {
	tb.Helper()
	balance := s.Debt
	for t := range s.Service {
		if !near(s.Interest[t], balance*rate, 1e-9) || !near(s.Service[t], s.Interest[t]+s.Principal[t], 1e-12) {
			tb.Fatalf("period %d: %v interest and %v principal make %v, on %v", t, s.Interest[t], s.Principal[t], s.Service[t], balance)
		}
		balance -= s.Principal[t]
		if !near(s.Balance[t], balance, 1e-9) {
			tb.Fatalf("period %d: %v is owed, want %v", t, s.Balance[t], balance)
		}
	}
	if n := len(s.Balance); s.Balance[n-1] != 0 {
		tb.Fatalf("%v is owed at the end", s.Balance[n-1])
	}
	if worth := capital.Present(rate, append([]float64{0}, s.Service...)); !near(worth, s.Debt, 1e-9) {
		tb.Fatalf("service is worth %v, the debt is %v", worth, s.Debt)
	}
}

// TestSculptVector: 15.12 million that grow by 3 % over ten years at 9 % and 1.30.
func TestSculptVector(t *testing.T) {
	t.Parallel()
	cafds := growing(15_120_000, 0.03, 10)
	s, err := loan.Sculpt(cafds, 0.09, 1.3)
	if err != nil || math.Abs(s.Debt-83802638.34294684) > 1e-6 {
		t.Fatalf("%.8f, %v", s.Debt, err)
	}
	whole(t, s, 0.09)
	for i, c := range cafds {
		if !near(s.Service[i], c/1.3, 1e-12) {
			t.Errorf("year %d: %v is paid of %v", i, s.Service[i], c)
		}
	}
	if share := s.Debt / 128e6; math.Abs(share-0.655) > 0.0005 {
		t.Errorf("%v of the cost", share)
	}
}

// TestSculpt: of any cash, the loan is worth its service, keeps its DSCR and is the
// largest that does.
func TestSculpt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cafds := rapid.SliceOfN(rapid.Float64Range(1, 1e6), 1, 150).Draw(t, "cafds")
		rate, dscr := rapid.Float64Range(0, 0.15).Draw(t, "rate"), rapid.Float64Range(1.01, 3).Draw(t, "dscr")
		s, err := loan.Sculpt(cafds, rate, dscr)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, s, rate)
		for i, c := range cafds {
			if s.Principal[i] < 0 {
				t.Fatalf("period %d repays %v", i, s.Principal[i])
			}
			if s.Service[i]*dscr > c*(1+1e-9) {
				t.Fatalf("period %d: a DSCR of %v", i, c/s.Service[i])
			}
		}
		if rate > 0 && !tight(cafds, s, rate, dscr) {
			t.Fatalf("%v could be more", s.Debt)
		}
		g, err := loan.Sizing{Rate: rate, DSCR: dscr, Early: loan.Grow}.Sculpt(cafds)
		if err != nil {
			t.Fatal(err)
		}
		whole(t, g, rate)
		if want := capital.Present(rate, append([]float64{0}, cafds...)) / dscr; !near(g.Debt, want, 1e-9) || s.Debt > g.Debt*(1+1e-12) {
			t.Fatalf("%v where the balance may grow, %v where not, want %v", g.Debt, s.Debt, want)
		}
		if len(g.Growing()) == 0 && !near(g.Debt, s.Debt, 1e-9) {
			t.Fatalf("nothing grows, but %v is not %v", g.Debt, s.Debt)
		}
	})
}

// tight says whether a debt that is a millionth larger breaks a rule, by another way:
// pay all that the DSCR allows, but never less than interest, and see what is left.
func tight(cafds []float64, s loan.Schedule, rate, dscr float64) bool {
	balance := s.Debt * (1 + 1e-6)
	for _, c := range cafds {
		if c/dscr < balance*rate {
			return true
		}
		balance -= min(c/dscr-balance*rate, balance)
	}
	return balance > 0
}

// TestSculptFloor: by hand, at 10 % and 2: the first year could pay 5 and no more
// interest than on 50, although the years after it carry more.
func TestSculptFloor(t *testing.T) {
	t.Parallel()
	cafds := []float64{10, 100, 100}
	s, err := loan.Sculpt(cafds, 0.1, 2)
	if err != nil || !near(s.Debt, 50, 1e-12) {
		t.Fatalf("%+v, %v", s, err)
	}
	// 50 are owed after it; 100 / 1.1 + 100 / 1.21 = 173.55 are to come: a DSCR of 3.471
	if x := 100 / s.Service[1]; !near(s.Principal[0], 0, 1e-12) || !near(x, 3.4710743801652892, 1e-9) || !near(s.Service[1], s.Service[2], 1e-12) {
		t.Errorf("%+v", s)
	}
	g, err := loan.Sizing{Rate: 0.1, DSCR: 2, Early: loan.Grow}.Sculpt(cafds)
	if err != nil || !near(g.Debt, 5/1.1+50/1.21+50/1.331, 1e-12) || !slices.Equal(g.Growing(), []int{0}) {
		t.Errorf("%+v, %v", g, err)
	}
}

// TestHigherDSCR: it never raises the debt.
func TestHigherDSCR(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cafds := rapid.SliceOfN(rapid.Float64Range(1, 1e6), 1, 40).Draw(t, "cafds")
		dscr, more := rapid.Float64Range(1.01, 3).Draw(t, "dscr"), rapid.Float64Range(0, 2).Draw(t, "more")
		a, errA := loan.Sculpt(cafds, 0.08, dscr)
		b, errB := loan.Sculpt(cafds, 0.08, dscr+more)
		if errA != nil || errB != nil || b.Debt > a.Debt {
			t.Fatalf("%v, %v, %v, %v", a.Debt, b.Debt, errA, errB)
		}
	})
}

func TestCapped(t *testing.T) {
	t.Parallel()
	cafds := growing(15_120_000, 0.03, 10)
	for sentence, c := range map[string]struct{ fraction, debt, dscr float64 }{
		"the cash says it": {0.7, 83802638.34294684, 1.3},
		"the cost says it": {0.6, 76_800_000, 1.3 * 83802638.34294684 / 76_800_000},
	} {
		s, used, err := loan.Capped(cafds, 0.09, 1.3, c.fraction, 128e6)
		if err != nil || !near(s.Debt, c.debt, 1e-12) || !near(used, c.dscr, 1e-12) {
			t.Errorf("%s: %v at %v, %v", sentence, s.Debt, used, err)
			continue
		}
		whole(t, s, 0.09)
		if x := cafds[4] / s.Service[4]; !near(x, c.dscr, 1e-9) {
			t.Errorf("%s: it is no longer sculpted: %v", sentence, x)
		}
	}
	// with a floor that binds, the cap is met exactly too
	s, used, err := loan.Capped([]float64{10, 100, 100}, 0.1, 2, 0.4, 100)
	if err != nil || !near(s.Debt, 40, 1e-12) || !near(used, 2.5, 1e-12) {
		t.Errorf("%v at %v, %v", s.Debt, used, err)
	}
	for _, bad := range [][2]float64{{0, 100}, {1.1, 100}, {math.NaN(), 100}, {0.5, 0}, {0.5, math.Inf(1)}} {
		if _, _, err := loan.Capped(cafds, 0.09, 1.3, bad[0], bad[1]); !errors.Is(err, loan.ErrTerms) {
			t.Errorf("%v of %v: %v", bad[0], bad[1], err)
		}
	}
}

func TestSculptRefused(t *testing.T) {
	t.Parallel()
	good := []float64{10, 10, 10}
	for sentence, c := range map[string]struct {
		cafds      []float64
		rate, dscr float64
		says       string
	}{
		"a month that loses":     {[]float64{10, -1200, 10}, 0.1, 1.3, "period 1 of 3 is -1200.00"},
		"a month with nothing":   {[]float64{10, 10, 0}, 0.1, 1.3, "period 2 of 3 is 0.00"},
		"no number":              {[]float64{math.NaN(), 10, 10}, 0.1, 1.3, "period 0 of 3"},
		"endless":                {[]float64{10, math.Inf(1), 10}, 0.1, 1.3, "period 1 of 3"},
		"no cash at all":         {nil, 0.1, 1.3, "no CAFDS"},
		"no more than service":   {good, 0.1, 1, "write 1.3"},
		"a negative DSCR":        {good, 0.1, -1.3, "write 1.3"},
		"a rate in percent":      {good, 9, 1.3, "0.09 for 9 %"},
		"a negative rate":        {good, -0.01, 1.3, "0.09 for 9 %"},
		"a rate that is no rate": {good, math.NaN(), 1.3, "0.09 for 9 %"},
	} {
		if _, err := loan.Sculpt(c.cafds, c.rate, c.dscr); !errors.Is(err, loan.ErrTerms) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := (loan.Sizing{Rate: 0.1, DSCR: 1.3, Early: 2}).Sculpt(good); !errors.Is(err, loan.ErrTerms) {
		t.Error(err)
	}
}

func TestFixed(t *testing.T) {
	t.Parallel()
	// 200,000 at 6 % over 360 months: the level payment of every table of mortgages
	s, err := loan.Annuity(200_000, 0.005, 360, 0)
	if err != nil || math.Abs(s.Service[0]-1199.10) > 0.005 {
		t.Fatalf("%v, %v", s.Service[0], err)
	}
	b, err := loan.Bullet(1000, 0.02, 3)
	if want := []float64{20, 20, 1020}; err != nil || !slices.Equal(b.Service, want) {
		t.Errorf("%v, %v", b.Service, err)
	}
	l, err := loan.Linear(900, 0.1, 5, 2)
	if want := []float64{0, 0, 300, 300, 300}; err != nil || !slices.Equal(l.Principal, want) {
		t.Errorf("%v, %v", l.Principal, err)
	}
	if one, err := loan.Annuity(100, 0, 4, 0); err != nil || !slices.Equal(one.Service, []float64{25, 25, 25, 25}) {
		t.Errorf("%v, %v", one.Service, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		debt, rate := rapid.Float64Range(1, 1e8).Draw(t, "debt"), rapid.Float64Range(0, 0.05).Draw(t, "rate")
		n := rapid.IntRange(1, 240).Draw(t, "periods")
		only := rapid.IntRange(0, n-1).Draw(t, "only interest")
		for name, made := range map[string]func() (loan.Schedule, error){
			"annuity": func() (loan.Schedule, error) { return loan.Annuity(debt, rate, n, only) },
			"linear":  func() (loan.Schedule, error) { return loan.Linear(debt, rate, n, only) },
			"bullet":  func() (loan.Schedule, error) { return loan.Bullet(debt, rate, n) },
		} {
			s, err := made()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			whole(t, s, rate)
			for i := range only {
				if s.Principal[i] != 0 {
					t.Fatalf("%s: period %d repays %v", name, i, s.Principal[i])
				}
			}
			if first := s.Service[only]; name == "annuity" && !near(s.Service[n-1], first, 1e-6) {
				t.Fatalf("the last payment is %v, the first %v", s.Service[n-1], first)
			}
		}
	})
	for sentence, err := range map[string]error{
		"a negative debt":        second(loan.Annuity(-1, 0.1, 10, 0)),
		"an endless debt":        second(loan.Linear(math.Inf(1), 0.1, 10, 0)),
		"no periods":             second(loan.Bullet(1, 0.1, 0)),
		"nothing ever repays":    second(loan.Annuity(1, 0.1, 10, 10)),
		"a rate in percent":      second(loan.Annuity(1, 6, 10, 0)),
		"a time before the loan": second(loan.Linear(1, 0.1, 10, -1)),
	} {
		if !errors.Is(err, loan.ErrTerms) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func BenchmarkSculpt(b *testing.B) {
	cafds := growing(1e6, 0.0025, 180)
	for b.Loop() {
		if _, err := loan.Sculpt(cafds, 0.09/12, 1.3); err != nil {
			b.Fatal(err)
		}
	}
}
