package awardfile

import (
	"io"
	"math/big"
	"time"

	"sluice/books/reserve"
	"sluice/driver/csvfile"
	"sluice/unit"
)

// cellMost bounds a name, bytes.
const cellMost = 100

// The most that a stretch and a power may be, as package reserve settles them.
const (
	longest   = 32 * 86_400 // seconds
	powerMost = 10_000 * unit.Megawatt
)

// table is a table that is read line by line.
type table struct {
	*csvfile.Table
	zone *time.Location // of the market; nil: any is right
}

func open(r io.Reader, name string, zone *time.Location, needed, other []string) (*table, error) {
	t, err := csvfile.Open(r, name, needed, other)
	return &table{t, zone}, err
}

// word is a name that has to be there.
func (t *table) word(column string) string {
	s := t.Text(column, cellMost)
	if s == "" {
		t.Fault("%s is missing", column)
	}
	return s
}

// span reads a stretch that ends after it begins.
func (t *table) span() reserve.Span {
	faults := t.Faults()
	s := reserve.Span{From: t.instant("start"), To: t.instant("end")}
	if t.Faults() > faults {
		return s
	}
	switch {
	case s.To <= s.From:
		t.Fault("it goes back: it ends at %s and begins at %s", t.Cell("end"), t.Cell("start"))
	case s.Seconds() > longest:
		t.Fault("it is longer than 32 days: split it")
	}
	return s
}

// instant reads a time with its zone, whole seconds.
func (t *table) instant(column string) int64 {
	at, ok := t.Instant(column)
	if !ok || t.zone == nil {
		return at.Unix()
	}
	_, is := at.Zone()
	if _, want := at.In(t.zone).Zone(); is != 0 && is != want {
		t.Fault("%s %s: another zone: %s has %s then; write that, or UTC with a Z", column, t.Cell(column), t.zone, at.In(t.zone).Format("-07:00"))
	}
	return at.Unix()
}

// power reads megawatts, above zero.
func (t *table) power(column string) unit.Power {
	v, err := decimal(t.Cell(column))
	if err != nil || v <= 0 || unit.Power(v) > powerMost {
		t.Fault("%s %.40q: write megawatts above 0 and up to %d, with at most six decimals", column, t.Cell(column), int64(powerMost/unit.Megawatt))
		return 0
	}
	return unit.Power(v)
}

// priceMost bounds a price, millionths per MWh: no market goes to a billion.
const priceMost = int64(1e9) * int64(unit.PerMWh)

// price reads money per megawatt-hour, not below the least; where that is below
// zero, empty is zero.
func (t *table) price(column string, least int64) unit.Price {
	s := t.Cell(column)
	if s == "" && least < 0 {
		return 0
	}
	v, err := decimal(s)
	switch {
	case err != nil || v > priceMost || v < -priceMost:
		t.Fault("%s %.40q: write a plain number such as 8.25, with at most six decimals", column, s)
		return 0
	case v < least:
		t.Fault("%s %.40q: is below zero", column, s)
		return 0
	}
	return unit.Price(v)
}

// energy reads a quantity of a unit in joules, to the nearest.
func (t *table) energy() unit.Energy {
	factor := map[string]int64{"J": 1, "Wh": 3600, "kWh": 3_600_000, "MWh": 3_600_000_000}[t.Cell("unit")]
	s := t.Cell("quantity")
	switch {
	case factor == 0:
		t.Fault("unit %.40q: use Wh, kWh, MWh or J", t.Cell("unit"))
		return 0
	case !number(s):
		t.Fault("quantity %.40q: write a plain number with a point, such as 1250.5", s)
		return 0
	}
	q, _ := new(big.Rat).SetString(s)
	q.Mul(q, new(big.Rat).SetInt64(factor))
	n, fits := unit.Quotient(q.Num(), q.Denom())
	if !fits {
		t.Fault("quantity %.40q: is beyond any meter", s)
	}
	return unit.Energy(n)
}
