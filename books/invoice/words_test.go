package invoice

import (
	"reflect"
	"strings"
	"testing"
)

// TestWords: every language has every word, and none is left in English by accident.
func TestWords(t *testing.T) {
	t.Parallel()
	english := reflect.ValueOf(English.words())
	for _, l := range []Language{English, Arabic, Portuguese} {
		w := reflect.ValueOf(l.words())
		same := 0
		for i := range w.NumField() {
			if strings.TrimSpace(w.Field(i).String()) == "" {
				t.Errorf("%s has no word for %s", l, w.Type().Field(i).Name)
			}
			if w.Field(i).String() == english.Field(i).String() {
				same++
			}
		}
		if l != English && same > 2 {
			t.Errorf("%s says %d of %d things in English", l, same, w.NumField())
		}
	}
	for _, k := range []LineKind{Usage, PassThrough, Reservation, Overage, Shortfall, Fixed, Minimum, Percentage, Credit, Prepayment, Goodwill} {
		if (Line{Kind: k}).account() == "" || Arabic.words().kind(k) == string(k) {
			t.Errorf("lines of kind %s have no account or no word", k)
		}
	}
	for _, u := range []string{"MWh", "GPU-hour", "GPU-second", "kW-month", "piece", "month", "second"} {
		if Arabic.words().unit(u) == u || code(u) == "C62" {
			t.Errorf("the unit %s has no word or no code", u)
		}
	}
	if Arabic.words().unit("money") == "money" {
		t.Error("money, of which percentages are, has no word")
	}
}

// TestNumbers: how each language writes a number.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"1234567.89": {"1,234,567.89", "1.234.567,89"},
		"-123":       {"-123", "-123"},
		"-1234":      {"-1,234", "-1.234"},
		"0.5":        {"0.5", "0,5"},
		"":           {"", ""},
	} {
		if en, pt := English.marks().number(text), Portuguese.marks().number(text); en != want[0] || pt != want[1] {
			t.Errorf("%s: %s and %s", text, en, pt)
		}
	}
	if got := Portuguese.marks().prices("3.000000; 2.500000..2.750001", 2); got != "3,00; 2,50 – 2,750001" {
		t.Error(got)
	}
}

// TestTrim: zeros go down to the coin, digits never.
func TestTrim(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		decimals int
		want     string
	}{{"1.500000", 2, "1.50"}, {"1.500100", 2, "1.5001"}, {"1.000000", 0, "1"}, {"100", 0, "100"}, {"0.100000", 6, "0.100000"}} {
		if got := trim(c.text, c.decimals); got != c.want {
			t.Errorf("%s to %d: %s", c.text, c.decimals, got)
		}
	}
}
