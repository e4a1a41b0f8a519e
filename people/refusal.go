package people

import "errors"

// Code says why something is refused. Codes are only ever added.
type Code string

// The codes.
const (
	Nobody      Code = "nobody"       // it does not say who
	UnknownVerb Code = "unknown_verb" // there is no such thing to do
	NoRight     Code = "no_right"
	NotProven   Code = "not_proven" // who they are was not shown just now
	NeedsTwo    Code = "needs_two"  // one person is not enough
	NotByToken  Code = "not_by_token"
	SamePerson  Code = "same_person"
	LostRight   Code = "lost_right" // one of the two lost the right since
	Expired     Code = "expired"
	Decided     Code = "decided" // it is open no more
	NotApproved Code = "not_approved"
	AlreadyDone Code = "already_done"
	NoReason    Code = "no_reason"
	BadText     Code = "bad_text"
	OneIsEnough Code = "one_is_enough"
	NotThere    Code = "not_there"
	TooMany     Code = "too_many"
	Other       Code = "other" // the request is for something else
)

// Codes are all codes.
func Codes() []Code {
	return []Code{
		Nobody, UnknownVerb, NoRight, NotProven, NeedsTwo, NotByToken, SamePerson, LostRight, Expired, Decided, NotApproved, AlreadyDone,
		NoReason, BadText, OneIsEnough, NotThere, TooMany, Other,
	}
}

// Remedy says why, and what to do.
func (c Code) Remedy() string {
	switch c {
	case Nobody:
		return "nobody says who asks: log in"
	case UnknownVerb:
		return "there is no such thing to do: see the table of docs/people.md"
	case NoRight:
		return "your roles do not hold this right here: ask an administrator, or somebody who has it"
	case NotProven:
		return "show again who you are, with a code or your password, and repeat it"
	case NeedsTwo:
		return "this takes two people: ask for it, and somebody else approves it"
	case NotByToken:
		return "no token may do this: log in as a person"
	case SamePerson:
		return "who asked cannot approve: somebody else has to"
	case LostRight:
		return "one of the two has lost the right to it since: ask for it anew"
	case Expired:
		return "the quarter of an hour is over: ask for it anew"
	case Decided:
		return "it was decided already: ask for it anew if it is still wanted"
	case NotApproved:
		return "nobody has approved it: somebody else has to, before it is carried out"
	case AlreadyDone:
		return "it was carried out already, once is all: ask for it anew if it is wanted again"
	case NoReason:
		return "say why: the reason stays in the audit log"
	case BadText:
		return "a text is too long, or has letters that cannot be kept: shorten it and repeat it"
	case OneIsEnough:
		return "this takes one person: do it"
	case NotThere:
		return "there is no such request: look at the list"
	case TooMany:
		return "too many requests are open: decide on some first"
	case Other:
		return "what was approved is something else: ask for this one"
	}
	return "it was refused"
}

// Refusal is the error that says why not.
type Refusal struct {
	Code Code
	Verb Verb
	At   Place
}

// Error says what was refused and what to do.
func (r *Refusal) Error() string {
	out := "refused"
	if r.Verb != "" {
		out = string(r.Verb)
		if r.At.Site != "" {
			out += " at " + r.At.Site
		}
		out += " is refused"
	}
	return out + ": " + r.Code.Remedy()
}

// CodeOf is the code of a refusal within an error; empty where there is none.
func CodeOf(err error) Code {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Code
	}
	return ""
}
