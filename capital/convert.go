package capital

import "slices"

// Converted is the plan with all money in its own currency. It expects a plan that
// passed Check.
func (p Plan) Converted() Plan {
	rate := func(currency string) float64 {
		if currency == "" || currency == p.Currency {
			return 1
		}
		return p.Rates[currency]
	}
	p.Projects, p.Loans = slices.Clone(p.Projects), slices.Clone(p.Loans)
	for i := range p.Projects {
		x := &p.Projects[i]
		own := x.Currency
		x.Phases, x.Equipment = slices.Clone(x.Phases), slices.Clone(x.Equipment)
		for k := range x.Phases {
			x.Phases[k].Cost *= rate(or(x.Phases[k].Currency, own))
			x.Phases[k].Currency = ""
		}
		for k := range x.Equipment {
			x.Equipment[k].Cost *= rate(or(x.Equipment[k].Currency, own))
			x.Equipment[k].Currency = ""
		}
		x.Contract.Rate *= rate(or(x.Contract.Currency, own))
		x.Capex *= rate(own)
		x.Opex *= rate(own)
		x.Restore *= rate(own)
		x.Currency, x.Contract.Currency = "", ""
	}
	for i := range p.Loans {
		p.Loans[i].Amount *= rate(p.Loans[i].Currency)
		p.Loans[i].Currency = ""
	}
	return p
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Without is the plan without a project and what was borrowed for it: what the site
// does instead.
func (p Plan) Without(project string) Plan {
	p.Projects = slices.DeleteFunc(slices.Clone(p.Projects), func(x Project) bool { return x.Name == project })
	p.Loans = slices.DeleteFunc(slices.Clone(p.Loans), func(l Loan) bool { return l.For == project })
	gone := func(name string) bool {
		return !slices.ContainsFunc(p.Loans, func(l Loan) bool { return l.Name == name }) && !slices.ContainsFunc(p.Rounds, func(r Round) bool { return r.Name == name })
	}
	p.Rounds = slices.Clone(p.Rounds)
	for i := range p.Loans {
		p.Loans[i].After = slices.DeleteFunc(slices.Clone(p.Loans[i].After), gone)
	}
	for i := range p.Rounds {
		p.Rounds[i].After = slices.DeleteFunc(slices.Clone(p.Rounds[i].After), gone)
	}
	p.Sources = nil
	return p
}
