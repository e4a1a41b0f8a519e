package supplier

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Line is one item of a bill.
type Line struct {
	Item   string      // as both sides name it, such as energy, demand, fixed
	Energy unit.Energy // 0 where the item is none of energy
	Amount unit.Amount // what it costs; what it earns is negative
}

// Statement is what a supplier finally bills for a period.
type Statement struct {
	ID       string // of the document: the same twice is one
	From, To time.Time
	Currency unit.Currency
	Lines    []Line
}

// The failures of a statement.
var (
	ErrStatement = errors.New("no statement of a supplier")
	ErrPeriod    = errors.New("the statement is of another period")
)

// linesMost bounds a statement, lines.
const linesMost = 10_000

// Read reads a statement from CSV with the columns item, energy_mwh and amount; the
// second may be empty. Every fault is told with its line, and then nothing is read.
func Read(r io.Reader, currency unit.Currency) ([]Line, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = 3
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil || !slices.Equal(head, []string{"item", "energy_mwh", "amount"}) {
		return nil, fmt.Errorf("%w: its first line is %q: it must be item,energy_mwh,amount (%w)", ErrStatement, strings.Join(head, ","), orMissing(err))
	}
	var out []Line
	var faults []error
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrStatement, err)
		}
		n, _ := in.FieldPos(0)
		l, err := lineOf(row, currency)
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", n, err))
		}
		if out = append(out, l); len(out) > linesMost {
			return nil, fmt.Errorf("%w: more than %d lines", ErrStatement, linesMost)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	return out, nil
}

var errHead = errors.New("the head does not fit")

func orMissing(err error) error {
	if err == nil {
		return errHead
	}
	return err
}

func lineOf(row []string, currency unit.Currency) (Line, error) {
	l := Line{Item: strings.TrimSpace(row[0])}
	if l.Item == "" {
		return l, errors.New("the item has no name")
	}
	amount, err := books.Asset(currency).Parse(strings.TrimSpace(row[2]))
	if err != nil {
		return l, fmt.Errorf("amount: %w", err)
	}
	l.Amount = unit.Amount(amount)
	if text := strings.TrimSpace(row[1]); text != "" {
		micro, err := unit.ParseMicro(text)
		if err != nil {
			return l, fmt.Errorf("energy_mwh: %w", err)
		}
		e, ok := unit.TryMulDiv(micro, int64(unit.MegawattHour), 1_000_000)
		if !ok || micro < 0 {
			return l, fmt.Errorf("energy_mwh: %s is no energy of a bill", text)
		}
		l.Energy = unit.Energy(e)
	}
	return l, nil
}

// Difference is one item, estimated and final.
type Difference struct {
	Item      string
	Estimated Line
	Final     Line
	Off       unit.Amount // final less estimated
	Quantity  unit.Amount // of it, because another energy was billed, at the estimated price
	Price     unit.Amount // and the rest, because another price was
	Says      string      // in words, when it stands on one side only
}

// Compare holds a final statement against the estimate of the same period, in the
// order of the items. Several lines of one item count together.
//
// Formula: quantity = estimated amount * (final energy - estimated energy) / estimated energy.
// Source: docs/formula/supplier.md.
func Compare(estimated, final Statement) ([]Difference, error) {
	switch {
	case final.ID == "" || final.Currency != estimated.Currency:
		return nil, fmt.Errorf("%w: it has no number, or another currency than %s", ErrStatement, estimated.Currency)
	case !final.From.Equal(estimated.From) || !final.To.Equal(estimated.To):
		return nil, fmt.Errorf("%w: it is from %s to %s, estimated was %s to %s", ErrPeriod, final.From.Format(time.DateOnly), final.To.Format(time.DateOnly),
			estimated.From.Format(time.DateOnly), estimated.To.Format(time.DateOnly))
	}
	a, err := together(estimated.Lines)
	if err != nil {
		return nil, err
	}
	b, err := together(final.Lines)
	if err != nil {
		return nil, err
	}
	var items []string
	for _, l := range append(slices.Clone(estimated.Lines), final.Lines...) {
		if !slices.Contains(items, l.Item) {
			items = append(items, l.Item)
		}
	}
	slices.Sort(items)
	var out []Difference
	for _, item := range items {
		d := Difference{Item: item, Estimated: a[item], Final: b[item]}
		if err := d.explain(); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// together adds the lines of each item up.
func together(lines []Line) (map[string]Line, error) {
	out := map[string]Line{}
	for _, l := range lines {
		was := out[l.Item]
		energy, fits := books.Add(int64(was.Energy), int64(l.Energy))
		amount, also := books.Add(int64(was.Amount), int64(l.Amount))
		if !fits || !also {
			return nil, fmt.Errorf("item %s: %w", l.Item, books.ErrOverflow)
		}
		out[l.Item] = Line{l.Item, unit.Energy(energy), unit.Amount(amount)}
	}
	return out, nil
}

// explain splits a difference into quantity and price.
func (d *Difference) explain() error {
	off, fits := books.Add(int64(d.Final.Amount), -int64(d.Estimated.Amount))
	if !fits {
		return fmt.Errorf("item %s: %w", d.Item, books.ErrOverflow)
	}
	d.Off, d.Price = unit.Amount(off), unit.Amount(off)
	switch {
	case d.Estimated.Item == "":
		d.Says = "only the supplier has it"
	case d.Final.Item == "":
		d.Says = "the supplier does not bill it"
	case d.Estimated.Energy > 0:
		q, ok := unit.TryMulDiv(int64(d.Estimated.Amount), int64(d.Final.Energy-d.Estimated.Energy), int64(d.Estimated.Energy))
		if !ok {
			return fmt.Errorf("item %s: %w", d.Item, books.ErrOverflow)
		}
		d.Quantity, d.Price = unit.Amount(q), d.Off-unit.Amount(q)
	}
	return nil
}

// Booking is where differences are booked.
type Booking struct {
	Entity, Vendor string            // the account of what is owed to the supplier
	Accounts       map[string]string // by item; what is not there goes into Suspense
	At, Booked     time.Time
	Evidence       books.Hash
	Tags           books.Tags
}

// Kind is what a booked statement says that happened.
const Kind = "supplier statement"

// ID is the id under which a statement is booked, made from its number.
func ID(entity, vendor, number string) string {
	return books.DerivedID(Kind, entity, vendor, number)
}

// Book is the transaction that brings the books from the estimate to the final
// statement. False: there is nothing to book. Its id is made from the statement's,
// so that the same statement is booked once.
func Book(b Booking, final Statement, differences []Difference) (books.Transaction, bool) {
	t := books.Transaction{
		ID: ID(b.Entity, b.Vendor, final.ID), Entity: b.Entity, Kind: Kind, Standing: books.Posted,
		At: b.At, Booked: b.Booked, Source: "statement " + final.ID, Evidence: b.Evidence, Belongs: final.From.Format("2006-01"),
	}
	owed := int64(0)
	for _, d := range differences {
		if d.Off == 0 {
			continue
		}
		account, known := b.Accounts[d.Item]
		if !known {
			account = books.Suspense
		}
		t.Lines = append(t.Lines, books.Line{Account: account, Amount: int64(d.Off), Tags: b.Tags})
		owed += int64(d.Off)
	}
	if owed != 0 {
		t.Lines = append(t.Lines, books.Line{Account: b.Vendor, Amount: -owed})
	}
	return t, len(t.Lines) > 0
}
