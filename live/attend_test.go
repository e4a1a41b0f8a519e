package live

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/gpu"
	"sluice/loop"
	"sluice/loop/actuate"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// lodger is a hall of GPUs beside the machines, as bad as it may be: it takes what it
// was given at once.
type lodger struct {
	h      *hall
	t      *hosting.Tenancy
	wanted unit.Power // IT
	budget unit.Power // IT; negative: none
	bound  unit.Power // at its meter; 0: none
	deaf   bool
	lost   bool // its answers to orders are
	blind  bool // its engine shows nothing
	orders []loop.HallOrder
	worst  unit.Power // by which the site was above its limit
	limit  unit.Power
}

// pue is that of the lodger.
const lodgerPUE unit.Ratio = 1_200_000

// lodge is a site with a lodger of 64 GPUs whose machines take all that is left.
func lodge(t *testing.T, plant sabotage) *lodger {
	t.Helper()
	c := hosting.Contract{
		Name: "acme", Tenant: "acme", Version: 1, Kind: hosting.Spot, Hall: "gpu", Model: "H100 SXM", Class: gpu.Training, GPUs: 64,
		Start: dawn.AddDate(-1, 0, 0), End: dawn.AddDate(1, 0, 0), Price: 1_500_000, Warn: time.Minute, Grace: time.Minute, Restart: 6 * time.Minute, Saves: time.Hour,
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		t.Fatal(err)
	}
	model := gpu.Model{Name: "H100 SXM", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_400}
	tenancy, err := hosting.Compile(c, hosting.Hall{Name: "gpu", Cooling: use.Cooling{PUE0: lodgerPUE}, Groups: []hosting.Group{
		{Name: "h100", Model: model, Nodes: 8, Rack: 4, Limit: 45 * unit.Kilowatt},
	}}, curves, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := fleet(7)
	p.wire = calm()
	p.change = func(c *Config) { c.Halls = []GPUHall{{Name: "gpu", Tenancies: []*hosting.Tenancy{tenancy}}} }
	l := &lodger{h: p.build(t), t: tenancy, budget: -1, limit: p.limit}
	l.h.core.sabotage = plant
	l.h.watch = func(_ *hall, d Deed) { l.take(d) }
	l.h.steer(func() unit.Power { return p.limit }, 5*time.Minute)
	l.look()
	return l
}

// it is what the lodger draws now.
func (l *lodger) it() unit.Power {
	p := l.wanted
	if l.budget >= 0 {
		p = min(p, l.budget)
	}
	if l.bound > 0 {
		p = min(p, l.bound.Unscale(lodgerPUE))
	}
	return p
}

// look has the meter see the lodger, and notes by how much the site is above its limit.
func (l *lodger) look() {
	l.h.rest = 6000 + l.it().ScaleUp(lodgerPUE)
	l.worst = max(l.worst, l.h.site()-l.limit)
	l.h.in(time.Second, l.look)
}

// take answers what the core wants of the hall.
func (l *lodger) take(d Deed) {
	const patience = 5 * time.Second
	switch d := d.(type) {
	case Attend:
		e := Reported{Asked: l.h.now, Report: l.report()}
		if l.deaf {
			e = Reported{Asked: l.h.now, Err: errors.New("nobody answers")}
		}
		l.h.post(100*time.Millisecond, e)
	case Steer:
		l.orders = append(l.orders, d.Order)
		if l.deaf {
			l.h.post(patience, Followed{Err: errors.New("nobody answers")})
			return
		}
		l.h.in(100*time.Millisecond, func() {
			for _, o := range d.Order.Orders {
				l.budget = o.Draw
			}
			l.bound = d.Order.Most
		})
		f := Followed{}
		if l.lost {
			f.Err = errors.New("no answer")
		}
		l.h.post(200*time.Millisecond, f)
	}
}

func (l *lodger) report() loop.HallReport {
	r := loop.HallReport{Bound: l.bound, Hall: "gpu", At: l.h.now, Seen: l.h.now, Power: l.it().ScaleUp(lodgerPUE), Known: true, PUE: lodgerPUE, Budgets: map[string]unit.Power{}}
	u := cycle.UseState{Use: l.t.Use(), Health: unit.One, State: use.State{On: l.it(), Draw: l.it()}}
	u.Tenant.Wanted = l.wanted
	if !l.blind {
		r.Uses = []cycle.UseState{u}
	}
	if l.budget >= 0 {
		r.Budgets[l.t.Use()] = l.budget
	}
	return r
}

// plan gives the lodger a budget.
func (l *lodger) plan(p unit.Power) {
	l.h.tell(Budgeted{Until: l.h.now.Add(10 * time.Minute), Orders: []cycle.Order{{Use: l.t.Use(), Draw: p}}})
}

func (l *lodger) alarmed(code string) bool {
	for _, a := range l.h.alarms {
		if a.Code == code {
			return true
		}
	}
	return false
}

// TestHallsWaitForRoom: a hall that may draw more gets it when machines have made
// room, and the site stays below its limit; what it lets go goes to machines.
func TestHallsWaitForRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plant  sabotage
		caught bool
	}{"as built": {}, "raises before there is room": {sabotage{raisesFirst: true}, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := lodge(t, c.plant)
			l.wanted = 10_000
			l.h.pass(5 * time.Minute)
			l.plan(10_000)
			l.h.pass(20 * time.Minute) // what the meter showed before anybody said whose it was is forgotten
			full := l.h.settled(5 * time.Minute)
			l.worst = 0
			l.wanted = 80_000 // more work waits than its budget lets start
			l.h.pass(2 * time.Minute)
			if got := l.it(); got != 10_000 {
				t.Fatalf("with a budget of 10 kW it draws %v", got)
			}
			l.plan(80_000)
			l.h.pass(5 * time.Minute)
			if got := l.it(); got != 80_000 {
				t.Errorf("five minutes after a plan that gives it 80 kW it draws %v", got)
			}
			if l.worst > 0 != c.caught {
				t.Errorf("the site was above its limit by %v", l.worst)
			}
			l.plan(10_000)
			l.h.pass(5 * time.Minute)
			if again := l.h.settled(5 * time.Minute); again < full-full/20 {
				t.Errorf("machines took %v of what the hall let go, before it were %v", again, full)
			}
		})
	}
}

// TestHallsAreBound: where the grid leaves less than a hall draws and every machine
// sleeps, the hall gets a bound, and loses it as the limit comes back.
func TestHallsAreBound(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.wanted = 80_000
	l.plan(80_000)
	l.h.pass(15 * time.Minute)
	l.plan(80_000)
	l.h.pass(5 * time.Minute)
	l.h.tell(Said{By: "the grid", What: actuate.Instruction{Group: 0, From: l.h.core.Since(l.h.now), Limit: 60_000}})
	l.h.pass(time.Minute)
	if got := l.h.site(); got > 60_000 {
		t.Errorf("a minute after it was ordered the site draws %v, 60 kW were", got)
	}
	if st := l.h.core.Status(l.h.now).Halls[0]; st.Bound == 0 || st.Bound > 60_000 || !l.alarmed("hall_bound") {
		t.Errorf("the hall has no bound: %+v", st)
	}
	l.h.tell(Said{By: "the grid", What: actuate.Instruction{Group: 0, From: l.h.core.Since(l.h.now), Limit: unlimited}})
	l.h.pass(3 * time.Minute)
	if st := l.h.core.Status(l.h.now).Halls[0]; st.Bound != 0 || l.it() != 80_000 {
		t.Errorf("the limit is back, and the hall draws %v: %+v", l.it(), st)
	}
	if l.bound != 0 {
		t.Errorf("its bound is %v", l.bound)
	}
	l.h.core.cfg.Entrust = false // the grid binds in every stage, and so it is lifted
	for _, limit := range []unit.Power{60_000, unlimited} {
		l.h.tell(Said{By: "the grid", What: actuate.Instruction{Group: 0, From: l.h.core.Since(l.h.now), Limit: limit}})
		l.h.pass(3 * time.Minute)
		if (l.bound > 0) != (limit == 60_000) {
			t.Errorf("without trust and a limit of %v the bound is %v", limit, l.bound)
		}
	}
}

// TestOrdersInDoubt: an order whose answer was lost may have been taken: what it gives
// stays reserved until the hall says what it follows.
func TestOrdersInDoubt(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.wanted = 10_000
	l.h.pass(5 * time.Minute)
	l.plan(10_000)
	l.h.pass(20 * time.Minute)
	l.wanted, l.lost, l.worst = 80_000, true, 0
	l.plan(80_000)
	for range 600 {
		l.h.pass(time.Second)
		if st := l.h.core.Status(l.h.now).Halls[0]; st.Most < l.it().ScaleUp(lodgerPUE)-1 {
			t.Fatalf("reserved is %v, and it may draw %v", st.Most, l.it().ScaleUp(lodgerPUE))
		}
	}
	if l.it() != 80_000 || l.worst > 0 || !l.alarmed("hall_refuses") {
		t.Errorf("it draws %v, the site passed its limit by %v", l.it(), l.worst)
	}
}

// TestSilentHall: a hall that does not answer is told of, gets no orders, and what it
// may draw stays reserved.
func TestSilentHall(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.wanted = 30_000
	l.plan(30_000)
	l.h.pass(10 * time.Minute)
	l.plan(60_000)
	l.h.pass(2 * time.Minute)
	l.deaf = true
	l.h.pass(2 * time.Minute)
	sent := len(l.orders)
	l.plan(80_000)
	l.h.pass(2 * time.Minute)
	st := l.h.core.Status(l.h.now)
	if len(l.orders) != sent || !l.alarmed("hall_silent") || st.Halls[0].Steered {
		t.Errorf("%d orders went to a hall that does not answer; %+v", len(l.orders)-sent, st.Halls[0])
	}
	l.wanted = 60_000 // within the budget that it has
	l.worst = 0
	l.h.pass(5 * time.Minute)
	if l.worst > 0 {
		t.Errorf("a silent hall that drew what it may passed the limit by %v", l.worst)
	}
	if got := st.Halls[0].Most; got < 72_000 {
		t.Errorf("reserved is %v, it may draw 60 kW and its cooling", got)
	}
	l.deaf, l.blind = false, true
	l.h.pass(time.Minute)
	if st := l.h.core.Status(l.h.now).Halls[0]; st.Trouble != "hall_blind" || st.Most < 72_000 {
		t.Errorf("its engine shows nothing: %+v", st)
	}
	l.blind = false
	l.h.pass(time.Minute)
	if !l.alarmed("hall_heard") || !l.h.core.Status(l.h.now).Halls[0].Steered {
		t.Error("it answers again, and nobody knows")
	}
}

// TestStageOfHalls: no budget goes out before the last stage, and not while the site is stopped.
func TestStageOfHalls(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.h.core.cfg.Entrust = false
	l.wanted = 30_000
	l.h.pass(time.Minute)
	l.plan(10_000)
	l.h.pass(time.Minute)
	if len(l.orders) > 0 {
		t.Errorf("in stage %q budgets went out: %+v", l.h.core.stage, l.orders)
	}
	l.h.core.cfg.Entrust = true
	l.h.tell(Said{By: "anna", What: actuate.Stopped{By: "anna"}})
	l.plan(10_000)
	l.h.pass(time.Minute)
	if len(l.orders) > 0 {
		t.Errorf("while everything is stopped budgets went out: %+v", l.orders)
	}
}

// TestClocksOfHalls: a real hall whose clock is wrong is not steered.
func TestClocksOfHalls(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	r := l.report()
	r.At = r.At.Add(time.Minute)
	l.h.pass(time.Second)
	l.h.tell(Reported{Asked: l.h.now, Report: r})
	if !l.alarmed("hall_clock") {
		t.Error("a clock a minute ahead is taken")
	}
	r.At, r.Hall = l.h.now, "other"
	l.h.tell(Reported{Asked: l.h.now, Report: r})
	if !l.alarmed("hall_other") {
		t.Error("another hall is taken")
	}
	for _, a := range l.h.alarms {
		if strings.HasPrefix(a.Code, "hall_") && !strings.Contains(a.Text, ": ") {
			t.Errorf("%s says no remedy: %s", a.Code, a.Text)
		}
	}
}
