package match

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Booked is what the books have of one day's credit.
type Booked struct {
	Day    string
	Amount unit.Satoshi
}

// Facts are all that is known of a pool. Credits, claims and receipts go back to
// its first statement, because what is open comes from all of them.
type Facts struct {
	From, To   string    // first day that is audited, and the first after it
	Start, End time.Time // the instants at which these days begin
	Work       []Work    // of these days
	Credits    []Credit
	Claims     []Claim
	Receipts   []Receipt
	Chain      bool     // the chain was asked
	Booked     []Booked // of these days
	At         time.Time
}

// Audit is what a pool did in a period.
type Audit struct {
	Expected, Gross unit.Satoshi // what the work is worth after and before the pool's fee
	Credited        unit.Satoshi // for the days of the period
	Received        unit.Satoshi // on the chain, of payouts in the period
	PayoutFees      unit.Satoshi // that these cost
	Open            unit.Satoshi // that the pool owed at the end of the period
	Booked          unit.Satoshi
	Lines           []Credit // of the period, each once
	Paid            []Payout // of all time
	Differences     []Difference
}

// Month audits a period of one pool: its work against the credits, the credits
// against the books, and payouts against the chain.
//
// Source: docs/formula/match.md.
func Month(t Terms, f Facts) (Audit, error) {
	m := matching{terms: t, at: f.At}
	if err := errors.Join(m.check(f.Work, f.Credits, f.Receipts), claimed(f.Claims)); err != nil {
		return Audit{}, fmt.Errorf("audit pool %s: %w", t.Pool, err)
	}
	var a Audit
	lines, claims := m.once(f.Credits), m.onceClaimed(f.Claims)
	inside := slices.DeleteFunc(slices.Clone(lines), func(c Credit) bool { return c.Day < f.From || c.Day >= f.To })
	m.days(f.Work, inside)
	a.sum(f, inside)
	m.books(inside, f.Booked)
	switch {
	case len(claims) > 0:
		m.announced(claims, f)
		m.owed(settled(lines, claims))
	case f.Chain:
		m.payouts(lines, f.Receipts)
	}
	a.Lines = inside
	a.settle(f, lines, claims, m.out.Paid)
	a.Paid, a.Differences = m.out.Paid, m.out.Differences
	return a, nil
}

// sum adds up what was done, credited and booked in the period.
func (a *Audit) sum(f Facts, inside []Credit) {
	for _, w := range f.Work {
		a.Expected, a.Gross = a.Expected+w.Worth, a.Gross+w.Gross
	}
	for _, c := range inside {
		a.Credited += c.Amount
	}
	for _, b := range f.Booked {
		a.Booked += b.Amount
	}
}

// settle adds up what was paid out in the period, and what was open at its end.
func (a *Audit) settle(f Facts, lines []Credit, claims []Claim, paid []Payout) {
	for _, c := range lines {
		if c.Day < f.To {
			a.Open += c.Amount
		}
	}
	for _, c := range claims {
		if c.At.Before(f.End) {
			a.Open -= c.Amount
		}
	}
	for _, p := range paid {
		if !p.At.Before(f.End) {
			continue
		}
		if len(claims) == 0 {
			a.Open -= p.Amount + p.Fee
		}
		if !p.At.Before(f.Start) {
			a.Received, a.PayoutFees = a.Received+p.Amount, a.PayoutFees+p.Fee
		}
	}
}

// EffectiveFee is the share of the work's worth that was not credited. False:
// nothing was worked.
//
// Formula: 1 - credited / gross worth. Source: docs/formula/match.md.
func (a Audit) EffectiveFee() (unit.Ratio, bool) { return share(a.Gross-a.Credited, a.Gross) }

// Luck is what was credited by what was expected. False: nothing was expected.
//
// Formula: credited / expected. Source: docs/formula/match.md.
func (a Audit) Luck() (unit.Ratio, bool) { return share(a.Credited, a.Expected) }

func share(part, whole unit.Satoshi) (unit.Ratio, bool) {
	if whole <= 0 {
		return 0, false
	}
	v, ok := unit.TryMulDiv(int64(part), int64(unit.One), int64(whole))
	return unit.Ratio(v), ok
}

// books holds the credits of each day against what is booked of it.
func (m *matching) books(inside []Credit, booked []Booked) {
	credited, have := map[string]unit.Satoshi{}, map[string]unit.Satoshi{}
	var days []string
	for _, c := range inside {
		credited[c.Day] += c.Amount
		days = append(days, c.Day)
	}
	for _, b := range booked {
		have[b.Day] += b.Amount
		days = append(days, b.Day)
	}
	slices.Sort(days)
	for _, d := range slices.Compact(days) {
		switch off := have[d] - credited[d]; {
		case off == 0:
		case have[d] == 0:
			m.say(NotBooked, d, off, "credited %d sat, and nothing is booked", credited[d])
		case credited[d] == 0:
			m.say(OnlyBooked, d, off, "booked %d sat, and no line credits it", have[d])
		default:
			m.say(BookedOff, d, off, "booked %d sat, credited %d", have[d], credited[d])
		}
	}
}
