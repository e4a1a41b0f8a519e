package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"sluice/driver/learned"
	"sluice/loop/commission"
)

func newDeviceCurves() *cobra.Command {
	var asJSON bool
	var name string
	c := &cobra.Command{
		Use:   "curves FILE...",
		Short: "Print the curves that were learned, as the models of a site file",
		Long: `Reads files that sluice device commission wrote and joins their records by model,
firmware and cooling: the middle value counts, and of two in the middle the newer.
Prints a models: section for a site file, with which plans are made from what was
measured. With --json everything that is known of each model is printed instead,
times and spreads too.
` + exitHelp,
		Example: "  sluice device curves learned.json >> site.yaml\n  sluice device curves learned.json --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var all []commission.Record
			for _, file := range args {
				records, err := learned.Load(file)
				if err != nil {
					return input(err)
				}
				all = append(all, records...)
			}
			known := learned.Merge(all)
			if asJSON {
				return encode(c.OutOrStdout(), known)
			}
			return tellCurves(c, known, name)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print all that is known of each model as JSON")
	c.Flags().StringVar(&name, "name", "", "name of the model in the site file, when there is only one")
	return c
}

// tellCurves prints the snippet, with what was left out as comments on stderr.
func tellCurves(c *cobra.Command, known []learned.Model, name string) error {
	for _, m := range known {
		if len(m.Points) == 0 {
			fmt.Fprintf(c.ErrOrStderr(), "%s, %s: no curve: %d trials, none of which taught one\n", clean(m.Model), clean(m.Firmware), m.Failed)
		}
	}
	models := learned.Curves(slices.Clone(known))
	switch {
	case len(models) == 0:
		return input(errors.New("no curve was learned yet: sluice device commission makes one"))
	case name != "" && len(models) != 1:
		return input(fmt.Errorf("--name is for one model, and there are %d: leave it out and rename them yourself", len(models)))
	case name != "":
		models[0].Name = name
	}
	return learned.Snippet(c.OutOrStdout(), models)
}
