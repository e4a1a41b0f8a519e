package debt

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Interest is what a facility has cost from its begin until a day.
type Interest struct {
	All   unit.Amount
	Built []unit.Amount // of it, the part of each building
}

// Interest is what a facility has cost up to the begin of a day: exact sums over
// days, each rounded once.
//
// Formula: sum of (owed * rate + (limit - owed) * unused) * days / (days of a year).
// Source: docs/formula/debt.md.
func (f Facility) Interest(moves []Move, until time.Time) (Interest, error) {
	all := new(big.Int)
	built := make([]*big.Int, len(f.Building))
	for i := range built {
		built[i] = new(big.Int)
	}
	cuts := f.cuts(moves, dayOf(until))
	for i := 1; i < len(cuts); i++ {
		n, err := f.between(moves, cuts[i-1], cuts[i])
		if err != nil {
			return Interest{}, err
		}
		all.Add(all, n)
		for j, b := range f.Building {
			if !cuts[i-1].Before(dayOf(b.From)) && cuts[i-1].Before(dayOf(b.To)) {
				built[j].Add(built[j], times(n, whole(int64(b.Share))))
			}
		}
	}
	year := whole(int64(unit.One) * f.Basis.year())
	out := Interest{}
	var err error
	if out.All, err = quotient(all, year); err != nil {
		return Interest{}, fmt.Errorf("interest of %q: %w", f.Name, err)
	}
	for _, n := range built {
		v, err := quotient(n, times(year, whole(int64(unit.One))))
		if err != nil {
			return Interest{}, fmt.Errorf("interest of %q: %w", f.Name, err)
		}
		out.Built = append(out.Built, v)
	}
	return out, nil
}

// cuts are the days from the begin until a day at which anything changes.
func (f Facility) cuts(moves []Move, until time.Time) []time.Time {
	days := []time.Time{f.Start, f.Maturity, f.Closed, until}
	for _, m := range moves {
		days = append(days, m.Day)
	}
	for _, r := range f.Rates {
		days = append(days, r.From, r.To)
	}
	for _, b := range f.Building {
		days = append(days, b.From, b.To)
	}
	for i, d := range days {
		days[i] = dayOf(d)
	}
	days = slices.DeleteFunc(days, func(d time.Time) bool { return d.Before(dayOf(f.Start)) || d.After(until) })
	slices.SortFunc(days, time.Time.Compare)
	return slices.CompactFunc(days, time.Time.Equal)
}

// between is the interest of days in which nothing changes, times a million and
// the days of a year.
func (f Facility) between(moves []Move, from, to time.Time) (*big.Int, error) {
	debt := owed(moves, from)
	if debt < 0 || debt > f.Limit {
		return nil, fmt.Errorf("facility %q on %s: %w: %s are owed, its limit is %s", f.Name, from.Format(time.DateOnly), ErrEvent, debt, f.Limit)
	}
	days := whole(f.Basis.number(to) - f.Basis.number(from))
	out := new(big.Int)
	if debt > 0 {
		rate, err := f.rate(from)
		if err != nil {
			return nil, err
		}
		out = times(times(whole(int64(debt)), whole(int64(rate))), days)
	}
	if from.Before(dayOf(f.Maturity)) && (f.Closed.IsZero() || from.Before(dayOf(f.Closed))) {
		out.Add(out, times(times(whole(int64(f.Limit-debt)), whole(int64(f.Unused))), days))
	}
	return out, nil
}

// Span is a period that is charged.
type Span struct {
	Entity   string
	From, To time.Time // half open, in the zone in which the agreement counts days
	Booked   time.Time
}

// transaction is one of a span, with an id that the same span always makes.
func (s Span) transaction(kind, name string, lines ...books.Line) (books.Transaction, bool, error) {
	t := books.Transaction{
		ID:     books.DerivedID(kind, s.Entity, name, s.From.Format(time.DateOnly), s.To.Format(time.DateOnly)),
		Entity: s.Entity, Kind: kind, Standing: books.Posted, At: s.To.Add(-time.Second), Booked: s.Booked, Source: "agreement " + name, Narration: name,
	}
	for _, l := range lines {
		if l.Amount != 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	return t, len(t.Lines) > 0, nil
}

// Accrue is the interest of a facility over a period: an expense, and a part of
// what is being built. False: there is nothing to book.
func Accrue(s Span, f Facility, moves []Move) (books.Transaction, bool, error) {
	if err := f.Validate(); err != nil {
		return books.Transaction{}, false, err
	}
	before, err := f.Interest(moves, s.From)
	if err != nil {
		return books.Transaction{}, false, err
	}
	after, err := f.Interest(moves, s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	return s.transaction(accrual, f.Name, f.lines(before, after)...)
}

// The kinds of transactions that book interest, and how their ids begin.
const (
	accrual       = "interest"
	correction    = "interest correction"
	accrualIDs    = "interest/"
	correctionIDs = "interest-correction/"
)

// Correct brings the interest that was booked to what the facility has cost until
// the end of a period: for a reset, a draw or a repayment that was known late. False:
// there is nothing to book. The begin of the period is not read.
func Correct(s Span, f Facility, moves []Move, booked Interest) (books.Transaction, bool, error) {
	if err := f.Validate(); err != nil {
		return books.Transaction{}, false, err
	}
	if len(booked.Built) != len(f.Building) {
		return books.Transaction{}, false, fmt.Errorf("facility %q: %w: interest of %d buildings was booked, it has %d", f.Name, ErrEvent, len(booked.Built), len(f.Building))
	}
	after, err := f.Interest(moves, s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	t, some, err := s.transaction(correction, f.Name, f.lines(booked, after)...)
	t.ID = books.DerivedID(correction, s.Entity, f.Name, s.To.Format(time.DateOnly), fmt.Sprint(booked))
	return t, some, err
}

// Booked is the interest of a facility that transactions booked. What takes one of
// them back counts too.
func Booked(all []books.Transaction, f Facility) Interest {
	out := Interest{Built: make([]unit.Amount, len(f.Building))}
	for _, t := range all {
		ours := t.Kind == accrual || t.Kind == correction || strings.HasPrefix(t.Reverses, accrualIDs) || strings.HasPrefix(t.Reverses, correctionIDs)
		if t.Standing != books.Posted || !ours || !slices.ContainsFunc(t.Lines, func(l books.Line) bool { return l.Account == books.AccruedInterest(f.Name) }) {
			continue
		}
		for _, l := range t.Lines {
			if l.Account == books.AccruedInterest(f.Name) {
				out.All -= unit.Amount(l.Amount)
			}
			for i, b := range f.Building {
				if l.Account == books.Construction && l.Tags.Project == b.Project {
					out.Built[i] += unit.Amount(l.Amount)
				}
			}
		}
	}
	return out
}

// lines book what interest grew by: an expense, and a part of what is being built.
func (f Facility) lines(before, after Interest) []books.Line {
	all := after.All - before.All
	expense := all
	var lines []books.Line
	for i, b := range f.Building {
		part := after.Built[i] - before.Built[i]
		tags := f.Tags
		tags.Project = b.Project
		lines, expense = append(lines, books.Line{Account: books.Construction, Amount: int64(part), Tags: tags}), expense-part
	}
	return append(lines, books.Line{Account: books.InterestPaid, Amount: int64(expense), Tags: f.Tags},
		books.Line{Account: books.AccruedInterest(f.Name), Amount: -int64(all), Tags: f.Tags})
}

// Spread is the part of the fees that falls to a period, the same each day of the
// term; what is left falls to the day on which the facility was closed.
//
// Formula: fees * days since the begin / days of the term. Source: docs/formula/debt.md.
func Spread(s Span, f Facility) (books.Transaction, bool, error) {
	if err := f.Validate(); err != nil {
		return books.Transaction{}, false, err
	}
	v := int64(f.spread(s.To) - f.spread(s.From))
	return s.transaction("fees of debt", f.Name, books.Line{Account: books.FinanceNonCash, Amount: v, Tags: f.Tags}, books.Line{Account: books.DebtCosts, Amount: -v, Tags: f.Tags})
}

func (f Facility) spread(until time.Time) unit.Amount {
	day, first, last := dayOf(until), dayOf(f.Start), dayOf(f.Maturity)
	switch {
	case !f.Closed.IsZero() && day.After(dayOf(f.Closed)), !day.Before(last):
		return f.Fees
	case !day.After(first):
		return 0
	}
	return unit.Amount(unit.MulDiv(int64(f.Fees), day.Unix()-first.Unix(), last.Unix()-first.Unix()))
}
