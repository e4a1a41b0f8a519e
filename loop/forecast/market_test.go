package forecast

import (
	"bufio"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"sluice/internal/beside"
	"sluice/unit"
)

// record is a recorded market with the value of hashing beside it.
type record struct {
	at        []time.Time
	price     []unit.Price
	hashprice []float64 // currency units per PH/s and day, of the UTC day
}

// houston is HB_HOUSTON 2021-2025 in 15-minute intervals.
func houston(tb testing.TB) record {
	tb.Helper()
	return market(tb, "ercot_hb_houston_rt15_2021-2025.csv.gz", 1)
}

// market reads one column of recorded prices; intervals whose UTC day has no
// hashprice are dropped. It skips loudly without the files.
func market(tb testing.TB, file string, column int) record {
	tb.Helper()
	hash := map[string]string{}
	for _, row := range rows(tb, "btc_daily.csv") {
		hash[row[0]] = row[7]
	}
	var r record
	for _, row := range rows(tb, file) {
		day, known := hash[row[0][:10]]
		if !known {
			continue
		}
		r.at = append(r.at, instant(tb, row[0]))
		r.price = append(r.price, unit.Price(micro(tb, row[column])))
		r.hashprice = append(r.hashprice, float64(micro(tb, day))/1e6)
	}
	return r
}

// rows reads a file of the shared data folder beside the checkout, without its header.
func rows(tb testing.TB, name string) [][]string {
	tb.Helper()
	f := beside.Open(tb, "data", name)
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			tb.Fatalf("read %s: %v", name, err)
		}
		in = z
	}
	var out [][]string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		out = append(out, strings.Split(lines.Text(), ","))
	}
	if err := lines.Err(); err != nil || len(out) < 2 {
		tb.Fatalf("read %s: %d lines, %v", name, len(out), err)
	}
	return out[1:]
}

func instant(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func micro(tb testing.TB, text string) int64 {
	tb.Helper()
	v, err := unit.ParseMicro(text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func chicago(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}
