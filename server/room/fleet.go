package room

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/alarm"
	"sluice/live"
	"sluice/people"
)

// Machines tells what changed of the machines of a site; live.Remote is one.
type Machines interface {
	Machines(ctx context.Context, after int64) (live.MachineList, error)
	Machine(ctx context.Context, name string) (live.MachinePage, error)
}

// fleetPace is how often a site is asked for what changed of its machines.
const fleetPace = 3 * time.Second

// fleet is the machines of one site as they were told last, by address.
type fleet struct {
	mu    sync.RWMutex
	rev   int64
	at    time.Time // on the site's clock
	heard time.Time
	rows  []live.MachineRow // in the order of the site
	words []string          // of each row, in small letters: what a search looks at
	index map[string]int
	ills  []alarm.Machine // those with a trouble
}

func newFleet() *fleet { return &fleet{index: map[string]int{}} }

// since is the revision that is known.
func (f *fleet) since() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.rev
}

// take takes what a site told.
func (f *fleet) take(l live.MachineList, heard time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.All {
		f.rows, f.words, f.index = nil, nil, make(map[string]int, len(l.Machines))
	}
	for _, m := range l.Machines {
		i, known := f.index[m.Name]
		if !known {
			i = len(f.rows)
			f.index[m.Name] = i
			f.rows, f.words = append(f.rows, m), append(f.words, "")
		}
		f.rows[i], f.words[i] = m, wordsOf(m)
	}
	f.rev, f.at, f.heard = l.Rev, l.At, heard
	if len(l.Machines) > 0 || l.All {
		f.ills = f.ill()
	}
}

// ill are the machines with a trouble.
func (f *fleet) ill() []alarm.Machine {
	var out []alarm.Machine
	for i := range f.rows {
		if m := &f.rows[i]; m.Trouble != "" {
			out = append(out, alarm.Machine{Name: m.Name, Place: cmp.Or(m.Feeder, m.Hall), Trouble: string(m.Trouble)})
		}
	}
	return out
}

// troubled are the machines with a trouble as they were told last; nobody changes them.
func (f *fleet) troubled() []alarm.Machine {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.ills
}

// wordsOf is what a search finds a machine by.
func wordsOf(m live.MachineRow) string {
	return strings.ToLower(strings.Join([]string{
		m.Name, string(m.Family), m.Model, m.Firmware, m.Serial, m.MAC, m.Group, m.Hall, m.Feeder, string(m.Trouble), m.LockedBy,
	}, "\x00"))
}

// FleetQuery chooses machines.
type FleetQuery struct {
	InSite
	Search  string `query:"search" maxLength:"200" doc:"Parts of address, model, serial, hall, feeder, trouble …; all of them have to be found."`
	State   string `query:"state" enum:"running,asleep,unknown,proving,trouble,locked" doc:"How they stand."`
	Hall    string `query:"hall" maxLength:"200"`
	Feeder  string `query:"feeder" maxLength:"200"`
	Group   string `query:"group" maxLength:"200" doc:"Mining group."`
	Trouble string `query:"trouble" maxLength:"60"`
	Sort    string `query:"sort" enum:"name,power,hash,temperature,model,state" default:"name"`
	Down    bool   `query:"down" doc:"The greatest first."`
	Offset  int    `query:"offset" minimum:"0" maximum:"1000000"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// FleetPage is a stretch of the machines that were chosen.
type FleetPage struct {
	At       time.Time         `json:"at" doc:"The site's clock when it told this."`
	Heard    time.Time         `json:"heard" doc:"By the wall clock of the control room."`
	All      int               `json:"all" doc:"Machines of the site."`
	Found    int               `json:"found" doc:"Of them chosen."`
	Power    int64             `json:"power_w" doc:"Of the chosen, as far as they state it."`
	Hash     int64             `json:"hash_ghs"`
	Next     *int              `json:"next,omitempty" doc:"Offset of the next page; absent: this was the last."`
	Machines []live.MachineRow `json:"machines"`
}

// chosen reports whether a query chooses a machine.
func (q FleetQuery) chosen(m *live.MachineRow, words string, parts []string) bool {
	if q.Hall != "" && m.Hall != q.Hall || q.Feeder != "" && m.Feeder != q.Feeder || q.Group != "" && m.Group != q.Group || q.Trouble != "" && string(m.Trouble) != q.Trouble {
		return false
	}
	switch q.State {
	case "running", "asleep", "unknown":
		if string(m.State) != q.State {
			return false
		}
	case "proving":
		if !m.Proving {
			return false
		}
	case "trouble":
		if m.Trouble == "" {
			return false
		}
	case "locked":
		if m.LockedBy == "" {
			return false
		}
	}
	for _, p := range parts {
		if !strings.Contains(words, p) {
			return false
		}
	}
	return true
}

// find is the page of a query.
func (f *fleet) find(q FleetQuery) FleetPage {
	f.mu.RLock()
	defer f.mu.RUnlock()
	parts := strings.Fields(strings.ToLower(q.Search))
	out := FleetPage{At: f.at, Heard: f.heard, All: len(f.rows), Machines: []live.MachineRow{}}
	var found []int
	for i := range f.rows {
		m := &f.rows[i]
		if !q.chosen(m, f.words[i], parts) {
			continue
		}
		found = append(found, i)
		if m.PowerKnown {
			out.Power += int64(m.Power)
		}
		if m.HashKnown {
			out.Hash += int64(m.Hash)
		}
	}
	f.sort(found, q)
	out.Found = len(found)
	end := min(q.Offset+q.Limit, len(found))
	for _, i := range found[min(q.Offset, len(found)):end] {
		out.Machines = append(out.Machines, f.rows[i])
	}
	if end < len(found) {
		out.Next = new(end)
	}
	return out
}

// sort puts rows in order. Addresses are in the order of the site already; of equal ones
// the order stays, so that pages fit together.
func (f *fleet) sort(found []int, q FleetQuery) {
	by := map[string]func(m *live.MachineRow) int64{
		"power":       func(m *live.MachineRow) int64 { return known(int64(m.Power), m.PowerKnown) },
		"hash":        func(m *live.MachineRow) int64 { return known(int64(m.Hash), m.HashKnown) },
		"temperature": func(m *live.MachineRow) int64 { return known(m.Heat, m.HeatKnown) },
	}[q.Sort]
	compare := func(a, b int) int { return cmp.Compare(a, b) }
	switch {
	case by != nil:
		compare = func(a, b int) int { return cmp.Or(cmp.Compare(by(&f.rows[a]), by(&f.rows[b])), 0) }
	case q.Sort == "model":
		compare = func(a, b int) int { return strings.Compare(f.rows[a].Model, f.rows[b].Model) }
	case q.Sort == "state":
		compare = func(a, b int) int { return strings.Compare(string(f.rows[a].State), string(f.rows[b].State)) }
	case !q.Down:
		return
	}
	slices.SortStableFunc(found, func(a, b int) int {
		if q.Down {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// known is a figure for sorting: what is not known comes below everything.
func known(n int64, is bool) int64 {
	if !is {
		return -1 << 62
	}
	return n
}

// Heat is the machines of a site as a picture: one entry a machine in each list, in the
// order of their addresses.
type Heat struct {
	At      time.Time `json:"at"`
	Names   []string  `json:"names"`
	Halls   []string  `json:"halls"`
	Groups  []string  `json:"groups"`
	States  []string  `json:"states"`
	Power   []*int64  `json:"power_w" doc:"null: not stated."`
	Hash    []*int64  `json:"hash_ghs"`
	Warmth  []*int64  `json:"temperature_mc" doc:"Of the hottest sensor, thousandths of a degree Celsius."`
	Trouble []string  `json:"trouble" doc:"Empty: none."`
}

type heatIn struct {
	InSite
	Hall   string `query:"hall" maxLength:"200" doc:"One hall; absent: all."`
	Feeder string `query:"feeder" maxLength:"200" doc:"What hangs on one feeder; absent: all."`
}

// heat is the picture of a hall, a feeder or all of it.
func (f *fleet) heat(hall, feeder string) Heat {
	f.mu.RLock()
	defer f.mu.RUnlock()
	h := Heat{At: f.at, Names: []string{}, Halls: []string{}, Groups: []string{}, States: []string{}, Power: []*int64{}, Hash: []*int64{}, Warmth: []*int64{}, Trouble: []string{}}
	stated := func(n int64, is bool) *int64 {
		if !is {
			return nil
		}
		return &n
	}
	for i := range f.rows {
		m := &f.rows[i]
		if hall != "" && m.Hall != hall || feeder != "" && m.Feeder != feeder {
			continue
		}
		h.Names, h.Halls, h.Groups, h.States = append(h.Names, m.Name), append(h.Halls, m.Hall), append(h.Groups, m.Group), append(h.States, string(m.State))
		h.Power, h.Hash = append(h.Power, stated(int64(m.Power), m.PowerKnown)), append(h.Hash, stated(int64(m.Hash), m.HashKnown))
		h.Warmth, h.Trouble = append(h.Warmth, stated(m.Heat, m.HeatKnown)), append(h.Trouble, string(m.Trouble))
	}
	return h
}

type machineIn struct {
	InSite
	Machine string `path:"machine" maxLength:"200" doc:"Its address."`
}

func (r *Room) serveFleet() {
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/machines", id: "listMachines", says: "Machines of a site, searched, filtered and sorted.", group: "fleet", reach: atSite, verb: people.Look}, r.listMachines)
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/machines/{machine}", id: "getMachine", says: "Everything that is known of one machine.", group: "fleet", reach: atSite, verb: people.Look}, r.getMachine)
	serve(r, route{method: http.MethodGet, path: "/v1/sites/{site}/heat", id: "getHeat", says: "All machines of a site or a hall as a picture.", group: "fleet", reach: atSite, verb: people.Look}, r.getHeat)
}

func (r *Room) listMachines(_ context.Context, _ Visit, in *FleetQuery) (FleetPage, error) {
	a := r.at(in.Site)
	if a == nil {
		return FleetPage{}, missing("site", in.Site)
	}
	return a.fleet.find(*in), nil
}

func (r *Room) getHeat(_ context.Context, _ Visit, in *heatIn) (Heat, error) {
	a := r.at(in.Site)
	if a == nil {
		return Heat{}, missing("site", in.Site)
	}
	return a.fleet.heat(in.Hall, in.Feeder), nil
}

func (r *Room) getMachine(ctx context.Context, _ Visit, in *machineIn) (live.MachinePage, error) {
	a := r.at(in.Site)
	if a == nil {
		return live.MachinePage{}, missing("site", in.Site)
	}
	asker, can := a.link.(Machines)
	if !can {
		return live.MachinePage{}, missing("machine", in.Machine)
	}
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	p, err := asker.Machine(ctx, in.Machine)
	if err != nil {
		return p, ofSite(in.Site, err)
	}
	p.Curve, p.Orders, p.History, p.Says.Pools = filled(p.Curve), filled(p.Orders), filled(p.History), filled(p.Says.Pools)
	return p, nil
}

// followFleet keeps the machines of a site up to date until ctx ends.
func (r *Room) followFleet(ctx context.Context, a *attached) {
	asker, can := a.link.(Machines)
	if !can {
		return
	}
	tick := time.NewTicker(fleetPace)
	defer tick.Stop()
	for {
		asked, stop := context.WithTimeout(ctx, 4*askMost)
		if l, err := asker.Machines(asked, a.fleet.since()); err == nil {
			a.fleet.take(l, r.cfg.Clock())
		}
		stop()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
