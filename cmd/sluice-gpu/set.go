package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"sluice/driver/gpu/node"
	"sluice/gpu"
	"sluice/unit"
)

func newSet(o *common) *cobra.Command {
	var limit, epoch int64
	var uuids []string
	var standard bool
	var lasts time.Duration
	c := &cobra.Command{
		Use: "set --limit WATTS", Short: "Limit the power of each GPU", Args: cobra.NoArgs,
		Long: `Limit the power of each GPU, or of those named. Limits outside the range of a GPU are
refused. With --for a limit that was raised goes back down when the time is up, as long
as "serve" runs; one that was lowered stays.
` + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			if (limit > 0) == standard || limit < 0 || lasts < 0 || epoch < 0 {
				return badInput{errors.New("name one: --limit with a number of watts above zero, or --default; and no time or epoch below zero")}
			}
			s := gpu.Setting{UUIDs: uuids, Limit: unit.Power(limit), Epoch: epoch}
			if lasts > 0 {
				s.Until = time.Now().Add(lasts)
			}
			return o.with(func(a *node.Agent) error {
				answer, err := a.Set(c.Context(), s)
				return o.tell(c.OutOrStdout(), answer, err)
			})
		},
	}
	c.Flags().Int64Var(&limit, "limit", 0, "watts for each GPU")
	c.Flags().BoolVar(&standard, "default", false, "the default limit of each GPU")
	c.Flags().StringSliceVar(&uuids, "gpu", nil, "UUIDs of GPUs; none: all")
	c.Flags().Int64Var(&epoch, "epoch", 0, "refused where a higher one was seen")
	c.Flags().DurationVar(&lasts, "for", 0, "how long a raised limit may last; 0: it stays")
	return c
}

func newRestore(o *common) *cobra.Command {
	var epoch int64
	var uuids []string
	c := &cobra.Command{
		Use: "restore", Short: "Put back the limits that were found before the first setting", Args: cobra.NoArgs,
		Long: "Put back the limits that were found before the first setting, of all GPUs or of those named.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(func(a *node.Agent) error {
				answer, err := a.Restore(c.Context(), epoch, uuids...)
				return o.tell(c.OutOrStdout(), answer, err)
			})
		},
	}
	c.Flags().StringSliceVar(&uuids, "gpu", nil, "UUIDs of GPUs; none: all that are ours")
	c.Flags().Int64Var(&epoch, "epoch", 0, "refused where a higher one was seen")
	return c
}

// tell prints an answer. One that is not taken is an error.
func (o *common) tell(w io.Writer, a gpu.Answer, err error) error {
	if err != nil {
		return err
	}
	if o.json {
		if err := printJSON(w, a); err != nil {
			return err
		}
	}
	if !a.Taken {
		return refused(a.Why)
	}
	if !o.json {
		fmt.Fprintln(w, "taken: read again in some seconds whether the draw follows")
	}
	return nil
}
