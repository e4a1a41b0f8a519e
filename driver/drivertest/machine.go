package drivertest

import (
	"context"
	"testing"
	"time"

	"sluice/device"
	"sluice/world/machine"
)

// MachineBench is one virtual machine that serves its dialect on 127.0.0.1 and
// a driver that reaches it there. Whoever makes it registers its cleaning up.
type MachineBench struct {
	Driver  device.Driver // its network declares 127.0.0.1/32 and nothing else
	Address device.Address
	Right   device.Credential // zero when the family asks for none; else a secret of six letters or more
	Wrong   device.Credential // zero when the family asks for none
	Machine *machine.Machine  // running at its nameplate, Bias 0, no Faults
	Now     func() time.Time  // the machine's time
	Wait    func(time.Duration)

	// Tap is that of the network through which Driver reaches the machine; Hostile needs it.
	Tap *Tap

	Occupy func() // another controller takes the session; nil: the family has none to take
	Lock   func() // somebody switches the write interface off; nil: it cannot be
}

// MachineSuite says how machines of a family are made and what the family
// cannot do. The zero value of every flag is the stricter demand.
type MachineSuite struct {
	Family device.Family
	// New starts a machine of its own for one check.
	New func(testing.TB) MachineBench
	// At returns a driver and an address all of whose ports are the given one on
	// 127.0.0.1, where a stranger answers. nil: the driver of New, with Port set.
	At func(tb testing.TB, port int) (device.Driver, device.Address)

	// Patience is how many answers more than one a request may take when answers
	// go wrong, where the dialect itself demands a repetition.
	Patience int
	// Nameless: it states neither MAC nor serial.
	Nameless bool
	// Sleepless: it cannot sleep and wake.
	Sleepless bool
	// Unsure: it does not state whether it was told to sleep.
	Unsure bool
	// Hashless: it states no hash rate.
	Hashless bool
	// OpenAsks: Open needs the machine to answer and may fail with a wrong credential.
	OpenAsks bool

	grace time.Duration // what a call may overstay its context; 0: three seconds
}

// check is one demand of the suite.
type check struct {
	name string
	run  func(testing.TB, MachineSuite)
}

// checks lists the demands in the order of a machine's life.
func checks() []check {
	return []check{
		{"says who it is", identify},
		{"reads what is true", readTrue},
		{"absent power is not zero", readAbsent},
		{"states sound capabilities", capable},
		{"sleeps and says so", sleeps},
		{"wakes as it was", wakes},
		{"takes a level", levels},
		{"refuses what it cannot do", refuses},
		{"obeys nobody without the credential", credential},
		{"tells whether the credential is taken", gate},
		{"prints no secret", hidden},
		{"says that another holds it", busy},
		{"says that writing is locked", locked},
		{"a lie shows in the reading", lies},
		{"silence is no yes", silent},
		{"garbage is no yes", garbled},
		{"half an answer is no yes", halved},
		{"a broken wire breaks no reading", brokenRead},
		{"a cancelled call does nothing", cancelled},
		{"strangers are strangers", strangers},
		{"contacts no address outside the network", outside},
		{"closes twice", closesTwice},
	}
}

// Machine checks that a driver of real machines keeps the contract of package
// device, against a virtual machine that speaks its dialect. Call it from a
// test that is not parallel itself: goroutines are counted at its beginning.
func Machine(t *testing.T, s MachineSuite) {
	t.Helper()
	t.Run("leaks nothing", func(t *testing.T) { leaks(t, s) })
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, s)
		})
	}
	t.Run("hostile", func(t *testing.T) { Hostile(t, s) })
}

// generous bounds calls that should go well, short those that should run out.
const (
	generous = 20 * time.Second
	short    = 100 * time.Millisecond
)

// within runs f under a limit and reports when it overstays its context.
func (s MachineSuite) within(tb testing.TB, limit time.Duration, f func(context.Context)) bool {
	tb.Helper()
	grace := s.grace
	if grace == 0 {
		grace = 3 * time.Second
	}
	ctx, cancel := context.WithTimeout(tb.Context(), limit)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case <-done:
		return true
	case <-late.C:
		tb.Errorf("a call had %v and was still going on %v later: it does not obey its context", limit, grace)
		return false
	}
}

// open probes and opens the machine with a credential.
func (s MachineSuite) open(tb testing.TB, b MachineBench, c device.Credential) device.Device {
	tb.Helper()
	var d device.Device
	s.within(tb, generous, func(ctx context.Context) {
		id, err := b.Driver.Probe(ctx, b.Address)
		if err != nil {
			tb.Errorf("probe: %v", err)
			return
		}
		if d, err = b.Driver.Open(ctx, b.Address, id, c); err != nil {
			d = nil
			tb.Errorf("open: %v", err)
		}
	})
	if d == nil {
		tb.FailNow()
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), generous)
		defer cancel()
		_ = d.Close(ctx)
	})
	return d
}

// begin opens a fresh machine.
func (s MachineSuite) begin(tb testing.TB) (MachineBench, device.Device) {
	tb.Helper()
	b := s.New(tb)
	return b, s.open(tb, b, b.Right)
}

// read reads everything of a machine that answers well.
func (s MachineSuite) read(tb testing.TB, d device.Device) device.Reading {
	tb.Helper()
	var r device.Reading
	var err error
	before := time.Now()
	if !s.within(tb, generous, func(ctx context.Context) { r, err = d.Read(ctx, device.All) }) {
		tb.FailNow()
	}
	if err != nil {
		tb.Fatalf("read: %v", err)
	}
	if r.Asked.Before(before.Add(-time.Millisecond)) || r.Asked.After(time.Now()) {
		tb.Errorf("the reading says it was asked for at %v, outside the call that began %v: freshness counts from the first request", r.Asked, before)
	}
	return r
}

// apply gives one order within a limit and checks what every ack must be.
func (s MachineSuite) apply(tb testing.TB, d device.Device, limit time.Duration, c device.Command) device.Ack {
	tb.Helper()
	var a device.Ack
	if !s.within(tb, limit, func(ctx context.Context) { a = d.Apply(ctx, c) }) {
		tb.FailNow()
	}
	sound(tb, a, c)
	return a
}

// sound reports what no ack may be, whatever was asked.
func sound(tb testing.TB, a device.Ack, c device.Command) {
	tb.Helper()
	switch a.Class {
	case device.Accepted, device.NoReply, device.Garbled:
		if a.Set.Verb != c.Verb {
			tb.Errorf("the ack of %s says that %q was asked: Set is what was really asked", c.Verb, a.Set.Verb)
		}
	case device.Refused:
		if a.Reason == "" {
			tb.Errorf("%s was refused without a reason", c.Verb)
		}
	case device.NotSent:
		if a.Set != (device.Command{}) {
			tb.Errorf("%s was not sent and yet Set is %+v", c.Verb, a.Set)
		}
	default:
		tb.Errorf("%s: %q is no class of answers", c.Verb, a.Class)
	}
	if a.Asked.IsZero() || a.Took < 0 {
		tb.Errorf("%s was asked at %v and took %v", c.Verb, a.Asked, a.Took)
	}
	if len(a.Raw) > device.RawMax || len(a.Text) > device.RawMax {
		tb.Errorf("the ack of %s keeps %d bytes and %d of text, more than %d", c.Verb, len(a.Raw), len(a.Text), device.RawMax)
	}
}

// settle is how long a machine surely needs for whatever it was told.
func settle(b MachineBench) time.Duration {
	x := b.Machine.Spec.Times
	return x.Down + x.Dark + x.Up + x.Level + 5*time.Minute
}

// asleep tells the machine to sleep and waits until it does.
func (s MachineSuite) asleep(tb testing.TB, b MachineBench, d device.Device) {
	tb.Helper()
	a := s.apply(tb, d, generous, device.Command{Verb: device.Sleep})
	if !heard(a, d) {
		tb.Fatalf("sleep: %v", a)
	}
	b.Wait(settle(b))
	if got := b.Machine.State(b.Now()).Activity; got != device.Asleep {
		tb.Fatalf("sleep was accepted and the machine is %s", got)
	}
}
