package risk

import (
	"math"
	"time"

	"sluice/capital"
	"sluice/capital/model"
)

// Scenario is a future with a name.
type Scenario struct {
	Name    string
	NPV     float64
	Equity  float64 // at the end
	Least   float64 // least liquidity
	Broke   int     // month in which cash runs out; -1: never
	Breach  string  // first promise that breaks
	Quarter int     // in which it breaks; -1: none does
	Void    string  // why the scenario says nothing about this plan; empty: it does
}

// named is how a scenario changes the plan and the future.
type named struct {
	name string
	plan func(*capital.Plan)
	path func(*scene) error
	void func(capital.Plan) string
}

// scene is what a scenario works on.
type scene struct {
	f      *Futures
	future *Future
	prices []float64 // mean of each week of the power history
}

// winter is the stretch that is replayed: from the top of 2021 to the end of 2022.
func winter() (from, to time.Time) {
	return time.Date(2021, 11, 8, 0, 0, 0, 0, time.UTC), time.Date(2023, 1, 2, 0, 0, 0, 0, time.UTC)
}

// scenarios are those that stand beside every Monte Carlo run.
func scenarios() []named {
	flat := func(s *scene) error { s.f.market.Flat(&s.future.market); return nil }
	late := func(p capital.Plan) string { return none(len(p.Projects) == 0, "the plan has no project") }
	return []named{
		{name: "price and difficulty stay, the halving comes", path: flat},
		{name: "the halving comes in a year, at a flat price", path: func(s *scene) error { return s.f.market.Halving(52, &s.future.market) }},
		{name: "the winter of 2022 once more", path: func(s *scene) error {
			from, to := winter()
			return s.f.market.Replay(from, to, &s.future.market)
		}},
		{name: "hashprice at its historical low for a year", path: func(s *scene) error {
			low, _, err := s.f.market.Lowest()
			if err != nil {
				return err
			}
			return s.f.market.Low(low, 52, &s.future.market)
		}},
		{name: "a week of scarce power in six months", path: func(s *scene) error {
			s.f.market.Flat(&s.future.market)
			return s.f.market.Scarcity(26, dearest(s.prices), &s.future.market)
		}, void: func(p capital.Plan) string { return none(!historical(p), "no site buys power by a history") }},
		{name: "every tenant fails in month 18", path: func(s *scene) error {
			s.f.market.Flat(&s.future.market)
			for i := range s.future.Default {
				s.future.Default[i] = max(18-s.f.model.Starts(i), 0)
			}
			return nil
		}, void: late},
		{name: "twelve months late and 20 % dearer", path: func(s *scene) error {
			s.f.market.Flat(&s.future.market)
			for i := range s.future.Slip {
				longer := 1 + 12/max(s.f.model.Planned(i), 1)
				for k := range s.future.Slip[i] {
					s.future.Slip[i][k], s.future.Overrun[i][k] = longer, 1.2
				}
			}
			return nil
		}, void: late},
		{name: "equipment is worth nothing at the end of its life", path: flat, plan: func(p *capital.Plan) {
			for i := range p.Projects {
				for k := range p.Projects[i].Equipment {
					p.Projects[i].Equipment[k].Residual = 0
				}
			}
		}, void: func(p capital.Plan) string {
			for _, x := range p.Projects {
				if len(x.Equipment) > 0 {
					return ""
				}
			}
			return "no project has equipment of its own"
		}},
	}
}

func none(when bool, why string) string {
	if when {
		return why
	}
	return ""
}

func historical(p capital.Plan) bool {
	for _, s := range p.Sites {
		if s.Power.History != "" {
			return true
		}
	}
	return false
}

// dearest is the week with the highest mean price.
func dearest(prices []float64) int {
	at := 0
	for i, x := range prices {
		if x > prices[at] {
			at = i
		}
	}
	return at
}

// Scenarios runs a plan through all futures with a name. The first one is the yardstick
// of the others.
func (f *Futures) Scenarios(remake func(capital.Plan) (*model.Model, error)) ([]Scenario, error) {
	var out []Scenario
	for _, n := range scenarios() {
		x, err := f.scenario(n, remake)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (f *Futures) scenario(n named, remake func(capital.Plan) (*model.Model, error)) (Scenario, error) {
	p := f.model.Plan()
	if n.void != nil {
		if why := n.void(p); why != "" {
			return Scenario{Name: n.name, Void: why, Quarter: -1, Broke: -1}, nil
		}
	}
	m := f.model
	if n.plan != nil {
		p = copied(p)
		n.plan(&p)
		var err error
		if m, err = remake(p); err != nil {
			return Scenario{}, err
		}
	}
	s := &scene{f: f, future: f.still(), prices: m.PowerMeans()}
	if err := n.path(s); err != nil {
		return Scenario{Name: n.name, Void: err.Error(), Quarter: -1, Broke: -1}, nil //nolint:nilerr // a history that is too short for a scenario is said in its place
	}
	s.future.adopt()
	r := m.NewRun()
	m.Run(&s.future.Path, r)
	return told(n.name, m, r), nil
}

// still is a future in which nothing is late and nobody fails; its market is still to be written.
func (f *Futures) still() *Future {
	x := f.New()
	for i := range x.Slip {
		for k := range x.Slip[i] {
			x.Slip[i][k], x.Overrun[i][k] = 1, 1
		}
		x.Default[i] = math.Inf(1)
	}
	copy(x.Rent, f.model.Base().Rent)
	return x
}

// adopt lets the model see the market that was written.
func (x *Future) adopt() {
	x.Price, x.Hash, x.Power = x.market.Price, x.market.HashBTC, nil
	if len(x.market.Power) > 0 {
		x.Power = x.market.Power
	}
}

// told is what became of a plan.
func told(name string, m *model.Model, r *model.Run) Scenario {
	p := m.Plan()
	out := Scenario{Name: name, NPV: Value(p, FreeOf(r)), Least: least(r), Broke: r.Broke, Quarter: -1}
	out.Equity = r.Months[len(r.Months)-1][model.Equity]
	for q, t := range r.Tested {
		for _, k := range p.Covenants {
			if out.Quarter < 0 && k.From <= p.Begin.Add(t.Month) && headroom(k, t) < 0 {
				out.Breach, out.Quarter = k.Name, q
			}
		}
	}
	return out
}

// copied is a plan of which nothing is shared with another.
func copied(p capital.Plan) capital.Plan {
	p = p.Converted()
	p.Sources = nil // a source may speak of a figure that is moved to nought
	p.Sites = append([]capital.Site(nil), p.Sites...)
	for i := range p.Sites {
		p.Sites[i].Power.Price = append([]float64(nil), p.Sites[i].Power.Price...)
	}
	return p
}
