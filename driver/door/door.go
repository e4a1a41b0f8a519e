// Package door is the socket in a data directory through which people on the same
// computer reach a program that runs: one for each program, open to the owner of the
// directory alone.
package door

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// Longest is how long the path of a socket may be on every system, in bytes.
const Longest = 103

// Open listens at a path. A socket that nobody answers at is left over and is
// replaced; one at which somebody answers is an error that names who.
func Open(ctx context.Context, path, who string) (net.Listener, error) {
	if len(path) > Longest {
		return nil, fmt.Errorf("open %s: the name of a socket has %d characters at most, this one has %d: choose a shorter --data", path, Longest, len(path))
	}
	if c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return nil, fmt.Errorf("open %s: another %s answers there: stop it first", path, who)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return l, os.Chmod(path, 0o600)
}

// Serve answers at l until ctx ends, and returns its cause then.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return context.Cause(ctx)
}
