package statement_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/books"
	"sluice/books/statement"
	"sluice/unit"
)

// measuredDay is a day of the firm's site.
func measuredDay(date string, mined unit.Satoshi) statement.Day {
	return statement.Day{Day: date, Site: "houston", Import: 7 * unit.MegawattHour, Export: unit.MegawattHour, Uses: []statement.Use{
		{Use: "hosting", IT: unit.MegawattHour, Meter: unit.MegawattHour},
		{Use: "mining/hall-1", Model: "S21", IT: 4 * unit.MegawattHour, Meter: 5 * unit.MegawattHour, Work: 1_000, Mined: mined},
	}}
}

const written = `{"day":"2025-09-03","site":"houston","uses":[{"use":"hosting","it_j":"3600000000","meter_j":"3600000000","work_gh":"0","mined_sat":"0"},` +
	`{"use":"mining/hall-1","model":"S21","it_j":"14400000000","meter_j":"18000000000","work_gh":"1000","mined_sat":"50000000"}],"import_j":"25200000000","export_j":"3600000000"}` + "\n"

// TestDay: a day has one form in bytes, and reads back as it was.
func TestDay(t *testing.T) {
	t.Parallel()
	d := measuredDay("2025-09-03", 50_000_000)
	b, err := d.Canonical()
	if err != nil || string(b) != written {
		t.Fatalf("%s, %v", b, err)
	}
	got, err := statement.ParseDay(b)
	if err != nil || !cmp.Equal(got, d) {
		t.Errorf("%v: %s", err, cmp.Diff(d, got))
	}
	if tags := d.Uses[1].Tags(d.Site); tags != (books.Tags{Site: "houston", Use: "mining", Model: "S21"}) {
		t.Errorf("booked under %+v", tags)
	}
	still := statement.Day{Day: "2025-09-03", Site: "houston"}
	if b, err := still.Canonical(); err != nil || !strings.Contains(string(b), `"uses":[]`) {
		t.Errorf("%s, %v", b, err)
	}
}

// TestDayRefused: whatever is not the one form is no paper of a day.
func TestDayRefused(t *testing.T) {
	t.Parallel()
	for sentence, text := range map[string]string{
		"nothing":                    "",
		"another paper":              `{"number":"A-1"}`,
		"a number that is no text":   strings.Replace(written, `"0"`, `0`, 1),
		"blanks":                     strings.Replace(written, `":"`, `": "`, 1),
		"no line feed":               strings.TrimSpace(written),
		"a key that nobody knows":    strings.Replace(written, `{"day"`, `{"night":1,"day"`, 1),
		"a date that is none":        strings.Replace(written, "2025-09-03", "2025-09-31", 1),
		"energy below zero":          strings.Replace(written, `"import_j":"`, `"import_j":"-`, 1),
		"work below zero":            strings.Replace(written, `"1000"`, `"-1000"`, 1),
		"uses in another order":      strings.Replace(written, `"hosting"`, `"storage"`, 1),
		"a use twice":                strings.Replace(written, `"hosting"`, `"mining/hall-1"`, 1),
		"a use without a name":       strings.Replace(written, `"hosting"`, `" "`, 1),
		"no site":                    strings.Replace(written, "houston", "", 1),
		"a figure beyond all energy": strings.Replace(written, "25200000000", "99999999999999999999", 1),
	} {
		if text == written {
			t.Fatalf("%s: nothing was changed", sentence)
		}
		if d, err := statement.ParseDay([]byte(text)); !errors.Is(err, statement.ErrDay) {
			t.Errorf("%s: %+v, %v", sentence, d, err)
		}
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Houston", -6*3600)
	first := time.Date(2025, 9, 2, 0, 0, 0, 0, zone)
	all := []statement.Day{measuredDay("2025-09-01", 1), measuredDay("2025-09-02", 2), measuredDay("2025-09-03", 3), measuredDay("2025-09-02", 4)}
	got := statement.Within(all, first, first.AddDate(0, 0, 1))
	if len(got) != 1 || got[0].Uses[1].Mined != 4 {
		t.Errorf("%+v: the second of September as it was filed last was wanted", got)
	}
}

func FuzzParseDay(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(`{"day":"2025-09-03","site":"x","uses":[],"import_j":"0","export_j":"0"}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := statement.ParseDay(b)
		if err != nil {
			return
		}
		again, err := d.Canonical()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q was read, and is written %q (%v)", b, again, err)
		}
	})
}
