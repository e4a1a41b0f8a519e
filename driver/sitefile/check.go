package sitefile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/driver/yamlfile"
	"sluice/power"
	"sluice/site"
	"sluice/unit"
	"sluice/use/mining"
)

// claim attaches what a room says about one object to that object's place. An
// object with a hole is left alone: the room would complain of the hole again.
func (b *builder) claim(err error, in where, at place, known map[string]bool) {
	faulty := slices.ContainsFunc(b.faults, func(f *Fault) bool { return f.Line >= in.line && f.Line <= in.end && f.hole })
	for _, e := range yamlfile.Parts(err) {
		text := e.Error()
		if known[text] {
			continue
		}
		known[text] = true
		if faulty {
			continue
		}
		what, remedy := halves(text)
		what = strings.TrimPrefix(what, fmt.Sprintf("site %q: ", cmp.Or(b.file.Site.Name, mainName)))
		b.faults = append(b.faults, &Fault{File: b.decoder.file, Line: at.line, Column: at.column, What: what, Remedy: remedy, Err: e})
	}
}

// halves splits what a room says into what is wrong and what to do about it.
func halves(text string) (what, remedy string) {
	for _, mark := range []error{site.ErrSite, power.ErrContract} {
		text = strings.Replace(text, mark.Error()+": ", "", 1)
	}
	text = strings.ReplaceAll(text, "\n", " ")
	if i := strings.LastIndex(text, ": "); i > 0 && strings.Contains(text[:i], ":") {
		return text[:i], text[i+2:]
	}
	return text, "correct it"
}

// checkSite has the parts of the site checked one by one, so that each fault
// has its place and one part does not hide another; then the whole.
func (b *builder) checkSite() {
	s, raw, known := b.file.Site, b.raw, map[string]bool{}
	base := site.Site{
		Name: cmp.Or(s.Name, mainName), Zone: time.UTC, Currency: "USD", Connection: site.Connection{Import: unit.Megawatt, Rating: unit.Megawatt},
		Meters: []site.Meter{{Name: "(stands in)", Kind: site.RevenueMeter}}, // a name that no meter of a file has
	}
	b.checkConnection(base, known)
	for i, f := range raw.Feeders {
		one := base
		one.Feeders = s.Feeders[i : i+1]
		b.claim(one.Validate(), f.Where, f.Where.place, known)
	}
	base.Feeders = slices.Clone(s.Feeders)
	for i := range base.Feeders {
		base.Feeders[i].Limit = unit.Megawatt
	}
	for i, h := range raw.Halls {
		one := base
		one.Halls = s.Halls[i : i+1]
		b.claim(one.Validate(), h.Where, h.Where.of("feeder"), known)
	}
	base.Halls = s.Halls
	b.checkMeters(base, known)
	if len(b.faults) == 0 {
		b.claim(s.Validate(), where{}, raw.Where.place, known)
	}
}

// checkConnection checks the limits, then the rating, then the load behind them.
func (b *builder) checkConnection(one site.Site, known map[string]bool) {
	c, w := b.file.Site.Connection, b.raw.Connection.Where
	if w.line == 0 {
		return // missing, and reported as that
	}
	one.Connection = c
	one.Connection.Rating = max(c.Import, c.Export)
	b.claim(one.Validate(), w, w.of("import_limit_mw"), known)
	one.Connection = c
	b.claim(one.Validate(), w, w.of("rating_mw"), known)
	if len(b.within(w)) == 0 {
		one.MustRun = b.file.Site.MustRun
		at := b.raw.Where.of("must_run_mw")
		b.claim(one.Validate(), where{place: at, end: at.line}, at, known)
	}
}

// checkMeters checks what each meter measures, and that one bills the site.
func (b *builder) checkMeters(base site.Site, known map[string]bool) {
	bills, grid := 0, base.Meters
	meters, at := b.metersDeclared()
	for i, m := range meters {
		if m.Kind == string(site.RevenueMeter) {
			bills++
			if m.Of != "" {
				b.say(m.Where.of("of"), fmt.Sprintf("meter %q measures the whole connection and states of: %s", m.Name, m.Of), "leave of out")
			}
			continue
		}
		one := base
		one.Meters = slices.Concat(grid, b.file.Site.Meters[i:i+1])
		b.claim(one.Validate(), m.Where, m.Where.of("of"), known)
	}
	if bills != 1 && at != (place{}) {
		b.say(at, fmt.Sprintf("%d meters are of kind revenue", bills), "declare exactly one, the meter that the grid operator bills")
	}
	b.checkMeasured(meters)
}

// checkMeasured reports a meter of a plant that is not declared.
func (b *builder) checkMeasured(meters []meterKeys) {
	for _, m := range meters {
		if m.Kind != string(site.GenerationMeter) || m.Of == "" {
			continue
		}
		if !slices.ContainsFunc(b.raw.Contracts.Plants, func(p plantKeys) bool { return p.Name == m.Of }) {
			b.say(m.Where.of("of"), fmt.Sprintf("meter %q measures plant %q, which is not declared", m.Name, m.Of), "declare it under contracts, plants, or correct the name")
		}
	}
}

// within lists the faults found in an object.
func (b *builder) within(w where) []*Fault {
	var in []*Fault
	for _, f := range b.faults {
		if f.Line >= w.line && f.Line <= w.end {
			in = append(in, f)
		}
	}
	return in
}

// checkContracts has the contracts checked one by one, then all together.
func (b *builder) checkContracts() {
	c, raw, known := b.file.Contracts, b.raw.Contracts, map[string]bool{}
	check := func(one power.Contracts, w where) { b.claim(one.Validate(), w, w.place, known) }
	if raw.Spot != nil {
		check(power.Contracts{Spot: c.Spot}, raw.Spot.Where)
	}
	for i, p := range raw.PPAs {
		check(power.Contracts{Spot: &power.Spot{Zone: "-"}, PPAs: c.PPAs[i : i+1]}, p.Where)
		if c.Spot == nil {
			check(power.Contracts{PPAs: c.PPAs[i : i+1]}, p.Where)
		}
	}
	for i, g := range raw.Plants {
		check(power.Contracts{Plants: c.Plants[i : i+1]}, g.Where)
	}
	for i, d := range raw.Demand {
		check(power.Contracts{Demand: c.Demand[i : i+1]}, d.Where)
	}
	for i, e := range raw.Energy {
		check(power.Contracts{Energy: c.Energy[i : i+1], Demand: b.namesake(e)}, e.Where)
	}
	for i, k := range raw.Coincident {
		check(power.Contracts{Coincident: c.Coincident[i : i+1]}, k.Where)
	}
	b.checkSuppliers()
	if len(b.within(raw.Where)) == 0 {
		check(c, raw.Where)
	}
}

// namesake is a sound demand charge with the name to which an interruption
// refers, when one is declared.
func (b *builder) namesake(e energyKeys) []power.DemandCharge {
	for _, d := range b.raw.Contracts.Demand {
		if e.Interruption != nil && d.Name == e.Interruption.Demand {
			return []power.DemandCharge{{Name: d.Name, Interval: 15 * time.Minute, Period: power.Monthly}}
		}
	}
	return nil
}

// checkSuppliers reports a second supplier of what no agreement covers.
func (b *builder) checkSuppliers() {
	first := ""
	if b.raw.Contracts.Spot != nil {
		first = "the spot contract"
	}
	for _, e := range b.raw.Contracts.Energy {
		switch {
		case !e.Supply:
		case first != "":
			b.say(e.Where.of("supply"), fmt.Sprintf("energy charge %q is a second supplier beside %s", e.Name, first), "keep one supplier of the energy that no agreement covers")
		default:
			first = fmt.Sprintf("energy charge %q", e.Name)
		}
	}
}

// checkFleet has models and groups checked and the fleet weighed against the connection.
func (b *builder) checkFleet() {
	known := map[string]bool{}
	sane := make([]mining.Model, 0, len(b.file.Models))
	for i, m := range b.file.Models {
		w := b.raw.Models[i].Where
		b.claim(m.Validate(), w, w.of("name"), known)
		if len(b.within(w)) == 0 {
			sane = append(sane, m)
		}
	}
	standard, err := mining.Standard()
	if err != nil {
		b.say(place{}, "the machine catalogue of this program is broken: "+err.Error(), "report it")
		return
	}
	catalogue, err := standard.With(sane...)
	if err != nil {
		return
	}
	b.compile(catalogue, len(sane) == len(b.file.Models), known)
}

// compile joins every group to its model and notes a fleet that is larger than
// the connection.
func (b *builder) compile(catalogue mining.Catalogue, complete bool, known map[string]bool) {
	rigs := make([]*mining.Rig, 0, len(b.file.Groups))
	for i, g := range b.file.Groups {
		w := b.raw.Groups[i].Where
		if _, err := catalogue.Lookup(g.Model); err != nil {
			if complete && g.Model != "" {
				what, remedy, _ := strings.Cut(err.Error(), ": ")
				at := w.of("model")
				b.faults = append(b.faults, &Fault{File: b.decoder.file, Line: at.line, Column: at.column, What: what, Remedy: remedy, Err: err})
			}
			continue
		}
		rig, err := mining.Compile(g, catalogue)
		b.claim(err, w, w.of("name"), known)
		if err == nil {
			rigs = append(rigs, rig)
		}
	}
	if len(b.faults) == 0 {
		b.weigh(rigs)
	}
}

// weigh notes where the machines can draw more than their hall or the
// connection bears. That is allowed: dispatch runs the best of them.
func (b *builder) weigh(rigs []*mining.Rig) {
	s := b.file.Site
	halls, all := map[string]unit.Power{}, s.MustRun
	for _, r := range rigs {
		draw := r.Capacity().Scale(r.Group().Cooling.PUE0)
		halls[r.Group().Hall] += draw
		all += draw
	}
	note := func(what string, draw, limit unit.Power) {
		if draw > limit {
			b.file.Notes = append(b.file.Notes, fmt.Sprintf("%s can draw %s with their cooling, more than its %s: not all machines run at once", what, draw, limit))
		}
	}
	for _, h := range s.Halls {
		room, _ := s.Room(h.Name)
		note(fmt.Sprintf("the machines of hall %q", h.Name), halls[h.Name], room)
	}
	note("the machines and the must-run load behind the connection", all, s.Connection.Ceiling())
}
