package fleet

import (
	"net"
	"sync"
)

// door hands the connections of one port to those who speak the dialect of the
// machine that was meant. It is a listener without a socket of its own.
type door struct {
	conns chan net.Conn
	shut  chan struct{}
	once  sync.Once
	addr  net.Addr
}

func newDoor(a net.Addr) *door {
	return &door{conns: make(chan net.Conn), shut: make(chan struct{}), addr: a}
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.shut:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (d *door) Close() error {
	d.once.Do(func() { close(d.shut) })
	return nil
}

// Addr implements net.Listener.
func (d *door) Addr() net.Addr { return d.addr }

// hand gives a connection in, or closes it when the door is shut.
func (d *door) hand(c net.Conn) {
	select {
	case d.conns <- c:
	case <-d.shut:
		_ = c.Close()
	}
}

// refuse hangs up without a word, as near to a closed port as an open one gets.
func refuse(c net.Conn) {
	if t, ok := c.(interface{ SetLinger(sec int) error }); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
