package room

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// wire is the network between a browser and the control room, which can be cut. To the
// browser it is a proxy.
type wire struct {
	net.Listener

	to   string
	mu   sync.Mutex // guards what follows
	lost bool
	open []net.Conn
}

// wired is the same operator over such a network, until the test ends.
func (o operator) wired(t *testing.T) (operator, *wire) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l, to: strings.TrimPrefix(o.url, "http://")}
	go w.carry()
	t.Cleanup(func() { _ = l.Close(); w.cut(true) })
	o.way = []chromedp.ExecAllocatorOption{chromedp.ProxyServer("http://" + l.Addr().String()), chromedp.Flag("proxy-bypass-list", "<-loopback>")}
	return o, w
}

// carry carries what comes to the control room, and back.
func (w *wire) carry() {
	for {
		in, err := w.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", w.to)
		if err != nil || !w.keeps(in, out) {
			_ = in.Close()
			continue
		}
		go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
	}
}

// keeps remembers connections; false: the network is cut, and they are closed.
func (w *wire) keeps(all ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, all...)
	if w.lost {
		w.close()
	}
	return !w.lost
}

func (w *wire) close() {
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

// cut ends whatever goes over the network, and lets nothing new over it until it is back.
func (w *wire) cut(lost bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost = lost; lost {
		w.close()
	}
}

// seen is how much of a page is marked as old, how many of its figures are not, and what
// the header says of the link.
type seen struct {
	Old   int
	Fresh []string
	Link  string
}

const seenScript = `({
  Old: document.querySelectorAll("main [data-stale='1']").length,
  Fresh: [...document.querySelectorAll("main .num")].filter((e) => /\d/.test(e.textContent) && !e.closest("[data-stale='1']")).map((e) => e.textContent),
  Link: document.querySelector("header [data-live]").dataset.live,
})`

// losesItsLink cuts the network under an open page: the page says so, no figure that was
// live stands there as if it still were, and all of it is live again when the network is
// back.
func (p person) losesItsLink(t *testing.T, w *wire, path string) {
	t.Helper()
	p.goes(t, path)
	var s seen
	is := func(link string) bool { p.do(t, chromedp.Evaluate(seenScript, &s)); return s.Link == link }
	until(t, "the page is live", 30*time.Second, func() bool { return is("live") && s.Old == 0 && len(s.Fresh) > 0 })
	w.cut(true)
	until(t, "the page says that it lost its link, and marks what is old", 60*time.Second, func() bool { return is("lost") && s.Old > 0 })
	p.keep(t, "lost-link")
	if len(s.Fresh) > 0 {
		t.Errorf("%s: %q stand there as if they were live", path, s.Fresh)
	}
	w.cut(false)
	until(t, "the page is live again by itself", 90*time.Second, func() bool { return is("live") && s.Old == 0 })
	p.faults.All() // of what could not be reached meanwhile
}
