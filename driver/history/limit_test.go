package history

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestTooMuchText stops at the limit of a file, as a bomb of gzip would meet it.
func TestTooMuchText(t *testing.T) {
	t.Parallel()
	table, err := openTable(strings.NewReader("a,b\n"+strings.Repeat("1,2\n", 50_000)), "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	table.limit.N = 1024
	for err == nil {
		_, _, err = table.next()
	}
	if f, ok := errors.AsType[*Fault](err); !ok || errors.Is(err, io.EOF) || !strings.Contains(f.What, "MiB of text") {
		t.Errorf("got %v", err)
	}
}

func TestTooManyRows(t *testing.T) {
	t.Parallel()
	table, err := openTable(strings.NewReader("a,b\n1,2\n3,4\n"), "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	table.rows = mostRows - 1
	if _, _, err := table.next(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := table.next(); err == nil || !strings.Contains(err.Error(), "more than 5000000 rows") {
		t.Errorf("got %v", err)
	}
}
