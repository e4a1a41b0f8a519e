package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/internal/loopback"
)

// answering serves the same bytes to every connection after reading what comes.
func answering(t *testing.T, answer string, hold bool) Web {
	t.Helper()
	port := loopback.Serve(t, "127.0.0.1", func(c net.Conn) {
		_, _ = c.Read(make([]byte, 8192))
		_, _ = io.WriteString(c, answer)
		if hold {
			_, _ = c.Read(make([]byte, 1)) // until the peer gives up
		}
	})
	n, err := NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return Web{Net: n, Client: n.HTTP(), Host: "127.0.0.1", Port: port}
}

// TestWebFailures says what each way to fail means for an order.
func TestWebFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		hold   bool
		class  device.AckClass
	}{
		"closed without a word": {"", false, device.NoReply},
		"silence":               {"", true, device.NoReply},
		"another protocol":      {"220 mail.example ESMTP\r\n", false, device.Garbled},
		"cut in the body":       {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"a\"", false, device.Garbled},
		"a head without end":    {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 2*headMax), false, device.Garbled},
		"cut in the head":       {"HTTP/1.1 200 OK\r\nContent-Le", false, device.Garbled},
		"no answer but waits":   {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 9), false, device.Garbled},
		"silence in the body":   {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", true, device.NoReply},
		"too long a body":       {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + strings.Repeat(" ", BodyMax+1), false, device.Garbled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if !c.hold {
				ctx = t.Context()
			}
			a, err := answering(t, c.answer, c.hold).Do(ctx, http.MethodPut, "/x", []byte("{}"), nil)
			if err == nil || Unanswered(a.Sent, err) != c.class {
				t.Errorf("class %s of %v", Unanswered(a.Sent, err), err)
			}
		})
	}
}

// TestWebAnswers: a provisional answer is passed over, a redirect is not
// followed, and a body may end with its connection.
func TestWebAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":        "200 {}",
		"HTTP/1.0 200 OK\r\n\r\n{\"a\":1}":                                                   "200 {\"a\":1}",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n":     "302 ",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n": "200 {}",
	} {
		a, err := answering(t, answer, false).Do(t.Context(), http.MethodGet, "/x", nil, nil)
		if got := strconv.Itoa(a.Status) + " " + string(a.Body); err != nil || got != want {
			t.Errorf("%q: %q, %v", answer, got, err)
		}
	}
}

// TestWebNeverSent: what could not be asked was not sent.
func TestWebNeverSent(t *testing.T) {
	t.Parallel()
	w := answering(t, "", false)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if a, err := w.Do(over, http.MethodGet, "/", nil, nil); err == nil || Unanswered(a.Sent, err) != device.NotSent {
		t.Errorf("with a context that is over: %+v, %v", a, err)
	}
	for _, host := range []string{"127.0.0.2", "localhost", "", "127.0.0.1:80@x"} {
		w.Host = host
		if a, err := w.Do(t.Context(), http.MethodGet, "/", nil, nil); !errors.Is(err, ErrOutside) || Unanswered(a.Sent, err) != device.NotSent {
			t.Errorf("%q: %+v, %v", host, a, err)
		}
	}
}

// TestClass judges statuses: a server's own failure is neither yes nor no.
func TestClass(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]device.RefusedReason{401: device.BadAuth, 403: device.BadAuth, 404: device.Unsupported, 400: device.BadValue, 412: device.BadState, 429: device.Busy, 418: device.Other} {
		if class, reason := Class(status); class != device.Refused || reason != want {
			t.Errorf("%d: %s %s", status, class, reason)
		}
	}
	for status, want := range map[int]device.AckClass{200: device.Accepted, 204: device.Accepted, 500: device.Garbled, 302: device.Garbled, 101: device.Garbled} {
		if class, _ := Class(status); class != want {
			t.Errorf("%d: %s", status, class)
		}
	}
}
