package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sluice/live"
	"sluice/server/room"
	"sluice/store/whole"
)

// siteProgram is the program of one site. One goroutine keeps it; it outlives the control
// room, so it writes into its log by itself and is told apart by its number.
type siteProgram struct {
	of    *roomSites
	run   runFile
	dir   string
	turns chan turnAsked

	mu       sync.Mutex // guards what follows
	process  int
	since    time.Time
	waiting  bool
	ended    bool
	restarts int  // by itself
	asked    bool // somebody wants it anew
	why      string
}

// turnAsked is what somebody wants of a program.
type turnAsked struct {
	turn room.ProgramTurn
	done chan error
}

// ranProgram is a program that runs: over is closed when it has ended.
type ranProgram struct {
	process int
	over    <-chan struct{}
	why     func() string
}

// keep keeps the program going until ctx ends.
func (p *siteProgram) keep(ctx context.Context) {
	wait := p.of.watch.first
	for ctx.Err() == nil {
		if _, err := os.Stat(filepath.Join(p.dir, endedName)); err == nil && p.alive() == 0 {
			p.set(func() { p.ended, p.process = true, 0 })
			if !p.pause(ctx, nil) {
				return
			}
			continue
		}
		began := time.Now()
		x, err := p.start(ctx)
		if err == nil {
			if !p.follow(ctx, x) {
				return
			}
			err = errors.New(x.why())
		}
		if time.Since(began) > p.of.watch.most {
			wait = p.of.watch.first
		}
		if p.hasEnded() || p.again() {
			continue
		}
		p.set(func() { p.waiting, p.process, p.why, p.since = true, 0, err.Error(), time.Now(); p.restarts++ })
		p.of.note(fmt.Sprintf("the program of site %s ended (%v) and begins anew in %v: see %s", p.run.Name, err, wait, filepath.Join(p.dir, logName)))
		if !p.pause(ctx, time.After(wait)) {
			return
		}
		wait = min(2*wait, p.of.watch.most)
	}
}

func (p *siteProgram) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// again reports, once, whether somebody wants it anew.
func (p *siteProgram) again() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.asked
	p.asked = false
	return was
}

// hasEnded reports whether somebody ended it.
func (p *siteProgram) hasEnded() bool {
	_, err := os.Stat(filepath.Join(p.dir, endedName))
	return err == nil
}

// pause waits until it is time, or somebody wants a turn; false: nobody watches any more.
func (p *siteProgram) pause(ctx context.Context, until <-chan time.Time) bool {
	select {
	case <-until:
		return true
	case <-ctx.Done():
		return false
	case t := <-p.turns:
		if t.turn == forgetProgram {
			t.done <- nil
			return false
		}
		t.done <- p.mark(t.turn)
		p.again() // it begins anew by itself
		return true
	}
}

// mark notes whether the program is wanted.
func (p *siteProgram) mark(t room.ProgramTurn) error {
	name := filepath.Join(p.dir, endedName)
	p.set(func() { p.ended, p.asked = t == room.EndProgram, t == room.RestartProgram })
	if t == room.EndProgram {
		return whole.Replace(name, whole.Private, whole.Text([]byte("somebody ended the program of this site\n")))
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// start starts the program, or finds the one that runs.
func (p *siteProgram) start(ctx context.Context) (*ranProgram, error) {
	if pid := p.alive(); pid != 0 || p.answers(ctx) {
		return p.found(ctx, pid), nil
	}
	if err := shelved(p.dir); err != nil {
		return nil, err
	}
	log := filepath.Join(p.dir, logName)
	_ = os.Rename(log, log+".before") // there is none the first time
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()                             //nolint:errcheck // the program has its own
	c := exec.Command(p.of.self, p.arguments()...) //nolint:gosec,noctx // this very binary; it outlives whoever asked
	c.Env = p.of.env
	c.Dir, c.Stdout, c.Stderr = p.dir, file, file // a file and no pipe: it writes on when the room is gone
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: !p.of.ends, Setpgid: p.of.ends}
	if err := c.Start(); err != nil {
		return nil, err
	}
	p.set(func() { p.process, p.since, p.waiting, p.ended = c.Process.Pid, time.Now(), false, false })
	over := make(chan struct{})
	why := ""
	go func() {
		err := c.Wait()
		why = "exit code 0"
		if err != nil {
			why = err.Error()
		}
		close(over)
	}()
	if err := whole.Replace(filepath.Join(p.dir, pidName), whole.Private, whole.Text([]byte(strconv.Itoa(c.Process.Pid)+"\n"))); err != nil {
		p.of.note(fmt.Sprintf("site %s: the number of its process is not written down: %v", p.run.Name, err))
	}
	return &ranProgram{process: c.Process.Pid, over: over, why: func() string { return why }}, nil
}

// found is a program that runs already: it is looked at until it has ended.
func (p *siteProgram) found(ctx context.Context, pid int) *ranProgram {
	p.set(func() { p.process, p.since, p.waiting, p.ended = pid, time.Now(), false, false })
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(p.of.watch.look)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if pid != 0 && !isProgram(pid, p.data()) || pid == 0 && !p.answers(ctx) {
				return
			}
		}
	}()
	return &ranProgram{process: pid, over: over, why: func() string { return "it ended" }}
}

// follow waits for the end of a program, and carries turns out; false: nobody watches any
// more.
func (p *siteProgram) follow(ctx context.Context, x *ranProgram) bool {
	for {
		select {
		case <-ctx.Done():
			if p.of.ends {
				_ = end(x)
			}
			return false
		case <-x.over:
			return ctx.Err() == nil
		case t := <-p.turns:
			err := p.mark(t.turn)
			if err == nil || t.turn == forgetProgram {
				err = end(x)
			}
			t.done <- err
			if t.turn == forgetProgram {
				return false
			}
			if err == nil && t.turn == room.RestartProgram {
				return true
			}
		}
	}
}

// end asks a program to end, and kills it when it does not.
func end(x *ranProgram) error {
	if x.process == 0 {
		return errors.New("it was started by somebody else: end it where it was started")
	}
	if err := syscall.Kill(x.process, syscall.SIGINT); err != nil {
		return err
	}
	select {
	case <-x.over:
	case <-time.After(endPatience):
		if err := syscall.Kill(x.process, syscall.SIGKILL); err != nil {
			return err
		}
		<-x.over
	}
	return nil
}

func (p *siteProgram) data() string { return filepath.Join(p.dir, "data") }

// arguments are those of the program.
func (p *siteProgram) arguments() []string {
	out := []string{"serve", "--site", siteYAML, "--data", p.data()}
	if p.run.Credentials {
		out = append(out, "--credentials", sealedName, "--seal-key", filepath.Join(p.of.dir, sealKey))
	}
	minutes := p.run.Run.Interval
	if minutes == 0 {
		minutes = 15
	}
	out = append(out, "--interval", strconv.Itoa(minutes)+"m", "--learned", learnedName)
	if !p.run.Virtual {
		return out
	}
	out = append(out, "--timeout", "2s", "--rate", "2000")
	if r := p.run.Run; r.From != nil {
		out = append(out, "--market-from", r.From.UTC().Format(time.RFC3339), "--speed", strconv.Itoa(max(1, r.Speed)))
	}
	return append(out, "--trial", strconv.Itoa(max(1, p.run.Run.Trial)))
}

// alive is the number of the process that was written down, while it runs; 0: none does.
func (p *siteProgram) alive() int {
	text, err := os.ReadFile(filepath.Join(p.dir, pidName))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 || !isProgram(pid, p.data()) {
		return 0
	}
	return pid
}

// isProgram reports whether a process is the program of a data directory: numbers of
// processes are given out again.
func isProgram(pid int, data string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err == nil {
		return bytes.Contains(line, []byte("\x00"+data+"\x00"))
	}
	if _, err := os.Stat("/proc/self/cmdline"); err == nil {
		return false
	}
	return syscall.Kill(pid, 0) == nil // no list of processes to look into
}

// answers reports whether somebody answers at the socket of the site.
func (p *siteProgram) answers(ctx context.Context) bool {
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", filepath.Join(p.data(), live.SocketName))
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// view is the program for people.
func (p *siteProgram) view() room.SiteProgram {
	p.mu.Lock()
	out := room.SiteProgram{
		Name: p.run.Name, State: "starting", Process: p.process, Since: p.since.UTC(), Restarts: p.restarts, Why: p.why, Folder: p.dir,
		Made: p.run.Made, By: p.run.By, Virtual: p.run.Virtual,
	}
	waiting, ended := p.waiting, p.ended
	p.mu.Unlock()
	switch {
	case ended && out.Process == 0:
		out.State = "ended"
	case waiting:
		out.State = "waiting"
	case p.answers(context.Background()):
		out.State = "running"
	}
	out.Log = tail(filepath.Join(p.dir, logName))
	return out
}

// The end of a log that is shown.
const (
	tailBytes = 8 << 10
	tailLines = 25
)

// tail is the last lines of a log; nothing where there is none.
func tail(name string) []string {
	f, err := os.Open(name) //nolint:gosec // below the directory of the room
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // read only
	if i, err := f.Stat(); err == nil && i.Size() > tailBytes {
		if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
			return nil
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, tailBytes))
	if err != nil {
		return nil
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return last(lines, tailLines)
}
