package room

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/alarm"
	"sluice/driver/notify"
	"sluice/people"
)

// hidden is what nothing may show.
const hidden = "a-secret-of-sixteen-bytes-at-least"

// receiver is a webhook that checks signatures.
type receiver struct {
	mu     sync.Mutex
	bodies []string
	faults []error
}

// ServeHTTP implements http.Handler.
func (x *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.bodies = append(x.bodies, string(body))
	if err := notify.Verify([]byte(hidden), body, req.Header.Get(notify.Header), noon); err != nil {
		x.faults = append(x.faults, err)
		w.WriteHeader(http.StatusForbidden)
	}
}

func (x *receiver) got() ([]string, []error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.bodies, x.faults
}

// hooked is a control room whose messages reach a webhook of this computer.
func hooked(t *testing.T) (*world, *receiver, string) {
	t.Helper()
	x := &receiver{}
	srv := httptest.NewTLSServer(x)
	t.Cleanup(srv.Close)
	w, _ := deciding(t, func(c *Config) {
		c.Notify = notify.Options{Transport: srv.Client().Transport, Now: func() time.Time { return noon }}
	})
	return w, x, srv.URL + "/alarms"
}

func webhook(name, address, secret, language string) string {
	return "apiVersion: sluice/v1\nkind: Contact\nmetadata: {name: " + name + "}\nspec: {channel: webhook, address: \"" + address + "\", secretRef: {name: " + secret + "}, language: " + language + "}\n"
}

// TestContactTest sends a message now, signed, and says what came of it.
func TestContactTest(t *testing.T) {
	t.Parallel()
	w, x, address := hooked(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(webhook("hook", address, "hook", "pt"), webhook("other", address, "wrong", "en"), mailbox("post", "a@example.org")))
	try := func(name string) (c ContactTry) {
		engineer.ok(http.StatusOK, "POST", "/v1/contacts/"+name+"/test", nil).read(t, &c)
		return c
	}
	if c := try("hook"); c.Result != "refused" || !strings.Contains(c.Why, "secret hook") {
		t.Errorf("before the secret is there: %+v", c)
	}
	for name, value := range map[string]string{"hook": hidden, "wrong": "another-secret-of-sixteen-bytes"} {
		engineer.ok(http.StatusNoContent, "POST", "/v1/secrets", map[string]string{"name": name, "value": value})
	}
	if c := try("hook"); c.Result != "sent" || c.Why != "" {
		t.Errorf("%+v", c)
	}
	bodies, faults := x.got()
	if len(bodies) != 1 || len(faults) != 0 || !strings.Contains(bodies[0], `"language":"pt"`) || !strings.Contains(bodies[0], "mensagem de teste") {
		t.Errorf("%v %v", bodies, faults)
	}
	if c := try("other"); c.Result != "refused" || c.Why == "" {
		t.Errorf("signed with another secret: %+v", c)
	}
	if c := try("post"); c.Result != "refused" || !strings.Contains(c.Why, "--smtp") {
		t.Errorf("%+v", c)
	}
	if a := engineer.do("POST", "/v1/contacts/none/test", nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.as(people.Viewer, "").do("POST", "/v1/contacts/hook/test", nil); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.as(people.Engineer, "fjord").do("POST", "/v1/contacts/hook/test", nil); a.status != http.StatusForbidden {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestSecrets are written and never read: no answer, no log and no export holds one.
func TestSecrets(t *testing.T) {
	t.Parallel()
	w, _, address := hooked(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(webhook("hook", address, "hook", "en"), webhook("chat", address, "chat", "en")))
	var all strings.Builder
	ask := func(g *guest, status int, method, path string, body any) reply {
		a := g.ok(status, method, path, body)
		all.WriteString(a.body)
		return a
	}
	secret := func(name, value string) map[string]string { return map[string]string{"name": name, "value": value} }
	ask(engineer, 204, "POST", "/v1/secrets", secret("hook", hidden))
	ask(engineer, 204, "POST", "/v1/secrets", secret("spare", hidden))
	for sentence, c := range map[string]struct {
		g      *guest
		body   any
		status int
	}{
		"a name that is none":   {engineer, secret("No Name", hidden), 422},
		"no value":              {engineer, secret("hook", " "), 422},
		"a key more":            {engineer, map[string]string{"name": "hook", "value": hidden, "more": hidden}, 422},
		"too long":              {engineer, secret("hook", hidden+strings.Repeat("x", 9000)), 422},
		"who has not the right": {w.as(people.Operator, ""), secret("hook", hidden), 403},
		"at one site":           {w.as(people.Engineer, "fjord"), secret("hook", hidden), 403},
	} {
		if a := ask(c.g, c.status, "POST", "/v1/secrets", c.body); a.problem().Hint == "" {
			t.Errorf("%s: %s", sentence, a.body)
		}
	}
	var list SecretList
	ask(engineer, 200, "GET", "/v1/secrets", nil).read(t, &list)
	if len(list.Secrets) != 2 || list.Secrets[0].Name != "hook" || list.Secrets[0].By != "engineer" || list.Secrets[0].Used[0] != "hook" || len(list.Secrets[1].Used) != 0 {
		t.Errorf("%+v", list)
	}
	ask(engineer, 200, "POST", "/v1/contacts/hook/test", nil)
	if a := ask(engineer, 409, "DELETE", "/v1/secrets/hook", nil); a.problem().Code != "in_use" {
		t.Error(a.body)
	}
	ask(engineer, 204, "DELETE", "/v1/secrets/spare", nil)
	ask(engineer, 404, "DELETE", "/v1/secrets/spare", nil)
	for _, path := range []string{"/v1/objects/export", "/v1/objects?spec=true", "/v1/objects/Contact/hook", "/v1/objects/Contact/hook/history", "/v1/secrets"} {
		ask(engineer, 200, "GET", path, nil)
	}
	ask(w.admin(), 200, "GET", "/v1/audit?limit=1000", nil)
	ask(w.admin(), 200, "GET", "/v1/audit/export", nil)
	for what, text := range map[string]string{"an answer": all.String(), "the log of the program": w.logged()} {
		if strings.Contains(text, hidden) {
			t.Errorf("%s holds the secret", what)
		}
	}
	if !strings.Contains(all.String(), "secret hook is stored") {
		t.Error("the audit log does not say that it was stored")
	}
}

// TestContactsOfObjects: contacts and routes are who is told, from the apply on and after a
// restart, and what alarms stand stays.
func TestContactsOfObjects(t *testing.T) {
	t.Parallel()
	w, x, address := hooked(t)
	engineer := w.engineer()
	engineer.ok(http.StatusNoContent, "POST", "/v1/secrets", map[string]string{"name": "hook", "value": hidden})
	w.room.watch.step(noon, alarm.Raised{Condition: alarm.Condition{Point: alarm.Point{Code: "connection_over", Site: "fjord"}}})
	quiet := `, quiet: {from: "22:00", to: "06:00", zone: Europe/Oslo, except: [2]}}`
	text := strings.Replace(webhook("hook", address, "hook", "en"), "}\n", "}\n", 1)
	text = strings.TrimSuffix(text, "}\n") + quiet + "\n"
	engineer.applied(http.StatusOK, yaml(text, "apiVersion: sluice/v1\nkind: Route\nmetadata: {name: r}\nspec: {priorities: [1, 2], steps: [{after_minutes: 0, contacts: [hook]}]}\n"))
	told := w.room.watch.told
	if len(told.Contacts) != 1 || told.Contacts[0].Quiet.From != 22*60 || told.Contacts[0].Breaks != alarm.High || told.Contacts[0].Zone.String() != "Europe/Oslo" || told.Routes[0].Steps[0].Contacts[0] != "hook" {
		t.Errorf("%+v", told)
	}
	w.later(time.Minute)
	w.room.watch.step(w.clock(), alarm.Tick{})
	w.room.keepAlarms(t.Context(), w.clock())
	w.room.deliverDue(t.Context(), w.room.cfg.Outbox.(Tracker))
	bodies, faults := x.got()
	if len(bodies) == 0 || len(faults) != 0 || !strings.Contains(bodies[0], "connection_over") {
		t.Errorf("%v %v", bodies, faults)
	}
	again, err := newWatch(context.Background(), w.room.cfg)
	w.must(err)
	if n := len(again.kernel.Alarms()); n != 1 {
		t.Errorf("%d alarms after a restart", n)
	}
	r := table(w.room.cfg)
	r.watch = again
	w.must(r.takeIn(t.Context()))
	if s, why := r.sender("hook"); s == nil || len(again.told.Routes) != 1 {
		t.Errorf("%s %+v", why, again.told)
	}
	for _, path := range []string{"Route/r", "Contact/hook"} {
		if a := engineer.do("DELETE", "/v1/objects/"+path, nil, "If-Match", `"1"`); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if s, why := w.room.sender("hook"); s != nil || why == "" || len(w.room.watch.told.Contacts) != 0 {
		t.Error("a contact that is gone is told")
	}
}
