package reserve

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Booking is where and when a settlement is booked.
type Booking struct {
	Entity       string
	Counterparty string // of the market
	At, Booked   time.Time
	Belongs      string // period that it is about where that was closed already
	Tags         books.Tags
}

// Standing is what the books say of an award, by account of income; what is earned
// is positive.
type Standing map[string]unit.Amount

// source is what the transactions of an award are made from.
func source(award string) string { return "award " + award }

// StandingOf is what transactions say of an award.
func StandingOf(all []books.Transaction, award string) (Standing, error) {
	out := Standing{}
	for _, t := range all {
		if t.Standing != books.Posted || t.Source != source(award) {
			continue
		}
		for _, l := range t.Lines {
			if !strings.HasPrefix(l.Account, "Income:") {
				continue
			}
			n, ok := books.Add(int64(out[l.Account]), -l.Amount)
			if !ok {
				return nil, fmt.Errorf("income of award %q: %w", award, books.ErrOverflow)
			}
			out[l.Account] = unit.Amount(n)
		}
	}
	return out, nil
}

// Book brings the books from what they say of an award to its settlement: at first
// all of it, after a revision of a meter the difference. False: there is nothing to
// book.
//
//	Receivable:Grid   + net
//	the programme's   - for being there
//	DemandResponse    - for what was shed
//	Grid:Shortfall    + penalty
func Book(b Booking, p Programme, s Settlement, is Standing) (books.Transaction, bool, error) {
	want := Standing{p.Income: s.Gross, books.GridShortfall: -s.Penalty}
	want[books.DemandResponse] += s.Shed
	for account := range is {
		want[account] += 0 // booked once, and not any more
	}
	t := books.Transaction{
		ID: books.DerivedID("reserve settlement", b.Entity, s.Award.ID, hex.EncodeToString(s.Inputs[:])), Entity: b.Entity, Kind: "reserve settlement",
		Standing: books.Posted, At: b.At, Booked: b.Booked, Source: source(s.Award.ID), Evidence: s.Inputs, Belongs: b.Belongs, Narration: s.Award.Product,
	}
	net := int64(0)
	for _, account := range slices.Sorted(maps.Keys(want)) {
		change, fits := books.Add(int64(want[account]), -int64(is[account]))
		sum, also := books.Add(net, change)
		if !fits || !also {
			return books.Transaction{}, false, fmt.Errorf("award %q: %w", s.Award.ID, books.ErrOverflow)
		}
		if net = sum; change != 0 {
			t.Lines = append(t.Lines, books.Line{Account: account, Amount: -change, Tags: b.Tags})
		}
	}
	if len(t.Lines) == 0 {
		return books.Transaction{}, false, nil
	}
	if net != 0 {
		t.Lines = append(t.Lines, books.Line{Account: books.Grid(b.Counterparty), Amount: net, Tags: b.Tags})
	}
	return t, true, nil
}
