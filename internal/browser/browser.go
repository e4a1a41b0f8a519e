// Package browser begins a real Chromium for tests and benchmarks, and listens for what
// a page must not do: errors, words on the console, and requests to somebody else.
package browser

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Find is where a browser lies: the one that CHROMIUM names, else Debian's.
func Find() (string, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("CHROMIUM"), "chromium"))
	if err != nil {
		return "", fmt.Errorf("no browser: %w: make debian installs one, or name another in CHROMIUM", err)
	}
	return path, nil
}

// Begin begins one with an empty cache and cookies of its own. What it returns ends it.
func Begin(ctx context.Context, more ...chromedp.ExecAllocatorOption) (tab context.Context, end func(), err error) {
	path, err := Find()
	if err != nil {
		return nil, nil, err
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("headless", "new"), chromedp.WindowSize(1280, 900))
	ctx, stop := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	tab, leave := chromedp.NewContext(ctx)
	end = func() { leave(); stop() }
	if err := chromedp.Run(tab); err != nil {
		end()
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return tab, end, nil
}

// Start begins one until the test ends. A computer without a browser fails the test;
// SLUICE_BROWSER=skip and -short leave it out, and say so.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	if os.Getenv("SLUICE_BROWSER") == "skip" || testing.Short() {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: no page was shown in a browser (SLUICE_BROWSER=skip or -short)")
	}
	tab, end, err := Begin(context.WithoutCancel(t.Context()), more...)
	if err != nil {
		t.Fatalf("%v, or set SLUICE_BROWSER=skip", err)
	}
	t.Cleanup(end)
	return tab
}

// Awaited lets a script be waited for that promises its answer.
func Awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// Screen sets the width in CSS pixels and the colour scheme, light or dark, of a tab
// whose faults are heard. Nothing moves.
func Screen(width int64, scheme string) chromedp.Action {
	return chromedp.Tasks{
		network.Enable(), log.Enable(),
		emulation.SetDeviceMetricsOverride(width, 900, 1, width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
	}
}

// Faults is what a page did that it must not. Its methods may be called from any goroutine.
type Faults struct {
	Own  string // where the page may ask: its address begins so
	mu   sync.Mutex
	list []string
}

// All takes them out.
func (f *Faults) All() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.list
	f.list = nil
	return out
}

func (f *Faults) say(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// Hear takes what the browser says of a page; chromedp.ListenTarget calls it.
func (f *Faults) Hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		f.say("exception: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.APITypeError && e.Type != runtime.APITypeWarning {
			return
		}
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		f.say("console %s: %.400s", e.Type, strings.Join(words, " "))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			f.say("log %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, f.Own) && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:") {
			f.say("it asks elsewhere: %s", u)
		}
	}
}
