package learned

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/device"
	"sluice/loop/commission"
	"sluice/use/mining"
)

// record is a sound record of one machine, measured day days after the first.
func record(day int, low, high int64) commission.Record {
	return commission.Record{
		At: time.Date(2026, 5, 1+day, 12, 0, 0, 0, time.UTC), Address: "10.20.0." + string(rune('1'+day)), Family: device.LuxOS, Maker: "Bitmain", Model: "Antminer S19k Pro", Firmware: "LuxOS 2025.1",
		Verdict: commission.Learned, Standing: commission.ByMeter, Resolution: 40, Interval: 1000, Sleep: new(9000 + int64(day)), Residual: new(int64(26)),
		Wakes: []commission.WakeTimes{{Dark: 0, FirstHash: new(int64(20_000)), Ninety: new(int64(110_000)), Steady: 118_000 + int64(day)}, {Fast: true, Steady: 9000}},
		Points: []commission.Point{
			{Label: "290MHz", Asked: new(int64(1188)), Metered: new(low), Stated: new(int64(1051)), Hash: new(int64(59_800)), Settle: new(int64(10_000))},
			{Label: "590MHz", Asked: new(int64(2794)), Metered: new(high), Stated: new(int64(2600)), Hash: new(int64(121_800))},
		},
	}
}

// TestFigure is the middle of several values, with the worked number of the page.
func TestFigure(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		values []int64
		want   *Figure
	}{
		"none":                              {nil, nil},
		"one":                               {[]int64{7}, &Figure{7, 0, 1}},
		"three":                             {[]int64{9, 1, 5}, &Figure{5, 8, 3}},
		"the newer of two":                  {[]int64{3, 8}, &Figure{8, 5, 2}},
		"the page's worked number":          {[]int64{2790, 2810, 2850, 2794}, &Figure{2794, 60, 4}},
		"an outlier moves it hardly at all": {[]int64{10, 11, 12, 13, 99_999}, &Figure{12, 99_989, 5}},
	} {
		if d := cmp.Diff(c.want, figure(c.values)); d != "" {
			t.Errorf("%s: %s", sentence, d)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Int64Range(-1000, 1000), 1, 20).Draw(t, "values")
		f, below, above := figure(v), 0, 0
		for _, x := range v {
			if x < f.Value {
				below++
			}
			if x > f.Value {
				above++
			}
		}
		if below > len(v)/2 || above > len(v)/2 {
			t.Fatalf("%d of %v is not the middle", f.Value, v)
		}
	})
}

// TestAddAndLoad: what was added is read back, also behind a line without an end,
// and a failed addition leaves the file as it was.
func TestAddAndLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "learned.json")
	want := []commission.Record{record(0, 1200, 2810), record(1, 1210, 2800)}
	for _, r := range want {
		if err := Add(name, r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil || bytes.Count(text, []byte("\n")) != 2 {
		t.Fatalf("%v: %s", err, text)
	}
	if err := os.WriteFile(name, bytes.TrimSuffix(text, []byte("\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	want = append(want, record(2, 1190, 2790))
	if err := Add(name, want[2]); err != nil {
		t.Fatal(err)
	}
	got, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if err := Add(filepath.Join(dir, "none", "learned.json"), want[0]); err == nil {
		t.Error("added to a folder that is not there")
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".learned-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestNonsense: every fault is named with its line.
func TestNonsense(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*commission.Record)
		says   string
	}{
		"no model":             {func(r *commission.Record) { r.Model = " " }, "no model"},
		"no date":              {func(r *commission.Record) { r.At = time.Time{} }, "no date"},
		"no verdict":           {func(r *commission.Record) { r.Verdict = "" }, "no verdict"},
		"no resolution":        {func(r *commission.Record) { r.Resolution = 0 }, "without a resolution"},
		"an odd standing":      {func(r *commission.Record) { r.Standing = "guessed" }, "standing"},
		"an odd cooling":       {func(r *commission.Record) { r.Cooling = "wind" }, "cooling"},
		"kilowatts for watts":  {func(r *commission.Record) { r.Points[0].Metered = new(int64(3)) }, "point 1"},
		"a power below zero":   {func(r *commission.Record) { r.Points[1].Metered = new(int64(-5)) }, "point 2: metered_w is -5"},
		"a whole group":        {func(r *commission.Record) { r.Points[1].Stated = new(int64(3_000_000)) }, "point 2: stated_w"},
		"a sleep before it":    {func(r *commission.Record) { r.Sleep = new(int64(-1)) }, "sleep_ms"},
		"a wake before it":     {func(r *commission.Record) { r.Wakes[0].Steady = -1 }, "less than no time"},
		"a hash rate below 0":  {func(r *commission.Record) { r.Points[0].Hash = new(int64(-1)) }, "below zero"},
		"a residual below 0":   {func(r *commission.Record) { r.Residual = new(int64(-3)) }, "residual_w"},
		"hashes in other unit": {func(r *commission.Record) { r.Points[0].Hash = new(int64(59_800_000)) }, "no efficiency"},
	} {
		bad := record(0, 1200, 2800)
		c.change(&bad)
		name := filepath.Join(t.TempDir(), "x.json")
		for _, r := range []commission.Record{record(1, 1200, 2800), bad} {
			if err := Add(name, r); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), "x.json:2: ") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want line 2 and %q", sentence, err, c.says)
		}
	}
	_, err := Read("x.json", strings.NewReader("not json\n\n{}\n"))
	if err == nil || !strings.Contains(err.Error(), "x.json:1: ") || !strings.Contains(err.Error(), "x.json:3: ") {
		t.Errorf("both lines at once: %v", err)
	}
	if _, err := Read("x.json", strings.NewReader(strings.Repeat("a", lineMost+2))); err == nil {
		t.Error("a line without an end was taken")
	}
}

// TestMerge joins machines, leaves failures out, and lets a meter weigh more than words.
func TestMerge(t *testing.T) {
	t.Parallel()
	failed := record(3, 1, 1)
	failed.Verdict, failed.Points = commission.Disobeys, []commission.Point{}
	word := record(4, 0, 0)
	word.Standing, word.Points[0].Metered, word.Points[1].Metered = commission.ByWordOnly, nil, nil
	other := record(5, 1300, 2900)
	other.Firmware = "LuxOS 2026.2"
	got := Merge([]commission.Record{word, record(2, 1190, 2790), failed, record(0, 1200, 2810), other, record(1, 1260, 2850)})
	if len(got) != 2 || got[0].Firmware != "LuxOS 2025.1" || got[1].Firmware != "LuxOS 2026.2" {
		t.Fatalf("%+v", got)
	}
	m := got[0]
	if m.Units != 3 || m.Failed != 1 || m.Standing != commission.ByMeter || len(m.Points) != 2 {
		t.Errorf("%+v", m)
	}
	want := Point{Label: "590MHz", Power: Figure{2810, 60, 3}, Hash: Figure{121_800, 0, 3}, Confidence: mining.Measured}
	if d := cmp.Diff(want, m.Points[1]); d != "" {
		t.Error(d)
	}
	if m.Sleep.Value != 9001 || m.Steady.Value != 118_001 || m.Fast.Value != 9000 || m.Boot != nil || m.Dark.Value != 0 {
		t.Errorf("%+v", m)
	}
	only := Merge([]commission.Record{word})[0]
	if only.Standing != commission.ByWordOnly || only.Points[0].Confidence != mining.FirmwareReported || only.Points[0].Power.Value != 1051 {
		t.Errorf("%+v", only)
	}
}

// TestCurves makes models that validate, one for each name, and the newest of a
// maker's own firmware is the one that needs no name.
func TestCurves(t *testing.T) {
	t.Parallel()
	hydro, stock, newer := record(1, 1180, 2700), record(2, 1200, 2800), record(3, 1210, 2810)
	hydro.Cooling = mining.Hydro
	stock.Model, stock.Family, stock.Firmware = "M50S", device.WhatsMiner, "v1"
	newer.Model, newer.Family, newer.Firmware = "M50S", device.WhatsMiner, "v2"
	falls := record(4, 1200, 2800)
	falls.Model, falls.Points[0].Hash = "odd", new(int64(130_000)) // a low level that hashes more: the high one earns nothing
	models := Curves(Merge([]commission.Record{record(0, 1200, 2800), hydro, stock, newer, falls}))
	var names []string
	for _, m := range models {
		names = append(names, m.Name)
		if err := m.Validate(); err != nil {
			t.Error(err)
		}
		for _, c := range m.Curves {
			names = append(names, " "+c.Firmware)
		}
	}
	want := []string{"Antminer S19k Pro (air)", " LuxOS 2025.1", "Antminer S19k Pro (hydro)", " LuxOS 2025.1", "M50S", " v1", " ", "odd", " LuxOS 2025.1"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
	if c := models[3].Curves[0]; len(c.Points) != 1 || c.Points[0].Label != "290MHz" {
		t.Errorf("a point that earns less for more was kept: %+v", c)
	}
	var out strings.Builder
	if err := Snippet(&out, models); err != nil || !strings.Contains(out.String(), "hashrate_ths: 59.800") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if err := Snippet(&out, []mining.Model{{Name: "empty"}}); err == nil {
		t.Error("a model without anything was written")
	}
}

// FuzzRead: whatever is read is refused or makes models that validate.
func FuzzRead(f *testing.F) {
	var good bytes.Buffer
	for _, r := range []commission.Record{record(0, 1200, 2800), record(1, 1300, 2900)} {
		name := filepath.Join(f.TempDir(), "x")
		if err := Add(name, r); err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		good.Write(text)
	}
	f.Add(good.Bytes())
	f.Add([]byte("{}\nnull\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		records, err := Read("x", bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, m := range Curves(Merge(records)) {
			if err := m.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
