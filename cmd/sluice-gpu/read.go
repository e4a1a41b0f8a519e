package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"sluice/driver/gpu/node"
	"sluice/gpu"
	"sluice/unit"
)

func newRead(o *common) *cobra.Command {
	return &cobra.Command{
		Use: "read", Short: "Read every GPU", Args: cobra.NoArgs,
		Long: "Read every GPU. What a GPU does not state is left blank, and is absent from the JSON.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(func(a *node.Agent) error {
				rs, err := a.Read(c.Context())
				if err != nil {
					return err
				}
				if o.json {
					return printJSON(c.OutOrStdout(), rs)
				}
				return printReadings(c.OutOrStdout(), rs)
			})
		},
	}
}

// status is a report and what is kept.
type status struct {
	gpu.Report

	Ours []node.Kept `json:"ours"`
}

func newStatus(o *common) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show the GPUs, the limits that are ours, and what a person should look at", Args: cobra.NoArgs,
		Long: "Show the GPUs, the limits that are ours with what stood before them, and what a person should look at.\n" + exitHelp,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(func(a *node.Agent) error {
				r, err := a.Report(c.Context())
				if err != nil {
					return err
				}
				ours, err := a.Ours()
				if err != nil {
					return err
				}
				if o.json {
					return printJSON(c.OutOrStdout(), status{r, ours})
				}
				return printStatus(c.OutOrStdout(), r, ours)
			})
		},
	}
}

func printStatus(w io.Writer, r gpu.Report, ours []node.Kept) error {
	fmt.Fprintf(w, "Node %s by %s, epoch %d, limits lost to reloads %d times.\n\n", r.Node, r.Route, r.Epoch, r.Reloads)
	if err := printReadings(w, r.GPUs); err != nil {
		return err
	}
	if len(ours) == 0 {
		fmt.Fprintln(w, "\nNo limit is ours.")
	} else {
		fmt.Fprintln(w, "\nLimits that are ours:")
	}
	for _, k := range ours {
		fmt.Fprintf(w, "  %s: %d W, found at %d W on %s\n", k.UUID, k.Limit, k.Before, k.Found.UTC().Format("2006-01-02 15:04Z"))
	}
	for _, t := range r.Trouble {
		fmt.Fprintf(w, "\nLook: %s\n", t)
	}
	return nil
}

func printReadings(w io.Writer, rs []gpu.Reading) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "GPU\tUUID\tModel\tDraw W\tLimit W\tRange W\tDefault W\tEnergy J\tBusy\tCapped")
	for _, r := range rs {
		limits := ""
		if r.Has.Range {
			limits = fmt.Sprintf("%d-%d", int64(r.Min), int64(r.Max))
		}
		busy, capped := "", ""
		if r.Has.Busy {
			busy = fmt.Sprintf("%d %%", int64(r.Busy)/10_000)
		}
		if r.Has.Capped {
			capped = map[bool]string{true: "yes", false: "no"}[r.Capped]
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Index, r.UUID, r.Model,
			watts(r.Has.Draw, r.Draw), watts(r.Has.Limit, r.Limit), limits, watts(r.Has.Default, r.Default), watts(r.Has.Energy, unit.Power(r.Energy)), busy, capped)
	}
	return t.Flush()
}

// watts is a number, or blank where it is not known.
func watts(known bool, v unit.Power) string {
	if !known {
		return ""
	}
	return strconv.FormatInt(int64(v), 10)
}

// printJSON writes v for programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
