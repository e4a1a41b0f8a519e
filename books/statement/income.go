package statement

import (
	"slices"

	"sluice/books"
	"sluice/unit"
)

// Income is a profit and loss statement of a period.
type Income struct {
	Income   []Row // positive where earned
	Expenses []Row // positive where spent
	Net      unit.Amount
}

// ProfitAndLoss states what a period earned and spent. balances are what the
// transactions of that period alone did.
func ProfitAndLoss(c books.Chart, balances []books.Balance) (Income, error) {
	sums, err := byAccount(c, balances)
	if err != nil {
		return Income{}, err
	}
	var out Income
	for _, a := range ordered(c) {
		v := unit.Amount(sums[a.Name])
		switch {
		case v == 0 || a.Asset != books.Asset(c.Currency):
		case a.Kind() == books.Income:
			out.Income = append(out.Income, Row{a, -v})
		case a.Kind() == books.Expenses:
			out.Expenses = append(out.Expenses, Row{a, v})
		}
	}
	out.Net = sum(out.Income) - sum(out.Expenses)
	return out, nil
}

// Dimension is what a statement is cut by.
type Dimension func(books.Tags) string

// BySite cuts by site.
func BySite(t books.Tags) string { return t.Site }

// ByUse cuts by use of power.
func ByUse(t books.Tags) string { return t.Use }

// ByModel cuts by model of machine.
func ByModel(t books.Tags) string { return t.Model }

// ByContract cuts by contract.
func ByContract(t books.Tags) string { return t.Contract }

// Cut is a profit and loss statement of one part of the company; Name is empty
// for what belongs to none.
type Cut struct {
	Name string
	Income
}

// CutBy states profit and loss for every part by itself, in order of their names.
// The parts sum to the whole.
func CutBy(c books.Chart, balances []books.Balance, d Dimension) ([]Cut, error) {
	parts := map[string][]books.Balance{}
	var names []string
	for _, b := range balances {
		name := d(b.Tags)
		if _, known := parts[name]; !known {
			names = append(names, name)
		}
		parts[name] = append(parts[name], b)
	}
	slices.Sort(names)
	var out []Cut
	for _, n := range names {
		in, err := ProfitAndLoss(c, parts[n])
		if err != nil {
			return nil, err
		}
		if len(in.Income)+len(in.Expenses) > 0 {
			out = append(out, Cut{n, in})
		}
	}
	return out, nil
}
