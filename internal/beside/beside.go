// Package beside finds what lies next to the checkout and may not be part of it:
// real market data and replies recorded from real machines. A test that needs
// something which is not there is skipped, and says what is missing.
package beside

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Path is a file or a folder of ../shared, such as "data", "prices.csv".
func Path(tb testing.TB, parts ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{checkout(tb), "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("SKIPPED, NOTHING WAS CHECKED: %s is not beside the checkout", filepath.Join(append([]string{"shared"}, parts...)...))
	} else if err != nil {
		tb.Fatal(err)
	}
	return path
}

// Open opens a file of ../shared until the test ends.
func Open(tb testing.TB, parts ...string) *os.File {
	tb.Helper()
	f, err := os.Open(Path(tb, parts...))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

// Read is the content of a file of ../shared.
func Read(tb testing.TB, parts ...string) []byte {
	tb.Helper()
	b, err := os.ReadFile(Path(tb, parts...))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// checkout is the folder above the test that holds go.mod.
func checkout(tb testing.TB) string {
	tb.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
