package loan_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital/loan"
)

// TestTables: all of a cost is deducted, and by the first year as much as the
// convention of half a year says: half of twice the even share.
func TestTables(t *testing.T) {
	t.Parallel()
	ten, err := loan.Straight(10)
	if err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		table []float64
		years int
		first float64
	}{
		"five-year":  {loan.FiveYear(), 6, 0.2},
		"seven-year": {loan.SevenYear(), 8, 1.0 / 7},
		"straight":   {ten, 10, 0.1},
	} {
		var sum float64
		for _, s := range c.table {
			sum += s
		}
		if len(c.table) != c.years || math.Abs(sum-1) > 1e-12 || math.Abs(c.table[0]-c.first) > 5e-5 {
			t.Errorf("%s: %v sum to %v", sentence, c.table, sum)
		}
	}
	loan.FiveYear()[0] = 1
	if loan.FiveYear()[0] != 0.2 {
		t.Error("a caller changed the law")
	}
	for _, years := range []int{0, -1, 101} {
		if _, err := loan.Straight(years); !errors.Is(err, loan.ErrTax) {
			t.Errorf("%d years: %v", years, err)
		}
	}
}

// TestDeclining: the tables are double declining balance with a half year first, and
// straight line as soon as that gives more, rounded as the law prints them.
func TestDeclining(t *testing.T) {
	t.Parallel()
	for years, table := range map[int][]float64{5: loan.FiveYear(), 7: loan.SevenYear()} {
		left := 1.0
		for y := range years + 1 {
			share, remaining := 2/float64(years), float64(years)-float64(y)+0.5
			d := left * max(share, 1/remaining)
			if y == 0 {
				d = left * share / 2
			}
			if y == years {
				d = left
			}
			if math.Abs(d-table[y]) > 1.1e-4 {
				t.Errorf("%d-year property, year %d: %v, want %v", years, y+1, table[y], d)
			}
			left -= d
		}
	}
}

func TestTax(t *testing.T) {
	t.Parallel()
	plain, federal := loan.Profit{Rate: 0.25, Offset: 1}, loan.Profit{Rate: 0.25, Offset: 0.8}
	for sentence, c := range map[string]struct {
		of             loan.Profit
		profit, losses float64
		tax, carried   float64
	}{
		"a profit":                        {plain, 100, 0, 25, 0},
		"a loss is carried on":            {plain, -40, 10, 0, 50},
		"nothing":                         {plain, 0, 10, 0, 10},
		"a part of the losses is used":    {plain, 100, 130, 0, 30},
		"all losses are used":             {plain, 100, 60, 10, 0},
		"a fifth of a profit stays taxed": {federal, 100, 130, 5, 50},
		"losses never count":              {loan.Profit{Rate: 0.25}, 100, 130, 25, 130},
	} {
		if tax, carried, err := c.of.Tax(c.profit, c.losses); err != nil || !near(tax, c.tax, 1e-12) || !near(carried, c.carried, 1e-12) {
			t.Errorf("%s: %v and %v, %v", sentence, tax, carried, err)
		}
	}
	for sentence, err := range map[string]error{
		"a rate in percent": refusedTax(loan.Profit{Rate: 25, Offset: 1}, 1, 0),
		"no offset":         refusedTax(loan.Profit{Rate: 0.25, Offset: 2}, 1, 0),
		"negative losses":   refusedTax(plain, 1, -1),
		"no profit":         refusedTax(plain, math.NaN(), 0),
	} {
		if !errors.Is(err, loan.ErrTax) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	// over a life that ends with no losses left, all profit is taxed once
	rapid.Check(t, func(t *rapid.T) {
		profits := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 1, 30).Draw(t, "profits")
		var losses, taxes, all float64
		for _, p := range profits {
			tax, carried, err := plain.Tax(p, losses)
			if err != nil || tax < 0 || carried < 0 {
				t.Fatalf("%v, %v, %v", tax, carried, err)
			}
			taxes, losses, all = taxes+tax, carried, all+p
		}
		if !near(taxes, 0.25*(all+losses), 1e-9) {
			t.Fatalf("%v in taxes on %v, with %v left", taxes, all, losses)
		}
	})
}

func refusedTax(p loan.Profit, profit, losses float64) error {
	_, _, err := p.Tax(profit, losses)
	return err
}
