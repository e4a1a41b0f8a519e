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
		} else if foreign(c, a) {
			v = unit.Amount(sums[books.Carrying(a.Name)])
		}
		if v != 0 && !aside(c, a) {
			out.add(a, v)
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
// stands with the coins, what was exchanged is in their cost, and what money of
// another currency is carried at stands with that money.
func aside(c books.Chart, a books.Account) bool {
	if a.Name == books.Conversion(a.Asset) || a.Asset == books.Bitcoin && !a.Holds() {
		return true
	}
	for _, w := range c.Accounts {
		if w.Holds() && a.Name == books.FairValue(w.Name) || foreign(c, w) && a.Name == books.Carrying(w.Name) {
			return true
		}
	}
	return false
}

// foreign reports whether an account is counted in another currency than the
// entity's.
func foreign(c books.Chart, a books.Account) bool {
	return a.Asset != books.Asset(c.Currency) && a.Asset != books.Bitcoin && a.Name != books.Conversion(a.Asset)
}

func (s *Sheet) add(a books.Account, v unit.Amount) {
	switch a.Kind() {
	case books.Assets:
		s.Assets = append(s.Assets, Row{a, v})
	case books.Liabilities:
		s.Liabilities = append(s.Liabilities, Row{a, -v})
	case books.Equity:
		s.Equity = append(s.Equity, Row{a, -v})
	case books.Income, books.Expenses:
		s.Earned -= v
	}
}
