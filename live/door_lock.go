package live

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sluice/loop/actuate"
	"sluice/unit"
)

// Place lists the machines that a person means: one by its address, all of a
// network, of a feeder, a hall or a mining group, or of the whole site by its name.
func (c *Core) Place(name string) []int {
	if i, known := c.Find(name); known {
		return []int{i}
	}
	network, err := netip.ParsePrefix(name)
	group, limited := c.Group(name)
	var out []int
	for i, m := range c.machines {
		switch {
		case name == "":
		case err == nil && network.Contains(m.Host), limited && c.behind(i, group), c.cfg.Rigs[m.Group].Group().Name == name:
			out = append(out, i)
		}
	}
	return out
}

// each does something to every machine that a request means.
func (s *Site) each(ctx context.Context, q Request, do func(c *Core, i int)) (int, error) {
	if err := named(q); err != nil {
		return 0, err
	}
	var all []int
	err := s.Do(ctx, func(c *Core, _ time.Time) {
		for _, i := range c.Place(q.Machine) {
			all = append(all, i)
			do(c, i)
		}
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%w: this site has no machine and no place %q: give an address, a network, a feeder, a hall or a group", ErrNo, q.Machine)
	}
	return len(all), err
}

// machinesOf is a number of machines in words.
func machinesOf(q Request, n int) string {
	if n == 1 {
		return q.Machine + " is"
	}
	return fmt.Sprintf("%d machines of %s are", n, q.Machine)
}

// lock holds machines at or below a power each until they are released.
func (s *Site) lock(ctx context.Context, q Request) (string, error) {
	if q.Limit < 0 {
		return "", fmt.Errorf("%w: a ceiling is not negative", ErrNo)
	}
	ceiling, by := unit.Power(0), map[string]bool{}
	n, err := s.each(ctx, q, func(c *Core, i int) {
		held := c.joined(actuate.Locked{Unit: i, Ceiling: q.Limit, By: strings.TrimSpace(q.By)})
		s.handle(ctx, Said{By: q.By, Why: strings.TrimSpace(q.Reason), What: held})
		ceiling, by[held.By] = max(ceiling, held.Ceiling), true
	})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s held at or below %s by %s", machinesOf(q, n), ceiling, strings.Join(sortedNames(by), "; ")), nil
}

// unlock releases machines: the one who locked each, or two others.
func (s *Site) unlock(ctx context.Context, q Request) (string, error) {
	if samePerson(q) != nil {
		q.And = "" // one person is one, however they write it
	}
	holders, kept := map[string]bool{}, 0
	n, err := s.each(ctx, q, func(c *Core, i int) {
		s.handle(ctx, Said{By: q.By, What: actuate.Unlocked{Unit: i, By: strings.TrimSpace(q.By), And: q.And}})
		if by := c.kernel.Unit(i).Locked; by != "" {
			holders[by] = true
			kept++
		}
	})
	if err == nil && kept > 0 {
		err = fmt.Errorf("%w: %s holds it (%d of %d machines): they release it, or two others do, the second named with --and", ErrNo, strings.Join(sortedNames(holders), "; "), kept, n)
	}
	if err != nil {
		return "", err
	}
	return machinesOf(q, n) + " released", nil
}

// clear gives machines back that somebody looked at.
func (s *Site) clear(ctx context.Context, q Request) (string, error) {
	n, err := s.each(ctx, q, func(_ *Core, i int) { s.handle(ctx, Said{By: q.By, What: actuate.Cleared{Unit: i, By: q.By}}) })
	if err != nil {
		return "", err
	}
	return machinesOf(q, n) + " given back", nil
}

// sortedNames are names in their order.
func sortedNames(all map[string]bool) []string { return slices.Sorted(maps.Keys(all)) }
