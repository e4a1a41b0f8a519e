package drivertest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"sluice/device"
	"sluice/driver/wire"
)

// bytesMost is what a driver may take from one connection: a reply, with its
// headers, and what had been read ahead when the bound was met.
const bytesMost = max(wire.ReplyMax, wire.FrameMax, wire.BodyMax) + 32<<10

// phasesMax is more connections than one call makes in any dialect.
const phasesMax = 24

// Hostile checks that no answer, whatever it is and in whichever phase it comes,
// crashes a driver, holds it beyond its time, makes it take more than a bounded
// number of bytes, sends it elsewhere, or is taken for what it is not.
func Hostile(t *testing.T, s MachineSuite) {
	t.Helper()
	trap, knocks := listen(t, "127.0.0.1", func(net.Conn) {})
	for _, x := range spoilers(trap) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s.hostile(t, x, knocks)
		})
	}
}

// hostile lets one spoiler loose on every phase of every call.
func (s MachineSuite) hostile(tb testing.TB, x spoiler, knocks *atomic.Int64) {
	tb.Helper()
	b, d := s.begin(tb)
	if b.Tap == nil {
		tb.Fatalf("the bench has no Tap: reach the machine through drivertest.Tapped")
	}
	s.phases(tb, x, func(spare int) *Tap {
		b.Tap.set(x, spare)
		s.hostileProbe(tb, b, x)
		return b.Tap
	})
	s.phases(tb, x, func(spare int) *Tap {
		b.Tap.set(x, spare)
		s.hostileRead(tb, b, d, x)
		return b.Tap
	})
	b.Tap.set(spoiler{}, 0)
	hashNear(tb, s, s.read(tb, d), b.Machine.State(b.Now()).Hash)
	if !s.Sleepless {
		s.phases(tb, x, func(spare int) *Tap { return s.hostileApply(tb, x, spare) })
	}
	if n := knocks.Load(); n != 0 {
		tb.Errorf("the driver let itself be sent elsewhere %d times", n)
	}
}

// phases repeats a call with one more connection spared each time, until it
// comes to its end before its turn to be spoilt has come.
func (s MachineSuite) phases(tb testing.TB, x spoiler, call func(spare int) *Tap) {
	tb.Helper()
	for spare := range phasesMax {
		spoilt, most, _ := call(spare).seen()
		if most > bytesMost {
			tb.Errorf("phase %d: %d bytes were taken from one connection, more than %d", spare, most, bytesMost)
		}
		if spoilt == 0 || tb.Failed() {
			return
		}
		if x.slow && spare >= 1 {
			return // each phase costs its whole time
		}
	}
	tb.Errorf("one call makes more than %d connections", phasesMax)
}

func (x spoiler) limit() time.Duration {
	if x.slow {
		return short / 2
	}
	return generous
}

// shielded runs a call within its time and reports a panic in it.
func (s MachineSuite) shielded(tb testing.TB, x spoiler, call func(context.Context)) {
	tb.Helper()
	ok := s.within(tb, x.limit(), func(ctx context.Context) {
		defer func() {
			if p := recover(); p != nil {
				tb.Errorf("the driver panicked: %v", p)
			}
		}()
		call(ctx)
	})
	if !ok {
		tb.FailNow()
	}
}

func (s MachineSuite) hostileProbe(tb testing.TB, b MachineBench, x spoiler) {
	tb.Helper()
	s.shielded(tb, x, func(ctx context.Context) {
		id, err := b.Driver.Probe(ctx, b.Address)
		if err == nil {
			decent(tb, "the identity", reflect.ValueOf(id))
		}
		if errors.Is(err, wire.ErrOutside) {
			tb.Errorf("the driver was sent outside: %v", err)
		}
	})
}

func (s MachineSuite) hostileRead(tb testing.TB, b MachineBench, d device.Device, x spoiler) {
	tb.Helper()
	truth := b.Machine.State(b.Now())
	s.shielded(tb, x, func(ctx context.Context) {
		r, err := d.Read(ctx, device.All)
		decent(tb, "the reading", reflect.ValueOf(r))
		if r.Hash.Known && r.Hash.Value < 0 || r.Power.Known && r.Power.Value < 0 {
			tb.Errorf("nothing is drawn backwards: %+v, %+v", r.Power, r.Hash)
		}
		if x.turns {
			return
		}
		if r.Hash.Known && !near(int64(r.Hash.Value), int64(truth.Hash), 5) || r.Power.Known && !near(int64(r.Power.Value), int64(truth.Power), 5) {
			tb.Errorf("it draws %d W at %d GH/s and the reading says %+v, %+v, %v", truth.Power, truth.Hash, r.Power, r.Hash, err)
		}
		if r.Activity.Known && r.Activity.Value == device.Asleep {
			tb.Errorf("a machine that runs is said to be asleep")
		}
	})
}

// hostileApply orders a fresh machine to sleep. It carries out what reaches it.
func (s MachineSuite) hostileApply(tb testing.TB, x spoiler, spare int) *Tap {
	tb.Helper()
	b, d := s.begin(tb)
	b.Tap.set(x, spare)
	early := false // the order went out before its turn to be spoilt came
	b.Tap.first = func() { early = b.Machine.State(b.Now()).Intent != device.Running }
	var a device.Ack
	s.shielded(tb, x, func(ctx context.Context) { a = d.Apply(ctx, device.Command{Verb: device.Sleep}) })
	spoilt, _, kept := b.Tap.seen()
	sound(tb, a, device.Command{Verb: device.Sleep})
	decent(tb, "the ack", reflect.ValueOf(a.Text))
	b.Wait(time.Minute) // some are told to do it in a moment
	acted := b.Machine.State(b.Now()).Intent != device.Running
	switch {
	case a.Class == device.Accepted && spoilt > 0 && !kept && !early:
		tb.Errorf("phase %d: the answer was spoilt and the ack is %v", spare, a)
	case a.Class == device.Accepted && !acted:
		tb.Errorf("phase %d: the ack is %v and the machine was told nothing", spare, a)
	case acted && !a.MayHaveActed() && !x.turns:
		tb.Errorf("phase %d: the ack is %v and the machine was told to sleep", spare, a)
	}
	return b.Tap
}

// decent reports text that would play with whoever prints it, or is out of bounds.
func decent(tb testing.TB, where string, v reflect.Value) {
	tb.Helper()
	switch v.Kind() { //nolint:exhaustive // the rest holds no text
	case reflect.String:
		text := v.String()
		if len(text) > wire.ReplyMax || !utf8.ValidString(text) {
			tb.Errorf("%s holds %d bytes of text, valid: %t", where, len(text), utf8.ValidString(text))
		}
		for _, c := range text {
			if unicode.IsControl(c) || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
				tb.Errorf("%s holds the control character %U: %.100q", where, c, text)
				return
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				decent(tb, where+"."+v.Type().Field(i).Name, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			decent(tb, fmt.Sprintf("%s[%d]", where, i), v.Index(i))
		}
	default:
	}
}
