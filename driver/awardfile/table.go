package awardfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sluice/books"
	"sluice/books/reserve"
	"sluice/unit"
)

// The most that a table may be.
const (
	tableMost  = 64 << 20 // bytes
	faultsMost = 20       // that are told; there are more, and that is said
	cellMost   = 100      // bytes of a name
)

// The most that a stretch and a power may be, as package reserve settles them.
const (
	longest   = 32 * 86_400 // seconds
	powerMost = 10_000 * unit.Megawatt
)

// Place is where something stands.
type Place struct {
	File string
	Line int
}

// String is the place for people.
func (p Place) String() string { return fmt.Sprintf("%s, line %d", p.File, p.Line) }

// table is a CSV that is read line by line; its faults are gathered.
type table struct {
	name   string
	zone   *time.Location // of the market; nil: any is right
	csv    *csv.Reader
	at     map[string]int // column by name
	row    []string
	line   int
	paper  books.Hash
	faults []error
	more   int
}

// open reads the header. Every column that is needed has to be there, and none that
// is not known.
func open(r io.Reader, name string, zone *time.Location, needed, other []string) (*table, error) {
	body, err := io.ReadAll(io.LimitReader(r, tableMost+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(body) > tableMost {
		return nil, fmt.Errorf("read %s: more than %d bytes: deliver it in parts", name, tableMost)
	}
	t := &table{name: name, zone: zone, at: map[string]int{}, paper: sha256.Sum256(body)}
	t.csv = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	t.csv.FieldsPerRecord, t.csv.ReuseRecord, t.csv.TrimLeadingSpace = -1, true, true
	head, err := t.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: the first line is no header with commas: %s", name, strings.Join(needed, ","))
	}
	all := strings.Join(append(slices.Clone(needed), other...), ", ")
	for i, column := range head {
		column = strings.TrimSpace(column)
		if _, twice := t.at[column]; twice || !slices.Contains(needed, column) && !slices.Contains(other, column) {
			return nil, fmt.Errorf("read %s: line 1: column %.40q is not known or stands twice: there are %s", name, column, all)
		}
		t.at[column] = i
	}
	for _, column := range needed {
		if _, there := t.at[column]; !there {
			return nil, fmt.Errorf("read %s: line 1: column %q is missing: there are %s", name, column, all)
		}
	}
	return t, nil
}

// next goes to the next line that has as many cells as the header.
func (t *table) next() bool {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil {
			t.faults = append(t.faults, fmt.Errorf("%s: %w: what follows was not read", t.name, err))
			return false
		}
		t.line, _ = t.csv.FieldPos(0)
		if t.row = row; len(row) == len(t.at) {
			return true
		}
		t.fault("%d cells, and %d columns", len(row), len(t.at))
	}
}

func (t *table) place() Place { return Place{t.name, t.line} }

func (t *table) fault(format string, a ...any) { t.faultAt(t.line, format, a...) }

func (t *table) faultAt(line int, format string, a ...any) {
	if len(t.faults) >= faultsMost {
		t.more++
		return
	}
	t.faults = append(t.faults, fmt.Errorf("%s: %w", Place{t.name, line}, fmt.Errorf(format, a...)))
}

// err is everything that is wrong with the file.
func (t *table) err() error {
	if t.more > 0 {
		return errors.Join(append(t.faults, fmt.Errorf("%s: and %d faults more", t.name, t.more))...)
	}
	return errors.Join(t.faults...)
}

// cell is the text of a column; empty where the file has no such column.
func (t *table) cell(column string) string {
	i, there := t.at[column]
	if !there {
		return ""
	}
	return strings.TrimSpace(t.row[i])
}

// word is a name that has to be there and comes out of every paper as it went in.
func (t *table) word(column string) string {
	s := t.cell(column)
	if s == "" {
		t.fault("%s is missing", column)
	}
	if len(s) > cellMost || !utf8.ValidString(s) || strings.ContainsRune(s, utf8.RuneError) || strings.ContainsFunc(s, unicode.IsControl) {
		t.fault("%s %.40q: at most %d bytes of UTF-8 without control characters", column, s, cellMost)
	}
	return strings.Clone(s)
}

// span reads a stretch that ends after it begins.
func (t *table) span() reserve.Span {
	faults := len(t.faults) + t.more
	s := reserve.Span{From: t.instant("start"), To: t.instant("end")}
	if len(t.faults)+t.more > faults {
		return s
	}
	switch {
	case s.To <= s.From:
		t.fault("it goes back: it ends at %s and begins at %s", t.cell("end"), t.cell("start"))
	case s.Seconds() > longest:
		t.fault("it is longer than 32 days: split it")
	}
	return s
}

// instant reads a time with its zone, whole seconds.
func (t *table) instant(column string) int64 {
	s := t.cell(column)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Nanosecond() != 0 || at.Year() < 1970 || at.Year() > 2999 {
		t.fault("%s %.40q: write date, time and zone, whole seconds, such as 2025-07-16T14:00:00-05:00", column, s)
		return 0
	}
	if t.zone == nil {
		return at.Unix()
	}
	_, is := at.Zone()
	if _, want := at.In(t.zone).Zone(); is != 0 && is != want {
		t.fault("%s %s: another zone: %s has %s then; write that, or UTC with a Z", column, s, t.zone, at.In(t.zone).Format("-07:00"))
	}
	return at.Unix()
}

// power reads megawatts, above zero.
func (t *table) power(column string) unit.Power {
	v, err := decimal(t.cell(column))
	if err != nil || v <= 0 || unit.Power(v) > powerMost {
		t.fault("%s %.40q: write megawatts above 0 and up to %d, with at most six decimals", column, t.cell(column), int64(powerMost/unit.Megawatt))
		return 0
	}
	return unit.Power(v)
}

// priceMost bounds a price, millionths per MWh: no market goes to a billion.
const priceMost = int64(1e9) * int64(unit.PerMWh)

// price reads money per megawatt-hour, not below the least; where that is below
// zero, empty is zero.
func (t *table) price(column string, least int64) unit.Price {
	s := t.cell(column)
	if s == "" && least < 0 {
		return 0
	}
	v, err := decimal(s)
	switch {
	case err != nil || v > priceMost || v < -priceMost:
		t.fault("%s %.40q: write a plain number such as 8.25, with at most six decimals", column, s)
		return 0
	case v < least:
		t.fault("%s %.40q: is below zero", column, s)
		return 0
	}
	return unit.Price(v)
}

// revision is a whole number from 0 on; 1 where none is given.
func (t *table) revision() int {
	s := t.cell("revision")
	if s == "" {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		t.fault("revision %.40q: write a whole number that is not negative", s)
	}
	return int(n) //nolint:gosec // 31 bits
}

// energy reads a quantity of a unit in joules, to the nearest.
func (t *table) energy() unit.Energy {
	factor := map[string]int64{"J": 1, "Wh": 3600, "kWh": 3_600_000, "MWh": 3_600_000_000}[t.cell("unit")]
	s := t.cell("quantity")
	switch {
	case factor == 0:
		t.fault("unit %.40q: use Wh, kWh, MWh or J", t.cell("unit"))
		return 0
	case !number(s):
		t.fault("quantity %.40q: write a plain number with a point, such as 1250.5", s)
		return 0
	}
	q, _ := new(big.Rat).SetString(s)
	n, fits := nearest(q.Mul(q, new(big.Rat).SetInt64(factor)))
	if !fits {
		t.fault("quantity %.40q: is beyond any meter", s)
	}
	return unit.Energy(n)
}

// nearest is the nearest whole number, of two equally near ones the even one.
func nearest(q *big.Rat) (int64, bool) {
	n, rest := new(big.Int).DivMod(q.Num(), q.Denom(), new(big.Int))
	if side := rest.Lsh(rest, 1).Cmp(q.Denom()); side > 0 || side == 0 && n.Bit(0) == 1 {
		n.Add(n, big.NewInt(1))
	}
	return n.Int64(), n.IsInt64()
}
