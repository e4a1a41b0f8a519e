package peer

// Contract is what a company has let of its compute.
type Contract struct {
	Company, Name string
	Power         Figure // critical MW
	Yearly        Figure // USD a year
	Years         Figure
	PerMW         Figure // USD a critical MW and year
	Whole         Figure // USD over its term
}

// Contracts are those that were told by the end of the period, as they were told last.
//
// Formula: rent of a critical MW = USD a year / critical MW; whole = USD a year *
// years. Source: docs/formula/peer.md.
func (g *Group) Contracts(p Period) []Contract {
	var out []Contract
	for _, k := range g.items(mContract, mContractUSD, mTerm) {
		v := view{g, k.company, p, Market{}}
		c := Contract{Company: k.company, Name: k.item, Power: v.standing(mContract, k.item), Yearly: v.standing(mContractUSD, k.item), Years: v.standing(mTerm, k.item)}
		if !c.Power.OK && !c.Yearly.OK && !c.Years.OK {
			continue
		}
		c.PerMW = ratio(c.Yearly, c.Power, mContract)
		if how, missing := together(c.Yearly, c.Years); missing != nil {
			c.Whole = *missing
		} else {
			c.Whole = got(c.Yearly.Value*c.Years.Value, how)
		}
		out = append(out, c)
	}
	return out
}

// Project is what a company builds.
type Project struct {
	Company, Name         string
	Cost                  Figure // USD
	Gross, Critical       Figure // MW
	PerGross, PerCritical Figure // USD a gross MW, USD a critical MW
}

// Projects are those that were told by the end of the period, as they were told last.
// A cost of a megawatt always names which megawatt.
func (g *Group) Projects(p Period) []Project {
	var out []Project
	for _, k := range g.items(mProject, mProjGross, mProjCrit, mPerGross, mPerCrit) {
		v := view{g, k.company, p, Market{}}
		x := Project{Company: k.company, Name: k.item, Cost: v.standing(mProject, k.item), Gross: v.standing(mProjGross, k.item), Critical: v.standing(mProjCrit, k.item)}
		x.PerGross = v.perMW(x.Cost, x.Gross, mPerGross, k.item)
		x.PerCritical = v.perMW(x.Cost, x.Critical, mPerCrit, k.item)
		if !x.Cost.OK && !x.Gross.OK && !x.Critical.OK && !x.PerGross.OK && !x.PerCritical.OK {
			continue
		}
		out = append(out, x)
	}
	return out
}

// perMW is a cost over its megawatts, else the cost of a megawatt as published.
func (v view) perMW(cost, mw Figure, published, item string) Figure {
	f := ratio(cost, mw, "its power")
	if p := v.standing(published, item); !f.OK && p.OK {
		p.How, _ = together(got(0, "as published"), p)
		return p
	}
	return f
}

// standing is what was told last by the end of the period, however long ago.
func (v view) standing(metric, item string) Figure {
	f, age, there := v.latest(metric, item)
	switch {
	case !there:
		return none("%s is missing", Fact{Metric: metric, Item: item}.Name())
	case age > 0:
		return got(f.Value, "told in "+f.Period.String())
	}
	return got(f.Value, "")
}

// items are the companies and items of which any of these figures is told, in the
// order of their first row.
func (g *Group) items(metrics ...string) []key {
	var out []key
	seen := map[key]bool{}
	for _, f := range g.order {
		k := key{f.Company, "", f.Item}
		for _, m := range metrics {
			if f.Known && f.Metric == m && !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	return out
}
