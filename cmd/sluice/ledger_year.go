package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/store/ledger"
	"sluice/unit"
)

// errYear fails the closing of a year that is not ready for it.
var errYear = statement.ErrYear

// yearEnd is a year that was closed.
type yearEnd struct {
	Closing string      // id of the transaction; empty: nothing was left to close
	Kept    unit.Amount // that it brought into retained earnings; below zero: a loss
	Lock    ledger.Locking
	Again   bool // it stood closed and locked already
	proof   *ledgerProof
}

// closeYear proves a fiscal year, books its closing, proves it once more and locks
// it from the end of the latest lock on. Whatever of that stands already is left as
// it stands, so that doing it again after a power cut ends what was begun.
func (s *shelf) closeYear(ctx context.Context, by string, oldestFirst bool) (y yearEnd, err error) {
	locks, err := s.store.Locks(ctx, s.chart.Entity)
	if err != nil {
		return y, err
	}
	last, locked := latestLock(locks)
	if err := s.ready(ctx, last, locked); err != nil {
		return y, input(err)
	}
	if y.proof, err = s.prove(ctx, oldestFirst); err != nil {
		return y, err
	}
	t, some, err := s.closing(ctx)
	if err != nil {
		return y, err
	}
	if locked && !s.to.After(last.To) {
		if some {
			return y, input(fmt.Errorf("%w: its end is locked (lock %d): take the lock back by two people with 'sluice ledger unlock --number %d', then close the year", errYear, last.Number, last.Number))
		}
		y.Lock, y.Again = lockOver(locks, s.to), true
		return y, nil
	}
	if some {
		if _, err := s.store.Post(ctx, t); err != nil {
			return y, err
		}
		y.Closing, y.Kept = t.ID, kept(t)
		if y.proof, err = s.prove(ctx, oldestFirst); err != nil {
			return y, fmt.Errorf("the closing %s is booked, and the year is not proved with it and not locked: %w", t.ID, err)
		}
	}
	from := s.from
	if locked && last.To.After(from) {
		from = last.To
	}
	y.Lock, err = s.store.Lock(ctx, ledger.Period{Entity: s.chart.Entity, From: from, To: s.to, At: now(), By: by})
	return y, input(err)
}

// kept is what a closing brings into retained earnings.
func kept(t books.Transaction) (v unit.Amount) {
	for _, l := range t.Lines {
		if l.Account == books.Retained {
			v -= unit.Amount(l.Amount)
		}
	}
	return v
}

// standingLocks are those that were not taken back, the first one first.
func standingLocks(all []ledger.Locking) (out []ledger.Locking) {
	gone := map[int64]bool{}
	for _, l := range all {
		gone[l.Unlocks] = true
	}
	for _, l := range all {
		if l.Unlocks == 0 && !gone[l.Number] {
			out = append(out, l)
		}
	}
	return out
}

func latestLock(all []ledger.Locking) (ledger.Locking, bool) {
	locks := standingLocks(all)
	if len(locks) == 0 {
		return ledger.Locking{}, false
	}
	return locks[len(locks)-1], true
}

// lockOver is the lock that holds the last second before a time.
func lockOver(all []ledger.Locking, end time.Time) (l ledger.Locking) {
	for _, l = range standingLocks(all) {
		if !l.To.Before(end) {
			break
		}
	}
	return l
}

// ready says for what a year cannot be closed yet, and what to do about it.
func (s *shelf) ready(ctx context.Context, last ledger.Locking, locked bool) error {
	if now().Before(s.to) {
		return fmt.Errorf("%w: it ends on %s only", errYear, s.to.Add(-time.Second).Format(time.DateOnly))
	}
	before, err := s.transactions(ctx, time.Time{}, s.from)
	if err != nil {
		return err
	}
	if whole := s.from.AddDate(1, 0, 0); s.to.After(whole) || s.to.Before(whole) && len(before) > 0 {
		return fmt.Errorf("%w: %s to before %s is no fiscal year: only the first of a company may be shorter than twelve months", errYear, s.from.Format(time.DateOnly), s.to.Format(time.DateOnly))
	}
	if err := s.earlierClosed(ctx); err != nil {
		return err
	}
	within, err := s.transactions(ctx, time.Time{}, s.to)
	if err != nil {
		return err
	}
	open, err := statement.Commitments(s.chart, plainOf(within))
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return fmt.Errorf("%w: %d transactions are pending, the first %s of %s: post or void each before the year is closed", errYear, len(open), open[0].ID, open[0].At.In(s.zone).Format(time.DateOnly))
	}
	return s.months(ctx)
}

// earlierClosed refuses a year whose predecessor stands open.
func (s *shelf) earlierClosed(ctx context.Context) error {
	opening, err := s.balances(ctx, time.Time{}, s.from)
	if err != nil {
		return err
	}
	for _, b := range opening {
		if a, _ := s.chart.Find(b.Account); a.Kind() == books.Income || a.Kind() == books.Expenses {
			return fmt.Errorf("%w: %s holds %s from before %s: close the year before first", errYear, b.Account, a.Asset.Text(b.Amount), s.from.Format(time.DateOnly))
		}
	}
	return nil
}

// months proves the statements of every month of the year by itself, and that
// something is booked in each from the first on.
func (s *shelf) months(ctx context.Context) error {
	begun := false
	for from := s.from; from.Before(s.to); from = from.AddDate(0, 1, 0) {
		month := *s
		month.from, month.to = from, from.AddDate(0, 1, 0)
		if month.to.After(s.to) {
			month.to = s.to
		}
		r, err := month.report(ctx, extras{})
		if err != nil {
			return fmt.Errorf("%w: %s is not proved: %w", errYear, from.Format("2006-01"), err)
		}
		if begun && r.Entries == 0 {
			return fmt.Errorf("%w: nothing is booked in %s: book it first", errYear, from.Format("2006-01"))
		}
		begun = begun || r.Entries > 0
	}
	if !begun {
		return fmt.Errorf("%w: nothing is booked in it", errYear)
	}
	return nil
}

// closing is the transaction that closes the year as the books stand.
func (s *shelf) closing(ctx context.Context) (books.Transaction, bool, error) {
	all, err := s.transactions(ctx, s.from, s.to)
	if err != nil {
		return books.Transaction{}, false, err
	}
	year := statement.Year{From: s.from, To: s.to, Booked: now()}
	for _, t := range all {
		if t.Kind == statement.YearEnd {
			year.Closed++
		}
	}
	balances, err := s.balances(ctx, time.Time{}, s.to)
	if err != nil {
		return books.Transaction{}, false, err
	}
	return statement.CloseYear(s.chart, year, balances)
}

// closedJSON is a closed year for programs.
type closedJSON struct {
	Closing string   `json:"closing,omitempty"` // id; none: nothing was left to close
	Kept    string   `json:"into_retained_earnings"`
	Again   bool     `json:"stood_already"`
	Lock    lockJSON `json:"lock"`
}

func (y yearEnd) view(own books.Asset) closedJSON {
	return closedJSON{Closing: y.Closing, Kept: own.Text(int64(y.Kept)), Again: y.Again, Lock: lockOf(y.Lock)}
}

// says is a closed year for people.
func (y yearEnd) says() string {
	switch {
	case y.Again:
		return "the year stood closed and locked: nothing was booked\n"
	case y.Closing == "":
		return "income and expenses stood at zero: nothing was booked\n"
	}
	what := "profit"
	if y.Kept < 0 {
		what = "loss"
	}
	return fmt.Sprintf("%s of the year into %s: %s\n   %s\n", what, books.Retained, strings.TrimSpace(money(y.Kept)), y.Closing)
}
