package gpu

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

func seen(model string, limit unit.Power, speed, power unit.Ratio, by Signal) Observation {
	return Observation{Model: model, Class: Training, Node: "n1", Limit: limit, Speed: speed, Power: power, Signal: by, For: 15 * time.Minute}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	before := standard(t).For("H100", Training)
	learn := func(t *testing.T, obs ...Observation) Curve {
		t.Helper()
		c, err := Learn(before, obs)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	at := func(c Curve, limit unit.Power) Point { p, _ := c.exact(limit); return p }
	t.Run("nothing seen, nothing learned", func(t *testing.T) {
		t.Parallel()
		if c := learn(t); c.Standing != Assumed {
			t.Errorf("%+v", c)
		}
	})
	t.Run("what was known weighs as much as four observations", func(t *testing.T) {
		t.Parallel()
		one := seen("H100 SXM", 560, 900_000, 800_000, ByTenant)
		c := learn(t, one, one, one, one)
		want := (at(before, 560).Speed + 900_000) / 2
		if p := at(c, 560); p.Speed < want-1 || p.Speed > want+1 || p.Count != 8 || c.Standing != Learned {
			t.Errorf("%+v, want a speed of %v", p, want)
		}
	})
	t.Run("a limit near a step counts for it", func(t *testing.T) {
		t.Parallel()
		if c := learn(t, seen("H100 SXM", 570, 900_000, 800_000, ByTenant)); len(c.Points) != len(before.Points) || at(c, 560).Count != 5 {
			t.Errorf("%+v", c.Points)
		}
	})
	t.Run("the best signal alone counts", func(t *testing.T) {
		t.Parallel()
		c := learn(t, seen("H100 SXM", 560, 990_000, 800_000, ByProxy), seen("H100 SXM", 560, 900_000, 800_000, ByEngine))
		if p := at(c, 560); p.Count != 5 || p.Low != 900_000 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a cliff seen at one limit moves those below it, and good news moves none", func(t *testing.T) {
		t.Parallel()
		var bad, good []Observation
		for range 20 {
			bad = append(bad, seen("H100 SXM", 560, 700_000, 790_000, ByTenant))
			good = append(good, seen("H100 SXM", 560, 999_000, 790_000, ByTenant))
		}
		c := learn(t, bad...)
		if p, q := at(c, 490), at(before, 490); p.Speed >= times(q.Speed, 850_000) {
			t.Errorf("below the cliff: speed %v, before %v", p.Speed, q.Speed)
		}
		if l := c.Levels(); l[len(l)-1].Limit < 630 {
			t.Errorf("a level beyond the cliff: %+v", l)
		}
		if p, q := at(learn(t, good...), 490), at(before, 490); p.Speed != q.Speed {
			t.Errorf("a limit nobody tried became %v, before %v", p.Speed, q.Speed)
		}
	})
	t.Run("the lowest limit seen is the floor", func(t *testing.T) {
		t.Parallel()
		c := learn(t, seen("H100 SXM", 560, 970_000, 850_000, ByTenant))
		if l := c.Levels(); c.Floor != 560 || l[len(l)-1].Limit != 560 {
			t.Errorf("floor %d, levels %+v", c.Floor, l)
		}
		c = learn(t, seen("H100 SXM", 570, 970_000, 850_000, ByTenant)) // counts at 560 W, which nobody saw
		if l := c.Levels(); c.Floor != 570 || l[len(l)-1].Limit != 630 {
			t.Errorf("floor %d, levels %+v", c.Floor, l)
		}
	})
	t.Run("a limit below all points is a new point", func(t *testing.T) {
		t.Parallel()
		c := learn(t, seen("H100 SXM", 350, 850_000, 600_000, ByTenant))
		if p := c.Points[len(c.Points)-1]; p.Limit != 350 || p.Speed != 850_000 || p.Count != 1 {
			t.Errorf("%+v", p)
		}
	})
}

func TestLearnRefuses(t *testing.T) {
	t.Parallel()
	before := standard(t).For("H100", Training)
	short := seen("H100 SXM", 560, 900_000, 800_000, ByTenant)
	short.For = 9 * time.Minute
	_, err := Learn(before, []Observation{
		short, seen("A40", 200, 900_000, 800_000, ByTenant), seen("H100 SXM", 700, 900_000, 800_000, ByTenant),
		seen("H100 SXM", 560, 0, 800_000, ByTenant), seen("H100 SXM", 560, 900_000, 800_000, "guess"),
	})
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{"stood for 9m", `"A40"`, "not below the full one", "are no shares", `"guess"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	c, _ := Learn(before, []Observation{seen("H100 SXM", 560, 900_000, 800_000, ByTenant)})
	if _, err := Learn(c, nil); err == nil || !strings.Contains(err.Error(), "learned already") {
		t.Errorf("learned twice: %v", err)
	}
}

// TestLearnFindsTheTruth draws a GPU with a cliff that nobody foresaw and shows it to Learn.
func TestLearnFindsTheTruth(t *testing.T) {
	t.Parallel()
	before := standard(t).For("H100", Training)
	rapid.Check(t, func(t *rapid.T) {
		var obs []Observation
		for range rapid.IntRange(1, 80).Draw(t, "n") {
			limit := unit.Power(rapid.SampledFrom([]int{630, 560, 490, 420, 350}).Draw(t, "limit"))
			obs = append(obs, seen("H100 SXM", limit, unit.Ratio(rapid.IntRange(1, 1_100_000).Draw(t, "speed")), unit.Ratio(rapid.IntRange(1, 1_100_000).Draw(t, "power")), ByEngine))
		}
		c, err := Learn(before, obs)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		for i, l := range c.Levels() {
			if l.Limit < c.Floor || c.Band(i) > unit.One {
				t.Fatalf("level %+v, floor %d, m %v", l, c.Floor, c.Band(i))
			}
		}
	})
}

func TestPlanTrial(t *testing.T) {
	t.Parallel()
	c := standard(t).For("H100", Training)
	racks := []Rack{
		{Name: "r1", Class: Training, GPUs: 64, Draw: 690, Allowance: 200_000},
		{Name: "r2", Class: Training, GPUs: 32, Draw: 690, Allowance: 200_000},
		{Name: "r3", Class: Training, GPUs: 8, Draw: 690, Allowance: 100_000, Protected: true},
		{Name: "r4", Class: Inference, GPUs: 8, Draw: 690, Allowance: 100_000},
		{Name: "r5", Class: Training, GPUs: 8, Draw: 300, Allowance: 100_000},
		{Name: "r6", Class: Training, GPUs: 8, Draw: 690, Allowance: 1_000},
	}
	with := func(change func(*Ask)) Ask {
		a := Ask{Curve: c, Min: 200, Approved: 300, Racks: racks}
		change(&a)
		return a
	}
	v100 := standard(t).For("V100", Training)
	for sentence, x := range map[string]struct {
		ask   Ask
		limit unit.Power
		no    NoTrial
	}{
		"the first step is a twentieth of the range": {with(func(*Ask) {}), 675, ""},
		"the next one goes on from the lowest seen":  {with(func(a *Ask) { a.Seen = 500 }), 475, ""},
		"an assumed knee may be passed with approval": {with(func(a *Ask) {
			a.Seen = 420
			a.Racks = []Rack{{Name: "r1", Class: Training, GPUs: 64, Draw: 690, Allowance: 400_000}}
		}), 395, ""},
		"one at a time":                                     {with(func(a *Ask) { a.Running = true }), 0, TrialGoesOn},
		"nobody approved it":                                {with(func(a *Ask) { a.Approved = 0 }), 0, NotApproved},
		"nobody approved a limit that low":                  {with(func(a *Ask) { a.Approved = 680 }), 0, NotApproved},
		"no step is left":                                   {with(func(a *Ask) { a.Seen = 210 }), 0, TrialAtLowest},
		"the range is not known":                            {with(func(a *Ask) { a.Min = 0 }), 0, RangeUnknown},
		"every rack is protected":                           {with(func(a *Ask) { a.Racks = racks[2:3] }), 0, NoRack},
		"below a knee that was measured lies wasted energy": {with(func(a *Ask) { a.Curve, a.Min, a.Seen, a.Approved = v100, 100, 125, 100 }), 0, TrialAtKnee},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			ask := x.ask
			ask.Racks = append([]Rack(nil), ask.Racks...)
			trial, no := PlanTrial(ask)
			if no != x.no || trial.Limit != x.limit {
				t.Fatalf("%+v, %q; want %d, %q", trial, no, x.limit, x.no)
			}
			if no == "" && (trial.For < 10*time.Minute || trial.Rack != "r2" && trial.Rack != "r1" || trial.Slowdown > unit.One-trial.Slowest) {
				t.Errorf("%+v", trial)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	trial := Trial{For: TrialTime, Slowest: 900_000}
	for _, x := range []struct {
		passed time.Duration
		speed  unit.Ratio
		want   Course
	}{{time.Minute, 950_000, TrialOn}, {time.Minute, 899_999, TrialStop}, {time.Minute, 0, TrialOn}, {TrialTime, 950_000, TrialDone}, {TrialTime, 1, TrialStop}, {time.Hour, 0, TrialDone}} {
		if got := trial.Judge(x.passed, x.speed); got != x.want {
			t.Errorf("%v at %v: %s, want %s", x.passed, x.speed, got, x.want)
		}
	}
}
