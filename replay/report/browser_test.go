package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
	"sluice/replay/report"
)

// look is one way of looking at the page.
type look struct {
	language report.Language
	width    int64
	scheme   string
}

func (l look) String() string { return fmt.Sprintf("%s-%d-%s", l.language, l.width, l.scheme) }

// proof is what the page says about itself.
type proof struct {
	Width     int64    `json:"width"`
	Charts    int      `json:"charts"`
	Blank     []string `json:"blank"`
	Nameless  int      `json:"nameless"`
	Uncaption int      `json:"uncaption"`
	Unscoped  int      `json:"unscoped"`
	Wide      []string `json:"wide"`
	Dir       string   `json:"dir"`
	Text      string   `json:"text"`
}

const proofScript = `(() => {
  const all = (q) => [...document.querySelectorAll(q)];
  const painted = (c) => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v) => v);
  const charts = all("[role=img]"), blank = charts.filter((e) => ![...e.querySelectorAll("canvas")].some(painted));
  return {
    width: Math.max(document.documentElement.scrollWidth, innerWidth), // a phone widens its window to what overflows
    charts: charts.length, blank: blank.map((e) => e.id),
    nameless: charts.filter((e) => !(document.getElementById(e.getAttribute("aria-labelledby")) || {}).textContent?.trim()).length,
    uncaption: all("table").filter((t) => !t.caption?.textContent.trim()).length,
    unscoped: all("th").filter((h) => !h.scope).length,
    wide: all("body *").filter((e) => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + "." + e.className),
    dir: getComputedStyle(document.body).direction, text: document.querySelector("main").innerText,
  };
})()`

func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	ctx := browser.Start(t)
	r := sample(t, 366, 15)
	r.Timeline.Price[50], r.Timeline.Power[50] = report.Gap, report.Gap
	dir := t.ArtifactDir()
	for _, language := range []report.Language{report.English, report.Arabic} {
		path := writePage(t, dir, r, language)
		for _, width := range []int64{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				l := look{language, width, scheme}
				t.Run(l.String(), func(t *testing.T) {
					tab := open(ctx, t, path, l)
					judge(t, l, prove(tab, t), 5)
					if (width == 390) == (scheme == "dark") {
						use(tab, t, r)
					}
				})
			}
		}
	}
	path := writePage(t, t.TempDir(), bareSample(t), report.Portuguese)
	t.Run("a report that kept nothing but its policies", func(t *testing.T) {
		l := look{report.Portuguese, 1280, "light"}
		judge(t, l, prove(open(ctx, t, path, l), t), 1)
	})
}

func writePage(t *testing.T, dir string, r report.Report, l report.Language) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.HTML(&out, r, l); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "report-"+string(l)+".html")
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens the page in its own tab, waits for its own word that it is
// painted, keeps a picture, and fails the test for whatever the page does that
// it must not, until the test ends.
func open(ctx context.Context, t *testing.T, path string, l look) context.Context {
	t.Helper()
	tab, closeTab := chromedp.NewContext(ctx)
	url := "file://" + path
	f := &browser.Faults{Own: url}
	chromedp.ListenTarget(tab, f.Hear)
	t.Cleanup(func() {
		closeTab()
		for _, fault := range f.All() {
			t.Error(fault)
		}
	})
	var shot []byte
	err := chromedp.Run(tab, browser.Screen(l.width, l.scheme),
		chromedp.Navigate(url), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery), chromedp.FullScreenshot(&shot, 100))
	if err != nil {
		t.Fatalf("%v; until then: %q", err, f.All())
	}
	keep(t, l.String()+".png", shot)
	return tab
}

func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

func prove(tab context.Context, t *testing.T) proof {
	t.Helper()
	var p proof
	if err := chromedp.Run(tab, chromedp.Evaluate(proofScript, &p)); err != nil {
		t.Fatal(err)
	}
	return p
}

func judge(t *testing.T, l look, p proof, charts int) {
	t.Helper()
	if p.Width > l.width || len(p.Wide) > 0 {
		t.Errorf("the page is %d px wide in a window of %d: %q", p.Width, l.width, p.Wide)
	}
	if p.Charts != charts || len(p.Blank) > 0 {
		t.Errorf("%d charts, want %d; without paint: %q", p.Charts, charts, p.Blank)
	}
	if p.Nameless > 0 || p.Uncaption > 0 || p.Unscoped > 0 {
		t.Errorf("%d charts without a text, %d tables without a caption, %d heads without a scope", p.Nameless, p.Uncaption, p.Unscoped)
	}
	if want := map[bool]string{false: "ltr", true: "rtl"}[l.language == report.Arabic]; p.Dir != want {
		t.Errorf("direction is %s, want %s", p.Dir, want)
	}
	if strings.ContainsAny(p.Text, "{}") {
		t.Error("a sentence was shown without its value")
	}
}

// use presses what can be pressed: zoom, a decision, the full price scale.
func use(tab context.Context, t *testing.T, r report.Report) {
	t.Helper()
	const window = `(() => { const z = echarts.getInstanceByDom(document.getElementById("chart-timeline")).getOption().dataZoom[0]; return (z.endValue - z.startValue) / 3600000; })()`
	const known = `(() => { const s = echarts.getInstanceByDom(document.getElementById("chart-timeline")).getOption().dataset[0].source; return [...s.price].map((v) => Number.isNaN(v) ? null : Math.round(v * 100)); })()`
	const top = `echarts.getInstanceByDom(document.getElementById("chart-timeline")).getModel().getComponent("yAxis", 0).axis.scale.getExtent()[1]`
	var week, decision, cut, full float64
	var shot []byte
	var price []*int32
	err := chromedp.Run(tab,
		chromedp.Evaluate(known, &price), chromedp.Click(`[data-zoom="7"]`, chromedp.ByQuery), chromedp.Evaluate(window, &week),
		chromedp.Evaluate(`document.querySelector("[data-from]").click()`, nil), chromedp.Evaluate(window, &decision),
		chromedp.Screenshot("#chart-timeline", &shot, chromedp.ByQuery), chromedp.Evaluate(`document.getElementById("full").click()`, nil), chromedp.Evaluate(top, &cut), chromedp.Evaluate(`document.getElementById("full").click(), document.querySelector("[data-zoom=all]").click()`, nil), chromedp.Evaluate(top, &full))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "decision.png", shot)
	checkTrace(t, price, r.Timeline.Price)
	if week < 167 || week > 169 || decision > 72 {
		t.Errorf("a week shows %.1f h, the best decision %.1f h", week, decision)
	}
	if full <= cut {
		t.Errorf("the full scale ends at %.0f, the cut one at %.0f", full, cut)
	}
}

// checkTrace compares what the page unpacked, one value longer, with what was packed.
func checkTrace(t *testing.T, got []*int32, want report.Trace) {
	t.Helper()
	if len(got) != len(want)+1 {
		t.Fatalf("the page has %d prices, want %d", len(got), len(want)+1)
	}
	for i, w := range want {
		if (got[i] == nil) != (w == report.Gap) || got[i] != nil && *got[i] != w {
			t.Fatalf("price %d is %v on the page, want %d", i, got[i], w)
		}
	}
}
