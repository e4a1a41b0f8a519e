package tenant

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestOnlyATokenOpens asks every route without a valid token, in every way, and with
// every method: nothing is told but that it is not valid.
func TestOnlyATokenOpens(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	o := w.store.Office()
	ended, _, err := o.Issue(t.Context(), alpha.who, "short", today.AddDate(0, 0, -2), today.AddDate(0, 0, -1))
	w.must(err)
	revoked, x, err := o.Issue(t.Context(), alpha.who, "gone", today, time.Time{})
	w.must(err, o.Revoke(t.Context(), alpha.who, x.ID, today))
	gone := w.enrol("gone", 5)
	w.must(o.Part(t.Context(), gone.who, today))
	s := w.server()
	bad := map[string][]string{
		"none": nil, "empty": {"Authorization", ""}, "bare": {"Authorization", alpha.text}, "other scheme": {"Authorization", "Basic " + alpha.text},
		"garbage": {"Authorization", "Bearer x"}, "half": {"Authorization", "Bearer " + alpha.text[:len(alpha.text)-1]}, "long": {"Authorization", "Bearer " + strings.Repeat("a", 5000)},
		"twice": {"Authorization", "Bearer " + alpha.text, "Authorization", "Bearer " + gone.text}, "ended": {"Authorization", "Bearer " + ended},
		"revoked": {"Authorization", "Bearer " + revoked}, "of a closed tenant": {"Authorization", "Bearer " + gone.text}, "in a cookie": {"Cookie", "token=" + alpha.text},
		"its id alone": {"Authorization", "Bearer sluice_" + alpha.token + "_" + strings.Repeat("A", 43)},
	}
	for _, r := range append(s.routes, route{path: "/"}, route{path: "/v1"}, route{path: "/v1/nothing"}, route{path: "/v1//me"}, route{path: "/v1/jobs/x"}) {
		if r.open {
			continue
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"} {
			for why, header := range bad {
				a := send(s, method+" "+r.path+"?token="+alpha.text, "", r.example, header...)
				if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" || strings.Contains(a.body, "alpha") || !strings.Contains(a.body, `"urn:sluice:token"`) {
					t.Fatalf("%s %s with token %s: %d %s", method, r.path, why, a.status, a.body)
				}
			}
		}
	}
}

// TestAstray: what is no route, or no straight path, is a problem like every other.
func TestAstray(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	for target, c := range map[string]struct {
		method string
		status int
		allow  string
	}{
		"/v1/nothing":                      {"GET", 404, ""},
		"/v1/me/":                          {"GET", 404, ""},
		"/v1/../v1/me":                     {"GET", 404, ""},
		"/v1/%2e%2e/v1/me":                 {"GET", 404, ""},
		"//v1/me":                          {"GET", 404, ""},
		"/v1/jobs/slurm":                   {"GET", 404, ""},
		"/v1/jobs/slurm/":                  {"GET", 404, ""},
		"/v1/me":                           {"OPTIONS", 405, "GET"},
		"/v1/reservations":                 {"PUT", 405, "GET, POST"},
		"/v1/reservations/abc":             {"POST", 405, "DELETE, GET"},
		"/v1/me?x=1":                       {"GET", 400, ""},
		"/v1/me?%zz":                       {"GET", 400, ""},
		"/v1/usage?from=1&from=2":          {"GET", 400, ""},
		"/v1/usage?from=yesterday":         {"GET", 400, ""},
		"/v1/usage?from=1999-01-01":        {"GET", 400, ""},
		"/v1/usage?after=-1":               {"GET", 400, ""},
		"/v1/level?month=2025-13":          {"GET", 400, ""},
		"/v1/level?contract=nobodys":       {"GET", 404, ""},
		"/v1/" + strings.Repeat("a", 2000): {"GET", 404, ""},
	} {
		a := send(s, c.method+" "+target, alpha.text, "")
		if a.status != c.status || a.header.Get("Allow") != c.allow || a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, `"remedy":"`) {
			t.Errorf("%s %.60s: %d, allow %q, %s", c.method, target, a.status, a.header.Get("Allow"), a.body)
		}
	}
	for _, h := range []string{"Cache-Control", "X-Request-Id", "X-Content-Type-Options"} {
		if a := send(s, "GET /v1/me", alpha.text, ""); a.header.Get(h) == "" {
			t.Errorf("no %s", h)
		}
	}
}

// TestBodies: what is no body of a route is refused with what is wrong.
func TestBodies(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	for body, want := range map[string]string{
		"{":                           "cannot be read",
		"null":                        "no such kind",
		"{} {}":                       "cannot be read",
		`{"tenant": "beta"}`:          "unknown field",
		`{"gpus": "many"}`:            "of the wrong kind",
		`{"gpus": 1e300}`:             "of the wrong kind",
		`{"kind": "colocation"}`:      "number of kilowatts",
		strings.Repeat(" ", 70_000):   "more than 65536 bytes",
		`{"kind": "spot", "gpus": 0}`: "1 to 1000000",
		`{"kind": "spot", "gpus": 8}`: "begin now or later",
		`{"kind": "spot", "gpus": 8, "from": "2027-01-01T00:00:00Z", "until": "2026-12-30T00:00:00Z"}`: "end after it begins",
		`{"kind": "spot", "gpus": 8, "from": "2027-01-01T00:00:00Z", "model": "V100"}`:                 "H100 SXM",
		`{"kind": "spot", "gpus": 8, "from": "2027-01-01T00:00:00Z", "hall": "hall-9"}`:                "no hall that you named",
		`{"kind": "spot", "gpus": 8, "from": "2060-01-01T00:00:00Z"}`:                                  "twenty years",
		`{"kind": "colocation", "kw": 0}`:                                                              "1 to 1000000",
		`{"kind": "colocation", "kw": -5}`:                                                             "1 to 1000000",
		`{"kind": "colocation", "kw": 1000001}`:                                                        "1 to 1000000",
		`{"kind": "colocation", "kw": 0.5}`:                                                            "of the wrong kind",
		`{"kind": "colocation", "kw": 5, "gpus": 8}`:                                                   "leave gpus and model out",
		`{"kind": "colocation", "kw": 5, "model": "H100 SXM"}`:                                         "leave gpus and model out",
		`{"kind": "colocation", "gpus": 8}`:                                                            "name kw",
		`{"kind": "reserved", "kw": 5}`:                                                                "let kind be colocation",
		`{"kind": "reserved", "kw": 5, "gpus": 8}`:                                                     "leave kw out",
		`{"kind": "colocation", "kw": 5, "from": "2027-01-01T00:00:00Z", "hall": "hall-9"}`:            "take one of: hall-1",
	} {
		a := send(s, "POST /v1/quote", alpha.text, body)
		if a.status < 400 || a.status > 422 || !strings.Contains(a.body, want) {
			t.Errorf("%.60s: %d %s", body, a.status, a.body)
		}
	}
	if a := send(s, "POST /v1/quote", alpha.text, ""); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("without a kind of media: %d", a.status)
	}
}

// TestLimits: a token that asks too often waits, others do not, and who guesses tokens
// is slowed down without locking out who has one.
func TestLimits(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 37)
	w.conf.Rate, w.conf.Wrong = Rate{time.Second, 3}, Rate{time.Minute, 2}
	s := w.server()
	status := func(token string) (int, string) {
		a := send(s, "GET /v1/me", token, "")
		return a.status, a.header.Get("Retry-After")
	}
	for range 3 {
		if got, _ := status(alpha.text); got != 200 {
			t.Fatalf("within the limit: %d", got)
		}
	}
	if got, wait := status(alpha.text); got != 429 || wait != "1" {
		t.Errorf("beyond the limit: %d, wait %s", got, wait)
	}
	if got, _ := status(beta.text); got != 200 {
		t.Errorf("another token: %d", got)
	}
	for range 2 {
		if got, _ := status("sluice_guess"); got != 401 {
			t.Errorf("a wrong token: %d", got)
		}
	}
	if got, wait := status("sluice_guess"); got != 429 || wait != "60" {
		t.Errorf("too many wrong tokens: %d, wait %s", got, wait)
	}
	if got, _ := status(beta.text); got != 200 {
		t.Errorf("a good token after the wrong ones of others: %d", got)
	}
	w.pass(time.Minute)
	if got, _ := status(alpha.text); got != 200 {
		t.Errorf("a minute later: %d", got)
	}
}

// TestLimitForgets: keys that owe nothing do not fill the memory, and too many share one.
func TestLimitForgets(t *testing.T) {
	t.Parallel()
	l := newLimit(Rate{time.Second, 1})
	key := func(i int) string { return time.Unix(int64(i), 0).String() }
	for i := range 3 * mostKeys {
		l.take(key(i), today)
	}
	if len(l.next) > mostKeys+1 {
		t.Errorf("%d keys", len(l.next))
	}
	if l.take(key(5*mostKeys), today.Add(time.Hour)) != 0 || len(l.next) > 2 {
		t.Errorf("%d keys after an hour", len(l.next))
	}
}

// TestNotes: the operator reads of every request, what failed inside, and no token.
func TestNotes(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	var notes []Entry
	w.conf.Log = func(e Entry) { notes = append(notes, e) }
	w.fails = errors.New("the controller of host-7 is broken")
	s := w.server(route{method: "GET", path: "/v1/panic", answer: Me{}, status: 200, do: func(call) (any, error) { panic("planted") }})
	a := send(s, "GET /v1/jobs", alpha.text, "")
	if a.status != 503 || strings.Contains(a.body, "host-7") || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if len(notes) != 1 || notes[0].Tenant != "alpha" || notes[0].Err == nil || !strings.Contains(notes[0].Err.Error(), "host-7") || notes[0].Request != a.header.Get("X-Request-Id") || !strings.Contains(a.body, notes[0].Request) {
		t.Errorf("%+v", notes)
	}
	a = send(s, "GET /v1/panic", alpha.text, "")
	if a.status != 500 || strings.Contains(a.body, "planted") || !strings.Contains(notes[1].Err.Error(), "planted") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestManyAtOnce is for the race detector: tenants ask all routes at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := build(t)
	all := []resident{w.enrol("alpha", 24), w.enrol("beta", 37)}
	s := w.server()
	var wait sync.WaitGroup
	for _, r := range all {
		for _, x := range s.routes {
			wait.Go(func() {
				for _, p := range usual(x, r)[:1] {
					if a := send(s, p.method+" "+p.target, r.text, p.body); a.status >= 500 {
						t.Errorf("%s %s: %d %s", p.method, p.target, a.status, a.body)
					}
				}
			})
		}
	}
	wait.Wait()
}

// FuzzBody: whatever is sent, the answer is a reservation or a problem, and never a
// failure of the server.
func FuzzBody(f *testing.F) {
	w := build(f)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	f.Add(wishExample)
	f.Add(inquiryExample)
	f.Add(`{"key": "k", "kind": "spot", "gpus": 1, "from": "2026-11-20T12:00:00Z", "says": "\u0000"}`)
	f.Add(`{"key": "", "kind": "reserved", "model": "h100 sxm ", "gpus": 9000000, "from": "9999-12-31T23:59:59Z"}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/v1/reservations", "/v1/quote", "/v1/access"} {
			a := send(s, "POST "+path, alpha.text, body, "Content-Type", "application/json")
			if a.status >= 500 || a.status < 200 || a.status >= 400 && !strings.Contains(a.body, `"remedy":"`) {
				t.Fatalf("%s %q: %d %s", path, body, a.status, a.body)
			}
		}
	})
}
