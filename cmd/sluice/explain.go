package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"sluice/loop/cycle"
	"sluice/replay"
)

func newExplain() *cobra.Command {
	var dir, turn, zone string
	var asJSON, again bool
	c := &cobra.Command{
		Use:   "explain --run DIR --turn T",
		Short: "Say in words and money why each MW of one turn went where it went",
		Long: `Reads the stored papers of one turn, and nothing else, and says why each use
drew what it drew: what power cost, what it was worth, at which price the
decision would turn, what else could have been done, when it is expected to
change, what the meters saw and what was booked. With --again the turn is also
decided once more from its papers, to show that they lead to what they say.
` + exitHelp,
		Example: "  sluice explain --run ./run --turn 2025-08-20T22:15Z",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			where, err := time.LoadLocation(zone)
			if err != nil {
				return input(fmt.Errorf("--zone: %w", err))
			}
			t, err := replay.Find(dir, turn)
			if err != nil {
				return input(err)
			}
			if asJSON {
				e := json.NewEncoder(c.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(t)
			}
			if err := replay.Explain(c.OutOrStdout(), t, where); err != nil || !again {
				return err
			}
			return decideAgain(c, t)
		},
	}
	c.Flags().StringVar(&dir, "run", "", "folder of a run, as replay prints it")
	c.Flags().StringVar(&turn, "turn", "", "number of the turn, or an instant in UTC inside its interval")
	c.Flags().StringVar(&zone, "zone", "UTC", "zone in which local time is shown")
	c.Flags().BoolVar(&asJSON, "json", false, "print the papers themselves")
	c.Flags().BoolVar(&again, "again", false, "decide the turn once more from its papers and compare")
	_ = c.MarkFlagRequired("run")
	_ = c.MarkFlagRequired("turn")
	return c
}

// decideAgain decides a stored turn once more and says how the two compare.
func decideAgain(c *cobra.Command, t *cycle.Turn) error {
	s, err := solvers(c.ErrOrStderr())(c.Context())
	if err != nil {
		return err
	}
	r, err := replay.Again(c.Context(), t, s, limits())
	if err != nil {
		return err
	}
	return r.Tell(c.OutOrStdout())
}
