package main

import (
	"math"

	"sluice/capital"
	"sluice/capital/model"
)

// planProject is what a project brings.
type planProject struct {
	project capital.Project
	alone   planWorths // nothing but the project, without loans
	against planWorths // the plan with it less the plan without it
	ready   float64    // months since the begin of the plan
	first   capital.Month
	rent    float64 // of the first twelve months that it is let, less credits
	earns   float64 // EBITDA of these months
	delays  []planDelay
	cost    planCost
	mining  float64 // revenue of what it displaces, for a MW-year, in the plan's first year
}

// planCost is the cost of what a project sells over its life.
//
// Formula: present value of all costs over that of what is let. Source: docs/plan.md.
type planCost struct {
	unit     string
	cost     float64 // for a unit, residual values taken off
	whole    float64 // with the mining that is forgone
	rent     float64 // what a unit brings, likewise
	delivers float64 // units, not discounted
}

// planDelay is what a delay of some months takes, against the plan.
type planDelay struct {
	months                       int
	rent, opex, mining, interest float64 // by the end of the ramp after it
	npv                          float64 // of free cash over the whole plan
}

// planAlone is a plan of nothing but one project: no mining, no loans, no company.
func planAlone(p capital.Plan, i int) capital.Plan {
	project := p.Projects[i]
	out := capital.Plan{
		Name: p.Name, Currency: p.Currency, Begin: p.Begin, Years: p.Years, Discount: p.Discount, Inflation: p.Inflation, Terminal: p.Terminal,
		Tax: capital.Tax{Rate: p.Tax.Rate}, Market: p.Market, Projects: []capital.Project{project},
	}
	for _, x := range p.Sites {
		if x.Name == project.Site {
			x.Fleet, x.Opex = capital.Fleet{}, 0
			out.Sites = []capital.Site{x}
		}
	}
	return out
}

func (s *planReport) projectOf(i int) (planProject, error) {
	p := s.plan.Projects[i]
	w := planProject{project: p, ready: s.run.Ready[i]}
	_, lone, err := s.compute(planAlone(s.plan, i))
	if err != nil {
		return w, err
	}
	_, rest, err := s.compute(planWithout(s.plan, p.Name))
	if err != nil {
		return w, err
	}
	w.alone = s.three(planFrees(lone), lone.Residuals, lone.Multiple)
	flows := planFrees(s.run)
	for k, f := range planFrees(rest) {
		flows[k] -= f
	}
	w.against = s.three(flows, s.run.Residuals-rest.Residuals, s.run.Multiple-rest.Multiple)
	w.firstYear(s, lone)
	w.cost = s.levelise(p, lone, rest)
	w.delays = s.delay(i)
	w.mining = s.displaced(p, rest)
	return w, nil
}

// firstYear is what the first twelve months of rent bring.
func (w *planProject) firstYear(s *planReport, lone *model.Run) {
	begin := -1
	for k := range lone.Months {
		l := &lone.Months[k]
		if begin < 0 && l[model.Hosted] > 0 {
			begin, w.first = k, s.plan.Begin.Add(k)
		}
		if begin >= 0 && k < begin+12 {
			w.rent += l[model.Rent] + l[model.Credit]
			w.earns += model.EBITDA(l)
		}
	}
}

// levelise spreads the costs of a project over what it sells.
func (s *planReport) levelise(p capital.Project, lone, rest *model.Run) planCost {
	out := planCost{unit: "critical MWh"}
	units := 1.0
	if p.Contract.Unit == capital.PerGPUHour {
		out.unit, units = "GPU-hour", 1000/p.Contract.KW
	}
	rate := capital.PerPeriod(s.plan.Discount, 12)
	billed := p.Contract.Firm + (1-p.Contract.Firm)*p.Contract.Billed
	var cost, forgone, rent, sold float64
	for k := range lone.Months {
		l, d := &lone.Months[k], math.Pow(1+rate, -float64(k+1))
		cost -= d * (l[model.Built] + l[model.Bought] + l[model.Opex] + l[model.Energy] + l[model.PassedOn])
		rent += d * (l[model.Rent] + l[model.Credit])
		forgone += d * (model.EBITDA(&rest.Months[k]) + model.EBITDA(l) - model.EBITDA(&s.run.Months[k]))
		n := l[model.Hosted] / p.PUE * s.model.Grid().Hours[k] * billed * units
		sold += d * n
		out.delivers += n
	}
	if sold == 0 {
		return planCost{unit: out.unit}
	}
	cost -= lone.Residuals * math.Pow(1+rate, -float64(len(lone.Months)))
	out.cost, out.whole, out.rent = cost/sold, (cost+forgone)/sold, rent/sold
	return out
}

// displaced is what a MW of the site that a project stands on earns by mining in the
// first year of the plan without it; 0: nothing mines there.
func (s *planReport) displaced(p capital.Project, rest *model.Run) float64 {
	for i, x := range s.plan.Sites {
		if x.Name != p.Site || x.Fleet.MW == 0 {
			continue
		}
		var sum float64
		for k := range 12 {
			sum += rest.Sites[i][k][model.Mining]
		}
		return sum / x.Fleet.MW
	}
	return 0
}

// delay is what some delays of a project cost.
func (s *planReport) delay(i int) (out []planDelay) {
	rate := capital.PerPeriod(s.plan.Discount, 12)
	base := capital.Present(rate, planFrees(s.run))
	for _, months := range []int{1, 3, 6, 12} {
		late := s.late(i, months)
		if late == nil {
			continue
		}
		d := planDelay{months: months, npv: capital.Present(rate, planFrees(late)) - base}
		until := min(int(math.Ceil(s.run.Ready[i]))+months+len(s.plan.Projects[i].Contract.Ramp)+1, len(s.run.Months))
		for k := range until {
			change := func(lines ...model.Line) (sum float64) {
				for _, l := range lines {
					sum += late.Months[k][l] - s.run.Months[k][l]
				}
				return sum
			}
			d.rent += change(model.Rent, model.Credit)
			d.opex += change(model.Opex)
			d.mining += change(model.Mining, model.Energy, model.PassedOn, model.Running, model.Upkeep)
			d.interest += change(model.Interest, model.Capitalised, model.Fees)
		}
		out = append(out, d)
	}
	return out
}

// late is the plan with a project that takes some months longer in the last of its
// phases on which its end depends; nil: it does not depend on any, or is late after
// the plan has ended.
func (s *planReport) late(i, months int) *model.Run {
	phases := s.plan.Projects[i].Phases
	for k := len(phases) - 1; k >= 0; k-- {
		if phases[k].Months == 0 {
			continue
		}
		path := s.model.Base()
		for n, p := range s.plan.Projects {
			path.Slip = append(path.Slip, make([]float64, len(p.Phases)))
			path.Overrun = append(path.Overrun, make([]float64, len(p.Phases)))
			for x := range p.Phases {
				path.Slip[n][x], path.Overrun[n][x] = 1, 1
			}
		}
		path.Slip[i][k] = (phases[k].Months + float64(months)) / phases[k].Months
		r := s.model.NewRun()
		s.model.Run(path, r)
		if math.Abs(r.Ready[i]-s.run.Ready[i]-float64(months)) < 1e-6 && r.Ready[i] < float64(len(r.Months)) {
			return r
		}
	}
	return nil
}
