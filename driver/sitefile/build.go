package sitefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/driver/yamlfile"
	"sluice/site"
	"sluice/unit"
)

// builder turns the declaration into the rooms' types and has them checked.
type builder struct {
	*decoder

	raw  *declaration
	zone *time.Location
	file File
}

// main names what is there without being declared.
const mainName = "main"

func (b *builder) build() *File {
	raw := b.raw
	b.zone = b.location(raw.Zone, raw.Where.of("time_zone"))
	b.file = File{
		Synthetic: raw.Synthetic, Notes: slices.Clone(raw.Notes),
		Horizon: raw.Plan.Horizon, Fine: raw.Plan.Fine,
		Failures: map[string]Failures{},
	}
	if raw.Plan.Fine > raw.Plan.Horizon {
		b.say(raw.Plan.Where.of("fine_hours"), "fine_hours is longer than horizon_hours", "lower it or look further ahead")
	}
	b.site()
	b.contracts()
	b.fleet()
	b.hosting()
	b.history()
	b.control()
	b.checkSite()
	b.checkContracts()
	b.checkFleet()
	b.checkHosting()
	return &b.file
}

// location is a time zone by its name; a fault and UTC when there is none.
func (b *builder) location(name string, at place) *time.Location {
	if name == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err == nil && name != "Local" {
		return zone
	}
	b.say(at, fmt.Sprintf("time zone %q is not known", name), suggest(name, zones(), "use an IANA name such as America/Chicago or Europe/Stockholm"))
	return time.UTC
}

// zones are the names that are suggested for a misspelt one.
func zones() []string {
	return strings.Fields(`UTC America/Chicago America/New_York America/Denver America/Los_Angeles America/Phoenix America/Toronto
		America/Edmonton America/Vancouver America/Sao_Paulo America/Argentina/Buenos_Aires America/Asuncion
		Europe/Stockholm Europe/Oslo Europe/Helsinki Europe/Copenhagen Europe/Berlin Europe/London Europe/Paris Europe/Reykjavik
		Asia/Dubai Asia/Muscat Asia/Riyadh Asia/Almaty Asia/Tbilisi Asia/Thimphu Asia/Singapore Asia/Tokyo Africa/Addis_Ababa
		Africa/Johannesburg Australia/Sydney`)
}

func (b *builder) site() {
	raw, c := b.raw, b.raw.Connection
	s := site.Site{
		Name: raw.Name, Place: raw.Place, Zone: b.zone, Currency: unit.Currency(raw.Currency), MustRun: raw.MustRun,
		Connection: site.Connection{Import: c.Import, Export: c.Export, Rating: c.Rating},
	}
	if p := raw.Position; p != nil {
		s.Position = &site.Position{Latitude: p.Latitude, Longitude: p.Longitude}
	}
	if !c.Where.has("rating_mw") {
		s.Connection.Rating = max(c.Import, c.Export)
	}
	for _, f := range raw.Feeders {
		s.Feeders = append(s.Feeders, site.Feeder{Name: f.Name, Limit: f.Limit})
	}
	if !raw.Where.has("feeders") {
		s.Feeders = []site.Feeder{{Name: mainName, Limit: s.Connection.Rating}}
	}
	s.Halls = b.halls(s.Feeders)
	meters, at := b.metersDeclared()
	for _, m := range meters {
		s.Meters = append(s.Meters, site.Meter{Name: m.Name, Kind: site.MeterKind(m.Kind), Of: m.Of})
	}
	if at == (place{}) {
		s.Meters = []site.Meter{{Name: mainName, Kind: site.RevenueMeter}}
	}
	b.file.Site = s
	b.names("feeder", len(raw.Feeders), func(i int) (string, where) { return raw.Feeders[i].Name, raw.Feeders[i].Where })
	b.names("hall", len(raw.Halls), func(i int) (string, where) { return raw.Halls[i].Name, raw.Halls[i].Where })
	b.names("meter", len(meters), func(i int) (string, where) { return meters[i].Name, meters[i].Where })
}

// metersDeclared is the meters of the file and where their list begins: those
// of its control section, else those of the site; nowhere when there are none.
func (b *builder) metersDeclared() ([]meterKeys, place) {
	raw, control := b.raw, b.raw.Control
	if control == nil || !control.Where.has("meters") {
		if !raw.Where.has("meters") {
			return nil, place{}
		}
		return raw.Meters, raw.Where.of("meters")
	}
	list := make([]meterKeys, len(control.Meters))
	for i, m := range control.Meters {
		list[i] = m.meterKeys
	}
	return list, control.Where.of("meters")
}

// halls takes what a hall leaves out from its feeder.
func (b *builder) halls(feeders []site.Feeder) []site.Hall {
	declared := b.raw.Halls
	if !b.raw.Where.has("halls") {
		if len(feeders) != 1 {
			b.say(b.raw.Where.of("feeders"), fmt.Sprintf("%d feeders and no halls", len(feeders)), "declare the halls that hang on them")
			return nil
		}
		declared = []hallKeys{{Where: b.raw.Where, Name: mainName}}
	}
	var halls []site.Hall
	for _, h := range declared {
		if h.Feeder == "" && len(feeders) == 1 {
			h.Feeder = feeders[0].Name
		} else if h.Feeder == "" {
			b.miss(h.Where.place, fmt.Sprintf("hall %q names no feeder and the site has %d", h.Name, len(feeders)), "state its feeder")
		}
		known := h.Feeder == ""
		for _, f := range feeders {
			known = known || f.Name == h.Feeder
			if f.Name == h.Feeder && !h.Where.has("limit_mw") {
				h.Limit = f.Limit
			}
		}
		if !known {
			b.miss(h.Where.of("feeder"), fmt.Sprintf("hall %q hangs on feeder %q, which the site does not have", h.Name, h.Feeder), suggest(h.Feeder, feederNames(feeders), "declare it under feeders"))
		}
		halls = append(halls, site.Hall{Name: h.Name, Feeder: h.Feeder, Limit: h.Limit})
	}
	return halls
}

func feederNames(feeders []site.Feeder) []string {
	var names []string
	for _, f := range feeders {
		names = append(names, f.Name)
	}
	return names
}

// suggest is a remedy that names what was probably meant, if anything was.
func suggest(name string, names []string, otherwise string) string {
	if best := yamlfile.Nearest(name, names); best != "" {
		return "did you mean " + best + "? Otherwise " + otherwise
	}
	return otherwise
}

// names reports a name that is stated twice among things of one kind.
func (b *builder) names(kind string, n int, of func(i int) (string, where)) {
	first := map[string]place{}
	for i := range n {
		name, at := of(i)
		if p, twice := first[name]; twice && name != "" {
			b.say(at.of("name"), fmt.Sprintf("%s %q is stated twice, here and on line %d", kind, name, p.line), "rename one of them")
			continue
		}
		first[name] = at.of("name")
	}
}

// history takes over where prices and temperatures are found.
func (b *builder) history() {
	if p := b.raw.Prices; p != nil {
		b.file.Prices = b.prices(p)
	}
	if a := b.raw.Air; a != nil {
		b.file.Air = &Air{File: a.File, Column: a.Column}
	}
}
