package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sluice/engine"
	"sluice/store/tenants"
)

// Problem is an error as tenants are told of it, by RFC 9457.
type Problem struct {
	Type    string `json:"type" doc:"urn:sluice: and the code."`
	Title   string `json:"title" doc:"What is wrong, in short."`
	Status  int    `json:"status" doc:"The status of the answer."`
	Detail  string `json:"detail" doc:"What is wrong, and with what."`
	Remedy  string `json:"remedy" doc:"What to do."`
	Request string `json:"request" doc:"By which the operator finds it."`

	wait  time.Duration
	cause error // for the operator
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail + ": " + p.Remedy }

// Unwrap is what the tenant is not told.
func (p *Problem) Unwrap() error { return p.cause }

func problem(status int, code, title, detail, remedy string) *Problem {
	return &Problem{Type: "urn:sluice:" + code, Title: title, Status: status, Detail: detail, Remedy: remedy}
}

// wrong is a request that cannot be understood.
func wrong(detail, remedy string) *Problem {
	return problem(http.StatusBadRequest, "bad-request", "The request makes no sense", detail, remedy)
}

// unknown is a thing that is not there, or not the tenant's: nobody can tell which.
func unknown(what string) *Problem {
	return problem(http.StatusNotFound, "unknown", "There is no such thing", "you have no "+what+" of that name", "list what you have, and take the name from there")
}

func stranger() *Problem {
	return problem(http.StatusUnauthorized, "token", "The token is not valid", "the request carries no valid token",
		"send Authorization: Bearer with a token that is neither ended nor revoked, or ask the operator for a new one")
}

func tooMany(wait time.Duration) *Problem {
	p := problem(http.StatusTooManyRequests, "too-many", "Too many requests", "more was asked in a short time than is answered", "wait as long as Retry-After says")
	p.wait = wait
	return p
}

// away is something that does not answer now.
func away(detail string, cause error) *Problem {
	p := problem(http.StatusServiceUnavailable, "unavailable", "It does not answer now", detail, "try again in a minute; tell the operator the request if it stays so")
	p.wait, p.cause = time.Minute, cause
	return p
}

// told is the problem that an error comes to. What is not known is told to the
// operator alone.
func told(err error) *Problem {
	var p *Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, tenants.ErrConflict):
		return problem(http.StatusConflict, "conflict", "It is known already", "that key names another reservation of yours", "give the new one a key of its own")
	case errors.Is(err, tenants.ErrState):
		return problem(http.StatusConflict, "too-late", "It is too late for that", "it was decided already", "look at its state; what was accepted is ended by the operator")
	case errors.Is(err, tenants.ErrFull):
		return problem(http.StatusConflict, "full", "Too much is open", "as many reservations of yours as may wait for an answer do so", "cancel one first")
	case errors.Is(err, tenants.ErrInvalid):
		return problem(http.StatusUnprocessableEntity, "invalid", "This cannot be kept", "a name, a text or a time is out of bounds", "names have up to 200 bytes, texts up to 4000, none has control characters, and times lie before the year 3000")
	case errors.Is(err, tenants.ErrUnknown):
		return unknown("thing")
	case errors.Is(err, context.DeadlineExceeded):
		return away("it took too long to find out", err)
	case errors.Is(err, engine.ErrUnreachable):
		return away("the engine does not answer", err)
	}
	p = problem(http.StatusInternalServerError, "failed", "Something failed here", "the request was not carried out to its end", "try again; tell the operator the request if it stays so")
	p.cause = err
	return p
}

func (p Problem) write(w http.ResponseWriter, request string) {
	p.Request = request
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="sluice"`)
	}
	if p.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.wait+time.Second-1)/time.Second)))
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who is gone is told nothing
}
