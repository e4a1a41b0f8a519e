package gpu

import (
	"errors"
	"fmt"
	"slices"

	"sluice/unit"
)

// Standing says how a curve is known.
type Standing string

// The standings, from the strongest.
const (
	Learned  Standing = "learned"  // what this site saw is in it
	Measured Standing = "measured" // elsewhere, on this model with this class of work
	Assumed  Standing = "assumed"  // the shape of others: nobody measured it
)

// Point is what one power limit does, as shares of the same work at the highest
// limit. Shares that are not known are zero, except Speed and Power, which always are.
type Point struct {
	Limit  unit.Power
	Speed  unit.Ratio // work done in a time: the median of what was seen
	Power  unit.Ratio // drawn in the mean
	Low    unit.Ratio // lower-quartile speed, for contracts that limit slowdown
	Worst  unit.Ratio // slowest speed seen
	Energy unit.Ratio // drawn for the same work, where it was taken run by run
	Count  int        // settings or observations behind it; 0: assumed
}

// work is the energy for the same work: as it was measured, or power over speed.
func (p Point) work() unit.Ratio {
	if p.Energy > 0 {
		return p.Energy
	}
	return unit.Ratio(unit.MulDiv(int64(p.Power), int64(unit.One), max(1, int64(p.Speed))))
}

// Curve is how speed and power of a model follow its power limit in one class of
// work. Points are as they were seen, the highest limit first; what is made of them,
// Levels, is monotone and concave and ends at the knee.
type Curve struct {
	Model    string
	Class    Class
	Full     unit.Power // limit of the first point, at which every share is one
	Points   []Point    // falling in limit
	Standing Standing
	Source   string
	Floor    unit.Power // no level lies below it: lowest limit seen on site, or approved; 0: none was declared
}

// noise is the share by which neighbouring points may differ and tell nothing: half
// of a percent. Assumption, less than the spread of repeated runs.
const noise = unit.One / 200

// Validate reports every fault of a curve at once.
func (c Curve) Validate() error {
	var faults []error
	say := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("curve of %q (%s): "+format, append([]any{c.Model, c.Class}, args...)...))
	}
	if len(c.Points) > 200 {
		say("%d points are too many: 200 at most", len(c.Points))
	}
	if len(c.Points) > 0 && (c.Points[0].Limit != c.Full || c.Points[0].Speed != unit.One || c.Points[0].Power != unit.One) {
		say("the first point is the full limit, %s, with a speed and a power of one", c.Full)
	}
	for i, p := range c.Points {
		if p.Limit <= 0 || p.Limit > powerMost || i > 0 && p.Limit >= c.Points[i-1].Limit {
			say("point %d: a limit of %s: limits are positive and fall", i+1, p.Limit)
		}
		if p.Speed <= 0 || p.Speed > 2*unit.One || p.Power <= 0 || p.Power > 2*unit.One {
			say("point %d: speed %v and power %v are shares of the full ones", i+1, p.Speed.Float(), p.Power.Float())
		}
		if p.Low < 0 || p.Worst < 0 || p.Energy < 0 || p.Count < 0 || p.Count > 1_000_000 {
			say("point %d: a share or a count below zero, or more than a million counts", i+1)
		}
	}
	return errors.Join(faults...)
}

// Knee is the index in Points of the lowest limit that is worth choosing: on the
// way down, the last before energy per work rises or a band costs as much speed as
// it saves power (m >= 1), whichever comes first. Changes within noise count only
// once they add up. It is 0 without points.
//
// Formula: stop at i when e(i) > least e so far, or (s(a) - s(i)) >= (P(a) - P(i))
// from the last point a that stood out. Source: docs/formula/gpu.md.
func (c Curve) Knee() int {
	points := steady(c.Points)
	last, anchor, least := 0, 0, unit.One
	for i := 1; i < len(points); i++ {
		p := points[i]
		lost, saved := points[anchor].Speed-p.Speed, points[anchor].Power-p.Power
		if p.work() > least+noise {
			break
		}
		if lost >= noise || saved >= noise {
			if lost >= saved {
				break
			}
			anchor = i
		}
		last, least = i, min(least, p.work())
	}
	for last > anchor && points[anchor].Speed-points[last].Speed >= points[anchor].Power-points[last].Power {
		last--
	}
	return last
}

// Levels is what may be chosen, the full limit first: down to the knee and to
// Floor, monotone, concave, each saving something beyond the one before, and never
// with a band of m >= 1. It is nil without points.
func (c Curve) Levels() []Point {
	if len(c.Points) == 0 {
		return nil
	}
	fitted := c.fitted()
	out := fitted[:1:1]
	for _, p := range fitted[1 : c.Knee()+1] {
		above := out[len(out)-1]
		if p.Limit < c.Floor || marginal(above, p) >= unit.One {
			break
		}
		if above.Power-p.Power >= noise {
			out = append(out, p)
		}
	}
	return out
}

// Band is the relative marginal price m of the band between level i and the level
// below it: speed lost for each share of power saved. Below one a watt of it is cheaper
// than an average watt of the GPU. It is one where there is no such band.
//
// Formula: m = (s(i) - s(i+1)) / (P(i) - P(i+1)). Source: docs/formula/gpu.md.
func (c Curve) Band(i int) unit.Ratio {
	levels := c.Levels()
	if i < 0 || i+1 >= len(levels) {
		return unit.One
	}
	return marginal(levels[i], levels[i+1])
}

// marginal is m between two points; nothing saved for nothing lost is 0, and
// nothing saved for something lost is beyond every price.
func marginal(above, below Point) unit.Ratio {
	saved, lost := above.Power-below.Power, above.Speed-below.Speed
	switch {
	case saved > 0:
		return unit.Ratio(unit.MulDiv(int64(lost), int64(unit.One), int64(saved)))
	case lost <= 0:
		return 0
	}
	return unit.Ratio(1 << 40)
}

// At is the fitted curve at a limit between its points, by straight lines, the
// knee passed too: for those who must know what happens there. False below the
// lowest limit that was seen; above the full one every share is one.
func (c Curve) At(limit unit.Power) (Point, bool) {
	if len(c.Points) == 0 {
		return Point{}, false
	}
	if limit >= c.Full {
		return Point{Limit: limit, Speed: unit.One, Power: unit.One, Low: unit.One, Worst: unit.One}, true
	}
	points := c.fitted()
	i := slices.IndexFunc(points, func(p Point) bool { return p.Limit <= limit })
	if i < 1 {
		return Point{}, false
	}
	a, b := points[i-1], points[i]
	part := func(x, y unit.Ratio) unit.Ratio { return x + line(y-x, a.Limit-limit, a.Limit-b.Limit) }
	return Point{
		Limit: limit, Speed: part(a.Speed, b.Speed), Power: part(a.Power, b.Power),
		Low: part(a.Low, b.Low), Worst: part(a.Worst, b.Worst), Energy: part(a.work(), b.work()), Count: min(a.Count, b.Count),
	}, true
}

func line(rise unit.Ratio, run, whole unit.Power) unit.Ratio {
	return unit.Ratio(unit.MulDiv(int64(rise), int64(run), int64(whole)))
}

// Down is the curve as a site may use it: no level below the lowest limit already
// seen there for the model, nor below one that an operator approved; zeros are
// none. With neither, only the full limit is left.
func (c Curve) Down(seen, approved unit.Power) Curve {
	c.Floor = c.Full
	for _, p := range []unit.Power{seen, approved} {
		if p > 0 {
			c.Floor = min(c.Floor, p)
		}
	}
	return c
}
