package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/live"
	"sluice/unit"
	"sluice/world/fleet"
)

// yard is a virtual site on real sockets with its meters, and what a person who
// runs it has: a site file, credentials and a data directory.
type yard struct {
	fleet  *fleet.Fleet
	grid   *fleet.Site
	file   string // the site file
	keys   string
	data   string
	guest  *fleet.Guest // what the hall draws
	limit  unit.Power
	offset int
}

// lot says how a yard differs from the usual one.
type lot struct {
	network int               // second byte of the addresses; meters stand one above
	limit   unit.Power        // 0: nine tenths of what all machines draw
	speed   int               // of ramps; 0: 200
	miners  int               // 0: 24
	change  map[string]string // in the site file
	gpus    int               // of a hall behind the last feeder; 0: none
}

// everyFamily is a fleet in which each dialect is spoken.
func everyFamily() map[device.Family]int {
	return map[device.Family]int{device.Antminer: 3, device.WhatsMiner: 3, device.LuxOS: 2, device.Braiins: 2, device.VNish: 2, device.Avalon: 2, device.EPIC: 2}
}

func newYard(t *testing.T, l lot) *yard {
	t.Helper()
	y := &yard{offset: freeOffset(t), data: shortFolder(t), guest: &fleet.Guest{}}
	c := fleet.Config{
		Miners: 24, Seed: 5, Families: everyFamily(), Network: loopback(l.network), Speed: 200, Offset: y.offset, Password: secret, Liars: -1,
	}
	if l.miners > 0 {
		c.Miners = l.miners
	}
	if l.speed > 0 {
		c.Speed = l.speed
	}
	var err error
	if y.fleet, err = fleet.New(c, time.Now()); err != nil {
		t.Fatal(err)
	}
	if y.grid, err = y.fleet.Behind(fleet.Grid{Feeders: 2, Meters: loopback(l.network + 1), PUE: 1_050_000, Auxiliary: 2000, GPUs: l.gpus, Guest: y.guest}); err != nil {
		t.Fatal(err)
	}
	y.declare(t, l)
	y.open(t)
	return y
}

func loopback(second int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{127, byte(second), 0, 0}), 16)
}

// shortFolder is a data directory whose name leaves room for that of a socket.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sl") //nolint:usetesting // the name of a test is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// declare writes the site file and the credentials.
func (y *yard) declare(t *testing.T, l lot) {
	t.Helper()
	text, err := y.grid.SiteFile(fleet.Declaration{Limit: l.limit})
	if err != nil {
		t.Fatal(err)
	}
	out := string(text)
	for old, with := range l.change {
		if !strings.Contains(out, old) {
			t.Fatalf("no %q in the site file", old)
		}
		out = strings.ReplaceAll(out, old, with)
	}
	y.file = write(t, "v.yaml", out)
	y.keys = write(t, "keys.csv", "whatsminer,super,"+secret+"\n*,root,"+secret+"\n")
	if y.limit = l.limit; y.limit == 0 {
		y.limit = y.truth() * 9 / 10
	}
}

// open lets machines and meters answer until the test ends.
func (y *yard) open(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	if err := y.grid.Open(); err != nil {
		t.Fatal(err)
	}
	doors, err := y.fleet.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- y.fleet.Serve(ctx, doors) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := y.grid.Stop(); err != nil {
			t.Error(err)
		}
	})
}

// truth is what truly flows through the connection.
func (y *yard) truth() unit.Power { return y.grid.Meters()[0].Truth(time.Now()).Power }

// machine is one of the yard's, by its address.
func (y *yard) machine(t *testing.T, address string) fleet.Unit {
	t.Helper()
	for _, u := range y.fleet.Units() {
		if u.Address.String() == address {
			return u
		}
	}
	t.Fatalf("no machine at %s", address)
	return fleet.Unit{}
}

// pick is the first machine of a family.
func (y *yard) pick(t *testing.T, f device.Family) string {
	t.Helper()
	for _, u := range y.fleet.Units() {
		if u.Family == f {
			return u.Address.String()
		}
	}
	t.Fatalf("no %s", f)
	return ""
}

// unhurried skips what needs plans in time where time is short: under the race
// detector a plan takes longer than the interval of a clock that runs fast.
func unhurried(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: the clock of this site outruns a slow computer (-short)")
	}
}

// serving is a site that runs in this process.
type serving struct {
	yard *yard
	stop context.CancelFunc
	code chan int

	mu  sync.Mutex // guards out
	out strings.Builder
}

// arguments are those of sluice serve for this yard on a recorded market.
func (y *yard) arguments(speed int, more ...string) []string {
	return append([]string{
		"serve", "--site", y.file, "--data", y.data, "--credentials", y.keys, "--timeout", "2s", "--rate", "2000",
		"--market-from", "2025-08-01T12:00", "--speed", strconv.Itoa(speed),
	}, more...)
}

// serve runs the site and waits until it is ready.
func (y *yard) serve(t *testing.T, speed int, more ...string) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &serving{yard: y, stop: cancel, code: make(chan int, 1)}
	from, to := io.Pipe()
	go func() {
		s.code <- run(ctx, y.arguments(speed, more...), to, to)
		_ = to.Close()
	}()
	ready := make(chan bool, 1)
	go s.listen(from, ready)
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			t.Logf("what the site said:\n%s", s.said())
		}
	})
	if !<-ready {
		t.Fatalf("never ready: %d\n%s", <-s.code, s.said())
	}
	return s
}

// listen notes what the site prints.
func (s *serving) listen(from io.Reader, ready chan<- bool) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		s.mu.Lock()
		s.out.WriteString(lines.Text() + "\n")
		s.mu.Unlock()
		if strings.HasPrefix(lines.Text(), "ready: ") {
			ready <- true
		}
	}
	close(ready)
}

func (s *serving) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// end stops the site as Ctrl-C does and returns its exit code.
func (s *serving) end() int {
	s.stop()
	return <-s.code
}

// status asks the site where it stands, as a person would.
func (y *yard) status(t *testing.T) live.Status {
	t.Helper()
	code, out, errs := call(t, "control", "status", "--data", y.data, "--json")
	if code != exitOK {
		t.Fatalf("status: %d %s", code, errs)
	}
	var s live.Status
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// look is how often a test looks whether something has happened.
const look = 20 * time.Millisecond

// until waits for the site to stand as wanted, and fails after so long.
func (y *yard) until(t *testing.T, what string, most time.Duration, wanted func(live.Status) bool) live.Status {
	t.Helper()
	var s live.Status
	if !soon(t, what, most, func() bool { s = y.status(t); return wanted(s) }) {
		text, _ := json.Marshal(s) //nolint:errchkjson // for the log
		t.Fatalf("%s: not within %v: %s", what, most, text)
	}
	return s
}

// patience is how many times as long as usual a busy computer may take.
const patience = 3

// soon looks again and again until something is so, and reports whether it was
// within so long, or on a busy computer not much later.
func soon(t *testing.T, what string, most time.Duration, so func() bool) bool {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for !so() {
		if time.Since(began) > patience*most {
			return false
		}
		<-tick.C
	}
	t.Logf("%s: after %.2f s", what, time.Since(began).Seconds())
	return true
}

// say does something as a person and wants it done.
func (y *yard) say(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := call(t, append([]string{"control"}, append(args, "--data", y.data)...)...)
	if code != exitOK {
		t.Fatalf("%v: %d %s", args, code, errs)
	}
	return out
}

// no does something as a person and wants it refused with words.
func (y *yard) no(t *testing.T, says string, args ...string) {
	t.Helper()
	code, out, errs := call(t, append([]string{"control"}, append(args, "--data", y.data)...)...)
	if code != exitBadInput || out != "" || !strings.Contains(errs, says) {
		t.Errorf("%v: %d %q %q; want exit code 2 and %q", args, code, out, errs, says)
	}
}

// troubled reports whether a machine is in a state.
func troubled(s live.Status, address string, code live.Trouble) bool {
	for _, x := range s.Troubles {
		if x.Machine == address {
			return x.Code == code
		}
	}
	return code == live.Fine
}

// watcher holds the true power against the limit of the moment.
type watcher struct {
	yard *yard
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex // guards what is below
	limit unit.Power
	grace time.Time // until then the power may still be above it
	over  unit.Power
	seen  int
}

// watch looks at the true power until the test ends.
func (y *yard) watch(t *testing.T, limit unit.Power, shed time.Duration) *watcher {
	t.Helper()
	w := &watcher{yard: y, stop: make(chan struct{}), done: make(chan struct{})}
	w.bind(limit, shed)
	go func() {
		defer close(w.done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				return
			case now := <-tick.C:
				w.sample(now)
			}
		}
	}()
	t.Cleanup(func() {
		close(w.stop)
		<-w.done
		w.mu.Lock()
		defer w.mu.Unlock()
		if t.Logf("%d samples of the true power", w.seen); w.over > 0 || w.seen < 10 {
			t.Errorf("the true power was %v above the limit outside the shed window; %d samples", w.over, w.seen)
		}
	})
	return w
}

func (w *watcher) sample(now time.Time) {
	p := w.yard.truth()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen++
	if now.After(w.grace) {
		w.over = max(w.over, p-w.limit)
	}
}

// bind changes the limit, below which the power must be after shed.
func (w *watcher) bind(limit unit.Power, shed time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit, w.grace = limit, time.Now().Add(shed)
}
