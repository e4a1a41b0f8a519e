package powerloss

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Trial says what to do to which program.
type Trial struct {
	Program string
	Cuts    int
	Seed    uint64
	Binary  string // runs Victim when Marker is set
	Folder  string // empty, to mount the rig on

	Rounds   int // cuts that one disk sees before an empty one replaces it; 0: 25
	FailSync int // when above 0: in each round this sync after the first acknowledgement fails
}

// Result is what was seen.
type Result struct {
	Cuts         int
	Acknowledged int
	Lost         int // acknowledged and not there after the cut
	Phantoms     int // there and never written, or there twice
	Unreadable   int // starts after a cut at which the program could not read its own file
	Stops        int // appends that failed while the program lived
	WentOn       int // of those, how many were followed by work that should have been refused
	Took         time.Duration
	First        string // the first loss, in words
}

// String reports the result in one line.
func (r Result) String() string {
	return fmt.Sprintf("%d cuts, %d acknowledged, %d lost, %d phantoms, %d unreadable, %.1f cuts/s",
		r.Cuts, r.Acknowledged, r.Lost, r.Phantoms, r.Unreadable, float64(r.Cuts)/r.Took.Seconds())
}

// Run takes the power away again and again and counts.
func Run(ctx context.Context, t Trial) (out Result, err error) {
	dice := rand.New(rand.NewPCG(t.Seed, 7))
	t.Rounds = cmp.Or(t.Rounds, 25)
	start := time.Now() //nolint:forbidigo // the rig lives in real time: it reports its own speed
	for out.Cuts < t.Cuts && err == nil {
		err = t.disk(ctx, dice, &out)
	}
	out.Took = time.Since(start) //nolint:forbidigo // as above
	return out, err
}

// disk plays the life of one disk.
func (t Trial) disk(ctx context.Context, dice *rand.Rand, out *Result) (err error) {
	d := NewDisk()
	unmount, err := Mount(t.Folder, d)
	if err != nil {
		return err
	}
	defer func() {
		if e := unmount(); err == nil && e != nil {
			err = fmt.Errorf("unmount power-loss rig: %w", e)
		}
	}()
	known := tally{}
	for round := 0; round < t.Rounds && out.Cuts < t.Cuts; round++ {
		sound, err := t.round(ctx, dice, d, known, out)
		if err != nil {
			return err
		}
		if !sound {
			return nil
		}
		d.Cut(dice)
		out.Cuts++
	}
	// One more start reads what the last cut left.
	_, err = t.watch(ctx, 0, func(string, string) bool { return false }, known, out)
	return err
}

// patience is for how long a program may write until a failed fsync shows: a busy
// computer is slow, and the next cut waits only for what the program says.
const patience = 20 * time.Second

// round starts the program, checks what it has, lets it write for 5 to 45 ms and
// kills it. Where an fsync fails, it is killed when it has said what it does then.
func (t Trial) round(ctx context.Context, dice *rand.Rand, d *Disk, known tally, out *Result) (bool, error) {
	span := 5*time.Millisecond + time.Duration(dice.Int64N(int64(40*time.Millisecond)))
	if t.FailSync > 0 {
		span = patience
	}
	armed := false
	return t.watch(ctx, span, func(word, key string) (enough bool) {
		switch word {
		case "a":
			if !armed {
				d.FailSync(t.FailSync)
				armed = true
			}
			known.add(split(key))
			out.Acknowledged++
		case "stop":
			out.Stops++
		case "on":
			out.WentOn++
		}
		return word == "on" // a sound one ends by itself
	}, known, out)
}

// watch runs the program once and kills it after a span. after sees each line that
// follows "ready", and says when it has seen enough. The answer is false when the
// program could not start.
func (t Trial) watch(ctx context.Context, span time.Duration, after func(word, key string) (enough bool), known tally, out *Result) (bool, error) {
	cmd := exec.CommandContext(ctx, t.Binary)
	cmd.Env = append(os.Environ(), Marker+"="+fmt.Sprintf("%s %d %s", t.Program, out.Cuts, t.Folder))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("start victim: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("start victim: %w", err)
	}
	lines := bufio.NewScanner(pipe)
	found, ready := recovered(lines)
	if ready {
		known.settle(found, out)
		clock := time.AfterFunc(span, func() { _ = cmd.Process.Kill() }) //nolint:forbidigo // real time is what is cut
		for lines.Scan() {
			word, key, _ := strings.Cut(lines.Text(), " ")
			if after(word, key) {
				_ = cmd.Process.Kill()
			}
		}
		clock.Stop()
	}
	_ = cmd.Process.Kill()
	_, _ = io.Copy(io.Discard, pipe)
	_ = cmd.Wait() // it was killed, so it always complains
	if !ready {
		out.Unreadable++
		known.settle(nil, out)
		if out.First == "" {
			out.First = strings.TrimSpace(complaint.String())
		}
	}
	return ready, ctx.Err()
}

// recovered reads what the program says it has.
func recovered(lines *bufio.Scanner) (keys []string, ready bool) {
	for lines.Scan() {
		word, key, _ := strings.Cut(lines.Text(), " ")
		if word == "ready" {
			return keys, true
		}
		if word == "r" {
			keys = append(keys, key)
		}
	}
	return nil, false
}

// tally is which records of each writer should be there. A writer numbers them
// from 0 and waits for each, so one more than the last may be there as well.
type tally map[string]map[int]bool

func (t tally) add(writer string, n int) {
	if t[writer] == nil {
		t[writer] = map[int]bool{}
	}
	t[writer][n] = true
}

// split takes ROUND/WRITER/NUMBER apart; the number is -1 where there is none.
func split(key string) (string, int) {
	at := max(strings.LastIndexByte(key, '/'), 0)
	n, err := strconv.Atoi(strings.TrimPrefix(key[at:], "/"))
	if err != nil {
		return key, -1
	}
	return key[:at], n
}

// settle compares what is there with what was acknowledged, counts the
// difference, and goes on from what is there, so that a loss is counted once.
func (t tally) settle(found []string, out *Result) {
	seen := tally{}
	for _, key := range found {
		writer, n := split(key)
		started := n == 0 || t[writer][n-1]
		if n < 0 || seen[writer][n] || !t[writer][n] && !started {
			out.Phantoms++
			continue
		}
		seen.add(writer, n)
	}
	for writer, numbers := range t {
		for n := range numbers {
			if !seen[writer][n] {
				out.lose(fmt.Sprintf("%s/%d was acknowledged and is gone", writer, n))
			}
		}
	}
	clear(t)
	maps.Copy(t, seen)
}

func (r *Result) lose(what string) {
	r.Lost++
	if r.First == "" {
		r.First = what
	}
}
