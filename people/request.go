package people

import (
	"slices"
	"strings"
	"time"

	"sluice/unit"
)

// Patience is how long a request can be approved and carried out.
const Patience = 15 * time.Minute

// The bounds of a request, bytes.
const (
	mostLine = 500
	mostText = 16 << 10
	mostDeed = 256 << 10
	mostSums = 32
)

// State is how far a request has come.
type State string

// The states. Open is the first; from Approved it is carried out once.
const (
	Open         State = "open"
	Approved     State = "approved"
	Declined     State = "declined"
	HasExpired   State = "expired"
	Begun        State = "begun" // it is carried out; where that never ended, nobody knows how far it came
	Done         State = "done"
	CameToNought State = "failed"
)

// Sum is money that something moves.
type Sum struct {
	Currency string      `json:"currency"`
	Amount   unit.Amount `json:"amount_micro"` // negative: it costs
}

// Effect is what something moves. What is not known is missing, and never zero.
type Effect struct {
	Power *unit.Power `json:"power_w,omitempty"` // more that is drawn; negative: less; nil: not known
	Money []Sum       `json:"money,omitempty"`   // nil: not known
}

// Draft is what somebody asks two people for.
type Draft struct {
	Verb    Verb   `json:"verb"`
	Place   Place  `json:"place"`
	Subject string `json:"subject"` // what it is about, such as a machine, a wallet or a person
	Reason  string `json:"reason"`
	Says    string `json:"says"` // what would happen, in words
	Diff    string `json:"diff"` // before and after, for the approver to read
	Deed    string `json:"deed"` // what is carried out, exactly
	Effect  Effect `json:"effect"`
}

// Request is a draft that somebody made, and what became of it. It is a value: each
// step returns the next one.
type Request struct {
	Draft
	ID    string    `json:"id"`
	By    string    `json:"by"`
	Token string    `json:"token,omitempty"` // by which it was asked; empty: in person
	Made  time.Time `json:"made"`
	State State     `json:"state"`
	And   string    `json:"and,omitempty"` // who approved
	At    time.Time `json:"at"`            // of the state
	Last  string    `json:"last"`          // who brought it into the state
	Why   string    `json:"why,omitempty"` // it was declined, or what came of it
}

// Until is when it can no longer be approved or carried out.
func (r Request) Until() time.Time { return r.Made.Add(Patience) }

// Over reports whether nothing can become of it any more.
func (s State) Over() bool { return s != Open && s != Approved && s != Begun }

// Ask makes a request. The error is a Refusal where the actor has no right to what it
// asks for, or where one person is enough.
func Ask(a Actor, d Draft, id string, now time.Time) (Request, error) {
	if err := a.holds(d.Verb, d.Place); err != nil {
		return Request{}, err
	}
	rule, _ := d.Verb.Rule()
	no := func(c Code) (Request, error) { return Request{}, &Refusal{c, d.Verb, d.Place} }
	switch {
	case rule.Takes != Together:
		return no(OneIsEnough)
	case a.Token == "" && !a.proven(now):
		return no(NotProven)
	case strings.TrimSpace(d.Reason) == "":
		return no(NoReason)
	case id == "" || !d.fits():
		return no(BadText)
	}
	d.Effect = d.Effect.copied()
	return Request{Draft: d, ID: id, By: a.Person, Token: a.Token, Made: now, State: Open, At: now, Last: a.Person}, nil
}

func (d Draft) fits() bool {
	for _, s := range d.Effect.Money {
		if !line(s.Currency, mostLine) {
			return false
		}
	}
	return line(d.Subject, mostLine) && text(d.Reason, mostText) && text(d.Says, mostText) && text(d.Diff, mostText) && text(d.Deed, mostDeed) &&
		len(d.Effect.Money) <= mostSums && line(d.Place.Site, mostPlace) && line(d.Place.Tenant, mostPlace)
}

func (e Effect) copied() Effect {
	if e.Power != nil {
		p := *e.Power
		e.Power = &p
	}
	e.Money = slices.Clone(e.Money)
	return e
}

// Seen is the request as it stands at an instant: what nobody carried out in time has
// expired, and so has what was made later than now, since the clock was set back.
func (r Request) Seen(now time.Time) Request {
	if (r.State == Open || r.State == Approved) && (!now.Before(r.Until()) || now.Before(r.Made)) {
		r.State, r.At = HasExpired, r.Until()
	}
	return r
}

// Approve is the request once another person has approved it. asker is who asked, with
// the rights of now.
func (r Request) Approve(by, asker Actor, now time.Time) (Request, error) {
	r = r.Seen(now)
	if c := r.unfit(by, asker, now); c != "" {
		return r, &Refusal{c, r.Verb, r.Place}
	}
	r.State, r.And, r.At, r.Last = Approved, by.Person, now, by.Person
	return r, nil
}

// unfit says why somebody cannot approve a request.
func (r Request) unfit(by, asker Actor, now time.Time) Code {
	switch {
	case fold(by.Person) == "":
		return Nobody
	case by.Token != "":
		return NotByToken
	case Same(by.Person, r.By):
		return SamePerson
	case r.State == HasExpired:
		return Expired
	case r.State != Open:
		return Decided
	case !by.Holds(r.Verb, r.Place):
		return NoRight
	case !by.proven(now):
		return NotProven
	case asker.Person != r.By || asker.Token != r.Token || !asker.Holds(r.Verb, r.Place):
		return LostRight
	}
	return ""
}

// Decline is the request once somebody has said no: who has the right to decline there,
// or who asked for it. An approved one can be declined until it is carried out.
func (r Request) Decline(by Actor, why string, now time.Time) (Request, error) {
	r = r.Seen(now)
	no := func(c Code) (Request, error) { return r, &Refusal{c, Decline, r.Place} }
	switch {
	case fold(by.Person) == "":
		return no(Nobody)
	case r.State == HasExpired:
		return no(Expired)
	case r.State != Open && r.State != Approved:
		return no(Decided)
	case by.Person != r.By && !by.Holds(Decline, r.Place) && !by.Holds(r.Verb, r.Place):
		return no(NoRight)
	case !text(why, mostText):
		return no(BadText)
	}
	r.State, r.At, r.Last, r.Why = Declined, now, by.Person, why
	return r, nil
}

// Begin is the request from the moment on at which it is carried out. It is kept before
// anything is done, so that it is never done twice. asker and approver are the two, with
// the rights of now.
func (r Request) Begin(asker, approver Actor, now time.Time) (Request, error) {
	r = r.Seen(now)
	no := func(c Code) (Request, error) { return r, &Refusal{c, r.Verb, r.Place} }
	switch {
	case r.State == HasExpired:
		return no(Expired)
	case r.State == Open:
		return no(NotApproved)
	case r.State == Declined:
		return no(Decided)
	case r.State != Approved:
		return no(AlreadyDone)
	case Same(r.By, r.And) || asker.Person != r.By || asker.Token != r.Token || approver.Person != r.And || approver.Token != "":
		return no(SamePerson)
	case !asker.Holds(r.Verb, r.Place) || !approver.Holds(r.Verb, r.Place):
		return no(LostRight)
	}
	r.State, r.At, r.Last = Begun, now, r.And
	return r, nil
}

// Finish is the request once it was carried out, with what came of it.
func (r Request) Finish(says string, done bool, now time.Time) (Request, error) {
	switch {
	case r.State == Done || r.State == CameToNought:
		return r, &Refusal{AlreadyDone, r.Verb, r.Place}
	case r.State != Begun:
		return r, &Refusal{NotApproved, r.Verb, r.Place}
	case !text(says, mostText):
		return r, &Refusal{BadText, r.Verb, r.Place}
	}
	r.State, r.At, r.Why = Done, now, says
	if !done {
		r.State = CameToNought
	}
	return r, nil
}
