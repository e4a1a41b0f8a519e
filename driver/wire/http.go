package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"unicode"

	"sluice/device"
)

// Answer is what came back over HTTP.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Sent   bool // the request may have reached the machine in full, so it may have acted
}

// ErrNotHTTP says that something else than HTTP was answered.
var ErrNotHTTP = errors.New("the answer is not HTTP")

// strange marks the failures of an exchange that are neither the network's nor
// the caller's: what remains is an answer that cannot be read.
func strange(err error) error {
	var op *net.OpError
	var errno syscall.Errno
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, ErrOutside} {
		if errors.Is(err, known) {
			return err
		}
	}
	if errors.As(err, &op) || errors.As(err, &errno) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNotHTTP, err)
}

// Send does one exchange with a client of Network.HTTP. An error with Sent set
// means that the machine may have acted. The status is not judged.
func Send(client *http.Client, r *http.Request) (Answer, error) {
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{
		// From the headers on the request may be on the wire; only a failed write takes it back.
		WroteHeaders: func() { sent.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { sent.Store(i.Err == nil) },
	}
	resp, err := client.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		return Answer{Sent: sent.Load()}, fmt.Errorf("ask %s: %w", r.URL.Host, strange(err))
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header, Sent: true}
	a.Body, err = ReadBody(resp)
	if err != nil {
		return a, fmt.Errorf("ask %s: %w", r.URL.Host, err)
	}
	return a, nil
}

// Unanswered is the class of a command whose exchange failed with err.
func Unanswered(sent bool, err error) device.AckClass {
	switch {
	case !sent:
		return device.NotSent
	case errors.Is(err, ErrNotHTTP) || errors.Is(err, ErrNotJSON) || errors.Is(err, ErrTooLong) || errors.Is(err, io.ErrUnexpectedEOF):
		return device.Garbled
	}
	return device.NoReply
}

// Class is what an HTTP status means for a command, as far as the status alone
// can tell. A server's own failure says nothing about what was done before it.
func Class(status int) (device.AckClass, device.RefusedReason) {
	switch {
	case status >= 200 && status < 300:
		return device.Accepted, ""
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return device.Refused, device.BadAuth
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented:
		return device.Refused, device.Unsupported
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return device.Refused, device.BadValue
	case status == http.StatusConflict || status == http.StatusPreconditionFailed:
		return device.Refused, device.BadState
	case status == http.StatusTooManyRequests || status == http.StatusLocked:
		return device.Refused, device.Busy
	case status >= 400 && status < 500:
		return device.Refused, device.Other
	}
	return device.Garbled, ""
}

// Excerpt is the beginning of an answer as evidence, at most device.RawMax bytes.
func Excerpt(b []byte) []byte {
	return append([]byte(nil), b[:min(len(b), device.RawMax)]...)
}

// Bounded is a text for people: without what a terminal would obey, and cut to
// device.RawMax bytes between two letters.
func Bounded(text string) string {
	return printable(strings.ToValidUTF8(text[:min(len(text), device.RawMax)], ""))
}

// printable replaces what a machine may send to play with a terminal by spaces:
// control characters, and those that turn the direction of writing.
func printable(text string) string {
	if !strings.ContainsFunc(text, playful) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if playful(r) {
			return ' '
		}
		return r
	}, text)
}

func playful(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
