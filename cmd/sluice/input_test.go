package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sluice/replay"
	"sluice/replay/report"
	"sluice/unit"
)

// euroSite is a small site billed in euros.
func euroSite(t *testing.T) string {
	t.Helper()
	_, text, _ := call(t, "site", "example", "sweden-se1")
	return write(t, "euro.yaml", text)
}

// loaded reads the inputs of a replay, as the flags would say them.
func loaded(t *testing.T, in source) *replay.Setup {
	t.Helper()
	if in.interval == 0 {
		in.interval = 15 * time.Minute
	}
	if in.lag == 0 {
		in.lag = 1
	}
	s, err := in.load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestExactlyThePeriod: a price file that covers just the period asked for is
// enough: the replay begins when the first price is known, and says so.
func TestExactlyThePeriod(t *testing.T) {
	t.Parallel()
	prices := write(t, "prices.csv", quarters(one))
	for sentence, c := range map[string]struct {
		from  string
		lag   int
		start string
		note  string
	}{
		"from the first price on":          {"2025-03-01T00:00Z", 1, "2025-03-01T00:15Z", "The first interval is left out: no price was known yet"},
		"with a lag of three":              {"2025-03-01T00:00:00Z", 3, "2025-03-01T00:45Z", "The first 3 intervals are left out: no price was known yet"},
		"from the second, with a lag of 3": {"2025-03-01T00:15Z", 3, "2025-03-01T00:45Z", "The first 2 intervals are left out: no price was known yet"},
		"from when it is known":            {"2025-03-01T00:15Z", 1, "2025-03-01T00:15Z", ""},
		"an instant with an offset":        {"2025-03-01T06:00-06:00", 1, "2025-03-01T12:00Z", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			s := loaded(t, source{site: "houston", prices: prices, from: c.from, to: "2025-03-02T00:00Z", lag: c.lag})
			if got := instantText(s.From); got != c.start {
				t.Errorf("begins at %s, want %s", got, c.start)
			}
			notes := strings.Join(s.Notes, "\n")
			if !strings.Contains(notes, c.note) || c.note == "" && strings.Contains(notes, "no price was known yet") {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// TestSuggestionsAreTaken: whatever period a refusal suggests is taken.
func TestSuggestionsAreTaken(t *testing.T) {
	t.Parallel()
	prices := write(t, "prices.csv", quarters(one))
	bitcoin := write(t, "bitcoin.csv", `date,price_usd,difficulty,reward_per_block_btc
2025-03-01,90000,110568428300952,3.125
2025-03-02,90000,110568428300952,3.125
2025-03-03,90000,110568428300952,3.125
`)
	flags := regexp.MustCompile(`--from (\S+) --to (\S+Z)`)
	for sentence, c := range map[string]struct {
		args []string
		says string
	}{
		"before the prices":               {[]string{"--from", "2025-02-01", "--to", "2025-03-02"}, "prices cover"},
		"after the prices":                {[]string{"--from", "2025-03-02", "--to", "2025-06-01"}, "prices cover"},
		"bitcoin without the day before":  {[]string{"--bitcoin", bitcoin, "--from", "2025-03-01", "--to", "2025-03-03"}, "the day before"},
		"everything ends before the from": {[]string{"--from", "2025-06-01"}, "the prices end at 2025-03-04T00:00Z, before --from 2025-06-01"},
		"bitcoin ends before the from":    {[]string{"--bitcoin", bitcoin, "--from", "2025-03-04T00:00Z"}, "the bitcoin data end at 2025-03-04T00:00Z"},
		"the period ends before the data": {[]string{"--to", "2025-02-01"}, "after --to 2025-02-01"},
		"bitcoin begins after the to":     {[]string{"--bitcoin", bitcoin, "--to", "2025-03-01T12:00Z"}, "the bitcoin data allow a replay from 2025-03-02T00:00Z on"},
		"the shipped temperatures end":    {[]string{"--air", "houston_air_2021-2025.csv.gz", "--from", "2026-02-01"}, "the temperatures end at 2026-01-01T00:00Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, out, errs := call(t, append([]string{"replay", "--site", "houston", "--prices", prices, "--run", t.TempDir()}, c.args...)...)
			if code != exitBadInput || out != "" || !strings.Contains(errs, c.says) {
				t.Fatalf("exit code %d, %q is missing in: %s", code, c.says, errs)
			}
			m := flags.FindStringSubmatch(errs)
			if m == nil {
				t.Fatalf("no period is suggested: %s", errs)
			}
			in := source{site: "houston", prices: prices, from: m[1], to: m[2]}
			for i, a := range c.args {
				switch a {
				case "--bitcoin":
					in.bitcoin = c.args[i+1]
				case "--air":
					in.air = c.args[i+1]
				}
			}
			if s := loaded(t, in); instantText(s.From) != m[1] || instantText(s.To) != m[2] {
				t.Errorf("%s to %s became %v to %v", m[1], m[2], s.From, s.To)
			}
		})
	}
}

// TestRefusedFlags: what cannot be meant is refused with a remedy.
func TestRefusedFlags(t *testing.T) {
	t.Parallel()
	prices := write(t, "prices.csv", quarters(one))
	euros := write(t, "euros.csv", strings.Replace(quarters(one), "price", "price_eur_per_mwh", 1))
	for sentence, c := range map[string]struct {
		args []string
		says []string
	}{
		"an instant off the grid":             {[]string{"--from", "2025-03-02T06:07:00Z"}, []string{"--from 2025-03-02T06:07:00Z lies inside an interval of 15m0s", "2025-03-02T06:00Z", "2025-03-02T06:15Z"}},
		"a rate that is no number":            {[]string{"--fx", "abc"}, []string{`--fx "abc"`, "1.08"}},
		"a rate of nothing":                   {[]string{"--fx", "0"}, []string{`--fx "0"`}},
		"a rate beyond reason":                {[]string{"--fx", "1e9"}, []string{`--fx "1e9"`}},
		"a rate that nothing needs":           {[]string{"--fx", "1.08", "--currency", "USD"}, []string{"--fx 1.08 is not needed", "USD", "leave it out"}},
		"a currency that does not exist":      {[]string{"--currency", "XYZ"}, []string{`--currency "XYZ"`, "EUR"}},
		"prices in euros without a rate":      {[]string{"--prices", euros, "--currency", "EUR"}, []string{"prices are in EUR", "give --fx with US dollars per EUR"}},
		"no thread":                           {[]string{"--threads", "-2"}, []string{"--threads -2", "1 or more"}},
		"a column that resembles none":        {[]string{"--price-column", "LMP"}, []string{`no column "LMP"`, `"time", "price"`, "name one of them"}},
		"a column with a slip of the hand":    {[]string{"--price-column", "prise"}, []string{`did you mean "price"?`}},
		"a day that is none":                  {[]string{"--from", "yesterday"}, []string{`--from "yesterday"`, "2025-01-01T06:00Z"}},
		"a rate between two other currencies": {[]string{"--site", "sweden-se1", "--currency", "SEK", "--fx", "0.1"}, []string{"SEK", "EUR", "to or from USD only"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			code, out, errs := call(t, append([]string{"replay", "--site", "houston", "--prices", prices, "--run", t.TempDir()}, c.args...)...)
			refused(t, code, out, strings.ReplaceAll(errs, `\n`, ""), c.says)
		})
	}
}

// TestDollarPricesAtAEuroSite: --fx converts both ways, exactly.
func TestDollarPricesAtAEuroSite(t *testing.T) {
	t.Parallel()
	prices := write(t, "prices.csv", strings.Replace(quarters(one), "price", "price_usd_per_mwh", 1))
	in := source{site: euroSite(t), prices: prices, fx: "1.08", from: "2025-03-02T00:00Z", to: "2025-03-02T02:00Z"}
	s := loaded(t, in)
	if v, _ := s.Prices.Value(7); v != unit.Price(27_777_778) { // 30 / 1.08 = 27.777 777 7...
		t.Errorf("30 USD are %d millionths of a euro", v)
	}
	if s.FX != "1 EUR = 1.08 USD" {
		t.Errorf("the rate reads %q", s.FX)
	}
	in.prices, in.site, in.currency = write(t, "prices.csv", quarters(one)), "houston", "eur"
	s = loaded(t, in)
	if v, _ := s.Prices.Value(7); v != unit.Price(32_400_000) {
		t.Errorf("30 EUR are %d millionths of a dollar", v)
	}
}

// TestWhatWasDoneIsSaid: the report says what was done to the rows of a file
// and who vouches for it.
func TestWhatWasDoneIsSaid(t *testing.T) {
	t.Parallel()
	period := func(prices string, interval time.Duration) source {
		return source{site: "houston", prices: write(t, "prices.csv", prices), from: "2025-03-02T00:00Z", to: "2025-03-02T02:00Z", interval: interval}
	}
	for sentence, c := range map[string]struct {
		in   source
		says string
	}{
		"a row twice":        {period(quarters(func(r string) []string { return []string{r, r} }), 0), "as given by the caller; 1 repeated row left out"},
		"hours on quarters":  {period(rows(3*24, time.Hour, nil), 0), "as given by the caller; 288 quarter hours share the value of an hour"},
		"two months of them": {period(rows(60*24, time.Hour, nil), 0), "5,760 quarter hours share the value of an hour"},
		"quarters on hours":  {period(quarters(one), time.Hour), "72 hours are the mean of several values"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			for _, src := range loaded(t, c.in).Sources {
				if src.Role == report.PriceRole && !strings.Contains(src.Note, c.says) {
					t.Errorf("the note reads %q, want %q", src.Note, c.says)
				}
			}
		})
	}
}

// TestEstimatedDaysOfThePeriod: bitcoin prices are estimated only where the
// period uses a day that is marked so.
func TestEstimatedDaysOfThePeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		standing report.Standing
		note     string
	}{
		{"2025-05-01T00:00Z", "2025-05-02T00:00Z", report.Published, ""},
		{"2025-08-25T00:00Z", "2025-08-26T00:00Z", report.Published, ""},
		{"2025-08-25T00:00Z", "2025-08-26T00:15Z", report.Estimated, "1 day of the period is marked as estimated"},
		{"2025-08-27T00:00Z", "2025-08-28T00:00Z", report.Estimated, "2 days of the period are marked as estimated"},
	} {
		t.Run(c.from+" "+c.to, func(t *testing.T) {
			t.Parallel()
			s := loaded(t, source{site: "houston", from: c.from, to: c.to})
			for _, src := range s.Sources {
				if src.Role == report.HashpriceRole && (src.Standing != c.standing || src.Note != c.note) {
					t.Errorf("%s with note %q, want %s with %q", src.Standing, src.Note, c.standing, c.note)
				}
			}
		})
	}
}

// TestRunOfAnother: a folder with papers of another run is left as it is.
func TestRunOfAnother(t *testing.T) {
	t.Parallel()
	s, err := day()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for _, from := range []string{"2025-05-06T22:15Z", "2025-07-01T00:00Z"} {
		code, out, errs := call(t, "replay", "--site", "houston", "--from", from, "--to", "2025-07-02T00:00Z", "--run", dir)
		refused(t, code, out, errs, []string{"papers of another run, of 2025-05", "another folder", "the same command"})
	}
	if after := contents(t, dir); after != before {
		t.Errorf("the folder held\n%s\nand holds\n%s", before, after)
	}
}

// contents is every file of a folder with its size and time.
func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		i, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, e.Name(), i.Size(), i.ModTime())
	}
	return b.String()
}

// TestSiteWithoutPlace: a site that names no place is told without one.
func TestSiteWithoutPlace(t *testing.T) {
	t.Parallel()
	_, text, _ := call(t, "site", "example", "houston")
	path := write(t, "site.yaml", regexp.MustCompile(`(?m)^place:.*\n`).ReplaceAllString(text, ""))
	code, out, errs := call(t, "site", "check", path)
	if first, _, _ := strings.Cut(out, "\n"); code != exitOK || strings.Contains(first, ", :") || !strings.HasPrefix(first, "houston: ") {
		t.Errorf("exit code %d, begins with %q: %s", code, first, errs)
	}
}
