package peerfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sluice/capital/peer"
	"sluice/driver/peerfile"
	"sluice/internal/beside"
)

const (
	head   = "company,period,metric,value,unit,source,note\n"
	closes = "date,ticker,close\n"
)

// TestCompanies: columns in any order, the source under either name, and text that is
// kept as it stands.
func TestCompanies(t *testing.T) {
	t.Parallel()
	got, err := peerfile.ReadCompanies(strings.NewReader("metric,company,period,value,unit,source_url,note\ncash,A,2025Q3,86.952,USD_M,https://x,\"one, two\"\n"), "c.csv")
	if err != nil || len(got.Rows) != 1 || got.Paper == [32]byte{} {
		t.Fatalf("%+v, %v", got, err)
	}
	if want := (peer.Row{Company: "A", Period: "2025Q3", Metric: "cash", Value: "86.952", Unit: "USD_M", Source: "https://x", Note: "one, two", Place: "c.csv, line 2"}); got.Rows[0] != want {
		t.Errorf("%+v, want %+v", got.Rows[0], want)
	}
	if got, err := peerfile.ReadCompanies(strings.NewReader("company,period,metric,value,unit\nA,2025Q3,cash,1,USD_M\n"), "c.csv"); err != nil || got.Rows[0].Source != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestFaults: what is wrong with a file is told with its line.
func TestFaults(t *testing.T) {
	t.Parallel()
	readers := map[string]func(string) error{
		"companies": func(text string) error {
			_, err := peerfile.ReadCompanies(strings.NewReader(text), "t.csv")
			return err
		},
		"closes": func(text string) error {
			_, err := peerfile.ReadCloses(strings.NewReader(text), "t.csv")
			return err
		},
	}
	for sentence, c := range map[string]struct{ what, text, says string }{
		"nothing":                    {"companies", "", "no header"},
		"a column is missing":        {"companies", "company,period,metric,value\n", `column "unit" is missing`},
		"a column that is not known": {"companies", "company,period,metric,value,unit,colour\n", `column "colour"`},
		"two sources":                {"companies", "company,period,metric,value,unit,source,source_url\n", "keep one"},
		"too few cells":              {"companies", head + "A,2025Q3,cash\n", "t.csv, line 2: 3 cells, and 7 columns"},
		"a bell":                     {"companies", head + "A\a,2025Q3,cash,1,USD,,\n", "control characters"},
		"a note that never ends":     {"companies", head + "A,2025Q3,cash,1,USD,,\"x\n", "what follows was not read"},
		"a long note":                {"companies", head + "A,2025Q3,cash,1,USD,," + strings.Repeat("x", 501) + "\n", "at most 500 bytes"},
		"a date the other way round": {"closes", closes + "30.06.2025,A,1\n", "t.csv, line 2: date"},
		"a date before bitcoin":      {"closes", closes + "1999-06-30,A,1\n", "line 2: date"},
		"no ticker":                  {"closes", closes + "2025-06-30,,1\n", "ticker is missing"},
		"no close":                   {"closes", closes + "2025-06-30,A,\n", "leave a day out that has none"},
		"a comma in a close":         {"closes", closes + "2025-06-30,A,\"1,250.00\"\n", "plain number"},
		"a close of nothing":         {"closes", closes + "2025-06-30,A,0\n", "above zero"},
		"a close below zero":         {"closes", closes + "2025-06-30,A,-1\n", "above zero"},
		"many":                       {"closes", closes + strings.Repeat("x,A,1\n", 30), "and 10 faults more"},
	} {
		if err := readers[c.what](c.text); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "t.csv") {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		}
	}
}

// TestExample: the shipped example says of every row that it is made up, is understood
// as a whole, and what is printed of it is what is read by its name.
func TestExample(t *testing.T) {
	t.Parallel()
	c, err := peerfile.LoadCompanies("example")
	if err != nil {
		t.Fatal(err)
	}
	p, err := peerfile.LoadCloses("example")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.Rows {
		if r.Source != "made up" || !strings.HasPrefix(r.Company, "Example ") {
			t.Errorf("%+v", r)
		}
	}
	for _, x := range p.All {
		if x.Source != "made up" || !strings.HasPrefix(x.Ticker, "EX-") {
			t.Errorf("%+v", x)
		}
	}
	g, err := peer.Gather(c.Rows)
	if err != nil || len(g.Companies()) != 6 || len(g.Warnings()) != 2 || len(g.Unknown()) != 1 {
		t.Errorf("%v: %+v, %+v", err, g.Warnings(), g.Unknown())
	}
	if m, err := peer.NewMarket(nil, nil, p.All); err != nil || len(m.Tickers()) != 6 {
		t.Error(err)
	}
	for name, want := range map[string]string{peerfile.ExampleCompanies: string(c.Paper[:]), peerfile.ExamplePrices: string(p.Paper[:])} {
		text, err := peerfile.Example(name)
		if err != nil {
			t.Fatal(err)
		}
		saved := filepath.Join(t.TempDir(), "saved.csv")
		if err := os.WriteFile(saved, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var paper string
		if name == peerfile.ExampleCompanies {
			x, err2 := peerfile.LoadCompanies(saved)
			paper, err = string(x.Paper[:]), err2
		} else {
			x, err2 := peerfile.LoadCloses(saved)
			paper, err = string(x.Paper[:]), err2
		}
		if err != nil || paper != want {
			t.Errorf("%s is another when it was saved: %v", name, err)
		}
	}
	if _, err := peerfile.Example("none"); err == nil || !strings.Contains(err.Error(), "there is companies and prices") {
		t.Error(err)
	}
	if _, err := peerfile.LoadCompanies("./nowhere.csv"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "or write example") {
		t.Error(err)
	}
}

// TestFilings: the published figures beside the checkout are read as they are.
func TestFilings(t *testing.T) {
	t.Parallel()
	c, err := peerfile.ReadCompanies(beside.Open(t, "data", "miner_filings_points.csv"), "miner_filings_points.csv")
	if err != nil || len(c.Rows) < 50 || !strings.HasPrefix(c.Rows[0].Source, "https://") {
		t.Fatalf("%d rows, %v", len(c.Rows), err)
	}
	if g, err := peer.Gather(c.Rows); err != nil || len(g.Facts()) != len(c.Rows) {
		t.Error(err)
	}
}

// FuzzFiles: no file breaks a reader, and what is understood is within its bounds and
// comes back as the same figures when it is written again.
func FuzzFiles(f *testing.F) {
	f.Add(head + "A,2025Q3,cash,86.952,USD_M,x,y\nA,2025Q3,wind,3,m/s,,\n")
	f.Add(head + "A,2025,class,pure,,,\nA,2025-06,revenue:mining,1.5,USD_B,,\nA,2024-10-01/2025-09-30,contract_term:x,120,months,,\n")
	f.Add(closes + "2025-06-30,A,12.5\n2025-06-27,A,12\n")
	f.Add("\xef\xbb\xbfdate, ticker,close,source\n2025-06-30,A,1,x\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := peerfile.ReadCompanies(strings.NewReader(text), "t"); err == nil {
			if g, err := peer.Gather(c.Rows); err == nil {
				again(t, g)
			}
		}
		p, err := peerfile.ReadCloses(strings.NewReader(text), "t")
		if err != nil {
			return
		}
		for _, c := range p.All {
			if c.Ticker == "" || !(c.Price > 0) || c.Day.Year() < 2009 {
				t.Fatalf("%+v", c)
			}
		}
		if m, err := peer.NewMarket(nil, nil, p.All); err == nil {
			if w, there := m.Window(); there && w.Last.Before(w.First) {
				t.Fatalf("%v", w)
			}
		}
	})
}

// again writes a group in the units in which it is kept, and understands it again.
func again(t *testing.T, g *peer.Group) {
	t.Helper()
	var rows []peer.Row
	for i, f := range g.Facts() {
		r := peer.Row{Company: f.Company, Period: f.Period.String(), Metric: f.Name(), Value: f.Row.Value, Unit: f.Row.Unit, Place: strconv.Itoa(i)}
		if f.Known && f.Word == "" {
			if r.Value, r.Unit = fmt.Sprintf("%.9f", f.Value), f.Unit; len(r.Value) > 30 {
				return
			}
		}
		rows = append(rows, r)
	}
	h, err := peer.Gather(rows)
	if err != nil {
		t.Fatalf("understood, and not when written again: %v", err)
	}
	for i, f := range h.Facts() {
		if o := g.Facts()[i]; f.Name() != o.Name() || f.Period != o.Period || f.Word != o.Word || f.Known && (f.Value-o.Value > 1e-9*max(1, o.Value) || o.Value-f.Value > 1e-9*max(1, o.Value)) {
			t.Fatalf("%+v came back as %+v", o, f)
		}
	}
	if p, there := g.Reported(); there {
		for _, s := range g.Sides(p, peer.Market{}) {
			if len(s.Figures) != len(peer.Columns()) {
				t.Fatalf("%+v", s)
			}
		}
	}
	if strings.ContainsRune(strings.Join(g.Companies(), ""), 0) {
		t.Fatal("a control character is in a name")
	}
}
