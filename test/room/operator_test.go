package room

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// operator is a demonstration that runs.
type operator struct {
	url   string
	first time.Duration                  // from the start of the program to the first page
	way   []chromedp.ExecAllocatorOption // to it, for browsers
}

// newOperator starts the built program's demonstration on few machines, until the test
// ends.
func newOperator(t *testing.T, offset, speed int) operator {
	t.Helper()
	program, err := filepath.Abs("../../bin/sluice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("SKIPPED, NOTHING WAS CHECKED: bin/sluice is missing: run make build")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, program, "demo", "--listen", "127.0.0.1:0", "--miners", "12", "--speed", strconv.Itoa(speed), "--port-offset", strconv.Itoa(offset))
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = 20 * time.Second
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := c.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the demonstration ended with %v", err)
		}
	})
	url := told(t, out)
	a, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if page, err := io.ReadAll(a.Body); err != nil || a.StatusCode != http.StatusOK || !strings.Contains(string(page), "<script") {
		t.Fatalf("the first page: %d %.200s %v", a.StatusCode, page, err)
	}
	return operator{url: strings.TrimSuffix(url, "/"), first: time.Since(began)}
}

// told waits for the address that the program tells, and lets it say more.
func told(t *testing.T, out io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(lines.Text()); at != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return at
		}
	}
	t.Fatal("the demonstration told no address")
	return ""
}

// client is somebody of the demonstration who is logged in.
func (o operator) client(t *testing.T, name string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	var s struct{ Person string }
	if code := o.call(t, c, http.MethodPost, "/v1/demo/"+name, &s); code != http.StatusOK || s.Person != name {
		t.Fatalf("play %s: %d %+v", name, code, s)
	}
	return c
}

// call asks the interface and reads the answer.
func (o operator) call(t *testing.T, c *http.Client, method, path string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, o.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", fmt.Sprintf("test-%d", time.Now().UnixNano()))
	a, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if err := json.NewDecoder(a.Body).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a.StatusCode
}

// applies applies a new object; false: it was refused.
func (o operator) applies(t *testing.T, c *http.Client, kind, name, body string) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, o.url+"/v1/objects/"+kind+"/"+name, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", fmt.Sprintf("test-%d", time.Now().UnixNano()))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("If-None-Match", "*")
	a, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	text, _ := io.ReadAll(a.Body)
	if a.StatusCode/100 != 2 {
		t.Logf("%s %s is not applied: %d %.300s", kind, name, a.StatusCode, text)
	}
	return a.StatusCode/100 == 2
}

// until asks again until it holds; a test that waits in vain says for what.
func until(t *testing.T, what string, most time.Duration, holds func() bool) {
	t.Helper()
	if !within(t, most, holds) {
		t.Fatalf("in vain for %v: %s", most, what)
	}
}

// within asks again until it holds; false: it did not in time.
func within(t *testing.T, most time.Duration, holds func() bool) bool {
	t.Helper()
	end := time.NewTimer(most)
	defer end.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end.C:
			return false
		}
	}
	return true
}
