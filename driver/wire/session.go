package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"sluice/device"
)

// Failure is an exchange that ended without success, in the words of an ack.
type Failure struct {
	Class  device.AckClass
	Reason device.RefusedReason
	Text   string
	Raw    []byte
	Cause  error
}

// Error is the text of the failure.
func (f *Failure) Error() string { return f.Text }

// Is lets a refused login be told by device.ErrAuth.
func (f *Failure) Is(target error) bool {
	return target == device.ErrAuth && f.Class == device.Refused && f.Reason == device.BadAuth
}

// Unwrap is what caused it, if anything did.
func (f *Failure) Unwrap() error { return f.Cause }

// AckOf turns the error of an exchange into the ack of an order; set is what the
// order would have set. An error that is no Failure came before anything was sent.
func AckOf(err error, set device.Command) device.Ack {
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		return device.Ack{Class: device.NotSent, Text: err.Error()}
	}
	return device.Ack{Class: f.Class, Reason: f.Reason, Set: set, Text: f.Text, Raw: f.Raw}
}

// Session is the web interface of one machine that trades a password for a
// token. The token is asked for again whenever it is not taken. It is not safe
// for use by several goroutines.
type Session struct {
	Web
	Root  string                                // goes before every path
	Login func(context.Context) (string, error) // asks for a token
	Bring func(token string) string             // how it goes along in Authorization
	Said  func(body []byte) string              // what a refusal says, bounded
	token string
}

// Enter logs in, unless a token is held.
func (s *Session) Enter(ctx context.Context) error {
	if s.token != "" {
		return nil
	}
	return s.enter(ctx)
}

// Forget drops the token.
func (s *Session) Forget() { s.token = "" }

// Call sends one request with the token. Where may is true it logs in when there
// is none, and once more when the token is not taken; else it goes without.
// Errors are Failures.
func (s *Session) Call(ctx context.Context, method, path string, body []byte, may bool) (Answer, error) {
	fresh := s.token == "" && may
	if fresh {
		if err := s.enter(ctx); err != nil {
			return Answer{}, err
		}
	}
	a, err := s.Do(ctx, method, s.Root+path, body, s.header())
	if err == nil && a.Status == http.StatusUnauthorized && !fresh && may {
		if err := s.enter(ctx); err != nil {
			return Answer{}, err
		}
		a, err = s.Do(ctx, method, s.Root+path, body, s.header())
	}
	if err != nil {
		return a, &Failure{Class: Unanswered(a.Sent, err), Text: err.Error(), Raw: Excerpt(a.Body), Cause: err}
	}
	if class, reason := Class(a.Status); class != device.Accepted {
		return a, &Failure{Class: class, Reason: reason, Text: fmt.Sprintf("%s: status %d: %s", path, a.Status, s.Said(a.Body)), Raw: Excerpt(a.Body)}
	}
	return a, nil
}

// Get reads one page of JSON; see Call.
func (s *Session) Get(ctx context.Context, path string, may bool) (Tree, error) {
	a, err := s.Call(ctx, http.MethodGet, path, nil, may)
	if err != nil {
		return Tree{}, err
	}
	t, err := Parse(a.Body)
	if err != nil {
		return t, &Failure{Class: device.Garbled, Text: path + ": " + err.Error(), Raw: Excerpt(a.Body), Cause: err}
	}
	return t, nil
}

func (s *Session) enter(ctx context.Context) error {
	s.token = ""
	token, err := s.Login(ctx)
	if err != nil {
		return err
	}
	s.token = token
	return nil
}

func (s *Session) header() http.Header {
	if s.token == "" {
		return nil
	}
	return http.Header{"Authorization": {s.Bring(s.token)}}
}
