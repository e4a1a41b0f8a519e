package path_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/capital/path"
	"sluice/internal/beside"
	"sluice/unit"
	"sluice/use/mining"
)

// blockTimes are the header times of real blocks from a height on.
func blockTimes(tb testing.TB) (first int64, times []int64) {
	tb.Helper()
	z, err := gzip.NewReader(beside.Open(tb, "data", "btc_block_times_2021-2025.csv.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		f := strings.SplitN(lines.Text(), ",", 3)
		height, err := strconv.ParseInt(f[0], 10, 64)
		if err != nil {
			continue // the head
		}
		unix, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		if len(times) == 0 {
			first = height
		}
		times = append(times, unix)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	return first, times
}

// changes are the real changes of difficulty by the epoch that they begin, percent.
func changes(tb testing.TB) map[int64]float64 {
	tb.Helper()
	rows, err := csv.NewReader(beside.Open(tb, "data", "btc_difficulty_epochs.csv")).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	out := map[int64]float64{}
	for _, r := range rows[1:] {
		epoch, err := strconv.ParseInt(r[0], 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		if out[epoch], err = strconv.ParseFloat(r[5], 64); err != nil && r[5] != "" {
			tb.Fatal(err)
		}
	}
	return out
}

// TestNextHeld: on the real blocks of 2021 to 2025 the band holds about eight of ten
// changes, and about one of ten lies on either side.
func TestNextHeld(t *testing.T) {
	t.Parallel()
	first, times := blockTimes(t)
	came := changes(t)
	at := func(height int64) time.Time { return time.Unix(times[height-first], 0) }
	// 40 % lies between two parts of the table, where the line between them is narrow
	for part, most := range map[float64]float64{0.05: 0.04, 0.10: 0.04, 0.25: 0.04, 0.40: 0.07, 0.50: 0.04, 0.75: 0.04, 0.90: 0.04} {
		var n, below, above float64
		for epoch := first/2016 + 2; (epoch+1)*2016 < first+int64(len(times)); epoch++ {
			begin := epoch * 2016
			now := begin + int64(math.Ceil(part*2016))
			a, err := path.Next(mining.Progress{
				Height: now, Start: at(begin), Now: at(now), Quarter: at(now - 503),
				Previous: unit.Ratio(unit.FromFloat(came[epoch] / 100)), LastMean: at(begin-1).Sub(at(begin-2016)) / 2015,
			})
			if err != nil {
				t.Fatal(err)
			}
			n++
			switch x := unit.Ratio(unit.FromFloat(came[epoch+1] / 100)); {
			case x < a.Low:
				below++
			case x > a.High:
				above++
			}
		}
		t.Logf("at %2.0f %% of the epoch, of %v changes %.3f lie below and %.3f above", 100*part, n, below/n, above/n)
		if n < 128 || math.Abs(below/n-0.1) > most || math.Abs(above/n-0.1) > most {
			t.Errorf("at %2.0f %% of the epoch, of %v changes %.3f lie below and %.3f above", 100*part, n, below/n, above/n)
		}
	}
}
