package hosting_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/gpu"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// seen is what a bid says in its first interval.
type seen struct {
	Powers  []unit.Power
	Worths  []int64 // USD per MWh, whole
	Floor   unit.Power
	Penalty int64
	Wear    unit.Amount
	Restart time.Duration
}

func see(b use.Bid, at int) seen {
	s := seen{Penalty: int64(b.Penalty / unit.PerMWh), Wear: b.Wear, Restart: b.Restart, Floor: -1}
	for _, x := range b.Steps {
		s.Powers, s.Worths = append(s.Powers, x.Power), append(s.Worths, int64(x.Worth.At(at)/unit.PerMWh))
	}
	if len(b.Floor) > 0 {
		s.Floor = b.Floor.At(at)
	}
	return s
}

// TestBid: each kind of contract with 64 GPUs of 1,275 W at full load.
func TestBid(t *testing.T) {
	t.Parallel()
	capped := func(c *hosting.Contract, _ *hosting.Input) { c.Capping.Slowdown = 100_000 } // careful speeds 0.975 and 0.94 are within, 0.85 is not
	called := func(c *hosting.Contract, in *hosting.Input) { in.Call = 300 * unit.PerMWh }
	for sentence, c := range map[string]struct {
		kind   hosting.Kind
		change func(*hosting.Contract, *hosting.Input)
		at     int
		want   seen
	}{
		"reserved without agreed limits has one step": {hosting.Reserved, nil, 0, seen{[]unit.Power{81_600}, []int64{1_960}, 81_600, 15_000, 0, 0}},
		"limits are bands above the knee":             {hosting.Reserved, capped, 0, seen{[]unit.Power{72_640, 4_480, 4_480}, []int64{2_092, 1_071, 714}, 72_640, 15_000, 0, 0}},
		"hours of limits used up": {hosting.Reserved, func(c *hosting.Contract, in *hosting.Input) {
			capped(c, in)
			c.Capping.Hours = 5 * time.Hour
			in.Level = hosting.LevelState{Month: series.MonthOf(in.At, time.UTC), Capped: 5 * time.Hour}
		}, 0, seen{[]unit.Power{72_640, 4_480, 4_480}, []int64{2_092, 1_071, 714}, 81_600, 15_000, 0, 0}},
		"half of the load carries twice the worth": {
			hosting.Reserved, func(_ *hosting.Contract, in *hosting.Input) { in.Load = series.Flat(unit.Power(40_800)) }, 0,
			seen{[]unit.Power{81_600}, []int64{3_921}, 40_800, 15_000, 0, 0},
		},
		"half in the ramp is half of the load": {
			hosting.Reserved, func(c *hosting.Contract, _ *hosting.Input) { c.Ramp = []unit.Ratio{500_000} }, 0,
			seen{[]unit.Power{81_600}, []int64{1_960}, 40_800, 15_000, 0, 0},
		},
		"nothing before the start": {
			hosting.Reserved, func(c *hosting.Contract, in *hosting.Input) { c.Start = in.At.Add(time.Hour) }, 0,
			seen{[]unit.Power{81_600}, []int64{1_960}, 0, 10_238, 0, 0},
		},
		"flexible before the notice is over": {hosting.Flexible, called, 0, seen{[]unit.Power{81_600}, []int64{1_960}, 81_600, 15_000, 0, 0}},
		"flexible after it goes at the call": {hosting.Flexible, called, 1, seen{[]unit.Power{81_600}, []int64{360}, 0, 15_000, 0, 0}},
		"flexible without a price of calls":  {hosting.Flexible, nil, 1, seen{[]unit.Power{81_600}, []int64{1_960}, 81_600, 15_000, 0, 0}},
		"flexible with its hours used up": {hosting.Flexible, func(c *hosting.Contract, in *hosting.Input) {
			called(c, in)
			in.Flex = hosting.FlexState{Year: 2025, Month: 9, Used: 50 * time.Hour}
		}, 1, seen{[]unit.Power{81_600}, []int64{1_960}, 81_600, 15_000, 0, 0}},
		"flexible with its calls used up": {hosting.Flexible, func(c *hosting.Contract, in *hosting.Input) {
			called(c, in)
			in.Flex = hosting.FlexState{Year: 2025, Month: 9, Calls: 3}
		}, 1, seen{[]unit.Power{81_600}, []int64{1_960}, 81_600, 15_000, 0, 0}},
		"within a call nothing is kept": {hosting.Flexible, func(c *hosting.Contract, in *hosting.Input) {
			called(c, in)
			in.Flex = hosting.FlexState{Year: 2025, Month: 9, Calls: 3, Used: 50 * time.Hour, Call: hosting.Call{From: in.At, To: in.At.Add(time.Hour)}}
		}, 0, seen{[]unit.Power{81_600}, []int64{360}, 0, 15_000, 0, 0}},
		"a quarter of it goes, the rest stays": {hosting.Flexible, func(c *hosting.Contract, in *hosting.Input) { called(c, in); c.Flex.Share = 250_000 }, 1, seen{[]unit.Power{61_200, 20_400}, []int64{1_960, 360}, 61_200, 15_000, 0, 0}},
		"what goes stands above cheap bands": {
			hosting.Flexible, func(c *hosting.Contract, in *hosting.Input) {
				called(c, in)
				capped(c, in)
				c.Flex.Share = 250_000
				in.Call = 700 * unit.PerMWh
			}, 1,
			seen{[]unit.Power{54_480, 3_360, 20_400, 3_360}, []int64{2_092, 1_071, 840, 714}, 54_480, 15_000, 0, 0},
		},
		"on demand keeps what runs": {hosting.OnDemand, func(_ *hosting.Contract, in *hosting.Input) { in.State.On = 20_000 }, 0, seen{[]unit.Power{81_600}, []int64{1_960}, 20_000, 15_000, 0, 0}},
		"on demand with few busy GPUs": {hosting.OnDemand, func(_ *hosting.Contract, in *hosting.Input) {
			in.Load, in.Busy = series.Flat(unit.Power(40_800)), series.Flat(int64(16))
		}, 0, seen{[]unit.Power{81_600}, []int64{980}, 40_800, 15_000, 0, 0}},
		"spot loses what was not saved": {hosting.Spot, func(_ *hosting.Contract, in *hosting.Input) { in.SinceSave = 15 * time.Minute }, 0, seen{[]unit.Power{81_600}, []int64{627}, -1, 0, 156_862_745, 6 * time.Minute}},
		"spot that saves every hour":    {hosting.Spot, nil, 0, seen{[]unit.Power{81_600}, []int64{627}, -1, 0, 313_725_490, 6 * time.Minute}},
		"colocation by the month":       {hosting.Colocation, nil, 0, seen{[]unit.Power{100_000}, []int64{208}, 100_000, 15_000, 0, 0}},
		"batch is worth its price":      {hosting.Batch, func(_ *hosting.Contract, in *hosting.Input) { in.SinceSave = time.Hour }, 0, seen{[]unit.Power{81_600}, []int64{784}, -1, 0, 784_313_725, 6 * time.Minute}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := contract(c.kind)
			in := full(compile(t, x))
			if c.change != nil {
				c.change(&x, &in)
			}
			b, err := compile(t, x).Bid(in)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Validate(24); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(c.want, see(b, c.at)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPenalty: what the month has seen so far is in the price of the floor.
func TestPenalty(t *testing.T) {
	t.Parallel()
	month := series.MonthOf(utc(2025, 9, 9, 0), time.UTC)
	for sentence, c := range map[string]struct {
		change func(*hosting.Contract, *hosting.Input)
		want   int64
	}{
		"a call within the allowance is free":     {func(_ *hosting.Contract, in *hosting.Input) { in.Hold = 43 * time.Minute }, 0},
		"beyond it the credit counts":             {func(_ *hosting.Contract, in *hosting.Input) { in.Hold = 44 * time.Minute }, 6_064},
		"outages that nobody plans take it first": {func(_ *hosting.Contract, in *hosting.Input) { in.Hold, in.Unplanned = 43*time.Minute, 64*60 }, 6_059},
		"more of them than there is, and no jump": {func(_ *hosting.Contract, in *hosting.Input) { in.Hold, in.Unplanned = time.Minute, 64*86_400 }, 5_882},
		"downtime so far takes it too": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Hold, in.Level = 43*time.Minute, hosting.LevelState{Month: month, Down: 64 * 60}
		}, 6_059},
		"downtime of another month does not": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Hold, in.Level = 43*time.Minute, hosting.LevelState{Month: series.MonthOf(utc(2025, 8, 1, 0), time.UTC), Down: 64 * 60}
		}, 0},
		"excused downtime does not": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Hold, in.Level = 43*time.Minute, hosting.LevelState{Month: month, Down: 64 * 60, Excused: 64 * 60}
		}, 0},
		"the risk of losing the tenant always counts": {func(c *hosting.Contract, in *hosting.Input) { in.Hold, c.Renewal = 43*time.Minute, 1_275_000 }, 1_000},
		"nothing is left to lose": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Level = hosting.LevelState{Month: month, Down: 64 * 129_601}
		}, 0},
		"nothing says what a breach costs":    {func(c *hosting.Contract, _ *hosting.Input) { c.Level.Tiers = nil }, 15_000},
		"no credit, and a risk that is known": {func(c *hosting.Contract, _ *hosting.Input) { c.Level.Tiers, c.Renewal = nil, 1_275_000 }, 1_000},
		"a jump in the last second of a month": {func(c *hosting.Contract, in *hosting.Input) {
			c.GPUs, c.Price = 1_000_000, 10*unit.Unit
			in.At = utc(2025, 10, 1, 0).Add(-time.Second)
			in.Intervals, in.Load = hours(in.At, 1), series.Flat(unit.Power(1_275_000_000))
			in.Level = hosting.LevelState{Month: month, Down: 1_000_000 * 2_592}
		}, 15_000},
		"no credit overrules the grid": {func(c *hosting.Contract, _ *hosting.Input) { c.Renewal = 100 * unit.Unit }, 15_000},
		"each node by itself, the lost one first": {func(c *hosting.Contract, in *hosting.Input) {
			in.Hold, c.Level.Scope = 3*time.Hour, "instance"
			in.Level = hosting.LevelState{Month: month}
			for n := range 8 {
				p := hosting.Part{Name: string(rune('a' + n))}
				if n == 0 {
					p.Down = 8 * 129_601
				}
				in.Level.Parts, in.Level.Down = append(in.Level.Parts, p), in.Level.Down+p.Down
			}
		}, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := contract(hosting.Reserved)
			x.Price = unit.Unit
			in := full(compile(t, x))
			c.change(&x, &in)
			b, err := compile(t, x).Bid(in)
			if err != nil {
				t.Fatal(err)
			}
			if got := int64(b.Penalty / unit.PerMWh); got != c.want {
				t.Errorf("%d USD/MWh, want %d", got, c.want)
			}
		})
	}
}

// TestDue: batch work is owed in the plan as far as the time after it is too short.
func TestDue(t *testing.T) {
	t.Parallel()
	x := compile(t, contract(hosting.Batch))
	in := full(x)
	day := x.Capacity().Over(24 * time.Hour)
	in.Waiting = []hosting.Work{
		{ID: "c", Energy: day, Deadline: in.At.Add(30 * time.Hour), Penalty: 5},
		{ID: "a", Energy: 100, Deadline: in.At.Add(150 * time.Minute)},
		{ID: "d", Energy: unit.KilowattHour, Deadline: in.At.Add(99 * time.Hour)},
		{ID: "b", Energy: 200, Deadline: in.At.Add(20 * time.Minute)},
		{ID: "e", Energy: 300},
	}
	b, err := x.Bid(in)
	if err != nil {
		t.Fatal(err)
	}
	late := unit.Price(235_294_118) // 0.30 a GPU-hour at 1,275 W
	want := []use.Due{
		{ID: "a", Before: 2, Energy: 100, Penalty: late},
		{ID: "c", Before: 24, Energy: day - day/4, Penalty: 5},
	}
	if diff := cmp.Diff(want, b.Due); diff != "" {
		t.Error(diff)
	}
}

// TestBidRefuses: a missing load is no load of zero, and every fault is named.
func TestBidRefuses(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*hosting.Input)
		says   string
	}{
		"no load":               {func(in *hosting.Input) { in.Load = nil }, "its load is not known"},
		"a load below nothing":  {func(in *hosting.Input) { in.Load = series.Flat(unit.Power(-1)) }, "a load of -1 W"},
		"a load of other times": {func(in *hosting.Input) { in.Load = []unit.Power{1, 2} }, "do not cover 24"},
		"no plan":               {func(in *hosting.Input) { in.Intervals = nil }, "there is no plan"},
		"no time":               {func(in *hosting.Input) { in.At = time.Time{} }, "there is no plan"},
		"a plan that overlaps":  {func(in *hosting.Input) { in.Intervals[3].Start = in.At }, "interval 3"},
		"busy below nothing":    {func(in *hosting.Input) { in.Busy = series.Flat(int64(-1)) }, "-1 busy"},
		"work without energy":   {func(in *hosting.Input) { in.Waiting = []hosting.Work{{ID: "w"}} }, `work "w"`},
		"a negative time":       {func(in *hosting.Input) { in.Hold = -1 }, "must not be negative"},
		"a negative state":      {func(in *hosting.Input) { in.State.On = -1 }, "less than nothing"},
	} {
		x := compile(t, contract(hosting.Batch))
		in := full(x)
		c.change(&in)
		if _, err := x.Bid(in); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		}
	}
}

// TestNow: what runs is counted as a share of the first step, by the load that is
// expected now.
func TestNow(t *testing.T) {
	t.Parallel()
	c := contract(hosting.Spot)
	c.Capping.Slowdown = 100_000
	x := compile(t, c)
	for sentence, at := range map[string]struct{ load, on, want unit.Power }{
		"all of it":                    {81_600, 81_600, 72_640},
		"half of the load runs":        {40_800, 20_400, 36_320},
		"all of half a load":           {40_800, 40_800, 72_640},
		"more than is expected":        {40_800, 50_000, 72_640},
		"nothing runs":                 {40_800, 0, 0},
		"nothing is expected":          {0, 0, 0},
		"nothing is expected and runs": {0, 100, 72_640},
	} {
		in := full(x)
		in.Load, in.State.On, in.State.Draw = series.Flat(at.load), at.on, 7
		b, err := x.Bid(in)
		if err != nil || b.Now.On != at.want || b.Now.Draw != 7 {
			t.Errorf("%s: %v, %v is on, want %v", sentence, err, b.Now.On, at.want)
		}
	}
}

// TestTemperature: the marginal PUE of the hall by the ambient temperature.
func TestTemperature(t *testing.T) {
	t.Parallel()
	in := full(compile(t, contract(hosting.Spot)))
	in.Temperatures = make([]int64, 24)
	in.Temperatures[1] = 35_000
	b, err := compile(t, contract(hosting.Spot)).Bid(in)
	if err != nil || b.PUE.At(0) != 1_200_000 || b.PUE.At(1) != 1_220_000 {
		t.Errorf("%v: %v", err, b.PUE)
	}
}

// TestBidsAreSound: every contract and every sensible input gives a bid that the
// market takes, with worths that fall, and a floor that can be drawn.
func TestBidsAreSound(t *testing.T) {
	t.Parallel()
	known := curves(t)
	rapid.Check(t, func(t *rapid.T) {
		c := contracts().Draw(t, "contract")
		if rapid.Bool().Draw(t, "other work") && c.Kind != hosting.Colocation {
			c.Class = gpu.Inference
		}
		x, err := hosting.Compile(c, hall(), known, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 30).Draw(t, "intervals")
		at := c.Start.Add(time.Duration(rapid.IntRange(-100, 380*24).Draw(t, "hour")) * time.Hour)
		in := hosting.Input{At: at, Intervals: hours(at, n), Call: unit.Price(rapid.Int64Range(0, 3e9).Draw(t, "call")), Unplanned: rapid.Int64Range(0, 1e6).Draw(t, "unplanned")}
		for range n {
			in.Load = append(in.Load, unit.Power(rapid.Int64Range(0, 2*int64(x.Capacity())).Draw(t, "load")))
			in.Temperatures = append(in.Temperatures, rapid.Int64Range(-20_000, 45_000).Draw(t, "air"))
			in.Busy = append(in.Busy, rapid.Int64Range(0, 300).Draw(t, "busy"))
		}
		in.State.On = unit.Power(rapid.Int64Range(0, int64(x.Capacity())).Draw(t, "on"))
		in.Level = hosting.LevelState{Month: series.MonthOf(at, time.UTC), Down: rapid.Int64Range(0, 1e8).Draw(t, "down")}
		in.Flex = hosting.FlexState{Year: at.Year(), Month: at.Month(), Used: time.Duration(rapid.IntRange(0, 50).Draw(t, "used")) * time.Hour}
		for range rapid.IntRange(0, 5).Draw(t, "jobs") {
			in.Waiting = append(in.Waiting, hosting.Work{ID: "w", Energy: unit.Energy(rapid.Int64Range(1, 1e12).Draw(t, "energy")), Deadline: at.Add(time.Duration(rapid.SampledFrom([]int{-5, 1, 7, 20, 60, 2_000_000}).Draw(t, "deadline")) * time.Hour)})
		}
		b, err := x.Bid(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Validate(n); err != nil {
			t.Fatal(err)
		}
		if b.Now.On < 0 || b.Now.On > b.Steps[0].Power {
			t.Fatalf("%v of %v is on", b.Now.On, b.Steps[0].Power)
		}
		if b.Capacity() != x.Capacity() || x.FullPower() < x.Capacity() || b.Penalty > 15_000*unit.PerMWh {
			t.Fatalf("capacity %v, steps %v, full power %v, penalty %v", x.Capacity(), b.Capacity(), x.FullPower(), b.Penalty)
		}
		for i := range n {
			for k := 1; k < len(b.Steps); k++ {
				if b.Steps[k].Worth.At(i) > b.Steps[k-1].Worth.At(i) {
					t.Fatalf("step %d is worth more than the one below it: %v", k, see(b, i))
				}
			}
			if len(b.Floor) > 0 && b.Floor.At(i) > b.Capacity().Scale(b.Available.At(i))+unit.Power(len(b.Steps)) {
				t.Fatalf("a floor of %v of %v", b.Floor.At(i), b.Capacity().Scale(b.Available.At(i)))
			}
		}
		for _, p := range x.Steps() {
			if p <= 0 {
				t.Fatalf("steps %v", x.Steps())
			}
		}
	})
}
