package books

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"sluice/unit"
)

// Standing is how far a transaction counts.
type Standing string

// The standings. What is pending is set aside from a plan until the delivery
// posts it or voids it; it is in no balance but in that of what is pending.
const (
	Posted  Standing = "posted"
	Pending Standing = "pending"
	Void    Standing = "void"
)

// Hash is a SHA-256.
type Hash [32]byte

// Transaction is one event in the books of a legal entity.
type Transaction struct {
	ID        string // made by the caller before the first attempt, and the same in every attempt
	Entity    string
	Kind      string // what happened, such as "pool credit"
	Standing  Standing
	At        time.Time // when it happened, whole seconds
	Booked    time.Time // when we knew, whole seconds
	Source    string    // what it was made from: a delivery, an invoice, a line of a statement
	Evidence  Hash      // of that source; zero: none
	Belongs   string    // period that it is about where that was closed already, such as 2025-09
	Reverses  string    // the transaction that it takes back
	Settles   string    // the pending transaction that it posts or voids
	Narration string
	Lines     []Line
}

// Line is one account's part of a transaction.
type Line struct {
	Account string
	Amount  int64 // debit positive, credit negative, in the smallest unit of the account's asset
	Lot     Lot   // of bitcoin that is held; else zero
	Tags    Tags
}

// Lot is the coins of which a line moves some.
type Lot struct {
	ID       string
	Acquired time.Time   // kept whatever wallet they are in
	Cost     unit.Amount // that moves with the line's amount, of the same sign
}

// Tags say what a line is about; they are no part of an account's name, so that
// one chart serves every report.
type Tags struct {
	Site, Use, Contract, Counterparty, Project, Model string
}

// The failures of a transaction.
var (
	ErrInvalid    = errors.New("no valid transaction")
	ErrUnbalanced = errors.New("its lines do not sum to zero")
	ErrAccount    = errors.New("an account is not in the chart")
	ErrOverflow   = errors.New("an amount is too large")
)

// idMost bounds identifiers, bytes.
const idMost = 256

// Validate reports everything for which the books of an entity cannot take a
// transaction. It wraps ErrInvalid and, where that is why, the others.
//
// Source: docs/formula/books.md.
func (t Transaction) Validate(c Chart) error {
	faults := []error{t.head(c), t.links(), t.sums(c), t.lots(c)}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("transaction %q: %w: %w", t.ID, ErrInvalid, err)
	}
	return nil
}

// head checks what stands above the lines.
func (t Transaction) head(c Chart) error {
	var faults []error
	if t.ID == "" || len(t.ID) > idMost || strings.ContainsFunc(t.ID, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		faults = append(faults, fmt.Errorf("its id has 1 to %d bytes without blanks", idMost))
	}
	if t.Entity != c.Entity {
		faults = append(faults, fmt.Errorf("entity %q, the chart is that of %q", t.Entity, c.Entity))
	}
	if t.Kind == "" {
		faults = append(faults, errors.New("it does not say what happened"))
	}
	if !slices.Contains([]Standing{Posted, Pending, Void}, t.Standing) {
		faults = append(faults, fmt.Errorf("standing %q is none of posted, pending and void", t.Standing))
	}
	for what, at := range map[string]time.Time{"when it happened": t.At, "when it was booked": t.Booked} {
		if at.IsZero() || at.Nanosecond() != 0 || at.Year() < 2000 || at.Year() > 9999 {
			faults = append(faults, fmt.Errorf("%s is %v: a whole second from 2000 on is needed", what, at))
		}
	}
	return errors.Join(faults...)
}

// links checks what a transaction says of others.
func (t Transaction) links() error {
	switch {
	case t.Standing == Void && (t.Settles == "" || len(t.Lines) > 0):
		return errors.New("a void names the pending transaction that it ends, and has no lines")
	case t.Standing == Pending && (t.Settles != "" || t.Reverses != ""):
		return errors.New("a pending transaction neither settles nor reverses another")
	case t.Reverses != "" && t.Settles != "":
		return errors.New("it cannot reverse one transaction and settle another")
	case t.Reverses == t.ID && t.ID != "", t.Settles == t.ID && t.ID != "":
		return errors.New("it names itself")
	}
	return nil
}

// sums checks the lines by themselves and together.
func (t Transaction) sums(c Chart) error {
	if t.Standing == Void {
		return nil
	}
	var faults []error
	if len(t.Lines) < 2 {
		faults = append(faults, fmt.Errorf("%d lines, at least two are needed", len(t.Lines)))
	}
	sums := map[Asset]int64{}
	for i, l := range t.Lines {
		a, ok := c.Find(l.Account)
		if !ok {
			faults = append(faults, fmt.Errorf("line %d: %w: %q: add it to the chart of %s", i+1, ErrAccount, l.Account, c.Entity))
			continue
		}
		if l.Amount == 0 {
			faults = append(faults, fmt.Errorf("line %d, %s: an amount of zero", i+1, l.Account))
		}
		if sums[a.Asset], ok = Add(sums[a.Asset], l.Amount); !ok {
			faults = append(faults, fmt.Errorf("line %d, %s: %w", i+1, l.Account, ErrOverflow))
		}
	}
	for _, a := range sorted(sums) {
		if s := sums[a]; s != 0 {
			faults = append(faults, fmt.Errorf("%w: %s are %s apart", ErrUnbalanced, a, a.Text(s)))
		}
	}
	return errors.Join(faults...)
}

// lots checks that bitcoin moves in lots, and that what the lots cost is what the
// transaction says that it paid for them or took out of them.
func (t Transaction) lots(c Chart) error {
	var faults []error
	var cost, converted int64
	held, fits := false, true
	for i, l := range t.Lines {
		a, ok := c.Find(l.Account)
		if !ok {
			continue
		}
		if a.Name == Conversion(Asset(c.Currency)) {
			converted, ok = Add(converted, l.Amount)
			fits = fits && ok
		}
		if !a.Holds() {
			if l.Lot != (Lot{}) {
				faults = append(faults, fmt.Errorf("line %d: %s holds no bitcoin, and has a lot", i+1, a.Name))
			}
			continue
		}
		held = true
		if l.Lot.ID == "" || l.Lot.Acquired.IsZero() || l.Lot.Acquired.Nanosecond() != 0 {
			faults = append(faults, fmt.Errorf("line %d, %s: bitcoin moves in lots, each with an id and the second of its purchase", i+1, a.Name))
		}
		if int64(l.Lot.Cost) < 0 != (l.Amount < 0) && l.Lot.Cost != 0 {
			faults = append(faults, fmt.Errorf("line %d, %s: amount and cost of a lot have opposite signs", i+1, a.Name))
		}
		cost, ok = Add(cost, int64(l.Lot.Cost))
		fits = fits && ok
	}
	if !fits {
		faults = append(faults, fmt.Errorf("the cost of its lots: %w", ErrOverflow))
	}
	if held && cost != converted {
		own := Asset(c.Currency)
		faults = append(faults, fmt.Errorf("its lots cost %s, and %s was converted", own.Text(cost), own.Text(converted)))
	}
	return errors.Join(faults...)
}

// Add is a + b, and false where that is beyond an int64.
func Add(a, b int64) (int64, bool) {
	s := a + b
	return s, (s > a) == (b > 0)
}

// Reverse is the transaction that takes another back: every line with its sign
// turned, lots and their cost too. It is dated at, and belongs to the period of
// what it takes back where that was closed.
func (t Transaction) Reverse(id string, at, booked time.Time, why string) (Transaction, error) {
	if t.Standing != Posted || t.Reverses != "" {
		return Transaction{}, fmt.Errorf("reverse %q: %w: only what was posted, and is no reversal itself, can be taken back", t.ID, ErrInvalid)
	}
	r := t
	r.ID, r.Kind, r.At, r.Booked, r.Reverses, r.Settles, r.Narration = id, "reversal", at, booked, t.ID, "", why
	r.Lines = nil
	for _, l := range t.Lines {
		l.Amount, l.Lot.Cost = -l.Amount, -l.Lot.Cost
		r.Lines = append(r.Lines, l)
	}
	return r, nil
}
