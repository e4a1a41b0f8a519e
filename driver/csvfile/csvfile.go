// Package csvfile reads tables that somebody delivers: a header with known columns,
// times with their zone, and every fault told with its line.
package csvfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sluice/books"
)

// FaultsMost is how many faults of a delivery are told, beside how many more there are.
const FaultsMost = 20

// sizeMost bounds a table, bytes.
const sizeMost = 64 << 20

// Place is where something stands.
type Place struct {
	File string
	Line int
}

// String is the place for people.
func (p Place) String() string { return fmt.Sprintf("%s, line %d", p.File, p.Line) }

// Table is a table that is read line by line; its faults are gathered.
type Table struct {
	Name  string
	Line  int        // that was read last
	Paper books.Hash // of the whole file

	csv    *csv.Reader
	at     map[string]int // column by name
	row    []string
	faults []error
	more   int
}

// Open reads the header. Every column that is needed has to be there, and none that
// is not known.
func Open(r io.Reader, name string, needed, other []string) (*Table, error) {
	body, err := io.ReadAll(io.LimitReader(r, sizeMost+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(body) > sizeMost {
		return nil, fmt.Errorf("read %s: more than %d bytes: deliver it in parts", name, sizeMost)
	}
	t := &Table{Name: name, at: map[string]int{}, Paper: sha256.Sum256(body)}
	t.csv = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	t.csv.FieldsPerRecord, t.csv.ReuseRecord, t.csv.TrimLeadingSpace = -1, true, true
	head, err := t.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: the first line is no header with commas: %s", name, strings.Join(needed, ","))
	}
	return t, t.columns(head, needed, other)
}

// columns learns where each column stands.
func (t *Table) columns(head, needed, other []string) error {
	all := strings.Join(append(slices.Clone(needed), other...), ", ")
	for i, column := range head {
		column = strings.TrimSpace(column)
		if _, twice := t.at[column]; twice || !slices.Contains(needed, column) && !slices.Contains(other, column) {
			return fmt.Errorf("read %s: line 1: column %.40q is not known or stands twice: there are %s", t.Name, column, all)
		}
		t.at[column] = i
	}
	for _, column := range needed {
		if _, there := t.at[column]; !there {
			return fmt.Errorf("read %s: line 1: column %q is missing: there are %s", t.Name, column, all)
		}
	}
	return nil
}

// Next goes to the next line that has as many cells as the header.
func (t *Table) Next() bool {
	for {
		row, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil {
			t.faults = append(t.faults, fmt.Errorf("%s: %w: what follows was not read", t.Name, err))
			return false
		}
		t.Line, _ = t.csv.FieldPos(0)
		if t.row = row; len(row) == len(t.at) {
			return true
		}
		t.Fault("%d cells, and %d columns", len(row), len(t.at))
	}
}

// Place is where the line stands that was read last.
func (t *Table) Place() Place { return Place{t.Name, t.Line} }

// Fault notes what is wrong with the line that was read last.
func (t *Table) Fault(format string, a ...any) { t.FaultAt(t.Line, format, a...) }

// FaultAt notes what is wrong with a line.
func (t *Table) FaultAt(line int, format string, a ...any) {
	if len(t.faults) >= FaultsMost {
		t.more++
		return
	}
	t.faults = append(t.faults, fmt.Errorf("%s: %w", Place{t.Name, line}, fmt.Errorf(format, a...)))
}

// Faults is how many were noted so far.
func (t *Table) Faults() int { return len(t.faults) + t.more }

// Err is everything that is wrong with the file.
func (t *Table) Err() error {
	if t.more > 0 {
		return errors.Join(append(t.faults, fmt.Errorf("%s: and %d faults more", t.Name, t.more))...)
	}
	return errors.Join(t.faults...)
}

// Cell is the text of a column; empty where the file has no such column.
func (t *Table) Cell(column string) string {
	i, there := t.at[column]
	if !there {
		return ""
	}
	return strings.TrimSpace(t.row[i])
}

// Has reports whether the file has a column.
func (t *Table) Has(column string) bool {
	_, there := t.at[column]
	return there
}

// Text is a cell that is kept, of so many bytes at most: it comes out of every paper
// as it went in.
func (t *Table) Text(column string, most int) string {
	s := t.Cell(column)
	if !Plain(s, most) {
		t.Fault("%s %.40q: at most %d bytes of UTF-8 without control characters", column, s, most)
	}
	return strings.Clone(s)
}

// Plain reports a text of so many bytes at most that comes out of every paper as it
// went in.
func Plain(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError) && !strings.ContainsFunc(s, unicode.IsControl)
}

// Instant reads a time with its zone, whole seconds.
func (t *Table) Instant(column string) (at time.Time, ok bool) {
	s := t.Cell(column)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Nanosecond() != 0 || at.Year() < 1970 || at.Year() > 2999 {
		t.Fault("%s %.40q: write date, time and zone, whole seconds, such as 2025-09-01T00:15:00-05:00", column, s)
		return time.Time{}, false
	}
	return at, true
}

// Revision is a whole number from 0 on; 1 where none is given.
func (t *Table) Revision(column string) int {
	s := t.Cell(column)
	if s == "" {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		t.Fault("%s %.40q: write a whole number that is not negative", column, s)
	}
	return int(n) //nolint:gosec // 31 bits
}
