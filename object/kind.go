package object

import "slices"

// Kind says what an object is.
type Kind string

// The kinds.
const (
	Site          Kind = "Site"
	Entity        Kind = "Entity"
	MeterTemplate Kind = "MeterTemplate"
	Quote         Kind = "Quote"
	CapitalPlan   Kind = "Plan"
	Contact       Kind = "Contact"
	Route         Kind = "Route"
	Policy        Kind = "Policy"
	GroupRole     Kind = "GroupRole"
)

// Place says what of an object names the site at which rights to it are judged.
type Place string

// The places.
const (
	House  Place = "no site"           // it takes rights at all sites
	Itself Place = "the site it is"    // the object is a site
	Either Place = "a site, or none"   // metadata.site may name one
	Alone  Place = "a site, one there" // metadata.site names it, and the object has its name
)

// Row is what is known of a kind.
type Row struct {
	Kind  Kind
	Says  string // what it is, for people
	Verb  string // of package people, by which it is changed within its limits
	Drops string // the verb by which it is deleted; "": as the risk of its fields says
	Sees  string // the verb by which it is seen; "": look
	Place Place
}

// Kinds are the whole table, in its order: what others refer to comes first.
func Kinds() []Row {
	return []Row{
		{Kind: Site, Says: "a site: connection, feeders, halls, power contracts, machines, hosting, control; its spec is a site file", Verb: "setup", Place: Itself},
		{Kind: Entity, Says: "what a legal entity is to its books; its spec is an entity file", Verb: "post", Place: House},
		{Kind: MeterTemplate, Says: "a family of Modbus meters and how it is read; its spec is a meter template", Verb: "setup", Place: House},
		{Kind: Quote, Says: "what a quote is made of; its spec is a quote file", Verb: "quote", Place: House},
		{Kind: CapitalPlan, Says: "what a company means to build over years and with which money; its spec is a plan file", Verb: "capital", Sees: "money", Place: House},
		{Kind: Contact, Says: "somebody who is told, how, in which language, and when not", Verb: "setup", Place: House},
		{Kind: Route, Says: "which alarms go to whom, and to whom next when nobody answers", Verb: "setup", Place: House},
		{Kind: Policy, Says: "what the control room does at a site: from when on alarms are a flood", Verb: "setup", Place: Alone},
		{Kind: GroupRole, Says: "a role for everybody in a group of the sign-in", Verb: "grant", Drops: "revoke", Place: Either},
	}
}

// Looks is the verb by which objects of the kind are seen.
func (r Row) Looks() string {
	if r.Sees == "" {
		return "look"
	}
	return r.Sees
}

// Row is the row of a kind; false where there is none.
func (k Kind) Row() (Row, bool) {
	all := Kinds()
	i := k.rank()
	if i == len(all) {
		return Row{}, false
	}
	return all[i], true
}

// rank is the place of a kind in the table; behind all where it has none.
func (k Kind) rank() int {
	all := Kinds()
	if i := slices.IndexFunc(all, func(r Row) bool { return r.Kind == k }); i >= 0 {
		return i
	}
	return len(all)
}
