package statement

import (
	"fmt"

	"sluice/books"
	"sluice/unit"
)

// Position is what one wallet, pool or lender holds of our bitcoin.
type Position struct {
	Account  string
	Quantity unit.Satoshi
	Cost     unit.Amount
	Value    unit.Amount // at the price
	Share    unit.Ratio  // of all bitcoin held
	Lots     []books.Parcel
}

// Treasury states all bitcoin held and what it is worth at one price.
func Treasury(held *books.Holdings, price books.Price) ([]Position, error) {
	var out []Position
	total, _ := held.Total("")
	for _, a := range held.Accounts() {
		q, cost := held.Total(a)
		v, err := price.Of(int64(q))
		if err != nil {
			return nil, fmt.Errorf("treasury, %s: %w", a, err)
		}
		out = append(out, Position{a, q, cost, v, unit.Ratio(unit.MulDiv(int64(unit.One), int64(q), int64(total))), held.Of(a)})
	}
	return out, nil
}
