package sitefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/use"
	"sluice/use/mining"
)

func (b *builder) fleet() {
	for _, m := range b.raw.Models {
		b.file.Models = append(b.file.Models, b.model(m))
	}
	for _, g := range b.raw.Groups {
		b.file.Groups = append(b.file.Groups, b.group(g))
		failures := g.Failures
		if failures == nil {
			failures = b.raw.Failures
		}
		if failures != nil {
			b.file.Failures[g.Name] = failures.read()
		}
	}
	raw := b.raw
	b.used()
	b.names("group", len(raw.Groups), func(i int) (string, where) { return raw.Groups[i].Name, raw.Groups[i].Where })
	b.names("model", len(raw.Models), func(i int) (string, where) { return raw.Models[i].Name, raw.Models[i].Where })
}

func (k *failuresKeys) read() Failures {
	return Failures{Between: k.Between, Repair: k.Repair, Seed: uint64(k.Seed)} //nolint:gosec // the decoder refuses negative numbers
}

// used reports a site that has nothing to use power: neither machines nor tenants.
func (b *builder) used() {
	raw, at := b.raw, b.raw.Where.of("groups")
	if len(raw.Groups) > 0 || raw.Where.meant["groups"] || raw.Where.meant["hosting"] || b.unread(raw.Where, "groups") {
		return
	}
	if h := raw.Hosting; h != nil {
		if len(h.Contracts) > 0 || !h.Where.has("contracts") || b.unread(h.Where, "contracts") {
			return
		}
		at = h.Where.of("contracts")
	}
	b.say(at, "nothing here uses power: there is neither a group of machines nor a contract with a tenant",
		"declare groups, each with name, model and count, or hosting with its halls and contracts")
}

// unread reports whether a key is there and its value could not be read, which is said there.
func (b *builder) unread(w where, key string) bool {
	return w.has(key) && slices.ContainsFunc(b.faults, func(f *Fault) bool { return f.hole && (place{f.Line, f.Column}) == w.of(key) })
}

func (b *builder) model(m modelKeys) mining.Model {
	out := mining.Model{Name: m.Name, Maker: m.Maker, Cooling: m.Cooling, Year: m.Year, Power: m.Power, Hashrate: m.Hashrate, Source: m.Source}
	for _, c := range m.Curves {
		curve := mining.Curve{Firmware: c.Firmware}
		for i, p := range c.Points {
			point := mining.Point{Label: p.Label, Power: p.Power, Hashrate: p.Hashrate, Confidence: mining.Confidence(p.Confidence), Source: p.Source}
			if i > 0 {
				b.rising(m.Name, i, p, curve.Points[i-1])
			}
			curve.Points = append(curve.Points, point)
		}
		out.Curves = append(out.Curves, curve)
	}
	return out
}

// rising reports a point that does not rise above the one before, at its own line.
func (b *builder) rising(model string, i int, p pointKeys, before mining.Point) {
	if p.Power > before.Power && p.Hashrate > before.Hashrate || p.Power == 0 || p.Hashrate == 0 {
		return
	}
	point := mining.Point{Power: p.Power, Hashrate: p.Hashrate}
	b.miss(p.Where.place, fmt.Sprintf("model %q: point %d (%s) does not rise above point %d (%s)", model, i+1, point, i, before),
		"more power must bring more hash rate: sort the points, or leave out the worse of the two")
}

func (b *builder) group(g groupKeys) mining.Group {
	out := mining.Group{
		Name: g.Name, Hall: b.hallOf(g.Hall, fmt.Sprintf("group %q", g.Name), g.Where), Model: g.Model, Firmware: g.Firmware, Count: g.Count,
		Health: g.Health, MaxPower: g.MaxPower, Overclock: g.Overclock,
		Cooling: use.Cooling{Kind: g.Cooling, PUE0: g.PUE, PerDegree: g.PUEPerC, Threshold: g.PUEAbove},
		PoolFee: g.PoolFee, OperatingCost: g.Operating, Wear: g.Wear,
		Restart: g.Restart, MinOn: g.MinOn, MinOff: g.MinOff, Ramp: g.Ramp, Whole: g.Whole,
	}
	if g.Where.has("restart_minutes") && g.Restart == 0 {
		out.Restart = time.Second // the room reads 0 as undeclared
	}
	if d := g.Derate; d != nil {
		out.Derate = mining.Derate{From: d.Above, Drop: d.Drop, PerDegree: d.PerC, Stop: d.Stop}
		if out.Derate == (mining.Derate{}) {
			b.say(d.Where.place, "derate says nothing", "state above_c and what is lost there, or leave derate out")
		}
	}
	return out
}

// hallOf is the hall of a group: its own, or the only one of the site.
func (b *builder) hallOf(hall, what string, at where) string {
	var names []string
	for _, h := range b.file.Site.Halls {
		names = append(names, h.Name)
	}
	if hall == "" {
		if len(names) == 1 {
			return names[0]
		}
		b.say(at.place, fmt.Sprintf("%s names no hall and the site has %d", what, len(names)), "state hall: "+strings.Join(names, " or "))
		return ""
	}
	if len(names) > 0 && !slices.Contains(names, hall) {
		b.say(at.of("hall"), fmt.Sprintf("%s stands in hall %q, which the site does not have", what, hall), suggest(hall, names, "declare it under halls"))
	}
	return hall
}
