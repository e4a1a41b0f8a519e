package dispatch

import (
	"errors"
	"fmt"

	"sluice/power"
	"sluice/unit"
)

// Validate reports every fault of the input at once. An input that passes
// always yields a plan.
func (in Input) Validate() error {
	n := in.Mesh.Len()
	v := &faults{}
	if n == 0 {
		v.say("the plan has no interval")
	}
	for t, d := range in.Mesh.Lengths {
		if d <= 0 {
			v.say("interval %d lasts %v: it must last longer than nothing", t, d)
			break
		}
	}
	if in.MustRun < 0 {
		v.say("the house load of %v must not be negative", in.MustRun)
	}
	in.checkMarket(v, n)
	in.checkLimit(v, n)
	in.checkCharges(v, n)
	if err := errors.Join(v.list...); err != nil {
		return fmt.Errorf("clear %s turn %d: %w", in.Head.Site, in.Head.Turn, err)
	}
	return nil
}

// faults collects sentences.
type faults struct{ list []error }

func (f *faults) say(format string, args ...any) {
	f.list = append(f.list, fmt.Errorf(format, args...)) //nolint:err113 // Sentences for a person, joined under one turn.
}

// checkMarket looks at bids and offers and their names.
func (in Input) checkMarket(v *faults, n int) {
	named := map[string]bool{}
	once := func(kind, name string) {
		if named[kind+name] {
			v.say("%s %q is there twice: name each one once", kind, name)
		}
		named[kind+name] = true
	}
	for _, b := range in.Bids {
		if err := b.Validate(n); err != nil {
			v.list = append(v.list, err)
		}
		if len(b.PUE) == 0 || len(b.Available) == 0 {
			v.say("bid %s states no PUE or no availability", b.Use)
		}
		once("bid", b.Use)
	}
	for _, o := range in.Offers {
		if err := o.Validate(n); err != nil {
			v.list = append(v.list, err)
		}
		once("offer", o.Source)
	}
}

// checkLimit looks at the connection and what hangs behind it.
func (in Input) checkLimit(v *faults, n int) {
	l := in.Limit
	if !l.Import.Covers(n) {
		v.say("the import limit does not cover %d intervals", n)
	}
	if len(l.Export) > 0 && !l.Export.Covers(n) {
		v.say("the export limit does not cover %d intervals", n)
	}
	if negative(l.Import) || negative(l.Export) || l.Rating < 0 || in.Charges.ExportMax < 0 {
		v.say("the limits of the connection must not be negative")
	}
	for _, b := range l.Branches {
		if b.Max < 0 {
			v.say("branch %s bears %v: that must not be negative", b.Name, b.Max)
		}
	}
}

func negative(ps []unit.Power) bool {
	for _, p := range ps {
		if p < 0 {
			return true
		}
	}
	return false
}

// checkCharges looks at what is paid on top of the offers.
func (in Input) checkCharges(v *faults, n int) {
	c := in.Charges
	if len(c.Import) > 0 && !c.Import.Covers(n) {
		v.say("the charge on imports does not cover %d intervals", n)
	}
	for _, k := range c.Coincident {
		if !k.Cost.Covers(n) {
			v.say("coincident peak %q does not cover %d intervals", k.Rule, n)
		}
	}
	if c.Carbon.PerTonne < 0 || c.Carbon.Cap < 0 {
		v.say("price and cap of carbon must not be negative")
	}
	for _, p := range c.Peaks {
		checkPeak(v, p, n)
	}
}

func checkPeak(v *faults, p power.Peak, n int) {
	if p.Rate < 0 {
		v.say("demand charge %q pays %v per MW: a rate must not be negative", p.Rule, p.Rate.Float())
	}
	for _, m := range p.Measures {
		if m.Length <= 0 {
			v.say("demand charge %q measures over %v: it must be longer than nothing", p.Rule, m.Length)
			return
		}
		for k, part := range m.Parts {
			if part.Interval < 0 || part.Interval >= n || part.Length <= 0 || k > 0 && part.Interval <= m.Parts[k-1].Interval {
				v.say("demand charge %q measures %v of interval %d of %d", p.Rule, part.Length, part.Interval, n)
				return
			}
		}
	}
}
