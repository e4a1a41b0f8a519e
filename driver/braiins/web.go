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

// machine is one machine. The token is a session of the machine and is asked
// for again whenever it is not taken.
type machine struct {
	web    wire.Web
	user   string
	key    device.Kept
	token  string
	scaled bool // dynamic scaling was on when last read
	can    device.Capabilities
}

// Capabilities is what was found when the machine was opened.
func (m *machine) Capabilities() device.Capabilities { return m.can }

// Close forgets the token; the machine lets it expire.
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

// isRefusal reports whether the machine answered with a well-formed no to a
// question, other than for want of a login.
func isRefusal(err error) bool {
	f, ok := errors.AsType[*failure](err)
	return ok && f.class == device.Refused && f.reason != device.BadAuth
}

// call sends one request of the interface with a token, and logs in once more
// when the token is not taken.
func (m *machine) call(ctx context.Context, method, path string, body []byte) (wire.Answer, error) {
	fresh := m.token == ""
	if fresh {
		if err := m.login(ctx); err != nil {
			return wire.Answer{}, err
		}
	}
	a, err := m.web.Do(ctx, method, "/api/v1"+path, body, http.Header{"Authorization": {m.token}})
	if err == nil && a.Status == http.StatusUnauthorized && !fresh {
		if err := m.login(ctx); err != nil {
			return wire.Answer{}, err
		}
		a, err = m.web.Do(ctx, method, "/api/v1"+path, body, http.Header{"Authorization": {m.token}})
	}
	if err != nil {
		return a, &failure{class: wire.Unanswered(a.Sent, err), text: err.Error(), raw: wire.Excerpt(a.Body), cause: err}
	}
	if class, reason := wire.Class(a.Status); class != device.Accepted {
		text := fmt.Sprintf("%s: status %d: %s", path, a.Status, strings.TrimSpace(string(a.Body[:min(len(a.Body), 300)])))
		return a, &failure{class: class, reason: reason, text: text, raw: wire.Excerpt(a.Body)}
	}
	return a, nil
}

// login asks for a token. Until there is one nothing was ordered, so a failure
// is a refusal or not sent.
func (m *machine) login(ctx context.Context) error {
	m.token = ""
	body, err := json.Marshal(map[string]string{"username": m.user, "password": string(m.key().Secret)})
	if err != nil {
		return &failure{class: device.NotSent, text: "login: " + err.Error()}
	}
	a, err := m.web.Do(ctx, http.MethodPost, "/api/v1/auth/login", body, nil)
	if err != nil {
		return &failure{class: device.NotSent, text: err.Error(), cause: err}
	}
	switch class, reason := wire.Class(a.Status); {
	case class == device.Refused && (reason == device.BadAuth || reason == device.BadValue):
		return &failure{class: class, reason: device.BadAuth, text: fmt.Sprintf("login: status %d: the password is not taken", a.Status)}
	case reason == device.Unsupported:
		return &failure{class: class, reason: reason, text: fmt.Sprintf("login: status %d: firmware before 25.07 has no such interface, update it", a.Status)}
	case class == device.Refused:
		return &failure{class: class, reason: reason, text: fmt.Sprintf("login: status %d", a.Status)}
	}
	t, err := wire.Parse(a.Body)
	token := t.At("token").Text()
	if err != nil || token == "" || strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return &failure{class: device.NotSent, text: "login: no token in the answer", cause: err}
	}
	m.token = token
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
