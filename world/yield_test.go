package world

import (
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/mining"
)

// steadyHall draws the same until it is told otherwise.
type steadyHall struct{ power unit.Power }

func (h *steadyHall) Advance(d time.Duration) (unit.Energy, unit.Power) {
	return h.power.Over(d), h.power
}
func (h *steadyHall) Carry(cycle.Order) bool         { return false }
func (h *steadyHall) Announced(cycle.Call)           {}
func (h *steadyHall) Reach() unit.Power              { return h.power }
func (h *steadyHall) Registers() []cycle.UseRegister { return nil }
func (h *steadyHall) States() []cycle.UseState       { return nil }
func (h *steadyHall) Standing() string               { return h.power.String() }
func (h *steadyHall) Clone() Hall                    { c := *h; return &c }

// TestMachinesGiveWayToAHall: what a hall draws more than was planned is taken from
// the least efficient machines at once, and no more than that; without a limit, and
// without a hall, nothing moves.
func TestMachinesGiveWayToAHall(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		hall, limit, in unit.Power
		good, poor      unit.Power // IT power afterwards
	}{
		"there is room":                    {mw, 10 * mw, 7 * mw, 3 * mw, 3 * mw},
		"the poor group gives what lacks":  {2 * mw, 7 * mw, 7 * mw, 3 * mw, 2 * mw},
		"the good one follows when it can": {5 * mw, 7 * mw, 7 * mw, 2 * mw, 0},
		"all are off and it is too much":   {9 * mw, 7 * mw, 9 * mw, 0, 0},
		"nobody states a limit":            {5 * mw, 0, 11 * mw, 3 * mw, 3 * mw},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := New(Config{
				Start: start, Import: c.limit, On: true, Halls: []Hall{&steadyHall{c.hall}},
				Rigs: []*mining.Rig{rig(t, func(g *mining.Group) { g.Name = "good" }), wasteful(t)},
			})
			p.Advance(15 * time.Minute)
			r := read(t, p)
			if got := r.Import.Mean(15 * time.Minute); got != c.in || r.Peak != c.in {
				t.Errorf("%v were imported, at most %v, want %v", got, r.Peak, c.in)
			}
			if good, poor := r.Uses[0].IT.Mean(15*time.Minute), r.Uses[1].IT.Mean(15*time.Minute); good != c.good || poor != c.poor {
				t.Errorf("the good group drew %v and the poor one %v, want %v and %v", good, poor, c.good, c.poor)
			}
		})
	}
}

// TestWhoGaveWayComesBackWithTheNextOrder: a hall that falls again gives nothing back
// by itself; the next order does.
func TestWhoGaveWayComesBackWithTheNextOrder(t *testing.T) {
	t.Parallel()
	h := &steadyHall{5 * mw}
	p := New(Config{Start: start, Import: 7 * mw, On: true, Halls: []Hall{h}, Rigs: []*mining.Rig{rig(t, nil)}})
	draws := func() unit.Power {
		was := read(t, p).Uses[0].IT
		p.Advance(15 * time.Minute)
		return (read(t, p).Uses[0].IT - was).Mean(15 * time.Minute)
	}
	if got := draws(); got != 2*mw {
		t.Errorf("beside the hall it draws %v", got)
	}
	h.power = 0
	if got := draws(); got != 2*mw {
		t.Errorf("without an order it draws %v", got)
	}
	tell(t, p, 2*mw, 3*mw)
	if got := draws(); got != 3*mw {
		t.Errorf("with an order it draws %v", got)
	}
}

// wasteful is a group with more joules a terahash.
func wasteful(tb testing.TB) *mining.Rig {
	tb.Helper()
	c, err := mining.Catalogue{}.With(mining.Model{
		Name: "poor", Cooling: mining.Air, Power: 3 * unit.Kilowatt, Hashrate: 60 * unit.Terahash,
		Curves: []mining.Curve{{Points: []mining.Point{{Label: "only", Power: 3 * unit.Kilowatt, Hashrate: 60 * unit.Terahash, Confidence: mining.Measured}}}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := mining.Compile(mining.Group{Name: "poor", Model: "poor", Count: 1000}, c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
