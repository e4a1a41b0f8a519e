package meter

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/rate"
	"sluice/unit"
	"sluice/use/hosting"
)

// Part is something of a contract that can fail by itself: a node, or a GPU of it
// where those are promised one by one. For scope fleet all parts of a contract are
// assessed together by their GPUs, for scope instance each by itself.
type Part struct {
	Name string // as it stands in the contract
	Node string // on which it depends
	GPUs int64  // that it weighs
}

// Promise is what a contract promised, as far as its service is recorded.
type Promise struct {
	Contract string
	Tenant   string
	Zone     *time.Location // in which its months and years are counted; nil: UTC
	Serves   rate.Span
	Parts    []Part // the first ones go first where a call takes more than agreed
	Flex     hosting.Flex
	Capping  hosting.Capping
}

// Promised is what a hosting contract promised, with the parts that can fail by
// themselves. Its months are counted in zone; nil is UTC.
func Promised(c hosting.Contract, zone *time.Location, parts []Part) Promise {
	return Promise{Contract: c.Name, Tenant: c.Tenant, Zone: zone, Serves: Metered(c).Serves, Parts: parts, Flex: c.Flex, Capping: c.Capping}
}

// Condition is how a part stood.
type Condition string

// The conditions.
const (
	Up       Condition = "up"
	Down     Condition = "down"     // and it counts, unless a contract excuses it
	Degraded Condition = "degraded" // reachable and slowed down by power limits
	Excused  Condition = "excused"  // does not count: agreed curtailment, or claimed for another cause
	Unseen   Condition = "unseen"   // nobody saw it: neither up nor down, a person decides
)

// Stretch is one stretch of a part with the evidence of how it stood.
type Stretch struct {
	Tenant    string
	Contract  string
	Part      string
	GPUs      int64
	Span      rate.Span
	Condition Condition
	Out       bool       // it could not be used, excused or not
	Cause     rate.Cause // of what is excused
	Event     string     // curtailment
	Announced time.Time
	Slowdown  unit.Ratio // of what is degraded, estimated
	Beyond    bool       // it was slowed down more, or longer, than agreed
	Why       string     // in words; empty: nothing is to be said
	Sources   []books.Hash
	Evidence  books.Hash // of all of the above
}

// ErrPromise is a record of service that cannot be made.
var ErrPromise = errors.New("the service of this contract cannot be recorded")

// Record is what is known of the service of a contract.
type Record struct {
	Period  rate.Span // such as a month of the contract
	Sights  []Sight
	Takings []Taking // of the whole year, for what was used of its hours
	Excuses []Excuse
}

// Service says how each part of a contract stood in a period: the stretches of a part
// follow one another without hole or overlap. Errors wrap ErrPromise.
// Source: docs/formula/meter.md.
func Service(p Promise, r Record) ([]Stretch, error) {
	if err := p.validate(r); err != nil {
		return nil, err
	}
	grants := p.grants(r.Takings)
	slow := p.slowed(r.Takings)
	var out []Stretch
	for _, part := range p.Parts {
		s := scene{Promise: p, Record: r, part: part, grants: grants, agreed: slow}
		all, err := s.stretches()
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

func (p Promise) validate(r Record) error {
	var faults []error
	if p.Contract == "" || len(p.Parts) == 0 || r.Period.Empty() {
		faults = append(faults, errors.New("it has a name, a period, and parts that can fail"))
	}
	seen := map[string]bool{"": true}
	for _, x := range p.Parts {
		if seen[x.Name] || x.GPUs <= 0 {
			faults = append(faults, fmt.Errorf("part %q of %d GPUs: it has a name of its own and weighs something", x.Name, x.GPUs))
		}
		seen[x.Name] = true
	}
	for _, t := range r.Takings {
		for _, part := range t.Parts {
			if t.Contract == p.Contract && !seen[part] {
				faults = append(faults, fmt.Errorf("curtailment %q takes part %q, which the contract has not", t.Event, part))
			}
		}
		if t.Contract == p.Contract && t.Event == "" {
			faults = append(faults, errors.New("a curtailment has a name"))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("contract %q: %w: %w", p.Contract, ErrPromise, err)
	}
	return nil
}

// slowed is when the contract was slowed down within the hours agreed for a month.
func (p Promise) slowed(all []Taking) []rate.Span {
	var spans []rate.Span
	for _, t := range all {
		if t.Contract == p.Contract && t.Slowdown > 0 {
			spans = append(spans, t.Span)
		}
	}
	if p.Capping.Hours <= 0 {
		return rate.Union(spans)
	}
	used := map[rate.Span]int64{}
	var out []rate.Span
	for _, s := range rate.Union(spans) {
		for at := s.From; at < s.To; {
			month := p.month(at)
			end := min(s.To, month.To)
			left := int64(p.Capping.Hours/time.Second) - used[month]
			cut := rate.Span{From: at, To: min(end, at+max(0, left))}
			used[month] += cut.Seconds()
			if !cut.Empty() {
				out = append(out, cut)
			}
			at = end
		}
	}
	return out
}

// scene is one part of a contract and all that happened.
type scene struct {
	Promise
	Record
	part   Part
	grants map[string]grant
	agreed []rate.Span // slowdown within its hours
}

// stretches cuts the period where anything changed, and joins what is alike.
func (s scene) stretches() ([]Stretch, error) {
	period := s.Period.Common(s.Serves)
	edges := []int64{period.From, period.To}
	add := func(spans ...rate.Span) {
		for _, x := range spans {
			edges = append(edges, x.From, x.To)
		}
	}
	for _, x := range s.Sights {
		if x.Node == s.part.Node {
			add(x.Span)
		}
	}
	for _, t := range s.Takings {
		if t.Contract == s.Contract && t.takes(s.part.Name) {
			add(t.Span)
			add(s.grants[t.Event].spans...)
		}
	}
	for _, x := range s.Excuses {
		if x.Contract == s.Contract {
			add(x.Span)
		}
	}
	add(s.agreed...)
	slices.Sort(edges)
	edges = slices.DeleteFunc(slices.Compact(edges), func(e int64) bool { return e < period.From || e > period.To })
	var out []Stretch
	for i := 1; i < len(edges); i++ {
		x := s.at(rate.Span{From: edges[i-1], To: edges[i]})
		if n := len(out) - 1; n >= 0 && x.like(out[n]) {
			out[n].Span.To = x.Span.To
			continue
		}
		out = append(out, x)
	}
	for i := range out {
		if err := out[i].seal(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x Stretch) like(before Stretch) bool {
	a, b := x.Sources, before.Sources
	x.Sources, before.Sources, x.Span = nil, nil, before.Span
	return slices.Equal(a, b) && x.same(before)
}

func (x Stretch) same(o Stretch) bool {
	return x.Part == o.Part && x.Condition == o.Condition && x.Out == o.Out && x.Cause == o.Cause && x.Event == o.Event &&
		x.Announced.Equal(o.Announced) && x.Slowdown == o.Slowdown && x.Beyond == o.Beyond && x.Why == o.Why
}

// at says how a part stood where nothing changed. What excuses counts before what was
// taken, that before what broke, and that before what was slowed down.
func (s scene) at(span rate.Span) Stretch {
	x := Stretch{Tenant: s.Tenant, Contract: s.Contract, Part: s.part.Name, GPUs: s.part.GPUs, Span: span, Condition: Unseen, Why: "no engine saw its node"}
	s.seen(&x)
	s.slowdown(&x)
	s.taken(&x)
	for _, e := range s.Excuses {
		if e.Contract == s.Contract && (e.Part == "" || e.Part == s.part.Name) && !e.Span.Common(span).Empty() && x.Condition != Excused {
			x.Condition, x.Cause, x.Announced, x.Why, x.Slowdown, x.Beyond = Excused, e.Cause, e.Announced, "", 0, false
			x.Sources = append(x.Sources, e.Evidence)
		}
	}
	return x
}

// seen takes what the engine saw of the node.
func (s scene) seen(x *Stretch) {
	for _, n := range s.Sights {
		if n.Node != s.part.Node || n.Span.Common(x.Span).Empty() {
			continue
		}
		x.Condition, x.Why = Up, ""
		if n.out() {
			x.Condition, x.Out, x.Event, x.Why = Down, true, n.Event, "node "+n.Node+" is "+string(n.State)
		}
		x.Sources = append(x.Sources, n.Evidence)
		return
	}
}

// slowdown takes power limits: of several the worst.
func (s scene) slowdown(x *Stretch) {
	for _, t := range s.Takings {
		if t.Contract != s.Contract || t.Slowdown <= 0 || !t.takes(s.part.Name) || t.Span.Common(x.Span).Empty() || x.Condition == Down {
			continue
		}
		x.Condition, x.Why, x.Sources = Degraded, "", append(x.Sources, t.Evidence)
		if t.Slowdown > x.Slowdown {
			x.Slowdown, x.Event, x.Announced = t.Slowdown, t.Event, t.Announced
		}
		inside := slices.ContainsFunc(s.agreed, func(a rate.Span) bool { return !a.Common(x.Span).Empty() })
		x.Beyond = x.Slowdown > s.Capping.Slowdown || !inside
	}
}

// taken takes curtailment: excused inside the terms of the contract, down outside.
func (s scene) taken(x *Stretch) {
	for _, t := range s.Takings {
		if t.Contract != s.Contract || t.Slowdown > 0 || !t.takes(s.part.Name) || t.Span.Common(x.Span).Empty() || x.Condition == Excused {
			continue
		}
		g := s.grants[t.Event]
		granted := slices.Contains(g.parts, s.part.Name) && slices.ContainsFunc(g.spans, func(a rate.Span) bool { return !a.Common(x.Span).Empty() })
		x.Out, x.Event, x.Announced, x.Slowdown, x.Beyond = true, t.Event, t.Announced, 0, false
		x.Sources = append(x.Sources, t.Evidence)
		if granted {
			x.Condition, x.Cause, x.Why = Excused, rate.Curtailment, ""
			continue
		}
		x.Condition, x.Why = Down, "curtailed outside the terms: "+g.why
	}
}

// seal gives a stretch its evidence.
func (x *Stretch) seal() error {
	slices.SortFunc(x.Sources, func(a, b books.Hash) int { return bytes.Compare(a[:], b[:]) })
	x.Sources = slices.Compact(x.Sources)
	x.Announced = x.Announced.UTC()
	paper, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("contract %q, part %q: %w", x.Contract, x.Part, err)
	}
	x.Evidence = sha256.Sum256(paper)
	return nil
}
