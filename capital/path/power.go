package path

import (
	"fmt"
	"sort"
	"time"
)

// seasons of a year: weeks counted from 1 January, the last has one or two days.
const seasons = 53

// PowerTable says which week of the power history belongs to a week of a future: one of
// the same season, from the year of the week that was drawn where there is one, else
// from the nearest year that has it, the earlier of two. So power keeps its winters,
// and what was drawn together stays together: one index serves all sites of a market.
type PowerTable struct {
	cells []int32 // season by season: one for each year of the history
	years []int32 // by week of the history: which of them
	width int
}

// PowerWeeks matches a power history, given by the begins of its weeks in order, to a
// history. Every season must be there in one year at least: a year without a gap
// is enough. Errors are ErrHistory.
func PowerWeeks(h History, power []time.Time) (*PowerTable, error) {
	if len(h) == 0 || len(power) == 0 {
		return nil, fmt.Errorf("%d weeks of history and %d of power: give both: %w", len(h), len(power), ErrHistory)
	}
	for i := 1; i < len(power); i++ {
		if power[i].Sub(power[i-1]) < week {
			return nil, fmt.Errorf("the power week of %s begins less than a week after that of %s: give whole weeks in order: %w", date(power[i]), date(power[i-1]), ErrHistory)
		}
	}
	first, last := h[0].Begin.UTC().Year(), h[len(h)-1].Begin.UTC().Year()
	t := &PowerTable{width: last - first + 1, years: make([]int32, len(h))}
	for i, w := range h {
		t.years[i] = int32(w.Begin.UTC().Year() - first)
	}
	t.cells = make([]int32, seasons*t.width)
	for s := range seasons {
		for y := range t.width {
			at, ok := nearestYear(power, s, first+y)
			if !ok {
				return nil, fmt.Errorf("no power week lies around day %d of any year: give a year of power without a gap: %w", middle(s), ErrHistory)
			}
			t.cells[s*t.width+y] = int32(at)
		}
	}
	return t, nil
}

// At is the power week for a week of a future that begins at a time and for which a week
// of the history was drawn.
func (t *PowerTable) At(begin time.Time, drawn int) int {
	return int(t.cells[t.row(begin)+t.years[drawn]])
}

func (t *PowerTable) row(begin time.Time) int32 { return int32(season(begin) * t.width) }

// season is the week of the year in which a week has its middle.
func season(begin time.Time) int { return (begin.UTC().Add(week/2).YearDay() - 1) / 7 }

// middle is the day of the year in the middle of a season.
func middle(season int) int { return min(7*season+4, 365) }

// nearestYear is the week of a season in a year, or in the nearest one that has it.
func nearestYear(power []time.Time, season, year int) (int, bool) {
	span := power[len(power)-1].UTC().Year() - power[0].UTC().Year()
	away := max(power[0].UTC().Year()-year, year-power[len(power)-1].UTC().Year(), 0)
	for off := 0; off <= away+span+1; off++ {
		for _, y := range []int{year - off, year + off} {
			if i, ok := around(power, time.Date(y, 1, middle(season), 12, 0, 0, 0, time.UTC)); ok {
				return i, true
			}
		}
	}
	return 0, false
}

// around is the week whose middle is nearest to a time, at most half a week and a day away.
func around(power []time.Time, at time.Time) (int, bool) {
	apart := func(i int) time.Duration { return power[i].Add(week / 2).Sub(at).Abs() }
	i := sort.Search(len(power), func(i int) bool { return !power[i].Add(week / 2).Before(at) })
	if i == len(power) || i > 0 && apart(i-1) <= apart(i) {
		i--
	}
	return i, apart(i) <= week/2+day
}

// match prepares the weeks of power.
func (b *Bootstrap) match(h History) error {
	if len(b.config.Power) == 0 {
		return nil
	}
	table, err := PowerWeeks(h, b.config.Power)
	if err != nil {
		return err
	}
	b.power, b.seasons = table, make([]int32, b.config.Weeks)
	for t := range b.seasons {
		b.seasons[t] = table.row(b.Week(t))
	}
	return nil
}
