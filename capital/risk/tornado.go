package risk

import (
	"math"
	"slices"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
)

// Lever is one input that is moved while all others stay. Low and High are by what it
// is multiplied, or, where Added, what is added to it.
type Lever struct {
	Name      string
	Low, High float64
	Added     bool
	From      string // where the range comes from
	plan      func(*capital.Plan, float64)
	path      func(*model.Path, float64)
}

// Bar is what moving one input does to the NPV of a plan.
type Bar struct {
	Lever
	AtLow, AtHigh float64
}

// Width is how far an input moves the NPV.
func (b Bar) Width() float64 { return math.Abs(b.AtHigh - b.AtLow) }

// Tornado moves one input at a time between the values that 10 % and 90 % of the
// futures stay below, widest first.
func (f *Futures) Tornado(remake func(capital.Plan) (*model.Model, error)) ([]Bar, error) {
	var out []Bar
	for _, l := range f.levers() {
		b := Bar{Lever: l}
		var err error
		if b.AtLow, err = f.moved(l, l.Low, remake); err != nil {
			return nil, err
		}
		if b.AtHigh, err = f.moved(l, l.High, remake); err != nil {
			return nil, err
		}
		if b.Width() > 0 {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Bar) int {
		switch {
		case a.Width() > b.Width():
			return -1
		case a.Width() < b.Width():
			return 1
		}
		return 0
	})
	return out, nil
}

// moved is the NPV of the expected path with one input moved.
func (f *Futures) moved(l Lever, x float64, remake func(capital.Plan) (*model.Model, error)) (float64, error) {
	m := f.model
	if l.plan != nil {
		p := copied(m.Plan())
		l.plan(&p, x)
		var err error
		if m, err = remake(p); err != nil {
			return 0, err
		}
	}
	b := m.Base()
	if l.path != nil {
		l.path(b, x)
	}
	r := m.NewRun()
	m.Run(b, r)
	return Value(m.Plan(), FreeOf(r)), nil
}

// sampled is how many futures the ranges of the market are read from.
const sampled = 500

// levers are the inputs that are moved, with their ranges.
func (f *Futures) levers() []Lever {
	price, hash := f.ranges()
	times := func(row []float64, x float64) {
		for j := range row {
			row[j] *= x
		}
	}
	out := []Lever{
		{Name: "price of bitcoin", Low: price[0], High: price[1], From: "paths, mean over the plan", path: func(p *model.Path, x float64) { times(p.Price, x) }},
		{Name: "bitcoin per hash", Low: hash[0], High: hash[1], From: "paths, mean over the plan", path: func(p *model.Path, x float64) { times(p.Hash, x) }},
		{Name: "price of power", Low: 0.8, High: 1.2, From: "assumed", plan: func(p *capital.Plan, x float64) {
			for i := range p.Sites {
				times(p.Sites[i].Power.Price, x)
				p.Sites[i].Power.Delivery *= x
			}
		}},
		{Name: "rate of contracts", Low: 0.9, High: 1.1, From: "assumed", plan: func(p *capital.Plan, x float64) {
			for i := range p.Projects {
				p.Projects[i].Contract.Rate *= x
			}
		}},
		{Name: "operating cost", Low: 0.9, High: 1.1, From: "assumed", plan: func(p *capital.Plan, x float64) {
			p.Overhead *= x
			for i := range p.Sites {
				p.Sites[i].Opex *= x
			}
			for i := range p.Projects {
				p.Projects[i].Opex *= x
			}
		}},
		{Name: "residual values", Low: 0, High: 2, From: "assumed, nothing to twice", plan: func(p *capital.Plan, x float64) {
			for i := range p.Projects {
				p.Projects[i].Residual = min(p.Projects[i].Residual*x, 1)
				for k := range p.Projects[i].Equipment {
					e := &p.Projects[i].Equipment[k]
					e.Residual = min(e.Residual*x, 1)
				}
			}
		}},
		{Name: "discount rate", Low: -0.02, High: 0.02, Added: true, From: "assumed", plan: func(p *capital.Plan, x float64) { p.Discount += x }},
		{Name: "decay of compute rents", Low: 0.20, High: 0.35, From: "planning range", plan: func(p *capital.Plan, x float64) { p.Market.RentDecay = x }},
	}
	return append(out, f.builds()...)
}

// builds are delays and overruns, between the multipliers of their distributions.
func (f *Futures) builds() []Lever {
	var slip, cost path.Multiplier
	for _, d := range f.delays {
		for _, x := range d.Phases {
			slip.Mu, slip.Sigma = max(slip.Mu, x.Slip.Mu), max(slip.Sigma, x.Slip.Sigma)
			cost.Mu, cost.Sigma = max(cost.Mu, x.Cost.Mu), max(cost.Sigma, x.Cost.Sigma)
		}
	}
	return []Lever{
		{Name: "time to build", Low: slip.Quantile(0.1), High: slip.Quantile(0.9), From: "distribution of delays", plan: func(p *capital.Plan, x float64) {
			for i := range p.Projects {
				for k := range p.Projects[i].Phases {
					p.Projects[i].Phases[k].Months *= x
				}
			}
		}},
		{Name: "cost to build", Low: cost.Quantile(0.1), High: cost.Quantile(0.9), From: "distribution of overruns", plan: func(p *capital.Plan, x float64) {
			for i := range p.Projects {
				p.Projects[i].Capex = 0
				for k := range p.Projects[i].Phases {
					p.Projects[i].Phases[k].Cost *= x
				}
			}
		}},
	}
}

// ranges are by what the price of bitcoin, and the hashprice in it, differ from the
// expected path on the mean of a plan: what 10 % and 90 % of the futures stay below.
func (f *Futures) ranges() (price, hash [2]float64) {
	base, x := f.model.Base(), f.New()
	var prices, hashes []float64
	for n := range uint64(sampled) {
		f.Draw(n, x)
		prices = append(prices, mean(x.Price)/mean(base.Price))
		hashes = append(hashes, mean(x.Hash)/mean(base.Hash))
	}
	slices.Sort(prices)
	slices.Sort(hashes)
	ends := func(s []float64) [2]float64 { return [2]float64{capital.Quantile(s, 0.1), capital.Quantile(s, 0.9)} }
	return ends(prices), ends(hashes)
}

func mean(row []float64) float64 {
	var sum float64
	for _, x := range row {
		sum += x
	}
	return sum / float64(len(row))
}
