package history_test

import (
	"bytes"
	"errors"
	"testing"

	"sluice/driver/history"
	"sluice/unit"
)

// worded fails the test when a fault of a table says nothing.
func worded(t *testing.T, err error) {
	t.Helper()
	if fault, ok := errors.AsType[*history.Fault](err); !ok || fault.What == "" || fault.Remedy == "" {
		t.Fatalf("a fault without words: %v", err)
	}
}

func FuzzReadLoads(f *testing.F) {
	f.Add([]byte("utc,load_mw\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2.5\n2025-01-01T02:00Z,3\n2025-01-01T03:00Z,4\n"), "")
	f.Add([]byte("time;mw\r\n2025-01-01 00:00;1,5\r\n2025-01-01 01:00;n/a\r\n"), "mw")
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		got, err := history.ReadLoads(bytes.NewReader(text), "fuzz.csv", history.Columns{Value: value}, history.Options{})
		if err != nil {
			worded(t, err)
			return
		}
		for i := range got.Series.Grid.Len() {
			if v, known := got.Series.Value(i); !known || v < 0 || v > 10_000_000*unit.Megawatt {
				t.Fatalf("interval %d is %v, known %v", i, v, known)
			}
		}
	})
}

func FuzzReadTemperatures(f *testing.F) {
	f.Add([]byte("utc,temperature_c\n2025-01-01T00:00Z,-1.5\n2025-01-01T01:00Z,2\n2025-01-01T02:00Z,3\n2025-01-01T03:00Z,4\n"), "")
	f.Add([]byte("time;air\r\n2025-01-01 00:00;1,5\r\n2025-01-01 01:00;999\r\n"), "air")
	f.Fuzz(func(t *testing.T, text []byte, value string) {
		got, err := history.ReadTemperatures(bytes.NewReader(text), "fuzz.csv", history.Columns{Value: value}, history.Options{})
		if err != nil {
			worded(t, err)
			return
		}
		for i := range got.Series.Grid.Len() {
			if v, known := got.Series.Value(i); !known || v < -90_000 || v > 65_000 {
				t.Fatalf("interval %d is %v, known %v", i, v, known)
			}
		}
	})
}
