package actuate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/loop/cycle"
	"sluice/power"
	"sluice/unit"
)

var at = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// TestLoweringsGoFirst: a raise may only spend what was given up before it.
func TestLoweringsGoFirst(t *testing.T) {
	t.Parallel()
	p := cycle.Plan{
		Head: cycle.Head{Version: cycle.Version, Site: "test", Turn: 77, At: at},
		Uses: []cycle.UsePlan{
			{Use: "up", Draw: []unit.Power{9}, On: 7},
			{Use: "down", Draw: []unit.Power{1}, On: 1},
			{Use: "same", Draw: []unit.Power{5}, On: 5},
			{Use: "new", Draw: []unit.Power{2}, On: 2},
		},
		Offers: []power.Offer{{Source: "spot"}, {Source: "hydro/river", BehindMeter: true}},
		Supply: []cycle.SupplyPlan{{Source: "spot", Power: []unit.Power{9}}, {Source: "hydro/river", Power: []unit.Power{3}}},
	}
	var names []string
	for _, o := range Orders(p, map[string]unit.Power{"up": 4, "down": 8, "same": 5, "hydro/river": 3}, 15*time.Minute) {
		names = append(names, o.Use)
		if o.Epoch != 77 || !o.Deadline.Equal(at.Add(15*time.Minute)) || o.Head != p.Head || o.On > o.Draw {
			t.Errorf("order %+v is not bounded in time, epoch and power", o)
		}
	}
	if diff := cmp.Diff([]string{"down", "same", "hydro/river", "new", "up"}, names); diff != "" {
		t.Errorf("order of orders (-want +got):\n%s", diff)
	}
}

// TestNothingIsOrderedFromTheGrid: sources before the meter take no orders.
func TestNothingIsOrderedFromTheGrid(t *testing.T) {
	t.Parallel()
	p := cycle.Plan{Offers: []power.Offer{{Source: "spot"}}, Supply: []cycle.SupplyPlan{{Source: "spot", Power: []unit.Power{9}}}}
	if got := Orders(p, nil, time.Hour); len(got) != 0 {
		t.Errorf("the grid was sent %+v", got)
	}
}
