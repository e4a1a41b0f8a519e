package gpu

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Signal says how a speed was seen.
type Signal string

// The signals, best first.
const (
	ByTenant Signal = "tenant" // steps or tokens in a second, as the tenant reports them
	ByEngine Signal = "engine" // progress of a job
	ByProxy  Signal = "proxy"  // activity of the GPU weighted by its clocks: it stands for speed, and is none
)

func (s Signal) rank() int {
	return slices.Index([]Signal{ByProxy, ByEngine, ByTenant}, s)
}

// Observation is one stretch of work under one limit, beside the same work without.
type Observation struct {
	Model  string // as the catalogue names it
	Class  Class
	Node   string
	Limit  unit.Power // in force throughout
	Speed  unit.Ratio // of the same work at the full limit
	Power  unit.Ratio // of the same work at the full limit
	Signal Signal
	From   time.Time
	For    time.Duration
}

// TrialTime is the least that a limit must have stood for its effect to count.
const TrialTime = 10 * time.Minute

// priorWeight is how many observations what was known before is worth.
const priorWeight = 4

// Learn is a curve that was known before, with what a site has seen since the
// beginning. At each limit the best signal alone counts, by its median; what was known
// counts as four observations. Limits nobody tried are taken to be as much worse than
// known as the nearest higher one that was, and never better. The lowest limit seen
// becomes Floor. All faults are reported at once, and then nothing is learned.
//
// Source: docs/formula/gpu.md.
func Learn(c Curve, seen []Observation) (Curve, error) {
	faults := []error{c.Validate()}
	if c.Standing == Learned {
		faults = append(faults, fmt.Errorf("curve of %q (%s) is learned already: begin with the one that was known before, and give all observations", c.Model, c.Class))
	}
	for i, o := range seen {
		if why := o.fault(c); why != "" {
			faults = append(faults, fmt.Errorf("observation %d (%s, %s): %s", i+1, o.Node, o.From.Format(time.RFC3339), why))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return Curve{}, err
	}
	if len(seen) == 0 {
		return c, nil
	}
	steps := map[unit.Power][]Observation{}
	for _, o := range seen {
		at := c.step(o.Limit)
		steps[at] = append(steps[at], o)
	}
	return c.taught(steps, len(seen)), nil
}

func (o Observation) fault(c Curve) string {
	switch {
	case key(o.Model) != key(c.Model) || o.Class != c.Class:
		return fmt.Sprintf("is of %q (%s), not of %q (%s)", o.Model, o.Class, c.Model, c.Class)
	case o.Limit <= 0 || o.Limit >= c.Full:
		return fmt.Sprintf("a limit of %s is not below the full one, %s", o.Limit, c.Full)
	case o.Speed <= 0 || o.Speed > 2*unit.One || o.Power <= 0 || o.Power > 2*unit.One:
		return fmt.Sprintf("speed %v and power %v are no shares of the full ones", o.Speed.Float(), o.Power.Float())
	case o.Signal.rank() < 0:
		return fmt.Sprintf("signal %q is not known: use %s, %s or %s", o.Signal, ByTenant, ByEngine, ByProxy)
	case o.For < TrialTime:
		return fmt.Sprintf("stood for %s, and %s is the least", o.For, TrialTime)
	}
	return ""
}

// step is the limit under which an observation counts: that of a point within 2.5 %
// of the full limit, or its own.
func (c Curve) step(limit unit.Power) unit.Power {
	best := limit
	near := c.Full.Scale(25_000)
	for _, p := range c.Points[min(1, len(c.Points)):] {
		if d := max(p.Limit-limit, limit-p.Limit); d <= near {
			best, near = p.Limit, d-1
		}
	}
	return best
}

func (c Curve) taught(steps map[unit.Power][]Observation, n int) Curve {
	limits := map[unit.Power]bool{}
	for _, p := range c.Points {
		limits[p.Limit] = true
	}
	out := c
	out.Points, out.Floor = nil, c.Full
	for at, of := range steps {
		limits[at] = true
		for _, o := range of {
			out.Floor = min(out.Floor, o.Limit)
		}
	}
	order := make([]unit.Power, 0, len(limits))
	for l := range limits {
		order = append(order, l)
	}
	slices.SortFunc(order, func(a, b unit.Power) int { return cmp.Compare(b, a) })
	slower, hungrier := unit.One, unit.One // than known, at the last limit that was tried
	for _, limit := range order {
		known, ok := c.exact(limit)
		p := known
		if of := steps[limit]; len(of) > 0 {
			p = merge(known, ok, limit, of)
			if ok {
				slower = min(unit.One, over(p.Speed, known.Speed))
				hungrier = max(unit.One, over(p.Power, known.Power))
			}
		} else if limit < c.Full {
			p.Speed, p.Low, p.Worst = times(p.Speed, slower), times(p.Low, slower), times(p.Worst, slower)
			p.Power, p.Count = min(unit.One, times(p.Power, hungrier)), min(p.Count, priorWeight)
			p.Energy = over(times(p.Energy, hungrier), slower)
		}
		out.Points = append(out.Points, p)
	}
	out.Standing = Learned
	out.Source = fmt.Sprintf("%d observations at this site, on top of: %s (%s)", n, c.Source, c.Standing)
	return out
}

// exact is the point at a limit: as it was seen, or between points.
func (c Curve) exact(limit unit.Power) (Point, bool) {
	for _, p := range c.Points {
		if p.Limit == limit {
			if p.Low == 0 {
				p.Low = p.Speed
			}
			if p.Worst == 0 {
				p.Worst = p.Low
			}
			return p, true
		}
	}
	p, ok := c.At(limit)
	return p, ok
}

// merge is what was known of a limit and what was seen at it.
func merge(known Point, ok bool, limit unit.Power, seen []Observation) Point {
	best := -1
	for _, o := range seen {
		best = max(best, o.Signal.rank())
	}
	var speed, power, work []unit.Ratio
	for _, o := range seen {
		if o.Signal.rank() == best {
			speed, power = append(speed, o.Speed), append(power, o.Power)
			work = append(work, over(o.Power, o.Speed))
		}
	}
	for _, s := range [][]unit.Ratio{speed, power, work} {
		slices.Sort(s)
	}
	n := int64(len(speed))
	p := Point{
		Limit: limit, Speed: quantile(speed, 2), Power: quantile(power, 2), Low: quantile(speed, 1),
		Worst: speed[0], Energy: quantile(work, 2), Count: len(speed),
	}
	if !ok {
		return p
	}
	mix := func(before, now unit.Ratio) unit.Ratio {
		return unit.Ratio(unit.MulDiv(int64(before)*priorWeight+int64(now)*n, 1, priorWeight+n))
	}
	p.Speed, p.Power, p.Energy = mix(known.Speed, p.Speed), mix(known.Power, p.Power), mix(known.work(), p.Energy)
	p.Low, p.Worst = min(p.Low, mix(known.Low, p.Low)), min(p.Worst, known.Worst)
	p.Count += priorWeight
	return p
}

// quantile is a quarter of sorted values, 1 the lower one and 2 the median, by
// straight lines between ranks.
func quantile(sorted []unit.Ratio, quarter int) unit.Ratio {
	at := (len(sorted) - 1) * quarter
	i, rest := at/4, int64(at%4)
	if rest == 0 {
		return sorted[i]
	}
	return sorted[i] + unit.Ratio(unit.MulDiv(int64(sorted[i+1]-sorted[i]), rest, 4))
}

func over(a, b unit.Ratio) unit.Ratio {
	return unit.Ratio(unit.MulDiv(int64(a), int64(unit.One), max(1, int64(b))))
}

func times(a, b unit.Ratio) unit.Ratio {
	return unit.Ratio(unit.MulDiv(int64(a), int64(b), int64(unit.One)))
}
