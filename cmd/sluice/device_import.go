package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newDeviceImport() *cobra.Command {
	var networks []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE.csv",
		Short: "Check an inventory and say what it declares, or every fault it has",
		Long: `Reads an inventory with the columns address, model, hall and feeder, in any
order and beside any others. Every fault is named with its line.
` + exitHelp,
		Example: "  sluice device import inventory.csv --network 10.20.0.0/16",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			list, err := readInventory(args[0], networks)
			if err != nil {
				return input(err)
			}
			if asJSON {
				return encode(c.OutOrStdout(), list)
			}
			tellInventory(c.OutOrStdout(), list)
			return nil
		},
	}
	c.Flags().StringSliceVar(&networks, "network", nil, "declared device networks in which every address must lie (required)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	_ = c.MarkFlagRequired("network")
	return c
}

// place is a machine of an inventory.
type place struct {
	Address string `json:"address"`
	Model   string `json:"model"`
	Hall    string `json:"hall"`
	Feeder  string `json:"feeder"`
}

// readInventory reads and checks a file. It reports every fault, with its line.
func readInventory(name string, networks []string) ([]place, error) {
	b, err := (&deviceFlags{networks: networks, timeout: 1, parallel: 1, rate: 1}).bench()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	r := csv.NewReader(file)
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s:1: no header: write address,model,hall,feeder", name)
	}
	at, err := columns(header)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", name, err)
	}
	var out []place
	var faults []error
	first := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			if !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			continue
		}
		line, _ := r.FieldPos(0)
		p := place{strings.TrimSpace(row[at[0]]), strings.TrimSpace(row[at[1]]), strings.TrimSpace(row[at[2]]), strings.TrimSpace(row[at[3]])}
		for _, f := range b.faults(&p, line, first) {
			faults = append(faults, fmt.Errorf("%s:%d: %s", name, line, f))
		}
		out = append(out, p)
	}
	if len(out) == 0 && len(faults) == 0 {
		faults = append(faults, fmt.Errorf("%s: a header and no machine: add a line for each", name))
	}
	return out, errors.Join(faults...)
}

// columns finds the four columns.
func columns(header []string) ([4]int, error) {
	var at [4]int
	for i, want := range []string{"address", "model", "hall", "feeder"} {
		at[i] = slices.IndexFunc(header, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), want)
		})
		if at[i] < 0 {
			return at, fmt.Errorf("no column %q: write address,model,hall,feeder", want)
		}
	}
	return at, nil
}

// faults lists what is wrong with a line, and writes its address in the one way
// in which it can be compared.
func (b *bench) faults(p *place, line int, first map[string]int) []string {
	var out []string
	if a, err := netip.ParseAddr(p.Address); err != nil {
		out = append(out, fmt.Sprintf("address %q: write an IP address, never a name", p.Address))
	} else {
		p.Address = a.Unmap().String()
		if !b.network.Holds(p.Address) {
			out = append(out, fmt.Sprintf("address %s lies in no declared device network: declare it with --network or correct it", p.Address))
		}
		if was := first[p.Address]; was > 0 {
			out = append(out, fmt.Sprintf("address %s was given on line %d: keep the right one", p.Address, was))
		} else {
			first[p.Address] = line
		}
	}
	for _, c := range []struct{ name, value string }{{"model", p.Model}, {"hall", p.Hall}, {"feeder", p.Feeder}} {
		if c.value == "" {
			out = append(out, "no "+c.name+": fill it in")
		}
	}
	return out
}

// tellInventory counts an inventory by hall and feeder.
func tellInventory(w io.Writer, list []place) {
	count := map[[2]string]int{}
	var order [][2]string
	for _, p := range list {
		k := [2]string{p.Hall, p.Feeder}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
	}
	for _, k := range order {
		fmt.Fprintf(w, "hall %s, feeder %s: %d machines\n", clean(k[0]), clean(k[1]), count[k])
	}
	fmt.Fprintf(w, "%d machines\n", len(list))
}
