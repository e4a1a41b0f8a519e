package decide

import (
	"context"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/option"
	"sluice/capital/risk"
)

// Unsaid is what a staged option needs and a plan does not say. All of it is assumed.
type Unsaid struct {
	RentVolatility, RentGrowth   float64 // of the market's rent, a year
	CapexVolatility, CapexGrowth float64
	HashRent                     float64 // correlation of the hashprice with rents
	Salvage                      float64 // of capex that is given up
	Restart                      float64 // USD/MW
	Years                        int     // how long one may wait
}

// Usual is a rent that moves by 20 % and a capex that moves by 10 % a year, nothing
// correlated, a fifth of capex salvaged, ten years to decide.
func Usual() Unsaid {
	return Unsaid{RentVolatility: 0.2, CapexVolatility: 0.1, Salvage: 0.2, Restart: 5000, Years: 10}
}

// Stage makes a staged option of a project of the plan: its first block is what the
// project converts, its second the rest of the site that mines.
func (g Ground) Stage(project string, u Unsaid) (option.Conversion, error) {
	i, err := g.project(project)
	if err != nil {
		return option.Conversion{}, err
	}
	p := g.Plan.Converted()
	x := p.Projects[i]
	if x.Contract.Unit == capital.PerGPUHour || x.Contract.Rate <= 0 {
		return option.Conversion{}, fmt.Errorf("project %q: the option takes a rent per kW-month or MW-year, not a price per GPU-hour: state what the hall alone would be let for: %w", project, ErrDecide)
	}
	m, f, err := g.lay(p)
	if err != nil {
		return option.Conversion{}, err
	}
	s := g.siteOf(p, x.Site)
	c := option.Conversion{
		Name: project, First: x.Gross, Second: math.Max(s.Fleet.MW-x.Gross, 0), Quarters: 4 * min(u.Years, p.Years), Discount: p.Discount,
		At: option.Holding, Hall: hallOf(p, x, m.Planned(i)), Rights: option.Rights{Stop: true, Abandon: true, Expand: s.Fleet.MW > x.Gross},
	}
	if p.Market.Fleet == 0 { // the futures' own estimate, where the plan has none
		p.Market.Fleet, p.Market.Newer = g.Risk.Path.Response.Efficiency, g.Risk.Path.Response.Trend
	}
	c.Mine = mineOf(p, s, powerOf(g, s))
	c.Mine.Restart, c.Mine.Salvage = u.Restart, s.Fleet.Resale
	facts := f.Facts()
	c.Markets = option.Markets{
		HashVolatility: spreadOfYear(m, f), Level: facts.Level, HalfLife: g.Risk.Path.Response.HalfLife, Walk: 1 - g.Risk.Path.Response.Share,
		RentVolatility: u.RentVolatility, RentGrowth: u.RentGrowth, CapexVolatility: u.CapexVolatility, CapexGrowth: u.CapexGrowth, HashRent: u.HashRent,
	}
	return c, c.Validate()
}

func (g Ground) siteOf(p capital.Plan, name string) capital.Site {
	for _, s := range p.Sites {
		if s.Name == name {
			return s
		}
	}
	return capital.Site{}
}

// powerOf is the mean price of power of a site, delivery in it.
func powerOf(g Ground, s capital.Site) float64 {
	var sum float64
	for _, x := range s.Power.Price {
		sum += x / float64(len(s.Power.Price))
	}
	if h := g.Hours[s.Power.History]; h != nil && len(s.Power.Price) == 0 {
		sum = h.Mean()
	}
	return sum + s.Power.Delivery
}

// mineOf is what mining pays at a site.
func mineOf(p capital.Plan, s capital.Site, power float64) option.Mine {
	k := p.Market
	hash := capital.HashpriceBTC(k.Difficulty, capital.SubsidyAt(k.Height)*(1+k.Fees)) * k.Price
	return option.Mine{
		Hashprice: capital.Efficient(hash, k.Fleet), Fleet: k.Fleet, FleetFalls: k.Newer, Machine: s.Fleet.Efficiency, PUE: math.Max(s.Fleet.PUE, 1), Fee: s.Fleet.Fee,
		Uptime: s.Fleet.Uptime, Power: power, Cost: s.Fleet.Other, Keep: 1,
	}
}

// hallOf is what a converted block costs and earns.
func hallOf(p capital.Plan, x capital.Project, months float64) option.Hall {
	c := x.Contract
	rent := c.Rate
	if c.Unit == capital.PerMWYear {
		rent = c.Rate / 12 / 1000
	}
	var capex float64
	for _, f := range x.Phases {
		capex += f.Cost
	}
	for _, e := range x.Equipment {
		capex += e.Cost
	}
	late, dear := 1.0, 1.0
	if x.Slip.Mean > 0 {
		late = x.Slip.Mean
	}
	if x.Slip.Overrun > 0 {
		dear = x.Slip.Overrun
	}
	return option.Hall{
		PUE: x.PUE, Rent: rent, Prelet: true, Escalator: c.Escalator, Let: (c.Firm + (1-c.Firm)*c.Billed) * (1 - c.Credits), Opex: x.Opex, Inflation: p.Inflation,
		Term: max(c.Term/12, 1), Residual: x.Residual * capex / x.Gross, Capex: capex / x.Gross * dear, Build: max(int(math.Ceil(months*late/3)), 1),
	}
}

// spreadOfYear is the deviation of the logarithm of the hashprice after a year.
func spreadOfYear(m *model.Model, f *risk.Futures) float64 {
	const futures = 500
	at := min(51, m.Grid().Steps()-1)
	x := f.New()
	var sum, squares float64
	for n := range uint64(futures) {
		f.Draw(n, x)
		v := math.Log(x.Price[at] * x.Hash[at])
		sum, squares = sum+v, squares+v*v
	}
	mean := sum / futures
	return math.Sqrt(squares/futures - mean*mean)
}

// Decide values the option.
func Decide(ctx context.Context, c option.Conversion, paths int, seed uint64) (option.Answer, error) {
	return c.Answer(ctx, option.Settings{Paths: paths, Fresh: paths, Degree: 2, Seed: seed, FreshSeed: seed + 1})
}
