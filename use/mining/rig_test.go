package mining

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

// hallA is a plain group of a thousand S21.
func hallA() Group {
	return Group{Name: "s21-hall-a", Model: "Antminer S21", Count: 1000}
}

func compile(tb testing.TB, g Group) *Rig {
	tb.Helper()
	r, err := Compile(g, standard(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestGroupDefaults(t *testing.T) {
	t.Parallel()
	r := compile(t, hallA())
	want := hallA()
	want.Health, want.Restart = unit.One, DefaultRestart
	want.Cooling = use.Cooling{Kind: Air, PUE0: unit.One}
	want.Derate = Derate{From: 40_000, Drop: 100_000, Stop: 47_000}
	if diff := cmp.Diff(want, r.Group()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	declared := want
	declared.Health, declared.Restart = 900_000, time.Second
	declared.Cooling = use.Cooling{Kind: Immersion, PUE0: 1_020_000, PerDegree: 1000, Threshold: 30_000}
	declared.Derate = Derate{Stop: 55_000}
	if diff := cmp.Diff(declared, compile(t, declared).Group()); diff != "" {
		t.Errorf("what was declared was changed (-want +got):\n%s", diff)
	}
}

func TestDeratingComesFromTheCatalogue(t *testing.T) {
	t.Parallel()
	air := Derate{From: 40_000, Drop: 100_000, Stop: 47_000}
	for sentence, c := range map[string]struct {
		model, kind string
		want        Derate
	}{
		"air-cooled without a row of its own":    {"Antminer T21", "", air},
		"a model with an operating range":        {"Antminer S21+ 225", "", Derate{From: 45_000, Stop: 45_000}},
		"an air machine put under oil has none":  {"Antminer S21+ 225", Immersion, Derate{}},
		"hydro has none":                         {"Antminer S21 Hyd", "", Derate{}},
		"a hydro model that is cooled by air":    {"Antminer S21 Hyd", Air, air},
		"immersion has none unless one declares": {"WhatsMiner M66 282", "", Derate{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			g := Group{Name: "g", Model: c.model, Count: 1, Cooling: use.Cooling{Kind: c.kind}}
			if got := compile(t, g).Group().Derate; got != c.want {
				t.Errorf("%+v instead of %+v", got, c.want)
			}
		})
	}
}

func TestDerateShare(t *testing.T) {
	t.Parallel()
	sloped := Derate{From: 35_000, Drop: 50_000, PerDegree: 20_000, Stop: 50_000}
	for sentence, c := range map[string]struct {
		derate Derate
		milliC int64
		want   unit.Ratio
	}{
		"undeclared never derates":          {Derate{}, 60_000, unit.One},
		"at the threshold all runs":         {sloped, 35_000, unit.One},
		"just above it the drop":            {sloped, 35_001, 949_980},
		"then degree by degree":             {sloped, 40_500, 840_000},
		"at the stop the rest still runs":   {sloped, 50_000, 650_000},
		"above the stop nothing":            {sloped, 50_001, 0},
		"never below nothing":               {Derate{From: 0, PerDegree: 200_000}, 9000, 0},
		"a stop alone leaves all before it": {Derate{From: 45_000, Stop: 45_000}, 45_000, unit.One},
		"frost takes nothing":               {sloped, -30_000, unit.One},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := c.derate.Share(c.milliC); got != c.want {
				t.Errorf("%d instead of %d", got, c.want)
			}
		})
	}
}

func TestGroupFaultsComeTogether(t *testing.T) {
	t.Parallel()
	g := Group{
		Count: -1, Health: -1, MaxPower: -1, PoolFee: unit.One, OperatingCost: -1, Restart: -1,
		Cooling: use.Cooling{Kind: "snow", PUE0: 900_000, PerDegree: -1},
		Derate:  Derate{From: 50_000, Drop: -1, PerDegree: 500_000, Stop: 40_000},
	}
	_, err := Compile(g, standard(t))
	for _, want := range []string{
		"has no name", "names no machine model", "count -1", "health", "max power", "pool fee", "operating cost", "restart",
		`cooling "snow"`, "marginal PUE 0.900", "per degree", "what heat takes", "stop at 40000 mC", "not in the catalogue",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s", want)
		}
	}
}

func TestPowerLimit(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		group Group
		top   unit.Power
		fails string
	}{
		"the nameplate by default":                {Group{Model: "Antminer S21"}, 3500, ""},
		"lower where declared":                    {Group{Model: "Antminer S21", MaxPower: 3400}, 3220, ""},
		"the whole curve with overclock":          {Group{Model: "Antminer S21", Overclock: true}, 4180, ""},
		"up to the declared power with overclock": {Group{Model: "Antminer S21", Overclock: true, MaxPower: 4000}, 3820, ""},
		"above the nameplate without overclock":   {Group{Model: "Antminer S21", MaxPower: 3501}, 0, "above the nameplate"},
		"no nameplate":                            {Group{Model: "Antminer T17+"}, 0, "nameplate of model \"Antminer T17+\" is not known"},
		"no nameplate but a declared power":       {Group{Model: "Antminer T17+", MaxPower: 3000}, 2960, ""},
		"below the lowest point":                  {Group{Model: "Antminer S21", MaxPower: 2999}, 0, "lowest operating point is 3000 W, 175 TH/s"},
		"a firmware that nobody measured":         {Group{Model: "Antminer S21", Firmware: "LuxOS"}, 0, "no single curve"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c.group.Name, c.group.Count = "g", 10
			r, err := Compile(c.group, standard(t))
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("%v does not mention %q", err, c.fails)
				}
				return
			}
			if err != nil || r.Top().Power != c.top || r.Capacity() != 10*c.top {
				t.Errorf("%+v, %v instead of %d W", r, err, c.top)
			}
		})
	}
}

func TestSizesOfAGroup(t *testing.T) {
	t.Parallel()
	g := hallA()
	g.MaxPower = 3220
	r := compile(t, g)
	if r.Capacity() != 3_220_000 || r.FullHashrate() != 187*unit.Petahash || r.FullPower() != 3_500_000 {
		t.Errorf("capacity %v, %d GH/s, full power %v", r.Capacity(), r.FullHashrate(), r.FullPower())
	}
	over := hallA()
	over.Overclock = true
	if got := compile(t, over).FullPower(); got != 4_180_000 {
		t.Errorf("full power with overclock %v", got)
	}
	if r.Model().Name != "Antminer S21 200" || len(r.Steps()) != 2 {
		t.Errorf("%s with %d steps", r.Model().Name, len(r.Steps()))
	}
}

func TestBidOfAGroup(t *testing.T) {
	t.Parallel()
	g := hallA()
	g.PoolFee, g.OperatingCost, g.Wear, g.Whole = 10_000, dollar, 5*unit.Unit, true
	g.MinOn, g.MinOff, g.Ramp = 30*time.Minute, 15*time.Minute, 100_000
	g.Cooling = use.Cooling{PUE0: 1_050_000, PerDegree: 2_000, Threshold: 25_000}
	state := use.State{On: 3_000_000, Draw: 3_500_000, Since: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}
	got, err := compile(t, g).Bid(Input{
		Hashprice: 40_000_000, Temperatures: []int64{20_000, 35_500, 41_000, 47_001},
		Health: series.Flat[unit.Ratio](980_000), State: state,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := use.Bid{
		Use: "mining/s21-hall-a",
		Steps: []use.Step{
			{Power: 3_000_000, Worth: series.Flat[unit.Price](95_250_000)},
			{Power: 220_000, Worth: series.Flat[unit.Price](89_000_000)},
			{Power: 280_000, Worth: series.Flat[unit.Price](75_607_143)},
		},
		PUE:       series.Profile[unit.Ratio]{1_050_000, 1_071_000, 1_082_000, 1_094_002},
		Available: series.Profile[unit.Ratio]{980_000, 980_000, 882_000, 0},
		Ramp:      100_000, MinOn: 30 * time.Minute, MinOff: 15 * time.Minute, Restart: DefaultRestart,
		Wear: 5 * unit.Unit, Whole: true, Now: state,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := got.Validate(4); err != nil {
		t.Error(err)
	}
}

func TestBidSaysWhatItDidNotKnow(t *testing.T) {
	t.Parallel()
	r := compile(t, hallA())
	in := Input{Hashprice: 40_000_000}
	got, err := r.Bid(in)
	if err != nil {
		t.Fatal(err)
	}
	if got.PUE.At(7) != unit.One || got.Available.At(7) != unit.One {
		t.Errorf("PUE %v, available %v", got.PUE, got.Available)
	}
	notes := strings.Join(r.Notes(in), "\n")
	if !strings.Contains(notes, "temperature unknown: marginal PUE 1.000, nothing derated") || !strings.Contains(notes, "health unknown: 100.0 %") {
		t.Errorf("notes: %s", notes)
	}
	if notes := r.Notes(Input{Temperatures: []int64{1}, Health: series.Flat(unit.One)}); notes != nil {
		t.Errorf("all is known, yet %v", notes)
	}
	hydro := compile(t, Group{Name: "h", Model: "Antminer S21 Hyd", Count: 1})
	if notes := hydro.Notes(Input{Health: series.Flat(unit.One)}); notes != nil {
		t.Errorf("heat does not matter, yet %v", notes)
	}
}

func TestAKnownZeroHealthIsNotUnknown(t *testing.T) {
	t.Parallel()
	got, err := compile(t, hallA()).Bid(Input{Hashprice: 40_000_000, Health: series.Flat[unit.Ratio](0)})
	if err != nil || got.Available.At(0) != 0 {
		t.Errorf("a dead group offers %v, %v", got.Available, err)
	}
}

func TestBidHealthByInterval(t *testing.T) {
	t.Parallel()
	got, err := compile(t, hallA()).Bid(Input{
		Hashprice: 40_000_000, Temperatures: []int64{41_000}, Health: series.Profile[unit.Ratio]{unit.One, 500_000, 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(series.Profile[unit.Ratio]{900_000, 450_000, 0}, got.Available); diff != "" || !got.PUE.Covers(3) {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBidRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	r := compile(t, hallA())
	for sentence, in := range map[string]Input{
		"hashprice 0.00 must be positive":     {},
		"hashprice -1.00 must be positive":    {Hashprice: -1_000_000},
		"in another unit":                     {Hashprice: hashpriceMax + 1},
		"health 1.000 of interval 1":          {Hashprice: 1, Health: series.Profile[unit.Ratio]{0, unit.One + 1}},
		"2 temperatures and 3 healths":        {Hashprice: 1, Temperatures: make([]int64, 2), Health: make(series.Profile[unit.Ratio], 3)},
		"health -0.500 of interval 0 must be": {Hashprice: 1, Health: series.Profile[unit.Ratio]{-500_000}},
	} {
		if _, err := r.Bid(in); err == nil || !strings.Contains(err.Error(), sentence) {
			t.Errorf("%v does not mention %q", err, sentence)
		}
	}
}

func TestBreakEven(t *testing.T) {
	t.Parallel()
	g := hallA()
	g.Cooling.PUE0 = 1_050_000
	r := compile(t, g)
	if got := r.Average(40_000_000); got != 95_238_095 { // 17.5 J/TH
		t.Errorf("average worth %v", got)
	}
	if got := r.BreakEven(40_000_000); got != 90_702_948 {
		t.Errorf("break-even %v", got)
	}
	if got := r.Worth(2, 40_000_000); got != 77_380_952 {
		t.Errorf("worth of the last step %v", got)
	}
}

func TestRestartLoss(t *testing.T) {
	t.Parallel()
	g := hallA()
	g.OperatingCost = 3 * dollar // saved by nobody while machines boot
	if got := compile(t, g).RestartLoss(39_000_000); got != 15_798_611 {
		t.Errorf("ten minutes of a MW at 94.79 USD/MWh are lost as %v", got)
	}
	g.Restart, g.Wear = time.Hour, 2*unit.Unit
	if got := compile(t, g).RestartLoss(39_000_000); got != 96_791_667 {
		t.Errorf("an hour and the wear are lost as %v", got)
	}
}

func TestHashrateAlongTheHull(t *testing.T) {
	t.Parallel()
	r := compile(t, hallA())
	for sentence, c := range map[string]struct {
		draw      unit.Power
		available unit.Ratio
		want      unit.Hashrate
	}{
		"feeding in hashes nothing":    {-5, unit.One, 0},
		"off":                          {0, unit.One, 0},
		"half the machines":            {1_500_000, unit.One, 87_500_000},
		"all at the sweet spot":        {3_000_000, unit.One, 175_000_000},
		"one step up":                  {3_220_000, unit.One, 187_000_000},
		"within a step":                {3_360_000, unit.One, 193_500_000},
		"all it can":                   {3_500_000, unit.One, 200_000_000},
		"more power brings no more":    {9_000_000, unit.One, 200_000_000},
		"with half the machines alive": {1_750_000, 500_000, 100_000_000},
		"with none alive":              {1_750_000, 0, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := r.HashrateAt(c.draw, c.available); got != c.want {
				t.Errorf("%d GH/s instead of %d", got, c.want)
			}
		})
	}
	if r.Hashrate(3_360_000) != 193_500_000 {
		t.Error("Hashrate differs from HashrateAt with all available")
	}
}

func TestSettingsSplitPowerOverWholeMachines(t *testing.T) {
	t.Parallel()
	g := hallA()
	g.Count = 10
	r := compile(t, g)
	sweet, stock := r.Steps()[0].To, r.Steps()[2].To
	for sentence, c := range map[string]struct {
		draw      unit.Power
		available unit.Ratio
		want      []Setting
	}{
		"off":                       {0, unit.One, []Setting{{Point{}, 10}}},
		"not enough for one":        {2999, unit.One, []Setting{{Point{}, 10}}},
		"three and a half machines": {10_500, unit.One, []Setting{{sweet, 3}, {Point{}, 7}}},
		"all at the sweet spot":     {30_000, unit.One, []Setting{{sweet, 10}}},
		"all they can":              {99_000, unit.One, []Setting{{stock, 10}}},
		"half of them alive":        {99_000, 550_000, []Setting{{stock, 5}}},
		"none alive":                {99_000, 0, nil},
		"feeding in is off":         {-5, unit.One, []Setting{{Point{}, 10}}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, r.Settings(c.draw, c.available)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGroupProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 5000).Draw(t, "count")
		r := &Rig{group: Group{Name: "g", Count: count, Health: unit.One, Cooling: use.Cooling{PUE0: unit.One}}, steps: Hull(anyPoints(t), powerMax)}
		a := unit.Power(rapid.Int64Range(0, int64(r.Capacity())).Draw(t, "draw"))
		b := unit.Power(rapid.Int64Range(int64(a), int64(r.Capacity())).Draw(t, "more"))
		if r.Hashrate(a) > r.Hashrate(b) || r.Hashrate(r.Capacity()) != r.FullHashrate() {
			t.Fatal("more power hashes less, or capacity is not the full hash rate")
		}
		bid, err := r.Bid(Input{Hashprice: unit.Hashprice(rapid.Int64Range(1, 1e9).Draw(t, "hashprice"))})
		if err != nil || bid.Validate(3) != nil || bid.Capacity() != r.Capacity() {
			t.Fatalf("%v, %v", err, bid.Validate(3))
		}
		for k := 1; k < len(bid.Steps); k++ {
			if bid.Steps[k].Worth.At(0) > bid.Steps[k-1].Worth.At(0) {
				t.Fatalf("step %d is worth more than the one before", k)
			}
		}
		checkSettings(t, r, a)
	})
}

// checkSettings holds the settings of a draw against the draw and the hull:
// never above it, all machines placed, and less than one step of one machine lost.
func checkSettings(t *rapid.T, r *Rig, draw unit.Power) {
	var power, widest unit.Power
	var hash unit.Hashrate
	machines := 0
	for _, s := range r.Settings(draw, unit.One) {
		power += s.Point.Power * unit.Power(s.Machines)
		hash += s.Point.Hashrate * unit.Hashrate(s.Machines)
		machines += s.Machines
	}
	for _, s := range r.steps {
		widest = max(widest, s.Power)
	}
	if power > draw || draw-power >= widest || machines != r.group.Count || hash > r.Hashrate(draw)+unit.Hashrate(len(r.steps)) {
		t.Fatalf("%d W for %d W, %d of %d machines, %d of %d GH/s", power, draw, machines, r.group.Count, hash, r.Hashrate(draw))
	}
}

func BenchmarkBid(b *testing.B) {
	r := compile(b, hallA())
	in := Input{Hashprice: 40_000_000, Temperatures: make([]int64, 100), Health: series.Flat(unit.One)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Bid(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStandard(b *testing.B) {
	for b.Loop() {
		if _, err := Standard(); err != nil {
			b.Fatal(err)
		}
	}
}
