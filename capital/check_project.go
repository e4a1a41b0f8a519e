package capital

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

func (c *checker) project(i int) {
	p, at := c.plan.Projects[i], fmt.Sprintf("$.projects[%d]", i)
	c.refuse(p.Name == "", at+".name", "a project needs a name")
	for _, x := range c.plan.Projects[:i] {
		c.refuse(x.Name == p.Name, at+".name", "%q stands twice", p.Name)
	}
	known := slices.ContainsFunc(c.plan.Sites, func(s Site) bool { return s.Name == p.Site })
	c.refuse(!known, at+".site", "there is no site %q", p.Site)
	c.currency(p.Currency, at)
	c.refuse(p.Gross <= 0, at+".gross_mw", "%v: above 0", p.Gross)
	c.refuse(p.PUE < 1 || p.PUE > 3, at+".pue", "%v: 1 to 3; gross MW over PUE is critical MW", p.PUE)
	if p.PUE >= 1 {
		c.refuse(p.Critical != 0 && math.Abs(p.Critical-p.Gross/p.PUE) > 0.005*p.Gross/p.PUE, at+".critical_mw",
			"%v: %v MW gross at a PUE of %v are %.2f MW critical: correct one of the three", p.Critical, p.Gross, p.PUE, p.Gross/p.PUE)
	}
	c.refuse(p.Begin < c.plan.Begin, at+".begin", "%s is before the plan, which begins in %s: what was paid before is opening plant", p.Begin, c.plan.Begin)
	c.refuse(p.Begin >= c.plan.End(), at+".begin", "%s is after the plan, which ends before %s", p.Begin, c.plan.End())
	c.phases(p, at)
	for k, e := range p.Equipment {
		ea := fmt.Sprintf("%s.equipment[%d]", at, k)
		c.currency(e.Currency, ea)
		c.refuse(e.Cost <= 0, ea+".cost", "%v: above 0", e.Cost)
		c.refuse(e.Years <= 0, ea+".life_years", "%v: above 0", e.Years)
		c.refuse(e.Residual < 0 || e.Residual > 1, ea+".residual", "%v: a share of the cost", e.Residual)
		c.taxLife(e.Tax, ea)
	}
	c.slip(p.Slip, at+".slip")
	c.lease(p, at+".contract")
}

func (c *checker) phases(p Project, at string) {
	c.refuse(len(p.Phases) == 0, at+".phases", "capex of %v without a phase: say when it is paid", p.Capex)
	var sum, mw float64
	for k, f := range p.Phases {
		fa := fmt.Sprintf("%s.phases[%d]", at, k)
		sum, mw = sum+f.Cost, mw+f.MW
		c.currency(f.Currency, fa)
		c.refuse(f.Name == "", fa+".name", "a phase needs a name")
		c.refuse(f.Cost < 0, fa+".cost", "%v is negative", f.Cost)
		c.refuse(f.Months < 0 || f.Months > 240, fa+".months", "%v: 0 to 240", f.Months)
		c.refuse(f.Cost > 0 && f.Years <= 0, fa+".life_years", "say over how many years what this phase pays for is written off")
		c.refuse(f.MW < 0, fa+".energises_mw", "%v is negative", f.MW)
		c.taxLife(f.Tax, fa)
		for _, name := range f.After {
			before := slices.IndexFunc(p.Phases, func(x Phase) bool { return x.Name == name })
			c.refuse(before < 0, fa+".after", "there is no phase %q in this project", name)
			c.refuse(before >= k, fa+".after", "phase %q comes after %q: write phases in the order in which they can be done", name, f.Name)
		}
		for _, x := range p.Phases[:k] {
			c.refuse(x.Name == f.Name, fa+".name", "%q stands twice", f.Name)
		}
	}
	c.refuse(p.Capex != 0 && len(p.Phases) > 0 && math.Abs(sum-p.Capex) > 0.5, at+".capex", "capex is %v and the phases add up to %v: every part of it belongs to a phase", p.Capex, sum)
	c.refuse(mw > p.Gross*(1+1e-9), at+".phases", "the phases energise %v MW and the project has %v", mw, p.Gross)
	c.refuse(mw == 0, at+".phases", "no phase energises anything: say energises_mw of the phase at whose end power is there")
	c.refuse(sum > 0 && (sum/p.Gross < 1e4 || sum/p.Gross > 2e8), at+".capex", "%.0f per gross MW is not plausible: is it in thousands or millions? write whole units", sum/p.Gross)
}

func (c *checker) taxLife(life, at string) {
	c.refuse(!slices.Contains([]string{"", Straight, FiveYear, SevenYear}, life), at+".tax_life", "%q: one of straight, five-year, seven-year", life)
}

func (c *checker) slip(s Slip, at string) {
	if s.Mean != 0 {
		c.refuse(s.Mean < 1, at+".mean", "%v: a multiplier of 1 or more, such as 1.34", s.Mean)
		c.refuse(s.OnTime <= 0 || s.OnTime >= 0.5, at+".on_time", "%v: a probability above 0 and below 0.5, such as 0.1", s.OnTime)
	}
	if s.Overrun != 0 {
		c.refuse(s.Overrun < 1, at+".overrun_mean", "%v: a multiplier of 1 or more", s.Overrun)
		c.refuse(s.OnBudget <= 0 || s.OnBudget >= 0.5, at+".on_budget", "%v: a probability above 0 and below 0.5", s.OnBudget)
	}
	c.refuse(s.Correlation < 0 || s.Correlation > 1, at+".correlation", "%v: 0 to 1", s.Correlation)
}

func (c *checker) lease(p Project, at string) {
	l := p.Contract
	if l.Rate == 0 && l.Unit == "" {
		return
	}
	c.currency(l.Currency, at)
	c.refuse(!slices.Contains([]string{PerKWMonth, PerMWYear, PerGPUHour}, l.Unit), at+".unit", "%q: one of kw-month, mw-year, gpu-hour", l.Unit)
	c.refuse(l.Rate <= 0, at+".rate", "%v: above 0", l.Rate)
	c.refuse(l.Unit == PerGPUHour && l.KW <= 0, at+".kw_per_gpu", "a price per GPU-hour needs the kW of IT that a GPU takes")
	c.refuse(l.MW <= 0, at+".critical_mw", "%v: above 0", l.MW)
	if p.PUE >= 1 {
		c.refuse(l.MW > p.Gross/p.PUE*1.001, at+".critical_mw", "%v MW are let and the project has %.2f critical: contracts count critical MW, not gross", l.MW, p.Gross/p.PUE)
	}
	c.dates(p, at)
	for _, x := range []struct {
		key   string
		share float64
	}{{"take_or_pay", l.Firm}, {"billed_utilisation", l.Billed}, {"prepaid", l.Prepaid}, {"expected_credits", l.Credits}, {"load", l.Load}, {"renewal_share", l.Renewal}} {
		c.refuse(x.share < 0 || x.share > 1, at+"."+x.key, "%v: a share of 0 to 1", x.share)
	}
	c.refuse(l.Firm < 1 && l.Billed == 0, at+".billed_utilisation", "what is not take-or-pay is billed by use: say its expected share")
	c.refuse(l.Prepaid > 0 && (l.CreditFrom < 0 || l.CreditTo <= l.CreditFrom || l.CreditTo > l.Term), at+".credited_to_month",
		"a prepayment is credited from month %d to %d of %d: say in which months of the term", l.CreditFrom, l.CreditTo, l.Term)
	c.refuse(l.Default < 0 || l.Default > 5, at+".default_per_year", "%v: an intensity of a year, such as 0.02", l.Default)
}

// dates refuses a contract whose dates contradict each other.
func (c *checker) dates(p Project, at string) {
	l := p.Contract
	c.refuse(l.Term < 1 || l.Term > 480, at+".term_months", "%d: 1 to 480", l.Term)
	if l.Starts != 0 {
		c.refuse(l.Starts < p.Begin, at+".starts", "%s is before the project, which begins in %s", l.Starts, p.Begin)
	}
	if l.Ends == 0 {
		return
	}
	c.refuse(l.Starts == 0, at+".starts", "the contract ends in %s and nobody said when it starts", l.Ends)
	c.refuse(l.Starts != 0 && l.Ends <= l.Starts, at+".ends", "%s is not after %s, when it starts", l.Ends, l.Starts)
	c.refuse(l.Starts != 0 && l.Ends > l.Starts && int(l.Ends-l.Starts) != l.Term, at+".ends",
		"from %s to %s are %d months and the term is %d: correct one of the three", l.Starts, l.Ends, int(l.Ends-l.Starts), l.Term)
}

// crowded refuses more projects at a site than it has power for.
func (c *checker) crowded() {
	for i, s := range c.plan.Sites {
		kept, taken := s.Fleet.MW, 0.0
		for _, p := range c.plan.Projects {
			if p.Site != s.Name {
				continue
			}
			taken += p.Gross
			if p.Displaces {
				kept -= p.Gross
			}
		}
		c.refuse(taken > s.Gross || max(kept, 0)+taken > s.Gross*(1+1e-9), fmt.Sprintf("$.sites[%d].gross_mw", i),
			"projects of %v MW and machines of %v MW that stay do not fit into %v MW: say displaces_mining, or build less", taken, max(kept, 0), s.Gross)
	}
}

// funding refuses money that waits for itself.
func (c *checker) funding() {
	after := map[string][]string{}
	for _, l := range c.plan.Loans {
		after[l.Name] = l.After
	}
	for i, r := range c.plan.Rounds {
		at := fmt.Sprintf("$.funding[%d]", i)
		c.refuse(r.Amount <= 0, at+".amount", "%v: above 0", r.Amount)
		c.refuse(r.Month < c.plan.Begin || r.Month >= c.plan.End(), at+".month", "%s is outside the plan", r.Month)
		_, twice := after[r.Name]
		c.refuse(r.Name == "" || twice, at+".name", "%q: money needs a name of its own", r.Name)
		after[r.Name] = r.After
	}
	for name, before := range after {
		for _, b := range before {
			_, known := after[b]
			c.refuse(!known, "$.funding", "%q waits for %q, which is neither a loan nor a round", name, b)
		}
	}
	if ring := circle(after); ring != nil {
		c.refuse(true, "$.funding", "circular funding: %s: each waits for the next, so none is ever paid; let one go first", strings.Join(ring, " waits for "))
	}
}

// circle is a ring of names that wait for each other; nil where there is none.
func circle(after map[string][]string) []string {
	state := map[string]int{} // 1: on the way, 2: done
	var way, ring []string
	var visit func(name string)
	visit = func(name string) {
		if ring != nil || state[name] == 2 {
			return
		}
		way = append(way, name)
		if state[name] == 1 {
			ring = slices.Clone(way[slices.Index(way, name):])
			return
		}
		state[name] = 1
		for _, b := range after[name] {
			visit(b)
		}
		state[name], way = 2, way[:max(len(way)-1, 0)]
	}
	names := make([]string, 0, len(after))
	for name := range after {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		visit(name)
	}
	return ring
}
