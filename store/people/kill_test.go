package people

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/internal/victim"
	"sluice/people"
)

// TestMain lets a test start this program again as its own victim.
func TestMain(m *testing.M) {
	victim.Obey(addPeople)
	os.Exit(m.Run())
}

// addPeople adds people, and tells of each that was acknowledged, until it is killed.
func addPeople(ctx context.Context, order string, out io.Writer) error {
	dir, session, _ := strings.Cut(order, "|")
	s, err := Open(ctx, Config{Directory: dir})
	if err != nil {
		return err
	}
	v, err := s.Session(ctx, people.Hide(session), noon)
	if err != nil {
		return err
	}
	for {
		b := make([]byte, 8)
		s.random(b)
		name := fmt.Sprintf("p%x", b)
		if _, err := s.Add(ctx, v, Person{Name: name}, noon); err != nil {
			return err
		}
		_, k, err := s.Issue(ctx, v, Token{Label: name, Scope: []people.Grant{{Role: people.Admin}}}, noon)
		if err == nil {
			err = s.RevokeToken(ctx, v, k.ID, noon)
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, name); err != nil {
			return err
		}
	}
}

// TestKilled: a program that changes rights is killed again and again. All that was
// acknowledged is there with its entry, nothing is there without one, and the log holds.
func TestKilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("ann")
	h.now = noon.Add(-time.Minute)
	text, v, err := h.Login(t.Context(), Attempt{Name: "ann", Password: people.Hide(password), Code: h.recovery("ann")}, noon)
	h.must(err)
	dir := h.directory()
	dice := rand.New(rand.NewPCG(3, 5))
	told := map[string]bool{}
	for range 8 {
		h.must(h.Close())
		for _, name := range victim.Killed(t, dir+"|"+text.Reveal(), time.Duration(dice.IntN(60_000))*time.Microsecond) {
			told[name] = true
		}
		h.Store = openAt(t, dir)
		h.holds(v, told)
	}
	t.Logf("8 kills, %d people acknowledged", len(told))
	if len(told) < 8 {
		t.Error("next to nothing was done")
	}
}

// recovery is a fresh recovery code.
func (h *house) recovery(name string) people.Secret {
	h.Helper()
	var codes []people.Secret
	h.must(h.write(h.Context(), func(ctx context.Context, p pen) (err error) {
		codes, err = h.recover(ctx, p, name)
		return err
	}))
	return codes[0]
}

// holds compares people and tokens with the log.
func (h *house) holds(v Visitor, told map[string]bool) {
	h.Helper()
	ctx := h.Context()
	_, err := h.Verify(ctx)
	h.must(err)
	entered, tokens, revoked := map[string]bool{}, 0, 0
	for _, e := range h.log() {
		switch e.Verb {
		case didAdd:
			entered[e.Subject] = true
		case didToken:
			tokens++
		case didRevoke:
			revoked++
		}
	}
	all, err := h.People(ctx, v, noon)
	h.must(err)
	there := map[string]bool{}
	for _, x := range all {
		there[x.Name] = true
		if !entered[x.Name] && x.Name != "ann" {
			h.Errorf("%s is there without an entry", x.Name)
		}
	}
	for name := range told {
		if !there[name] || !entered[name] {
			h.Errorf("%s was acknowledged and is gone", name)
		}
	}
	if len(there) != len(entered)+1 {
		h.Errorf("%d people, %d entries", len(there), len(entered))
	}
	kept, err := h.Tokens(ctx, v, noon)
	h.must(err)
	ended := 0
	for _, k := range kept {
		if !k.Revoked.IsZero() {
			ended++
		}
	}
	if len(kept) != tokens || ended != revoked {
		h.Errorf("%d tokens with %d entries, %d revoked with %d", len(kept), tokens, ended, revoked)
	}
}

// TestTwoProgramsAtOnce: while another process holds the directory nobody else writes,
// and when it dies the directory is free.
func TestTwoProgramsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	text, _ := h.login("ann")
	dir := h.directory()
	if out, err := victim.Command(t, dir+"|"+text.Reveal()).CombinedOutput(); err == nil || !strings.Contains(string(out), ErrLocked.Error()) {
		t.Errorf("a second process opened it: %s", out)
	}
	h.must(h.Close())
	victim.Killed(t, dir+"|"+h.freshSession(dir), 0)
	s := openAt(t, dir)
	if _, err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// freshSession is one at noon, which is when a victim lives.
func (h *house) freshSession(dir string) string {
	h.Helper()
	h.Store = openAt(h, dir)
	text, _, err := h.Login(h.Context(), Attempt{Name: "ann", Password: people.Hide(password), Code: h.recovery("ann")}, noon)
	h.must(err, h.Close())
	return text.Reveal()
}
