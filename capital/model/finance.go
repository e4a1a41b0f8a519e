package model

import (
	"errors"
	"fmt"
	"math"

	"sluice/capital"
	"sluice/capital/loan"
)

// ErrCircular says that the size of a loan does not come to rest: it depends on
// cost, cost on interest, and interest on its size.
var ErrCircular = errors.New("circular funding")

// rounds is how often the size of a loan is computed again until it stays.
const rounds = 50

// settled is the change of a size, in money, below which it has come to rest.
const settled = 0.01

// finance sizes all loans, one after the other.
func (m *Model) finance() (err error) {
	if m.policy, err = policyOf(m.plan.Treasury); err != nil {
		return err
	}
	m.weeks = m.grid.Weeks[0]
	for _, l := range m.plan.Loans {
		f := facility{Loan: l, project: -1, size: l.Amount}
		for i, p := range m.plan.Projects {
			if p.Name == l.For {
				f.project = i
			}
		}
		if f.project < 0 {
			f.standing = l.First <= m.plan.Begin
			err = f.repay(nil)
		} else {
			err = m.size(&f)
		}
		if err != nil {
			return fmt.Errorf("loan %q: %w", l.Name, err)
		}
		m.loans = append(m.loans, f)
	}
	return nil
}

// size finds the size of a loan to a project on the path that the plan expects.
func (m *Model) size(f *facility) error {
	p := &m.projects[f.project]
	f.uses = p.cost + p.equipment
	b, costs := m.planned(f.project)
	first := int(math.Ceil(b.ready))
	last := f.size
	for range rounds {
		cafds := m.cafds(f, b, first)
		size, err := f.fit(cafds)
		if err != nil {
			return err
		}
		f.size = size
		f.idc = f.interest(costs, first)
		f.share = 0
		if f.uses > 0 {
			f.share = (f.size - f.idc) / f.uses
		}
		if math.Abs(size-last) < settled {
			return f.check()
		}
		last = size
	}
	return fmt.Errorf("its size still moves from %.2f to %.2f after %d rounds: state an amount, or a lower most_of_cost: %w", last, f.size, rounds, ErrCircular)
}

// check refuses a loan that is larger than what it is for.
func (f *facility) check() error {
	if f.size-f.idc > f.uses+settled {
		return fmt.Errorf("%.0f without interest is more than the %.0f that the project costs: lower amount or most_of_cost: %w", f.size-f.idc, f.uses, ErrPlan)
	}
	return nil
}

// fit is the size of a loan for a row of cash, and its repayment.
func (f *facility) fit(cafds []float64) (float64, error) {
	most := math.Inf(1)
	if f.MostOfCost > 0 {
		most = f.MostOfCost * (f.uses + f.idc + f.Upfront*f.size)
	}
	if f.Kind != capital.Sculpted {
		f.size = min(f.Amount, most)
		if f.Amount == 0 {
			f.size = most
		}
		return f.size, f.repay(nil)
	}
	s, err := loan.Sculpt(cafds[f.OnlyIntr:], f.Rate/12, f.DSCR)
	if err != nil {
		return 0, err
	}
	s = after(s, f.Rate/12, f.OnlyIntr)
	size := min(s.Debt, most)
	if f.Amount > 0 {
		size = min(size, f.Amount)
	}
	f.size = size
	return size, f.repay(&s)
}

// repay lays the repayment out, as shares of the size.
func (f *facility) repay(sculpted *loan.Schedule) error {
	s, err := f.schedule(sculpted)
	if err != nil {
		return err
	}
	f.principal, f.service = make([]float64, len(s.Principal)), make([]float64, len(s.Principal))
	for i := range s.Principal {
		f.principal[i], f.service[i] = s.Principal[i]/s.Debt, s.Service[i]/s.Debt
	}
	return nil
}

func (f *facility) schedule(sculpted *loan.Schedule) (loan.Schedule, error) {
	if sculpted != nil {
		return *sculpted, nil
	}
	rate := f.Rate / 12
	switch f.Kind {
	case capital.Annuity:
		return loan.Annuity(f.size, rate, f.Tenor, f.OnlyIntr)
	case capital.Linear:
		return loan.Linear(f.size, rate, f.Tenor, f.OnlyIntr)
	}
	return loan.Bullet(f.size, rate, f.Tenor)
}

// after is a repayment that begins after months in which only interest is paid: the
// ramp of a contract carries no more.
func after(s loan.Schedule, rate float64, months int) loan.Schedule {
	for range months {
		interest := s.Debt * rate
		s.Principal, s.Interest = append([]float64{0}, s.Principal...), append([]float64{interest}, s.Interest...)
		s.Service, s.Balance = append([]float64{interest}, s.Service...), append([]float64{s.Debt}, s.Balance...)
	}
	return s
}

// planned is a project on the path that the plan expects, and what it pays by month.
func (m *Model) planned(i int) (*building, []float64) {
	p := &m.projects[i]
	n := len(p.Phases)
	b := &building{begin: make([]float64, n), finish: make([]float64, n), length: make([]float64, n), cost: make([]float64, n)}
	p.raise(i, &Path{}, b)
	costs := make([]float64, int(math.Ceil(b.ready))+1)
	for k := range p.Phases {
		for t := range costs {
			costs[t] += b.cost[k] * (b.paid(k, float64(t+1)) - b.paid(k, float64(t)))
		}
	}
	for _, e := range p.Equipment {
		t := min(max(int(math.Ceil(b.first-e.Lead))-1, 0), len(costs)-1)
		costs[t] += e.Cost
	}
	return b, costs
}

// interest is what a loan takes while its project is built, as planned.
func (f *facility) interest(costs []float64, first int) (idc float64) {
	room, built, balance := f.size-f.idc, 0.0, 0.0
	for t, cost := range costs {
		if t >= first {
			break
		}
		built += cost
		x := min(f.carries(cost, built), room)
		room -= x
		balance += x
		due := balance * f.Rate / 12
		idc += due
		balance += due
	}
	return idc
}

// cafds is the cash that a project has for its debt, by month after its completion,
// after taxes as if it stood alone.
func (m *Model) cafds(f *facility, b *building, first int) []float64 {
	p := &m.projects[f.project]
	out := make([]float64, f.Tenor)
	var profit, losses float64
	balance := f.size
	for n := range out {
		t := float64(first + n)
		b.energised = p.energised(b, t+0.5)
		owed, _, critical := p.rent(b, t, t+1, math.Pow(1-m.plan.Market.RentDecay, t/12))
		earned := owed * (1 - p.Contract.Credits)
		earned -= p.Opex / 12 * math.Pow(1+m.plan.Inflation, float64(int(t/12))) * b.energised / p.PUE
		if !p.Contract.PassThrough {
			earned -= critical * p.PUE * p.Contract.Load * hoursOfMonth * m.sites[p.site].expected(t)
		}
		profit += earned - balance*f.Rate/12
		if n < len(f.principal) {
			balance -= f.principal[n] * f.size
		}
		out[n] = earned
		if (n+1)%12 == 0 {
			tax := m.tax(p, n/12, profit, &losses)
			for k := n - 11; k <= n; k++ {
				out[k] -= tax / 12
			}
			profit = 0
		}
	}
	return out
}

// tax is what a project alone would pay in a year after its completion.
func (m *Model) tax(p *project, year int, profit float64, losses *float64) float64 {
	for _, f := range p.Phases {
		profit -= f.Cost * writtenOff(f.Tax, f.Years, year)
	}
	for _, e := range p.Equipment {
		profit -= e.Cost * writtenOff(e.Tax, e.Years, year)
	}
	if profit <= 0 {
		*losses -= profit
		return 0
	}
	used := min(profit, *losses)
	*losses -= used
	return (profit - used) * m.plan.Tax.Rate
}

// writtenOff is the share that tax lets be written off in a year, counted from 0.
func writtenOff(life string, years float64, year int) float64 {
	if table := taxTable(life); table != nil {
		if year < len(table) {
			return table[year]
		}
		return 0
	}
	if years == 0 {
		return 0
	}
	return min(max(years-float64(year), 0), 1) / years
}
