package replay

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/replay/report"
	"sluice/unit"
)

// TestDaysAndMoments: the days sum to what the policies earned, the named intervals are
// those in which they differ most, and the papers say why.
func TestDaysAndMoments(t *testing.T) {
	t.Parallel()
	s := texan(t, "2025-05-14", "2025-05-16T06:00")
	o := options(t, 1)
	r := replayed(t, s, o)
	if len(r.Days) != 3 || !r.Days[0].Start.Equal(s.From) || !r.Days[1].Start.Equal(s.From.Add(24*time.Hour)) {
		t.Fatalf("%d days: %+v", len(r.Days), r.Days)
	}
	for p, of := range r.Policies {
		sum := unit.Amount(0)
		for _, d := range r.Days {
			sum += d.Net[p]
		}
		charged := unit.Amount(0) // by month, on no day
		for _, l := range of.Money {
			if l.Source == report.Demand || l.Source == report.Fixed || l.Source == report.Peak {
				charged += l.Amount
			}
		}
		if sum != of.Net-charged {
			t.Errorf("%s: the days sum to %d, the policy to %d", of.ID, sum, of.Net-charged)
		}
	}
	mine := slices.IndexFunc(r.Policies, func(p report.Policy) bool { return p.ID == report.Sluice })
	if len(r.Moments) < momentsShown || !slices.IsSortedFunc(r.Moments, func(a, b report.Moment) int { return a.Start.Compare(b.Start) }) {
		t.Fatalf("%d moments", len(r.Moments))
	}
	var at []time.Time
	best := unit.Amount(0)
	for _, m := range r.Moments {
		at = append(at, m.Start)
		best = max(best, m.Net[mine]-m.Net[0])
	}
	if best <= 0 {
		t.Errorf("in none of the named intervals Sluice did better than always on: %+v", r.Moments)
	}
	why, err := Why(o.Dir, append(at, s.From.Add(-time.Hour)))
	if err != nil || len(why) != len(at) || len(why[at[0].Unix()]) != len(s.Rigs) {
		t.Errorf("reasons of %d of %d, %v", len(why), len(at), err)
	}
	if _, err := Why(t.TempDir(), at); err == nil {
		t.Error("a folder without papers gives reasons")
	}
	papers, err := filepath.Glob(filepath.Join(o.Dir, "papers-*.seal.json"))
	if err != nil || len(papers) != 1 {
		t.Fatal(papers, err)
	}
	text, err := os.ReadFile(papers[0])
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"SHA256": "`, `"SHA256": "0`, 1)
	if err := os.WriteFile(papers[0], []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Why(o.Dir, at); err == nil {
		t.Error("papers that were changed give reasons")
	}
}

// TestFurthest: the largest differences to either side, none that are none.
func TestFurthest(t *testing.T) {
	t.Parallel()
	by := []unit.Amount{0, 5, -9, 0, 7, 1}
	got := furthest(len(by), func(i int) unit.Amount { return by[i] })
	if !slices.Equal(got, []int{2, 4, 1, 5}) {
		t.Errorf("%v", got)
	}
}
