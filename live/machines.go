package live

import (
	"net/http"
	"strconv"
	"time"

	"sluice/device"
	"sluice/driver/door"
	"sluice/loop/actuate"
	"sluice/unit"
)

// MachineState says in one word how a machine stands.
type MachineState string

// The states; codes are only ever added.
const (
	MachineRunning MachineState = "running"
	MachineAsleep  MachineState = "asleep"
	MachineUnknown MachineState = "unknown" // never heard, silent, or stating too little
)

// Plate is what never changes of a machine while the site runs.
type Plate struct {
	Name     string        `json:"name"` // its address
	Family   device.Family `json:"family"`
	Model    string        `json:"model"` // as it was adopted
	Firmware string        `json:"firmware,omitempty"`
	Serial   string        `json:"serial,omitempty"`
	MAC      string        `json:"mac,omitempty"`
	Group    string        `json:"group"` // mining group
	Use      string        `json:"use"`
	Hall     string        `json:"hall,omitempty"`
	Feeder   string        `json:"feeder,omitempty"`
}

// Shown is what a person sees change of a machine. Of a machine that is not heard
// the figures are not known, whatever it said before.
type Shown struct {
	State         MachineState  `json:"state"`
	Proving       bool          `json:"proving,omitempty"` // an order waits for its proof
	Power         unit.Power    `json:"power_w"`           // as it states it
	PowerKnown    bool          `json:"power_known"`
	Setpoint      unit.Power    `json:"setpoint_w"` // proven; 0: asleep
	SetpointKnown bool          `json:"setpoint_known"`
	Target        unit.Power    `json:"target_w"` // where it stands, or is going to
	Hash          unit.Hashrate `json:"hash_ghs"`
	HashKnown     bool          `json:"hash_known"`
	Heat          int64         `json:"temperature_mc"` // of its hottest sensor, thousandths of a degree Celsius
	HeatKnown     bool          `json:"temperature_known"`
	Trouble       Trouble       `json:"trouble,omitempty"`
	Since         time.Time     `json:"trouble_since,omitzero"`
	LockedBy      string        `json:"locked_by,omitempty"`
	Ceiling       unit.Power    `json:"ceiling_w"` // while it is locked
	Entrusted     bool          `json:"entrusted"` // plans may move it
	LentTo        string        `json:"lent_to,omitempty"`
	Why           actuate.Code  `json:"why_not_raised,omitempty"`
	At            time.Time     `json:"at,omitzero"` // of the reading from which this was made
}

// MachineRow is one machine in a list.
type MachineRow struct {
	Plate
	Shown
}

// MachineList is the machines whose shown state changed since a revision.
type MachineList struct {
	Rev      int64        `json:"rev"`                // to ask after the next time
	All      bool         `json:"all"`                // these are all: whatever was kept before is of another run, or was never there
	Count    int          `json:"count"`              // machines of the site
	At       time.Time    `json:"at"`                 // on the site's clock
	Oldest   time.Time    `json:"read_from,omitzero"` // readings of the machines that are heard, as of the last round
	Newest   time.Time    `json:"read_to,omitzero"`
	Machines []MachineRow `json:"machines"`
}

// What is smaller is no change that a person would see.
const (
	shownWatts            = 10
	shownHeat             = 1000               // a whole degree
	shownPower unit.Ratio = unit.One / 100     // of power
	shownHash  unit.Ratio = unit.One * 2 / 100 // of hash rate
)

// differs reports whether a person would see that now is another state than before.
func (s Shown) differs(now Shown) bool {
	if s.PowerKnown && now.PowerKnown && apart(int64(s.Power), int64(now.Power)) <= max(shownWatts, int64(s.Power.Scale(shownPower))) {
		now.Power = s.Power
	}
	if s.HashKnown && now.HashKnown && apart(int64(s.Hash), int64(now.Hash)) <= unit.MulDiv(int64(s.Hash), int64(shownHash), int64(unit.One)) {
		now.Hash = s.Hash
	}
	if s.HeatKnown && now.HeatKnown && apart(s.Heat, now.Heat) < shownHeat {
		now.Heat = s.Heat
	}
	now.At = s.At
	return now != s
}

// apart is how far two figures lie apart.
func apart(a, b int64) int64 { return max(a-b, b-a) }

// show is what a machine shows now.
func (c *Core) show(i int) Shown {
	m, v := &c.machines[i], c.kernel.Unit(i)
	s := Shown{
		State: MachineUnknown, Proving: v.Open, Target: c.stands(i), Trouble: m.trouble, LockedBy: v.Locked, Entrusted: c.trusted[i], LentTo: c.lentTo(i), At: m.at,
	}
	if m.trouble != Fine {
		s.Since = m.since
	}
	if v.Locked != "" {
		s.Ceiling = v.Ceiling
	}
	if v.Setpoint >= 0 {
		s.Setpoint, s.SetpointKnown = v.Setpoint, true
	}
	if v.Code != actuate.None && v.Wish > v.Setpoint {
		s.Why = v.Code
	}
	if v.Silent {
		return s
	}
	s.Power, s.PowerKnown = stating(m.last.Power)
	s.Hash, s.HashKnown = stating(m.last.Hash)
	s.Heat, s.HeatKnown = stating(m.heat)
	switch at, known := m.ladder.setpoint(m.last); {
	case !known:
	case at == 0:
		s.State = MachineAsleep
	default:
		s.State = MachineRunning
	}
	return s
}

// stating is a stated value, zero where it is not known.
func stating[T any](v device.Value[T]) (out T, known bool) {
	if v.Known {
		out = v.Value
	}
	return out, v.Known
}

// plates are those of all machines.
func (c *Core) plates() []Plate {
	feeders := c.feeders()
	out := make([]Plate, len(c.machines))
	for i := range c.machines {
		out[i] = c.plate(i, feeders)
	}
	return out
}

// plate is that of one machine. feeders are those of the halls.
func (c *Core) plate(i int, feeders map[string]string) Plate {
	m := &c.machines[i]
	r := c.cfg.Rigs[m.Group]
	id, g := m.Identity, r.Group()
	return Plate{
		Name: m.Name(), Family: id.Family, Model: id.Model, Firmware: firmwareOf(id), Serial: id.Serial, MAC: id.MAC,
		Group: g.Name, Use: r.Use(), Hall: g.Hall, Feeder: feeders[g.Hall],
	}
}

// feeders is the feeder of each hall.
func (c *Core) feeders() map[string]string {
	out := map[string]string{}
	for _, h := range c.cfg.Site.Halls {
		out[h.Name] = h.Feeder
	}
	return out
}

// firmwareOf is a machine's firmware with its version, where it states one.
func firmwareOf(id device.Identity) string {
	if id.Firmware == "" || id.Version == "" {
		return id.Firmware + id.Version
	}
	return id.Firmware + " " + id.Version
}

// changes is what the roster holds after a revision, not yet written out.
type changes struct {
	list  MachineList
	rows  []int
	shown []Shown // of rows
	plate []Plate // of all machines
}

// changed is what of the machines changed after a revision; of 0, or of a revision
// of another run, it is all of them.
func (c *Core) changed(after int64, now time.Time) changes {
	if c.roster == nil {
		c.roster = newRoster(c)
	}
	r := c.roster
	r.look(c)
	out := changes{plate: r.plates, list: MachineList{Rev: r.rev, Count: len(r.shown), At: now, Oldest: r.oldest, Newest: r.newest}}
	out.rows, out.list.All = r.since(after)
	out.shown = make([]Shown, len(out.rows))
	for n, i := range out.rows {
		out.shown[n] = r.shown[i]
	}
	return out
}

// written is the list itself. It needs the core no more.
func (x changes) written() MachineList {
	x.list.Machines = make([]MachineRow, len(x.rows))
	for n, i := range x.rows {
		x.list.Machines[n] = MachineRow{x.plate[i], x.shown[n]}
	}
	return x.list
}

// revision reads ?after=, a revision; nothing there is 0.
func revision(r *http.Request) (int64, bool) {
	text := r.URL.Query().Get("after")
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// badRevision says what ?after= may be.
const badRevision = "give ?after= the rev of an earlier answer, or 0 for everything"

// machineList answers the machines that changed since ?after=.
func (s *Site) machineList(w http.ResponseWriter, r *http.Request) {
	after, ok := revision(r)
	if !ok {
		door.Write(w, http.StatusBadRequest, Answer{No: badRevision})
		return
	}
	var x changes
	if err := s.Do(r.Context(), func(c *Core, now time.Time) { x = c.changed(after, now) }); err != nil {
		door.Write(w, http.StatusServiceUnavailable, Answer{No: err.Error()})
		return
	}
	writeDense(w, x.written())
}
