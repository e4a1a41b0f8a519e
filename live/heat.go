package live

import (
	"time"

	"sluice/device"
)

// The times of temperatures. Many firmwares want a question of its own for them, so
// they are asked for seldom, and more seldom where that question failed.
const (
	heatPace = time.Minute
	heatShy  = 10 * time.Minute
	heatOld  = 5 * time.Minute // an older one is not known any more
)

// feel keeps the temperature of the hottest sensor, where a reading states any.
func (m *machine) feel(e Heard) {
	if m.heating {
		m.heating, m.warm = false, e.Asked.Add(heatPace)
	}
	hottest := device.Value[int64]{}
	for _, t := range e.Reading.Chips {
		if !hottest.Known || t.MilliC > hottest.Value {
			hottest = device.Stated(t.MilliC)
		}
	}
	switch {
	case hottest.Known:
		m.heat, m.heated = hottest, e.Asked
	case e.Asked.Sub(m.heated) > heatOld:
		m.heat = device.Value[int64]{}
	}
}
