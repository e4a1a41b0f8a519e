package history

import (
	"io"

	"sluice/series"
	"sluice/unit"
)

// Loads are recorded or forecast loads of a whole grid, with every interval
// known, in watts.
type Loads struct {
	Source Source
	Series *series.Series[unit.Power]
}

// ReadLoads reads the load of a grid in megawatts from r. A value holds for its
// interval. Currency and PerKWh of c have no meaning here.
func ReadLoads(r io.Reader, name string, c Columns, o Options) (*Loads, error) {
	t, err := openTable(r, name)
	if err != nil {
		return nil, err
	}
	values, src, err := load(t, loadQuantity(), c, o)
	if err != nil {
		return nil, err
	}
	out := series.New[unit.Power](values.Grid)
	for i := range values.Grid.Len() {
		if v, known := values.Value(i); known {
			out.Set(i, unit.Power(v))
		}
	}
	return &Loads{src, out}, nil
}

func loadQuantity() quantity {
	return quantity{
		noun: "the load",
		fits: func(name string) bool { return hasWord(name, "load", "demand", "mw") },
		check: func(t *table, column int) error {
			if hasWord(t.header[column], "kw", "gw") {
				return t.fault(1, "convert the column", "column %s is not in megawatts", quote(t.header[column]))
			}
			return nil
		},
		read: func(text string) (int64, error) { return unit.ParseDecimal(text, 6) },
		low:  0, high: int64(10_000_000 * unit.Megawatt),
		absurd: "loads are read in megawatts and lie between 0 and 10,000,000; are these in kilowatts?",
	}
}
