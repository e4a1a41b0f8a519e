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

// machine is one machine. The token is a session of the machine and is asked
// for again whenever it is not taken.
type machine struct {
	web      wire.Web
	key      device.Kept
	token    string
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
	m.token = ""
	return nil
}

// failure is an exchange that ended without success.
type failure struct {
	class  device.AckClass
	reason device.RefusedReason
	text   string
	raw    []byte
	cause  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.cause }

// isRefusal reports whether the machine answered with a well-formed no.
func isRefusal(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.class == device.Refused
}

// call sends one request of the interface, with a token when there is a
// password, and asks for a new token once when the old one is not taken. A
// password that was not taken is tried again for orders only, since wrong ones
// are counted.
func (m *machine) call(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	may := m.key().Secret != "" && (!m.denied || method != http.MethodGet)
	fresh := m.token == "" && may
	if fresh {
		if err := m.unlock(ctx); err != nil {
			return wire.Answer{}, err
		}
	}
	a, err := m.web.Do(ctx, method, "/api/v1"+path, body, m.header())
	if err == nil && a.Status == http.StatusUnauthorized && !fresh && may {
		if err := m.unlock(ctx); err != nil {
			return wire.Answer{}, err
		}
		a, err = m.web.Do(ctx, method, "/api/v1"+path, body, m.header())
	}
	if err != nil {
		return a, &failure{class: wire.Unanswered(a.Sent, err), text: err.Error(), raw: wire.Excerpt(a.Body), cause: err}
	}
	if class, reason := wire.Class(a.Status); class != device.Accepted {
		return a, &failure{class: class, reason: reason, text: fmt.Sprintf("%s: status %d: %s", path, a.Status, saying(a.Body)), raw: wire.Excerpt(a.Body)}
	}
	return a, nil
}

func (m *machine) header() http.Header {
	if m.token == "" {
		return nil
	}
	return http.Header{"Authorization": {"Bearer " + m.token}}
}

// unlock trades the password for a token. Until there is one nothing was asked
// for, so a failure is a refusal or not sent.
func (m *machine) unlock(ctx context.Context) error {
	m.token = ""
	body, err := json.Marshal(map[string]string{"pw": string(m.key().Secret)})
	if err != nil {
		return &failure{class: device.NotSent, text: "unlock: " + err.Error()}
	}
	a, err := m.web.Do(ctx, http.MethodPost, "/api/v1/unlock", body, nil)
	if err != nil {
		return &failure{class: device.NotSent, text: err.Error(), cause: err}
	}
	switch class, reason := wire.Class(a.Status); {
	case class == device.Refused && (a.Status == http.StatusBadRequest || reason == device.BadAuth):
		m.denied = true
		return &failure{class: class, reason: device.BadAuth, text: "unlock: the password is not taken"}
	case class == device.Refused:
		return &failure{class: class, reason: reason, text: fmt.Sprintf("unlock: status %d", a.Status)}
	}
	t, err := wire.Parse(a.Body)
	m.token = t.At("token").Text()
	if err != nil || m.token == "" {
		return &failure{class: device.NotSent, text: "unlock: no token in the answer", cause: err}
	}
	m.denied = false
	return nil
}

// get reads one page.
func (m *machine) get(ctx context.Context, path string) (wire.Tree, error) {
	a, err := m.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return wire.Tree{}, err
	}
	t, err := wire.Parse(a.Body)
	if err != nil {
		return t, &failure{class: device.Garbled, text: path + ": " + err.Error(), raw: wire.Excerpt(a.Body), cause: err}
	}
	return t, nil
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
