package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"sluice/live"
)

// face is one of the two ways in which programs ask a site.
type face struct {
	client *http.Client
	root   string
}

// faces are the control socket and the loopback address that was asked for.
func (y *yard) faces(t *testing.T, s *serving) map[string]face {
	t.Helper()
	var at []string
	if !soon(t, "the address is told", 5*time.Second, func() bool {
		at = regexp.MustCompile(`figures at (http://127\.0\.0\.1:\d+)/metrics`).FindStringSubmatch(s.said())
		return at != nil
	}) {
		t.Fatalf("no address: %s", s.said())
	}
	socket := filepath.Join(y.data, live.SocketName)
	return map[string]face{
		"--listen": {http.DefaultClient, at[1]},
		"socket": {&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}}}, "http://site"},
	}
}

// ask sends one request and returns the answer's code and text.
func (f face) ask(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.root+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(text)
}

// TestFaces asks a running site as Prometheus does, and as nobody should.
func TestFaces(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 68, miners: 10})
	s := y.serve(t, 30, "--entrust", "--listen", "127.0.0.1:0")
	y.say(t, "instruct", "--limit-mw", "0.01", "--by", "the grid")
	y.until(t, "orders are proven", 20*time.Second, func(s live.Status) bool { return s.Orders.Orders > 0 && s.Orders.Proofs > 0 })
	for name, f := range y.faces(t, s) {
		if missing := f.missing(t); !soon(t, name+" tells its figures", 5*time.Second, func() bool { missing = f.missing(t); return missing == "" }) {
			t.Errorf("%s: no %s in /metrics", name, missing)
		}
		sum := func() float64 { return f.sum(t, "sum(sluice_machine_power_watts)") }
		if !soon(t, name+" answers a query", 20*time.Second, func() bool { return sum() > 100 }) {
			t.Errorf("%s: the machines draw %v", name, sum())
		}
		if code, _ := f.ask(t, http.MethodGet, "/nothing", ""); code != http.StatusNotFound {
			t.Errorf("%s: a page that is not there: %d", name, code)
		}
	}
	closedDoors(t, y.faces(t, s))
	for _, address := range []string{"0.0.0.0:9464", "10.1.2.3:9464", "[::]:9464", "here"} {
		code, out, errs := call(t, y.arguments(1, "--listen", address)...)
		refused(t, code, out, errs, []string{"--listen", "an address of this computer alone"})
	}
}

// missing reads the program's figures and names one that is not among them.
func (f face) missing(t *testing.T) string {
	t.Helper()
	code, text := f.ask(t, http.MethodGet, "/metrics", "")
	p := expfmt.NewTextParser(model.UTF8Validation)
	all, err := p.TextToMetricFamilies(strings.NewReader(text))
	if code != http.StatusOK || err != nil {
		t.Fatalf("/metrics: %d %v", code, err)
	}
	for _, want := range []string{
		"sluice_polls_total", "sluice_orders_total", "sluice_answers_total", "sluice_proofs_total", "sluice_limit_watts",
		"sluice_reserved_watts", "sluice_store_append_seconds", "sluice_tick_late_seconds", "sluice_stage", "sluice_build_info",
	} {
		if all[want] == nil {
			return want
		}
	}
	return ""
}

// sum asks a query that gives one number; 0 when there is none yet.
func (f face) sum(t *testing.T, query string) float64 {
	t.Helper()
	code, text := f.ask(t, http.MethodGet, "/api/v1/query?"+url.Values{"query": {query}}.Encode(), "")
	var a struct {
		Status string
		Data   struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal([]byte(text), &a); err != nil || code != http.StatusOK || a.Status != "success" {
		t.Fatalf("%s: %d %v %s", query, code, err, text)
	}
	if len(a.Data.Result) != 1 {
		return 0
	}
	number, _ := a.Data.Result[0].Value[1].(string)
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// closedDoors asks for what is refused: on the loopback address every act.
func closedDoors(t *testing.T, f map[string]face) {
	t.Helper()
	for sentence, c := range map[string]struct {
		path, body string
		code       int
		says       string
	}{
		"nobody says who they are":  {"/stop", `{}`, http.StatusConflict, "say who you are"},
		"a name of blanks":          {"/stop", `{"by":"  "}`, http.StatusConflict, "say who you are"},
		"a field that there is not": {"/stop", `{"by":"ann","force":true}`, http.StatusBadRequest, "unknown field"},
		"no JSON":                   {"/stop", `now!`, http.StatusBadRequest, "read the request"},
		"two requests in one":       {"/stop", `{"by":"ann"}{"by":"ben"}`, http.StatusBadRequest, "more than one request"},
		"far too much":              {"/stop", `{"by":"` + strings.Repeat("a", 100_000) + `"}`, http.StatusBadRequest, "too large"},
		"an act that there is not":  {"/explode", `{"by":"ann"}`, http.StatusNotFound, ""},
		"a limit below zero":        {"/instruct", `{"by":"ann","limit_w":-5}`, http.StatusConflict, "not negative"},
	} {
		if code, text := f["socket"].ask(t, http.MethodPost, c.path, c.body); code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%s: %d %q, want %d and %q", sentence, code, text, c.code, c.says)
		}
		if code, text := f["--listen"].ask(t, http.MethodPost, c.path, c.body); code != http.StatusNotFound && code != http.StatusMethodNotAllowed {
			t.Errorf("%s: the loopback address answers %d %q", sentence, code, text)
		}
	}
	if code, _ := f["socket"].ask(t, http.MethodGet, "/stop", ""); code != http.StatusMethodNotAllowed {
		t.Errorf("looking at the stop: %d", code)
	}
	if code, text := f["socket"].ask(t, http.MethodGet, "/status", ""); code != http.StatusOK || !bytes.Contains([]byte(text), []byte(`"stopped": false`)) {
		t.Errorf("after all that: %d %.300s", code, text)
	}
}
