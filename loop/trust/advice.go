package trust

import (
	"fmt"
	"slices"
	"time"

	"sluice/unit"
)

// Recommendation is something that a person decides, in advisory.
type Recommendation struct {
	Number  int64
	What    string
	Plan    int64
	Units   []string
	Power   unit.Power // change of the site's draw; positive draws more
	Money   []Money    `json:",omitempty"` // expected gain; nil: not known
	At      time.Time
	Expires time.Time // to be answered before
	Until   time.Time // end of its plan
	State   Progress
	By      string `json:",omitempty"` // who answered
	Reason  string `json:",omitempty"`
}

const (
	adviceMost = 256            // open or acting at once
	horizon    = 48 * time.Hour // no plan reaches further
	namesMost  = 200_000        // machines of one recommendation
)

// Recommendations are those that are open, and the accepted ones that act.
func (k *Kernel) Recommendations() []Recommendation { return slices.Clone(k.advice) }

func (k *Kernel) recommend(e Recommended) {
	if k.stage != Advisory {
		k.refuse(Refusal{Code: NotAdvisory})
		return
	}
	e.Expires, e.Until = e.Expires.Round(0).UTC(), e.Until.Round(0).UTC()
	switch {
	case trimmed(e.What) == "" || len(e.What) > textMost || len(e.Units) == 0 || len(e.Units) > namesMost || e.Plan <= 0,
		!e.Expires.After(k.now) || e.Until.Before(e.Expires) || e.Until.Sub(k.now) > horizon, len(e.Money) > currenciesMost:
		k.refuse(Refusal{Code: BadEvent})
		return
	case len(k.advice) >= adviceMost:
		k.refuse(Refusal{Code: TooMany})
		return
	}
	k.numbers.Recommendation++
	r := Recommendation{
		Number: k.numbers.Recommendation, What: trimmed(e.What), Plan: e.Plan, Units: slices.Clone(e.Units),
		Power: e.Power, Money: slices.Clone(e.Money), At: k.now, Expires: e.Expires, Until: e.Until, State: Open,
	}
	k.advice = append(k.advice, r)
	k.out = append(k.out, Advised{Recommendation: r})
	k.note(on(r, Record{What: WasRecommended}), "")
}

// on fills in what a record says of a recommendation.
func on(r Recommendation, n Record) Record {
	n.Item, n.Subject, n.By, n.Reason, n.After.Item = r.Number, r.What, r.By, r.Reason, r.State
	n.Effect = Difference{Units: len(r.Units), Power: r.Power, Money: r.Money}
	return n
}

func (k *Kernel) answer(e Answered) {
	i := slices.IndexFunc(k.advice, func(r Recommendation) bool { return r.Number == e.Number })
	if c := k.misplaced(i, e); c != None {
		k.refuse(Refusal{Code: c, Number: e.Number})
		return
	}
	r := &k.advice[i]
	r.By, r.Reason = trimmed(e.By), trimmed(e.Reason)
	if !e.Accept {
		k.ledger.Declined++
		k.drop(i, IsDeclined, WasAnswered)
		return
	}
	k.ledger.Accepted++
	if r.Plan > k.plan { // what was accepted of older plans ends
		k.plan = r.Plan
		k.finish(func(r Recommendation) bool { return r.State == IsAccepted })
		i = slices.IndexFunc(k.advice, func(r Recommendation) bool { return r.Number == e.Number })
		r = &k.advice[i]
	}
	r.State = IsAccepted
	k.stale = true
	k.note(on(*r, Record{What: WasAnswered}), Open)
	k.out = append(k.out, Follow{Plan: r.Plan, Until: r.Until})
}

// misplaced says what is wrong with an answer.
func (k *Kernel) misplaced(i int, e Answered) Code {
	switch {
	case i < 0:
		return NotThere
	case max(len(e.By), len(e.Reason)) > textMost:
		return BadEvent
	case !Named(e.By):
		return NoName
	case !e.Accept && trimmed(e.Reason) == "":
		return NoReason
	case k.advice[i].State != Open:
		return IsClosed
	case e.Accept && k.advice[i].Plan < k.plan:
		return OldPlan
	case e.Accept && k.tooMuch(k.advice[i]):
		return OverCap
	}
	return None
}

// tooMuch reports whether accepting r would pass the cap.
func (k *Kernel) tooMuch(r Recommendation) bool {
	names := slices.Clone(r.Units)
	if r.Plan == k.plan {
		names = append(names, k.accepted()...)
	}
	c := Choose(k.cfg.Site, Scope{Stage: Advisory, Named: names, Cap: k.cfg.Caps.All}, k.cfg.Units)
	return slices.Contains(c.Why, CapFull)
}

// accepted are the machines of what was accepted.
func (k *Kernel) accepted() []string {
	var out []string
	for _, r := range k.advice {
		if r.State == IsAccepted {
			out = append(out, r.Units...)
		}
	}
	return out
}

// runOut ends what was not answered in time, and what was accepted and whose plan
// has ended.
func (k *Kernel) runOut() {
	for i := range slices.Backward(k.advice) {
		r := k.advice[i]
		if r.State == Open && !k.now.Before(r.Expires) {
			k.ledger.Unanswered++
			k.drop(i, HasExpired, WasLapsed)
		}
	}
	if !k.keepAdvice {
		k.finish(func(r Recommendation) bool { return r.State == IsAccepted && !k.now.Before(r.Until) })
	}
}

// finish ends accepted recommendations; each is in the record already.
func (k *Kernel) finish(which func(Recommendation) bool) {
	n := len(k.advice)
	if k.advice = slices.DeleteFunc(k.advice, which); len(k.advice) < n {
		k.stale = true
	}
}

// withdraw ends every recommendation, because what it was made for has changed.
func (k *Kernel) withdraw() {
	acting := slices.ContainsFunc(k.advice, func(r Recommendation) bool { return r.State == IsAccepted })
	for i := range slices.Backward(k.advice) {
		k.drop(i, HasBeenOvertaken, WasWithdrawn)
	}
	k.stale = k.stale || acting
}

// drop ends one recommendation.
func (k *Kernel) drop(i int, p Progress, what What) {
	r := k.advice[i]
	before := r.State
	r.State = p
	k.advice = slices.Delete(k.advice, i, i+1)
	k.note(on(r, Record{What: what}), before)
}

// unsafe takes a person's word that a recommendation would break something. The
// evidence of advisory begins anew.
func (k *Kernel) unsafe(e Unsafe) {
	if e.Number <= 0 || e.Number > k.numbers.Recommendation {
		k.refuse(Refusal{Code: NotThere, Number: e.Number})
		return
	}
	if k.stage != Advisory {
		k.refuse(Refusal{Code: NotAdvisory, Number: e.Number})
		return
	}
	by, reason, past := orUnnamed(cut(e.By)), cut(trimmed(e.Reason)), k.ledger.copied()
	evidence := fmt.Sprintf("recommendation %d is called unsafe by %s: %s", e.Number, by, reason)
	k.out = append(k.out, Alarm{Code: UnsafeAdvice, Evidence: evidence})
	k.withdraw()
	k.renew(UnsafeAdvice)
	k.note(Record{What: WasRestarted, Code: UnsafeAdvice, By: by, Item: e.Number, Reason: reason, Evidence: evidence, Ledger: &past}, "")
}
