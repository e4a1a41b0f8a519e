package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sluice/driver/sitefile"
	"sluice/unit"
)

func newSite() *cobra.Command {
	c := &cobra.Command{Use: "site", Short: "Check a site file, or print a shipped example", Args: cobra.NoArgs}
	c.AddCommand(&cobra.Command{
		Use: "check FILE", Short: "Read a site file and say what it declares, or every fault it has",
		Long: "Reads a site file, or one of the shipped examples by name.\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return checkSite(c, args[0]) },
	}, &cobra.Command{
		Use: "example [NAME]", Short: "Print a shipped example, or list their names", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, name := range sitefile.Examples() {
					fmt.Fprintln(c.OutOrStdout(), name)
				}
				return nil
			}
			text, err := sitefile.Example(args[0])
			if err != nil {
				return input(err)
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	})
	return c
}

// checkSite prints what a site file declares.
func checkSite(c *cobra.Command, name string) error {
	f, err := readSite(name)
	if err != nil {
		return input(err)
	}
	rigs, err := f.Rigs()
	if err != nil {
		return input(err)
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "%s, %s: %s in, %s out, %s must run\n", f.Site.Name, f.Site.Place, f.Site.Connection.Ceiling(), f.Site.Connection.Outlet(), f.Site.MustRun)
	var sum unit.Power
	for _, r := range rigs {
		fmt.Fprintf(w, "  %-20s %6d x %-32s %s, %.1f J/TH, %d steps\n", r.Group().Name, r.Group().Count, r.Model().Name, r.Capacity(), r.Top().Efficiency().Float(), len(r.Steps()))
		sum += r.Capacity().Scale(r.Group().Cooling.PUE0)
	}
	fmt.Fprintf(w, "  fleet at the meter: %s\n", sum)
	for _, line := range tariff(f) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	for _, n := range f.Notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
	return nil
}
