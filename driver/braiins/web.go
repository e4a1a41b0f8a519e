package braiins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"sluice/device"
	"sluice/driver/wire"
)

// machine is one machine.
type machine struct {
	web    wire.Session
	user   string
	key    device.Kept
	scaled bool // dynamic scaling was on when last read
	can    device.Capabilities
}

// Capabilities is what was found when the machine was opened.
func (m *machine) Capabilities() device.Capabilities { return m.can }

// Close forgets the token; the machine lets it expire.
func (m *machine) Close(context.Context) error {
	m.web.Forget()
	return nil
}

// isRefusal reports whether the machine answered with a well-formed no to a
// question, other than for want of a login.
func isRefusal(err error) bool {
	f, ok := errors.AsType[*wire.Failure](err)
	return ok && f.Class == device.Refused && f.Reason != device.BadAuth
}

// session is the way to the machine: the token goes along as it is.
func (m *machine) session(w wire.Web) wire.Session {
	return wire.Session{
		Web: w, Root: "/api/v1", Login: m.login, Bring: func(token string) string { return token },
		Said: func(body []byte) string { return strings.TrimSpace(string(body[:min(len(body), 300)])) },
	}
}

// call sends one request of the interface.
func (m *machine) call(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	return m.web.Call(ctx, method, path, body, true)
}

// login asks for a token. Until there is one nothing was ordered, so a failure
// is a refusal or not sent.
func (m *machine) login(ctx context.Context) (string, error) {
	body, err := json.Marshal(map[string]string{"username": m.user, "password": string(m.key().Secret)})
	if err != nil {
		return "", &wire.Failure{Class: device.NotSent, Text: "login: " + err.Error()}
	}
	a, err := m.web.Do(ctx, http.MethodPost, "/api/v1/auth/login", body, nil)
	if err != nil {
		return "", &wire.Failure{Class: device.NotSent, Text: err.Error(), Cause: err}
	}
	switch class, reason := wire.Class(a.Status); {
	case class == device.Refused && (reason == device.BadAuth || reason == device.BadValue):
		return "", &wire.Failure{Class: class, Reason: device.BadAuth, Text: fmt.Sprintf("login: status %d: the password is not taken", a.Status)}
	case reason == device.Unsupported:
		return "", &wire.Failure{Class: class, Reason: reason, Text: fmt.Sprintf("login: status %d: firmware before 25.07 has no such interface, update it", a.Status)}
	case class == device.Refused:
		return "", &wire.Failure{Class: class, Reason: reason, Text: fmt.Sprintf("login: status %d", a.Status)}
	}
	t, err := wire.Parse(a.Body)
	token := t.At("token").Text()
	if err != nil || token == "" || strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", &wire.Failure{Class: device.NotSent, Text: "login: no token in the answer", Cause: err}
	}
	return token, nil
}

// get reads one page.
func (m *machine) get(ctx context.Context, path string) (wire.Tree, error) {
	return m.web.Get(ctx, path, true)
}
