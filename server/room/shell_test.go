package room

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// TestOtherPagesAreRefused: what a page of another host asks for in somebody's name is not
// done; programs, which have no such page, are let in.
func TestOtherPagesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Hosts = []string{"room.example"} })
	ann := w.admin()
	for sentence, c := range map[string]struct {
		header []string
		status int
	}{
		"another host":               {[]string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"another site":               {[]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a neighbour":                {[]string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		"no host":                    {[]string{"Origin", "null"}, http.StatusForbidden},
		"the page itself":            {[]string{"Sec-Fetch-Site", "same-origin"}, http.StatusOK},
		"the page, by its host":      {[]string{"Origin", "http://example.com"}, http.StatusOK},
		"the page, through a proxy":  {[]string{"Origin", "https://room.example"}, http.StatusOK},
		"a program":                  {nil, http.StatusOK},
		"no page, by its own origin": {[]string{"Sec-Fetch-Site", "none"}, http.StatusOK},
	} {
		a := ann.do("PATCH", "/v1/me", MyChange{Label: &sentence}, c.header...)
		if a.status != c.status || c.status == http.StatusForbidden && a.problem().Code != "cross_origin" {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
		now := ann.ok(http.StatusOK, "GET", "/v1/session", nil).body
		if strings.Contains(now, `"`+sentence+`"`) != (c.status == http.StatusOK) {
			t.Errorf("%s: %s", sentence, now)
		}
	}
}

// TestBodies that are too large, no JSON, or hold what nobody knows are refused, and never
// sent back: they may hold secrets.
func TestBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.admin()
	large := `{"label":"` + strings.Repeat("a", usualBody) + `"}`
	for sentence, c := range map[string]struct {
		g            *guest
		method, path string
		body         string
		status       int
	}{
		"too large":            {ann, "PATCH", "/v1/me", large, http.StatusRequestEntityTooLarge},
		"too large, of nobody": {w.nobody(), "POST", "/v1/session", large, http.StatusRequestEntityTooLarge},
		"half":                 {ann, "PATCH", "/v1/me", `{"label":"hush`, http.StatusBadRequest},
		"of another kind":      {ann, "PATCH", "/v1/me", `{"label":["hush"]}`, http.StatusUnprocessableEntity},
		"with more":            {w.nobody(), "POST", "/v1/session", `{"name":"ann","password":"hush","king":"hush"}`, http.StatusUnprocessableEntity},
		"too long":             {w.nobody(), "POST", "/v1/session", `{"name":"ann","password":"hush` + strings.Repeat("a", 300) + `"}`, http.StatusUnprocessableEntity},
	} {
		a := c.g.do(c.method, c.path, c.body)
		if a.status != c.status || a.problem().Code == "" || a.problem().Hint == "" || strings.Contains(a.body, "hush") {
			t.Errorf("%s: %d %.300s", sentence, a.status, a.body)
		}
	}
	if strings.Contains(w.logged(), "hush") {
		t.Error("the log holds what was sent")
	}
}

// TestAstray: what is no route is a problem like every other, and nothing of the page.
func TestAstray(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for target, want := range map[string]struct {
		status int
		allow  string
	}{
		"GET /v1/nothing":        {http.StatusNotFound, ""},
		"GET /v1":                {http.StatusNotFound, ""},
		"POST /v1/people/":       {http.StatusNotFound, ""},
		"PUT /v1/people":         {http.StatusMethodNotAllowed, "GET, HEAD, POST"},
		"DELETE /v1/first":       {http.StatusMethodNotAllowed, "GET, HEAD, POST"},
		"POST /v1/audit/verify":  {http.StatusMethodNotAllowed, "GET, HEAD"},
		"POST /livez":            {http.StatusMethodNotAllowed, "GET, HEAD"},
		"GET /v1/oidc/who/start": {http.StatusNotFound, ""},
	} {
		method, path, _ := strings.Cut(target, " ")
		a := w.nobody().do(method, path, nil)
		if a.status != want.status || a.header.Get("Allow") != want.allow || a.problem().Hint == "" {
			t.Errorf("%s: %d, allow %q: %s", target, a.status, a.header.Get("Allow"), a.body)
		}
	}
}

// TestEveryAnswerIsGuarded: headers that browsers obey.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Secure = true })
	for _, path := range []string{"/v1/session", "/v1/docs", "/v1/openapi.json", "/livez", "/", "/v1/nothing"} {
		a := w.nobody().do("GET", path, nil)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "frame-ancestors 'none'", "Permissions-Policy": "camera=()", "Strict-Transport-Security": "max-age=", "X-Request-Id": "",
		} {
			if got := a.header.Get(name); got == "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s: %q", path, name, got)
			}
		}
		if strings.HasPrefix(path, "/v1/") && a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s is kept: %q", path, a.header.Get("Cache-Control"))
		}
	}
	if a := newWorld(t).nobody().do("GET", "/livez", nil); a.header.Get("Strict-Transport-Security") != "" {
		t.Error("without TLS browsers are told to use it")
	}
}

// TestAPanicIsAProblem: the visitor is told where to look, the log what was said.
func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	serve(w.room, route{method: "GET", path: "/v1/planted", id: "planted", says: "Panics.", group: "test", reach: open},
		func(context.Context, Visit, *struct{}) (First, error) { panic("hush") })
	a := w.nobody().do("GET", "/v1/planted", nil)
	if a.status != http.StatusInternalServerError || strings.Contains(a.body, "hush") || !strings.Contains(a.body, a.header.Get("X-Request-Id")) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if !strings.Contains(w.logged(), "hush") || !strings.Contains(w.logged(), a.header.Get("X-Request-Id")) {
		t.Error(w.logged())
	}
}

// TestRates: who asks too often waits; others, other kinds, and signs of life do not.
func TestRates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) {
		c.Rates = Rates{Address: Rate{time.Second, 8}, Visitor: Rate{time.Second, 4}, Events: Rate{time.Second, 2}, Files: Rate{time.Second, 3}}
	})
	ann := w.admin()
	from := func(g *guest, address, path string) reply {
		req := g.request("GET", path, nil)
		req.RemoteAddr = address
		return g.send(req)
	}
	count := func(g *guest, address, path string) (n int) {
		for range 20 {
			a := from(g, address, path)
			if a.status == http.StatusTooManyRequests {
				if a.header.Get("Retry-After") != "1" || a.problem().Code != "too_often" {
					t.Errorf("%v %s", a.header, a.body)
				}
				return n
			}
			n++
		}
		return n
	}
	for _, c := range []struct {
		says, address, path string
		g                   *guest
		want                int
	}{
		{"a session", "192.0.2.1:5", "/v1/session", ann, 4},
		{"the rest of its address", "192.0.2.1:6", "/v1/first", w.nobody(), 3}, // the refused one counted
		{"another address", "192.0.2.2:5", "/v1/first", w.nobody(), 8},
		{"a network of IPv6", "[2001:db8::1]:5", "/v1/first", w.nobody(), 8},
		{"the same network", "[2001:db8::ffff:2]:5", "/v1/first", w.nobody(), 0},
		{"events", "192.0.2.1:5", eventsPath, w.nobody(), 2},
		{"files", "192.0.2.1:5", "/x", w.nobody(), 3},
		{"signs of life", "192.0.2.1:5", "/livez", w.nobody(), 20},
	} {
		if got := count(c.g, c.address, c.path); got != c.want {
			t.Errorf("%s: %d, want %d", c.says, got, c.want)
		}
	}
	w.later(2 * time.Second)
	if got := count(w.nobody(), "192.0.2.1:6", "/v1/first"); got != 2 {
		t.Errorf("two seconds later: %d", got)
	}
}

// TestLimitIsBounded: keys whose buckets are full are forgotten; too many share one, and a
// clock that goes back locks nobody out.
func TestLimitIsBounded(t *testing.T) {
	t.Parallel()
	l := newLimit(Rate{time.Second, 1})
	for i := range 2 * mostKeys {
		l.take(itoa(i), noon)
	}
	if len(l.next) > mostKeys+1 {
		t.Errorf("%d keys", len(l.next))
	}
	if l.take("0", noon) == 0 || l.take("0", noon.Add(-time.Hour)) != 0 {
		t.Error("a clock that goes back")
	}
	if l.take("fresh", noon.Add(time.Hour)) != 0 || len(l.next) > 2 {
		t.Errorf("%d keys an hour later", len(l.next))
	}
}

// TestHosts: at an address of this computer alone only names of it are answered, so that
// no page elsewhere reads what is here by a name of its own.
func TestHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Hosts = []string{"Room.example:8443"} })
	local := w.room.hosted(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8321}, w.shell)
	plain := newWorld(t)
	anywhere := plain.room.hosted(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 8321}, plain.shell)
	for _, c := range []struct {
		in         http.Handler
		host, path string
		status     int
	}{
		{local, "localhost:8321", "/v1/first", http.StatusOK},
		{local, "127.0.0.1:8321", "/v1/first", http.StatusOK},
		{local, "[::1]:8321", "/v1/first", http.StatusOK},
		{local, "room.example:8443", "/v1/first", http.StatusOK},
		{local, "evil.example:8321", "/v1/first", http.StatusMisdirectedRequest},
		{local, "localhost:9999", "/v1/first", http.StatusMisdirectedRequest},
		{local, "room.example", "/v1/first", http.StatusMisdirectedRequest},
		{local, "10.0.0.7:8321", "/readyz", http.StatusOK},
		{anywhere, "room.example", "/v1/first", http.StatusOK},
	} {
		g := w.nobody()
		g.world = &world{TB: t, room: w.room, shell: c.in}
		req := g.request("GET", c.path, nil)
		req.Host = c.host
		if a := g.send(req); a.status != c.status {
			t.Errorf("%s%s: %d, want %d: %s", c.host, c.path, a.status, c.status, a.body)
		}
	}
}

// TestReady: the store of people, and what else was given.
func TestReady(t *testing.T) {
	t.Parallel()
	var fault error
	w := newWorld(t, func(c *Config) {
		c.Ready = []Check{{"books", func(context.Context) error { return fault }}}
	})
	w.nobody().ok(http.StatusOK, "GET", "/readyz", nil)
	fault = errors.New("hush")
	if a := w.nobody().do("GET", "/readyz", nil); a.status != http.StatusServiceUnavailable || strings.Contains(a.body, "hush") || !strings.Contains(a.body, "books") {
		t.Errorf("%d %s", a.status, a.body)
	}
	fault = nil
	w.must(w.store.Close())
	if a := w.nobody().do("GET", "/readyz", nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("without people: %d", a.status)
	}
	w.nobody().ok(http.StatusOK, "GET", "/livez", nil)
}

// TestLastRoles: roles that were taken away count at once.
func TestLastRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a")
	viewer := w.as(people.Viewer, "a")
	token := viewer.byToken(time.Hour)
	token.ok(http.StatusOK, "GET", "/v1/sites/a", nil)
	w.admin().ok(http.StatusNoContent, "POST", "/v1/people/"+viewer.name+"/roles/take", RoleChange{Role: people.Viewer, Site: "a", Reason: "no more"})
	token.wants(t, "GET", "/v1/sites/a", nil, http.StatusNotFound, "unknown")
}
