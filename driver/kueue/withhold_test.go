package kueue_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/engine"
	"sluice/internal/kueue"
	"sluice/unit"
	world "sluice/world/kueue"
)

// TestWithheldIsWhatWasAsked: after any commands of two events, what stands is what
// the last of each asked for, in granules, and a command again changes nothing.
func TestWithheldIsWhatWasAsked(t *testing.T) {
	t.Parallel()
	s, _ := fakeSite(t, func(w *world.Setting) { w.Page = 3 }, hallOf(false))
	d := s.driver(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		if err := kueue.Until(rt.Context(), func() error { return s.api.Clear(rt.Context()) }); err != nil {
			rt.Fatal(err)
		}
		asked := map[string]unit.Power{}
		seq := map[string]int{}
		for range rapid.IntRange(1, 6).Draw(rt, "commands") {
			event := fmt.Sprintf("%s-%d", rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "event"), round)
			seq[event]++
			c := engine.Command{Event: event, Seq: seq[event], Verb: engine.GiveBack}
			if power := unit.Power(rapid.IntRange(0, 10_400).Draw(rt, "power")); power > 0 {
				c.Verb, c.Power = engine.Withhold, power
			}
			for again := range 2 {
				a, err := d.Do(rt.Context(), c)
				if err != nil || !a.Done || a.Already != (again == 1 || asked[event] == c.Power) {
					rt.Fatalf("%+v, after %v: %+v, %v", c, asked[event], a, err)
				}
				asked[event] = c.Power
			}
			s.pass(5 * time.Second)
			var sum unit.Power
			for _, p := range asked {
				sum += p
			}
			if v, err := d.View(rt.Context()); err != nil || v.Watts.Withheld != sum {
				rt.Fatalf("%v asked for, %v withheld, %v", asked, v.Watts.Withheld, err)
			}
		}
	})
}

// TestLateCommand: a command that arrives after a later one of its event changes nothing.
func TestLateCommand(t *testing.T) {
	t.Parallel()
	s, _ := fakeSite(t, nil, hallOf(false))
	d := s.driver(t)
	for _, c := range []struct {
		seq     int
		power   unit.Power
		already bool
	}{{1, 12_000, false}, {3, 7_000, false}, {2, 20_000, true}, {1, 12_000, true}} {
		a, err := d.Do(t.Context(), engine.Command{Event: "cut", Seq: c.seq, Verb: engine.Withhold, Power: c.power})
		if err != nil || a.Already != c.already {
			t.Errorf("command %d: %+v, %v", c.seq, a, err)
		}
		s.pass(5 * time.Second)
	}
	if v, err := d.View(t.Context()); err != nil || v.Watts.Withheld != 7_000 {
		t.Errorf("%v withheld, %v: want 7 kW, as the latest said", v.Watts.Withheld, err)
	}
}
