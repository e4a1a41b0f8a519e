package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/driver/scan"
)

func newDeviceTest() *cobra.Command {
	var f deviceFlags
	c := &cobra.Command{
		Use:     "test ADDRESS",
		Short:   "Identify one machine and show everything that it says and can do",
		Long:    "Identifies the machine, opens it with its credential and reads everything. Nothing is written.\n" + deviceHelp + exitHelp,
		Example: "  sluice device test 10.20.1.17 --network 10.20.0.0/16 --credentials miners.csv",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return f.test(c, args[0]) },
	}
	f.bind(c)
	return c
}

// test prints one machine.
func (f *deviceFlags) test(c *cobra.Command, target string) error {
	b, err := f.bench()
	if err != nil {
		return err
	}
	p, err := b.target(target)
	if err != nil {
		return err
	}
	if !p.IsSingleIP() {
		return input(fmt.Errorf("%s: give the address of one machine; for a network use sluice device scan", target))
	}
	found, err := b.look(c.Context(), target, nil)
	if err != nil {
		return err
	}
	if len(found.Found) == 0 {
		return fmt.Errorf("%s: nobody answers: is it switched on, and is %s the right address?", target, target)
	}
	m := b.meet(c.Context(), found.Found[0], device.All)
	defer m.close(c.Context())
	if m.err != nil {
		return fmt.Errorf("%s: %w", target, m.err)
	}
	if f.asJSON {
		return encode(c.OutOrStdout(), struct {
			Machine      machineJSON         `json:"machine"`
			Capabilities device.Capabilities `json:"capabilities"`
			Reading      device.Reading      `json:"reading"`
		}{asMachine(m.found), m.can, m.before})
	}
	tellMachine(c.OutOrStdout(), m)
	return nil
}

// met is a machine that was found, and opened and read if that went well.
type met struct {
	bench  *bench
	found  scan.Found
	dev    device.Device
	can    device.Capabilities
	before device.Reading
	err    error
}

// meet opens and reads a machine.
func (b *bench) meet(ctx context.Context, f scan.Found, what device.What) *met {
	m := &met{bench: b, found: f, err: f.Err}
	if m.err != nil {
		return m
	}
	key, err := b.key(f.Identity, f.Address)
	if err != nil {
		m.err = err
		return m
	}
	open, cancel := context.WithTimeout(ctx, b.flags.timeout)
	m.dev, m.err = f.Driver.Open(open, f.Address, f.Identity, key)
	cancel()
	if m.err != nil {
		m.dev = nil
		return m
	}
	m.can = m.dev.Capabilities()
	m.before, m.err = m.read(ctx, what)
	return m
}

// read reads within the timeout of one answer.
func (m *met) read(ctx context.Context, what device.What) (device.Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, m.bench.flags.timeout)
	defer cancel()
	return m.dev.Read(ctx, what)
}

// close gives sessions back even after an interruption.
func (m *met) close(ctx context.Context) {
	if m.dev == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.bench.flags.timeout)
	defer cancel()
	_ = m.dev.Close(ctx)
}

// tellMachine prints a machine for people.
func tellMachine(w io.Writer, m *met) {
	id, r, can := m.found.Identity, m.before, m.can
	line := func(name, format string, v ...any) {
		fmt.Fprintf(w, "%-14s %s\n", name, clean(fmt.Sprintf(format, v...)))
	}
	line("machine", "%s %s at %s", id.Maker, id.Model, m.found.Address.Host)
	line("dialect", "%s: %s %s", id.Family, id.Firmware, id.Version)
	line("name", "%s", nameOf(id))
	line("state", "%s (told to be: %s)", value(r.Activity), value(r.Intent))
	line("mode", "%s", value(r.Mode))
	line("power", "%s, limit %s", value(r.Power), value(r.Limit))
	line("hash rate", "%s GH/s now, %s GH/s over a minute or more, %s GH/s ideal", value(r.Hash), value(r.HashMean), value(r.Ideal))
	line("uptime", "%s, %s shares", value(r.Uptime), value(r.Accepted))
	for _, t := range r.Chips {
		line("temperature", "%s: %.1f °C", t.Where, float64(t.MilliC)/1000)
	}
	for _, f := range r.Fans {
		line("fan", "%s: %d rpm", f.Name, f.RPM)
	}
	for _, p := range r.Pools {
		line("pool", "%s as %s (alive: %s, in use: %s)", p.URL, p.Worker, value(p.Alive), value(p.Active))
	}
	for _, f := range r.Faults {
		line("fault", "%s %s", f.Code, f.Text)
	}
	line("can", "%s", strings.Join(abilities(can), "; "))
}

// value is a stated value, or a word for none.
func value[T any](v device.Value[T]) string {
	if !v.Known {
		return "not stated"
	}
	return fmt.Sprint(v.Value)
}

// abilities says what a firmware can do.
func abilities(c device.Capabilities) []string {
	out := []string{"no sleep"}
	if c.Sleep && c.Wake {
		out = []string{"sleep and wake"}
	}
	switch c.Level {
	case device.Watts:
		out = append(out, fmt.Sprintf("any power from %s to %s (%s)", c.Least, c.Most, c.LevelCost))
	case device.NoLevels, "":
		out = append(out, "no levels")
	case device.Modes, device.Presets, device.Percent:
		var names []string
		for _, p := range c.Presets {
			names = append(names, step(p))
		}
		out = append(out, fmt.Sprintf("%s (%s): %s", c.Level, c.LevelCost, strings.Join(names, ", ")))
	}
	if c.PowerSource == "" {
		return append(out, "states no power")
	}
	return append(out, "power by "+string(c.PowerSource))
}

// step is a preset in a list.
func step(p device.Preset) string {
	if p.Power == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s at %s", p.Name, p.Power)
}
