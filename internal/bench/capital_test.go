package main

import (
	"math"
	"slices"
	"testing"

	"sluice/internal/company"
)

// TestDifferencesBetweenProgramsAreSeen: equal futures agree, and one that differs in a
// cent of a billion, in a month, or is no number, breaks a promise.
func TestDifferencesBetweenProgramsAreSeen(t *testing.T) {
	t.Parallel()
	p := company.Plan(1)
	rows := func() []one {
		return []one{{1e9, 2e9, 3e8, -1, -1, 4, -1}, {1.5e9, 2e9, -3e8, 17, 5, 4, -1}}
	}
	broken := func(theirs []one) (names []string) {
		for _, f := range agree(p, rows(), theirs) {
			if f.Broken {
				names = append(names, f.Name)
			}
		}
		return names
	}
	if got := broken(rows()); len(got) > 0 {
		t.Errorf("the same futures differ: %v", got)
	}
	for want, spoil := range map[string]func([]one){
		"mean NPV beside NumPy, apart":                       func(r []one) { r[0][worthOf] += 10 },
		"mean equity at the end beside NumPy, apart":         func(r []one) { r[1][equityOf] = math.NaN() },
		"mean least liquidity beside NumPy, apart":           func(r []one) { r[1][leastOf] *= 1 + 1e-7 },
		"month in which cash runs out, futures that differ":  func(r []one) { r[1][brokeOf]++ },
		"first breach of loan to value, futures that differ": func(r []one) { r[0][brokeOf+3] = 0 },
	} {
		theirs := rows()
		spoil(theirs)
		if got := broken(theirs); !slices.Equal(got, []string{want}) {
			t.Errorf("broken %q, want %q", got, want)
		}
	}
}

// TestCompaniesAreRead reads what the benchmark of the portfolio prints.
func TestCompaniesAreRead(t *testing.T) {
	t.Parallel()
	tb := newTable("capital")
	const text = "goos: linux\nBenchmarkCompany/seed_0-2 \t 1\t 20500000000 ns/op\t 12 cuts\t 0.08 gap%\t 40 nodes\t 300 open\nBenchmarkCompany/seed_1-2 \t 1\t 61000000000 ns/op\t 12 cuts\t 0.2 gap%\t 40 nodes\t 300 open\n"
	if err := companies(tb, text); err != nil || len(tb.Figures) != 4 {
		t.Fatalf("%v, %+v", err, tb.Figures)
	}
	f := tb.Figures
	if f[0].Name != "portfolio of 50 sites by 10 years, seed 0, wall" || f[0].Value != 20.5 || f[0].Broken || f[1].Broken || !f[2].Broken || !f[3].Broken {
		t.Errorf("%+v", f)
	}
	for name, bad := range map[string]string{"nothing was run": "PASS\n", "no gap": "BenchmarkCompany/seed_0-2 1 205 ns/op\n"} {
		if err := companies(newTable("capital"), bad); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestOwnSumsTie: the sums of this program find the books of a future closed, and a
// cent that is missing.
func TestOwnSumsTie(t *testing.T) {
	t.Parallel()
	c, err := newCity(2)
	if err != nil {
		t.Fatal(err)
	}
	x, r := c.futures.New(), c.model.NewRun()
	c.futures.Draw(3, x)
	c.model.Run(&x.Path, r)
	if gap := loosest(r); gap >= halfCent {
		t.Errorf("a gap of %v", gap)
	}
	for _, l := range []int{30, 90} {
		r.Months[l][0] += 0.01 // rent that nobody paid
		if gap := loosest(r); gap < halfCent {
			t.Errorf("a cent is not missed in month %d: %v", l, gap)
		}
		r.Months[l][0] -= 0.01
	}
}

// TestTreeIsThePaper: the yardstick of the option meets the published value.
func TestTreeIsThePaper(t *testing.T) {
	t.Parallel()
	if v := tree(40); math.Abs(v-published) > 0.001 {
		t.Errorf("the tree gives %.4f", v)
	}
	if v := european(putDates, []float64{30}); v != 10 {
		t.Errorf("at its end the put is worth %v", v)
	}
}
