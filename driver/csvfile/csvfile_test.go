package csvfile_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/driver/csvfile"
)

const head = "name,start,revision\n"

// read reads every line of a table.
func read(text string) (rows []string, err error) {
	t, err := csvfile.Open(strings.NewReader(text), "t.csv", []string{"name", "start"}, []string{"revision"})
	if err != nil {
		return nil, err
	}
	for t.Next() {
		name, revision := t.Text("name", 5), t.Revision("revision")
		at, _ := t.Instant("start")
		rows = append(rows, fmt.Sprint(t.Line, name, at.Unix(), revision))
	}
	return rows, t.Err()
}

// TestLines: columns in any order, and times of any zone.
func TestLines(t *testing.T) {
	t.Parallel()
	got, err := read("\xef\xbb\xbfstart, name\n2025-09-01T00:00:00-05:00, a \n2025-09-01T05:00:00Z,b\n")
	if want := "[2a17567028001 3b17567028001]"; err != nil || strings.ReplaceAll(fmt.Sprint(got), " 1", "1") != want {
		t.Errorf("%v, %v, want %s", got, err, want)
	}
}

// TestFaults: each is told with its line, and those that are too many by their number.
func TestFaults(t *testing.T) {
	t.Parallel()
	const good = "a,2025-09-01T05:00:00Z,1\n"
	for text, says := range map[string]string{
		"":                                       "no header",
		"name,start,color\n":                     `column "color" is not known`,
		"name,name,start\n":                      "stands twice",
		"name\n":                                 `column "start" is missing`,
		head + good + "a,b\n":                    "t.csv, line 3: 2 cells, and 3 columns",
		head + "a,2025-09-01,1\n":                "line 2: start",
		head + "a,2025-09-01T05:00:00.5Z,1\n":    "whole seconds",
		head + "a,2025-09-01T05:00:00Z,-1\n":     "revision",
		head + "abcdef,2025-09-01T05:00:00Z,1\n": "at most 5 bytes",
		head + good + "\"a,2025\n":               "what follows was not read",
		head + strings.Repeat("a,x,1\n", 25):     "and 5 faults more",
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60q: %v, want %q", text, err, says)
		}
	}
}

// FuzzRead: whatever is delivered, reading ends, with rows or a fault.
func FuzzRead(f *testing.F) {
	f.Add(head + "a,2025-09-01T05:00:00Z,1\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := read(text)
		if err == nil && len(rows) > strings.Count(text, "\n")+strings.Count(text, "\r")+1 {
			t.Errorf("%d rows of %d lines", len(rows), strings.Count(text, "\n"))
		}
	})
}
