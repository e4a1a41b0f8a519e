// Command sluice sends every megawatt of a site to its best use. This package
// only reads flags, wires the rooms together and chooses exit codes; every
// decision is made below it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // settlement depends on zones; a bare host may have none

	"github.com/spf13/cobra"
)

// The exit codes, as every help text states them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitBadInput    = 2
	exitInterrupted = 130
)

const exitHelp = `
Exit codes:
  0    done
  1    something failed on the way; what was finished is kept
  2    bad input: the message names the file, the line and the remedy
  130  interrupted; finished work is kept and the same command goes on from it`

// ends are the signals that ask the program to end: the end of its terminal too, unless
// it was started so that it outlives that.
func ends() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), ends()...)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program, for main and for tests.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot() //nolint:contextcheck // every command is handed ctx by ExecuteContext
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	begun := false
	noteBegin(root, &begun)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if own, is := errors.AsType[exitCode](err); is {
		return int(own)
	}
	if errors.Is(err, context.Canceled) {
		complain(stderr, errors.New("interrupted"))
		return exitInterrupted
	}
	complain(stderr, err)
	var bad badInput
	switch {
	case errors.As(err, &bad) || !begun:
		return exitBadInput
	}
	return exitFailed
}

// noteBegin lets begun tell whether a command came to do its work: what fails
// before that is the fault of the command line.
func noteBegin(c *cobra.Command, begun *bool) {
	if work := c.RunE; work != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			*begun = true
			return work(c, args)
		}
	}
	for _, sub := range c.Commands() {
		noteBegin(sub, begun)
	}
}

// complain writes an error, one fault a line.
func complain(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(w, "sluice: %s\n", harmless(line))
		}
	}
}

// badInput marks an error that the caller's input caused.
type badInput struct{ error }

// Unwrap returns the cause.
func (b badInput) Unwrap() error { return b.error }

// input marks err as the caller's fault, when there is one.
func input(err error) error {
	if err == nil {
		return nil
	}
	return badInput{err}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "sluice",
		Short: "Send every megawatt to its best use",
		Long: `Sluice decides, every settlement interval, what each megawatt of a site does:
mine, compute for tenants, feed the grid, or nothing at all. It clears the site's
own market, carries the decision out, proves it at the meter and settles it to
the cent.
` + exitHelp,
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return input(err) })
	root.AddCommand(newDemo(), newRoom(), newAudit(), newApply(), newDiff(), newExport(), newReplay(), newExplain(), newSite(), newDevice(), newServe(), newControl(), newLedger(), newInvoice(), planCommand(), newRisk(), newDecide(), newTreasury(), newPeers(), newQuote(), tenantCommand(), hallCommand(), newWorld(), newVersion())
	return root
}
