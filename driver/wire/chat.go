package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Chat asks one machine several things over one connection, as a browser does,
// for orders that take a question first. It is used from one goroutine, one
// request at a time, and must be hung up. A machine that ends the connection
// after an answer is called anew.
type Chat struct {
	Client *http.Client

	l    *lone
	host string
	conn *scant // nil: to be called
	in   *bufio.Reader
	size *io.LimitedReader // beneath in
}

// Chat begins one. It connects with the first request.
func (n *Network) Chat() *Chat {
	c := &Chat{l: &lone{net: n}}
	c.Client = n.HTTP()
	c.Client.Transport = c
	return c
}

// HangUp ends the connection, if there is one.
func (c *Chat) HangUp() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// RoundTrip implements http.RoundTripper. A question that meets a connection
// which the machine has left meanwhile is asked again on a new one; an order is
// not, since the machine may have read it.
func (c *Chat) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.host != r.URL.Host {
		c.HangUp()
	}
	reused := c.conn != nil
	a, err := c.once(r)
	if err != nil && reused && r.Context().Err() == nil && r.Method == http.MethodGet && left(err) {
		a, err = c.once(r)
	}
	return a, err
}

// once does one request, on the connection that there is or a new one.
func (c *Chat) once(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if c.conn == nil {
		conn, err := c.l.dial(r)
		if err != nil {
			return nil, err
		}
		c.host, c.conn, c.size = r.URL.Host, conn, &io.LimitedReader{R: conn}
		c.in = bufio.NewReader(c.size)
	}
	conn := c.conn
	conn.left = answerMax
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err := c.l.write(conn, r, false)
	if err == nil {
		var a *http.Response
		if a, err = answerOn(c.in, c.size, r); err == nil {
			a.Body = &chatted{ReadCloser: a.Body, chat: c, ctx: ctx, stop: stop, last: a.Close || a.ContentLength < 0 && a.TransferEncoding == nil}
			return a, nil
		}
	}
	stop()
	c.HangUp()
	return nil, overdue(ctx, err)
}

// chatted is the body of an answer after which the connection may be kept.
type chatted struct {
	io.ReadCloser
	chat *Chat
	ctx  context.Context //nolint:containedctx // of the request whose answer this is
	stop func() bool
	last bool // the connection ends with this answer
	over bool // all of it was read
	done bool
}

// Read implements io.Reader.
func (b *chatted) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		b.over = true
	case err != nil:
		err = overdue(b.ctx, err)
	}
	return n, err
}

// Close keeps the connection only when nothing of this answer can come any more.
func (b *chatted) Close() error {
	if b.done {
		return nil
	}
	b.done = true
	if intime := b.stop(); !intime || b.last || !b.over || b.chat.in.Buffered() > 0 {
		b.chat.HangUp()
	}
	return nil
}
