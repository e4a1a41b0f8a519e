package hosting_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"sluice/gpu"
	"sluice/series"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

func utc(year int, month time.Month, day, hour int) time.Time {
	return time.Date(year, month, day, hour, 0, 0, 0, time.UTC)
}

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// curves is the shipped curves, and one of an H100 with the shape of a V100.
func curves(tb testing.TB) gpu.Curves {
	tb.Helper()
	c, err := gpu.StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	c, err = c.With(gpu.Curve{Model: "H100 SXM", Class: gpu.Training, Full: 700, Standing: gpu.Learned, Points: []gpu.Point{
		{Limit: 700, Speed: unit.One, Power: unit.One, Low: unit.One, Count: 9},
		{Limit: 600, Speed: 980_000, Power: 900_000, Low: 975_000, Count: 9},
		{Limit: 500, Speed: 950_000, Power: 800_000, Low: 940_000, Count: 9},
		{Limit: 400, Speed: 880_000, Power: 680_000, Low: 850_000, Count: 9},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// h100 is a server of eight, 1,275 W a GPU; small has no server around it, so that
// the share of the GPU is the whole.
func h100() gpu.Model {
	return gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_400}
}

// hall holds 32 servers of eight H100 in racks of four, and costs 1.2 a watt.
func hall() hosting.Hall {
	return hosting.Hall{Name: "gpu", Spare: 1, Cooling: use.Cooling{PUE0: 1_200_000, PerDegree: 2_000, Threshold: 25_000}, Groups: []hosting.Group{
		{Name: "h100", Model: h100(), Nodes: 32, Rack: 4, Limit: 45 * unit.Kilowatt, Boot: 5 * time.Minute},
	}}
}

// standard is the promise of the published vectors.
func standard() service.Level {
	return service.Level{Scope: service.Fleet, Tiers: []service.Tier{
		{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}, {Below: 950_000, Credit: unit.One},
	}}
}

// contract is one of 64 GPUs from September 2025 for a year, of a kind.
func contract(kind hosting.Kind) hosting.Contract {
	c := hosting.Contract{
		Name: "acme-" + string(kind), Tenant: "acme", Version: 1, Kind: kind, Hall: "gpu", Model: "H100 SXM", Class: gpu.Training, GPUs: 64,
		Start: utc(2025, 9, 1, 0), End: utc(2026, 9, 1, 0), Price: 2_500_000, Restart: 6 * time.Minute, Saves: time.Hour,
	}
	switch kind {
	case hosting.Colocation:
		c.Model, c.Class, c.GPUs, c.Power, c.Price, c.Level = "", "", 0, 100*unit.Kilowatt, 150*unit.Unit, standard()
	case hosting.Reserved:
		c.Level = standard()
	case hosting.Flexible:
		c.Level, c.Flex = standard(), hosting.Flex{Hours: 50 * time.Hour, Event: 4 * time.Hour, Events: 3, Notice: 30 * time.Minute, Share: unit.One}
	case hosting.OnDemand:
		c.Level = service.Level{Scope: service.Instance, Tiers: []service.Tier{{Below: 990_000, Credit: 100_000}}}
	case hosting.Spot:
		c.Price = 800_000
	case hosting.Batch:
		c.Price, c.Deadline, c.Late = 1_000_000, 12*time.Hour, 300_000
	}
	return c
}

func kinds() []hosting.Kind {
	return []hosting.Kind{hosting.Colocation, hosting.Reserved, hosting.Flexible, hosting.OnDemand, hosting.Spot, hosting.Batch}
}

func compile(tb testing.TB, c hosting.Contract) *hosting.Tenancy {
	tb.Helper()
	t, err := hosting.Compile(c, hall(), curves(tb), time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// hours is so many hourly intervals.
func hours(from time.Time, n int) []series.Interval {
	out := make([]series.Interval, n)
	for i := range out {
		out[i] = series.Interval{Start: from.Add(time.Duration(i) * time.Hour), Length: time.Hour}
	}
	return out
}

// full is an input for a day in which the tenancy draws all it can, and all of it runs.
func full(t *hosting.Tenancy) hosting.Input {
	at := utc(2025, 9, 10, 12)
	return hosting.Input{
		At: at, Intervals: hours(at, 24), Load: series.Flat(t.Capacity()),
		State: use.State{On: t.Capacity(), Draw: t.Capacity()},
	}
}

// contracts draws valid contracts of every kind.
func contracts() *rapid.Generator[hosting.Contract] {
	return rapid.Custom(func(t *rapid.T) hosting.Contract {
		c := contract(rapid.SampledFrom(kinds()).Draw(t, "kind"))
		if c.Kind == hosting.Colocation {
			c.Power = unit.Power(rapid.Int64Range(1, 5_000).Draw(t, "kW")) * unit.Kilowatt
		} else {
			c.GPUs = rapid.IntRange(1, 256).Draw(t, "gpus")
			c.Capping.Slowdown = unit.Ratio(rapid.Int64Range(0, 300_000).Draw(t, "slowdown"))
		}
		c.Price = unit.Amount(rapid.Int64Range(0, 20_000_000).Draw(t, "price"))
		if rapid.IntRange(0, 9).Draw(t, "size") == 0 { // the largest that are believed
			c.Price = 10_000_000 * unit.Unit / unit.Amount(c.Units())
			c.Price = min(c.Price, 100_000*unit.Unit)
		}
		c.Renewal = unit.Amount(rapid.Int64Range(0, 1_000_000).Draw(t, "renewal"))
		if c.Kind == hosting.Flexible {
			c.Flex.Share = unit.Ratio(rapid.Int64Range(1, int64(unit.One)).Draw(t, "share"))
		}
		if c.Kind.Commits() {
			share := int64(0)
			for range rapid.IntRange(0, 14).Draw(t, "ramp") {
				share = rapid.Int64Range(share, int64(unit.One)).Draw(t, "of month")
				c.Ramp = append(c.Ramp, unit.Ratio(share))
			}
		}
		return c
	})
}
