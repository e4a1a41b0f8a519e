package room

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

// look is how a page is looked at.
type look struct {
	language, scheme string
	width            int64
}

func (l look) String() string { return fmt.Sprintf("%s-%s-%d", l.language, l.scheme, l.width) }

// person is somebody who looks, in a browser of their own.
type person struct {
	tab      context.Context //nolint:containedctx // a tab is a context
	operator operator
	faults   *browser.Faults
}

// sit lets somebody of the demonstration sit down: logged in, in their language.
func (o operator) sit(t *testing.T, name string, l look) person {
	t.Helper()
	p := person{browser.Start(t, o.way...), o, &browser.Faults{Own: o.url}}
	chromedp.ListenTarget(p.tab, p.faults.Hear)
	p.do(t, browser.Screen(l.width, l.scheme), chromedp.Navigate(o.url+"/"), chromedp.WaitReady("#root > *", chromedp.ByQuery))
	p.play(t, name)
	p.do(t, chromedp.Evaluate(fmt.Sprintf(`localStorage.setItem("sluice.language", %q)`, l.language), nil))
	return p
}

// play logs in as somebody of the demonstration.
func (p person) play(t *testing.T, name string) {
	t.Helper()
	until(t, name+" is let in", 70*time.Second, func() bool { // a code counts once, and is there each half minute
		var status int
		p.do(t, chromedp.Evaluate(fmt.Sprintf(`fetch("/v1/demo/%s", {method: "POST"}).then((a) => a.status)`, name), &status, browser.Awaited))
		return status == 200
	})
}

// do does something in the browser within a time.
func (p person) do(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	ctx, stop := context.WithTimeout(p.tab, 30*time.Second)
	defer stop()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%v; until then: %q", err, p.faults.All())
	}
}

// goes to a page and waits until it is painted with data.
func (p person) goes(t *testing.T, path string) {
	t.Helper()
	p.do(t, chromedp.Navigate(p.operator.url+path), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery))
}

// keep keeps a picture.
func (p person) keep(t *testing.T, name string) {
	t.Helper()
	var shot []byte
	var tall bool
	p.do(t, chromedp.Evaluate(`document.documentElement.scrollHeight > innerHeight`, &tall))
	if tall {
		p.do(t, chromedp.FullScreenshot(&shot, 100))
	} else {
		p.do(t, chromedp.CaptureScreenshot(&shot)) // a whole picture of a page from right to left that fits begins beside it
	}
	folder := os.Getenv("SLUICE_SCREENS")
	if folder == "" {
		folder = t.ArtifactDir()
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot, 0o600); err != nil {
		t.Fatal(err)
	}
}
