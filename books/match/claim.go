package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// Claim is a payout as a pool's statement announces it.
type Claim struct {
	ID      string // of the line; the same line twice is one
	At      time.Time
	Amount  unit.Satoshi // that it takes off what the pool owes
	Fee     unit.Satoshi // of it, that did not arrive
	Tx      string       // transaction on the chain
	Address string       // that it pays; empty: the statement does not say
	Foreign bool         // the address is none of ours
}

// same reports whether two lines of one id say the same.
func (c Claim) same(o Claim) bool {
	return c.Amount == o.Amount && c.Fee == o.Fee && c.Tx == o.Tx && c.Address == o.Address && c.At.Equal(o.At)
}

// claimed refuses what cannot be.
func claimed(all []Claim) error {
	var sum unit.Satoshi
	for _, c := range all {
		if sum += c.Amount; c.Amount > coinsMost || sum > coinsMost {
			return fmt.Errorf("%w: payout %q: with it more is paid than all bitcoin", ErrInput, c.ID)
		}
		if c.ID == "" || c.Tx == "" || c.At.IsZero() || c.Fee < 0 || c.Amount <= c.Fee {
			return fmt.Errorf("%w: payout %q: %d sat less %d: a line has an id, a transaction and a time, and is above its fee", ErrInput, c.ID, c.Amount, c.Fee)
		}
	}
	return nil
}

// onceClaimed leaves each payout once, in the order of their time.
func (m *matching) onceClaimed(all []Claim) (out []Claim) {
	first := map[string]Claim{}
	for _, c := range all {
		was, twice := first[c.ID]
		switch {
		case !twice:
			first[c.ID] = c
			out = append(out, c)
		case !was.same(c):
			m.say(Contradiction, c.ID, c.Amount-was.Amount, "said a payout of %d sat less %d in %s before, and of %d less %d in %s now", was.Amount, was.Fee, was.Tx, c.Amount, c.Fee, c.Tx)
		}
	}
	slices.SortStableFunc(out, func(a, b Claim) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

// announced holds payouts that a statement announces against the chain.
func (m *matching) announced(claims []Claim, f Facts) {
	arrived := map[string][]Receipt{}
	for _, r := range f.Receipts {
		arrived[r.Tx()] = append(arrived[r.Tx()], r)
	}
	counts := map[string]bool{}
	for _, r := range m.confirmed(f.Receipts) {
		m.out.Received += r.Amount
		counts[r.ID] = true
	}
	told := map[string]bool{}
	for _, c := range claims {
		switch {
		case c.Foreign:
			m.say(Elsewhere, c.ID, c.Fee-c.Amount, "to %s, which is none of ours: transaction %s", c.Address, c.Tx)
		case !f.Chain || told[c.Tx]:
		case len(arrived[c.Tx]) == 0 && m.at.Sub(c.At) > m.terms.Delay:
			m.say(Unpaid, c.ID, c.Fee-c.Amount, "transaction %s pays no address of ours", c.Tx)
		default:
			m.paid(c, claims, arrived[c.Tx], counts)
		}
		told[c.Tx] = true
	}
	for _, r := range f.Receipts {
		if counts[r.ID] && !told[r.Tx()] {
			m.say(NoPayout, r.ID, r.Amount, "no statement announces it")
		}
	}
}

// paid holds what arrived by one transaction against all that was announced of it.
func (m *matching) paid(c Claim, claims []Claim, arrived []Receipt, counts map[string]bool) {
	var due, fee, sum unit.Satoshi
	for _, o := range claims {
		if o.Tx == c.Tx && !o.Foreign {
			due, fee = due+o.Amount-o.Fee, fee+o.Fee
		}
	}
	for _, r := range arrived {
		if !counts[r.ID] {
			return // told already
		}
		sum += r.Amount
		m.out.Paid = append(m.out.Paid, Payout{Receipt: r.ID, At: r.At, Amount: r.Amount, Claim: c.ID, Fee: fee})
		fee = 0 // of the first output only
	}
	if sum != due && len(arrived) > 0 {
		m.say(WrongPaid, c.ID, sum-due, "%d sat were announced, %d arrived by %s", due, sum, c.Tx)
	}
}

// Tx is the transaction of a receipt.
func (r Receipt) Tx() string {
	tx, _, _ := strings.Cut(r.ID, ":")
	return tx
}

// settled is what is left of the credits when claims have paid the oldest first.
func settled(lines []Credit, claims []Claim) (open []Credit) {
	var paid unit.Satoshi
	for _, c := range claims {
		paid += c.Amount
	}
	for _, c := range lines {
		n := min(paid, c.Amount)
		paid, c.Amount = paid-n, c.Amount-n
		if c.Amount > 0 {
			open = append(open, c)
		}
	}
	return open
}
