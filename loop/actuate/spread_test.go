package actuate

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/unit"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	three := []unit.Power{2600, 3500}
	for what, c := range map[string]struct {
		share Share
		now   []unit.Power
		want  []unit.Power
	}{
		"everything":                           {Share{10_400, 14_000, three}, []unit.Power{3500, 3500, 3500, 3500}, []unit.Power{3500, 3500, 3500, 3500}},
		"nothing":                              {Share{0, 0, three}, []unit.Power{3500, 0, 3500, 0}, []unit.Power{0, 0, 0, 0}},
		"half the machines: the ones that run": {Share{5200, 7000, three}, []unit.Power{0, 3500, 0, 3500}, []unit.Power{0, 3500, 0, 3500}},
		"all of them underclocked":             {Share{10_400, 10_400, three}, []unit.Power{3500, 3500, 3500, 3500}, []unit.Power{2600, 2600, 2600, 2600}},
		"one of them higher":                   {Share{10_400, 11_400, three}, []unit.Power{3500, 3500, 3500, 3500}, []unit.Power{3500, 2600, 2600, 2600}},
		"never above the draw":                 {Share{10_400, 10_000, three}, []unit.Power{3500, 3500, 3500, 3500}, []unit.Power{3500, 3500, 2600, 0}},
	} {
		got := make([]unit.Power, 4)
		var members []Member
		for i, p := range c.now {
			members = append(members, Member{Unit: i, Levels: three, Now: p})
		}
		if Spread(c.share, members, got); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

// TestSpreadStaysWithinTheDraw: whatever is asked, the sum is never above it,
// less than one unit below it while enough run, and only levels are given.
func TestSpreadStaysWithinTheDraw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "units")
		points := []unit.Power{unit.Power(rapid.IntRange(800, 2000).Draw(t, "least")), 2600, 3500}
		var members []Member
		for i := range n {
			members = append(members, Member{Unit: i, Levels: points, Now: unit.Power(rapid.IntRange(0, 1).Draw(t, "on")) * 2600})
		}
		count := rapid.IntRange(0, n).Draw(t, "count")
		on := points[0] * unit.Power(count)
		draw := rapid.Int64Range(int64(on), int64(3500*unit.Power(count))).Draw(t, "draw")
		got := make([]unit.Power, n)
		Spread(Share{On: on, Draw: unit.Power(draw), Points: points}, members, got)
		var sum unit.Power
		for _, p := range got {
			if p != 0 && p != points[0] && p != points[1] && p != points[2] {
				t.Fatalf("%d W is no level", p)
			}
			sum += p
		}
		if sum > unit.Power(draw) || unit.Power(draw)-sum >= 3500 {
			t.Fatalf("%d W of %d W", sum, draw)
		}
	})
}
