package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sluice/people"
)

func newAudit() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Check the audit log of a control room", Args: cobra.NoArgs}
	var heads []string
	verify := &cobra.Command{
		Use: "verify FILE", Short: "Check an exported log: nothing changed, missing or in another order", Args: cobra.ExactArgs(1),
		Long: `Checks an audit log that a control room exported: that each entry is as it was
written, that none is missing, and that they stand in their order. It needs neither
the control room nor a network. FILE - is standard input.

What a chain cannot show is that its end was cut off before the export, or that all
of it was written anew. So keep the line that this prints, and give it later with
--head.
` + exitHelp,
		Example: "  sluice audit verify sluice-audit.jsonl --head 812:7d3f…",
		RunE: func(c *cobra.Command, args []string) error {
			kept, err := headsOf(heads)
			if err != nil {
				return input(err)
			}
			return verifyExport(c, args[0], kept)
		},
	}
	verify.Flags().StringArrayVar(&heads, "head", nil, "COUNT:HASH that was kept elsewhere; may be repeated")
	c.AddCommand(verify)
	return c
}

// headsOf reads --head.
func headsOf(all []string) (out []people.Head, err error) {
	for _, text := range all {
		count, hash, _ := strings.Cut(text, ":")
		var h people.Head
		if h.Count, err = strconv.ParseInt(count, 10, 64); err == nil {
			err = h.Hash.UnmarshalText([]byte(hash))
		}
		if err != nil || h.Count < 0 {
			return nil, fmt.Errorf("--head %.100q: write COUNT:HASH with 64 hexadecimal digits, as 'sluice audit verify' prints it", text)
		}
		out = append(out, h)
	}
	return out, nil
}

// verifyExport checks a file and says how far it reaches.
func verifyExport(c *cobra.Command, name string, kept []people.Head) error {
	from := c.InOrStdin()
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // named by who runs the program
		if err != nil {
			return input(err)
		}
		defer f.Close() //nolint:errcheck // read only
		from = f
	}
	installation, end, err := people.CheckExport(from, kept...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%d entries of installation %s hold; keep this elsewhere: %d:%s\n", end.Count, installation, end.Count, end.Hash)
	return err
}
