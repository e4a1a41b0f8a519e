package invoice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sluice/books"
	"sluice/unit"
)

// Kind is what a document is.
type Kind string

// The kinds.
const (
	Invoice    Kind = "invoice"
	CreditNote Kind = "credit note" // not positive; refers to an invoice
	DebitNote  Kind = "debit note"  // not negative; refers to an invoice
)

// LineKind says which account a line is posted against.
type LineKind string

// The kinds of lines. All but the last three are income that was accrued.
const (
	Usage       LineKind = "usage"
	PassThrough LineKind = "passthrough"
	Reservation LineKind = "reservation"
	Overage     LineKind = "overage"
	Shortfall   LineKind = "shortfall"
	Fixed       LineKind = "fixed"
	Minimum     LineKind = "minimum"
	Percentage  LineKind = "percentage" // of other lines
	Credit      LineKind = "credit"     // an SLA credit, negative
	Prepayment  LineKind = "prepayment" // drawn from what was paid in advance, negative
	Goodwill    LineKind = "goodwill"   // negative
)

// Party is one side of a document.
type Party struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"` // of the seller: the entity of its chart of accounts
	TaxID   string   `json:"tax_id,omitempty"`
	Address []string `json:"address,omitempty"` // lines
	Country string   `json:"country,omitempty"` // ISO 3166, two letters
}

// Line is one line of a document.
type Line struct {
	ID          string      `json:"id"` // of the rated line
	Contract    string      `json:"contract"`
	Component   string      `json:"component"`
	Kind        LineKind    `json:"kind"`
	From        int64       `json:"from,string"` // Unix seconds, [From, To)
	To          int64       `json:"to,string"`
	Quantity    int64       `json:"quantity,string"` // Base of them are one Unit
	Base        int64       `json:"base,string"`     // 0: the line has no quantity
	Unit        string      `json:"unit"`
	Price       string      `json:"price"` // for people, of one Unit
	Amount      unit.Amount `json:"amount,string"`
	Meter       string      `json:"meter"`
	Revision    int         `json:"revision"` // highest of the readings
	Apportioned bool        `json:"apportioned"`
	Estimated   bool        `json:"estimated"`
	Inputs      string      `json:"inputs"`             // hash of what the line was made of, hexadecimal
	Evidence    []string    `json:"evidence,omitempty"` // of a credit: hashes of the records of its outages
}

// Tax is one tax of a document.
type Tax struct {
	Code   string      `json:"code"`
	Rate   unit.Ratio  `json:"rate,string"`
	Base   unit.Amount `json:"base,string"` // what is taxed
	Amount unit.Amount `json:"amount,string"`
}

// Document is an invoice or a note.
type Document struct {
	Number   Number        `json:"number"` // none: a draft
	Kind     Kind          `json:"kind"`
	Entity   Party         `json:"entity"`
	Customer Party         `json:"customer"`
	Issued   int64         `json:"issued,string"` // Unix seconds; 0: a draft
	From     int64         `json:"from,string"`   // of the period, Unix seconds, [From, To)
	To       int64         `json:"to,string"`
	Currency unit.Currency `json:"currency"`
	Lines    []Line        `json:"lines"`
	Taxes    []Tax         `json:"taxes,omitempty"`
	Rounding unit.Amount   `json:"rounding,string"`     // by which the total is above the exact sum
	Total    int64         `json:"total,string"`        // payable, in the smallest coin of the currency
	RefersTo string        `json:"refers_to,omitempty"` // number of the invoice, of notes
	Reason   string        `json:"reason,omitempty"`    // of notes
}

// ErrDocument is a document that may not be issued.
var ErrDocument = errors.New("no valid document")

// Most of what a document holds.
const (
	linesMost = 10_000
	textMost  = 1 << 16 // bytes; a line may name a thousand meters
)

// Coin is how many millionths the smallest coin of a currency is.
func Coin(c unit.Currency) int64 {
	switch c {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return int64(unit.Unit)
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return int64(unit.Unit) / 1000
	}
	return int64(unit.Unit) / 100
}

// Payable is the total as an amount.
func (d Document) Payable() unit.Amount { return unit.Amount(d.Total * Coin(d.Currency)) }

// exact is the sum of lines and taxes, and false where it is beyond any books.
func (d Document) exact() (int64, bool) {
	sum, fits := int64(0), true
	for _, l := range d.Lines {
		var ok bool
		sum, ok = books.Add(sum, int64(l.Amount))
		fits = fits && ok
	}
	for _, t := range d.Taxes {
		var ok bool
		sum, ok = books.Add(sum, int64(t.Amount))
		fits = fits && ok
	}
	return sum, fits
}

// Draft fills in the total and the rounding of a document and checks it. An error
// wraps ErrDocument.
//
// Source: docs/formula/rating.md.
func Draft(d Document) (Document, error) {
	sum, fits := d.exact()
	total, ok := unit.TryMulDiv(sum, 1, Coin(d.Currency))
	back, also := unit.TryMulDiv(total, Coin(d.Currency), 1)
	if !fits || !ok || !also {
		return Document{}, fmt.Errorf("document for %q: %w: its total is beyond any books", d.Customer.Name, ErrDocument)
	}
	d.Number, d.Issued = Number{}, 0
	d.Total, d.Rounding = total, unit.Amount(back-sum)
	if err := d.Validate(); err != nil {
		return Document{}, err
	}
	return d, nil
}

// Issue gives a draft its number and its second. After that nothing of it
// changes. An error wraps ErrDocument.
func (d Document) Issue(n Number, at int64) (Document, error) {
	if d.Number != (Number{}) {
		return Document{}, fmt.Errorf("document %s: %w: it was issued before, and what is issued does not change", d.Number, ErrDocument)
	}
	if n.Serial < 1 || !plainSeries(n.Series) || at <= 0 {
		return Document{}, fmt.Errorf("document for %q as %q at %d: %w: it needs a number and a second", d.Customer.Name, n, at, ErrDocument)
	}
	d.Number, d.Issued = n, at
	if err := d.Validate(); err != nil {
		return Document{}, err
	}
	return d, nil
}

// Validate reports everything for which a document may not be issued. It wraps ErrDocument.
func (d Document) Validate() error {
	faults := []error{d.head(), d.links(), d.totals()}
	for i, l := range d.Lines {
		if err := l.validate(); err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", i+1, err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("document %q for %q: %w: %w", d.Number.String(), d.Customer.Name, ErrDocument, err)
	}
	return nil
}

// head checks what stands above the lines.
func (d Document) head() error {
	var faults []error
	if d.Entity.Name == "" || d.Customer.Name == "" || d.Customer.ID == "" {
		faults = append(faults, errors.New("it needs the names of both sides and the id of the customer"))
	}
	if len(d.Currency) != 3 || strings.Trim(string(d.Currency), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		faults = append(faults, fmt.Errorf("currency %q is not the three letters of one", d.Currency))
	}
	if d.To <= d.From || (d.Issued == 0) != (d.Number == Number{}) || d.Issued < 0 {
		faults = append(faults, errors.New("its period ends after it begins, and it has both a number and a second, or neither"))
	}
	if len(d.Lines) == 0 || len(d.Lines) > linesMost {
		faults = append(faults, fmt.Errorf("%d lines: it has 1 to %d", len(d.Lines), linesMost))
	}
	texts := append(slices.Concat(d.Entity.texts(), d.Customer.texts()), d.RefersTo, d.Reason)
	for _, t := range d.Taxes {
		texts = append(texts, t.Code)
	}
	return errors.Join(append(faults, readable(texts))...)
}

// links checks what a note says of an invoice.
func (d Document) links() error {
	switch d.Kind {
	case Invoice:
		if d.RefersTo != "" {
			return errors.New("an invoice refers to no other: make it a note")
		}
		return nil
	case CreditNote, DebitNote:
		if _, err := ParseNumber(d.RefersTo); err != nil || d.Reason == "" || d.RefersTo == d.Number.String() {
			return errors.New("a note refers to the number of an invoice and gives its reason")
		}
		if d.Kind == CreditNote && d.Total > 0 || d.Kind == DebitNote && d.Total < 0 {
			return fmt.Errorf("a %s of %s: turn it into the other kind", d.Kind, d.Payable())
		}
		return nil
	}
	return fmt.Errorf("its kind %q is none of invoice, credit note and debit note", string(d.Kind))
}

// taxSlack is how far, in millionths, a tax may be from its rate: that on a note
// is the difference of two that were rounded.
const taxSlack = 2

// totals checks sums and taxes.
func (d Document) totals() error {
	var faults []error
	sum, fits := d.exact()
	payable, ok := unit.TryMulDiv(d.Total, Coin(d.Currency), 1)
	coin, r := Coin(d.Currency), int64(d.Rounding)
	if all, also := books.Add(sum, r); !fits || !ok || !also || payable != all || r > coin/2 || r < -coin/2 {
		faults = append(faults, errors.New("lines, taxes and rounding are not the total, or the rounding is more than half a coin"))
	}
	for _, t := range d.Taxes {
		want, ok := unit.TryMulDiv(int64(t.Base), int64(t.Rate), int64(unit.One))
		gap, also := books.Add(int64(t.Amount), -want)
		if !ok || !also || t.Rate < 0 || t.Rate > unit.One || t.Code == "" || gap > taxSlack || gap < -taxSlack {
			faults = append(faults, fmt.Errorf("tax %q: it has a code, a rate up to 100 %%, and the amount of its rate", t.Code))
		}
	}
	return errors.Join(faults...)
}

// validate checks one line by itself.
func (l Line) validate() error {
	var faults []error
	if l.account() == "" {
		faults = append(faults, fmt.Errorf("its kind %q is not known", string(l.Kind)))
	}
	if l.ID == "" || l.To <= l.From || l.Base < 0 || l.Revision < 0 {
		faults = append(faults, errors.New("it has an id, ends after it begins, and neither base nor revision is negative"))
	}
	if (l.Kind == Credit || l.Kind == Goodwill || l.Kind == Prepayment) && l.Component == "" {
		faults = append(faults, errors.New("it says what is credited"))
	}
	texts := append([]string{l.ID, l.Contract, l.Component, l.Unit, l.Price, l.Meter, l.Inputs}, l.Evidence...)
	return errors.Join(append(faults, readable(texts))...)
}

func (p Party) texts() []string {
	return append([]string{p.ID, p.Name, p.TaxID, p.Country}, p.Address...)
}

// readable reports texts that would not come out of every rendering as they went in.
func readable(texts []string) error {
	for _, s := range texts {
		if len(s) > textMost || !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) || strings.ContainsFunc(s, unicode.IsControl) {
			return fmt.Errorf("text %.40q: at most %d bytes of UTF-8 without control characters", s, textMost)
		}
	}
	return nil
}
