package gpu

import (
	"slices"

	"sluice/unit"
)

// Under is what a limit does to a GPU whose work draws `draw` without one: what it
// then draws at most, and the share of its speed that is left. A limit above the
// draw saves nothing and costs nothing. Under a limit below it the work is taken
// to draw the limit, and to lose the speed that the curve states for that share of
// its power, below the knee and beyond the last point (by its last slope) too.
// Without points speed falls as power does: nothing better is known.
//
// Work whose draw swings meets a limit in its peaks first: it saves and loses
// something above its mean draw already, which this leaves out on both sides.
//
// Formula: P = min(L, d), s = s(L/d) on the fitted curve over power. Source:
// docs/formula/gpu.md.
func (c Curve) Under(limit, draw unit.Power) (power unit.Power, speed unit.Ratio) {
	if draw <= 0 || limit >= draw {
		return draw, unit.One
	}
	if limit <= 0 {
		return 0, 0
	}
	share := unit.Ratio(unit.MulDiv(int64(limit), int64(unit.One), int64(draw)))
	return limit, at(c.fitted(), share, func(p Point) unit.Ratio { return p.Speed })
}

// Careful is the speed to reckon with where a contract limits slowdown: the lower
// quartile, not the median, and the lower of what the curve states for this share of
// the draw and for this limit, whose effect on swinging work begins above the mean.
func (c Curve) Careful(limit, draw unit.Power) unit.Ratio {
	if draw <= 0 || limit >= draw {
		return unit.One
	}
	if limit <= 0 {
		return 0
	}
	share := unit.Ratio(unit.MulDiv(int64(limit), int64(unit.One), int64(draw)))
	points := c.fitted()
	low := min(at(points, share, func(p Point) unit.Ratio { return p.Low }), at(points, share, func(p Point) unit.Ratio { return p.Speed }))
	if p, ok := c.At(limit); ok {
		low = min(low, p.Low)
	}
	return low
}

// at reads a share over power, by straight lines, and beyond the last point by the
// last line but never less steeply than to nothing at no power.
func at(points []Point, power unit.Ratio, of func(Point) unit.Ratio) unit.Ratio {
	if len(points) < 2 || power >= unit.One {
		return min(power, unit.One)
	}
	for i := 1; i < len(points); i++ {
		if points[i].Power > power {
			continue
		}
		a, b := points[i-1], points[i]
		if a.Power == b.Power {
			return of(a)
		}
		return of(a) + unit.Ratio(unit.MulDiv(int64(of(b)-of(a)), int64(a.Power-power), int64(a.Power-b.Power)))
	}
	last := points[len(points)-1]
	straight := unit.MulDiv(int64(of(last)), int64(power), int64(last.Power))
	before, ok := above(points, last)
	if !ok {
		return unit.Ratio(straight)
	}
	sloped := int64(of(last)) - unit.MulDiv(int64(of(before)-of(last)), int64(last.Power-power), int64(before.Power-last.Power))
	return unit.Ratio(max(0, min(straight, sloped)))
}

// above is the nearest point that draws more than the last one.
func above(points []Point, last Point) (Point, bool) {
	for _, p := range slices.Backward(points) {
		if p.Power > last.Power {
			return p, true
		}
	}
	return Point{}, false
}

// Felt is the levels that work drawing so much without a limit feels, falling, as
// shares of that draw: those below the draw and not below the power at which the
// curve has its knee. A level is a limit, and steady work near the full limit meets
// the knee at a higher one than the swinging work that curves were measured with.
// Low is Careful. No band of it costs m >= 1, but for the rounding of speeds.
//
// Source: docs/formula/gpu.md.
func (c Curve) Felt(draw unit.Power) []Point {
	levels := c.Levels()
	if len(levels) == 0 || draw <= 0 {
		return nil
	}
	knee := levels[len(levels)-1].Power
	var out []Point
	for _, l := range levels {
		if l.Limit >= draw {
			continue
		}
		power, speed := c.Under(l.Limit, draw)
		share := unit.Ratio(unit.MulDiv(int64(power), int64(unit.One), int64(draw)))
		if share < knee {
			break
		}
		out = append(out, Point{Limit: l.Limit, Speed: speed, Power: share, Low: c.Careful(l.Limit, draw), Count: l.Count})
	}
	return out
}
