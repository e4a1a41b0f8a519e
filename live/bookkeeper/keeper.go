package bookkeeper

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"sluice/books"
	"sluice/books/accrual"
	"sluice/books/statement"
	"sluice/loop/cycle"
	"sluice/loop/settle"
	"sluice/power"
	"sluice/series"
	"sluice/store/ledger"
	"sluice/unit"
)

// Ledger is where books are kept.
type Ledger interface {
	Book(ctx context.Context, b ledger.Batch) ([]books.Sealed, error)
	Papers(ctx context.Context, entity, kind string) iter.Seq2[ledger.Paper, error]
	Invoiced(ctx context.Context, entity string) ([]accrual.Period, error)
	Standing
}

// Standing is what of the books a clerk begins with.
type Standing interface {
	Balances(ctx context.Context, q ledger.Query) ([]ledger.Balance, error)
	OpenLots(ctx context.Context, entity string, before time.Time) ([]ledger.Parcel, error)
	Transactions(ctx context.Context, q ledger.Query) iter.Seq2[books.Sealed, error]
}

// Config is whose books are written, and from what.
type Config struct {
	Company   *settle.Company
	Site      settle.Site
	Contracts power.Contracts
	Step      time.Duration // settlement interval
	Patience  time.Duration // for which an interval may wait for its price
	Papers    Papers
	Ledger    Ledger
}

// Keeper writes the books of one site. One goroutine uses it at a time.
type Keeper struct{ c Config }

// New returns a keeper. An error says why these books cannot be kept.
func New(c Config) (*Keeper, error) {
	if c.Step <= 0 || c.Patience <= 0 {
		return nil, errors.New("a bookkeeper needs a settlement interval and a patience above zero")
	}
	if c.Company.Sale != settle.Hold || c.Company.Payouts == settle.Daily {
		return nil, errors.New("the company sells every month, or takes payouts for granted, which is for replays: write sell: none and payouts: statement in its file, and book what happens with 'sluice ledger pool' and 'sluice ledger post'")
	}
	return &Keeper{c}, nil
}

// UpTo books every day that was over by now and is not booked yet, and at the end
// of a month its bill. It returns the last day that is booked. A day that waits for
// a price ends it, without an error.
func (k *Keeper) UpTo(ctx context.Context, now time.Time) (last string, err error) {
	for {
		from, begun, err := k.next(ctx)
		if err != nil || from.IsZero() {
			return last, err
		}
		day := series.DayOf(from, k.c.Site.Zone)
		if day.End().After(now.Add(-2 * k.c.Step)) { // the last delivery is written after its interval
			return last, k.ahead(ctx, from, begun, day, now)
		}
		d, err := k.gather(ctx, from, day.End(), now)
		if err != nil || d == nil {
			return last, err
		}
		if err := k.book(ctx, begun, d); err != nil {
			return last, fmt.Errorf("books of %s, %s of %s: %w", k.c.Company.Chart.Entity, d.label, k.c.Site.Name, err)
		}
		last = d.label
	}
}

// next is where the first day begins that is not booked, and when the books began;
// zero: there is nothing to book.
func (k *Keeper) next(ctx context.Context) (from, begun time.Time, err error) {
	for t, err := range k.c.Ledger.Transactions(ctx, ledger.Query{Entity: k.c.Company.Chart.Entity, Limit: 1}) {
		if err != nil {
			return from, begun, err
		}
		begun = t.At
	}
	last, err := k.lastDay(ctx)
	if err != nil {
		return from, begun, err
	}
	if last == "" {
		from, err = k.first(ctx)
		return from, begun, err
	}
	at, err := time.ParseInLocation(time.DateOnly, last, k.c.Site.Zone)
	return series.DayOf(at, k.c.Site.Zone).End(), begun, err
}

// lastDay is the last day of the site of which a paper is filed.
func (k *Keeper) lastDay(ctx context.Context) (last string, err error) {
	err = k.days(ctx, func(d statement.Day) { last = max(last, d.Day) })
	return last, err
}

func (k *Keeper) days(ctx context.Context, do func(statement.Day)) error {
	for p, err := range k.c.Ledger.Papers(ctx, k.c.Company.Chart.Entity, "day") {
		if err != nil {
			return err
		}
		d, err := statement.ParseDay(p.Body)
		if err != nil {
			return fmt.Errorf("paper %s: %w", p.Name, err)
		}
		if d.Site == k.c.Site.Name {
			do(d)
		}
	}
	return nil
}

// gathered is a day that is over.
type gathered struct {
	label     string
	from, end time.Time // of the day; the site may have begun within it
	day       settle.Day
	month     *settle.Month // whose last day it is; nil: of none
	parked    []ledger.Parked
}

// gather reads a day. Nil: an interval of it may still get its price.
func (k *Keeper) gather(ctx context.Context, from, end, now time.Time) (*gathered, error) {
	all, err := k.intervals(ctx, from, end)
	if err != nil {
		return nil, err
	}
	g := &gathered{label: from.In(k.c.Site.Zone).Format(time.DateOnly), from: from, end: end}
	y := settle.Diary{Zone: k.c.Site.Zone}
	expected, err := k.plan(ctx, from, end)
	if err != nil {
		return nil, err
	}
	at := from
	for _, x := range all {
		if x.entry == nil && now.Sub(end) < k.c.Patience {
			return nil, nil //nolint:nilnil // it waits, and nothing is wrong
		}
		if x.entry == nil {
			continue
		}
		g.park(k, at, x.delivery.At)
		at = x.delivery.At.Add(x.delivery.Length)
		y.Add(expected, x.delivery, *x.entry)
	}
	g.park(k, at, end)
	g.day = settle.Day{From: from, To: end, Plan: expected}
	if len(y.Days) > 0 {
		g.day = y.Days[0]
		g.day.From, g.day.To = from, end
	}
	return g, k.monthOf(ctx, g)
}

// park notes a stretch that no entry stands for.
func (g *gathered) park(k *Keeper, from, to time.Time) {
	if !from.Before(to) {
		return
	}
	says := fmt.Sprintf("%d intervals of %s from %s to %s have no settled delivery: the meter's registers or the supplier's statement say what was drawn",
		(to.Sub(from)+k.c.Step-1)/k.c.Step, k.c.Site.Name, from.In(k.c.Site.Zone).Format("2006-01-02 15:04"), to.In(k.c.Site.Zone).Format("2006-01-02 15:04 MST"))
	g.parked = append(g.parked, ledger.Parked{
		ID:   books.DerivedID("no delivery", k.c.Company.Chart.Entity, k.c.Site.Name, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)),
		Kind: "interval", Reason: "no delivery", Says: says, At: from.UTC(), Booked: g.end.UTC(),
	})
}

// monthOf is the month that a day ends, billed again from the papers of its
// intervals.
func (k *Keeper) monthOf(ctx context.Context, g *gathered) error {
	m := series.MonthOf(g.from, k.c.Site.Zone)
	if !m.End().Equal(g.end) {
		return nil
	}
	first, err := k.first(ctx)
	if err != nil {
		return err
	}
	from := m.Start
	if first.After(from) {
		from = first
	}
	bill, err := power.NewBill(k.c.Contracts, k.c.Site.Zone)
	if err != nil {
		return err
	}
	all, err := k.intervals(ctx, from, g.end)
	if err != nil {
		return err
	}
	var price unit.Amount
	for _, x := range all {
		if x.entry == nil {
			continue
		}
		if err := errors.Join(bill.Skip(x.delivery.At), settle.Rebill(bill, x.delivery, *x.entry)); err != nil {
			return err
		}
		price = x.entry.Bitcoin
	}
	if price > 0 {
		g.month = &settle.Month{From: from, To: g.end, Bill: bill.Lines(), Bitcoin: price}
	}
	return nil
}

// book hands a day to the clerk, and what it wrote to the ledger, all or nothing.
func (k *Keeper) book(ctx context.Context, begun time.Time, g *gathered) error {
	clerk, err := k.clerk(ctx, begun, g.from, g.month != nil)
	if err != nil {
		return err
	}
	if err := clerk.Day(g.day, "journal of the site, intervals from "+g.from.UTC().Format(time.RFC3339)+" to "+g.end.UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	if g.month != nil {
		if err := clerk.Month(*g.month); err != nil {
			return err
		}
	}
	return k.keep(ctx, clerk.Journal(), g.parked)
}

// ahead sets aside what the plan of the day that runs expects of it.
func (k *Keeper) ahead(ctx context.Context, from, begun time.Time, day series.Interval, now time.Time) error {
	expected, err := k.plan(ctx, from, now)
	if err != nil || expected == (cycle.Expected{}) {
		return err
	}
	clerk, err := k.clerk(ctx, begun, from, false)
	if err == nil {
		err = clerk.SetAside(settle.Day{From: from, To: day.End(), Plan: expected})
	}
	if err != nil {
		return err
	}
	return k.keep(ctx, clerk.Journal(), nil)
}

func (k *Keeper) keep(ctx context.Context, j settle.Journal, parked []ledger.Parked) error {
	invoiced, err := k.c.Ledger.Invoiced(ctx, k.c.Company.Chart.Entity)
	if err != nil {
		return err
	}
	j.Transactions = accrual.Rest(j.Transactions, invoiced) // what an invoice earned is not accrued
	b, err := Batch(k.c.Company.Chart.Entity, j)
	if err != nil {
		return err
	}
	b.Parked = parked
	_, err = k.c.Ledger.Book(ctx, b)
	return err
}

// clerk goes on from what stands in the books; where nothing does, it opens them.
// ends says that it will end a month.
func (k *Keeper) clerk(ctx context.Context, begun, from time.Time, ends bool) (*settle.Clerk, error) {
	at, err := k.standing(ctx, from)
	if err == nil && ends && k.c.Company.Owes() {
		at.Agreed, err = k.agreed(ctx)
	}
	if err != nil {
		return nil, err
	}
	at.Begun = begun
	clerk := settle.NewClerk(*k.c.Company, k.c.Site, at)
	if begun.IsZero() {
		return clerk, clerk.Open(from)
	}
	return clerk, nil
}
