package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sluice/people"
)

// ErrOffice marks what the office of tenants refuses; its words say why.
var ErrOffice = errors.New("the office refuses it")

// ErrNoOffice says that the hall answers no tenants.
var ErrNoOffice = errors.New("the hall answers no tenants")

// Office decides on what tenants of a hall ask for. The program makes one of the store of
// tenants, or of the server that has it.
type Office interface {
	// Wishes are those that wait for an answer. An error that wraps ErrNoOffice says that
	// nobody decides there now.
	Wishes(ctx context.Context) ([]Wish, error)
	// Decide answers one, and says what came of it. An error that wraps ErrOffice says why
	// not.
	Decide(ctx context.Context, d Decision) (string, error)
}

// Wish is what a tenant asks to reserve.
type Wish struct {
	ID        string     `json:"id"`
	Tenant    string     `json:"tenant"`
	Key       string     `json:"key" doc:"By which the tenant knows it."`
	Kind      string     `json:"kind" doc:"Of contract, such as reserved or spot."`
	Hall      string     `json:"hall,omitempty"`
	Model     string     `json:"model,omitempty" doc:"Of GPU."`
	GPUs      int        `json:"gpus,omitempty"`
	Kilowatts int        `json:"kilowatts,omitempty" doc:"Of IT power, for hardware of its own."`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until,omitempty" doc:"Absent: without end."`
	Says      string     `json:"says,omitempty"`
	Fits      string     `json:"fits" doc:"yes, why not, or that nobody knows."`
}

// Decision is the answer to a wish.
type Decision struct {
	Wish     string // its id
	Accept   bool
	Contract string // as which it is accepted; empty: by tenant and key
	Despite  bool   // although it does not fit
	Why      string // of a refusal, for the tenant
	By       string
}

// Wishes are what waits for an answer.
type Wishes struct {
	Wishes []Wish `json:"wishes"`
	Office bool   `json:"office" doc:"Somebody decides here on what tenants ask for; else no tenants are kept."`
}

// Decided is what came of an answer.
type Decided struct {
	Done   string `json:"done"`
	Unkept string `json:"unkept,omitempty" doc:"It was done, and its end is not in the audit log."`
}

// officeOf is the office of a hall.
func (r *Room) officeOf(v Visit, name string, verb people.Verb) (HallAt, error) {
	x, err := r.hall(v, name, verb)
	if err == nil && x.Office == nil {
		err = problem(http.StatusConflict, "no-tenants", "nobody decides here on what tenants of hall "+name+" ask for", "attach the data directory in which its tenants are kept")
	}
	return x, err
}

func (r *Room) reservations(ctx context.Context, v Visit, in *HallIn) (Wishes, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil || x.Office == nil {
		return Wishes{Wishes: []Wish{}}, err
	}
	all, err := x.Office.Wishes(ctx)
	if errors.Is(err, ErrNoOffice) {
		return Wishes{Wishes: []Wish{}}, nil
	}
	return Wishes{filled(all), true}, ofOffice(x.Name, err)
}

func ofOffice(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoOffice):
		return problem(http.StatusConflict, "no-tenants", "nobody decides here on what tenants of hall "+name+" ask for", "start the hall with --tenants")
	case errors.Is(err, ErrOffice):
		return problem(http.StatusConflict, "refused", err.Error(), "look at what waits; nothing was done")
	}
	return away("the office of tenants of hall "+name, err)
}

type acceptIn struct {
	HallIn

	ID   string `path:"id" maxLength:"200"`
	Body struct {
		Contract string `json:"contract,omitempty" maxLength:"200" doc:"As which it is accepted; absent: by tenant and key."`
		Despite  bool   `json:"despite,omitempty" doc:"Although it does not fit."`
		Reason   string `json:"reason,omitempty" maxLength:"2000" doc:"For the audit log."`
	}
}

func (r *Room) acceptReservation(ctx context.Context, v Visit, in *acceptIn) (Decided, error) {
	return r.decide(ctx, v, in.Hall, in.Body.Reason, Decision{Wish: in.ID, Accept: true, Contract: in.Body.Contract, Despite: in.Body.Despite})
}

type refuseIn struct {
	HallIn

	ID   string `path:"id" maxLength:"200"`
	Body struct {
		Why string `json:"why" minLength:"1" maxLength:"2000" doc:"The tenant reads it."`
	}
}

func (r *Room) refuseReservation(ctx context.Context, v Visit, in *refuseIn) (Decided, error) {
	return r.decide(ctx, v, in.Hall, in.Body.Why, Decision{Wish: in.ID, Why: in.Body.Why})
}

// decide answers a wish: it is written down, then done.
func (r *Room) decide(ctx context.Context, v Visit, name, reason string, d Decision) (Decided, error) {
	x, err := r.officeOf(v, name, people.Quote)
	if err != nil {
		return Decided{}, err
	}
	d.By = v.who.Actor().Person
	after := "refused"
	if d.Accept {
		after = fmt.Sprintf("accepted as %q, despite %t", d.Contract, d.Despite)
	}
	e := people.Entry{Verb: string(people.Quote), Site: x.Site, Subject: "reservation " + d.Wish, Reason: reason, After: after}
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
		return Decided{}, err
	}
	ctx = context.WithoutCancel(ctx)
	done, no := x.Office.Decide(ctx, d)
	if e.Effects = done; no != nil {
		e.Effects = "not done: " + short(no.Error())
	}
	out := Decided{Done: done}
	if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil && no == nil {
		out.Unkept = "The audit log could not be written: " + told(err).Detail
	}
	if no != nil {
		return Decided{}, ofOffice(x.Name, no)
	}
	return out, nil
}
