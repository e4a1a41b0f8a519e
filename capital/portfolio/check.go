package portfolio

import (
	"errors"
	"fmt"
	"math"
)

// ErrProblem is what every complaint about a problem is.
var ErrProblem = errors.New("no portfolio problem")

// maxFaults limits how many faults are listed.
const maxFaults = 20

// weightSlack is by how much weights may miss 1 in their sum.
const weightSlack = 1e-9

// faults collects complaints up to a number.
type faults struct {
	list []error
	more int
}

// add records a fault.
func (f *faults) add(format string, args ...any) {
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, fmt.Errorf(format, args...)) //nolint:err113 // Sentences, collected under ErrProblem.
}

// err is all faults in one, or nil.
func (f *faults) err() error {
	if f.list == nil {
		return nil
	}
	if f.more > 0 {
		f.list = append(f.list, fmt.Errorf("and %d more faults", f.more))
	}
	return fmt.Errorf("%w: %w", ErrProblem, errors.Join(f.list...))
}

// Validate reports what makes p unfit, as sentences that name site and option. The
// errors match ErrProblem.
func (p *Problem) Validate() error {
	f := &faults{}
	p.checkFrame(f)
	p.checkScenarios(f)
	p.checkLimits(f)
	p.checkSites(f)
	p.checkRules(f)
	p.checkCovenants(f)
	return f.err()
}

// once remembers names and complains of a second one, and of none.
type once map[string]bool

func (o once) name(f *faults, what, name string) {
	switch {
	case name == "":
		f.add("a %s has no name: give it one", what)
	case o[name]:
		f.add("%s %q is there twice: give each its own name", what, name)
	}
	o[name] = true
}

func (p *Problem) checkFrame(f *faults) {
	if p.Quarters < 1 {
		f.add("the plan has %d quarters: it needs at least 1", p.Quarters)
	}
	if len(p.Sites) == 0 {
		f.add("the plan has no site: give it at least one")
	}
	if !(p.Beta > 0 && p.Beta < 1) {
		f.add("the level of CVaR is %v: it lies between 0 and 1, for example 0.95", p.Beta)
	}
	if !(p.Aversion >= 0) || math.IsInf(p.Aversion, 0) {
		f.add("the aversion to risk is %v: it is a number of at least 0", p.Aversion)
	}
	if p.Building < 0 {
		f.add("at most %d projects in construction: give a number of at least 1, or 0 for no limit", p.Building)
	}
}

func (p *Problem) checkScenarios(f *faults) {
	if len(p.Scenarios) == 0 {
		f.add("the plan has no scenario: give it at least one, of weight 1")
		return
	}
	names, sum := once{}, 0.0
	for _, s := range p.Scenarios {
		names.name(f, "scenario", s.Name)
		if !(s.Weight > 0) || math.IsInf(s.Weight, 0) {
			f.add("scenario %q: its weight is %v: weights are above 0", s.Name, s.Weight)
		}
		sum += s.Weight
	}
	if !(math.Abs(sum-1) <= weightSlack) {
		f.add("the weights of the %d scenarios sum to %v: divide each by that sum", len(p.Scenarios), sum)
	}
}

// quarterly wants a number for every quarter.
func (p *Problem) quarterly(f *faults, what string, x []float64) {
	if len(x) != p.Quarters {
		f.add("%s: %d numbers for %d quarters: give one for each", what, len(x), p.Quarters)
		return
	}
	numbers(f, what, "quarter", x)
}

// numbers complains of the first that is NaN or infinite.
func numbers(f *faults, what, each string, x []float64) {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			f.add("%s: %s %d is %v: give a finite number", what, each, i, v)
			return
		}
	}
}

func (p *Problem) checkLimits(f *faults) {
	if p.Budget != nil {
		p.quarterly(f, "the budget", p.Budget.Money)
	}
	if p.Crew != nil {
		p.quarterly(f, "the crew", p.Crew)
	}
	names := once{}
	for _, s := range p.Substations {
		names.name(f, "substation", s.Name)
		p.quarterly(f, fmt.Sprintf("substation %q", s.Name), s.MW)
	}
	if l := p.Liquidity; l != nil {
		numbers(f, "liquidity (start, least, penalty)", "entry", []float64{l.Start, l.Least, l.Penalty})
		if l.Hard && l.Penalty != 0 {
			f.add("liquidity is hard and has a penalty of %v: choose one of them", l.Penalty)
		}
		if !l.Hard && !(l.Penalty > 0) {
			f.add("liquidity: the penalty is %v: a shortfall that costs nothing limits nothing; give a cost above 0, or make it hard", l.Penalty)
		}
	}
}

func (p *Problem) checkSites(f *faults) {
	grid := map[string]bool{}
	for _, s := range p.Substations {
		grid[s.Name] = true
	}
	names := once{}
	for i := range p.Sites {
		s := &p.Sites[i]
		names.name(f, "site", s.Name)
		if s.Substation != "" && !grid[s.Substation] {
			f.add("site %q: substation %q is not in the plan: add it, or leave it empty", s.Name, s.Substation)
		}
		options, none := once{}, 0
		for o := range s.Options {
			options.name(f, fmt.Sprintf("option of site %q", s.Name), s.Options[o].Name)
			if s.Options[o].Product == None {
				none++
			}
			p.checkOption(f, s, &s.Options[o])
		}
		if none != 1 {
			f.add("site %q: %d options have the product %q: give exactly one, which builds nothing", s.Name, none, None)
		}
	}
}

func (p *Problem) checkOption(f *faults, s *Site, o *Option) {
	who := fmt.Sprintf("site %q, option %q", s.Name, o.Name)
	if o.Start < 0 || o.Start >= max(1, p.Quarters) || o.Build < 0 {
		f.add("%s: starts in quarter %d and builds for %d: it must start within the %d quarters of the plan", who, o.Start, o.Build, p.Quarters)
	}
	if o.Product == None && o.Build != 0 {
		f.add("%s: builds nothing for %d quarters: set them to 0", who, o.Build)
	}
	for _, a := range []struct {
		name string
		x    []float64
		n    int
		used bool
	}{
		{"NPV", o.NPV, len(p.Scenarios), true},
		{"capex", o.Capex, p.Quarters, p.Budget != nil},
		{"crew", o.Crew, p.Quarters, p.Crew != nil},
		{"MW", o.MW, p.Quarters, s.Substation != ""},
	} {
		what := who + ", " + a.name
		switch {
		case a.x == nil && a.used && o.Product != None:
			f.add("%s: is not given, and the plan uses it: give %d numbers", what, a.n)
		case a.x != nil && len(a.x) != a.n:
			f.add("%s: %d numbers: give %d", what, len(a.x), a.n)
		default:
			numbers(f, what, "number", a.x)
		}
	}
	p.checkCash(f, who+", cash", o)
}

func (p *Problem) checkCash(f *faults, what string, o *Option) {
	if o.Cash == nil {
		if p.Liquidity != nil && o.Product != None {
			f.add("%s: is not given, and the plan limits liquidity: give a row for each scenario", what)
		}
		return
	}
	if len(o.Cash) != len(p.Scenarios) {
		f.add("%s: %d rows for %d scenarios: give one for each", what, len(o.Cash), len(p.Scenarios))
		return
	}
	for s, row := range o.Cash {
		p.quarterly(f, fmt.Sprintf("%s of scenario %q", what, p.Scenarios[s].Name), row)
	}
}

// place finds options by name.
func (p *Problem) place() map[Ref][2]int {
	m := map[Ref][2]int{}
	for i := range p.Sites {
		for o := range p.Sites[i].Options {
			m[Ref{p.Sites[i].Name, p.Sites[i].Options[o].Name}] = [2]int{i, o}
		}
	}
	return m
}

// known complains of references to nothing, and of one that is there twice.
func known(f *faults, what string, refs []Ref, place map[Ref][2]int) {
	seen := map[Ref]bool{}
	for _, r := range refs {
		if _, ok := place[r]; !ok {
			f.add("%s: there is no option %q at site %q: name one that is in the plan", what, r.Option, r.Site)
		}
		if seen[r] {
			f.add("%s: %s is there twice: name it once", what, r)
		}
		seen[r] = true
	}
}

func (p *Problem) checkRules(f *faults) {
	place := p.place()
	names := once{}
	for _, n := range p.Needs {
		names.name(f, "need", n.Name)
		what := fmt.Sprintf("need %q", n.Name)
		known(f, what, n.If, place)
		known(f, what, n.Needs, place)
		for _, r := range n.If {
			if r.Site != n.If[0].Site {
				f.add("%s: its condition names the sites %q and %q: write one need for each site", what, n.If[0].Site, r.Site)
				break
			}
		}
	}
	names = once{}
	for _, e := range p.Exclusive {
		names.name(f, "exclusion", e.Name)
		known(f, fmt.Sprintf("exclusion %q", e.Name), e.Of, place)
		if len(e.Of) < 2 {
			f.add("exclusion %q: names %d options: it needs at least two", e.Name, len(e.Of))
		}
	}
}

func (p *Problem) checkCovenants(f *faults) {
	names := once{}
	for _, c := range p.Covenants {
		names.name(f, "covenant", c.Name)
		what := fmt.Sprintf("covenant %q", c.Name)
		if len(c.Load) != len(p.Sites) || len(c.Most) != p.Quarters {
			f.add("%s: loads of %d sites and limits of %d quarters: the plan has %d and %d", what, len(c.Load), len(c.Most), len(p.Sites), p.Quarters)
			continue
		}
		for q, x := range c.Most {
			if math.IsNaN(x) || math.IsInf(x, -1) {
				f.add("%s: its limit of quarter %d is %v: give a number, or +Inf where it is not tested", what, q, x)
			}
		}
		for i, site := range c.Load {
			p.checkLoad(f, fmt.Sprintf("%s, site %q", what, p.Sites[i].Name), &p.Sites[i], site)
		}
	}
}

func (p *Problem) checkLoad(f *faults, what string, s *Site, load [][]float64) {
	if load == nil {
		return
	}
	if len(load) != len(s.Options) {
		f.add("%s: loads of %d options: the site has %d", what, len(load), len(s.Options))
		return
	}
	for o, x := range load {
		if x != nil {
			p.quarterly(f, fmt.Sprintf("%s, option %q", what, s.Options[o].Name), x)
		}
	}
}
