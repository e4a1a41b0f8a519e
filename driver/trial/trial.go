package trial

import (
	"context"
	"errors"
	"sync"
	"time"

	"sluice/device"
	"sluice/loop/commission"
	"sluice/unit"
)

// Machine is the one that is tried.
type Machine interface {
	// Read reads it, in bounded time.
	Read(ctx context.Context, what device.What) (device.Reading, error)
	// Apply gives it one order, and waits for its answer at most so long.
	Apply(ctx context.Context, patience time.Duration, c device.Command) device.Ack
}

// Meter tells what is drawn behind it. A reading without power is an error.
type Meter interface {
	Power(ctx context.Context) (unit.Power, error)
}

// Trial is what is tried, and how.
type Trial struct {
	Machine  Machine
	Meter    Meter // nil: none
	Plan     commission.Plan
	Every    time.Duration                               // between two readings of the machine, and of the meter
	Patience time.Duration                               // for the answer to one order
	Tell     func(at time.Duration, e commission.Effect) // what happens, as it happens; nil: nobody listens
}

// Left is the state in which a machine is left by a trial that was ended at once.
type Left struct {
	Orders int
	Last   device.Command // of them
	Seen   *device.Reading
	Age    time.Duration // of Seen
}

// ErrLeft says that a trial was ended at once: nothing more was told to the machine.
var ErrLeft = errors.New("ended at once: nothing more was done")

// Course is how a trial came out.
type Course struct {
	Record commission.Record // as far as there was no error
	Orders int               // that went out
	Left   Left              // with ErrLeft
}

// conductor is one trial on its way.
type conductor struct {
	Trial
	begun  time.Time
	orders int
	last   device.Command
	seen   *device.Reading
	seenAt time.Time
}

// Conduct conducts a trial to its end. The end of ctx, or whatever comes from stop, is
// the stop button: what was found is given back. The closing of leave ends it at once,
// with ErrLeft, and the machine is told nothing more.
func Conduct(ctx context.Context, t Trial, stop, leave <-chan struct{}) (Course, error) {
	k, err := commission.New(t.Plan)
	if err != nil {
		return Course{}, err
	}
	c := &conductor{Trial: t, begun: time.Now()}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	events, orders := make(chan commission.Event), make(chan commission.Send, 1)
	workers.Go(func() { c.converse(work, orders, events) })
	if c.Meter != nil {
		workers.Go(func() { c.watch(work, events) })
	}
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	over := ctx.Done()
	for {
		var e commission.Event = commission.Tick{}
		select {
		case <-leave:
			return Course{Orders: c.orders, Left: c.left()}, ErrLeft
		case <-over:
			over, e = nil, commission.Stopped{}
		case <-stop:
			stop, e = nil, commission.Stopped{}
		case e = <-events:
		case <-tick.C:
		}
		if left(leave) {
			continue // where both came at once it ends at once
		}
		if r, ok := e.(commission.Read); ok {
			c.seen, c.seenAt = &r.Reading, time.Now()
		}
		if r := c.step(k, e, orders); r != nil {
			return Course{Record: *r, Orders: c.orders}, nil
		}
	}
}

// left reports whether somebody wants it to end at once.
func left(leave <-chan struct{}) bool {
	select {
	case <-leave:
		return true
	default:
		return false
	}
}

// step lets the trial take an event and carries out what it wants; the record is that of
// its end.
func (c *conductor) step(k *commission.Trial, e commission.Event, orders chan<- commission.Send) *commission.Record {
	at := time.Since(c.begun)
	for _, x := range k.Step(at, e) {
		if send, is := x.(commission.Send); is {
			c.orders++
			c.last = send.Command
			orders <- send // one at a time, so that there is room
		}
		if c.Tell != nil {
			c.Tell(at, x)
		}
		if d, done := x.(commission.Done); done {
			return &d.Record
		}
	}
	return nil
}

// left is the state in which the machine is left.
func (c *conductor) left() Left {
	out := Left{Orders: c.orders, Last: c.last, Seen: c.seen}
	if c.seen != nil {
		out.Age = time.Since(c.seenAt)
	}
	return out
}

// hand gives an event to the trial, unless everything is over.
func hand(ctx context.Context, events chan<- commission.Event, e commission.Event) {
	select {
	case events <- e:
	case <-ctx.Done():
	}
}

// converse reads the machine and gives it orders, one after the other.
func (c *conductor) converse(ctx context.Context, orders <-chan commission.Send, events chan<- commission.Event) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-orders:
			if ctx.Err() != nil {
				return // it was ended at once: this one is not sent any more
			}
			ack := c.Machine.Apply(ctx, c.Patience, o.Command)
			hand(ctx, events, commission.Answered{Number: o.Number, Ack: ack})
			continue
		case <-timer.C:
		}
		asked := time.Since(c.begun)
		r, err := c.Machine.Read(ctx, device.Status|device.Power|device.Hash|device.Heat|device.Faults)
		if err != nil {
			hand(ctx, events, commission.Unread{Asked: asked})
		} else {
			hand(ctx, events, commission.Read{Asked: asked, Reading: r})
		}
		timer.Reset(max(0, c.Every-(time.Since(c.begun)-asked)))
	}
}

// watch reads the meter. A reading that fails is no reading: the trial notices when
// none comes for too long.
func (c *conductor) watch(ctx context.Context, events chan<- commission.Event) {
	tick := time.NewTicker(c.Every)
	defer tick.Stop()
	for {
		asked := time.Since(c.begun)
		if p, err := c.Meter.Power(ctx); err == nil {
			hand(ctx, events, commission.Metered{Asked: asked, Power: p})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
