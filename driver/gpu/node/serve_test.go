package node

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/gpu"
)

const secret = "a-token-of-many-letters"

// ask sends one request to a served agent.
func ask(tb testing.TB, h http.Handler, what, token, body string) (int, []byte) {
	tb.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(tb.Context(), method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		tb.Fatal(err)
	}
	return w.Code, text
}

func TestServe(t *testing.T) {
	t.Parallel()
	r := stand(t, 2)
	h := Handler(r.Agent, []byte(secret))
	for _, c := range []struct {
		sentence, what, token, body string
		status                      int
		says                        string
	}{
		{"nothing without the token", "GET /v1/report", "", "", 401, "token"},
		{"nothing with half of it", "GET /v1/report", secret[:10], "", 401, "token"},
		{"the report", "GET /v1/report", secret, "", 200, `"limit_w":700`},
		{"an order that is none", "POST /v1/limit", secret, `{"limit_kw":1}`, 400, "unknown field"},
		{"an order with a tail", "POST /v1/limit", secret, `{"limit_w":450}{}`, 400, "something follows"},
		{"an order without end", "POST /v1/limit", secret, `{"node":"` + strings.Repeat("x", 100_000) + `"}`, 400, "too large"},
		{"a refusal is an answer", "POST /v1/limit", secret, `{"limit_w":50}`, 200, `"taken":false`},
		{"a limit", "POST /v1/limit", secret, `{"node":"n1","limit_w":450,"epoch":2}`, 200, `"taken":true`},
		{"another epoch", "POST /v1/limit", secret, `{"limit_w":500,"epoch":1}`, 200, `saw 2`},
		{"a way that is none", "PUT /v1/limit", secret, ``, 405, ""},
		{"a place that is none", "GET /", secret, ``, 404, ""},
		{"another node's limits", "POST /v1/restore", secret, `{"node":"n2","epoch":2}`, 200, `not \"n2\"`},
		{"what was found", "POST /v1/restore", secret, `{"epoch":2}`, 200, `"taken":true`},
	} {
		status, text := ask(t, h, c.what, c.token, c.body)
		if status != c.status || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %d %s", c.sentence, status, text)
		}
	}
	r.want(t, 700, 700)
	r.dead = true
	if status, text := ask(t, h, "GET /v1/report", secret, ""); status != 500 || !strings.Contains(string(text), "no NVIDIA driver") {
		t.Errorf("without GPUs: %d %s", status, text)
	}
}

func TestReportReadsBack(t *testing.T) {
	t.Parallel()
	_, text := ask(t, Handler(stand(t, 2).Agent, []byte(secret)), "GET /v1/report", secret, "")
	report, err := gpu.ReadReport(text)
	if err != nil || len(report.GPUs) != 2 || report.GPUs[1].Node != "n1" || !report.GPUs[1].Has.Range {
		t.Errorf("%v %+v", err, report)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for sentence, c := range map[string]struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		"a secret":              {secret + "\n", 0o600, true},
		"one that others read":  {secret, 0o640, false},
		"a short one":           {"abc", 0o600, false},
		"one with blanks in it": {"a token of many letters", 0o600, false},
		"one without end":       {strings.Repeat("x", 10_000), 0o600, false},
	} {
		name := filepath.Join(dir, strings.ReplaceAll(sentence, " ", "-"))
		if err := os.WriteFile(name, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if got, err := Token(name); (err == nil) != c.ok || c.ok && string(got) != secret {
			t.Errorf("%s: %q %v", sentence, got, err)
		}
	}
	if _, err := Token(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "make one") {
		t.Errorf("no file: %v", err)
	}
}

// FuzzOrder: no body becomes a job outside the range of a GPU, or for a GPU that was
// not named.
func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"node":"n1","uuids":["GPU-0"],"limit_w":450,"epoch":1,"until":"2026-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"uuids":["GPU-0","GPU-1"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var s gpu.Setting
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/limit", bytes.NewReader(body))
		if !order(httptest.NewRecorder(), r, &s) {
			return
		}
		b := shelf{cards: []card{{limit: 700, standard: 700}, {limit: 500, standard: 700}}}
		rs, err := b.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		jobs, why := plan(rs, s, memory{})
		if why != "" {
			return
		}
		for _, j := range jobs {
			if j.limit < 200 || j.limit > 700 || len(s.UUIDs) > 0 && !slices.Contains(s.UUIDs, j.gpu.UUID) {
				t.Fatalf("%s becomes %+v", body, j)
			}
		}
		if len(jobs) == 0 {
			t.Fatalf("%s is taken and does nothing", body)
		}
	})
}
