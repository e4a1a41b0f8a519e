package room

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// TestFromTheLinkToAShift is the first day of a house, by the interface alone: the first
// administrator, their app, a second one, and an operator whom both agreed on.
func TestFromTheLinkToAShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := w.nobody()
	if !strings.Contains(stranger.ok(http.StatusOK, "GET", "/v1/first", nil).body, `"needed":false`) {
		t.Error("there is an administrator")
	}
	stranger.ok(http.StatusGone, "POST", "/v1/first", Founder2{Link: "no", Name: "eve", Password: password})
	ann := w.login("ann")
	ann.wants(t, "GET", "/v1/people", nil, http.StatusForbidden, "enrol_code")
	ann.enrolApp(t)
	var bob, oli Invitation
	ann.ok(http.StatusCreated, "POST", "/v1/people", NewPerson{Name: "bob", Label: "Bob"}).read(t, &bob)
	ann.ok(http.StatusCreated, "POST", "/v1/people", NewPerson{Name: "oli"}).read(t, &oli)
	for _, x := range []Invitation{bob, oli} {
		got := stranger.ok(http.StatusOK, "POST", "/v1/invitation", map[string]string{"invitation": x.Invitation, "password": password})
		if !strings.Contains(got.body, x.Name) || !x.Until.Equal(noon.Add(people.InviteFor)) {
			t.Errorf("%s %v", got.body, x.Until)
		}
	}
	stranger.ok(http.StatusGone, "POST", "/v1/invitation", map[string]string{"invitation": bob.Invitation, "password": password})
	admin := RoleChange{Role: people.Admin, Reason: "there have to be two"}
	if got := ann.ok(http.StatusOK, "POST", "/v1/people/bob/roles", admin); !strings.Contains(got.body, `"done":true`) {
		t.Error(got.body)
	}
	second := w.login("bob")
	second.enrolApp(t)
	shift := RoleChange{Role: people.Operator, Site: "houston", Reason: "night shift"}
	var given Given
	ann.ok(http.StatusAccepted, "POST", "/v1/people/oli/roles", shift).read(t, &given)
	if given.Done || given.Request == nil || given.Request.Subject != "oli" {
		t.Fatalf("%+v", given)
	}
	ann.wants(t, "POST", "/v1/requests/"+given.Request.ID+"/approve", nil, http.StatusForbidden, string(people.SamePerson))
	second.ok(http.StatusOK, "POST", "/v1/requests/"+given.Request.ID+"/approve", nil)
	operator := w.login("oli")
	operator.enrolApp(t)
	var s Session
	operator.ok(http.StatusOK, "GET", "/v1/session", nil).read(t, &s)
	if !slices.Contains(s.Verbs["houston"], string(people.Stop)) || s.Must != "" || !s.Proven {
		t.Errorf("%+v", s)
	}
	second.ok(http.StatusNoContent, "POST", "/v1/people/oli/roles/take", shift)
	operator.ok(http.StatusNoContent, "GET", "/v1/session", nil)
	operator.wants(t, "GET", "/v1/requests", nil, http.StatusUnauthorized, "session")
}

// Founder2 is a Founder whose secrets are written out.
type Founder2 struct {
	Link     string `json:"link"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// login logs in by name and password, and by the app where there is one.
func (w *world) login(name string) *guest {
	w.Helper()
	said := map[string]string{"name": name, "password": password}
	if w.apps[name] != nil {
		said["code"] = w.code(name)
	}
	a := w.nobody().ok(http.StatusOK, "POST", "/v1/session", said)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == w.room.cookie() && c.HttpOnly && c.SameSite == http.SameSiteStrictMode {
			return &guest{world: w, name: name, cookie: c.Value}
		}
	}
	w.Fatalf("no session: %v", a.header)
	return nil
}

// enrolApp enrols an app by the interface.
func (g *guest) enrolApp(t *testing.T) {
	t.Helper()
	var app AppAddress
	g.ok(http.StatusOK, "POST", "/v1/me/code", nil).read(t, &app)
	secret := secretOf(t, app.Address)
	g.wants(t, "POST", "/v1/me/code/confirm", map[string]string{"code": "000000"}, http.StatusForbidden, "wrong_proof")
	var codes Recovery
	g.ok(http.StatusOK, "POST", "/v1/me/code/confirm", map[string]string{"code": people.CodeAt(secret, people.Step(g.clock()))}).read(t, &codes)
	if len(codes.Recovery) != people.RecoveryCount {
		t.Errorf("%d recovery codes", len(codes.Recovery))
	}
	g.apps[g.name] = secret
}

// wants asks and wants a problem.
func (g *guest) wants(t *testing.T, method, path string, body any, want ...any) {
	t.Helper()
	a := g.do(method, path, body)
	if p := a.problem(); a.status != want[0] || p.Code != want[1] || p.Hint == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s: want %v, have %d %s", method, path, want, a.status, a.body)
	}
}

// TestOneself: proof, recovery codes, password, label and language.
func TestOneself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.login("ann")
	ann.enrolApp(t)
	w.later(10 * time.Minute)
	ann.wants(t, "POST", "/v1/me/recovery", nil, http.StatusForbidden, string(people.NotProven))
	ann.wants(t, "POST", "/v1/people", NewPerson{Name: "bob"}, http.StatusForbidden, string(people.NotProven))
	ann.wants(t, "POST", "/v1/session/proof", map[string]string{"code": "123456"}, http.StatusForbidden, "wrong_proof")
	ann.wants(t, "POST", "/v1/session/proof", map[string]string{"password": password}, http.StatusForbidden, "wrong_proof")
	var s Session
	ann.ok(http.StatusOK, "POST", "/v1/session/proof", map[string]string{"code": w.code("ann")}).read(t, &s)
	if !s.Proven {
		t.Error("a code proves nothing")
	}
	var codes Recovery
	ann.ok(http.StatusOK, "POST", "/v1/me/recovery", nil).read(t, &codes)
	ann.ok(http.StatusOK, "PATCH", "/v1/me", MyChange{Label: new("Ann M."), Language: new("pt-BR")}).read(t, &s)
	ann.ok(http.StatusOK, "PATCH", "/v1/me", MyChange{}).read(t, &s)
	if s.Label != "Ann M." || s.Language != "pt-BR" {
		t.Errorf("%+v", s)
	}
	fresh := "another horse of mine"
	ann.wants(t, "POST", "/v1/me/password", map[string]string{"old": "wrong horse battery", "fresh": fresh}, http.StatusForbidden, "wrong_proof")
	ann.wants(t, "POST", "/v1/me/password", map[string]string{"old": password, "fresh": "short"}, http.StatusUnprocessableEntity, "invalid")
	ann.ok(http.StatusNoContent, "POST", "/v1/me/password", map[string]string{"old": password, "fresh": fresh})
	ann.ok(http.StatusNoContent, "GET", "/v1/session", nil)
	ann.wants(t, "GET", "/v1/requests", nil, http.StatusUnauthorized, "session")
	said := map[string]string{"name": "ann", "password": password, "code": codes.Recovery[0]}
	w.nobody().wants(t, "POST", "/v1/session", said, http.StatusUnauthorized, "login")
	said["password"] = fresh
	w.nobody().ok(http.StatusOK, "POST", "/v1/session", said)
	for _, secret := range []string{password, fresh, codes.Recovery[0], ann.cookie} {
		if strings.Contains(w.logged(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestPeople: list, change, invite again, close, and new credentials by two.
func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.admin()
	ann.ok(http.StatusCreated, "POST", "/v1/people", NewPerson{Name: "carol"})
	ann.wants(t, "POST", "/v1/people", NewPerson{Name: "Carol"}, http.StatusUnprocessableEntity, "invalid")
	ann.wants(t, "POST", "/v1/people", NewPerson{Name: "c.arol"}, http.StatusConflict, "conflict")
	ann.ok(http.StatusOK, "POST", "/v1/people/carol/invitation", nil)
	ann.wants(t, "POST", "/v1/people/ann/invitation", nil, http.StatusConflict, "conflict")
	var x Person
	ann.ok(http.StatusOK, "PATCH", "/v1/people/carol", PersonChange{Label: new("Carol C."), Mail: new("carol@example.org")}).read(t, &x)
	if x.Label != "Carol C." || x.Mail != "carol@example.org" || x.Closed != nil {
		t.Errorf("%+v", x)
	}
	ann.wants(t, "PATCH", "/v1/people/eve", PersonChange{}, http.StatusNotFound, "unknown")
	ann.wants(t, "POST", "/v1/people/carol/roles", RoleChange{Role: "king", Reason: "why not"}, http.StatusUnprocessableEntity, "invalid")
	ann.wants(t, "POST", "/v1/people/carol/roles/take", RoleChange{Role: people.Viewer, Reason: "no more"}, http.StatusNotFound, "unknown")
	ann.ok(http.StatusNoContent, "POST", "/v1/people/carol/close", Reason{"she left"})
	var all Everybody
	ann.ok(http.StatusOK, "GET", "/v1/people", nil).read(t, &all)
	if len(all.People) != 2 || all.People[1].Closed == nil || all.People[0].Grants[0].Role != people.Admin {
		t.Errorf("%+v", all)
	}
	w.add("oli")
	w.second()
	bob := *ann
	bob.name, bob.cookie = "bob", ""
	bob.cookie, _ = w.visitor("bob")
	var given Given
	ann.ok(http.StatusAccepted, "POST", "/v1/people/oli/credentials", Reason{"lost the phone"}).read(t, &given)
	var approved Approved
	bob.ok(http.StatusOK, "POST", "/v1/requests/"+given.Request.ID+"/approve", nil).read(t, &approved)
	w.nobody().ok(http.StatusOK, "POST", "/v1/invitation", map[string]string{"invitation": approved.Invitation, "password": password})
}

// TestTheTables are those of the rules.
func TestTheTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.admin()
	var roles RoleTable
	var verbs VerbTable
	ann.ok(http.StatusOK, "GET", "/v1/roles", nil).read(t, &roles)
	ann.ok(http.StatusOK, "GET", "/v1/verbs", nil).read(t, &verbs)
	if len(roles.Roles) != len(people.Roles()) || len(verbs.Verbs) != len(people.Rules()) {
		t.Errorf("%d roles, %d verbs", len(roles.Roles), len(verbs.Verbs))
	}
	for _, row := range roles.Roles {
		for _, v := range row.Verbs {
			if rule, _ := v.Rule(); !rule.Has(row.Role) {
				t.Errorf("%s has %s", row.Role, v)
			}
		}
	}
}

// TestTokensAndSessions are made, listed and ended.
func TestTokensAndSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.attach("a")
	viewer, other, ann := w.as(people.Viewer, "a"), w.as(people.Viewer, "b"), w.admin()
	want := NewToken{Label: "Grafana", Scope: []people.Grant{{Role: people.Viewer, Site: "a"}}, Days: 7}
	var made Issued
	viewer.ok(http.StatusCreated, "POST", "/v1/tokens", want).read(t, &made)
	if !strings.HasPrefix(made.Text, made.Prefix) || !made.Until.Equal(w.clock().AddDate(0, 0, 7)) || !made.Valid {
		t.Errorf("%+v", made)
	}
	byToken := &guest{world: w, token: made.Text}
	byToken.ok(http.StatusOK, "GET", "/v1/session", nil)
	byToken.wants(t, "POST", "/v1/tokens", want, http.StatusForbidden, string(people.NotByToken))
	want.Scope[0].Role = people.Admin
	viewer.wants(t, "POST", "/v1/tokens", want, http.StatusUnprocessableEntity, "invalid")
	var tokens Tokens
	for g, n := range map[*guest]int{viewer: 1, other: 0, ann: 1} {
		if g.ok(http.StatusOK, "GET", "/v1/tokens", nil).read(t, &tokens); len(tokens.Tokens) != n {
			t.Errorf("%s sees %d", g.name, len(tokens.Tokens))
		}
	}
	if text := viewer.ok(http.StatusOK, "GET", "/v1/tokens", nil).body; strings.Contains(text, made.Text) {
		t.Error("a list holds the secret")
	}
	other.wants(t, "DELETE", "/v1/tokens/"+made.ID, nil, http.StatusNotFound, "unknown")
	ann.ok(http.StatusNoContent, "DELETE", "/v1/tokens/"+made.ID, nil)
	byToken.wants(t, "GET", "/v1/session", nil, http.StatusUnauthorized, "token")

	var sessions OpenSessions
	viewer.ok(http.StatusOK, "GET", "/v1/sessions", nil).read(t, &sessions)
	if len(sessions.Sessions) != 1 || !sessions.Sessions[0].Mine {
		t.Errorf("%+v", sessions)
	}
	id := sessions.Sessions[0].ID
	other.wants(t, "DELETE", "/v1/sessions/"+id, nil, http.StatusNotFound, "unknown")
	ann.ok(http.StatusNoContent, "DELETE", "/v1/sessions/"+id, nil)
	viewer.ok(http.StatusNoContent, "GET", "/v1/session", nil)
	viewer.wants(t, "GET", "/v1/requests", nil, http.StatusUnauthorized, "session")
}
