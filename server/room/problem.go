package room

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sluice/live"
	"sluice/people"
	store "sluice/store/people"
)

// Problem is why something was not done (RFC 9457).
type Problem struct {
	Type   string   `json:"type" doc:"Stable name of the problem: urn:sluice: and its code."`
	Title  string   `json:"title" doc:"The problem in short."`
	Status int      `json:"status" doc:"Status of the answer."`
	Detail string   `json:"detail" doc:"What is wrong, and with what."`
	Hint   string   `json:"hint,omitempty" doc:"What to do."`
	Code   string   `json:"code" doc:"The end of the type, for programs."`
	Verb   string   `json:"verb,omitempty" doc:"The right that is missing, where one is."`
	Faults []string `json:"faults,omitempty" doc:"Everything that is wrong, a line each, where there is more than one thing."`

	wait  int   // seconds until it may be tried again
	cause error // for the log of the program
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail }

// Unwrap is what the visitor is not told.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus is the status of the answer.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem makes one.
func problem(status int, code, detail, hint string) *Problem {
	return &Problem{Type: "urn:sluice:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail, Hint: hint}
}

// missing is what is not there, or not to be seen by the visitor: nobody can tell which.
func missing(what, name string) *Problem {
	return problem(http.StatusNotFound, "unknown", fmt.Sprintf("there is no %s %q that you may see", what, name), "take its name from the list")
}

// wrong is a request that makes no sense.
func wrong(detail, hint string) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid", detail, hint)
}

// away is something that does not answer.
func away(what string, cause error) *Problem {
	p := problem(http.StatusServiceUnavailable, "away", what+" does not answer", "what it said last is shown with its age; look whether it runs, and try again")
	p.wait, p.cause = 5, cause
	return p
}

// told is the problem that an error comes to. What is not known is told to the log alone.
func told(err error) *Problem {
	var p *Problem
	var refusal *people.Refusal
	var soon store.TooSoon
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal):
		return refused(refusal)
	case errors.As(err, &soon):
		q := problem(http.StatusTooManyRequests, "too-soon", soon.Error(), "wait, and try again")
		q.wait = int(soon.For.Seconds()) + 1
		return q
	case errors.Is(err, live.ErrNo):
		return problem(http.StatusConflict, "refused", strings.TrimPrefix(err.Error(), live.ErrNo.Error()+": "), "the site says why; nothing was done")
	}
	if q := ofPeople(err); q != nil {
		return q
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return away("what was asked", err)
	}
	q := problem(http.StatusInternalServerError, "failed", "it was not carried out to its end", "try again; the log of the program says more")
	q.cause = err
	return q
}

// refused is a refusal of the rules.
func refused(r *people.Refusal) *Problem {
	p := problem(http.StatusForbidden, string(r.Code), r.Error(), r.Code.Remedy())
	p.Verb = string(r.Verb)
	switch r.Code { //nolint:exhaustive // the others are rights
	case people.NotThere:
		p.Status = http.StatusNotFound
	case people.Expired, people.Decided, people.AlreadyDone, people.NotApproved, people.Other, people.TooMany:
		p.Status = http.StatusConflict
	case people.NoReason, people.BadText:
		p.Status = http.StatusUnprocessableEntity
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// ofPeople is a failure of the store of people.
func ofPeople(err error) *Problem {
	for is, q := range map[error]*Problem{
		store.ErrSession:  problem(http.StatusUnauthorized, "session", store.ErrSession.Error(), "log in"),
		store.ErrToken:    problem(http.StatusUnauthorized, "token", store.ErrToken.Error(), "make a new one, or ask who made it"),
		store.ErrVisitor:  problem(http.StatusUnauthorized, "session", "nobody says who asks", "log in"),
		store.ErrLogin:    problem(http.StatusUnauthorized, "login", store.ErrLogin.Error(), "try again; after some failures you have to wait"),
		store.ErrLink:     problem(http.StatusGone, "link", store.ErrLink.Error(), "ask for a new one"),
		store.ErrAdmin:    problem(http.StatusConflict, "administrator", store.ErrAdmin.Error(), "ask them"),
		store.ErrUnknown:  problem(http.StatusNotFound, "unknown", store.ErrUnknown.Error(), "take its name from the list"),
		store.ErrConflict: problem(http.StatusConflict, "conflict", store.ErrConflict.Error(), "look at it before you change it"),
		store.ErrInvalid:  problem(http.StatusUnprocessableEntity, "invalid", err.Error(), "change it and try again"),
		store.ErrFull:     problem(http.StatusConflict, "full", err.Error(), "remove some first"),
	} {
		if errors.Is(err, is) {
			return q
		}
	}
	return nil
}

// ours turns the library's errors into problems. What was sent is not sent back: it may
// be a secret.
func ours(_ huma.Context, _ string, v any) (any, error) {
	m, is := v.(*huma.ErrorModel)
	if !is {
		return v, nil
	}
	p := problem(m.Status, "invalid", m.Detail, "see /v1/openapi.json for what this takes")
	if m.Status == http.StatusInternalServerError {
		p = problem(m.Status, "failed", "it was not carried out to its end", "try again; the log of the program says more")
	}
	for _, e := range m.Errors {
		p.Faults = append(p.Faults, strings.TrimSpace(e.Location+" "+e.Message))
	}
	return p, nil
}
