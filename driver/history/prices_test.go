package history_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/driver/history"
	"sluice/series"
	"sluice/unit"
)

const head = "start_utc,price_usd_mwh\n"

// four are four good quarter hours.
const four = head + "2025-01-01T00:00:00Z,10\n2025-01-01T00:15:00Z,20\n2025-01-01T00:30:00Z,30\n2025-01-01T00:45:00Z,41\n"

func values(t *testing.T, s *series.Series[unit.Price]) []float64 {
	t.Helper()
	var out []float64
	for i := range s.Grid.Len() {
		v, known := s.Value(i)
		if !known {
			t.Fatalf("interval %d is not known", i)
		}
		out = append(out, v.Float())
	}
	return out
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func zip(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// counts is what a test may check of a Source, beside the values.
type counts struct{ Missing, Filled, Duplicates, Outside, Held, Averaged int }

func TestReadPricesAccepts(t *testing.T) {
	t.Parallel()
	quarter := func(rows ...string) string { return head + strings.Join(rows, "\n") + "\n" }
	cases := map[string]struct {
		text    string
		name    string
		columns history.Columns
		options history.Options
		want    []float64
		counts  counts
	}{
		"a plain file":                    {text: four, want: []float64{10, 20, 30, 41}},
		"a gzip file":                     {text: zip(four), name: "x.csv.gz", want: []float64{10, 20, 30, 41}},
		"gzip under a plain name":         {text: zip(four), want: []float64{10, 20, 30, 41}},
		"byte order mark and CRLF":        {text: "\xef\xbb\xbf" + strings.ReplaceAll(four, "\n", "\r\n"), want: []float64{10, 20, 30, 41}},
		"comment lines":                   {text: "# SYNTHETIC; one; two; three\n" + four + "# the end\n", want: []float64{10, 20, 30, 41}},
		"no newline at the end":           {text: strings.TrimSpace(four), want: []float64{10, 20, 30, 41}},
		"semicolons and decimal commas":   {text: "start_utc;price_eur_mwh\n2025-01-01 00:00;-1,5\n2025-01-01 01:00;2.25\n", want: []float64{-1.5, 2.25}},
		"quoted fields":                   {text: head + "\"2025-01-01T00:00Z\",\"1.5\"\n2025-01-01T01:00Z,2\n", want: []float64{1.5, 2}},
		"storm and glut prices":           {text: quarter("2025-01-01T00:00Z,17500", "2025-01-01T00:15Z,-1000"), want: []float64{17500, -1000}},
		"the limit itself":                {text: quarter("2025-01-01T00:00Z,100000", "2025-01-01T00:15Z,-100000"), want: []float64{100000, -100000}},
		"exponents as some exporters use": {text: quarter("2025-01-01T00:00Z,1e-05", "2025-01-01T00:15Z,1.5E2"), want: []float64{0.00001, 150}},
		"five-minute rows":                {text: quarter("2025-01-01T00:00Z,1", "2025-01-01T00:05Z,2", "2025-01-01T00:10Z,3"), want: []float64{1, 2, 3}},
		"half-hour rows at half past in India": {
			text:    "start,price_inr_mwh\n2025-01-01 00:00,1\n2025-01-01 01:00,2\n",
			columns: history.Columns{Zone: time.FixedZone("IST", 19800)}, want: []float64{1, 2},
		},
		"prices per kWh":                       {text: "start,price_usd_kwh\n2025-01-01 00:00,0.0451\n2025-01-01 01:00,-0.0000000005\n", columns: history.Columns{PerKWh: true}, want: []float64{45.1, 0}},
		"unix seconds":                         {text: "time,price_usd\n1735689600,1\n1735690500,2\n", want: []float64{1, 2}},
		"unix seconds on demand":               {text: "time,price_usd\n1735689600,1\n1735690500,2\n", columns: history.Columns{Layout: "unix"}, want: []float64{1, 2}},
		"a layout of one's own":                {text: "time,price_usd\n31/12/2024 23:45,1\n01/01/2025 00:00,2\n", columns: history.Columns{Layout: "02/01/2006 15:04"}, want: []float64{1, 2}},
		"a layout with an offset":              {text: "time,price_usd\n31/12/2024 23:45 -0600,1\n01/01/2025 00:00 -0600,2\n", columns: history.Columns{Layout: "02/01/2006 15:04 -0700", Zone: time.FixedZone("x", 3600)}, want: []float64{1, 2}},
		"offsets win over the zone":            {text: "start_utc,price_usd\n2025-01-01T00:00:00+01:00,1\n2025-01-01T00:15:00+01:00,2\n", columns: history.Columns{Zone: time.FixedZone("x", 7200)}, want: []float64{1, 2}},
		"a currency said, not written":         {text: "time,value\n2025-01-01 00:00,1\n2025-01-01 01:00,2\n", columns: history.Columns{Currency: "nok"}, want: []float64{1, 2}},
		"columns by name, in any case":         {text: "A,B,C\n2025-01-01 00:00,1,9\n2025-01-01 01:00,2,9\n", columns: history.Columns{Time: "a", Value: "b", Currency: "USD"}, want: []float64{1, 2}},
		"labels of the end":                    {text: "interval_end,price_usd\n2025-01-01 00:15,1\n2025-01-01 00:30,2\n", columns: history.Columns{Label: history.IntervalEnd}, options: history.Options{From: at("2025-01-01T00:00:00Z"), To: at("2025-01-01T00:30:00Z")}, want: []float64{1, 2}},
		"an hour held over quarters":           {text: quarter("2025-01-01T00:00Z,1", "2025-01-01T01:00Z,2"), options: history.Options{Step: 15 * time.Minute}, want: []float64{1, 1, 1, 1, 2, 2, 2, 2}, counts: counts{Held: 8}},
		"quarters averaged to an hour":         {text: four, options: history.Options{Step: time.Hour}, want: []float64{25.25}, counts: counts{Averaged: 1}},
		"a mean half way goes to even, down":   {text: quarter("2025-01-01T00:00Z,0.000002", "2025-01-01T00:30Z,0.000003"), options: history.Options{Step: time.Hour}, want: []float64{0.000002}, counts: counts{Averaged: 1}},
		"a mean half way goes to even, up":     {text: quarter("2025-01-01T00:00Z,-0.000003", "2025-01-01T00:30Z,-0.000004"), options: history.Options{Step: time.Hour}, want: []float64{-0.000004}, counts: counts{Averaged: 1}},
		"an odd quarter before the first hour": {text: head + "2024-12-31T23:45:00Z,9\n" + strings.TrimPrefix(four, head), options: history.Options{Step: time.Hour}, want: []float64{25.25}, counts: counts{Averaged: 1, Outside: 1}},
		"a period inside":                      {text: four, options: history.Options{From: at("2025-01-01T00:15:00Z"), To: at("2025-01-01T00:45:00Z")}, want: []float64{20, 30}, counts: counts{Outside: 2}},
		"an equal copy is counted":             {text: quarter("2025-01-01T00:00Z,1", "2025-01-01T00:00Z,1.0", "2025-01-01T00:15Z,2"), want: []float64{1, 2}, counts: counts{Duplicates: 1}},
		"a missing row is held":                {text: quarter("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,2", "2025-01-01T00:45Z,3"), options: history.Options{Fill: series.HoldLast}, want: []float64{1, 2, 2, 3}, counts: counts{Filled: 1}},
		"empty values are held": {
			text: quarter("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,", "2025-01-01T00:30Z,NaN", "2025-01-01T00:45Z,n/a", "2025-01-01T01:00Z,-Inf", "2025-01-01T01:15Z,null", "2025-01-01T01:30Z,-", "2025-01-01T01:45Z,2"), options: history.Options{Fill: series.HoldLast},
			want: []float64{1, 1, 1, 1, 1, 1, 1, 2}, counts: counts{Missing: 6, Filled: 6},
		},
		"a gap outside the period does not matter": {text: quarter("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,", "2025-01-01T00:30Z,3", "2025-01-01T00:45Z,4"), options: history.Options{From: at("2025-01-01T00:30:00Z")}, want: []float64{3, 4}, counts: counts{Missing: 1, Outside: 2}},
		"an hour that lacks a quarter has no mean": {
			text: strings.Replace(four, "2025-01-01T00:15:00Z,20\n", "", 1), options: history.Options{Step: 30 * time.Minute, From: at("2025-01-01T00:30:00Z")},
			want: []float64{35.5}, counts: counts{Averaged: 1, Outside: 1},
		},
		"and is filled as a whole": {
			text: strings.Replace(head+"2024-12-31T23:30:00Z,1\n2024-12-31T23:45:00Z,2\n"+strings.TrimPrefix(four, head), "2025-01-01T00:15:00Z,20\n", "", 1), options: history.Options{Step: 30 * time.Minute, Fill: series.HoldLast},
			want: []float64{1.5, 1.5, 35.5}, counts: counts{Averaged: 2, Filled: 1},
		},
		"one row, with the step said": {text: quarter("2025-01-01T00:00Z,7"), options: history.Options{Step: time.Hour}, want: []float64{7}},
		"one row, with its length":    {text: "start,minutes,price_usd\n2025-01-01T00:00Z,30,7\n", columns: history.Columns{Minutes: "minutes"}, want: []float64{7}},
		"lengths by column": {
			text: "start,minutes,price_usd\n2025-01-01T00:00Z,60,7\n2025-01-01T01:00Z,15,8\n2025-01-01T01:15Z,15,9\n", columns: history.Columns{Minutes: "minutes"},
			want: []float64{7, 7, 7, 7, 8, 9}, counts: counts{Held: 4},
		},
		"end labels with lengths": {
			text: "end,minutes,price_usd\n2025-01-01T01:00Z,60,7\n2025-01-01T01:15Z,15,8\n", columns: history.Columns{Minutes: "minutes", Label: history.IntervalEnd},
			want: []float64{7, 7, 7, 7, 8}, counts: counts{Held: 4},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := history.ReadPrices(strings.NewReader(c.text), max(c.name, "x.csv"), c.columns, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, values(t, p.Series)); diff != "" {
				t.Error(diff)
			}
			s := p.Source
			if diff := cmp.Diff(c.counts, counts{s.Missing, s.Filled, s.Duplicates, s.Outside, s.Held, s.Averaged}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadPricesRefuses(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	rows := func(rows ...string) string { return head + strings.Join(rows, "\n") + "\n" }
	local := func(rows ...string) string { return "start,price_usd\n" + strings.Join(rows, "\n") + "\n" }
	cases := map[string]struct {
		text    string
		name    string
		columns history.Columns
		options history.Options
		line    int
		what    string
		remedy  string
	}{
		"an empty file":                 {what: "empty", remedy: "header"},
		"a file of comments":            {text: "# one\n# two\n", what: "empty", remedy: "header"},
		"a header only":                 {text: head, what: "no row", remedy: "one row per interval"},
		"no gzip in a .gz":              {text: four, name: "x.csv.gz", what: "not gzip", remedy: "rename"},
		"a broken gzip":                 {text: zip(four)[:40], name: "x.csv.gz", what: "unexpected EOF", remedy: "whole"},
		"a missing row":                 {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,2", "2025-01-01T00:45Z,3"), line: 4, what: "from 2025-01-01T00:30Z to 2025-01-01T00:45Z there is no row", remedy: "fill policy"},
		"four missing rows, no hour":    {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,2", "2025-01-01T01:15Z,3", "2025-01-01T01:30Z,3"), line: 4, what: "from 2025-01-01T00:30Z to 2025-01-01T01:15Z", remedy: "fill policy"},
		"a first row that stands alone": {text: rows("2025-01-01T00:00Z,1", "2025-01-01T01:00Z,2", "2025-01-01T01:15Z,3"), line: 3, what: "from 2025-01-01T00:15Z", remedy: "fill policy"},
		"two gaps are counted":          {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:30Z,2", "2025-01-01T00:45Z,", "2025-01-01T01:00Z,3"), line: 3, what: "first of 2 gaps", remedy: "fill policy"},
		"an empty value":                {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,"), line: 3, what: "no value", remedy: "fill policy"},
		"NaN":                           {text: rows("2025-01-01T00:00Z,NaN", "2025-01-01T00:15Z,1"), line: 2, what: "no value", remedy: "fill policy"},
		"infinity":                      {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,+Inf"), line: 3, what: "no value", remedy: "fill policy"},
		"n/a":                           {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,n/a"), line: 3, what: "no value", remedy: "fill policy"},
		"a period inside a hole":        {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,2", "2025-01-01T05:00Z,3"), options: history.Options{From: at("2025-01-01T02:00:00Z"), To: at("2025-01-01T03:00:00Z")}, what: "from 2025-01-01T02:00Z to 2025-01-01T03:00Z there is no row", remedy: "fill policy"},
		"a gap with nothing to hold":    {text: rows("2025-01-01T00:00Z,", "2025-01-01T00:15Z,2"), options: history.Options{Fill: series.HoldLast}, what: "no earlier value", remedy: "begins with a value"},
		"a fill policy nobody knows":    {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:15Z,"), options: history.Options{Fill: "guess"}, what: "\"guess\" is not known", remedy: "hold-last"},
		"a stamp with two values":       {text: rows("2025-01-01T00:00Z,1", "2025-01-01T00:00Z,2"), line: 3, what: "twice with different values, here and on line 2", remedy: "right row"},
		"rows out of order":             {text: rows("2025-01-01T00:15Z,1", "2025-01-01T00:00Z,2"), line: 3, what: "not in order", remedy: "sort the file"},
		"a column that is not there":    {text: four, columns: history.Columns{Value: "price_usd_mhw"}, line: 1, what: `no column "price_usd_mhw" for the price; there are "start_utc", "price_usd_mwh"`, remedy: `did you mean "price_usd_mwh"?`},
		"a column that is there twice":  {text: "start,price_usd,price_usd\n2025-01-01T00:00Z,1,2\n", columns: history.Columns{Value: "price_usd"}, line: 1, what: "2 columns", remedy: "different names"},
		"two columns that could be it":  {text: "start,se1_eur_mwh,se2_eur_mwh\n2025-01-01T00:00Z,1,2\n", line: 1, what: `"se1_eur_mwh" and "se2_eur_mwh" could be the price`, remedy: "name the column"},
		"two times that could be it":    {text: "hour_start_utc,hour_start_local,price_usd\n2025-01-01T00:00Z,1,2\n", line: 1, what: "could be the time", remedy: "name the column"},
		"no column that could be it":    {text: "start,x\n2025-01-01T00:00Z,1\n", line: 1, what: "no column looks like the price", remedy: "name the column"},
		"one column for both":           {text: four, columns: history.Columns{Value: "start_utc"}, line: 1, what: "cannot be both", remedy: "two columns"},
		"another currency":              {text: four, columns: history.Columns{Currency: "EUR"}, line: 1, what: `"price_usd_mwh" is in USD, but the file is said to be in EUR`, remedy: "nothing is converted"},
		"another currency by symbol":    {text: "start,price €/MWh\n2025-01-01T00:00Z,1\n", columns: history.Columns{Currency: "SEK"}, line: 1, what: "is in EUR", remedy: "EUR"},
		"no currency at all":            {text: "start,price\n2025-01-01T00:00Z,1\n", line: 1, what: "does not say its currency", remedy: "which currency"},
		"per kWh by its name":           {text: "start,price_usd_kwh\n2025-01-01T00:00Z,1\n", line: 1, what: "is per kWh", remedy: "per kWh"},
		"per MWh by its name":           {text: four, columns: history.Columns{PerKWh: true}, line: 1, what: "is per MWh", remedy: "per MWh"},
		"cents":                         {text: "start,price_eur_ct_kwh\n2025-01-01T00:00Z,1\n", columns: history.Columns{PerKWh: true}, line: 1, what: "hundredths", remedy: "convert"},
		"too few fields":                {text: head + "2025-01-01T00:00Z,1\n2025-01-01T00:15Z\n", line: 3, what: "1 field where the header has 2", remedy: "repair the line"},
		"too many fields":               {text: "start,price_usd\n2025-01-01T00:00Z,1,5\n", line: 2, what: "3 fields where the header has 2", remedy: "semicolons"},
		"a line without an end":         {text: head + strings.Repeat("x", 1<<20+1<<17), what: "longer than 1024 KiB", remedy: "whole"},
		"two decimal commas":            {text: "start;price_usd;x\n2025-01-01T00:00Z;1,234,5;\n", line: 2, what: `"1,234,5" is not a number`, remedy: "plain decimal"},
		"a quote left open":             {text: head + "2025-01-01T00:00Z,\"1\n", line: 2, what: "quoted-field", remedy: "repair"},
		"a decimal comma in quotes":     {text: head + "2025-01-01T00:00Z,\"1,5\"\n", line: 2, what: `"1,5" is not a number`, remedy: "plain decimal"},
		"a comma and a point":           {text: "start;price_usd;x\n2025-01-01T00:00Z;1.234,5;\n", line: 2, what: `"1.234,5" is not a number`, remedy: "plain decimal"},
		"words for a value":             {text: rows("2025-01-01T00:00Z,abc"), line: 2, what: `"abc" is not a number`, remedy: "plain decimal"},
		"a hexadecimal value":           {text: rows("2025-01-01T00:00Z,0x1p4"), line: 2, what: "is not a number", remedy: "plain decimal"},
		"an absurd value":               {text: rows("2025-01-01T00:00Z,100000.01"), line: 2, what: `"100000.01" is beyond`, remedy: "per kWh"},
		"an absurd value below":         {text: rows("2025-01-01T00:00Z,-100001"), line: 2, what: "beyond", remedy: "per kWh"},
		"an absurd value per kWh":       {text: "start,price_usd\n2025-01-01T00:00Z,101\n", columns: history.Columns{PerKWh: true}, line: 2, what: "beyond", remedy: "per MWh already"},
		"a stamp in an unknown form":    {text: rows("01/02/2025 00:00,1"), line: 2, what: "not in a known form", remedy: "layout"},
		"a stamp against the layout":    {text: rows("2025-01-01T00:00Z,1"), columns: history.Columns{Layout: "02/01/2006 15:04"}, line: 2, what: "does not have the form", remedy: "layout"},
		"a layout with letters":         {text: four, columns: history.Columns{Layout: "2006-01-02 15:04 MST"}, what: "not unique", remedy: "zone"},
		"a stamp off the boundary":      {text: rows("2025-01-01T00:00:01Z,1"), line: 2, what: "five-minute", remedy: "settlement interval"},
		"a stamp in the year 1":         {text: rows("0001-01-01T00:00:00Z,1"), line: 2, what: "year 1", remedy: "correct"},
		"intervals nobody settles on":   {text: rows("2025-01-01T00:00Z,1", "2025-01-01T02:00Z,1"), line: 3, what: "2h0m0s after", remedy: "5, 15, 30 or 60"},
		"minutes nobody settles on":     {text: "start,m,price_usd\n2025-01-01T00:00Z,20,1\n", columns: history.Columns{Minutes: "m"}, line: 2, what: `"20" minutes`, remedy: "5, 15, 30 or 60"},
		"minutes that overlap":          {text: "start,m,price_usd\n2025-01-01T00:00Z,60,1\n2025-01-01T00:15Z,60,1\n", columns: history.Columns{Minutes: "m"}, line: 3, what: "before the one on line 2 ends", remedy: "leave their column out"},
		"one row without a length":      {text: rows("2025-01-01T00:00Z,1"), line: 2, what: "one row alone", remedy: "step"},
		"a period not covered":          {text: four, options: history.Options{From: at("2024-12-31T00:00:00Z")}, what: "is not covered: the file covers 2025-01-01T00:00Z to 2025-01-01T01:00Z", remedy: "another file"},
		"a period that ends too late":   {text: four, options: history.Options{To: at("2025-01-01T01:15:00Z")}, what: "is not covered", remedy: "another file"},
		"a period that ends first":      {text: four, options: history.Options{From: at("2025-01-01T00:30:00Z"), To: at("2025-01-01T00:15:00Z")}, what: "no whole interval", remedy: "period"},
		"a period off the grid":         {text: four, options: history.Options{From: at("2025-01-01T00:05:00Z"), To: at("2025-01-01T00:35:00Z")}, what: "boundary", remedy: "boundaries"},
		"a grid nobody settles on":      {text: four, options: history.Options{Step: 10 * time.Minute}, what: "10m0s", remedy: "5m, 15m, 30m or 1h"},
		"ends read as starts":           {text: "interval_end,price_usd\n2025-01-01T00:00Z,1\n", line: 1, what: "names ends", remedy: "label to end"},
		"starts read as ends":           {text: four, columns: history.Columns{Label: history.IntervalEnd}, line: 1, what: "names starts", remedy: "label to start"},
		"a label nobody knows":          {text: four, columns: history.Columns{Label: "middle"}, what: "\"middle\" is not known", remedy: "start or end"},
		"local stamps without a zone":   {text: "hour_start_local,price_usd\n2025-01-01 00:00,1\n", line: 2, what: "no zone is given", remedy: "America/Chicago"},
		"UTC stamps with a zone":        {text: head + "2025-01-01 00:00,1\n", columns: history.Columns{Zone: chicago}, line: 2, what: "UTC by the name", remedy: "leave the zone out"},
		"a stamp in the skipped hour":   {text: local("2025-03-09 01:45,1", "2025-03-09 02:00,2"), columns: history.Columns{Zone: chicago}, line: 3, what: "2025-03-09 02:00 does not exist in America/Chicago", remedy: "right zone"},
		"one copy of the repeated hour": {text: local("2025-11-02 00:00,1", "2025-11-02 01:00,2", "2025-11-02 02:00,2"), columns: history.Columns{Zone: chicago}, line: 3, what: "only one copy", remedy: "twice"},
		"the passes interleaved":        {text: local("2025-11-02 01:00,1", "2025-11-02 01:00,2", "2025-11-02 01:30,3", "2025-11-02 01:30,4"), columns: history.Columns{Zone: chicago}, line: 5, what: "which pass", remedy: "whole passes"},
		"passes that differ":            {text: local("2025-11-02 01:00,1", "2025-11-02 01:30,2", "2025-11-02 01:00,3"), columns: history.Columns{Zone: chicago}, line: 4, what: "which pass", remedy: "whole passes"},
		"passes of other quarters":      {text: local("2025-11-02 01:00,1", "2025-11-02 01:15,2", "2025-11-02 01:00,3", "2025-11-02 01:30,3"), columns: history.Columns{Zone: chicago}, line: 5, what: "which pass", remedy: "whole passes"},
		"local time read as UTC":        {text: local("2025-11-02 01:00,1", "2025-11-02 01:30,2", "2025-11-02 01:00,3", "2025-11-02 01:30,4"), line: 4, what: "not in order", remedy: "name the zone"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := max(c.name, "x.csv")
			_, err := history.ReadPrices(strings.NewReader(c.text), file, c.columns, c.options)
			f, ok := errors.AsType[*history.Fault](err)
			if !ok {
				t.Fatalf("got %v, want a fault", err)
			}
			if f.File != file || f.Line != c.line || !strings.Contains(f.What, c.what) || !strings.Contains(f.Remedy, c.remedy) {
				t.Errorf("got %v\nwant line %d, %q, remedy %q", f, c.line, c.what, c.remedy)
			}
		})
	}
}

// wallClock writes [from, to) as a clock on the wall in z shows it.
func wallClock(from, to time.Time, step time.Duration, z *time.Location, label history.Label) (text string, n int) {
	var b strings.Builder
	b.WriteString("time,price_usd\n")
	for at := from; at.Before(to); at = at.Add(step) {
		stamp := at
		if label == history.IntervalEnd {
			stamp = at.Add(step)
		}
		fmt.Fprintf(&b, "%s,%d\n", stamp.In(z).Format("2006-01-02 15:04"), n)
		n++
	}
	return b.String(), n
}

func TestLocalTimeWithClockChanges(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zone, from, to string
		step           time.Duration
		label          history.Label
		count          int
	}{
		"an ordinary day":           {"America/Chicago", "2025-06-01", "2025-06-02", 15 * time.Minute, "", 96},
		"the short day of spring":   {"America/Chicago", "2025-03-09", "2025-03-10", 15 * time.Minute, "", 92},
		"the long day of autumn":    {"America/Chicago", "2025-11-02", "2025-11-03", 15 * time.Minute, "", 100},
		"the long day in hours":     {"America/Chicago", "2025-11-02", "2025-11-03", time.Hour, "", 25},
		"the long day in 5 minutes": {"America/Chicago", "2025-11-02", "2025-11-03", 5 * time.Minute, "", 300},
		"the long day, ends":        {"America/Chicago", "2025-11-02", "2025-11-03", 15 * time.Minute, history.IntervalEnd, 100},
		"the short day, ends":       {"America/Chicago", "2025-03-09", "2025-03-10", 15 * time.Minute, history.IntervalEnd, 92},
		"half an hour twice":        {"Australia/Lord_Howe", "2025-04-06", "2025-04-07", 15 * time.Minute, "", 98},
		"half an hour skipped":      {"Australia/Lord_Howe", "2025-10-05", "2025-10-06", 15 * time.Minute, "", 94},
		"three hours twice":         {"Antarctica/Casey", "2010-03-04", "2010-03-06", time.Hour, "", 51},
		"midnight skipped":          {"America/Sao_Paulo", "2017-10-14", "2017-10-16", time.Hour, "", 47},
		"midnight comes late":       {"America/Sao_Paulo", "2017-02-18", "2017-02-20", time.Hour, "", 49},
		"a year in Stockholm":       {"Europe/Stockholm", "2025-01-01", "2026-01-01", time.Hour, "", 8760},
		"a year in Kathmandu":       {"Asia/Kathmandu", "2025-01-01", "2026-01-01", time.Hour, "", 8760},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zone(t, c.zone)
			from, to := series.DayOf(at(c.from+"T12:00:00Z"), z).Start, series.DayOf(at(c.to+"T12:00:00Z"), z).Start
			text, n := wallClock(from, to, c.step, z, c.label)
			p, err := history.ReadPrices(strings.NewReader(text), "x.csv", history.Columns{Zone: z, Label: c.label}, history.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if n != c.count || p.Series.Grid.Len() != c.count || !p.Source.First.Equal(from) || !p.Source.Last.Equal(to) {
				t.Fatalf("wrote %d from %s, read %d, want %d: %+v", n, from, p.Series.Grid.Len(), c.count, p.Source)
			}
			for i, v := range values(t, p.Series) {
				if int(v) != i {
					t.Fatalf("interval %d has %v", i, v)
				}
			}
		})
	}
}

// TestSwitchesWithHoles checks that a file that changes its step keeps holes and hours apart.
func TestSwitchesWithHoles(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(head)
	from := at("2025-09-28T00:00:00Z")
	for h := range 48 {
		if h != 30 {
			fmt.Fprintf(&b, "%s,%d\n", from.Add(time.Duration(h)*time.Hour).Format(time.RFC3339), h)
		}
	}
	for q := range 192 {
		if q < 40 || q >= 44 {
			fmt.Fprintf(&b, "%s,%d\n", from.Add(48*time.Hour+time.Duration(q)*15*time.Minute).Format(time.RFC3339), 100+q)
		}
	}
	_, err := history.ReadPrices(strings.NewReader(b.String()), "x.csv", history.Columns{}, history.Options{})
	if f, ok := errors.AsType[*history.Fault](err); !ok || f.Line != 32 || !strings.Contains(f.What, "first of 2 gaps") {
		t.Fatalf("got %v", err)
	}
	p, err := history.ReadPrices(strings.NewReader(b.String()), "x.csv", history.Columns{}, history.Options{Fill: series.SameHourYday})
	if err != nil {
		t.Fatal(err)
	}
	v := values(t, p.Series)
	if p.Source.Filled != 4+4 || v[120] != 6 || v[192+40] != 34 || v[192+44] != 144 {
		t.Errorf("filled %d: %v %v %v", p.Source.Filled, v[120], v[192+40], v[192+44])
	}
}

// TestAutumnsOfTwoYearsAreTwoHours: nothing but the repeated hours, a year apart.
func TestAutumnsOfTwoYearsAreTwoHours(t *testing.T) {
	t.Parallel()
	const text = "time,price_usd\n2024-11-03 01:00,1\n2024-11-03 01:00,2\n2025-11-02 01:00,3\n2025-11-02 01:00,4\n"
	o := history.Options{From: at("2025-11-02T06:00:00Z"), To: at("2025-11-02T08:00:00Z")}
	p, err := history.ReadPrices(strings.NewReader(text), "x.csv", history.Columns{Zone: zone(t, "America/Chicago")}, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float64{3, 4}, values(t, p.Series)); diff != "" {
		t.Error(diff)
	}
}

// TestHoleRightAfterTheSwitch: the first quarter hour after hours is followed by a hole.
func TestHoleRightAfterTheSwitch(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(head)
	from := at("2025-09-28T00:00:00Z")
	for h := range 25 {
		fmt.Fprintf(&b, "%s,%d\n", from.Add(time.Duration(h)*time.Hour).Format(time.RFC3339), h)
	}
	for _, q := range []int{0, 2, 3, 4} {
		fmt.Fprintf(&b, "%s,%d\n", from.Add(25*time.Hour+time.Duration(q)*15*time.Minute).Format(time.RFC3339), 100+q)
	}
	p, err := history.ReadPrices(strings.NewReader(b.String()), "x.csv", history.Columns{}, history.Options{Fill: series.HoldLast})
	if err != nil {
		t.Fatal(err)
	}
	v := values(t, p.Series)
	if diff := cmp.Diff([]float64{24, 100, 100, 102, 103, 104}, v[99:]); diff != "" || p.Source.Filled != 1 {
		t.Errorf("filled %d: %s", p.Source.Filled, diff)
	}
}

func TestReaderThatFails(t *testing.T) {
	t.Parallel()
	r := io.MultiReader(strings.NewReader(four), iotest.ErrReader(io.ErrClosedPipe))
	_, err := history.ReadPrices(r, "x.csv", history.Columns{}, history.Options{})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if _, err = history.PricesFile(t.TempDir()+"/none.csv", history.Columns{}, history.Options{}); !strings.Contains(fmt.Sprint(err), "check the path") {
		t.Errorf("got %v", err)
	}
}

func FuzzReadPrices(f *testing.F) {
	f.Add([]byte(four), "", false, uint8(0))
	f.Add([]byte(zip(four)), "unix", true, uint8(1))
	f.Add([]byte("start;price_eur_mwh\r\n2025-03-30 01:00;1,5\r\n2025-03-30 03:00;n/a\r\n"), "", true, uint8(2))
	f.Add([]byte("start,price_usd\n2025-10-26 02:00,1\n2025-10-26 02:00,2\n2025-10-26 03:00,\n"), "", true, uint8(6))
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte, layout string, local bool, bits uint8) {
		c, o := history.Columns{Layout: layout, Currency: ""}, history.Options{}
		if local {
			c.Zone = stockholm
		}
		o.Fill = []series.Fill{"", series.HoldLast, series.SameHourYday, series.Refuse}[bits&3]
		o.Step = []time.Duration{0, 5 * time.Minute, 15 * time.Minute, time.Hour}[bits>>2&3]
		p, err := history.ReadPrices(bytes.NewReader(text), "fuzz.csv", c, o)
		if err != nil {
			if fault, ok := errors.AsType[*history.Fault](err); !ok || fault.What == "" || fault.Remedy == "" {
				t.Fatalf("a fault without words: %v", err)
			}
			return
		}
		if p.Series.Grid.Len() == 0 || len(p.Source.SHA256) != 64 {
			t.Fatalf("read nothing: %+v", p.Source)
		}
		for i := range p.Series.Grid.Len() {
			if v, known := p.Series.Value(i); !known || v < -100_000*unit.PerMWh || v > 100_000*unit.PerMWh {
				t.Fatalf("interval %d is %v, known %v", i, v, known)
			}
		}
	})
}
