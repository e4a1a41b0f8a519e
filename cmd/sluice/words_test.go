package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"sluice/loop/cycle"
	"sluice/replay/report"
)

// TestTextAndJSONAgree: the numbers that people read are those that programs read.
func TestTextAndJSONAgree(t *testing.T) {
	t.Parallel()
	s, err := day()
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.Read(strings.NewReader(s.json))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Policies {
		for _, l := range append(p.Money, report.Line{Source: "net", Amount: p.Net}) {
			// Below a thousand the text shows cents.
			if v := l.Amount.Float(); (v >= 1000 || v <= -1000) && !strings.Contains(s.text, grouped(v)) {
				t.Errorf("%s: %s of %s is not in the text", p.ID, l.Source, grouped(v))
			}
		}
	}
	if !strings.Contains(s.text, r.Papers.SHA256[:12]) {
		t.Error("the hash of the papers is not in the text")
	}
	page, err := os.ReadFile(s.page)
	if err != nil || !bytes.Contains(page, []byte("</html>")) {
		t.Errorf("the page is not whole: %v", err)
	}
}

// grouped writes a number as the text report does, with commas by thousands.
func grouped(f float64) string {
	text := fmt.Sprintf("%.0f", f)
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// TestExplain explains a stored turn, in words and as papers, and decides it again.
func TestExplain(t *testing.T) {
	t.Parallel()
	s, err := day()
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "explain", "--run", s.dir, "--turn", "2025-05-07T01:30Z", "--zone", "America/Chicago", "--again")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	for _, want := range []string{
		"Turn 1940646 of houston", "Tue 6 May 2025 20:30 CDT", "hashprice", "USD/MWh", "from spot at",
		"for the load that must run", "mining/s21:", "mining/s19j-pro:", "mining/m50s:", "spot price of", "Second best", "Metered", "Booked",
		"decided again from the papers alone",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	code, out, _ = call(t, "explain", "--run", s.dir, "--turn", "1940646", "--json")
	var turn cycle.Turn
	if err := json.Unmarshal([]byte(out), &turn); code != exitOK || err != nil || turn.Plan.Turn != 1940646 || len(turn.Orders) != 3 {
		t.Errorf("the papers as JSON: exit code %d, error %v, turn %d", code, err, turn.Plan.Turn)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"fly"}, "unknown command"},
		{[]string{"replay", "--fly"}, "unknown flag"},
		{[]string{"replay", "extra"}, "extra"},
		{[]string{"replay"}, "--site"},
		{[]string{"replay", "--site", "nowhere.yaml"}, "nowhere.yaml"},
		{[]string{"replay", "--site", "houston", "--prices", "none.csv"}, "check the path"},
		{[]string{"replay", "--site", "houston", "--html", "/no/such/folder/x.html"}, "does not exist"},
		{[]string{"explain"}, "turn"},
		{[]string{"explain", "--turn", "7"}, "[run data]"},
		{[]string{"explain", "--data", t.TempDir(), "--turn", "2026-01-01T00:00Z"}, "no site runs"},
		{[]string{"serve"}, "data"},
		{[]string{"serve", "--site", "houston", "--data", t.TempDir()}, "no control section"},
		{[]string{"control", "stop", "--data", t.TempDir()}, "no site runs"},
		{[]string{"explain", "--run", t.TempDir(), "--turn", "7"}, "holds no finished papers"},
		{[]string{"explain", "--run", t.TempDir(), "--turn", "7", "--zone", "x"}, "--zone"},
		{[]string{"site", "check"}, "arg"},
		{[]string{"site", "example", "atlantis"}, "atlantis"},
		{[]string{"demo", "--listen", "nowhere"}, "--listen"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			code, out, errs := call(t, c.args...)
			refused(t, code, out, errs, []string{c.says})
		})
	}
}

// TestHelp: every command that can fail says its exit codes.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"demo"}, {"replay"}, {"explain"}, {"site", "check"}, {"tenant"}, {"tenant", "serve"}, {"tenant", "queue"}} {
		code, out, _ := call(t, append(args, "--help")...)
		if code != exitOK || !strings.Contains(out, "Exit codes:") || !strings.Contains(out, "130") {
			t.Errorf("help of %v, exit code %d:\n%s", args, code, out)
		}
	}
	if code, out, _ := call(t, "version"); code != exitOK || !strings.HasPrefix(out, "sluice ") {
		t.Errorf("version: %d %q", code, out)
	}
	if code, out, _ := call(t, "site", "check", "houston"); code != exitOK || !strings.Contains(out, "fleet at the meter") {
		t.Errorf("site check: %d %q", code, out)
	}
}
