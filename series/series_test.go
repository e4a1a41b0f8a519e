package series_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/series"
)

func start() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestGridCountsADay(t *testing.T) {
	t.Parallel()
	for step, want := range map[time.Duration]int{5 * time.Minute: 288, 15 * time.Minute: 96, 30 * time.Minute: 48, time.Hour: 24} {
		g, err := series.GridOver(start(), start().AddDate(0, 0, 1), step)
		if err != nil || g.Len() != want || g.Step() != step || !g.End().Equal(start().AddDate(0, 0, 1)) {
			t.Errorf("%v: %d intervals to %s, %v", step, g.Len(), g.End(), err)
		}
	}
}

// TestLocalDaysHaveWholeQuarters: a grid over a day with a clock change has 92, 96 or 100 intervals.
func TestLocalDaysHaveWholeQuarters(t *testing.T) {
	t.Parallel()
	z := zone(t, "Europe/Stockholm")
	seen := map[int]int{}
	for at := time.Date(2025, 1, 1, 11, 0, 0, 0, time.UTC); at.Year() == 2025; at = at.AddDate(0, 0, 1) {
		d := series.DayOf(at, z)
		g, err := series.GridOver(d.Start, d.End(), 15*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		seen[g.Len()]++
	}
	if diff := cmp.Diff(map[int]int{92: 1, 96: 363, 100: 1}, seen); diff != "" {
		t.Error(diff)
	}
}

func TestGridRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		from, to time.Time
		step     time.Duration
		says     string
	}{
		"ten minutes":                {start(), start().Add(time.Hour), 10 * time.Minute, "use 5m, 15m, 30m or 1h"},
		"no step":                    {start(), start().Add(time.Hour), 0, "use 5m"},
		"a negative step":            {start(), start().Add(time.Hour), -time.Hour, "use 5m"},
		"an end before the start":    {start(), start().Add(-time.Hour), time.Hour, "later than the start"},
		"nothing at all":             {start(), start(), time.Hour, "later than the start"},
		"part of an interval":        {start(), start().Add(50 * time.Minute), 15 * time.Minute, "whole number"},
		"a start off the boundary":   {start().Add(5 * time.Minute), start().Add(20 * time.Minute), 15 * time.Minute, "boundary"},
		"a start off five minutes":   {start().Add(time.Second), start().Add(5*time.Minute + time.Second), 5 * time.Minute, "boundary"},
		"an hour from ten past four": {start().Add(10 * time.Minute), start().Add(70 * time.Minute), time.Hour, "boundary"},
	}
	for name, c := range cases {
		if _, err := series.GridOver(c.from, c.to, c.step); !errors.Is(err, series.ErrGrid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := series.NewGrid(start(), time.Hour, -1); !errors.Is(err, series.ErrGrid) {
		t.Errorf("fewer than no intervals: %v", err)
	}
}

func TestHoursMayBeginAtAQuarter(t *testing.T) {
	t.Parallel()
	d := series.DayOf(start(), zone(t, "Asia/Kathmandu"))
	if g, err := series.GridOver(d.Start, d.End(), time.Hour); err != nil || g.Len() != 24 || g.Start(0).Minute() != 15 {
		t.Errorf("%v, %v", g, err)
	}
}

func TestIndexAndIntervalAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}).Draw(t, "step")
		g, err := series.NewGrid(start(), step, rapid.IntRange(0, 500).Draw(t, "n"))
		if err != nil {
			t.Fatal(err)
		}
		at := start().Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(505*time.Hour)).Draw(t, "at")))
		i, inside := g.Index(at)
		if inside != (!at.Before(g.Start(0)) && at.Before(g.End())) {
			t.Fatalf("%s inside %v", at, inside)
		}
		if inside && (at.Before(g.At(i).Start) || !at.Before(g.At(i).End())) {
			t.Fatalf("%s is not in interval %d", at, i)
		}
	})
}

func TestMeshFollowsWithoutAHole(t *testing.T) {
	t.Parallel()
	m := series.Mesh{Start: start(), Lengths: []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}}
	want := []series.Interval{{Start: start(), Length: 5 * time.Minute}, {Start: start().Add(5 * time.Minute), Length: 15 * time.Minute}, {Start: start().Add(20 * time.Minute), Length: time.Hour}}
	if diff := cmp.Diff(want, m.Intervals()); diff != "" || m.Len() != 3 || want[2].Hours() != 1 {
		t.Error(diff)
	}
}

// holed is a series of hours in which the marked ones (-) are not known.
func holed(t *testing.T, marks string, step time.Duration) *series.Series[int] {
	t.Helper()
	g, err := series.NewGrid(start(), step, len(marks))
	if err != nil {
		t.Fatal(err)
	}
	s := series.New[int](g)
	for i, m := range marks {
		if m != '-' {
			s.Set(i, i)
		}
	}
	return s
}

func contents(s *series.Series[int]) []int {
	var out []int
	for i := range s.Grid.Len() {
		v, known := s.Value(i)
		if !known {
			v = -1
		}
		out = append(out, v)
	}
	return out
}

func TestGaps(t *testing.T) {
	t.Parallel()
	s := holed(t, "--xx-x-", time.Hour)
	want := []series.Gap{{0, 2, start()}, {4, 1, start().Add(4 * time.Hour)}, {6, 1, start().Add(6 * time.Hour)}}
	if diff := cmp.Diff(want, s.Gaps()); diff != "" {
		t.Error(diff)
	}
	if g := holed(t, "xxx", time.Hour).Gaps(); len(g) != 0 {
		t.Errorf("a whole series has gaps %v", g)
	}
}

func TestFillGaps(t *testing.T) {
	t.Parallel()
	day := strings.Repeat("x", 24)
	cases := map[string]struct {
		marks  string
		policy series.Fill
		at     int // an interval to look at
		want   int // and its value
		filled int
		says   string // of the error; then nothing may change
	}{
		"hold the last value":                    {"xx--x", series.HoldLast, 3, 1, 2, ""},
		"the value of the day before":            {day + "x--x", series.SameHourYday, 26, 2, 2, ""},
		"a day before that was itself filled":    {day + strings.Repeat("-", 48), series.SameHourYday, 71, 23, 48, ""},
		"nothing to fill, whatever the policy":   {"xxx", "nonsense", 2, 2, 0, ""},
		"refuse is the default":                  {"xx--x", "", 3, -1, 0, "2 of 5 intervals have no value, the first 2 from 2025-01-01T02:00:00Z"},
		"refuse by name":                         {"x-x-x", series.Refuse, 3, -1, 0, "2 of 5 intervals"},
		"a policy nobody knows":                  {"x-x", "interpolate", 1, -1, 0, "\"interpolate\" is not known"},
		"nothing to hold at the start":           {"-xx-", series.HoldLast, 3, -1, 0, "no earlier value"},
		"nothing a day before":                   {"xx-", series.SameHourYday, 2, -1, 0, "no earlier value"},
		"a failure half way leaves all as it is": {"x-" + strings.Repeat("x", 22) + "-x-", series.SameHourYday, 24, -1, 0, "no earlier value"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := holed(t, c.marks, time.Hour)
			before := contents(s)
			n, err := s.FillGaps(c.policy)
			if v := contents(s)[c.at]; n != c.filled || v != c.want {
				t.Errorf("filled %d, value %d", n, v)
			}
			if c.says == "" {
				if err != nil || len(s.Gaps()) != 0 {
					t.Errorf("%v, gaps %v", err, s.Gaps())
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff(before, contents(s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFillKeepsWhatIsKnown: filling changes no known value and reports how many it made up.
func TestFillKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		known := rapid.SliceOfN(rapid.Bool(), 1, 200).Draw(t, "known")
		g, err := series.NewGrid(start(), 15*time.Minute, len(known))
		if err != nil {
			t.Fatal(err)
		}
		s, missing := series.New[int](g), 0
		for i, k := range known {
			if k {
				s.Set(i, i)
			} else {
				missing++
			}
		}
		n, err := s.FillGaps(series.HoldLast)
		if (err == nil) != (known[0] || missing == 0) {
			t.Fatalf("known %v: %v", known, err)
		}
		if err == nil && (n != missing || len(s.Gaps()) != 0) {
			t.Fatalf("filled %d of %d", n, missing)
		}
		last := 0
		for i, k := range known {
			if k {
				last = i
			}
			if v, ok := s.Value(i); k && v != i || err == nil && (!ok || v != last) {
				t.Fatalf("interval %d is %d", i, v)
			}
		}
	})
}

func TestNothingIsKnownOutside(t *testing.T) {
	t.Parallel()
	s := holed(t, "xxx", time.Hour)
	for name, at := range map[string]time.Time{"before": start().Add(-1), "at the end": start().Add(3 * time.Hour)} {
		if v, known := s.At(at); known || v != 0 {
			t.Errorf("%s: %d", name, v)
		}
	}
	for _, i := range []int{-1, 3} {
		if _, known := s.Value(i); known {
			t.Errorf("interval %d is known", i)
		}
	}
	if v, known := s.At(start().Add(time.Hour)); !known || v != 1 {
		t.Errorf("inside: %d, %v", v, known)
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	flat, uneven := series.Flat(7), series.Profile[int]{1, 2, 3}
	if flat.At(0) != 7 || flat.At(99) != 7 || uneven.At(2) != 3 {
		t.Error("a profile gives the wrong value")
	}
	if !flat.Covers(99) || !uneven.Covers(3) || uneven.Covers(2) || uneven.Covers(4) || (series.Profile[int]{}).Covers(1) {
		t.Error("a profile covers what it does not, or not what it does")
	}
}
