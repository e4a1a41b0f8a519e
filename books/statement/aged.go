package statement

import (
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Aged is what one customer owes, by how long ago it was booked. What was paid
// counts against the oldest first. Paid is what they have paid too much.
type Aged struct {
	Account string
	Days30  unit.Amount // booked within the last 30 days
	Days60  unit.Amount
	Days90  unit.Amount
	Older   unit.Amount
	Paid    unit.Amount
}

// Total is all that the customer owes.
func (a Aged) Total() unit.Amount { return a.Days30 + a.Days60 + a.Days90 + a.Older - a.Paid }

// debt is what is left of one debit.
type debt struct {
	at   time.Time
	left unit.Amount
}

// Receivables states what is owed at an instant, by customer and age, in order of
// the accounts. What is owed in another currency counts at what it is carried at.
func Receivables(c books.Chart, all []books.Transaction, at time.Time) []Aged {
	p := purseOf(c)
	open, paid := map[string][]debt{}, map[string]unit.Amount{}
	var names []string
	for _, t := range all {
		if t.Standing != books.Posted || t.At.After(at) {
			continue
		}
		for _, l := range t.Lines {
			account := p.own[l.Account]
			if !strings.HasPrefix(account, "Assets:Receivable:") {
				continue
			}
			if !slices.Contains(names, account) {
				names = append(names, account)
			}
			if l.Amount > 0 {
				open[account] = append(open[account], debt{t.At, unit.Amount(l.Amount)})
			} else {
				paid[account] -= unit.Amount(l.Amount)
			}
		}
	}
	slices.Sort(names)
	var out []Aged
	for _, n := range names {
		if a := age(n, open[n], paid[n], at); a.Total() != 0 || a.Paid != 0 {
			out = append(out, a)
		}
	}
	return out
}

// age lets payments meet the oldest debts and sorts what is left by age.
func age(account string, open []debt, paid unit.Amount, at time.Time) Aged {
	a := Aged{Account: account}
	slices.SortStableFunc(open, func(x, y debt) int { return x.at.Compare(y.at) })
	for _, d := range open {
		n := min(paid, d.left)
		paid, d.left = paid-n, d.left-n
		switch days := at.Sub(d.at) / (24 * time.Hour); {
		case days < 30:
			a.Days30 += d.left
		case days < 60:
			a.Days60 += d.left
		case days < 90:
			a.Days90 += d.left
		default:
			a.Older += d.left
		}
	}
	a.Paid = paid
	return a
}
