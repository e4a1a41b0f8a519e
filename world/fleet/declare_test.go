package fleet_test

import (
	"bytes"
	orders "cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/driver/sitefile"
	"sluice/driver/wire"
	"sluice/site"
	"sluice/unit"
	"sluice/use/mining"
	"sluice/world/fleet"
)

// declared writes the site file of a fleet and reads it back.
func declared(t rapid.TB, f *fleet.Fleet, g fleet.Grid, d fleet.Declaration) *sitefile.File {
	t.Helper()
	s, err := f.Behind(g)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.SiteFile(d)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(text, []byte(fleet.Written)) {
		t.Fatalf("the file begins with %.40q", text)
	}
	file, err := sitefile.Read(bytes.NewReader(text), "virtual.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestTheSiteFileSaysWhatStandsThere writes sites of all kinds and compares what
// a reader finds in the file with the machines themselves.
func TestTheSiteFileSaysWhatStandsThere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := config(rapid.IntRange(1, 400).Draw(t, "miners"))
		c.Seed = rapid.Uint64().Draw(t, "seed")
		c.Rack = rapid.IntRange(0, 30).Draw(t, "rack")
		c.Speed = rapid.IntRange(1, 1000).Draw(t, "speed")
		c.Offset = rapid.IntRange(0, 59_000).Draw(t, "offset")
		f, err := fleet.New(c, noon)
		if err != nil {
			t.Fatal(err)
		}
		g := fleet.Grid{
			Meters: netip.MustParsePrefix("127.8.0.0/24"), Feeders: rapid.IntRange(1, min(8, c.Miners)).Draw(t, "feeders"),
			PUE: unit.Ratio(rapid.IntRange(1_000_000, 1_500_000).Draw(t, "pue")), Auxiliary: unit.Power(rapid.IntRange(0, 900).Draw(t, "auxiliary")),
			Losses: unit.Ratio(rapid.IntRange(0, 50_000).Draw(t, "losses")),
		}
		file := declared(t, f, g, fleet.Declaration{})
		if len(file.Site.Feeders) != g.Feeders || file.Control.PortOffset != c.Offset {
			t.Fatalf("%d feeders, offset %d", len(file.Site.Feeders), file.Control.PortOffset)
		}
		checkGroups(t, f, file, g.Feeders)
		checkLimits(t, f, file, g)
	})
}

// TestTheSiteFileSaysWhereItIsDrawn: a virtual site stands on this computer unless it is
// told a place, and on the map only where it is told.
func TestTheSiteFileSaysWhereItIsDrawn(t *testing.T) {
	t.Parallel()
	f, err := fleet.New(config(4), noon)
	if err != nil {
		t.Fatal(err)
	}
	g := fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24"), Feeders: 1, PUE: unit.One}
	far := site.Position{Latitude: -500_000, Longitude: 179_999_999}
	for place, at := range map[string]*site.Position{"": nil, `a "far" place: Fiji`: &far} {
		file := declared(t, f, g, fleet.Declaration{Place: place, Position: at})
		if diff := cmp.Diff(at, file.Site.Position); diff != "" || file.Site.Place != orders.Or(place, "this computer") {
			t.Errorf("%q at %v became %q: %s", place, at, file.Site.Place, diff)
		}
	}
}

// checkGroups holds that every machine is at its address in a group of its own
// family, on its feeder, and is told as it is.
func checkGroups(t *rapid.T, f *fleet.Fleet, file *sitefile.File, feeders int) {
	rigs, err := file.Rigs()
	if err != nil {
		t.Fatal(err)
	}
	at := map[netip.Addr]*mining.Rig{}
	for i, m := range file.Control.Machines {
		if rigs[i].Group().Name != m.Group || rigs[i].Group().Count != m.Addresses.Count() {
			t.Fatalf("group %s and its addresses disagree", m.Group)
		}
		for a := range m.Addresses.All() {
			at[a] = rigs[i]
		}
	}
	families := map[string]device.Family{}
	for i, u := range f.Units() {
		rig := at[u.Address]
		if rig == nil {
			t.Fatalf("%s is in no group", u.Address)
		}
		feeder := i * feeders / len(f.Units())
		for len(f.Units())*(feeder+1)/feeders <= i {
			feeder++
		}
		hall, name := rig.Group().Hall, fmt.Sprintf("feeder-%d", feeder+1)
		if !slices.Contains(file.Site.On(name), site.Hall{Name: hall, Feeder: name, Limit: file.Site.Feeders[feeder].Limit}) {
			t.Fatalf("%s is on %s, its group in %s", u.Address, name, hall)
		}
		if was, known := families[rig.Group().Name]; known && was != u.Family {
			t.Fatalf("group %s mixes %s and %s", rig.Group().Name, was, u.Family)
		}
		families[rig.Group().Name] = u.Family
		plate := u.Machine.Spec.Nameplate
		if m := rig.Model(); m.Power != plate.Power || m.Hashrate != plate.Hash || len(m.Curves[0].Points) != len(u.Machine.Spec.Presets) {
			t.Fatalf("%s is %+v, its model %+v", u.Address, plate, m)
		}
	}
	if len(at) != len(f.Units()) {
		t.Fatalf("%d addresses for %d machines", len(at), len(f.Units()))
	}
}

// checkLimits holds the connection to nine tenths of what its meter shows, and
// the breakers above what stands behind them.
func checkLimits(t *rapid.T, f *fleet.Fleet, file *sitefile.File, g fleet.Grid) {
	s, err := f.Behind(g)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range s.Meters() {
		shows := m.Truth(noon).Power
		if i == 0 {
			if limit := file.Site.Connection.Ceiling(); limit != shows*9/10 {
				t.Fatalf("a limit of %v for %v", limit, shows)
			}
			continue
		}
		if limit := file.Site.Feeders[i-1].Limit; limit < shows || limit > shows*12/10+1 {
			t.Fatalf("feeder %d of %v carries %v", i, limit, shows)
		}
	}
	if len(file.Control.Meters) != len(s.Meters()) {
		t.Fatalf("%d meters", len(file.Control.Meters))
	}
	for i, m := range file.Control.Meters {
		if m.Address != s.Meters()[i].Address || m.Name != s.Meters()[i].Name || m.Port != 502 {
			t.Fatalf("meter %+v", m)
		}
		if _, err := modbus.Shipped(m.Template); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheLimitMayBeStated and a limit that the site cannot have is refused.
func TestTheLimitMayBeStated(t *testing.T) {
	t.Parallel()
	f, err := fleet.New(config(10), noon)
	if err != nil {
		t.Fatal(err)
	}
	g := fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24"), Auxiliary: 5_000}
	if file := declared(t, f, g, fleet.Declaration{Limit: 12_345}); file.Site.Connection.Import != 12_345 {
		t.Errorf("limit %v", file.Site.Connection.Import)
	}
	if file := declared(t, f, g, fleet.Declaration{Limit: unit.Megawatt}); file.Site.Connection.Rating != unit.Megawatt {
		t.Errorf("rating %v", file.Site.Connection.Rating)
	}
	s, err := f.Behind(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SiteFile(fleet.Declaration{Limit: 4_999}); err == nil || !strings.Contains(err.Error(), "must-run load") {
		t.Errorf("a limit below the house load: %v", err)
	}
}

// TestLargeSites: twenty thousand machines fit a site file because they stand
// in racks; one by one they do not, and the error says what to do.
func TestLargeSites(t *testing.T) {
	t.Parallel()
	c, g := config(20_000), fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24"), Feeders: 4}
	f, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	file, n := declared(t, f, g, fleet.Declaration{}), 0
	for _, m := range file.Control.Machines {
		n += m.Addresses.Count()
	}
	if n != 20_000 || len(f.Count()) != len(fleet.Families()) {
		t.Errorf("%d addresses, families %v", n, f.Count())
	}
	c.Rack = 1
	if f, err = fleet.New(c, noon); err != nil {
		t.Fatal(err)
	}
	s, err := f.Behind(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SiteFile(fleet.Declaration{}); err == nil || !strings.Contains(err.Error(), "--rack") {
		t.Errorf("twenty thousand machines one by one: %v", err)
	}
}

// TestRacks: the machines of a rack are of one family, and a rack of one is the
// fleet of old.
func TestRacks(t *testing.T) {
	t.Parallel()
	c := config(103)
	c.Rack = 10
	f, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[device.Family]bool{}
	for i, u := range f.Units() {
		kinds[u.Family] = true
		if first := f.Units()[i/10*10]; u.Family != first.Family {
			t.Errorf("%s is %s in a rack of %s", u.Address, u.Family, first.Family)
		}
	}
	if len(kinds) < 3 {
		t.Errorf("only %v", kinds)
	}
	families := func(rack int) (out []device.Family) {
		c.Rack = rack
		f, err := fleet.New(c, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range f.Units() {
			out = append(out, u.Family)
		}
		return out
	}
	if d := cmp.Diff(families(0), families(1)); d != "" {
		t.Error(d)
	}
}

// allowed reports whether a pool that a machine states is one of the list.
func allowed(list []sitefile.Pool, p device.Pool) bool {
	return slices.ContainsFunc(list, func(x sitefile.Pool) bool {
		worker := strings.ReplaceAll(regexp.QuoteMeta(x.Worker), `\*`, ".*")
		return x.URL == p.URL && regexp.MustCompile("^"+worker+"$").MatchString(p.Worker)
	})
}

// TestEveryPoolThatMachinesStateIsAllowed reads machines of all families with
// the real drivers. A list that lacks one pool must be caught.
func TestEveryPoolThatMachinesStateIsAllowed(t *testing.T) {
	t.Parallel()
	c := config(60)
	c.Families = map[device.Family]int{}
	for _, family := range fleet.Families() {
		c.Families[family] = 1
	}
	c.Password, c.Shared = "kiruna-snow-17", true
	f := serve(t, c)
	list := declared(t, f, fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24")}, fleet.Declaration{}).Control.Pools
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	seen, without := map[device.Family]int{}, 0
	for _, u := range f.Units() {
		if seen[u.Family] > 0 {
			continue
		}
		for _, p := range stated(t, drivers(n, f.Offset()), u, c.Password) {
			if p.Fee {
				continue // the maker's own, which no site allows or forbids
			}
			seen[u.Family]++
			if !allowed(list, p) {
				t.Errorf("%s mines at %s as %s, which is not in %v", u.Family, p.URL, p.Worker, list)
			}
			if !allowed(list[1:], p) {
				without++
			}
		}
	}
	if len(seen) != len(fleet.Families()) || without == 0 {
		t.Errorf("pools read of %v, %d of them missed by a list without its first", seen, without)
	}
}

// stated is the pools that a machine states to the driver that knows it.
func stated(t *testing.T, drivers []device.Driver, u fleet.Unit, password string) []device.Pool {
	t.Helper()
	at := device.Address{Host: u.Address.String()}
	for _, d := range drivers {
		id, err := d.Probe(t.Context(), at)
		if err != nil {
			continue
		}
		open, err := d.Open(t.Context(), at, id, device.Credential{User: "root", Secret: device.Secret(password)})
		if err != nil {
			t.Fatalf("%s: %v", u.Family, err)
		}
		r, err := open.Read(t.Context(), device.Pools)
		if err != nil {
			t.Errorf("%s: %v", u.Family, err)
		}
		if err := open.Close(t.Context()); err != nil {
			t.Error(err)
		}
		return r.Pools
	}
	t.Errorf("%s at %s was not recognised", u.Family, u.Address)
	return nil
}
