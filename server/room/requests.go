package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sluice/people"
)

// Request is what somebody wants that takes two people.
type Request struct {
	ID      string        `json:"id"`
	Verb    string        `json:"verb"`
	Site    string        `json:"site,omitempty"`
	Tenant  string        `json:"tenant,omitempty"`
	Subject string        `json:"subject"`
	Reason  string        `json:"reason"`
	Says    string        `json:"says" doc:"What would happen."`
	Diff    string        `json:"diff" doc:"Before and after."`
	Effect  people.Effect `json:"effect"`
	By      string        `json:"by"`
	Token   string        `json:"token,omitempty"`
	Made    time.Time     `json:"made"`
	Until   time.Time     `json:"until" doc:"Afterwards nothing can become of it."`
	State   string        `json:"state" enum:"open,approved,declined,expired,begun,done,failed"`
	And     string        `json:"and,omitempty" doc:"Who approved."`
	At      time.Time     `json:"at" doc:"Of the state."`
	Why     string        `json:"why,omitempty" doc:"It was declined, or what came of it."`
	Mine    bool          `json:"mine" doc:"You asked: somebody else has to approve."`
}

// requested is a request as its visitor sees it.
func requested(q people.Request, v Visit) Request {
	return Request{
		ID: q.ID, Verb: string(q.Verb), Site: q.Place.Site, Tenant: q.Place.Tenant, Subject: q.Subject, Reason: q.Reason, Says: q.Says, Diff: q.Diff,
		Effect: q.Effect, By: q.By, Token: q.Token, Made: q.Made, Until: q.Until(), State: string(q.State), And: q.And, At: q.At, Why: q.Why,
		Mine: people.Same(q.By, v.who.Actor().Person),
	}
}

// order is what a request of a site carries out: the Deed of its draft.
type order struct {
	Deed  string `json:"deed"`
	Asked Asked  `json:"asked"`
}

// askTwo asks for a second person.
func (r *Room) askTwo(ctx context.Context, v Visit, d deed, in *askedIn) (Did, error) {
	text, err := json.Marshal(order{d.name, in.Body})
	if err != nil {
		return Did{}, fmt.Errorf("write %s down: %w", d.name, err)
	}
	c := carried{deed: d, site: r.at(in.Site), request: in.Body.request()}
	q, err := r.cfg.People.Ask(ctx, v.who, people.Draft{
		Verb: d.verb, Place: people.Place{Site: in.Site}, Subject: c.subject(), Reason: in.Body.Reason, Says: d.expects(in), Diff: r.differs(d, in), Deed: string(text),
	}, v.at)
	if err != nil {
		return Did{}, err
	}
	r.tellRequests()
	return Did{Request: new(requested(q, v))}, nil
}

// expects is what would happen, in words.
func (d deed) expects(in *askedIn) string {
	switch d.name {
	case "resume":
		return "the stop of " + in.Site + " ends, and machines rise by the ramp"
	case "release":
		return in.Body.Machine + " at " + in.Site + " is released and may rise"
	case "promote":
		return in.Site + " acts more by itself: " + in.Body.Stage
	}
	return in.Site + " may move as much as its configuration says"
}

// differs is before and after.
func (r *Room) differs(d deed, in *askedIn) string {
	s := r.at(in.Site).mirror.last()
	switch {
	case d.name == "promote" && s.Mode != nil:
		to := in.Body.Stage
		if to == "" {
			to = string(s.Mode.Next)
		}
		return fmt.Sprintf("stage: %s -> %s; entrusted: %d of %d machines now", s.Mode.Stage, to, s.Mode.Entrusted, s.Machines.All)
	case d.name == "resume":
		return fmt.Sprintf("stopped: %t -> false", s.Stopped)
	}
	return d.name + " " + in.Body.Machine
}

// InRequest names the request of a path.
type InRequest struct {
	ID string `path:"id" maxLength:"60"`
}

type declineIn struct {
	InRequest
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

// Requests are what waits for a second person, and what became of others.
type Requests struct {
	Requests []Request `json:"requests" doc:"The last one first."`
}

func (r *Room) serveRequests() {
	serve(r, route{method: http.MethodGet, path: "/v1/requests", id: "listRequests", says: "What you asked for, could approve or may decline.", group: "requests", reach: oneself}, r.listRequests)
	serve(r, route{method: http.MethodPost, path: "/v1/requests/{id}/approve", id: "approveRequest", says: "Approves what somebody else asked for, and carries it out.", group: "requests", reach: oneself}, r.approve)
	serve(r, route{method: http.MethodPost, path: "/v1/requests/{id}/decline", id: "declineRequest", says: "Says no.", group: "requests", reach: oneself}, r.decline)
}

func (r *Room) listRequests(ctx context.Context, v Visit, _ *struct{}) (Requests, error) {
	all, err := r.cfg.People.Requests(ctx, v.who, v.at)
	out := Requests{Requests: []Request{}}
	for _, q := range all {
		out.Requests = append(out.Requests, requested(q, v))
	}
	return out, err
}

// approve approves and carries out. What was begun is carried out to its end also when
// the visitor is gone.
func (r *Room) approve(ctx context.Context, v Visit, in *InRequest) (Approved, error) {
	defer r.tellRequests()
	if err := r.mayApprove(ctx, v, in.ID); err != nil {
		return Approved{}, err
	}
	if _, err := r.cfg.People.Approve(ctx, v.who, in.ID, v.at); err != nil {
		return Approved{}, err
	}
	ctx = context.WithoutCancel(ctx)
	done, err := r.carryOut(ctx, v, in.ID)
	if err != nil {
		return Approved{}, err
	}
	if done.Invitation != "" {
		shownOnce(ctx)
	}
	return done, nil
}

// Approved is what came of an approval.
type Approved struct {
	Request    Request `json:"request"`
	Done       string  `json:"done"`
	Invitation string  `json:"invitation,omitempty" doc:"Of credentials that were renewed; shown once."`
}

// carryOut does what two people agreed on, once.
func (r *Room) carryOut(ctx context.Context, v Visit, id string) (Approved, error) {
	found, err := r.request(ctx, v, id)
	if err != nil {
		return Approved{}, err
	}
	if _, objects := agreedOf(found.Deed); !objects && (found.Verb == people.GiveRole || found.Verb == people.Credentials) {
		says, secret, err := r.carryRole(ctx, v, found)
		if err == nil {
			found, err = r.request(ctx, v, id)
		}
		return Approved{requested(found, v), says, secret.Reveal()}, err
	}
	q, err := r.cfg.People.Begin(ctx, v.who, id, v.at)
	if err != nil {
		return Approved{}, err
	}
	says, no := r.obey(ctx, v, q)
	if no != nil {
		says = "not done: " + no.Error()
	}
	q, err = r.cfg.People.Finish(ctx, id, short(says), no == nil, r.cfg.Clock())
	return Approved{Request: requested(q, v), Done: says}, errors.Join(no, err)
}

// request is one that the visitor sees.
func (r *Room) request(ctx context.Context, v Visit, id string) (people.Request, error) {
	all, err := r.cfg.People.Requests(ctx, v.who, v.at)
	for _, q := range all {
		if q.ID == id {
			return q, nil
		}
	}
	if err == nil {
		err = missing("request", id)
	}
	return people.Request{}, err
}

// obey does what two people agreed on: with objects, or by telling the site.
func (r *Room) obey(ctx context.Context, v Visit, q people.Request) (string, error) {
	if a, is := agreedOf(q.Deed); is {
		return r.obeyObjects(ctx, v, q, a)
	}
	for _, obey := range []func(context.Context, Visit, people.Request) (string, bool, error){r.obeyHall, r.obeyBooks} {
		if says, ours, err := obey(ctx, v, q); ours || err != nil {
			return says, err
		}
	}
	var o order
	if err := json.Unmarshal([]byte(q.Deed), &o); err != nil {
		return "", fmt.Errorf("read what was agreed: %w", err)
	}
	d, known := deedOf(o.Deed)
	a := r.at(q.Place.Site)
	if !known || a == nil {
		return "", missing("site", q.Place.Site)
	}
	ask := o.Asked.request()
	ask.By, ask.And = q.By, q.And
	did, err := r.carry(ctx, v, carried{deed: d, site: a, request: ask})
	return did.Done, err
}

func (r *Room) decline(ctx context.Context, v Visit, in *declineIn) (Request, error) {
	defer r.tellRequests()
	q, err := r.cfg.People.Decline(ctx, v.who, in.ID, in.Body.Reason, v.at)
	return requested(q, v), err
}

// tellRequests tells pages that what waits has changed: each asks for its own.
func (r *Room) tellRequests() {
	r.hub.tell(Event{Kind: requestEvent, Data: json.RawMessage(`{}`)})
}

// carryRole carries out what two administrators agreed on. The secret is an invitation.
func (r *Room) carryRole(ctx context.Context, v Visit, q people.Request) (says string, secret people.Secret, err error) {
	if q.Verb == people.Credentials {
		secret, err = r.cfg.People.RenewCredentials(ctx, v.who, q.ID, v.at)
		return "their credentials have ended; the invitation is theirs", secret, err
	}
	_, err = r.cfg.People.GiveRole(ctx, v.who, q.ID, v.at)
	return "the role is given", secret, err
}
