package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/driver/trial"
	"sluice/loop/commission"
	"sluice/unit"
)

// bout is one trial at a terminal: it prints what happens, and a person stops it by keys.
type bout struct {
	m        *met
	meter    *modbus.Meter // nil: none
	plan     commission.Plan
	every    time.Duration
	patience time.Duration // for the answer to one order
	say      io.Writer

	orders int
}

// errLeft ends a trial that was stopped twice.
var errLeft = errors.New("stopped twice: nothing more was done")

// run conducts the trial to its end. The end of ctx, or the first press, is the
// stop button; a second press ends it at once.
func (b *bout) run(ctx context.Context, presses <-chan os.Signal) (*commission.Record, error) {
	stop, leave, over := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	defer close(over)
	go func() {
		for pressed := 1; ; pressed++ {
			select {
			case <-presses:
			case <-over:
				return
			}
			if pressed >= 2 {
				close(leave)
				return
			}
			stop <- struct{}{}
		}
	}()
	t := trial.Trial{Machine: tried{b.m}, Plan: b.plan, Every: b.every, Patience: b.patience, Tell: b.tell}
	if b.meter != nil {
		t.Meter = onMeter{b.meter}
	}
	c, err := trial.Conduct(ctx, t, stop, leave)
	b.orders = c.Orders
	if errors.Is(err, trial.ErrLeft) {
		return nil, fmt.Errorf("%w; %s: %s", errLeft, b.plan.Record.Address, left(c.Left))
	}
	if err != nil {
		return nil, err
	}
	return &c.Record, nil
}

// tell prints what happens.
func (b *bout) tell(since time.Duration, x commission.Effect) {
	at := since.Round(100 * time.Millisecond)
	switch x := x.(type) {
	case commission.Send:
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

// left says in which state a machine is left.
func left(l trial.Left) string {
	if l.Orders == 0 {
		return "it was told nothing"
	}
	now := "nothing was read since"
	if l.Seen != nil {
		now = fmt.Sprintf("%v ago it said that it is %s%s", l.Age.Round(time.Second), says(*l.Seen), drawn(*l.Seen))
	}
	return strings.Join([]string{"it was last told " + order(l.Last), now}, "; ")
}

// tried is a machine that was met, on trial.
type tried struct{ *met }

// Read implements trial.Machine.
func (t tried) Read(ctx context.Context, what device.What) (device.Reading, error) {
	return t.read(ctx, what)
}

// Apply implements trial.Machine.
func (t tried) Apply(ctx context.Context, patience time.Duration, c device.Command) device.Ack {
	return t.apply(ctx, patience, c)
}

// onMeter is a meter that looks on.
type onMeter struct{ *modbus.Meter }

// errMute says that a meter states no power.
var errMute = errors.New("the meter states no power")

// Power implements trial.Meter.
func (m onMeter) Power(ctx context.Context) (unit.Power, error) {
	r, err := m.Read(ctx)
	if err == nil && !r.Power.Known {
		err = errMute
	}
	return r.Power.Value, err
}
