package accrual

import (
	"slices"
	"time"

	"sluice/books"
	"sluice/unit"
)

// The kinds of transactions that accrue; each is about one contract.
const (
	Service = "service rendered" // Unbilled +, income of hosting -
	Credits = "service credits"  // SLACredit +, SLACreditPayable -
)

// Contract is the contract whose service a transaction accrues; empty: it accrues none.
func Contract(t books.Transaction) string {
	if t.Standing != books.Posted || t.Reverses != "" || t.Kind != Service && t.Kind != Credits || len(t.Lines) == 0 {
		return ""
	}
	name := t.Lines[0].Tags.Contract
	if slices.ContainsFunc(t.Lines, func(l books.Line) bool { return l.Tags.Contract != name }) {
		return ""
	}
	return name
}

// Period is a calendar month of a contract, in the zone of the contract.
type Period struct {
	Contract string
	From, To time.Time // half open
}

// holds reports whether a transaction accrues the period. Service lies in it by the
// instant at which it was earned. A credit for a month is accrued with the last day of
// the month or, where the meters were silent then, with the next day that was metered.
func (p Period) holds(t books.Transaction) bool {
	from, to := p.From, p.To
	if t.Kind == Credits {
		from, to = to.AddDate(0, 0, -1), to.AddDate(0, 1, -1)
	}
	return p.Contract != "" && Contract(t) == p.Contract && !t.At.Before(from) && t.At.Before(to)
}

// Within is what was accrued in a period, whether it was taken back or not.
func (p Period) Within(all []books.Transaction) (out []books.Transaction) {
	for _, t := range all {
		if p.holds(t) {
			out = append(out, t)
		}
	}
	return out
}

// Open is what was accrued in a period and taken back by none of all transactions.
func (p Period) Open(all []books.Transaction) []books.Transaction {
	gone := map[string]bool{}
	for _, t := range all {
		gone[t.Reverses] = true
	}
	return slices.DeleteFunc(p.Within(all), func(t books.Transaction) bool { return gone[t.ID] })
}

// Clearing is how what was accrued is taken back.
type Clearing struct {
	Open    time.Time // nothing that happened before is booked any more
	Late    time.Time // when it is taken back where the books are closed, whole seconds
	Belongs string    // period that it is about then
	Booked  time.Time // whole seconds
	Why     string
}

// Of takes accruals back, line by line, at the instant at which each was earned, so
// that nothing of them is left in any stretch of time. The same accrual is taken back
// under the same id, and the books take one reversal of it only.
//
// Source: docs/formula/revenue.md.
func (c Clearing) Of(accrued []books.Transaction) ([]books.Transaction, error) {
	out := make([]books.Transaction, 0, len(accrued))
	for _, t := range accrued {
		at, belongs := t.At, t.Belongs
		if at.Before(c.Open) {
			at, belongs = c.Late, c.Belongs
		}
		r, err := t.Reverse(books.DerivedID("accrual taken back", t.Entity, t.ID), at, c.Booked, c.Why)
		if err != nil {
			return nil, err
		}
		r.Belongs = belongs
		out = append(out, r)
	}
	return out, nil
}

// Earned is what accruals earn together, less the credits among them; of what takes
// them back it is the same with the sign turned.
func Earned(all []books.Transaction) (sum unit.Amount) {
	for _, t := range all {
		for _, l := range t.Lines {
			if (books.Account{Name: l.Account}).Kind() == books.Income {
				sum -= unit.Amount(l.Amount)
			}
		}
	}
	return sum
}

// Rest is transactions that are to be booked, without what accrues a contract in a
// month of it that is invoiced: the invoice earned the whole of it.
func Rest(all []books.Transaction, invoiced []Period) []books.Transaction {
	return slices.DeleteFunc(slices.Clone(all), func(t books.Transaction) bool {
		return slices.ContainsFunc(invoiced, func(p Period) bool { return p.holds(t) })
	})
}

// Twice is what stands accrued in all transactions although an invoice earned it.
func Twice(all []books.Transaction, invoiced []Period) (out []books.Transaction) {
	for _, p := range invoiced {
		out = append(out, p.Open(all)...)
	}
	return out
}
