package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/store/file"
	"sluice/unit"
)

// Balance is what the posted lines of one account with the same tags sum to.
type Balance struct {
	Account string
	Asset   books.Asset
	Tags    books.Tags
	Amount  int64 // debit positive, in the smallest unit of the asset
}

// Parcel is what is left of a lot in one account.
type Parcel struct {
	Account  string
	Lot      books.Lot // with the cost of what is left
	Quantity unit.Satoshi
}

// Balances are the sums of what the transactions of a query posted, by account and
// tags, in that order, without those that are zero. What is pending or void is in none.
func (s *Store) Balances(ctx context.Context, q Query) (all []Balance, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(q.Entity)
		if err == nil {
			all, err = r.balances(ctx, r.tx, r.text, q.span(number))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("balances of %q: %w", q.Entity, err)
	}
	return all, nil
}

func (d *dictionary) balances(ctx context.Context, a file.Asker, text func(string) string, s span) ([]Balance, error) {
	var all []Balance
	err := file.Each(ctx, a, text(`SELECT e.account, e.tags, CAST(sum(e.amount) AS BIGINT)
		FROM txn t CROSS JOIN entry e
		WHERE e.entity = t.entity AND e.seq = t.seq AND`+within+` AND t.standing = $6 GROUP BY e.account, e.tags HAVING sum(e.amount) <> 0`),
		s.args(string(books.Posted)), func(scan file.Scanner) error {
			r := row{line: 1}
			if err := scan(&r.account, &r.tags, &r.amount); err != nil {
				return err
			}
			l, err := d.line(r)
			if err == nil {
				all = append(all, Balance{l.Account, d.accounts[r.account-1].Asset, l.Tags, l.Amount})
			}
			return err
		})
	slices.SortFunc(all, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), slices.Compare(words(a.Tags), words(b.Tags)))
	})
	return all, err
}

func words(t books.Tags) []string {
	return []string{t.Site, t.Use, t.Contract, t.Counterparty, t.Project, t.Model}
}

// TrialBalance is the sum per account of balances, in the order of the accounts,
// without those that are zero.
func TrialBalance(all []Balance) ([]Balance, error) {
	var out []Balance
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Balance) int { return cmp.Compare(a.Account, b.Account) })
	for _, b := range sorted {
		b.Tags = books.Tags{}
		if n := len(out); n > 0 && out[n-1].Account == b.Account {
			sum, ok := books.Add(out[n-1].Amount, b.Amount)
			if !ok {
				return nil, fmt.Errorf("trial balance of %s: %w", b.Account, books.ErrOverflow)
			}
			out[n-1].Amount = sum
			continue
		}
		out = append(out, b)
	}
	return slices.DeleteFunc(out, func(b Balance) bool { return b.Amount == 0 }), nil
}

// HashTrial is the hash of a trial balance: per account its name and asset, each
// after its length, and the amount, numbers as eight bytes with the high one first.
func HashTrial(trial []Balance) books.Hash {
	var out []byte
	for _, b := range trial {
		out = putNumber(putText(putText(out, b.Account), string(b.Asset)), b.Amount)
	}
	return sha256.Sum256(out)
}

// OpenLots is what every account holds of every lot after all that happened before
// a time, by account and then the oldest lot first.
func (s *Store) OpenLots(ctx context.Context, entity string, before time.Time) (all []Parcel, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err == nil {
			all, err = r.parcels(ctx, Query{To: before}.span(number))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open lots of %q: %w", entity, err)
	}
	return all, nil
}

func (r reading) parcels(ctx context.Context, s span) ([]Parcel, error) {
	var all []Parcel
	err := file.Each(ctx, r.tx, r.text(`SELECT e.account, e.lot, CAST(sum(e.amount) AS BIGINT), CAST(sum(e.cost) AS BIGINT)
		FROM txn t CROSS JOIN entry e
		WHERE e.entity = t.entity AND e.seq = t.seq AND`+within+` AND t.standing = $6 AND e.lot <> 0 GROUP BY e.account, e.lot HAVING sum(e.amount) <> 0 OR sum(e.cost) <> 0`),
		s.args(string(books.Posted)), func(scan file.Scanner) error {
			x := row{tags: 1, line: 1}
			if err := scan(&x.account, &x.lot, &x.amount, &x.cost); err != nil {
				return err
			}
			l, err := r.line(x)
			all = append(all, Parcel{l.Account, l.Lot, unit.Satoshi(l.Amount)})
			return err
		})
	slices.SortFunc(all, func(a, b Parcel) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), a.Lot.Acquired.Compare(b.Lot.Acquired), cmp.Compare(a.Lot.ID, b.Lot.ID))
	})
	return all, err
}
