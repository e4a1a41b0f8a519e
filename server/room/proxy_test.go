package room

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestBehindAProxy: a proxy that was named says for whom it asks; nobody else does.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/64")}
	for sentence, c := range map[string]struct {
		from string
		said []string
		want string // empty: that of the connection
	}{
		"a proxy":                       {"127.0.0.1:5", []string{"192.0.2.7"}, "192.0.2.7"},
		"by IPv6":                       {"[2001:db8::1]:5", []string{"2001:db8:1::7"}, "2001:db8:1::7"},
		"as IPv6 writes IPv4":           {"[::ffff:127.0.0.1]:5", []string{"::ffff:192.0.2.7"}, "192.0.2.7"},
		"two of them":                   {"127.0.0.1:5", []string{"192.0.2.7, 10.0.0.2"}, "192.0.2.7"},
		"in two lines":                  {"127.0.0.1:5", []string{"192.0.2.7", "10.0.0.2"}, "192.0.2.7"},
		"what the visitor wrote before": {"127.0.0.1:5", []string{"1.1.1.1, 192.0.2.7"}, "192.0.2.7"},
		"somebody else":                 {"192.0.2.9:5", []string{"127.0.0.1"}, ""},
		"nothing":                       {"127.0.0.1:5", nil, ""},
		"no address":                    {"127.0.0.1:5", []string{"192.0.2.7, unknown"}, ""},
		"only proxies":                  {"127.0.0.1:5", []string{"10.0.0.1"}, ""},
		"too many":                      {"127.0.0.1:5", []string{"192.0.2.7" + strings.Repeat(",10.0.0.1", mostHops)}, ""},
	} {
		req := &http.Request{RemoteAddr: c.from, Header: http.Header{forwarded: c.said}}
		got, is := visitorBehind(req, proxies)
		if is != (c.want != "") || is && got.String() != c.want {
			t.Errorf("%s: %v %t, want %q", sentence, got, is, c.want)
		}
	}
}

// TestBehindTLS: a proxy ends TLS, so cookies and headers are those of TLS, and visitors
// behind it wait for themselves alone.
func TestBehindTLS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) {
		c.Secure, c.Proxies = true, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		c.Rates.Address = Rate{Every: time.Second, Burst: 2}
	})
	ask := func(visitor string) reply {
		req := w.nobody().request("GET", "/v1/first", nil)
		req.RemoteAddr = "127.0.0.1:5"
		req.Header.Set(forwarded, visitor)
		return w.nobody().send(req)
	}
	for _, visitor := range []string{"192.0.2.3", "192.0.2.3", "192.0.2.2"} {
		if a := ask(visitor); a.status != http.StatusOK || a.header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %d %v", visitor, a.status, a.header)
		}
	}
	if a := ask("192.0.2.3"); a.status != http.StatusTooManyRequests {
		t.Errorf("one who asks too often: %d", a.status)
	}
	in := w.nobody().do("POST", "/v1/session", map[string]string{"name": "ann", "password": password})
	c := (&http.Response{Header: in.header}).Cookies()
	if len(c) != 1 || c[0].Name != secureCookie || !c[0].Secure {
		t.Errorf("%d %v", in.status, in.header)
	}
}
