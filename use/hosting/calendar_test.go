package hosting_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/unit"
	"sluice/use/hosting"
)

// reserve is a contract of so many GPUs for a time.
func reserve(name string, gpus int, from, to time.Time) hosting.Contract {
	c := contract(hosting.Reserved)
	c.Name, c.GPUs, c.Start, c.End = name, gpus, from, to
	return c
}

// TestCalendar: 256 GPUs, 1,275 W each, in a hall that may draw 400 kW at the meter:
// 1.23 of it for each IT watt in a hot hour, so 325 kW.
func TestCalendar(t *testing.T) {
	t.Parallel()
	sep, oct, nov, dec := utc(2025, 9, 1, 0), utc(2025, 10, 1, 0), utc(2025, 11, 1, 0), utc(2025, 12, 1, 0)
	for sentence, c := range map[string]struct {
		sold []hosting.Contract
		room unit.Power
		next hosting.Contract
		want hosting.Conflict // without At and Others: it fits
	}{
		"all of it":                  {nil, 0, reserve("a", 256, sep, oct), hosting.Conflict{}},
		"one more than all":          {nil, 0, reserve("a", 257, sep, oct), hosting.Conflict{Name: "a", At: sep, What: "GPUs of H100 SXM", Hall: "gpu", Wants: 257, Free: 256}},
		"one after the other":        {[]hosting.Contract{reserve("a", 256, sep, oct)}, 0, reserve("b", 256, oct, nov), hosting.Conflict{}},
		"an overlap of the last day": {[]hosting.Contract{reserve("a", 200, oct, nov)}, 0, reserve("b", 57, sep, oct.Add(time.Hour)), hosting.Conflict{Name: "b", At: oct, What: "GPUs of H100 SXM", Hall: "gpu", Wants: 57, Free: 56, Others: []string{"a"}}},
		"the first conflict of two":  {[]hosting.Contract{reserve("a", 200, nov, dec), reserve("c", 250, oct, nov)}, 0, reserve("b", 57, sep, time.Time{}), hosting.Conflict{Name: "b", At: oct, What: "GPUs of H100 SXM", Hall: "gpu", Wants: 57, Free: 6, Others: []string{"c"}}},
		"a ramp that fits at first": {[]hosting.Contract{reserve("a", 200, sep, dec)}, 0, func() hosting.Contract {
			c := reserve("b", 100, sep, dec)
			c.Ramp = []unit.Ratio{500_000, 560_000}
			return c
		}(), hosting.Conflict{Name: "b", At: nov, What: "GPUs of H100 SXM", Hall: "gpu", Wants: 100, Free: 56, Others: []string{"a"}}},
		"a ramp that is free by then": {[]hosting.Contract{reserve("a", 200, sep, nov)}, 0, func() hosting.Contract {
			c := reserve("b", 100, sep, dec)
			c.Ramp = []unit.Ratio{500_000, 560_000}
			return c
		}(), hosting.Conflict{}},
		"the power of the hall":    {nil, 400 * unit.Kilowatt, reserve("a", 255, sep, oct), hosting.Conflict{}},
		"no room for one more GPU": {nil, 400 * unit.Kilowatt, reserve("a", 256, sep, oct), hosting.Conflict{Name: "a", At: sep, What: "kW of the hall's power", Hall: "gpu", Wants: 327, Free: 325}},
		"colocation takes power too": {
			[]hosting.Contract{contract(hosting.Colocation)},
			400 * unit.Kilowatt, reserve("a", 200, sep, oct),
			hosting.Conflict{Name: "a", At: sep, What: "kW of the hall's power", Hall: "gpu", Wants: 255, Free: 225, Others: []string{"acme-colocation"}},
		},
		"spot takes nothing": {[]hosting.Contract{reserve("a", 256, sep, oct)}, 0, contract(hosting.Spot), hosting.Conflict{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			room := map[string]unit.Power{}
			if c.room > 0 {
				room["gpu"] = c.room
			}
			book := hosting.Book{Halls: []hosting.Hall{hall()}, Contracts: c.sold, Room: room}
			cal, err := book.Calendar()
			if err != nil {
				t.Fatal(err)
			}
			_, err = cal.With(c.next)
			if c.want.Name == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var conflict *hosting.Conflict
			if !errors.As(err, &conflict) || !errors.Is(err, hosting.ErrConflict) {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff(c.want, *conflict); diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

// TestRacks: racks that cannot feed all of their servers bound what is sold.
func TestRacks(t *testing.T) {
	t.Parallel()
	h := hall()
	h.Groups[0].Limit = 30 * unit.Kilowatt // of 40.8: 23 GPUs of 32
	cal := hosting.NewCalendar([]hosting.Hall{h}, nil, nil)
	if _, err := cal.With(reserve("a", 8*23, utc(2025, 9, 1, 0), time.Time{})); err != nil {
		t.Error(err)
	}
	_, err := cal.With(reserve("a", 8*23+1, utc(2025, 9, 1, 0), time.Time{}))
	if err == nil || !strings.Contains(err.Error(), "it wants 185 GPUs on the rack power of H100 SXM and 184 are free; nobody else holds any") {
		t.Errorf("%v", err)
	}
	h.Groups[0].Nodes = 33
	if got := h.Groups[0].Fed(); got != 8*23+8 {
		t.Errorf("eight racks and one server feed %d GPUs", got)
	}
}

// TestSlots: what is committed, flexible, held and free, each stretch once.
func TestSlots(t *testing.T) {
	t.Parallel()
	sep, oct, nov := utc(2025, 9, 1, 0), utc(2025, 10, 1, 0), utc(2025, 11, 1, 0)
	flexible := contract(hosting.Flexible)
	flexible.Start, flexible.End = oct, nov
	cal, err := hosting.Book{
		Halls: []hosting.Hall{hall()}, Contracts: []hosting.Contract{flexible, reserve("a", 100, sep, time.Time{}), contract(hosting.Spot)},
		Held: []hosting.Held{{Name: "repair", Hall: "gpu", Model: "H100 SXM", GPUs: 8, From: oct, To: oct.Add(24 * time.Hour)}, {Name: "quote", Hall: "gpu", Power: 10 * unit.Kilowatt, From: nov}},
	}.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	want := []hosting.Slot{
		{From: sep.Add(-time.Hour), To: sep, Free: 256},
		{From: sep, To: oct, Committed: 100, Free: 156},
		{From: oct, To: oct.Add(24 * time.Hour), Committed: 100, Flexible: 64, Held: 8, Free: 84},
		{From: oct.Add(24 * time.Hour), To: nov, Committed: 100, Flexible: 64, Free: 92},
		{From: nov, Committed: 100, Free: 156},
	}
	if diff := cmp.Diff(want, cal.Slots("gpu", "h100 sxm", sep.Add(-time.Hour))); diff != "" {
		t.Error(diff)
	}
	power := cal.Slots("gpu", "", nov.Add(time.Hour))
	if diff := cmp.Diff([]hosting.Slot{{From: nov.Add(time.Hour), Committed: 127_500, Held: 10_000, Free: 256*1_275 - 137_500}}, power); diff != "" {
		t.Error(diff)
	}
}

// TestNeverOversold: whatever is accepted, no slot is ever below zero, and what was
// refused really had no room.
func TestNeverOversold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cal := hosting.NewCalendar([]hosting.Hall{hall()}, map[string]unit.Power{"gpu": 390 * unit.Kilowatt}, time.UTC)
		for n := range rapid.IntRange(1, 12).Draw(t, "contracts") {
			c := contracts().Draw(t, "contract")
			c.Name = string(rune('a' + n))
			c.Start = utc(2025, 9, 1, 0).Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "start")) * 24 * time.Hour)
			c.End = c.Start.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "days")) * 24 * time.Hour)
			next, err := cal.With(c)
			var conflict *hosting.Conflict
			if errors.As(err, &conflict) && (conflict.Free >= conflict.Wants || !c.InTerm(conflict.At)) {
				t.Fatalf("%v", err)
			}
			if err == nil || errors.Is(err, hosting.ErrConflict) {
				cal = next
				continue
			}
			t.Fatal(err)
		}
		for _, model := range []string{"H100 SXM", ""} {
			for _, s := range cal.Slots("gpu", model, utc(2025, 1, 1, 0)) {
				if s.Free < 0 {
					t.Fatalf("%+v of %q", s, model)
				}
			}
		}
	})
}
