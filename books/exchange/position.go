package exchange

import (
	"errors"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// The failures of money in foreign currencies.
var (
	ErrEvent = errors.New("this cannot have happened")
	ErrTie   = errors.New("the foreign accounts do not tie")
)

// Position is what an account in a foreign currency holds, and what that is
// carried at.
type Position struct {
	Account  string
	Asset    books.Asset
	Quantity int64       // debit positive, in the smallest unit of the asset
	Carrying unit.Amount // debit positive, in the currency of the entity
}

// Open is a chart with further accounts in a foreign currency: each with the one
// that it is carried on, and the conversion of the currency. What stands there
// already is left as it is.
func Open(c books.Chart, asset books.Asset, names ...string) books.Chart {
	for _, n := range names {
		_, known := c.Find(n)
		if c = c.With(n, books.Carrying(n)); !known {
			c.Accounts[slices.IndexFunc(c.Accounts, func(a books.Account) bool { return a.Name == n })].Asset = asset
		}
	}
	if _, known := c.Find(books.Conversion(asset)); !known {
		c.Accounts = append(c.Accounts, books.Account{Code: "3900", Name: books.Conversion(asset), Asset: asset})
	}
	return c
}

// foreign reports whether an account holds money of another currency than the
// entity's.
func foreign(c books.Chart, a books.Account) bool {
	return a.Asset != books.Asset(c.Currency) && a.Asset != books.Bitcoin && a.Name != books.Conversion(a.Asset)
}

// Positions are those of all accounts in foreign currencies, in order of the
// chart. balances are everything since the books began. Where what is held is not
// what was converted, or something is carried at a value and nothing is held, the
// error wraps ErrTie.
func Positions(c books.Chart, balances []books.Balance) ([]Position, error) {
	sums, held := map[string]int64{}, map[books.Asset]int64{}
	for _, b := range balances {
		s, ok := books.Add(sums[b.Account], b.Amount)
		if !ok {
			return nil, fmt.Errorf("balance of %s: %w", b.Account, books.ErrOverflow)
		}
		sums[b.Account] = s
	}
	var out []Position
	var faults []error
	for _, a := range c.Accounts {
		if !foreign(c, a) {
			continue
		}
		p := Position{a.Name, a.Asset, sums[a.Name], unit.Amount(sums[books.Carrying(a.Name)])}
		if p.Quantity == 0 && p.Carrying != 0 {
			faults = append(faults, fmt.Errorf("%s holds nothing, and is carried at %s: %w", p.Account, books.Asset(c.Currency).Text(int64(p.Carrying)), ErrTie))
		}
		held[p.Asset] += p.Quantity
		out = append(out, p)
	}
	for _, p := range out {
		if n := held[p.Asset]; n != -sums[books.Conversion(p.Asset)] {
			faults = append(faults, fmt.Errorf("%s are held of %s, and %s holds %s: %w", p.Asset.Text(n), p.Asset,
				books.Conversion(p.Asset), p.Asset.Text(sums[books.Conversion(p.Asset)]), ErrTie))
			held[p.Asset] = -sums[books.Conversion(p.Asset)] // told once
		}
	}
	return out, errors.Join(faults...)
}

// carried is by how much the carrying value changes when the quantity does by q,
// which is worth that much today. What comes on top comes at today's worth; what
// goes takes its share of the average, the last of it all; what goes beyond zero
// is new, and comes at today's worth.
//
// Formula: K * q / Q. Source: docs/formula/exchange.md.
func (p Position) carried(q int64, worth unit.Amount) unit.Amount {
	if p.Quantity == 0 || p.Quantity > 0 == (q > 0) {
		return worth
	}
	n, all := magnitude(q), magnitude(p.Quantity)
	if n <= all {
		return -unit.Amount(unit.MulDiv(int64(p.Carrying), n, all))
	}
	return unit.Amount(unit.MulDiv(int64(worth), n-all, n)) - p.Carrying
}

func magnitude(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
