package books

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sluice/unit"
)

// Parcel is what is left of a lot in one wallet.
type Parcel struct {
	ID       string
	Acquired time.Time
	Quantity unit.Satoshi
	Cost     unit.Amount
}

// Holdings is the open lots of every account that holds bitcoin.
type Holdings struct {
	open map[string][]Parcel // oldest first
}

// The failures of a lot.
var (
	ErrShort = errors.New("there is not so much")
	ErrLot   = errors.New("no such lot")
)

// Accounts are those that hold anything, in order.
func (h *Holdings) Accounts() []string { return slices.Sorted(maps.Keys(h.open)) }

// Of is what an account holds, oldest first.
func (h *Holdings) Of(account string) []Parcel { return slices.Clone(h.open[account]) }

// Total is what an account holds and what that cost. An empty name means all.
func (h *Holdings) Total(account string) (q unit.Satoshi, cost unit.Amount) {
	for name, parcels := range h.open {
		if account != "" && name != account {
			continue
		}
		for _, p := range parcels {
			q, cost = q+p.Quantity, cost+p.Cost
		}
	}
	return q, cost
}

// Apply takes the lots of a posted transaction in or out. A line that takes more
// of a lot than there is, in coins or in cost, is refused, and then nothing of the
// transaction is applied.
func (h *Holdings) Apply(c Chart, t Transaction) error {
	if t.Standing != Posted {
		return nil
	}
	next := Holdings{open: map[string][]Parcel{}}
	for _, l := range t.Lines {
		if l.Lot.ID == "" {
			continue
		}
		if _, copied := next.open[l.Account]; !copied {
			next.open[l.Account] = h.Of(l.Account)
		}
		if err := next.move(Asset(c.Currency), l); err != nil {
			return fmt.Errorf("transaction %q, %s: %w", t.ID, l.Account, err)
		}
	}
	if h.open == nil {
		h.open = map[string][]Parcel{}
	}
	for account, parcels := range next.open {
		if h.open[account] = parcels; len(parcels) == 0 {
			delete(h.open, account)
		}
	}
	return nil
}

// move changes one lot by a line, and keeps the lots of the account in order.
func (h *Holdings) move(own Asset, l Line) error {
	parcels := h.open[l.Account]
	i := slices.IndexFunc(parcels, func(p Parcel) bool { return p.ID == l.Lot.ID })
	if i < 0 {
		i = len(parcels)
		parcels = append(parcels, Parcel{ID: l.Lot.ID, Acquired: l.Lot.Acquired})
	}
	p := &parcels[i]
	q, fits := Add(int64(p.Quantity), l.Amount)
	cost, also := Add(int64(p.Cost), int64(l.Lot.Cost))
	switch {
	case !fits || !also:
		return fmt.Errorf("lot %s: %w", l.Lot.ID, ErrOverflow)
	case !p.Acquired.Equal(l.Lot.Acquired):
		return fmt.Errorf("lot %s was acquired on %s, the line says %s: %w", p.ID, p.Acquired.UTC().Format(time.DateTime), l.Lot.Acquired.UTC().Format(time.DateTime), ErrLot)
	case q < 0 || cost < 0 || q == 0 && cost != 0:
		return fmt.Errorf("lot %s holds %s BTC that cost %s, and %s that cost %s are taken: %w", p.ID, Bitcoin.Text(int64(p.Quantity)),
			own.Text(int64(p.Cost)), Bitcoin.Text(-l.Amount), own.Text(-int64(l.Lot.Cost)), ErrShort)
	}
	p.Quantity, p.Cost = unit.Satoshi(q), unit.Amount(cost)
	parcels = slices.DeleteFunc(parcels, func(p Parcel) bool { return p.Quantity == 0 })
	slices.SortFunc(parcels, func(a, b Parcel) int {
		return cmp.Or(a.Acquired.Compare(b.Acquired), cmp.Compare(a.ID, b.ID))
	})
	h.open[l.Account] = parcels
	return nil
}

// Pick is how much of which lot shall go.
type Pick struct {
	Lot      string
	Quantity unit.Satoshi
}

// FIFO picks the oldest lots of an account first.
func (h *Holdings) FIFO(account string, q unit.Satoshi) ([]Pick, error) {
	if have, _ := h.Total(account); q <= 0 || q > have {
		return nil, fmt.Errorf("take %s BTC out of %s, which holds %s: %w", Bitcoin.Text(int64(q)), account, Bitcoin.Text(int64(have)), ErrShort)
	}
	var out []Pick
	for _, p := range h.open[account] {
		n := min(q, p.Quantity)
		out, q = append(out, Pick{p.ID, n}), q-n
		if q == 0 {
			break
		}
	}
	return out, nil
}

// Take is the lines by which picked lots would leave an account, each with its share of
// the lot's cost. A lot that goes whole takes all that is left of its cost, so
// that no cut ever loses any.
//
// Formula: cost = open cost * quantity / open quantity. Source: docs/formula/md.
func (h *Holdings) Take(account string, picks []Pick, tags Tags) (lines []Line, err error) {
	parcels := h.Of(account)
	for _, k := range picks {
		i := slices.IndexFunc(parcels, func(p Parcel) bool { return p.ID == k.Lot })
		if i < 0 {
			return nil, fmt.Errorf("%s in %s: %w", k.Lot, account, ErrLot)
		}
		p := &parcels[i]
		if k.Quantity <= 0 || k.Quantity > p.Quantity {
			return nil, fmt.Errorf("take %s BTC of lot %s in %s, which holds %s: %w", Bitcoin.Text(int64(k.Quantity)), p.ID, account, Bitcoin.Text(int64(p.Quantity)), ErrShort)
		}
		cost := unit.Amount(unit.MulDiv(int64(p.Cost), int64(k.Quantity), int64(p.Quantity))) // never above p.Cost
		p.Quantity, p.Cost = p.Quantity-k.Quantity, p.Cost-cost
		lines = append(lines, Line{Account: account, Amount: -int64(k.Quantity), Tags: tags, Lot: Lot{ID: k.Lot, Acquired: p.Acquired, Cost: -cost}})
	}
	return lines, nil
}

// Held is holdings that are known from elsewhere, such as from a store.
func Held(parcels map[string][]Parcel) *Holdings {
	h := &Holdings{open: map[string][]Parcel{}}
	for account, p := range parcels {
		if len(p) > 0 {
			h.open[account] = slices.Clone(p)
		}
	}
	return h
}
