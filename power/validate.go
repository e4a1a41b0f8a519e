package power

import (
	"errors"
	"fmt"
	"time"

	"sluice/series"
	"sluice/unit"
)

// ErrContract marks contracts that contradict themselves.
var ErrContract = errors.New("the contract is not consistent")

// faults collects what is wrong with contracts.
type faults struct{ found []error }

func (f *faults) say(subject, format string, args ...any) {
	args = append([]any{subject, ErrContract}, args...)
	f.found = append(f.found, fmt.Errorf("%s: %w: "+format, args...))
}

// Validate reports every fault of the contracts at once, each with its remedy.
func (c Contracts) Validate() error {
	f := &faults{}
	c.checkNames(f)
	c.checkSupplier(f)
	for _, d := range c.PPAs {
		d.check(f, c.Spot != nil)
	}
	for _, g := range c.Plants {
		g.check(f)
	}
	for _, e := range c.Energy {
		e.check(f, c.Demand)
	}
	for _, d := range c.Demand {
		d.check(f)
	}
	for _, k := range c.Coincident {
		k.check(f)
	}
	for _, d := range c.Fixed {
		if d.PerMonth < 0 {
			f.say("fixed charge "+d.Name, "%v a month is negative: state a cost as a positive amount", d.PerMonth)
		}
	}
	if c.MinimumBill < 0 || c.Carbon.PerTonne < 0 || c.Carbon.Cap < 0 {
		f.say("contracts", "minimum bill %v, carbon price %v and carbon cap %d g must not be negative", c.MinimumBill, c.Carbon.PerTonne, c.Carbon.Cap)
	}
	return errors.Join(f.found...)
}

// checkNames reports contracts of one kind without a name or with the same one.
func (c Contracts) checkNames(f *faults) {
	seen := map[string]bool{}
	name := func(kind, n string) {
		key := kind + " " + n
		if n == "" || seen[key] {
			f.say(key, "the name is empty or stated twice: name each one once")
		}
		seen[key] = true
	}
	for _, d := range c.PPAs {
		name("ppa", d.Name)
	}
	for _, g := range c.Plants {
		name("plant", g.Name)
	}
	for _, e := range c.Energy {
		name("energy charge", e.Name)
	}
	for _, d := range c.Demand {
		name("demand charge", d.Name)
	}
	for _, k := range c.Coincident {
		name("coincident peak", k.Name)
	}
	for _, d := range c.Fixed {
		name("fixed charge", d.Name)
	}
}

// checkSupplier reports a spot contract that makes no sense, and a second supplier.
func (c Contracts) checkSupplier(f *faults) {
	suppliers := 0
	if s := c.Spot; s != nil {
		suppliers++
		if s.Zone == "" {
			f.say("spot", "it has no settlement point: state the zone whose price is paid, such as LZ_WEST")
		}
		if s.Adders.Import < 0 || s.Adders.Export < 0 || s.Adders.Losses < 0 || s.Adders.Losses >= unit.One {
			f.say("spot", "adders must not be negative and losses must be below 1")
		}
		if s.Publication.Lag < 0 || s.Publication.Gate < 0 || s.Publication.Gate >= 24*time.Hour {
			f.say("spot", "publication lag %v must not be negative and gate %v must be a time of day", s.Publication.Lag, s.Publication.Gate)
		}
	}
	for _, e := range c.Energy {
		if e.Supply {
			suppliers++
		}
	}
	if suppliers > 1 {
		f.say("contracts", "%d suppliers of the energy that no agreement covers: keep one, the spot contract or one energy charge that supplies", suppliers)
	}
}

func (d PPA) check(f *faults, spot bool) {
	who := "ppa " + d.Name
	if d.Power <= 0 {
		f.say(who, "its power is %v: state the block", d.Power)
	}
	if d.SellBack && (!d.TakeOrPay || !spot) {
		f.say(who, "selling back needs a block that is paid anyhow and a market price: set take-or-pay and declare the spot contract, or drop the right")
	}
	if d.Fee < 0 || d.Carbon < 0 {
		f.say(who, "fee %v and carbon %d g/kWh must not be negative", d.Fee, d.Carbon)
	}
	d.Shape.check(f, who)
	d.Term.check(f, who)
}

func (g Plant) check(f *faults) {
	who := "plant " + g.Name
	switch g.Kind {
	case Wind, Hydro, Solar, Geothermal:
	default:
		f.say(who, "kind %q is not known: use %s, %s, %s or %s", string(g.Kind), Wind, Hydro, Solar, Geothermal)
	}
	if g.Power <= 0 || g.Carbon < 0 {
		f.say(who, "nameplate %v must be positive and carbon %d g/kWh not negative", g.Power, g.Carbon)
	}
	if len(g.Profile) != 0 && len(g.Profile) != 24 {
		f.say(who, "its profile has %d hours: state 24, by local hour, or none", len(g.Profile))
	}
	for h, r := range g.Profile {
		if r < 0 || r > unit.One {
			f.say(who, "share %.3f of hour %d is not between 0 and 1", r.Float(), h)
		}
	}
}

func (e EnergyCharge) check(f *faults, demand []DemandCharge) {
	who := "energy charge " + e.Name
	if !e.Supply && (e.Authorised != 0 || e.Beyond != 0 || e.Interruption != nil || e.Carbon != 0) {
		f.say(who, "authorised power, price beyond, interruption and carbon belong to a charge that supplies: set supply or drop them")
	}
	if e.Authorised < 0 || e.Carbon < 0 {
		f.say(who, "authorised power %v and carbon %d g/kWh must not be negative", e.Authorised, e.Carbon)
	}
	for _, u := range e.Uses {
		u.Window.check(f, who)
	}
	last := unit.Energy(0)
	for i, t := range e.Tiers {
		if open := t.UpTo == 0 && i == len(e.Tiers)-1; !open && t.UpTo <= last {
			f.say(who, "tier %d ends at %.3f MWh: tiers must rise, and only the last is open (0)", i+1, t.UpTo.MWh())
		}
		last = t.UpTo
	}
	if n := len(e.Tiers); n > 0 && e.Tiers[n-1].UpTo != 0 {
		f.say(who, "its last tier ends at %.3f MWh: leave the last tier open (0)", e.Tiers[n-1].UpTo.MWh())
	}
	e.checkInterruption(f, demand)
	e.Term.check(f, who)
}

func (e EnergyCharge) checkInterruption(f *faults, demand []DemandCharge) {
	k := e.Interruption
	if k == nil {
		return
	}
	who := "energy charge " + e.Name
	known := false
	for _, d := range demand {
		known = known || d.Name == k.Demand
	}
	if !known {
		f.say(who, "its interruption refers to demand charge %q, which is not declared: correct the name", k.Demand)
	}
	if k.Share < 0 || k.Share > unit.One || k.Hours < 0 || k.Notice < 0 {
		f.say(who, "interruption: share %.3f must be between 0 and 1, hours and notice not negative", k.Share.Float())
	}
}

func (d DemandCharge) check(f *faults) {
	who := "demand charge " + d.Name
	if !series.Settles(d.Interval) {
		f.say(who, "measurement interval %v: use 5, 15, 30 or 60 minutes", d.Interval)
	}
	if d.Period != Monthly && d.Period != Daily {
		f.say(who, "billing period %q is not known: use %s or %s", string(d.Period), Monthly, Daily)
	}
	if d.Rate < 0 || d.RateDays < 0 || d.MinimumBilled < 0 {
		f.say(who, "rate, rate days and minimum must not be negative")
	}
	if d.Ratchet < 0 || d.Ratchet > unit.One || d.Lookback < 0 || d.Lookback > keptMonths || (d.Ratchet > 0) != (d.Lookback > 0) {
		f.say(who, "ratchet %.3f with %d months of look-back: state a ratio up to 1 and 1 to %d months, or neither", d.Ratchet.Float(), d.Lookback, keptMonths)
	}
	d.Window.check(f, who)
	d.Term.check(f, who)
}

func (k CoincidentPeak) check(f *faults) {
	who := "coincident peak " + k.Name
	if !series.Settles(k.Interval) {
		f.say(who, "counted interval %v: use 5, 15, 30 or 60 minutes", k.Interval)
	}
	if k.Rate <= 0 || k.Counted <= 0 {
		f.say(who, "rate %v and %d counted intervals a year must be positive", unit.Amount(k.Rate), k.Counted)
	}
	if k.Watch.Ratio < 0 || k.Watch.Odds < 0 || k.Watch.Odds > unit.One {
		f.say(who, "watch: ratio %.3f must not be negative, odds %.6f must be between 0 and 1", k.Watch.Ratio.Float(), k.Watch.Odds.Float())
	}
	Window{Hours: k.Watch.Hours}.check(f, who)
	k.Window.check(f, who)
	k.Term.check(f, who)
}

func (w Window) check(f *faults, who string) {
	for _, m := range w.Months {
		if m < time.January || m > time.December {
			f.say(who, "window: month %d: use 1 to 12", int(m))
		}
	}
	for _, d := range w.Weekdays {
		if d < time.Sunday || d > time.Saturday {
			f.say(who, "window: weekday %d: use 0 (Sunday) to 6", int(d))
		}
	}
	for _, h := range w.Hours {
		if h.From < 0 || h.From >= 24*time.Hour || h.To < 0 || h.To > 24*time.Hour || h.From%piece != 0 || h.To%piece != 0 || h.From == h.To {
			f.say(who, "window: hours %v to %v: use times of day in steps of %v, and different ones", h.From, h.To, piece)
		}
	}
	if w.Holidays != HolidaysCount && w.Holidays != HolidaysOff && w.Holidays != HolidaysOnly {
		f.say(who, "window: holiday rule %q is not known: use %q, %q or leave it empty", string(w.Holidays), HolidaysOff, HolidaysOnly)
	}
}

func (d Term) check(f *faults, who string) {
	if !d.To.IsZero() && !d.To.After(d.From) {
		f.say(who, "its term ends at %s, not after its start: correct the dates", d.To.Format(time.RFC3339))
	}
}
