package surplusfile_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/driver/surplusfile"
)

// year is a file of twelve months from one on, with rows put in the place of some.
func year(change map[int]string) string {
	var b strings.Builder
	b.WriteString("month,mwh\n")
	for i := range 12 {
		row, other := change[i]
		if !other {
			row = fmt.Sprintf("2024-%02d,%d\n", i+1, 100*i)
		}
		b.WriteString(row)
	}
	return b.String()
}

// TestExample: the shipped season says that it is made up, and is a season.
func TestExample(t *testing.T) {
	t.Parallel()
	f, err := surplusfile.Load("spill")
	if err != nil {
		t.Fatal(err)
	}
	season, years := f.Season()
	if !f.MadeUp || len(f.Rows) != 60 || years[0] != 5 || season[0] != 0 || season[11] != 0 || len(f.SHA256) != 64 {
		t.Errorf("%+v, %v", f.Rows[0], years)
	}
	for i, x := range season {
		if x > season[5] {
			t.Errorf("month %d has more than June: %v", i+1, x)
		}
	}
	if first := f.Rows[0]; first.Line != 6 || first.Month != capital.Month(2021*12) {
		t.Errorf("%+v", first)
	}
}

// TestSeason: calendar months are means over the years that have them.
func TestSeason(t *testing.T) {
	t.Parallel()
	text := "month,mwh\n2023-11,10\n2023-12,20\n" + strings.TrimPrefix(year(nil), "month,mwh\n") + "2025-01,40\n"
	f, err := surplusfile.Read(strings.NewReader("\xef\xbb\xbf"+strings.ReplaceAll(text, "\n", "\r\n")), "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	mwh, years := f.Season()
	if mwh[0] != 20 || years[0] != 2 || mwh[10] != 505 || mwh[11] != 560 || mwh[1] != 100 || years[1] != 1 || f.MadeUp {
		t.Error(mwh, years)
	}
}

// TestFaults: what is wrong is told with its line and what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct{ text, want string }{
		"an empty file":              {"", "no header with commas: month,mwh"},
		"comments alone":             {"# nothing\n", "no header"},
		"another column":             {"month,kwh\n", `column "kwh" is not known`},
		"a column too few":           {"month\n", `column "mwh" is missing`},
		"a header and no more":       {"month,mwh\n", "0 months are there and 12 are needed"},
		"eleven months":              {year(map[int]string{11: ""}), "x.csv, line 12: 11 months are there and 12 are needed"},
		"a month left out":           {year(map[int]string{4: ""}), "line 6: month 2024-05 is expected here, not 2024-06: a month without surplus is written as 0"},
		"a month twice":              {year(map[int]string{4: "2024-04,7\n"}), "line 6: month 2024-04 stands twice, in line 5 too"},
		"a month too early":          {year(map[int]string{4: "2024-01,7\n"}), "line 6: month 2024-01 comes after 2024-04: sort the rows"},
		"a month of words":           {year(map[int]string{4: "May,7\n"}), `line 6: month "May": write a year and a month`},
		"energy below nought":        {year(map[int]string{4: "2024-05,-7\n"}), `line 6: mwh "-7": surplus is not negative: write 0`},
		"no energy":                  {year(map[int]string{4: "2024-05,\n"}), `line 6: mwh "": is missing: write 0`},
		"energy that is no number":   {year(map[int]string{4: "2024-05,NaN\n"}), "write a plain number with a point"},
		"energy without end":         {year(map[int]string{4: "2024-05,Inf\n"}), "write a plain number"},
		"energy in hexadecimal":      {year(map[int]string{4: "2024-05,0x10\n"}), "write a plain number"},
		"energy with an exponent":    {year(map[int]string{4: "2024-05,1e3\n"}), "write a plain number"},
		"energy with a decimal mark": {year(map[int]string{4: "2024-05,\"1,5\"\n"}), "write a plain number with a point"},
		"energy with a bare point":   {year(map[int]string{4: "2024-05,5.\n"}), "write a plain number with a point"},
		"energy in kWh":              {year(map[int]string{4: "2024-05,200000000\n"}), "is it in kWh? divide by 1000"},
		"a cell too many":            {year(map[int]string{4: "2024-05,7,8\n"}), "line 6: 3 cells, and 2 columns"},
		"a season of nothing":        {"month,mwh\n" + noughts(), "no month has any surplus"},
		"hours instead of months":    {strings.Repeat("#", 1<<20) + "\nmonth,mwh\n", "a row is a month, not an hour"},
		"a comment moves no line":    {"# one\n# two\n" + year(map[int]string{0: "x,1\n"}), "line 4: month"},
	} {
		_, err := surplusfile.Read(strings.NewReader(c.text), "x.csv")
		if !errors.Is(err, surplusfile.ErrFile) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "x.csv") {
			t.Errorf("%s: %v, want %q", sentence, err, c.want)
		}
	}
	two := year(map[int]string{2: "March,1\n", 3: "2024-04,-1\n"})
	if _, err := surplusfile.Read(strings.NewReader(two), "x.csv"); err == nil || strings.Count(err.Error(), "line ") < 2 {
		t.Errorf("two faults: %v", err)
	}
}

func noughts() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "2024-%02d,0\n", i+1)
	}
	return b.String()
}

// TestLoad: a word is an example, anything else a path.
func TestLoad(t *testing.T) {
	t.Parallel()
	if _, err := surplusfile.Load("flood"); !errors.Is(err, surplusfile.ErrFile) || !strings.Contains(err.Error(), "there is spill") || !strings.Contains(err.Error(), "./flood.csv") {
		t.Error(err)
	}
	if _, err := surplusfile.Load("./nowhere.csv"); !errors.Is(err, surplusfile.ErrFile) || !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "mine.csv")
	if err := os.WriteFile(path, []byte(year(nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := surplusfile.Load(path); err != nil || f.Name != path || f.MadeUp {
		t.Error(f, err)
	}
}

// FuzzRead: whatever is read is months that follow each other with energies that are
// numbers, and reads again to the same.
func FuzzRead(f *testing.F) {
	example, err := surplusfile.Example("spill")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	f.Add(year(nil))
	f.Add(year(map[int]string{4: "2024-05,NaN\n"}))
	f.Add("month,mwh\n\"2024-01\",1\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := surplusfile.Read(strings.NewReader(text), "x")
		if err != nil {
			if !errors.Is(err, surplusfile.ErrFile) {
				t.Fatal(err)
			}
			return
		}
		season, years := got.Season()
		for i, x := range season {
			if math.IsNaN(x) || x < 0 || years[i] < 1 {
				t.Fatal(season, years)
			}
		}
		again := "month,mwh\n"
		for i, r := range got.Rows {
			if i > 0 && r.Month != got.Rows[i-1].Month+1 {
				t.Fatalf("%s follows %s", r.Month, got.Rows[i-1].Month)
			}
			again += r.Month.String() + "," + strconv.FormatFloat(r.MWh, 'f', -1, 64) + "\n"
		}
		if _, err := surplusfile.Read(strings.NewReader(again), "x"); err != nil {
			t.Fatal(err)
		}
	})
}
