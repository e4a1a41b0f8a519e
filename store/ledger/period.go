package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"sluice/books"
	"sluice/store/file"
)

// Period is a part of the books that is to be locked, half open.
type Period struct {
	Entity   string
	From, To time.Time // whole seconds
	At       time.Time // when it is locked, whole seconds
	By       string    // who locks it
}

// Unlocking opens the latest locked period again: an adjustment that auditors ask
// for, which two people answer for.
type Unlocking struct {
	Entity string
	Number int64     // of the lock
	At     time.Time // whole seconds
	By     string
	Second string // another person
	Reason string
}

// Locking is one entry in the history of an entity's locks, which only grows.
type Locking struct {
	Period
	Number  int64      // from 1 on, within the entity
	Root    books.Hash // of the last transaction of the period; zero where it has none
	Balance books.Hash // of the trial balance at its end, see HashTrial
	Unlocks int64      // 0: a lock; else the number of the lock that was taken back
	Second  string     // of an unlocking: the other person
	Reason  string     // of an unlocking
}

// Lock closes a period: nothing that happened before its end is booked any more.
// It stores the hash of the last transaction of the period and that of the trial
// balance at its end. An error wraps ErrLocked where the period begins before the
// end of the latest lock.
func (s *Store) Lock(ctx context.Context, period Period) (l Locking, err error) {
	err = period.validate()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			l, err = p.shut(ctx, period)
			return err
		})
	}
	if err != nil {
		return Locking{}, fmt.Errorf("lock the books of %q from %v to %v: %w", period.Entity, period.From, period.To, err)
	}
	return l, nil
}

func (p Period) validate() error {
	var faults []error
	if !onSecond(p.From) || !onSecond(p.To) || !p.From.Before(p.To) {
		faults = append(faults, errors.New("a period begins on a whole second and ends on a later one"))
	}
	if !onSecond(p.At) {
		faults = append(faults, fmt.Errorf("it is locked at %v: a whole second is needed", p.At))
	}
	if strings.TrimSpace(p.By) == "" {
		faults = append(faults, errors.New("nobody locks it"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

func onSecond(t time.Time) bool { return !t.IsZero() && t.Nanosecond() == 0 }

// Unlock takes the latest lock back. It is recorded beside the lock, which stays
// in the history; locking again makes a new one with a new root.
func (s *Store) Unlock(ctx context.Context, u Unlocking) (l Locking, err error) {
	err = u.validate()
	if err == nil {
		err = s.write(ctx, func(ctx context.Context, p *pen) error {
			l, err = p.reopen(ctx, u)
			return err
		})
	}
	if err != nil {
		return Locking{}, fmt.Errorf("unlock period %d of %q: %w", u.Number, u.Entity, err)
	}
	return l, nil
}

func (u Unlocking) validate() error {
	var faults []error
	by, second := strings.TrimSpace(u.By), strings.TrimSpace(u.Second)
	if by == "" || second == "" || strings.EqualFold(by, second) {
		faults = append(faults, fmt.Errorf("%q and %q are not two people: another one must agree", u.By, u.Second))
	}
	if strings.TrimSpace(u.Reason) == "" {
		faults = append(faults, errors.New("no reason is given"))
	}
	if !onSecond(u.At) {
		faults = append(faults, fmt.Errorf("it is unlocked at %v: a whole second is needed", u.At))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Locks is the history of an entity's locks and unlockings, the first one first.
func (s *Store) Locks(ctx context.Context, entity string) (all []Locking, err error) {
	err = s.read(ctx, func(r reading) error {
		number, err := r.entity(entity)
		if err == nil {
			all, err = lockings(ctx, r.tx, r.text, number, entity)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("locks of %q: %w", entity, err)
	}
	return all, nil
}

func lockings(ctx context.Context, a file.Asker, text func(string) string, number int64, entity string) (all []Locking, err error) {
	err = file.Each(ctx, a, text(`SELECT number, unlocks, since, until, at, person, second, reason, root, balance
		FROM period WHERE entity = $1 ORDER BY number`), []any{number}, func(scan file.Scanner) error {
		l := Locking{Period: Period{Entity: entity}}
		var since, until, at int64
		var root, balance bytes
		err := scan(&l.Number, &l.Unlocks, &since, &until, &at, &l.By, &l.Second, &l.Reason, &root, &balance)
		l.From, l.To, l.At, l.Root, l.Balance = instant(since), instant(until), instant(at), books.Hash(root), books.Hash(balance)
		all = append(all, l)
		return err
	})
	return all, err
}

// lockedUntil is the end of the latest lock that was not taken back.
func lockedUntil(ctx context.Context, a file.Asker, text func(string) string, number int64) (until int64, err error) {
	all, err := lockings(ctx, a, text, number, "")
	until = math.MinInt64
	if l, ok := latest(all); ok {
		until = l.To.Unix()
	}
	return until, err
}

// standing are the locks of a history that were not taken back.
func standing(all []Locking) (out []Locking) {
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

// latest is the last of the standing locks; each ends after the one before.
func latest(all []Locking) (Locking, bool) {
	locks := standing(all)
	if len(locks) == 0 {
		return Locking{}, false
	}
	return locks[len(locks)-1], true
}

// shut writes a lock.
func (p *pen) shut(ctx context.Context, period Period) (Locking, error) {
	number, all, err := p.history(ctx, period.Entity)
	if err != nil {
		return Locking{}, err
	}
	if l, ok := latest(all); ok && period.From.Before(l.To) {
		return Locking{}, fmt.Errorf("%w: lock %d ends on %v: begin there", ErrLocked, l.Number, l.To)
	}
	period.From, period.To, period.At = period.From.UTC(), period.To.UTC(), period.At.UTC()
	l := Locking{Period: period, Number: int64(len(all)) + 1}
	if l.Root, l.Balance, err = p.index.roots(ctx, p, p.dialect.text, number, period); err != nil {
		return Locking{}, err
	}
	return l, p.keep(ctx, number, l)
}

// reopen writes that a lock was taken back.
func (p *pen) reopen(ctx context.Context, u Unlocking) (Locking, error) {
	number, all, err := p.history(ctx, u.Entity)
	if err != nil {
		return Locking{}, err
	}
	l, ok := latest(all)
	if !ok || l.Number != u.Number {
		return Locking{}, fmt.Errorf("%w: it is not the latest lock, which is number %d: only that one can be taken back", ErrUnknown, l.Number)
	}
	l.Number, l.Unlocks, l.At, l.By, l.Second, l.Reason = int64(len(all))+1, u.Number, u.At.UTC(), u.By, u.Second, u.Reason
	return l, p.keep(ctx, number, l)
}

func (p *pen) history(ctx context.Context, entity string) (number int64, all []Locking, err error) {
	if number = p.index.entity(entity); number == 0 {
		return 0, nil, fmt.Errorf("entity %q: %w: open it first", entity, ErrUnknown)
	}
	all, err = lockings(ctx, p, p.dialect.text, number, entity)
	return number, all, err
}

func (p *pen) keep(ctx context.Context, number int64, l Locking) error {
	if err := p.insert(ctx, "period (entity, number, unlocks, since, until, at, person, second, reason, root, balance)", 11, []any{
		number, l.Number, l.Unlocks, l.From.Unix(), l.To.Unix(), l.At.Unix(), l.By, l.Second, l.Reason, l.Root[:], l.Balance[:],
	}); err != nil {
		return err
	}
	return p.file(ctx, number, lockFiling(l))
}

// roots are the hash of the last transaction of a period, and that of the trial
// balance at its end.
func (d *dictionary) roots(ctx context.Context, a file.Asker, text func(string) string, number int64, p Period) (root, balance books.Hash, err error) {
	err = file.Each(ctx, a, text("SELECT t.hash FROM txn t WHERE"+within+" ORDER BY t.seq DESC LIMIT 1"),
		Query{From: p.From, To: p.To}.span(number).args(), func(scan file.Scanner) error {
			var h bytes
			err := scan(&h)
			root = books.Hash(h)
			return err
		})
	all, also := d.balances(ctx, a, text, Query{To: p.To}.span(number))
	trial, wide := TrialBalance(all)
	return root, HashTrial(trial), errors.Join(err, also, wide)
}
