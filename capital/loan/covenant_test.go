package loan_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/loan"
)

func TestRatios(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		kind   loan.Kind
		ratio  loan.Ratio
		want   float64
		tested bool
	}{
		"cash over service":           {loan.DSCR, loan.Ratio{Over: 130, Under: 100}, 1.3, true},
		"a loss over service":         {loan.DSCR, loan.Ratio{Over: -50, Under: 100}, -0.5, true},
		"no service due":              {loan.DSCR, loan.Ratio{Over: 130}, 0, false},
		"no balance left":             {loan.LLCR, loan.Ratio{Over: 130}, 0, false},
		"cash and lines":              {loan.Liquidity, loan.Ratio{Over: 7e6, Under: 1}, 7e6, true},
		"half of the collateral":      {loan.LTV, loan.Ratio{Over: 50, Under: 100}, 0.5, true},
		"a loan over no collateral":   {loan.LTV, loan.Ratio{Over: 50}, math.Inf(1), true},
		"no loan, no collateral":      {loan.LTV, loan.Ratio{}, 0, false},
		"three times EBITDA":          {loan.Leverage, loan.Ratio{Over: 30, Under: 10}, 3, true},
		"more cash than debt":         {loan.Leverage, loan.Ratio{Over: -30, Under: 10}, -3, true},
		"debt and a year of losses":   {loan.Leverage, loan.Ratio{Over: 30, Under: -10}, math.Inf(1), true},
		"no debt in a year of losses": {loan.Leverage, loan.Ratio{Over: -30, Under: -10}, 0, false},
	} {
		if got, tested, err := c.kind.Of(c.ratio); err != nil || got != c.want || tested != c.tested {
			t.Errorf("%s: %v, %v, %v", sentence, got, tested, err)
		}
	}
	for sentence, c := range map[string]struct {
		kind  loan.Kind
		ratio loan.Ratio
	}{
		"negative service":    {loan.DSCR, loan.Ratio{Over: 1, Under: -1}},
		"a negative balance":  {loan.LLCR, loan.Ratio{Over: 1, Under: -1}},
		"negative collateral": {loan.LTV, loan.Ratio{Over: 1, Under: -1}},
		"no number":           {loan.DSCR, loan.Ratio{Over: math.NaN(), Under: 1}},
		"an unknown kind":     {"icr", loan.Ratio{Over: 1, Under: 1}},
	} {
		if _, _, err := c.kind.Of(c.ratio); !errors.Is(err, loan.ErrRatio) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestTrailing: years of three periods, behind and ahead, by hand.
func TestTrailing(t *testing.T) {
	t.Parallel()
	cafds, service := []float64{10, 20, 30, 40, 50}, []float64{5, 5, 0, 5, 5}
	behind, err := loan.Trailing(cafds, service, 3)
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := loan.Forward(cafds, service, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ behind, ahead loan.Ratio }{
		{loan.Ratio{}, loan.Ratio{Over: 90, Under: 10}},
		{loan.Ratio{}, loan.Ratio{Over: 120, Under: 10}},
		{loan.Ratio{Over: 60, Under: 10}, loan.Ratio{Over: 90, Under: 10}},
		{loan.Ratio{Over: 90, Under: 10}, loan.Ratio{Over: 50, Under: 5}},
		{loan.Ratio{Over: 120, Under: 10}, loan.Ratio{}},
	} {
		if behind[i] != want.behind || ahead[i] != want.ahead {
			t.Errorf("period %d: %v and %v, want %+v", i, behind[i], ahead[i], want)
		}
	}
	// large service that has ended leaves no crumb of itself behind
	gone, err := loan.Trailing(make([]float64, 6), []float64{1e9 + 0.1, 0.3, 7e8 + 0.7, 0, 0, 0}, 3)
	if err != nil || gone[5].Under != 0 {
		t.Errorf("%v, %v", gone, err)
	}
	for sentence, err := range map[string]error{
		"rows of two lengths": second(loan.Trailing(cafds, service[1:], 3)),
		"a year of nothing":   second(loan.Forward(cafds, service, 0)),
		"negative service":    second(loan.Trailing(cafds, []float64{5, 5, -1, 5, 5}, 3)),
		"a loan of others":    second(loan.Life(cafds, loan.Schedule{Balance: []float64{1}}, 0.1)),
		"a rate in percent":   second(loan.Life(cafds, loan.Schedule{Balance: make([]float64, 5)}, 9)),
	} {
		if !errors.Is(err, loan.ErrRatio) && !errors.Is(err, loan.ErrTerms) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

// TestLifeIsDSCR: on a loan that is sculpted throughout, the cover of its life is
// that of every period, whenever one looks.
func TestLifeIsDSCR(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cafds := rapid.SliceOfN(rapid.Float64Range(1e3, 1e6), 2, 120).Draw(t, "cafds")
		rate, dscr := rapid.Float64Range(0, 0.02).Draw(t, "rate"), rapid.Float64Range(1.05, 2.5).Draw(t, "dscr")
		s, err := loan.Sizing{Rate: rate, DSCR: dscr, Early: loan.Grow}.Sculpt(cafds)
		if err != nil {
			t.Fatal(err)
		}
		row, err := loan.Life(cafds, s, rate)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range row {
			llcr, tested, err := loan.LLCR.Of(r)
			if last := i == len(row)-1; err != nil || tested == last || tested && !near(llcr, dscr, 1e-6) {
				t.Fatalf("period %d: %v, %v, %v, want %v", i, llcr, tested, err, dscr)
			}
		}
	})
}

// row is ratios over 1.
func row(values ...float64) []loan.Ratio {
	r := make([]loan.Ratio, len(values))
	for i, v := range values {
		r[i] = loan.Ratio{Over: v, Under: 1}
	}
	return r
}

func TestCovenant(t *testing.T) {
	t.Parallel()
	floor := loan.Covenant{Name: "cover", Kind: loan.DSCR, Limit: 1.25, Every: 1}
	roof := loan.Covenant{Name: "value", Kind: loan.LTV, Limit: 0.75, Every: 1}
	inf := math.Inf(1)
	for sentence, c := range map[string]struct {
		covenant func(loan.Covenant) loan.Covenant
		of       loan.Covenant
		row      []loan.Ratio
		want     loan.Verdict
	}{
		"it holds":                   {nil, floor, row(1.5, 1.25, 1.75), loan.Verdict{Tests: 3, First: -1, Default: -1, Least: 0, LeastAt: 1}},
		"one breach":                 {nil, floor, row(1.5, 1, 1.75), loan.Verdict{Tests: 3, Breaches: 1, First: 1, Default: 1, Least: -0.25, LeastAt: 1, Cure: 0.25, MostCure: 0.25}},
		"a worse one later":          {nil, floor, row(1.5, 1, 0.75), loan.Verdict{Tests: 3, Breaches: 2, First: 1, Default: 1, Least: -0.5, LeastAt: 2, Cure: 0.25, MostCure: 0.5}},
		"a ceiling":                  {nil, roof, row(0.5, 1), loan.Verdict{Tests: 2, Breaches: 1, First: 1, Default: 1, Least: -0.25, LeastAt: 1, Cure: 0.25, MostCure: 0.25}},
		"between tests nobody looks": {func(c loan.Covenant) loan.Covenant { c.Every = 2; return c }, floor, row(1.5, 0.5, 1.5), loan.Verdict{Tests: 2, First: -1, Default: -1, Least: 0.25, LeastAt: 0}},
		"before it begins":           {func(c loan.Covenant) loan.Covenant { c.From = 2; return c }, floor, row(0.5, 0.5, 1.5), loan.Verdict{Tests: 1, First: -1, Default: -1, Least: 0.25, LeastAt: 2}},
		"cured within its grace":     {func(c loan.Covenant) loan.Covenant { c.Grace = 2; return c }, floor, row(1, 1, 1.5, 1.5), loan.Verdict{Tests: 4, Breaches: 2, First: 0, Default: -1, Least: -0.25, LeastAt: 0, Cure: 0.25, MostCure: 0.25}},
		"cured too late":             {func(c loan.Covenant) loan.Covenant { c.Grace = 1; return c }, floor, row(1, 1, 1.5, 1.5), loan.Verdict{Tests: 4, Breaches: 2, First: 0, Default: 1, Least: -0.25, LeastAt: 0, Cure: 0.25, MostCure: 0.25}},
		"its grace outlasts the row": {func(c loan.Covenant) loan.Covenant { c.Grace = 3; return c }, floor, row(1.5, 1, 1), loan.Verdict{Tests: 3, Breaches: 2, First: 1, Default: -1, Least: -0.25, LeastAt: 1, Cure: 0.25, MostCure: 0.25}},
		"nothing due, nothing cured": {nil, floor, []loan.Ratio{{Over: 5}, {}}, loan.Verdict{First: -1, Default: -1, Least: inf, LeastAt: -1}},
		"no periods":                 {nil, floor, nil, loan.Verdict{First: -1, Default: -1, Least: inf, LeastAt: -1}},
		"no collateral at all":       {nil, roof, []loan.Ratio{{Over: 80}}, loan.Verdict{Tests: 1, Breaches: 1, First: 0, Default: 0, Least: -inf, LeastAt: 0, Cure: 80, MostCure: 80}},
	} {
		k := c.of
		if c.covenant != nil {
			k = c.covenant(k)
		}
		if got, err := k.Test(c.row); err != nil || got != c.want {
			t.Errorf("%s: %v\n%+v, want\n%+v", sentence, err, got, c.want)
		}
	}
}

// TestCure: what is said to cure does, and a cent less does not.
func TestCure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := loan.Covenant{Name: "c", Kind: rapid.SampledFrom([]loan.Kind{loan.DSCR, loan.LLCR, loan.LTV, loan.Liquidity, loan.Leverage}).Draw(t, "kind"), Limit: rapid.Float64Range(0.1, 5).Draw(t, "limit"), Every: 1}
		r := loan.Ratio{Over: rapid.OneOf(rapid.Float64Range(-1e6, -1), rapid.Float64Range(1e3, 1e7)).Draw(t, "over"), Under: rapid.Float64Range(1e3, 1e7).Draw(t, "under")}
		k, err := c.At(r)
		if err != nil {
			t.Fatal(err)
		}
		if !k.Breached {
			if k.Cure != 0 || k.Headroom < -1e-6 {
				t.Fatalf("%+v", k)
			}
			return
		}
		cured := func(cash float64) bool {
			x := r
			switch c.Kind {
			case loan.DSCR, loan.Liquidity:
				x.Over += cash
			case loan.LLCR:
				x.Under -= cash
			case loan.LTV, loan.Leverage:
				x.Over -= cash
			}
			k, err := c.At(x)
			return err == nil && !k.Breached
		}
		if r.Over < 0 && c.Kind == loan.LLCR {
			// a life of losses covers no loan: all of it has to be repaid
			if !near(k.Cure, r.Under, 1e-12) {
				t.Fatalf("%+v", k)
			}
			return
		}
		if !cured(k.Cure) || cured(k.Cure*(1-1e-6)-0.1) {
			t.Fatalf("%s: %+v of %+v", c.Kind, k, r)
		}
	})
	// losses: no EBITDA carries debt
	k, err := (loan.Covenant{Kind: loan.Leverage, Limit: 3, Every: 1}).At(loan.Ratio{Over: 30, Under: -10})
	if err != nil || !k.Breached || k.Cure != 30 {
		t.Errorf("%+v, %v", k, err)
	}
}

// TestSculptedKeepsItsCovenant: a loan that is sized at a limit keeps it, rounding or not.
func TestSculptedKeepsItsCovenant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cafds := rapid.SliceOfN(rapid.Float64Range(1, 1e6), 13, 100).Draw(t, "cafds")
		dscr := rapid.Float64Range(1.05, 2).Draw(t, "dscr")
		s, err := loan.Sculpt(cafds, 0.008, dscr)
		if err != nil {
			t.Fatal(err)
		}
		trailing, err := loan.Trailing(cafds, s.Service, 12)
		if err != nil {
			t.Fatal(err)
		}
		v, err := loan.Covenant{Kind: loan.DSCR, Limit: dscr, Every: 3}.Test(trailing)
		if err != nil || v.Breaches > 0 || v.Tests == 0 {
			t.Fatalf("%+v, %v", v, err)
		}
	})
}

func TestCovenantRefused(t *testing.T) {
	t.Parallel()
	good := loan.Covenant{Name: "cover", Kind: loan.DSCR, Limit: 1.25, Every: 1}
	for sentence, change := range map[string]func(*loan.Covenant){
		"never tested":          func(c *loan.Covenant) { c.Every = 0 },
		"before the first":      func(c *loan.Covenant) { c.From = -1 },
		"a negative grace":      func(c *loan.Covenant) { c.Grace = -1 },
		"no limit":              func(c *loan.Covenant) { c.Limit = math.NaN() },
		"an endless limit":      func(c *loan.Covenant) { c.Limit = math.Inf(1) },
		"a negative limit":      func(c *loan.Covenant) { c.Limit = -1 },
		"a life that covers no": func(c *loan.Covenant) { c.Kind, c.Limit = loan.LLCR, 0 },
		"an unknown kind":       func(c *loan.Covenant) { c.Kind = "icr" },
	} {
		c := good
		change(&c)
		if _, err := c.Test(nil); !errors.Is(err, loan.ErrCovenant) || !strings.Contains(err.Error(), `covenant "cover"`) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if _, err := good.Test([]loan.Ratio{{Over: 2, Under: 1}, {Over: 1, Under: -1}}); !errors.Is(err, loan.ErrRatio) || !strings.Contains(err.Error(), "period 1") {
		t.Error(err)
	}
	good.Grace = 1
	if _, err := good.Test([]loan.Ratio{{Over: 1, Under: 1}, {Over: 1, Under: -1}}); !errors.Is(err, loan.ErrRatio) || !strings.Contains(err.Error(), "period 1") {
		t.Error(err)
	}
}

func BenchmarkCovenant(b *testing.B) {
	r := row(growing(1.2, 0.001, 120)...)
	c := loan.Covenant{Kind: loan.DSCR, Limit: 1.25, Every: 1, Grace: 3}
	for b.Loop() {
		if _, err := c.Test(r); err != nil {
			b.Fatal(err)
		}
	}
}
