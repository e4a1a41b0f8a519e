package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sluice/driver/sitefile"
	"sluice/unit"
)

// controlDeclaration is what a site file says about running the site live.
type controlDeclaration struct {
	Networks    []string           `json:"device_networks"`
	Poll        float64            `json:"poll_seconds"`
	PortOffset  int                `json:"port_offset"`
	Machines    int                `json:"machines"`
	Meters      []meterDeclaration `json:"meters"`
	Pools       []string           `json:"pools"`
	Shed        float64            `json:"shed_seconds"`
	FastReboots unit.Ratio         `json:"fast_reboots_per_day_millionths"`
	Starts      int                `json:"starts_per_day"`
	Wakes       int                `json:"wakes_per_feeder"`
}

type meterDeclaration struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Of       string `json:"of,omitempty"`
	Template string `json:"template"`
	Address  string `json:"address"`
}

// declareControl turns a control section into what is shown of it; nil stays nil.
func declareControl(c *sitefile.Control) *controlDeclaration {
	if c == nil {
		return nil
	}
	d := &controlDeclaration{
		Poll: c.Poll.Seconds(), PortOffset: c.PortOffset, Pools: []string{},
		Shed: c.Shed.Seconds(), FastReboots: c.FastReboots, Starts: c.Starts, Wakes: c.Wakes,
	}
	for _, p := range c.Networks {
		d.Networks = append(d.Networks, p.String())
	}
	for _, m := range c.Machines {
		d.Machines += m.Addresses.Count()
	}
	for _, m := range c.Meters {
		d.Meters = append(d.Meters, meterDeclaration{Name: m.Name, Kind: string(m.Kind), Of: m.Of, Template: m.Template, Address: m.Address.String()})
	}
	for _, p := range c.Pools {
		d.Pools = append(d.Pools, p.URL+" as "+p.Worker)
	}
	return d
}

// print writes the control section for people.
func (d *controlDeclaration) print(w io.Writer) {
	if d == nil {
		fmt.Fprintln(w, "  control: none, so the site can be planned and replayed but not run live")
		return
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	fmt.Fprintf(w, "  control: %d machines in %s, read every %s; power falls within %s of a cut\n",
		d.Machines, strings.Join(d.Networks, ", "), seconds(d.Poll), seconds(d.Shed))
	wakes := fmt.Sprintf("%d wakes at a time on a feeder", d.Wakes)
	if d.Wakes == 0 {
		wakes = "wakes without a bound"
	}
	if d.Starts > 0 {
		wakes += fmt.Sprintf(", %d starts a day of each machine for economics", d.Starts)
	}
	fmt.Fprintf(w, "  reserve: %g fast reboots a day of each machine; %s", d.FastReboots.Float(), wakes)
	if d.PortOffset > 0 {
		fmt.Fprintf(w, "; ports moved by %d", d.PortOffset)
	}
	fmt.Fprintln(w)
	for _, m := range d.Meters {
		fmt.Fprintf(w, "  meter %-20s %-24s %s at %s\n", m.Name, strings.TrimSpace(m.Kind+" "+m.Of), m.Template, m.Address)
	}
	if len(d.Pools) == 0 {
		fmt.Fprintln(w, "  pools: not watched")
		return
	}
	fmt.Fprintf(w, "  pools: %s\n", strings.Join(d.Pools, ", "))
}
