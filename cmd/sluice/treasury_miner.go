package main

import (
	"errors"
	"fmt"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/treasury"
)

// treasuryMiner is the miner of a plan: all its sites together, as the plan works out
// their first year where nothing is converted.
type treasuryMiner struct {
	treasury.Miner

	mw      float64 // at the meter
	runs    float64 // share of the hours in which machines run that could
	standby float64 // uptime before that
	loans   int     // to the company, whose service is in it
	project int     // loans that are left out with their projects
}

// bills is what a week costs, where the machines run.
func (m *treasuryMiner) bills() float64 {
	return 7*0.024*m.Efficiency*m.PUE*m.PH*m.Uptime*m.Power + m.Opex + m.Service
}

// minerOf is the miner of the plan.
func (s *treasuryReport) minerOf() (treasuryMiner, error) {
	p := s.plan.plan
	for _, x := range s.plan.plan.Projects {
		p = planWithout(p, x.Name)
	}
	p.Hedges, p.Pledges, p.Rounds, p.Covenants = nil, nil, nil, nil
	m, r, err := s.plan.compute(p)
	if err != nil {
		return treasuryMiner{}, err
	}
	out := treasuryMiner{Miner: treasury.Miner{Stops: true, SaleCost: s.in.saleCost, Cash: p.Opening.Cash, BTC: p.Opening.BTC}}
	if err := out.fleet(p, m, r); err != nil {
		return out, err
	}
	out.owe(m, len(s.plan.plan.Loans))
	if s.in.service >= 0 {
		out.Service = s.in.service
	}
	return out, out.Check()
}

// errNoFleet says that a plan has nothing that mines.
var errNoFleet = errors.New("no machine of the plan mines in its first year")

// weekOfYear is a week as a part of a year.
const weekOfYear = 7.0 / 365

// fleet sums the sites up over the first year of a run: power, hashes, what they cost.
func (t *treasuryMiner) fleet(p capital.Plan, m *model.Model, r *model.Run) error {
	var ph, up, fee, energy, full, ran, could, cost, weighed float64
	base := m.Base()
	for i, s := range p.Sites {
		f := s.Fleet
		for k := range 12 {
			l := &r.Sites[i][k]
			t.Opex -= (l[model.Opex] + l[model.Upkeep]) * weekOfYear
			if f.MW == 0 {
				continue
			}
			hours := p.Begin.Add(k + 1).Begin().Sub(p.Begin.Add(k).Begin()).Hours()
			most := base.Hash[k] * (1 - f.Fee) / (0.024 * f.Efficiency * f.PUE) * f.MW * f.Uptime * hours // coins
			ran += l[model.Mined] / most * f.MW * f.Uptime * hours
			could += f.MW * f.Uptime * hours
			cost -= l[model.Energy] + l[model.Running]
		}
		if f.MW == 0 {
			continue
		}
		hashes := f.MW * 1000 / (f.Efficiency * f.PUE)
		ph, up, fee = ph+hashes, up+hashes*f.Uptime, fee+hashes*f.Uptime*f.Fee
		t.mw, energy, full = t.mw+f.MW, energy+f.MW*f.Uptime, full+f.MW
		weighed += f.MW / f.PUE
	}
	for k := range 12 {
		t.Opex -= r.Months[k][model.Opex] * weekOfYear
		for i := range p.Sites {
			t.Opex += r.Sites[i][k][model.Opex] * weekOfYear // counted with its site
		}
	}
	if ran <= 0 {
		return fmt.Errorf("%w: give a site a fleet with mw, at a price of power below what it earns", errNoFleet)
	}
	t.standby, t.runs = up/ph, ran/could
	t.PH, t.Fee, t.Uptime, t.Power = ph, fee/up, t.standby*t.runs, cost/ran
	t.PUE = full / weighed
	t.Efficiency = energy * 1000 / (ph * t.standby) / t.PUE // so that hashes draw the power of the plan
	return nil
}

// owe adds the debt service of a week: the mean of the first year of loans to the
// company that are owed when the plan begins.
func (t *treasuryMiner) owe(m *model.Model, all int) {
	for _, l := range m.Loans() {
		if l.Project >= 0 || !l.Standing {
			continue
		}
		t.loans++
		n := min(12, len(l.Service))
		for _, x := range l.Service[:n] {
			t.Service += x * l.Size / float64(n) * 12 * weekOfYear
		}
	}
	t.project = all - t.loans
}

// older is the miner with machines of another efficiency at the same power.
func (t treasuryMiner) older(efficiency float64) treasuryMiner {
	if efficiency > 0 {
		t.PH *= t.Efficiency / efficiency
		t.Efficiency = efficiency
	}
	return t
}

// with is the miner with loans against coins, each as large as the coins carry that
// are left at a price; what they lend is cash.
func (t treasuryMiner) with(pledges []capital.Pledge, price float64) (treasury.Miner, []float64) {
	m := t.Miner
	free := m.BTC
	lent := make([]float64, len(pledges))
	for i, p := range pledges {
		owed := min(p.Amount, free*price*p.LTV)
		if owed < 1 {
			continue
		}
		lent[i] = owed
		free = max(free-owed/(p.LTV*price), 0)
		m.Cash += owed
		m.Loans = append(m.Loans, rungOf(p, owed))
	}
	return m, lent
}

// rungOf is a loan of the plan as it is stepped: a call that is not met within its
// week ends in a sale.
func rungOf(p capital.Pledge, owed float64) treasury.Rung {
	return treasury.Rung{Name: p.Name, Owed: owed, LTV0: p.LTV, Call: p.Call, Cure: p.Cure, Liquidation: p.Liquidate, Rate: p.Rate}
}
