package people

import (
	"errors"
	"fmt"
	"slices"
)

// Grant is a role that somebody has.
type Grant struct {
	Role   Role   `json:"role"`
	Site   string `json:"site,omitempty"`   // empty: at all sites
	Tenant string `json:"tenant,omitempty"` // of a tenant's role, and of no other
}

// Place is where something is done.
type Place struct {
	Site   string `json:"site,omitempty"`   // empty: the house with all its sites
	Tenant string `json:"tenant,omitempty"` // whose thing it is; empty: nobody's
}

// The bounds of a name of a site or a tenant, bytes.
const mostPlace = 200

// Validate reports everything that is wrong.
func (g Grant) Validate() error {
	var all []error
	if !g.Role.Known() {
		all = append(all, fmt.Errorf("role %.40q is not known: choose one of %v", g.Role, Roles()))
	}
	if g.Role.OfTenant() && g.Tenant == "" {
		all = append(all, fmt.Errorf("role %s is one of a tenant: name it", g.Role))
	}
	if !g.Role.OfTenant() && g.Tenant != "" {
		all = append(all, fmt.Errorf("role %.40q is none of a tenant: leave the tenant out", g.Role))
	}
	if !line(g.Site, mostPlace) || !line(g.Tenant, mostPlace) {
		all = append(all, fmt.Errorf("a site and a tenant have at most %d bytes of UTF-8 on one line", mostPlace))
	}
	return errors.Join(all...)
}

// String is the grant in words.
func (g Grant) String() string {
	out := string(g.Role)
	if g.Tenant != "" {
		out += " of " + g.Tenant
	}
	if g.Site == "" {
		return out + " at all sites"
	}
	return out + " at " + g.Site
}

// Place is where a grant holds.
func (g Grant) Place() Place { return Place{Site: g.Site, Tenant: g.Tenant} }

// reaches reports whether the grant holds at a place. One of a tenant holds for what is
// that tenant's and for nothing else.
func (g Grant) reaches(at Place) bool {
	return (g.Site == "" || g.Site == at.Site) && (!g.Role.OfTenant() || g.Tenant != "" && g.Tenant == at.Tenant)
}

// Allowed reports whether grants hold the right to do something at a place. It says
// nothing of what else it takes: see Actor.May. What no rule names is not allowed.
func Allowed(grants []Grant, v Verb, at Place) bool {
	r, known := v.Rule()
	return known && r.allowed(grants, at)
}

func (r Rule) allowed(grants []Grant, at Place) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return r.Has(g.Role) && g.reaches(at) && g.Validate() == nil
	})
}

// Covers reports whether who holds some grants holds all the rights of others. It is
// how a token is held to no more than its maker has.
func Covers(held, asked []Grant) bool {
	return !slices.ContainsFunc(asked, func(g Grant) bool { return g.Validate() != nil || !covers(held, g) })
}

func covers(held []Grant, asked Grant) bool {
	for _, r := range Rules() {
		if r.Has(asked.Role) && !r.allowed(held, asked.Place()) {
			return false
		}
	}
	return true
}

// Actuating reports whether any of the grants can change something.
func Actuating(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return g.Role.Actuating() })
}
