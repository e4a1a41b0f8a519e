package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sluice/replay/report"
)

// browser starts one Chromium for a test and ends it with the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("SLUICE_BROWSER") == "skip" || testing.Short() {
		t.Skip("SKIPPED: the report was not shown in a browser (SLUICE_BROWSER=skip or -short)")
	}
	name := os.Getenv("CHROMIUM")
	if name == "" {
		name = "chromium"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("no browser: %v (apt-get install -y --no-install-recommends chromium fonts-noto-core, name another in CHROMIUM, or set SLUICE_BROWSER=skip)", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("headless", "new"), chromedp.WindowSize(1280, 800))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(ctx)
	t.Cleanup(done)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// faults collects what a page must not do.
type faults struct {
	mu   sync.Mutex // guards list, which the browser's events append to
	list []string
}

func (f *faults) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

func (f *faults) watch(own string) func(any) {
	return func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			f.add("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
		case *runtime.EventConsoleAPICalled:
			for _, a := range e.Args {
				f.add("console %s: %s", e.Type, a.Value)
			}
		case *log.EventEntryAdded:
			f.add("log %s: %s", e.Entry.Level, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != own && !strings.HasPrefix(e.Request.URL, "data:") {
				f.add("request to %s", e.Request.URL)
			}
		}
	}
}

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
	ctx := browser(t)
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
	url, f := "file://"+path, new(faults)
	chromedp.ListenTarget(tab, f.watch(url))
	t.Cleanup(func() {
		closeTab()
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, fault := range f.list {
			t.Error(fault)
		}
	})
	var shot []byte
	err := chromedp.Run(tab,
		network.Enable(), log.Enable(),
		emulation.SetDeviceMetricsOverride(l.width, 844, 1, l.width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}),
		chromedp.Navigate(url), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery), chromedp.FullScreenshot(&shot, 100))
	if err != nil {
		t.Fatalf("%v; until then: %q", err, f.list)
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
