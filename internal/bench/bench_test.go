package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/power"
	"sluice/replay/report"
	"sluice/series"
	"sluice/unit"
	"sluice/use"
)

func TestAWrongCallSaysHowToCall(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"everything"}, {"replay", "-years", "1999"}, {"peers", "-turns", "1"}} {
		var said bytes.Buffer
		if code := run(t.Context(), args, &said, &said); code != 2 || !strings.Contains(said.String(), "usage") {
			t.Errorf("%v: exit code %d and %q", args, code, said.String())
		}
	}
}

func TestABrokenPromiseIsAnError(t *testing.T) {
	t.Parallel()
	b := &bench{out: t.TempDir(), stdout: new(bytes.Buffer)}
	good, bad := newTable("good"), newTable("bad")
	good.add(figure{Name: "memory", Value: 500, Unit: "MB"}.atMost(500))
	bad.add(figure{Name: "memory", Value: 501, Unit: "MB"}.below("promise", 500).atMost(500))
	if err := b.publish(good); err != nil {
		t.Error(err)
	}
	if err := b.publish(bad); err == nil || !strings.Contains(err.Error(), "memory is 501 MB, promised <= 500") {
		t.Errorf("a broken promise gave %v", err)
	}
	if printed := b.stdout.(*bytes.Buffer).String(); !strings.Contains(printed, "promise 500") || !strings.Contains(printed, "BROKEN") {
		t.Errorf("printed\n%s", printed)
	}
}

func TestNumbersAreShort(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0: "0", 24: "24", 35040: "35040", 28676891.4: "28676891", 0.80456: "0.8046", -0.09668: "-0.09668", 1.07e-11: "1.07e-11"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

// year makes a season whose months begin at the given instants.
func year(y int, parts ...report.Month) season {
	s := season{year: y, pack: "shipped", r: &report.Report{Months: parts}}
	s.r.Policies = []report.Policy{{ID: report.Always}, {ID: report.Sluice}}
	s.r.Period.To = time.Date(y+1, 1, 1, 0, 0, 0, 0, time.UTC)
	return s
}

func stub(label, start string, always, ours, revenue unit.Amount) report.Month {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	return report.Month{Label: label, Start: at, Net: []unit.Amount{always * unit.Unit, ours * unit.Unit}, Revenue: revenue * unit.Unit}
}

func TestMonthsAreJoinedAcrossYears(t *testing.T) {
	t.Parallel()
	all := []season{
		year(2023, stub("2023-12", "2023-12-01T06:00:00Z", 1000, 999, 2000)),
		year(2024, stub("2023-12", "2024-01-01T00:00:00Z", 10, 6, 20), stub("2024-01", "2024-01-01T06:00:00Z", 1000, 1100, 2000)),
	}
	got := months(all)
	if len(got) != 2 || got[0].hours != 744 || math.Abs(got[0].short()-100*5.0/2020) > 1e-9 || got[1].short() != -5 {
		t.Errorf("months %+v", got)
	}
	figures := monthFigures(all)
	if figures[0].Value != 1 || !figures[0].Broken || !figures[1].Broken || figures[1].Name != "2023-2024 shipped worst month 2023-12" {
		t.Errorf("figures %+v", figures)
	}
}

func TestAFewHoursAreNoMonth(t *testing.T) {
	t.Parallel()
	all := []season{year(2024, stub("2023-12", "2024-01-01T00:00:00Z", 10, 6, 20), stub("2024-01", "2024-01-01T06:00:00Z", 1000, 1100, 2000))}
	f := monthFigures(all)[0]
	if f.Value != 0 || f.Unit != "of 1 months" || !strings.Contains(f.How, "left out: 2023-12 (6 h)") {
		t.Errorf("figure %+v", f)
	}
}

func TestChosenTurnsSpreadAndTakeTheDearestDays(t *testing.T) {
	t.Parallel()
	prices := make(report.Trace, 96*30)
	prices[96*4+50], prices[96*4+51], prices[96*20+3] = 900, 800, 500
	got := chosen(prices, 96, 6, 3)
	if len(got) != 6 || !slices.IsSorted(got) {
		t.Fatalf("chosen %v", got)
	}
	for _, want := range []int{3, 96*4 + 51, 96*20 + 5, len(prices) - 1} {
		if !slices.Contains(got, want) {
			t.Errorf("%d is not among %v", want, got)
		}
	}
}

func TestSamplesGoToTheirParts(t *testing.T) {
	t.Parallel()
	const traces = `File: bench
Type: cpu
-----------+-------------------------------------------------------
   program:  turns
     700ms   runtime._ExternalCode
             runtime._System
-----------+-------------------------------------------------------
      50ms   runtime.mallocgc
             sluice/loop/forecast.(*Desk).Outlook (inline)
             sluice/loop.(*Wheel).Open
-----------+-------------------------------------------------------
     200ms   compress.block
             sluice/replay.(*pen).Write
             sluice/replay.(*turner).play
-----------+-------------------------------------------------------
      50ms   runtime.futex
-----------+-------------------------------------------------------
`
	sums, total, err := sumTraces(strings.NewReader(traces))
	want := map[string]float64{"solving turns": 700, "forecast": 50, "papers": 200, "the runtime": 50}
	if diff := cmp.Diff(want, sums); diff != "" || total != 1000 || err != nil {
		t.Errorf("total %v, %v, -want +got\n%s", total, err, diff)
	}
}

func TestBenchmarkLinesAreRead(t *testing.T) {
	t.Parallel()
	const text = `goos: linux
BenchmarkCompile-2          	       1	2000000000 ns/op
BenchmarkStartFromCache-2   	      10	  50000000 ns/op	  12 B/op	  3 allocs/op
PASS
`
	all, err := readBenchmarks(strings.NewReader(text), "solve")
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if want := (benchmark{pkg: "solve", name: "StartFromCache", ns: 5e7, bytes: 12, allocs: 3}); all[1] != want {
		t.Errorf("%+v, want %+v", all[1], want)
	}
	if y, against := yardstickOf(all[1], all); y == nil || y.says != "compiled" || against != 2e9 {
		t.Errorf("yardstick %v, %v", y, against)
	}
}

func TestARenamedBenchmarkIsNoticed(t *testing.T) {
	t.Parallel()
	var all []benchmark
	for _, y := range yardsticks() {
		all = append(all, benchmark{pkg: y.pkg, name: y.name, ns: 1}, benchmark{pkg: y.pkg, name: y.against, ns: 2})
	}
	if err := lacking(all); err != nil {
		t.Error(err)
	}
	if err := lacking(all[2:]); err == nil || !strings.Contains(err.Error(), yardsticks()[0].name) {
		t.Errorf("a benchmark that was not run gave %v", err)
	}
}

func TestEveryYardstickIsABenchmarkOfItsPackage(t *testing.T) {
	t.Parallel()
	for _, y := range yardsticks() {
		found := false
		for _, pkg := range measured() {
			found = found || pkg == "./"+y.pkg
		}
		if !found {
			t.Errorf("%s.%s is never measured", y.pkg, y.name)
		}
	}
}

func TestWhatThePeersDoNotModelIsRefused(t *testing.T) {
	t.Parallel()
	in := rolling(t)
	if _, err := problemOf(in); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*use.Bid){
		"whole":         func(b *use.Bid) { b.Whole = true },
		"floor":         func(b *use.Bid) { b.Floor = series.Flat(unit.Megawatt) },
		"ramp":          func(b *use.Bid) { b.Ramp = unit.Megawatt },
		"not available": func(b *use.Bid) { b.Available = series.Flat(unit.Ratio(0)) },
	} {
		bad := in
		bad.Bids = append([]use.Bid(nil), in.Bids...)
		spoil(&bad.Bids[0])
		if _, err := problemOf(bad); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in.Charges.Peaks = []power.Peak{{}}
	if _, err := problemOf(in); err == nil {
		t.Error("a demand charge is left out silently")
	}
}
