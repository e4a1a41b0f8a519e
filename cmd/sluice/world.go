package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sluice/device"
	"sluice/world/fleet"
)

// worldFlags is the command line of a virtual site.
type worldFlags struct {
	config   fleet.Config
	network  string
	families string
	mood     string
	inside   string
	air      string
	list     bool
	grid     gridFlags
}

func newWorld() *cobra.Command {
	c, _ := worldCommand()
	return c
}

// worldCommand is the command with the flags that it fills.
func worldCommand() (*cobra.Command, *worldFlags) {
	f := &worldFlags{}
	c := &cobra.Command{
		Use:   "world --miners N",
		Short: "Serve a site of virtual machines on loopback addresses",
		Long: `Serves virtual machines of every family, each at an address of its own inside
127.0.0.0/8, in the dialects and on the ports of real ones, until it is stopped
with Ctrl-C. They ramp, boot, sleep, restart, heat up, fail and lie as their seed
says. Nothing
outside this computer can reach them. Ports below 1024 need a privilege that
most users do not have: give --port-offset here and to sluice device.

With --meters it has feeders and Modbus TCP meters that show what the machines
truly draw, and --site-file writes the site file for it.

One line beginning with "ready" says that every port is open.
` + exitHelp,
		Example: "  sluice world --miners 60 --seed 7 --port-offset 10000\n  sluice device scan 127.7.0.0/26 --network 127.7.0.0/16 --port-offset 10000\n  sluice world --miners 60 --port-offset 10000 --feeders 2 --meters 127.8.0.0/24 --pue 1.05 --auxiliary-kw 20 --site-file virtual.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	c.Flags().IntVar(&f.config.Miners, "miners", 60, "number of machines")
	c.Flags().Uint64Var(&f.config.Seed, "seed", 1, "the same seed, the same machines with the same faults")
	c.Flags().StringVar(&f.network, "network", "127.7.0.0/16", "where they stand, inside 127.0.0.0/8")
	c.Flags().StringVar(&f.families, "families", "", "weights, such as antminer=3,luxos=1 (default: the mix of an ordinary site)")
	c.Flags().IntVar(&f.config.Rack, "rack", 0, "so many machines side by side are of one family (default: 1, and 50 where there are more than 2000)")
	c.Flags().StringVar(&f.mood, "faults", string(fleet.Calm), "what goes wrong: none, field or hostile")
	c.Flags().IntVar(&f.config.Liars, "liars", -1, "so many of a thousand say yes and do nothing (default: by --faults)")
	c.Flags().IntVar(&f.config.Bad, "bad", 0, "so many of a thousand answer nothing of use: a quarter each refuses, hangs, sends garbage, never ends")
	c.Flags().Float64Var(&f.config.Reboots, "reboots", -1, "so often a day each machine restarts by itself, to full power unless its family keeps what it was told (default: by --faults)")
	c.Flags().StringVar(&f.air, "air", "", "mean and amplitude of the air of a day in degrees Celsius, such as 30:8 (default: by --faults)")
	c.Flags().IntVar(&f.config.Locked, "locked", -1, "so many of a thousand WhatsMiners refuse orders, as before their operator enabled them (default: by --faults)")
	c.Flags().IntVar(&f.config.Occupied, "occupied", -1, "of so many of a thousand LuxOS and WhatsMiners another controller holds the session or all logins (default: by --faults)")
	c.Flags().DurationVar(&f.config.Latency, "latency", 0, "every answer comes so much later, such as 300ms")
	c.Flags().IntVar(&f.config.Speed, "speed", 1, "ramps and boots are so many times faster; clocks are not")
	c.Flags().IntVar(&f.config.Offset, "port-offset", 0, "added to every port")
	c.Flags().StringVar(&f.inside, "password-file", "", "file with the one password of all machines that have one (default: each family's own default)")
	c.Flags().BoolVar(&f.list, "list", false, "print a line of JSON for each machine before it is ready, with its secrets such as whether it lies")
	f.grid.add(c.Flags())
	return c, f
}

// run serves until the end of the context, which is no failure.
func (f *worldFlags) run(c *cobra.Command) error {
	if err := f.read(); err != nil {
		return input(err)
	}
	site, err := fleet.New(f.config, time.Now())
	if err != nil {
		return input(err)
	}
	metered, err := f.grid.connect(c.Flags(), site)
	if err != nil {
		return input(err)
	}
	open, err := site.Listen(c.Context())
	if err != nil {
		return input(errors.Join(err, metered.Stop()))
	}
	err = f.serve(c, site, metered, open)
	return errors.Join(err, metered.Stop())
}

// serve tells what stands there and serves it.
func (f *worldFlags) serve(c *cobra.Command, site *fleet.Fleet, metered *fleet.Site, open []fleet.Socket) error {
	if f.list {
		if err := listUnits(c.OutOrStdout(), site); err != nil {
			return err
		}
	}
	w := c.OutOrStdout()
	count := site.Count()
	for _, family := range fleet.Families() {
		if count[family] > 0 {
			fmt.Fprintf(w, "%-12s %6d\n", family, count[family])
		}
	}
	for _, m := range metered.Meters() {
		fmt.Fprintf(w, "meter        %s at %s\n", m.Name, m.Wire.Addr())
	}
	units := site.Units()
	fmt.Fprintf(w, "ready: %d machines at %s to %s, port offset %d, seed %d (stop with Ctrl-C)\n",
		len(units), units[0].Address, units[len(units)-1].Address, f.config.Offset, f.config.Seed)
	var beside sync.WaitGroup
	beside.Go(func() { f.grid.watchHall(c.Context()) })
	defer beside.Wait()
	return site.Serve(c.Context(), open)
}

// read turns the flags into a config.
func (f *worldFlags) read() error {
	var err error
	if f.config.Network, err = netip.ParsePrefix(f.network); err != nil {
		return fmt.Errorf("--network %q: write one such as 127.7.0.0/16", f.network)
	}
	if f.config.Families, err = weights(f.families); err != nil {
		return err
	}
	if f.config.Air, err = air(f.air); err != nil {
		return err
	}
	f.config.Mood = fleet.Mood(f.mood)
	if f.inside == "" {
		return nil
	}
	secret, err := os.ReadFile(f.inside)
	if err != nil {
		return fmt.Errorf("--password-file: %w", err)
	}
	f.config.Password = strings.TrimSpace(string(secret))
	return nil
}

// weights reads "antminer=3,luxos=1"; nothing at all is no wish.
func weights(text string) (map[device.Family]int, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no wish is no error
	}
	out := map[device.Family]int{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		w, err := strconv.Atoi(value)
		family := device.Family(name)
		if err != nil || w < 0 || !slices.Contains(fleet.Families(), family) {
			return nil, fmt.Errorf("--families: %q: write family=weight, with a family of %v", part, fleet.Families())
		}
		out[family] = w
	}
	return out, nil
}

// air reads "30:8"; nothing at all is no wish.
func air(text string) (*fleet.Air, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no wish is no error
	}
	mean, swing, _ := strings.Cut(text, ":")
	var a fleet.Air
	var one, two error
	a.Mean, one = strconv.ParseFloat(mean, 64)
	a.Swing, two = strconv.ParseFloat(swing, 64)
	if one != nil || two != nil {
		return nil, fmt.Errorf("--air %q: write mean and amplitude in degrees Celsius, such as 30:8", text)
	}
	return &a, nil
}

// listUnits prints what a scan should find, and what it cannot.
func listUnits(w io.Writer, site *fleet.Fleet) error {
	e := json.NewEncoder(w)
	for _, u := range site.Units() {
		s := u.Machine.Spec
		line := struct {
			Address string        `json:"address"`
			Family  device.Family `json:"family"`
			API     int           `json:"api,omitempty"`
			Model   string        `json:"model"`
			MAC     string        `json:"mac"`
			PowerW  int64         `json:"power_w"`
			HashGHs int64         `json:"hash_ghs"`
			Lies    bool          `json:"lies"`
			Bad     fleet.Trouble `json:"bad,omitempty"`

			Persists bool       `json:"persists"` // what it was told outlives a restart
			Locked   bool       `json:"locked,omitempty"`
			Occupied bool       `json:"occupied,omitempty"`
			Restart  *time.Time `json:"next_restart,omitempty"`
		}{
			Address: u.Address.String(), Family: u.Family, API: u.API, Model: s.Model, MAC: s.MAC, PowerW: int64(s.Nameplate.Power), HashGHs: int64(s.Nameplate.Hash),
			Lies: u.Lies, Bad: u.Bad, Persists: u.Persists, Locked: u.Locked, Occupied: u.Occupied,
		}
		if next := u.Machine.NextRestart(); !next.IsZero() {
			line.Restart = &next
		}
		if err := e.Encode(line); err != nil {
			return fmt.Errorf("list the machines: %w", err)
		}
	}
	return nil
}
