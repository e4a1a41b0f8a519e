package data_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/data"
	"sluice/driver/history"
	"sluice/internal/beside"
	"sluice/use/mining"
)

func content(t *testing.T, name string) []byte {
	t.Helper()
	r, err := data.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSumsAndSizeAndReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, name := range data.Names() {
		facts, err := data.Facts(name)
		if err != nil {
			t.Fatal(err)
		}
		b := content(t, name)
		total += len(b)
		digest := sha256.Sum256(b)
		sum := hex.EncodeToString(digest[:])
		_, section, found := strings.Cut(string(readme), "\n## "+name)
		section, _, _ = strings.Cut(section, "\n## ")
		if !found || !strings.Contains(section, "`"+sum+"`") || facts.SHA256 != sum || facts.Bytes != len(b) {
			t.Errorf("%s has the sum %s, which the README or the facts do not have; run internal/pack", name, sum)
		}
		if facts.Synthetic != strings.Contains(name, "synthetic") || facts.Synthetic != strings.Contains(section, "SYNTHETIC") {
			t.Errorf("%s: name, facts and README do not agree on whether it is made up", name)
		}
		if facts.Licence == "" || facts.Content == "" || facts.Units == "" || len(facts.Origin) == 0 || len(facts.Done) == 0 {
			t.Errorf("%s: facts are not complete: %+v", name, facts)
		}
	}
	if total > 2_000_000 {
		t.Errorf("the pack has %d bytes", total)
	}
}

func TestEveryFileOfTheFolderHasFacts(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob("*.csv*")
	if err != nil {
		t.Fatal(err)
	}
	names := data.Names()
	slices.Sort(names)
	if !slices.Equal(found, names) {
		t.Errorf("the folder has %v, the facts have %v", found, names)
	}
}

func TestUnknownName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"nothing.csv", "", "facts.json", "../data.go"} {
		if _, err := data.Open(name); !errors.Is(err, data.ErrUnknown) || !strings.Contains(err.Error(), "houston_rt15") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestPricesAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		steps    []time.Duration
		currency string
		rows     int
		from, to string
	}{
		"houston_rt15_2021-2025.csv.gz":    {[]time.Duration{15 * time.Minute}, "USD", 174_624, "2021-01-08T06:00:00Z", "2026-01-01T06:00:00Z"},
		"se1_synthetic_2025.csv.gz":        {[]time.Duration{15 * time.Minute, time.Hour}, "EUR", 6_551 + 8_836, "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z"},
		"washington_synthetic_2025.csv.gz": {[]time.Duration{time.Hour}, "USD", 8_760, "2025-01-01T08:00:00Z", "2026-01-01T08:00:00Z"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := data.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := history.ReadPrices(r, name, history.Columns{}, history.Options{})
			if err != nil {
				t.Fatal(err)
			}
			facts, err := data.Facts(name)
			if err != nil {
				t.Fatal(err)
			}
			s := p.Source
			if s.SHA256 != facts.SHA256 || s.Rows != c.rows || s.Rows != facts.Rows || string(s.Currency) != c.currency || !slices.Equal(s.Steps, c.steps) ||
				s.First.Format(time.RFC3339) != c.from || s.Last.Format(time.RFC3339) != c.to || s.Filled+s.Missing+s.Duplicates+s.Outside != 0 {
				t.Errorf("read %+v", s)
			}
			negative := 0
			for i := range p.Series.Grid.Len() {
				if v, _ := p.Series.Value(i); v < 0 {
					negative++
				}
			}
			if negative == 0 || negative > p.Series.Grid.Len()/20 {
				t.Errorf("%d of %d prices are negative", negative, p.Series.Grid.Len())
			}
		})
	}
}

func TestSyntheticFilesSaySoInside(t *testing.T) {
	t.Parallel()
	for _, name := range data.Names() {
		if !strings.Contains(name, "synthetic") {
			continue
		}
		r, err := data.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil || !strings.HasPrefix(string(text), "# SYNTHETIC") {
			t.Errorf("%s does not begin with its warning: %v", name, err)
		}
	}
}

func TestAir(t *testing.T) {
	t.Parallel()
	const name = "houston_air_2021-2025.csv.gz"
	r, err := data.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := history.ReadTemperatures(r, name, history.Columns{}, history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Source.Rows != 43_824 || a.Series.Grid.Len() != 43_824 || a.Source.Missing != 0 {
		t.Errorf("read %+v", a.Source)
	}
}

func network(t *testing.T) ([]mining.Network, history.Source) {
	t.Helper()
	const name = "bitcoin_daily_2021-2025.csv"
	r, err := data.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	days, src, err := history.ReadBitcoin(r, name, "USD")
	if err != nil {
		t.Fatal(err)
	}
	return days, src
}

func TestBitcoinSubsidyAndStanding(t *testing.T) {
	t.Parallel()
	days, src := network(t)
	if len(days) != 1826 || src.Estimated != 126 || src.First.Format(time.DateOnly) != "2021-01-01" || src.Last.Format(time.DateOnly) != "2026-01-01" {
		t.Fatalf("read %+v", src)
	}
	halving := time.Date(2024, 4, 20, 0, 0, 0, 0, time.UTC)
	for _, d := range days {
		switch reward := int64(d.Reward); {
		case d.Day.Before(halving) && reward != 625_000_000, d.Day.After(halving) && reward != 312_500_000,
			d.Day.Equal(halving) && (reward <= 312_500_000 || reward >= 625_000_000):
			t.Errorf("%s pays %d satoshi a block", d.Day.Format(time.DateOnly), reward)
		}
	}
}

// TestBitcoinAgainstAnIndependentSeries states how far the pack is from a
// series that may not ship: difficulties equal except on days with a change,
// published prices within 7 % (other hours of closing), estimated ones within
// 11 %, and hashprice too low by the fees that are left out.
func TestBitcoinAgainstAnIndependentSeries(t *testing.T) {
	t.Parallel()
	want, _, err := history.BitcoinFile(beside.Path(t, "data", "btc_daily.csv"), "USD")
	if err != nil {
		t.Fatal(err)
	}
	days, src := network(t)
	want = want[slices.IndexFunc(want, func(n mining.Network) bool { return n.Day.Equal(days[0].Day) }):]
	guessed := days[len(days)-1].Day.AddDate(0, 0, -127)
	var sum, worst, near, ours, theirs float64
	changed := 0
	for i, d := range days {
		w := want[i]
		if !w.Day.Equal(d.Day) {
			t.Fatalf("%s against %s", d.Day, w.Day)
		}
		off := math.Abs(float64(d.Price)/float64(w.Price) - 1)
		if d.Day.Before(guessed) {
			near = max(near, off)
		} else {
			sum, worst = sum+off, max(worst, off)
		}
		ours, theirs = ours+d.Hashprice().Float(), theirs+w.Hashprice().Float()
		if d.Difficulty == w.Difficulty {
			continue
		}
		changed++
		if i > 0 && i+1 < len(days) && days[i-1].Difficulty == d.Difficulty && days[i+1].Difficulty == d.Difficulty {
			t.Errorf("%s has difficulty %d, not %d, and no change is near", d.Day.Format(time.DateOnly), d.Difficulty, w.Difficulty)
		}
	}
	mean := sum / float64(src.Estimated)
	t.Logf("published within %.4f, estimated mean %.4f worst %.4f, hashprice %.4f, difficulty differs on %d days", near, mean, worst, ours/theirs-1, changed)
	if near > 0.07 || mean > 0.043 || worst > 0.11 || changed > 131 || ours/theirs < 0.93 || ours > theirs {
		t.Error("the pack is further from the market than its README says")
	}
}

// TestNothingForbiddenWasTakenAlong checks that the maker of the pack names no
// file that the collection marks as not to be shipped.
func TestNothingForbiddenWasTakenAlong(t *testing.T) {
	t.Parallel()
	readme := beside.Read(t, "data", "README.md")
	sources, err := filepath.Glob("../internal/pack/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`source\(from, "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			named[m[1]] = true
		}
	}
	if len(named) != 8 {
		t.Errorf("the pack is made from %d files: %v", len(named), named)
	}
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) < 6 {
			continue
		}
		for name := range named {
			if forbidden(cells[1], cells[5], name) {
				t.Errorf("%s must not ship: %s", name, cells[5])
			}
		}
	}
}

// forbidden reads one line of the collection's README. Where it lists several
// files and as many licences, they belong together in order.
func forbidden(files, licences, name string) bool {
	names, terms := strings.Split(files, ","), strings.Split(licences, " / ")
	for i, n := range names {
		if strings.TrimSpace(n) != name {
			continue
		}
		if len(names) == len(terms) {
			return strings.Contains(terms[i], "(T)")
		}
		return strings.Contains(licences, "(T)")
	}
	return false
}
