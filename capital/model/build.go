package model

import "math"

// build pays for what is being built in a step, draws the loans for it, and puts
// what is finished into service.
func (r *Run) build(i, j int) {
	g, p, b := &r.m.grid, &r.m.projects[i], &r.projects[i]
	from, to := g.From[j], g.To[j]
	if b.whole {
		r.age(i, to)
		return
	}
	b.energised = p.energised(b, (from+to)/2)
	b.whole = from > b.ready && b.done()
	var cost float64
	for k := range p.Phases {
		if to <= b.begin[k] || from > b.finish[k] {
			continue
		}
		a := &r.assets[b.asset[k]]
		due := b.cost[k]*b.paid(k, to) - b.spent[k]
		if to >= b.finish[k] {
			due = b.cost[k] - b.spent[k]
			a.from = max(b.finish[k], b.first) // it serves from the first power on
		}
		b.spent[k] += due
		a.cost += due
		a.taxed += due
		cost += due
		r.pay(p.site, Built, -due)
	}
	r.draw(i, cost+r.buy(i, to))
	r.prepay(i, to)
	r.displace(i)
	r.age(i, to)
}

// done says that all equipment is bought.
func (b *building) done() bool {
	for _, x := range b.bought {
		if !x {
			return false
		}
	}
	return true
}

// buy pays for equipment in time before the first power; it serves from then on.
func (r *Run) buy(i int, to float64) (cost float64) {
	p, b := &r.m.projects[i], &r.projects[i]
	for k := range p.Equipment {
		e := &p.Equipment[k]
		if b.bought[k] || to < b.first-e.Lead {
			continue
		}
		b.bought[k] = true
		a := &r.assets[b.asset[len(p.Phases)+k]]
		a.cost, a.taxed, a.from = e.Cost, e.Cost, b.first
		cost += e.Cost
		r.pay(p.site, Bought, -e.Cost)
	}
	return cost
}

// prepay takes what a tenant pays when a project begins.
func (r *Run) prepay(i int, to float64) {
	p, b := &r.m.projects[i], &r.projects[i]
	if p.prepaid == 0 || b.prepaid || to <= p.begin {
		return
	}
	b.prepaid = true
	r.deferred += p.prepaid
	r.pay(p.site, Prepaid, p.prepaid)
}

// displace takes the place of machines when megawatts are energised for something else.
func (r *Run) displace(i int) {
	p, b := &r.m.projects[i], &r.projects[i]
	if !p.Displaces {
		return
	}
	mw := min(b.energised, r.m.sites[p.site].Fleet.MW)
	if mw > b.taken {
		price := (mw - b.taken) * r.m.sites[p.site].Fleet.Resale
		b.taken = mw
		r.earn(p.site, Disposal, price)
	}
}

// age sells equipment whose life has ended.
func (r *Run) age(i int, to float64) {
	p, b := &r.m.projects[i], &r.projects[i]
	for k := range p.Equipment {
		e := &p.Equipment[k]
		if b.sold[k] || !b.bought[k] || to < b.first+12*e.Years {
			continue
		}
		b.sold[k] = true
		a := &r.assets[b.asset[len(p.Phases)+k]]
		price, kept := e.Residual*a.cost, a.cost-a.written
		r.book(p.site, Disposal, price-kept)
		r.book(p.site, Scrapped, kept)
		r.untaxed += price - (a.taxed - a.deducted)
		r.cash += price
		a.gone = true
	}
}

// let earns the rent of a step and pays what the hall costs.
func (r *Run) let(i, j int, grown float64) {
	g, p, b := &r.m.grid, &r.m.projects[i], &r.projects[i]
	from, to := g.From[j], g.To[j]
	if to <= b.first {
		return
	}
	owed, months, critical := p.rent(b, from, to, r.path.Rent[j])
	mw := b.energised
	r.earn(p.site, Opex, -p.Opex/12*grown*mw/p.PUE*(to-from))
	r.release(i, owed == 0 && from > b.stop)
	gross := critical * p.PUE
	if r.m.sites[p.site].Fleet.MW > 0 && !p.Displaces {
		mw = gross
	}
	r.book(p.site, Idle, max(mw-gross, 0)*(to-from))
	if owed == 0 {
		return
	}
	claimed := r.claim(i, months, owed)
	r.book(p.site, Rent, owed)
	r.book(p.site, Claimed, -claimed)
	r.cash += owed - claimed
	r.untaxed += owed
	r.earn(p.site, Credit, -p.Contract.Credits*owed)
	drawn := gross * p.Contract.Load * g.Hours[j] * months / (to - from) * r.m.sites[p.site].mean(j, r.path)
	r.earn(p.site, Energy, -drawn)
	if p.Contract.PassThrough {
		r.earn(p.site, PassedOn, drawn)
	}
	r.book(p.site, Hosted, gross*months)
}

// claim is the part of a rent that the prepayment pays.
func (r *Run) claim(i int, months, owed float64) float64 {
	p, b := &r.m.projects[i], &r.projects[i]
	span := float64(p.Contract.CreditTo - p.Contract.CreditFrom)
	if !b.prepaid || span <= 0 {
		return 0
	}
	at := b.let
	b.let += months
	part := max(min(b.let, float64(p.Contract.CreditTo))-max(at, float64(p.Contract.CreditFrom)), 0)
	claimed := min(p.prepaid*part/span, p.prepaid-b.earned, owed)
	b.earned += claimed
	r.deferred -= claimed
	return claimed
}

// release lets a prepayment go that nobody will claim any more.
func (r *Run) release(i int, ended bool) {
	p, b := &r.m.projects[i], &r.projects[i]
	left := p.prepaid - b.earned
	if !b.prepaid || !ended || left <= 0 {
		return
	}
	b.earned = p.prepaid
	r.deferred -= left
	r.book(p.site, Forfeit, left)
	r.book(p.site, Claimed, -left)
	r.untaxed += left
}

// worth is what stands in no book: plant at the end of the plan.
func (r *Run) worth() {
	r.Residuals, r.Multiple = 0, 0
	end := float64(len(r.Months))
	for i := range r.projects {
		p, b := &r.m.projects[i], &r.projects[i]
		if b.ready <= end {
			r.Residuals -= p.Restore
			for _, paid := range b.spent {
				r.Residuals += p.Residual * paid
			}
		}
		for k, e := range p.Equipment {
			if b.bought[k] && !b.sold[k] {
				r.Residuals += e.Residual * e.Cost
			}
		}
	}
	var last float64
	for _, l := range r.Months[len(r.Months)-12:] {
		last += EBITDA(&l)
	}
	r.Multiple = r.m.plan.Terminal * math.Max(last, 0)
}
