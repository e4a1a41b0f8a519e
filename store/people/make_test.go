package people

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"sluice/people"
	"sluice/store/file"
	"sluice/store/storetest"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const password = "correct horse battery"

// cheap is a cost that tests can pay.
func cheap() cost { return cost{kib: 64, passes: 1, lanes: 1} }

func openAt(tb testing.TB, dir string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Config{Directory: dir})
	if err != nil {
		tb.Fatal(err)
	}
	s.cost = cheap()
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// house is a store with a clock and people who have apps.
type house struct {
	testing.TB
	*Store
	now  time.Time
	apps map[string][]byte // secrets, by person
}

// newHouse is a house with a first administrator, ann, and a second, bob.
func newHouse(tb testing.TB) *house {
	tb.Helper()
	h := &house{tb, openAt(tb, tb.TempDir()), noon, map[string][]byte{}}
	link, _, err := h.FirstLink(h.Context(), h.now)
	h.must(err, h.First(h.Context(), link, Person{Name: "ann", Label: "Ann Miller", Mail: "ann@example.org"}, people.Hide(password), h.now))
	ann := h.enter("ann")
	h.invite(ann, "bob")
	h.must(h.GiveRoleAlone(h.Context(), ann, Change{"bob", people.Grant{Role: people.Admin}, "there have to be two"}, h.now))
	return h
}

// directory is where the house lies.
func (h *house) directory() string { return filepath.Dir(h.file.Path()) }

func (h *house) must(errs ...error) {
	h.Helper()
	if err := errors.Join(errs...); err != nil {
		h.Fatal(err)
	}
}

// want checks the code of a refusal, or that there is none.
func (h *house) want(what string, err error, c people.Code) {
	h.Helper()
	if people.CodeOf(err) != c || (err == nil) != (c == "") {
		h.Errorf("%s: %v, want %q", what, err, c)
	}
}

// later lets time go by.
func (h *house) later(d time.Duration) { h.now = h.now.Add(d) }

// invite adds somebody, who sets their password.
func (h *house) invite(by Visitor, name string) {
	h.Helper()
	i, err := h.Add(h.Context(), by, Person{Name: name, Label: name}, h.now)
	h.must(err)
	_, err = h.Accept(h.Context(), i, people.Hide(password), h.now)
	h.must(err)
}

// code is one of the app of a person that was not used yet.
func (h *house) code(name string) people.Secret {
	if h.apps[name] == nil {
		return people.Secret{}
	}
	h.later(people.CodePeriod)
	return people.Hide(people.CodeAt(h.apps[name], people.Step(h.now)))
}

// login begins a session.
func (h *house) login(name string) (people.Secret, Visitor) {
	h.Helper()
	text, v, err := h.Login(h.Context(), Attempt{Name: name, Password: people.Hide(password), Code: h.code(name), Address: "10.0.0.1", Agent: "test"}, h.now)
	h.must(err)
	return text, v
}

// enter logs in, with an app where the roles ask for one.
func (h *house) enter(name string) Visitor {
	h.Helper()
	_, v := h.login(name)
	if v.Must() != EnrolCode {
		return v
	}
	h.enrolApp(v)
	again, err := h.again(h.Context(), h.file, v, h.now)
	h.must(err)
	return again
}

// enrolApp gives the visitor an app.
func (h *house) enrolApp(v Visitor) []people.Secret {
	h.Helper()
	address, err := h.AskCode(h.Context(), v, h.now)
	h.must(err)
	u, err := url.Parse(address.Reveal())
	h.must(err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	h.must(err)
	codes, err := h.ConfirmCode(h.Context(), v, people.Hide(people.CodeAt(secret, people.Step(h.now))), h.now)
	h.must(err)
	h.apps[v.Actor().Person] = secret
	return codes
}

// hire adds somebody with roles that two administrators agreed on, and logs them in.
func (h *house) hire(name string, roles ...people.Grant) Visitor {
	h.Helper()
	ann, bob := h.enter("ann"), h.enter("bob")
	h.invite(ann, name)
	for _, g := range roles {
		h.give(ann, bob, name, g)
	}
	return h.enter(name)
}

// give lets one ask and another one approve a role.
func (h *house) give(asks, approves Visitor, name string, g people.Grant) {
	h.Helper()
	r, err := h.AskRole(h.Context(), asks, Change{name, g, "for the shift"}, h.now)
	h.must(err)
	_, err = h.Approve(h.Context(), approves, r.ID, h.now)
	h.must(err)
	_, err = h.GiveRole(h.Context(), asks, r.ID, h.now)
	h.must(err)
}

// log is all of the audit log.
func (h *house) log() []people.Sealed {
	h.Helper()
	all, err := file.Gather(h.Context(), h.file, scanEntry, "SELECT "+entryColumns+" FROM audit ORDER BY seq")
	h.must(err)
	return all
}

// last is the last entry of the audit log.
func (h *house) last() people.Sealed {
	h.Helper()
	all := h.log()
	return all[len(all)-1]
}

func raise() people.Draft {
	return people.Draft{Verb: people.Raise, Place: people.Place{Site: "houston"}, Subject: "limit", Reason: "the line is repaired", Says: "30 MW", Diff: "25 MW -> 30 MW", Deed: "{}"}
}

// edit changes a closed database behind the store's back.
func edit(ctx context.Context, dir string, statements ...string) error {
	return storetest.Edit(ctx, filepath.Join(dir, fileName), statements...)
}

// nobody is a visitor of a session that never was.
func nobody() Visitor {
	return Visitor{actor: people.Actor{Person: "ann", Grants: []people.Grant{{Role: people.Admin}}, Proven: noon}, hash: sha256.Sum256(nil)}
}
