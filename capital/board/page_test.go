package board_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sluice/capital"
	"sluice/capital/board"
	"sluice/capital/model"
)

// pageOf is a report as a page.
func pageOf(t *testing.T, r board.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := board.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bare is a report without risk, sites, projects and published figures.
func bare(t *testing.T) board.Report {
	t.Helper()
	r := sample(t)
	return board.Report{Plan: r.Plan, Months: r.Months, Answer: r.Answer}
}

// TestOrder: what is assumed comes first, then the answer, then what may become of it;
// what was not given is not there.
func TestOrder(t *testing.T) {
	t.Parallel()
	sections := func(page string) string {
		var out []string
		for _, m := range regexp.MustCompile(`<section id="(\w+)"`).FindAllStringSubmatch(page, -1) {
			out = append(out, m[1])
		}
		return strings.Join(out, " ")
	}
	if got, want := sections(pageOf(t, sample(t))), "assumptions answer checks statements bridge risk fans tornado covenants scenarios reverse drivers convergence coverage warnings"; got != want {
		t.Errorf("sections are %s, want %s", got, want)
	}
	if got, want := sections(pageOf(t, bare(t))), "assumptions answer statements bridge"; got != want {
		t.Errorf("a bare report has %s, want %s", got, want)
	}
}

// TestFigures: every figure of the plan is there with its standing in a word and a
// sign, its source, and what it is per.
func TestFigures(t *testing.T) {
	t.Parallel()
	r := sample(t)
	page := pageOf(t, r)
	if n := strings.Count(page, `<span class="mark mark-`); n != len(r.Plan.Figures()) {
		t.Errorf("%d figures of %d have a standing", n, len(r.Plan.Figures()))
	}
	for _, want := range []string{
		`<i aria-hidden="true">?</i> assumed`, `<i aria-hidden="true">=</i> measured`, `<i aria-hidden="true">§</i> contract`, `<i aria-hidden="true">†</i> published`, `<i aria-hidden="true">‡</i> press`,
		"announcement of 6 November 2025", "own meters, 2025",
		"125\u00a0USD/kW a month (critical)", "5,000\u00a0USD/MW a year (at the meter)", "450,000\u00a0USD/MW a year (critical)", "14.4\u00a0MW critical", "87,000\u00a0USD/BTC", "97\u00a0%", "9\u00a0% a year", "2026-02",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

// TestParses: the page is what a parser of HTML makes of it, has a heading, a caption
// and a scope where they are due, and every picture says what it shows.
func TestParses(t *testing.T) {
	t.Parallel()
	for _, l := range board.Languages() {
		r := sample(t)
		r.Language = l
		page := pageOf(t, r)
		nested(t, page)
		if tables, captions := strings.Count(page, "<table"), strings.Count(page, "<caption"); tables < 20 || tables != captions {
			t.Errorf("%s: %d tables have %d captions", l, tables, captions)
		}
		if heads, scopes := len(regexp.MustCompile(`<th[ >]`).FindAllString(page, -1)), strings.Count(page, "<th scope="); heads != scopes {
			t.Errorf("%s: %d heads have %d scopes", l, heads, scopes)
		}
		if wide, phone := strings.Count(page, `<svg class="wide"`), strings.Count(page, `<svg class="phone"`); wide != 7 || phone != wide || strings.Contains(page, `aria-label=""`) {
			t.Errorf("%s: %d pictures, %d for a phone", l, wide, phone)
		}
		if way := map[bool]string{true: `dir="rtl"`, false: `dir="ltr"`}[l == board.Arabic]; !strings.Contains(page, `<html lang="`+string(l)+`" `+way) {
			t.Errorf("%s: its direction is not %s", l, way)
		}
		if m := regexp.MustCompile(`\{\w+\}|NaN|%!|Inf`).FindString(strings.Split(page, "</style>")[1]); m != "" {
			t.Errorf("%s: %q is on the page", l, m)
		}
	}
}

// nested checks that every element is closed, by the one that was opened last.
func nested(t *testing.T, page string) {
	t.Helper()
	var open []string
	for _, m := range regexp.MustCompile(`<(/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<>]*")?)*)\s*(/?)>`).FindAllStringSubmatch(page, -1) {
		switch {
		case m[2] == "meta" || m[4] == "/":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("%s is closed within %v", m[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are not closed", open)
	}
	if rest := regexp.MustCompile(`<[^>]*<`).FindString(page); rest != "" {
		t.Errorf("a tag has no end: %q", rest)
	}
}

// TestAlone: the page reaches for nothing outside, and holds no script.
func TestAlone(t *testing.T) {
	t.Parallel()
	page := pageOf(t, sample(t))
	if found := regexp.MustCompile(`(?i)https?://|src=|@import|url\(|<script`).FindString(page); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if page != pageOf(t, sample(t)) {
		t.Error("two pages of one report differ")
	}
}

// evil is a name that would be part of a page, or a formula.
const evil = `=1+1</script><img src=x onerror=alert(1)>"'&`

// TestNamesAreText: whatever people call things, it stays text.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	r := named(t, evil)
	page := pageOf(t, r)
	if strings.Contains(page, "<img") || strings.Contains(page, evil) {
		t.Error("a name became part of the page")
	}
	if n := strings.Count(page, "=1&#43;1&lt;/script&gt;&lt;img"); n < 12 {
		t.Errorf("the name stands %d times", n)
	}
}

// named is a report in which everything has one name.
func named(t *testing.T, name string) board.Report {
	t.Helper()
	r := sample(t)
	p := washington()
	p.Name, p.Sites[0].Name, p.Covenants[0].Name = name, name, name
	p.Sources["market.btc_price"] = capital.Source{From: name, Standing: capital.Measured, Base: name}
	r.Plan, r.Made = p, name
	r.Sites = []board.Site{{Name: name, Months: r.Sites[0].Months}}
	r.Projects[0].Name, r.Checks[0].What, r.Checks[0].Unit = name, name, name
	k := *r.Risk
	k.Tornado = []board.Bar{{Input: name, Low: name, High: name, NPVLow: 1, NPVHigh: 2}}
	k.Scenarios = []board.Scenario{{Name: name, FirstBreach: name}}
	k.Reverse, k.Warnings = []string{name}, []string{name}
	k.Drivers = []board.Driver{{Input: name}}
	k.Coverage = []board.Coverage{{What: name}}
	k.Covenants = []board.CovenantRisk{k.Covenants[0]}
	k.Covenants[0].Name, k.Covenants[0].First = name, name
	r.Risk = &k
	return r
}

// TestBand: the caption of the fans says which band is which, with what the back-test
// found, and says so where there was none.
func TestBand(t *testing.T) {
	t.Parallel()
	r := sample(t)
	for _, want := range []string{"P5 to P95 is printed as the 80 % band", "held 71\u00a0% of what happened 52 weeks ahead", "The band from P5 to P95 held 81\u00a0%."} {
		if !strings.Contains(pageOf(t, r), want) {
			t.Errorf("%q is missing", want)
		}
	}
	k := *r.Risk
	k.Coverage = k.Coverage[:2]
	r.Risk = &k
	if page := pageOf(t, r); !strings.Contains(page, "carries no back-test of a year") || strings.Contains(page, "weeks ahead") {
		t.Error("bands without a back-test are not called a guess")
	}
}

// TestHeat: cells of a covenant hold their numbers, and an untested quarter a dash.
func TestHeat(t *testing.T) {
	t.Parallel()
	r := sample(t)
	k := *r.Risk
	k.Quarters, k.Fans = k.Quarters[:4], board.Fans{}
	k.Covenants = []board.CovenantRisk{{Name: "c", Kind: capital.CoverDSCR, Limit: 1.2, Breach: []float64{math.NaN(), 0, 0.049, 0.5}, Headroom: []float64{math.NaN(), 0.5, 0.1, -0.25}}}
	r.Risk = &k
	page := pageOf(t, r)
	want := `<td class="heat-1"><b class="n">–</b></td><td class="heat0"><b class="n">0.0` + "\u00a0" + `%</b><small class="n">0.50</small></td><td class="heat1"><b class="n">4.9` + "\u00a0" + `%</b><small class="n">0.10</small></td><td class="heat4"><b class="n">50.0` + "\u00a0" + `%</b><small class="n">−0.25</small></td>`
	if !strings.Contains(page, want) {
		t.Errorf("the map is\n%s", page[strings.Index(page, `class="heat"`):][:1500])
	}
}

// TestRefused: a report that does not hold together is refused by what is wrong.
func TestRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(*board.Report)
		says  string
	}{
		"no months":         {func(r *board.Report) { r.Months = nil }, "0 months"},
		"part of a year":    {func(r *board.Report) { r.Months = r.Months[:13] }, "13 months"},
		"no number":         {func(r *board.Report) { r.Months[14][model.Rent] = math.NaN() }, "rent of 2027-03 is no number"},
		"a shorter site":    {func(r *board.Report) { r.Sites[0].Months = r.Sites[0].Months[:12] }, `site "moses-lake": 12 months`},
		"a shorter fan":     {func(r *board.Report) { r.Risk.Fans.Debt = r.Risk.Fans.Debt[:3] }, "fan of debt: 3 quarters of 40"},
		"a covenant no end": {func(r *board.Report) { r.Risk.Covenants[1].Breach = nil }, `covenant "liquidity": 0 and 40 quarters`},
		"a long table":      {func(r *board.Report) { r.Risk.Warnings = make([]string, 501) }, "501 rows"},
		"another language":  {func(r *board.Report) { r.Language = "tlh" }, `"tlh"`},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := sample(t)
			r.Months = append([][model.LineCount]float64{}, r.Months...)
			r.Sites = append([]board.Site{}, r.Sites...)
			c.spoil(&r)
			for _, write := range []func(board.Report) error{
				func(r board.Report) error { return board.WriteHTML(new(bytes.Buffer), r) },
				func(r board.Report) error { return board.WritePDF(new(bytes.Buffer), r) },
				func(r board.Report) error { return board.WriteXLSX(new(bytes.Buffer), r) },
			} {
				if err := write(r); !errors.Is(err, board.ErrReport) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, want %q", err, c.says)
				}
			}
		})
	}
}

// TestContrast: letters stand out from their ground by 4.5 to 1 and lines by 3 to 1 in
// light, in dark and in print.
//
// Source: WCAG 2.2, 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	roots := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(roots) != 3 {
		t.Fatalf("%d lists of colours", len(roots))
	}
	for i, scheme := range []string{"light", "dark", "print"} {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(roots[i][1], -1) {
			colours[m[1]] = m[2]
		}
		for _, c := range []struct {
			on, ink string
			least   float64
		}{
			{"panel", "ink", 7},
			{"panel", "dim", 4.5},
			{"ground", "ink", 7},
			{"ground", "dim", 4.5},
			{"ground", "accent", 4.5},
			{"panel", "warn", 4.5},
			{"warnwash", "warn", 4.5},
			{"warnwash", "ink", 4.5},
			{"heat0", "heatink", 4.5},
			{"heat1", "heatink", 4.5},
			{"heat2", "heatink", 4.5},
			{"heat3", "heatink", 4.5},
			{"heat4", "heatloud", 4.5},
			{"panel", "gain", 3},
			{"panel", "loss", 3},
			{"panel", "total", 3},
			{"band2", "ink", 3},
			{"band1", "ink", 3},
		} {
			if got := contrast(t, colours[c.on], colours[c.ink]); got < c.least {
				t.Errorf("%s: %s on %s is %.2f to 1, want %.1f", scheme, c.ink, c.on, got, c.least)
			}
		}
	}
}

// contrast is how much lighter one colour is than another.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(c string) (sum float64) {
		if len(c) == 4 {
			c = fmt.Sprintf("#%c%c%c%c%c%c", c[1], c[1], c[2], c[2], c[3], c[3])
		}
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(c[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			v := float64(n) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	if a == "" || b == "" {
		t.Fatal("a colour is missing")
	}
	x, y := light(a)+0.05, light(b)+0.05
	return max(x/y, y/x)
}

// BenchmarkHTML is a whole report.
func BenchmarkHTML(b *testing.B) {
	r := sample(b)
	for b.Loop() {
		if err := board.WriteHTML(new(bytes.Buffer), r); err != nil {
			b.Fatal(err)
		}
	}
}
