package accountant

import (
	"context"
	"fmt"
	"time"

	"sluice/books"
	"sluice/books/statement"
	"sluice/store/ledger"
	"sluice/unit"
)

// ErrYear is wrapped where a year is not ready to be closed.
var ErrYear = statement.ErrYear

// YearEnd is a year that was closed.
type YearEnd struct {
	Closing string      // id of the transaction; empty: nothing was left to close
	Kept    unit.Amount // that it brought into retained earnings; below zero: a loss
	Lock    ledger.Locking
	Again   bool // it stood closed and locked already
	Proof   *Proof
}

// CloseYear proves a fiscal year, books its closing, proves it once more and locks
// it from the end of the latest lock on. Whatever of that stands already is left as
// it stands, so that doing it again after a power cut ends what was begun. Where the year
// is not ready an error wraps ErrYear; one of the lock wraps ErrClose.
func (s *Shelf) CloseYear(ctx context.Context, store *ledger.Store, c Closer) (y YearEnd, err error) {
	locks, err := store.Locks(ctx, s.Chart.Entity)
	if err != nil {
		return y, err
	}
	last, locked := latestLock(locks)
	if err := s.ready(ctx, c.At, last, locked); err != nil {
		return y, err
	}
	if y.Proof, err = s.Prove(ctx, store, c.OldestFirst); err != nil {
		return y, err
	}
	t, some, err := s.closing(ctx, c.At)
	if err != nil {
		return y, err
	}
	if locked && !s.To.After(last.To) {
		if some {
			return y, fmt.Errorf("%w: its end is locked (lock %d): take the lock back by two people with 'sluice ledger unlock --number %d', then close the year", ErrYear, last.Number, last.Number)
		}
		y.Lock, y.Again = lockOver(locks, s.To), true
		return y, nil
	}
	if some {
		if _, err := store.Post(ctx, t); err != nil {
			return y, err
		}
		y.Closing, y.Kept = t.ID, kept(t)
		if y.Proof, err = s.Prove(ctx, store, c.OldestFirst); err != nil {
			return y, fmt.Errorf("the closing %s is booked, and the year is not proved with it and not locked: %w", t.ID, err)
		}
	}
	from := s.From
	if locked && last.To.After(from) {
		from = last.To
	}
	y.Lock, err = store.Lock(ctx, ledger.Period{Entity: s.Chart.Entity, From: from, To: s.To, At: c.At, By: c.By})
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrClose, err)
	}
	return y, err
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
func (s *Shelf) ready(ctx context.Context, now time.Time, last ledger.Locking, locked bool) error {
	if now.Before(s.To) {
		return fmt.Errorf("%w: it ends on %s only", ErrYear, s.To.Add(-time.Second).Format(time.DateOnly))
	}
	before, err := s.plain(ctx, time.Time{}, s.From)
	if err != nil {
		return err
	}
	if whole := s.From.AddDate(1, 0, 0); s.To.After(whole) || s.To.Before(whole) && len(before) > 0 {
		return fmt.Errorf("%w: %s to before %s is no fiscal year: only the first of a company may be shorter than twelve months", ErrYear, s.From.Format(time.DateOnly), s.To.Format(time.DateOnly))
	}
	if err := s.earlierClosed(ctx); err != nil {
		return err
	}
	within, err := s.plain(ctx, time.Time{}, s.To)
	if err != nil {
		return err
	}
	open, err := statement.Commitments(s.Chart, within)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return fmt.Errorf("%w: %d transactions are pending, the first %s of %s: post or void each before the year is closed", ErrYear, len(open), open[0].ID, open[0].At.In(s.Zone).Format(time.DateOnly))
	}
	return s.months(ctx)
}

// earlierClosed refuses a year whose predecessor stands open.
func (s *Shelf) earlierClosed(ctx context.Context) error {
	opening, err := s.Balances(ctx, time.Time{}, s.From)
	if err != nil {
		return err
	}
	for _, b := range opening {
		if a, _ := s.Chart.Find(b.Account); a.Kind() == books.Income || a.Kind() == books.Expenses {
			return fmt.Errorf("%w: %s holds %s from before %s: close the year before first", ErrYear, b.Account, a.Asset.Text(b.Amount), s.From.Format(time.DateOnly))
		}
	}
	return nil
}

// months proves the statements of every month of the year by itself, and that
// something is booked in each from the first on.
func (s *Shelf) months(ctx context.Context) error {
	begun := false
	for from := s.From; from.Before(s.To); from = from.AddDate(0, 1, 0) {
		month := *s
		month.From, month.To = from, from.AddDate(0, 1, 0)
		if month.To.After(s.To) {
			month.To = s.To
		}
		r, err := month.Report(ctx, Question{})
		if err != nil {
			return fmt.Errorf("%w: %s is not proved: %w", ErrYear, from.Format("2006-01"), err)
		}
		if begun && r.Entries == 0 {
			return fmt.Errorf("%w: nothing is booked in %s: book it first", ErrYear, from.Format("2006-01"))
		}
		begun = begun || r.Entries > 0
	}
	if !begun {
		return fmt.Errorf("%w: nothing is booked in it", ErrYear)
	}
	return nil
}

// closing is the transaction that closes the year as the books stand.
func (s *Shelf) closing(ctx context.Context, now time.Time) (books.Transaction, bool, error) {
	all, err := s.plain(ctx, s.From, s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	year := statement.Year{From: s.From, To: s.To, Booked: now}
	for _, t := range all {
		if t.Kind == statement.YearEnd {
			year.Closed++
		}
	}
	balances, err := s.Balances(ctx, time.Time{}, s.To)
	if err != nil {
		return books.Transaction{}, false, err
	}
	return statement.CloseYear(s.Chart, year, balances)
}
