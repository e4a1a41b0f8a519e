package main

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/live"
	"sluice/people"
	"sluice/server/room"
	store "sluice/store/people"
	"sluice/unit"
)

// roomChild is where a control room of this program is reached.
type roomChild struct {
	URL    string `json:"url"`
	Cookie string `json:"cookie"`
}

// madeUp is a site whose figures the bench makes up; they differ each second.
type madeUp struct {
	name     string
	machines []live.MachineRow
}

// status is where the site stands.
func (m *madeUp) status() live.Status {
	now := time.Now()
	power := unit.Power(5_000_000 + now.Unix()%1000*1000)
	s := live.Status{
		Site: m.name, At: now, About: live.About{Zone: "America/Chicago", Currency: "USD", Interval: 300, Speed: 1},
		Groups: []live.GroupStatus{{Name: m.name, Limit: 10 * unit.Megawatt, Reserved: power + unit.Megawatt}},
		Meters: []live.MeterStatus{{Name: "revenue", Power: power, Known: true, At: now}},
	}
	for _, use := range []string{"mining/a", "mining/b", "mining/c", "hosting/d"} {
		s.Uses = append(s.Uses, live.UseStatus{Use: use, Machines: 125, Running: 125, Draw: power / 4, Target: power / 4})
	}
	return s
}

// list is the first time all machines, later one of a hundred.
func (m *madeUp) list(after int64) live.MachineList {
	rev := time.Now().Unix()
	l := live.MachineList{Rev: rev, Count: len(m.machines), At: time.Now()}
	if after == 0 {
		l.All, l.Machines = true, m.machines
		return l
	}
	for i := int(rev % 100); i < len(m.machines); i += 100 {
		row := m.machines[i]
		row.Power += unit.Power(rev % 50)
		l.Machines = append(l.Machines, row)
	}
	return l
}

// handler answers as the control socket of a site does.
func (m *madeUp) handler() http.Handler {
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) } // who asked may be gone
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { say(w, m.status()) })
	mux.HandleFunc("GET /notices", func(w http.ResponseWriter, _ *http.Request) { say(w, []live.Notice{}) })
	mux.HandleFunc("GET /machines", func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64) // of another shape: all
		say(w, m.list(after))
	})
	return mux
}

// serveSites answers for made-up sites, each at a socket in a folder of its own, until ctx
// ends. The first one has all machines.
func serveSites(ctx context.Context, dir string, sites, machines int) error {
	for i := range sites {
		m := &madeUp{name: siteName(i)}
		if i == 0 {
			m.machines = madeUpMachines(machines)
		}
		folder := filepath.Join(dir, m.name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "unix", filepath.Join(folder, live.SocketName))
		if err != nil {
			return err
		}
		server := &http.Server{Handler: m.handler(), ReadHeaderTimeout: time.Second}
		context.AfterFunc(ctx, func() { _ = server.Close() })
		go server.Serve(l) //nolint:errcheck // it ends with ctx
	}
	return nil
}

func siteName(i int) string { return fmt.Sprintf("site-%03d", i) }

// madeUpMachines are machines at addresses one after another.
func madeUpMachines(n int) []live.MachineRow {
	out := make([]live.MachineRow, n)
	at := netip.AddrFrom4([4]byte{10, 0, 0, 1})
	for i := range out {
		out[i] = live.MachineRow{
			Plate: live.Plate{Name: at.String(), Family: device.Antminer, Model: "Antminer S21", Serial: fmt.Sprintf("SN%08d", i), Group: "a", Use: "mining/a", Hall: fmt.Sprintf("hall-%d", i/5000)},
			Shown: live.Shown{State: live.MachineRunning, Power: unit.Power(3000 + i%700), PowerKnown: true, Hash: 200_000, HashKnown: true},
		}
		at = at.Next()
	}
	return out
}

// serveRoom is a control room with sites that are made up, until its input ends.
func serveRoom(ctx context.Context, args []string, stdout io.Writer) error {
	f := flag.NewFlagSet("child-room", flag.ContinueOnError)
	sites, at := f.Int("sites", roomSites, ""), f.String("at", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sluice-bench-room-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // temporary
	s, err := store.Open(ctx, store.Config{Directory: dir})
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // temporary
	session, err := firstSession(ctx, s)
	if err != nil {
		return err
	}
	plenty := room.Rate{Every: time.Microsecond, Burst: 100_000}
	r, err := room.New(ctx, room.Config{
		People: s, Version: "bench", Boot: "bench", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Rates: room.Rates{Address: plenty, Visitor: plenty, Events: plenty, Files: plenty},
	})
	if err != nil {
		return err
	}
	defer r.Close()
	for i := range *sites {
		if err := r.Attach(siteName(i), live.Dial(filepath.Join(*at, siteName(i)))); err != nil { //nolint:contextcheck // until Close
			return err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(roomChild{"http://" + l.Addr().String(), session}); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }() // who began it is gone
	if err := r.Serve(ctx, l, nil); ctx.Err() == nil {
		return err
	}
	return nil
}

// firstSession is the session of the first administrator.
func firstSession(ctx context.Context, s *store.Store) (string, error) {
	now, password := time.Now().Add(-time.Minute), people.Hide("a bench is not a bank")
	link, _, err := s.FirstLink(ctx, now)
	if err != nil {
		return "", err
	}
	if err := s.First(ctx, link, store.Person{Name: "ann", Label: "Ann", Mail: "ann@example.org"}, password, now); err != nil {
		return "", err
	}
	text, who, err := s.Login(ctx, store.Attempt{Name: "ann", Password: password, Address: "127.0.0.1"}, now)
	if err != nil {
		return "", err
	}
	address, err := s.AskCode(ctx, who, now)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return "", err
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(u.Query().Get("secret")))
	if err != nil {
		return "", err
	}
	_, err = s.ConfirmCode(ctx, who, people.Hide(people.CodeAt(seed, people.Step(now))), now)
	return text.Reveal(), err
}
