package gpu

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sluice/unit"
)

// table reads a shipped table row by row and gathers every fault with its line.
type table struct {
	file    string
	in      *csv.Reader
	columns []string
	fields  []string
	line    int
	faults  []error
}

func readTable(file, text string, columns ...string) *table {
	t := &table{file: file, in: csv.NewReader(strings.NewReader(text)), columns: columns, line: 1}
	t.in.Comment = '#'
	if head, err := t.in.Read(); err != nil || !slices.Equal(head, columns) {
		t.say("the columns are %v instead of %v", head, columns)
		t.in = nil
	}
	return t
}

func (t *table) say(format string, args ...any) {
	t.faults = append(t.faults, fmt.Errorf("%s:%d: "+format, append([]any{t.file, t.line}, args...)...))
}

// next goes to the next row, past broken ones.
func (t *table) next() bool {
	for t.in != nil {
		fields, err := t.in.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if len(fields) > 0 {
			t.line, _ = t.in.FieldPos(0)
		}
		if err == nil {
			t.fields = fields
			return true
		}
		t.faults = append(t.faults, fmt.Errorf("%s: %w", t.file, err))
		if !errors.Is(err, csv.ErrFieldCount) {
			return false
		}
	}
	return false
}

func (t *table) text(column string) string {
	return strings.TrimSpace(t.fields[slices.Index(t.columns, column)])
}

// whole is a number without decimals; a blank is zero: not known.
func (t *table) whole(column string) int64 {
	s := t.text(column)
	if s == "" {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 32)
	if err != nil || v <= 0 {
		t.say("%s %q is no positive whole number: leave it blank where it is not known", column, s)
	}
	return v
}

// ratio is a share between 0 and 2.
func (t *table) ratio(column string) unit.Ratio {
	v, err := unit.ParseMicro(t.text(column))
	if err != nil || v <= 0 || v > int64(2*unit.One) {
		t.say("%s %q is no share between 0 and 2", column, t.text(column))
		return unit.One
	}
	return unit.Ratio(v)
}
