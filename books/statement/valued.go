package statement

import (
	"fmt"
	"time"

	"sluice/books"
	"sluice/unit"
)

// Code names a difference between the books and what they were made from.
type Code string

// The differences. Codes are only ever added.
const (
	OtherPrice    Code = "not_the_price_of_the_day"
	NoPrice       Code = "no_price_of_the_day"
	NothingBooked Code = "day_not_booked"
	NoPower       Code = "day_without_power"
	NoCoins       Code = "day_without_coins"
	OtherCoins    Code = "coins_not_as_measured"
	OtherEvidence Code = "booked_from_another_paper"
	NoPaper       Code = "day_without_paper"
	EarnedTwice   Code = "service_earned_twice" // accrued by a site, and invoiced
)

// Difference is one thing that does not agree.
type Difference struct {
	Code    Code
	On      string // a day and site, or a transaction
	Certain bool   // false: there may be a reason that the books do not know, such as a site that stood still
	Says    string
}

// fairValue is the kind of a transaction that values what is held.
const fairValue = "fair value of bitcoin"

// slack is by how much the coins of a day may be off their price: they are valued
// in parts of some minutes, each rounded to a millionth.
const slack = 500

// Valued checks that the coins of every pool credit were valued at a price of
// their day, and what is held at a price of the day of its valuation. prices are
// the records that were filed. Where a day has several, coins may be worth anything
// between the lowest and the highest.
//
// Formula: quantity * price = cost of the lot. Source: docs/formula/statement.md.
func Valued(zone *time.Location, all []books.Transaction, prices []books.Price) []Difference {
	days, names := map[string][]books.Price{}, map[string]books.Price{}
	for _, p := range prices {
		day := p.At.In(zone).Format(time.DateOnly)
		days[day] = append(days[day], p)
		names[p.Name()] = p
	}
	var out []Difference
	for _, t := range all {
		if t.Standing != books.Posted || t.Reverses != "" {
			continue
		}
		day := t.At.In(zone).Format(time.DateOnly)
		switch {
		case mined(t):
			out = append(out, creditValued(t, day, days[day])...)
		case t.Kind == fairValue:
			out = append(out, holdingValued(t, day, names[t.Source], zone)...)
		}
	}
	return out
}

// mined reports whether a transaction is, or takes back, what a pool credited: coins
// against income, which a closing of a year touches too.
func mined(t books.Transaction) bool {
	coins, income := false, false
	for _, l := range t.Lines {
		coins = coins || l.Lot.ID != ""
		income = income || l.Account == books.MiningSubsidy || l.Account == books.MiningFees
	}
	return coins && income
}

func creditValued(t books.Transaction, day string, prices []books.Price) []Difference {
	if t.Belongs != "" && t.Belongs != day { // it is about another day, of a period that was closed
		return nil
	}
	if len(prices) == 0 {
		return []Difference{{NoPrice, t.ID, false, fmt.Sprintf("coins of %s were valued, and no price of that day is filed", day)}}
	}
	var out []Difference
	for _, l := range t.Lines {
		if l.Lot.ID == "" {
			continue
		}
		low, high, err := bounds(l.Amount, prices)
		if err != nil || l.Lot.Cost < low-slack || l.Lot.Cost > high+slack {
			out = append(out, Difference{OtherPrice, t.ID, true, fmt.Sprintf("%s BTC of %s stand at %s; at the price of that day they are worth %s to %s",
				books.Bitcoin.Text(l.Amount), day, books.Asset("").Text(int64(l.Lot.Cost)), books.Asset("").Text(int64(low)), books.Asset("").Text(int64(high)))})
		}
	}
	return out
}

// bounds are what a quantity is worth at the lowest and at the highest price.
func bounds(quantity int64, prices []books.Price) (low, high unit.Amount, err error) {
	for i, p := range prices {
		v, err := p.Of(quantity)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 || v < low {
			low = v
		}
		if i == 0 || v > high {
			high = v
		}
	}
	return low, high, nil
}

func holdingValued(t books.Transaction, day string, price books.Price, zone *time.Location) []Difference {
	switch at := price.At.In(zone).Format(time.DateOnly); {
	case price == books.Price{}:
		return []Difference{{NoPrice, t.ID, false, fmt.Sprintf("bitcoin was valued on %s by %q, and no such price is filed", day, t.Source)}}
	case at != day:
		return []Difference{{OtherPrice, t.ID, true, fmt.Sprintf("bitcoin was valued on %s at the price of %s", day, at)}}
	case price.Hash() != t.Evidence:
		return []Difference{{OtherPrice, t.ID, true, fmt.Sprintf("the price %q is filed with another value than that by which bitcoin was valued on %s", t.Source, day)}}
	}
	return nil
}
