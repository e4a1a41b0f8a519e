package door_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/driver/door"
)

// TestOneProgramADoor: the socket is its owner's alone, a second program is refused
// while the first answers, and what a dead one left over is replaced.
func TestOneProgramADoor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "d.sock")
	ctx, end := context.WithCancelCause(t.Context())
	l, err := door.Open(ctx, path, "sluice serve")
	if err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, %v", i.Mode(), err)
	}
	done := make(chan error, 1)
	go func() { done <- door.Serve(ctx, l, http.NotFoundHandler()) }()
	if _, err := door.Open(t.Context(), path, "sluice serve"); err == nil || !strings.Contains(err.Error(), "another sluice serve answers there") {
		t.Errorf("a second one is told %v", err)
	}
	why := errors.New("the end")
	end(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("it ended with %v", err)
	}
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := door.Open(t.Context(), path, "sluice serve")
	if err != nil {
		t.Fatalf("what was left over: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestALongPathIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := door.Open(t.Context(), "/"+strings.Repeat("d", door.Longest), "sluice serve"); err == nil || !strings.Contains(err.Error(), "shorter --data") {
		t.Error(err)
	}
}
