package bitcoin

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// The failures of this package. Every error wraps one of them where a caller
// can act on the difference.
var (
	ErrSecret  = errors.New("this looks like a private key or a seed")
	ErrTarget  = errors.New("not a target that can be watched")
	ErrNoBlock = errors.New("the source has no such block")
	ErrUnknown = errors.New("no watched script took part in this transaction")
	ErrMoved   = errors.New("the chain changed while it was read")
	ErrBehind  = errors.New("the source knows less of the chain than is remembered")
	ErrDeep    = errors.New("the source's chain parts from the remembered one too far back")
	ErrNetwork = errors.New("the source is on another network")
	ErrAnswer  = errors.New("the source's answer cannot be used")
	ErrBusy    = errors.New("the source asks for patience")
	ErrClosed  = errors.New("the source is closed")
	ErrConfig  = errors.New("the source cannot be opened as configured")
)

// Block is a place in the chain: remember height and hash together.
type Block struct {
	Height int64
	Hash   string    // hexadecimal, as block explorers write it
	Time   time.Time // of its header, UTC; miners may err by two hours
}

// Age is how old the block is at the given time; never below zero.
func (b Block) Age(now time.Time) time.Duration { return max(now.Sub(b.Time), 0) }

// maturity is how many blocks must follow a coinbase before it can be spent.
const maturity = 100

// Receipt is an output of a transaction in a block that pays a watched script.
type Receipt struct {
	TxID      string
	Vout      uint32
	Script    string // hexadecimal
	Address   string // of the script
	Satoshi   unit.Satoshi
	Height    int64
	BlockHash string
	Time      time.Time // of the block
	Coinbase  bool      // new coins and fees, paid by the block itself
}

// Output names the receipt's output.
func (r Receipt) Output() Output { return Output{TxID: r.TxID, Vout: r.Vout} }

// SpendableFrom is the height of the first block that may spend the output.
func (r Receipt) SpendableFrom() int64 {
	if r.Coinbase {
		return r.Height + maturity
	}
	return r.Height
}

// Output names one output of one transaction.
type Output struct {
	TxID string
	Vout uint32
}

// Spend is an input of a transaction in a block that takes a watched output.
type Spend struct {
	TxID      string // that spends
	Vin       uint32
	Output    Output // that is spent
	Script    string // hexadecimal, of the output
	Address   string // of the script
	Satoshi   unit.Satoshi
	Height    int64
	BlockHash string
	Time      time.Time // of the block
}

// Moves are receipts and spends, each by height, then transaction, then place.
type Moves struct {
	Receipts []Receipt
	Spends   []Spend
}

// sort orders the moves and drops what is there twice.
func (m *Moves) sort() {
	slices.SortFunc(m.Receipts, func(a, b Receipt) int {
		return cmp.Or(cmp.Compare(a.Height, b.Height), strings.Compare(a.TxID, b.TxID), cmp.Compare(a.Vout, b.Vout))
	})
	slices.SortFunc(m.Spends, func(a, b Spend) int {
		return cmp.Or(cmp.Compare(a.Height, b.Height), strings.Compare(a.TxID, b.TxID), cmp.Compare(a.Vin, b.Vin))
	})
	m.Receipts = slices.CompactFunc(m.Receipts, func(a, b Receipt) bool { return a.Output() == b.Output() && a.BlockHash == b.BlockHash })
	m.Spends = slices.CompactFunc(m.Spends, func(a, b Spend) bool { return a.Output == b.Output && a.BlockHash == b.BlockHash })
}

// split parts the moves at a height: up to and with it, and above it.
func (m Moves) split(height int64) (low, high Moves) {
	for _, r := range m.Receipts {
		side := &low
		if r.Height > height {
			side = &high
		}
		side.Receipts = append(side.Receipts, r)
	}
	for _, s := range m.Spends {
		side := &low
		if s.Height > height {
			side = &high
		}
		side.Spends = append(side.Spends, s)
	}
	return low, high
}

// plus is both, in order.
func (m Moves) plus(n Moves) Moves {
	sum := Moves{Receipts: slices.Concat(m.Receipts, n.Receipts), Spends: slices.Concat(m.Spends, n.Spends)}
	sum.sort()
	return sum
}

// held is what was received and not spent, by output.
func (m Moves) held() map[Output]Receipt {
	held := make(map[Output]Receipt, len(m.Receipts))
	for _, r := range m.Receipts {
		held[r.Output()] = r
	}
	for _, s := range m.Spends {
		delete(held, s.Output)
	}
	return held
}
