package wire

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"

	"sluice/device"
	"sluice/internal/loopback"
)

// parlour answers requests and counts them; after so many on one connection it
// hangs up, with or without having said so.
type parlour struct {
	most        int
	says        string // of a connection, beside the length
	conns, asks atomic.Int64
}

// open serves until the test ends and returns a chat with it.
func (p *parlour) open(t *testing.T) (*Chat, Web) {
	t.Helper()
	port := loopback.Serve(t, "127.0.0.1", func(c net.Conn) {
		p.conns.Add(1)
		p.serve(c)
	})
	n, err := NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	if err != nil {
		t.Fatal(err)
	}
	chat := n.Chat()
	t.Cleanup(chat.HangUp) // before the listener's, which waits for its connection
	return chat, Web{Net: n, Client: chat.Client, Host: "127.0.0.1", Port: port}
}

func (p *parlour) serve(c net.Conn) {
	in := bufio.NewReader(c)
	for range p.most {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		p.asks.Add(1)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"+p.says+"\r\n{}")
	}
}

func TestChat(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		parlour     *parlour
		conns, asks int64
	}{
		"one connection for all":                {&parlour{most: 9}, 1, 3},
		"anew after a close that was announced": {&parlour{most: 1, says: "Connection: close\r\n"}, 3, 3},
		"questions are asked again":             {&parlour{most: 1}, 3, 3},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, w := c.parlour.open(t)
			for range 3 {
				if a, err := w.Do(t.Context(), http.MethodGet, "/", nil, nil); err != nil || string(a.Body) != "{}" {
					t.Errorf("%q, %v", a.Body, err)
				}
			}
			if conns, asks := c.parlour.conns.Load(), c.parlour.asks.Load(); conns != c.conns || asks != c.asks {
				t.Errorf("%d connections, %d requests; want %d and %d", conns, asks, c.conns, c.asks)
			}
		})
	}
}

// TestChatSendsNoOrderTwice: an order on a connection that the machine has left
// may have been read.
func TestChatSendsNoOrderTwice(t *testing.T) {
	t.Parallel()
	p := &parlour{most: 1}
	_, w := p.open(t)
	if _, err := w.Do(t.Context(), http.MethodGet, "/", nil, nil); err != nil {
		t.Fatal(err)
	}
	a, err := w.Do(t.Context(), http.MethodPost, "/", []byte("{}"), nil)
	if err == nil || Unanswered(a.Sent, err) == device.Accepted || p.asks.Load() != 1 {
		t.Errorf("%+v, %v after %d requests", a, err, p.asks.Load())
	}
	if a, err = w.Do(t.Context(), http.MethodPost, "/", []byte("{}"), nil); err != nil || a.Status != http.StatusOK {
		t.Errorf("a new order: %+v, %v", a, err)
	}
}

// TestChatForgetsAHalfReadAnswer: what follows is not taken for the next one.
func TestChatForgetsAHalfReadAnswer(t *testing.T) {
	t.Parallel()
	p := &parlour{most: 9}
	chat, w := p.open(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+strconv.Itoa(w.Port), nil)
	if err != nil {
		t.Fatal(err)
	}
	half, err := chat.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := half.Body.Close(); err != nil {
		t.Error(err)
	}
	if a, err := w.Do(t.Context(), http.MethodGet, "/", nil, nil); err != nil || string(a.Body) != "{}" || p.conns.Load() != 2 {
		t.Errorf("%q, %v, %d connections", a.Body, err, p.conns.Load())
	}
}
