package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/store/ledger"
	"sluice/unit"
)

// reserveDone is what was booked.
type reserveDone struct {
	Awards   int    `json:"awards"`
	Amount   string `json:"amount"` // by which what is owed changed
	Parked   int    `json:"parked"`
	Released int    `json:"released"`
	Papers   int    `json:"papers"`
	moved    unit.Amount
}

// reserveClerk books what a run settled.
type reserveClerk struct {
	*reserveRun
	chart  books.Chart
	locked time.Time
	at     time.Time // when it is booked
	batch  ledger.Batch
}

// book files the papers, books what the books do not have and parks the gaps, in one
// commit, and then releases the cases that are settled.
func (r *reserveRun) book(ctx context.Context) error {
	locked, err := r.s.lockedUntil(ctx)
	if err != nil {
		return err
	}
	known, err := r.s.store.Suspense(ctx, r.s.chart.Entity, true)
	if err != nil {
		return err
	}
	c := &reserveClerk{reserveRun: r, chart: r.chart(), locked: locked, at: now()}
	c.batch = ledger.Batch{Entity: r.s.chart.Entity, Papers: slices.Clone(r.papers)}
	if err := c.post(); err != nil {
		return input(err)
	}
	c.park(known)
	if err := c.fresh(ctx); err != nil {
		return err
	}
	if len(c.batch.Transactions) > 0 && len(c.chart.Accounts) > len(r.s.chart.Accounts) {
		if _, err := r.s.store.OpenEntity(ctx, c.chart); err != nil {
			return input(err)
		}
	}
	if _, err := r.s.store.Book(ctx, c.batch); err != nil {
		return input(err)
	}
	r.done.Awards, r.done.Amount = len(c.batch.Transactions), books.Asset(r.s.chart.Currency).Text(int64(r.done.moved))
	return c.release(ctx, known)
}

// post makes the transactions, and the paper that is their evidence: it says what
// every award came to and from which papers.
func (c *reserveClerk) post() error {
	body, err := json.MarshalIndent(c.view(), "", "  ")
	if err != nil {
		return err
	}
	evidence := ledger.Paper{Kind: "reserve settlement", Name: c.label("awards") + " / " + c.period(), Body: append(body, '\n')}
	var faults []error
	for _, i := range c.items {
		t, some, err := c.transaction(i)
		if err == nil && some {
			t.Evidence = evidence.Hash()
			err = t.Validate(c.chart)
			c.batch.Transactions = append(c.batch.Transactions, t)
		}
		faults = append(faults, err)
	}
	if len(c.batch.Transactions) > 0 {
		c.batch.Papers = append(c.batch.Papers, evidence)
	}
	return errors.Join(faults...)
}

// transaction brings the books to one settlement. An id that is taken was booked and
// taken back, or changed and changed back again: it gets the next one.
func (c *reserveClerk) transaction(i reserveItem) (books.Transaction, bool, error) {
	at, belongs := dated(time.Unix(i.Award.To-1, 0).UTC(), c.locked, c.s.zone)
	t, some, err := reserve.Book(reserve.Booking{
		Entity: c.s.chart.Entity, Counterparty: c.with, At: at, Booked: c.at, Belongs: belongs, Tags: books.Tags{Site: c.x.site, Counterparty: c.with},
	}, c.programmes[i.Award.Product].Programme, i.Settlement, i.is)
	if err != nil || !some {
		return t, false, err
	}
	before := c.booked[t.Source]
	if slices.ContainsFunc(before, func(o books.Transaction) bool { return o.ID == t.ID }) {
		t.ID = books.DerivedID("reserve settlement", t.ID, strconv.Itoa(len(before)))
	}
	t.Narration = fmt.Sprintf("%s, booked by %s", i.Award.Product, c.x.by)
	for _, l := range t.Lines {
		if l.Account == books.Grid(c.with) {
			c.done.moved += unit.Amount(l.Amount)
		}
	}
	return t, true, nil
}

// settledNow is why a case is released by itself.
const settledNow = "settled, or another stretch of it is open, by what was delivered since"

// parkedKind is what an award's gap is parked as.
const parkedKind = "award"

// about is how the words of a parked case of a product begin.
func (r *reserveRun) about(product string) string {
	return fmt.Sprintf("%s, %s, site %s: ", r.with, product, r.place())
}

// park keeps every gap, once; one that was settled and is open again is a new case.
func (c *reserveClerk) park(known []ledger.Parked) {
	was := map[string]ledger.Parked{}
	for _, p := range known {
		was[p.ID] = p
	}
	for _, g := range c.gaps {
		id := books.DerivedID("parked award", c.s.chart.Entity, c.with, c.x.site, g.product, string(g.Reason), strconv.FormatInt(g.From, 10), strconv.FormatInt(g.To, 10))
		for was[id].Released != nil && was[id].Released.Why == settledNow {
			id = books.DerivedID("parked award", id)
		}
		if _, there := was[id]; !there {
			c.done.Parked++
		}
		c.batch.Parked = append(c.batch.Parked, ledger.Parked{
			ID: id, Kind: parkedKind, Reason: string(g.Reason), Says: c.about(g.product) + c.says(g), At: time.Unix(g.From, 0).UTC(), Booked: c.at, Paper: c.awarded,
		})
	}
}

// says is a gap for people.
func (r *reserveRun) says(g reserveGap) string {
	why := "no meter knows what was consumed"
	if g.Reason == reserve.NoBaseline {
		why = "meters know too few other days, or not the stretch before, for a baseline"
	}
	return fmt.Sprintf("%s to %s %s: %s: nothing is paid and nothing taken; being there would be %s %s for %s",
		r.clock(g.From), r.clock(g.To), r.zone, why, strings.TrimSpace(money(unit.Amount(g.open))), r.s.chart.Currency, counted(g.awards, "award"))
}

// counted is a number of things, in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// release settles the cases of the period that are open no more.
func (c *reserveClerk) release(ctx context.Context, known []ledger.Parked) error {
	for _, p := range known {
		mine := slices.ContainsFunc(c.order, func(product string) bool { return strings.HasPrefix(p.Says, c.about(product)) })
		open := slices.ContainsFunc(c.batch.Parked, func(o ledger.Parked) bool { return o.ID == p.ID })
		if p.Kind != parkedKind || p.Released != nil || !mine || open || p.At.Before(c.from) || !p.At.Before(c.to) {
			continue
		}
		if err := c.s.store.Release(ctx, c.s.chart.Entity, p.ID, ledger.Released{At: c.at, By: c.x.by, Why: settledNow}); err != nil {
			return err
		}
		c.done.Released++
	}
	return nil
}

// fresh counts the papers that the books do not hold yet.
func (c *reserveClerk) fresh(ctx context.Context) error {
	for _, p := range c.batch.Papers {
		_, err := c.s.store.Paper(ctx, c.s.chart.Entity, p.Hash())
		switch {
		case errors.Is(err, ledger.ErrUnknown):
			c.done.Papers++
		case err != nil:
			return err
		}
	}
	return nil
}
