package invoice

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sluice/books"
	"sluice/unit"
)

// ErrNothing is something that moves no money, so that there is nothing to post.
var ErrNothing = errors.New("nothing is to be posted")

// account is where a line is posted when its document is issued; empty for an unknown kind.
func (l Line) account() string {
	switch l.Kind {
	case Usage, PassThrough, Reservation, Overage, Shortfall, Fixed, Minimum, Percentage:
		return books.Unbilled
	case Credit:
		return books.CreditsOwed
	case Prepayment:
		return books.Deferred
	case Goodwill:
		return books.CreditsGranted
	}
	return ""
}

// income is where a line is earned when it is accrued; empty for what is not earned.
func (l Line) income() string {
	switch l.Kind {
	case Usage, Overage, Percentage:
		return books.Hosting
	case PassThrough:
		return books.PassThrough
	case Reservation, Shortfall, Fixed, Minimum:
		return books.Reservation
	case Credit, Prepayment, Goodwill:
	}
	return ""
}

// posting gathers the lines of a transaction: one per account and tags.
type posting struct {
	lines []books.Line
	err   error
}

func (p *posting) add(account string, amount int64, tags books.Tags) {
	for i, l := range p.lines {
		if l.Account == account && l.Tags == tags {
			sum, ok := books.Add(l.Amount, amount)
			if !ok {
				p.err = fmt.Errorf("account %s: %w: post it in parts", account, books.ErrOverflow)
			}
			p.lines[i].Amount = sum
			return
		}
	}
	p.lines = append(p.lines, books.Line{Account: account, Amount: amount, Tags: tags})
}

// into finishes a transaction with the lines that are not zero.
func (p *posting) into(t books.Transaction) (books.Transaction, error) {
	for _, l := range p.lines {
		if l.Amount != 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	if p.err != nil {
		return books.Transaction{}, fmt.Errorf("%s %q: %w", t.Kind, t.ID, p.err)
	}
	if len(t.Lines) == 0 {
		return books.Transaction{}, fmt.Errorf("%s %q: %w", t.Kind, t.ID, ErrNothing)
	}
	t.Standing = books.Posted
	return t, nil
}

// Post is the transaction of an issued document:
//
//	Receivable:Customer   + payable
//	UnbilledRevenue       - lines that were accrued, by contract
//	SLACreditPayable      - lines of credits, which are negative
//	DeferredRevenue       - lines drawn from a prepayment, which are negative
//	TaxPayable            - taxes
//	RoundingDifference    - rounding
//
// An error wraps ErrDocument or ErrNothing.
func (d Document) Post(booked time.Time) (books.Transaction, error) {
	h, err := d.Hash()
	if err != nil {
		return books.Transaction{}, err
	}
	if d.Issued == 0 {
		return books.Transaction{}, fmt.Errorf("post a draft for %q: %w: issue it first", d.Customer.Name, ErrDocument)
	}
	who := books.Tags{Counterparty: d.Customer.ID}
	var p posting
	p.add(books.Customer(d.Customer.ID), int64(d.Payable()), who)
	for _, l := range d.Lines {
		p.add(l.account(), -int64(l.Amount), books.Tags{Contract: l.Contract, Counterparty: d.Customer.ID})
	}
	for _, t := range d.Taxes {
		p.add(books.TaxOwed, -int64(t.Amount), who)
	}
	p.add(books.Rounding, -int64(d.Rounding), who)
	return p.into(books.Transaction{
		ID: issueID(d.Entity.Name, d.Number), Entity: d.Entity.Name, Kind: string(d.Kind) + " issued", At: time.Unix(d.Issued, 0).UTC(), Booked: booked,
		Source: d.Number.String(), Evidence: h, Narration: d.Reason,
	})
}

// issueID is the same in every attempt; two entities may have a series of one name.
func issueID(entity string, n Number) string {
	h := sha256.Sum256([]byte(entity))
	return "issue:" + hex.EncodeToString(h[:4]) + ":" + n.String()
}

// Event is what every posting beside a document says of itself.
type Event struct {
	Entity   string // of the chart
	Customer string // id
	Contract string
	At       time.Time // when it happened, whole seconds
	Booked   time.Time // when we knew, whole seconds
	Source   string
	Evidence books.Hash
	Site     string // that served it, for its income; empty: not known, or more than one
	Use      string
}

// validate reports everything that an event does not say of itself.
func (e Event) validate() error {
	var faults []error
	if e.Entity == "" || e.Customer == "" {
		faults = append(faults, errors.New("it names neither its entity nor its customer"))
	}
	for _, at := range []time.Time{e.At, e.Booked} {
		if at.Nanosecond() != 0 || at.Year() < 2000 || at.Year() > 9999 {
			faults = append(faults, fmt.Errorf("%v: a whole second from 2000 on is needed", at))
		}
	}
	return errors.Join(append(faults, readable([]string{e.Entity, e.Customer, e.Contract, e.Source}))...)
}

// transaction is an event with an id made of what it says and of its parts.
func (e Event) transaction(kind string, parts ...string) books.Transaction {
	h := sha256.New()
	for _, s := range append([]string{kind, e.Entity, e.Customer, e.Contract, e.At.UTC().Format(time.RFC3339), e.Source}, parts...) {
		_, _ = fmt.Fprintf(h, "%d:%s", len(s), s) // a hash never fails
	}
	return books.Transaction{
		ID: books.Part(kind) + ":" + hex.EncodeToString(h.Sum(nil)), Entity: e.Entity, Kind: kind, At: e.At, Booked: e.Booked, Source: e.Source, Evidence: e.Evidence,
	}
}

func (e Event) tags() books.Tags { return books.Tags{Contract: e.Contract, Counterparty: e.Customer} }

// place is tags of income: with where it was earned.
func (e Event) place(t books.Tags) books.Tags {
	t.Site, t.Use = e.Site, e.Use
	return t
}

// Accrue is the transaction that earns rated lines before they are invoiced:
// UnbilledRevenue +, income -. Of a month that is rated day by day the caller
// gives what the month came to more, so that all days together are the month.
// Credits, draws and taxes among the lines are left out: they are posted by
// themselves. The same lines have the same id. An error wraps ErrNothing.
func Accrue(e Event, lines []Line) (books.Transaction, error) {
	var p posting
	var ids []string
	for _, l := range lines {
		if l.income() == "" {
			continue
		}
		tags := books.Tags{Contract: l.Contract, Counterparty: e.Customer}
		p.add(books.Unbilled, int64(l.Amount), tags)
		p.add(l.income(), -int64(l.Amount), e.place(tags))
		ids = append(ids, l.ID)
	}
	return p.into(e.transaction("usage rated", ids...))
}

// EarnCredit is the transaction by which a customer earns an SLA credit, positive:
// SLACredit +, SLACreditPayable -. Its credit note takes it from there to the receivable.
func EarnCredit(e Event, credit unit.Amount) (books.Transaction, error) {
	t, err := e.move("sla credit earned", books.CreditsGranted, books.CreditsOwed, credit)
	if err == nil {
		t.Lines[0].Tags = e.place(t.Lines[0].Tags)
	}
	return t, err
}

// Prepay is the transaction of cash for service to come: Bank +, DeferredRevenue -.
func Prepay(e Event, bank string, paid unit.Amount) (books.Transaction, error) {
	return e.move("prepayment", books.Bank(bank), books.Deferred, paid)
}

// Release is the transaction that settles accrued service with a prepayment where
// no line of an invoice does: DeferredRevenue +, UnbilledRevenue -.
func Release(e Event, used unit.Amount) (books.Transaction, error) {
	return e.move("prepayment released", books.Deferred, books.Unbilled, used)
}

// move debits one account and credits another with a positive amount.
func (e Event) move(kind, debit, credit string, amount unit.Amount) (books.Transaction, error) {
	if amount <= 0 {
		return books.Transaction{}, fmt.Errorf("%s of %v for %q: %w: the amount is positive", kind, amount, e.Customer, ErrNothing)
	}
	var p posting
	p.add(debit, int64(amount), e.tags())
	p.add(credit, -int64(amount), e.tags())
	return p.into(e.transaction(kind, strconv.FormatInt(int64(amount), 10)))
}
