package capital_test

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
)

// TestMonthText: a month is written as it is read, no month is nothing, and what is
// no month is refused.
func TestMonthText(t *testing.T) {
	t.Parallel()
	type dated struct {
		Begin capital.Month `json:"begin"`
		Ends  capital.Month `json:"ends,omitzero"`
	}
	out, err := json.Marshal(dated{Begin: 2026*12 + 10})
	if err != nil || string(out) != `{"begin":"2026-11"}` {
		t.Errorf("%s, %v", out, err)
	}
	var back dated
	if err := json.Unmarshal([]byte(`{"begin":"2027-01","ends":""}`), &back); err != nil || back.Begin != 2027*12 || back.Ends != 0 {
		t.Errorf("%+v, %v", back, err)
	}
	for _, text := range []string{"2026", "2026-13", "2026-11-01", "November", " 2026-11", "-001-01"} {
		m := capital.Month(7)
		if err := m.UnmarshalText([]byte(text)); !errors.Is(err, capital.ErrMonth) || m != 7 {
			t.Errorf("%q: %v, %v", text, m, err)
		}
	}
	for _, m := range []capital.Month{-1, 10_000 * 12} {
		if text, err := m.MarshalText(); !errors.Is(err, capital.ErrMonth) {
			t.Errorf("%d: %s, %v", int(m), text, err)
		}
	}
}

// TestMonthTextReadsBack: every month that can be written is read back.
func TestMonthTextReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := capital.Month(rapid.IntRange(0, 9999*12+11).Draw(t, "month"))
		text, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back capital.Month
		if err := back.UnmarshalText(text); err != nil || back != m {
			t.Fatalf("%d is written %q and read %d, %v", int(m), text, int(back), err)
		}
	})
}
