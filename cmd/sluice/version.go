package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker in a release.
var version = "development"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "sluice %s (%s)\n", version, goVersion())
			return err
		},
	}
}

func goVersion() string {
	if i, ok := debug.ReadBuildInfo(); ok {
		return i.GoVersion
	}
	return "unknown compiler"
}
