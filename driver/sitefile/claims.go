package sitefile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// claimant is who claims addresses: a group, or a meter.
type claimant struct{ group, meter string }

func (c claimant) String() string {
	if c.meter != "" {
		return fmt.Sprintf("meter %q", c.meter)
	}
	return fmt.Sprintf("group %q", c.group)
}

// claim is one stretch of addresses with who claims it and where.
type claim struct {
	Stretch

	at place
	by claimant
}

// claims collects who claims which addresses, to find two who claim the same.
type claims struct {
	*builder

	networks []netip.Prefix
	all      []claim
	machines int  // addresses of machines so far
	full     bool // more than a site may have, which is reported once
}

// machines reads where the machines of each group answer.
func (b *builder) machines(raw *controlKeys, claims *claims) []Machines {
	var out []Machines
	first := map[string]place{}
	for _, k := range raw.Machines {
		m := Machines{Group: k.Group}
		for _, text := range k.Addresses {
			if s, ok := b.stretch(text); ok {
				m.Addresses = append(m.Addresses, s)
				claims.add(s, text.At, claimant{group: k.Group})
			}
		}
		if k.Where.has("addresses") && len(k.Addresses) == 0 {
			b.miss(k.Where.of("addresses"), fmt.Sprintf("group %q has no addresses", k.Group), "state them, such as 10.20.2.1-10.20.2.90")
		}
		if at, twice := first[k.Group]; twice && k.Group != "" {
			b.miss(k.Where.of("group"), fmt.Sprintf("group %q is stated twice, here and on line %d", k.Group, at.line), "put all its addresses into one entry")
		} else {
			b.fits(k, m)
		}
		first[k.Group] = k.Where.of("group")
		out = append(out, m)
	}
	switch {
	case raw.Where.has("machines"):
		b.unreached(raw.Where.of("machines"), first)
	case len(b.raw.Groups) > 0 && !raw.Where.meant["machines"]:
		b.miss(raw.Where.place, "machines is missing", "state it: which addresses belong to which group")
	}
	return out
}

// fits checks that a group is one of the site and has as many addresses as machines.
func (b *builder) fits(k machinesKeys, m Machines) {
	var names []string
	for _, g := range b.file.Groups {
		names = append(names, g.Name)
		holes := slices.ContainsFunc(b.within(k.Where), func(f *Fault) bool { return f.hole })
		if g.Name != k.Group || g.Count < 1 || holes || len(m.Addresses) == 0 {
			continue
		}
		switch n := m.Addresses.Count(); {
		case n > g.Count:
			b.say(k.Where.of("addresses"), fmt.Sprintf("group %q has %d machines and %d addresses", g.Name, g.Count, n), "leave out the addresses at which no machine stands, or correct the count")
		case n < g.Count:
			b.say(k.Where.of("addresses"), fmt.Sprintf("group %q has %d machines and only %d addresses", g.Name, g.Count, n), "state the others: a machine that is not reached cannot be ordered")
		}
	}
	if k.Group != "" && !slices.Contains(names, k.Group) {
		b.miss(k.Where.of("group"), fmt.Sprintf("addresses of group %q, which the site does not have", k.Group), suggest(k.Group, names, "declare it under groups"))
	}
}

// unreached reports groups without an entry, unless a name is wrong anyhow.
func (b *builder) unreached(at place, stated map[string]place) {
	for name := range stated {
		if !slices.ContainsFunc(b.raw.Groups, func(g groupKeys) bool { return g.Name == name }) {
			return
		}
	}
	for _, g := range b.raw.Groups {
		if _, ok := stated[g.Name]; !ok && g.Name != "" {
			b.say(at, fmt.Sprintf("group %q has no entry here", g.Name), "state the addresses of its machines: a machine that is not reached cannot be ordered")
		}
	}
}

// stretch reads an address, a stretch of them, or a network, whose first and
// last address are none of a machine.
func (b *builder) stretch(text located) (Stretch, bool) {
	if text.Text == "" {
		return Stretch{}, false
	}
	if strings.Contains(text.Text, "/") {
		p, ok := b.prefix(text, "network")
		s := Stretch{p.Addr(), p.Addr()}
		if ok && p.Bits() < 31 {
			s = Stretch{p.Addr().Next(), last(p).Prev()}
		} else if ok {
			s.Last = last(p)
		}
		return s, ok
	}
	first, second, ranged := strings.Cut(text.Text, "-")
	from, err := netip.ParseAddr(strings.TrimSpace(first))
	to, wrong := from, error(nil)
	if ranged {
		to, wrong = netip.ParseAddr(strings.TrimSpace(second))
	}
	switch {
	case err != nil || wrong != nil || !from.Is4() || !to.Is4():
		b.miss(text.At, fmt.Sprintf("%q is not an IPv4 address, stretch or network", text.Text), "write 10.20.1.7, 10.20.2.1-10.20.2.90 or 10.20.1.0/24; names are never looked up")
	case to.Less(from):
		b.miss(text.At, fmt.Sprintf("%q ends before it begins", text.Text), "write the lower address first")
	default:
		return Stretch{from, to}, true
	}
	return Stretch{}, false
}

// add notes a claim and checks it against the device networks and the bound.
func (c *claims) add(s Stretch, at place, by claimant) {
	c.all = append(c.all, claim{s, at, by})
	if out := c.outside(s); out.IsValid() {
		c.say(at, fmt.Sprintf("%s is in no device network", out), "correct the address, or add its network to device_networks")
	}
	if by.meter != "" || c.full {
		return
	}
	if c.machines += s.count(); c.machines > addressesMax {
		c.miss(at, fmt.Sprintf("the site has more than %d addresses of machines", addressesMax), "split the site")
		c.full = true
	}
}

// outside is the first address of a stretch that lies in no device network;
// none when all lie in one, or when no network could be read.
func (c *claims) outside(s Stretch) netip.Addr {
	if len(c.networks) == 0 {
		return netip.Addr{}
	}
	for at := s.First; at.IsValid() && at.Compare(s.Last) <= 0; {
		i := slices.IndexFunc(c.networks, func(p netip.Prefix) bool { return p.Contains(at) })
		if i < 0 {
			return at
		}
		at = last(c.networks[i]).Next()
	}
	return netip.Addr{}
}

// overlaps reports addresses that are claimed twice, at the later place. Meters
// may share an address: a gateway has several.
func (c *claims) overlaps() {
	slices.SortStableFunc(c.all, func(a, b claim) int { return a.First.Compare(b.First) })
	var wide claim // of those before, the one that reaches furthest
	for i, x := range c.all {
		if i > 0 && x.First.Compare(wide.Last) <= 0 && (x.by.meter == "" || wide.by.meter == "") {
			early, late := wide, x
			if late.at.line < early.at.line || late.at.line == early.at.line && late.at.column < early.at.column {
				early, late = late, early
			}
			c.say(late.at, fmt.Sprintf("%s claims %s, which %s claims on line %d", late.by, x.First, early.by, early.at.line), "correct one of the two")
		}
		if i == 0 || x.Last.Compare(wide.Last) > 0 {
			wide = x
		}
	}
}
