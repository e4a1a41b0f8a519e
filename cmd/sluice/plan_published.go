package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/driver/yamlfile"
)

// planClaim is what was said in public and what the plan makes of it.
type planClaim struct {
	what, unit, from, ours string
	low, high              float64 // the same but for a range
	at                     int     // in the file
	findings               []planFinding
}

// planFinding is one thing that follows.
type planFinding struct {
	says     string
	contrary bool // the plan, or another thing that was said, contradicts it
}

func (c *planClaim) find(contrary bool, format string, a ...any) {
	c.findings = append(c.findings, planFinding{fmt.Sprintf(format, a...), contrary})
}

func (c *planClaim) contrary() bool {
	return slices.ContainsFunc(c.findings, func(f planFinding) bool { return f.contrary })
}

// planNear is how far figures may lie apart that are said to agree.
const planNear = 0.005

// holdAgainst reads what was published; entries of one thing are a range. A figure
// that nobody knows is an error with its line.
func (s *planReport) holdAgainst() ([]planClaim, error) {
	var out []planClaim
	var faults []error
	known := s.knownOurs()
	for i, p := range s.plan.Published {
		if !known[p.Our] {
			where := slices.IndexFunc(s.file.Plan.Published, func(x capital.Published) bool { return x == p })
			faults = append(faults, s.file.Fault(fmt.Sprintf("$.published[%d].ours", where), fmt.Errorf("%q is no figure of this plan: write %s, or another that docs/plan.md lists", p.Our, yamlfile.Nearest(p.Our, slices.Collect(maps.Keys(known))))))
			continue
		}
		k := slices.IndexFunc(out, func(c planClaim) bool { return c.what == p.What && c.unit == p.Unit && c.ours == p.Our })
		if k >= 0 {
			out[k].low, out[k].high = min(out[k].low, p.Value), max(out[k].high, p.Value)
			continue
		}
		out = append(out, planClaim{what: p.What, unit: p.Unit, from: p.From, ours: p.Our, low: p.Value, high: p.Value, at: i})
	}
	return out, errors.Join(faults...)
}

// Figures of a project and of a site that a published one may be held against, beside
// those that stand in the plan.
func planOfProjects() []string {
	return []string{"capex_per_mw", "rent_per_mw", "ebitda_per_critical_mw", "ready_months", "kw_per_rack", "gpus_per_rack", "equipment_per_critical_mw", "revenue_over_mining"}
}

const (
	planOfSites  = "cost_per_btc"
	planOfMarket = "market.leaves"
)

// knownOurs are all figures that a published one may be held against; the empty one is
// told and held against nothing.
func (s *planReport) knownOurs() map[string]bool {
	known := map[string]bool{"": true, planOfMarket: true}
	for _, f := range s.plan.Figures() {
		known[f.Place] = true
	}
	for _, p := range s.plan.Projects {
		for _, name := range planOfProjects() {
			known["projects."+p.Name+"."+name] = true
		}
	}
	for _, x := range s.plan.Sites {
		known["sites."+x.Name+"."+planOfSites] = true
	}
	return known
}

// judge holds every claim against the plan.
func (s *planReport) judge() {
	for i := range s.claims {
		c := &s.claims[i]
		name := c.ours[strings.LastIndexByte(c.ours, '.')+1:]
		switch {
		case c.ours == "":
			c.find(false, "nothing of the plan is named that it could be held against")
		case c.ours == planOfMarket:
			c.find(false, "where a share of %s leaves, those who stay earn %s more BTC for the same work", planPercent(c.low, 1), planPercent(capital.Stays(c.low), 1))
		case name == planOfSites && strings.HasPrefix(c.ours, "sites."):
			s.judgeCost(c)
		case strings.HasPrefix(c.ours, "projects.") && slices.Contains(planOfProjects(), name):
			s.judgeProject(c, name)
		default:
			s.judgeFigure(c)
		}
	}
}

// judgeFigure holds a claim against a figure that stands in the plan.
func (s *planReport) judgeFigure(c *planClaim) {
	for _, f := range s.plan.Figures() {
		if f.Place == c.ours {
			c.against(f.Value, "")
		}
	}
	if strings.HasPrefix(c.ours, "market.") { // prices move: another one than the plan begins with is no mistake
		for i := range c.findings {
			c.findings[i].contrary = false
		}
	}
	if c.ours != "market.btc_price" {
		return
	}
	for _, x := range s.claims { // a margin is one of a price and a cost that were both said
		if strings.HasSuffix(x.ours, "."+planOfSites) {
			c.find(false, "at that price a cost of %s a bitcoin leaves a margin of %s", planNumber(x.low), planPercent(1-x.low/c.low, 1))
		}
	}
}

// against says where a value of the plan lies beside a claim.
func (c *planClaim) against(v float64, of string) {
	if of != "" {
		of = " " + of
	}
	text := planNumber(v) + of
	scale := math.Log10(v / c.low)
	switch {
	case v >= c.low*(1-planNear) && v <= c.high*(1+planNear):
		if c.low < c.high {
			c.find(false, "%s: within what was said", text)
			return
		}
		c.find(false, "%s: they agree", text)
	case c.low == c.high && v > 0 && c.low > 0 && math.Round(scale) != 0 && math.Abs(scale-math.Round(scale)) < planNear:
		c.find(true, "%s: the same digits, %s times apart: a slip of scale", text, planNumber(math.Pow(10, math.Abs(math.Round(scale)))))
	case v < c.low:
		c.find(true, "%s: %s below what was said", text, planPercent(1-v/c.low, 1))
	default:
		c.find(true, "%s: %s above what was said", text, planPercent(v/c.high-1, 1))
	}
}

// planNumber is a figure with at most two decimals.
func planNumber(v float64) string {
	if math.Abs(v) >= 1000 || v == math.Trunc(v) {
		return commas(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// judgeCost holds a published cost of a bitcoin against what power and running cost
// at a site, before anything is converted there.
func (s *planReport) judgeCost(c *planClaim) {
	if _, base, ok := strings.Cut(c.unit, "/"); ok && base != "BTC" {
		c.find(true, "%s a %s: miners here find bitcoin, and what is meant is the total cash cost of a bitcoin", planNumber(c.low), harmless(base))
	}
	for i, x := range s.plan.Sites {
		if c.ours != "sites."+x.Name+"."+planOfSites {
			continue
		}
		var cost, coins float64
		for k := range 12 {
			l := &s.run.Sites[i][k]
			if l[model.Hosted] > 0 {
				break
			}
			cost -= l[model.Energy] + l[model.Running]
			coins += l[model.Mined]
		}
		if coins > 0 {
			c.find(false, "%s a bitcoin are power and running at %s alone, without the company around it: another level of cost", planNumber(cost/coins), harmless(x.Name))
		}
	}
	c.find(false, "at the plan's price of %s it leaves a margin of %s", planNumber(s.plan.Market.Price), planPercent(1-c.low/s.plan.Market.Price, 1))
}

// judgeProject holds a claim against a figure that follows from a project.
func (s *planReport) judgeProject(c *planClaim, name string) {
	for i := range s.projects {
		x := &s.projects[i]
		if c.ours == "projects."+x.project.Name+"."+name {
			s.judgeOne(c, x, name)
		}
	}
}

func (s *planReport) judgeOne(c *planClaim, x *planProject, name string) {
	p := x.project
	critical := p.Gross / p.PUE
	facility, _ := planCapex(p)
	switch name {
	case "capex_per_mw":
		c.against(facility/p.Gross, "a gross MW")
		c.against(facility/critical, "a critical MW")
	case "rent_per_mw":
		c.against(x.rent/p.Gross, "a gross MW and year")
		c.against(x.rent/critical, "a critical MW and year")
		c.find(true, "it names neither a period nor which MW: %s USD would be %.1f years of this rent for a critical MW", planNumber(c.low), c.low/(x.rent/critical))
	case "ebitda_per_critical_mw":
		c.against(x.earns/critical, "a critical MW in the first year of rent")
	case "ready_months":
		c.against(x.ready-float64(p.Begin-s.plan.Begin), "months of work")
	case "kw_per_rack":
		c.find(false, "%s racks stand in %.1f MW critical", planNumber(s.racks(x)), critical)
	case "gpus_per_rack":
		c.find(false, "%s racks hold %s GPUs", planNumber(s.racks(x)), planNumber(s.racks(x)*c.low))
	case "equipment_per_critical_mw":
		gpus := c.low * critical
		c.find(gpus > facility, "for %.1f MW critical that is %s M, %.1f times the %s M of the project: they cannot be in it", critical, planMillions(gpus), gpus/facility, planMillions(facility))
	case "revenue_over_mining":
		s.judgeRevenue(c, x)
	}
}

// racks is how many racks of a published power stand in a project.
func (s *planReport) racks(x *planProject) float64 {
	for _, c := range s.claims {
		if c.ours == "projects."+x.project.Name+".kw_per_rack" && c.low > 0 {
			return math.Floor(1000 * x.project.Gross / x.project.PUE / c.low)
		}
	}
	return 0
}

// judgeRevenue puts the revenue of a MW beside what it earns by mining, and the return
// beside the revenue.
func (s *planReport) judgeRevenue(c *planClaim, x *planProject) {
	if x.mining <= 0 {
		c.find(false, "nothing mines there")
		return
	}
	ratio := x.rent / x.project.Gross / x.mining
	c.against(ratio, fmt.Sprintf("times the revenue of mining a gross MW (%s against %s a year)", planNumber(x.rent/x.project.Gross), planNumber(x.mining)))
	c.find(x.against.bare.npv < 0, "revenue is not return: against the mining it displaces the project is worth %s M at %s, %s without what is left at the end",
		planMillions(x.against.bare.npv), planPercent(s.plan.Discount, 1), planIRR(x.against.bare))
}

// printClaims shows what was published and what follows.
func (s *planReport) printClaims(w io.Writer) {
	if len(s.claims) == 0 {
		return
	}
	n := 0
	for i := range s.claims {
		if s.claims[i].contrary() {
			n++
		}
	}
	fmt.Fprintf(w, "\nPublished figures against the plan: %d, of which %d do not hold as they were said (!)\n", len(s.claims), n)
	for _, c := range s.claims {
		said := planNumber(c.low)
		if c.high > c.low {
			said += " to " + planNumber(c.high)
		}
		fmt.Fprintf(w, "  %s: %s %s (%s)\n", harmless(c.what), said, harmless(c.unit), harmless(c.from))
		for _, f := range c.findings {
			mark := " "
			if f.contrary {
				mark = "!"
			}
			fmt.Fprintf(w, "  %s   %s\n", mark, f.says)
		}
	}
}
