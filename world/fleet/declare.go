package fleet

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sluice/device"
	"sluice/driver/sitefile"
	"sluice/site"
	"sluice/unit"
)

// Written is the first line of a site file that a virtual site wrote, so that
// no other file is written over.
const Written = "# Written by sluice world for a site of virtual machines; writing it again replaces it.\n"

// Declaration is what a site file of a virtual site says beside what the site
// is. The zero value says the defaults.
type Declaration struct {
	Name  string     // of the site; empty: virtual- and the seed
	Limit unit.Power // import limit of the connection; 0: nine tenths of what the meter shows with all machines at their nameplates

	Place    string         // where it is drawn, for people; empty: this computer
	Position *site.Position // the same for a map; nil: on no map
}

// SiteFile is a complete site file for exactly this site: one group for each
// family on each feeder, at the addresses where its machines stand. The error
// says what to change when the site does not fit a site file.
func (s *Site) SiteFile(d Declaration) ([]byte, error) {
	w := &writer{site: s, full: s.full()}
	w.limit, w.name, w.place, w.position = d.Limit, d.Name, cmp.Or(d.Place, "this computer"), d.Position
	if w.name == "" {
		w.name = fmt.Sprintf("virtual-%d", s.fleet.config.Seed)
	}
	if w.limit == 0 {
		w.limit = s.connection(w.full).Power * 9 / 10
	}
	w.head()
	w.fleet()
	w.hosting()
	w.control()
	if n := w.out.Len(); n > fileMax {
		return nil, fmt.Errorf("a site file of %d KiB is more than anybody reads: let machines of a family stand side by side, with --rack 100", n>>10)
	}
	if _, err := sitefile.Read(bytes.NewReader(w.out.Bytes()), "the site file of this virtual site"); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
}

// fileMax is the largest site file that is read.
const fileMax = 128 << 10

// full is the load of every feeder with all machines at their nameplates.
func (s *Site) full() []Load {
	out := make([]Load, s.grid.Feeders)
	for i := range out {
		for _, u := range s.on(i) {
			out[i].Power += u.Machine.Spec.Nameplate.Power
		}
		out[i] = out[i].times(s.grid.PUE)
		out[i].Power += s.grid.auxiliary(i)
	}
	out[len(out)-1].Power += s.grid.hallPower()
	return out
}

// writer writes a site file.
type writer struct {
	site  *Site
	full  []Load
	name  string
	limit unit.Power
	out   bytes.Buffer

	place    string
	position *site.Position
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

// head writes the site, its connection and its contract.
func (w *writer) head() {
	c, g := w.site.fleet.config, w.site.grid
	rating := max(w.limit, margin(w.site.connection(w.full).Power))
	w.out.WriteString(Written)
	w.line("name: %s", w.name)
	w.line("place: %s", strconv.Quote(w.place))
	if p := w.position; p != nil {
		w.line("position: {latitude: %s, longitude: %s}", plain(p.Latitude), plain(p.Longitude))
	}
	w.line("time_zone: America/Chicago\ncurrency: USD")
	w.line("notes:\n  - \"The machines and meters of this site are virtual (sluice world --miners %d --seed %d).\"", c.Miners, c.Seed)
	w.line("connection:\n  import_limit_mw: %s\n  rating_mw: %s", mega(w.limit), mega(rating))
	w.line("must_run_mw: %s # house load and its losses", mega(g.Auxiliary.ScaleUp(unit.One+g.Losses)))
	w.line("feeders:")
	for i := range g.Feeders {
		w.line("  - {name: %s, limit_mw: %s}", feederName(i), mega(margin(w.full[i].Power)))
	}
	w.line("halls:")
	for i := range g.Feeders {
		w.line("  - {name: %s, feeder: %s}", hallName(i), feederName(i))
	}
	if g.GPUs > 0 {
		w.line("  - {name: %s, feeder: %s, limit_mw: %s}", gpuHall, feederName(g.Feeders-1), mega(margin(g.hallPower())))
	}
	w.line("contracts:\n  spot:\n    settlement_point: HB_HOUSTON\n    import_adder_per_mwh: 3.50\n    published: after_interval")
	w.line("prices:\n  file: houston_rt15_2021-2025.csv.gz")
}

// margin is what a breaker bears above what is behind it.
func margin(p unit.Power) unit.Power { return p.ScaleUp(unit.One * 11 / 10) }

// plain writes an angle as a number, exactly.
func plain(d site.Degrees) string {
	if d < 0 {
		return "-" + decimal(int64(-d), 6)
	}
	return decimal(int64(d), 6)
}

func hallName(feeder int) string { return fmt.Sprintf("hall-%d", feeder+1) }

// mega writes a power in megawatts, exactly.
func mega(p unit.Power) string { return decimal(int64(p), 6) }

// decimal writes v tenths to the power of places without trailing zeros.
func decimal(v int64, places int) string {
	text := fmt.Sprintf("%0*d", places+1, v)
	whole, rest := text[:len(text)-places], strings.TrimRight(text[len(text)-places:], "0")
	if rest == "" {
		return whole
	}
	return whole + "." + rest
}

// fleet writes the machine models and the groups.
func (w *writer) fleet() {
	w.line("models:")
	for _, x := range w.site.models() {
		w.line("  - name: %s\n    maker: virtual\n    power_w: %d\n    hashrate_ths: %s\n    source: sluice world", modelName(x), x.presets[x.full].Power, hash(x.presets[x.full]))
		w.line("    curves:\n      - points:")
		for _, p := range x.presets {
			w.line("          - {label: \"%s\", power_w: %d, hashrate_ths: %s, source: sluice world}", p.Name, p.Power, hash(p))
		}
	}
	pue := unit.Ratio(unit.MulDiv(int64(w.site.grid.PUE), int64(unit.One+w.site.grid.Losses), int64(unit.One)))
	w.line("groups:")
	for _, g := range w.site.groups() {
		x := g.model
		restart := faster(x.times, w.site.fleet.config.Speed).Up
		w.line("  - name: %s\n    hall: %s\n    model: %s\n    count: %d\n    pue: %s\n    restart_minutes: %s",
			g.name, hallName(g.feeder), modelName(x), len(g.units), decimal(int64(pue), 6), minutes(restart))
	}
}

// modelName keeps virtual models apart from those of the catalogue.
func modelName(x model) string { return "Virtual " + x.name }

func hash(p device.Preset) string { return decimal(int64(p.Hash), 3) }

// minutes writes a duration in minutes, rounded up to a thousandth of one.
func minutes(d time.Duration) string {
	const thousandth = time.Minute / 1000
	return decimal(int64((d+thousandth-1)/thousandth), 3)
}

// models lists the models that stand on the site, in the order of families.
func (s *Site) models() []model {
	var out []model
	for _, f := range Families() {
		for _, x := range models()[f] {
			if slices.ContainsFunc(s.fleet.units, func(u Unit) bool { return u.Family == f && u.Machine.Spec.Model == x.name }) {
				out = append(out, x)
			}
		}
	}
	return out
}

// group is the machines of one model on one feeder.
type group struct {
	name   string
	model  model
	feeder int
	units  []Unit // in the order of addresses
}

// groups lists them by feeder, then in the order of families.
func (s *Site) groups() []group {
	var out []group
	for i := range s.grid.Feeders {
		for _, f := range Families() {
			for n, x := range models()[f] {
				name := string(f)
				if n > 0 {
					name += "-" + strings.ToLower(x.name)
				}
				g := group{name: fmt.Sprintf("%s-%d", name, i+1), model: x, feeder: i}
				for _, u := range s.on(i) {
					if u.Family == f && u.Machine.Spec.Model == x.name {
						g.units = append(g.units, u)
					}
				}
				if len(g.units) > 0 {
					out = append(out, g)
				}
			}
		}
	}
	return out
}

// control writes how the site is reached.
func (w *writer) control() {
	c, g := w.site.fleet.config, w.site.grid
	w.line("control:\n  device_networks: [%s, %s]", c.Network.Masked(), g.Meters.Masked())
	w.line("  poll_seconds: 10\n  port_offset: %d\n  shed_seconds: 60\n  fast_reboots_per_day: %s\n  wakes_per_feeder: 50", c.Offset, c.fast())
	w.line("  machines:")
	for _, group := range w.site.groups() {
		w.line("    - group: %s\n      addresses:", group.name)
		for _, s := range stretches(group.units) {
			w.line("        - %s", s)
		}
	}
	w.line("  meters:")
	for _, m := range w.site.meters {
		kind := "revenue"
		if m.feeder >= 0 {
			kind = "feeder\n      of: " + feederName(m.feeder)
		}
		w.line("    - name: %s\n      kind: %s\n      template: %s\n      address: %s\n      port: %d", m.Name, kind, g.Template, m.Address, meterPort)
	}
	w.line("  pools:")
	for _, p := range pools(w.site.fleet.Count()) {
		w.line("    - {url: \"%s\", worker: \"%s\"}", p.URL, p.Worker)
	}
}

// stretches joins neighbours.
func stretches(units []Unit) []sitefile.Stretch {
	var out []sitefile.Stretch
	for _, u := range units {
		if n := len(out); n > 0 && out[n-1].Last.Next() == u.Address {
			out[n-1].Last = u.Address
			continue
		}
		out = append(out, sitefile.Stretch{First: u.Address, Last: u.Address})
	}
	return out
}

// pools is where virtual machines of these families say that they mine.
func pools(count map[device.Family]int) []sitefile.Pool {
	var out []sitefile.Pool
	for _, f := range Families() {
		if count[f] == 0 {
			continue
		}
		own := []sitefile.Pool{{URL: "stratum+tcp://one.example:3333", Worker: "site.*"}, {URL: "stratum+tcp://two.example:3333", Worker: "site.*"}}
		if f == device.WhatsMiner || f == device.EPIC {
			own = []sitefile.Pool{{URL: "stratum+tcp://pool.example:3333", Worker: "sluice.*"}}
		}
		if f == device.VNish {
			own = []sitefile.Pool{{URL: "one.example:3333", Worker: "site.*"}, {URL: "two.example:3333", Worker: "site.*"}}
		}
		for _, p := range own {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}
