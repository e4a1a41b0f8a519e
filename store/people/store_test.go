package people

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/people"
	"sluice/store/file"
	"sluice/store/storetest"
)

// TestDoors: a second program is kept out, a foreign or newer file left alone, and what
// is closed answers so.
func TestDoors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := h.directory()
	if _, err := Open(t.Context(), Config{Directory: dir}); !errors.Is(err, ErrLocked) {
		t.Errorf("%v", err)
	}
	if got, err := file.One(t.Context(), h.file, file.Word, "PRAGMA secure_delete"); err != nil || got != "1" {
		t.Errorf("what is deleted stays: %q %v", got, err)
	}
	ann := h.enter("ann")
	h.must(h.Close(), h.Close())
	if _, err := h.Me(t.Context(), ann, h.now); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := h.Note(t.Context(), people.Entry{Verb: "x", At: noon}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	h.must(edit(t.Context(), dir, "PRAGMA user_version = 99"))
	if _, err := Open(t.Context(), Config{Directory: dir}); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	theirs := t.TempDir()
	h.must(edit(t.Context(), theirs, "CREATE TABLE theirs (x)"))
	if _, err := Open(t.Context(), Config{Directory: theirs}); !errors.Is(err, ErrForeign) {
		t.Errorf("%v", err)
	}
	if _, err := Open(t.Context(), Config{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// TestMigration: an older database is brought to today's, and its copy stays beside it.
func TestMigration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := h.directory()
	before := h.log()
	steps, err := file.Texts(migrations, "migrations/*.sql")
	h.must(err, h.Close())
	// The step after the last one of today.
	h.must(storetest.Climb(t.Context(), layout(dir).Database(), append(steps, "CREATE TABLE later (x INTEGER) STRICT;")...))
	if _, err := Open(t.Context(), Config{Directory: dir}); !errors.Is(err, ErrNewer) {
		t.Errorf("%v", err)
	}
	copied, err := filepath.Glob(h.file.Path() + ".before-*")
	if err != nil || len(copied) != 1 {
		t.Fatal(copied, err)
	}
	back := t.TempDir()
	for from, to := range map[string]string{copied[0]: fileName, h.keyFile: keyName} {
		b, err := os.ReadFile(from)
		h.must(err, os.WriteFile(filepath.Join(back, to), b, 0o600))
	}
	h.Store = openAt(t, back)
	if after := h.log(); len(after) != len(before) {
		t.Errorf("%d entries, not %d", len(after), len(before))
	}
	h.enter("ann")
	_, err = h.Verify(t.Context())
	h.must(err)
}

// TestKeys: the key file belongs to the database, and to nobody else.
func TestKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir, name := h.directory(), h.keyFile
	h.must(h.Close())
	own, err := os.ReadFile(name)
	h.must(err)
	open := func(change func()) error {
		change()
		s, err := Open(t.Context(), Config{Directory: dir})
		if err == nil {
			h.must(s.Close())
		}
		h.must(os.WriteFile(name, own, 0o600), os.Chmod(name, 0o600))
		return err
	}
	if err := open(func() {}); err != nil {
		t.Error(err)
	}
	for sentence, change := range map[string]func(){
		"missing": func() { h.must(os.Remove(name)) },
		"empty":   func() { h.must(os.WriteFile(name, nil, 0o600)) },
		"cut":     func() { h.must(os.WriteFile(name, own[:len(own)-9], 0o600)) },
		"another": func() {
			h.must(os.WriteFile(name, []byte(keyMark+strings.Repeat("A", 43)+"=\n"), 0o600))
		},
	} {
		if err := open(change); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := open(func() { h.must(os.Chmod(name, 0o644)) }); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("others may read it: %v", err)
	}
	elsewhere := filepath.Join(t.TempDir(), "k")
	s, err := Open(t.Context(), Config{Directory: t.TempDir(), KeyFile: elsewhere})
	h.must(err, s.Close())
	if b, err := os.ReadFile(elsewhere); err != nil || bytes.Equal(b, own) {
		t.Errorf("%v", err)
	}
	sealed, err := h.key.seal("ann", []byte("secret"))
	h.must(err)
	if _, err := h.key.open("bob", sealed); !errors.Is(err, ErrKey) {
		t.Errorf("the code of ann opens for bob: %v", err)
	}
}

// TestNothingIsRewritten: even a statement of our own cannot change what was added, widen
// a token, or begin anew what is over.
func TestNothingIsRewritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := h.directory()
	eng := h.hire("eng", people.Grant{Role: people.Engineer})
	r, err := h.Ask(t.Context(), eng, raise(), h.now)
	h.must(err)
	_, err = h.Decline(t.Context(), eng, r.ID, "no", h.now)
	h.must(err)
	_, k, err := h.Issue(t.Context(), eng, Token{Label: "x", Scope: []people.Grant{{Role: people.Viewer}}}, h.now)
	h.must(err, h.RevokeToken(t.Context(), eng, k.ID, h.now), h.Close())
	for _, statement := range []string{
		"UPDATE audit SET who = 'bob'", "DELETE FROM audit", "UPDATE house SET installation = ''", "DELETE FROM house", "DELETE FROM person",
		"UPDATE person SET name = 'x' WHERE name = 'eng'", "UPDATE person SET folded = 'x' WHERE name = 'eng'",
		"UPDATE token SET scope = '[]'", "UPDATE token SET until_us = until_us + 1", "UPDATE token SET revoked_us = NULL",
		"UPDATE request SET draft = '{}'", "UPDATE request SET person = 'bob'", "UPDATE request SET state = 'approved'", "DELETE FROM request",
	} {
		if err := edit(t.Context(), dir, statement); err == nil {
			t.Errorf("%s passed", statement)
		}
	}
}

// TestBadInput: what cannot be kept is refused with what is wrong, and nothing of it is
// kept.
func TestBadInput(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann := t.Context(), h.enter("ann")
	before := len(h.log())
	long := strings.Repeat("x", 20_000)
	for what, err := range map[string]error{
		"a name with a bell":      second(h.Add(ctx, ann, Person{Name: "a\a"}, h.now)),
		"a long label":            second(h.Add(ctx, ann, Person{Name: "zoe", Label: long}, h.now)),
		"half a letter":           second(h.Add(ctx, ann, Person{Name: "zoe", Label: "\xff"}, h.now)),
		"a language of two lines": second(h.Add(ctx, ann, Person{Name: "zoe", Language: "en\nar"}, h.now)),
		"a clock of no time":      second(h.Add(ctx, ann, Person{Name: "zoe"}, time.Time{})),
		"a role that is not":      second(h.AskRole(ctx, ann, Change{"bob", people.Grant{Role: "root"}, "x"}, h.now)),
		"a tenant's role of none": second(h.AskRole(ctx, ann, Change{"bob", people.Grant{Role: people.TenantUser}, "x"}, h.now)),
		"no reason":               h.CloseAccount(ctx, ann, "bob", " ", h.now),
		"a long reason":           h.TakeRole(ctx, ann, Change{"bob", people.Grant{Role: people.Admin}, long}, h.now),
		"a token for nothing":     third(h.Issue(ctx, ann, Token{Label: "x"}, h.now)),
		"a token without a label": third(h.Issue(ctx, ann, Token{Scope: []people.Grant{{Role: people.Admin}}}, h.now)),
		"a token of more":         third(h.Issue(ctx, ann, Token{Label: "x", Scope: []people.Grant{{Role: people.Finance}}}, h.now)),
		"an entry of nothing":     h.Record(ctx, ann, people.Entry{}, h.now),
		"an entry with a zero":    h.Record(ctx, ann, people.Entry{Verb: "x", Reason: "\x00"}, h.now),
		"an entry of a megabyte":  h.Record(ctx, ann, people.Entry{Verb: "x", Before: strings.Repeat("x", 1<<20)}, h.now),
	} {
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"a role for nobody":  second(h.AskRole(ctx, ann, Change{"nobody", people.Grant{Role: people.Viewer}, "x"}, h.now)),
		"a role of nobody":   h.TakeRole(ctx, ann, Change{"nobody", people.Grant{Role: people.Viewer}, "x"}, h.now),
		"an account that is": h.CloseAccount(ctx, ann, "nobody", "x", h.now),
		"a session of none":  h.EndSession(ctx, ann, "zz", h.now),
		"a token of none":    h.RevokeToken(ctx, ann, "' OR 1=1 --", h.now),
		"a code of none":     second(h.ConfirmCode(ctx, ann, people.Hide("000000"), h.now)),
	} {
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if after := len(h.log()); after != before {
		t.Errorf("%d entries of what was not done: %v", after-before, h.last())
	}
}

// TestEveryDeedIsOnThePage: docs/people.md names what the store writes into the log.
func TestEveryDeedIsOnThePage(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../docs/people.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Deeds() {
		if !strings.Contains(string(b), fmt.Sprintf("`%s`", d)) {
			t.Errorf("docs/people.md does not name %s", d)
		}
	}
}
