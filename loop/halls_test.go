package loop

import (
	"slices"
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/series"
	"sluice/unit"
	"sluice/use/hosting"
)

// ordered is the draw that a turn lets a use have.
func ordered(turn *cycle.Turn, name string) (unit.Power, bool) {
	i := slices.IndexFunc(turn.Orders, func(o cycle.Order) bool { return o.Use == name })
	if i < 0 {
		return 0, false
	}
	return turn.Orders[i].Draw, true
}

// TestApart: a contract that nothing steers now neither bids nor gets an order; the
// others do, and what it draws is served first.
func TestApart(t *testing.T) {
	t.Parallel()
	c, f := hosted(t, 6*mw)
	f.Apart = map[string]bool{"hosting/spot": true}
	delete(f.Loads, "hosting/spot")
	f.Uses = slices.DeleteFunc(f.Uses, func(u cycle.UseState) bool { return u.Use == "hosting/spot" })
	f.Firm = 1_224 * unit.Kilowatt
	turn := opened(t, c, f)
	if _, known := ordered(turn, "hosting/spot"); known {
		t.Error("who is not steered gets an order")
	}
	if p, known := ordered(turn, "hosting/train"); !known || p != 800*each {
		t.Errorf("who is steered may draw %v", p)
	}
	if got := turn.Plan.MustRun; got != c.Site.MustRun+f.Firm {
		t.Errorf("served anyhow are %v", got)
	}
}

// TestFreed: a contract from which nothing is taken may draw all that it can while
// machines give way to it; without machines it gets what the connection has left.
func TestFreed(t *testing.T) {
	t.Parallel()
	const full = 800 * each
	for sentence, k := range map[string]struct {
		importing unit.Power
		machines  bool
		more      unit.Power // that all three may draw beyond their load, about
	}{
		"machines give way":                   {5 * mw, true, 3 * full / 2},
		"nobody gives way, and there is room": {5 * mw, false, 3 * full / 2},
		"nobody gives way":                    {3 * mw, false, (2_970_000 - 500_000 - 1_836_000) * 10 / 12}, // 1 % less, the house, half of everybody's load with its cooling
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			c, f := hosted(t, k.importing)
			if !k.machines {
				f.Uses = slices.DeleteFunc(f.Uses, func(u cycle.UseState) bool { return u.Use == "mining/a" || u.Use == "mining/b" })
				c.Rigs = nil
			}
			for name := range f.Loads {
				f.Loads[name] = series.Flat(unit.Power(full / 2))
			}
			turn := opened(t, c, f)
			var sum unit.Power
			for name := range f.Loads {
				p, _ := ordered(turn, name)
				sum += p - full/2
			}
			if d := max(sum-k.more, k.more-sum); d > 5*unit.Kilowatt {
				t.Errorf("they may draw %v more than their load, want %v", sum, k.more)
			}
		})
	}
}

// TestLoads: the first interval of a plan is what is wanted now, later ones are what
// is expected; of whom nothing is expected there is no load.
func TestLoads(t *testing.T) {
	t.Parallel()
	uses := []cycle.UseState{{Use: "hosting/a", Tenant: cycle.Tenant{Wanted: 70}}, {Use: "hosting/b"}}
	mesh := series.Mesh{Start: noon, Lengths: []time.Duration{time.Hour, time.Hour}}
	got := Loads(uses, map[string]hosting.Forecast{"hosting/a": hosting.NewForecast(100, 40, 90)}, mesh, time.UTC)
	if len(got) != 1 || got["hosting/a"].At(0) != 70 || got["hosting/a"].At(1) != 40 {
		t.Errorf("loads %v", got)
	}
}

// TestShifted: an order by a clock that is ahead.
func TestShifted(t *testing.T) {
	t.Parallel()
	o := HallOrder{At: noon, Until: noon.Add(time.Hour), Calls: []cycle.Call{{Use: "a", From: noon, To: noon.Add(time.Minute)}}}
	s := o.Shifted(5 * time.Minute)
	if !s.At.Equal(noon.Add(5*time.Minute)) || !s.Until.Equal(noon.Add(65*time.Minute)) || !s.Calls[0].From.Equal(noon.Add(5*time.Minute)) || !o.Calls[0].From.Equal(noon) {
		t.Errorf("shifted %+v, it was %+v", s, o)
	}
}
