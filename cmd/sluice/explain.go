package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"sluice/live"
	"sluice/loop/cycle"
	"sluice/replay"
)

func newExplain() *cobra.Command {
	var dir, data, turn, zone string
	var asJSON, again bool
	c := &cobra.Command{
		Use:   "explain --run DIR|--data DIR --turn T",
		Short: "Say in words and money why each MW of one turn went where it went",
		Long: `Reads the stored papers of one turn, and nothing else, and says why each use
drew what it drew: what power cost, what it was worth, at which price the
decision would turn, what else could have been done, when it is expected to
change, what the meters saw and what was booked. With --again the turn is also
decided once more from its papers, to show that they lead to what they say.
` + exitHelp,
		Example: "  sluice explain --run ./run --turn 2025-08-20T22:15Z\n  sluice explain --data /var/lib/sluice --turn 2026-11-20T12:05Z",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			where, err := time.LoadLocation(zone)
			if err != nil {
				return input(fmt.Errorf("--zone: %w", err))
			}
			t, err := findTurn(c.Context(), dir, data, turn)
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
	c.Flags().StringVar(&data, "data", "", "data directory of a site that sluice serve runs")
	_ = c.MarkFlagRequired("turn")
	c.MarkFlagsOneRequired("run", "data")
	c.MarkFlagsMutuallyExclusive("run", "data")
	return c
}

// findTurn reads the papers of a turn, of a replay or of a site that runs.
func findTurn(ctx context.Context, run, data, turn string) (*cycle.Turn, error) {
	if run != "" {
		return replay.Find(run, turn)
	}
	at, err := parseInstant(turn, time.UTC)
	if err != nil {
		return nil, fmt.Errorf("--turn %q: %w", turn, err)
	}
	var answer struct {
		cycle.Turn
		live.Answer
	}
	f := controlFlags{data: data, wait: 30 * time.Second}
	if err := f.ask(ctx, http.MethodGet, "turn?at="+url.QueryEscape(at.UTC().Format(time.RFC3339)), nil, &answer); err != nil {
		return nil, err
	}
	if answer.No != "" {
		return nil, errors.New(answer.No)
	}
	return &answer.Turn, nil
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
