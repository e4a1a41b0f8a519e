package live

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/internal/powerloss"
	"sluice/store/sqlite"
)

// The programs whose power is taken away: a site, one that sends raises before it
// keeps them, and one whose door answers before anything is kept.
const (
	soundSite = "site"
	hasty     = "site-sends-first"
	easy      = "site-answers-first"
)

// TestMain lets the test's own binary be the victim.
func TestMain(m *testing.M) {
	if order := os.Getenv(powerloss.Marker); order != "" {
		if err := siteVictim(context.Background(), order, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// siteVictim runs a site with simulated hands on a disk whose power will be cut.
// It tells what it found there, and then each raise that was sent and each act
// that was answered.
func siteVictim(ctx context.Context, order string, out io.Writer) error {
	part := strings.SplitN(order, " ", 3)
	if len(part) != 3 {
		return fmt.Errorf("victim %q: want program, round and folder", order)
	}
	store, err := sqlite.Open(ctx, sqlite.Config{Directory: part[2]})
	if err != nil {
		return err
	}
	facts, err := recovered(ctx, store)
	if err != nil {
		return err
	}
	begin, err := busy(store, part, &lineWriter{out: out}) // before the rig's clock runs: a slow computer takes long
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	for _, f := range facts {
		_, _ = fmt.Fprintln(w, "r", f)
	}
	_, _ = fmt.Fprintln(w, "ready")
	if err := w.Flush(); err != nil {
		return err
	}
	return begin(ctx)
}

// lineWriter writes whole lines from many goroutines.
type lineWriter struct {
	mu  sync.Mutex // guards out
	out io.Writer
}

func (w *lineWriter) say(key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Fprintln(w.out, "a", key)
	return err
}

// recovered reads raises, lock-outs, instructions and acts, each as WRITER/NUMBER.
func recovered(ctx context.Context, store *sqlite.Store) (out []string, err error) {
	for _, site := range []string{"virtual-3", "virtual-4"} {
		for after := int64(0); ; {
			page, err := store.Read(ctx, sqlite.Range{Site: site, After: after})
			if err != nil {
				return out, err
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				after = r.Seq
				if f := factOf(r); f != "" {
					out = append(out, f)
				}
			}
		}
	}
	return out, nil
}

// factOf is a record as WRITER/NUMBER; empty where no writer waited for it.
func factOf(r sqlite.Stored) string {
	if strings.Contains(r.Key, "/raise/") {
		return r.Key
	}
	var b struct{ By string }
	if r.Kind != sqlite.LockOut && r.Kind != sqlite.Person || json.Unmarshal(r.Body, &b) != nil {
		return ""
	}
	by, _, _ := strings.Cut(b.By, " and ")
	return by
}

// teller is a driver whose machines tell when they were woken, as the key of the order.
type teller struct {
	ear
	out  *lineWriter
	sent chan string
	who  map[string]device.Identity // by address
}

func (x teller) Probe(_ context.Context, a device.Address) (device.Identity, error) {
	return x.who[a.Host], nil
}

func (x teller) Open(context.Context, device.Address, device.Identity, device.Credential) (device.Device, error) {
	return x, nil
}

func (x teller) Apply(_ context.Context, c device.Command) device.Ack {
	if c.Verb == device.Wake {
		_ = x.out.say(c.Mode)
		x.sent <- c.Mode
	}
	return device.Ack{Class: device.Accepted}
}

// busy makes one site that gives orders, and one on which people act, and returns
// what lets them do so until the power goes.
func busy(store *sqlite.Store, part []string, out *lineWriter) (begin func(context.Context) error, err error) {
	round, err := strconv.Atoi(part[1])
	if err != nil {
		return nil, err
	}
	hands := teller{out: out, sent: make(chan string, 64), who: map[string]device.Identity{}}
	acting, err := simulated(store, hands, 3, round)
	if err != nil {
		return nil, err
	}
	ordering, err := simulated(store, hands, 4, round)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		go func() { _ = ordering.Run(ctx) }()
		go raises(ordering, hands, round, part[0] == hasty)
		for writer, act := range actsOf() {
			go func() {
				for n := 0; ; n++ {
					by := fmt.Sprintf("%d/%s/%d", round, writer, n)
					path, q := act(n, by)
					if !answered(ctx, acting, path, q, part[0] == easy) || out.say(by) != nil {
						return
					}
				}
			}()
		}
		return acting.Run(ctx)
	}, nil
}

// simulated is a site of four machines that obey and say nothing.
func simulated(store *sqlite.Store, hands teller, seed uint64, round int) (*Site, error) {
	f, err := laneFleet(4, seed)
	if err != nil {
		return nil, err
	}
	for _, u := range f.Units() {
		hands.who[u.Address.String()] = identity(u)
	}
	core, err := laneCore(f, func(c *Config) { c.Term, c.Begin = int64(round)+2, time.Now() })
	if err != nil {
		return nil, err
	}
	return Start(core, Plant{
		Clock: RealTime(), Journal: store, Drivers: map[device.Family]device.Driver{device.Antminer: hands}, Timeout: time.Second,
		Key:    func(Machine) (device.Credential, error) { return device.Credential{}, nil },
		Meters: slices.Repeat([]Meter{mute{}}, len(core.cfg.Site.Meters)),
	}, nil)
}

// actsOf is what people do again and again.
func actsOf() map[string]func(n int, by string) (string, Request) {
	return map[string]func(int, string) (string, Request){
		"lock": func(n int, by string) (string, Request) {
			if n%2 == 1 {
				return "/unlock", Request{By: by, And: "somebody else", Machine: "127.120.0.2"}
			}
			return "/lock", Request{By: by, Machine: "127.120.0.2"}
		},
		"instruct": func(_ int, by string) (string, Request) {
			return "/instruct", Request{By: by, And: "somebody else", Limit: 1}
		},
		"stop": func(n int, by string) (string, Request) {
			if n%2 == 1 {
				return "/resume", Request{By: by, And: "somebody else"}
			}
			return "/stop", Request{By: by}
		},
	}
}

// answered does something at the door, and reports whether it was answered with a
// plain yes. hasty asks the act itself, as a door would that does not wait.
func answered(ctx context.Context, s *Site, path string, q Request, hasty bool) bool {
	if hasty {
		_, err := s.acts()[path[1:]](ctx, q)
		return err == nil
	}
	body, err := json.Marshal(q)
	if err != nil {
		return false
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(string(body))))
	var a Answer
	return json.Unmarshal(w.Body.Bytes(), &a) == nil && w.Code == http.StatusOK && a.Unkept == ""
}

// raises gives a machine one raise after the other, each when the one before was sent.
func raises(s *Site, hands teller, round int, hasty bool) {
	for n := 0; ; n++ {
		o := orderOf(3, int64(n)+1, true, false)
		o.Epoch.Term = int64(round) + 2
		o.Record.Key = fmt.Sprintf("%d/raise/%d", round, n)
		o.Record.Site, o.Record.At, o.Record.Epoch, o.Record.Body = "virtual-4", time.Unix(1, 0), sqlite.Epoch(o.Epoch), []byte(`{}`)
		o.Command.Mode = o.Record.Key
		if hasty {
			s.fence.give(o)
			_ = s.crew.Command(o.Machine, s.host(o.Machine), 0, func(ctx context.Context) { s.command(ctx, o) })
			s.keeper.keep(item{record: o.Record})
		} else {
			s.order(o)
		}
		<-hands.sent
	}
}

// TestPowerLoss takes the power from a site that runs: every raise that was sent
// and every act that was answered is there afterwards. A site that sends first,
// and a door that answers first, lose.
func TestPowerLoss(t *testing.T) {
	if !powerloss.Available() {
		t.Skipf("SKIPPED: %s is missing on this machine, so power loss was NOT tested for a site that runs (load the kernel module fuse)", powerloss.Device)
	}
	for _, c := range []struct {
		program string
		cuts    int
		sound   bool
	}{{soundSite, 40, true}, {hasty, 40, false}, {easy, 30, false}} {
		t.Run(c.program, func(t *testing.T) {
			binary, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cuts := c.cuts
			if n, err := strconv.Atoi(os.Getenv("SLUICE_CUTS")); err == nil && c.sound {
				cuts = n
			}
			got, err := powerloss.Run(t.Context(), powerloss.Trial{Program: c.program, Cuts: cuts, Seed: 11, Binary: binary, Folder: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %v; first: %s", c.program, got, got.First)
			if got.Acknowledged < cuts {
				t.Fatalf("the rig saw too little: %v", got)
			}
			if sound := got.Lost+got.Phantoms+got.Unreadable == 0; sound != c.sound || !c.sound && got.Lost == 0 {
				t.Errorf("sound is %v, want %v: %v; first: %s", sound, c.sound, got, got.First)
			}
		})
	}
}
