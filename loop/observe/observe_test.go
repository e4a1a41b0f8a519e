package observe

import (
	"testing"
	"time"

	"sluice/loop/cycle"
	"sluice/unit"
)

// TestTakeAddsNothing: a snapshot says what was observed, missing values included.
func TestTakeAddsNothing(t *testing.T) {
	t.Parallel()
	head := cycle.Head{Version: cycle.Version, Site: "test", Turn: 3, At: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}
	f := Facts{
		Spot: cycle.Reading[unit.Price]{Value: -5 * unit.PerMWh, Known: true, At: head.At.Add(-time.Hour), Source: "market"},
		Uses: []cycle.UseState{{Use: "mining/a", Source: "api"}},
	}
	s := Take(head, f)
	if s.Head != head || s.Spot != f.Spot || len(s.Uses) != 1 || s.Uses[0].Source != "api" {
		t.Errorf("snapshot %+v", s)
	}
	if s.Air.Known || s.Hashprice.Known {
		t.Error("what nobody observed is known")
	}
}
