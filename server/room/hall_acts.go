package room

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/live/hall"
	"sluice/people"
	"sluice/unit"
	"sluice/use/hosting/shed"
)

// HallWish is a curtailment that somebody wants: to a power, or by one.
type HallWish struct {
	To     *int64 `json:"to_w,omitempty" minimum:"0" doc:"At the hall's meter."`
	By     *int64 `json:"by_w,omitempty" minimum:"1"`
	Within int64  `json:"within_s" minimum:"1" maximum:"86400" doc:"How soon the meter has to show it."`
	Hold   int64  `json:"hold_s,omitempty" minimum:"0" maximum:"2678400" doc:"Absent or 0: until it is restored."`
	Firm   bool   `json:"firm,omitempty" doc:"Tenants that were promised to run may be stopped too, as a last resort. Where that is needed it takes two people."`
	Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Tenants read it, and it stays in the audit log."`
}

// HallLever is everything that one lever does.
type HallLever struct {
	Lever string      `json:"lever"`
	Firm  bool        `json:"firm"`
	Saves int64       `json:"saves_w"`
	Cost  Micro       `json:"cost"`
	Shown int64       `json:"shown_s" doc:"Until the meter shows it."`
	Who   []HallGiver `json:"who"`
}

// HallPlan is what a curtailment would do.
type HallPlan struct {
	At       time.Time   `json:"at"`
	From     int64       `json:"from_w"`
	To       int64       `json:"to_w"`
	Metered  bool        `json:"metered"`
	Saves    int64       `json:"saves_w"`
	Lands    int64       `json:"lands_w" doc:"Where the meter should come to."`
	Short    int64       `json:"short_w" doc:"What nothing within the terms gives."`
	Currency string      `json:"currency,omitempty"`
	Cost     Micro       `json:"cost"`
	Bound    Micro       `json:"least_cost" doc:"No choice within the terms costs less."`
	Levers   []HallLever `json:"levers" doc:"In the order in which they are pulled."`
	Next     []HallGiver `json:"next" doc:"Who would be next."`
	Unread   []string    `json:"unread" doc:"Jobs whose power nobody knows: nothing is claimed for them."`
	Two      bool        `json:"takes_two" doc:"It stops tenants that were promised to run."`
}

type hallWishIn struct {
	HallIn

	Body HallWish
}

// wish is what the hall is asked.
func (q HallWish) wish() (hall.Wish, error) {
	if (q.To == nil) == (q.By == nil) {
		return hall.Wish{}, wrong("say to which power or by which, one of the two", "give to_w or by_w; nothing was done")
	}
	w := hall.Wish{Within: secondsOf(q.Within), Hold: secondsOf(q.Hold), KeepFirm: !q.Firm, Why: strings.TrimSpace(q.Reason)}
	if q.To != nil {
		w.To = unit.Power(*q.To)
	} else {
		w.By = unit.Power(*q.By)
	}
	return w, nil
}

func (r *Room) hallPreview(ctx context.Context, v Visit, in *hallWishIn) (HallPlan, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallPlan{}, err
	}
	w, err := in.Body.wish()
	if err != nil {
		return HallPlan{}, err
	}
	p, err := x.Link.Propose(ctx, w)
	if err != nil {
		return HallPlan{}, ofHall(x.Name, err)
	}
	return proposed(p), nil
}

func proposed(p hall.Proposal) HallPlan {
	out := HallPlan{
		At: p.At.UTC(), From: int64(p.From), To: int64(p.To), Metered: p.Metered, Saves: int64(p.Saved), Lands: int64(p.Lands), Short: int64(p.Short), Currency: string(p.Currency),
		Cost: Micro(p.Cost), Bound: Micro(p.Bound), Levers: []HallLever{}, Next: []HallGiver{}, Unread: filled(p.Unread), Two: stopsFirm(p),
	}
	for _, s := range p.Steps {
		l := HallLever{Lever: string(s.Lever), Firm: s.Firm, Saves: int64(s.Saved), Cost: Micro(s.Cost), Shown: int64(s.Ready / time.Second), Who: []HallGiver{}}
		for _, t := range s.Who {
			l.Who = append(l.Who, giver(t))
		}
		out.Levers = append(out.Levers, l)
	}
	for _, t := range p.Next {
		out.Next = append(out.Next, giver(t))
	}
	return out
}

// stopsFirm reports whether a plan stops somebody who was promised to run.
func stopsFirm(p hall.Proposal) bool {
	return slices.ContainsFunc(p.Steps, func(s hall.Step) bool {
		return slices.ContainsFunc(s.Who, func(t hall.Taken) bool { return t.Firm && t.Lever == shed.Evict })
	})
}

// HallDid is what came of it.
type HallDid struct {
	Done    string   `json:"done,omitempty" doc:"In words of the hall."`
	Event   string   `json:"event,omitempty" doc:"Name of the curtailment."`
	Unkept  string   `json:"unkept,omitempty" doc:"It was done, and is not in the audit log."`
	Request *Request `json:"request,omitempty" doc:"What somebody else has to approve before anything is done."`
}

// hallCurtail lowers at once. Nobody who was promised to run is stopped by one person:
// where the plan needs that and it is wanted, it becomes a request.
func (r *Room) hallCurtail(ctx context.Context, v Visit, in *hallWishIn) (HallDid, error) {
	x, err := r.hall(v, in.Hall, people.Lower)
	if err != nil {
		return HallDid{}, err
	}
	w, err := in.Body.wish()
	if err == nil && w.Why == "" {
		err = wrong("curtail needs a reason", "say it, for the tenants to read; nothing was done")
	}
	if err != nil {
		return HallDid{}, err
	}
	if in.Body.Firm {
		p, err := x.Link.Propose(ctx, w)
		if err != nil {
			return HallDid{}, ofHall(x.Name, err)
		}
		if stopsFirm(p) {
			return r.askHall(ctx, v, x, p, w)
		}
	}
	w.KeepFirm = true
	return r.carryHall(ctx, v, x, hallOrder{Deed: curtailDeed, Hall: x.Name, Wish: &w, verb: people.Lower, who: v.who.Actor().Person})
}

// The deeds at a hall that two people may agree on.
const (
	curtailDeed = "curtail_hall"
	restoreDeed = "restore_hall"
)

// hallOrder is what is done at a hall: the Deed of a request, too.
type hallOrder struct {
	Deed  string     `json:"deed"`
	Hall  string     `json:"hall"`
	Wish  *hall.Wish `json:"wish,omitempty"`
	Event string     `json:"event,omitempty"`
	Why   string     `json:"why,omitempty"`

	verb people.Verb
	who  string // as the hall is told
	and  string // the second person
}

// askHall asks for a second person. What was shown is what is carried out: a power, not
// a difference to what the hall draws by then.
func (r *Room) askHall(ctx context.Context, v Visit, x HallAt, p hall.Proposal, w hall.Wish) (HallDid, error) {
	w.To, w.By, w.KeepFirm = p.To, 0, false
	text, err := json.Marshal(hallOrder{Deed: curtailDeed, Hall: x.Name, Wish: &w})
	if err != nil {
		return HallDid{}, fmt.Errorf("write the curtailment down: %w", err)
	}
	less := -p.Saved
	return r.askForHall(ctx, v, people.Draft{
		Verb: people.Evict, Place: people.Place{Site: x.Site}, Subject: x.Name, Reason: w.Why, Deed: string(text),
		Says:   fmt.Sprintf("hall %s falls to %s within %s, and tenants that were promised to run are stopped: %s", x.Name, p.To, p.Within, strings.Join(firmOf(p), ", ")),
		Diff:   fmt.Sprintf("%s -> %s at the hall's meter; damage by the plan %.2f %s", p.From, p.To, p.Cost.Float(), p.Currency),
		Effect: people.Effect{Power: &less},
	})
}

func (r *Room) askForHall(ctx context.Context, v Visit, d people.Draft) (HallDid, error) {
	q, err := r.cfg.People.Ask(ctx, v.who, d, v.at)
	if err != nil {
		return HallDid{}, err
	}
	r.tellRequests()
	return HallDid{Request: new(requested(q, v))}, nil
}

// firmOf are the contracts that a plan breaks.
func firmOf(p hall.Proposal) (out []string) {
	for _, s := range p.Steps {
		for _, t := range s.Who {
			if t.Firm && t.Lever == shed.Evict && !slices.Contains(out, t.Contract) {
				out = append(out, t.Contract)
			}
		}
	}
	return out
}

type hallRestoreIn struct {
	HallIn

	Body struct {
		Event  string `json:"event,omitempty" maxLength:"40" doc:"Name of the curtailment; absent: the one that runs."`
		Reason string `json:"reason" minLength:"1" maxLength:"2000"`
	}
}

// hallRestore gives back. That raises power, so it takes two people unless who asks began
// it here.
func (r *Room) hallRestore(ctx context.Context, v Visit, in *hallRestoreIn) (HallDid, error) {
	x, err := r.hall(v, in.Hall, people.Look)
	if err != nil {
		return HallDid{}, err
	}
	_, s, err := r.hallNow(ctx, x)
	if err != nil {
		return HallDid{}, err
	}
	o := hallOrder{Deed: restoreDeed, Hall: x.Name, Event: in.Body.Event, Why: in.Body.Reason, verb: people.Unlock, who: v.who.Actor().Person}
	if s.Event != nil {
		o.Event = cmp.Or(o.Event, s.Event.Order.Event)
	}
	if o.Event == "" {
		return HallDid{}, problem(409, "refused", "no curtailment runs in hall "+x.Name, "look at the hall; nothing was done")
	}
	if by := r.cfg.Halls.by(x.Name, o.Event); by == "" || !people.Same(by, v.who.Actor().Person) {
		return r.askRestore(ctx, v, x, o)
	}
	rule, _ := people.Unlock.Rule()
	if err := hold(v.who.Actor(), rule, people.Place{Site: x.Site}, v.at); err != nil {
		return HallDid{}, err
	}
	return r.carryHall(ctx, v, x, o)
}

func (r *Room) askRestore(ctx context.Context, v Visit, x HallAt, o hallOrder) (HallDid, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return HallDid{}, fmt.Errorf("write the restoring down: %w", err)
	}
	return r.askForHall(ctx, v, people.Draft{
		Verb: people.Release, Place: people.Place{Site: x.Site}, Subject: x.Name, Reason: o.Why, Deed: string(text),
		Says: "what " + o.Event + " took from hall " + x.Name + " is given back in steps", Diff: o.Event + ": taken -> given back",
	})
}

// obeyHall carries out what two people agreed on at a hall; false: it is about none.
func (r *Room) obeyHall(ctx context.Context, v Visit, q people.Request) (says string, ours bool, err error) {
	var o hallOrder
	if err := json.Unmarshal([]byte(q.Deed), &o); err != nil {
		return "", false, fmt.Errorf("read what was agreed: %w", err)
	}
	if o.Deed != curtailDeed && o.Deed != restoreDeed {
		return "", false, nil
	}
	i := slices.IndexFunc(r.cfg.Halls.all(), func(x HallAt) bool { return x.Name == o.Hall && x.Site == q.Place.Site })
	if i < 0 || o.Deed == curtailDeed && o.Wish == nil {
		return "", true, missing("hall", o.Hall)
	}
	o.verb, o.and, o.who = q.Verb, q.And, q.By+" and "+q.And
	did, err := r.carryHall(ctx, v, r.cfg.Halls.all()[i], o)
	return did.Done, true, err
}

// carryHall does it and writes it down. What lowers is done first; else nothing is done
// that could not be written down.
func (r *Room) carryHall(ctx context.Context, v Visit, x HallAt, o hallOrder) (HallDid, error) {
	what, err := json.Marshal(o)
	if err != nil {
		return HallDid{}, fmt.Errorf("write %s down: %w", o.Deed, err)
	}
	e := people.Entry{Verb: string(o.verb), Site: x.Site, Subject: "hall " + x.Name, Reason: o.reason(), And: o.and, After: short(string(what))}
	if o.Deed != curtailDeed {
		if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
			return HallDid{}, err
		}
	}
	ctx = context.WithoutCancel(ctx)
	did, no := r.actHall(ctx, v, x, o)
	e.Effects = did.Done
	if no != nil {
		e.Effects = "not done: " + short(no.Error())
	}
	err = r.cfg.People.Record(ctx, v.who, e, v.at)
	switch {
	case no != nil:
		return HallDid{}, no
	case err != nil:
		r.cfg.Log.ErrorContext(ctx, "a deed is not in the audit log", "hall", x.Name, "deed", o.Deed, "cause", err)
		did.Unkept = "The audit log could not be written: " + told(err).Detail
	}
	return did, nil
}

func (o hallOrder) reason() string {
	if o.Wish != nil {
		return o.Wish.Why
	}
	return o.Why
}

// actHall tells the hall.
func (r *Room) actHall(ctx context.Context, v Visit, x HallAt, o hallOrder) (HallDid, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	if o.Deed == restoreDeed {
		a, err := x.Link.LetGo(ctx, hall.Ask{Event: o.Event, Who: o.who})
		return HallDid{Done: a.Done, Event: o.Event}, ofHall(x.Name, err)
	}
	w := *o.Wish
	w.Who = o.who
	event, err := x.Link.Curtail(ctx, w)
	if err != nil {
		return HallDid{}, ofHall(x.Name, err)
	}
	r.cfg.Halls.began(x.Name, event, v.who.Actor().Person)
	return HallDid{Done: event + " begins", Event: event}, nil
}
