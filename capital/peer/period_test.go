package peer_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/capital/peer"
)

func period(tb rapid.TB, text string) peer.Period {
	tb.Helper()
	p, err := peer.ParsePeriod(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestPeriods: what a period is, from its first to its last day.
func TestPeriods(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		first, last string
		days        int
		shown       string
	}{
		"2025-09-30":            {"2025-09-30", "2025-09-30", 1, "2025-09-30"},
		"2024-02":               {"2024-02-01", "2024-02-29", 29, "2024-02"},
		"2025Q3":                {"2025-07-01", "2025-09-30", 92, "2025Q3"},
		"2025Q1":                {"2025-01-01", "2025-03-31", 90, "2025Q1"},
		"2025H2":                {"2025-07-01", "2025-12-31", 184, "2025H2"},
		"2024":                  {"2024-01-01", "2024-12-31", 366, "2024"},
		"2024-10-01/2025-09-30": {"2024-10-01", "2025-09-30", 365, "2024-10-01/2025-09-30"},
		"2025-07-01/2025-09-30": {"2025-07-01", "2025-09-30", 92, "2025Q3"},
		"2025-02-01/2025-04-30": {"2025-02-01", "2025-04-30", 89, "2025-02-01/2025-04-30"},
	} {
		p := period(t, text)
		if p.First.Format(time.DateOnly) != want.first || p.Last.Format(time.DateOnly) != want.last || p.Days() != want.days || p.String() != want.shown {
			t.Errorf("%s: %v to %v, %d days, shown as %s", text, p.First, p.Last, p.Days(), p)
		}
	}
	for _, text := range []string{"", "2025Q5", "2025Q0", "2025H3", "2025-13", "2025-02-30", "1999", "3000", "25Q3", "2025-Q3", "Q3", "2025Q3/2025Q4", "2025-09-30/2025-09-29", "20x5Q1", "2025QA", "next year"} {
		if p, err := peer.ParsePeriod(text); !errors.Is(err, peer.ErrPeriod) {
			t.Errorf("%q is %v, %v", text, p, err)
		}
	}
}

// TestPeriodsComeBack: a period is read from what it is shown as.
func TestPeriodsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 20_000).Draw(t, "first"))
		p := peer.Period{First: first, Last: first.AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "days"))}
		if q := period(t, p.String()); q != p {
			t.Fatalf("%v came back as %v", p, q)
		}
	})
}
