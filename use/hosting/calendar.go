package hosting

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/unit"
	"sluice/use"
)

// Held is GPUs or kilowatts that are set aside and not sold: for a quote that runs,
// for nodes that are repaired, for what comes next.
type Held struct {
	Name     string
	Hall     string
	Model    string     // of GPU; empty: Power
	GPUs     int        //
	Power    unit.Power // critical IT power
	From, To time.Time  // To zero: without end
}

// Calendar says what is committed, sold as flexible, held and free over time, of each
// model in each hall and of the power of the hall. It is never changed once made.
type Calendar struct {
	halls   []Hall
	room    map[string]unit.Power
	zone    *time.Location
	entries []entry
}

// entry is one that takes something.
type entry struct {
	name, hall, model string
	kind              Kind // empty: held
	each              unit.Power
	stretches         []stretch
}

// Slot is a stretch of time in which nothing changes, of one model in one hall; of
// an empty model the units are watts of the hall's critical power.
type Slot struct {
	From, To  time.Time // To zero: without end
	Committed int64
	Flexible  int64
	Held      int64
	Free      int64 // below zero: sold more than there is
}

// Conflict is the first instant at which something does not fit.
type Conflict struct {
	Name   string // what was to be sold
	At     time.Time
	What   string // such as "GPUs of H100 SXM", "GPUs on the rack power of H100 SXM" or "kW of the hall's power"
	Hall   string
	Wants  int64 // units: GPUs or kilowatts
	Free   int64
	Others []string // that hold the rest, the first to start first
}

// ErrConflict marks what does not fit into the calendar.
var ErrConflict = errors.New("does not fit")

// Error says what does not fit, when, and who is there.
func (c *Conflict) Error() string {
	with := "nobody else holds any"
	if len(c.Others) > 0 {
		with = strings.Join(c.Others, ", ") + " hold the rest"
	}
	return fmt.Sprintf("%q in hall %q %s: from %s it wants %d %s and %d are free; %s: take fewer, start later, or end another",
		c.Name, c.Hall, ErrConflict, c.At.UTC().Format(time.RFC3339), c.Wants, c.What, max(0, c.Free), with)
}

// Unwrap makes errors.Is find ErrConflict.
func (c *Conflict) Unwrap() error { return ErrConflict }

// NewCalendar is the calendar of halls with nothing in it. Room is what each hall may
// draw at the meter, as the site states it; a hall without one is bounded by its
// servers alone. Months are counted in zone.
func NewCalendar(halls []Hall, room map[string]unit.Power, zone *time.Location) *Calendar {
	return &Calendar{halls: halls, room: room, zone: place(zone)}
}

// With is the calendar with a contract in it that fits, or the first conflict: GPUs,
// the power of racks and of the hall are checked for the whole term, month by month
// of its ramp. What commits nothing takes nothing. The calendar itself stays as it is.
func (c *Calendar) With(x Contract) (*Calendar, error) {
	e, err := c.contract(x)
	if err != nil || len(e.stretches) == 0 {
		return c, err
	}
	return c.add(e)
}

// Hold is the calendar with something set aside that fits, or the first conflict.
func (c *Calendar) Hold(h Held) (*Calendar, error) {
	e := entry{name: h.Name, hall: h.Hall, model: h.Model, each: unit.Kilowatt}
	units := int64(h.Power / unit.Kilowatt)
	if h.Model != "" {
		each, err := c.each(h.Name, h.Hall, h.Model)
		if err != nil {
			return c, err
		}
		e.each, units = each, int64(h.GPUs)
	}
	if units <= 0 || h.From.IsZero() || !h.To.IsZero() && !h.To.After(h.From) {
		return c, fmt.Errorf("hold %q: state GPUs or whole kilowatts above zero, and an end after its start", h.Name)
	}
	e.stretches = []stretch{{h.From, h.To, units}}
	return c.add(e)
}

// contract is what a contract takes: nothing if its kind commits nothing.
func (c *Calendar) contract(x Contract) (entry, error) {
	e := entry{name: x.Name, hall: x.Hall, model: x.Model, kind: x.Kind, each: unit.Kilowatt}
	if x.Kind == Colocation {
		e.model = ""
	} else {
		each, err := c.each(x.Name, x.Hall, x.Model)
		if err != nil {
			return e, err
		}
		e.each = each
	}
	if !x.Kind.Commits() {
		return e, nil
	}
	for month := range x.Ramp {
		from, to := anniversary(x.Start, month, c.zone), anniversary(x.Start, month+1, c.zone)
		e.stretches = append(e.stretches, stretch{from, to, x.ramped(month)})
	}
	e.stretches = append(e.stretches, stretch{anniversary(x.Start, len(x.Ramp), c.zone), time.Time{}, x.Units()})
	if !x.End.IsZero() {
		e.stretches = slices.DeleteFunc(e.stretches, func(s stretch) bool { return !s.from.Before(x.End) })
		e.stretches[len(e.stretches)-1].to = earlier(e.stretches[len(e.stretches)-1].to, x.End)
	}
	return e, nil
}

// earlier is the earlier of two ends, of which zero is without end.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// each is what a GPU of a model in a hall draws, or why that is not known.
func (c *Calendar) each(name, hall, model string) (unit.Power, error) {
	h, err := c.hall(name, hall)
	if err != nil {
		return 0, err
	}
	g, found := h.holds(model)
	if !found {
		return 0, fmt.Errorf("%q: hall %q has no GPUs of model %q: it has %s", name, hall, model, h.models())
	}
	return g.Each(), nil
}

func (c *Calendar) hall(name, hall string) (Hall, error) {
	var have []string
	for _, h := range c.halls {
		if h.Name == hall {
			return h, nil
		}
		have = append(have, h.Name)
	}
	return Hall{}, fmt.Errorf("%q: there is no GPU hall %q: use one of %s, or declare it", name, hall, strings.Join(have, ", "))
}

// add is the calendar with an entry that fits.
func (c *Calendar) add(e entry) (*Calendar, error) {
	if _, err := c.hall(e.name, e.hall); err != nil {
		return c, err
	}
	out := &Calendar{halls: c.halls, room: c.room, zone: c.zone, entries: append(slices.Clone(c.entries), e)}
	for _, at := range out.changes(e.hall) {
		if conflict := out.conflict(e, at); conflict != nil {
			return c, conflict
		}
	}
	return out, nil
}

// changes is when something changes in a hall, in order.
func (c *Calendar) changes(hall string) []time.Time {
	var out []time.Time
	for _, e := range c.entries {
		if e.hall != hall {
			continue
		}
		for _, s := range e.stretches {
			out = append(out, s.from)
			if !s.to.IsZero() {
				out = append(out, s.to)
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// takes is how many units an entry takes at an instant.
func (e entry) takes(at time.Time) int64 {
	for _, s := range e.stretches {
		if !at.Before(s.from) && (s.to.IsZero() || at.Before(s.to)) {
			return s.units
		}
	}
	return 0
}

// conflict is what does not fit at an instant in which the newest entry takes something.
func (c *Calendar) conflict(e entry, at time.Time) *Conflict {
	wants := e.takes(at)
	if wants == 0 {
		return nil
	}
	if e.model != "" {
		for _, limit := range []struct {
			what string
			all  int64
		}{{"GPUs of ", c.gpus(e.hall, e.model)}, {"GPUs on the rack power of ", c.fed(e.hall, e.model)}} {
			if free := limit.all - c.taken(e.hall, e.model, at) + wants; free < wants {
				return &Conflict{e.name, at, limit.what + e.model, e.hall, wants, free, c.others(e, at, e.model)}
			}
		}
	}
	room, bounded := c.critical(e.hall)
	if free := room - c.power(e.hall, at) + e.each*unit.Power(wants); bounded && free < e.each*unit.Power(wants) {
		kilowatts := (e.each*unit.Power(wants) + unit.Kilowatt - 1) / unit.Kilowatt
		return &Conflict{e.name, at, "kW of the hall's power", e.hall, int64(kilowatts), int64(max(0, free) / unit.Kilowatt), c.others(e, at, "")}
	}
	return nil
}

// gpus is how many GPUs of a model a hall holds.
func (c *Calendar) gpus(hall, model string) int64 { return c.count(hall, model, Group.GPUs) }

// fed is how many of them the power of their racks bears at full load.
func (c *Calendar) fed(hall, model string) int64 { return c.count(hall, model, Group.Fed) }

func (c *Calendar) count(hall, model string, of func(Group) int) int64 {
	var n int64
	for _, h := range c.halls {
		for _, g := range h.Groups {
			if h.Name == hall && sameModel(g.Model.Name, model) {
				n += int64(of(g))
			}
		}
	}
	return n
}

// Fed is how many GPUs of the group can be at full load at once within the limits of
// the racks.
func (g Group) Fed() int {
	each := g.Each()
	if g.Limit == 0 || g.Rack == 0 || each <= 0 {
		return g.GPUs()
	}
	inRack := func(nodes int) int { return min(nodes*g.Model.PerNode, int(g.Limit/each)) }
	return g.Nodes/g.Rack*inRack(g.Rack) + inRack(g.Nodes%g.Rack)
}

// taken is how many GPUs of a model are sold or held at an instant.
func (c *Calendar) taken(hall, model string, at time.Time) int64 {
	var n int64
	for _, e := range c.entries {
		if e.hall == hall && e.model != "" && sameModel(e.model, model) {
			n += e.takes(at)
		}
	}
	return n
}

// power is what all that is sold or held in a hall draws at full load, IT.
func (c *Calendar) power(hall string, at time.Time) unit.Power {
	var sum unit.Power
	for _, e := range c.entries {
		if e.hall == hall {
			sum += e.each * unit.Power(e.takes(at))
		}
	}
	return sum
}

// critical is the IT power that a hall may draw: what the site lets it draw, by the
// PUE of a hot hour. It is false where the site states nothing.
func (c *Calendar) critical(hall string) (unit.Power, bool) {
	room, stated := c.room[hall]
	h, err := c.hall("", hall)
	if !stated || err != nil {
		return 0, false
	}
	return unit.Power(int64(room) * int64(unit.One) / int64(hot(h.Cooling))), true
}

// hotHour is the ambient temperature for which power is planned. Assumption: a site
// that is hotter declares a lower limit for the hall.
const hotHour = 40_000

func hot(k use.Cooling) unit.Ratio { return cooled(k).PUE(hotHour) }

// others names who else takes something of a model, or with none of the power, at an instant.
func (c *Calendar) others(e entry, at time.Time, model string) []string {
	all := slices.Clone(c.entries)
	slices.SortStableFunc(all, func(a, b entry) int { return a.stretches[0].from.Compare(b.stretches[0].from) })
	var out []string
	for _, o := range all {
		if o.hall == e.hall && o.name != e.name && o.takes(at) > 0 && (model == "" || sameModel(o.model, model)) {
			out = append(out, o.name)
		}
	}
	return out
}

// Slots is what is committed, flexible, held and free from an instant on, of a model
// in a hall, or with an empty model of its critical power in watts, by its
// servers where the site states no limit. Slots follow each other without hole.
func (c *Calendar) Slots(hall, model string, from time.Time) []Slot {
	edges := append([]time.Time{from}, slices.DeleteFunc(c.changes(hall), func(at time.Time) bool { return !at.After(from) })...)
	var out []Slot
	for i, at := range edges {
		s := c.slot(hall, model, at)
		if i+1 < len(edges) {
			s.To = edges[i+1]
		}
		if n := len(out); n > 0 && out[n-1].same(s) {
			out[n-1].To = s.To
			continue
		}
		out = append(out, s)
	}
	return out
}

func (s Slot) same(o Slot) bool {
	return s.Committed == o.Committed && s.Flexible == o.Flexible && s.Held == o.Held && s.Free == o.Free
}

// slot is what stands at an instant.
func (c *Calendar) slot(hall, model string, at time.Time) Slot {
	s := Slot{From: at, Free: c.gpus(hall, model)}
	if model == "" {
		s.Free = int64(c.bears(hall))
	}
	for _, e := range c.entries {
		n := e.takes(at)
		if e.hall != hall || n == 0 || model != "" && !sameModel(e.model, model) {
			continue
		}
		if model == "" {
			n *= int64(e.each)
		}
		switch e.kind {
		case "":
			s.Held += n
		case Flexible:
			s.Flexible += n
		case Colocation, Reserved, OnDemand, Spot, Batch:
			s.Committed += n
		}
		s.Free -= n
	}
	return s
}

// bears is the critical power of a hall: its limit, or what its servers draw.
func (c *Calendar) bears(hall string) unit.Power {
	if room, bounded := c.critical(hall); bounded {
		return room
	}
	var sum unit.Power
	for _, h := range c.halls {
		for _, g := range h.Groups {
			if h.Name == hall {
				sum += g.Each() * unit.Power(g.GPUs())
			}
		}
	}
	return sum
}

// Book is all that a site has sold, to be checked as a whole.
type Book struct {
	Halls     []Hall
	Contracts []Contract
	Held      []Held
	Room      map[string]unit.Power // what each hall may draw at the meter; missing: not bounded
	Zone      *time.Location
}

// Validate reports every fault of halls and contracts at once, and every reservation
// that does not fit, the one that started first having the better right.
func (b Book) Validate() error {
	_, err := b.Calendar()
	return err
}

// Calendar is the calendar of all contracts and holds, or every fault. What does not
// fit is left out of it.
func (b Book) Calendar() (*Calendar, error) {
	var all []error
	halls, before := map[string]bool{}, map[string]Contract{}
	for _, h := range b.Halls {
		if halls[h.Name] {
			all = append(all, fmt.Errorf("GPU hall %q is there twice: put its groups together", h.Name))
		}
		halls[h.Name] = true
		all = append(all, h.Validate())
	}
	cal := NewCalendar(b.Halls, b.Room, b.Zone)
	for _, h := range b.Held {
		next, err := cal.Hold(h)
		cal, all = next, append(all, err)
	}
	contracts := slices.Clone(b.Contracts)
	slices.SortStableFunc(contracts, func(x, y Contract) int {
		return cmp.Or(x.Start.Compare(y.Start), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Version, y.Version))
	})
	for _, c := range contracts {
		if was, there := before[c.Name]; there && (was.Version == c.Version || was.End.IsZero() || was.End.After(c.Start)) {
			all = append(all, fmt.Errorf("contract %q is in force twice from %s: give each its own name, and end a version where the next one starts", c.Name, c.Start.Format(time.RFC3339)))
		}
		before[c.Name] = c
		if err := c.Validate(); err != nil {
			all = append(all, err)
			continue
		}
		next, err := cal.With(c)
		if err != nil && !errors.Is(err, ErrConflict) {
			err = fmt.Errorf("contract %w", err)
		}
		cal, all = next, append(all, err)
	}
	return cal, errors.Join(all...)
}
