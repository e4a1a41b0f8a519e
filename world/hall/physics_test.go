package hall

import (
	"testing"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
	"sluice/world/jobs"
)

// TestWorkedExample recomputes the example of docs/formula/hall.md.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	h := built(t, small(2))
	if h.Draw() != 3600 {
		t.Errorf("two empty servers draw %v", h.Draw())
	}
	submit(t, h, job("a", "firm", 4, time.Hour))
	// Empty 1800 W, and for each of four GPUs 600 - 70 W above idle and (10,200 - 1,800 - 8 * 630) / 8 = 420 W of the rest of the server.
	if h.Draw() != 1800+1800+4*(530+420) {
		t.Errorf("with four GPUs at 600 W the hall draws %v", h.Draw())
	}
	if l := h.Loads(); l[0].Draw != 4*(1800/8+530+420) || l[0].Running != 4 || l[2].Draw != 1800+900 {
		t.Errorf("the contract draws %v and nobody %v", l[0].Draw, l[2].Draw)
	}
	h.Advance(time.Hour)
	if d, known := h.Drawn("firm"); d != 0 || !known || h.Peak() != 7400 {
		t.Errorf("the job is over: %v, %t; the peak of the hour was %v", d, known, h.Peak())
	}
	if h.Draw() != 3600 || seen(t, h, "a").State != "" {
		t.Errorf("after an hour of work for an hour the hall draws %v", h.Draw())
	}
	r := h.Registers()
	if r[0].IT != 4700*3600 || r[0].Service.Served != 4*3600 || r[0].Service.Committed != 16*3600 || r[2].IT != 2700*3600 || r[0].Started != 4700 {
		t.Errorf("registers: %+v and %+v", r[0], r[2])
	}
}

func TestPowerLimitsSlowWorkDown(t *testing.T) {
	t.Parallel()
	c := small(2)
	c.Curves = curves(t)
	h := built(t, c)
	submit(t, h, job("a", "spot", 16, time.Hour))
	_, speed := c.Curves.For("H100 SXM", gpu.Training).Under(450, 600)
	if speed >= unit.One || speed < 900_000 {
		t.Fatalf("450 of 600 W leave a speed of %v", speed)
	}
	h.Advance(30 * time.Minute)
	before := h.Draw()
	if a, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 450, Epoch: 1}); err != nil || !a.Taken {
		t.Fatal(a, err)
	}
	if h.Draw() != before-8*150 {
		t.Errorf("eight GPUs under 450 of 600 W changed the draw from %v to %v", before, h.Draw())
	}
	left := time.Duration((1800*whole+int64(speed)-1)/int64(speed)) * time.Second
	h.Advance(left - time.Second)
	if seen(t, h, "a").State != engine.Running {
		t.Error("a gang runs faster than its slowest GPU")
	}
	h.Advance(time.Second)
	if seen(t, h, "a").State != "" {
		t.Error("half an hour of work under the limit is not done when it should be")
	}
	n := counts(t, h, "spot")
	if want := 16 * int64(left/time.Second) * (whole - int64(speed)) / whole; n.Slowed != want || n.Served != 16*(1800+int64(left/time.Second)) {
		t.Errorf("counted %+v, want %d slowed", n, want)
	}
	submit(t, h, job("b", "spot", 8, time.Hour))
	submit(t, h, job("c", "spot", 8, time.Hour))
	if l := h.Loads()[1]; l.Full != l.Draw+8*150 || l.Running != 16 {
		t.Errorf("a limit holds for what starts later too: %+v", l)
	}
}

func TestServersSwitchOffAndBoot(t *testing.T) {
	t.Parallel()
	c := small(4)
	c.Hall.Spare = 1
	c.Contracts = c.Contracts[1:] // servers stay on for what is reserved
	h := built(t, c)
	h.Advance(9 * time.Minute)
	if h.Draw() != 4*1800 {
		t.Errorf("before they were empty for long, %v", h.Draw())
	}
	h.Advance(2 * time.Minute)
	if h.Draw() != 1800 {
		t.Errorf("one spare server and three that are off draw %v", h.Draw())
	}
	submit(t, h, job("a", "spot", 16, time.Hour))
	if h.Draw() != 2*1800 || seen(t, h, "a").Why != "servers" {
		t.Errorf("one server boots for the job: %v, %+v", h.Draw(), seen(t, h, "a"))
	}
	h.Advance(time.Minute)
	if j := seen(t, h, "a"); j.State != engine.Running || len(j.Nodes) != 2 {
		t.Errorf("after the boot: %+v", j)
	}
}

func TestHeatCostsAtTheMeter(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Hall.Cooling = use.Cooling{PUE0: 1_100_000, PerDegree: 10_000, Threshold: 20_000}
	grid, err := series.NewGrid(begin, time.Hour, 2)
	if err != nil {
		t.Fatal(err)
	}
	c.Air = series.New[int64](grid)
	c.Air.Set(0, 15_000)
	c.Air.Set(1, 35_000)
	h := built(t, c)
	h.Advance(2 * time.Hour)
	r := h.Registers()[2]
	if want := unit.Energy(1980*3600 + 2250*3600); r.Meter != want || r.IT != 2*1800*3600 {
		t.Errorf("an empty server through 15 and 35 degrees: IT %d, meter %d, want %d", r.IT, r.Meter, want)
	}
}

func TestRacksKeepTheirLimit(t *testing.T) {
	t.Parallel()
	c := small(4)
	g := &c.Hall.Groups[0]
	g.Rack, g.Limit = 2, 14*unit.Kilowatt // two servers empty draw 3.6 kW: room for nine GPUs at 1,050 W
	h := built(t, c)
	for _, id := range []string{"a", "b", "c"} {
		submit(t, h, job(id, "spot", 8, time.Hour))
	}
	if seen(t, h, "b").State != engine.Running || seen(t, h, "c").State != engine.Waiting {
		t.Errorf("two racks of nine GPUs hold two jobs of eight: %v %v", seen(t, h, "b").State, seen(t, h, "c").State)
	}
	submit(t, h, job("e", "spot", 1, time.Hour))
	submit(t, h, job("f", "spot", 1, time.Hour))
	if seen(t, h, "f").State != engine.Running {
		t.Error("there is room for one GPU more in each rack")
	}
	for _, r := range h.Racks() {
		if r.Draw > g.Limit || r.Draw < 10*unit.Kilowatt {
			t.Errorf("rack %d draws %v", r.Rack, r.Draw)
		}
	}
}

func TestColocationDrawsByItsProfile(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Contracts = append(c.Contracts, hosting.Contract{Name: "colo", Kind: hosting.Colocation, Start: begin.Add(time.Hour), End: begin.Add(3 * time.Hour), Power: unit.Megawatt})
	c.Profiles = map[string]*jobs.Profile{"colo": jobs.NewProfile("colo", 700_000, 1)}
	h := built(t, c)
	h.Advance(time.Hour - time.Second)
	if counts(t, h, "colo") != (hosting.Counts{}) || h.Draw() != 1800 {
		t.Error("it draws before it begins")
	}
	h.Advance(5 * time.Hour)
	want := int64(0)
	for i := range 2 {
		want += int64(unit.Megawatt.Scale(c.Profiles["colo"].At(begin.Add(time.Duration(i+1)*time.Hour)))) * 3600 / 1000
	}
	if n := counts(t, h, "colo"); n.Committed != 2*3600*1000 || n.Served != want && n.Served != want+1 {
		t.Errorf("counted %+v kW-seconds, want %d of 7,200,000", n, want)
	}
}

func TestWorkAfterItsDeadlineIsLate(t *testing.T) {
	t.Parallel()
	h := built(t, small(1))
	j := job("a", "spot", 4, time.Hour)
	j.Deadline = begin.Add(45 * time.Minute)
	submit(t, h, j)
	h.Advance(30 * time.Minute)
	s, err := h.States(t.Context())
	if err != nil || len(s[1].Tenant.Waiting) != 1 || s[1].Tenant.Waiting[0].Energy != s[1].State.Draw.Over(30*time.Minute) {
		t.Errorf("half of it is owed: %+v %v", s[1], err)
	}
	h.Advance(2 * time.Hour)
	if n := counts(t, h, "spot"); n.Late != 4*900 {
		t.Errorf("a quarter of an hour of four GPUs is late: %+v", n)
	}
}

func TestServicesEndOnTime(t *testing.T) {
	t.Parallel()
	h := built(t, small(1))
	j := job("a", "firm", 4, time.Hour)
	j.Work, j.Until = 0, begin.Add(time.Hour)
	submit(t, h, j)
	if _, err := h.Set(t.Context(), gpu.Setting{Node: "h100-0000", Limit: 200, Epoch: 1}); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Hour)
	if n := counts(t, h, "firm"); seen(t, h, "a").State != "" || n.Served != 4*3600 || n.Slowed != 4*3600*2/3 {
		t.Errorf("a service under a third of its power, without a curve: %+v", n)
	}
}

func TestRampsAndEnds(t *testing.T) {
	t.Parallel()
	c := small(1)
	c.Contracts[0].Ramp = []unit.Ratio{0, unit.One / 2}
	c.Contracts[0].End = begin.AddDate(0, 3, 0)
	h := built(t, c)
	submit(t, h, job("a", "firm", 8, 4000*time.Hour))
	for month, want := range []engine.State{engine.Waiting, engine.Waiting, engine.Running, ""} {
		h.Advance(begin.AddDate(0, month, 0).Sub(h.Now()))
		if got := seen(t, h, "a").State; got != want {
			t.Errorf("in month %d the job is %q, want %q", month, got, want)
		}
	}
	if n := counts(t, h, "firm"); n.Committed != 4*28*86_400+8*31*86_400 || n.Down != 0 {
		t.Errorf("counted %+v", n)
	}
}
