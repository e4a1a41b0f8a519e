package report_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"sluice/replay/report"
)

func pageOf(t *testing.T, r report.Report, l report.Language) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.HTML(&out, r, l); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func library(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("echarts.min.js")
	if err != nil {
		t.Fatalf("%v (copy it from ui/node_modules/echarts/dist)", err)
	}
	return string(text)
}

func TestPageNamesNoOtherPlace(t *testing.T) {
	t.Parallel()
	for _, l := range report.Languages() {
		page := pageOf(t, sample(t, 3, 60), l)
		own := strings.Replace(page, library(t), "", 1)
		if len(own) == len(page) {
			t.Fatal("the chart library is not in the page as it was released")
		}
		if found := regexp.MustCompile(`(?i)https?://|src=|@import|url\(`).FindString(own); found != "" {
			t.Errorf("%s: the page reaches out with %q", l, found)
		}
		if !strings.Contains(own, `content="default-src &#39;none&#39;;`) {
			t.Errorf("%s: the page does not forbid the browser to load anything", l)
		}
	}
}

func TestPageShowsForeignTextAsText(t *testing.T) {
	t.Parallel()
	const evil = `</script><img src=x onerror=alert(1)>"'&`
	r := sample(t, 3, 60)
	r.Site.Name, r.Site.Groups[0].Name, r.Sources[0].Name = evil, evil, evil
	r.Notes, r.Site.Tariff = []string{evil}, []string{evil}
	r.Decisions = []report.Decision{{Start: r.Period.From, End: r.Period.To, What: evil, Why: evil}}
	r.Policies[1].ID, r.Policies[1].Name = "own", evil
	page := strings.Replace(pageOf(t, r, report.English), library(t), "", 1)
	if strings.Contains(page, "<img") || strings.Contains(page, evil) {
		t.Error("text of the report became part of the page")
	}
	if n := strings.Count(page, "</script>"); n != 3 {
		t.Errorf("the page ends %d scripts, want 3", n)
	}
}

func TestPageIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	r := sample(t, 3, 60)
	first := pageOf(t, r, report.Arabic)
	if pageOf(t, r, report.Arabic) != first {
		t.Error("two pages of one report differ")
	}
}

func TestPageStaysSmall(t *testing.T) {
	t.Parallel()
	for days, limit := range map[int]int{366: 2_500_000, 1827: 6_000_000} {
		n := len(pageOf(t, sample(t, days, 15), report.English))
		t.Logf("%d days at 15 min: %d bytes", days, n)
		if n > limit {
			t.Errorf("%d days at 15 min take %d bytes, want at most %d", days, n, limit)
		}
	}
}

// bareSample is a report that kept nothing but what four policies earned.
func bareSample(tb testing.TB) report.Report {
	tb.Helper()
	r := sample(tb, 3, 60)
	bare := report.Report{Period: r.Period, Policies: r.Policies[:4:4]}
	for i := range bare.Policies {
		bare.Policies[i].Money = nil
	}
	bare.Capture = report.CaptureOf(bare.Policies)
	return bare
}

func TestBareReport(t *testing.T) {
	t.Parallel()
	bare := bareSample(t)
	for _, l := range report.Languages() {
		page := pageOf(t, bare, l)
		if strings.Contains(page, `id="chart-timeline"`) || strings.Contains(page, `id="chart-heat"`) {
			t.Errorf("%s: a chart without data is shown", l)
		}
		if l == report.English && (!strings.Contains(page, "it was not replayed") || strings.Contains(page, "next to nothing")) {
			t.Error("a hindsight that was not replayed is given an opinion")
		}
	}
	if err := report.Text(new(bytes.Buffer), bare); err != nil {
		t.Error(err)
	}
	if err := report.HTML(new(bytes.Buffer), bare, "tlh"); err == nil || !strings.Contains(err.Error(), "tlh") {
		t.Errorf("an unknown language gave %v", err)
	}
}
