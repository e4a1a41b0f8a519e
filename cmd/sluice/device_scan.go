package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/scan"
)

func newDeviceScan() *cobra.Command {
	var f deviceFlags
	c := &cobra.Command{
		Use:     "scan CIDR",
		Short:   "Find the machines of a network, at a bounded rate",
		Long:    "Asks every address who is there. Nothing is written and no credential is used.\n" + deviceHelp + exitHelp,
		Example: "  sluice device scan 10.20.1.0/24 --network 10.20.0.0/16",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return f.scan(c, args[0]) },
	}
	f.bind(c)
	return c
}

// scan prints what it found, even when it was interrupted.
func (f *deviceFlags) scan(c *cobra.Command, target string) error {
	b, err := f.bench()
	if err != nil {
		return err
	}
	r, err := b.look(c.Context(), target, progress(c.ErrOrStderr()))
	if err != nil && r.Asked == 0 {
		return err
	}
	if f.asJSON {
		if e := encode(c.OutOrStdout(), scanned(r)); e != nil {
			return e
		}
		return err
	}
	tellScan(c.OutOrStdout(), r)
	return err
}

// machineJSON is a machine as scripts read it.
type machineJSON struct {
	Address  string        `json:"address"`
	Family   device.Family `json:"family,omitempty"`
	Maker    string        `json:"maker,omitempty"`
	Model    string        `json:"model,omitempty"`
	Firmware string        `json:"firmware,omitempty"`
	Version  string        `json:"version,omitempty"`
	MAC      string        `json:"mac,omitempty"`
	Serial   string        `json:"serial,omitempty"`
	Weak     bool          `json:"weak,omitempty"`
	Error    string        `json:"error,omitempty"`
}

func asMachine(f scan.Found) machineJSON {
	id := f.Identity
	m := machineJSON{Address: f.Address.Host, Family: id.Family, Maker: id.Maker, Model: id.Model, Firmware: id.Firmware, Version: id.Version, MAC: id.MAC, Serial: id.Serial, Weak: id.Weak}
	if f.Err != nil {
		m.Error = f.Err.Error()
	}
	return m
}

// scanJSON is a scan as scripts read it.
type scanJSON struct {
	Asked    int           `json:"asked"`
	Mute     int           `json:"mute"`
	Machines []machineJSON `json:"machines"`
	Others   []machineJSON `json:"others"`
	Twins    []twinJSON    `json:"twins"`
}

type twinJSON struct {
	Key       string   `json:"key"`
	Addresses []string `json:"addresses"`
}

func scanned(r scan.Report) scanJSON {
	out := scanJSON{Asked: r.Asked, Mute: r.Mute, Machines: []machineJSON{}, Others: []machineJSON{}, Twins: []twinJSON{}}
	for _, f := range r.Found {
		if f.Err != nil {
			out.Others = append(out.Others, asMachine(f))
			continue
		}
		out.Machines = append(out.Machines, asMachine(f))
	}
	for _, t := range r.Twins {
		out.Twins = append(out.Twins, twinJSON{t.Key, t.Hosts})
	}
	return out
}

// tellScan prints a scan for people.
func tellScan(w io.Writer, r scan.Report) {
	count := map[device.Family]int{}
	others := 0
	for _, f := range r.Found {
		if f.Err != nil {
			others++
			fmt.Fprintf(w, "%-15s  %s\n", f.Address.Host, firstLine(f.Err))
			continue
		}
		count[f.Identity.Family]++
		fmt.Fprintf(w, "%-15s  %-10s  %-20s  %-24s  %s\n", f.Address.Host, f.Identity.Family, clean(f.Identity.Model), clean(f.Identity.Firmware+" "+f.Identity.Version), clean(nameOf(f.Identity)))
	}
	for _, t := range r.Twins {
		fmt.Fprintf(w, "%s answers at %s: one machine, or a copied configuration; find out before you command it\n", clean(t.Key), strings.Join(t.Hosts, ", "))
	}
	fmt.Fprintf(w, "%d addresses asked, %d machines", r.Asked, len(r.Found)-others)
	for _, f := range families() {
		if count[f] > 0 {
			fmt.Fprintf(w, ", %d %s", count[f], f)
		}
	}
	fmt.Fprintf(w, "; %d others, %d that hang up on everybody\n", others, r.Mute)
}

// nameOf is how a machine is told from its neighbours.
func nameOf(id device.Identity) string {
	switch {
	case id.MAC != "":
		return id.MAC
	case id.Serial != "":
		return id.Serial
	}
	return "(states neither MAC nor serial)"
}

// firstLine is an error for a table.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return clean(line)
}

// harmless takes out of a text what a terminal would obey.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// clean is a machine's words for a table: harmless, and not long.
func clean(s string) string {
	s = harmless(s)
	if runes := []rune(s); len(runes) > 160 {
		s = string(runes[:160]) + "…"
	}
	return strings.TrimSpace(s)
}

// progress says every quarter of a long scan how far it is.
func progress(w io.Writer) func(done, total int) {
	said := 0
	return func(done, total int) {
		if quarter := 4 * done / max(1, total); quarter > said && total >= 512 {
			said = quarter
			fmt.Fprintf(w, "asked %d of %d addresses\n", done, total)
		}
	}
}
