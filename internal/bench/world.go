package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"sluice/device"
	"sluice/world/fleet"
)

// virtual is one machine of a world, as its child lists it.
type virtual struct {
	Address string
	Family  device.Family
	API     int
	Model   string
	MAC     string
	Watts   int64
	Hash    int64
	Bad     fleet.Trouble
}

// tally is what a world has done since its start.
type tally struct {
	Connections int64         // of machines that answer
	Device      time.Duration // those were open, added up: from accept to close, lateness included
	Most        int64         // connections of all machines open at once
	CPU         time.Duration
	Peak        int64 // bytes of memory resident at the highest
}

// since is what happened after an earlier tally.
func (t tally) since(old tally) tally {
	t.Connections -= old.Connections
	t.Device -= old.Device
	t.CPU -= old.CPU
	return t
}

// consumed is what this process cost so far.
func consumed() (time.Duration, int64, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0, 0, fmt.Errorf("processor time of this process: %w", err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), r.Maxrss * 1024, nil
}

// meter counts the connections of a world.
type meter struct {
	units             []fleet.Unit
	first             uint32 // address before the first machine
	connections, open atomic.Int64
	most, device      atomic.Int64
}

// metered is a listener whose connections a meter counts.
type metered struct {
	net.Listener
	by *meter
}

// Accept implements net.Listener.
func (l metered) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	for now := l.by.open.Add(1); ; {
		most := l.by.most.Load()
		if now <= most || l.by.most.CompareAndSwap(most, now) {
			break
		}
	}
	return &visit{TCPConn: t, by: l.by, sound: l.by.sound(c.LocalAddr()), begin: time.Now()}, nil
}

// sound reports whether the machine at an address answers.
func (m *meter) sound(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	i := int(number32(t.AddrPort().Addr().Unmap())) - int(m.first) - 1
	return i >= 0 && i < len(m.units) && m.units[i].Bad == fleet.Sound
}

func number32(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// visit is one connection.
type visit struct {
	*net.TCPConn
	by    *meter
	sound bool
	begin time.Time
	gone  atomic.Bool
}

// Close implements net.Conn.
func (v *visit) Close() error {
	if v.gone.CompareAndSwap(false, true) {
		v.by.open.Add(-1)
		if v.sound {
			v.by.connections.Add(1)
			v.by.device.Add(int64(time.Since(v.begin)))
		}
	}
	return v.TCPConn.Close()
}

// serveWorld is the child that serves virtual machines: it lists them into a
// file and prints a tally once they are served and for every line that it is
// sent. A line such as "300ms" makes all answers so much later.
func serveWorld(ctx context.Context, args []string, w io.Writer) error {
	f := flag.NewFlagSet("child-world", flag.ContinueOnError)
	c := fleet.Config{Shared: true, Liars: -1, Seed: 7}
	f.IntVar(&c.Miners, "miners", 0, "")
	f.IntVar(&c.Bad, "bad", 0, "")
	f.IntVar(&c.Offset, "offset", 0, "")
	network, list := f.String("network", "127.8.0.0/14", ""), f.String("list", "", "")
	families, profile := f.String("families", "", ""), f.String("profile", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	var err error
	if c.Network, err = netip.ParsePrefix(*network); err != nil {
		return err
	}
	for name := range strings.FieldsSeq(*families) {
		if c.Families == nil {
			c.Families = map[device.Family]int{}
		}
		c.Families[device.Family(name)]++
	}
	site, err := fleet.New(c, time.Now())
	if err != nil {
		return err
	}
	open, err := site.Listen(ctx)
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // the simulator is not what is measured
	stopProfile, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer stopProfile()
	m := &meter{units: site.Units(), first: number32(c.Network.Masked().Addr())}
	for i := range open {
		open[i].Listener = metered{open[i].Listener, m}
	}
	if err := listWorld(*list, site); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- m.report(w); stop() }()
	return errors.Join(site.Serve(ctx, open), <-failed)
}

// profiled writes a processor profile until it is stopped; "" writes none.
func profiled(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// report prints a tally a line until its input ends, the first unasked.
func (m *meter) report(w io.Writer) error {
	out := json.NewEncoder(w)
	for in := bufio.NewScanner(os.Stdin); ; {
		t := tally{Connections: m.connections.Load(), Device: time.Duration(m.device.Load()), Most: m.most.Load()}
		var err error
		if t.CPU, t.Peak, err = consumed(); err != nil {
			return err
		}
		if err := out.Encode(t); err != nil {
			return err
		}
		if !in.Scan() {
			return in.Err()
		}
		late, err := time.ParseDuration(in.Text())
		if err != nil {
			continue // only a tally is wanted
		}
		for _, u := range m.units {
			u.Machine.Late(late)
		}
	}
}

func listWorld(path string, site *fleet.Fleet) error {
	var all []virtual
	for _, u := range site.Units() {
		s := u.Machine.Spec
		all = append(all, virtual{u.Address.String(), u.Family, u.API, s.Model, s.MAC, int64(s.Nameplate.Power), int64(s.Nameplate.Hash), u.Bad})
	}
	return writeVirtual(path, all)
}

func writeVirtual(path string, all []virtual) error {
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

func readVirtual(path string) ([]virtual, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	var all []virtual
	return all, json.Unmarshal(raw, &all)
}

// child is a running child that is talked to line by line.
type child struct {
	name  string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
	said  *strings.Builder
}

// talk starts this program as a child.
func talk(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{name: args[0], cmd: exec.CommandContext(ctx, self, args...), said: &strings.Builder{}}
	c.cmd.Stderr = c.said
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.lines = bufio.NewScanner(out)
	c.lines.Buffer(nil, 1<<20)
	return c, c.cmd.Start()
}

// hear decodes the next line of a child.
func (c *child) hear(into any) error {
	if !c.lines.Scan() {
		err := errors.Join(c.lines.Err(), c.in.Close(), c.cmd.Wait())
		return fmt.Errorf("%s ended: %w: %s", c.name, err, c.said)
	}
	if err := json.Unmarshal(c.lines.Bytes(), into); err != nil {
		return fmt.Errorf("%s said %q: %w", c.name, c.lines.Bytes(), err)
	}
	return nil
}

// say sends a child a line.
func (c *child) say(line string) error {
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		return fmt.Errorf("%s: %w: %s", c.name, err, c.said)
	}
	return nil
}

// end lets a child finish.
func (c *child) end() error {
	_ = c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", c.name, err, c.said)
	}
	return nil
}

// town is a world in a process of its own.
type town struct {
	*child
	list   string
	offset int
}

// settle starts a world on free ports and waits until it serves. With the
// offset 0 the ports are those of real machines.
func (b *bench) settle(ctx context.Context, offset int, args ...string) (*town, error) {
	f, err := os.CreateTemp(b.work, "machines-*.json")
	if err != nil {
		return nil, err
	}
	list := f.Name()
	if err := f.Close(); err != nil {
		return nil, err
	}
	if offset != 0 {
		if offset, err = freeOffset(ctx, offset); err != nil {
			return nil, err
		}
	}
	args = append([]string{"child-world", "-list", list, "-offset", strconv.Itoa(offset)}, args...)
	if b.profile != "" {
		args = append(args, "-profile", filepath.Join(b.profile, fmt.Sprintf("world-%d.prof", offset)))
	}
	c, err := talk(ctx, args...)
	if err != nil {
		return nil, err
	}
	return &town{c, list, offset}, c.hear(&tally{})
}

// tally asks a world how it stands.
func (t *town) tally() (tally, error) {
	var out tally
	return out, errors.Join(t.say("tally"), t.hear(&out))
}

// late makes every answer of a world so much later from now on.
func (t *town) late(d time.Duration) error {
	return errors.Join(t.say(d.String()), t.hear(&tally{}))
}

// freeOffset is the first from a begin at which the ports of all families are free.
func freeOffset(ctx context.Context, begin int) (int, error) {
	var lc net.ListenConfig
	for offset := begin; offset < begin+2000; offset += 37 {
		busy := slices.ContainsFunc([]int{80, 4028, 4433, 6060}, func(p int) bool {
			l, err := lc.Listen(ctx, "tcp4", "0.0.0.0:"+strconv.Itoa(p+offset))
			if err == nil {
				_ = l.Close()
			}
			return err != nil
		})
		if !busy {
			return offset, nil
		}
	}
	return 0, fmt.Errorf("no free ports from offset %d on", begin)
}
