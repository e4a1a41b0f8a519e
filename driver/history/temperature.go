package history

import (
	"io"
	"os"

	"sluice/series"
	"sluice/unit"
)

// Temperatures are recorded air temperatures on a grid, with every interval
// known, in thousandths of a degree Celsius.
type Temperatures struct {
	Source Source
	Series *series.Series[int64]
}

// ReadTemperatures reads air temperatures in degrees Celsius from r. A value
// holds for its interval; on a coarser grid the time-weighted mean is taken.
// Currency and PerKWh of c have no meaning here.
func ReadTemperatures(r io.Reader, name string, c Columns, o Options) (*Temperatures, error) {
	t, err := openTable(r, name)
	if err != nil {
		return nil, err
	}
	values, src, err := load(t, airQuantity(), c, o)
	if err != nil {
		return nil, err
	}
	return &Temperatures{src, values}, nil
}

func airQuantity() quantity {
	return quantity{
		noun: "the temperature",
		fits: func(name string) bool { return hasWord(name, "temp", "temperature", "air") },
		check: func(t *table, column int) error {
			if hasWord(t.header[column], "f", "fahrenheit", "k", "kelvin") {
				return t.fault(1, "convert the column", "column %s is not in degrees Celsius", quote(t.header[column]))
			}
			return nil
		},
		read: func(text string) (int64, error) { return unit.ParseDecimal(text, 3) },
		low:  -90_000, high: 65_000,
		absurd: "temperatures are read in degrees Celsius and lie between -90 and 65; are these in Fahrenheit or Kelvin?",
	}
}

// TemperaturesFile is ReadTemperatures on the file at path.
func TemperaturesFile(path string, c Columns, o Options) (*Temperatures, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing is lost
	return ReadTemperatures(f, path, c, o)
}
