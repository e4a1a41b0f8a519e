package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// program is another run of this binary that is kept going: a virtual world, or a site.
type program struct {
	name string
	args []string
	log  string // file to which it writes; the one before is kept beside it
	said func(line string)
}

// How a program is started anew after it ended by itself.
const (
	restartFirst = time.Second
	restartMost  = 30 * time.Second
	endPatience  = 10 * time.Second // until it is killed
)

// keep runs a program until ctx ends, and starts it anew when it ends by itself. It
// returns when the program has ended.
func (p program) keep(ctx context.Context, note func(string)) {
	wait := restartFirst
	for ctx.Err() == nil {
		began := time.Now()
		err := p.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > restartMost {
			wait = restartFirst
		}
		note(fmt.Sprintf("%s ended (%v) and begins anew in %v: see %s", p.name, err, wait, p.log))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, restartMost)
	}
}

// once runs it until it ends or ctx does; then it is asked to end, and killed when it
// does not.
func (p program) once(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_ = os.Rename(p.log, p.log+".before") // there is none the first time
	file, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()                             //nolint:errcheck // a log
	c := exec.CommandContext(ctx, self, p.args...) //nolint:gosec // this very binary
	c.Dir = filepath.Dir(p.log)
	out := &programLog{to: file, said: p.said}
	c.Stdout, c.Stderr = out, out
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = endPatience
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the Ctrl-C of a terminal is ours to hand on
	return c.Run()
}

// logMost bounds a log; what comes after is left out.
const logMost = 16 << 20

// programLog writes to a log and tells each whole line.
type programLog struct {
	mu   sync.Mutex
	to   *os.File
	size int
	rest []byte
	said func(string)
}

// Write takes a piece.
func (l *programLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size < logMost {
		n, _ := l.to.Write(b) // a full disk must not stop the site
		l.size += n
	}
	if l.said == nil {
		return len(b), nil
	}
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			l.rest = l.rest[max(0, len(l.rest)-4096):]
			return len(b), nil
		}
		l.said(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
}
