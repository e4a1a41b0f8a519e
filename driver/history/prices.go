package history

import (
	"fmt"
	"io"
	"os"
	"slices"

	"sluice/series"
	"sluice/unit"
)

// extreme is the price beyond which a file is not believed, per MWh. Markets
// have cleared at 17,500 and at -1,000; none reaches a hundred thousand.
const extreme = 100_000 * unit.PerMWh

// Prices are recorded electricity prices on a grid, with every interval known,
// in millionths of Source.Currency per MWh.
type Prices struct {
	Source Source
	Series *series.Series[unit.Price]
}

// ReadPrices reads electricity prices from r, which name calls in the report
// and in every *Fault.
func ReadPrices(r io.Reader, name string, c Columns, o Options) (*Prices, error) {
	t, err := openTable(r, name)
	if err != nil {
		return nil, err
	}
	var money unit.Currency
	q := priceQuantity(c, &money)
	values, src, err := load(t, q, c, o)
	if err != nil {
		return nil, err
	}
	src.Currency = money
	out := series.New[unit.Price](values.Grid)
	for i := range values.Grid.Len() {
		v, _ := values.Value(i)
		out.Set(i, unit.Price(v))
	}
	return &Prices{src, out}, nil
}

// priceQuantity says how prices look; money receives the currency.
func priceQuantity(c Columns, money *unit.Currency) quantity {
	factor, remedy := int64(1), fmt.Sprintf("prices are read per MWh and lie within +-%d; are these per kWh, or in cents?", int64(extreme/unit.PerMWh))
	if c.PerKWh {
		factor, remedy = 1000, fmt.Sprintf("prices are read per kWh, times 1000, and lie within +-%d per MWh; are these per MWh already?", int64(extreme/unit.PerMWh))
	}
	return quantity{
		noun: "the price",
		fits: func(name string) bool {
			return name == "value" || hasWord(name, "price", "lmp", "spp", "spot", "mwh", "kwh")
		},
		check: func(t *table, column int) (err error) {
			if err = t.priceUnit(column, c.PerKWh); err == nil {
				*money, err = t.currencyOf(column, c.Currency)
			}
			return err
		},
		read: func(text string) (int64, error) {
			if factor == 1 {
				return unit.ParseDecimal(text, 6)
			}
			return unit.ParseDecimal(text, 9)
		},
		low: -int64(extreme), high: int64(extreme), absurd: remedy,
	}
}

// priceUnit refuses a column whose name states another unit than the one said.
func (t *table) priceUnit(column int, perKWh bool) error {
	name := t.header[column]
	words := wordsOf(name)
	says := func(w ...string) bool { return hasWord(name, w...) }
	switch {
	case says("kwh") && !perKWh:
		return t.fault(1, "say that the file is per kWh", "column %s is per kWh, but prices are to be read per MWh", quote(name))
	case says("mwh") && perKWh:
		return t.fault(1, "say that the file is per MWh", "column %s is per MWh, but prices are to be read per kWh", quote(name))
	case slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"cent", "cents", "ct", "ore", "öre", "pence"}, w)
	}):
		return t.fault(1, "convert the column to whole currency units", "column %s is in hundredths of a currency unit", quote(name))
	}
	return nil
}

// PricesFile is ReadPrices on the file at path.
func PricesFile(path string, c Columns, o Options) (*Prices, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing is lost
	return ReadPrices(f, path, c, o)
}

func unreadable(path string, err error) *Fault {
	return &Fault{File: path, What: err.Error(), Remedy: "check the path", Err: err}
}
