package statement

import (
	"fmt"

	"sluice/books"
	"sluice/unit"
)

// Sheet is a balance sheet.
type Sheet struct {
	Assets      []Row // bitcoin at fair value, each account by itself
	Liabilities []Row
	Equity      []Row
	Earned      unit.Amount // by income and expenses that no year's end has closed yet
}

// Total is all assets.
func (s Sheet) Total() unit.Amount { return sum(s.Assets) }

// Gap is what assets have over liabilities and equity; it is zero.
func (s Sheet) Gap() unit.Amount {
	return sum(s.Assets) - sum(s.Liabilities) - sum(s.Equity) - s.Earned
}

// BalanceSheet states where an entity stands. balances are everything since its
// books began, and held are its lots. Coins stand at cost plus what they were
// adjusted by; where the lots cost something else than the books say, or the
// sheet does not balance, the error wraps ErrTie.
func BalanceSheet(c books.Chart, balances []books.Balance, held *books.Holdings) (Sheet, error) {
	sums, err := byAccount(c, balances)
	if err != nil {
		return Sheet{}, err
	}
	own := books.Asset(c.Currency)
	var out Sheet
	for _, a := range ordered(c) {
		v := unit.Amount(sums[a.Name])
		if a.Holds() {
			q, cost := held.Total(a.Name)
			if int64(q) != sums[a.Name] {
				return out, fmt.Errorf("%s holds %s BTC in the books and %s in lots: %w", a.Name, books.Bitcoin.Text(sums[a.Name]), books.Bitcoin.Text(int64(q)), ErrTie)
			}
			v = cost + unit.Amount(sums[books.FairValue(a.Name)])
		}
		if v != 0 && !aside(c, a) {
			out.add(own, a, v)
		}
	}
	if _, cost := held.Total(""); int64(cost) != sums[books.Conversion(own)] {
		return out, fmt.Errorf("open lots cost %s, %s holds %s: %w", own.Text(int64(cost)), books.Conversion(own), own.Text(sums[books.Conversion(own)]), ErrTie)
	}
	if out.Gap() != 0 {
		return out, fmt.Errorf("balance sheet of %s: %s are not explained: %w", c.Entity, own.Text(int64(out.Gap())), ErrTie)
	}
	return out, nil
}

// aside reports whether an account has no row of its own: the adjustment of coins
// stands with the coins, and what was exchanged is in their cost.
func aside(c books.Chart, a books.Account) bool {
	if a.Name == books.Conversion(books.Bitcoin) || a.Name == books.Conversion(books.Asset(c.Currency)) {
		return true
	}
	for _, w := range c.Accounts {
		if w.Holds() && a.Name == books.FairValue(w.Name) {
			return true
		}
	}
	return false
}

func (s *Sheet) add(own books.Asset, a books.Account, v unit.Amount) {
	switch {
	case a.Asset != own && !a.Holds(): // another currency: stated by its conversion
	case a.Kind() == books.Assets:
		s.Assets = append(s.Assets, Row{a, v})
	case a.Kind() == books.Liabilities:
		s.Liabilities = append(s.Liabilities, Row{a, -v})
	case a.Kind() == books.Equity:
		s.Equity = append(s.Equity, Row{a, -v})
	default:
		s.Earned -= v
	}
}
