package board_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

func TestPictures(t *testing.T) {
	ctx := browser.Start(t)
	for _, l := range []struct {
		lang, scheme string
		width        int64
	}{{"en", "light", 1280}, {"en", "light", 360}, {"ar", "dark", 360}, {"ar", "light", 1280}, {"pt", "dark", 1280}} {
		tab, stop := chromedp.NewContext(ctx)
		var shot []byte
		var wide int64
		var over []string
		if err := chromedp.Run(tab, browser.Screen(l.width, l.scheme), chromedp.Navigate("file:///tmp/board/page-"+l.lang+".html"), chromedp.FullScreenshot(&shot, 100),
			chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.Evaluate(`[...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll") && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)).map((e) => e.tagName + "." + e.className)`, &over)); err != nil {
			t.Fatal(err)
		}
		t.Log(l, wide, over)
		os.WriteFile("/tmp/board/"+l.lang+"-"+l.scheme+".png", shot, 0o644)
		os.Rename("/tmp/board/"+l.lang+"-"+l.scheme+".png", "/tmp/board/"+l.lang+"-"+l.scheme+"-"+map[int64]string{360: "360", 1280: "1280"}[l.width]+".png")
		for y := 0; y < 40; y++ {
			var h, part int64 = 0, 1800
			if l.width == 360 { part = 2400 }
			chromedp.Run(tab, chromedp.Evaluate(`document.documentElement.scrollHeight`, &h))
			if int64(y)*part >= h { break }
			var b []byte
			chromedp.Run(tab, chromedp.ActionFunc(func(ctx context.Context) error {
				var err error
				b, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithClip(&page.Viewport{X: 0, Y: float64(int64(y) * part), Width: float64(l.width), Height: float64(min(part, h-int64(y)*part)), Scale: 1}).Do(ctx)
				return err
			}))
			os.WriteFile(fmt.Sprintf("/tmp/board/%s-%s-%d-%02d.png", l.lang, l.scheme, l.width, y), b, 0o644)
		}
		stop()
	}
}
