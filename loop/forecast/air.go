package forecast

import (
	"math"
	"time"

	"sluice/series"
)

// airMemory is how long today's difference from yesterday is expected to last.
const airMemory = 12 * time.Hour

// Air is the expected ambient temperature per interval of the mesh, in
// thousandths of a degree Celsius, given a record that says what was known at
// an instant at or before now: yesterday's temperature at the same time plus
// today's difference from yesterday, fading with its distance. It is nil when
// the temperature of now is not known.
//
// Source: docs/formula/forecast.md, "Air".
func Air(now time.Time, mesh series.Mesh, record func(time.Time) (int64, bool)) []int64 {
	here, known := record(now)
	if !known {
		return nil
	}
	const day = 24 * time.Hour // the record is looked up whole days back
	out := make([]int64, mesh.Len())
	yesterday, before := record(now.Add(-day))
	for i, at := range mesh.Intervals() {
		out[i] = here
		ahead := at.Start.Sub(now)
		days := 1 + max(0, int(ahead/day))
		back := at.Start.AddDate(0, 0, -days)
		if then, ok := record(back); ok && before {
			fade := math.Exp(-float64(ahead) / float64(airMemory))
			out[i] = then + int64(math.RoundToEven(float64(here-yesterday)*fade))
		}
	}
	return out
}
