package hosting_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

func TestEarned(t *testing.T) {
	t.Parallel()
	from := utc(2025, 9, 9, 0)
	for sentence, c := range map[string]struct {
		kind           hosting.Kind
		counts         hosting.Counts
		reserved, used unit.Amount
	}{
		"reserved is paid whether used or not": {hosting.Reserved, hosting.Counts{Committed: 64 * 3600}, 160 * unit.Unit, 0},
		"also while it was down":               {hosting.Reserved, hosting.Counts{Committed: 64 * 3600, Down: 64 * 3600}, 160 * unit.Unit, 0},
		"flexible too":                         {hosting.Flexible, hosting.Counts{Committed: 64 * 3600, Served: 5}, 160 * unit.Unit, 0},
		"on demand is paid by use":             {hosting.OnDemand, hosting.Counts{Served: 7200, Committed: 7200}, 0, 5 * unit.Unit},
		"spot without the work that was lost":  {hosting.Spot, hosting.Counts{Served: 36_000, Lost: 9_000, Evictions: 1}, 0, 6 * unit.Unit},
		"batch with its credit for lateness":   {hosting.Batch, hosting.Counts{Served: 36_000, Late: 18_000}, 0, 8_500_000},
		"an hour of 100 kW in September":       {hosting.Colocation, hosting.Counts{}, 20_833_333, 0}, // 15,000 / 720
	} {
		x := compile(t, contract(c.kind))
		reserved, used := x.Earned(from, from.Add(time.Hour), hosting.Counts{}, c.counts)
		if reserved != c.reserved || used != c.used {
			t.Errorf("%s: %v reserved and %v used, want %v and %v", sentence, reserved, used, c.reserved, c.used)
		}
	}
}

// TestRentOfMonths: every local month of colocation comes to the price of its
// kilowatts, in intervals of five minutes too.
func TestRentOfMonths(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	c := contract(hosting.Colocation)
	c.Power, c.Price = 7*unit.Kilowatt, 99_999_999
	x, err := hosting.Compile(c, hall(), curves(t), z)
	if err != nil {
		t.Fatal(err)
	}
	for m := range time.Month(3) {
		month := series.MonthOf(time.Date(2025, 10+m, 5, 0, 0, 0, 0, z), z)
		var sum unit.Amount
		for at := month.Start; at.Before(month.End()); at = at.Add(5 * time.Minute) {
			earned, _ := x.Earned(at, at.Add(5*time.Minute), hosting.Counts{}, hosting.Counts{})
			sum += earned
		}
		if sum != 7*99_999_999 {
			t.Errorf("%s earned %d", month.Start.In(z).Month(), sum)
		}
	}
}

// TestEarnedIsSplitInvariant: a stretch cut in any way earns the same to the millionth.
func TestEarnedIsSplitInvariant(t *testing.T) {
	t.Parallel()
	z, known := zone(t, "America/Chicago"), curves(t)
	rapid.Check(t, func(t *rapid.T) {
		x, err := hosting.Compile(contracts().Draw(t, "contract"), hall(), known, z)
		if err != nil {
			t.Fatal(err)
		}
		count := func(was hosting.Counts) hosting.Counts {
			served := rapid.Int64Range(0, 100_000).Draw(t, "served")
			return hosting.Counts{
				Served: was.Served + served, Committed: was.Committed + rapid.Int64Range(0, 100_000).Draw(t, "committed"),
				Lost: was.Lost + rapid.Int64Range(0, served).Draw(t, "lost"), Late: was.Late + rapid.Int64Range(0, served).Draw(t, "late"),
			}
		}
		at := utc(2025, 8, 20, 0).Add(time.Duration(rapid.Int64Range(0, 150*86400).Draw(t, "from")) * time.Second)
		from, first := at, count(hosting.Counts{})
		last := first
		var reserved, used unit.Amount
		for range rapid.IntRange(1, 6).Draw(t, "pieces") {
			to, next := at.Add(time.Duration(rapid.Int64Range(1, 40*86400).Draw(t, "length"))*time.Second), count(last)
			r, u := x.Earned(at, to, last, next)
			reserved, used, at, last = reserved+r, used+u, to, next
		}
		if r, u := x.Earned(from, at, first, last); r != reserved || u != used {
			t.Fatalf("in one %v and %v, in pieces %v and %v", r, u, reserved, used)
		}
	})
}

// TestCreditOfAMonth: what stands in the state at the end of the month, by scope.
func TestCreditOfAMonth(t *testing.T) {
	t.Parallel()
	month := series.MonthOf(utc(2025, 9, 9, 0), time.UTC)
	state := hosting.LevelState{Month: month, Committed: 64 * 720 * 3600, Down: 16 * 3 * 3600}
	for n := range 8 {
		p := hosting.Part{Name: string(rune('a' + n)), Committed: 8 * 720 * 3600}
		if n < 2 {
			p.Down = 8 * 3 * 3600
		}
		state.Parts = append(state.Parts, p)
	}
	c := contract(hosting.Reserved)
	if got := compile(t, c).Credit(state); got != 11_520*unit.Unit {
		t.Errorf("fleet: %v, want 11,520", got)
	}
	c.Level.Scope = "instance"
	if got := compile(t, c).Credit(state); got != 2_880*unit.Unit {
		t.Errorf("instance: %v, want 2,880", got)
	}
	c = contract(hosting.OnDemand)
	if got := compile(t, c).Credit(hosting.LevelState{Month: month, Committed: 3600 * 100, Down: 3601}); got != 25*unit.Unit {
		t.Errorf("on demand: %v, want a tenth of 250", got)
	}
	if got := slices.Max(kinds()); compile(t, contract(got)).Credit(hosting.LevelState{Month: month, Committed: 10, Down: 10}) != 0 {
		t.Errorf("%s promises nothing and is credited", got)
	}
}
