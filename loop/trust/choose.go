package trust

import (
	"cmp"
	"slices"

	"sluice/unit"
)

// Scope is what a stage entrusts.
type Scope struct {
	Stage Stage
	Named []string   // the rack; in advisory, the machines of what was accepted
	Cap   unit.Power // most that the entrusted machines draw together
}

// Choice says which machines are entrusted, by index, and why the others are not.
type Choice struct {
	Entrusted []bool
	Why       []Code
	Count     int
	Most      unit.Power
}

// Choose entrusts machines. The same machines give the same choice in any order.
//
// All machines stand in one row: the named ones first, then each by its place
// within its group as a share of the group, so that a part of the row holds the
// same share of every group and at least one of each. The place within a group
// is a hash of the name. A stage takes the row up to its share and up to its cap,
// and nothing beyond; so a higher stage keeps what a lower one had. A machine
// that comes or goes shifts its group by one place.
func Choose(site string, s Scope, units []Unit) Choice {
	c := Choice{Entrusted: make([]bool, len(units)), Why: make([]Code, len(units))}
	acts := s.Stage.Closed() || s.Stage == Advisory
	for i, u := range units {
		c.Why[i] = StageTooLow
		if acts {
			c.Why[i] = OutOfScope
		}
		if !u.Adopted {
			c.Why[i] = NotAdopted
		}
	}
	if acts {
		c.fill(s, row(site, s.Named, units), units)
	}
	return c
}

// fill takes the row in order until share or cap end it.
func (c *Choice) fill(s Scope, row []place, units []Unit) {
	full := false
	for _, p := range row {
		// rank/of < share, in whole numbers.
		if !p.named && int64(p.rank)*int64(unit.One) >= int64(p.of)*int64(s.Stage.share()) {
			return
		}
		// What follows a machine that does not fit is left out too: otherwise a
		// higher cap could take it in and push a smaller one out.
		if full = full || units[p.unit].Most > s.Cap-c.Most; full {
			c.Why[p.unit] = CapFull
			continue
		}
		c.Entrusted[p.unit], c.Why[p.unit] = true, None
		c.Count++
		c.Most += units[p.unit].Most
	}
}

// place is where an adopted machine stands in the row.
type place struct {
	unit     int
	named    bool
	rank, of int // within its group, from 0, and how many there are
	hash     uint64
}

func row(site string, named []string, units []Unit) []place {
	name := make(map[string]bool, len(named))
	for _, n := range named {
		name[n] = true
	}
	groups := map[string][]place{}
	for i, u := range units {
		if u.Adopted {
			groups[u.Group] = append(groups[u.Group], place{unit: i, named: name[u.Name], hash: hash(site, u.Name)})
		}
	}
	var out []place
	for _, g := range groups {
		slices.SortFunc(g, func(a, b place) int { return cmp.Or(first(a, b), byHash(units, a, b)) })
		for r := range g {
			g[r].rank, g[r].of = r, len(g)
		}
		out = append(out, g...)
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(first(a, b), cmp.Compare(a.rank*b.of, b.rank*a.of), byHash(units, a, b))
	})
	return out
}

// first puts named machines before others.
func first(a, b place) int {
	switch {
	case a.named == b.named:
		return 0
	case a.named:
		return -1
	}
	return 1
}

func byHash(units []Unit, a, b place) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(units[a.unit].Name, units[b.unit].Name))
}

// Block is a small block for a site whose racks are not known: n adopted
// machines of one group, by name. Site and names decide, not the order.
func Block(site string, units []Unit, n int) []string {
	group, found := "", false
	for _, u := range units {
		if u.Adopted && (!found || cmp.Or(cmp.Compare(hash(site, u.Group), hash(site, group)), cmp.Compare(u.Group, group)) < 0) {
			group, found = u.Group, true
		}
	}
	var out []string
	for _, p := range row(site, nil, units) {
		if u := units[p.unit]; u.Group == group && len(out) < n {
			out = append(out, u.Name)
		}
	}
	return out
}

// hash is FNV-1a with a last mixing step, because numbered names differ only in
// their last letters.
func hash(site, name string) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range []string{site, "\x00", name} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}
