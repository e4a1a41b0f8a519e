package tenant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
	"sluice/use/hosting"
)

const (
	wishExample       = `{"key": "summer-run", "kind": "reserved", "model": "H100 SXM", "gpus": 64, "from": "2026-12-01T00:00:00Z", "until": "2027-03-01T00:00:00Z", "says": "training"}`
	colocationWishing = `{"key": "own-racks", "kind": "colocation", "kw": 120, "from": "2026-12-01T00:00:00Z", "until": "2027-03-01T00:00:00Z", "says": "three racks"}`
)

// Wish is what a tenant asks to reserve.
type Wish struct {
	Key   string     `json:"key" doc:"By which you know it: the same again is no second one."`
	Kind  string     `json:"kind" doc:"reserved, flexible, on-demand, spot, batch, or colocation."`
	Hall  string     `json:"hall,omitempty" doc:"Left out: any that has the model, or the power."`
	Model string     `json:"model,omitempty" doc:"Of GPU; left out: the only one there is. Not of colocation."`
	GPUs  int        `json:"gpus,omitempty" doc:"Of all kinds but colocation."`
	KW    int        `json:"kw,omitempty" doc:"Of colocation: critical IT power for hardware of your own, in place of gpus."`
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty" doc:"Left out: without end."`
	Says  string     `json:"says,omitempty" doc:"Words to the operator."`
}

// Reservation is a wish and what became of it.
type Reservation struct {
	ID string `json:"id"`
	Wish
	State    string    `json:"state" doc:"asked: it waits for the operator; accepted, refused, cancelled."`
	At       time.Time `json:"at" doc:"Of the state."`
	By       string    `json:"by" doc:"Who decided: calendar, you, or a person of the operator."`
	Why      string    `json:"why" doc:"Of a refusal or an end."`
	Contract string    `json:"contract" doc:"As which an accepted one is entered."`
}

func shownAs(r tenants.Reservation) Reservation {
	out := Reservation{
		ID: r.ID, Wish: Wish{Key: r.Key, Kind: r.Kind, Hall: r.Hall, Model: r.Model, GPUs: r.GPUs, KW: r.Kilowatts, From: r.From, Until: some(r.Until), Says: r.Says},
		State: string(r.State), At: r.At, By: r.By, Why: r.Why,
	}
	if name, named := contractOf(r); named {
		out.Contract, out.Why = name, ""
	}
	return out
}

// contractOf is the contract that an accepted wish became.
func contractOf(r tenants.Reservation) (string, bool) {
	name, named := strings.CutPrefix(r.Why, asContract)
	return name, named && r.State == tenants.Accepted
}

// contractName is the name under which an accepted wish is entered as a contract,
// unless the operator gives it another.
func contractName(r tenants.Reservation) string {
	if name := r.Tenant + "-" + r.Key; engine.Plain(name) && len(name) <= 60 {
		return name
	}
	return r.Tenant + "-" + r.ID
}

func reservations(c call) (any, error) {
	all, err := c.server.c.Desk.Reservations(c.ctx, c.who)
	if err != nil {
		return nil, err
	}
	out := []Reservation{}
	for _, r := range all {
		out = append(out, shownAs(r))
	}
	return out, nil
}

func reservation(c call) (any, error) {
	r, err := c.server.c.Desk.Reservation(c.ctx, c.who, c.path("id"))
	if err != nil {
		return nil, noReservation(err)
	}
	return shownAs(r), nil
}

func cancel(c call) (any, error) {
	r, err := c.server.c.Desk.Cancel(c.ctx, c.who, c.path("id"), "", c.at)
	if err != nil {
		return nil, noReservation(err)
	}
	return shownAs(r), nil
}

// noReservation names what is not known.
func noReservation(err error) error {
	if p := told(err); p.Status == 404 {
		return unknown("reservation")
	}
	return err
}

// mostADay bounds the wishes of a tenant: each is kept for good.
const mostADay = 200

// calendarName decides where nobody needs to.
const calendarName = "calendar"

// ask keeps a wish and holds it against the calendar: what cannot be had is refused at
// once, what the operator lets through is accepted, all else waits for a person.
func ask(c call) (any, error) {
	w := c.body.(*Wish)
	d := demand{kind: hosting.Kind(w.Kind), hall: w.Hall, model: w.Model, gpus: w.GPUs, kw: w.KW, from: w.From}
	if w.Until != nil {
		d.until = *w.Until
	}
	if had, ok, err := c.repeated(w, d); ok || err != nil {
		return had, err
	}
	if err := d.check(c.at); err != nil {
		return nil, err
	}
	s := c.server
	s.asking.Lock()
	defer s.asking.Unlock()
	cal, err := plan(c.ctx, s.c.Books, s.c.Clerk)
	if err != nil {
		return nil, err
	}
	all, err := d.places(cal.book)
	if err != nil {
		return nil, err
	}
	where, conflict, err := cal.choose(d, all)
	if err != nil {
		return nil, err
	}
	r, err := s.c.Desk.Ask(c.ctx, c.who, tenants.Wish{Key: w.Key, Kind: w.Kind, Hall: where.hall, Model: where.model, GPUs: w.GPUs, Kilowatts: w.KW, From: d.from, Until: d.until, Says: w.Says}, c.at)
	if err != nil {
		return nil, err
	}
	if r.State != tenants.Asked || cal.doubt != nil {
		return shownAs(r), nil
	}
	switch {
	case conflict != nil:
		r, err = s.c.Clerk.Decide(c.ctx, c.who, r.ID, tenants.Reservation{State: tenants.Refused, At: c.at, By: calendarName, Why: conflictText(conflict)})
	case slices.Contains(s.c.Accepts, d.kind):
		r, err = s.c.Clerk.Decide(c.ctx, c.who, r.ID, tenants.Reservation{State: tenants.Accepted, At: c.at, By: calendarName, Why: asContract + contractName(r)})
	}
	if err != nil {
		return nil, fmt.Errorf("decide on a wish: %w", err)
	}
	return shownAs(r), nil
}

// repeated is the wish of that key that the tenant has already, whatever became of it
// and of the time since. Where it says something else the store refuses it.
func (c call) repeated(w *Wish, d demand) (any, bool, error) {
	all, err := c.server.c.Desk.Reservations(c.ctx, c.who)
	if err != nil {
		return nil, false, err
	}
	lately := 0
	for _, r := range all {
		if r.At.After(c.at.Add(-day)) {
			lately++
		}
		if r.Key != w.Key {
			continue
		}
		same := r.Kind == w.Kind && (w.Hall == "" || w.Hall == r.Hall) && (w.Model == "" || sameModel(w.Model, r.Model)) && r.GPUs == w.GPUs && r.Kilowatts == w.KW &&
			r.From.Equal(d.from.Truncate(time.Microsecond)) && r.Until.Equal(d.until.Truncate(time.Microsecond)) && r.Says == w.Says
		if !same {
			return nil, true, tenants.ErrConflict
		}
		return shownAs(r), true, nil
	}
	if lately >= mostADay {
		return nil, false, problem(429, "too-many", "Too many requests", "as many reservations as are taken in a day were asked for, decided or cancelled", "ask again tomorrow, or tell the operator")
	}
	return nil, false, nil
}
