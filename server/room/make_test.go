package room

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/live"
	"sluice/people"
	store "sluice/store/people"
	keep "sluice/store/room"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// password is everybody's.
const password = "correct horse battery"

// world is a control room with its people and a clock that is moved by hand.
type world struct {
	testing.TB
	store *store.Store
	room  *Room
	shell http.Handler
	log   *bytes.Buffer // guarded by mu
	mu    sync.Mutex    // guards what follows
	now   time.Time
	apps  map[string][]byte // secrets of apps, by person
	known map[string]*guest
	boss  map[string]people.Secret // sessions of the administrators who make others
	deeds int
}

// remembering is a control room that keeps the history of its sites.
func remembering(tb testing.TB) (*world, *keep.Store) {
	tb.Helper()
	records, err := keep.Open(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = records.Close() })
	return newWorld(tb, func(c *Config) { c.History = records }), records
}

// newWorld is a control room with the first administrator, ann. change sees what it is
// made of before it is made.
func newWorld(tb testing.TB, change ...func(*Config)) *world {
	tb.Helper()
	s, err := store.Open(tb.Context(), store.Config{Directory: tb.TempDir()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	w := &world{TB: tb, store: s, now: noon, apps: map[string][]byte{}, known: map[string]*guest{}, boss: map[string]people.Secret{}, log: &bytes.Buffer{}}
	plenty := Rate{Every: time.Nanosecond, Burst: 1_000_000}
	c := Config{
		People: s, Version: "test", Boot: "boot-1", Clock: w.clock, Log: slog.New(slog.NewTextHandler(w, nil)),
		Rates: Rates{Address: plenty, Visitor: plenty, Events: plenty, Files: plenty},
	}
	for _, do := range change {
		do(&c)
	}
	s, w.store = c.People, c.People
	w.room, err = New(tb.Context(), c)
	w.must(err)
	tb.Cleanup(w.room.Close)
	w.shell = w.room.Handler()
	link, _, err := s.FirstLink(tb.Context(), noon)
	w.must(err, s.First(tb.Context(), link, store.Person{Name: "ann", Label: "Ann", Mail: "ann@example.org"}, people.Hide(password), noon))
	return w
}

// Write implements io.Writer for the log.
func (w *world) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

// logged is what the program wrote into its log.
func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// later lets time go by.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) must(errs ...error) {
	w.Helper()
	if err := errors.Join(errs...); err != nil {
		w.Fatal(err)
	}
}

// attach adds a site that says nothing of itself and refuses every deed.
func (w *world) attach(names ...string) {
	w.Helper()
	for _, name := range names {
		w.must(w.room.Attach(name, still{}))
	}
}

// still is a site at which nothing happens.
type still struct{}

// Status implements Link.
func (still) Status(context.Context) (live.Status, error) { return live.Status{}, nil }

// Act implements Link.
func (still) Act(context.Context, string, live.Request) (live.Answer, error) {
	return live.Answer{}, live.ErrNo
}

// visitor logs somebody in as their issuer would, with a second factor just now, and
// enrols an app where their roles take one.
func (w *world) visitor(name string, grants ...people.Grant) (string, store.Visitor) {
	w.Helper()
	c := store.Claim{
		Provider: "test", Issuer: "https://issuer.test", Subject: name, Mail: name + "@example.org", Proven: true,
		Mapped: len(grants) > 0, Grants: grants, Address: "192.0.2.1", Agent: "test",
	}
	text, v, err := w.store.LoginBy(w.Context(), c, w.clock())
	w.must(err)
	if v.Must() == store.EnrolCode {
		w.enrol(v)
		v, err = w.store.Session(w.Context(), text, w.clock())
		w.must(err)
	}
	return text.Reveal(), v
}

// administrator is ann or bob, in a session that nothing else uses.
func (w *world) administrator(name string) store.Visitor {
	w.Helper()
	if text, had := w.boss[name]; had {
		if v, err := w.store.Session(w.Context(), text, w.clock()); err == nil && w.clock().Sub(v.Actor().Proven) < people.StepUp {
			return v
		}
	}
	text, v := w.visitor(name)
	w.boss[name] = people.Hide(text)
	return v
}

// enrol gives a visitor an app.
func (w *world) enrol(v store.Visitor) {
	w.Helper()
	address, err := w.store.AskCode(w.Context(), v, w.clock())
	w.must(err)
	secret := secretOf(w.TB, address.Reveal())
	_, err = w.store.ConfirmCode(w.Context(), v, people.Hide(people.CodeAt(secret, people.Step(w.clock()))), w.clock())
	w.must(err)
	w.apps[v.Actor().Person] = secret
}

// secretOf reads the secret in an address for an app.
func secretOf(tb testing.TB, address string) []byte {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		tb.Fatal(err)
	}
	return secret
}

// code is the next one of an app; half a minute goes by.
func (w *world) code(name string) string {
	w.later(people.CodePeriod)
	return people.CodeAt(w.apps[name], people.Step(w.clock()))
}

// add makes somebody known, who has set a password.
func (w *world) add(name string) {
	w.Helper()
	secret, err := w.store.Add(w.Context(), w.administrator("ann"), store.Person{Name: name, Label: strings.ToUpper(name), Mail: name + "@example.org"}, w.clock())
	w.must(err)
	_, err = w.store.Accept(w.Context(), secret, people.Hide(password), w.clock())
	w.must(err)
}

// second makes bob the second administrator, where there is none yet.
func (w *world) second() store.Visitor {
	w.Helper()
	if w.known["bob"] == nil {
		w.add("bob")
		w.must(w.store.GiveRoleAlone(w.Context(), w.administrator("ann"), store.Change{Person: "bob", Grant: people.Grant{Role: people.Admin}, Reason: "there have to be two"}, w.clock()))
		w.known["bob"] = &guest{world: w, name: "bob"}
	}
	return w.administrator("bob")
}

// give lets ann ask for a role and bob approve it.
func (w *world) give(name string, g people.Grant) {
	w.Helper()
	bob := w.second()
	ann := w.administrator("ann")
	q, err := w.store.AskRole(w.Context(), ann, store.Change{Person: name, Grant: g, Reason: "for the shift"}, w.clock())
	w.must(err)
	_, err = w.store.Approve(w.Context(), bob, q.ID, w.clock())
	w.must(err)
	_, err = w.store.GiveRole(w.Context(), ann, q.ID, w.clock())
	w.must(err)
}

// guest asks the control room as somebody; without cookie and token as nobody.
type guest struct {
	*world
	name, cookie, token string
	grants              []people.Grant
}

// nobody is somebody who does not say who they are.
func (w *world) nobody() *guest { return &guest{world: w} }

// admin is ann, who administers the house, freshly logged in.
func (w *world) admin() *guest {
	w.Helper()
	text, v := w.visitor("ann")
	return &guest{world: w, name: "ann", cookie: text, grants: v.Actor().Grants}
}

// as is somebody with one role, logged in; an empty site is all of them. The tenant of a
// tenant's role is acme.
func (w *world) as(role people.Role, site string) *guest {
	w.Helper()
	g := people.Grant{Role: role, Site: site}
	if role.OfTenant() {
		g.Tenant = "acme"
	}
	return w.holding(strings.TrimSuffix(string(role)+"."+site, "."), g)
}

// holding is somebody with one grant, logged in.
func (w *world) holding(name string, g people.Grant) *guest {
	w.Helper()
	mapped := []people.Grant{g}
	if g.Role == people.Admin { // no group makes one
		mapped = nil
	}
	if w.known[name] == nil {
		w.known[name] = &guest{world: w, name: name, grants: []people.Grant{g}}
		if g.Role == people.Admin {
			w.add(name)
			w.give(name, g)
		} else {
			_, err := w.store.Add(w.Context(), w.administrator("ann"), store.Person{Name: name, Mail: name + "@example.org"}, w.clock())
			w.must(err)
		}
	}
	x := *w.known[name]
	x.cookie, _ = w.visitor(name, mapped...)
	return &x
}

// byToken is the same person by an API token with all of their roles.
func (g *guest) byToken(until time.Duration) *guest {
	g.Helper()
	v, err := g.store.Session(g.Context(), people.Hide(g.cookie), g.clock())
	g.must(err)
	text, _, err := g.store.Issue(g.Context(), v, store.Token{Label: "test", Scope: g.grants, Until: g.clock().Add(until)}, g.clock())
	g.must(err)
	x := *g
	x.cookie, x.token = "", text.Reveal()
	return &x
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// problem is the problem that came back.
func (a reply) problem() (p Problem) {
	_ = json.Unmarshal([]byte(a.body), &p) // one without a code: it was none
	return p
}

// read reads what came back.
func (a reply) read(tb testing.TB, into any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		tb.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

// do asks. A body that is no text is sent as JSON. Each deed has a key of its own, where
// header, a name and a value in turn, says nothing else.
func (g *guest) do(method, path string, body any, header ...string) reply {
	g.Helper()
	return g.send(g.request(method, path, body, header...))
}

func (g *guest) request(method, path string, body any, header ...string) *http.Request {
	g.Helper()
	var sent io.Reader
	switch x := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(x)
	default:
		text, err := json.Marshal(x)
		g.must(err)
		sent = bytes.NewReader(text)
	}
	req := httptest.NewRequestWithContext(g.Context(), method, path, sent)
	if sent != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if g.cookie != "" {
		req.AddCookie(&http.Cookie{Name: g.room.cookie(), Value: g.cookie})
	}
	if g.token != "" {
		req.Header.Set("Authorization", "Bearer "+g.token)
	}
	if method != http.MethodGet {
		req.Header.Set(idempotencyKey, g.key())
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

// key is a fresh one.
func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deeds++
	return "test-deed-" + itoa(w.deeds)
}

// send asks; a stream ends with its first event.
func (g *guest) send(req *http.Request) reply {
	ctx, end := context.WithCancel(req.Context())
	defer end()
	rec := &brief{ResponseRecorder: httptest.NewRecorder(), end: end}
	g.shell.ServeHTTP(rec, req.WithContext(ctx))
	return reply{rec.Code, rec.Header(), rec.Body.String()}
}

// brief goes away after the first event.
type brief struct {
	*httptest.ResponseRecorder
	end context.CancelFunc
}

// Write implements http.ResponseWriter.
func (b *brief) Write(p []byte) (int, error) {
	if strings.HasPrefix(b.Header().Get("Content-Type"), "text/event-stream") {
		b.end()
	}
	return b.ResponseRecorder.Write(p)
}

// ok asks and wants a status.
func (g *guest) ok(status int, method, path string, body any) reply {
	g.Helper()
	a := g.do(method, path, body)
	if a.status != status {
		g.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}
