package curtail

import (
	"cmp"
	"slices"
	"time"

	"sluice/engine"
	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// Ranking lists the jobs that run, the cheapest to lose first: those that may be
// evicted by the damage of a watt of theirs, then those for which no price is known,
// firm tenants last. It is for an engine that must stop jobs by itself. The last order
// stands as long as nobody in it stands behind one who is a quarter dearer, so that
// jobs do not change places with every reading; who is new finds a place in it. Jobs of
// nobody in the hall are left out. Planning watts stand in for a power that nobody knows.
//
// Source: docs/formula/shed.md.
func Ranking(c Config, last []string, now time.Time, v engine.View, r []gpu.Reading) ([]string, error) {
	k, err := newCore(c, State{})
	if err != nil {
		return nil, err
	}
	k.now = now
	k.look(v, r)
	const forever = 1 << 62 // whoever is told late is told: the engine asks nobody
	a := shed.Ask{Within: forever, Hold: c.Timing.Expect}
	var all []place
	for i := range k.sv.jobs {
		if g := &k.sv.jobs[i]; g.tenancy >= 0 && g.State == engine.Running {
			all = append(all, k.place(g, a))
		}
	}
	slices.SortFunc(all, place.compare)
	all = calm(all, last)
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].job
	}
	return out, nil
}

// calm is the last order with who is new in it, where that is still good enough;
// otherwise all as they are sorted now.
func calm(all []place, last []string) []place {
	at := make(map[string]int, len(all))
	for i := range all {
		at[all[i].job] = i
	}
	var out []place
	var worst place
	for _, job := range last {
		i, runs := at[job]
		if !runs {
			continue
		}
		delete(at, job)
		p := all[i]
		if p.after < worst.after || p.after == worst.after && p.price+p.price/4 < worst.price {
			return all
		}
		if p.after > worst.after || p.price > worst.price {
			worst = p
		}
		out = append(out, p)
	}
	for _, p := range all {
		if _, fresh := at[p.job]; fresh {
			i := slices.IndexFunc(out, func(o place) bool { return p.compare(o) < 0 })
			if i < 0 {
				i = len(out)
			}
			out = slices.Insert(out, i, p)
		}
	}
	return out
}

// place is where a job stands in a ranking.
type place struct {
	job   string
	after int   // 0: it may be evicted, 1: at an unknown price, 2: firm
	price int64 // micros for a kilowatt
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.after, o.after), cmp.Compare(p.price, o.price), cmp.Compare(p.job, o.job))
}

// place finds the place of a job.
func (c *core) place(g *sight, a shed.Ask) place {
	t := &c.cfg.Tenancies[g.tenancy]
	p := place{job: g.ID, after: 1}
	seen := *g
	if !g.known {
		seen.draw, seen.known = g.Watts, g.Watts > 0
	}
	it, ok := c.item(&seen, a)
	if n := len(it.Options); ok && it.Options[n-1].Lever == shed.Evict && it.Options[n-1].Cost >= 0 {
		o := it.Options[n-1]
		p.after, p.price = 0, unit.MulDiv(int64(o.Cost), int64(unit.Kilowatt), int64(max(1, o.Saved)))
	}
	if c.firm(t) {
		p.after = 2
	}
	return p
}
