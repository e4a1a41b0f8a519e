package alarm

import (
	"cmp"
	"maps"
)

// grown is by how many machines a grouped alarm must have grown, besides to twice what
// was acknowledged, to ring again.
const grown = 10

// raise says that a condition holds.
func (k *Kernel) raise(c Condition, source string) {
	code := c.Code
	c = c.cleaned()
	p := k.point(c.Point)
	a := k.open(p)
	if a == nil {
		return
	}
	a.Source = cmp.Or(source, a.Source)
	a.Count, a.Params, a.Brief = c.Count, maps.Clone(c.Params), false
	if p.Code != code { // the word of the witness stays with it
		a.Params = boundedParams(merged(a.Params, "code", code))
	}
	if !a.Active {
		a.Active, a.Due, a.Since = true, true, k.now
	} else if a.Seen != nil && k.book.meaning(p.Code).Grouped && a.Count >= 2*a.Seen.Count && a.Count >= a.Seen.Count+grown {
		a.Due = true
	}
}

func merged(m map[string]string, key, value string) map[string]string {
	if m = maps.Clone(m); m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}

// end says that it holds no more.
func (k *Kernel) end(a *Alarm) {
	if !a.Active {
		return
	}
	a.Active, a.Due, a.Ended = false, false, k.now
	if !a.Rang.IsZero() {
		k.note(a, Entry{What: WasReturned})
	}
}

// holds takes everything that one source sees of a site.
func (k *Kernel) holds(e Holds) {
	site, source := clean(e.Site, mostName), cmp.Or(clean(e.Source, mostName), "site")
	named := map[Point]bool{}
	for _, c := range k.together(site, e.Conditions) {
		named[k.point(c.Point)] = true
		k.raise(c, source)
	}
	for i := range k.m.Alarms {
		if a := &k.m.Alarms[i]; a.Site == site && a.Source == source && a.Active && !named[a.Point] {
			k.end(a)
		}
	}
}

// together makes one condition of those that are one alarm.
func (k *Kernel) together(site string, all []Condition) []Condition {
	at := map[Point]int{}
	var out []Condition
	for _, c := range all {
		c.Site = site
		p := k.point(c.Point)
		if i, ok := at[p]; ok {
			out[i].Count = max(out[i].Count, 1) + max(c.Count, 1)
			continue
		}
		at[p] = len(out)
		out = append(out, c)
	}
	return out
}

// noticed takes a notice: an alarm that has ended already, or an event.
func (k *Kernel) noticed(c Condition) {
	d, listed := k.book.Definition(c.Code)
	if k.book.IsEvent(c.Code) || listed && d.Shown {
		c = c.cleaned()
		e := Entry{At: k.now, What: WasEvent, Point: c.Point, Params: c.Params}
		k.m.History = keepLast(append(k.m.History, e), mostHistory)
		k.out = append(k.out, Changed{Entry: e})
		return
	}
	if a := k.find(k.point(c.Point)); a != nil && (a.Active && !a.Brief || d.Grouped) {
		return // people know it already
	}
	k.raise(c, "")
	if a := k.find(k.point(c.Point)); a != nil {
		a.Brief = true
	}
}

// suppress takes a point out of what people see because the site's design says so.
func (k *Kernel) suppress(e Suppress) {
	d, ok := k.book.Definition(e.Code)
	why := clean(e.Why, mostReason)
	switch {
	case !ok:
		k.refuse(UnknownOne, 0)
	case why != "" && d.Priority == Critical:
		k.refuse(NotByDesign, 0)
	case why == "":
		if a := k.find(k.point(e.Point)); a != nil && a.Design != "" {
			a.Design = ""
			k.note(a, Entry{What: WasShown})
		}
	default:
		a := k.open(k.point(e.Point))
		if a == nil {
			k.refuse(IsFull, 0)
			return
		}
		a.Design = why
		k.note(a, Entry{What: WasHidden, Reason: why})
	}
}

// full raises an alarm while alarms do not fit, and ends it when there is room again.
func (k *Kernel) full() {
	p := Point{Code: Overflow}
	if k.m.Lost && len(k.m.Alarms) < mostAlarms*9/10 {
		k.m.Lost = false
	}
	a := k.find(p)
	switch {
	case k.m.Lost && a == nil:
		k.raise(Condition{Point: p}, "")
	case !k.m.Lost && a != nil:
		k.end(a)
	}
}

// roots rings the alarms that explain others first, in the order of the list, so that
// what they explain is hidden before it could ring.
func (k *Kernel) roots() {
	due := map[string]bool{}
	for i := range k.m.Alarms {
		if a := &k.m.Alarms[i]; a.Due {
			due[a.Code] = true
		}
	}
	for i := range k.book.rows {
		if d := &k.book.rows[i]; len(d.Explains) > 0 && due[d.Code] {
			k.explain()
			k.ring(func(a *Alarm) bool { return a.Code == d.Code && a.Due })
		}
	}
}
