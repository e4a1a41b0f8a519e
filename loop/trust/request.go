package trust

import (
	"slices"
	"time"

	"sluice/unit"
)

// Kind says what two people are asked for.
type Kind string

// The kinds.
const (
	Promote Kind = "promote" // to the next stage
	Resume  Kind = "resume"  // after a stop of everything
	Release Kind = "release" // of a lock-out that somebody else put
	Widen   Kind = "widen"   // the cap of the present stage, to what the configuration now says
)

// Progress is where a request or a recommendation stands.
type Progress string

// What becomes of requests, and of recommendations.
const (
	Open             Progress = "open"
	IsApproved       Progress = "approved"
	IsAccepted       Progress = "accepted"
	IsDeclined       Progress = "declined"
	HasExpired       Progress = "expired"
	HasBeenOvertaken Progress = "overtaken" // what it was about has changed meanwhile
)

// Difference is what a request or a recommendation moves.
type Difference struct {
	Units int        // machines more that are moved by plans; negative: fewer
	Power unit.Power // their full power, or the change of draw
	Money []Money    `json:",omitempty"` // nil: not known
}

func (d Difference) copied() Difference {
	d.Money = slices.Clone(d.Money)
	return d
}

// Request asks two people for one thing.
type Request struct {
	Number  int64
	Kind    Kind
	Subject string
	To      Stage    `json:",omitempty"` // of a promotion
	Units   []string `json:",omitempty"` // the rack of a promotion to it
	By      string
	Reason  string
	At      time.Time
	Effect  Difference
	Eased   []string `json:",omitempty"` // what the site asks less for than the defaults
	State   Progress
}

// Patience is how long a request can be approved.
const Patience = 15 * time.Minute

// Until is when a request can no longer be approved.
func (r Request) Until() time.Time { return r.At.Add(Patience) }

const (
	requestsMost = 64  // kept, the answered ones included
	openMost     = 32  // open at once
	textMost     = 512 // bytes of a name, a reason, a subject
)

// Requests are those that are kept: open ones, and the latest that were answered.
func (k *Kernel) Requests() []Request { return slices.Clone(k.requests) }

func (k *Kernel) request(e Requested) {
	r := Request{
		Kind: e.Kind, Subject: trimmed(e.Subject), To: e.To, By: trimmed(e.By), Reason: trimmed(e.Reason),
		At: k.now, Effect: e.Effect.copied(), Eased: k.cfg.Eased(), State: Open,
	}
	if c := k.objection(e); c != None {
		k.refuseRequest(r, c, nil)
		return
	}
	if code, missing := k.prepare(&r, e.Units); code != None {
		k.refuseRequest(r, code, missing)
		return
	}
	k.numbers.Request++
	r.Number = k.numbers.Request
	if len(k.requests) >= requestsMost {
		i := slices.IndexFunc(k.requests, func(r Request) bool { return r.State != Open })
		k.requests = slices.Delete(k.requests, i, i+1)
	}
	k.requests = append(k.requests, r)
	k.note(about(r, Record{What: WasRequested, By: r.By}), "")
}

// objection is what is wrong with a request in itself.
func (k *Kernel) objection(e Requested) Code {
	open := 0
	for _, r := range k.requests {
		if r.State == Open {
			open++
		}
	}
	switch {
	case !e.Kind.known(), e.Kind == Release && trimmed(e.Subject) == "":
		return BadEvent
	case max(len(e.By), len(e.Reason), len(e.Subject)) > textMost || len(e.Effect.Money) > currenciesMost || len(e.Units) > namesMost:
		return BadEvent
	case !Named(e.By):
		return NoName
	case trimmed(e.Reason) == "":
		return NoReason
	case open >= openMost:
		return TooMany
	}
	return None
}

func (k Kind) known() bool { return k == Promote || k == Resume || k == Release || k == Widen }

// prepare works out what a request would entrust, as far as trust decides it.
func (k *Kernel) prepare(r *Request, rack []string) (Code, []Condition) {
	switch r.Kind {
	case Promote:
		return k.preparePromotion(r, rack)
	case Widen:
		if !k.stage.Closed() || k.cfg.Caps.of(k.stage) <= k.cap {
			return NotWider, nil
		}
		k.difference(r, Scope{Stage: k.stage, Named: k.rack, Cap: k.cfg.Caps.of(k.stage)})
	case Resume, Release:
	}
	return None, nil
}

// difference fills in what a scope entrusts beyond what is entrusted now, and
// returns how many machines it entrusts in all.
func (k *Kernel) difference(r *Request, s Scope) int {
	k.refresh()
	c := Choose(k.cfg.Site, s, k.cfg.Units)
	r.Effect.Units, r.Effect.Power = c.Count-k.choice.Count, c.Most-k.choice.Most
	return c.Count
}

func (k *Kernel) preparePromotion(r *Request, rack []string) (Code, []Condition) {
	if next, ok := k.stage.Next(); !ok || r.To != next {
		return NotNext, nil
	}
	if r.To == ClosedRack {
		if r.Units = slices.Clone(rack); len(rack) == 0 {
			r.Units = k.cfg.rack()
		}
	}
	named := k.rack
	if r.To == ClosedRack {
		named = r.Units
	}
	count := k.difference(r, Scope{Stage: r.To, Named: named, Cap: k.cfg.Caps.of(r.To)})
	if r.To.Closed() && count == 0 {
		return NothingToAct, nil
	}
	if now := k.Readiness(); !now.Ready {
		return NotReady, now.Missing()
	}
	return None, nil
}

// rack is the one that the site names, or a block.
func (c Config) rack() []string {
	if len(c.Rack) > 0 {
		return slices.Clone(c.Rack)
	}
	n := c.Block
	if n == 0 {
		n = usualBlock
	}
	return Block(c.Site, c.Units, n)
}

func (k *Kernel) approve(e Approved) {
	i := slices.IndexFunc(k.requests, func(r Request) bool { return r.Number == e.Number })
	if i < 0 {
		k.refuseRequest(Request{Number: e.Number}, NotThere, nil, e.By)
		return
	}
	r := &k.requests[i]
	if c := k.unfit(*r, e.By); c != None {
		k.refuseRequest(*r, c, nil, e.By)
		return
	}
	again := *r
	code, missing := k.prepare(&again, r.Units)
	if code == None && (again.Effect.Power > r.Effect.Power || again.Effect.Units > r.Effect.Units) {
		code = HasChanged
	}
	if code != None {
		k.refuseRequest(*r, code, missing, e.By)
		return
	}
	r.State = IsApproved
	done := *r
	if done.Kind == Widen {
		k.cap, k.stale = k.cfg.Caps.of(k.stage), true
	}
	k.note(about(done, Record{What: WasApproved, By: done.By, And: trimmed(e.By)}), Open)
	if done.Kind == Promote {
		k.promote(done, trimmed(e.By))
	}
	k.out = append(k.out, Granted{Request: done, And: trimmed(e.By)})
}

// unfit says why somebody cannot approve a request.
func (k *Kernel) unfit(r Request, by string) Code {
	switch {
	case !Named(by):
		return NoName
	case len(by) > textMost:
		return BadEvent
	case r.State == HasExpired && !k.approveLate:
		return IsExpired
	case r.State == HasBeenOvertaken:
		return Overtaken
	case r.State != Open && r.State != HasExpired:
		return IsClosed
	case Same(r.By, by) && !k.approveOwn:
		return SamePerson
	}
	return None
}

func (k *Kernel) decline(e Declined) {
	i := slices.IndexFunc(k.requests, func(r Request) bool { return r.Number == e.Number })
	if i < 0 {
		k.refuse(Refusal{Code: NotThere, Number: e.Number})
		return
	}
	if k.requests[i].State != Open {
		k.refuse(Refusal{Code: IsClosed, Number: e.Number})
		return
	}
	k.close(i, IsDeclined, Record{What: WasDeclined, By: orUnnamed(cut(e.By)), Reason: cut(trimmed(e.Reason))})
}

// close ends an open request.
func (k *Kernel) close(i int, p Progress, why Record) {
	r := &k.requests[i]
	r.State = p
	k.note(about(*r, why), Open)
}

// lapse lets requests run out.
func (k *Kernel) lapse() {
	for i := range k.requests {
		if r := k.requests[i]; r.State == Open && !k.now.Before(r.Until()) {
			k.close(i, HasExpired, Record{What: WasExpired})
		}
	}
}

// overtake ends the open requests that are meant for what was before.
func (k *Kernel) overtake(which func(Request) bool) {
	for i := range k.requests {
		if r := k.requests[i]; r.State == Open && which(r) {
			k.close(i, HasBeenOvertaken, Record{What: WasOvertaken})
		}
	}
}

func ofStage(r Request) bool { return r.Kind == Promote || r.Kind == Widen }

// about fills in what a record says of a request.
func about(r Request, n Record) Record {
	n.Kind, n.Item, n.Subject, n.Effect, n.Eased, n.After.Item = r.Kind, r.Number, r.Subject, r.Effect, r.Eased, r.State
	if n.Reason == "" {
		n.Reason = r.Reason
	}
	if n.Subject == "" {
		n.Subject = string(r.To)
	}
	return n
}

// refuseRequest says no to a request or its approval, and keeps that it did.
func (k *Kernel) refuseRequest(r Request, c Code, missing []Condition, approver ...string) {
	n := about(r, Record{What: WasRefused, Code: c, By: cut(r.By)})
	for _, a := range approver {
		n.And = cut(trimmed(a))
	}
	n.Reason, n.Subject, n.Kind = cut(n.Reason), cut(n.Subject), Kind(cut(string(n.Kind)))
	k.refuse(Refusal{Code: c, Number: r.Number, Missing: missing})
	k.note(n, n.After.Item)
}

// cut bounds a text that nobody has checked.
func cut(s string) string {
	if len(s) > textMost {
		return s[:textMost]
	}
	return s
}
