package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sluice/live"
)

// snare counts whoever connects to an address that no site declared.
type snare struct {
	at   string
	seen atomic.Int64
}

func newSnare(t *testing.T) *snare {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", "127.79.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &snare{at: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			x.seen.Add(1)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return x
}

// redirector is a machine among the declared ones that sends everybody elsewhere.
func redirector(t *testing.T, at string, to *snare) *atomic.Int64 {
	t.Helper()
	asked := &atomic.Int64{}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp4", at)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "http://"+to.at+r.URL.Path, http.StatusFound)
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return asked
}

// TestEgress: neither a machine that redirects nor the environment leads the site
// to an address outside its device networks.
func TestEgress(t *testing.T) {
	t.Parallel()
	const stray = "127.70.9.9"
	out := newSnare(t)
	y := newYard(t, lot{network: 70, miners: 8})
	y.join(t, "antminer-1", stray)
	asked := redirector(t, net.JoinHostPort(stray, strconv.Itoa(80+y.offset)), out)
	c := spawnWith(t, []string{"HTTP_PROXY=http://" + out.at, "http_proxy=http://" + out.at, "ALL_PROXY=http://" + out.at}, y.arguments(20, "--entrust")...)
	y.until(t, "every machine is heard", 20*time.Second, func(s live.Status) bool { return s.Machines.Unknown == 0 })
	y.say(t, "stop", "--by", "ben")
	y.until(t, "everything sleeps", 20*time.Second, func(s live.Status) bool { return s.Machines.Running == 0 && s.Orders.Proofs >= 8 })
	if code, said := c.end(t, syscall.SIGINT); code != exitOK {
		t.Errorf("ended with %d: %s", code, said)
	}
	if asked.Load() == 0 {
		t.Error("nobody asked the machine that redirects")
	}
	if n := out.seen.Load(); n > 0 {
		t.Errorf("%d connections went outside", n)
	}
	strays(t, "http://"+net.JoinHostPort(stray, strconv.Itoa(80+y.offset)), out)
}

// join declares one more machine of a group.
func (y *yard) join(t *testing.T, group, address string) {
	t.Helper()
	text := readAll(t, y.file)
	count := regexp.MustCompile(`(?s)(name: ` + group + `\n.*?count: )(\d+)`).FindStringSubmatch(text)
	if count == nil {
		t.Fatalf("no group %s", group)
	}
	n, err := strconv.Atoi(count[2])
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Replace(text, count[0], count[1]+strconv.Itoa(n+1), 1)
	text = strings.Replace(text, "group: "+group+"\n      addresses:\n", "group: "+group+"\n      addresses:\n        - "+address+"\n", 1)
	y.file = write(t, "v.yaml", text)
}

// strays shows that the snare catches a client that follows.
func strays(t *testing.T, url string, out *snare) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := http.DefaultClient.Do(r); err == nil {
		_ = a.Body.Close()
	}
	if out.seen.Load() == 0 {
		t.Error("the snare catches nobody")
	}
}

// TestOutsideIsRefused: a site file that names an address outside its networks is
// refused before anything is asked.
func TestOutsideIsRefused(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 72, miners: 4})
	for sentence, change := range map[string][2]string{
		"a machine": {"      addresses:\n", "      addresses:\n        - 10.1.2.3\n"},
		"a meter":   {"address: 127.73.0.1", "address: 10.1.2.3"},
	} {
		text := strings.Replace(readAll(t, y.file), change[0], change[1], 1)
		other := *y
		other.file = write(t, "outside.yaml", text)
		code, out, errs := call(t, other.arguments(1)...)
		if code != exitBadInput || out != "" || !strings.Contains(errs, "10.1.2.3") || !strings.Contains(errs, "network") {
			t.Errorf("%s: %d %q %q", sentence, code, out, errs)
		}
	}
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
