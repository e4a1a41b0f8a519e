package shed_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/shed"
)

// TestOptions follows one job of eight GPUs at 1.00 a GPU-hour through its terms.
func TestOptions(t *testing.T) {
	t.Parallel()
	limits := []shed.Limited{{Limit: 500, Draw: 500, Speed: 950_000, Least: 900_000}, {Limit: 400, Draw: 400, Speed: 880_000, Least: 800_000}}
	type in struct {
		j shed.Job
		t shed.Terms
		a shed.Ask
	}
	base := func() in {
		return in{
			shed.Job{GPUs: 8, Draw: 600, Idle: 100, Ran: 5 * time.Hour, Unsaved: 30 * time.Minute},
			shed.Terms{
				Price: unit.Unit, Warn: time.Minute, Grace: 30 * time.Second, Kill: 10 * time.Second, Limit: 5 * time.Second,
				Restart: 6 * time.Minute, Slowdown: 200_000, Capping: -1,
			},
			shed.Ask{Within: 2 * time.Minute, Hold: time.Hour},
		}
	}
	a500 := shed.Option{Lever: shed.Cap, Limit: 500, Saved: 800, Cost: usd(40), Ready: 5 * time.Second, Slow: 50_000}
	a400 := shed.Option{Lever: shed.Cap, Limit: 400, Saved: 1600, Cost: usd(96), Ready: 5 * time.Second, Slow: 120_000}
	evict := func(cost unit.Amount) shed.Option {
		return shed.Option{Lever: shed.Evict, Saved: 4000, Cost: cost, Ready: 100 * time.Second}
	}
	full := evict(usd(1280)) // 8 GPUs for 30 minutes lost, 6 to restart, an hour away
	cases := map[string]struct {
		change func(*in)
		want   []shed.Option
	}{
		"everything is agreed":                        {func(*in) {}, []shed.Option{a500, a400, full}},
		"no limit is agreed":                          {func(i *in) { i.t.Slowdown = 0 }, []shed.Option{full}},
		"the slower quarter would be slowed too much": {func(i *in) { i.t.Slowdown = 150_000 }, []shed.Option{a500, full}},
		"hours of limits are left":                    {func(i *in) { i.t.Capping = time.Hour }, []shed.Option{a500, a400, full}},
		"too few hours of limits are left":            {func(i *in) { i.t.Capping = 59 * time.Minute }, []shed.Option{full}},
		"limits come too late":                        {func(i *in) { i.a.Within = 4 * time.Second }, nil},
		"evictions come too late":                     {func(i *in) { i.a.Within = 99 * time.Second }, []shed.Option{a500, a400}},
		"evictions come just in time":                 {func(i *in) { i.a.Within = 100 * time.Second }, []shed.Option{a500, a400, full}},
		"the run is too young when the engine comes":  {func(i *in) { i.t.MinRun = 5*time.Hour + 61*time.Second }, []shed.Option{a500, a400}},
		"the run is just old enough":                  {func(i *in) { i.t.MinRun = 5*time.Hour + time.Minute }, []shed.Option{a500, a400, full}},
		"nothing was ever proven to be saved":         {func(i *in) { i.j.Unsaved = -1 }, []shed.Option{a500, a400, evict(usd(4880))}},
		"a credit and a risk":                         {func(i *in) { i.t.Credit, i.t.Risk = usd(10_000), usd(1) }, []shed.Option{a500, a400, evict(usd(11_281))}},
		"colocation":                                  {func(i *in) { i.t.Fixed, i.t.Slowdown = true, 0 }, nil},
		"work that may wait":                          {func(i *in) { i.t.Shift = true }, []shed.Option{free(a500), free(a400), evict(usd(480))}},
		"its power is not known":                      {func(i *in) { i.j.Draw = 0 }, nil},
		"it draws no more than idle":                  {func(i *in) { i.j.Draw, i.t.Slowdown = 100, 0 }, nil},
		"the server beside it falls too":              {func(i *in) { i.j.Rest = 50 }, []shed.Option{a500, a400, {Lever: shed.Evict, Saved: 4400, Cost: usd(1280), Ready: 100 * time.Second}}},
		"stopped by the running event": {func(i *in) { i.j.Stopped = true }, []shed.Option{
			{Lever: shed.Evict, Saved: 4000, Cost: usd(800)},
		}},
		"under a limit already": {func(i *in) { i.j.Draw, i.j.Speed = 500, 950_000 }, []shed.Option{
			{Lever: shed.Cap, Limit: 400, Saved: 800, Cost: usd(56), Ready: 5 * time.Second, Slow: 120_000},
			{Lever: shed.Evict, Saved: 3200, Cost: usd(1240), Ready: 100 * time.Second},
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := base()
			c.change(&i)
			if d := cmp.Diff(c.want, shed.Options(i.j, i.t, limits, i.a)); d != "" {
				t.Errorf("options (-want +got):\n%s", d)
			}
		})
	}
}

func free(o shed.Option) shed.Option { o.Cost = 0; return o }

// A band that costs as much speed as it saves power is never taken, nor what lies below it.
func TestLimitsEndAtTheKnee(t *testing.T) {
	t.Parallel()
	limits := []shed.Limited{
		{Limit: 500, Draw: 500, Speed: 900_000, Least: 900_000},
		{Limit: 400, Draw: 400, Speed: 700_000, Least: 700_000}, // 0.2 of speed for 0.17 of power
		{Limit: 300, Draw: 300, Speed: 690_000, Least: 690_000},
	}
	got := shed.Options(shed.Job{GPUs: 1, Draw: 600, Idle: 600, Unsaved: 0}, shed.Terms{Price: unit.Unit, Slowdown: unit.One, Capping: -1}, limits, hour())
	if len(got) != 1 || got[0].Limit != 500 {
		t.Errorf("options %+v, want the limit of 500 W only", got)
	}
}

func TestFeelLeavesOutLimitsAboveTheDraw(t *testing.T) {
	t.Parallel()
	at := func(limit unit.Power, power, speed unit.Ratio) gpu.Point {
		return gpu.Point{Limit: limit, Power: power, Speed: speed, Low: speed - 10_000, Count: 1}
	}
	c := gpu.Curve{Full: 700, Points: []gpu.Point{at(700, unit.One, unit.One), at(600, 860_000, 980_000), at(500, 720_000, 950_000), at(400, 580_000, 880_000)}}
	c.Points[0].Low = unit.One
	var limits []unit.Power
	for _, l := range shed.Feel(c, 550) {
		limits = append(limits, l.Limit)
		if l.Draw != l.Limit || l.Least > l.Speed || l.Speed >= unit.One {
			t.Errorf("%+v", l)
		}
	}
	if want := []unit.Power{500, 400}; !slices.Equal(limits, want) {
		t.Errorf("limits %v of a GPU that draws 550 W, want %v", limits, want)
	}
	if got := shed.Feel(gpu.Curve{}, 550); got != nil {
		t.Errorf("limits %v without a curve", got)
	}
}

func TestKindsThatAreFirm(t *testing.T) {
	t.Parallel()
	want := map[hosting.Kind]bool{
		hosting.Colocation: true, hosting.Reserved: true, hosting.OnDemand: true,
		hosting.Flexible: false, hosting.Spot: false, hosting.Batch: false, "new": true,
	}
	for k, firm := range want {
		if shed.Firm(k) != firm {
			t.Errorf("%s: firm %v, want %v", k, !firm, firm)
		}
	}
}

// Of is the least whole power that is enough.
func TestOfIsEnoughAndNoMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		meter := rapid.Int64Range(-1000, 1<<40).Draw(t, "meter")
		pue := rapid.Int64Range(int64(unit.One), 3*int64(unit.One)).Draw(t, "pue")
		got := int64(shed.Of(unit.Power(meter), unit.Ratio(pue)))
		if meter <= 0 {
			if got != 0 {
				t.Fatalf("%d W for nothing", got)
			}
			return
		}
		// got * pue >= meter * 1e6 > (got-1) * pue, within 64 bits at these sizes.
		if hi := got * pue; hi < meter*1_000_000 || hi-pue >= meter*1_000_000 {
			t.Fatalf("%d W of IT for %d W at a PUE of %d", got, meter, pue)
		}
	})
}

// Among equal costs the faster lever is taken, then who is touched already, then
// fewer tenants, then the smaller overshoot.
func TestTies(t *testing.T) {
	t.Parallel()
	item := func(id, tenant string, saved unit.Power, ready time.Duration) shed.Item {
		return shed.Item{ID: id, Tenant: tenant, Options: []shed.Option{{Lever: shed.Evict, Saved: saved, Cost: unit.Unit, Ready: ready}}}
	}
	touched := func(it shed.Item) shed.Item { it.Touched = true; return it }
	cases := map[string]struct {
		items []shed.Item
		power unit.Power
		want  []string
	}{
		"the faster":            {[]shed.Item{item("a", "t", 100, time.Minute), item("b", "t", 100, time.Second)}, 100, []string{"b"}},
		"who is touched":        {[]shed.Item{item("a", "t", 100, 1), touched(item("b", "u", 100, 1))}, 100, []string{"b"}},
		"fewer tenants":         {[]shed.Item{item("a", "u", 100, 1), item("b", "t", 100, 1), item("c", "u", 100, 1), item("d", "v", 100, 1)}, 200, []string{"a", "c"}},
		"the smaller overshoot": {[]shed.Item{item("a", "t", 120, 1), item("b", "t", 105, 1)}, 100, []string{"b"}},
		"the first by name":     {[]shed.Item{item("b", "t", 100, 1), item("a", "t", 100, 1)}, 100, []string{"a"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, x := range shed.Choose(c.items, shed.Ask{Power: c.power, Within: time.Hour}).Choices {
				got = append(got, x.Item)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// One event does not change its mind: with what it has taken, it asks for nothing
// new, and for more it leaves those in place who are touched.
func TestARunningEventKeepsItsVictims(t *testing.T) {
	t.Parallel()
	a := rows()[8].ask() // 40 kW: B is evicted
	items := example(a)
	first := shed.Choose(items, a)
	for i := range items {
		for _, c := range first.Choices {
			if c.Item != items[i].ID {
				continue
			}
			items[i].Touched = true
			if c.Option.Lever == shed.Evict { // its work is lost already
				items[i].Options = []shed.Option{{Lever: shed.Evict, Saved: c.Option.Saved, Cost: usd(4000)}}
			}
		}
	}
	if again := shed.Choose(items, a); short(items, again) == "" || !slices.ContainsFunc(again.Choices, func(c shed.Choice) bool { return c.Item == "B" && c.Option.Lever == shed.Evict }) {
		t.Errorf("plan %+v does not keep B out", again.Choices)
	}
}

func TestNothingToShedAndNothingToGive(t *testing.T) {
	t.Parallel()
	if p := shed.Choose(example(hour()), hour()); len(p.Choices) != 0 || p.Cost != 0 || p.Short != 0 {
		t.Errorf("plan for no cut: %+v", p)
	}
	a := hour()
	a.Power = unit.Megawatt
	p := shed.Choose(example(a), a)
	var most unit.Power
	for _, it := range example(a) {
		most += it.Options[2].Saved
	}
	if p.Saved != most || p.Short != unit.Megawatt-most || len(p.Next) != 0 {
		t.Errorf("plan for too much: saves %v, short of %v, next %v", p.Saved, p.Short, p.Next)
	}
	if p := shed.Choose(nil, a); p.Short != unit.Megawatt {
		t.Errorf("plan of nobody: %+v", p)
	}
}
