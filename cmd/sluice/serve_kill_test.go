package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/device"
	"sluice/live"
	"sluice/store/sqlite"
	"sluice/unit"
	"sluice/world/machine"
)

// child is a site that another process runs.
type child struct {
	cmd *exec.Cmd
	out chan string // what it said, when it has ended
}

// spawn runs the program with the arguments and waits until it is ready.
func spawn(t *testing.T, args ...string) child {
	t.Helper()
	return spawnWith(t, nil, args...)
}

// spawnWith adds to the environment of the program.
func spawnWith(t *testing.T, env []string, args ...string) child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := child{cmd: exec.CommandContext(context.WithoutCancel(t.Context()), self, args...), out: make(chan string, 1)}
	c.cmd.Env = append(append(os.Environ(), asProgram+"=1"), env...)
	pipe, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.cmd.Stderr = c.cmd.Stdout
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	lines, text := bufio.NewScanner(pipe), ""
	for lines.Scan() {
		text += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), "ready: ") {
			go func() {
				rest, _ := io.ReadAll(pipe) // it was killed
				c.out <- text + string(rest)
			}()
			return c
		}
	}
	t.Fatalf("never ready: %v\n%s", c.cmd.Wait(), text)
	return c
}

// end ends the program with a signal and returns its exit code, -1 when the
// signal killed it, and what it said.
func (c child) end(t *testing.T, s syscall.Signal) (code int, said string) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	said = <-c.out
	var failed *exec.ExitError
	if err := c.cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return c.cmd.ProcessState.ExitCode(), said
}

// serveKilled kills the program while it carries an order of the grid out. Started
// again it goes on from there: the order still holds, no machine is told twice
// what it does already, and none is woken that somebody else put to sleep.
func serveKilled(t *testing.T) {
	t.Helper()
	const limit = 30 * unit.Kilowatt
	y := newYard(t, lot{network: 64})
	first := spawn(t, y.arguments(5, "--entrust")...)
	y.until(t, "every machine is met", 20*time.Second, func(s live.Status) bool {
		return s.Machines.Unknown == 0 && s.Machines.Proving == 0 && s.Orders.Proofs >= 24
	})
	name := y.running(t)
	stranger := y.machine(t, name).Machine
	stranger.Sleep(time.Now())
	y.until(t, "the site has seen that it sleeps", 20*time.Second, func(s live.Status) bool { return troubled(s, name, live.SleptByOther) })
	y.say(t, "instruct", "--limit-mw", "0.03", "--by", "the grid")
	y.say(t, "lock", y.pick(t, device.EPIC), "--by", "anna")
	if !soon(t, "some machines are told to sleep", 20*time.Second, func() bool { return y.sleepers() > 4 }) {
		t.Fatal("nobody was told to sleep")
	}
	if code, said := first.end(t, syscall.SIGKILL); code != -1 || !strings.Contains(said, "24 of them adopted now") {
		t.Fatalf("%d: %s", code, said)
	}
	before := y.orders()
	second := spawn(t, y.again()...)
	st := y.until(t, "the order is carried out", 30*time.Second, func(s live.Status) bool {
		held := 0 // a LuxOS that was killed amid an order keeps its session for a minute, and with it everybody out
		for _, x := range s.Troubles {
			if x.Code == live.HeldByOther {
				held++
			}
		}
		return s.Machines.Unknown == 0 && s.Machines.Proving <= held && y.truth() <= limit && s.Groups[0].Reserved <= limit
	})
	if st.Groups[0].Limit != limit || !troubled(st, y.pick(t, device.EPIC), live.LockedOut) {
		t.Errorf("the order or the lock-out is gone: %+v, %+v", st.Groups[0], st.Troubles)
	}
	for i, u := range y.fleet.Units() {
		// An Avalon sleeps seconds of real time after its order, and is rightly told again.
		if x := y.orders()[i]; before[i].Sleep > 0 && x.Sleep != before[i].Sleep && u.Family != device.Avalon {
			t.Errorf("%s %s slept already and was told again: %+v, before %+v", u.Address, u.Family, x, before[i])
		}
	}
	y.say(t, "instruct", "--limit-mw", "1", "--by", "the grid", "--and", "anna")
	wakes := stranger.State(time.Now()).Told.Wake
	y.until(t, "those that the site had stopped wake", time.Minute, func(s live.Status) bool { return s.Orders.Raises > 3 })
	if got := stranger.State(time.Now()).Told.Wake; got != wakes {
		t.Errorf("a machine that somebody else had put to sleep was woken %d times", got-wakes)
	}
	began := time.Now()
	if code, said := second.end(t, syscall.SIGINT); time.Since(began) > 8*time.Second || code != exitOK || !strings.Contains(said, "0 of them adopted now") {
		t.Errorf("ended with %d after %v: %s", code, time.Since(began), said)
	}
	for i, kept := range y.raised(t) {
		if told := y.orders()[i].Wake; told > 0 && kept == 0 {
			t.Errorf("%s was woken without a record", y.fleet.Units()[i].Address)
		}
	}
}

// again is how the site is started after it was killed: later, and faster.
func (y *yard) again() []string {
	args := y.arguments(30, "--entrust")
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "T12:00", "T12:30")
	}
	return args
}

// orders is what each machine was told so far.
func (y *yard) orders() (all []machine.Told) {
	for _, u := range y.fleet.Units() {
		all = append(all, u.Machine.State(time.Now()).Told)
	}
	return all
}

func (y *yard) sleepers() (n int) {
	for _, x := range y.orders() {
		if x.Sleep > 0 {
			n++
		}
	}
	return n
}

// raised is how many orders that let a machine run were kept, for each machine.
func (y *yard) raised(t *testing.T) []int {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Directory: y.data})
	if err != nil {
		t.Fatal(err)
	}
	at, out := map[string]int{}, make([]int, len(y.fleet.Units()))
	for i, u := range y.fleet.Units() {
		at[u.Address.String()] = i
	}
	all, err := s.Read(t.Context(), sqlite.Range{Site: "virtual-5", Kind: sqlite.Order})
	if err := errors.Join(err, s.Close()); err != nil || len(all) < 24 {
		t.Fatalf("%d orders were kept: %v", len(all), err)
	}
	for _, r := range all {
		var order struct {
			Verb   device.Verb
			Target unit.Power `json:"target_w"`
		}
		if err := json.Unmarshal(r.Body, &order); err != nil {
			t.Fatal(err)
		}
		if order.Verb != "" && order.Target > 0 {
			out[at[r.Subject]]++
		}
	}
	return out
}
