package model

import (
	"math"

	"sluice/capital"
)

// close ends a month: loans are served, plant is written off, the books are shut.
func (r *Run) close(k, j int) {
	r.turn(k)
	r.hedge(k)
	var due float64
	for i := range r.loans {
		due += r.serve(i, k)
	}
	due += r.payPledges(k)
	due += r.payRevolver()
	r.depreciate(k)
	if (int(r.m.plan.Begin)+k)%12 == 11 {
		r.taxes(k)
		r.distribute()
	}
	r.mark()
	r.reach()
	l := &r.Months[k]
	l[Service] = due
	l[Available] = EBITDA(l) + l[Taxes]
	for i := range r.loans {
		r.sweep(i, k)
	}
	r.balance(k)
	if (k+1)%3 == 0 {
		r.test(k)
	}
	r.priceSum, r.hashSum, r.hoursOfMonth = 0, 0, 0
}

// EBITDA is the operating profit of a month, coins at the price at which they were found.
func EBITDA(l *[LineCount]float64) float64 {
	return l[Rent] + l[PassedOn] + l[Mining] + l[Energy] + l[Running] + l[Opex] + l[Upkeep] + l[Credit]
}

// Profit is the net income of a month.
func Profit(l *[LineCount]float64) float64 {
	var sum float64
	for i := range plEnd {
		sum += l[i]
	}
	return sum
}

// Free is the cash of a month before anything is financed, coins counted when they
// are found: what the plan itself brings and takes.
func Free(l *[LineCount]float64) float64 {
	return EBITDA(l) + l[Taxes] + l[Hedged] + l[Disposal] + l[Scrapped] + l[Built] + l[Bought] + l[Prepaid] + l[Claimed] + l[Forfeit]
}

// hedge settles the hedges of a month by its mean prices.
func (r *Run) hedge(k int) {
	at := r.m.plan.Begin.Add(k)
	for _, h := range r.m.plan.Hedges {
		if at < h.From || at >= h.To {
			continue
		}
		price, hash := r.priceSum/r.hoursOfMonth, r.hashSum/r.hoursOfMonth
		var gain float64
		switch h.Kind {
		case capital.Futures:
			gain = h.Size * (h.Strike - price - h.Cost)
		case capital.Put:
			gain = h.Size * (max(h.Strike-price, 0) - h.Cost)
		case capital.HashForward:
			gain = h.Size * r.hoursOfMonth / 24 * (h.Strike - hash - h.Cost)
		}
		r.earn(-1, Hedged, gain)
	}
}

// payPledges pays the interest of loans against coins, and repays those that are
// over. What is repaid at once is no debt service: coins stand behind it.
func (r *Run) payPledges(k int) (due float64) {
	for i := range r.pledges {
		t, s := &r.m.pledges[i], &r.pledges[i]
		if s.balance <= 0 {
			continue
		}
		interest := s.balance * t.Rate / 12
		due += interest
		r.earn(-1, Interest, -interest)
		if k+1 >= int(t.First-r.m.plan.Begin)+t.Months {
			r.giveBack(s, s.balance)
			r.unlock(s)
		}
	}
	return due
}

// payRevolver pays the interest of the revolver, and for what of it is not drawn.
func (r *Run) payRevolver() (due float64) {
	v := &r.m.plan.Revolver
	due = r.revolver * v.Rate / 12
	r.earn(-1, Interest, -due)
	r.earn(-1, Fees, -(v.Limit-r.revolver)*v.Fee/12)
	return due
}

// depreciate writes a month of plant off.
func (r *Run) depreciate(k int) {
	for i := range r.assets {
		a := &r.assets[i]
		if a.gone || a.from > float64(k+1) || a.cost == 0 || a.years == 0 {
			continue
		}
		x := min(a.cost/(12*a.years), a.cost-a.written)
		if x <= 0 {
			continue
		}
		a.written += x
		r.book(a.site, WriteOff, -x)
		r.book(a.site, NonCash, x)
	}
}

// taxes are those of a year: a plain rate on what is left after write-offs and the
// losses of years before.
func (r *Run) taxes(k int) {
	base := r.untaxed
	for i := range r.assets {
		base -= r.assets[i].deduct(k)
	}
	r.untaxed = 0
	if base <= 0 {
		r.losses -= base
		return
	}
	used := min(base, r.losses)
	r.losses -= used
	r.pay(-1, Taxes, -(base-used)*r.m.plan.Tax.Rate)
}

// deduct is what tax lets be written off of an asset in the year that ends with a month.
func (a *asset) deduct(k int) float64 {
	if a.from > float64(k+1) || a.gone {
		return 0
	}
	share := 0.0
	if a.table != nil {
		if y := int(math.Ceil((float64(k+1)-a.from)/12)) - 1; y >= 0 && y < len(a.table) {
			share = a.table[y]
		}
	} else if a.taxYears > 0 {
		share = min(float64(k+1)-a.from, 12) / 12 / a.taxYears
	}
	x := min(a.taxed*share, a.taxed-a.deducted)
	a.deducted += x
	return x
}

// distribute pays owners their share of the cash that a year leaves.
func (r *Run) distribute() {
	t := &r.m.plan.Treasury
	x := t.Owners * (r.cash - t.OwnersMin)
	if x <= 0 || r.missing > 0 || r.revolver > 0 {
		return
	}
	r.retained -= x
	r.pay(-1, Distributed, -x)
}

// balance shuts the books of a month.
func (r *Run) balance(k int) {
	l := &r.Months[k]
	r.retained += Profit(l)
	l[Cash], l[Aside], l[Coins], l[BTC], l[Price] = r.cash, r.reserve, r.coinValue, r.btc, r.price
	l[Revolving], l[Deferred], l[Missing] = r.revolver, r.deferred, r.missing
	l[Equity] = r.paidIn + r.retained
	for i := range r.assets {
		if a := &r.assets[i]; !a.gone {
			l[Plant] += a.cost - a.written
		}
	}
	for i := range r.loans {
		l[Loans] += r.loans[i].balance
	}
	for i := range r.pledges {
		l[Pledged] += r.pledges[i].balance
	}
}
