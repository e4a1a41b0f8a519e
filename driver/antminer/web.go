package antminer

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"

	"sluice/device"
	"sluice/driver/wire"
)

// The pages.
const (
	pageSystem  = "/cgi-bin/get_system_info.cgi"
	pageSummary = "/cgi-bin/summary.cgi"
	pageConf    = "/cgi-bin/get_miner_conf.cgi"
	pageSetConf = "/cgi-bin/set_miner_conf.cgi"
	pageBlink   = "/cgi-bin/blink.cgi"
	pageReboot  = "/cgi-bin/reboot.cgi"
	pagePower   = "/miner_power"
	pageWarning = "/warning"
)

// The failures of a page that its status names.
var (
	errAuth   = errors.New("the password is wrong")
	errAbsent = errors.New("the page does not exist")
	errStatus = errors.New("unexpected status")
)

// session is the way to the web pages. It keeps the last challenge for the
// requests that follow, as a browser does: a knock for each exchange would cost
// the machine a third of its answers. A challenge of an earlier exchange may
// have been forgotten by the machine, which then refuses it without looking at
// the request; that is answered with the new one, once.
type session struct {
	network    *wire.Network
	client     *http.Client
	chat       *wire.Chat // in its place while one connection is kept; nil: each request has its own
	base       string
	credential device.Kept

	given bool // a challenge was given
	aged  bool // in an earlier exchange
	c     challenge
	count int // uses of its nonce

	power *session // to the power page, once it was asked
}

// call begins to keep the connection until the returned function ends it.
func (s *session) call() (end func()) {
	s.chat = s.network.Chat()
	return func() {
		s.chat.HangUp()
		s.chat = nil
	}
}

// send does one request.
func (s *session) send(r *http.Request) (wire.Answer, error) {
	if s.chat != nil {
		return wire.Send(s.chat.Client, r)
	}
	return wire.Send(s.client, r)
}

// plain sends a request without a credential.
func (s *session) plain(ctx context.Context, method, path string) (wire.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, nil)
	if err != nil {
		return wire.Answer{}, err
	}
	return s.send(r)
}

// knock asks a harmless page without a credential for a challenge, and once
// more when the connection was cut: the web server drops idle connections.
func (s *session) knock(ctx context.Context, path string) (wire.Answer, error) {
	a, err := s.plain(ctx, http.MethodGet, path)
	if err != nil && cut(err) && ctx.Err() == nil {
		a, err = s.plain(ctx, http.MethodGet, path)
	}
	if err != nil || a.Status != http.StatusUnauthorized {
		return a, err
	}
	c, err := challenged(a.Header)
	if err != nil {
		return a, err
	}
	s.take(c)
	return a, nil
}

// take keeps a new challenge.
func (s *session) take(c challenge) { s.c, s.given, s.aged, s.count = c, true, false, 0 }

// cut reports whether a connection ended before its answer did.
func cut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

// authorized sends a request that answers the challenge, if one was given. A
// machine that calls the nonce stale, or has forgotten an aged one, refused
// without looking at the request, so that it is sent again with the new one.
func (s *session) authorized(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	for first := true; ; first = false {
		a, err := s.once(ctx, method, path, body)
		if err != nil || a.Status != http.StatusUnauthorized {
			return a, err
		}
		c, err := challenged(a.Header)
		if err != nil || !c.stale && !s.aged || !first {
			s.given = false
			return a, nil //nolint:nilerr // the status says all there is to say
		}
		s.take(c)
	}
}

func (s *session) once(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return wire.Answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.given {
		s.count++
		r.Header.Set("Authorization", s.c.answer(s.credential(), method, path, s.count, rand.Text()[:16]))
	}
	return s.send(r)
}

// get reads a page, after a challenge where there is one.
func (s *session) get(ctx context.Context, path string) (wire.Answer, error) {
	if !s.given {
		a, err := s.knock(ctx, path)
		if err != nil || !s.given {
			return a, err
		}
	}
	return s.authorized(ctx, http.MethodGet, path, nil)
}

// page is the body of a page that was given, or the reason why it was not.
func (s *session) page(ctx context.Context, path string) ([]byte, error) {
	a, err := s.get(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch a.Status {
	case http.StatusOK:
		return a.Body, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fmt.Errorf("%s: %w (status %d)", path, errAuth, a.Status)
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", path, errAbsent)
	}
	return nil, fmt.Errorf("%s: %w %d", path, errStatus, a.Status)
}

// beside is a session of the same machine at its power page, which has a
// challenge of its own.
func (s *session) beside(m *Miner) *session {
	if s.power == nil {
		a := m.address
		a.Port = m.driver.options.Power
		s.power = m.driver.session(a, m.credential)
	}
	return s.power
}
