package room

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sluice/live"
	"sluice/people"
	"sluice/unit"
)

// Asked is what somebody wants of a site. Which fields count depends on the deed; one
// that is needed and missing is an error, never a zero.
type Asked struct {
	Reason   string     `json:"reason,omitempty" maxLength:"2000" doc:"It stays in the audit log."`
	Machine  string     `json:"machine,omitempty" maxLength:"200" doc:"Address, network, feeder, hall, group, or the site's name for all of it."`
	Group    string     `json:"group,omitempty" maxLength:"200" doc:"Feeder or hall; absent: the site."`
	Limit    *int64     `json:"limit_w,omitempty" minimum:"0" doc:"Watts."`
	From     *time.Time `json:"from,omitempty" doc:"Absent: now."`
	Until    *time.Time `json:"until,omitempty" doc:"Absent: until it is ended."`
	Stage    string     `json:"stage,omitempty" maxLength:"40" doc:"Of a promotion or a demotion."`
	Machines []string   `json:"machines,omitempty" maxItems:"100000" doc:"Of the rack of a promotion."`
	Number   *int64     `json:"number,omitempty" doc:"Of a recommendation."`
}

// Did is what came of it.
type Did struct {
	Done    string   `json:"done,omitempty" doc:"What was done, in words of the site."`
	Unkept  string   `json:"unkept,omitempty" doc:"It was done, and a restart may forget it."`
	Request *Request `json:"request,omitempty" doc:"What somebody else has to approve before anything is done."`
}

// deed is one thing that people do at a site.
type deed struct {
	name  string // of the route
	act   string // of the site
	verb  people.Verb
	says  string
	needs []string // fields without which it makes no sense
	first bool     // it is done before it is written down: it lowers
}

// deeds are all of them.
func deeds() []deed {
	return []deed{
		{name: "stop", act: "stop", verb: people.Stop, says: "Stops everything at once.", first: true},
		{name: "lock", act: "lock", verb: people.LockOut, says: "Holds a machine or a place at or below a power.", needs: []string{"machine", "limit_w", "reason"}, first: true},
		{name: "demote", act: "demote", verb: people.Demote, says: "Lets the site act less by itself.", needs: []string{"stage"}, first: true},
		{name: "instruct", act: "instruct", verb: people.Instruct, says: "Enters what the grid orders: a limit, from when, until when.", needs: []string{"limit_w"}, first: true},
		{name: "unlock", act: "unlock", verb: people.Unlock, says: "Ends a lock-out of one's own.", needs: []string{"machine"}},
		{name: "clear", act: "clear", verb: people.Clear, says: "Gives machines back that somebody looked at.", needs: []string{"machine"}},
		{name: "adopt", act: "adopt", verb: people.Adopt, says: "Takes the machine at an address as the one that belongs there.", needs: []string{"machine", "reason"}},
		{name: "recount", act: "recount", verb: people.Adopt, says: "Takes what the meters show next as a new beginning, after one was exchanged.", needs: []string{"reason"}},
		{name: "accept", act: "accept", verb: people.Answer, says: "Follows a recommendation.", needs: []string{"number"}},
		{name: "reject", act: "reject", verb: people.Answer, says: "Declines a recommendation.", needs: []string{"number", "reason"}},
		{name: "unsafe", act: "unsafe", verb: people.Answer, says: "Says that a recommendation was unsafe: the days of the stage begin anew.", needs: []string{"number", "reason"}},
		{name: "resume", act: "resume", verb: people.Resume, says: "Asks to end the stop.", needs: []string{"reason"}},
		{name: "release", act: "unlock", verb: people.Release, says: "Asks to end a lock-out of somebody else.", needs: []string{"machine", "reason"}},
		{name: "promote", act: "promote", verb: people.Promote, says: "Asks to let the site act more by itself.", needs: []string{"reason"}},
		{name: "widen", act: "widen", verb: people.Raise, says: "Asks for the larger share that the configuration now says.", needs: []string{"reason"}},
	}
}

// two reports whether a deed takes two people.
func (d deed) two() bool {
	rule, _ := d.verb.Rule()
	return rule.Takes == people.Together
}

type askedIn struct {
	InSite
	Body Asked
}

func (r *Room) serveActs() {
	for _, d := range deeds() {
		t := route{method: http.MethodPost, path: "/v1/sites/{site}/" + d.name, id: d.name + "Site", says: d.says, group: "deeds", reach: atSite, verb: d.verb, asks: d.two()}
		if t.asks {
			t.status = http.StatusAccepted
		}
		serve(r, t, func(ctx context.Context, v Visit, in *askedIn) (Did, error) { return r.deed(ctx, v, d, in) })
	}
}

// deed does it, or asks for a second person.
func (r *Room) deed(ctx context.Context, v Visit, d deed, in *askedIn) (Did, error) {
	a := r.at(in.Site)
	if a == nil {
		return Did{}, missing("site", in.Site)
	}
	if err := d.lacks(in.Body); err != nil {
		return Did{}, err
	}
	if d.two() {
		return r.askTwo(ctx, v, d, in)
	}
	q := in.Body.request()
	q.By = v.who.Actor().Person
	return r.carry(ctx, v, carried{deed: d, site: a, request: q})
}

// lacks names every field that is needed and missing.
func (d deed) lacks(q Asked) error {
	has := map[string]bool{
		"machine": q.Machine != "", "limit_w": q.Limit != nil, "reason": strings.TrimSpace(q.Reason) != "", "stage": q.Stage != "", "number": q.Number != nil,
	}
	var out []string
	for _, f := range d.needs {
		if !has[f] {
			out = append(out, f)
		}
	}
	if out == nil {
		return nil
	}
	return wrong(d.name+" needs "+strings.Join(out, " and "), "say it, and send it again with a new key; nothing was done")
}

// request is what the site is asked.
func (q Asked) request() live.Request {
	out := live.Request{Reason: q.Reason, Machine: q.Machine, Group: q.Group, Stage: q.Stage, Machines: q.Machines}
	if q.Limit != nil {
		out.Limit = unit.Power(*q.Limit)
	}
	if q.From != nil {
		out.From = *q.From
	}
	if q.Until != nil {
		out.Until = *q.Until
	}
	if q.Number != nil {
		out.Number = *q.Number
	}
	return out
}

// carried is a deed that is carried out.
type carried struct {
	deed    deed
	site    *attached
	request live.Request
}

// subject is what a deed is about, for the log.
func (c carried) subject() string {
	for _, s := range []string{c.request.Machine, c.request.Group, c.request.Stage} {
		if s != "" {
			return s
		}
	}
	return c.site.name
}

// other is the second of two people: who is not the one that carries it out.
func (c carried) other(v Visit) string {
	if people.Same(c.request.And, v.who.Actor().Person) {
		return c.request.By
	}
	return c.request.And
}

// carry carries a deed out and writes it down. What lowers is done first; else nothing
// is done that could not be written down.
func (r *Room) carry(ctx context.Context, v Visit, c carried) (Did, error) {
	what, err := json.Marshal(c.request)
	if err != nil {
		return Did{}, fmt.Errorf("write %s down: %w", c.deed.name, err)
	}
	e := people.Entry{Verb: string(c.deed.verb), Site: c.site.name, Subject: c.subject(), Reason: c.request.Reason, And: c.other(v), After: short(string(what))}
	if !c.deed.first {
		if err := r.cfg.People.Record(ctx, v.who, e, v.at); err != nil {
			return Did{}, err
		}
	}
	did, no := r.act(ctx, c)
	e.Effects = did.Done
	if no != nil {
		e.Effects = "not done: " + short(no.Error())
	}
	err = r.cfg.People.Record(context.WithoutCancel(ctx), v.who, e, v.at)
	switch {
	case no != nil:
		return Did{}, no
	case err != nil:
		r.cfg.Log.ErrorContext(ctx, "a deed is not in the audit log", "site", c.site.name, "deed", c.deed.name, "cause", err)
		did.Unkept = strings.TrimSpace(did.Unkept + " The audit log could not be written: " + told(err).Detail)
	}
	return did, nil
}

// act tells the site.
func (r *Room) act(ctx context.Context, c carried) (Did, error) {
	ctx, stop := context.WithTimeout(ctx, askMost)
	defer stop()
	if c.deed.act == "promote" || c.deed.act == "widen" {
		return c.promote(ctx)
	}
	a, err := c.site.link.Act(ctx, c.deed.act, c.request)
	if err != nil {
		return Did{}, ofSite(c.site.name, err)
	}
	return Did{Done: a.Done, Unkept: a.Unkept}, nil
}

// promote asks the site in the name of the one person, and approves in that of the other.
func (c carried) promote(ctx context.Context) (Did, error) {
	one, other := c.request, c.request.And
	one.And = ""
	if _, err := c.site.link.Act(ctx, c.deed.act, one); err != nil {
		return Did{}, ofSite(c.site.name, err)
	}
	s, err := c.site.link.Status(ctx)
	if err != nil {
		return Did{}, ofSite(c.site.name, err)
	}
	number := int64(-1)
	if s.Mode != nil {
		for _, q := range s.Mode.Requests {
			if people.Same(q.By, one.By) && q.Number > number {
				number = q.Number
			}
		}
	}
	if number < 0 {
		return Did{}, problem(http.StatusConflict, "refused", "the site does not hold what it was asked for", "look at its mode, and ask anew")
	}
	a, err := c.site.link.Act(ctx, "approve", live.Request{By: other, Number: number, Reason: one.Reason})
	if err != nil {
		return Did{}, ofSite(c.site.name, err)
	}
	return Did{Done: a.Done, Unkept: a.Unkept}, nil
}

// ofSite is why a site did not do it.
func ofSite(name string, err error) error {
	if errors.Is(err, live.ErrNo) {
		return err
	}
	return away("site "+name, err)
}

// short keeps a text within what the log takes.
func short(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// deedOf is a deed by its name.
func deedOf(name string) (deed, bool) {
	all := deeds()
	i := slices.IndexFunc(all, func(d deed) bool { return d.name == name })
	if i < 0 {
		return deed{}, false
	}
	return all[i], true
}
