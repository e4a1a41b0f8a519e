package rate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sluice/books"
	"sluice/unit"
)

// mostUnits bounds the units of a record, so that unit-seconds fit an int64.
const mostUnits = 100_000_000_000

// validate reports everything that is wrong with an agreement.
func (a Agreement) validate() error {
	var faults []error
	if a.Cap < 0 || a.Cap > unit.One || a.Denominator != Contracted && a.Denominator != LessExcluded {
		faults = append(faults, fmt.Errorf("cap %d, denominator %q: %w: a cap lies between 0 and 100 %%, a denominator is one of two", a.Cap, a.Denominator, ErrInput))
	}
	for i, t := range a.Tiers {
		if t.Below <= 0 || t.Below > unit.One || t.Credit < 0 || t.Credit > unit.One || i > 0 && (t.Below >= a.Tiers[i-1].Below || t.Credit < a.Tiers[i-1].Credit) {
			faults = append(faults, fmt.Errorf("tier %d: %w: from tier to tier availability falls and credit rises, both at most 100 %%", i+1, ErrInput))
		}
	}
	var seen []Cause
	for _, w := range a.Allows {
		if !w.Cause.known() || slices.Contains(seen, w.Cause) || w.Yearly < 0 || w.Notice < 0 || w.Notice > farFuture {
			faults = append(faults, fmt.Errorf("exclusion of %q: %w: a known cause stands once, without negative times", w.Cause, ErrInput))
		}
		seen = append(seen, w.Cause)
	}
	return errors.Join(faults...)
}

func (c Cause) known() bool {
	return slices.Contains([]Cause{Maintenance, CustomerCaused, Curtailment, ForceMajeure}, c)
}

// validate reports everything that is wrong with a record.
func (r Record) validate() error {
	var faults []error
	bad := func(says string, about ...any) {
		faults = append(faults, fmt.Errorf("%s: %w", fmt.Sprintf(says, about...), ErrInput))
	}
	if n := r.Period.Seconds(); n == 0 || n > longest || r.Fee < 0 {
		bad("a period of %d seconds, a fee of %v: a period has 1 second to 400 days, a fee no sign", n, r.Fee)
	}
	parts, units := map[string]bool{"": true}, int64(0)
	for _, p := range r.Parts {
		if parts[p.Name] || p.Weight <= 0 || p.Weight > mostUnits || units > mostUnits-p.Weight {
			bad("part %q of weight %d: a part has a name of its own and weighs something", p.Name, p.Weight)
			continue
		}
		parts[p.Name], units = true, units+p.Weight
	}
	for _, o := range r.Outages {
		if !parts[o.Part] || !thinkable(o.From, o.To) || o.Evidence == (books.Hash{}) {
			bad("outage of %q from %d to %d: it names a part, ends after it begins, and has evidence", o.Part, o.From, o.To)
		}
	}
	for _, x := range r.Exclusions {
		if !parts[x.Part] || !thinkable(x.From, x.To) || !x.Cause.known() {
			bad("exclusion of %q from %d to %d for %q: it names a part and a cause, and ends after it begins", x.Part, x.From, x.To, x.Cause)
		}
	}
	for _, c := range r.Spent {
		if c.Seconds < 0 || c.Seconds > farFuture {
			bad("%d seconds spent on %q: a budget is spent forwards", c.Seconds, c.Cause)
		}
	}
	return errors.Join(faults...)
}

// thinkable reports whether a stretch ends after it begins, and both in centuries
// with which a sum of seconds cannot overflow.
func thinkable(from, to int64) bool { return from < to && from > -farFuture && to < farFuture }

func (x Exclusion) span() Span { return Span{x.From, x.To} }

// outagesOf is when a part was down.
func outagesOf(all []Outage, part string) []Span {
	var out []Span
	for _, o := range all {
		if o.Part == part || o.Part == "" {
			out = append(out, Span{o.From, o.To})
		}
	}
	return out
}

// exclusionsOf is when outages of a part do not count.
func exclusionsOf(all []Exclusion, part string) []Span {
	var out []Span
	for _, x := range all {
		if x.Part == part || x.Part == "" {
			out = append(out, x.span())
		}
	}
	return out
}

// clipped is the stretches of exclusions within a period.
func clipped(all []Exclusion, period Span) []Span {
	var out []Span
	for _, x := range all {
		out = append(out, x.span().Common(period))
	}
	return out
}

// ordered is exclusions by time, each once.
func ordered(in []Exclusion) []Exclusion {
	out := slices.Clone(in)
	slices.SortFunc(out, func(a, b Exclusion) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Cause, b.Cause),
			cmp.Compare(a.Announced, b.Announced), slices.Compare(a.Evidence[:], b.Evidence[:]))
	})
	return slices.Compact(out)
}

// spent is how much of the budget of a cause is used.
func spent(all []Spent, c Cause) int64 {
	var n int64
	for _, s := range all {
		if s.Cause == c {
			n += s.Seconds
		}
	}
	return n
}

// evidence is the records of the period's outages and exclusions, in order and each once.
func evidence(r Record, taken []Exclusion) []books.Hash {
	var out []books.Hash
	for _, o := range r.Outages {
		if !(Span{o.From, o.To}).Common(r.Period).Empty() {
			out = append(out, o.Evidence)
		}
	}
	for _, x := range taken {
		out = append(out, x.Evidence)
	}
	slices.SortFunc(out, func(a, b books.Hash) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(out)
}
