package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// lone does each request on a connection of its own, in the goroutine of its
// caller: the transport of net/http keeps two goroutines and a pool for a
// connection that machines bear only once. It costs about half as much.
type lone struct {
	net     *Network
	readers sync.Pool // of *bufio.Reader
	texts   sync.Pool // of *bytes.Buffer
}

// RoundTrip implements http.RoundTripper. The body of the answer must be closed.
func (l *lone) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	conn, err := l.dial(r)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err = l.write(conn, r, true)
	if err == nil {
		var answer *http.Response
		if answer, err = l.read(conn, r, stop); err == nil {
			return answer, nil
		}
	}
	stop()
	_ = conn.Close()
	return nil, overdue(ctx, err)
}

// dial connects to the machine that is asked.
func (l *lone) dial(r *http.Request) (*scant, error) {
	port, err := portOf(r)
	if err != nil {
		return nil, err
	}
	conn, err := l.net.Dial(r.Context(), r.URL.Hostname(), port)
	if err != nil {
		return nil, err
	}
	return &scant{Conn: conn, left: answerMax}, nil
}

// answerMax is how much one answer may take from the wire, head, body and chunks.
const answerMax = BodyMax + headMax + 8<<10

// left reports whether a connection had ended before anything was answered on it.
func left(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// overdue adds the end of a context to the error that it caused.
func overdue(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		return errors.Join(cause, err)
	}
	return err
}

func portOf(r *http.Request) (int, error) {
	if r.URL.Scheme != "http" {
		return 0, fmt.Errorf("%q: machines are asked over http only", r.URL.Scheme)
	}
	text := r.URL.Port()
	if text == "" {
		return 80, nil
	}
	return strconv.Atoi(text)
}

// write sends the request whole and tells the trace of its context.
func (l *lone) write(conn net.Conn, r *http.Request, last bool) error {
	text, ok := l.texts.Get().(*bytes.Buffer)
	if !ok {
		text = &bytes.Buffer{}
	}
	defer l.texts.Put(text)
	text.Reset()
	alone := *r
	alone.Close = last
	if err := alone.Write(text); err != nil {
		return err
	}
	_, err := conn.Write(text.Bytes())
	if t := httptrace.ContextClientTrace(r.Context()); t != nil && t.WroteRequest != nil {
		t.WroteRequest(httptrace.WroteRequestInfo{Err: err})
	}
	return err
}

// read reads the head of the answer; the body follows as its caller reads it.
func (l *lone) read(conn net.Conn, r *http.Request, stop func() bool) (*http.Response, error) {
	bound := &io.LimitedReader{R: conn}
	in, ok := l.readers.Get().(*bufio.Reader)
	if !ok {
		in = bufio.NewReader(bound)
	}
	in.Reset(bound)
	answer, err := answerOn(in, bound, r)
	if err != nil {
		l.readers.Put(in)
		return nil, err
	}
	answer.Body = &lastWords{ReadCloser: answer.Body, l: l, in: in, conn: conn, stop: stop, ctx: r.Context()}
	return answer, nil
}

// answerOn reads the head of an answer, which has a bound; the reader of its
// body sets its own.
func answerOn(in *bufio.Reader, bound *io.LimitedReader, r *http.Request) (*http.Response, error) {
	bound.N = headMax
	if _, err := in.Peek(1); err != nil {
		return nil, err // nothing at all is not half an answer
	}
	for range 8 {
		answer, err := http.ReadResponse(in, r)
		if err != nil && bound.N <= 0 {
			err = fmt.Errorf("%w: its head does not end", ErrTooLong)
		}
		if err != nil {
			return nil, err
		}
		if answer.StatusCode >= 200 || answer.StatusCode == http.StatusSwitchingProtocols {
			bound.N = math.MaxInt64
			return answer, nil
		}
	}
	return nil, errors.New("nothing but provisional answers")
}

// lastWords is the body of an answer after which the connection ends.
type lastWords struct {
	io.ReadCloser
	l    *lone
	in   *bufio.Reader
	conn net.Conn
	stop func() bool
	ctx  context.Context //nolint:containedctx // of the request whose answer this is
	once sync.Once
}

// Read implements io.Reader.
func (b *lastWords) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = overdue(b.ctx, err)
	}
	return n, err
}

// Close hangs up.
func (b *lastWords) Close() error {
	b.once.Do(func() {
		b.stop()
		_ = b.conn.Close()
		b.in.Reset(nil)
		b.l.readers.Put(b.in)
		b.in = nil
	})
	return nil
}
