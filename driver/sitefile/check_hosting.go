package sitefile

import (
	"errors"
	"fmt"
	"slices"

	"sluice/gpu"
	"sluice/unit"
	"sluice/use/hosting"
)

// checkHosting has every hall and contract checked by itself, so that each fault
// has its place, and then all together.
func (b *builder) checkHosting() {
	h, raw := b.file.Hosting, b.raw.Hosting
	if h == nil || len(b.faults) > 0 {
		return
	}
	known := map[string]bool{}
	for i, hall := range h.Halls {
		w := raw.Halls[i].Where
		b.claim(hall.Validate(), w, w.place, known)
	}
	for i, c := range h.Contracts {
		w := raw.Contracts[i].Where
		b.claim(c.Validate(), w, w.of("name"), known)
	}
	if len(b.faults) > 0 {
		return
	}
	_, err := b.file.Tenancies()
	b.claim(errors.Join(err, b.booked().Validate()), raw.Where, raw.Where.of("contracts"), known)
	if len(b.faults) == 0 && len(b.file.Groups) == 0 {
		b.unyielding()
	}
}

// unyielding notes a connection that the servers of a site without miners can pass:
// no machines give way to work that comes between two decisions.
func (b *builder) unyielding() {
	s := b.file.Site
	all := s.MustRun
	for _, h := range b.file.Hosting.Halls {
		for _, g := range h.Groups {
			all += (g.Model.Node * unit.Power(g.Nodes)).ScaleUp(max(unit.One, h.Cooling.PUE0))
		}
	}
	if limit := s.Connection.Ceiling(); all > limit {
		b.file.Notes = append(b.file.Notes, fmt.Sprintf("the servers and the must-run load behind the connection can draw %s with their cooling, more than its %s, and no machines give way: work that comes between two decisions may pass it", all, limit))
	}
}

// booked is everything that was sold, to be held against what is there.
func (b *builder) booked() hosting.Book {
	room := map[string]unit.Power{}
	for _, x := range b.file.Hosting.Halls {
		if p, ok := b.file.Site.Room(x.Name); ok {
			room[x.Name] = p
		}
	}
	return hosting.Book{Halls: b.file.Hosting.Halls, Contracts: b.file.Hosting.Contracts, Room: room, Zone: b.file.Site.Zone}
}

// Tenancies joins the contracts to the servers that they run on and to their power
// curves, in the order of the contracts; none where the file declares no GPUs.
func (f *File) Tenancies() ([]*hosting.Tenancy, error) {
	if f.Hosting == nil {
		return nil, nil
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		return nil, err
	}
	var out []*hosting.Tenancy
	var faults []error
	for _, c := range f.Hosting.Contracts {
		i := slices.IndexFunc(f.Hosting.Halls, func(h hosting.Hall) bool { return h.Name == c.Hall })
		if i < 0 {
			faults = append(faults, fmt.Errorf("contract %q: there are no GPUs in hall %q: declare them", c.Name, c.Hall))
			continue
		}
		t, err := hosting.Compile(c, f.Hosting.Halls[i], curves, f.Site.Zone)
		out, faults = append(out, t), append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return out, nil
}
