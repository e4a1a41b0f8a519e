package peer

import (
	"fmt"
	"slices"
	"time"
)

// StaleMost is how old a balance or a state may be at the end of a period, in days:
// one half-year's report and a week.
const StaleMost = 190

// Figure is a figure and what it was made of, or why there is none.
type Figure struct {
	Value float64
	OK    bool
	How   string // what it was made of; empty: as it was published for the period
	Why   string // where there is none
}

// none is no figure.
func none(format string, a ...any) Figure { return Figure{Why: fmt.Sprintf(format, a...)} }

// got is a figure.
func got(v float64, how string) Figure { return Figure{Value: v, OK: true, How: how} }

// view is one company at one period.
type view struct {
	g       *Group
	company string
	period  Period
	market  Market
}

func (v view) all(metric, item string) []Fact { return v.g.facts[key{v.company, metric, item}] }

// exact is the fact of the period itself.
func (v view) exact(metric, item string) (Fact, bool) {
	for _, f := range v.all(metric, item) {
		if f.Period == v.period {
			return f, true
		}
	}
	return Fact{}, false
}

// rate is a rate of the period itself.
func (v view) rate(metric string) Figure {
	if f, there := v.exact(metric, ""); there {
		return got(f.Value, "")
	}
	return none("%s of %s is missing", metric, v.period)
}

// tiles are facts of parts that make up the period without a gap; the longest part
// counts where several begin on a day.
func (v view) tiles(metric, item string) (parts []Fact, covered int) {
	for next := v.period.First; !next.After(v.period.Last); {
		var best Fact
		for _, f := range v.all(metric, item) {
			if f.Period.First.Equal(next) && !f.Period.Last.After(v.period.Last) && (!best.Known || f.Period.Last.After(best.Period.Last)) {
				best = f
			}
		}
		if !best.Known {
			return parts, days(v.period.First, next)
		}
		parts = append(parts, best)
		next = best.Period.Last.AddDate(0, 0, 1)
	}
	return parts, v.period.Days()
}

// over is a flow summed, or a mean weighted by days, over the parts of the period.
func (v view) over(metric, item string) Figure {
	name := Fact{Metric: metric, Item: item}.Name()
	if f, there := v.exact(metric, item); there {
		return got(f.Value, "")
	}
	parts, covered := v.tiles(metric, item)
	if covered < v.period.Days() {
		if covered == 0 {
			return none("%s of %s is missing", name, v.period)
		}
		return none("%s of %s is told for its first %d of %d days only", name, v.period, covered, v.period.Days())
	}
	sum, weighed := 0.0, 0.0
	for _, f := range parts {
		sum += f.Value
		weighed += f.Value * float64(f.Period.Days())
	}
	if parts[0].Kind == Mean {
		return got(weighed/float64(v.period.Days()), fmt.Sprintf("%s is the mean of %d parts by their days", name, len(parts)))
	}
	return got(sum, fmt.Sprintf("%s is the sum of %d parts", name, len(parts)))
}

// last is the latest balance or state at the end of the period, not older than
// StaleMost days.
func (v view) last(metric string) Figure {
	f, age, there := v.latest(metric, "")
	switch {
	case !there:
		return none("%s is missing", metric)
	case age > StaleMost:
		return none("%s is of %s, more than %d days before the end of %s", metric, f.Period, StaleMost, v.period)
	case age > 0:
		return got(f.Value, fmt.Sprintf("%s of %s", metric, f.Period))
	}
	return got(f.Value, "")
}

// latest is the last fact that ends with the period or before it, and its age in days.
func (v view) latest(metric, item string) (f Fact, age int, ok bool) {
	all := v.all(metric, item)
	for i, a := range slices.Backward(all) {
		if !a.Period.Last.After(v.period.Last) {
			best := a
			// Where several end on one day, that of the period itself counts.
			for j := i; j >= 0 && all[j].Period.Last.Equal(best.Period.Last); j-- {
				if all[j].Period == v.period {
					best = all[j]
				}
			}
			return best, days(best.Period.Last, v.period.Last), true
		}
	}
	return Fact{}, 0, false
}

// word is the text that holds on a day; of several that begin on a day the shortest
// counts.
func (g *Group) word(company, metric string, day time.Time) (string, bool) {
	var best Fact
	for _, f := range g.facts[key{company, metric, ""}] {
		if !f.Period.First.After(day) && (!best.Known || f.Period.First.After(best.Period.First)) {
			best = f
		}
	}
	return best.Word, best.Known
}

// Class is what a company was on a day: pure, hybrid or ai-first.
func (g *Group) Class(company string, day time.Time) (string, bool) {
	return g.word(company, mClass, day)
}

// Ticker is that of its share on a day; where none is told, the name of the company.
func (g *Group) Ticker(company string, day time.Time) string {
	if t, told := g.word(company, mTicker, day); told {
		return t
	}
	return company
}
