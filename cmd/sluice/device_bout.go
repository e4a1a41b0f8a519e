package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/loop/commission"
)

// bout is the shell around one trial: it asks the machine and the meter, hands on
// what they say, and carries out what the trial wants. One goroutine owns the
// trial, one talks with the machine and one with the meter.
type bout struct {
	m        *met
	meter    *modbus.Meter // nil: none
	plan     commission.Plan
	every    time.Duration
	patience time.Duration // for the answer to one order
	say      io.Writer

	begun  time.Time
	orders int
	last   commission.Send // the last order
	seen   device.Reading  // the last reading
	seenAt time.Time
}

// errLeft ends a trial that was stopped twice.
var errLeft = errors.New("stopped twice: nothing more was done")

// run conducts the trial to its end. The end of ctx, or the first press, is the
// stop button; a second press ends it at once.
func (b *bout) run(ctx context.Context, presses <-chan os.Signal) (*commission.Record, error) {
	t, err := commission.New(b.plan)
	if err != nil {
		return nil, err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	b.begun = time.Now()
	events, orders := make(chan commission.Event), make(chan commission.Send, 1)
	workers.Go(func() { b.converse(work, orders, events) })
	if b.meter != nil {
		workers.Go(func() { b.watch(work, events) })
	}
	tick := time.NewTicker(b.every)
	defer tick.Stop()
	stop, pressed := ctx.Done(), 0
	for {
		var e commission.Event = commission.Tick{}
		select {
		case e = <-events:
		case <-tick.C:
		case <-stop:
			stop, e = nil, commission.Stopped{}
		case <-presses:
			if pressed++; pressed >= 2 {
				return nil, b.left()
			}
			e = commission.Stopped{}
		}
		if r, ok := e.(commission.Read); ok {
			b.seen, b.seenAt = r.Reading, time.Now()
		}
		for _, x := range t.Step(time.Since(b.begun), e) {
			if d, done := x.(commission.Done); done {
				return &d.Record, nil
			}
			b.carry(x, orders)
		}
	}
}

// carry does one thing that the trial wants.
func (b *bout) carry(x commission.Effect, orders chan<- commission.Send) {
	at := time.Since(b.begun).Round(100 * time.Millisecond)
	switch x := x.(type) {
	case commission.Send:
		b.orders++
		b.last = x
		orders <- x // one at a time, so that there is room
		fmt.Fprintf(b.say, "%10v  order: %s\n", at, order(x.Command))
	case commission.Began:
		again := ""
		if x.Repeat > 0 {
			again = fmt.Sprintf(", begun anew, time %d", x.Repeat)
		}
		fmt.Fprintf(b.say, "%10v  %s: at most %v%s\n", at, stepName(x.Step, x.Level), x.Within.Round(time.Second), again)
	case commission.Finished:
		fmt.Fprintf(b.say, "%10v  %s: meter %s, machine says %s and %s GH/s, steady after %.1f s\n", at, stepName(x.Step, x.Level), value(x.Metered), value(x.Stated), value(x.Hash), x.Took.Seconds())
	case commission.Ended:
		if x.Verdict != commission.Learned {
			fmt.Fprintf(b.say, "%10v  ends here: %s: %s; giving back what was found\n", at, x.Verdict, clean(x.Why))
		}
	case commission.Done:
	}
}

// left says in which state the machine is left.
func (b *bout) left() error {
	if b.orders == 0 {
		return fmt.Errorf("%w; %s was told nothing", errLeft, b.plan.Record.Address)
	}
	now := "nothing was read since"
	if !b.seenAt.IsZero() {
		now = fmt.Sprintf("%v ago it said that it is %s%s", time.Since(b.seenAt).Round(time.Second), says(b.seen), drawn(b.seen))
	}
	return fmt.Errorf("%w; %s was last told %s; %s", errLeft, b.plan.Record.Address, order(b.last.Command), now)
}

// hand gives an event to the trial, unless everything is over.
func hand(ctx context.Context, events chan<- commission.Event, e commission.Event) {
	select {
	case events <- e:
	case <-ctx.Done():
	}
}

// converse reads the machine and gives it orders, one after the other.
func (b *bout) converse(ctx context.Context, orders <-chan commission.Send, events chan<- commission.Event) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-orders:
			ack := b.m.apply(ctx, b.patience, o.Command)
			hand(ctx, events, commission.Answered{Number: o.Number, Ack: ack})
			continue
		case <-timer.C:
		}
		asked := time.Since(b.begun)
		r, err := b.m.read(ctx, device.Status|device.Power|device.Hash|device.Heat|device.Faults)
		if err != nil {
			hand(ctx, events, commission.Unread{Asked: asked})
		} else {
			hand(ctx, events, commission.Read{Asked: asked, Reading: r})
		}
		timer.Reset(max(0, b.every-(time.Since(b.begun)-asked)))
	}
}

// watch reads the meter. A reading that fails is no reading: the trial notices
// when none comes for too long.
func (b *bout) watch(ctx context.Context, events chan<- commission.Event) {
	tick := time.NewTicker(b.every)
	defer tick.Stop()
	for {
		asked := time.Since(b.begun)
		if r, err := b.meter.Read(ctx); err == nil && r.Power.Known {
			hand(ctx, events, commission.Metered{Asked: asked, Power: r.Power.Value})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
