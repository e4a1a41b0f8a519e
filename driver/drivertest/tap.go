package drivertest

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"sluice/driver/wire"
)

// Tap stands in a network between a driver and its machine. It counts what comes
// through and puts something else in the place of answers.
type Tap struct {
	mu    sync.Mutex // guards what is below
	spoil spoiler    // nil run: everything passes
	spare int        // connections that pass before
	conns int        // since the last set
	most  int        // bytes that one connection handed to the driver since then
	fell  int        // connections that were spoilt
	first func()     // called once, before the first of them is used
	kept  bool       // what was put in the place of answers meant the same
}

// Network declares the loopback address of the tests and nothing else.
func Network(tb testing.TB) *wire.Network {
	tb.Helper()
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, 0)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// Tapped is Network with a tap in it, which lets everything pass until a check
// says otherwise.
func Tapped(tb testing.TB) (*wire.Network, *Tap) {
	tb.Helper()
	t := &Tap{}
	return Network(tb).Through(t.wrap), t
}

// set spoils the answers of all connections after the first spare ones.
func (t *Tap) set(s spoiler, spare int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spoil, t.spare, t.conns, t.most, t.fell, t.first, t.kept = s, spare, 0, 0, 0, nil, true
}

// seen is what went on since the last set.
func (t *Tap) seen() (spoilt, most int, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.fell, t.most, t.kept
}

func (t *Tap) wrap(c net.Conn) net.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := &tapped{Conn: c, tap: t, over: make(chan struct{})}
	if t.conns++; t.spoil.run != nil && t.conns > t.spare {
		out.spoil = t.spoil
		if t.fell++; t.fell == 1 && t.first != nil {
			t.first()
		}
	}
	return out
}

// count takes note of what one connection has handed on, and whether it meant
// the same.
func (t *Tap) count(bytes int, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.most, t.kept = max(t.most, bytes), t.kept && kept
}

// tapped is one connection.
type tapped struct {
	net.Conn
	tap   *Tap
	spoil spoiler
	play  *script // once the true answer was swallowed
	given int
	wrote bool

	once sync.Once
	over chan struct{} // closed when a reader shall wait no longer
	end  error         // what it is told then
}

// flood is how much an endless answer hands out before the tap gives up on the
// driver: many times what a driver may take.
const flood = 8 << 20

// Write hands the request on, unless it is its turn to be cut.
func (c *tapped) Write(b []byte) (int, error) {
	switch {
	case c.spoil.cut == cutBefore, c.spoil.cut == cutAmid && c.wrote:
		return 0, &net.OpError{Op: "write", Err: syscall.ECONNRESET}
	case c.spoil.cut == cutAmid:
		c.wrote = true
		n, _ := c.Conn.Write(b[:len(b)/2])
		return n, &net.OpError{Op: "write", Err: syscall.ECONNRESET}
	}
	return c.Conn.Write(b)
}

// Read hands the answer on, or what stands in its place.
func (c *tapped) Read(b []byte) (int, error) {
	if c.spoil.run == nil {
		n, err := c.Conn.Read(b)
		c.given += n
		c.tap.count(c.given, true)
		return n, err
	}
	if c.play == nil {
		answer, err := c.swallow()
		if len(answer) == 0 && err != nil {
			return 0, err
		}
		s := c.spoil.run(answer)
		c.play = &s
	}
	n, err := c.play.read(b, c.over)
	if errors.Is(err, errOver) {
		err = c.end
	}
	c.given += n
	c.tap.count(c.given, c.play.keeps)
	if c.given > flood {
		return n, io.EOF
	}
	return n, err
}

// swallow reads the true answer: to its end, or until the machine that keeps the
// connection says no more.
func (c *tapped) swallow() ([]byte, error) {
	var out []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.Conn.Read(buffer)
		out = append(out, buffer[:n]...)
		if err != nil {
			return out, err
		}
		if out[len(out)-1] == 0 && len(out) > 4 || framed(out) || complete(out) {
			return out, nil
		}
		if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			return out, err
		}
	}
}

// Close ends whoever waits for a byte that is slow to come.
func (c *tapped) Close() error {
	c.stop(net.ErrClosed)
	return c.Conn.Close()
}

// SetDeadline ends whoever waits when the deadline is over already: that is how
// calls are cancelled.
func (c *tapped) SetDeadline(t time.Time) error {
	if !t.IsZero() && time.Until(t) <= 0 {
		c.stop(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded})
	}
	return c.Conn.SetDeadline(t)
}

func (c *tapped) stop(err error) {
	c.once.Do(func() {
		c.end = err
		close(c.over)
	})
}
