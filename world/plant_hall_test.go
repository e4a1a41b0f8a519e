package world

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
	"sluice/use/mining"
)

// room is a hall that draws what a list says, each power for 37 seconds and again
// from the start, at most what it was last ordered.
type room struct {
	name  string
	now   time.Time
	draws []unit.Power
	most  unit.Power
	meter unit.Energy
	calls []cycle.Call
}

func newRoom(name string, draws ...unit.Power) *room {
	return &room{name: name, now: start, draws: draws, most: 1 << 40}
}

// draw is what it draws now.
func (r *room) draw() unit.Power {
	return min(r.most, r.draws[int(r.now.Sub(start)/(37*time.Second))%len(r.draws)])
}

func (r *room) Advance(d time.Duration) (e unit.Energy, peak unit.Power) {
	for end := r.now.Add(d); r.now.Before(end); r.now = r.now.Add(time.Second) {
		e, peak = e+r.draw().Over(time.Second), max(peak, r.draw())
	}
	r.meter += e
	return e, peak
}

func (r *room) Carry(o cycle.Order) bool {
	if o.Use != r.name {
		return false
	}
	r.most = o.Draw
	return true
}

func (r *room) Announced(c cycle.Call) { r.calls = append(r.calls, c) }

func (r *room) Reach() unit.Power { return slices.Max(r.draws) }

func (r *room) Registers() []cycle.UseRegister {
	return []cycle.UseRegister{{Use: r.name, IT: r.meter, Meter: r.meter}}
}

func (r *room) States() []cycle.UseState {
	return []cycle.UseState{{Use: r.name, State: use.State{Draw: r.draw()}, At: r.now, Source: Source}}
}

func (r *room) Standing() string { return fmt.Sprint(r.name, r.now.Unix(), r.most) }

func (r *room) Clone() Hall {
	c := *r
	c.calls = slices.Clone(r.calls)
	return &c
}

// drawn is the register of a use.
func drawn(r cycle.Registers, name string) unit.Energy {
	i := slices.IndexFunc(r.Uses, func(u cycle.UseRegister) bool { return u.Use == name })
	return r.Uses[i].Meter
}

// TestHallsBalance: what machines, halls and the rest of the site draw is imported or
// generated, to the joule, in turns of any length; nothing leaves the site that nobody
// fed in; and the peak is at least the mean import.
func TestHallsBalance(t *testing.T) {
	t.Parallel()
	const mustRun = mw / 2
	rapid.Check(t, func(t *rapid.T) {
		watts := rapid.SliceOfN(rapid.Int64Range(0, 3_000_000), 1, 7)
		list := func(name string) (out []unit.Power) {
			for _, w := range watts.Draw(t, name) {
				out = append(out, unit.Power(w))
			}
			return out
		}
		p := New(Config{
			Start: start, MustRun: mustRun, Export: mw, On: true, Plants: []string{"hydro/river"},
			Around: Conditions{Constant: map[string]unit.Power{"hydro/river": unit.Power(rapid.IntRange(0, 8_000_000).Draw(t, "river"))}},
			Rigs:   []*mining.Rig{rig(nopTB{}, nil)},
			Halls:  []Hall{newRoom("hosting/a", list("a")...), newRoom("hosting/b", list("b")...)},
		})
		was, _ := p.Read(t.Context())
		for range rapid.IntRange(1, 4).Draw(t, "turns") {
			feed := unit.Power(rapid.SampledFrom([]int{0, 0, 300_000, 2_000_000}).Draw(t, "feed"))
			on := unit.Power(rapid.IntRange(0, 2_000_000).Draw(t, "on"))
			for _, o := range []cycle.Order{
				{Use: "export/site", Draw: feed},
				{Use: "mining/g", On: on, Draw: on},
				{Use: "hosting/a", Draw: unit.Power(rapid.IntRange(0, 3_000_000).Draw(t, "limit"))},
			} {
				if _, err := p.Carry(t.Context(), o); err != nil {
					t.Fatal(err)
				}
			}
			length := time.Duration(rapid.IntRange(1, 900).Draw(t, "seconds")) * time.Second
			p.Advance(length)
			r, _ := p.Read(t.Context())
			used := mustRun.Over(length)
			for _, u := range []string{"mining/g", "hosting/a", "hosting/b"} {
				used += drawn(r, u) - drawn(was, u)
			}
			in, out := r.Import-was.Import, r.Export-was.Export
			if came := in - out + r.Own[0].Generated - was.Own[0].Generated; used != came {
				t.Fatalf("used %d J, came %d J", used, came)
			}
			if most := min(feed, mw).Over(length); out > most {
				t.Fatalf("fed in %d J of %d J that may be", out, most)
			}
			if r.Peak < in.Mean(length) {
				t.Fatalf("the peak %v is below the mean %v", r.Peak, in.Mean(length))
			}
			was = r
		}
	})
}

// TestMachinesGiveWay: however a hall comes to draw and whatever was ordered, machines
// without a ramp keep the connection's limit, as long as they have something to give;
// and they give no more than that.
func TestMachinesGiveWay(t *testing.T) {
	t.Parallel()
	const mustRun, limit = mw / 2, 5 * mw
	rapid.Check(t, func(t *rapid.T) {
		var draws []unit.Power
		for _, w := range rapid.SliceOfN(rapid.Int64Range(0, 4_500_000), 1, 30).Draw(t, "hall") {
			draws = append(draws, unit.Power(w))
		}
		pue := unit.Ratio(rapid.SampledFrom([]int64{1_000_000, 1_051_234, 1_300_000}).Draw(t, "pue"))
		cooled := func(g *mining.Group) { g.Cooling.PUE0 = pue }
		p := New(Config{
			Start: start, MustRun: mustRun, Import: limit, On: rapid.Bool().Draw(t, "on"),
			Rigs: []*mining.Rig{rig(nopTB{}, cooled)}, Halls: []Hall{newRoom("hosting/a", draws...)},
			Around: Conditions{
				Air:    air(nopTB{}, rapid.SliceOfN(rapid.Int64Range(-10, 50), 6, 6).Draw(t, "air")...),
				Health: map[string]*Health{"mining/g": NewHealth(Failures{Between: 300 * time.Hour, Repair: 30 * time.Hour, Seed: rapid.Uint64().Draw(t, "seed")}, "g", 1000, start, 6)},
			},
		})
		for range rapid.IntRange(1, 6).Draw(t, "turns") {
			on := unit.Power(rapid.IntRange(0, 2_000_000).Draw(t, "ordered on"))
			if _, err := p.Carry(t.Context(), cycle.Order{Use: "mining/g", On: on, Draw: on + unit.Power(rapid.IntRange(0, 1_000_000).Draw(t, "above"))}); err != nil {
				t.Fatal(err)
			}
			p.Advance(15 * time.Minute)
			if r, _ := p.Read(t.Context()); r.Peak > limit {
				t.Fatalf("%v through a connection of %v", r.Peak, limit)
			}
		}
	})
	p := New(Config{Start: start, MustRun: mustRun, Import: limit, On: true, Rigs: []*mining.Rig{rig(t, nil)}, Halls: []Hall{newRoom("hosting/a", 3*mw)}})
	tell(t, p, 2*mw, 3*mw)
	p.Advance(time.Hour)
	if got := read(t, p).Import.Mean(time.Hour); got < limit-2 {
		t.Errorf("they leave %v of the connection", limit-got)
	}
}

// TestPeakOfAHall: the meter shows the highest import of the last stretch, however
// short it was drawn, less what the plants behind it gave.
func TestPeakOfAHall(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ river, want, then unit.Power }{
		"without a plant": {0, 5 * mw, 2 * mw},
		"with a river":    {mw, 4 * mw, mw},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := New(Config{
				Start: start, MustRun: mw, Plants: []string{"hydro/river"}, Around: Conditions{Constant: map[string]unit.Power{"hydro/river": c.river}},
				Halls: []Hall{newRoom("hosting/a", mw, mw, mw, 4*mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw, mw)},
			})
			p.Advance(5 * time.Minute)
			if got := read(t, p).Peak; got != c.want {
				t.Errorf("peak %v, want %v", got, c.want)
			}
			p.Advance(5 * time.Minute)
			if got := read(t, p).Peak; got != c.then {
				t.Errorf("the peak of the next stretch is %v, want %v", got, c.then)
			}
		})
	}
}

// TestOwnPowerFollowsAHall: plants behind the meter see what a hall draws by minutes,
// not by the hour.
func TestOwnPowerFollowsAHall(t *testing.T) {
	t.Parallel()
	g, err := series.NewGrid(start, time.Hour, 1)
	if err != nil {
		t.Fatal(err)
	}
	wind := series.New[unit.Power](g)
	wind.Set(0, 2*mw)
	var draws []unit.Power // half an hour of nothing, half an hour of 4 MW: slots of 37 seconds
	for k := range 3600/37 + 1 {
		draws = append(draws, unit.Power(k*37/1800)*4*mw)
	}
	p := New(Config{
		Start: start, Plants: []string{"wind/ridge"}, Halls: []Hall{newRoom("hosting/a", draws...)},
		Around: Conditions{Generation: map[string]*series.Series[unit.Power]{"wind/ridge": wind}},
	})
	p.Advance(time.Hour)
	own, half := read(t, p).Own[0].Generated, (2 * mw).Over(30*time.Minute)
	if tolerance := (2 * mw).Over(5 * time.Minute); own > half || own < half-tolerance {
		t.Errorf("generated %.3f MWh, want %.3f: nothing was drawn in the first half hour", own.MWh(), half.MWh())
	}
}

// TestCloneOfAHall: another line of time has a hall of its own.
func TestCloneOfAHall(t *testing.T) {
	t.Parallel()
	one := newRoom("hosting/a", mw, 2*mw)
	a := New(Config{Start: start, Halls: []Hall{one}})
	a.Advance(time.Minute)
	b := a.Clone()
	if diff := cmp.Diff(read(t, a), read(t, b)); diff != "" || a.Standing() != b.Standing() {
		t.Fatalf("the copy differs at once: %s", diff)
	}
	before := read(t, a)
	if r, err := b.Carry(t.Context(), cycle.Order{Use: "hosting/a", Draw: mw / 2}); err != nil || !r.Accepted {
		t.Fatalf("%+v, %v", r, err)
	}
	if a.Standing() == b.Standing() {
		t.Error("an order to a hall is no part of the plant's standing")
	}
	b.Announced(cycle.Call{Use: "hosting/a", From: start, To: start.Add(time.Hour)})
	b.Advance(time.Hour)
	if diff := cmp.Diff(before, read(t, a)); diff != "" || len(one.calls) != 0 {
		t.Errorf("the copy moved its original, which heard of %d calls:\n%s", len(one.calls), diff)
	}
	a.Announced(cycle.Call{Use: "hosting/a"})
	if len(one.calls) != 1 {
		t.Errorf("the hall heard of %d calls, want 1", len(one.calls))
	}
	if got, want := read(t, b).Import-before.Import, (mw / 2).Over(time.Hour); got != want {
		t.Errorf("the copy drew %d J under its order, want %d", got, want)
	}
}

// TestAPlantKnowsItsHalls: their registers and states stand behind those of the
// machines, their reach adds up, and an order for a use that nobody has is refused.
func TestAPlantKnowsItsHalls(t *testing.T) {
	t.Parallel()
	p := New(Config{Start: start, Rigs: []*mining.Rig{rig(t, nil)}, Halls: []Hall{newRoom("hosting/a", mw, 3*mw), newRoom("hosting/b", 2*mw)}})
	p.Advance(time.Minute)
	states, err := p.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var uses, registers []string
	for _, s := range states {
		uses = append(uses, s.Use)
	}
	for _, r := range read(t, p).Uses {
		registers = append(registers, r.Use)
	}
	want := []string{"mining/g", "hosting/a", "hosting/b"}
	if !slices.Equal(uses, want) || !slices.Equal(registers, want) {
		t.Errorf("states of %v, registers of %v", uses, registers)
	}
	if got := p.Reach(); got != 5*mw {
		t.Errorf("they reach %v, want 5 MW", got)
	}
	if _, err := p.Carry(t.Context(), cycle.Order{Use: "hosting/c"}); err == nil {
		t.Error("an order for a contract that is not there was carried out")
	}
}
