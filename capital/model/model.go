package model

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/treasury"
)

// ErrPlan says that a plan cannot be computed.
var ErrPlan = errors.New("no plan that can be computed")

// Model is a plan made ready for paths. It is not changed by a run, so that many
// runs can go on at once.
type Model struct {
	plan     capital.Plan // all money in the plan's currency
	grid     Grid
	sites    []site
	projects []project
	loans    []facility
	pledges  []capital.Pledge
	opening  asset
	policy   treasury.Policy
	weeks    float64 // of a step
}

// site is a place with its power laid out over the steps.
type site struct {
	capital.Site
	hours      *Hours
	petahashes float64   // PH days that a MWh makes, less the fee of the pool
	projects   []int     // that are built here
	scale      []float64 // per step: by how much the prices of the history are multiplied
	flat       []float64 // per step: price of power where there is no history, delivery in it
}

// New makes a plan ready on a grid. Histories are the power prices that sites name.
// Loans are sized here, on the path that the plan expects, and stay as they are on
// every other path, as a bank would have it.
func New(p capital.Plan, g Grid, histories map[string]*Hours) (*Model, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	m := &Model{plan: p.Converted(), grid: g}
	for _, s := range m.plan.Sites {
		laid, err := m.place(s, histories)
		if err != nil {
			return nil, err
		}
		m.sites = append(m.sites, laid)
	}
	for i, p := range m.plan.Projects {
		m.projects = append(m.projects, m.layOut(p))
		s := &m.sites[m.projects[i].site]
		s.projects = append(s.projects, i)
	}
	m.opening = asset{site: -1, cost: m.plan.Opening.Plant, taxed: m.plan.Opening.Taxed, years: m.plan.Opening.Years, taxYears: m.plan.Opening.Years, from: 0}
	m.pledges = m.plan.Pledges
	return m, m.finance()
}

// Plan is the plan as it is computed, all money in its currency.
func (m *Model) Plan() capital.Plan { return m.plan }

// Grid is the steps.
func (m *Model) Grid() Grid { return m.grid }

func (m *Model) place(s capital.Site, histories map[string]*Hours) (site, error) {
	out := site{Site: s, flat: make([]float64, m.grid.Steps()), scale: make([]float64, m.grid.Steps())}
	if f := &s.Fleet; f.MW > 0 {
		out.petahashes = (1 - f.Fee) / (0.024 * f.Efficiency * f.PUE)
	}
	if s.Power.History != "" {
		h := histories[s.Power.History]
		if h == nil {
			return site{}, fmt.Errorf("site %q: history %q of power prices was not given: name a file for it, or a price for each year: %w", s.Name, s.Power.History, ErrHistory)
		}
		out.hours = h
	}
	for j := range m.grid.Steps() {
		price, said := yearly(s.Power.Price, m.grid.From[j])
		out.flat[j], out.scale[j] = price+s.Power.Delivery, 1
		if out.hours != nil && said {
			if out.hours.Mean() <= 0 || price < 0 {
				return site{}, fmt.Errorf("site %q: history %q with a mean of %.2f cannot be scaled to %.2f: leave out price_per_mwh to use it as it is: %w", s.Name, s.Power.History, out.hours.Mean(), price, ErrHistory)
			}
			out.scale[j] = price / out.hours.Mean()
		}
	}
	return out, nil
}

// yearly is the value of a row by years of the plan; the last goes on.
func yearly(row []float64, month float64) (value float64, said bool) {
	if len(row) == 0 {
		return 0, false
	}
	return row[min(int(month/12), len(row)-1)], true
}

// grown is how many times larger a cost is than at the begin of the plan.
func (m *Model) grown(j int) float64 {
	return math.Pow(1+m.plan.Inflation, float64(int(m.grid.From[j]/12)))
}

// runs is what a fleet that stops above its strike draws and pays in a step: the
// share of its hours, and the price that it pays for a MWh of capacity.
func (s *site) runs(j int, strike float64, path *Path) (share, paid float64) {
	if s.hours == nil {
		if s.flat[j] < strike {
			return 1, s.flat[j]
		}
		return 0, 0
	}
	w := &s.hours.all
	if path.Power != nil {
		w = &s.hours.weeks[path.Power[j]]
	}
	k := s.scale[j]
	if k == 0 {
		k = 1e-12 // every hour costs nothing but its delivery
	}
	share, paid = w.below((strike - s.Power.Delivery) / k)
	return share, paid*k + share*s.Power.Delivery
}

// mean is the mean price of power of a step, delivery in it.
func (s *site) mean(j int, path *Path) float64 {
	if s.hours == nil {
		return s.flat[j]
	}
	if path.Power == nil {
		return s.hours.all.mean*s.scale[j] + s.Power.Delivery
	}
	return s.hours.weeks[path.Power[j]].mean*s.scale[j] + s.Power.Delivery
}

// Planned is how many months a project takes to build, as planned.
func (m *Model) Planned(project int) float64 {
	b, _ := m.planned(project)
	return b.ready - m.projects[project].begin
}

// Starts is the month of the plan in which the rent of a project begins, as planned.
func (m *Model) Starts(project int) float64 {
	b, _ := m.planned(project)
	return b.start
}

// PowerMeans is the mean price of each week of the power history of the first site
// that has one; nil where none has.
func (m *Model) PowerMeans() []float64 {
	for i := range m.sites {
		if h := m.sites[i].hours; h != nil {
			out := make([]float64, len(h.weeks))
			for k := range out {
				out[k] = h.weeks[k].mean
			}
			return out
		}
	}
	return nil
}
