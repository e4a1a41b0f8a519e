package statement

import (
	"fmt"
	"slices"
	"strings"

	"sluice/books"
	"sluice/unit"
)

// Activity is what cash came from or went to.
type Activity string

// The activities.
const (
	Operating Activity = "operating"
	Investing Activity = "investing"
	Financing Activity = "financing"
	Exchange  Activity = "exchange" // what cash in other currencies came to be worth more
)

// Activities are all, in the order in which they are stated.
func Activities() []Activity { return []Activity{Operating, Investing, Financing, Exchange} }

// Flow is cash of one kind in a period; what came in is positive.
type Flow struct {
	Activity Activity
	What     string // the account that cash came from or went to
	Amount   unit.Amount
}

// Cash is a statement of cash flows by the direct method.
type Cash struct {
	Opening, Closing unit.Amount
	Flows            []Flow
}

// CashFlow states where cash came from and went to in a period, by the other
// accounts of the transactions that moved it. Transfers between banks are no
// flow. Where the flows do not lead from opening to closing, the error wraps
// ErrTie.
func CashFlow(c books.Chart, opening, closing []books.Balance, all []books.Transaction) (Cash, error) {
	p := purseOf(c)
	out := Cash{Opening: p.holds(opening), Closing: p.holds(closing)}
	flows := map[Flow]unit.Amount{}
	for _, t := range all {
		if t.Standing == books.Posted {
			p.spread(t, flows)
		}
	}
	total := out.Opening
	for f, v := range flows {
		if v != 0 {
			f.Amount = v
			out.Flows = append(out.Flows, f)
			total += v
		}
	}
	slices.SortFunc(out.Flows, func(a, b Flow) int {
		if a.Activity != b.Activity {
			return slices.Index(Activities(), a.Activity) - slices.Index(Activities(), b.Activity)
		}
		return strings.Compare(a.What, b.What)
	})
	if total != out.Closing {
		own := books.Asset(c.Currency)
		return out, fmt.Errorf("cash of %s: the flows lead to %s, the banks hold %s: %w", c.Entity, own.Text(int64(total)), own.Text(int64(out.Closing)), ErrTie)
	}
	return out, nil
}

// Net is the sum of one activity.
func (c Cash) Net(a Activity) (total unit.Amount) {
	for _, f := range c.Flows {
		if f.Activity == a {
			total += f.Amount
		}
	}
	return total
}

// isCash reports whether an account is money in a bank, restricted or not.
func isCash(name string) bool {
	return strings.HasPrefix(name, books.Bank("X")[:len(books.Bank("X"))-1]) || strings.HasPrefix(name, "Assets:RestrictedCash:")
}

// purse says which accounts hold cash, counted in the currency of the entity: money
// of another currency is what it is carried at.
type purse struct {
	own  map[string]string // accounts in the currency of the entity, by what they stand for
	cash map[string]bool
}

func purseOf(c books.Chart) purse {
	p := purse{map[string]string{}, map[string]bool{}}
	for _, a := range c.Accounts {
		name := a.Name
		switch {
		case foreign(c, a):
			name = books.Carrying(a.Name)
		case a.Asset != books.Asset(c.Currency):
			continue
		case p.own[name] != "":
			continue // it carries another one
		}
		p.own[name], p.cash[name] = a.Name, isCash(a.Name)
	}
	return p
}

func (p purse) holds(balances []books.Balance) (total unit.Amount) {
	for _, b := range balances {
		if p.cash[b.Account] {
			total += unit.Amount(b.Amount)
		}
	}
	return total
}

// spread gives the cash of a transaction to its other accounts in money: they sum
// to minus the cash, so each is a flow of its own with its sign turned.
func (p purse) spread(t books.Transaction, flows map[Flow]unit.Amount) {
	var cash int64
	var other []books.Line
	for _, l := range t.Lines {
		switch {
		case p.cash[l.Account]:
			cash += l.Amount
		case p.own[l.Account] != "":
			other = append(other, l)
		}
	}
	if cash == 0 {
		return
	}
	for _, l := range other {
		account := p.own[l.Account]
		flows[Flow{Activity: activity(account), What: flowName(account)}] -= unit.Amount(l.Amount)
	}
}

// activity says to which activity an account belongs. Coins that were mined and
// are sold later are an investment.
//
// Source: docs/formula/statement.md.
func activity(account string) Activity {
	switch {
	case account == books.ExchangeOpen:
		return Exchange
	case strings.HasPrefix(account, "Assets:PPE:"), strings.HasPrefix(account, "Assets:Prepaid:"),
		strings.HasPrefix(account, "Equity:Conversion:"), account == books.RealisedGain:
		return Investing
	case strings.HasPrefix(account, "Equity:"), strings.HasPrefix(account, "Liabilities:Debt"):
		return Financing
	}
	return Operating
}

// flowName is what a flow is called: coins that were sold are one flow, whatever
// they cost and what was gained.
func flowName(account string) string {
	if strings.HasPrefix(account, "Equity:Conversion:") || account == books.RealisedGain {
		return "Bitcoin"
	}
	return account
}
