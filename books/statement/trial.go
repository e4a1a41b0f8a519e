package statement

import (
	"errors"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// ErrTie is the failure of statements that do not tie.
var ErrTie = errors.New("the statements do not tie")

// TrialLine is one account of a trial balance; one side is zero.
type TrialLine struct {
	Account       books.Account
	Debit, Credit int64
}

// Trial lists every account that holds something, in the order of their codes. In
// each asset debits and credits are equal, or the error wraps ErrTie.
func Trial(c books.Chart, balances []books.Balance) ([]TrialLine, error) {
	sums, err := byAccount(c, balances)
	if err != nil {
		return nil, err
	}
	var out []TrialLine
	apart := map[books.Asset]int64{}
	for _, a := range ordered(c) {
		v := sums[a.Name]
		if v == 0 {
			continue
		}
		apart[a.Asset] += v
		out = append(out, TrialLine{a, max(v, 0), max(-v, 0)})
	}
	for asset, v := range apart {
		if v != 0 {
			return out, fmt.Errorf("trial balance of %s: debits and credits in %s are %s apart: %w", c.Entity, asset, asset.Text(v), ErrTie)
		}
	}
	return out, nil
}

// ordered are the accounts of a chart by code and name.
func ordered(c books.Chart) []books.Account {
	out := slices.Clone(c.Accounts)
	slices.SortStableFunc(out, func(a, b books.Account) int {
		switch {
		case a.Code < b.Code || a.Code == b.Code && a.Name < b.Name:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	return out
}

// byAccount adds balances up over their tags.
func byAccount(c books.Chart, balances []books.Balance) (map[string]int64, error) {
	out := map[string]int64{}
	for _, b := range balances {
		if _, ok := c.Find(b.Account); !ok {
			return nil, fmt.Errorf("%w: %s in %s", books.ErrAccount, b.Account, c.Entity)
		}
		sum, ok := books.Add(out[b.Account], b.Amount)
		if !ok {
			return nil, fmt.Errorf("balance of %s: %w", b.Account, books.ErrOverflow)
		}
		out[b.Account] = sum
	}
	return out, nil
}

// Row is one account of a statement, its amount as readers expect it: income and
// expenses, assets and debts are all positive.
type Row struct {
	Account books.Account
	Amount  unit.Amount
}

func sum(rows []Row) (total unit.Amount) {
	for _, r := range rows {
		total += r.Amount
	}
	return total
}
