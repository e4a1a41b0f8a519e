package alarm

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"sluice/unit"
)

// When something counts as a condition.
const (
	awayAfter   = 30 * time.Second
	turnsMissed = 2
	placeLeast  = 10 // machines; fewer are told one by one
)

// Group is a limit of a site: the site itself, a feeder or a hall.
type Group struct {
	Name     string     // empty: the site
	Limit    unit.Power // 0: none
	Reserved unit.Power // the most that may be drawn, everything outstanding counted
	Draw     unit.Power // at its meter
	Known    bool       // the meter was heard lately; Draw means nothing otherwise
	Stale    bool       // the meter is silent
	Machines int        // that stand directly in it
}

// Machine is one that has a trouble.
type Machine struct {
	Name, Place string
	Trouble     string // its code
}

// Ill is a trouble that a site or a hall names itself.
type Ill struct {
	Place, Code, Subject, Why string
}

// Site is what the control room sees of one site, as plain data.
type Site struct {
	Name     string
	Heard    time.Time     // its last answer; zero: never
	Turn     time.Time     // its last turn; zero: it has had none
	Period   time.Duration // of its turns; 0: they are not watched
	Stopped  bool
	ShedOnly bool
	Why      string // why it only lowers
	Groups   []Group
	Machines []Machine // with a trouble
	Ills     []Ill
}

// Away reports whether the site has not answered for too long: what is known of it is old.
func (s Site) Away(now time.Time) bool { return now.Sub(s.Heard) >= awayAfter }

// Conditions are what holds at the site now. Of a site that is away only that is known:
// false says that everything else stands as it was, so that nothing ends unseen.
func (s Site) Conditions(now time.Time) (all []Condition, known bool) {
	add := func(place, code, subject string, params map[string]string) {
		all = append(all, Condition{Point: Point{s.Name, place, code, subject}, Params: params})
	}
	if s.Away(now) {
		params := map[string]string{}
		if !s.Heard.IsZero() {
			params["heard"] = s.Heard.UTC().Format(time.RFC3339)
		}
		add("", "site_away", "", params)
		return all, false
	}
	if s.Stopped {
		add("", "stopped", "", nil)
	}
	if s.ShedOnly && !s.Stopped {
		add("", "shed_only", "", map[string]string{"why": s.Why})
	}
	if s.Period > 0 && !s.Turn.IsZero() && now.Sub(s.Turn) > turnsMissed*s.Period {
		add("", "no_turn", "", map[string]string{"turned": s.Turn.UTC().Format(time.RFC3339)})
	}
	for _, g := range s.Groups {
		all = append(all, g.conditions(s.Name)...)
	}
	for _, i := range s.Ills {
		add(i.Place, i.Code, i.Subject, map[string]string{"why": i.Why})
	}
	return append(all, s.machines()...), true
}

func (g Group) conditions(site string) []Condition {
	var out []Condition
	add := func(code string, p unit.Power) {
		out = append(out, Condition{Point: Point{Site: site, Place: g.Name, Code: code}, Params: map[string]string{"power": p.String(), "limit": g.Limit.String()}})
	}
	if g.Known && g.Limit > 0 && g.Draw > g.Limit {
		code := "feeder_over"
		if g.Name == "" {
			code = "connection_over"
		}
		add(code, g.Draw)
	}
	if g.Limit > 0 && g.Reserved > g.Limit {
		add("limit_margin", g.Reserved)
	}
	if g.Stale {
		out = append(out, Condition{Point: Point{Site: site, Place: g.Name, Code: "meter_stale"}})
	}
	return out
}

// machines makes one condition of all machines of a place with the same trouble, and one
// more of a place of which most are silent.
func (s Site) machines() []Condition {
	type kind struct{ place, code string }
	count, name := map[kind]int{}, map[kind]string{}
	for _, m := range s.Machines {
		k := kind{m.Place, m.Trouble}
		if count[k]++; count[k] == 1 || m.Name < name[k] {
			name[k] = m.Name
		}
	}
	var out []Condition
	for _, g := range s.Groups {
		n := count[kind{g.Name, "silent"}] + count[kind{g.Name, "unreachable"}]
		if g.Name != "" && n >= placeLeast && 2*n > g.Machines {
			out = append(out, Condition{
				Point: Point{Site: s.Name, Place: g.Name, Code: "place_silent"}, Count: n, Params: map[string]string{"of": strconv.Itoa(g.Machines)},
			})
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(count), func(a, b kind) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.code, b.code)) }) {
		out = append(out, Condition{Point: Point{Site: s.Name, Place: k.place, Code: k.code}, Count: count[k], Params: map[string]string{"such_as": name[k]}})
	}
	return out
}

// Observe is the events of a site as it is seen now, for Step one after another: the
// room's own view under one source, what the site says of itself under another. While a
// site is away its own conditions stand.
func (s Site) Observe(now time.Time) []Event {
	all, known := s.Conditions(now)
	if !known {
		return []Event{Holds{Site: s.Name, Source: "room", Conditions: all}}
	}
	all = slices.DeleteFunc(all, func(c Condition) bool { return slices.Contains(Events(), c.Code) })
	return []Event{Holds{Site: s.Name, Source: "room"}, Holds{Site: s.Name, Source: "site", Conditions: all}}
}
