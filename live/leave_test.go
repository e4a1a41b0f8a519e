package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/epic"
	"sluice/driver/luxos"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
	"sluice/store/sqlite"
	virtual "sluice/world/fleet"
)

// street is a virtual site on real sockets, run by a Site on a journal that can be
// made to hang.
type street struct {
	site    *Site
	fleet   *virtual.Fleet
	journal *slab
	offset  int
	end     func()
}

const streetWord = "kiruna-snow-17"

func newStreet(t *testing.T, miners int, late time.Duration) street {
	t.Helper()
	offset := 26_000 + rand.IntN(5000)
	f, err := virtual.New(virtual.Config{
		Miners: miners, Seed: 9, Network: netip.MustParsePrefix("127.122.0.0/16"), Speed: 1000, Offset: offset, Password: streetWord, Latency: late,
		Families: map[device.Family]int{device.LuxOS: 1, device.WhatsMiner: 1, device.EPIC: 1}, Liars: -1,
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	open, err := f.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- f.Serve(ctx, open) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the virtual machines ended with %v", err)
		}
	})
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.122.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	x := street{fleet: f, journal: &slab{}, offset: offset}
	core := laneOf(t, f, Memory{})
	x.site, err = Start(core, Plant{
		Clock: RealTime(), Journal: x.journal, Timeout: 2 * time.Second, Meters: slices.Repeat([]Meter{mute{}}, len(core.cfg.Site.Meters)),
		Key: func(m Machine) (device.Credential, error) {
			user := map[device.Family]string{device.WhatsMiner: "super"}[m.Identity.Family]
			return device.Credential{User: user, Secret: streetWord}, nil
		},
		Drivers: map[device.Family]device.Driver{
			device.LuxOS:      luxos.New(n, luxos.Options{Port: 4028 + offset}),
			device.EPIC:       epic.New(n, epic.Options{Port: 4028 + offset}),
			device.WhatsMiner: whatsminer.New(n, whatsminer.Options{PortV2: 4028 + offset, PortV3: 4433 + offset}),
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x.end = running(t, x.site)
	return x
}

// untold is how many machines were never told to sleep.
func (x street) untold() (n int) {
	for _, u := range x.fleet.Units() {
		if u.Machine.State(time.Now()).Told.Sleep == 0 {
			n++
		}
	}
	return n
}

// within looks until so is so, or so long.
func within(most time.Duration, so func() bool) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !so(); {
		if time.Since(began) > most {
			return false
		}
		<-tick.C
	}
	return true
}

// TestStopInTime: a stop reaches every machine within two seconds, while the disk
// hangs, no meter answers and there is no market. A door that writes down first
// would not.
func TestStopInTime(t *testing.T) {
	t.Parallel()
	const tries, most = 3, 2 * time.Second
	for try := range tries {
		x := newStreet(t, 45, 50*time.Millisecond)
		if !within(20*time.Second, func() bool { return x.heard(t) == 45 }) {
			t.Fatalf("%d machines are heard", x.heard(t))
		}
		free := x.journal.hang()
		t.Cleanup(free)
		door := x.site.Handler()
		if try == tries-1 {
			door = x.writesFirst(door)
		}
		began := time.Now()
		go door.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/stop", strings.NewReader(`{"by":"ben"}`)))
		told := within(most, func() bool { return x.untold() == 0 })
		t.Logf("after %v %d machines were not told", time.Since(began).Round(time.Millisecond), x.untold())
		if sound := try < tries-1; told != sound {
			t.Errorf("told within %v: %v, want %v", most, told, sound)
		}
		free()
	}
}

// heard is how many machines were read.
func (x street) heard(t *testing.T) (n int) {
	t.Helper()
	err := x.site.Do(t.Context(), func(c *Core, _ time.Time) {
		for i := range c.machines {
			if c.machines[i].ever {
				n++
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// writesFirst is the planted fault: a door that keeps what it is asked for before
// it acts.
func (x street) writesFirst(door http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = x.journal.Append(r.Context(), sqlite.Record{Key: "asked"})
		door.ServeHTTP(w, r)
	})
}

// sessions is the machines that somebody has a session with.
func (x street) sessions(t *testing.T) (held []string) {
	t.Helper()
	for _, u := range x.fleet.Units() {
		if u.Family != device.LuxOS {
			continue
		}
		var d net.Dialer
		c, err := d.DialContext(t.Context(), "tcp", net.JoinHostPort(u.Address.String(), strconv.Itoa(4028+x.offset)))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Session []struct{ SessionID string } }
		_, err = fmt.Fprint(c, `{"command":"session"}`)
		text, failed := io.ReadAll(c)
		if err := errors.Join(err, failed, c.Close(), json.Unmarshal(bytes.TrimRight(text, "\x00"), &answer)); err != nil || len(answer.Session) != 1 {
			t.Fatalf("%s: %v %s", u.Address, err, text)
		}
		if answer.Session[0].SessionID != "" {
			held = append(held, u.Address.String())
		}
	}
	return held
}

// amid is the machines to which an order was sent in a session.
func (x street) amid() (all []string) {
	for _, u := range x.fleet.Units() {
		if u.Family == device.LuxOS && u.Machine.State(time.Now()).Told.Sleep > 0 {
			all = append(all, u.Address.String())
		}
	}
	return all
}

// TestLeave: a site that ends in the midst of orders gives every session back and
// leaves nothing running.
func TestLeave(t *testing.T) { //nolint:paralleltest // it looks at every goroutine
	x := newStreet(t, 30, 300*time.Millisecond)
	if !within(20*time.Second, func() bool { return x.heard(t) == 30 }) {
		t.Fatalf("%d machines are heard", x.heard(t))
	}
	if _, err := x.site.stop(t.Context(), Request{By: "ben"}); err != nil {
		t.Fatal(err)
	}
	if !within(5*time.Second, func() bool { return len(x.amid()) > 0 }) {
		t.Fatal("no order was ever sent")
	}
	open := x.amid()
	began := time.Now()
	x.end()
	t.Logf("ended within %v", time.Since(began).Round(time.Millisecond))
	for _, held := range x.sessions(t) { // one whose number was never heard ends by itself
		if slices.Contains(open, held) {
			t.Errorf("the session with %s is still held", held)
		}
	}
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("it took %v to leave", took)
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for own := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(own, "sluice/live.(*") && !strings.Contains(own, "testing.tRunner") {
			t.Errorf("a goroutine is left:\n%s", own)
		}
	}
}
