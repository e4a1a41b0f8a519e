package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFaults: whatever a page must not do is heard, and a page that does nothing is not accused.
func TestFaults(t *testing.T) {
	t.Parallel()
	pages := map[string]struct{ body, fault string }{
		"/good":      {`<p>well</p>`, ""},
		"/thrown":    {`<script>throw new Error("a bug")</script>`, "exception: "},
		"/said":      {`<script>console.warn("odd")</script>`, `console warning: "odd"`},
		"/missing":   {`<script src="/nothing.js"></script>`, "log error: "},
		"/elsewhere": {`<img src="http://127.0.0.1:9/x.png">`, "it asks elsewhere: http://127.0.0.1:9/x.png"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, known := pages[r.URL.Path]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><link rel="icon" href="data:,">` + p.body))
	}))
	t.Cleanup(server.Close)
	in := Start(t)
	for path, want := range pages {
		tab, leave := chromedp.NewContext(in)
		f := &Faults{Own: server.URL}
		chromedp.ListenTarget(tab, f.Hear)
		err := chromedp.Run(tab, Screen(390, "dark"), chromedp.Navigate(server.URL+path), chromedp.Evaluate(`new Promise((done) => setTimeout(done, 50))`, nil, Awaited))
		got := strings.Join(f.All(), "\n")
		if leave(); err != nil || (want.fault == "") != (got == "") || !strings.Contains(got, want.fault) {
			t.Errorf("%s: heard %q, want %q; %v", path, got, want.fault, err)
		}
	}
}
