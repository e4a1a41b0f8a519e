package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"sluice/driver/sitefile"
	"sluice/unit"
)

func newSite() *cobra.Command {
	c := &cobra.Command{Use: "site", Short: "Check a site file, or print a shipped example", Args: cobra.NoArgs}
	var asJSON bool
	check := &cobra.Command{
		Use: "check FILE", Short: "Read a site file and say what it declares, or every fault it has",
		Long: "Reads a site file, or one of the shipped examples by name.\n" + exitHelp,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := declare(args[0])
			if err != nil {
				return input(err)
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), d)
			}
			return d.print(c.OutOrStdout())
		},
	}
	check.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.AddCommand(check, &cobra.Command{
		Use: "example [NAME]", Short: "Print a shipped example, or list their names", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return printExample(c.OutOrStdout(), args) },
	})
	return c
}

// printExample prints a shipped site file, or the names of all of them.
func printExample(w io.Writer, args []string) error {
	if len(args) == 0 {
		for _, name := range sitefile.Examples() {
			fmt.Fprintln(w, name)
		}
		return nil
	}
	text, err := sitefile.Example(args[0])
	if err != nil {
		return input(err)
	}
	_, err = w.Write(text)
	return err
}

// declaration is what a site file says, for people and programs.
type declaration struct {
	Site    string             `json:"site"`
	Place   string             `json:"place"`
	Import  unit.Power         `json:"import_w"`
	Export  unit.Power         `json:"export_w"`
	MustRun unit.Power         `json:"must_run_w"`
	Fleet   unit.Power         `json:"fleet_at_meter_w"` // at base PUE, must-run load left out
	Groups  []groupDeclaration `json:"groups"`

	Halls     []gpuHallDeclaration  `json:"gpu_halls"`
	Contracts []contractDeclaration `json:"contracts"` // with tenants

	Tariff  []string            `json:"tariff"`
	Control *controlDeclaration `json:"control"` // null: the site is not run live
	Notes   []string            `json:"notes"`
}

type groupDeclaration struct {
	Name       string          `json:"name"`
	Model      string          `json:"model"`
	Count      int             `json:"count"`
	Power      unit.Power      `json:"power_w"`
	Efficiency unit.Efficiency `json:"efficiency_mj_per_th"`
	Steps      int             `json:"steps"`
}

// declare reads a site file.
func declare(name string) (declaration, error) {
	f, err := readSite(name)
	if err != nil {
		return declaration{}, err
	}
	rigs, err := f.Rigs()
	if err != nil {
		return declaration{}, err
	}
	d := declaration{
		Site: f.Site.Name, Place: f.Site.Place, Import: f.Site.Connection.Ceiling(), Export: f.Site.Connection.Outlet(),
		MustRun: f.Site.MustRun, Groups: []groupDeclaration{}, Tariff: tariff(f), Control: declareControl(f.Control), Notes: f.Notes,
	}
	d.Halls, d.Contracts = declareHosting(f.Hosting)
	for _, r := range rigs {
		d.Groups = append(d.Groups, groupDeclaration{
			Name: r.Group().Name, Model: r.Model().Name, Count: r.Group().Count,
			Power: r.Capacity(), Efficiency: r.Top().Efficiency(), Steps: len(r.Steps()),
		})
		d.Fleet += r.Capacity().Scale(r.Group().Cooling.PUE0)
	}
	return d, nil
}

// print writes the declaration for people.
func (d declaration) print(w io.Writer) error {
	name := d.Site
	if d.Place != "" {
		name += ", " + d.Place
	}
	fmt.Fprintf(w, "%s: %s in, %s out, %s must run\n", name, d.Import, d.Export, d.MustRun)
	for _, g := range d.Groups {
		steps := "steps"
		if g.Steps == 1 {
			steps = "step"
		}
		fmt.Fprintf(w, "  %-20s %6d x %-32s %s, %.1f J/TH, %d %s\n", g.Name, g.Count, g.Model, g.Power, g.Efficiency.Float(), g.Steps, steps)
	}
	if len(d.Groups) > 0 {
		fmt.Fprintf(w, "  fleet at the meter: %s\n", d.Fleet)
	}
	for _, h := range d.Halls {
		h.print(w)
	}
	for _, c := range d.Contracts {
		c.print(w)
	}
	for _, line := range d.Tariff {
		fmt.Fprintf(w, "  %s\n", line)
	}
	d.Control.print(w)
	for _, n := range d.Notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
	return nil
}
