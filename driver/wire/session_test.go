package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"sluice/device"
)

// gate serves one page to those who bring the token that it takes, and to
// nobody when it takes none.
func gate(t *testing.T, takes *string) Web {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *takes == "" || r.Header.Get("Authorization") != "Key "+*takes {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte("  go away  "))
			return
		}
		if r.URL.Path != "/api/page" {
			_, _ = w.Write([]byte("<html>"))
			return
		}
		_, _ = w.Write([]byte(`{"a":1}`))
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return Web{Net: n, Client: n.HTTP(), Host: u.Hostname(), Port: port}
}

func TestSession(t *testing.T) {
	t.Parallel()
	takes, logins := "one", 0
	s := Session{
		Web: gate(t, &takes), Root: "/api", Bring: func(token string) string { return "Key " + token }, Said: func(b []byte) string { return string(b) },
		Login: func(context.Context) (string, error) { logins++; return takes, nil },
	}
	get := func(path string, may bool) (device.AckClass, device.RefusedReason) {
		v, err := s.Get(t.Context(), path, may)
		if err == nil {
			if n, _ := v.At("a").Whole(); n != 1 {
				t.Errorf("read %v", v.Value())
			}
			return device.Accepted, ""
		}
		a := AckOf(err, device.Command{Verb: device.Sleep})
		return a.Class, a.Reason
	}
	for _, step := range []struct {
		what   string
		before func()
		path   string
		may    bool
		class  device.AckClass
		reason device.RefusedReason
		logins int
	}{
		{"without a login", nil, "/page", false, device.Refused, device.BadAuth, 0},
		{"the first time", nil, "/page", true, device.Accepted, "", 1},
		{"with the same token", nil, "/page", true, device.Accepted, "", 1},
		{"even where none is asked for", nil, "/page", false, device.Accepted, "", 1},
		{"when it expired", func() { takes = "two" }, "/page", true, device.Accepted, "", 2},
		{"when it was forgotten", s.Forget, "/page", true, device.Accepted, "", 3},
		{"what is no JSON", nil, "/else", true, device.Garbled, "", 3},
		{"when none is taken", func() { takes = "" }, "/page", true, device.Refused, device.BadAuth, 4},
	} {
		if step.before != nil {
			step.before()
		}
		if class, reason := get(step.path, step.may); class != step.class || reason != step.reason || logins != step.logins {
			t.Errorf("%s: %s %s after %d logins, want %s %s after %d", step.what, class, reason, logins, step.class, step.reason, step.logins)
		}
	}
	denied := &Failure{Class: device.Refused, Reason: device.BadAuth, Text: "wrong"}
	s.Login = func(context.Context) (string, error) { return "", denied }
	if _, err := s.Get(t.Context(), "/page", true); !errors.Is(err, denied) {
		t.Errorf("a failed login: %v", err)
	}
	if a := AckOf(errors.New("no route"), device.Command{}); a.Class != device.NotSent || a.Text != "no route" {
		t.Errorf("another error: %+v", a)
	}
}
