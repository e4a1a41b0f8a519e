package drivertest

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/world/machine"
)

// refuses checks that what cannot be done is refused and not done.
func refuses(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	before := b.Machine.State(b.Now())
	c := d.Capabilities()
	orders := []device.Command{{}, {Verb: "explode"}, {Verb: device.SetMode, Mode: "no such mode"}, {Verb: device.SetPower, Power: 1}, {Verb: device.SetPower, Power: -1}}
	if !c.Wake {
		orders = append(orders, device.Command{Verb: device.Wake})
	}
	for _, order := range orders {
		a := s.apply(tb, d, generous, order)
		if a.Class != device.Refused || a.Reason != device.BadValue && a.Reason != device.Unsupported && a.Reason != device.Other {
			tb.Errorf("%+v cannot be done and the ack is %v", order, a)
		}
	}
	b.Wait(time.Minute)
	if after := b.Machine.State(b.Now()); after.Target != before.Target || after.Intent != before.Intent {
		tb.Errorf("orders that cannot be done took the machine from %s at %d W to %s at %d W", before.Intent, before.Target, after.Intent, after.Target)
	}
}

// credential checks that a wrong credential changes nothing and is named as the
// reason, and that the right one ends up in no text.
func credential(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	if b.Wrong == (device.Credential{}) {
		return
	}
	s.within(tb, generous, func(ctx context.Context) {
		id, err := b.Driver.Probe(ctx, b.Address)
		if err != nil {
			tb.Errorf("probe: %v", err)
			return
		}
		d, err := b.Driver.Open(ctx, b.Address, id, b.Wrong)
		if err != nil {
			if !s.OpenAsks {
				tb.Errorf("open: %v", err)
			}
			return
		}
		if a := d.Apply(ctx, device.Command{Verb: device.Sleep}); a.Class != device.Refused || a.Reason != device.BadAuth {
			tb.Errorf("with a wrong credential the ack is %v, want refused (auth)", a)
		}
		_ = d.Close(ctx)
	})
	if got := b.Machine.State(b.Now()).Intent; got != device.Running {
		tb.Errorf("with a wrong credential the machine was told %s", got)
	}
	a := s.apply(tb, s.open(tb, b, b.Right), generous, device.Command{Verb: device.Sleep})
	if secret := string(b.Right.Secret); len(secret) >= 6 && strings.Contains(a.Text+string(a.Raw), secret) {
		tb.Errorf("the ack carries the secret: %v %q", a, a.Raw)
	}
}

// busy checks what is said when another controller holds the machine.
func busy(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	if b.Occupy == nil {
		return
	}
	b.Occupy()
	a := s.apply(tb, s.open(tb, b, b.Right), generous, device.Command{Verb: device.Sleep})
	if a.Class != device.Refused && a.Class != device.NotSent || a.Class == device.Refused && a.Reason != device.Busy {
		tb.Errorf("another controller holds the machine and the ack is %v", a)
	}
	if got := b.Machine.State(b.Now()).Intent; got != device.Running {
		tb.Errorf("another controller holds the machine and it was told %s", got)
	}
}

// locked checks what is said when the write interface is off.
func locked(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	if b.Lock == nil {
		return
	}
	b.Lock()
	a := s.apply(tb, s.open(tb, b, b.Right), generous, device.Command{Verb: device.Sleep})
	if a.Class != device.Refused || a.Reason != device.Locked {
		tb.Errorf("writing is switched off and the ack is %v, want refused (locked)", a)
	}
	if got := b.Machine.State(b.Now()).Intent; got != device.Running {
		tb.Errorf("writing is switched off and the machine was told %s", got)
	}
}

// lies checks that a machine which says yes and does nothing is seen through:
// an ack is no proof, and neither is what its settings say.
func lies(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	if s.Sleepless {
		return
	}
	b.Machine.Break(machine.Faults{Lies: 1})
	s.apply(tb, d, generous, device.Command{Verb: device.Sleep})
	b.Wait(settle(b))
	r, truth := s.read(tb, d), b.Machine.State(b.Now())
	if r.Activity.Known && r.Activity.Value == device.Asleep {
		tb.Errorf("a machine that draws %d W is said to be asleep: an ack is no proof", truth.Power)
	}
	hashNear(tb, s, r, truth.Hash)
	if r.Power.Known && !near(int64(r.Power.Value), int64(truth.Power), 5) {
		tb.Errorf("it draws %d W in spite of its yes and the reading says %d W", truth.Power, r.Power.Value)
	}
}

// silent, garbled and halved spoil each answer of an exchange in turn.
func silent(tb testing.TB, s MachineSuite) {
	tb.Helper()
	spoil(tb, s, machine.Faults{Silent: 1}, short)
}

func garbled(tb testing.TB, s MachineSuite) {
	tb.Helper()
	spoil(tb, s, machine.Faults{Garbage: 1}, generous)
}

func halved(tb testing.TB, s MachineSuite) {
	tb.Helper()
	spoil(tb, s, machine.Faults{Half: 1}, generous)
}

// stepsMax is more answers than one order takes in any dialect.
const stepsMax = 12

// spoil lets the first k answers go well, for every k, and the rest go wrong.
// The machine carries out what reaches it whether or not its answer arrives.
func spoil(tb testing.TB, s MachineSuite, f machine.Faults, limit time.Duration) {
	tb.Helper()
	if s.Sleepless {
		return
	}
	for k := range stepsMax {
		b, d := s.begin(tb)
		f.Spare = k
		b.Machine.Break(f)
		before := b.Machine.Answers()
		a := s.apply(tb, d, limit, device.Command{Verb: device.Sleep})
		used := b.Machine.Answers() - before
		if used <= k && a.Class == device.Accepted {
			return
		}
		if a.Class == device.Accepted || a.Class == device.Refused {
			tb.Errorf("answer %d went wrong and the ack is %v: it could not know", k+1, a)
		}
		if got := b.Machine.State(b.Now()).Intent; !a.MayHaveActed() && got != device.Running {
			tb.Errorf("answer %d went wrong, the ack is %v, and the machine was told %s", k+1, a, got)
		}
		if used > k+1+s.Patience {
			tb.Errorf("answer %d went wrong and %d more were asked for: drivers do not retry", k+1, used-k-1)
		}
		if used <= k {
			limit *= 2 // this computer was too slow for the answers that went well
		}
	}
	tb.Errorf("one order takes more than %d answers", stepsMax)
}

// brokenRead checks that spoilt answers end in an error or in values that are
// not known, in time, and never in wrong values.
func brokenRead(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	truth := b.Machine.State(b.Now())
	for _, f := range []machine.Faults{{Silent: 1}, {Garbage: 1}, {Half: 1}, {Garbage: 1, Spare: 1}, {Half: 1, Spare: 1}} {
		b.Machine.Break(f)
		limit := generous
		if f.Silent > 0 {
			limit = short
		}
		var r device.Reading
		var err error
		if !s.within(tb, limit, func(ctx context.Context) { r, err = d.Read(ctx, device.All) }) {
			return
		}
		if err == nil && f.Spare == 0 && (r.Hash.Known || r.Power.Known) {
			tb.Errorf("%+v: no answer was whole and the reading says %+v, %+v", f, r.Hash, r.Power)
		}
		if r.Hash.Known && !near(int64(r.Hash.Value), int64(truth.Hash), 5) || r.Power.Known && !near(int64(r.Power.Value), int64(truth.Power), 5) {
			tb.Errorf("%+v: it draws %d W at %d GH/s and the reading says %+v, %+v", f, truth.Power, truth.Hash, r.Power, r.Hash)
		}
		if r.Activity.Known && r.Activity.Value == device.Asleep {
			tb.Errorf("%+v: a machine that runs is said to be asleep", f)
		}
	}
	b.Machine.Break(machine.Faults{})
	hashNear(tb, s, s.read(tb, d), truth.Hash)
}

// cancelled checks that a call whose context is over asks nothing.
func cancelled(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	before := b.Machine.Answers()
	s.within(tb, generous, func(context.Context) {
		a := d.Apply(ctx, device.Command{Verb: device.Sleep})
		if sound(tb, a, device.Command{Verb: device.Sleep}); a.MayHaveActed() {
			tb.Errorf("the context was over and the ack is %v", a)
		}
		if _, err := d.Read(ctx, device.All); err == nil {
			tb.Errorf("the context was over and a reading came back")
		}
		if _, err := b.Driver.Probe(ctx, b.Address); err == nil || errors.Is(err, device.ErrNotMine) {
			tb.Errorf("the context was over and the probe says %v", err)
		}
	})
	if got := b.Machine.State(b.Now()).Intent; got != device.Running || b.Machine.Answers() != before {
		tb.Errorf("the context was over and the machine was told %s, with %d answers", got, b.Machine.Answers()-before)
	}
}

// strangers checks that what speaks otherwise is not taken for one's own.
func strangers(tb testing.TB, s MachineSuite) {
	tb.Helper()
	for what, answer := range map[string]string{
		"a web server":   "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 27\r\nConnection: close\r\n\r\n<html>weather today</html>\n",
		"a closed door":  "",
		"a mail server":  "220 mail.example ESMTP\r\n",
		"an empty reply": "{}\x00",
	} {
		port := stranger(tb, answer)
		d, a := s.at(tb, port)
		s.within(tb, generous, func(ctx context.Context) {
			if id, err := d.Probe(ctx, a); err == nil {
				tb.Errorf("%s was taken for %+v", what, id)
			} else if answer != "" && !errors.Is(err, device.ErrNotMine) {
				tb.Errorf("%s: the probe says %q, want it to be ErrNotMine", what, err)
			}
		})
	}
}

func (s MachineSuite) at(tb testing.TB, port int) (device.Driver, device.Address) {
	tb.Helper()
	if s.At != nil {
		return s.At(tb, port)
	}
	return s.New(tb).Driver, device.Address{Host: "127.0.0.1", Port: port}
}

// stranger answers every connection alike and closes it.
func stranger(tb testing.TB, answer string) int {
	tb.Helper()
	port, _ := listen(tb, "127.0.0.1", func(c net.Conn) {
		buffer := make([]byte, 4096)
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = c.Read(buffer)
		_, _ = io.WriteString(c, answer)
	})
	return port
}

// listen serves connections until the test ends and counts them.
func listen(tb testing.TB, host string, serve func(net.Conn)) (int, *atomic.Int64) {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		tb.Fatalf("listen on %s: %v", host, err)
	}
	count, done := new(atomic.Int64), make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			count.Add(1)
			serve(c)
			_ = c.Close()
		}
	}()
	tb.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port, count
}

// outside checks that an address in no declared network is never contacted, by
// listening there.
func outside(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	port, count := listen(tb, "127.0.0.2", func(net.Conn) {})
	s.within(tb, generous, func(ctx context.Context) {
		id, err := b.Driver.Probe(ctx, b.Address)
		if err != nil {
			tb.Errorf("probe: %v", err)
			return
		}
		for _, host := range []string{"127.0.0.2", "localhost", ""} {
			there := device.Address{Host: host, Port: port}
			if _, err := b.Driver.Probe(ctx, there); !errors.Is(err, wire.ErrOutside) {
				tb.Errorf("probing %q says %v, want it to be ErrOutside", host, err)
			}
			d, err := b.Driver.Open(ctx, there, id, b.Right)
			if err != nil {
				continue
			}
			if _, err := d.Read(ctx, device.All); err == nil {
				tb.Errorf("a reading came from %q", host)
			}
			if a := d.Apply(ctx, device.Command{Verb: device.Sleep}); a.Class != device.NotSent {
				tb.Errorf("an order to %q: %v, want not_sent", host, a)
			}
			_ = d.Close(ctx)
		}
	})
	if n := count.Load(); n != 0 {
		tb.Errorf("an address in no declared network was contacted %d times", n)
	}
}

// closesTwice checks that closing is harmless at any time.
func closesTwice(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	s.read(tb, d)
	s.within(tb, generous, func(ctx context.Context) {
		for range 2 {
			if err := d.Close(ctx); err != nil {
				tb.Errorf("close: %v", err)
			}
		}
	})
	s.read(tb, s.open(tb, b, b.Right))
}

// leaks checks that whole lives and broken calls leave no goroutine behind.
func leaks(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	live := func() {
		s.within(tb, generous, func(ctx context.Context) {
			id, err := b.Driver.Probe(ctx, b.Address)
			if err != nil {
				tb.Errorf("probe: %v", err)
				return
			}
			d, err := b.Driver.Open(ctx, b.Address, id, b.Right)
			if err != nil {
				tb.Errorf("open: %v", err)
				return
			}
			_, _ = d.Read(ctx, device.All)
			b.Machine.Break(machine.Faults{Silent: 1})
			brief, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			_, _ = d.Read(brief, device.Status)
			cancel()
			b.Machine.Break(machine.Faults{})
			_ = d.Close(ctx)
		})
	}
	live()
	before := calm(0)
	for range 5 {
		live()
	}
	if after := calm(before); after > before+2 {
		stacks := make([]byte, 1<<14)
		tb.Errorf("five lives took %d goroutines to %d:\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}

// calm is the number of goroutines once it has come down to want or stands still.
func calm(want int) int {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	last, still := runtime.NumGoroutine(), 0
	for range 200 {
		<-tick.C
		n := runtime.NumGoroutine()
		if n == last {
			still++
		} else {
			last, still = n, 0
		}
		if n <= want || want == 0 && still >= 10 {
			break
		}
	}
	return last
}
