package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

// orderFlags is what curtail and restore need beyond the flags of every device command.
type orderFlags struct {
	deviceFlags
	restore bool
	watts   int64
	yes     bool
	record  string
	wait    time.Duration
	every   time.Duration
}

const orderHelp = `
First every machine is read and a preview says what would be done and how much
power that should free or take. Nothing is written before the answer yes, or
--yes. An answer of a machine proves nothing: each one is read back until its
settings and its power both show the effect, or --wait is over; then it is named
as unproven, and it must be counted as drawing its full power.
`

func newDeviceCurtail() *cobra.Command {
	f := &orderFlags{}
	c := &cobra.Command{
		Use:     "curtail ADDRESS|CIDR",
		Short:   "Put machines to sleep by hand, or hold them at a power, and prove it",
		Long:    "Puts the running machines of an address or a network to sleep, or with --watts\nholds each at that power or the step below it.\n" + orderHelp + deviceHelp + exitHelp,
		Example: "  sluice device curtail 10.20.1.0/28 --network 10.20.0.0/16 --credentials miners.csv --record found.jsonl",
	}
	return f.bindOrder(c, 2*time.Minute)
}

func newDeviceRestore() *cobra.Command {
	f := &orderFlags{restore: true}
	c := &cobra.Command{
		Use:   "restore ADDRESS|CIDR",
		Short: "Wake machines by hand, or give them back the level they had, and prove it",
		Long: `Wakes the sleeping machines of an address or a network, or with --watts sets
each to that power. With --record only machines that were curtailed with the
same file are touched, and each gets back what it had.
` + orderHelp + deviceHelp + exitHelp,
		Example: "  sluice device restore 10.20.1.0/28 --network 10.20.0.0/16 --credentials miners.csv --record found.jsonl",
	}
	return f.bindOrder(c, 20*time.Minute)
}

// bindOrder declares the flags and the work of a command that writes.
func (f *orderFlags) bindOrder(c *cobra.Command, wait time.Duration) *cobra.Command {
	c.Args = cobra.ExactArgs(1)
	c.RunE = func(c *cobra.Command, args []string) error { return f.run(c, args[0]) }
	f.bind(c)
	f.writes = true
	c.Flags().Int64Var(&f.watts, "watts", 0, "hold each machine at this power or the step below it")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask for confirmation")
	c.Flags().StringVar(&f.record, "record", "", "file that keeps what each machine was found doing, for restore")
	c.Flags().DurationVar(&f.wait, "wait", wait, "longest wait for the proof of one machine")
	c.Flags().DurationVar(&f.every, "every", time.Second, "wait before the first reading; each further wait is twice as long, up to fifteen times this")
	return c
}

// The outcomes of an order, for scripts; they are never renamed.
const (
	wasProven     = "proven"
	wasAlready    = "already"    // nothing had to be done
	wasUnproven   = "unproven"   // it may have acted or not
	wasRefused    = "refused"    // it said no
	wasNotSent    = "not_sent"   // it could not be asked
	wasImpossible = "impossible" // it cannot, or must not be asked
	wasUnreadable = "unreadable" // it could not be opened or read, so nothing was sent
)

// task is one machine with what is to be done to it.
type task struct {
	*met
	command  device.Command // no verb: nothing is done
	expected device.Value[unit.Power]
	outcome  string
	why      string
	after    device.Reading
}

// run previews, asks, writes and proves.
func (f *orderFlags) run(c *cobra.Command, target string) error {
	if f.watts < 0 || f.every <= 0 || f.wait <= 0 {
		return input(errors.New("--watts, --every and --wait are not negative, and the two last are above zero"))
	}
	b, err := f.bench()
	if err != nil {
		return err
	}
	kept, err := readRecord(f.record)
	if err != nil {
		return input(err)
	}
	found, err := b.look(c.Context(), target, progress(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	tasks := make([]*task, len(found.Found))
	defer func() {
		for _, t := range tasks {
			if t != nil {
				t.close(c.Context())
			}
		}
	}()
	f.each(len(tasks), func(i int) {
		t := &task{met: b.meet(c.Context(), found.Found[i], device.Status|device.Power|device.Hash)}
		f.plan(t, kept)
		tasks[i] = t
	})
	if err := context.Cause(c.Context()); err != nil {
		return err
	}
	lone(tasks, found.Twins)
	return f.carryOut(c, tasks, kept)
}

// carryOut asks for a yes, and then writes and tells.
func (f *orderFlags) carryOut(c *cobra.Command, tasks []*task, kept []foundState) error {
	if !f.asJSON {
		tellPlan(c.OutOrStdout(), tasks)
	}
	sent := 0
	for _, t := range tasks {
		if t.command.Verb != "" {
			sent++
		}
	}
	switch {
	case sent == 0 || f.asJSON && !f.yes:
		return f.tell(c.OutOrStdout(), tasks, false)
	case !f.yes && !confirmed(c, sent):
		return input(errors.New("not confirmed, nothing was sent: answer yes, or give --yes"))
	}
	if !f.restore {
		if err := writeRecord(f.record, tasks); err != nil {
			return fmt.Errorf("nothing was sent: %w", err)
		}
	}
	f.each(len(tasks), func(i int) { f.command(c.Context(), tasks[i]) })
	err := f.tell(c.OutOrStdout(), tasks, true)
	if f.restore {
		err = errors.Join(err, dropRecord(f.record, kept, tasks))
	}
	if cause := context.Cause(c.Context()); cause != nil {
		return cause
	}
	return err
}

// each does the work of every machine, so many at once.
func (f *orderFlags) each(n int, do func(int)) {
	var workers sync.WaitGroup
	slots := make(chan struct{}, f.parallel)
	for i := range n {
		slots <- struct{}{}
		workers.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	workers.Wait()
}

// confirmed asks a person. The end of the input is no yes.
func confirmed(c *cobra.Command, sent int) bool {
	fmt.Fprintf(c.OutOrStdout(), "Send %d commands? Type yes: ", sent)
	line, _ := bufio.NewReader(io.LimitReader(c.InOrStdin(), 64)).ReadString('\n')
	return strings.TrimSpace(line) == "yes"
}

// command sends one order and reads back what became of it.
func (f *orderFlags) command(ctx context.Context, t *task) {
	if t.command.Verb == "" {
		return
	}
	if ctx.Err() != nil {
		t.outcome, t.why = wasNotSent, "interrupted before it was asked"
		return
	}
	a := t.apply(ctx, f.patience(), t.command)
	switch {
	case a.Class == device.NotSent:
		t.outcome, t.why = wasNotSent, clean(a.Text)+": it did nothing; asking again is safe"
		return
	case !a.MayHaveActed():
		t.outcome, t.why = wasRefused, fmt.Sprintf("%s: %s", clean(a.Text), remedy(a.Reason))
		return
	}
	want := a.Set
	if want.Verb == "" {
		want = t.command
	}
	f.prove(ctx, t, &proof{want: want, before: t.before, expected: t.expected, acked: time.Now()})
	if t.outcome == wasUnproven && a.Class != device.Accepted {
		t.why = fmt.Sprintf("%s to the order, then: %s", strings.ReplaceAll(string(a.Class), "_", " "), t.why)
	}
}

// patience bounds one order: some firmware takes half a minute to answer.
func (f *orderFlags) patience() time.Duration { return max(f.timeout, 30*time.Second) }

// apply gives one order within a limit.
func (m *met) apply(ctx context.Context, limit time.Duration, c device.Command) device.Ack {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return m.dev.Apply(ctx, c)
}

// prove reads back until the proof is there or the wait is over. A reading that
// fails is no reading: machines are away while they restart.
func (f *orderFlags) prove(ctx context.Context, t *task, p *proof) {
	t.outcome, t.why = wasUnproven, "it was not read back in time"
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	for pause := f.every; ; pause = min(2*pause, 15*f.every) {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		r, err := t.read(ctx, device.Status|device.Power|device.Hash)
		if err != nil {
			if ctx.Err() == nil {
				t.why = "it cannot be read: " + firstLine(err)
			}
			continue
		}
		ok, why := p.see(r)
		t.after, t.why = r, why
		if ok {
			t.outcome = wasProven
			return
		}
	}
}

// remedy says what to do about a refusal.
func remedy(r device.RefusedReason) string {
	switch r {
	case device.BadAuth:
		return "give the right credential of its family with --credentials"
	case device.BadClock:
		return "set its clock by a time server, and the clock of this computer"
	case device.Locked:
		return "switch its write interface on, in the maker's own tool"
	case device.Busy:
		return "another controller holds it: end that one's session, or wait"
	case device.BadValue:
		return "choose a value that it offers; sluice device test lists them"
	case device.Unsupported:
		return "its firmware cannot; choose another order"
	case device.BadState:
		return "not now: wait until it is neither starting nor updating"
	case device.Other:
	}
	return "see sluice device test"
}

// explainOpen adds the remedy to an error of opening or reading.
func explainOpen(err error) string {
	if errors.Is(err, wire.ErrOutside) {
		return err.Error()
	}
	return firstLine(err)
}
