package people

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/people"
	"sluice/store/file"
)

// TestLogin: who has everything gets in, and nobody learns what was wrong.
func TestLogin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("ann")
	wrong := people.Hide("another horse battery")
	right := h.code("ann")
	for sentence, c := range map[string]Attempt{
		"a wrong password":         {Name: "ann", Password: wrong, Code: right},
		"no code":                  {Name: "ann", Password: people.Hide(password)},
		"a wrong code":             {Name: "ann", Password: people.Hide(password), Code: people.Hide("000000")},
		"a code that was used":     {Name: "ann", Password: people.Hide(password), Code: people.Hide(people.CodeAt(h.apps["ann"], people.Step(noon)))},
		"somebody who is not":      {Name: "nobody", Password: people.Hide(password)},
		"no name":                  {Password: people.Hide(password)},
		"a name with a percent":    {Name: "a%", Password: people.Hide(password), Code: right},
		"no password":              {Name: "ann", Code: right},
		"a password of a megabyte": {Name: "ann", Password: people.Hide(strings.Repeat("x", 1<<20)), Code: right},
	} {
		c.Address = sentence
		_, v, err := h.Login(t.Context(), c, h.now)
		if !errors.Is(err, ErrLogin) || v.Actor().Person != "" {
			t.Errorf("%s: %v", sentence, err)
		}
		h.later(time.Hour)
		right = h.code("ann")
	}
	_, v, err := h.Login(t.Context(), Attempt{Name: " ANN ", Password: people.Hide(password), Code: right}, h.now)
	if err != nil || v.Actor().Person != "ann" || v.Must() != "" || len(v.Actor().Grants) != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	if e := h.last(); e.Verb != didLogin || e.How != "password and code" {
		t.Errorf("%+v", e)
	}
	if _, _, err := h.Login(t.Context(), Attempt{Name: "ann", Password: people.Hide(password), Code: right}, h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("a code works twice: %v", err)
	}
	refused := 0
	for _, e := range h.log() {
		if e.Verb == didFail {
			refused++
		}
		if e.Who == "nobody" {
			t.Error("what nobody typed is in the log")
		}
	}
	if refused == 0 {
		t.Error("no refused login is in the log")
	}
}

// TestGuessing is slowed down, also where many guess at once.
func TestGuessing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answers := make(chan error)
	for range 30 {
		go func() {
			_, _, err := h.Login(t.Context(), Attempt{Name: "ann", Password: people.Hide("guess guess guess"), Address: "10.9.9.9"}, h.now)
			answers <- err
		}()
	}
	tried, waits := 0, 0
	for range 30 {
		err := <-answers
		if _, soon := errors.AsType[TooSoon](err); soon {
			waits++
		} else if errors.Is(err, ErrLogin) {
			tried++
		} else {
			t.Error(err)
		}
	}
	if tried > 5 || waits < 25 {
		t.Errorf("%d guesses of 30 were tried", tried)
	}
	h.later(time.Minute)
	h.login("ann")
	for range 3 {
		h.login("ann")
	}
	if network("2001:db8::1") != network("2001:db8::2:0:0:1") || network("2001:db8::1") == network("2001:db8:1::1") || network("::ffff:10.0.0.1") != "10.0.0.1" {
		t.Error("networks of guessers")
	}
}

// TestRecoveryCodesWorkOnce instead of the app, beside the password.
func TestRecoveryCodesWorkOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	_, bob := h.login("bob")
	codes := h.enrolApp(bob)
	use := func(c people.Secret, p string) error {
		h.later(time.Hour)
		_, _, err := h.Login(ctx, Attempt{Name: "bob", Password: people.Hide(p), Code: c}, h.now)
		return err
	}
	if err := use(codes[0], "another horse battery"); !errors.Is(err, ErrLogin) {
		t.Errorf("a code alone: %v", err)
	}
	h.must(use(codes[0], password), use(people.Hide(strings.ToUpper(codes[1].Reveal())), password))
	if err := use(codes[0], password); !errors.Is(err, ErrLogin) {
		t.Errorf("it works twice: %v", err)
	}
	_, bob = h.login("bob")
	if x, err := h.Me(ctx, bob, h.now); err != nil || x.Recovery != people.RecoveryCount-2 {
		t.Errorf("%d are left, %v", x.Recovery, err)
	}
	fresh, err := h.Recovery(ctx, bob, h.now)
	h.must(err)
	if err := use(codes[5], password); !errors.Is(err, ErrLogin) {
		t.Errorf("one of before works: %v", err)
	}
	h.must(use(fresh[5], password))
	_, bob = h.login("bob")
	h.later(people.StepUp)
	if _, err := h.Recovery(ctx, bob, h.now); people.CodeOf(err) != people.NotProven {
		t.Errorf("new ones for who left the room: %v", err)
	}
	if _, err := h.AskCode(ctx, bob, h.now); people.CodeOf(err) != people.NotProven {
		t.Errorf("a new app for who left the room: %v", err)
	}
}

// TestSessionsEnd by doing nothing, by time, at logout, at a new login, at a change of
// password or role, and when somebody ends them.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("vic", people.Grant{Role: people.Viewer})
	h.hire("oli", people.Grant{Role: people.Operator, Site: "houston"})
	alive := func(text people.Secret) bool {
		_, err := h.Session(ctx, text, h.now)
		if err != nil && !errors.Is(err, ErrSession) {
			t.Error(err)
		}
		return err == nil
	}
	idle, _ := h.login("oli")
	wall, _ := h.login("vic")
	for range 20 {
		h.later(29 * time.Minute)
		if !alive(idle) {
			t.Fatal("who works is logged out")
		}
	}
	h.later(people.IdleActuating)
	if alive(idle) {
		t.Error("who does nothing for half an hour stays")
	}
	if !alive(wall) {
		t.Error("who only looks is logged out")
	}
	h.later(people.SessionMost)
	if alive(wall) {
		t.Error("a session has no end")
	}
	for sentence, end := range map[string]func(text people.Secret, v Visitor){
		"logout":  func(_ people.Secret, v Visitor) { h.must(h.Logout(h.Context(), v, h.now)) },
		"replace": func(text people.Secret, _ Visitor) { h.replace("oli", text) },
		"password": func(_ people.Secret, v Visitor) {
			h.must(h.ChangePassword(h.Context(), v, people.Hide(password), people.Hide(password+"!"), h.now))
			h.must(h.repassword("oli"))
		},
		"a role": func(people.Secret, Visitor) {
			h.give(h.enter("ann"), h.enter("bob"), "oli", people.Grant{Role: people.Trader})
		},
		"less": func(text people.Secret, _ Visitor) {
			h.must(h.TakeRole(h.Context(), h.enter("ann"), Change{"oli", people.Grant{Role: people.Operator, Site: "houston"}, "off shift"}, h.now))
			if alive(text) {
				t.Error("who has less goes on")
			}
			h.give(h.enter("ann"), h.enter("bob"), "oli", people.Grant{Role: people.Operator, Site: "houston"})
		},
		"ended": func(_ people.Secret, v Visitor) {
			h.must(h.EndSession(h.Context(), h.enter("ann"), v.SessionID(), h.now))
		},
	} {
		text, v := h.login("oli")
		if !alive(text) {
			t.Fatalf("%s: it is over before", sentence)
		}
		end(text, v)
		if alive(text) {
			t.Errorf("%s does not end a session", sentence)
		}
		if err := h.Record(ctx, v, people.Entry{Verb: "stop"}, h.now); !errors.Is(err, ErrSession) {
			t.Errorf("%s: a visitor of before goes on: %v", sentence, err)
		}
	}
	text, _ := h.login("oli")
	_, ann := h.login("ann")
	if err := h.EndSession(ctx, h.enter("oli"), ann.SessionID(), h.now); !errors.Is(err, ErrUnknown) {
		t.Errorf("an operator ends the session of an administrator: %v", err)
	}
	if h.later(-25 * time.Hour); alive(text) {
		t.Error("a session lives before it was made")
	}
	if err := h.Record(ctx, Visitor{}, people.Entry{Verb: "stop"}, h.now); !errors.Is(err, ErrVisitor) {
		t.Errorf("nobody is recorded: %v", err)
	}
	if err := h.Record(ctx, nobody(), people.Entry{Verb: "stop"}, h.now); !errors.Is(err, ErrSession) {
		t.Errorf("a made-up visitor is recorded: %v", err)
	}
}

// replace logs in with a session that the browser has.
func (h *house) replace(name string, old people.Secret) {
	h.Helper()
	_, _, err := h.Login(h.Context(), Attempt{Name: name, Password: people.Hide(password), Code: h.code(name), Old: old}, h.now)
	h.must(err)
}

// repassword sets the usual password again, behind the store's back.
func (h *house) repassword(name string) error {
	kept, err := h.hash(h.Context(), people.Hide(password))
	return errors.Join(err, h.write(h.Context(), func(ctx context.Context, p pen) error {
		_, err := p.Exec(ctx, "UPDATE person SET password = ? WHERE name = ?", kept, name)
		return err
	}))
}

// TestStepUp: what needs it is done within five minutes of it.
func TestStepUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	eng := h.hire("eng", people.Grant{Role: people.Engineer})
	h.later(people.StepUp)
	_, err := h.Ask(ctx, eng, raise(), h.now)
	h.want("long after the login", err, people.NotProven)
	if _, err := h.Prove(ctx, eng, people.Hide(password), people.Secret{}, h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("a password is enough beside an app: %v", err)
	}
	code := h.code("eng")
	proven, err := h.Prove(ctx, eng, people.Secret{}, code, h.now)
	h.must(err)
	if !proven.Actor().Proven.Equal(h.now) {
		t.Errorf("%v", proven.Actor())
	}
	_, err = h.Ask(ctx, eng, raise(), h.now)
	h.want("just after", err, "")
	if _, err := h.Prove(ctx, eng, people.Secret{}, code, h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("a code works twice: %v", err)
	}
	vic := h.hire("vic", people.Grant{Role: people.Viewer})
	h.later(people.StepUp)
	if _, err := h.Prove(ctx, vic, people.Hide("another horse battery"), people.Secret{}, h.now); !errors.Is(err, ErrLogin) {
		t.Error(err)
	}
	_, err = h.Prove(ctx, vic, people.Hide(password), people.Secret{}, h.now)
	h.must(err)
}

// TestNothingSecretOnDisk: no file holds a password, a session, a token, a link, a
// recovery code or the secret of an app.
func TestNothingSecretOnDisk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	text, ann := h.login("ann")
	token, _, err := h.Issue(ctx, ann, Token{Label: "grafana", Scope: []people.Grant{{Role: people.Admin}}}, h.now)
	h.must(err)
	invitation, err := h.Add(ctx, ann, Person{Name: "carol"}, h.now)
	h.must(err)
	codes, err := h.Recovery(ctx, ann, h.now)
	h.must(err)
	h.must(h.Close())
	files, err := filepath.Glob(filepath.Join(h.directory(), "*"))
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	key, err := os.ReadFile(h.keyFile)
	h.must(err)
	for _, f := range files {
		body, err := os.ReadFile(f)
		h.must(err)
		for what, s := range map[string]string{
			"password": password, "session": text.Reveal(), "token": token.Reveal()[21:], "invitation": invitation.Reveal(),
			"recovery": codes[0].Reveal(), "app": string(h.apps["ann"]),
		} {
			if bytes.Contains(body, []byte(s)) {
				t.Errorf("%s holds a %s", f, what)
			}
		}
		if !strings.HasSuffix(f, keyName) && bytes.Contains(body, key) {
			t.Errorf("%s holds the key", f)
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v %v", f, info.Mode(), err)
		}
	}
}

// TestPasswordsAreHashed by argon2id, anew when the cost has changed, and whatever stands
// in the file is no password.
func TestPasswordsAreHashed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.cost = cost{kib: 128, passes: 1, lanes: 1}
	h.login("bob")
	kept, err := file.Gather(t.Context(), h.file, file.Word, "SELECT password FROM person WHERE name = 'bob'")
	if err != nil || !strings.HasPrefix(kept[0], "$argon2id$v=19$m=128,t=1,p=1$") {
		t.Errorf("%v %v", kept, err)
	}
	h.login("bob")
	for _, bad := range []string{"", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", strings.Replace(kept[0], "m=128", "m=99999999", 1), strings.Replace(kept[0], "v=19", "v=16", 1), kept[0] + "A"} {
		right, _, err := h.check(t.Context(), people.Hide(password), bad)
		if right || err != nil {
			t.Errorf("%q: %v %v", bad, right, err)
		}
	}
	if c := usualCost(); c.kib < 47104 && c.passes < 2 {
		t.Errorf("the cost is low: %+v", c)
	}
}

// BenchmarkPassword is the check of one at the usual cost.
func BenchmarkPassword(b *testing.B) {
	s := openAt(b, b.TempDir())
	s.cost = usualCost()
	kept, err := s.hash(b.Context(), people.Hide(password))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err = s.check(b.Context(), people.Hide(password), kept); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSession is what each request of a browser costs.
func BenchmarkSession(b *testing.B) {
	h := newHouse(b)
	text, _ := h.login("ann")
	for b.Loop() {
		if _, err := h.Session(b.Context(), text, h.now); err != nil {
			b.Fatal(err)
		}
	}
}
