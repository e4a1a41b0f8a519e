package model

import (
	"math"

	"sluice/capital"
)

// facility is a loan with its size and its repayment, fixed before any path is known.
type facility struct {
	capital.Loan
	project   int       // -1: the company
	standing  bool      // owed when the plan begins
	size      float64   // commitment, interest during construction in it
	idc       float64   // that interest, as planned
	uses      float64   // all that the project costs, as planned
	share     float64   // of each payment that it carries, pro rata
	principal []float64 // by month after completion, of size
	service   []float64 // as planned, of size, for the reserve
}

// opened is a facility at the begin of the plan.
func (f *facility) opened() owed {
	if !f.standing {
		return owed{converted: -1}
	}
	return owed{balance: f.size, drawn: f.size, whole: f.size}
}

// Sized is a loan as it was sized, before any path is known.
type Sized struct {
	capital.Loan
	Project   int       // place of the project in the plan; -1: the company
	Standing  bool      // owed when the plan begins
	Size      float64   // commitment
	Interest  float64   // during construction, as planned, in Size
	Uses      float64   // what the project costs, as planned
	Share     float64   // of each payment that it carries, where draws are pro rata
	Principal []float64 // by month after completion, of Size
	Service   []float64 // as planned, of Size
}

// Loans are the loans of the plan as they were sized.
func (m *Model) Loans() (out []Sized) {
	for _, f := range m.loans {
		out = append(out, Sized{Loan: f.Loan, Project: f.project, Standing: f.standing, Size: f.size, Interest: f.idc, Uses: f.uses, Share: f.share, Principal: f.principal, Service: f.service})
	}
	return out
}

// owed is a loan on a path.
type owed struct {
	balance     float64
	drawn       float64 // so far, capitalised interest in it
	whole       float64 // balance when repayment began
	converted   int     // month of the plan in which repayment begins; -1: not yet
	reserve     float64
	capitalised float64 // interest while it was built
}

// draw takes from the loans of a project what they carry of a payment.
func (r *Run) draw(i int, cost float64) {
	if cost <= 0 {
		return
	}
	b := &r.projects[i]
	b.built += cost
	for k := range r.m.loans {
		f, o := &r.m.loans[k], &r.loans[k]
		if f.project != i || o.converted >= 0 {
			continue
		}
		x := min(f.carries(cost, b.built), f.size-f.idc-(o.drawn-o.capitalised), f.size-o.drawn)
		if x <= 0 {
			continue
		}
		if o.drawn == 0 {
			r.earn(r.m.projects[i].site, Fees, -f.Upfront*f.size)
		}
		o.balance += x
		o.drawn += x
		r.pay(r.m.projects[i].site, Drawn, x)
	}
}

// carries is what a loan pays of a cost, when built is paid with it.
func (f *facility) carries(cost, built float64) float64 {
	switch f.Order {
	case capital.DebtFirst:
		return cost
	case capital.EquityFirst:
		own := f.uses - (f.size - f.idc)
		return min(cost, max(built-own, 0))
	}
	return cost * f.share
}

// serve pays what a loan takes at the end of a month, and returns what was due.
func (r *Run) serve(i, k int) (due float64) {
	f, o := &r.m.loans[i], &r.loans[i]
	if f.project >= 0 && o.converted < 0 {
		return r.carry(i, k)
	}
	if o.balance <= 0 || o.converted > k {
		return 0
	}
	interest, n := o.balance*f.Rate/12, k-o.converted
	principal := o.balance
	if n < len(f.principal)-1 {
		principal = min(f.principal[n]*o.whole, o.balance)
	}
	r.earn(-1, Interest, -interest)
	r.pay(-1, Repaid, -principal)
	o.balance -= principal
	r.reserveFor(f, o, n+1)
	return interest + principal
}

// carry is a loan while its project is built: interest becomes part of the plant as
// long as the commitment reaches, and is paid after that.
func (r *Run) carry(i, k int) (due float64) {
	f, o := &r.m.loans[i], &r.loans[i]
	p, b := &r.m.projects[f.project], &r.projects[f.project]
	interest := o.balance * f.Rate / 12
	taken := min(interest, f.size-o.drawn)
	r.pay(p.site, Drawn, taken)
	o.balance += taken
	o.drawn += taken
	o.capitalised += taken
	r.pay(p.site, Capitalised, -interest)
	if interest > 0 {
		a := &r.assets[b.asset[len(p.Phases)-1]]
		a.cost += interest
		a.taxed += interest
		b.interest += interest
	}
	r.earn(p.site, Fees, -(f.size-o.drawn)*f.Commitment/12)
	if float64(k+1) >= b.ready && b.done() {
		o.converted, o.whole = k+1, o.balance
		r.reserveFor(f, o, 0)
	}
	return interest - taken
}

// reserveFor puts aside what the next months of service will take, never takes of it
// before the end, and releases it then.
func (r *Run) reserveFor(f *facility, o *owed, n int) {
	if f.Reserve == 0 {
		return
	}
	var target float64
	for x := n; x < len(f.service) && float64(x-n) < f.Reserve; x++ {
		target += f.service[x] * o.whole
	}
	move := min(max(target-o.reserve, 0), max(r.cash, 0))
	if o.balance <= 1e-6 {
		move = -o.reserve
	}
	o.reserve += move
	r.reserve += move
	r.pay(-1, Reserved, -move)
}

// sweep repays early out of what a month leaves, while coverage is low.
func (r *Run) sweep(i, k int) {
	f, o := &r.m.loans[i], &r.loans[i]
	if f.Sweep == 0 || o.balance <= 0 || o.converted < 0 || o.converted > k {
		return
	}
	cover, due := r.coverage(k)
	l := &r.Months[k]
	if !due || cover >= f.SweepBelow {
		return
	}
	x := min(f.Sweep*max(l[Available]-l[Service], 0), o.balance, max(r.cash, 0))
	o.balance -= x
	r.pay(-1, Repaid, -x)
}

// Ratios are what covenants are tested on at the end of a quarter.
type Ratios struct {
	Month     int
	DSCR      float64 // of the last twelve months; +Inf where nothing was due
	LTV       float64 // debt over the book value of plant
	Liquidity float64 // cash and what the revolver still gives
	Leverage  float64 // debt less cash over EBITDA of twelve months; +Inf where that is not positive and there is debt
}

// coverage is the debt service coverage of the months until one, twelve at most.
func (r *Run) coverage(k int) (ratio float64, due bool) {
	var service, available float64
	for n := max(0, k-11); n <= k; n++ {
		service += r.Months[n][Service]
		available += r.Months[n][Available]
	}
	if service <= 0 {
		return math.Inf(1), false
	}
	return available / service, true
}

// test notes the ratios of a quarter.
func (r *Run) test(k int) {
	t := Ratios{Month: k}
	t.DSCR, _ = r.coverage(k)
	l := &r.Months[k]
	debt := l[Loans] + l[Revolving] + l[Missing]
	t.LTV = over(debt, l[Plant])
	t.Liquidity = l[Cash] + r.m.plan.Revolver.Limit - l[Revolving]
	if l[Missing] > 0 {
		t.Liquidity = -l[Missing]
	}
	var earned float64
	for n := max(0, k-11); n <= k; n++ {
		earned += EBITDA(&r.Months[n])
	}
	t.Leverage = over(debt+l[Pledged]-l[Cash], earned)
	r.Tested = append(r.Tested, t)
}

// over is a ratio of a debt: none is 0, and nothing to set against it is +Inf.
func over(debt, against float64) float64 {
	switch {
	case debt <= 0:
		return 0
	case against <= 0:
		return math.Inf(1)
	}
	return debt / against
}
