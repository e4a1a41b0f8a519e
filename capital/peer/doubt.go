package peer

import (
	"fmt"
	"math"
	"strconv"
)

// sumKey is a company and one of its periods.
type sumKey struct {
	company string
	period  Period
}

// doubt gathers what is hard to believe: figures outside their band, and figures
// that do not go together.
func (g *Group) doubt() {
	bands, products := map[string]Metric{}, map[sumKey]float64{}
	for _, m := range Metrics() {
		bands[m.Name] = m
	}
	for _, f := range g.order {
		if f.Known && f.Metric == mRevenue && f.Item != "" {
			products[sumKey{f.Company, f.Period}] += f.Value
		}
	}
	for _, f := range g.order {
		if !f.Known {
			continue
		}
		if m := bands[f.Metric]; f.Kind != Word && !m.plausible(f.Value) {
			g.warn(f, fmt.Sprintf("%s of %s is outside %s to %s %s: check the scale", f.Row.Metric, f.written(), plain(m.Low), plain(m.High), m.Unit))
		}
		switch f.Metric {
		case mProject:
			g.doubtCost(f, mProjGross, "gross")
			g.doubtCost(f, mProjCrit, "critical")
		case mContractUSD:
			g.doubtRent(f)
		case mCritical:
			g.doubtCritical(f)
		case mEfficiency:
			g.doubtFleet(f)
		case mRevenue:
			if sum := products[sumKey{f.Company, f.Period}]; f.Item == "" && sum > 1.005*f.Value {
				g.warn(f, fmt.Sprintf("its products sum to %s USD, more than revenue of %s", plain(sum), f.written()))
			}
		}
	}
}

// plausible reports a value that can be believed.
func (m Metric) plausible(v float64) bool {
	if m.Signed && m.Low > 0 {
		v = math.Abs(v)
	}
	return v == 0 || v >= m.Low && v <= m.High
}

func (g *Group) warn(f Fact, says string) {
	g.warnings = append(g.warnings, Warning{f.Company, fmt.Sprintf("%s: %s", f.Row.Period, says), f.Place})
}

// same is another figure of the same company, period and item.
func (g *Group) same(f Fact, metric string) (Fact, bool) {
	for _, o := range g.facts[key{f.Company, metric, f.Item}] {
		if o.Period == f.Period {
			return o, true
		}
	}
	return Fact{}, false
}

// doubtCost looks at what a project costs a megawatt.
func (g *Group) doubtCost(f Fact, metric, base string) {
	if p, is := g.same(f, metric); is && p.Value > 0 {
		if per := f.Value / p.Value; per < perMWLow || per > perMWHigh {
			g.warn(f, fmt.Sprintf("%s costs %s million USD a %s MW, outside 1 to 60: check the scale of %s and of %s", f.Name(), plain(per/1e6), base, f.written(), p.written()))
		}
	}
}

// doubtRent looks at what a contract pays a megawatt.
func (g *Group) doubtRent(f Fact) {
	if p, is := g.same(f, mContract); is && p.Value > 0 {
		if per := f.Value / p.Value; per < rentLow || per > rentHigh {
			g.warn(f, fmt.Sprintf("%s pays %s million USD a critical MW and year, outside 0.5 to 24: check the scale of %s and of %s", f.Name(), plain(per/1e6), f.written(), p.written()))
		}
	}
}

// doubtCritical looks at more critical than gross power.
func (g *Group) doubtCritical(f Fact) {
	if p, is := g.same(f, mGross); is && f.Value > p.Value {
		g.warn(f, fmt.Sprintf("power_critical of %s is more than power_gross of %s: are they named the wrong way round?", f.written(), p.written()))
	}
}

// doubtFleet looks at machines that draw more than their sites have.
//
// Formula: 1 EH/s * 1 J/TH = 1 MW. Source: docs/formula/peer.md.
func (g *Group) doubtFleet(f Fact) {
	for _, name := range []string{mOperating, mAverage} {
		h, there := g.same(f, name)
		p, is := g.same(f, mGross)
		if there && is && h.Value*f.Value > 1.02*p.Value {
			g.warn(f, fmt.Sprintf("%s of %s at %s draws %s MW, more than power_gross of %s", name, h.written(), f.written(), plain(h.Value*f.Value), p.written()))
			return
		}
	}
}

// plain is a number with four digits at most that count, and no exponent.
func plain(v float64) string {
	if v == 0 {
		return "0"
	}
	decimals := min(max(3-int(math.Floor(math.Log10(math.Abs(v)))), 0), 8)
	step := math.Pow(10, float64(decimals))
	return strconv.FormatFloat(math.Round(v*step)/step, 'f', -1, 64)
}
