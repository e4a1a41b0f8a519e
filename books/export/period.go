package export

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/books"
)

// Period is a stretch of the books of one entity and what stands at both ends.
type Period struct {
	Chart        books.Chart
	Zone         *time.Location // in which days are cut
	From, To     time.Time      // half open, both at midnight in the zone
	Opening      map[string]int64
	Lots         map[string][]books.Parcel // open at the beginning
	Transactions []books.Transaction       // posted within, in the order of their booking
	Closing      map[string]int64
	Prices       []books.Price // that were used, of any day
}

// ErrPeriod is the failure of a period that is not whole.
var ErrPeriod = errors.New("the period cannot be exported")

// Balances adds what transactions do to balances. What is pending or void does
// nothing.
func Balances(opening map[string]int64, all []books.Transaction) (map[string]int64, error) {
	out := maps.Clone(opening)
	if out == nil {
		out = map[string]int64{}
	}
	for _, t := range all {
		if t.Standing != books.Posted {
			continue
		}
		for _, l := range t.Lines {
			sum, ok := books.Add(out[l.Account], l.Amount)
			if !ok {
				return nil, fmt.Errorf("balance of %s at transaction %q: %w", l.Account, t.ID, books.ErrOverflow)
			}
			out[l.Account] = sum
		}
	}
	return out, nil
}

// Validate reports why a period cannot be exported.
func (p Period) Validate() error {
	var faults []error
	if p.Zone == nil || !p.From.Before(p.To) {
		faults = append(faults, errors.New("it has no zone, or ends before it begins"))
	}
	for _, t := range p.Transactions {
		if t.Standing != books.Posted {
			faults = append(faults, fmt.Errorf("transaction %q is %s: only what is posted is exported", t.ID, t.Standing))
		}
		if t.At.Before(p.From) || !t.At.Before(p.To) {
			faults = append(faults, fmt.Errorf("transaction %q of %s is outside", t.ID, t.At.UTC().Format(time.DateTime)))
		}
		if err := t.Validate(p.Chart); err != nil {
			faults = append(faults, err)
		}
	}
	for account := range p.Opening {
		if _, ok := p.Chart.Find(account); !ok {
			faults = append(faults, fmt.Errorf("%w: %s", books.ErrAccount, account))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrPeriod, err)
	}
	return nil
}

// first and last are the days of a period.
func (p Period) first() string { return p.day(p.From) }
func (p Period) last() string  { return p.day(p.To.Add(-time.Second)) }

func (p Period) day(t time.Time) string { return t.In(p.Zone).Format(time.DateOnly) }

// sorted are the transactions by day; those of one day keep their order.
func (p Period) sorted() []books.Transaction {
	out := slices.Clone(p.Transactions)
	slices.SortStableFunc(out, func(a, b books.Transaction) int { return strings.Compare(p.day(a.At), p.day(b.At)) })
	return out
}

// quoted are the prices by day, each once: two of one day and value would be taken
// for one that was written twice.
func (p Period) quoted() []books.Price {
	line := func(x books.Price) string {
		return fmt.Sprintf("%s %s %s %020d", p.day(x.At), x.Asset, x.Quote, x.Value)
	}
	out := slices.Clone(p.Prices)
	slices.SortStableFunc(out, func(a, b books.Price) int { return a.At.Compare(b.At) })
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(x books.Price) bool {
		known := seen[line(x)]
		seen[line(x)] = true
		return known
	})
}

// shown are the accounts that appear in an export, in the order of their codes:
// all that hold something or are posted to, and none of conversion into bitcoin.
func (p Period) shown() []books.Account {
	used := map[string]bool{}
	for a := range p.Opening {
		used[a] = true
	}
	for a := range p.Closing {
		used[a] = true
	}
	for _, t := range p.Transactions {
		for _, l := range t.Lines {
			used[l.Account] = true
		}
	}
	var out []books.Account
	for _, a := range p.Chart.Accounts {
		if used[a.Name] && !p.folded(a.Name) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b books.Account) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// folded reports whether an account is that by which money becomes bitcoin, of
// which the other programs need nothing: the cost stands beside the coins.
func (p Period) folded(account string) bool {
	return account == books.Conversion(books.Bitcoin) || account == p.own()
}

func (p Period) own() string { return books.Conversion(books.Asset(p.Chart.Currency)) }

// foreign reports whether a transaction exchanges two currencies; there the
// accounts of conversion stay.
func foreign(t books.Transaction) bool {
	return !slices.ContainsFunc(t.Lines, func(l books.Line) bool { return l.Lot.ID != "" })
}

// lines are those of a transaction that appear in an export.
func (p Period) lines(t books.Transaction) []books.Line {
	if foreign(t) {
		return t.Lines
	}
	return slices.DeleteFunc(slices.Clone(t.Lines), func(l books.Line) bool { return p.folded(l.Account) })
}

// begin is the balances at the beginning as lines: of bitcoin every lot.
func (p Period) begin() []books.Line {
	var out []books.Line
	for _, a := range p.Chart.Accounts {
		if a.Holds() {
			for _, l := range p.Lots[a.Name] {
				out = append(out, books.Line{Account: a.Name, Amount: int64(l.Quantity), Lot: books.Lot{ID: l.ID, Acquired: l.Acquired, Cost: l.Cost}})
			}
		} else if v := p.Opening[a.Name]; v != 0 && !p.folded(a.Name) {
			out = append(out, books.Line{Account: a.Name, Amount: v})
		}
	}
	return out
}

// plain is a text that neither program takes for something else: no quotes, no
// semicolons, one blank where there were several.
func plain(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		case r == '"' || r == '\\':
			return '\''
		case r == ';' || r == '|':
			return ','
		}
		return r
	}, text)
	return strings.Join(strings.Fields(clean), " ")
}

// tags are the tags of a line that are not empty, in a fixed order.
func tags(t books.Tags) [][2]string {
	all := [][2]string{{"site", t.Site}, {"use", t.Use}, {"contract", t.Contract}, {"counterparty", t.Counterparty}, {"project", t.Project}, {"model", t.Model}}
	return slices.DeleteFunc(all, func(x [2]string) bool { return x[1] == "" })
}
