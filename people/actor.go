package people

import "time"

// StepUp is for how long it counts that somebody showed again who they are.
const StepUp = 5 * time.Minute

// Actor is who does something: a person, or a token of that person.
type Actor struct {
	Person  string    // by the name of the login
	Token   string    // id of the token; empty: the person
	Grants  []Grant   // that the person has now
	Scope   []Grant   // of a token: it holds what is in both
	Proven  time.Time // who it is was shown last; zero: never, and so for every token
	Founder bool      // the first administrator, who is alone in the house
}

// Holds reports whether the actor has the right to do something at a place, alone or
// with somebody else. A token holds what both its scope and its person hold.
func (a Actor) Holds(v Verb, at Place) bool {
	if a.Token == "" {
		return Allowed(a.Grants, v, at)
	}
	r, _ := v.Rule()
	return r.Token && Allowed(a.Grants, v, at) && Allowed(a.Scope, v, at)
}

// proven reports whether a person has just shown who they are. An instant that lies
// ahead is none: the clock was set back.
func (a Actor) proven(now time.Time) bool {
	return a.Token == "" && !a.Proven.IsZero() && !now.Before(a.Proven) && now.Sub(a.Proven) < StepUp
}

// May says whether the actor may do something now, alone; otherwise the error is a
// Refusal. NotProven asks to show again who it is, NeedsTwo to make a request. A token
// shows who it is by itself, and so does alone what takes one person.
func (a Actor) May(v Verb, at Place, now time.Time) error {
	if err := a.holds(v, at); err != nil {
		return err
	}
	r, _ := v.Rule()
	alone := a.Founder && a.Token == "" && v == GiveRole
	switch {
	case r.Takes == Together && !alone:
		return &Refusal{NeedsTwo, v, at}
	case r.Takes != AtOnce && a.Token == "" && !a.proven(now):
		return &Refusal{NotProven, v, at}
	}
	return nil
}

// holds refuses who has no right at all.
func (a Actor) holds(v Verb, at Place) error {
	r, known := v.Rule()
	switch {
	case fold(a.Person) == "":
		return &Refusal{Nobody, v, at}
	case !known:
		return &Refusal{UnknownVerb, v, at}
	case a.Token != "" && !r.Token:
		return &Refusal{NotByToken, v, at}
	case !a.Holds(v, at):
		return &Refusal{NoRight, v, at}
	}
	return nil
}
