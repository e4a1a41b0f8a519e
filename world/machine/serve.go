package machine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Unit finds the machine that is reached at a local address: on a loopback
// network every machine has an address of its own and nothing to configure.
// nil: nobody is at home there.
type Unit func(local net.Addr) *Machine

// RequestMax bounds what a virtual machine reads of one request, bytes.
const RequestMax = 1 << 20

// Accept serves every connection in a goroutine of its own until ctx is over,
// then closes all of them and waits for the handlers to return.
func Accept(ctx context.Context, l net.Listener, handle func(context.Context, net.Conn)) error {
	var handlers sync.WaitGroup
	defer handlers.Wait()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil // the end of serving is no failure
			}
			return err
		}
		handlers.Go(func() {
			end := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer end()
			handle(ctx, conn)
			_ = conn.Close()
		})
	}
}

// Together serves several doors of machines at once until ctx is over or one of
// them fails, which ends the others. It returns every failure.
func Together(ctx context.Context, doors ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var open sync.WaitGroup
	failed := make([]error, len(doors))
	for i, serve := range doors {
		open.Go(func() {
			defer cancel()
			failed[i] = serve(ctx)
		})
	}
	open.Wait()
	return errors.Join(failed...)
}

// Request reads what a client of the cgminer dialects sends until it is a whole
// request: JSON that is complete, or a line of text. Blanks around it are taken
// off. It reports false when nothing came, or too much.
func Request(conn net.Conn) ([]byte, bool) {
	var in []byte
	buffer := make([]byte, 4096)
	for len(in) < RequestMax {
		n, err := conn.Read(buffer)
		in = append(in, buffer[:n]...)
		t := bytes.Trim(in, " \r\n\x00")
		if len(t) > 0 && (t[0] != '{' || json.Valid(t)) {
			return t, true
		}
		if err != nil {
			return t, len(t) > 0
		}
	}
	return nil, false
}

// Send writes an answer as the machine's mischief would have it and reports
// whether all of it was sent. A silent machine keeps the connection until its
// peer gives up.
func (m *Machine) Send(ctx context.Context, conn net.Conn, answer []byte) bool {
	x := m.Mischief()
	if !linger(ctx, x.Delay) {
		return false
	}
	if x.Silent {
		_, _ = conn.Read(make([]byte, 1))
		return false
	}
	_, err := conn.Write(x.Spoil(answer))
	return err == nil && !x.Garbage && !x.Half
}

// linger lets real time pass and reports whether ctx allowed it.
func linger(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Answer writes what a machine says to one request of its web interface.
type Answer func(http.ResponseWriter, *http.Request, *Machine)

// ServeWeb serves the web interface of machines until ctx is over. answer is
// asked for each request with the machine it reached; a dark machine and an
// empty address close the connection without a word. The connection ends with the
// answer, unless answer says "Connection: keep-alive".
func ServeWeb(ctx context.Context, l net.Listener, unit Unit, now func() time.Time, answer Answer) error {
	return serveHTTP(ctx, l, &http.Server{Handler: handler(unit, now, answer)})
}

// ServeRPC is ServeWeb for those who call over HTTP/2 without TLS, as gRPC does.
func ServeRPC(ctx context.Context, l net.Listener, unit Unit, now func() time.Time, answer Answer) error {
	s := &http.Server{Handler: handler(unit, now, answer), Protocols: new(http.Protocols)}
	s.Protocols.SetUnencryptedHTTP2(true)
	return serveHTTP(ctx, l, s)
}

// handler finds the machine of a request and sends its answer.
func handler(unit Unit, now func() time.Time, answer Answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, RequestMax)
		local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		m := unit(local)
		if m == nil || m.State(now()).Dark {
			panic(http.ErrAbortHandler)
		}
		told := &recorder{status: http.StatusOK, header: http.Header{}}
		answer(told, r, m)
		m.tell(w, r, told)
	})
}

// serveHTTP serves until ctx is over and every connection is closed.
func serveHTTP(ctx context.Context, l net.Listener, s *http.Server) error {
	var conns sync.WaitGroup
	defer conns.Wait()
	s.ReadHeaderTimeout = time.Minute
	s.BaseContext = func(net.Listener) context.Context { return ctx }
	s.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			conns.Add(1)
		case http.StateClosed, http.StateHijacked:
			conns.Done()
		case http.StateActive, http.StateIdle:
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
		return err
	}
	return nil
}

// recorder keeps an answer until mischief had its way with it.
type recorder struct {
	status int
	header http.Header
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}

// tell writes a recorded answer as the machine's mischief would have it.
func (m *Machine) tell(w http.ResponseWriter, r *http.Request, told *recorder) {
	x := m.Mischief()
	if !linger(r.Context(), x.Delay) {
		panic(http.ErrAbortHandler)
	}
	if x.Silent {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	body := x.Spoil(told.body)
	maps.Copy(w.Header(), told.header)
	length, status := len(body), told.status
	if x.Half {
		length = len(told.body) + 1 // cut even when there is nothing to say
	}
	if x.Garbage {
		w.Header().Set("Content-Type", "text/html")
		status = http.StatusOK
	}
	w.Header().Set("Content-Length", strconv.Itoa(length))
	if r.ProtoMajor == 1 && (told.header.Get("Connection") == "" || x.Half || x.Garbage) {
		w.Header().Set("Connection", "close")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
