package notify

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"os"
	"time"
	"unicode/utf8"
)

// Message is what is told.
type Message struct {
	ID       string          `json:"id"` // of letters, digits, dots and dashes; the same at each try
	At       time.Time       `json:"at"`
	Language string          `json:"language"` // en, ar or pt
	Subject  string          `json:"subject"`  // one line
	Text     string          `json:"text"`
	Urgent   bool            `json:"urgent,omitempty"`
	Event    json.RawMessage `json:"event,omitempty"` // for programs; webhooks carry it
}

// Result is how a try ended.
type Result string

// The results.
const (
	Sent     Result = "sent"
	TryAgain Result = "try_again" // the way or the server failed
	Refused  Result = "refused"   // trying again cannot help: somebody has to change the address or its secret
)

// Outcome is what came of one try.
type Outcome struct {
	Result Result        `json:"result"`
	Why    string        `json:"why,omitempty"`      // for people, without secrets
	After  time.Duration `json:"after_ns,omitempty"` // the server asks to wait so long; at most an hour
}

// Sender brings messages to one address. It is safe for several goroutines at once. Send
// ends when ctx does, and after the timeout of its options.
type Sender interface {
	Send(ctx context.Context, m Message) Outcome
}

// mostWait bounds what a server may ask to wait.
const mostWait = time.Hour

func sent() Outcome               { return Outcome{Result: Sent} }
func refused(why string) Outcome  { return Outcome{Result: Refused, Why: why} }
func tryAgain(why string) Outcome { return Outcome{Result: TryAgain, Why: why} }
func broken(err error) Outcome    { return tryAgain(plain(err)) }
func (o Outcome) ok() bool        { return o.Result == Sent }
func waiting(d time.Duration) time.Duration {
	return min(max(d, 0), mostWait)
}

// plain says what broke a connection, in words that hold nothing of the address.
func plain(err error) string {
	var lookup *net.DNSError
	var dial *net.OpError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var late interface{ Timeout() bool }
	switch {
	case errors.Is(err, errForbidden):
		return errForbidden.Error()
	case errors.Is(err, context.Canceled):
		return "it was broken off"
	case errors.As(err, &lookup):
		return "the name of its server is not known: check the address and the name service"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return "its server did not answer in time"
	case errors.As(err, &unknown), errors.As(err, &invalid), errors.As(err, &name):
		return "the certificate of its server is not trusted: check the address, or renew the certificate there"
	case errors.As(err, &dial) && dial.Op == "dial":
		return "nobody answers at its server"
	}
	return "the connection broke"
}

// shortened cuts a text to a number of bytes, at a letter.
func shortened(s string, most int) string {
	if len(s) <= most {
		return s
	}
	const dots = "…"
	cut := most - len(dots)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + dots
}
