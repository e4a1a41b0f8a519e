package gpu

import (
	"slices"

	"sluice/unit"
)

// fitted is Points made monotone, and concave down to the knee. Below the knee they
// stay as they were seen: nobody chooses them, and a simulation wants the cliff.
//
// Source: docs/formula/gpu.md.
func (c Curve) fitted() []Point {
	out := steady(c.Points)
	if len(out) == 0 {
		return nil
	}
	hull(out[:c.Knee()+1])
	for i := range out {
		out[i].Low = min(out[i].Low, out[i].Speed)
		out[i].Worst = min(out[i].Worst, out[i].Low)
	}
	return out
}

// steady is the points with speed and power that never rise as the limit falls:
// neighbours that do are pooled at their mean, weighted by how often they were seen
// (pool adjacent violators), and nothing is above one. What is for the careful only
// falls: a lower limit is never taken to be quicker. A spread that is not known is
// taken at the median.
func steady(points []Point) []Point {
	out := slices.Clone(points)
	for i := range out {
		if out[i].Low == 0 {
			out[i].Low = out[i].Speed
		}
		if out[i].Worst == 0 {
			out[i].Worst = out[i].Low
		}
	}
	if len(out) < 2 {
		return out
	}
	fall(out[1:], func(p *Point) *unit.Ratio { return &p.Speed })
	fall(out[1:], func(p *Point) *unit.Ratio { return &p.Power })
	for i := 1; i < len(out); i++ {
		out[i].Low = min(out[i].Low, out[i-1].Low)
		out[i].Worst = min(out[i].Worst, out[i-1].Worst)
	}
	return out
}

// pool is neighbours that share one value.
type pool struct {
	sum, weight int64
	points      int
}

func fall(points []Point, of func(*Point) *unit.Ratio) {
	var pools []pool
	for i := range points {
		w := int64(max(1, points[i].Count))
		pools = append(pools, pool{sum: int64(*of(&points[i])) * w, weight: w, points: 1})
		for n := len(pools); n > 1 && pools[n-1].mean() > pools[n-2].mean(); n-- {
			a, b := pools[n-2], pools[n-1]
			pools = append(pools[:n-2], pool{sum: a.sum + b.sum, weight: a.weight + b.weight, points: a.points + b.points})
		}
	}
	i := 0
	for _, p := range pools {
		for range p.points {
			*of(&points[i]) = unit.Ratio(min(p.mean(), int64(unit.One)))
			i++
		}
	}
}

func (p pool) mean() int64 { return unit.MulDiv(p.sum, 1, p.weight) }

// hull raises speeds onto the least concave line above them, over power: what an
// odd median hides is not a dent in what a GPU can do. Its corners are kept.
func hull(points []Point) {
	var corners []int
	for i := range points {
		for n := len(corners); n > 0 && under(points, corners, i); n = len(corners) {
			corners = corners[:n-1]
		}
		corners = append(corners, i)
	}
	for j := 1; j < len(corners); j++ {
		a, b := points[corners[j-1]], points[corners[j]]
		for i := corners[j-1] + 1; i < corners[j]; i++ {
			if a.Power == b.Power {
				points[i].Speed = a.Speed
				continue
			}
			rise := unit.MulDiv(int64(b.Speed-a.Speed), int64(a.Power-points[i].Power), int64(a.Power-b.Power))
			points[i].Speed = a.Speed + unit.Ratio(rise)
		}
	}
}

// under reports whether the last corner lies on or below the line from the one
// before it to point i. Equal power and less speed is below, too.
func under(points []Point, corners []int, i int) bool {
	n := len(corners)
	if n < 2 {
		return false
	}
	a, b, c := points[corners[n-2]], points[corners[n-1]], points[i]
	return int64(a.Speed-b.Speed)*int64(a.Power-c.Power) >= int64(a.Speed-c.Speed)*int64(a.Power-b.Power)
}
