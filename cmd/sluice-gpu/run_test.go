package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/gpu"
)

// bench is a node with two GPUs behind a fake nvidia-smi.
type bench struct {
	tb  testing.TB
	dir string
}

func setUp(tb testing.TB) bench {
	tb.Helper()
	b := bench{tb, tb.TempDir()}
	text, err := os.ReadFile("../../driver/gpu/node/testdata/nvidia-smi")
	if err != nil {
		tb.Fatal(err)
	}
	b.write("nvidia-smi", string(text), 0o700)
	b.write("token", "a-token-of-many-letters\n", 0o600)
	for i := range 2 {
		for name, v := range map[string]string{
			"uuid": "GPU-0000000" + strconv.Itoa(i), "name": "NVIDIA H100 80GB HBM3", "want": "690", "limit": "700", "min": "200", "max": "700", "default": "700",
		} {
			b.write("gpu"+strconv.Itoa(i)+"/"+name, v+"\n", 0o600)
		}
	}
	return b
}

func (b bench) write(name, text string, mode os.FileMode) {
	b.tb.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		b.tb.Fatal(err)
	}
}

func (b bench) limit(i int) string {
	b.tb.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "gpu"+strconv.Itoa(i), "limit"))
	if err != nil {
		b.tb.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// common are the flags that lead to the bench.
func (b bench) common() []string {
	return []string{"--route", "nvidia-smi", "--nvidia-smi", filepath.Join(b.dir, "nvidia-smi"), "--dir", filepath.Join(b.dir, "kept"), "--node", "n1"}
}

func (b bench) call(args ...string) (int, string, string) {
	b.tb.Helper()
	var out, errs bytes.Buffer
	code := run(b.tb.Context(), append(b.common(), args...), &out, &errs)
	return code, out.String(), errs.String()
}

func TestCommands(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	for _, c := range []struct {
		args   string
		code   int
		out    string
		err    string
		limits string
	}{
		{"read", exitOK, "GPU-00000001  NVIDIA H100 80GB HBM3  690     700      200-700  700", "", "700 700"},
		{"status", exitOK, "No limit is ours.", "", "700 700"},
		{"set --limit 450", exitOK, "taken", "", "450 450"},
		{"set --limit 400 --gpu GPU-00000001 --epoch 4", exitOK, "taken", "", "450 400"},
		{"set --limit 50 --epoch 4", exitRefused, "", "refused: GPU 0 (GPU-00000000) takes 200 to 700 W, not 50", "450 400"},
		{"set --limit 500", exitRefused, "", "epoch 0 is over: this node saw 4", "450 400"},
		{"set", exitBadInput, "", "--limit", "450 400"},
		{"set --limit 300 --default", exitBadInput, "", "name one", "450 400"},
		{"set --limit x", exitBadInput, "", "invalid argument", "450 400"},
		{"sing", exitBadInput, "", "unknown command", "450 400"},
		{"status", exitOK, "GPU-00000001: 400 W, found at 700 W", "", "450 400"},
		{"restore --epoch 4 --gpu GPU-00000001", exitOK, "taken", "", "450 700"},
		{"restore --epoch 4 --json", exitOK, `"taken": true`, "", "700 700"},
		{"serve --token-file /nowhere", exitBadInput, "", "make one", "700 700"},
		{"serve --token-file x --listen 0.0.0.0:0", exitBadInput, "", "not loopback", "700 700"},
		{"serve --token-file x --listen here", exitBadInput, "", "IP address and a port", "700 700"},
		{"serve --token-file x --cert c", exitBadInput, "", "both --cert and --key", "700 700"},
		{"serve --token-file x --every 1ms", exitBadInput, "", "a second at least", "700 700"},
		{"read --route steam", exitBadInput, "", `route "steam" is not known`, "700 700"},
	} {
		code, out, errs := b.call(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) {
			t.Errorf("%s: exit code %d\n%s%s", c.args, code, out, errs)
		}
		if got := b.limit(0) + " " + b.limit(1); got != c.limits {
			t.Errorf("%s: limits %s, want %s", c.args, got, c.limits)
		}
	}
	code, out, _ := b.call("status", "--json")
	var s status
	if err := json.Unmarshal([]byte(out), &s); code != exitOK || err != nil || len(s.GPUs) != 2 || s.Epoch != 4 || s.GPUs[1].Limit != 700 {
		t.Errorf("%d %v %s", code, err, out)
	}
	b.write("deny", "", 0o600)
	if code, _, errs := b.call("set", "--limit", "450", "--epoch", "4"); code != exitRefused || !strings.Contains(errs, "set by root") {
		t.Errorf("not root: %d %s", code, errs)
	}
	b.write("none", "", 0o600)
	if code, _, errs := b.call("read"); code != exitFailed || !strings.Contains(errs, "no NVIDIA driver") {
		t.Errorf("no driver: %d %s", code, errs)
	}
}

// said is a writer that tells when a line came.
type said struct {
	mu    sync.Mutex
	text  string
	lines chan string
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text += string(p)
	for {
		line, rest, ok := strings.Cut(s.text, "\n")
		if !ok {
			return len(p), nil
		}
		s.text = rest
		s.lines <- line
	}
}

// TestServe serves a node, sets it over HTTP, loses its limits to a reload of the
// driver, and ends with all of them put back.
func TestServe(t *testing.T) {
	t.Parallel()
	b := setUp(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &said{lines: make(chan string, 10)}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"serve", "--listen", "127.0.0.1:0", "--token-file", filepath.Join(b.dir, "token"), "--restore", "--every", "1s"}, b.common()...)
		ended <- run(ctx, args, out, &errs)
	}()
	address := strings.TrimPrefix(<-out.lines, "serving on ")
	if _, _, err := net.SplitHostPort(address); err != nil {
		t.Fatal(address)
	}
	ask := func(method, path, body string) string {
		t.Helper()
		r, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer a-token-of-many-letters")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := ask("POST", "/v1/limit", `{"node":"n1","limit_w":450,"epoch":3}`); !strings.Contains(text, `"taken":true`) || b.limit(0) != "450" {
		t.Fatal(text)
	}
	b.write("gpu0/limit", "700\n", 0o600) // a reload of the driver
	until := time.Now().Add(30 * time.Second)
	for b.limit(0) != "450" {
		if time.Now().After(until) {
			t.Fatalf("its limit stays lost: %s", errs.String())
		}
		ask("GET", "/v1/report", "")
	}
	report, err := gpu.ReadReport([]byte(ask("GET", "/v1/report", "")))
	if err != nil || report.Epoch != 3 || report.GPUs[0].Limit != 450 {
		t.Errorf("%v %+v", err, report)
	}
	cancel()
	if code := <-ended; code != exitOK || b.limit(0) != "700" || b.limit(1) != "700" {
		t.Errorf("exit code %d, limits %s and %s: %s", code, b.limit(0), b.limit(1), errs.String())
	}
}
