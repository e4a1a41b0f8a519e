package live

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/unit"
)

// TestLadder: the levels of a machine that the curve of its group may use.
func TestLadder(t *testing.T) {
	t.Parallel()
	curve := []unit.Power{1500, 2550, 3510}
	for sentence, c := range map[string]struct {
		can  device.Capabilities
		want []unit.Power
	}{
		"percent of a limit that hundredths do not add up to reach the whole": {
			device.Capabilities{Level: device.Percent, Least: 700, Most: 3510, Step: 35}, []unit.Power{1470, 2520, 3510},
		},
		"watts in steps of 100 from 750":                      {device.Capabilities{Level: device.Watts, Least: 750, Most: 3600, Step: 100}, []unit.Power{1450, 2550, 3450}},
		"a curve beyond the bounds of the firmware":           {device.Capabilities{Level: device.Watts, Least: 2000, Most: 3000, Step: 1}, []unit.Power{2550, 3000}},
		"modes without watts: whole or not at all":            {device.Capabilities{Level: device.Modes, Presets: []device.Preset{{Name: "eco"}}}, []unit.Power{3510}},
		"presets, one of them above the nameplate by far":     {device.Capabilities{Level: device.Presets, Presets: []device.Preset{{Name: "a", Power: 1200}, {Name: "b", Power: 4000}}}, []unit.Power{1200}},
		"presets that are not known: whole or not at all":     {device.Capabilities{Level: device.Presets}, []unit.Power{3510}},
		"a preset a little above the nameplate stands for it": {device.Capabilities{Level: device.Presets, Presets: []device.Preset{{Name: "a", Power: 3600}}}, []unit.Power{3600}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := ladderOf(c.can, curve).levels(); !cmp.Equal(got, c.want) {
				t.Errorf("levels %v, want %v", got, c.want)
			}
		})
	}
}
