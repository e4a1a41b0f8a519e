package match

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Money is a line of a bank's statement, or of the bank's account in the books.
type Money struct {
	Day       time.Time // 00:00 UTC of its date
	Amount    unit.Amount
	Reference string       // of the bank; of the books: the id of the transaction
	Balance   *unit.Amount // after it, where the bank says so
}

// Pair is a line of the bank and the entry that it is.
type Pair struct{ Bank, Books Money }

// Reconciliation is a bank's statement held against the books.
type Reconciliation struct {
	Pairs         []Pair
	Bank, Books   []Money      // that stand on this side only
	Closing       *unit.Amount // as the bank says; nil: it does not
	Booked        unit.Amount  // balance of the account
	BankOff       unit.Amount  // sum of what only the bank has
	BooksOff      unit.Amount  // sum of what only the books have
	Unexplained   unit.Amount  // closing less booked less the two; zero, or lines are missing before the first
	HasDifference bool
}

// Bank pairs lines of the same amount that are at most so many days apart, those
// nearest in time first, among equals the earlier.
//
// Source: docs/formula/match.md.
func Bank(lines, entries []Money, booked unit.Amount, apart int) Reconciliation {
	r := Reconciliation{Booked: booked}
	type couple struct{ i, j, gap int }
	byAmount := map[unit.Amount][]int{}
	for j, e := range entries {
		byAmount[e.Amount] = append(byAmount[e.Amount], j)
	}
	var couples []couple
	for i, l := range lines {
		for _, j := range byAmount[l.Amount] {
			gap := int(l.Day.Sub(entries[j].Day).Hours()) / 24
			if gap = max(gap, -gap); gap <= apart {
				couples = append(couples, couple{i, j, gap})
			}
		}
	}
	slices.SortStableFunc(couples, func(a, b couple) int {
		return cmp.Or(cmp.Compare(a.gap, b.gap), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	left, right := map[int]bool{}, map[int]bool{}
	for _, c := range couples {
		if !left[c.i] && !right[c.j] {
			left[c.i], right[c.j] = true, true
			r.Pairs = append(r.Pairs, Pair{lines[c.i], entries[c.j]})
		}
	}
	for i, l := range lines {
		if !left[i] {
			r.Bank, r.BankOff = append(r.Bank, l), r.BankOff+l.Amount
		}
	}
	for j, e := range entries {
		if !right[j] {
			r.Books, r.BooksOff = append(r.Books, e), r.BooksOff+e.Amount
		}
	}
	if n := len(lines); n > 0 && lines[n-1].Balance != nil {
		r.Closing = lines[n-1].Balance
		r.Unexplained = *r.Closing - r.Booked - r.BankOff + r.BooksOff
	}
	r.HasDifference = len(r.Bank) > 0 || len(r.Books) > 0 || r.Unexplained != 0
	return r
}

// ReadBank reads a bank's statement: CSV with the columns date, amount, reference
// and balance, of which the last may be empty. Lines are in the order of the bank.
func ReadBank(text []byte, currency unit.Currency) (out []Money, err error) {
	err = rows(text, headed(bankHead), func(row []string) error {
		day, err := dayOf(row[0])
		amount, err2 := books.Asset(currency).Parse(row[1])
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if amount == 0 {
			return errors.New("amount: a line of nothing")
		}
		m := Money{Amount: unit.Amount(amount), Reference: row[2]}
		m.Day, _ = time.Parse(time.DateOnly, day)
		if len(row[2]) > textMost {
			return fmt.Errorf("reference: more than %d bytes", textMost)
		}
		if row[3] != "" {
			b, err := books.Asset(currency).Parse(row[3])
			if err != nil {
				return fmt.Errorf("balance: %w", err)
			}
			balance := unit.Amount(b)
			m.Balance = &balance
		}
		out = append(out, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("statement of a bank: %w", err)
	}
	return out, nil
}
