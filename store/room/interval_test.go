package room

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// day is what the intervals of one day came to; its bodies are of the usual size.
func day(from, n int) []Interval {
	out := make([]Interval, n)
	for i := range out {
		out[i] = came(from+i, body(from+i))
	}
	return out
}

// body is what an interval came to, in the words that a page shows.
func body(n int) string {
	parts := []string{}
	for i, use := range []string{"mining", "hosting", "flex", "curtailed"} {
		parts = append(parts, fmt.Sprintf(`{"use":"%s","energy_j":"%d","revenue_micro":"%d","cost_micro":"%d"}`, use, 4_500_000_000+n*7919*(i+1)%900_000_000, 1_000_000+n*6007%700_000, 300_000+n*5003%90_000))
	}
	return fmt.Sprintf(`{"price_micro_per_mwh":"%d","break_even_micro_per_mwh":"%d","limit_w":%d,"load_w":%d,"uses":[%s],"margin_micro":"%d","settled":true}`,
		31_000_000+n*104_729%90_000_000, 58_000_000+n*3571%3_000_000, 20_000_000, 17_000_000+n*2_741%3_000_000, strings.Join(parts, ","), n*15_485_863%9_000_000)
}

// TestIntervals: a range is what starts in it, in order, and of its own site only.
func TestIntervals(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	all := day(-2, 250) // more than one statement writes
	must(t, s.SaveIntervals(t.Context(), "wa-1", all), s.SaveIntervals(t.Context(), "tx-1", day(0, 2)), s.SaveIntervals(t.Context(), "wa-1", nil))
	for sentence, c := range map[string]struct {
		from, to int64
		limit    int
		want     []Interval
	}{
		"everything":                 {-9000, 900_000, 0, all},
		"from a start to a start":    {0, 900 * 3, 0, all[2:5]},
		"what began before is out":   {1, 900 * 3, 0, all[3:5]},
		"as many as are asked for":   {0, 900_000, 3, all[2:5]},
		"a time before the first":    {-9000, -1800, 0, nil},
		"an end before the begin":    {900, 0, 0, nil},
		"before the year 1970 began": {-2e9, -1800 + 1, 0, all[:1]},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, err := s.Intervals(t.Context(), "wa-1", at(c.from), at(c.to), c.limit)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
	last, err := s.LastInterval(t.Context(), "wa-1")
	if diff := cmp.Diff(all[249], last); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if _, err := s.LastInterval(t.Context(), "ca-1"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestCorrection: a later reckoning replaces an earlier one, its length too, and nothing else.
func TestCorrection(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	all := day(0, 5)
	must(t, s.SaveIntervals(t.Context(), "wa-1", all), s.SaveIntervals(t.Context(), "tx-1", all))
	other := came(2, `{"corrected":true}`)
	other.Length = 5 * time.Minute
	want := []Interval{all[0], came(1, `{"corrected":true}`), other, all[3], all[4], came(5, "{}")}
	want[4].Length = 5 * time.Minute
	must(t, s.SaveIntervals(t.Context(), "wa-1", want[1:]))
	got, err := s.Intervals(t.Context(), "wa-1", at(0), at(9000), 0)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err = s.Intervals(t.Context(), "tx-1", at(0), at(9000), 0)
	if diff := cmp.Diff(all, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestIntervalsAreWhole: a call with one bad interval, even the last of many, saves none.
func TestIntervalsAreWhole(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	big := json.RawMessage(`"` + strings.Repeat("x", MostInterval-2) + `"`)
	all := append(day(0, 250), Interval{Start: at(1e6), Length: time.Minute, Body: append(big, ' ')})
	if err := s.SaveIntervals(t.Context(), "wa-1", all); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "none was saved") {
		t.Error(err)
	}
	if _, err := s.LastInterval(t.Context(), "wa-1"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	all[250].Body = big
	must(t, s.SaveIntervals(t.Context(), "wa-1", all))
	if last, err := s.LastInterval(t.Context(), "wa-1"); err != nil || !bytes.Equal(last.Body, big) {
		t.Error(err)
	}
}

// TestTooMuchAtOnce: an answer that would fill the memory is refused, not cut.
func TestTooMuchAtOnce(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	big := `"` + strings.Repeat("x", MostInterval-2) + `"`
	s.most.bodies = 4 * MostInterval
	all := []Interval{came(0, big), came(1, big), came(2, big), came(3, big)}
	if err := s.SaveIntervals(t.Context(), "wa-1", slices.Concat(all, []Interval{came(4, big)})); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "give at most") {
		t.Error(err)
	}
	must(t, s.SaveIntervals(t.Context(), "wa-1", all), s.SaveIntervals(t.Context(), "wa-1", []Interval{came(4, big)}))
	if got, err := s.Intervals(t.Context(), "wa-1", at(0), at(9e8), 0); !errors.Is(err, ErrFull) || got != nil {
		t.Errorf("%d, %v", len(got), err)
	}
	if got, err := s.Intervals(t.Context(), "wa-1", at(0), at(9e8), len(all)); err != nil || len(got) != len(all) {
		t.Errorf("%d, %v", len(got), err)
	}
}

// BenchmarkSaveIntervals: nine months of a quarter of an hour in one call.
func BenchmarkSaveIntervals(b *testing.B) {
	s := openAt(b, b.TempDir())
	all := day(0, 26_000)
	n := 0
	for b.Loop() {
		n++
		must(b, s.SaveIntervals(b.Context(), fmt.Sprint("site-", n), all))
	}
}

// BenchmarkCorrectIntervals is the same again, each with another body.
func BenchmarkCorrectIntervals(b *testing.B) {
	s := openAt(b, b.TempDir())
	all := day(0, 26_000)
	for n := 0; b.Loop(); n++ {
		for i := range all {
			all[i].Body = json.RawMessage(body(i + n%2))
		}
		must(b, s.SaveIntervals(b.Context(), "wa-1", all))
	}
}

// BenchmarkIntervals reads a month of a quarter of an hour.
func BenchmarkIntervals(b *testing.B) {
	s := openAt(b, b.TempDir())
	for n := range 10 {
		must(b, s.SaveIntervals(b.Context(), fmt.Sprint("site-", n), day(0, 26_000)))
	}
	for b.Loop() {
		got, err := s.Intervals(b.Context(), "site-4", at(900*9_000), at(900*(9_000+2_976)), 0)
		if err != nil || len(got) != 2_976 {
			b.Fatal(len(got), err)
		}
	}
}
