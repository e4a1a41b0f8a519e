package exchange

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Event is what stands above the lines of a transaction.
type Event struct {
	ID       string
	Entity   string
	Currency unit.Currency  // of the entity
	Zone     *time.Location // in which the entity cuts its days; nil is UTC
	At       time.Time
	Booked   time.Time
	Source   string
	Evidence books.Hash
	Tags     books.Tags
	Text     string
}

// line is a line of the event's own tags.
func (e Event) line(account string, amount int64) books.Line {
	return books.Line{Account: account, Amount: amount, Tags: e.Tags}
}

// change is the lines by which a position changes by a quantity that is worth so
// much today, both of one sign.
func (e Event) change(p Position, q int64, worth unit.Amount) []books.Line {
	return []books.Line{
		e.line(p.Account, q), e.line(books.Conversion(p.Asset), -q), e.line(books.Carrying(p.Account), int64(p.carried(q, worth))),
	}
}

// transaction closes lines with the gain: what the lines in the currency of the
// entity do not explain. What passes out of and into one conversion cancels.
func (e Event) transaction(kind string, lines []books.Line, foreign map[string]bool) (books.Transaction, error) {
	t := books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: kind, Standing: books.Posted, At: e.At, Booked: e.Booked,
		Source: e.Source, Evidence: e.Evidence, Narration: e.Text,
	}
	left := int64(0)
	for _, l := range lines {
		if foreign[l.Account] {
			continue
		}
		var ok bool
		if left, ok = books.Add(left, l.Amount); !ok {
			return books.Transaction{}, fmt.Errorf("%s %s: %w", kind, e.ID, books.ErrOverflow)
		}
	}
	for _, l := range together(append(lines, e.line(books.ExchangeGain, -left))) {
		if l.Amount != 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	return t, nil
}

// together adds up lines of one account and tags.
func together(lines []books.Line) []books.Line {
	type key struct {
		account string
		tags    books.Tags
	}
	at := map[key]int{}
	var out []books.Line
	for _, l := range lines {
		k := key{l.Account, l.Tags}
		if i, seen := at[k]; seen {
			out[i].Amount += l.Amount
			continue
		}
		at[k] = len(out)
		out = append(out, l)
	}
	return out
}

// Leg is one side of an exchange.
type Leg struct {
	Position       // of an account in the currency of the entity only Account and Asset are read
	Amount   int64 // above zero, in the smallest unit of the asset
}

// Convert books money that became money of another currency. Where one side is in
// the currency of the entity, that side says what the other is worth; where
// neither is, the rate of what came in does, and rate is otherwise not read. The
// gain is taken against the average that what went was carried at.
func Convert(e Event, from, to Leg, rate books.Price) (books.Transaction, error) {
	if from.Amount <= 0 || to.Amount <= 0 || from.Asset == to.Asset || from.Asset == books.Bitcoin || to.Asset == books.Bitcoin {
		return books.Transaction{}, fmt.Errorf("exchange %s: %w: amounts above zero of two currencies", e.ID, ErrEvent)
	}
	worth := unit.Amount(to.Amount)
	if own := books.Asset(e.Currency); from.Asset == own {
		worth = unit.Amount(from.Amount)
	} else if to.Asset != own {
		var err error
		if worth, err = e.worth(to.Asset, to.Amount, rate); err != nil {
			return books.Transaction{}, fmt.Errorf("exchange %s: %w", e.ID, err)
		}
		e.Text = noted(e.Text, rate)
	}
	lines := append(e.leg(from.Position, -from.Amount, -worth), e.leg(to.Position, to.Amount, worth)...)
	return e.transaction("exchange of money", lines, e.foreign(from.Position, to.Position))
}

// foreign are the names of the accounts whose lines are not in the currency of the
// entity.
func (e Event) foreign(all ...Position) map[string]bool {
	out := map[string]bool{}
	for _, p := range all {
		if p.Asset != books.Asset(e.Currency) {
			out[p.Account], out[books.Conversion(p.Asset)] = true, true
		}
	}
	return out
}

// leg is the change of a side, whatever its currency.
func (e Event) leg(p Position, q int64, worth unit.Amount) []books.Line {
	if p.Asset == books.Asset(e.Currency) {
		return []books.Line{e.line(p.Account, q)}
	}
	return e.change(p, q, worth)
}

// noted is a text with the rate by which something was valued.
func noted(text string, rate books.Price) string {
	if text == "" {
		return "at " + rate.Name()
	}
	return text + ", at " + rate.Name()
}

// Move books money that goes from one account of ours to another of its currency.
// It takes its share of the carrying value with it: nothing is gained.
func Move(e Event, from, to Position, q int64) (books.Transaction, error) {
	if q <= 0 || from.Asset != to.Asset || from.Account == to.Account || from.Asset == books.Asset(e.Currency) || q > from.Quantity || to.Quantity < 0 {
		return books.Transaction{}, fmt.Errorf("transfer %s of %s from %s to %s: %w: the first holds so much of one foreign currency, the second is not in debt",
			e.ID, from.Asset.Text(q), from.Account, to.Account, ErrEvent)
	}
	k := -from.carried(-q, 0)
	return e.transaction("transfer of money", append(e.change(from, -q, -k), e.change(to, q, k)...), e.foreign(from, to))
}

// Settle books what is paid from one foreign account to another of the same
// currency: from our bank to what we owe a vendor, or from what a customer owes us
// to our bank. Both change at the rate of the day; the difference to what they are
// carried at is the realised gain.
func Settle(e Event, from, to Position, q int64, rate books.Price) (books.Transaction, error) {
	if q <= 0 || from.Asset != to.Asset || from.Account == to.Account {
		return books.Transaction{}, fmt.Errorf("settlement %s: %w: above zero, from one account to another of the same currency", e.ID, ErrEvent)
	}
	worth, err := e.worth(from.Asset, q, rate)
	if err != nil {
		return books.Transaction{}, fmt.Errorf("settlement %s: %w", e.ID, err)
	}
	e.Text = noted(e.Text, rate)
	return e.transaction("settlement in "+string(from.Asset), append(e.change(from, -q, -worth), e.change(to, q, worth)...), e.foreign(from, to))
}

// Part is one line of a document in a foreign currency.
type Part struct {
	Account string // in the currency of the entity: an expense, an income, a machine
	Amount  int64  // in the foreign currency; debit positive
	Tags    books.Tags
}

// Document books an invoice, or a fee of a bank, in a foreign currency at the rate
// of its day: the parts in the currency of the entity, and what is owed for them
// in the foreign one. The parts sum to the worth of the whole to the millionth.
func Document(e Event, on Position, parts []Part, rate books.Price) (books.Transaction, error) {
	var total int64
	var before unit.Amount
	var lines []books.Line
	for _, p := range parts {
		sum, ok := books.Add(total, p.Amount)
		worth, err := e.worth(on.Asset, sum, rate)
		if !ok || err != nil {
			return books.Transaction{}, fmt.Errorf("document %s: %w", e.ID, orOverflow(err))
		}
		lines = append(lines, books.Line{Account: p.Account, Amount: int64(worth - before), Tags: p.Tags})
		total, before = sum, worth
	}
	if total == 0 {
		return books.Transaction{}, fmt.Errorf("document %s: %w: it is about nothing", e.ID, ErrEvent)
	}
	e.Text = noted(e.Text, rate)
	return e.transaction("document in "+string(on.Asset), append(lines, e.change(on, -total, -before)...), e.foreign(on))
}

func orOverflow(err error) error {
	if err == nil {
		return books.ErrOverflow
	}
	return err
}

// Remeasure brings a position to what it is worth at the rate of the event's day,
// the last of a period. Nothing is booked, and the answer is false, where that is
// right already.
//
// Formula: change = quantity * rate - carrying. Source: docs/formula/exchange.md.
func Remeasure(e Event, p Position, rate books.Price) (books.Transaction, bool, error) {
	worth := unit.Amount(0)
	if p.Quantity != 0 {
		var err error
		if worth, err = e.worth(p.Asset, p.Quantity, rate); err != nil {
			return books.Transaction{}, false, fmt.Errorf("remeasure %s: %w", p.Account, err)
		}
	}
	change := int64(worth - p.Carrying)
	if change == 0 {
		return books.Transaction{}, false, nil
	}
	e.Source, e.Evidence = rate.Name(), rate.Hash()
	t, err := e.transaction("remeasurement of money", []books.Line{e.line(books.Carrying(p.Account), change), e.line(books.ExchangeOpen, -change)}, nil)
	return t, err == nil, err
}
