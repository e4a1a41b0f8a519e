package loan

import (
	"errors"
	"fmt"
	"math"
)

// ErrTax says that no tax can be computed.
var ErrTax = errors.New("no tax")

// FiveYear are the shares of a cost that are deducted in six tax years: five-year
// property, half-year convention. Computers and most mining machines are of it.
//
// Source: IRS Publication 946, Table A-1; docs/formula/loan.md.
func FiveYear() []float64 { return []float64{0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576} }

// SevenYear are those of eight tax years: seven-year property, half-year convention.
//
// Source: IRS Publication 946, Table A-1; docs/formula/loan.md.
func SevenYear() []float64 {
	return []float64{0.1429, 0.2449, 0.1749, 0.1249, 0.0893, 0.0892, 0.0893, 0.0446}
}

// Straight are the shares of a cost that is deducted evenly over some years.
func Straight(years int) ([]float64, error) {
	if years < 1 || years > 100 {
		return nil, fmt.Errorf("a life of %d years: write 1 to 100: %w", years, ErrTax)
	}
	table := make([]float64, years)
	for i := range table {
		table[i] = 1 / float64(years)
	}
	return table, nil
}

// Profit is how the profit of a year is taxed.
type Profit struct {
	Rate float64
	// Offset is the share of a profit that losses of earlier years may take away: 1, or
	// 0.8 for the federal tax of the United States since 2018 (IRC 172(a)(2)).
	Offset float64
}

// Tax is what a year's profit costs, and the losses that are carried on from it. A
// negative profit, before losses, is a loss: it costs nothing and is added to them.
//
// Formula: used = min(losses, Offset * profit); tax = Rate * (profit - used).
// Source: docs/formula/loan.md.
func (r Profit) Tax(profit, losses float64) (tax, carried float64, err error) {
	switch {
	case !(r.Rate >= 0 && r.Rate < 1) || !(r.Offset >= 0 && r.Offset <= 1):
		return 0, 0, fmt.Errorf("a rate of %g, losses against %g of a profit: write shares, such as 0.21 and 1: %w", r.Rate, r.Offset, ErrTax)
	case math.IsNaN(profit) || math.IsInf(profit, 0) || !(losses >= 0) || math.IsInf(losses, 0):
		return 0, 0, fmt.Errorf("a profit of %g after losses of %g: write the losses as a positive figure: %w", profit, losses, ErrTax)
	case profit <= 0:
		return 0, losses - profit, nil
	}
	used := min(losses, r.Offset*profit)
	return r.Rate * (profit - used), losses - used, nil
}
