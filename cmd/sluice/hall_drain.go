package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	gpuhall "sluice/live/hall"
)

func hallDrain() *cobra.Command {
	f := &hallFlags{}
	w := gpuhall.DrainWish{}
	yes := false
	c := f.bind(&cobra.Command{
		Use: "drain --contract C", Short: "Empty the queue of a contract, for maintenance", Args: cobra.NoArgs,
		Long: `Stops what runs in the queue of a contract and lets nothing start there, until
sluice hall release --event NAME. Shows first what would be stopped and asks for a
yes unless --yes is given. Where contracts agree on a warning it goes out first, and
jobs are stopped when it is over. A queue that serves reserved, flexible or on-demand
contracts is drained only with --firm: the minutes count as taken by us. It is no way
to save power: sluice hall curtail takes the least damage, this takes all.
` + exitHelp,
		Example: "  sluice hall drain --data /var/lib/sluice-hall --contract spot --event rack-7 --why 'rack 7 is serviced'\n  sluice hall release --data /var/lib/sluice-hall --event rack-7",
		RunE: func(c *cobra.Command, _ []string) error {
			w.Who = me(w.Who)
			return f.drain(c, w, yes)
		},
	})
	l := c.Flags()
	l.StringVar(&w.Contract, "contract", "", "contract whose queue is emptied (required)")
	l.StringVar(&w.Event, "event", "", "name of the drain: lower-case letters, digits and dashes (default: by its time)")
	l.BoolVar(&w.Firm, "firm", false, "firm contracts too")
	l.StringVar(&w.Why, "why", "", "reason, for the tenants")
	l.StringVar(&w.Who, "by", "", "who you are (default: your login)")
	l.BoolVar(&yes, "yes", false, "do not ask for confirmation")
	_ = c.MarkFlagRequired("contract")
	return c
}

// drain shows what would be stopped, asks, and begins.
func (f *hallFlags) drain(c *cobra.Command, w gpuhall.DrainWish, yes bool) error {
	var d gpuhall.Drained
	dry := w
	dry.Dry = true
	if err := f.post(c.Context(), "drain", dry, &d); err != nil {
		return err
	}
	out := c.OutOrStdout()
	if !f.asJSON {
		tellDrain(out, d)
	}
	switch {
	case !yes && f.asJSON:
		return input(errors.New("nothing was done: with --json give --yes too"))
	case !yes && !agreed(c):
		return input(errors.New("not confirmed, nothing was done: answer yes, or give --yes"))
	}
	w.Event = d.Event
	if err := f.post(c.Context(), "drain", w, &d); err != nil {
		return err
	}
	if f.asJSON {
		return encode(out, d)
	}
	fmt.Fprintf(out, "%s begins; sluice hall release --event %s ends it\n", d.Event, d.Event)
	return nil
}

// tellDrain says what a drain stops.
func tellDrain(w io.Writer, d gpuhall.Drained) {
	fmt.Fprintf(w, "queue %s of %s: %d jobs on %d GPUs are stopped at %s", clean(d.Queue), clean(strings.Join(d.Contracts, ", ")), d.Jobs, d.GPUs, d.At.UTC().Format(time.RFC3339))
	if d.Unsaved > 0 {
		fmt.Fprintf(w, "; %d of them never proved a save of this run", d.Unsaved)
	}
	fmt.Fprintln(w)
	if len(d.Firm) > 0 {
		fmt.Fprintf(w, "promised to run: %s; every minute counts as taken by us\n", clean(strings.Join(d.Firm, ", ")))
	}
}
