package cost

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/books"
	"sluice/unit"
)

// UseMargin is what a use of power earned over what it cost.
type UseMargin struct {
	Use    string
	Net    unit.Amount
	Drawn  unit.Energy
	PerMWh unit.Price
	Known  bool // how much it drew; false: Drawn and PerMWh say nothing
}

// Margins is that of every use.
type Margins struct {
	Uses []UseMargin
	Keys []string // by which shared income and costs were divided
	Left []Left   // what no key divides; costs positive, income negative
}

// MarginByUse states what every use earned over what it cost, and by megawatt-hour
// that it drew. drawn is energy at the site's meter; a use that is missing there is
// not known to have drawn anything. Gains on coins that are held are no use's.
//
// Formula: margin = (income - expenses) / energy. Source: docs/formula/cost.md.
func MarginByUse(in Input, drawn map[string]unit.Energy) (Margins, error) {
	var out Margins
	var left Statement
	nets := map[string]int64{}
	for _, b := range in.Balances {
		a, ok := in.Chart.Find(b.Account)
		if !ok {
			return out, fmt.Errorf("%w: %s", books.ErrAccount, b.Account)
		}
		if a.Kind() != books.Income && a.Kind() != books.Expenses || a.Asset != books.Asset(in.Chart.Currency) || strings.HasPrefix(a.Name, gains) {
			continue
		}
		parts, err := in.byUse(&out, &left, b)
		if err != nil {
			return out, err
		}
		for use, v := range parts {
			if nets[use], ok = books.Add(nets[use], -v); !ok {
				return out, fmt.Errorf("margin of %s: %w", use, books.ErrOverflow)
			}
		}
	}
	for _, use := range sorted(nets) {
		m := UseMargin{Use: use, Net: unit.Amount(nets[use]), Drawn: drawn[use]}
		m.PerMWh, m.Known = Margin(m.Net, m.Drawn)
		out.Uses = append(out.Uses, m)
	}
	out.Left = left.Left
	return out, nil
}

// gains is the family of accounts of what coins gain while they are held.
const gains = "Income:Gain:"

// byUse is a balance by the uses that it belongs to.
func (in Input) byUse(out *Margins, left *Statement, b books.Balance) (map[string]int64, error) {
	if b.Tags.Use != "" && b.Tags.Use != Shared {
		return map[string]int64{b.Tags.Use: b.Amount}, nil
	}
	i := slices.IndexFunc(in.Keys, func(k Key) bool { return k.fits("", b.Account, b.Tags) })
	if i < 0 {
		left.leave(b)
		return nil, nil
	}
	out.Keys = once(out.Keys, in.Keys[i].Name)
	return in.Keys[i].divide(b.Amount)
}

// Margin is what a use earned over what it cost, by megawatt-hour that it drew.
// False: it drew nothing.
func Margin(net unit.Amount, drawn unit.Energy) (unit.Price, bool) {
	if drawn <= 0 {
		return 0, false
	}
	p, ok := unit.TryMulDiv(int64(net), int64(unit.MegawattHour), int64(drawn))
	return unit.Price(p), ok
}

// sorted are the names of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
