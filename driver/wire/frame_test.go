package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sluice/driver/wire"
	"sluice/internal/loopback"
)

func TestFrameVector(t *testing.T) {
	t.Parallel()
	got, err := wire.Frame([]byte(`{"cmd":"get.device.info","param":"salt"}`))
	if err != nil || !bytes.HasPrefix(got, []byte{0x28, 0, 0, 0, '{'}) || len(got) != 44 {
		t.Errorf("framed as %q, %v", got, err)
	}
	if _, err := wire.Frame(make([]byte, wire.FrameMax+1)); !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("a frame that nobody takes: %v", err)
	}
}

func TestReadFrame(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		in   string
		want string
		err  error
	}{
		"one frame":                       {"\x02\x00\x00\x00{}", "{}", nil},
		"a second frame is left":          {"\x02\x00\x00\x00{}\x02\x00\x00\x00[]", "{}", nil},
		"signs of life are passed over":   {"\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00{}", "{}", nil},
		"half a frame":                    {"\x05\x00\x00\x00{}", "", io.ErrUnexpectedEOF},
		"half a length":                   {"\x05\x00", "", io.ErrUnexpectedEOF},
		"nothing":                         {"", "", io.EOF},
		"text where a length should be":   {"HTTP/1.1 200 OK", "", wire.ErrTooLong},
		"more than anybody needs":         {"\x01\x00\x01\x00", "", wire.ErrTooLong},
		"a length that is never honoured": {"\x00\x00\x01\x00{}", "", io.ErrUnexpectedEOF},
	} {
		got, err := wire.ReadFrame(strings.NewReader(c.in))
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v; want %q, %v", what, got, err, c.want, c.err)
		}
	}
	if _, err := wire.ReadFrame(bytes.NewReader(make([]byte, 4096))); err == nil {
		t.Errorf("signs of life without end were waited for")
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00{}"))
	f.Add([]byte("\x00\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		body, err := wire.ReadFrame(bytes.NewReader(in))
		if err == nil && (len(body) == 0 || !bytes.Contains(in, body)) {
			t.Errorf("%q gave the frame %q", in, body)
		}
	})
}

// TestAskFrame asks a server that answers with the request.
func TestAskFrame(t *testing.T) {
	t.Parallel()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	port := echo(t)
	r, err := n.AskFrame(t.Context(), "127.0.0.1", port, []byte(`{"cmd":"x"}`))
	if err != nil || !r.Sent || string(r.Bytes) != `{"cmd":"x"}` {
		t.Errorf("answered %+v, %v", r, err)
	}
	if _, err := n.AskFrame(t.Context(), "127.0.0.2", port, []byte("x")); !errors.Is(err, wire.ErrOutside) {
		t.Errorf("outside the network: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if r, err := n.AskFrame(ctx, "127.0.0.1", port, []byte("silence")); !r.Sent || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a silent machine: %+v, %v", r, err)
	}
}

// echo answers frames with themselves, and "silence" with silence.
func echo(t *testing.T) int {
	t.Helper()
	return loopback.Serve(t, "127.0.0.1", func(c net.Conn) {
		body, err := wire.ReadFrame(c)
		if err == nil && string(body) != "silence" {
			framed, _ := wire.Frame(body)
			_, _ = c.Write(framed)
		} else {
			_, _ = io.Copy(io.Discard, c)
		}
	})
}

// TestAskOfAMachineThatNeverHangsUp: a whole object is an end, half of one is not.
func TestAskOfAMachineThatNeverHangsUp(t *testing.T) {
	t.Parallel()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for answer, whole := range map[string]bool{`{"a":"}","b":[1]}`: true, "[1]\r\n": true, `{"a":"}`: false, `{"a":[{}`: false, "words": false} {
		port := hold(t, answer)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if !whole {
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		}
		r, err := n.Ask(ctx, "127.0.0.1", port, []byte(`{"cmd":"x"}`))
		cancel()
		if !r.Sent || (err == nil) != whole || whole && string(r.Bytes) != strings.TrimSpace(answer) {
			t.Errorf("%q: %q, %v", answer, r.Bytes, err)
		}
	}
}

// hold answers a connection and keeps it open until its peer closes it.
func hold(t *testing.T, answer string) int {
	t.Helper()
	return loopback.Serve(t, "127.0.0.1", func(c net.Conn) {
		_, _ = io.WriteString(c, answer)
		_, _ = io.Copy(io.Discard, c)
	})
}
