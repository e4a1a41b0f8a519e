package live

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/loop"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/series"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/use/hosting"
)

// TestRising: whatever a hall's counters do, ours never fall, begin at zero, and rise
// by what the hall counted while it kept its memory.
func TestRising(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r rising
		raw := unit.Energy(rapid.IntRange(0, 1_000_000).Draw(t, "first"))
		var want, last unit.Energy
		for i := range 20 {
			more := unit.Energy(rapid.IntRange(0, 1000).Draw(t, "more"))
			lost := rapid.IntRange(0, 5).Draw(t, "forgets") == 0 && raw > 0
			switch {
			case lost:
				raw = raw / 2
			case i > 0:
				raw, want = raw+more, want+more
			}
			g := guest{GPUHall: GPUHall{Name: "gpu"}, ever: true, report: loop.HallReport{Registers: []cycle.UseRegister{{Use: "hosting/gpu", IT: raw, Meter: raw}}}}
			out := r.read([]guest{g})
			if len(out) != 1 || out[0].IT < last || out[0].IT != want || out[0].Use != "hosting/gpu" {
				t.Fatalf("after %d readings %+v, want %d J", i+1, out, want)
			}
			last = out[0].IT
		}
		if out := r.read([]guest{{GPUHall: GPUHall{Name: "gpu"}, ever: true}}); out[0].IT != last {
			t.Fatalf("a hall that says nothing stands at %d J, it stood at %d", out[0].IT, last)
		}
	})
}

// asGuest is the lodger as a turn sees it.
func (l *lodger) asGuest(heard, steered bool) guest {
	r := l.report()
	r.Expected = map[string]hosting.Forecast{l.t.Use(): hosting.NewForecast(l.t.Capacity(), 20_000, 40_000)}
	r.Power += 5000 // servers that no contract holds
	return guest{GPUHall: GPUHall{Name: "gpu", Tenancies: []*hosting.Tenancy{l.t}}, report: r, heard: heard, ever: true, steered: steered, most: 99_000}
}

// TestHosted: contracts of a hall that is steered bid with their load, and the rest of
// it draws anyhow; of one that is not, all does.
func TestHosted(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.wanted = 30_000
	mesh := series.Mesh{Start: dawn, Lengths: []time.Duration{time.Hour, time.Hour}}
	tenants := settle.NewTenants([]*hosting.Tenancy{l.t})
	tenants.Levels[l.t.Use()] = hosting.LevelState{Committed: 7}
	for sentence, c := range map[string]struct {
		heard, steered, shadow bool
		bids                   bool
		firm                   unit.Power
	}{
		"steered":                          {true, true, false, true, 5250},
		"not in the last stage":            {true, false, false, false, 99_000},
		"the shadow steers in every stage": {true, false, true, true, 5250},
		"silent":                           {false, true, false, false, 99_000},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			f := hosted([]guest{l.asGuest(c.heard, c.steered)}, tenants, !c.shadow, mesh, time.UTC)
			if f.Apart[l.t.Use()] == c.bids || f.Firm != c.firm || len(f.Uses) == 1 != c.bids {
				t.Errorf("apart %v, firm %v, uses %+v", f.Apart, f.Firm, f.Uses)
			}
			if c.bids && (f.Loads[l.t.Use()].At(0) != 30_000 || f.Loads[l.t.Use()].At(1) != 20_000 || f.Uses[0].Tenant.Level.Committed != 7) {
				t.Errorf("loads %v, state %+v", f.Loads, f.Uses[0])
			}
		})
	}
}

// TestMirror: the shadow of a hall draws what is wanted within the shadow's budgets,
// and serves its tenants in proportion.
func TestMirror(t *testing.T) {
	t.Parallel()
	l := lodge(t, sabotage{})
	l.wanted = 40_000
	m := newMirror(GPUHall{Name: "gpu", Tenancies: []*hosting.Tenancy{l.t}})
	served := func(n int64) guest {
		g := l.asGuest(true, true)
		g.report.Registers = []cycle.UseRegister{{Use: l.t.Use(), Service: hosting.Counts{Served: n}}}
		return g
	}
	m.see(served(0), dawn)
	m.see(served(6000), dawn.Add(5*time.Minute))
	e, peak := m.Advance(5 * time.Minute)
	if want := unit.Power(40_000*12/10 + 5250); peak != want || e != want.Over(5*time.Minute) {
		t.Errorf("it draws %v, want %v", peak, want)
	}
	if r := m.Registers(); r[0].IT != unit.Power(40_000).Over(5*time.Minute) || r[0].Service.Served != 6000 || r[1].Meter != unit.Power(5250).Over(5*time.Minute) {
		t.Errorf("registers %+v", r)
	}
	if !m.Carry(cycle.Order{Use: l.t.Use(), Draw: 10_000}) || m.Carry(cycle.Order{Use: "mining/a"}) {
		t.Error("it takes orders for others, or not its own")
	}
	c := m.Clone()
	m.Advance(5 * time.Minute)
	if r := m.Registers()[0]; r.Service.Served != 6000+1500 || r.IT != unit.Power(50_000).Over(5*time.Minute) {
		t.Errorf("with a quarter of its power it served %+v", r)
	}
	if r := c.Registers()[0]; r.Service.Served != 6000 {
		t.Errorf("a copy went on: %+v", r)
	}
}

// noting is a hall that notes what it is told.
type noting struct{ told chan loop.HallOrder }

func (noting) Report(context.Context) (loop.HallReport, error) { return loop.HallReport{}, nil }

func (n noting) Follow(_ context.Context, o loop.HallOrder) error {
	n.told <- o
	return nil
}

// TestHallOrdersAndTheDisk: a disk that refuses holds back what gives a hall more, and
// nothing that takes power away.
func TestHallOrdersAndTheDisk(t *testing.T) {
	t.Parallel()
	for _, broken := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f, err := laneFleet(2, 3)
			if err != nil {
				t.Fatal(err)
			}
			core, err := laneCore(f, func(c *Config) { c.Halls = []GPUHall{{Name: "gpu"}} })
			if err != nil {
				t.Fatal(err)
			}
			j, h := newDrawer(), noting{make(chan loop.HallOrder, 2)}
			if broken {
				j.broken = errors.New("the disk is full")
			}
			s, err := Start(core, Plant{
				Clock: RealTime(), Journal: j, Timeout: time.Second, Halls: []Hall{h}, Meters: slices.Repeat([]Meter{mute{}}, len(core.cfg.Site.Meters)),
				Key: func(Machine) (device.Credential, error) { return device.Credential{}, nil },
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.keeper.run(ctx) }()
			for n, raise := range []bool{true, false} {
				r := core.record(sqlite.Order, "order/hall/gpu/"+strconv.Itoa(n), "hall/gpu", sqlite.Epoch{Term: 2, Sequence: int64(n)}, 0)
				s.carry(ctx, Steer{Raise: raise, Record: r, Order: loop.HallOrder{Within: time.Duration(n)}})
				synctest.Wait()
			}
			time.Sleep(time.Second)
			var got []time.Duration
			for len(h.told) > 0 {
				got = append(got, (<-h.told).Within)
			}
			want := []time.Duration{0, 1}
			if broken {
				want = []time.Duration{1}
			}
			if !slices.Equal(got, want) {
				t.Errorf("with a broken disk %v the hall was told %v, want %v", broken, got, want)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}
