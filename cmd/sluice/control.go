package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"sluice/live"
	"sluice/unit"
)

// controlFlags is what every command to a running site needs.
type controlFlags struct {
	data   string
	asJSON bool
	wait   time.Duration
	q      live.Request
	limit  float64
	watts  int64
	from   string
	until  string
}

func newControl() *cobra.Command {
	c := &cobra.Command{
		Use: "control", Short: "See and change a site that sluice serve runs", Args: cobra.NoArgs,
		Long: `Talks to a running site over the socket in its data directory. Only the owner of
that directory can. Lowering needs one person and works at once, whatever else is
broken; what raises needs two.
` + exitHelp,
	}
	c.AddCommand(
		controlStatus(),
		controlNotices(),
		controlAct("stop", "Put every machine to sleep at once", "Ends only when two people resume. It needs no disk, no market and no network beyond the machines.", cobra.NoArgs),
		controlAct("resume", "End a stop, with two people", "Machines rise again by the ramp and only those that Sluice had stopped.", cobra.NoArgs),
		controlAct("lock", "Hold machines at or below a power each until they are released", "Without --watts it sleeps. Whoever locks releases; otherwise two others do. What\ntwo people lock, both hold.", cobra.ExactArgs(1)),
		controlAct("unlock", "Release machines", "By the one who locked, or by two others.", cobra.ExactArgs(1)),
		controlAct("clear", "Give machines back after somebody looked at them", "Ends the states yes_without_effect and asleep_by_others.", cobra.ExactArgs(1)),
		controlAct("adopt", "Adopt the machine that stands at an address now", "For a machine that was exchanged. Until then it is a stranger, counts at its full draw and gets no password.", cobra.ExactArgs(1)),
		controlAct("recount", "Let the counters begin anew after a meter was exchanged", "The energy in between is not known and is not invented.", cobra.NoArgs),
		controlAct("relearn", "Begin anew with what was learned of machines", "Reads the files of sluice serve --learned again. Nothing rises for a moment meanwhile.", cobra.NoArgs),
		controlAct("instruct", "Enter a limit that the grid operator ordered", "It holds for every machine, and only narrows what the connection and earlier\ninstructions allow. Two people replace earlier ones in the time that they name.", cobra.NoArgs),
		controlAct("promote", "Ask that the site may act more by itself", "By one stage. What is still missing is named; a second person approves within a quarter of an hour.", cobra.NoArgs),
		controlAct("approve", "Approve what somebody else asked for", "Whoever asked cannot approve.", cobra.ExactArgs(1)),
		controlAct("decline", "Decline what somebody asked for", "Anybody can.", cobra.ExactArgs(1)),
		controlAct("demote", "Let the site act less by itself, at once", "To advisory from a closed loop, else by one stage, or to --stage.", cobra.NoArgs),
		controlAct("accept", "Follow a recommendation", "In advisory: the machines that it names follow the plan until it ends.", cobra.ExactArgs(1)),
		controlAct("unsafe", "Say that a recommendation was unsafe", "It would have broken something, or did. The evidence of the stage begins anew.", cobra.ExactArgs(1)),
		controlAct("widen", "Ask for the cap that the configuration now says", "A cap that was raised in the configuration waits for two people.", cobra.NoArgs),
		controlAct("reject", "Decline a recommendation", "Give the reason: a declined one with a reason counts as answered.", cobra.ExactArgs(1)),
	)
	return c
}

// bind declares the flags that all share.
func (f *controlFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", "", "data directory of the running site (required)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	c.Flags().DurationVar(&f.wait, "timeout", 10*time.Second, "longest wait for the answer")
	_ = c.MarkFlagRequired("data")
}

// controlAct is one thing that a person can do.
func controlAct(name, short, long string, args cobra.PositionalArgs) *cobra.Command {
	f := &controlFlags{}
	use := name
	switch name {
	case "lock", "unlock", "clear":
		use += " ADDRESS|NETWORK|FEEDER|HALL|GROUP|SITE"
	case "adopt":
		use += " ADDRESS"
	case "approve", "decline", "accept", "reject", "unsafe":
		use += " NUMBER"
	}
	c := &cobra.Command{
		Use: use, Short: short, Long: long + "\n" + exitHelp, Args: args,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.subject(name, args); err != nil {
				return input(err)
			}
			return f.act(c, name)
		},
	}
	f.bind(c)
	c.Flags().StringVar(&f.q.By, "by", "", "who you are (default: your login)")
	c.Flags().StringVar(&f.q.Reason, "reason", "", "why, for the record")
	switch name {
	case "resume", "unlock":
		c.Flags().StringVar(&f.q.And, "and", "", "the second person")
	case "promote":
		c.Flags().StringSliceVar(&f.q.Machines, "machine", nil, "machines of the rack that goes first (default: a block of one group)")
	case "demote":
		c.Flags().StringVar(&f.q.Stage, "stage", "", "observe, shadow, advisory, closed_rack, closed_5 or closed_25")
	case "lock":
		c.Flags().Int64Var(&f.watts, "watts", 0, "at most this power")
	case "instruct":
		c.Flags().StringVar(&f.q.And, "and", "", "the second person, who with you replaces what was ordered before")
		c.Flags().Float64Var(&f.limit, "limit-mw", -1, "at most this power at the meter (required)")
		c.Flags().StringVar(&f.q.Group, "group", "", "a feeder or a hall (default: the whole site)")
		c.Flags().StringVar(&f.from, "from", "", "when it begins, in UTC unless an offset is given (default: now)")
		c.Flags().StringVar(&f.until, "until", "", "when it ends (default: until another one)")
		_ = c.MarkFlagRequired("limit-mw")
	}
	return c
}

// subject reads what a command is about: a machine or a number.
func (f *controlFlags) subject(name string, args []string) error {
	if len(args) == 0 {
		return nil
	}
	switch name {
	case "approve", "decline", "accept", "reject", "unsafe":
		var err error
		if f.q.Number, err = strconv.ParseInt(args[0], 10, 64); err != nil {
			return fmt.Errorf("%q: give the number that sluice control status shows", args[0])
		}
	default:
		f.q.Machine = args[0]
	}
	return nil
}

// act asks the site for it and tells what came of it.
func (f *controlFlags) act(c *cobra.Command, name string) error {
	if err := f.fill(name); err != nil {
		return input(err)
	}
	body, err := json.Marshal(f.q)
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	var a live.Answer
	if err := f.ask(c.Context(), http.MethodPost, name, body, &a); err != nil {
		return err
	}
	if a.No != "" {
		return input(errors.New(a.No))
	}
	if f.asJSON {
		err = encode(c.OutOrStdout(), a)
	} else {
		fmt.Fprintln(c.OutOrStdout(), a.Done)
	}
	if a.Unkept != "" {
		err = errors.Join(err, errors.New(a.Unkept))
	}
	return err
}

// fill completes the request from the flags.
func (f *controlFlags) fill(name string) error {
	if f.q.By == "" {
		if u, err := user.Current(); err == nil {
			f.q.By = u.Username
		}
	}
	f.q.Limit = unit.Power(f.watts)
	if name != "instruct" {
		return nil
	}
	if f.limit < 0 || f.limit > 100_000 {
		return fmt.Errorf("--limit-mw %g: give megawatts, 0 or more", f.limit)
	}
	f.q.Limit = unit.Power(f.limit * float64(unit.Megawatt))
	var err error
	for _, x := range []struct {
		text string
		to   *time.Time
	}{{f.from, &f.q.From}, {f.until, &f.q.Until}} {
		if x.text == "" {
			continue
		}
		if *x.to, err = parseInstant(x.text, time.UTC); err != nil {
			return fmt.Errorf("%q: %w", x.text, err)
		}
	}
	return nil
}

// ask sends one request over the socket.
func (f *controlFlags) ask(ctx context.Context, method, path string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	site := live.Dial(f.data)
	defer site.Close()
	r, err := http.NewRequestWithContext(ctx, method, "http://site/"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the site: %w", err)
	}
	a, err := site.RoundTrip(r)
	if err != nil {
		if errors.Is(err, live.ErrAway) && !errors.Is(err, context.DeadlineExceeded) {
			return input(err)
		}
		return err
	}
	defer a.Body.Close() //nolint:errcheck // read only
	if err := json.NewDecoder(io.LimitReader(a.Body, 64<<20)).Decode(into); err != nil {
		return fmt.Errorf("read the site's answer: %w", err)
	}
	return nil
}

func controlStatus() *cobra.Command {
	f := &controlFlags{}
	c := &cobra.Command{
		Use: "status", Short: "Show where the site stands", Long: "Limits and what stands against them, machines, troubles with their remedies, the plan, what was earned.\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var s live.Status
			if err := f.ask(c.Context(), http.MethodGet, "status", nil, &s); err != nil {
				return err
			}
			if f.asJSON {
				return encode(c.OutOrStdout(), s)
			}
			tellStatus(c.OutOrStdout(), s)
			return nil
		},
	}
	f.bind(c)
	return c
}

func controlNotices() *cobra.Command {
	f := &controlFlags{}
	c := &cobra.Command{
		Use: "notices", Short: "Show the last notices of the site", Long: "Alarms, changes of state and acts of people, oldest first.\n" + exitHelp, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var all []live.Notice
			if err := f.ask(c.Context(), http.MethodGet, "notices", nil, &all); err != nil {
				return err
			}
			if f.asJSON {
				return encode(c.OutOrStdout(), all)
			}
			for _, n := range all {
				fmt.Fprintf(c.OutOrStdout(), "%s  %-18s %s\n", n.At.UTC().Format(time.RFC3339), n.Code, clean(n.Text))
			}
			return nil
		},
	}
	f.bind(c)
	return c
}
