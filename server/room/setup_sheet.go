package room

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"sluice/driver/modbus"
	"sluice/driver/sitefile"
)

// sheet writes a site file and remembers which field of the request each line came from.
type sheet struct {
	out    bytes.Buffer
	fields []string // by line, from the first one
	faults []SiteFault
	files  map[string][]byte
}

func newSheet() *sheet {
	return &sheet{faults: []SiteFault{}, files: map[string][]byte{}}
}

func (p *sheet) fault(field, what, remedy string) {
	p.faults = append(p.faults, SiteFault{Field: field, What: what, Remedy: remedy})
}

// line writes one line that comes from a field.
func (p *sheet) line(field, format string, args ...any) {
	fmt.Fprintf(&p.out, format+"\n", args...)
	p.fields = append(p.fields, field)
}

// text is a text as YAML reads it back, whatever stands in it.
func text(s string) string {
	b, err := json.Marshal(strings.ToValidUTF8(s, "?"))
	if err != nil {
		return `""`
	}
	return string(b)
}

// mega writes watts in megawatts, exactly.
func mega(w int64) string { return decimals(w, 6) }

// decimals writes v times ten to the power of -places.
func decimals(v int64, places int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := fmt.Sprintf("%0*d", places+1, v)
	rest := strings.TrimRight(s[len(s)-places:], "0")
	if rest == "" {
		return sign + s[:len(s)-places]
	}
	return sign + s[:len(s)-places] + "." + rest
}

// reach notes what is wrong with the networks.
func (p *sheet) reach(q SitePlan) {
	if _, err := q.prefixes(); err != nil {
		for _, f := range told(err).Faults {
			field, what, _ := strings.Cut(strings.TrimPrefix(f, "body."), " ")
			p.fault(field, what, "correct it; nothing outside the networks is ever contacted")
		}
	}
}

// prices reads them, and puts a file of one's own beside the site file.
func (p *sheet) prices(s PriceSource, currency string) {
	got, err := s.read(currency)
	if err != nil {
		p.fault("market.prices", err.Error(), "try them in the step of the market")
		return
	}
	if c := got.Source.Currency; s.Shipped != "" && c != "" && string(c) != currency {
		p.fault("market.prices", fmt.Sprintf("these prices are in %s and the site is billed in %s", c, currency), "choose another history, or the currency of the site")
	}
	if s.CSV != "" {
		p.files[ownPrices] = []byte(s.CSV)
	}
}

// write writes the whole file.
func (p *sheet) write(q SitePlan) {
	p.line("", "# Written by the control room, from what was said under Setup.")
	p.line("name", "name: %s", text(q.Name))
	if q.Place != "" {
		p.line("place", "place: %s", text(q.Place))
	}
	p.position(q.Latitude, q.Longitude)
	p.line("zone", "time_zone: %s", text(q.Zone))
	p.line("currency", "currency: %s", text(q.Currency))
	p.connection(q)
	p.market(q.Market)
	p.groups(q.Groups)
	p.control(q)
}

// position writes where the site stands, to a millionth of a degree.
func (p *sheet) position(north, east *float64) {
	const half, both = "half of a position is none", "state the degrees of both, or of neither"
	switch {
	case north == nil && east == nil:
	case north == nil:
		p.fault("latitude", half, both)
	case east == nil:
		p.fault("longitude", half, both)
	default:
		p.line("latitude", "position:")
		p.line("latitude", "  latitude: %s", decimals(int64(math.Round(*north*1e6)), 6))
		p.line("longitude", "  longitude: %s", decimals(int64(math.Round(*east*1e6)), 6))
	}
}

func (p *sheet) connection(q SitePlan) {
	p.line("limit_w", "connection:")
	p.line("limit_w", "  import_limit_mw: %s", mega(q.Limit))
	if q.Rating != nil {
		p.line("rating_w", "  rating_mw: %s", mega(*q.Rating))
	}
	if q.MustRun > 0 {
		p.line("must_run_w", "must_run_mw: %s", mega(q.MustRun))
	}
	if len(q.Feeders) > 0 {
		p.line("feeders", "feeders:")
	}
	for i, f := range q.Feeders {
		p.line(place("feeders", i, "name"), "  - name: %s", text(f.Name))
		p.line(place("feeders", i, "limit_w"), "    limit_mw: %s", mega(f.Limit))
	}
	if len(q.Halls) > 0 {
		p.line("halls", "halls:")
	}
	for i, h := range q.Halls {
		p.line(place("halls", i, "name"), "  - name: %s", text(h.Name))
		if h.Feeder != "" {
			p.line(place("halls", i, "feeder"), "    feeder: %s", text(h.Feeder))
		}
		if h.Limit != nil {
			p.line(place("halls", i, "limit_w"), "    limit_mw: %s", mega(*h.Limit))
		}
	}
}

func (p *sheet) market(m SiteMarket) {
	p.line("market.settlement_point", "contracts:")
	p.line("market.settlement_point", "  spot:")
	p.line("market.settlement_point", "    settlement_point: %s", text(m.Point))
	if m.Adder != nil {
		p.line("market.adder_micro_per_mwh", "    import_adder_per_mwh: %s", decimals(int64(*m.Adder), 6))
	}
	p.line("market.published", "    published: %s", cmp.Or(m.Published, "after_interval"))
	if m.Gate != "" {
		p.line("market.gate_time", "    gate_time: %s", text(m.Gate))
	}
	s := m.Prices
	p.line("market.prices", "prices:")
	p.line("market.prices", "  file: %s", text(cmp.Or(s.Shipped, ownPrices)))
	for _, x := range []struct{ key, value string }{
		{"column", s.Column}, {"time_column", s.Time}, {"time_zone", s.Zone}, {"currency", s.Currency}, {"fill", s.Fill},
	} {
		if x.value != "" {
			p.line("market.prices", "  %s: %s", x.key, text(x.value))
		}
	}
	if s.End {
		p.line("market.prices", "  label: end")
	}
	if s.PerKWh {
		p.line("market.prices", "  per_kwh: true")
	}
}

// groups writes the site's own models, each once, and the groups.
func (p *sheet) groups(all []SiteGroup) {
	if len(all) == 0 {
		p.fault("groups", "there are no machines", "look for them, or import a list")
		return
	}
	own := map[string]bool{}
	for i, g := range all {
		if (g.Power == nil) != (g.Hash == nil) {
			p.fault(place("groups", i, "power_w"), "power and hash rate of a machine belong together", "state both, or neither")
		}
		if g.Power == nil || g.Hash == nil || own[g.Model] {
			continue
		}
		if len(own) == 0 {
			p.line("groups", "models:")
		}
		own[g.Model] = true
		p.line(place("groups", i, "model"), "  - name: %s", text(g.Model))
		p.line(place("groups", i, "power_w"), "    power_w: %d", *g.Power)
		p.line(place("groups", i, "hash_ghs"), "    hashrate_ths: %s", decimals(*g.Hash, 3))
		p.line(place("groups", i, "model"), "    source: as the machines state it")
	}
	p.line("groups", "groups:")
	for i, g := range all {
		p.line(place("groups", i, "name"), "  - name: %s", text(g.Name))
		if g.Hall != "" {
			p.line(place("groups", i, "hall"), "    hall: %s", text(g.Hall))
		}
		p.line(place("groups", i, "model"), "    model: %s", text(g.Model))
		p.line(place("groups", i, "addresses"), "    count: %d", count(g.Addresses))
		if g.PUE != nil {
			p.line(place("groups", i, "pue"), "    pue: %s", strconv.FormatFloat(*g.PUE, 'f', 4, 64))
		}
	}
}

func (p *sheet) control(q SitePlan) {
	p.line("networks", "control:")
	p.line("networks", "  device_networks:")
	for i, n := range q.Networks {
		p.line(fmt.Sprintf("networks[%d]", i), "    - %s", text(n))
	}
	if q.Offset > 0 {
		p.line("port_offset", "  port_offset: %d", q.Offset)
	}
	if q.Shed > 0 {
		p.line("shed_seconds", "  shed_seconds: %d", q.Shed)
	}
	p.line("groups", "  machines:")
	for i, g := range q.Groups {
		at := place("groups", i, "addresses")
		p.line(at, "    - group: %s", text(g.Name))
		p.line(at, "      addresses:")
		for _, s := range stretches(g.Addresses) {
			p.line(at, "        - %s", text(s))
		}
	}
	p.line("meters", "  meters:")
	for i, m := range q.Meters {
		p.meter(i, m)
	}
	if len(q.Pools) > 0 {
		p.line("pools", "  pools:")
	}
	for i, x := range q.Pools {
		p.line(place("pools", i, "url"), "    - url: %s", text(x.URL))
		p.line(place("pools", i, "worker"), "      worker: %s", text(x.Worker))
	}
}

func (p *sheet) meter(i int, m SiteMeter) {
	at := func(field string) string { return place("meters", i, field) }
	p.line(at("name"), "    - name: %s", text(m.Name))
	p.line(at("kind"), "      kind: %s", text(m.Kind))
	if m.Of != "" {
		p.line(at("of"), "      of: %s", text(m.Of))
	}
	template := m.Template
	if m.Text != "" {
		template = fmt.Sprintf("meter-%d.yaml", i+1)
		if _, err := modbus.Parse(template, []byte(m.Text)); err != nil {
			p.fault(at("template_text"), err.Error(), "correct the template")
		}
		p.files[template] = []byte(m.Text)
		template = "./" + template
	} else if _, err := modbus.Shipped(template); err != nil {
		p.fault(at("template"), err.Error(), "choose a template of the list")
	}
	p.line(at("template"), "      template: %s", text(template))
	p.line(at("address"), "      address: %s", text(m.Address))
	for _, x := range []struct {
		key, field string
		value      int
	}{{"port", "port", m.Port}, {"unit", "unit", m.Unit}} {
		if x.value > 0 {
			p.line(at(x.field), "      %s: %d", x.key, x.value)
		}
	}
	for _, x := range []struct{ key, value string }{{"current_transformer", m.Current}, {"voltage_transformer", m.Voltage}} {
		if x.value != "" {
			p.line(at(x.key), "      %s: %s", x.key, text(x.value))
		}
	}
}

// stretches joins single addresses that are neighbours; what is none stays as it is.
func stretches(all []string) []string {
	var out []string
	var run sitefile.Stretch
	flush := func() {
		if run.First.IsValid() {
			out = append(out, run.String())
		}
		run = sitefile.Stretch{}
	}
	for _, s := range sorted(all) {
		a, err := netip.ParseAddr(s)
		switch {
		case err != nil || !a.Is4():
			flush()
			out = append(out, s)
		case run.First.IsValid() && run.Last.Next() == a:
			run.Last = a
		default:
			flush()
			run = sitefile.Stretch{First: a, Last: a}
		}
	}
	flush()
	return out
}

// sorted puts single addresses in their order, before what is none.
func sorted(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = strings.TrimSpace(s)
	}
	slices.SortStableFunc(out, func(a, b string) int {
		x, one := netip.ParseAddr(a)
		y, two := netip.ParseAddr(b)
		switch {
		case one == nil && two == nil:
			return x.Compare(y)
		case one == nil:
			return -1
		case two == nil:
			return 1
		}
		return 0
	})
	return out
}

// count is how many machines stand at addresses, stretches and networks. What cannot be
// read counts as one, and is a fault of the file.
func count(all []string) int {
	n := 0
	for _, s := range all {
		n += max(1, countOne(strings.TrimSpace(s)))
	}
	return n
}

func countOne(s string) int {
	if p, err := netip.ParsePrefix(s); err == nil && p.Addr().Is4() {
		if p.Bits() >= 31 {
			return 1 << (32 - p.Bits())
		}
		return 1<<(32-p.Bits()) - 2
	}
	first, last, is := strings.Cut(s, "-")
	a, one := netip.ParseAddr(strings.TrimSpace(first))
	b, two := netip.ParseAddr(strings.TrimSpace(last))
	if !is || one != nil || two != nil || !a.Is4() || !b.Is4() {
		return 1
	}
	x, y := a.As4(), b.As4()
	return int(binary.BigEndian.Uint32(y[:])) - int(binary.BigEndian.Uint32(x[:])) + 1
}
