package loop

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/books"
	"sluice/gpu"
	"sluice/loop/cycle"
	"sluice/loop/dispatch"
	"sluice/loop/settle"
	"sluice/series"
	"sluice/site"
	"sluice/solve"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// engine is the solver, compiled once for all tests.
var engine = sync.OnceValues(func() (*solve.Engine, error) {
	begin := time.Now()
	return solve.New(context.Background(), solve.Config{Now: func() time.Duration { return time.Since(begin) }})
})

// each is a GPU with its share of the server, IT watts.
const each = 1_275

// hosted is config with a hall of 300 servers and three contracts of 800 GPUs, all of
// them at work: 1.02 MW each, 1.2 times that at the meter.
func hosted(t *testing.T, importing unit.Power) (Config, Facts) {
	t.Helper()
	c, f := config(t), facts()
	c.Site.Connection = site.Connection{Import: importing, Rating: 11 * mw}
	c.Site.Halls = append(c.Site.Halls, site.Hall{Name: "gpus", Feeder: "bus", Limit: 4 * mw})
	c.Horizon, c.Fine = 4*time.Hour, 4*time.Hour
	curves, err := gpu.StandardCurves()
	if err != nil {
		t.Fatal(err)
	}
	h := hosting.Hall{Name: "gpus", Cooling: use.Cooling{PUE0: 1_200_000}, Groups: []hosting.Group{{
		Name: "h100", Nodes: 300, Model: gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800},
	}}}
	f.Loads = map[string]series.Profile[unit.Power]{}
	for _, k := range []hosting.Contract{
		{Name: "train", Kind: hosting.Reserved, Price: 2_400_000, Renewal: unit.Unit},
		{Name: "spot", Kind: hosting.Spot, Price: 1_250_000, Restart: 6 * time.Minute},
		{Name: "flex", Kind: hosting.Flexible, Price: 2_250_000, Renewal: unit.Unit, Flex: hosting.Flex{
			Hours: 50 * time.Hour, Event: 4 * time.Hour, Notice: 30 * time.Minute, Share: unit.One, Above: 500 * unit.PerMWh,
		}},
	} {
		k.Tenant, k.Version, k.Hall, k.Model, k.GPUs, k.Start = k.Name, 1, "gpus", "H100 SXM", 800, noon.AddDate(-1, 0, 0)
		one, err := hosting.Compile(k, h, curves, c.Site.Zone)
		if err != nil {
			t.Fatal(err)
		}
		c.Tenancies = append(c.Tenancies, one)
		f.Loads[one.Use()] = series.Flat(one.Capacity())
		f.Uses = append(f.Uses, cycle.UseState{Use: one.Use(), Health: unit.One, State: use.State{On: one.Capacity(), Draw: one.Capacity()}, At: noon, Source: "test"})
	}
	f.Ahead = ahead(15*time.Minute, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30)
	return c, f
}

// opened is the turn of a config, decided by the solver.
func opened(t *testing.T, c Config, f Facts) *cycle.Turn {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context()) //nolint:errcheck // nothing is asked of it any more
	c.Market = dispatch.New(s, solve.Options{})
	turn := byMerit(t, c, f)
	if turn.Plan.Solver.Fallback != "" {
		t.Fatalf("no program decided: %s", turn.Plan.Solver.Fallback)
	}
	return turn
}

// byMerit is the turn of a config, decided by its own market, which has no solver.
func byMerit(t *testing.T, c Config, f Facts) *cycle.Turn {
	t.Helper()
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	turn, err := w.Open(t.Context(), noon, f)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

// drawn is what a use draws in interval i of a plan.
func drawn(turn *cycle.Turn, name string, i int) unit.Power {
	k := slices.IndexFunc(turn.Plan.Uses, func(u cycle.UsePlan) bool { return u.Use == name })
	return turn.Plan.Uses[k].Draw[i]
}

// TestTenantsOverMachines: the less the connection bears, the less machines run, then
// spot, then what the tenant lets go, and last of all what was sold as firm, which the
// plan names as broken.
func TestTenantsOverMachines(t *testing.T) {
	t.Parallel()
	const full = 800 * each
	for sentence, c := range map[string]struct {
		importing         unit.Power
		mining            unit.Power // about
		spot, flex, train unit.Power
		short             bool
	}{
		"room for all":                {11 * mw, 5_500_000, full, full, full, false},
		"machines give way":           {6 * mw, 1_828_000, full, full, full, false}, // 6 - 0.5 - 3 * 1.224
		"then spot":                   {3_500_000, 0, 460_000, full, full, false},   // 3.5 - 0.5 - 2 * 1.224 over 1.2
		"no call can be made at once": {2_500_000, 0, 0, 646_666, full, true},       // 2.5 - 0.5 - 1.224 over 1.2
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, f := hosted(t, c.importing)
			for _, turn := range []*cycle.Turn{opened(t, k, f), byMerit(t, k, f)} {
				near := func(name string, got, want unit.Power) {
					if d := max(got-want, want-got); d > 5*unit.Kilowatt {
						t.Errorf("%s draws %v, want %v", name, got, want)
					}
				}
				near("mining", drawn(turn, "mining/a", 0)+drawn(turn, "mining/b", 0), c.mining)
				short := slices.ContainsFunc(turn.Plan.Flags, func(f cycle.Flag) bool { return f.Code == cycle.ContractShort })
				if short != c.short {
					t.Errorf("flags %v", turn.Plan.Flags)
				}
				near("spot", drawn(turn, "hosting/spot", 0), c.spot)
				if c.short { // both are firm now: who gives way is a matter of price
					near("firm", drawn(turn, "hosting/flex", 0)+drawn(turn, "hosting/train", 0), c.flex+c.train)
					continue
				}
				near("flex", drawn(turn, "hosting/flex", 0), c.flex)
				near("train", drawn(turn, "hosting/train", 0), c.train)
			}
		})
	}
}

// TestTheBranchOfAHall: contracts hang on the branch of their hall and on its feeder,
// beside the machines.
func TestTheBranchOfAHall(t *testing.T) {
	t.Parallel()
	c, f := hosted(t, 11*mw)
	c.Site.Halls[2].Limit = 2_600_000
	turn := opened(t, c, f)
	got := map[string]string{}
	for _, b := range turn.Snapshot.Limit.Branches {
		got[b.Name] = strings.Join(b.Uses, " ")
	}
	if got["hall/gpus"] != "hosting/train hosting/spot hosting/flex" || got["feeder/bus"] != "mining/a mining/b hosting/train hosting/spot hosting/flex" {
		t.Errorf("branches %v", got)
	}
	var sum unit.Power
	for _, u := range turn.Plan.Uses {
		if strings.HasPrefix(u.Use, "hosting/") {
			sum += u.Meter[0]
		}
	}
	if sum > 2_600_010 || sum < 2_590_000 || drawn(turn, "hosting/train", 0) != 800*each {
		t.Errorf("the hall draws %v of 2.6 MW, its firm contract %v", sum, drawn(turn, "hosting/train", 0))
	}
}

// TestWhatDrawsAnyhow: servers that no contract holds are served before anything else.
func TestWhatDrawsAnyhow(t *testing.T) {
	t.Parallel()
	c, f := hosted(t, 6*mw)
	without := opened(t, c, f)
	f.Firm = 300 * unit.Kilowatt
	with := opened(t, c, f)
	if with.Plan.MustRun != c.Site.MustRun+f.Firm || without.Plan.MustRun != c.Site.MustRun {
		t.Errorf("must-run %v and %v", without.Plan.MustRun, with.Plan.MustRun)
	}
	less := drawn(without, "mining/a", 0) + drawn(without, "mining/b", 0) - drawn(with, "mining/a", 0) - drawn(with, "mining/b", 0)
	if d := less - f.Firm; d < -5000 || d > 5000 {
		t.Errorf("the machines give %v for %v", less, f.Firm)
	}
}

// TestWhatAContractCannotDoWithout: missing is no load of zero, and the error says
// what to do.
func TestWhatAContractCannotDoWithout(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*Facts)
		says   string
	}{
		"its state":       {func(f *Facts) { f.Uses = slices.Delete(f.Uses, 2, 3) }, "contract train has no state: its hall was not read"},
		"its load":        {func(f *Facts) { delete(f.Loads, "hosting/spot") }, "contract spot: nobody says what it will draw: forecast its load"},
		"a load for all":  {func(f *Facts) { f.Loads["hosting/spot"] = series.Profile[unit.Power]{1, 2} }, "do not cover 16 intervals"},
		"any load at all": {func(f *Facts) { f.Loads = nil }, "forecast its load"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, f := hosted(t, 11*mw)
			c.change(&f)
			w, err := New(k)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Open(t.Context(), noon, f); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// TestCallsAreMadeInTime: before a spike that is known, the flexible contract is called
// with the last turn that leaves it its notice, and not once more; without notice its
// power stays, and machines and spot go alone.
func TestCallsAreMadeInTime(t *testing.T) {
	t.Parallel()
	called := hosting.FlexState{Year: 2025, Month: noon.Month(), Used: 30 * time.Minute, Calls: 1, Call: hosting.Call{From: noon.Add(30 * time.Minute), To: noon.Add(time.Hour)}}
	for sentence, c := range map[string]struct {
		spike int // interval in which it begins; two of them are dear
		flex  hosting.FlexState
		until time.Duration // when the call ends that is made, from half past on; 0: none is
		goes  bool
	}{
		"an hour ahead a call can wait":     {4, hosting.FlexState{}, 0, true},
		"45 minutes ahead it can wait":      {3, hosting.FlexState{}, 0, true},
		"half an hour ahead it is made":     {2, hosting.FlexState{}, time.Hour, true},
		"a quarter ahead half is too late":  {1, hosting.FlexState{}, 45 * time.Minute, false},
		"what was announced is not again":   {2, called, 0, true},
		"the hours of the year are used up": {2, hosting.FlexState{Year: 2025, Month: noon.Month(), Used: 50 * time.Hour}, 0, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			k, f := hosted(t, 11*mw)
			f.Ahead[c.spike].Price, f.Ahead[c.spike+1].Price = 1200*unit.PerMWh, 1200*unit.PerMWh
			f.Uses[4].Tenant.Flex = c.flex
			turn := opened(t, k, f)
			var want []cycle.Call
			if c.until > 0 {
				want = append(want, cycle.Call{Use: "hosting/flex", From: noon.Add(30 * time.Minute), To: noon.Add(c.until)})
			}
			if got := turn.Plan.Calls; !slices.Equal(got, want) {
				t.Errorf("calls %v, want %v", got, want)
			}
			if got := drawn(turn, "hosting/flex", c.spike); (got == 0) != c.goes {
				t.Errorf("the flexible contract draws %v in the spike", got)
			}
			for use, want := range map[string]unit.Power{"hosting/spot": 0, "mining/a": 0, "mining/b": 0, "hosting/train": 800 * each} {
				if got := drawn(turn, use, c.spike); got != want {
					t.Errorf("%s draws %v in the spike, want %v", use, got, want)
				}
			}
			if got := drawn(turn, "hosting/flex", 0); got != 800*each {
				t.Errorf("the flexible contract draws %v before", got)
			}
		})
	}
}

// TestATurnOfTenants takes a turn with tenants from facts to entry, and its papers
// through JSON.
func TestATurnOfTenants(t *testing.T) {
	t.Parallel()
	c, f := hosted(t, 11*mw)
	f.Ahead[2].Price, f.Uses[4].Tenant.Waiting = 1200*unit.PerMWh, []hosting.Work{{ID: "w", Energy: 7, Deadline: noon.Add(time.Hour)}}
	f.Uses[3].Tenant.Unsaved, f.Uses[3].Tenant.Wanted = time.Minute, mw
	turn := opened(t, c, f)
	if len(turn.Plan.Calls) != 1 {
		t.Fatalf("calls %v", turn.Plan.Calls)
	}
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	before := cycle.Registers{At: noon, Source: "test", Uses: []cycle.UseRegister{{Use: "hosting/train", Service: hosting.Counts{Committed: 1000, Down: 10}}}}
	after := cycle.Registers{At: noon.Add(15 * time.Minute), Source: "test", Import: mwh(1), Peak: 4 * mw, Uses: []cycle.UseRegister{
		{Use: "hosting/train", IT: mwh(0.5), Meter: mwh(0.6), Service: hosting.Counts{Committed: 1000 + 800*900, Served: 5, Down: 10}},
		{Use: "hosting/spot", IT: mwh(0.1), Meter: mwh(0.12), Service: hosting.Counts{Served: 400 * 900, Lost: 900}},
	}}
	p := settle.Prices{Currency: "USD", Spot: 30 * unit.PerMWh, Priced: true, Network: network, Rigs: c.Rigs, Tenants: settle.NewTenants(c.Tenancies)}
	if err := w.Close(turn, before, after, p); err != nil {
		t.Fatal(err)
	}
	if got, want := turn.Delivery.Uses[0].Service, (hosting.Counts{Committed: 800 * 900, Served: 5}); got != want {
		t.Errorf("the interval counts %+v, want %+v", got, want)
	}
	reserved, used := -settle.Sum(turn.Entry, books.Reservation), -settle.Sum(turn.Entry, books.Hosting)
	if reserved != 480*unit.Unit || used != 124_687_500 { // 200 GPU-hours at 2.40; 99.75 at 1.25
		t.Errorf("reserved %v, used %v", reserved, used)
	}
	roundTrip(t, turn)
}
