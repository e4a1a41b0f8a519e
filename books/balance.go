package books

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Balance is what an account holds of what one set of tags is about.
type Balance struct {
	Account string
	Tags    Tags
	Amount  int64 // debit positive
}

// Tally adds transactions up by account and tags, in order of both. Only what is
// posted counts.
func Tally(all []Transaction) ([]Balance, error) {
	type key struct {
		account string
		tags    Tags
	}
	sums := map[key]int64{}
	for _, t := range all {
		if t.Standing != Posted {
			continue
		}
		for _, l := range t.Lines {
			k := key{l.Account, l.Tags}
			sum, ok := Add(sums[k], l.Amount)
			if !ok {
				return nil, fmt.Errorf("balance of %s at transaction %q: %w", l.Account, t.ID, ErrOverflow)
			}
			sums[k] = sum
		}
	}
	var out []Balance
	for k, v := range sums {
		if v != 0 {
			out = append(out, Balance{k.account, k.tags, v})
		}
	}
	slices.SortFunc(out, func(a, b Balance) int { return cmp.Or(cmp.Compare(a.Account, b.Account), a.Tags.compare(b.Tags)) })
	return out, nil
}

func (t Tags) compare(u Tags) int {
	return cmp.Or(cmp.Compare(t.Site, u.Site), cmp.Compare(t.Use, u.Use), cmp.Compare(t.Contract, u.Contract),
		cmp.Compare(t.Counterparty, u.Counterparty), cmp.Compare(t.Project, u.Project), cmp.Compare(t.Model, u.Model))
}

// ErrShares is the failure of shares that nothing can be divided by.
var ErrShares = errors.New("no shares to divide by")

// Split divides a total in proportion to shares. The parts sum to the total
// exactly: each is rounded towards zero, and what is left goes by one unit to
// those that lost most, the earlier first among equals.
//
// Source: docs/formula/books.md.
func Split(total int64, shares []int64) ([]int64, error) {
	sum := new(big.Int)
	for i, s := range shares {
		if s < 0 {
			return nil, fmt.Errorf("share %d is %d: %w", i+1, s, ErrShares)
		}
		sum.Add(sum, big.NewInt(s))
	}
	if sum.Sign() == 0 {
		return nil, fmt.Errorf("%d shares, all zero: %w", len(shares), ErrShares)
	}
	parts, lost := make([]int64, len(shares)), make([]*big.Int, len(shares))
	left := total
	for i, s := range shares {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(total), big.NewInt(s)), sum, new(big.Int))
		parts[i], lost[i] = q.Int64(), r.Abs(r)
		left -= parts[i]
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Cmp(lost[a]) })
	for _, i := range order {
		switch {
		case left > 0:
			parts[i]++
			left--
		case left < 0:
			parts[i]--
			left++
		}
	}
	return parts, nil
}
