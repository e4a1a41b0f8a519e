package vnish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"sluice/device"
	"sluice/driver/wire"
)

// machine is one machine.
type machine struct {
	web      wire.Session
	key      device.Kept
	denied   bool // the password was not taken, and pages are read without it
	pause    bool
	measure  string
	version  version
	switcher bool // the firmware may move the preset, when last read
	can      device.Capabilities
}

// Capabilities is what was found when the machine was opened.
func (m *machine) Capabilities() device.Capabilities { return m.can }

// Close forgets the token. Others of the same password may use theirs, so none
// is locked out.
func (m *machine) Close(context.Context) error {
	m.web.Forget()
	return nil
}

// isRefusal reports whether the machine answered with a well-formed no.
func isRefusal(err error) bool {
	f, ok := errors.AsType[*wire.Failure](err)
	return ok && f.Class == device.Refused
}

// session is the way to the machine.
func (m *machine) session(w wire.Web) wire.Session {
	return wire.Session{Web: w, Root: "/api/v1", Login: m.unlock, Bring: func(token string) string { return "Bearer " + token }, Said: saying}
}

// call sends one request of the interface, with a token when there is a
// password. One that was not taken is tried again for orders only, since wrong
// ones are counted.
func (m *machine) call(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	return m.web.Call(ctx, method, path, body, m.may(method))
}

func (m *machine) may(method string) bool {
	return m.key().Secret != "" && (!m.denied || method != http.MethodGet)
}

// unlock trades the password for a token. Until there is one nothing was asked
// for, so a failure is a refusal or not sent.
func (m *machine) unlock(ctx context.Context) (string, error) {
	body, err := json.Marshal(map[string]string{"pw": string(m.key().Secret)})
	if err != nil {
		return "", &wire.Failure{Class: device.NotSent, Text: "unlock: " + err.Error()}
	}
	a, err := m.web.Do(ctx, http.MethodPost, "/api/v1/unlock", body, nil)
	if err != nil {
		return "", &wire.Failure{Class: device.NotSent, Text: err.Error(), Cause: err}
	}
	switch class, reason := wire.Class(a.Status); {
	case class == device.Refused && (a.Status == http.StatusBadRequest || reason == device.BadAuth):
		m.denied = true
		return "", &wire.Failure{Class: class, Reason: device.BadAuth, Text: "unlock: the password is not taken"}
	case class == device.Refused:
		return "", &wire.Failure{Class: class, Reason: reason, Text: fmt.Sprintf("unlock: status %d", a.Status)}
	}
	t, err := wire.Parse(a.Body)
	token := t.At("token").Text()
	if err != nil || token == "" {
		return "", &wire.Failure{Class: device.NotSent, Text: "unlock: no token in the answer", Cause: err}
	}
	m.denied = false
	return token, nil
}

// get reads one page.
func (m *machine) get(ctx context.Context, path string) (wire.Tree, error) {
	return m.web.Get(ctx, path, m.may(http.MethodGet))
}

// saying is what an answer says went wrong, bounded.
func saying(body []byte) string {
	t, err := wire.Parse(body)
	if err == nil {
		for _, k := range []string{"err", "error", "message"} {
			if s := t.At(k).Text(); s != "" {
				return s[:min(len(s), 200)]
			}
		}
	}
	return string(body[:min(len(body), 200)])
}
