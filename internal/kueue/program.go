package kueue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// program is one process of the control plane.
type program struct {
	name string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  string        // file of what it says
}

// grace is how long a program may take to stop before it is killed.
const grace = 15 * time.Second

// launch starts a program of folder bin. It lives until halt, or until this
// process dies.
func launch(bin, logs, name string, env []string, args ...string) (*program, error) {
	path := filepath.Join(logs, name+".log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // below the folder of the plane
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer file.Close()                                     //nolint:errcheck // the process has its own copy
	cmd := exec.Command(filepath.Join(bin, name), args...) //nolint:noctx // it outlives the call; halt ends it
	cmd.Stdout, cmd.Stderr = file, file
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &program{name: name, cmd: cmd, done: make(chan struct{}), log: path}
	go func() { _ = cmd.Wait(); close(p.done) }()
	return p, nil
}

// halt ends a program and waits for its end.
func (p *program) halt() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-p.done:
	case <-t.C:
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// told is the end of what a program said.
func (p *program) told() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// await asks again and again until ask succeeds or p has ended.
func (p *program) await(ctx context.Context, ask func(context.Context) error) error {
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended: %s", p.name, p.told())
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", p.name, errors.Join(ctx.Err(), err), p.told())
		case <-t.C:
		}
	}
}

// ports finds n free ports of the loopback address.
func ports(ctx context.Context, n int) ([]int, error) {
	var lc net.ListenConfig
	var out []int
	for range n {
		l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()                                 //nolint:errcheck // only held until all are found
		out = append(out, l.Addr().(*net.TCPAddr).Port) //nolint:forcetypeassert // a listener for TCP has no other
	}
	return out, nil
}
