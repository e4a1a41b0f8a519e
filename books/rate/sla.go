package rate

import (
	"errors"
	"fmt"
	"math/big"
	"strings"

	"sluice/books"
	"sluice/service"
	"sluice/unit"
)

// Cause is why an outage may not count; the list is closed.
type Cause string

// The causes.
const (
	Maintenance    Cause = "maintenance" // announced
	CustomerCaused Cause = "customer"
	Curtailment    Cause = "curtailment" // of power, as agreed
	ForceMajeure   Cause = "force majeure"
)

// Allowance is one cause that an agreement excludes. What it does not name is
// downtime, curtailment too.
type Allowance struct {
	Cause  Cause
	Yearly int64 // seconds a year that may be excluded; 0: without limit
	Notice int64 // seconds by which it must be announced ahead
}

// Denominator is what downtime is held against.
type Denominator string

// The two clauses in use.
const (
	Contracted   Denominator = ""              // all contracted time
	LessExcluded Denominator = "less excluded" // contracted time without all that is excluded, down or not
)

// Threshold is one tier of credits.
type Threshold struct {
	Below  unit.Ratio // availability strictly below it; who reaches it has the better tier
	Credit unit.Ratio // of the fee
}

// Agreement is the service level of a contract.
type Agreement struct {
	Tiers       []Threshold // availability falling, credit rising
	Cap         unit.Ratio  // most of the fee that is credited; 0: all of it
	Denominator Denominator
	Allows      []Allowance
}

// Part is something contracted that can fail by itself: a node, a rack, a hall.
type Part struct {
	Name       string
	Weight     int64 // units it counts for, such as its GPUs; 1 where units do not count
	Contracted Span  // from its own start
}

// Outage is a stretch in which a part was below its availability condition.
type Outage struct {
	Part     string // empty: all
	From, To int64
	Evidence books.Hash
}

// Exclusion is a stretch whose outages are claimed not to count.
type Exclusion struct {
	Part      string // empty: all
	Cause     Cause
	From, To  int64
	Announced int64 // Unix second of the notice
	Evidence  books.Hash
}

// Record is what happened in a period.
type Record struct {
	Contract   string
	Period     Span
	Fee        unit.Amount // of the period for these parts, from which the credit is taken; not negative
	Parts      []Part
	Outages    []Outage
	Exclusions []Exclusion
	Spent      []Spent // of the yearly budgets before the period
}

// Spent is how much of a yearly budget is used.
type Spent struct {
	Cause   Cause
	Seconds int64
}

// Refused is an exclusion of which not all was taken.
type Refused struct {
	Exclusion Exclusion
	Why       Refusal
}

// Refusal says why an exclusion counts not or not in full; the list is closed.
type Refusal string

// The refusals.
const (
	NotAgreed  Refusal = "not agreed"
	NoEvidence Refusal = "no evidence"
	LateNotice Refusal = "notice too short"
	NoBudget   Refusal = "yearly budget used up"
)

// Statement is the availability of a period and the credit for it.
type Statement struct {
	Contracted   int64      // unit-seconds
	Down         int64      // unit-seconds, each counted once
	Excluded     int64      // the part of Down that does not count
	Base         int64      // what downtime is held against
	Availability unit.Ratio // rounded down, so that it never looks better than it was
	Rate         unit.Ratio // of the fee, after the cap
	Credit       Line       // its amount is negative, or zero; evidence below
	Evidence     []books.Hash
	Refused      []Refused
	Spent        []Spent // in this period, to be added to the year
}

// Assess holds a record against an agreement. Errors wrap ErrInput or ErrOverflow.
//
// Source: docs/formula/rating.md.
func Assess(a Agreement, r Record) (Statement, error) {
	if err := errors.Join(a.validate(), r.validate()); err != nil {
		return Statement{}, fmt.Errorf("availability of contract %q from %d: %w", r.Contract, r.Period.From, err)
	}
	var s Statement
	taken := s.accept(a, r)
	all := int64(0)
	for _, p := range r.Parts {
		c := p.Contracted.Common(r.Period)
		down := within(Union(outagesOf(r.Outages, p.Name)), []Span{c})
		out := within(Union(exclusionsOf(taken, p.Name)), []Span{c})
		s.Contracted += p.Weight * c.Seconds()
		s.Down += p.Weight * total(down)
		s.Excluded += p.Weight * total(within(down, out))
		all += p.Weight * total(out)
	}
	s.Base = s.Contracted
	if a.Denominator == LessExcluded {
		s.Base -= all
	}
	return s.settle(a, r, taken)
}

// accept is the exclusions that count, cut to their budgets.
func (s *Statement) accept(a Agreement, r Record) []Exclusion {
	var out []Exclusion
	for _, w := range a.Allows {
		var claimed []Exclusion
		for _, x := range ordered(r.Exclusions) {
			if x.Cause == w.Cause && w.refuse(x) == "" && !x.span().Common(r.Period).Empty() {
				claimed = append(claimed, x)
			}
		}
		budget := Union(clipped(claimed, r.Period))
		if w.Yearly > 0 {
			budget = first(budget, w.Yearly-spent(r.Spent, w.Cause))
		}
		s.Spent = append(s.Spent, Spent{w.Cause, total(budget)})
		for _, x := range claimed {
			granted := within([]Span{x.span().Common(r.Period)}, budget)
			if total(granted) < x.span().Common(r.Period).Seconds() {
				s.Refused = append(s.Refused, Refused{x, NoBudget})
			}
			for _, g := range granted {
				x.From, x.To = g.From, g.To
				out = append(out, x)
			}
		}
	}
	for _, x := range ordered(r.Exclusions) {
		if why := a.refuse(x); why != "" {
			s.Refused = append(s.Refused, Refused{x, why})
		}
	}
	return out
}

// refuse is why an agreement does not take an exclusion, or empty.
func (a Agreement) refuse(x Exclusion) Refusal {
	for _, w := range a.Allows {
		if w.Cause == x.Cause {
			return w.refuse(x)
		}
	}
	return NotAgreed
}

func (w Allowance) refuse(x Exclusion) Refusal {
	switch {
	case x.Evidence == books.Hash{}:
		return NoEvidence
	case w.Notice > 0 && x.Announced > x.From-w.Notice:
		return LateNotice
	}
	return ""
}

// settle is the tier, the credit and its evidence.
func (s Statement) settle(a Agreement, r Record, taken []Exclusion) (Statement, error) {
	s.Availability = unit.One
	if s.Base > 0 {
		up := over(times(whole(s.Base-s.Down+s.Excluded), whole(int64(unit.One))), whole(s.Base))
		s.Availability = unit.Ratio(new(big.Int).Div(up.Num(), up.Denom()).Int64())
	}
	s.Rate = service.Rate(a.tiers(), s.Down-s.Excluded, s.Base)
	if a.Cap > 0 {
		s.Rate = min(s.Rate, a.Cap)
	}
	credit, err := round(times(whole(int64(r.Fee)), shareOf(s.Rate)))
	if err != nil {
		return Statement{}, fmt.Errorf("credit of contract %q: %w", r.Contract, err)
	}
	s.Evidence = evidence(r, taken)
	s.Credit = Line{
		Contract: r.Contract, Component: "sla", Kind: Credit, Period: r.Period, Unit: Second,
		Quantity: s.Down - s.Excluded, Price: percent(s.Rate), Amount: unit.Amount(-credit),
	}.identify(s.inputs(a, r))
	return s, nil
}

// percent writes a share of the fee for people.
func percent(r unit.Ratio) string {
	return strings.TrimSuffix(strings.TrimRight(decimal(int64(r)*100), "0"), ".") + " %"
}

// tiers are the thresholds as those who plan know them too.
func (a Agreement) tiers() []service.Tier {
	out := make([]service.Tier, len(a.Tiers))
	for i, t := range a.Tiers {
		out[i] = service.Tier(t)
	}
	return out
}

// inputs is the content of everything a credit was made of.
func (s Statement) inputs(a Agreement, r Record) *digest {
	d := newDigest("availability")
	d.text(r.Contract, string(a.Denominator))
	d.number(r.Period.From, r.Period.To, int64(r.Fee), int64(a.Cap), s.Contracted, s.Down, s.Excluded, s.Base)
	for _, t := range a.Tiers {
		d.number(int64(t.Below), int64(t.Credit))
	}
	for _, h := range s.Evidence {
		d.hash(h)
	}
	return d
}
