package path_test

import (
	"errors"
	"testing"
	"time"

	"sluice/capital/path"
)

// powerWeeks are weeks that begin on Mondays from the first one of a year on.
func powerWeeks(year, weeks int) []time.Time {
	at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	for at.Weekday() != time.Monday {
		at = at.AddDate(0, 0, 1)
	}
	out := make([]time.Time, weeks)
	for i := range out {
		out[i] = at.AddDate(0, 0, 7*i)
	}
	return out
}

// TestPowerWeeks: the season of the future, the year of what was drawn.
func TestPowerWeeks(t *testing.T) {
	t.Parallel()
	h := made(200) // from 2023 to late 2026
	power := powerWeeks(2021, 4*52+26)
	last := power[len(power)-1] // mid 2025
	table, err := path.PowerWeeks(h, power)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < 600; from += 7 {
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, from)
		for _, drawn := range []int{0, 51, 52, 60, 120, 155, 199} {
			got := power[table.At(begin, drawn)]
			want := h[drawn].Begin.Year()
			middle := begin.AddDate(0, 0, 3)
			target := time.Date(want, middle.Month(), middle.Day(), 12, 0, 0, 0, time.UTC)
			for target.AddDate(0, 0, -8).After(last) { // the power history ends before: a year earlier
				target = target.AddDate(-1, 0, 0)
			}
			off := got.AddDate(0, 0, 3).Add(12 * time.Hour).Sub(target)
			if off > 8*24*time.Hour || off < -8*24*time.Hour {
				t.Fatalf("a week of %s with a week of %s drawn has the power of %s", begin.Format(time.DateOnly), h[drawn].Begin.Format(time.DateOnly), got.Format(time.DateOnly))
			}
		}
	}
}

// TestPowerOfPath: a path has what the table says, and none without a power history.
func TestPowerOfPath(t *testing.T) {
	t.Parallel()
	h, power := made(200), powerWeeks(2021, 5*52)
	c := path.Usual(ends())
	c.Power = power
	table, err := path.PowerWeeks(h, power)
	if err != nil {
		t.Fatal(err)
	}
	b := drawn(t, c, h)
	var p path.Path
	b.Draw(5, &p)
	for w, i := range p.Index {
		if int(p.Power[w]) != table.At(b.Week(w), int(i)) {
			t.Fatalf("week %d has the power week %d", w, p.Power[w])
		}
	}
	c.Power = nil
	if drawn(t, c, h).Draw(5, &p); len(p.Power) != 0 {
		t.Error("power out of nowhere")
	}
}

func TestPowerRefuses(t *testing.T) {
	t.Parallel()
	for sentence, power := range map[string][]time.Time{
		"none":        nil,
		"half a year": powerWeeks(2024, 26),
		"a hole":      append(powerWeeks(2024, 20), powerWeeks(2024, 53)[30:]...),
		"a double":    append(powerWeeks(2024, 53), powerWeeks(2024, 53)...),
	} {
		if _, err := path.PowerWeeks(made(200), power); !errors.Is(err, path.ErrHistory) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	c := path.Usual(ends())
	c.Power = powerWeeks(2024, 26)
	if _, err := path.New(c, made(200)); !errors.Is(err, path.ErrHistory) {
		t.Errorf("futures with it: %v", err)
	}
}
