package people

import "slices"

// Verb is one thing that can be done.
type Verb string

// What only looks.
const (
	Look  Verb = "look"  // at power, plans, machines and alarms
	Money Verb = "money" // see margins, books and invoices
	Audit Verb = "audit" // read and export the audit log
	Own   Verb = "own"   // of a tenant: see its jobs, usage, contracts and notices
)

// The daily work of a shift.
const (
	Acknowledge Verb = "acknowledge" // an alarm, or shelve it
	Answer      Verb = "answer"      // a recommendation, or call it unsafe
	Instruct    Verb = "instruct"    // enter what the grid orders
	Clear       Verb = "clear"       // give a machine back that somebody looked at
	Report      Verb = "report"      // hand in what an agent saw, and fetch its orders
)

// The safe direction.
const (
	Lower   Verb = "lower"   // a limit or a ceiling
	Stop    Verb = "stop"    // everything
	LockOut Verb = "lockout" // hold a machine or a place down
	Demote  Verb = "demote"  // let the site act less by itself
	Pause   Verb = "pause"   // hold an automation or a plan back
	Decline Verb = "decline" // what another one asks two people for
	Revoke  Verb = "revoke"  // a role, a session, a token or an account
)

// What one person does who has just shown again who they are.
const (
	Unlock   Verb = "unlock"   // end a lock-out of one's own
	SetUp    Verb = "setup"    // change sites, halls, machines and connections, within the limits
	Adopt    Verb = "adopt"    // take a machine or a meter as the one that belongs here
	Maintain Verb = "maintain" // firmware and passwords of at most 1 % of the fleet
	Trade    Verb = "trade"    // enter prices, offers and purchases
	Quote    Verb = "quote"    // price hosting, and accept or refuse what tenants ask for
	Post     Verb = "post"     // write into the books
	Invoice  Verb = "invoice"  // issue invoices and credit notes
	Capital  Verb = "capital"  // change plans of what is built, and with which money
	People   Verb = "people"   // add somebody, who may then do nothing yet
	Tokens   Verb = "tokens"   // make API tokens with no more than one's own rights
	Reserve  Verb = "reserve"  // of a tenant: ask for GPUs, take it back
	Access   Verb = "access"   // of a tenant: accounts in the engines
)

// What takes two people.
const (
	Raise       Verb = "raise"       // a limit, an envelope or a ceiling
	Resume      Verb = "resume"      // end a stop, or start more power than the site says
	Release     Verb = "release"     // a lock-out that somebody else put
	Promote     Verb = "promote"     // let the site act more by itself
	Interlock   Verb = "interlock"   // put one out of action, or change limits of a safety input
	Firmware    Verb = "firmware"    // of more than 1 % of the fleet
	Payee       Verb = "payee"       // pools, wallets, banks and who is paid
	Close       Verb = "close"       // end a period of the books, or open one again
	Evict       Verb = "evict"       // stop a tenant that has a contract
	Reverse     Verb = "reverse"     // postings above the amount that the site says
	GiveRole    Verb = "grant"       // a role to somebody
	Credentials Verb = "credentials" // replace password and second factor of somebody else
)

// Authority is what a verb takes.
type Authority string

// The authorities, from the least on.
const (
	AtOnce   Authority = "at once"          // one person, without delay
	Proven   Authority = "one, shown again" // one person who has just shown again who they are
	Together Authority = "two people"       // two people who have, both with the right to it
)

// Rule is one row of the table.
type Rule struct {
	Verb  Verb
	Says  string // what it is, for people
	Takes Authority
	Acts  bool // it changes something
	Token bool // a token may do it, or ask for it where it takes two people
	who   roles
}

// Has reports whether a role holds the right.
func (r Rule) Has(x Role) bool { return r.who&x.set() != 0 }

// Roles are the roles that hold the right, in the order of the table.
func (r Rule) Roles() []Role {
	return slices.DeleteFunc(Roles(), func(x Role) bool { return !r.Has(x) })
}

// rule is a row for those who work in the house.
func rule(v Verb, takes Authority, says string, who roles) Rule {
	return Rule{Verb: v, Says: says, Takes: takes, who: who, Acts: true, Token: true}
}

// looks is a row that changes nothing.
func looks(v Verb, says string, who roles) Rule {
	return Rule{Verb: v, Says: says, Takes: AtOnce, who: who, Token: true}
}

// inPerson is a row that no token reaches.
func inPerson(r Rule) Rule {
	r.Token = false
	return r
}

// Rules are the whole table, in its order.
func Rules() []Rule {
	shift := of(Operator, Dispatcher, Engineer)
	duty := shift | of(Admin)
	staff := duty | of(Viewer, Trader, Finance, Auditor)
	return []Rule{
		looks(Look, "see power, plans, machines and alarms", staff),
		looks(Money, "see margins, books and invoices", of(Trader, Finance, Auditor, Admin)),
		looks(Audit, "read and export the audit log", of(Auditor, Admin)),
		looks(Own, "see the tenant's jobs, usage, contracts and notices", of(TenantUser, TenantAdmin)),

		rule(Acknowledge, AtOnce, "acknowledge or shelve an alarm", duty),
		rule(Answer, AtOnce, "accept or decline a recommendation, or call it unsafe", shift),
		rule(Instruct, AtOnce, "enter what the grid orders", of(Operator, Dispatcher)),
		rule(Clear, AtOnce, "give a machine back that somebody looked at", of(Operator, Engineer)),
		rule(Report, AtOnce, "hand in what an agent saw, and fetch its orders", of(Engineer, Admin, Agent)),

		rule(Lower, AtOnce, "lower a limit or a ceiling", duty),
		rule(Stop, AtOnce, "stop everything", duty),
		rule(LockOut, AtOnce, "hold a machine or a place down", duty),
		rule(Demote, AtOnce, "let the site act less by itself", duty),
		rule(Pause, AtOnce, "hold an automation or a plan back", duty),
		rule(Decline, AtOnce, "decline what two people are asked for", of(Operator, Dispatcher, Engineer, Finance, Admin)),
		rule(Revoke, AtOnce, "take away a role, a session, a token or an account", of(Admin)),

		rule(Unlock, Proven, "end a lock-out of one's own", duty),
		rule(SetUp, Proven, "change sites, halls, machines and connections, within the limits", of(Engineer, Admin)),
		rule(Adopt, Proven, "take a machine or a meter as the one that belongs here", of(Engineer, Admin)),
		rule(Maintain, Proven, "change firmware and passwords of at most 1 % of the fleet", of(Engineer)),
		rule(Trade, Proven, "enter prices, offers and purchases", of(Trader)),
		rule(Quote, Proven, "price hosting, accept or refuse what tenants ask for", of(Trader, Finance)),
		rule(Post, Proven, "write into the books", of(Finance)),
		rule(Invoice, Proven, "issue invoices and credit notes", of(Finance)),
		rule(Capital, Proven, "change plans of what is built, and with which money", of(Finance)),
		inPerson(rule(People, Proven, "add somebody, who may then do nothing yet", of(Admin))),
		inPerson(Rule{Verb: Tokens, Says: "make API tokens with no more than one's own rights", Takes: Proven, who: staff}),
		rule(Reserve, Proven, "ask for GPUs for the tenant, take it back", of(TenantAdmin)),
		inPerson(rule(Access, Proven, "make the tenant's accounts in the engines", of(TenantAdmin))),

		rule(Raise, Together, "raise a limit, an envelope or a ceiling", of(Dispatcher, Engineer, Admin)),
		rule(Resume, Together, "end a stop, or start more power than the site says", duty),
		rule(Release, Together, "release a lock-out that somebody else put", duty),
		rule(Promote, Together, "let the site act more by itself", of(Dispatcher, Engineer, Admin)),
		rule(Interlock, Together, "put an interlock out of action, or change limits of a safety input", of(Engineer, Admin)),
		rule(Firmware, Together, "change the firmware of more than 1 % of the fleet", of(Engineer, Admin)),
		rule(Payee, Together, "change pools, wallets, banks and who is paid", of(Finance, Admin)),
		rule(Close, Together, "end a period of the books, or open one again", of(Finance)),
		rule(Evict, Together, "stop a tenant that has a contract", of(Dispatcher, Finance, Admin)),
		rule(Reverse, Together, "reverse postings above the amount that the site says", of(Finance, Admin)),
		inPerson(rule(GiveRole, Together, "give somebody a role", of(Admin))),
		inPerson(rule(Credentials, Together, "replace password and second factor of somebody else", of(Admin))),
	}
}

// Rule is the row of a verb; false where there is none.
func (v Verb) Rule() (Rule, bool) {
	all := Rules()
	i := slices.IndexFunc(all, func(r Rule) bool { return r.Verb == v })
	if i < 0 {
		return Rule{}, false
	}
	return all[i], true
}
