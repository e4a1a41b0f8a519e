package drivertest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// Clock is virtual time, which stands still until a test lets it pass.
type Clock struct {
	mu sync.Mutex // guards at
	at time.Time
}

// NewClock is a clock that shows at.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is what it shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Wait lets d pass.
func (c *Clock) Wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Listen opens a free port on 127.0.0.1. Whoever serves on it closes it.
func Listen(tb testing.TB) (net.Listener, int) {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return l, l.Addr().(*net.TCPAddr).Port
}

// Serve runs something until the test ends, and reports how it ended.
func Serve(tb testing.TB, run func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("what was served ended with %v", err)
		}
	})
}
