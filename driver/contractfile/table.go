package contractfile

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

// The most that a delivery may be.
const (
	tableMost  = 64 << 20 // bytes
	faultsMost = 20       // that are told; there are more, and that is said
	cellMost   = 256      // bytes of a text
)

// plain reports a text that comes out of every paper as it went in.
func plain(s string) bool {
	return len(s) <= cellMost && utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError) && !strings.ContainsFunc(s, unicode.IsControl)
}

// table is a CSV that is read line by line; its faults are gathered.
type table struct {
	name   string
	csv    *csv.Reader
	at     map[string]int // column by name
	row    []string
	line   int
	paper  books.Hash
	faults []error
	more   int
}

// open reads the header. Every column that is needed has to be there, and none
// that is not known.
func open(r io.Reader, name string, needed, other []string) (*table, error) {
	body, err := io.ReadAll(io.LimitReader(r, tableMost+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(body) > tableMost {
		return nil, fmt.Errorf("read %s: more than %d bytes: deliver it in parts", name, tableMost)
	}
	t := &table{name: name, at: map[string]int{}, paper: sha256.Sum256(body)}
	t.csv = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	t.csv.FieldsPerRecord, t.csv.ReuseRecord, t.csv.TrimLeadingSpace = -1, true, true
	head, err := t.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: the first line is no header with commas: %s", name, strings.Join(needed, ","))
	}
	for i, column := range head {
		column = strings.TrimSpace(column)
		if _, twice := t.at[column]; twice || !slices.Contains(needed, column) && !slices.Contains(other, column) {
			return nil, fmt.Errorf("read %s: line 1: column %.40q is not known or stands twice: there are %s", name, column, strings.Join(append(slices.Clone(needed), other...), ", "))
		}
		t.at[column] = i
	}
	for _, column := range needed {
		if _, there := t.at[column]; !there {
			return nil, fmt.Errorf("read %s: line 1: column %q is missing: there are %s", name, column, strings.Join(append(slices.Clone(needed), other...), ", "))
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

func (t *table) fault(format string, a ...any) {
	if len(t.faults) >= faultsMost {
		t.more++
		return
	}
	t.faults = append(t.faults, fmt.Errorf("%s, line %d: %w", t.name, t.line, fmt.Errorf(format, a...)))
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

// text is a cell that is kept.
func (t *table) text(column string) string {
	s := t.cell(column)
	if !plain(s) {
		t.fault("%s %.40q: at most %d bytes of UTF-8 without control characters", column, s, cellMost)
	}
	return strings.Clone(s)
}

// instant reads a time with its zone, whole seconds.
func (t *table) instant(column string) int64 {
	s := t.cell(column)
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Nanosecond() != 0 || at.Year() < 1970 || at.Year() > 2999 {
		t.fault("%s %.40q: write date, time and zone, whole seconds, such as 2025-09-01T00:15:00-05:00", column, s)
		return 0
	}
	return at.Unix()
}

func (t *table) flag(column string) bool {
	switch s := t.cell(column); s {
	case "yes", "true", "1":
		return true
	case "", "no", "false", "0":
	default:
		t.fault("%s %.40q: write yes or no", column, s)
	}
	return false
}

// revision is a whole number from 0 on; 1 where none is given.
func (t *table) revision(column string) int {
	s := t.cell(column)
	if s == "" {
		return 1
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		t.fault("%s %.40q: write a whole number that is not negative", column, s)
	}
	return int(n) //nolint:gosec // 31 bits
}
