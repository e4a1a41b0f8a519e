package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"sluice/replay/report"
)

// usage is what a process cost, as the operating system counted it.
type usage struct {
	Wall, CPU time.Duration
	Peak      int64 // bytes of memory resident at the highest
}

// execute runs a command to its end and returns what it cost. What the command
// says on its standard error comes back in the error.
func execute(c *exec.Cmd) (usage, error) {
	var said bytes.Buffer
	if c.Stderr == nil {
		c.Stderr = &said
	}
	begin := time.Now()
	err := c.Run()
	u := usage{Wall: time.Since(begin)}
	if s := c.ProcessState; s != nil {
		u.CPU = s.UserTime() + s.SystemTime()
		if r, ok := s.SysUsage().(*syscall.Rusage); ok {
			u.Peak = r.Maxrss * 1024
		}
	}
	if err != nil {
		return u, fmt.Errorf("%s: %w\n%s", filepath.Base(c.Path), err, bytes.TrimSpace(said.Bytes()))
	}
	return u, nil
}

// build makes the product of this very tree and returns its path.
func (b *bench) build(ctx context.Context) (string, error) {
	path := filepath.Join(b.work, "sluice")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	_, err := execute(exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/sluice"))
	return path, err
}

// compiled is a folder for compiled solver code that begins empty.
func (b *bench) compiled() (string, error) {
	return os.MkdirTemp(b.work, "wasm-*")
}

// play is one replay by the product in a process of its own.
type play struct {
	site     string // "": houston
	from, to string
	bitcoin  string // "": the shipped file
	papers   string // folder that keeps the papers; "": none are kept
	threads  int
}

// product runs a replay of the shipped Houston site and reads its report.
func (b *bench) product(ctx context.Context, p play) (*report.Report, usage, error) {
	sluice, err := b.build(ctx)
	if err != nil {
		return nil, usage{}, err
	}
	papers := p.papers
	if papers == "" {
		if papers, err = os.MkdirTemp(b.work, "papers-*"); err != nil {
			return nil, usage{}, err
		}
		defer os.RemoveAll(papers) //nolint:errcheck // inside a folder that is removed anyhow
	}
	args := []string{"replay", "--site", cmp.Or(p.site, "houston"), "--from", p.from, "--to", p.to, "--threads", strconv.Itoa(p.threads), "--run", papers, "--json"}
	if p.bitcoin != "" {
		args = append(args, "--bitcoin", p.bitcoin)
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, sluice, args...)
	c.Stdout = &out
	c.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(p.threads), "SLUICE_CACHE="+filepath.Join(b.work, "cache"))
	u, err := execute(c)
	if err != nil {
		return nil, u, err
	}
	var r report.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return nil, u, fmt.Errorf("read the report of %s: %w", p.from, err)
	}
	return &r, u, nil
}

// children are the commands that this program runs itself in another process,
// so that memory and start-up are those of a real process.
func children() map[string]func(context.Context, []string, io.Writer) error {
	return map[string]func(context.Context, []string, io.Writer) error{
		"child-year":    profileYear,
		"child-start":   startSolver,
		"child-world":   serveWorld,
		"child-command": commandWorld,
		"child-poll":    pollWorld,
		"child-room":    serveRoom,
	}
}

// again runs this program as a child and decodes what it prints.
func again(ctx context.Context, into any, args ...string) (usage, error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	var out bytes.Buffer
	c := exec.CommandContext(ctx, self, args...)
	c.Stdout = &out
	u, err := execute(c)
	if err != nil {
		return u, err
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return u, fmt.Errorf("read the answer of %v: %w", args, err)
	}
	return u, nil
}
