package hosting_test

import (
	"testing"
	"time"

	"sluice/unit"
	"sluice/use/hosting"
)

// TestCalling: a call is announced when its notice would otherwise be missed, for as
// long as the plan needs it and the terms allow.
func TestCalling(t *testing.T) {
	t.Parallel()
	at := utc(2025, 9, 10, 12)
	plan := func(off ...int) []unit.Power {
		draw := make([]unit.Power, 24)
		for i := range draw {
			draw[i] = 81_590 // what rounding takes is no call
		}
		for _, i := range off {
			draw[i] = 0
		}
		return draw
	}
	for sentence, c := range map[string]struct {
		change func(*hosting.Contract, *hosting.Input)
		draw   []unit.Power
		from   int // hours after now
		length time.Duration
	}{
		"a plan that takes nothing":        {nil, plan(), 0, 0},
		"the next hour":                    {nil, plan(1), 1, time.Hour},
		"two hours in one":                 {nil, plan(1, 2), 1, 2 * time.Hour},
		"the first of two stretches":       {nil, plan(1, 3), 1, time.Hour},
		"an hour that can wait":            {nil, plan(2), 0, 0},
		"an hour that a long notice needs": {func(c *hosting.Contract, _ *hosting.Input) { c.Flex.Notice = 90 * time.Minute }, plan(2), 2, time.Hour},
		"no longer than the longest call":  {nil, plan(1, 2, 3, 4, 5, 6), 1, 4 * time.Hour},
		"no longer than the year has left": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Flex = hosting.FlexState{Year: 2025, Month: 9, Used: 48 * time.Hour}
		}, plan(1, 2, 3), 1, 2 * time.Hour},
		"what was announced already": {func(_ *hosting.Contract, in *hosting.Input) {
			in.Flex = hosting.FlexState{Year: 2025, Month: 9, Calls: 1, Used: time.Hour, Call: hosting.Call{From: at.Add(time.Hour), To: at.Add(2 * time.Hour)}}
		}, plan(1), 0, 0},
		"within the notice it is no call": {nil, plan(0), 0, 0},
		"another kind calls nothing":      {func(c *hosting.Contract, _ *hosting.Input) { c.Kind, c.Flex = hosting.Reserved, hosting.Flex{} }, plan(1), 0, 0},
		"a plan of other intervals":       {nil, plan(1)[:5], 0, 0},
		"what limits take is no call": {func(c *hosting.Contract, _ *hosting.Input) { c.Capping.Slowdown = 100_000 }, func() []unit.Power {
			draw := plan()
			draw[1] = 72_640
			return draw
		}(), 0, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			x := contract(hosting.Flexible)
			in := full(compile(t, x))
			in.Call = 300 * unit.PerMWh
			if c.change != nil {
				c.change(&x, &in)
			}
			got, ok := compile(t, x).Calling(in, c.draw)
			want := hosting.Call{From: at.Add(time.Duration(c.from) * time.Hour), To: at.Add(time.Duration(c.from)*time.Hour + c.length)}
			if ok != (c.length > 0) || ok && got != want {
				t.Fatalf("%v, %v; want %v", got, ok, want)
			}
			if ok {
				if _, err := in.Flex.Announce(x.Flex, in.At, got, time.UTC); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
