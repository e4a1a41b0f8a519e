package contractfile

import (
	"fmt"
	"strings"

	"sluice/driver/csvfile"

	"sluice/books/rate"
	"sluice/loop/billing"
	"sluice/unit"
)

// term reads one term. Quantities are in the unit of the term, for one month.
func (b *builder) term(at string, x rawTerm) rate.Term {
	t := rate.Term{
		Name: b.word(at+".name", x.Name), Kind: rate.Kind(x.Kind), Component: x.Component, Price: x.Price, Unit: rate.Unit(x.Unit), Model: rate.Model(x.Model),
		IT: x.IT, CapSeconds: 60 * min(x.CapMinutes, 1<<30), Meters: x.Meters, Sparse: x.Sparse, Of: x.Of,
	}
	for _, text := range append([]string{x.Component, x.Price, x.IT}, x.Meters...) {
		if !csvfile.Plain(text, cellMost) {
			b.fault(at, "%.40q: at most %d bytes without control characters", text, cellMost)
		}
	}
	if priced(t.Kind) && t.Unit.Base() == 0 || t.Unit == rate.Second || t.Unit == rate.Money {
		b.fault(at+".unit", "%q: use MWh, GPU-hour, GPU-second, kW-month, piece or month", x.Unit)
	}
	t.Commitment, t.Size = b.quantity(at+".commitment", x.Commitment, t.Unit), b.quantity(at+".package", x.Size, t.Unit)
	for i, band := range x.Bands {
		t.Bands = append(t.Bands, rate.Band{UpTo: b.quantity(fmt.Sprintf("%s.bands[%d].up_to", at, i), band.UpTo, t.Unit), Price: band.Price})
	}
	for i, r := range x.Ramp {
		t.Ramp = append(t.Ramp, b.share(fmt.Sprintf("%s.ramp[%d]", at, i), r))
	}
	t.Escalator, t.Rate = b.share(at+".escalator", x.Escalator), b.share(at+".rate", x.Rate)
	if x.Cap != "" {
		v, err := unit.ParseMicro(x.Cap)
		if err != nil || unit.Ratio(v) < unit.One {
			b.fault(at+".pue_cap", "%q: write a number that is at least 1, such as 1.25", x.Cap)
		}
		t.Cap = unit.Ratio(v)
	}
	return t
}

// quantity reads how many of a unit, in base units; empty is zero.
func (b *builder) quantity(path string, text string, u rate.Unit) int64 {
	if text == "" || u.Base() == 0 {
		return 0
	}
	v, err := unit.ParseMicro(strings.ReplaceAll(text, "_", ""))
	out, fits := unit.TryMulDiv(v, u.Base(), 1_000_000)
	back, also := unit.TryMulDiv(out, 1_000_000, u.Base())
	if err != nil || !fits || !also || back != v || v < 0 {
		b.fault(path, "%q: write how many %s, not negative, such as 2000", text, u)
	}
	return out
}

// service reads the level of service.
func (b *builder) service(c *billing.Contract) {
	in := b.in.Service
	if in == nil {
		return
	}
	const at = "$.service"
	s := billing.Service{Credit: billing.CreditOn(in.Credit), Fee: in.Fee}
	s.Agreement = rate.Agreement{Cap: b.share(at+".cap", in.Cap), Denominator: rate.Denominator(in.Denominator)}
	if in.Denominator == "contracted" {
		s.Agreement.Denominator = rate.Contracted
	}
	if s.Credit != billing.OnInvoice && s.Credit != billing.OnNote {
		b.fault(at+".credit", "%q: a credit stands on the invoice or on a note", in.Credit)
	}
	for i, t := range in.Tiers {
		path := fmt.Sprintf("%s.tiers[%d]", at, i)
		s.Agreement.Tiers = append(s.Agreement.Tiers, rate.Threshold{Below: b.share(path+".below", t.Below), Credit: b.share(path+".credit", t.Credit)})
	}
	for _, w := range in.Allows {
		s.Agreement.Allows = append(s.Agreement.Allows, rate.Allowance{Cause: rate.Cause(w.Cause), Yearly: 3600 * min(w.Hours, 1<<20), Notice: 3600 * min(w.Notice, 1<<20)})
	}
	b.parts(c, &s)
	b.fee(c, s.Fee)
	if len(s.Agreement.Tiers) == 0 {
		b.fault(at+".tiers", "there are none: without them nothing is credited")
	}
	// A record of nothing in the first month shows whether the agreement is one.
	trial := rate.Record{Contract: c.ID, Parts: s.Parts, Period: rate.Span{From: 0, To: 1}}
	if _, err := rate.Assess(s.Agreement, trial); err != nil {
		b.fault(at, "%w", err)
	}
	c.Service = s
}

// parts reads what can fail by itself.
func (b *builder) parts(c *billing.Contract, s *billing.Service) {
	if len(b.in.Service.Parts) == 0 {
		b.fault("$.service.parts", "there are none: name what can be down")
	}
	for i, x := range b.in.Service.Parts {
		at := fmt.Sprintf("$.service.parts[%d]", i)
		p := rate.Part{Name: b.word(at+".name", x.Name), Weight: max(x.Weight, 1)}
		if x.Weight < 0 {
			b.fault(at+".weight", "%d: a part weighs something", x.Weight)
		}
		if x.From == "" {
			x.From = b.in.Start
		}
		p.Contracted = rate.Span{From: b.day(at+".from", x.From), To: b.end(at+".to", x.To)}
		if p.Contracted.Empty() {
			b.fault(at, "%s ends before it begins", x.Name)
		}
		s.Parts = append(s.Parts, p)
	}
}

// fee checks the terms that a credit is a share of.
func (b *builder) fee(c *billing.Contract, names []string) {
	if len(names) == 0 {
		b.fault("$.service.fee", "it is missing: name the terms that a credit is a share of")
	}
	for i, name := range names {
		found := false
		for _, v := range c.Versions {
			for _, t := range v.Terms {
				found = found || t.Name == name && t.Kind != rate.Tax && t.Kind != rate.Prepayment
			}
		}
		if !found {
			b.fault(fmt.Sprintf("$.service.fee[%d]", i), "no term that charges is named %q", name)
		}
	}
}
