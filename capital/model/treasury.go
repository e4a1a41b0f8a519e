package model

import (
	"sluice/capital"
	"sluice/capital/treasury"
)

// policyOf is the rule of a plan.
func policyOf(t capital.Treasury) (treasury.Policy, error) {
	var kind treasury.Kind
	if t.Policy != "" {
		if err := kind.UnmarshalText([]byte(t.Policy)); err != nil {
			return treasury.Policy{}, err
		}
	}
	p := treasury.Policy{Kind: kind, Share: t.Share, Least: t.Least, Floor: t.Floor, Ceiling: t.Ceiling, Cover: t.Cover, Every: t.Every, Evenly: t.Evenly, Keep: t.Keep}
	return p, p.Check()
}

// free is the coins that are not pledged.
func (r *Run) free() float64 { return max(r.btc-r.locked, 0) }

// mark brings the coins to the price of the step.
func (r *Run) mark() {
	change := r.btc*r.price - r.coinValue
	r.coinValue += change
	r.book(-1, FairValue, change)
	r.book(-1, NonCash, -change)
}

// sell lets the policy sell.
func (r *Run) sell(j int) {
	r.mark()
	found := r.btc - r.held
	x := r.m.policy.Sell(treasury.State{
		Week: int(float64(j) * r.m.weeks), Price: r.price, Cash: r.cash, BTC: r.btc, Free: r.free(), Mined: max(found, 0), Need: r.need / 7 * r.m.policy.Cover,
	})
	r.convey(x)
	r.held = r.btc
}

// convey sells coins at the price of the step.
func (r *Run) convey(coins float64) {
	coins = min(coins, r.free())
	if coins <= 0 {
		return
	}
	value, basis := coins*r.price, r.basis*coins/r.btc
	r.untaxed += value - basis
	r.basis -= basis
	r.btc -= coins
	r.coinValue -= value
	r.pay(-1, Sold, value)
	r.book(-1, Spent, coins)
}

// reach finds money where cash is below nought, and gives back what was lent.
func (r *Run) reach() {
	if r.cash < 0 && r.free() > 0 {
		r.convey(-r.cash / r.price)
	}
	if short := -r.cash; short > 1e-9 {
		x := min(short, r.m.plan.Revolver.Limit-r.revolver)
		r.revolver += x
		r.pay(-1, Covered, x)
	}
	if short := -r.cash; short > 1e-6 {
		if r.Broke < 0 {
			r.Broke = r.month
		}
		r.missing += short
		r.pay(-1, Unfunded, short)
		return
	}
	if x := min(r.cash, r.missing); x > 0 {
		r.missing -= x
		r.pay(-1, Unfunded, -x)
	}
	if x := min(r.cash-r.m.plan.Treasury.Floor, r.revolver); x > 0 {
		r.revolver -= x
		r.pay(-1, Covered, -x)
	}
}

// fundRounds takes what owners pay in, and company loans, in their months.
func (r *Run) fundRounds(j int) {
	g := &r.m.grid
	for _, x := range r.m.plan.Rounds {
		if at := float64(x.Month - r.m.plan.Begin); at >= g.From[j] && at < g.To[j] {
			r.paidIn += x.Amount
			r.pay(-1, PaidIn, x.Amount)
		}
	}
	for i := range r.m.loans {
		l := &r.m.loans[i]
		if at := float64(l.First - r.m.plan.Begin); l.project < 0 && at >= g.From[j] && at < g.To[j] && !l.standing {
			r.loans[i] = owed{balance: l.size, drawn: l.size, converted: r.month, whole: l.size}
			r.pay(-1, Drawn, l.size)
			r.earn(-1, Fees, -l.Upfront*l.size)
		}
	}
}

// pledged is a loan against coins on a path.
type pledged struct {
	balance, coins float64
	begun          bool
}

// secure draws loans against coins, and answers calls for more of them: by free
// coins, then by cash, then by the sale of what is pledged.
func (r *Run) secure(j int) {
	g := &r.m.grid
	for i := range r.pledges {
		t, s := &r.m.pledges[i], &r.pledges[i]
		if at := float64(t.First - r.m.plan.Begin); !s.begun && at >= g.From[j] && at < g.To[j] {
			r.pledge(t, s)
		}
		if s.balance <= 0 {
			continue
		}
		switch ltv := s.balance / (s.coins * r.price); {
		case ltv >= t.Liquidate:
			r.Liquidations++
			r.liquidate(s, min(s.balance/r.price, s.coins))
		case ltv >= t.Call:
			r.Calls++
			r.cure(t, s)
		}
	}
}

// pledge begins a loan, as large as the free coins carry.
func (r *Run) pledge(t *capital.Pledge, s *pledged) {
	s.begun = true
	s.balance = min(t.Amount, r.free()*r.price*t.LTV)
	s.coins = s.balance / (t.LTV * r.price)
	r.locked += s.coins
	r.pay(-1, Lent, s.balance)
}

// cure brings a loan back to the loan to value that a call asks for.
func (r *Run) cure(t *capital.Pledge, s *pledged) {
	more := min(s.balance/(t.Cure*r.price)-s.coins, r.free())
	s.coins += more
	r.locked += more
	back := s.balance - t.Cure*s.coins*r.price
	if paid := min(back, max(r.cash, 0)); paid > 0 {
		r.giveBack(s, paid)
		back -= paid
	}
	if back > 1e-6 {
		r.Liquidations++
		r.liquidate(s, back/(r.price*(1-t.Cure)))
	}
}

// liquidate sells pledged coins to pay a loan back.
func (r *Run) liquidate(s *pledged, coins float64) {
	r.mark()
	s.coins -= coins
	r.locked -= coins
	r.convey(coins)
	r.giveBack(s, min(coins*r.price, s.balance))
	if s.coins <= 0 && s.balance > 0 { // nothing is left that secures it: it is owed as money that is missing
		r.missing += s.balance
		r.book(-1, Unfunded, s.balance)
		r.book(-1, Returned, -s.balance)
		s.balance = 0
	}
	r.unlock(s)
}

// giveBack repays a loan against coins.
func (r *Run) giveBack(s *pledged, amount float64) {
	s.balance -= amount
	r.pay(-1, Returned, -amount)
}

// unlock frees the coins of a loan that is repaid.
func (r *Run) unlock(s *pledged) {
	if s.balance < 1e-9 {
		r.locked = max(r.locked-s.coins, 0)
		s.balance, s.coins = 0, 0
	}
}
