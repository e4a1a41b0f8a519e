package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// ReplyMax bounds a reply on a plain socket, BodyMax one over HTTP.
const (
	ReplyMax = 1 << 20
	BodyMax  = 4 << 20
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
	var out []byte
	buffer := make([]byte, 4096)
	for {
		k, err := conn.Read(buffer)
		out = append(out, buffer[:k]...)
		if before, _, ok := bytes.Cut(out, []byte{0}); ok {
			return before, nil
		}
		if len(out) > ReplyMax {
			return nil, ErrTooLong
		}
		if whole(out) {
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

// whole reports whether the reply is one JSON object or list.
func whole(b []byte) bool {
	t := bytes.TrimSpace(b)
	if len(t) < 2 || t[0] != '{' && t[0] != '[' {
		return false
	}
	if end := t[len(t)-1]; end != '}' && end != ']' {
		return false
	}
	return balanced(t)
}

// balanced reports whether every bracket outside strings is closed.
func balanced(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return depth == 0 && !quoted
}

// ReadBody reads the body of an answer up to BodyMax and closes it.
func ReadBody(r *http.Response) ([]byte, error) {
	defer r.Body.Close() //nolint:errcheck // read only
	b, err := io.ReadAll(io.LimitReader(r.Body, BodyMax+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if len(b) > BodyMax {
		return nil, ErrTooLong
	}
	return b, nil
}
