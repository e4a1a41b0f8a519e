package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sluice/replay"
	"sluice/replay/report"
	"sluice/server/room"
)

// replayer replays the sites of a control room, each in a program of its own, so that
// what it takes of memory goes with it and the room never waits for it.
type replayer struct {
	self string // this binary
	dir  string // of the control room
	env  []string

	mu    sync.Mutex // guards what follows
	named map[string]recorded
	known map[string]reach
}

// recorded is where the recorded history of a site is declared.
type recorded struct {
	site     string // site file
	interval time.Duration
}

// reach is from when until when a history reaches, as its file was at an instant.
type reach struct {
	from, to, changed time.Time
}

func newReplayer(dir string) (*replayer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	return &replayer{self: self, dir: dir, env: os.Environ(), named: map[string]recorded{}, known: map[string]reach{}}, nil
}

// name says where the site file of an attached site is.
func (r *replayer) name(site string, h recorded) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.named[site] = h
}

// of is the history of a site: named, or that of a site which the room runs.
func (r *replayer) of(site string) (recorded, error) {
	r.mu.Lock()
	h, named := r.named[site]
	r.mu.Unlock()
	if named {
		return h, nil
	}
	dir := filepath.Join(r.dir, "sites", filepath.Base(site))
	text, err := os.ReadFile(filepath.Join(dir, runName))
	if errors.Is(err, os.ErrNotExist) {
		return recorded{}, room.ErrNoHistory
	}
	var run runFile
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err != nil {
		return recorded{}, fmt.Errorf("history of %s: %w", site, err)
	}
	minutes := run.Run.Interval
	if minutes == 0 {
		minutes = 15
	}
	return recorded{site: filepath.Join(dir, siteYAML), interval: time.Duration(minutes) * time.Minute}, nil
}

// source is how a replay reads a history.
func (h recorded) source() source { return source{site: h.site, interval: h.interval, lag: 1} }

// Reach implements room.Replays.
func (r *replayer) Reach(_ context.Context, site string) (from, to time.Time, err error) {
	h, err := r.of(site)
	if err != nil {
		return from, to, err
	}
	info, err := os.Stat(h.site)
	if err != nil {
		return from, to, fmt.Errorf("%w: %w", room.ErrNoHistory, err)
	}
	r.mu.Lock()
	x, known := r.known[site]
	r.mu.Unlock()
	if known && x.changed.Equal(info.ModTime()) {
		return x.from, x.to, nil
	}
	file, err := readSite(h.site)
	if err != nil {
		return from, to, fmt.Errorf("%w: %w", room.ErrNoHistory, err)
	}
	setup, err := h.source().market(file)
	if err != nil {
		return from, to, fmt.Errorf("%w: %w", room.ErrNoHistory, err)
	}
	if from, to, known = setup.Longest(); !known {
		return from, to, room.ErrNoHistory
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[site] = reach{from, to, info.ModTime()}
	return from, to, nil
}

// Replay implements room.Replays.
func (r *replayer) Replay(ctx context.Context, site string, from, to time.Time, step func(done, total int)) (room.Replayed, error) {
	h, err := r.of(site)
	if err != nil {
		return room.Replayed{}, err
	}
	work, err := os.MkdirTemp(r.dir, "backtest-")
	if err != nil {
		return room.Replayed{}, err
	}
	defer os.RemoveAll(work) //nolint:errcheck // nothing of it is wanted any more
	papers := filepath.Join(work, "run")
	text, err := r.child(ctx, step, "replay", "--site", h.site, "--interval", h.interval.String(), "--from", from.UTC().Format(time.RFC3339), "--to", to.UTC().Format(time.RFC3339),
		"--run", papers, "--threads", "1", "--json")
	if err != nil {
		return room.Replayed{}, err
	}
	found, err := report.Read(bytes.NewReader(text))
	if err != nil {
		return room.Replayed{}, err
	}
	return withReasons(found, papers)
}

// withReasons adds why Sluice decided as it did in the intervals that a report names.
func withReasons(found report.Report, papers string) (room.Replayed, error) {
	var at []time.Time
	for _, m := range found.Moments {
		at = append(at, m.Start)
	}
	why, err := replay.Why(papers, at)
	return room.Replayed{Report: found, Why: why}, err
}

// child runs this program and returns what it printed. Sites come first: it is as
// unimportant to the computer as can be.
func (r *replayer) child(ctx context.Context, step func(done, total int), args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, r.self, args...) //nolint:gosec // it is this program
	c.Env, c.Dir, c.WaitDelay = r.env, r.dir, 5*time.Second
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	said := &progressLines{step: step}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, said
	if err := c.Start(); err != nil {
		return nil, err
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, c.Process.Pid, 10) // where it is not allowed it runs as any other
	if err := c.Wait(); err != nil {
		return nil, fmt.Errorf("the replay ended: %w: %s", err, said.last())
	}
	return out.Bytes(), nil
}

// replayProgress is what a replay says of how far it is.
var replayProgress = regexp.MustCompile(`^replayed +(\d+) %`)

// progressLines reads how far a replay is out of what it writes.
type progressLines struct {
	step func(done, total int)

	mu   sync.Mutex // guards what follows
	rest string
	said string // the last line that is no progress
}

// Write implements io.Writer.
func (p *progressLines) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest += string(b)
	for {
		text, rest, whole := strings.Cut(p.rest, "\n")
		if !whole {
			p.rest = p.rest[max(0, len(p.rest)-4096):]
			return len(b), nil
		}
		p.rest = rest
		if m := replayProgress.FindStringSubmatch(text); m != nil {
			n, _ := strconv.Atoi(m[1]) // of digits; too many of them are no progress
			p.step(n, 100)
		} else if strings.TrimSpace(text) != "" {
			p.said = text
		}
	}
}

// last is the last thing that was said.
func (p *progressLines) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(p.said + " " + p.rest)
}
