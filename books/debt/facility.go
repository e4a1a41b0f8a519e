package debt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Basis is how days are counted for interest.
type Basis string

// The bases. The last counts every month as 30 days, and a 31st as the 30th at
// both ends (30E/360), so that a stretch has as many days as its parts together.
const (
	Actual360 Basis = "actual/360"
	Actual365 Basis = "actual/365"
	Thirty360 Basis = "30/360"
)

// year is how many days a year has.
func (b Basis) year() int64 {
	if b == Actual365 {
		return 365
	}
	return 360
}

// number is the number of a day; the days of a stretch are the numbers of its end
// less that of its begin.
func (b Basis) number(t time.Time) int64 {
	y, m, d := t.Date()
	if b == Thirty360 {
		return 360*int64(y) + 30*int64(m-1) + int64(min(d, 30))
	}
	return dayOf(t).Unix() / 86_400
}

// dayOf is the day of a time where that was told, as midnight in UTC. Only the
// date counts for interest.
func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Reset is the rate a year over some days.
type Reset struct {
	From, To time.Time // half open; no To: until maturity and beyond
	Rate     unit.Ratio
}

// Building is a stretch of days in which a share of the interest belongs to what is
// being built.
type Building struct {
	From, To time.Time // half open; To is when it goes into service
	Share    unit.Ratio
	Project  string
}

// Facility is one agreement with a lender.
type Facility struct {
	Name     string
	Limit    unit.Amount // up to which it may be drawn
	Basis    Basis
	Rates    []Reset    // one of a fixed rate, and one by reset of a floating one
	Floor    unit.Ratio // below which no rate counts, before the margin
	Margin   unit.Ratio // on top of each
	Unused   unit.Ratio // a year, for what is not drawn until maturity
	Start    time.Time
	Maturity time.Time
	Fees     unit.Amount // paid for the agreement, spread over its term
	Closed   time.Time   // when it ended before its maturity; zero: it did not
	Building []Building
	Tags     books.Tags
}

// The failures of a facility.
var (
	ErrFacility = errors.New("no facility")
	ErrRate     = errors.New("no rate")
	ErrEvent    = errors.New("this cannot have happened")
)

// Validate reports everything that is wrong with a facility.
func (f Facility) Validate() error {
	var faults []error
	if strings.TrimSpace(f.Name) == "" || f.Limit <= 0 || f.Fees < 0 {
		faults = append(faults, errors.New("it has a name, a limit above zero and no negative fees"))
	}
	if !slices.Contains([]Basis{Actual360, Actual365, Thirty360}, f.Basis) {
		faults = append(faults, fmt.Errorf("basis %q is none of %s, %s and %s", f.Basis, Actual360, Actual365, Thirty360))
	}
	if f.Start.IsZero() || !dayOf(f.Start).Before(dayOf(f.Maturity)) {
		faults = append(faults, errors.New("it begins before its maturity"))
	}
	if !share(f.Margin) || !share(f.Unused) || !share(f.Floor) {
		faults = append(faults, errors.New("floor, margin and the rate of what is unused are 0 to 100 % a year"))
	}
	for i, r := range f.Rates {
		if r.Rate <= -unit.One || r.Rate > unit.One || !r.To.IsZero() && !dayOf(r.From).Before(dayOf(r.To)) || i > 0 && dayOf(r.From).Before(dayOf(f.Rates[i-1].To)) || i > 0 && f.Rates[i-1].To.IsZero() {
			faults = append(faults, fmt.Errorf("rate %d, from %s: rates follow one another in time and are at most 100 %% a year", i+1, r.From.Format(time.DateOnly)))
		}
	}
	for i, b := range f.Building {
		if b.Share <= 0 || b.Share > unit.One || slices.ContainsFunc(f.Building[:i], func(o Building) bool { return o.Project == b.Project }) || !dayOf(b.From).Before(dayOf(b.To)) || i > 0 && dayOf(b.From).Before(dayOf(f.Building[i-1].To)) {
			faults = append(faults, fmt.Errorf("building %q: it has a name of its own and a share of the interest, and one follows the other in time", b.Project))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("facility %q: %w: %w", f.Name, ErrFacility, err)
	}
	return nil
}

func share(r unit.Ratio) bool { return r >= 0 && r <= unit.One }

// Move is a change of what is owed: a draw is positive, a repayment negative. It
// bears interest from its day on.
type Move struct {
	Day    time.Time
	Amount unit.Amount
}

// Moves are those of a facility in transactions. zone is where the days of the
// agreement are cut.
func Moves(all []books.Transaction, facility string, zone *time.Location) []Move {
	var out []Move
	for _, t := range all {
		for _, l := range t.Lines {
			if t.Standing == books.Posted && l.Account == books.Debt(facility) {
				out = append(out, Move{t.At.In(zone), -unit.Amount(l.Amount)})
			}
		}
	}
	return out
}

// owed is what is owed at the end of a day.
func owed(moves []Move, day time.Time) (sum unit.Amount) {
	for _, m := range moves {
		if !dayOf(m.Day).After(day) {
			sum += m.Amount
		}
	}
	return sum
}

// rate is the rate a year of a day, with the margin.
func (f Facility) rate(day time.Time) (unit.Ratio, error) {
	for _, r := range f.Rates {
		if !day.Before(dayOf(r.From)) && (r.To.IsZero() || day.Before(dayOf(r.To))) {
			return max(r.Rate, f.Floor) + f.Margin, nil
		}
	}
	return 0, fmt.Errorf("facility %q on %s: %w: add the one that was fixed for that day; no other is taken for it", f.Name, day.Format(time.DateOnly), ErrRate)
}
