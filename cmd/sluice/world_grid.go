package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sluice/site"
	"sluice/unit"
	"sluice/world/fleet"
	"sluice/world/modbus"
)

// gridFlags is the part of the command line about feeders, meters and the site file.
type gridFlags struct {
	grid      fleet.Grid
	meters    string
	pue       string
	auxiliary string
	losses    string
	noise     string
	faults    []string
	trips     []string
	tripFor   int
	file      string
	name      string
	limit     string
	place     string
	position  string
	at        *site.Position // position, read
	hall      string
}

func (g *gridFlags) add(f *pflag.FlagSet) {
	f.StringVar(&g.meters, "meters", "", "network of the meters, such as 127.8.0.0/24: .1 is the revenue meter, then one a feeder (default: no meters)")
	f.IntVar(&g.grid.Feeders, "feeders", 1, "machines are dealt over so many feeders, in the order of their addresses")
	f.StringVar(&g.grid.Template, "meter-template", "schneider-pm5000", "what kind of meters they are: a shipped template")
	f.StringVar(&g.pue, "pue", "1", "watts at a feeder's meter for one watt at the machines")
	f.StringVar(&g.auxiliary, "auxiliary-kw", "0", "house load that always draws, dealt over the feeders")
	f.StringVar(&g.losses, "losses-percent", "0", "lost between the feeders and the revenue meter")
	f.DurationVar(&g.grid.Cadence, "meter-cadence", time.Second, "meters renew what they show so often, at least a second")
	f.StringVar(&g.noise, "meter-noise-percent", "0", "standard deviation of the power shown; energies have none")
	f.StringArrayVar(&g.faults, "meter-fault", nil, "what is wrong with a meter, such as revenue=swapped; also stuck, silent, and scaled or scaled:0.4 (0.75 unless stated); may be repeated")
	f.StringArrayVar(&g.trips, "trip", nil, "a feeder loses its supply so long after the start, such as feeder-1@90s; may be repeated")
	f.IntVar(&g.tripFor, "trip-seconds", 20, "for so long; then its machines boot, within half a minute of one another")
	f.IntVar(&g.grid.GPUs, "gpus", 0, "the site file has a hall with so many GPUs too, in servers of eight, behind the last feeder")
	f.StringVar(&g.hall, "gpu-hall", "", "data directory of the 'sluice hall run' of that hall: the meters show what it draws")
	f.StringVar(&g.file, "site-file", "", "write the site file for exactly this site, so that sluice serve can run it")
	f.StringVar(&g.name, "name", "", "name of the site in the site file (default: virtual- and the seed)")
	f.StringVar(&g.place, "place", "", "where the site file says that it is, for people (default: this computer)")
	f.StringVar(&g.position, "position", "", "the same for a map: degrees north and east, such as 29.8,-95.4 (default: on no map)")
	f.StringVar(&g.limit, "limit-mw", "", "import limit in the site file (default: nine tenths of what the revenue meter shows at nameplates)")
}

// connect builds and opens the meters and writes the site file. Without
// --meters there are none: the site is then empty and may be stopped all the same.
func (g *gridFlags) connect(flags *pflag.FlagSet, f *fleet.Fleet) (*fleet.Site, error) {
	if g.meters == "" {
		for _, name := range []string{"feeders", "meter-template", "pue", "auxiliary-kw", "losses-percent", "meter-cadence", "meter-noise-percent", "meter-fault", "trip", "trip-seconds", "site-file", "name", "place", "position", "limit-mw", "gpus", "gpu-hall"} {
			if flags.Changed(name) {
				return nil, fmt.Errorf("--%s needs --meters: give a network such as --meters 127.8.0.0/24", name)
			}
		}
		return &fleet.Site{}, nil
	}
	limit, err := g.read()
	if err != nil {
		return nil, err
	}
	if g.hall != "" {
		g.grid.Guest = &fleet.Guest{}
	}
	site, err := g.declare(f, limit)
	if err != nil {
		return nil, err
	}
	return site, site.Open()
}

// declare puts meters in front of the machines, and writes the site file where that was
// asked for.
func (g *gridFlags) declare(f *fleet.Fleet, limit unit.Power) (*fleet.Site, error) {
	site, err := f.Behind(g.grid)
	if err == nil && g.file != "" {
		err = declareWorld(g.file, site, fleet.Declaration{Name: g.name, Limit: limit, Place: g.place, Position: g.at})
	}
	return site, err
}

// read turns the flags into a grid and an import limit, which is zero when none is given.
func (g *gridFlags) read() (unit.Power, error) {
	var limit int64
	var faults []error
	number := func(name, text string, decimals int, to *int64) {
		v, err := unit.ParseDecimal(text, decimals)
		if err != nil {
			faults = append(faults, fmt.Errorf("--%s %q: write a plain decimal number", name, text))
		}
		*to = v
	}
	number("pue", g.pue, 6, (*int64)(&g.grid.PUE))
	number("auxiliary-kw", g.auxiliary, 3, (*int64)(&g.grid.Auxiliary))
	number("losses-percent", g.losses, 4, (*int64)(&g.grid.Losses))
	number("meter-noise-percent", g.noise, 4, (*int64)(&g.grid.Noise))
	if g.limit != "" {
		number("limit-mw", g.limit, 6, &limit)
		if limit <= 0 && len(faults) == 0 {
			faults = append(faults, fmt.Errorf("--limit-mw %s: state a power above zero", g.limit))
		}
	}
	var err error
	if g.grid.Meters, err = netip.ParsePrefix(g.meters); err != nil {
		faults = append(faults, fmt.Errorf("--meters %q: write one such as 127.8.0.0/24", g.meters))
	}
	g.grid.Faults, err = meterFaults(g.faults)
	faults = append(faults, err)
	faults = append(faults, g.readPosition())
	g.grid.Trips, err = trips(g.trips, time.Duration(g.tripFor)*time.Second)
	return unit.Power(limit), errors.Join(append(faults, err)...)
}

// readPosition reads where the site is drawn.
func (g *gridFlags) readPosition() error {
	if g.position == "" {
		return nil
	}
	north, east, both := strings.Cut(g.position, ",")
	latitude, wrong := unit.ParseMicro(north)
	longitude, err := unit.ParseMicro(east)
	if !both || wrong != nil || err != nil {
		return fmt.Errorf("--position %q: write degrees north and degrees east, such as 29.8,-95.4", g.position)
	}
	g.at = &site.Position{Latitude: site.Degrees(latitude), Longitude: site.Degrees(longitude)}
	return nil
}

// meterFaults reads faults such as revenue=swapped.
func meterFaults(texts []string) (map[string]fleet.MeterFault, error) {
	out := map[string]fleet.MeterFault{}
	for _, text := range texts {
		name, what, _ := strings.Cut(text, "=")
		kind, factor, stated := strings.Cut(what, ":")
		var f fleet.MeterFault
		switch {
		case kind == "swapped" && !stated:
			f.Mischief = modbus.Mischief{Swapped: true}
		case kind == "stuck" && !stated:
			f.Mischief = modbus.Mischief{Stuck: true}
		case kind == "silent" && !stated:
			f.Mischief = modbus.Mischief{Silent: true}
		case kind == "scaled":
			f.Scale = 750_000
			if v, err := unit.ParseMicro(factor); stated && (err != nil || v <= 0) {
				return nil, fmt.Errorf("--meter-fault %q: write a factor above zero, such as scaled:0.4", text)
			} else if stated {
				f.Scale = unit.Ratio(v)
			}
		default:
			return nil, fmt.Errorf("--meter-fault %q: write meter=fault, with swapped, stuck, silent or scaled", text)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("--meter-fault %q: meter %s has a fault already: give one", text, name)
		}
		out[name] = f
	}
	return out, nil
}

// trips reads when feeders lose their supply, such as feeder-1@90s.
func trips(texts []string, long time.Duration) ([]fleet.Trip, error) {
	var out []fleet.Trip
	for _, text := range texts {
		feeder, at, _ := strings.Cut(text, "@")
		after, err := time.ParseDuration(at)
		if err != nil {
			return nil, fmt.Errorf("--trip %q: write feeder@time, such as feeder-1@90s", text)
		}
		out = append(out, fleet.Trip{Feeder: feeder, After: after, For: long})
	}
	return out, nil
}

// declareWorld writes the site file, over an earlier one of a virtual site but
// over no other file.
func declareWorld(path string, site *fleet.Site, d fleet.Declaration) error {
	text, err := site.SiteFile(d)
	if err != nil {
		return err
	}
	path = filepath.Clean(path)
	before, err := os.ReadFile(path)
	if err == nil && !bytes.HasPrefix(before, []byte(fleet.Written)) {
		return fmt.Errorf("--site-file %s: it exists and no virtual site wrote it: give another name", path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--site-file: %w", err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("--site-file: %w", err)
	}
	return nil
}
