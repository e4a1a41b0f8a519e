package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// What is kept of one reply at most: on a plain socket, in a frame, and of a body
// over HTTP. The longest reply that was recorded of a real machine is less than half of that.
const (
	ReplyMax = 64 << 10
	FrameMax = 64 << 10
	BodyMax  = 64 << 10
)

// ErrTooLong says that a machine sent more than it may.
var ErrTooLong = errors.New("the reply is too long")

// Reply is what came back over a plain socket.
type Reply struct {
	Bytes []byte
	Sent  bool // the whole request was written, so the machine may have acted
}

// Ask sends request to host and reads the reply in the way of the cgminer
// family: one request a connection, and the reply ends at a NUL byte, at the
// end of the stream, or with a complete JSON object, since some firmware keeps
// the connection open and never says that it is done. The context bounds all of
// it. An error with Sent set means that the machine may have acted.
func (n *Network) Ask(ctx context.Context, host string, port int, request []byte) (Reply, error) {
	return n.exchange(ctx, host, port, request, readReply)
}

// exchange connects, writes the request, reads the reply and hangs up.
func (n *Network) exchange(ctx context.Context, host string, port int, request []byte, read func(net.Conn) ([]byte, error)) (Reply, error) {
	conn, err := n.Dial(ctx, host, port)
	if err != nil {
		return Reply{}, err
	}
	defer conn.Close() //nolint:errcheck // one request a connection; nothing depends on its end
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write(request); err != nil {
		return Reply{}, fmt.Errorf("ask %s: write: %w", host, err)
	}
	r := Reply{Sent: true}
	r.Bytes, err = read(conn)
	if err != nil {
		return r, fmt.Errorf("ask %s: %w", host, errors.Join(err, context.Cause(ctx)))
	}
	return r, nil
}

// readReply reads up to the end mark.
func readReply(conn net.Conn) ([]byte, error) {
	out := make([]byte, 0, 2048)
	var text outline
	for {
		if cap(out)-len(out) < 1024 {
			out = slices.Grow(out, cap(out)) // twice as much: what never ends is copied less often
		}
		k, err := conn.Read(out[len(out):min(cap(out), ReplyMax+1024)])
		fresh := len(out)
		out = out[:fresh+k]
		end := bytes.IndexByte(out[fresh:], 0)
		ended := end >= 0
		if ended {
			out = out[:fresh+end]
		}
		if len(out) > ReplyMax {
			return nil, ErrTooLong
		}
		if ended {
			return out, nil
		}
		if text.add(out[fresh:]); text.whole() {
			return bytes.TrimRight(out, "\r\n"), nil
		}
		if errors.Is(err, io.EOF) && len(out) > 0 {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read: %w", err)
		}
	}
}

// outline follows brackets and strings through a reply. It looks at each byte
// once, however few of them come at a time.
type outline struct {
	first, last     byte // that are not space
	depth           int
	quoted, escaped bool
}

func (o *outline) add(b []byte) {
	for _, c := range b {
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			o.escaped = false
			continue
		}
		if o.first == 0 {
			o.first = c
		}
		o.last = c
		switch {
		case o.escaped:
			o.escaped = false
		case o.quoted && c == '\\':
			o.escaped = true
		case c == '"':
			o.quoted = !o.quoted
		case o.quoted:
		case c == '{' || c == '[':
			o.depth++
		case c == '}' || c == ']':
			o.depth--
		}
	}
}

// whole reports whether what came is one JSON object or list.
func (o *outline) whole() bool {
	return (o.first == '{' || o.first == '[') && (o.last == '}' || o.last == ']') && o.depth == 0 && !o.quoted
}

// ReadBody reads the body of an answer and closes it. Of one that is longer than
// BodyMax it returns the beginning and ErrTooLong.
func ReadBody(r *http.Response) ([]byte, error) {
	defer r.Body.Close() //nolint:errcheck // read only
	b, err := io.ReadAll(io.LimitReader(r.Body, BodyMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(b) > BodyMax {
		return b[:BodyMax], ErrTooLong
	}
	return b, nil
}
