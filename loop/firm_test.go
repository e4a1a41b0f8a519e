package loop

import (
	"testing"
	"time"

	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
)

// TestFirmIsWhatThePlanCountsOn: what the planned peak is lowered by is what the
// offers hold at every hour.
func TestFirmIsWhatThePlanCountsOn(t *testing.T) {
	t.Parallel()
	flat := make([]unit.Ratio, 24)
	for h := range flat {
		flat[h] = unit.One / 2
	}
	flat[3] = unit.One / 4
	for sentence, c := range map[string]struct {
		plant power.Plant
		want  unit.Power
	}{
		"a river without a profile gives its nameplate": {power.Plant{Name: "weir", Kind: power.Hydro, Power: 4 * mw}, 4 * mw},
		"so does steam":                          {power.Plant{Name: "steam", Kind: power.Geothermal, Power: 4 * mw}, 4 * mw},
		"wind gives the least of its profile":    {power.Plant{Name: "ridge", Kind: power.Wind, Power: 4 * mw, Profile: flat}, mw},
		"a river gives the least of its profile": {power.Plant{Name: "weir", Kind: power.Hydro, Power: 4 * mw, Profile: flat}, mw},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			contracts := power.Contracts{Plants: []power.Plant{c.plant}}
			mesh := series.Mesh{Start: noon}
			for range 24 {
				mesh.Lengths = append(mesh.Lengths, time.Hour)
			}
			offers, _, err := contracts.Offers(power.Input{Mesh: mesh, Zone: time.UTC, Connection: site.Connection{Import: 10 * mw, Rating: 10 * mw}})
			if err != nil {
				t.Fatal(err)
			}
			least := offers[0].Max.At(0)
			for i := range mesh.Lengths {
				least = min(least, offers[0].Max.At(i))
			}
			if got := (&Wheel{c: Config{Contracts: contracts}}).firm(); got != c.want || got != least {
				t.Errorf("firm %v, the plan's least %v, want %v", got, least, c.want)
			}
		})
	}
}
