package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/live"
)

// TestTwoSites: a second site is refused where it would share machines with the
// first, with the first one's name and what to do; and let in when that is gone.
func TestTwoSites(t *testing.T) {
	t.Parallel()
	y := newYard(t, lot{network: 66, miners: 8})
	first := y.serve(t, 20)
	other := *y
	other.data = shortFolder(t)
	try := func(says ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var out, errs strings.Builder
		code := run(ctx, other.arguments(20), &out, &errs)
		for _, want := range says {
			if code != exitBadInput || !strings.Contains(errs.String(), want) {
				t.Errorf("%q is missing: %d %s%s", want, code, out.String(), errs.String())
			}
		}
	}
	try("another site looks after these machines", "site virtual-5", y.data, "127.66.0.0/16", "stop it first")
	other.data = y.data
	try("stop the other one or choose another directory")
	if code := first.end(); code != exitOK {
		t.Errorf("the first ended with %d", code)
	}
	other.data = shortFolder(t)
	second := other.serve(t, 20)
	if code := second.end(); code != exitOK {
		t.Errorf("the second ended with %d", code)
	}
}

// TestDoor: the control socket belongs to its owner, one that is left over keeps
// nobody out, and a name that no socket can have is refused with a remedy.
func TestDoor(t *testing.T) {
	t.Parallel()
	dir := shortFolder(t)
	path := filepath.Join(dir, live.SocketName)
	for range 2 { // the second finds what the first left
		l, err := live.Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if u, is := l.(*net.UnixListener); is {
			u.SetUnlinkOnClose(false)
		}
		i, err := os.Stat(path)
		if err != nil || i.Mode().Perm() != 0o600 {
			t.Errorf("the socket has %v, %v", i.Mode(), err)
		}
		if _, err := live.Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "another sluice serve answers there") {
			t.Errorf("a second one: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	long := filepath.Join(dir, strings.Repeat("x", 120))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := live.Open(t.Context(), long); err == nil || !strings.Contains(err.Error(), "choose a shorter --data") {
		t.Errorf("a name that is too long: %v", err)
	}
}
