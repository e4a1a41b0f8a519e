package people

import "slices"

// Role is what somebody is in the house.
type Role string

// The roles.
const (
	Viewer      Role = "viewer"
	Operator    Role = "operator"     // on shift: lowers, stops, starts again with somebody else
	Dispatcher  Role = "dispatcher"   // answers for the plan and to the grid
	Engineer    Role = "engineer"     // sets sites and machines up
	Trader      Role = "trader"       // prices, offers and quotes
	Finance     Role = "finance"      // books, invoices, and who is paid
	Auditor     Role = "auditor"      // sees everything and does nothing
	Admin       Role = "admin"        // people and their rights
	TenantUser  Role = "tenant-user"  // sees what is its tenant's
	TenantAdmin Role = "tenant-admin" // asks for GPUs for its tenant
	Agent       Role = "agent"        // a program at a site
)

// Roles are all roles, in the order of the table.
func Roles() []Role {
	return []Role{Viewer, Operator, Dispatcher, Engineer, Trader, Finance, Auditor, Admin, TenantUser, TenantAdmin, Agent}
}

// roles is a set of them.
type roles uint16

// set is the bit of a role; none for what is not a role.
func (r Role) set() roles {
	switch r {
	case Viewer:
		return 1 << 0
	case Operator:
		return 1 << 1
	case Dispatcher:
		return 1 << 2
	case Engineer:
		return 1 << 3
	case Trader:
		return 1 << 4
	case Finance:
		return 1 << 5
	case Auditor:
		return 1 << 6
	case Admin:
		return 1 << 7
	case TenantUser:
		return 1 << 8
	case TenantAdmin:
		return 1 << 9
	case Agent:
		return 1 << 10
	}
	return 0
}

// of is the set of some roles.
func of(all ...Role) (out roles) {
	for _, r := range all {
		out |= r.set()
	}
	return out
}

// Known reports whether it is a role of the list.
func (r Role) Known() bool { return r.set() != 0 }

// OfTenant reports whether the role is that of a tenant, and so never reaches further
// than one of them.
func (r Role) OfTenant() bool { return r == TenantUser || r == TenantAdmin }

// Actuating reports whether the role can change anything. Who has one shows a second
// factor at login, and is logged out after a short while of doing nothing.
func (r Role) Actuating() bool {
	return slices.ContainsFunc(Rules(), func(x Rule) bool { return x.Acts && x.Has(r) })
}
