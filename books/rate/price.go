package rate

import (
	"cmp"
	"fmt"
	"slices"

	"sluice/books"
)

// PriceVersion is one price over one stretch, with where it is from.
type PriceVersion struct {
	Component string // name of the price
	From, To  int64  // Unix seconds, [From, To); versions of one price do not overlap
	Value     int64  // millionths of the currency for one of the term's unit; negative: the tenant is paid
	Source    string
	Hash      books.Hash // of the record it was read from
}

// pricebook is versions in order of name and time.
type pricebook []PriceVersion

// newPricebook orders prices. Repetitions vanish; an overlap is an error that
// wraps ErrVersions.
func newPricebook(in []PriceVersion) (pricebook, error) {
	all := slices.Clone(in)
	slices.SortFunc(all, func(a, b PriceVersion) int {
		return cmp.Or(cmp.Compare(a.Component, b.Component), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Source, b.Source), slices.Compare(a.Hash[:], b.Hash[:]))
	})
	all = slices.Compact(all)
	for i, p := range all {
		if p.To <= p.From {
			return nil, fmt.Errorf("price %q from %d: %w: it ends before it begins", p.Component, p.From, ErrPrice)
		}
		if i > 0 && all[i-1].Component == p.Component && p.From < all[i-1].To {
			return nil, fmt.Errorf("price %q from %d: %w: end the earlier one first", p.Component, p.From, ErrVersions)
		}
	}
	return all, nil
}

// over is the versions of a price that touch a stretch, in order.
func (b pricebook) over(name string, s Span) []PriceVersion {
	from, _ := slices.BinarySearchFunc(b, name, func(p PriceVersion, n string) int {
		return cmp.Or(cmp.Compare(p.Component, n), cmp.Compare(p.To, s.From+1))
	})
	to := from
	for to < len(b) && b[to].Component == name && b[to].From < s.To {
		to++
	}
	return b[from:to]
}
