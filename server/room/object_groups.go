package room

import (
	"errors"
	"fmt"
	"slices"

	"sluice/object"
	"sluice/people"
)

// groupRoles are the roles that groups of a sign-in give.
type groupRoles map[string][]people.Grant

// groupsOf are those that the objects say. No group makes an administrator.
func groupsOf(all []object.Object) (groupRoles, error) {
	out := groupRoles{}
	var faults []error
	for _, o := range all {
		if o.Kind != object.GroupRole {
			continue
		}
		var spec object.GroupRoleSpec
		err := o.Decode(&spec)
		g := people.Grant{Role: people.Role(spec.Role), Site: o.Metadata.Site, Tenant: spec.Tenant}
		switch {
		case err != nil:
		case g.Role == people.Admin:
			err = errors.New("spec.role: no group makes an administrator: two people do; choose another role")
		default:
			err = g.Validate()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", o.Key(), err))
			continue
		}
		if !slices.Contains(out[spec.Group], g) {
			out[spec.Group] = append(out[spec.Group], g)
		}
	}
	return out, errors.Join(faults...)
}

// giveByGroups has every provider give these roles at each login from now on, beside those
// of its settings.
func (r *Room) giveByGroups(all groupRoles) {
	for _, p := range r.providers {
		p.roles.Store(&all)
	}
}

// gives are the roles of a group.
func (p *provider) gives(group string) []people.Grant {
	var out []people.Grant
	if g, mapped := p.Groups[group]; mapped {
		out = append(out, g)
	}
	if roles := p.roles.Load(); roles != nil {
		out = append(out, (*roles)[group]...)
	}
	return out
}

// maps reports whether roles follow groups. Where objects say which, they follow also when
// the last of these objects is gone, so that what it gave ends.
func (p *provider) maps() bool { return len(p.Groups) > 0 || p.roles.Load() != nil }
