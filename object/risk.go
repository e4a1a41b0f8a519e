package object

import (
	"math/big"
	"slices"
	"strings"
)

// Class says how dangerous a change is, which decides who may make it.
type Class int

// The classes, from the least on. A change is of the class of its worst field.
const (
	None  Class = iota // nothing changes
	Lower              // a limit falls: one person, at once
	SetUp              // within the limits: one person who has just shown again who they are
	Raise              // a limit rises, or what it is measured by changes: two people
	Payee              // who is paid: two people
	Grant              // what somebody may do: two people
)

// String is the word for it.
func (c Class) String() string {
	return [...]string{"none", "lower", "setup", "raise", "payee", "grant"}[c]
}

// MarshalText writes the word.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Risk is the class of a change: that of its worst field. Where an object is new
// there is nothing yet that could be raised; a role for a group that goes is revoked.
func Risk(kind Kind, what What, fields []Field) Class {
	worst := None
	for _, f := range fields {
		c := classOf(kind, f)
		switch {
		case what == Create && c <= Raise:
			c = SetUp
		case what == Delete && kind == GroupRole:
			c = Lower
		}
		worst = max(worst, c)
	}
	return worst
}

// when says which way of a change a rule is about.
type when int

const (
	always   when = iota
	rises         // more is dangerous, less is the safe direction
	parted        // as rises, and an entry of a list that comes or goes with all it has is ordinary
	slower        // more is dangerous, less is ordinary
	unbound       // as rises, and 0 means no bound
	switched      // true is dangerous, false is ordinary
)

// rule classes the fields of a shape; a shape that ends in ** has all below it.
// The first that fits counts.
type rule struct {
	shape  string
	when   when
	class  Class
	absent string // what the field means when it is not there; "": not known
}

// rules are those of a kind.
func rules(k Kind) []rule {
	switch k {
	case Site:
		return append(siteLimits(), siteRest()...)
	case Entity:
		return append(
			all(Payee, "spec.bank", "spec.pool", "spec.wallet", "spec.utility", "spec.debt[].lender", "spec.leases[].owner", "spec.foreign[].accounts[]", "spec.foreign[].accounts"),
			all(SetUp, "spec.debt[].**", "spec.leases[].**", "spec.revenue[].**", "spec.payouts")...)
	case MeterTemplate: // what a register means decides what a limit is measured by
		return append(
			all(SetUp, "spec.maker", "spec.models", "spec.models[]", "spec.models.order", "spec.source", "spec.transformer", "spec.caveats", "spec.caveats[]", "spec.caveats.order"),
			all(Raise, "spec.**")...)
	case GroupRole:
		return all(Grant, "spec.**", "metadata.site")
	case Quote, CapitalPlan, Contact, Route, Policy: // nothing of them carries power or money
		return all(SetUp, "spec.**")
	}
	return all(Grant, "spec.**")
}

// all are rules of one class for any change of these shapes.
func all(c Class, shapes ...string) []rule {
	out := make([]rule, len(shapes))
	for i, s := range shapes {
		out[i] = rule{shape: s, class: c}
	}
	return out
}

// siteLimits are what holds power, and who is paid for it.
func siteLimits() []rule {
	return []rule{
		{"spec.connection.import_limit_mw", rises, Raise, ""},
		{"spec.connection.export_limit_mw", rises, Raise, "0"},
		{"spec.connection.rating_mw", rises, Raise, ""},
		{"spec.feeders[].limit_mw", rises, Raise, ""},
		{"spec.halls[].limit_mw", rises, Raise, ""},
		{"spec.halls[].feeder", always, Raise, ""}, // it says which limit holds the hall
		{"spec.groups[].max_power_w", parted, Raise, ""},
		{"spec.groups[].ramp_mw_per_minute", unbound, Raise, "0"},
		{"spec.groups[].overclock", switched, Raise, "false"},
		{"spec.hosting.halls[].servers[].rack_limit_w", parted, Raise, ""},
		{"spec.hosting.engine.budget_w", unbound, Raise, "0"},
		{"spec.control.shed_seconds", slower, Raise, "60"},
		{"spec.control.starts_per_day", unbound, Raise, "6"},
		{"spec.control.wakes_per_feeder", unbound, Raise, "50"},
		{"spec.contracts.carbon.cap_kg_per_plan", unbound, Raise, "0"},
		{"spec.control.meters[].address", always, SetUp, ""}, // the examination of a meter finds a wrong one
		{"spec.control.meters[].port", always, SetUp, ""},
		{"spec.control.meters[].**", always, Raise, ""},
		{"spec.hosting.meters[].address", always, SetUp, ""},
		{"spec.hosting.meters[].port", always, SetUp, ""},
		{"spec.hosting.meters[].**", always, Raise, ""},
		{"spec.control.pools", always, Payee, ""},
		{"spec.control.pools[].**", always, Payee, ""},
		{"spec.control.pools.order", always, SetUp, ""},
	}
}

// siteRest is what sounds like a limit or a payee and is none.
func siteRest() []rule {
	return []rule{
		{"spec.contracts.**", always, SetUp, ""}, // prices, which decide what is worth running and not what may run
		{"spec.hosting.contracts[].**", always, SetUp, ""},
		{"spec.hosting.models[].**", always, SetUp, ""},
		{"spec.groups[].pool_fee_percent", always, SetUp, ""},
	}
}

// fits reports whether a rule is about a shape.
func (r rule) fits(shape string) bool {
	if head, all := strings.CutSuffix(r.shape, "**"); all {
		return strings.HasPrefix(shape, head) || shape == strings.TrimRight(head, ".")
	}
	return shape == r.shape
}

// classOf is the class of one difference.
func classOf(kind Kind, f Field) Class {
	shape := f.shape
	if shape == "" {
		shape = shapeOf(f.Path)
	}
	all := rules(kind)
	if i := slices.IndexFunc(all, func(r rule) bool { return r.fits(shape) }); i >= 0 {
		return all[i].judge(f)
	}
	switch {
	case mentions(shape, "pool", "pools", "wallet", "wallets", "payee", "payees", "bank", "iban", "payout", "payouts", "lender", "vendor", "beneficiary"):
		return Payee
	case mentions(shape, "limit", "limits", "max", "maximum", "most", "rating", "ramp", "cap", "ceiling", "budget", "envelope", "bound", "wake", "wakes", "authorised", "allowed"):
		return rule{when: rises, class: Raise}.judge(f)
	}
	return SetUp
}

// shapeOf is a path without what stands in brackets, for fields that came from elsewhere.
func shapeOf(path string) string {
	var b strings.Builder
	deep := 0
	for _, r := range path {
		if r == ']' && deep > 0 {
			deep--
		}
		if deep == 0 {
			b.WriteRune(r)
		}
		if r == '[' {
			deep++
		}
	}
	return b.String()
}

// mentions reports whether a word stands in a path.
func mentions(shape string, known ...string) bool {
	return slices.ContainsFunc(words(shape), func(w string) bool { return slices.Contains(known, w) })
}

// judge is the class of a difference by a rule about it. What cannot be compared is
// taken for the dangerous way.
func (r rule) judge(f Field) Class {
	before, after := f.Before, f.After
	if before == "" {
		before = r.absent
	}
	if after == "" {
		after = r.absent
	}
	switch r.when {
	case always:
		return r.class
	case switched:
		if after == "false" {
			return SetUp
		}
		return r.class
	case parted:
		if f.whole {
			return SetUp
		}
	case rises, slower, unbound:
	}
	more := r.compare(before, after)
	switch {
	case more > 0:
		return r.class
	case more == 0 || r.when == slower:
		return SetUp
	}
	return Lower
}

// compare is above 0 when the limit rises or nobody knows, below 0 when it falls.
func (r rule) compare(before, after string) int {
	a, known := quantity(before)
	b, both := quantity(after)
	if !known || !both {
		return 1
	}
	if r.when == unbound && (a.Sign() == 0) != (b.Sign() == 0) {
		return a.Sign() - b.Sign()
	}
	return b.Cmp(a)
}

// quantity is the number of a canonical text, which may be in quotes.
func quantity(s string) (*big.Rat, bool) {
	v, err := NumberOf(strings.Trim(s, `"`))
	if err != nil {
		return nil, false
	}
	return new(big.Rat).SetString(v.word)
}
