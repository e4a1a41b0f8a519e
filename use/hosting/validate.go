package hosting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/unit"
)

// Bounds beyond which a figure stands in the wrong unit.
const (
	gpusMax   = 10_000_000
	incomeMax = 10_000_000 * unit.Unit // an hour, of colocation a month
	powerMax  = 10_000 * unit.Megawatt
	priceMax  = 100_000 * unit.Unit
	spanMax   = 366 * 24 * time.Hour
	rampMax   = 600
)

// faults collects sentences about one thing.
type faults struct {
	about string
	list  []error
}

func (f *faults) when(bad bool, format string, args ...any) {
	if bad {
		f.list = append(f.list, fmt.Errorf(f.about+": "+format, args...)) //nolint:err113 // sentences for a person
	}
}

// Validate reports every fault of a contract at once, as far as the contract alone
// can tell, each with what to do. Book.Validate holds it against halls and others.
func (c Contract) Validate() error {
	f := &faults{about: fmt.Sprintf("contract %q", strings.ReplaceAll(c.Name, "%", "%%"))}
	f.when(!engine.Plain(c.Name), "needs a name of lower-case letters, digits and inner dashes, such as acme-train")
	f.when(c.Kind != Colocation && !engine.Plain(c.Tenant), "tenant %q becomes an account of the engine: give it a name of lower-case letters, digits and inner dashes", c.Tenant)
	f.when(strings.TrimSpace(c.Tenant) == "", "names no tenant")
	f.when(strings.TrimSpace(c.Hall) == "", "names no hall: say in which hall of the site it is served")
	f.when(!slices.Contains([]Kind{Colocation, Reserved, Flexible, OnDemand, Spot, Batch}, c.Kind),
		"kind %q is not known: use %s, %s, %s, %s, %s or %s", c.Kind, Colocation, Reserved, Flexible, OnDemand, Spot, Batch)
	f.when(c.Start.IsZero(), "has no start: state when the tenant accepts it, from then on it is charged")
	f.when(!c.End.IsZero() && !c.End.After(c.Start), "ends %s, not after it starts", c.End.Format(time.RFC3339))
	f.when(c.Price < 0 || c.Renewal < 0 || c.Late < 0, "price, renewal risk and late credit are positive where they cost the tenant or you: state no negative amount")
	f.when(c.Price > priceMax || c.Renewal > priceMax || c.Late > priceMax, "a price beyond %s: state it for a GPU-hour, of colocation for a kW and month", priceMax)
	f.when(c.Price > 0 && c.Units() > int64(incomeMax/c.Price), "%d units at %v come to more than %v: check their units", c.Units(), c.Price, incomeMax)
	f.when(c.Prepaid < 0 || c.Prepaid > unit.One, "prepaid %.3f is a share of the commitment and lies between 0 and 1", c.Prepaid.Float())
	f.when(c.Prepaid > 0 && !c.Kind.Commits(), "a %s contract commits nothing that could be prepaid: leave prepaid out", c.Kind)
	c.sizes(f)
	c.times(f)
	c.capping(f)
	c.flexible(f)
	c.promise(f)
	return errors.Join(f.list...)
}

// sizes checks what is committed, and when.
func (c Contract) sizes(f *faults) {
	if c.Kind == Colocation {
		f.when(c.Power <= 0, "colocation without power: state the critical kilowatts that are committed")
		f.when(c.Power%unit.Kilowatt != 0 || c.Power > powerMax, "power of %v: state whole kilowatts, at most %v", c.Power, powerMax)
		f.when(c.GPUs != 0 || c.Model != "", "colocation counts kilowatts: the hardware is the tenant's, leave GPUs and model out")
	} else {
		f.when(c.GPUs <= 0 || c.GPUs > gpusMax, "%d GPUs: state how many it holds, at most %d", c.GPUs, gpusMax)
		f.when(strings.TrimSpace(c.Model) == "", "names no GPU model")
		f.when(c.Power != 0, "power belongs to colocation: state GPUs instead")
	}
	f.when(len(c.Ramp) > rampMax, "its ramp has %d months, at most %d", len(c.Ramp), rampMax)
	f.when(len(c.Ramp) > 0 && !c.Kind.Commits(), "a %s contract commits nothing that could be ramped: leave the ramp out", c.Kind)
	for i, r := range c.Ramp {
		f.when(r < 0 || r > unit.One, "ramp of month %d is %.3f: state a share of the commitment between 0 and 1", i+1, r.Float())
		f.when(i > 0 && r < c.Ramp[i-1], "ramp falls in month %d: a smaller commitment is a new version of the contract", i+1)
	}
}

// times checks what the tenant was told about time.
func (c Contract) times(f *faults) {
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"warn", c.Warn}, {"grace", c.Grace}, {"restart", c.Restart}, {"saves", c.Saves}, {"deadline", c.Deadline}} {
		f.when(x.d < 0 || x.d > spanMax, "%s of %s must lie between nothing and a year", x.name, x.d)
	}
	f.when(c.Kind == Batch && c.Deadline == 0, "batch without a deadline: state it from submission, or sell it as %s", Spot)
	f.when(c.Kind != Batch && (c.Deadline != 0 || c.Late != 0), "only batch has a deadline and a late credit: leave them out")
}

// capping checks how far power limits are agreed.
func (c Contract) capping(f *faults) {
	f.when(c.Capping.Slowdown < 0 || c.Capping.Slowdown >= unit.One, "slowdown %.3f is a share of the speed, at least 0 and below 1", c.Capping.Slowdown.Float())
	f.when(c.Capping.Hours < 0 || c.Capping.Hours > 31*24*time.Hour, "capping for %s a month: state hours between 0 and a month, 0 for no end", c.Capping.Hours)
	f.when(c.Capping.Slowdown == 0 && c.Capping.Hours > 0, "capping has hours and no slowdown: state by how much work may be slowed down, or leave it out")
	f.when(c.Kind == Colocation && c.Capping != (Capping{}), "the hardware of a colocation tenant cannot be limited: leave capping out")
}

// flexible checks the power that the tenant lets go.
func (c Contract) flexible(f *faults) {
	x := c.Flex
	if c.Kind != Flexible {
		f.when(x != (Flex{}), "only a %s contract lets power go: change its kind, or leave the flexible terms out", Flexible)
		return
	}
	f.when(x.Hours <= 0 || x.Hours > spanMax, "flexible for %s a year: state above 0 and up to a year, or sell it as %s", x.Hours, Reserved)
	f.when(x.Event < 0 || x.Event > x.Hours, "a call of %s is longer than the %s of a year", x.Event, x.Hours)
	f.when(x.Events < 0, "%d calls a month: state 0 for any number", x.Events)
	f.when(x.Notice < 0 || x.Notice > spanMax, "a notice of %s must lie between nothing and a year", x.Notice)
	f.when(x.Above < 0, "flexible above %v: state the price at the meter above which hours are spent, or 0", x.Above)
	f.when(x.Share <= 0 || x.Share > unit.One, "a share of %.3f goes when called: state above 0 and up to 1", x.Share.Float())
	f.when(x.Event > 0 && c.Warn+c.Grace >= x.Event, "warning and grace, %s, are over no sooner than the longest call, %s: no power would ever be let go; shorten them or lengthen the call", c.Warn+c.Grace, x.Event)
}

// promise checks the service level.
func (c Contract) promise(f *faults) {
	if err := c.Level.Validate(); err != nil {
		f.list = append(f.list, fmt.Errorf("contract %q: %w", c.Name, err))
	}
	f.when((c.Kind == Spot || c.Kind == Batch) && c.Level.Promises(), "%s may be stopped at any time and promises no availability: leave the service level out, or sell it as %s", c.Kind, OnDemand)
}

// Validate reports every fault of a hall at once.
func (h Hall) Validate() error {
	f := &faults{about: fmt.Sprintf("GPU hall %q", strings.ReplaceAll(h.Name, "%", "%%"))}
	f.when(strings.TrimSpace(h.Name) == "", "has no name: use that of the site's hall")
	cooling := cooled(h.Cooling)
	for _, why := range cooling.Faults() {
		f.when(true, "%s", why)
	}
	f.when(!slices.Contains([]string{"", "air", "liquid", "hydro", "immersion"}, cooling.Kind), "cooling %q is not known: use air or liquid", cooling.Kind)
	f.when(h.Spare < 0, "%d spare nodes: keep none or more", h.Spare)
	names := map[string]bool{}
	nodes := 0
	for _, g := range h.Groups {
		f.when(strings.TrimSpace(g.Name) == "" || names[g.Name], "group %q: every group of a hall has a name of its own", g.Name)
		names[g.Name] = true
		nodes += max(0, g.Nodes)
		g.check(f)
	}
	f.when(len(h.Groups) > 0 && h.Spare > nodes, "%d spare nodes of %d: keep fewer", h.Spare, nodes)
	return errors.Join(f.list...)
}

// check reports what is wrong with a group of servers.
func (g Group) check(f *faults) {
	if err := g.Model.Validate(); err != nil {
		f.list = append(f.list, fmt.Errorf("group %q: %w", g.Name, err))
	}
	f.when(g.Nodes <= 0 || g.Nodes > gpusMax, "group %q: %d nodes: state how many there are", g.Name, g.Nodes)
	f.when(g.Model.PerNode <= 0, "group %q: it is not known how many GPUs a node holds: declare it with the model", g.Name)
	f.when(g.Rack < 0 || g.Limit < 0, "group %q: nodes and limit of a rack must not be negative", g.Name)
	f.when(g.Limit > 0 && g.Rack == 0, "group %q: the limit of a rack needs the number of nodes in it", g.Name)
	f.when(g.Limit > 0 && g.Model.Empty > g.Limit, "group %q: one empty node draws %v and a rack bears %v: check the unit of the limit", g.Name, g.Model.Empty, g.Limit)
	f.when(g.Boot < 0 || g.Boot > 24*time.Hour, "group %q: a boot of %s must lie between nothing and a day", g.Name, g.Boot)
}
