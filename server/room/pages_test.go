package room

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	script := strings.Repeat("console.log('watts');\n", 500)
	return fstest.MapFS{
		"index.html":            {Data: []byte(`<!doctype html><meta name="nonce" content="__NONCE__"><style nonce="__NONCE__"></style>` + strings.Repeat("<p>x</p>", 300))},
		"assets/main-abc.js":    {Data: []byte(script)},
		"assets/_chunk-1.js":    {Data: []byte("let a")},
		"assets/inter-1.woff2":  {Data: []byte(strings.Repeat("w", 4000))},
		"favicon.svg":           {Data: []byte("<svg/>")},
		"assets/main-abc.css":   {Data: []byte("a{}")},
		"manifest.webmanifest":  {Data: []byte("{}")},
		"assets/strange.family": {Data: []byte("?")},
	}
}

// TestPages: files for ever, the page anew, and the page for every path of its own.
func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Pages = built() })
	g := w.nobody()
	for path, want := range map[string]struct{ kind, cache, body string }{
		"/assets/main-abc.js":    {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "console.log"},
		"/assets/_chunk-1.js":    {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "let a"},
		"/assets/main-abc.css":   {"text/css; charset=utf-8", "public, max-age=31536000, immutable", "a{}"},
		"/assets/inter-1.woff2":  {"font/woff2", "public, max-age=31536000, immutable", "w"},
		"/assets/strange.family": {"application/octet-stream", "public, max-age=31536000, immutable", "?"},
		"/favicon.svg":           {"image/svg+xml", "no-cache", "<svg/>"},
		"/":                      {"text/html; charset=utf-8", "no-cache", "<!doctype"},
		"/index.html":            {"text/html; charset=utf-8", "no-cache", "<!doctype"},
		"/sites/houston/plan":    {"text/html; charset=utf-8", "no-cache", "<!doctype"},
		"/v2/anything":           {"text/html; charset=utf-8", "no-cache", "<!doctype"},
	} {
		a := g.ok(http.StatusOK, "GET", path, nil)
		if a.header.Get("Content-Type") != want.kind || a.header.Get("Cache-Control") != want.cache || !strings.HasPrefix(a.body, want.body) || a.header.Get("ETag") == "" {
			t.Errorf("%s: %v %.60s", path, a.header, a.body)
		}
		if again := g.do("GET", path, nil, "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified || again.body != "" || again.header.Get("Content-Security-Policy") != "" && strings.Contains(again.header.Get("Content-Security-Policy"), "nonce") {
			t.Errorf("%s again: %d %v %.60s", path, again.status, again.header, again.body)
		}
		if head := g.do("HEAD", path, nil); head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != itoa(len(a.body)) {
			t.Errorf("HEAD %s: %d %v %.60s", path, head.status, head.header, head.body)
		}
	}
	for _, path := range []string{"/assets/main-old.js", "/v1/nothing", "/v1"} {
		if a := g.do("GET", path, nil); a.status != http.StatusNotFound || strings.Contains(a.body, "doctype") {
			t.Errorf("%s: %d %.60s", path, a.status, a.body)
		}
	}
	for _, path := range []string{"/../../etc/passwd", "/assets/../../go.mod", "/%2e%2e/secret"} {
		if a := g.do("GET", path, nil); strings.Contains(a.body, "root:") || strings.Contains(a.body, "module sluice") {
			t.Errorf("%s: %.60s", path, a.body)
		}
	}
	if a := g.do("POST", "/", "{}"); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", a.status)
	}
}

// TestEachPageHasItsNonce: the same in the page and in the policy, and never twice.
func TestEachPageHasItsNonce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Pages = built() })
	in := regexp.MustCompile(`style-src 'self' 'nonce-([A-Za-z0-9+/=]{24})'`)
	seen := map[string]bool{}
	for range 3 {
		a := w.nobody().ok(http.StatusOK, "GET", "/", nil)
		said := in.FindStringSubmatch(a.header.Get("Content-Security-Policy"))
		if said == nil || strings.Count(a.body, said[1]) != 2 || strings.Contains(a.body, nonceMark) || seen[said[1]] {
			t.Fatalf("%v %.200s", a.header, a.body)
		}
		seen[said[1]] = true
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
			if !strings.Contains(a.header.Get("Content-Security-Policy"), want) {
				t.Errorf("the policy lacks %s", want)
			}
		}
	}
	docs := w.nobody().ok(http.StatusOK, "GET", "/v1/docs", nil)
	if said := in.FindStringSubmatch(docs.header.Get("Content-Security-Policy")); said == nil || !strings.Contains(strings.ReplaceAll(docs.body, "&#43;", "+"), `nonce="`+said[1]+`"`) || strings.Contains(docs.body, "<script") || strings.Contains(docs.body, "//cdn") {
		t.Errorf("%v %.300s", docs.header, docs.body)
	}
	for _, x := range w.room.routes {
		if !strings.Contains(docs.body, x.method+" "+x.path) {
			t.Errorf("the docs lack %s", x.id)
		}
	}
}

// TestPacked: who reads gzip gets it, of what becomes smaller.
func TestPacked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Pages = built() })
	for _, c := range []struct {
		path, accepts string
		packed        bool
	}{
		{"/assets/main-abc.js", "gzip, deflate, br", true},
		{"/assets/main-abc.js", "br, GZIP;q=0.5", true},
		{"/assets/main-abc.js", "gzip;q=0", false},
		{"/assets/main-abc.js", "", false},
		{"/assets/_chunk-1.js", "gzip", false},
		{"/assets/inter-1.woff2", "gzip", false},
		{"/", "gzip", true},
	} {
		plain := w.nobody().ok(http.StatusOK, "GET", c.path, nil)
		a := w.nobody().do("GET", c.path, nil, "Accept-Encoding", c.accepts)
		if packed := a.header.Get("Content-Encoding") == "gzip"; packed != c.packed {
			t.Errorf("%s, %q: packed %v", c.path, c.accepts, packed)
			continue
		}
		if !c.packed {
			continue
		}
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || len(got) != len(plain.body) || len(a.body) >= len(got) || a.header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d bytes of %d, %v", c.path, len(got), len(plain.body), err)
		}
	}
}

// TestWithoutPages says so.
func TestWithoutPages(t *testing.T) {
	t.Parallel()
	a := newWorld(t).nobody().do("GET", "/", nil)
	if a.status != http.StatusNotFound || !strings.Contains(a.body, "without its pages") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
