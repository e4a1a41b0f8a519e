package contractfile

import (
	"io"

	"sluice/driver/csvfile"
)

// cellMost bounds a text that is kept, bytes.
const cellMost = 256

// table is a delivery that is read line by line.
type table struct{ *csvfile.Table }

func open(r io.Reader, name string, needed, other []string) (*table, error) {
	t, err := csvfile.Open(r, name, needed, other)
	return &table{t}, err
}

func (t *table) text(column string) string { return t.Text(column, cellMost) }

// instant reads a time with its zone, whole seconds.
func (t *table) instant(column string) int64 {
	at, ok := t.Instant(column)
	if !ok {
		return 0
	}
	return at.Unix()
}

func (t *table) flag(column string) bool {
	switch s := t.Cell(column); s {
	case "yes", "true", "1":
		return true
	case "", "no", "false", "0":
	default:
		t.Fault("%s %.40q: write yes or no", column, s)
	}
	return false
}
