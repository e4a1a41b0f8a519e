package hosting_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// TestCommitted: contracted seconds of local months, clock changes and ramps included.
func TestCommitted(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	ramp := []unit.Ratio{0, 500_000, 510_000}
	for sentence, c := range map[string]struct {
		zone   *time.Location
		change func(*hosting.Contract)
		month  time.Time
		want   int64 // GPU-hours
	}{
		"a month of 30 days":                      {time.UTC, nil, utc(2025, 9, 9, 0), 64 * 720},
		"March in Chicago is an hour short":       {chicago, nil, utc(2026, 3, 20, 0), 64 * (31*24 - 1)},
		"November in Chicago is an hour long":     {chicago, nil, utc(2025, 11, 20, 0), 64 * (30*24 + 1)},
		"before it starts":                        {time.UTC, nil, utc(2025, 8, 9, 0), 0},
		"the month in which it starts":            {time.UTC, func(c *hosting.Contract) { c.Start = utc(2025, 9, 21, 0) }, utc(2025, 9, 9, 0), 64 * 240},
		"the month in which it ends":              {time.UTC, func(c *hosting.Contract) { c.End = utc(2025, 9, 3, 0) }, utc(2025, 9, 9, 0), 64 * 48},
		"without end":                             {time.UTC, func(c *hosting.Contract) { c.End = time.Time{} }, utc(2035, 1, 9, 0), 64 * 744},
		"a first month without commitment":        {time.UTC, func(c *hosting.Contract) { c.Ramp = ramp }, utc(2025, 9, 9, 0), 0},
		"half in the second":                      {time.UTC, func(c *hosting.Contract) { c.Ramp = ramp }, utc(2025, 10, 9, 0), 32 * 744},
		"part of a GPU is kept whole":             {time.UTC, func(c *hosting.Contract) { c.Ramp = ramp }, utc(2025, 11, 9, 0), 33 * 720},
		"all of it after the ramp":                {time.UTC, func(c *hosting.Contract) { c.Ramp = ramp }, utc(2025, 12, 9, 0), 64 * 744},
		"a ramp that turns within the month":      {time.UTC, func(c *hosting.Contract) { c.Ramp, c.Start = ramp, utc(2025, 9, 16, 0) }, utc(2025, 10, 9, 0), 32 * 16 * 24},
		"a ramp that turns at local midnight":     {chicago, func(c *hosting.Contract) { c.Ramp, c.Start = ramp, utc(2025, 10, 1, 5) }, utc(2025, 11, 9, 0), 32 * 721},
		"a day that a month does not have":        {time.UTC, func(c *hosting.Contract) { c.Ramp, c.Start = ramp, utc(2026, 1, 31, 0) }, utc(2026, 2, 9, 0), 32 * 24},
		"what is not committed is not contracted": {time.UTC, func(c *hosting.Contract) { c.Kind = hosting.OnDemand }, utc(2025, 9, 9, 0), 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := contract(hosting.Reserved)
			if c.change != nil {
				c.change(&x)
			}
			month := series.MonthOf(c.month, c.zone)
			if got := x.Committed(month.Start, month.End(), c.zone); got != c.want*3600 {
				t.Errorf("%d GPU-seconds, want %d", got, c.want*3600)
			}
		})
	}
}

// TestCommittedAddsUp: a stretch may be cut anywhere, and each second counts what is
// committed in it.
func TestCommittedAddsUp(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/Chicago")
	rapid.Check(t, func(t *rapid.T) {
		c := contracts().Filter(func(c hosting.Contract) bool { return c.Kind.Commits() }).Draw(t, "contract")
		from := c.Start.Add(time.Duration(rapid.Int64Range(-40*86400, 400*86400).Draw(t, "from")) * time.Second)
		a, b := rapid.Int64Range(0, 90*86400).Draw(t, "a"), rapid.Int64Range(0, 90*86400).Draw(t, "b")
		cut, to := from.Add(time.Duration(a)*time.Second), from.Add(time.Duration(a+b)*time.Second)
		whole, parts := c.Committed(from, to, z), c.Committed(from, cut, z)+c.Committed(cut, to, z)
		if whole != parts {
			t.Fatalf("%d in one, %d in two", whole, parts)
		}
		if got, want := c.Committed(cut, cut.Add(time.Second), z), c.CommittedAt(cut, z); got != want {
			t.Fatalf("%d units in the second from %s, committed are %d", got, cut, want)
		}
	})
}

// TestFee: the vector of the service level, and kilowatts by the month.
func TestFee(t *testing.T) {
	t.Parallel()
	month := series.MonthOf(utc(2025, 9, 9, 0), time.UTC)
	if got := contract(hosting.Reserved).Fee(month, time.UTC); got != 115_200*unit.Unit {
		t.Errorf("64 GPUs for 720 h at 2.50 are %v", got)
	}
	for _, at := range []time.Time{utc(2025, 11, 9, 0), utc(2026, 2, 9, 0), utc(2026, 3, 20, 0)} {
		z := zone(t, "America/Chicago")
		if got := contract(hosting.Colocation).Fee(series.MonthOf(at, z), z); got != 15_000*unit.Unit {
			t.Errorf("100 kW at 150 in the month of %s are %v", at, got)
		}
	}
}
