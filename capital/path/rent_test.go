package path_test

import (
	"errors"
	"math"
	"testing"

	"sluice/capital"
	"sluice/capital/path"
)

// rents are two classes: tenants that never fail, and tenants that fail once in two years.
func rents() path.Rents {
	return path.Rents{
		Weeks: 520, Slow: 0.20, Fast: 0.35, Common: 0.5,
		Classes: []path.Class{
			{Name: "firm", Market: 2, Paid: 3, Term: 100, Renewal: 52, Vacancy: 8},
			{Name: "shaky", Market: 4, Paid: 5, Term: 156, Renewal: 26, Vacancy: 13, Intensity: 0.5},
		},
	}
}

// TestRentWalk: a contract holds to its end, then nothing, then the price of the day.
func TestRentWalk(t *testing.T) {
	t.Parallel()
	r, into := rents(), make([]path.Rental, 2)
	for i := range uint64(200) {
		r.Draw(capital.Stream(1, i), into)
		m := into[0]
		if m.Failed != -1 || m.Vacant != 8*7 { // ends of 100, 160, 220 ... 460, and of 520
			t.Fatalf("week of failure %d, %d weeks empty", m.Failed, m.Vacant)
		}
		for w, want := range map[int]float64{0: 3, 99: 3, 100: 0, 107: 0, 108: m.Market[108], 159: m.Market[108], 160: 0, 168: m.Market[168]} {
			if m.Paid[w] != want {
				t.Fatalf("path %d, week %d: %v, want %v", i, w, m.Paid[w], want)
			}
		}
		for w := range m.Market {
			if want := 2 * math.Pow(1-m.Rate, float64(w)*7/365.2425); math.Abs(m.Market[w]/want-1) > 1e-9 {
				t.Fatalf("week %d: market %v, want %v", w, m.Market[w], want)
			}
		}
		check(t, r.Classes[1], into[1])
	}
}

// check holds a rental against what no tenant can change.
func check(t *testing.T, c path.Class, m path.Rental) {
	t.Helper()
	empty := 0
	for w, paid := range m.Paid {
		if paid == 0 {
			empty++
		}
		if paid != 0 && (w == 0 || m.Paid[w-1] == 0) && w > 0 && paid != m.Market[w] {
			t.Fatalf("week %d: a new contract at %v, the market is at %v", w, paid, m.Market[w])
		}
	}
	if empty != m.Vacant {
		t.Fatalf("%d empty weeks, %d said", empty, m.Vacant)
	}
	if f := m.Failed; f >= 0 && (m.Paid[f] != 0 || f > 0 && f < c.Term && m.Paid[f-1] != c.Paid) {
		t.Fatalf("the tenant failed in week %d and pays %v", f, m.Paid[f])
	}
}

// TestRentMoments: the planning range of the decay, one factor, failures as often as said.
func TestRentMoments(t *testing.T) {
	t.Parallel()
	r, into := rents(), make([]path.Rental, 2)
	const n = 10_000
	var first, second []float64
	kept := 0
	for i := range uint64(n) {
		r.Draw(capital.Stream(2, i), into)
		first, second = append(first, into[0].Rate), append(second, into[1].Rate)
		if into[1].Failed < 0 || into[1].Failed >= 156 {
			kept++
		}
	}
	if s := capital.SpreadOf(first); math.Abs(s.P10-0.20) > 0.003 || math.Abs(s.P90-0.35) > 0.004 {
		t.Errorf("P10 %v, P90 %v a year", s.P10, s.P90)
	}
	if got := correlation(first, second); math.Abs(got-0.5) > 0.03 {
		t.Errorf("rates of two classes are correlated by %v", got)
	}
	if want := math.Exp(-0.5 * 156 * 7 / 365.2425); math.Abs(float64(kept)/n-want) > 0.02 {
		t.Errorf("%v of tenants last three years, want %v", float64(kept)/n, want)
	}
}

// TestRentsApart: what one class signs does not move another, and a draw repeats itself.
func TestRentsApart(t *testing.T) {
	t.Parallel()
	r, a, b := rents(), make([]path.Rental, 2), make([]path.Rental, 2)
	r.Classes[0].Intensity = 0.3
	r.Draw(capital.Stream(9, 9), a)
	r.Classes[0].Term, r.Classes[0].Renewal = 3, 5
	r.Draw(capital.Stream(9, 9), b)
	for w := range a[1].Paid {
		if a[1].Paid[w] != b[1].Paid[w] || a[0].Market[w] != b[0].Market[w] {
			t.Fatalf("week %d differs", w)
		}
	}
	if a[0].Paid[4] == b[0].Paid[4] {
		t.Error("another contract pays the same")
	}
	r.Classes[1].Term, r.Classes[1].Vacancy = 0, 4
	r.Draw(capital.Stream(9, 9), b)
	if b[1].Paid[3] != 0 || b[1].Paid[4] != b[1].Market[4] {
		t.Errorf("without a tenant at the begin: %v", b[1].Paid[:6])
	}
}

func TestRentsRefuse(t *testing.T) {
	t.Parallel()
	if err := rents().Validate(); err != nil {
		t.Fatal(err)
	}
	for sentence, spoil := range map[string]func(*path.Rents){
		"no horizon":      func(r *path.Rents) { r.Weeks = 0 },
		"rising prices":   func(r *path.Rents) { r.Slow = -0.1 },
		"turned round":    func(r *path.Rents) { r.Slow = 0.5 },
		"all is lost":     func(r *path.Rents) { r.Fast = 1 },
		"correlation":     func(r *path.Rents) { r.Common = math.NaN() },
		"no market":       func(r *path.Rents) { r.Classes[0].Market = 0 },
		"a paid tenant":   func(r *path.Rents) { r.Classes[0].Paid = -1 },
		"a past term":     func(r *path.Rents) { r.Classes[0].Term = -1 },
		"no renewal":      func(r *path.Rents) { r.Classes[1].Renewal = 0 },
		"before its end":  func(r *path.Rents) { r.Classes[1].Vacancy = -1 },
		"fails each hour": func(r *path.Rents) { r.Classes[1].Intensity = 8760 },
	} {
		r := rents()
		spoil(&r)
		if err := r.Validate(); !errors.Is(err, path.ErrRent) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}
