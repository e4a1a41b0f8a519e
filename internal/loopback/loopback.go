// Package loopback lets a test be the far end of a connection.
package loopback

import (
	"net"
	"testing"
)

// Serve hands every connection to an address of this computer, such as 127.0.0.1
// or 0.0.0.0, to talk, one after the other, and closes it then. It returns the
// port and ends with the test, which waits for the last connection.
func Serve(tb testing.TB, host string, talk func(net.Conn)) int {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp4", net.JoinHostPort(host, "0"))
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	tb.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			talk(c)
			_ = c.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // a listener for TCP has no other
}
