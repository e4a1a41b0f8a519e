package loan_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/loan"
)

func TestReserveTargets(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		service []float64
		months  float64
		year    int
		want    []float64
	}{
		"half of the next year, grown":    {[]float64{100, 120, 140}, 6, 1, []float64{50, 60, 70, 0}},
		"it does not fall with service":   {[]float64{140, 120, 100}, 6, 1, []float64{70, 70, 70, 0}},
		"three of twelve level months":    {slices.Repeat([]float64{10}, 24), 3, 12, append(slices.Repeat([]float64{30}, 24), 0)},
		"a year of four, three to come":   {[]float64{10, 10, 10}, 12, 4, []float64{30, 30, 30, 0}},
		"no reserve":                      {[]float64{10}, 0, 12, []float64{0, 0}},
		"no loan":                         {nil, 6, 12, []float64{0}},
		"a bullet asks for it in the end": {[]float64{1, 1, 101}, 12, 1, []float64{1, 1, 101, 0}},
	} {
		got, err := loan.ReserveTargets(c.service, c.months, c.year)
		if err != nil || len(got) != len(c.want) || !slices.EqualFunc(got, c.want, func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("%s: %v, %v, want %v", sentence, got, err, c.want)
		}
	}
	for sentence, err := range map[string]error{
		"negative months":      second(loan.ReserveTargets([]float64{1}, -1, 12)),
		"a year of no periods": second(loan.ReserveTargets([]float64{1}, 6, 0)),
		"endless months":       second(loan.ReserveTargets([]float64{1}, math.Inf(1), 12)),
	} {
		if !errors.Is(err, loan.ErrTerms) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := second(loan.ReserveTargets([]float64{1, -1}, 6, 12)); !errors.Is(err, loan.ErrRatio) {
		t.Error(err)
	}
}

// TestWaterfall: one period in one state after the other, by hand.
func TestWaterfall(t *testing.T) {
	t.Parallel()
	rules := loan.Waterfall{LockUp: 1.2, Sweep: 0.5, SweepBelow: 1.3, Keep: 10}
	full := loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 1000}
	due := loan.Due{CAFDS: 100, Interest: 40, Principal: 20, Reserve: 30, Upkeep: 5, DSCR: loan.Ratio{Over: 140, Under: 100}}
	for sentence, c := range map[string]struct {
		change func(*loan.Accounts, *loan.Due)
		want   loan.Paid
	}{
		"all is well": {
			func(*loan.Accounts, *loan.Due) {},
			loan.Paid{Interest: 40, Principal: 20, Owners: 40, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 980}},
		},
		"half is swept below 1.3": {
			func(_ *loan.Accounts, d *loan.Due) { d.DSCR.Over = 125 },
			loan.Paid{Interest: 40, Principal: 20, Swept: 20, Owners: 20, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 960}},
		},
		"the sweep ends with the loan": {
			func(a *loan.Accounts, d *loan.Due) { a.Balance, d.DSCR.Over = 25, 125 },
			loan.Paid{Interest: 40, Principal: 20, Swept: 5, Owners: 35, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5}},
		},
		"owners are shut out below 1.2": {
			func(_ *loan.Accounts, d *loan.Due) { d.DSCR.Over = 119 },
			loan.Paid{Interest: 40, Principal: 20, Swept: 20, Locked: true, After: loan.Accounts{Cash: 30, Reserve: 30, Upkeep: 5, Balance: 960}},
		},
		"at the lock-up itself they are not": {
			func(_ *loan.Accounts, d *loan.Due) { d.DSCR = loan.Ratio{Over: 0.36, Under: 0.3} },
			loan.Paid{Interest: 40, Principal: 20, Swept: 20, Owners: 20, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 960}},
		},
		"no service was due, nothing is tested": {
			func(_ *loan.Accounts, d *loan.Due) { d.DSCR = loan.Ratio{Over: 5} },
			loan.Paid{Interest: 40, Principal: 20, Owners: 40, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 980}},
		},
		"the reserve pays what cash lacks": {
			func(_ *loan.Accounts, d *loan.Due) { d.CAFDS = 30 },
			loan.Paid{Interest: 40, Principal: 20, FromReserve: 20, Locked: true, After: loan.Accounts{Reserve: 10, Upkeep: 5, Balance: 980}},
		},
		"interest before principal": {
			func(_ *loan.Accounts, d *loan.Due) { d.CAFDS = 5 },
			loan.Paid{Interest: 40, Principal: 5, UnpaidPrincipal: 15, FromReserve: 30, Locked: true, After: loan.Accounts{Upkeep: 5, Balance: 995}},
		},
		"not even the interest": {
			func(a *loan.Accounts, d *loan.Due) { a.Reserve, d.CAFDS = 0, 5 },
			loan.Paid{Interest: 15, UnpaidInterest: 25, UnpaidPrincipal: 20, Locked: true, After: loan.Accounts{Upkeep: 5, Balance: 1000}},
		},
		"losses that cash does not cover": {
			func(_ *loan.Accounts, d *loan.Due) { d.CAFDS = -25 },
			loan.Paid{Interest: 30, UnpaidInterest: 10, UnpaidPrincipal: 20, FromReserve: 30, Missing: 15, Locked: true, After: loan.Accounts{Upkeep: 5, Balance: 1000}},
		},
		"what is released is not for owners while money is missing": {
			func(_ *loan.Accounts, d *loan.Due) { d.CAFDS, d.Interest, d.Principal, d.Reserve = -25, 0, 0, 0 },
			loan.Paid{ToReserve: -30, Missing: 15, Locked: true, After: loan.Accounts{Cash: 30, Upkeep: 5, Balance: 1000}},
		},
		"the reserves are filled before owners": {
			func(a *loan.Accounts, _ *loan.Due) { a.Reserve, a.Upkeep = 12, 0 },
			loan.Paid{Interest: 40, Principal: 20, ToReserve: 18, ToUpkeep: 5, Owners: 17, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 980}},
		},
		"a reserve that cannot be filled shuts them out": {
			func(a *loan.Accounts, d *loan.Due) { a.Reserve, d.Upkeep = 0, 100 },
			loan.Paid{Interest: 40, Principal: 20, ToReserve: 30, ToUpkeep: 20, Locked: true, After: loan.Accounts{Reserve: 30, Upkeep: 25, Balance: 980}},
		},
		"what was set aside pays for the overhaul": {
			func(a *loan.Accounts, d *loan.Due) { a.Upkeep, d.CAFDS = 105, 0 },
			loan.Paid{Interest: 40, Principal: 20, ToUpkeep: -100, Owners: 40, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 980}},
		},
		"in the end the reserve is released": {
			func(a *loan.Accounts, d *loan.Due) { a.Balance, d.Reserve = 20, 0 },
			loan.Paid{Interest: 40, Principal: 20, ToReserve: -30, Owners: 70, After: loan.Accounts{Cash: 10, Upkeep: 5}},
		},
		"after sweeps less is owed than is due": {
			func(a *loan.Accounts, _ *loan.Due) { a.Balance = 8 },
			loan.Paid{Interest: 40, Principal: 8, Owners: 52, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5}},
		},
		"interest that the schedule lets grow": {
			func(_ *loan.Accounts, d *loan.Due) { d.Principal = -15 },
			loan.Paid{Interest: 25, Grown: 15, Owners: 75, After: loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 1015}},
		},
	} {
		a, d := full, due
		c.change(&a, &d)
		if got, err := rules.Run(a, d); err != nil || got != c.want {
			t.Errorf("%s: %v\n%+v, want\n%+v", sentence, err, got, c.want)
		}
	}
}

// drawAmount is money from nothing to a billion.
func drawAmount(t *rapid.T, name string) float64 {
	return rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1000), rapid.Float64Range(0, 1e9)).Draw(t, name)
}

// TestEveryCent: whatever comes, what was there and came in is what was paid and is
// still there; nothing is negative; owners get nothing before the lenders have all.
func TestEveryCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := loan.Waterfall{LockUp: 1.2, Sweep: rapid.Float64Range(0, 1).Draw(t, "sweep"), SweepBelow: 1.4, Keep: drawAmount(t, "keep")}
		a := loan.Accounts{Cash: drawAmount(t, "cash"), Reserve: drawAmount(t, "reserve"), Upkeep: drawAmount(t, "upkeep"), Balance: drawAmount(t, "balance")}
		d := loan.Due{
			CAFDS: drawAmount(t, "cafds") - drawAmount(t, "losses"), Interest: drawAmount(t, "interest"), Principal: drawAmount(t, "principal"),
			Reserve: drawAmount(t, "target"), Upkeep: drawAmount(t, "upkeep target"), DSCR: loan.Ratio{Over: rapid.Float64Range(-1, 3).Draw(t, "dscr"), Under: 1},
		}
		if rapid.Bool().Draw(t, "grows") {
			d.Principal = -rapid.Float64Range(0, 1).Draw(t, "share") * d.Interest
		}
		p, err := w.Run(a, d)
		if err != nil {
			t.Fatal(err)
		}
		in := a.Cash + a.Reserve + a.Upkeep + d.CAFDS + p.Missing
		out := p.Interest + p.Principal + p.Swept + p.Owners + p.After.Cash + p.After.Reserve + p.After.Upkeep
		scale := 1 + a.Cash + a.Reserve + a.Upkeep + math.Abs(d.CAFDS)
		if math.Abs(in-out) > 1e-12*scale {
			t.Fatalf("%v came, %v went", in, out)
		}
		for name, v := range map[string]float64{
			"interest": p.Interest, "principal": p.Principal, "unpaid interest": p.UnpaidInterest, "unpaid principal": p.UnpaidPrincipal, "swept": p.Swept,
			"owners": p.Owners, "missing": p.Missing, "cash": p.After.Cash, "reserve": p.After.Reserve, "upkeep": p.After.Upkeep, "balance": p.After.Balance, "from reserve": p.FromReserve,
		} {
			if v < -1e-12*scale {
				t.Fatalf("%s: %v in %+v", name, v, p)
			}
		}
		if !near(p.Interest+p.UnpaidInterest+p.Grown, d.Interest, 1e-12) || !near(p.After.Balance, a.Balance+p.Grown-p.Principal-p.Swept, 1e-9) {
			t.Fatalf("%+v", p)
		}
		if p.After.Cash > 0 && (p.After.Reserve != d.Reserve || p.After.Upkeep != d.Upkeep) {
			t.Fatalf("cash is left beside a reserve off its target: %+v", p)
		}
		if p.Owners > 0 && (p.Locked || p.UnpaidInterest+p.UnpaidPrincipal > 0 || p.After.Reserve < d.Reserve || d.DSCR.Over < 1.2-1e-6) {
			t.Fatalf("owners got %v: %+v", p.Owners, p)
		}
	})
}

// TestWaterfallLife: a sculpted loan with a reserve, from its first to its last
// period on the cash that it was sized by: never short, DSCR as sized, and all that
// the lenders do not get goes to owners in the end, the reserve too.
func TestWaterfallLife(t *testing.T) {
	t.Parallel()
	cafds := growing(1e6, 0.002, 120)
	s, err := loan.Sculpt(cafds, 0.0075, 1.35)
	if err != nil {
		t.Fatal(err)
	}
	held, err := loan.ReserveTargets(s.Service, 6, 12)
	if err != nil {
		t.Fatal(err)
	}
	a := loan.Accounts{Reserve: held[0], Balance: s.Debt}
	var owners, service float64
	for m := range cafds {
		due := loan.Due{CAFDS: cafds[m], Interest: s.Interest[m], Principal: s.Principal[m], Reserve: held[m+1], DSCR: loan.Ratio{Over: cafds[m], Under: s.Service[m]}}
		p, err := loan.Waterfall{LockUp: 1.35, Sweep: 1, SweepBelow: 1.35}.Run(a, due)
		if err != nil || p.Locked || p.Swept > 0 || p.FromReserve > 0 {
			t.Fatalf("month %d: %+v, %v", m, p, err)
		}
		a = p.After
		owners += p.Owners
		service += s.Service[m]
	}
	var all float64
	for _, c := range cafds {
		all += c
	}
	if a.Cash != 0 || a.Reserve != 0 || math.Abs(a.Balance) > 1e-3 || !near(owners, all+held[0]-service, 1e-9) {
		t.Errorf("%+v, owners got %v of %v", a, owners, all)
	}
}

func TestWaterfallRefused(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*loan.Waterfall, *loan.Accounts, *loan.Due){
		"negative cash":        func(_ *loan.Waterfall, a *loan.Accounts, _ *loan.Due) { a.Cash = -1 },
		"a negative balance":   func(_ *loan.Waterfall, a *loan.Accounts, _ *loan.Due) { a.Balance = -1 },
		"negative interest":    func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.Interest = -1 },
		"more grows than is":   func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.Interest, d.Principal = 1, -2 },
		"no CAFDS":             func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.CAFDS = math.NaN() },
		"endless CAFDS":        func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.CAFDS = math.Inf(1) },
		"an endless target":    func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.Reserve = math.Inf(1) },
		"a sweep in percent":   func(w *loan.Waterfall, _ *loan.Accounts, _ *loan.Due) { w.Sweep = 50 },
		"a negative lock-up":   func(w *loan.Waterfall, _ *loan.Accounts, _ *loan.Due) { w.LockUp = -1 },
		"a negative service":   func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.DSCR.Under = -1 },
		"a ratio of no number": func(_ *loan.Waterfall, _ *loan.Accounts, d *loan.Due) { d.DSCR.Over = math.NaN() },
	} {
		var w loan.Waterfall
		var a loan.Accounts
		var d loan.Due
		change(&w, &a, &d)
		if _, err := w.Run(a, d); !errors.Is(err, loan.ErrTerms) && !errors.Is(err, loan.ErrRatio) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func BenchmarkWaterfall(b *testing.B) {
	w := loan.Waterfall{LockUp: 1.2, Sweep: 0.5, SweepBelow: 1.3, Keep: 10}
	a := loan.Accounts{Cash: 10, Reserve: 30, Upkeep: 5, Balance: 1000}
	d := loan.Due{CAFDS: 100, Interest: 40, Principal: 20, Reserve: 30, Upkeep: 5, DSCR: loan.Ratio{Over: 125, Under: 100}}
	for b.Loop() {
		if _, err := w.Run(a, d); err != nil {
			b.Fatal(err)
		}
	}
}
