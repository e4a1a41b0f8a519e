package sitefile

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"sluice/site"
)

// offsetMax leaves room for the highest port that machines have.
const offsetMax = 59_000

// control turns the control section into the rooms' types and checks it.
func (b *builder) control() {
	raw := b.raw.Control
	if raw == nil {
		return
	}
	c := &Control{Poll: raw.Poll, PortOffset: raw.Offset, Shed: raw.Shed, FastReboots: raw.FastReboots, Starts: raw.Starts, Wakes: raw.Wakes}
	b.file.Control = c
	if raw.Where.has("meters") && b.raw.Where.has("meters") {
		b.say(b.raw.Where.of("meters"), fmt.Sprintf("meters are stated twice, here and under control on line %d", raw.Where.of("meters").line), "keep those under control")
	}
	if raw.Poll > raw.Shed {
		b.say(raw.Where.of("poll_seconds"), fmt.Sprintf("a round of %s is longer than the %s in which power must fall", raw.Poll, raw.Shed), "lower poll_seconds, or declare a longer shed_seconds")
	}
	c.Networks = b.networks(raw)
	b.offset(raw, c.Networks)
	claims := claims{builder: b, networks: c.Networks}
	c.Machines = b.machines(raw, &claims)
	c.Meters = b.metering(raw, &claims)
	claims.overlaps()
	c.Pools = b.pools(raw)
}

// networks reads the declared device networks.
func (b *builder) networks(raw *controlKeys) []netip.Prefix {
	var out []netip.Prefix
	if raw.Where.has("device_networks") && len(raw.Networks) == 0 {
		b.miss(raw.Where.of("device_networks"), "there is no device network", "declare at least one, such as 10.20.0.0/16")
	}
	for _, n := range raw.Networks {
		if n.Text == "" {
			continue
		}
		p, ok := b.prefix(n, "device network")
		if !ok {
			continue
		}
		for _, other := range out {
			if other.Overlaps(p) {
				b.say(n.At, fmt.Sprintf("device network %s overlaps %s", p, other), "keep the wider one")
			}
		}
		out = append(out, p)
	}
	return out
}

// prefix reads an IPv4 network by its first address.
func (b *builder) prefix(n located, kind string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(n.Text)
	switch {
	case err != nil || !p.Addr().Is4():
		b.miss(n.At, fmt.Sprintf("%s %q is not an IPv4 network", kind, n.Text), "write one such as 10.20.0.0/16; names are never looked up")
	case p != p.Masked():
		b.miss(n.At, fmt.Sprintf("%s %s does not begin a network of its size", kind, p), "write "+p.Masked().String()+", or correct the length")
	default:
		return p, true
	}
	return p, false
}

// offset checks that ports are moved for virtual machines only.
func (b *builder) offset(raw *controlKeys, networks []netip.Prefix) {
	at := raw.Where.of("port_offset")
	if raw.Offset > offsetMax {
		b.say(at, fmt.Sprintf("port_offset %d leaves no room for the ports of machines", raw.Offset), fmt.Sprintf("state at most %d", offsetMax))
	}
	for _, p := range networks {
		if raw.Offset > 0 && (!p.Addr().IsLoopback() || p.Bits() < 8) {
			b.say(at, fmt.Sprintf("port_offset %d beside the device network %s", raw.Offset, p), "ports are moved for virtual machines in 127.0.0.0/8 only: leave it out for real ones")
			return
		}
	}
}

// metering reads how each meter is reached.
func (b *builder) metering(raw *controlKeys, claims *claims) []Meter {
	var out []Meter
	first := map[string]place{}
	for _, k := range raw.Meters {
		m := Meter{Name: k.Name, Kind: site.MeterKind(k.Kind), Of: k.Of, Template: k.Template, Port: k.Port}
		if k.Port+raw.Offset > math.MaxUint16 {
			b.miss(k.Where.of("port"), fmt.Sprintf("meter %q: port %d with a port_offset of %d is above 65535", k.Name, k.Port, raw.Offset), "correct it, or leave it out for the template's")
		}
		if k.Unit > math.MaxUint8 {
			b.miss(k.Where.of("unit"), fmt.Sprintf("meter %q: unit %d is above 255", k.Name, k.Unit), "state a number from 1 to 255, or leave it out for the template's")
		} else {
			m.Unit = uint8(k.Unit) //nolint:gosec // checked above, and the decoder refuses less than 1
		}
		m.Address = b.meterAddress(k, claims)
		m.Current = b.transformer(k, "current_transformer", k.Current)
		m.Voltage = b.transformer(k, "voltage_transformer", k.Voltage)
		if m.Address.IsValid() {
			key := fmt.Sprintf("%s port %d unit %d", m.Address, m.Port, m.Unit)
			if p, twice := first[key]; twice {
				b.say(k.Where.of("address"), fmt.Sprintf("meter %q answers where the meter on line %d does", k.Name, p.line), "correct the address, or state the unit number of each behind a gateway")
			}
			first[key] = k.Where.of("address")
		}
		out = append(out, m)
	}
	return out
}

// meterAddress reads the address of a meter; the zero address when it is none.
func (b *builder) meterAddress(k meteringKeys, claims *claims) netip.Addr {
	if k.Address == "" {
		return netip.Addr{} // missing, and reported as that
	}
	a, err := netip.ParseAddr(k.Address)
	at := k.Where.of("address")
	if err != nil || !a.Is4() {
		b.miss(at, fmt.Sprintf("meter %q: address %q is not an IPv4 address", k.Name, k.Address), "write one such as 10.20.0.2; names are never looked up")
		return netip.Addr{}
	}
	claims.add(Stretch{a, a}, at, claimant{meter: k.Name})
	return a
}

// transformer reads a ratio such as 2000/5; the zero value where none is stated.
func (b *builder) transformer(k meteringKeys, key, text string) Transformer {
	if text == "" {
		return Transformer{}
	}
	first, second, _ := strings.Cut(text, "/")
	primary, err := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	secondary, wrong := strconv.ParseInt(strings.TrimSpace(second), 10, 64)
	t := Transformer{primary, secondary}
	const most = 10_000_000 // volts or amperes; keeps products of ratios within 64 bits
	if err != nil || wrong != nil || min(primary, secondary) < 1 || max(primary, secondary) > most {
		b.miss(k.Where.of(key), fmt.Sprintf("meter %q: %s %q is not a ratio of two whole numbers from 1 to %d", k.Name, key, text, most), "write both sides as on its plate, such as 2000/5")
		return Transformer{}
	}
	return t
}

// pools reads where machines may mine.
func (b *builder) pools(raw *controlKeys) []Pool {
	if raw.Where.has("pools") && len(raw.Pools) == 0 {
		b.say(raw.Where.of("pools"), "there is no pool at which machines may mine", "state at least one, or leave pools out so that they are not watched")
	}
	var out []Pool
	first := map[Pool]place{}
	for _, k := range raw.Pools {
		p := Pool{URL: k.URL, Worker: k.Worker}
		if k.URL != "" && !poolURL(k.URL) {
			b.say(k.Where.of("url"), fmt.Sprintf("pool %q is not an address with a port", k.URL), "write one such as stratum+tcp://pool.example:3333, without a user or a password")
		}
		if at, twice := first[p]; twice {
			b.say(k.Where.place, fmt.Sprintf("pool %s with worker %s is stated twice, here and on line %d", p.URL, p.Worker, at.line), "keep one of them")
		}
		first[p] = k.Where.place
		out = append(out, p)
	}
	return out
}

// poolURL reports whether text is host and port, with or without a scheme.
func poolURL(text string) bool {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "none", text
	}
	rest, _, _ = strings.Cut(rest, "/")
	i := strings.LastIndexByte(rest, ':')
	if i < 1 || scheme == "" || strings.ContainsAny(text, " \t\r\n@*") {
		return false
	}
	port, err := strconv.Atoi(rest[i+1:])
	return err == nil && port >= 1 && port <= math.MaxUint16
}
