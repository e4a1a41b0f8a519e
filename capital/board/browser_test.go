package board_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"sluice/capital/board"
	"sluice/internal/browser"
)

// proof is what a page says of itself.
type proof struct {
	Width  int64    `json:"width"`
	Wide   []string `json:"wide"`
	Shown  int      `json:"shown"`
	Dir    string   `json:"dir"`
	Script int      `json:"script"`
}

const proofScript = `(() => {
  const all = (q) => [...document.querySelectorAll(q)];
  const out = (e) => { const b = e.getBoundingClientRect(); return !e.closest(".scroll") && (b.right > innerWidth + 1 || b.left < -1); };
  return {
    width: Math.max(document.documentElement.scrollWidth, innerWidth),
    wide: all("body *").filter(out).map((e) => e.tagName + "." + e.className),
    shown: all("svg").filter((e) => e.getBoundingClientRect().height > 50).length,
    dir: getComputedStyle(document.body).direction, script: document.scripts.length,
  };
})()`

// TestPageInABrowser: on a phone and on a screen nothing is wider than the window, and
// of each picture one is shown.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	ctx := browser.Start(t)
	for _, l := range []struct {
		language board.Language
		width    int64
		scheme   string
		dir      string
	}{{board.Arabic, 360, "dark", "rtl"}, {board.English, 1280, "light", "ltr"}} {
		r := sample(t)
		r.Language = l.language
		path := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(path, []byte(pageOf(t, r)), 0o600); err != nil {
			t.Fatal(err)
		}
		tab, leave := chromedp.NewContext(ctx)
		f := &browser.Faults{Own: "file://" + path}
		chromedp.ListenTarget(tab, f.Hear)
		var p proof
		err := chromedp.Run(tab, browser.Screen(l.width, l.scheme), chromedp.Navigate("file://"+path), chromedp.Evaluate(proofScript, &p))
		leave()
		if err != nil || p.Width > l.width || len(p.Wide) > 0 || p.Shown != 7 || p.Dir != l.dir || p.Script != 0 {
			t.Errorf("%s at %d: %+v, %v", l.language, l.width, p, err)
		}
		for _, fault := range f.All() {
			t.Error(fault)
		}
	}
}
