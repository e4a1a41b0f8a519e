package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"sluice/capital/peer"
	"sluice/internal/beside"
)

// peersOf runs the command as a person would.
func peersOf(args ...string) (string, error) {
	c := newPeers()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.Execute()
	return out.String(), err
}

// peersShown is what is printed of companies that can be shown.
func peersShown(t *testing.T, args ...string) string {
	t.Helper()
	out, err := peersOf(args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

// TestPeersPage: what docs/peers.md says that a command prints is what it prints.
func TestPeersPage(t *testing.T) {
	t.Parallel()
	all := blocks(t, "../../docs/peers.md")
	ran := 0
	for i, b := range all {
		line, ok := strings.CutPrefix(b[1], "sluice peers ")
		if !ok || i+1 == len(all) || strings.Contains(line, ">") {
			continue
		}
		ran++
		out, err := peersOf(strings.Fields(line)...)
		if err != nil {
			out += "sluice: " + err.Error() + "\n"
		}
		for part := range strings.SplitSeq(all[i+1][1], "...\n") {
			if !strings.Contains(out, part) {
				t.Errorf("sluice peers %s printed\n%s\nand the page says\n%s", line, out, part)
			}
		}
	}
	if ran < 3 {
		t.Errorf("%d commands stand on the page", ran)
	}
	page, err := os.ReadFile("../../docs/peers.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range peer.Metrics() {
		if row := "| " + m.Kind.String() + " | "; !strings.Contains(string(page), "| `"+m.Name+"`") || !strings.Contains(string(page), row) || !strings.Contains(string(page), "| "+m.Says+" |") {
			t.Errorf("%s is not on the page", m.Name)
		}
	}
}

// TestPeersJSON: programs read what people read, and each figure that is not there
// says why.
func TestPeersJSON(t *testing.T) {
	t.Parallel()
	var got peersJSON
	if err := json.Unmarshal([]byte(peersShown(t, "--companies", "example", "--prices", "example", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Period != "2025Q2" || !got.Chosen || !got.Invented || len(got.Companies) != 6 || len(got.Baskets) != 6 || len(got.Contracts) != 4 || len(got.Projects) != 2 || len(got.Unknown) != 1 || len(got.Warnings) != 2 || len(got.Sources) != 3 {
		t.Errorf("%+v", got)
	}
	for _, c := range got.Companies {
		for _, k := range got.Columns {
			if f, there := c.Figures[k.Key]; !there || (f.Value == nil) != (f.Why != "") {
				t.Errorf("%s, %s: %+v", c.Company, k.Key, f)
			}
		}
		if c.Company != "Example Cedar" {
			continue
		}
		v := func(key string) float64 { return *c.Figures[key].Value }
		if ev := v("market_cap") + v("debt") - v("cash") - v("btc_held")*got.Bitcoin.Last; math.Abs(ev-v("ev")) > 1e-3 || math.Abs(ev/455-v("ev_per_gross_mw")) > 1e-3 || math.Abs(ev/60-v("ev_per_critical_mw")) > 1e-3 {
			t.Errorf("EV %v, %+v", ev, c.Figures)
		}
	}
	circular := 0
	for _, c := range got.Production {
		if (c.Off == nil) != (c.Why != "") || c.Off != nil && *c.Within != (math.Abs(*c.Off) <= 0.035) {
			t.Errorf("%+v", c)
		}
		if c.Off == nil {
			circular++
		}
	}
	if circular != 1 || len(got.Production) != 8 {
		t.Errorf("%+v", got.Production)
	}
	for _, b := range got.Baskets {
		sum := 0.0
		for _, m := range b.Companies {
			sum += *m.Begin
		}
		if b.Result == nil || math.Abs(sum-1) > 1e-12 || b.Result.Closes != 122 || b.From != "2025-01-02" || math.Abs(b.Result.Ahead-b.Result.Basket.Return+b.Result.Bitcoin.Return) > 1e-12 {
			t.Errorf("%+v", b)
		}
	}
}

// TestPeersExample: the example that was printed and saved is the example.
func TestPeersExample(t *testing.T) {
	t.Parallel()
	companies, prices := write(t, "companies.csv", peersShown(t, "--example")), write(t, "prices.csv", peersShown(t, "--example=prices"))
	of := func(a, b string) string {
		_, rest, _ := strings.Cut(peersShown(t, "--companies", a, "--prices", b), "Bitcoin: ")
		rest, _, _ = strings.Cut(rest, "\nHard to believe")
		return rest
	}
	if a, b := of(companies, prices), of("example", "example"); a != b || !strings.Contains(a, "cap-weighted") {
		t.Errorf("it is another:\n%s\n%s", a, b)
	}
	if out := peersShown(t, "--companies", companies); strings.Contains(out, "MADE UP") || strings.Contains(out, "Baskets") || !strings.Contains(out, "of made up") {
		t.Error(out)
	}
	if out := peersShown(t, "--help"); !strings.Contains(out, "Exit codes:") || !strings.Contains(out, "sluice peers --example > companies.csv") {
		t.Error(out)
	}
}

// TestPeersFilings: the published figures and the network beside the checkout, read as
// they are, fit within 3.5 % in all eight months.
func TestPeersFilings(t *testing.T) {
	t.Parallel()
	out := peersShown(t, "--companies", beside.Path(t, "data", "miner_filings_points.csv"), "--network", beside.Path(t, "data", "btc_daily.csv"))
	for _, want := range []string{"381.3         370   +3.0 %\n", "629.6         629   +0.1 %\n", "the network paid 55.98 USD/PH/day", "circular", "a consistency check"} {
		if !strings.Contains(strings.ToLower(out), strings.ToLower(want)) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	if strings.Contains(out, "beyond 3.5") {
		t.Error(out)
	}
}

// TestPeersRefused: what cannot be shown is the caller's to mend, and says how.
func TestPeersRefused(t *testing.T) {
	t.Parallel()
	text := peersShown(t, "--example")
	twice := write(t, "twice.csv", text+"Example Alder,2025-06-30,cash,95,USD_M,made up,\n")
	scale := write(t, "scale.csv", strings.Replace(text, "94.5,USD_M", "94.5,M", 1))
	empty := write(t, "empty.csv", "company,period,metric,value,unit\n")
	balances := write(t, "balances.csv", "company,period,metric,value,unit\nA,2025-06-30,cash,5,USD_M\n")
	split := write(t, "split.csv", "date,ticker,close\n2025-06-30,A,1\n2025-06-30,A,2\n")
	for sentence, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":                {nil, "--companies with a file, or with the word example"},
		"no such file":           {[]string{"--companies", "./nowhere.csv"}, "nowhere.csv"},
		"two values":             {[]string{"--companies", twice}, "line 126: cash of Example Alder for 2025-06-30 is 95 USD_M, and 94.5 USD_M at "},
		"a scale":                {[]string{"--companies", scale}, "write USD, USD_K, USD_M, USD_B: a scale is not guessed"},
		"no rows":                {[]string{"--companies", empty}, "there is no row"},
		"no period":              {[]string{"--companies", balances}, "say with --period"},
		"a period of nothing":    {[]string{"--companies", "example", "--period", "2030"}, "nothing is known of any company for 2030"},
		"a period that is none":  {[]string{"--companies", "example", "--period", "spring"}, "--period: \"spring\""},
		"a window alone":         {[]string{"--companies", "example", "--from", "2025-01-02"}, "give their closes with --prices"},
		"a window too short":     {[]string{"--companies", "example", "--prices", "example", "--from", "2025-06-10"}, "14 days with closes, and at least 21 are needed"},
		"a window that is empty": {[]string{"--companies", "example", "--prices", "example", "--from", "2025-06-10", "--to", "2025-06-01"}, "is empty"},
		"a day that is none":     {[]string{"--companies", "example", "--prices", "example", "--to", "30.06.2025"}, "--to \"30.06.2025\""},
		"two closes":             {[]string{"--companies", "example", "--prices", split}, "keep the right row"},
		"no network":             {[]string{"--companies", "example", "--network", "./nowhere.csv"}, "--network"},
		"an example":             {[]string{"--example=gb300"}, "there is companies and prices"},
	} {
		out, err := peersOf(c.args...)
		if _, bad := errors.AsType[badInput](err); !bad || !strings.Contains(err.Error(), c.says) || out != "" {
			t.Errorf("%s: %v, want %q; printed %q", sentence, err, c.says, out)
		}
	}
	if text, err := os.ReadFile("../../driver/peerfile/example/companies.csv"); err != nil || string(text) != peersShown(t, "--example", "--json") {
		t.Errorf("the example is another: %v", err)
	}
}

// TestPeersWithoutClass: closes without a class make no basket, and that is said.
func TestPeersWithoutClass(t *testing.T) {
	t.Parallel()
	plain := write(t, "plain.csv", "company,period,metric,value,unit\nA,2025Q2,btc_produced,5,BTC\n")
	if out := peersShown(t, "--companies", plain, "--prices", "example"); !strings.Contains(out, "None: no company has a class on 2025-01-02") || !strings.Contains(out, "no source is named: assumed") {
		t.Error(out)
	}
	apart := write(t, "apart.csv", "company,period,metric,value,unit\nA,2025,class,pure,\nA,2025Q2,btc_produced,5,BTC\n")
	if out := peersShown(t, "--companies", apart, "--prices", "example"); !strings.Contains(out, "pure, without closes: A\n") {
		t.Error(out)
	}
}
