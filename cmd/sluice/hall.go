package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	gpuhall "sluice/live/hall"
)

// hallFlags is what every command to a running hall needs.
type hallFlags struct {
	data   string
	asJSON bool
	wait   time.Duration
}

func hallCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "hall", Short: "Run a GPU hall, and curtail it with the least damage", Args: cobra.NoArgs,
		Long: `Runs a hall of GPUs on the engine that its tenants use, Slurm or Kueue, or on a
virtual one. Whoever needs power back asks for it in megawatts and minutes, sees
the plan with its price before anything is done, and afterwards what the meters
of racks, hall and site show. The other commands talk to 'sluice hall run' over
the socket in its data directory; only the owner of that directory can.
` + exitHelp,
	}
	c.AddCommand(
		newHallRun(), hallStatus(), hallJobs(), hallWhy(), hallPreview(), hallCurtail(), hallRelease(), hallStop(), hallDrain(),
		hallUsage(), hallCurves(), hallNotices(),
	)
	return c
}

// bind declares the flags that all share.
func (f *hallFlags) bind(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&f.data, "data", "", "data directory of the running hall (required)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	c.Flags().DurationVar(&f.wait, "timeout", 15*time.Second, "longest wait for one answer")
	_ = c.MarkFlagRequired("data")
	return c
}

// get asks the hall something and prints the answer, as JSON or by tell.
func get[T any](f *hallFlags, c *cobra.Command, path string, q url.Values, tell func(io.Writer, T)) error {
	var v T
	if err := f.ask(c.Context(), http.MethodGet, path+"?"+q.Encode(), nil, &v); err != nil {
		return err
	}
	if f.asJSON {
		return encode(c.OutOrStdout(), v)
	}
	tell(c.OutOrStdout(), v)
	return nil
}

// post hands the hall something.
func (f *hallFlags) post(ctx context.Context, path string, what, into any) error {
	return f.ask(ctx, http.MethodPost, path, what, into)
}

// ask sends one request over the socket. What the hall refuses is bad input.
func (f *hallFlags) ask(ctx context.Context, method, path string, what, into any) error {
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	err := gpuhall.NewClient(f.data).Ask(ctx, method, path, what, into)
	if errors.Is(err, gpuhall.ErrNo) || errors.Is(err, gpuhall.ErrNobody) {
		return input(err)
	}
	return err
}

// me is who gives a command.
func me(by string) string {
	if by != "" {
		return by
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func hallStatus() *cobra.Command {
	f := &hallFlags{}
	return f.bind(&cobra.Command{
		Use: "status", Short: "Show where the hall stands", Args: cobra.NoArgs,
		Long: "Power by the meters, nodes, contracts, the running curtailment with its outcome,\nand troubles with their remedies.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error { return get(f, c, "status", nil, tellHall) },
	})
}

func hallJobs() *cobra.Command {
	f := &hallFlags{}
	contract := ""
	c := f.bind(&cobra.Command{
		Use: "jobs", Short: "List jobs, with what they draw and what was done to them", Args: cobra.NoArgs, Long: "Jobs as the engine shows them, by contract.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return get(f, c, "jobs", url.Values{"contract": {contract}}, tellJobs)
		},
	})
	c.Flags().StringVar(&contract, "contract", "", "of this contract only")
	return c
}

func hallWhy() *cobra.Command {
	f := &hallFlags{}
	return f.bind(&cobra.Command{
		Use: "why JOB", Short: "Say why a job waits, runs slower or was stopped", Args: cobra.ExactArgs(1),
		Long:    "The engine's reason, what a curtailment did to the job, and what its contract allows.\n" + exitHelp,
		Example: "  sluice hall why 1041 --data /var/lib/sluice-hall",
		RunE: func(c *cobra.Command, args []string) error {
			return get(f, c, "why", url.Values{"job": {args[0]}}, tellWhy)
		},
	})
}

func hallUsage() *cobra.Command {
	f := &hallFlags{}
	from := ""
	c := f.bind(&cobra.Command{
		Use: "usage", Short: "Sum up what contracts used, and what is not explained", Args: cobra.NoArgs,
		Long: "GPU-hours and energy by contract from what was metered and stored, and the hours\nof the hall's meter with the part of it that is nobody's.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			var s gpuhall.Status
			err := f.ask(c.Context(), http.MethodGet, "status", nil, &s)
			if err != nil {
				return err
			}
			at := s.At.Add(-24 * time.Hour) // a virtual hall has a time of its own
			if from != "" {
				if at, err = parseInstant(from, time.UTC); err != nil {
					return input(fmt.Errorf("--from %q: %w", from, err))
				}
			}
			return get(f, c, "usage", url.Values{"from": {at.UTC().Format(time.RFC3339)}}, tellUsage)
		},
	})
	c.Flags().StringVar(&from, "from", "", "since when, in UTC unless an offset is given (default: the last day)")
	return c
}

func hallCurves() *cobra.Command {
	f := &hallFlags{}
	return f.bind(&cobra.Command{
		Use: "curves", Short: "Show how work follows power limits, and what was learned here", Args: cobra.NoArgs,
		Long: "For each contract the limits that may be chosen, down to the knee, with speed and\npower as shares of those without a limit, and what the load is expected to be.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error { return get(f, c, "curves", nil, tellHallCurves) },
	})
}

func hallNotices() *cobra.Command {
	f := &hallFlags{}
	return f.bind(&cobra.Command{
		Use: "notices", Short: "Show the last notices of the hall", Args: cobra.NoArgs, Long: "Alarms, phases of curtailments and acts of people, oldest first.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return get(f, c, "notices", nil, func(w io.Writer, all []gpuhall.Notice) {
				for _, n := range all {
					fmt.Fprintf(w, "%s  %-16s %s\n", n.At.UTC().Format(time.RFC3339), n.Code, clean(n.Text))
				}
			})
		},
	})
}
