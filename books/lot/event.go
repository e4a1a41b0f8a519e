package lot

import (
	"errors"
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Event is what stands above the lines of a transaction.
type Event struct {
	ID       string
	Entity   string
	Currency unit.Currency
	At       time.Time
	Booked   time.Time
	Source   string
	Evidence books.Hash
	Tags     books.Tags
	Text     string
}

func (e Event) transaction(kind string, lines ...books.Line) books.Transaction {
	t := books.Transaction{
		ID: e.ID, Entity: e.Entity, Kind: kind, Standing: books.Posted, At: e.At, Booked: e.Booked,
		Source: e.Source, Evidence: e.Evidence, Narration: e.Text,
	}
	for _, l := range lines {
		if l.Amount != 0 {
			t.Lines = append(t.Lines, l)
		}
	}
	return t
}

// line is a line of the event's own tags.
func (e Event) line(account string, amount int64) books.Line {
	return books.Line{Account: account, Amount: amount, Tags: e.Tags}
}

// exchanged is the pair of lines by which so many coins became so much money, or
// the other way round where both are negative.
func (e Event) exchanged(q unit.Satoshi, cost unit.Amount) []books.Line {
	return []books.Line{
		e.line(books.Conversion(books.Bitcoin), -int64(q)),
		e.line(books.Conversion(books.Asset(e.Currency)), int64(cost)),
	}
}

// ErrEvent is the failure of an event that cannot be.
var ErrEvent = errors.New("this cannot have happened")

// Earning is what a pool credited, or the part of it that some machines earned.
type Earning struct {
	Account  string // of the pool, or of the wallet that it paid into
	Lot      string // one a day, pool and wallet
	Quantity unit.Satoshi
	Subsidy  unit.Amount // gross, at the day's price
	Fees     unit.Amount // gross share of what users of the chain paid
	PoolFee  unit.Amount // that the pool kept; the coins are counted without it
	Tags     books.Tags  // of the machines; none: those of the event
}

// cost is what the coins of an earning cost: all that was earned, less the pool's fee.
func (x Earning) cost() unit.Amount { return x.Subsidy + x.Fees - x.PoolFee }

// Earn books a pool credit. The new lot costs what was earned less the pool's fee.
// A credit comes in parts where it is known which machines earned which: they make
// one lot together, and income and coins are told apart on the other lines.
func Earn(e Event, parts ...Earning) (books.Transaction, error) {
	coins := e.line("", 0)
	var lines []books.Line
	for _, x := range parts {
		if x.Quantity <= 0 || x.Subsidy < 0 || x.Fees < 0 || x.PoolFee < 0 || x.cost() < 0 || x.Lot == "" || x.Lot != parts[0].Lot || x.Account != parts[0].Account {
			return books.Transaction{}, fmt.Errorf("pool credit %s: %w: coins above zero in one named lot, and no negative income or fee", e.ID, ErrEvent)
		}
		amount, fits := books.Add(coins.Amount, int64(x.Quantity))
		cost, also := books.Add(int64(coins.Lot.Cost), int64(x.cost()))
		if !fits || !also {
			return books.Transaction{}, fmt.Errorf("pool credit %s: %w", e.ID, books.ErrOverflow)
		}
		coins.Account, coins.Amount, coins.Lot = x.Account, amount, books.Lot{ID: x.Lot, Acquired: e.At, Cost: unit.Amount(cost)}
		lines = append(lines, e.of(x)...)
	}
	if len(parts) == 0 {
		return books.Transaction{}, fmt.Errorf("pool credit %s: %w: nothing was credited", e.ID, ErrEvent)
	}
	return e.transaction("pool credit", append([]books.Line{coins}, lines...)...), nil
}

// of is the lines of one earning beside the coins.
func (e Event) of(x Earning) []books.Line {
	if x.Tags != (books.Tags{}) {
		e.Tags = x.Tags
	}
	return append(e.exchanged(x.Quantity, x.cost()),
		e.line(books.PoolFee, int64(x.PoolFee)), e.line(books.MiningSubsidy, -int64(x.Subsidy)), e.line(books.MiningFees, -int64(x.Fees)))
}

// Purchase is coins that were bought.
type Purchase struct {
	Account  string
	Lot      string
	Quantity unit.Satoshi
	Bank     string
	Paid     unit.Amount
}

// Buy books coins that were bought: the lot costs all that left the bank.
func Buy(e Event, x Purchase) (books.Transaction, error) {
	if x.Quantity <= 0 || x.Paid <= 0 || x.Lot == "" {
		return books.Transaction{}, fmt.Errorf("purchase %s: %w: coins and price are above zero, and the lot has a name", e.ID, ErrEvent)
	}
	coins := e.line(x.Account, int64(x.Quantity))
	coins.Lot = books.Lot{ID: x.Lot, Acquired: e.At, Cost: x.Paid}
	lines := append([]books.Line{coins}, e.exchanged(x.Quantity, x.Paid)...)
	return e.transaction("purchase of bitcoin", append(lines, e.line(x.Bank, -int64(x.Paid)))...), nil
}

// Out is coins that leave an account: which of its lots, and how much of each.
type Out struct {
	Held    *books.Holdings
	Account string
	Picks   []books.Pick
}

// Sell books a sale. Gain and loss are taken against what the coins cost.
func Sell(e Event, o Out, bank string, proceeds unit.Amount) (books.Transaction, error) {
	if proceeds < 0 {
		return books.Transaction{}, fmt.Errorf("sale %s: %w: proceeds below zero", e.ID, ErrEvent)
	}
	return o.part(e, "sale of bitcoin", e.line(bank, int64(proceeds)))
}

// Pay books coins that were spent, such as a fee of the network: the expense is
// what they were worth, and the difference to their cost is a gain or a loss.
func Pay(e Event, o Out, expense string, worth unit.Amount) (books.Transaction, error) {
	if worth < 0 {
		return books.Transaction{}, fmt.Errorf("payment %s: %w: worth less than nothing", e.ID, ErrEvent)
	}
	return o.part(e, "payment in bitcoin", e.line(expense, int64(worth)))
}

// part books coins that leave for good, against what came for them.
func (o Out) part(e Event, kind string, got books.Line) (books.Transaction, error) {
	lines, err := o.Held.Take(o.Account, o.Picks, e.Tags)
	if err != nil {
		return books.Transaction{}, fmt.Errorf("%s %s: %w", kind, e.ID, err)
	}
	q, cost := gone(lines)
	lines = append(lines, e.exchanged(-q, -cost)...)
	return e.transaction(kind, append(lines, got, e.line(books.RealisedGain, -(got.Amount-int64(cost))))...), nil
}

// gone is how many coins, and what they cost, lines take out.
func gone(lines []books.Line) (q unit.Satoshi, cost unit.Amount) {
	for _, l := range lines {
		q, cost = q-unit.Satoshi(l.Amount), cost-l.Lot.Cost
	}
	return q, cost
}

// Move books coins that go from one of our accounts to another. They keep their
// lot, its age and their share of its cost: nothing is gained.
func Move(e Event, o Out, to string) (books.Transaction, error) {
	out, err := o.Held.Take(o.Account, o.Picks, e.Tags)
	if err != nil || o.Account == to {
		return books.Transaction{}, fmt.Errorf("transfer %s from %s to %s: %w", e.ID, o.Account, to, errors.Join(err, same(o.Account, to)))
	}
	lines := out
	for _, l := range out {
		l.Account, l.Amount, l.Lot.Cost = to, -l.Amount, -l.Lot.Cost
		lines = append(lines, l)
	}
	return e.transaction("transfer of bitcoin", lines...), nil
}

func same(from, to string) error {
	if from == to {
		return fmt.Errorf("%w: it goes nowhere", ErrEvent)
	}
	return nil
}

// Revalue brings the coins of an account to what they are worth at the end of a
// day. standing is the balance of its fair-value account. Nothing is booked, and
// the answer is false, where that is right already.
//
// Formula: change = quantity * price - cost - standing. Source: docs/formula/books.md.
func Revalue(e Event, h *books.Holdings, account string, price books.Price, standing unit.Amount) (books.Transaction, bool, error) {
	q, cost := h.Total(account)
	worth := unit.Amount(0)
	if q > 0 {
		var err error
		if worth, err = price.Of(int64(q)); err != nil {
			return books.Transaction{}, false, fmt.Errorf("revalue %s: %w", account, err)
		}
	}
	change := worth - cost - standing
	if change == 0 {
		return books.Transaction{}, false, nil
	}
	e.Source, e.Evidence = price.Name(), price.Hash()
	return e.transaction("fair value of bitcoin", e.line(books.FairValue(account), int64(change)), e.line(books.UnrealisedGain, -int64(change))), true, nil
}
