package drivertest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/machine"
)

// The invented dialect: one JSON object each way, ended by a NUL.
type (
	toyAsk struct {
		Do, Secret, Name string
		Watts            int64
	}
	toyAnswer struct {
		OK, Busy, Locked   bool
		Why, MAC, Mode     string
		Asleep, Running    bool
		Watts, Hash, Limit *int64
	}
)

// toyWorld serves the invented dialect.
type toyWorld struct {
	m            *machine.Machine
	now          func() time.Time
	mu           sync.Mutex // guards what is below
	held, locked bool
}

func (w *toyWorld) serve(c net.Conn) {
	var q toyAsk
	if json.NewDecoder(c).Decode(&q) != nil {
		return
	}
	b, err := json.Marshal(w.answer(q))
	if err != nil {
		return
	}
	x := w.m.Mischief()
	if x.Silent {
		_, _ = c.Read(make([]byte, 1))
		return
	}
	_, _ = c.Write(append(x.Spoil(b), 0))
}

func (w *toyWorld) answer(q toyAsk) toyAnswer {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	s := w.m.State(now)
	mode, limit, hash := s.Mode, int64(s.Target), int64(s.Hash)
	a := toyAnswer{OK: true, MAC: w.m.Spec.MAC, Mode: mode, Asleep: s.Intent == device.Asleep, Running: s.Activity == device.Running, Limit: &limit, Hash: &hash}
	if p := int64(s.Reported.Value); s.Reported.Known {
		a.Watts = &p
	}
	switch {
	case q.Do == "state":
		return a
	case q.Secret != "correct horse":
		return toyAnswer{Why: "auth"}
	case q.Do == "gate":
		a.Locked = w.locked
		return a
	case w.held:
		return toyAnswer{Busy: true}
	case w.locked:
		return toyAnswer{Locked: true}
	case q.Do == "sleep":
		a.OK = w.m.Sleep(now)
	case q.Do == "wake":
		a.OK = w.m.Wake(now, false)
	case q.Do == "power":
		_, a.OK = w.m.SetPower(now, unit.Power(q.Watts))
	case q.Do == "mode":
		a.OK = w.m.SetMode(now, q.Name)
	}
	return a
}

// toy is a driver of the invented dialect, with faults to switch on.
type toy struct {
	network *wire.Network
	fault   string
}

func (d *toy) ask(ctx context.Context, a device.Address, q toyAsk) (toyAnswer, wire.Reply, error) {
	if d.fault == "ignores its context" {
		ctx = context.WithoutCancel(ctx)
	}
	b, err := json.Marshal(q)
	if err != nil {
		return toyAnswer{}, wire.Reply{}, err
	}
	if d.fault == "leaves a goroutine" {
		go func() { <-context.WithoutCancel(ctx).Done() }()
	}
	if d.fault == "calls anywhere" {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port)))
		if err == nil {
			defer conn.Close() //nolint:errcheck // a planted fault
		}
	}
	r, err := d.exchange(ctx, a, b)
	if err != nil && r.Sent && d.fault == "retries" {
		r, err = d.network.Ask(ctx, a.Host, a.Port, b)
	}
	if err != nil {
		return toyAnswer{}, r, err
	}
	var out toyAnswer
	err = json.Unmarshal(r.Bytes, &out)
	switch {
	case err != nil && d.fault == "panics at what it does not know":
		panic(err)
	case err != nil && d.fault == "takes half for whole" && len(r.Bytes) > 0:
		return toyAnswer{OK: true, MAC: "02:00:00:00:00:ab"}, r, nil
	}
	out.Mode, out.MAC = d.shown(out.Mode), d.shown(out.MAC)
	if err != nil && d.fault == "retries" {
		r, err = d.network.Ask(ctx, a.Host, a.Port, b)
	}
	return out, r, err
}

// shown is a text without what a terminal would obey.
func (d *toy) shown(s string) string {
	if d.fault == "keeps what it is told" {
		return s
	}
	return wire.Bounded(s)
}

// exchange asks once, in the way of the cgminer family.
func (d *toy) exchange(ctx context.Context, a device.Address, b []byte) (wire.Reply, error) {
	switch d.fault {
	case "reads without a bound":
		return d.unbounded(ctx, a, b)
	case "follows":
		r, err := d.unbounded(ctx, a, b)
		if _, to, ok := strings.Cut(string(r.Bytes), "Location: http://"); ok {
			to, _, _ = strings.Cut(to, "/")
			if c, err := new(net.Dialer).DialContext(ctx, "tcp", to); err == nil {
				_, _ = c.Read(make([]byte, 1))
				_ = c.Close()
			}
		}
		return r, err
	}
	return d.network.Ask(ctx, a.Host, a.Port, b)
}

// unbounded is the exchange of somebody who trusts machines.
func (d *toy) unbounded(ctx context.Context, a device.Address, b []byte) (wire.Reply, error) {
	c, err := d.network.Dial(ctx, a.Host, a.Port)
	if err != nil {
		return wire.Reply{}, err
	}
	defer c.Close() //nolint:errcheck // a planted fault
	if _, err := c.Write(b); err != nil {
		return wire.Reply{}, err
	}
	out, err := io.ReadAll(c)
	return wire.Reply{Bytes: bytes.TrimRight(out, "\x00"), Sent: true}, err
}

func (d *toy) Probe(ctx context.Context, a device.Address) (device.Identity, error) {
	out, r, err := d.ask(ctx, a, toyAsk{Do: "state"})
	if d.fault == "takes strangers for its own" && r.Sent {
		out.MAC = "02:00:00:00:00:01"
	} else if err != nil && !r.Sent {
		return device.Identity{}, err
	} else if err != nil || out.MAC == "" {
		return device.Identity{}, errors.Join(err, device.ErrNotMine)
	}
	id := device.Identity{Family: "toy", Model: "Toy 1", MAC: out.MAC}
	if d.fault == "shouts the MAC" {
		id.MAC = "02:00:00:00:00:AB"
	}
	return id, nil
}

func (d *toy) Open(_ context.Context, a device.Address, _ device.Identity, c device.Credential) (device.Device, error) {
	out := &toyDevice{toy: d, address: a, key: device.Keep(c)}
	if d.fault == "keeps the secret in the open" {
		out.plain = string(c.Secret)
	}
	return out, nil
}

type toyDevice struct {
	*toy
	address device.Address
	key     device.Kept
	plain   string
	slept   bool
	closed  bool
}

func (d *toyDevice) Capabilities() device.Capabilities {
	c := device.Capabilities{Sleep: true, Wake: true, Level: device.Watts, Least: 1000, Most: 3000, Step: 1, PowerSource: device.FromPSU, Connections: 1}
	if d.fault == "bears no connection" {
		c.Connections = 0
	}
	return c
}

func (d *toyDevice) Read(ctx context.Context, _ device.What) (device.Reading, error) {
	r := device.Reading{Asked: time.Now()}
	out, _, err := d.ask(ctx, d.address, toyAsk{Do: "state"})
	if err != nil {
		if d.fault == "reads a broken wire as nothing" {
			return device.Reading{Asked: r.Asked, Power: device.Stated(unit.Power(0)), Hash: device.Stated(unit.Hashrate(0))}, nil
		}
		return r, err
	}
	if d.fault == "stamps the reading late" {
		r.Asked = time.Now().Add(time.Hour)
	}
	d.fill(&r, out)
	return r, nil
}

func (d *toyDevice) fill(r *device.Reading, out toyAnswer) {
	sane := func(n *int64) bool { return n != nil && (*n >= 0 || d.fault == "believes any number") }
	if sane(out.Watts) {
		r.Power = device.Value[unit.Power]{Value: unit.Power(*out.Watts), Known: true, Source: device.FromPSU}
	} else if d.fault == "zero for absent power" {
		r.Power = device.Stated(unit.Power(0))
	}
	if sane(out.Hash) {
		r.Hash = device.Stated(unit.Hashrate(*out.Hash))
	}
	if d.fault == "takes GH for MH" {
		r.Hash.Value /= 1000
	}
	r.Mode = device.Stated(out.Mode)
	r.Intent = device.Stated(device.Running)
	if d.fault == "forgets the mode" && d.slept {
		r.Mode = device.Value[string]{}
	}
	if out.Asleep && d.fault != "never says asleep" {
		r.Intent.Value = device.Asleep
	}
	switch {
	case d.fault == "takes an ack for proof" && d.slept, r.Intent.Value == device.Asleep && r.Hash.Value == 0:
		r.Activity = device.Stated(device.Asleep)
	case out.Running:
		r.Activity = device.Stated(device.Running)
	}
}

func (d *toyDevice) Apply(ctx context.Context, c device.Command) device.Ack {
	a := device.Ack{Asked: time.Now(), Set: c}
	q := toyAsk{Secret: string(d.key().Secret), Name: c.Mode, Watts: int64(c.Power)}
	q.Do = map[device.Verb]string{device.Sleep: "sleep", device.Wake: "wake", device.SetPower: "power", device.SetMode: "mode"}[c.Verb]
	if q.Do == "" && d.fault != "says yes to anything" {
		return device.Ack{Class: device.Refused, Reason: device.Unsupported, Asked: a.Asked}
	}
	if d.fault == "rounds up" {
		q.Watts += 1000
	}
	out, r, err := d.ask(ctx, d.address, q)
	a.Raw = wire.Excerpt(r.Bytes)
	a.Class, a.Reason = d.class(out, r, err)
	if a.Class == device.NotSent && d.fault != "says it set what was not sent" {
		a.Set = device.Command{}
	}
	if d.fault == "keeps the secret" {
		a.Text = string(d.key().Secret)
	}
	d.slept = d.slept || c.Verb == device.Sleep
	return a
}

func (d *toyDevice) class(out toyAnswer, r wire.Reply, err error) (device.AckClass, device.RefusedReason) {
	switch {
	case err != nil && !r.Sent:
		return device.NotSent, ""
	case err != nil && d.fault == "takes silence for a yes":
		return device.Accepted, ""
	case err != nil && d.fault == "takes silence for not asked":
		return device.NotSent, ""
	case err != nil && len(r.Bytes) > 0, err == nil && out == toyAnswer{}:
		return device.Garbled, ""
	case err != nil:
		return device.NoReply, ""
	case out.OK:
		return device.Accepted, ""
	case d.fault == "names no reason":
		return device.Refused, device.Other
	case out.Busy:
		return device.Refused, device.Busy
	case out.Locked:
		return device.Refused, device.Locked
	}
	return device.Refused, device.RefusedReason(cmp.Or(out.Why, string(device.BadValue)))
}

func (d *toyDevice) Close(context.Context) error {
	if d.closed && d.fault == "closes once" {
		return errors.New("closed already")
	}
	d.closed = true
	return nil
}

// Gate implements gated.
func (d *toyDevice) Gate(ctx context.Context) (device.Gate, error) {
	verb := "gate"
	if d.fault == "orders to know the gate" {
		verb = "sleep"
	}
	out, _, err := d.ask(ctx, d.address, toyAsk{Do: verb, Secret: string(d.key().Secret)})
	g := device.Gate{Access: device.Granted, Locked: device.Stated(out.Locked)}
	if out.Why == "auth" && d.fault != "lets anybody in" {
		g.Access = device.Denied
	}
	if d.fault == "sees no lock" {
		g.Locked.Known = false
	}
	return g, err
}

// toySuite is the suite of the invented dialect with one fault.
func toySuite(fault string) MachineSuite {
	return MachineSuite{Family: "toy", New: func(tb testing.TB) MachineBench {
		tb.Helper()
		c := NewClock(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
		w := &toyWorld{now: c.Now, m: machine.New(machine.Spec{
			Model: "Toy 1", MAC: "02:00:00:00:00:ab", Standby: 20,
			Nameplate: device.Preset{Name: "full", Power: 3000, Hash: 100_000},
			Presets:   []device.Preset{{Name: "low", Power: 1500, Hash: 60_000}, {Name: "full", Power: 3000, Hash: 100_000}},
			Times:     machine.Times{Down: 5 * time.Second, FirstHash: time.Minute, Up: 5 * time.Minute, Level: time.Second},
		}, c.Now())}
		port := toyListen(tb, w)
		network, tap := Tapped(tb)
		return MachineBench{
			Driver: &toy{network: network, fault: fault}, Address: device.Address{Host: "127.0.0.1", Port: port},
			Right: device.Credential{Secret: "correct horse"}, Wrong: device.Credential{Secret: "wrong horse"},
			Machine: w.m, Now: c.Now, Wait: c.Wait, Tap: tap,
			Occupy: func() { w.mu.Lock(); w.held = true; w.mu.Unlock() },
			Lock:   func() { w.mu.Lock(); w.locked = true; w.mu.Unlock() },
		}
	}}
}

// toyListen serves each connection on its own until the test ends.
func toyListen(tb testing.TB, w *toyWorld) int {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(tb.Context(), func() { _ = c.Close() })
			all.Go(func() {
				w.serve(c)
				stop()
				_ = c.Close()
			})
		}
	})
	tb.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}
