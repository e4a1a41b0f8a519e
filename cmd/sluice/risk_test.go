package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/driver/planfile"
)

// riskOf runs sluice risk, or decide, and returns what it prints.
func riskOf(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := newRisk()
	if args[0] == "decide" {
		c, args = newDecide(), args[1:]
	}
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

// TestRisk prints the risk of a shipped plan: the same for the same seed, another for
// another one, with its warning, and a report in every form.
func TestRisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	args := []string{"--file", "washington", "--paths", "200", "--html", file("b.html"), "--pdf", file("b.pdf"), "--xlsx", file("b.xlsx")}
	one, err := riskOf(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"WARNING: The futures reach", "net present value", "least coverage", "the winter of 2022", "cost to build", "standard deviations", "P5 to P95", "How the bands"} {
		if !strings.Contains(one, want) {
			t.Errorf("%q is not printed:\n%s", want, one)
		}
	}
	for name, begin := range map[string]string{"b.html": "<!DOCTYPE html>", "b.pdf": "%PDF-", "b.xlsx": "PK"} {
		text, err := os.ReadFile(file(name))
		if err != nil || !strings.HasPrefix(strings.ToUpper(string(text[:min(40, len(text))])), strings.ToUpper(begin)) {
			t.Errorf("%s: %v, begins with %.20q", name, err, text)
		}
	}
	two, err := riskOf(t, "--file", "washington", "--paths", "200")
	if err != nil || one != two {
		t.Errorf("a second time it prints something else: %v", err)
	}
	other, err := riskOf(t, "--file", "washington", "--paths", "200", "--seed", "2", "--quick", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var view struct {
		Futures int `json:"futures"`
		NPV     struct{ Mean, P50 float64 }
	}
	if err := json.Unmarshal([]byte(other), &view); err != nil || view.Futures != 200 || view.NPV.Mean == 0 {
		t.Errorf("%v: %+v", err, view)
	}
}

// TestRiskRefuses gives what makes no sense.
func TestRiskRefuses(t *testing.T) {
	t.Parallel()
	short := filepath.Join(t.TempDir(), "short.csv")
	var text strings.Builder
	text.WriteString("date,price_usd,difficulty,reward_per_block_btc\n")
	for d := range 20 {
		text.WriteString(time.Date(2025, 1, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) + ",90000,110000000000000,3.125\n")
	}
	if err := os.WriteFile(short, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	greedy := filepath.Join(t.TempDir(), "greedy.yaml")
	plan, err := planfile.Example("washington")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(greedy, bytes.ReplaceAll(plan, []byte("policy: sell-all"), []byte("policy: part\n  share: 1.5")), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"name the plan":      {},
		"take 100":           {"--file", "washington", "--paths", "3"},
		"no file":            {"--file", "nowhere.yaml"},
		"weeks":              {"--file", "washington", "--paths", "100", "--bitcoin", short},
		"more than is held":  {"--file", greedy, "--paths", "100"},
		"--project \"none\"": {"decide", "--file", "washington", "--paths", "100", "--project", "none"},
	} {
		out, err := riskOf(t, append(args, []string{"--json"}...)...)
		if len(args) > 0 && args[0] == "decide" {
			out, err = riskOf(t, args...)
		}
		if err == nil || !strings.Contains(err.Error(), want) && want != "no file" {
			t.Errorf("%v: %v\n%.200s\nwant an error with %q", args, err, out, want)
		}
	}
}

// TestDecide prints what to decide on a shipped plan.
func TestDecide(t *testing.T) {
	t.Parallel()
	out, err := riskOf(t, "decide", "--file", "washington", "--paths", "100")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The rate at which", "conversion", "as a staged option", "the option to wait", "Which projects, and when", "proven to"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not printed:\n%s", want, out)
		}
	}
}
