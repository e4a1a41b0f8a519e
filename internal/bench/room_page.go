package main

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

// The promises of the first page.
const (
	scriptMost = 600  // kB of compressed script at first load
	paintMost  = 1500 // milliseconds to the first paint with content
	startMost  = 2000 // milliseconds from the start of the program to the first page
)

// firstPage measures the first page of the demonstration in a real browser.
func (b *bench) firstPage(ctx context.Context, t *table) error {
	program, err := b.build(ctx)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, program, "demo", "--listen", "127.0.0.1:0", "--miners", "12")
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = 20 * time.Second
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := c.Start(); err != nil {
		return err
	}
	defer func() { _ = c.Process.Signal(syscall.SIGINT); _ = c.Wait() }()
	url, lines := "", bufio.NewScanner(out)
	for url == "" && lines.Scan() {
		url = regexp.MustCompile(`http://\S+`).FindString(lines.Text())
	}
	go func() {
		for lines.Scan() {
		}
	}()
	start := time.Since(begin)
	p, err := lookAt(ctx, url)
	if err != nil {
		return err
	}
	t.add(
		figure{Name: "demonstration: from the start of the program to the first page", Value: float64(start.Milliseconds()), Unit: "ms", How: "until its address is told and answers"}.atMost(startMost),
		figure{Name: "first page after login: script, compressed", Value: p.Script / 1000, Unit: "kB", How: "what Chromium fetched for it, with an empty cache"}.atMost(scriptMost),
		figure{Name: "first page: first contentful paint", Value: p.Paint, Unit: "ms", How: "Chromium on loopback, empty cache: the name of the program"}.atMost(paintMost),
		figure{Name: "first page: until its figures are there", Value: p.Ready, Unit: "ms", How: "the same; all that the page asked for has come and is painted, while the sites of the demonstration begin"},
	)
	return nil
}

// painted is what a browser says of a page.
type painted struct{ Script, Paint, Ready float64 }

// lookAt opens the first page of somebody who is logged in, in a browser without cache.
func lookAt(ctx context.Context, url string) (p painted, err error) {
	tab, leave, err := browser.Begin(ctx)
	if err != nil {
		return p, err
	}
	defer leave()
	var status int
	err = chromedp.Run(tab, page.SetBypassCSP(true), chromedp.Navigate(url+"livez"), // a page that loads nothing, and may not ask either
		chromedp.Evaluate(fmt.Sprintf(`fetch(%q, {method: "POST"}).then((a) => a.status)`, strings.TrimSuffix(url, "/")+"/v1/demo/anna"), &status, browser.Awaited),
		chromedp.Navigate(url), chromedp.WaitReady(`body[data-ready="1"]`, chromedp.ByQuery),
		chromedp.Evaluate(`({
			Script: performance.getEntriesByType("resource").filter((r) => r.name.endsWith(".js")).reduce((n, r) => n + r.encodedBodySize, 0),
			Paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
			Ready: performance.now(),
		})`, &p))
	if err == nil && status != 200 {
		err = fmt.Errorf("nobody was let in: %d", status)
	}
	return p, err
}
