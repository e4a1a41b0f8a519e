package meter

import (
	"cmp"
	"slices"
	"time"

	"sluice/books"
	"sluice/books/rate"
	"sluice/series"
	"sluice/unit"
)

// Taking is power that was taken from a contract: all of some parts, or speed.
type Taking struct {
	Event     string
	Contract  string
	Parts     []string   // empty: all
	Slowdown  unit.Ratio // of power limits, estimated; 0: the parts were taken altogether
	Announced time.Time  // to the tenant; zero: never
	Span      rate.Span
	Evidence  books.Hash
}

// Excuse is a stretch in which outages are claimed not to count, beside agreed
// curtailment: maintenance, the tenant's own doing, force majeure. Whether the
// contract takes it is for who bills it.
type Excuse struct {
	Contract  string
	Part      string // empty: all
	Cause     rate.Cause
	Announced time.Time
	Span      rate.Span
	Evidence  books.Hash
}

// call is one curtailment of a contract.
type call struct {
	event     string
	span      rate.Span
	announced time.Time
	parts     []string // in the order of the contract
}

// calls are the curtailments of a contract in the order of time. A call lasts from
// its first taking to its last; it is announced when its last part was.
func (p Promise) calls(all []Taking) []call {
	by := map[string]*call{}
	for _, t := range all {
		if t.Contract != p.Contract || t.Slowdown > 0 || t.Span.Empty() {
			continue
		}
		c := by[t.Event]
		if c == nil {
			c = &call{event: t.Event, span: t.Span, announced: t.Announced}
			by[t.Event] = c
		}
		c.span.From, c.span.To = min(c.span.From, t.Span.From), max(c.span.To, t.Span.To)
		if t.Announced.IsZero() || !c.announced.IsZero() && t.Announced.After(c.announced) {
			c.announced = t.Announced
		}
		for _, part := range p.Parts {
			if t.takes(part.Name) && !slices.Contains(c.parts, part.Name) {
				c.parts = append(c.parts, part.Name)
			}
		}
	}
	var out []call
	for _, c := range by {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b call) int {
		return cmp.Or(cmp.Compare(a.span.From, b.span.From), cmp.Compare(a.event, b.event))
	})
	return out
}

func (t Taking) takes(part string) bool { return len(t.Parts) == 0 || slices.Contains(t.Parts, part) }

// grant is what of a call lies within the terms.
type grant struct {
	call
	spans []rate.Span
	parts []string
	why   string // what was not within them, in words
}

// grants holds the calls of a year against the terms, in the order of time. Of a call
// that is too long, or that uses up the year, the first part counts; of one that takes
// too much, the first parts of the contract.
func (p Promise) grants(all []Taking) map[string]grant {
	out, months, years := map[string]grant{}, map[rate.Span]int{}, map[rate.Span]int64{}
	for _, c := range p.calls(all) {
		g := grant{call: c}
		month := p.month(c.span.From)
		switch f := p.Flex; {
		case f.Hours <= 0:
			g.why = "no curtailment is agreed"
		case c.announced.IsZero() || c.announced.Add(f.Notice).After(time.Unix(c.span.From, 0)):
			g.why = "its notice was too short"
		case f.Events > 0 && months[month] >= f.Events:
			g.why = "the calls of the month are used up"
		default:
			months[month]++
			p.grant(&g, years)
		}
		out[c.event] = g
	}
	return out
}

// grant takes from a call what is within length, year and share.
func (p Promise) grant(g *grant, years map[rate.Span]int64) {
	s := g.span
	if most := int64(p.Flex.Event / time.Second); most > 0 && s.Seconds() > most {
		s.To = s.From + most
		g.why = "it is longer than agreed"
	}
	for at := s.From; at < s.To; {
		year := p.year(at)
		part := rate.Span{From: at, To: min(s.To, year.To)}
		left := int64(p.Flex.Hours/time.Second) - years[year]
		if part.Seconds() > left {
			g.why = "the hours of the year are used up"
		}
		cut := rate.Span{From: part.From, To: min(part.To, part.From+max(0, left))}
		years[year] += cut.Seconds()
		if !cut.Empty() {
			g.spans = append(g.spans, cut)
		}
		at = part.To
	}
	room := int64(0)
	for _, part := range p.Parts {
		room += part.GPUs
	}
	room = unit.MulDiv(room, int64(p.Flex.Share), int64(unit.One))
	for _, part := range p.Parts {
		if !slices.Contains(g.call.parts, part.Name) {
			continue
		}
		if part.GPUs > room {
			g.why = "it takes more than agreed"
			continue
		}
		room -= part.GPUs
		g.parts = append(g.parts, part.Name)
	}
}

// zone is that of the contract.
func (p Promise) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}

// month and year are the calendar ones of the contract that hold a second. A month
// in which the clock changes is an hour shorter or longer than its days.
func (p Promise) month(at int64) rate.Span {
	m := series.MonthOf(time.Unix(at, 0), p.zone())
	return rate.Span{From: m.Start.Unix(), To: m.Start.Add(m.Length).Unix()}
}

func (p Promise) year(at int64) rate.Span {
	y := time.Unix(at, 0).In(p.zone()).Year()
	return rate.Span{From: time.Date(y, 1, 1, 0, 0, 0, 0, p.zone()).Unix(), To: time.Date(y+1, 1, 1, 0, 0, 0, 0, p.zone()).Unix()}
}
