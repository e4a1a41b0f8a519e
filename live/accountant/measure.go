package accountant

import (
	"slices"
	"time"

	"sluice/books"
	"sluice/books/cost"
	"sluice/books/statement"
	"sluice/unit"
)

// Measured is what the filed papers of the days say was drawn and done.
type Measured struct {
	Days, Missing int                    // days of which something is booked, and those of them without a paper
	Drawn         map[string]unit.Energy // by use, at the site's meter
	Work          unit.Work              // 0: not known
	Yields        []cost.Yield
}

// Known reports whether all energy of the period is known.
func (m Measured) Known() bool { return m.Days > 0 && m.Missing == 0 }

// Measure adds up what was measured. What is missing for one day is not known for
// the period: it is never taken for nothing.
func Measure(zone *time.Location, within []books.Transaction, days []statement.Day) (m Measured, err error) {
	m.Drawn = map[string]unit.Energy{}
	m.Days, m.Missing, err = statement.Unmeasured(zone, within, days)
	if err != nil || !m.Known() {
		return m, err
	}
	whole := true
	for _, d := range days {
		for _, u := range d.Uses {
			tags := u.Tags(d.Site)
			m.Drawn[tags.Use] += u.Meter
			m.Work += u.Work
			m.Yields = append(m.Yields, cost.Yield{Tags: tags, Work: u.Work})
			whole = whole && (u.Work > 0 || u.Mined == 0)
		}
	}
	if !whole {
		m.Work, m.Yields = 0, nil
	}
	return m, nil
}

// CostInput is what the cost of a bitcoin is made of. What is shared by all uses is
// mining's where nothing else is run and the company declares no keys.
func (s *Shelf) CostInput(x Stand, m Measured, keys []cost.Key) cost.Input {
	in := cost.Input{Chart: s.Chart, Balances: x.Earning, Earned: cost.Earned(x.Within), Work: m.Work, Keys: keys}
	if len(in.Keys) == 0 && onlyMines(x.Earning) {
		in.Keys = []cost.Key{{Name: "nothing but mining is run", Shares: map[string]int64{cost.Mining: 1}}}
	}
	return in
}

func onlyMines(all []books.Balance) bool {
	return !slices.ContainsFunc(all, func(b books.Balance) bool {
		return b.Tags.Use != "" && b.Tags.Use != cost.Mining && b.Tags.Use != cost.Shared
	})
}
