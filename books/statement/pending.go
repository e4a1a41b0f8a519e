package statement

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// Commitment is what was set aside by a plan and neither delivered nor given up
// yet: it is in no balance.
type Commitment struct {
	books.Transaction
	Amount unit.Amount  // money that its debits move
	Coins  unit.Satoshi // bitcoin that its lots move in
}

// Commitments are those that are open after all the transactions given, in the
// order in which they are for.
func Commitments(c books.Chart, all []books.Transaction) ([]Commitment, error) {
	settled := map[string]bool{}
	for _, t := range all {
		settled[t.Settles] = true
	}
	var out []Commitment
	for _, t := range all {
		if t.Standing != books.Pending || settled[t.ID] {
			continue
		}
		x, err := commitment(c, t)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Commitment) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

func commitment(c books.Chart, t books.Transaction) (Commitment, error) {
	var money, coins int64
	for _, l := range t.Lines {
		a, ok := c.Find(l.Account)
		if !ok {
			return Commitment{}, fmt.Errorf("%w: %s in %s", books.ErrAccount, l.Account, c.Entity)
		}
		into := &money
		if a.Holds() {
			into = &coins
		}
		if a.Asset != books.Asset(c.Currency) && !a.Holds() || l.Amount < 0 {
			continue
		}
		if *into, ok = books.Add(*into, l.Amount); !ok {
			return Commitment{}, fmt.Errorf("commitment %q: %w", t.ID, books.ErrOverflow)
		}
	}
	return Commitment{t, unit.Amount(money), unit.Satoshi(coins)}, nil
}
