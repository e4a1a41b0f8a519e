package replay

import (
	"testing"

	"sluice/replay/report"
	"sluice/unit"
)

// TestTightSite: a fleet larger than its connection, and one larger than its
// halls. Every policy lives within the limits, to the watt, and no rule can
// capture more than foresight by drawing what no cable carries.
func TestTightSite(t *testing.T) {
	t.Parallel()
	for name, edits := range map[string][]string{
		"connection": {"import_limit_mw: 60", "import_limit_mw: 45", "rating_mw: 66", "rating_mw: 50"},
		"hall":       {"limit_mw: 31", "limit_mw: 20"},
	} {
		s := texan(t, "2025-05-15", "2025-05-18", edits...)
		r := replayed(t, s, options(t, 1))
		for _, id := range []string{report.Always, report.Breakeven, report.Lagged, report.Sluice, report.Hindsight} {
			p := policy(t, r, id)
			if p.Violations != 0 {
				t.Errorf("%s: %s broke a limit in %d intervals", name, id, p.Violations)
			}
			if p.Energy <= 0 {
				t.Errorf("%s: %s drew nothing", name, id)
			}
		}
		ceiling := s.Site.Connection.Ceiling()
		for _, kw := range r.Timeline.Power {
			if unit.Power(kw)*unit.Kilowatt > ceiling {
				t.Fatalf("%s: Sluice draws %d kW through %v", name, kw, ceiling)
			}
		}
		if c := r.Capture; c.Defined && (c.Lagged > unit.One || c.Sluice > unit.One+unit.One/1000) {
			t.Errorf("%s: captures of %v and %v exceed foresight", name, c.Lagged, c.Sluice)
		}
	}
}
