package statement

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// powerMetered is the kind of the transaction that books the power of a day.
const powerMetered = "power metered"

// place is a day of a site.
type place struct{ day, site string }

func (p place) String() string { return strings.TrimSpace(p.day + " " + p.site) }

// booked is what the books say of a day.
type booked struct {
	coins         unit.Satoshi
	credit, power bool
	moved         bool // something of the day was taken back, or came late: its sum may stand elsewhere
	evidence      []books.Hash
}

// paper is what was measured, and the hash under which it is filed.
type paper struct {
	Day
	hash books.Hash
}

// Booked checks that every day of a site, from its first to its last of which
// anything is known within the transactions and papers given, has its power and
// its coins in the books, and where a paper of the day is filed, that the coins
// are those that were measured and that the paper is the evidence.
//
// Source: docs/formula/statement.md.
func Booked(zone *time.Location, all []books.Transaction, papers []Day) ([]Difference, error) {
	filed, err := filedDays(papers)
	if err != nil {
		return nil, err
	}
	known := booksOfDays(zone, all, filed)
	var out []Difference
	for _, at := range everyDay(known, filed) {
		x, d := known[at], filed[at]
		if d.hash == (books.Hash{}) {
			out = append(out, x.alone(at, anyOf(filed, at.site))...)
			continue
		}
		out = append(out, x.against(at, d)...)
	}
	return out, nil
}

// Unmeasured is of how many days of sites something is booked, and of how many of
// them no paper is filed: where that is any, what was drawn in all is not known.
func Unmeasured(zone *time.Location, all []books.Transaction, papers []Day) (days, missing int, err error) {
	filed, err := filedDays(papers)
	known := booksOfDays(zone, all, filed)
	for at := range known {
		if _, ok := filed[at]; !ok {
			missing++
		}
	}
	return len(known), missing, err
}

// filedDays are papers by day and site; of two of one day the last counts.
func filedDays(papers []Day) (map[place]paper, error) {
	out := map[place]paper{}
	for _, d := range papers {
		hash, err := d.Hash()
		if err != nil {
			return nil, err
		}
		out[place{d.Day, d.Site}] = paper{d, hash}
	}
	return out, nil
}

// booksOfDays are what the transactions say of each day of each site. A transaction
// is of the day of the paper that it was made from, which is a day of the site;
// without one, of its day in the zone.
func booksOfDays(zone *time.Location, all []books.Transaction, filed map[place]paper) map[place]booked {
	out := map[place]booked{}
	days := map[books.Hash]string{}
	for at, d := range filed {
		days[d.hash] = at.day
	}
	home := map[string]place{} // of transactions that may be taken back
	for _, t := range all {
		isPower := t.Kind == powerMetered
		if t.Standing != books.Posted || len(t.Lines) == 0 || !isPower && !mined(t) && home[t.Reverses] == (place{}) {
			continue
		}
		at := place{t.At.In(zone).Format(time.DateOnly), t.Lines[0].Tags.Site}
		if day, ok := days[t.Evidence]; ok {
			at.day = day
		}
		back := t.Reverses != ""
		if back {
			at = home[t.Reverses]
		}
		if at == (place{}) {
			continue // takes back what is not before us
		}
		home[t.ID] = at
		x := out[at]
		x.moved = x.moved || back || t.Belongs != ""
		if mined(t) {
			for _, l := range t.Lines {
				if l.Lot.ID != "" {
					x.coins += unit.Satoshi(l.Amount)
				}
			}
		}
		if !back {
			x.credit, x.power = x.credit || mined(t), x.power || isPower
			x.evidence = append(x.evidence, t.Evidence)
		}
		out[at] = x
	}
	return out
}

// everyDay are all days of each site from its first to its last, in order.
func everyDay(known map[place]booked, filed map[place]paper) []place {
	ends := map[string][2]string{}
	note := func(p place) {
		e, ok := ends[p.site]
		if !ok {
			e = [2]string{p.day, p.day}
		}
		ends[p.site] = [2]string{min(e[0], p.day), max(e[1], p.day)}
	}
	for p := range known {
		note(p)
	}
	for p := range filed {
		note(p)
	}
	var out []place
	for _, site := range slices.Sorted(maps.Keys(ends)) {
		day, _ := time.Parse(time.DateOnly, ends[site][0]) // both are dates: of transactions, or of valid papers
		last, _ := time.Parse(time.DateOnly, ends[site][1])
		for ; !day.After(last); day = day.AddDate(0, 0, 1) {
			out = append(out, place{day.Format(time.DateOnly), site})
		}
	}
	slices.SortStableFunc(out, func(a, b place) int { return cmp.Compare(a.day, b.day) })
	return out
}

func anyOf(filed map[place]paper, site string) bool {
	for p := range filed {
		if p.site == site {
			return true
		}
	}
	return false
}

// alone is what is odd about a day of which no paper is filed.
func (x booked) alone(at place, others bool) (out []Difference) {
	switch {
	case !x.credit && !x.power:
		return []Difference{{NothingBooked, at.String(), false, "nothing is booked of this day"}}
	case !x.power:
		out = append(out, Difference{NoPower, at.String(), false, "coins are booked of this day, and no power"})
	case !x.credit:
		out = append(out, Difference{NoCoins, at.String(), false, "power is booked of this day, and no coins"})
	}
	if others {
		out = append(out, Difference{NoPaper, at.String(), true, "of other days of the site what was measured is filed, of this one it is not"})
	}
	return out
}

// against is what differs between the books of a day and what was measured.
func (x booked) against(at place, d paper) (out []Difference) {
	var measured unit.Satoshi
	var drawn unit.Energy
	for _, u := range d.Uses {
		measured, drawn = measured+u.Mined, drawn+u.Meter
	}
	switch {
	case measured > 0 && !x.credit:
		out = append(out, Difference{NoCoins, at.String(), !x.moved, books.Bitcoin.Text(int64(measured)) + " BTC were mined, and none are booked"})
	case measured != x.coins:
		out = append(out, Difference{OtherCoins, at.String(), !x.moved, fmt.Sprintf("%s BTC were mined, and %s are booked", books.Bitcoin.Text(int64(measured)), books.Bitcoin.Text(int64(x.coins)))})
	}
	if drawn > 0 && !x.power {
		out = append(out, Difference{NoPower, at.String(), !x.moved, fmt.Sprintf("%.3f MWh were drawn, and no power is booked", drawn.MWh())})
	}
	if slices.ContainsFunc(x.evidence, func(h books.Hash) bool { return h != d.hash }) {
		out = append(out, Difference{OtherEvidence, at.String(), !x.moved, "a transaction of this day names another paper than the one that is filed of it"})
	}
	return out
}
