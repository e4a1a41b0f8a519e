package loan_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/loan"
)

// ofCost lends a share of the cost for ten years, level.
func ofCost(share float64) loan.Sizer {
	return func(cost float64) (loan.Schedule, error) { return loan.Annuity(share*cost, 0.09/12, 120, 0) }
}

// TestFundByHand: 100 and 200, half of it lent at 10 % a month and drawn first:
// interest on 100 in the second month is 10, so 310 in all and a loan of 155, of which
// 55 is drawn then.
func TestFundByHand(t *testing.T) {
	t.Parallel()
	b := loan.Build{Costs: []float64{100, 200}, Order: loan.DebtFirst, Rate: 0.1, Size: ofCost(0.5)}
	f, err := b.Fund()
	if err != nil {
		t.Fatal(err)
	}
	if !near(f.Cost, 310, 1e-4) || !near(f.Loan.Debt, 155, 1e-4) || !near(f.Equity, 155, 1e-4) || f.Rounds > 5 {
		t.Errorf("%+v", f)
	}
	if d := f.Months[1]; d.Interest != 10 || !near(d.Debt, 55, 1e-4) || !near(d.Balance, 155, 1e-4) {
		t.Errorf("%+v", d)
	}
}

// TestFundOrders: who pays first, month by month, with no interest.
func TestFundOrders(t *testing.T) {
	t.Parallel()
	for order, c := range map[loan.Order]struct {
		lent float64
		want []float64
	}{
		loan.EquityFirst: {200, []float64{0, 50, 100, 50}},
		loan.DebtFirst:   {200, []float64{100, 100, 0, 0}},
		loan.ProRata:     {175, []float64{50, 50, 50, 25}},
	} {
		size := func(float64) (loan.Schedule, error) { return loan.Bullet(c.lent, 0.01, 12) }
		f, err := loan.Build{Costs: []float64{100, 100, 100, 50}, Order: order, Size: size}.Fund()
		if err != nil {
			t.Fatal(err)
		}
		var drawn []float64
		for _, d := range f.Months {
			drawn = append(drawn, d.Debt)
		}
		if !slices.Equal(drawn, c.want) {
			t.Errorf("%s: %v, want %v", order, drawn, c.want)
		}
	}
}

// TestFundFees: fees, contingency and reserve by hand, equity first. A loan of 100
// that is served with 101 in its second month: of two months a sixth of 102 is set aside.
func TestFundFees(t *testing.T) {
	t.Parallel()
	f, err := loan.Build{
		Costs: []float64{100, 100}, Contingency: 0.1, Order: loan.EquityFirst, Commitment: 0.005, Upfront: 0.02, Reserve: 2, Year: 12,
		Size: func(float64) (loan.Schedule, error) { return loan.Bullet(100, 0.01, 2) },
	}.Fund()
	if err != nil {
		t.Fatal(err)
	}
	first, last := f.Months[0], f.Months[1]
	if first.Contingency != 10 || first.Upfront != 2 || first.Commitment != 0.5 || first.Reserve != 0 || first.Debt != 0 {
		t.Errorf("%+v", first)
	}
	if !near(last.Reserve, 17, 1e-12) || last.Commitment != 0.5 || last.Upfront != 0 || !near(last.Debt, 100, 1e-3) || !near(f.Cost, 240, 1e-12) {
		t.Errorf("%+v", last)
	}
}

// TestSourcesAreUses: of every month, in every order; draws come to the loan, nothing
// is drawn beyond it, and the loan is the size that its own cost asks for.
func TestSourcesAreUses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0.1, 0.85).Draw(t, "share")
		b := loan.Build{
			Costs:       rapid.SliceOfN(rapid.Float64Range(0, 1e7), 1, 36).Draw(t, "costs"),
			Contingency: rapid.Float64Range(0, 0.2).Draw(t, "contingency"),
			Order:       rapid.SampledFrom([]loan.Order{loan.EquityFirst, loan.ProRata, loan.DebtFirst}).Draw(t, "order"),
			Rate:        rapid.Float64Range(0, 0.01).Draw(t, "rate"), Commitment: rapid.Float64Range(0, 0.001).Draw(t, "commitment"),
			Upfront: rapid.Float64Range(0, 0.03).Draw(t, "upfront"), Reserve: rapid.Float64Range(0, 6).Draw(t, "reserve"), Year: 12, Size: ofCost(share),
		}
		b.Costs[0] += 1
		f, err := b.Fund()
		if err != nil {
			t.Fatal(err)
		}
		var uses, equity, balance float64
		for m, d := range f.Months {
			if !near(d.Equity+d.Debt, d.Uses(), 1e-12) || d.Debt < 0 || d.Equity < -1e-6 {
				t.Fatalf("month %d: %v and %v pay %v", m, d.Equity, d.Debt, d.Uses())
			}
			if !near(d.Interest, balance*b.Rate, 1e-9) {
				t.Fatalf("month %d: interest of %v on %v", m, d.Interest, balance)
			}
			balance += d.Debt
			uses += d.Uses()
			equity += d.Equity
			if d.Balance > f.Loan.Debt+1e-6 || !near(d.Balance, balance, 1e-12) {
				t.Fatalf("month %d: %v is drawn of %v", m, d.Balance, f.Loan.Debt)
			}
		}
		if math.Abs(balance-f.Loan.Debt) > 0.03 || !near(uses, f.Cost, 1e-12) || !near(equity, f.Equity, 1e-12) {
			t.Fatalf("%v drawn of %v, %v used of %v", balance, f.Loan.Debt, uses, f.Cost)
		}
		if math.Abs(f.Loan.Debt-share*f.Cost) > 0.01 {
			t.Fatalf("a loan of %v for %v", f.Loan.Debt, f.Cost)
		}
	})
}

// TestFundSculpted: 128 million over 18 months, with a sculpted loan of at most half of
// a cost that holds its interest, its fees and half a year of its own service. Another
// program found the same costs by halving intervals.
func TestFundSculpted(t *testing.T) {
	t.Parallel()
	costs, cafds := make([]float64, 18), growing(15.12e6/12, 0.03/12, 120)
	for m := range costs {
		costs[m] = 128e6 / 18
	}
	for order, c := range map[loan.Order]struct{ cost, interest float64 }{
		loan.EquityFirst: {136_186_829.94, 1_807_553.61},
		loan.ProRata:     {138_624_598.29, 4_265_909.58},
		loan.DebtFirst:   {141_125_346.04, 6_787_776.83},
	} {
		b := loan.Build{
			Costs: costs, Order: order, Rate: 0.09 / 12, Commitment: 0.005 / 12, Upfront: 0.02, Reserve: 6, Year: 12,
			Size: func(cost float64) (loan.Schedule, error) {
				s, _, err := loan.Capped(cafds, 0.09/12, 1.3, 0.5, cost)
				return s, err
			},
		}
		f, err := b.Fund()
		if err != nil {
			t.Fatal(err)
		}
		var interest float64
		for _, d := range f.Months {
			interest += d.Interest
		}
		if math.Abs(f.Cost-c.cost) > 0.02 || math.Abs(interest-c.interest) > 0.02 || math.Abs(f.Loan.Debt-0.5*f.Cost) > 0.01 || f.Rounds < 3 || f.Rounds > 15 {
			t.Errorf("%s: %.2f for %.2f with interest of %.2f in %d rounds", order, f.Loan.Debt, f.Cost, interest, f.Rounds)
		}
		held, err := loan.ReserveTargets(f.Loan.Service, 6, 12)
		if err != nil || math.Abs(f.Months[17].Reserve-held[0]) > 0.01 {
			t.Errorf("%s: %v in reserve, want %v, %v", order, f.Months[17].Reserve, held[0], err)
		}
	}
}

// TestCircular: a loan that runs away from its cost, and one that swings, are said to.
func TestCircular(t *testing.T) {
	t.Parallel()
	costs := []float64{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}
	swing := func(cost float64) (loan.Schedule, error) {
		if cost > 8100 {
			return loan.Bullet(100, 0.01, 12)
		}
		return loan.Bullet(5000, 0.01, 12)
	}
	for sentence, b := range map[string]loan.Build{
		"it runs away": {Costs: costs, Order: loan.DebtFirst, Rate: 0.5, Upfront: 0.5, Size: ofCost(0.95)},
		"it swings":    {Costs: costs, Order: loan.DebtFirst, Rate: 0.01, Size: swing},
	} {
		_, err := b.Fund()
		if !errors.Is(err, loan.ErrCircular) || !strings.Contains(err.Error(), "after 50 rounds the cost is ") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestBuildRefused(t *testing.T) {
	t.Parallel()
	broken := errors.New("no bank")
	for sentence, change := range map[string]func(*loan.Build){
		"no costs":             func(b *loan.Build) { b.Costs = nil },
		"costs of nothing":     func(b *loan.Build) { b.Costs = []float64{0, 0} },
		"a negative cost":      func(b *loan.Build) { b.Costs = []float64{10, -1} },
		"a cost that is none":  func(b *loan.Build) { b.Costs = []float64{10, math.NaN()} },
		"no order":             func(b *loan.Build) { b.Order = "" },
		"an unknown order":     func(b *loan.Build) { b.Order = "bank first" },
		"no size":              func(b *loan.Build) { b.Size = nil },
		"a rate in percent":    func(b *loan.Build) { b.Rate = 9 },
		"a fee in percent":     func(b *loan.Build) { b.Upfront = 2 },
		"a negative fee":       func(b *loan.Build) { b.Commitment = -0.1 },
		"no contingency":       func(b *loan.Build) { b.Contingency = math.NaN() },
		"a reserve of no year": func(b *loan.Build) { b.Reserve = 6 },
		"a negative reserve":   func(b *loan.Build) { b.Reserve, b.Year = -6, 12 },
		"more than it costs":   func(b *loan.Build) { b.Size = func(float64) (loan.Schedule, error) { return loan.Bullet(1e9, 0, 3) } },
		"a loan that is none": func(b *loan.Build) {
			b.Size = func(float64) (loan.Schedule, error) { return loan.Schedule{Debt: math.NaN()}, nil }
		},
		"nobody sizes the loan": func(b *loan.Build) { b.Size = func(float64) (loan.Schedule, error) { return loan.Schedule{}, broken } },
	} {
		b := loan.Build{Costs: []float64{100, 100}, Order: loan.ProRata, Size: ofCost(0.5)}
		change(&b)
		if _, err := b.Fund(); !errors.Is(err, loan.ErrTerms) && !errors.Is(err, broken) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func BenchmarkFund(b *testing.B) {
	costs, cafds := make([]float64, 18), growing(15.12e6/12, 0.03/12, 120)
	for m := range costs {
		costs[m] = 128e6 / 18
	}
	build := loan.Build{Costs: costs, Order: loan.ProRata, Rate: 0.0075, Upfront: 0.02, Reserve: 6, Year: 12, Size: func(cost float64) (loan.Schedule, error) {
		s, _, err := loan.Capped(cafds, 0.0075, 1.3, 0.5, cost)
		return s, err
	}}
	for b.Loop() {
		if _, err := build.Fund(); err != nil {
			b.Fatal(err)
		}
	}
}
