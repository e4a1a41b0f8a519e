package people

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// TestEveryChangeIsInTheLog: who, whom and why, and the log holds.
func TestEveryChangeIsInTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("oli", people.Grant{Role: people.Operator})
	h.must(h.CloseAccount(ctx, h.enter("bob"), "oli", "left", h.now))
	var got []string
	for _, e := range h.log() {
		if !strings.HasPrefix(e.Verb, "login") {
			got = append(got, e.Who+" "+e.Verb+" "+strings.SplitN(e.Subject, " ", 2)[0])
		}
	}
	want := []string{
		" first_link ", "ann first_admin ann", "ann code_set ann", "ann person_added bob", "bob password_set bob", "ann role_given bob", "bob code_set bob",
		"ann person_added oli", "oli password_set oli", "ann asked request", "bob approved request", "ann role_given request", "ann begun request", "oli code_set oli", "bob account_closed oli",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
	other := people.Head{Count: 3, Hash: people.First("other")}
	if _, err := h.Verify(ctx, other); !errors.Is(err, people.ErrChanged) || !strings.Contains(err.Error(), "entry 3") {
		t.Errorf("another history passes: %v", err)
	}
	head, err := h.Verify(ctx)
	if now, err2 := h.Head(ctx); err != nil || err2 != nil || head != now || head.Count != int64(len(h.log())) {
		t.Errorf("%v %v %v %v", head, now, err, err2)
	}
}

// TestEachCallWritesItsEntry: whatever changes a right or what shows who somebody is.
func TestEachCallWritesItsEntry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("eng", people.Grant{Role: people.Engineer})
	h.hire("oli", people.Grant{Role: people.Operator})
	ann, eng := h.enter("ann"), h.enter("eng")
	var k Token
	_, other := h.login("oli")
	for _, c := range []struct {
		did string
		do  func() error
	}{
		{didDescribe, func() error { return h.Describe(h.Context(), ann, Person{Name: "oli", Label: "Oli"}, h.now) }},
		{didToken, func() (err error) {
			_, k, err = h.Issue(h.Context(), eng, Token{Label: "x", Scope: []people.Grant{{Role: people.Engineer}}}, h.now)
			return err
		}},
		{didRevoke, func() error { return h.RevokeToken(h.Context(), ann, k.ID, h.now) }},
		{didRecovery, func() error { return second(h.Recovery(h.Context(), ann, h.now)) }},
		{didEnd, func() error { return h.EndSession(h.Context(), ann, other.SessionID(), h.now) }},
		{didAsk, func() error { return second(h.Ask(h.Context(), eng, raise(), h.now)) }},
		{didTake, func() error {
			return h.TakeRole(h.Context(), ann, Change{"oli", people.Grant{Role: people.Operator}, "x"}, h.now)
		}},
		{didClose, func() error { return h.CloseAccount(h.Context(), ann, "oli", "x", h.now) }},
		{didPassword, func() error {
			return h.ChangePassword(h.Context(), eng, people.Hide(password), people.Hide("battery horse correct"), h.now)
		}},
		{didLogout, func() error { return h.Logout(h.Context(), ann, h.now) }},
	} {
		before := len(h.log())
		h.must(c.do())
		if all := h.log(); len(all) != before+1 || all[before].Verb != c.did {
			t.Errorf("%s: %d entries, the last is %+v", c.did, len(all)-before, h.last())
		}
	}
	_, err := h.Verify(ctx)
	h.must(err)
}

// TestWhatWasNotDoneIsNotInTheLog: an entry goes with what it tells of, and the next one
// follows on the last that stands.
func TestWhatWasNotDoneIsNotInTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before := len(h.log())
	failed := errors.New("failed")
	err := h.write(t.Context(), func(ctx context.Context, p pen) error {
		return errors.Join(h.audit(ctx, p, people.Entry{Verb: "stop", At: noon}), failed)
	})
	if !errors.Is(err, failed) || len(h.log()) != before {
		t.Errorf("%v, %d entries more", err, len(h.log())-before)
	}
	h.must(h.Note(t.Context(), people.Entry{Verb: "stop", At: noon}))
	if head, err := h.Verify(t.Context()); err != nil || head.Count != int64(before)+1 {
		t.Errorf("%v %v", head, err)
	}
}

// TestVerifyFindsTheBreak: whatever is changed in the file, the first entry that is not
// as it was written is named; of what was cut off, a head that was kept tells.
func TestVerifyFindsTheBreak(t *testing.T) {
	t.Parallel()
	for statement, says := range map[string]string{
		"UPDATE audit SET who = 'bob' WHERE seq = 3":                                      "entry 3:",
		"UPDATE audit SET at_us = at_us + 1 WHERE seq = 4":                                "entry 4:",
		"UPDATE audit SET after = after || ' ' WHERE seq = 2":                             "entry 2:",
		"UPDATE audit SET hash = zeroblob(32) WHERE seq = 5":                              "entry 5:",
		"DELETE FROM audit WHERE seq = 3":                                                 "entry 4 follows on 2",
		"DELETE FROM audit WHERE seq = 1":                                                 "entry 2 follows on 0",
		"UPDATE audit SET second = 'eve' WHERE seq = (SELECT max(seq) FROM audit)":        ":",
		"UPDATE house SET installation = '00'":                                            "entry 1:",
		"DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)":                      "it ends with entry",
		"UPDATE audit SET seq = -3 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4": "entry 3:",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			kept, err := h.Head(t.Context())
			h.must(err, h.Close())
			dir := h.directory()
			h.must(edit(t.Context(), dir, "DROP TRIGGER audit_stays", "DROP TRIGGER audit_keeps", "DROP TRIGGER house_stays", statement))
			h.Store = openAt(t, dir)
			_, err = h.Verify(t.Context(), kept)
			if !errors.Is(err, people.ErrChanged) || !strings.Contains(err.Error(), says) {
				t.Errorf("%v, want %s", err, says)
			}
			ann := h.enter("ann")
			_, err = h.Export(t.Context(), ann, &bytes.Buffer{}, 0, h.now)
			if cut := strings.HasPrefix(says, "it ends"); !cut && !errors.Is(err, people.ErrChanged) {
				t.Errorf("it is exported: %v", err)
			}
		})
	}
}

// TestExportOfTheLog is what anybody can check, whole and in parts, and only who may
// reads it.
func TestExportOfTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	aud := h.hire("aud", people.Grant{Role: people.Auditor})
	var all, part bytes.Buffer
	end, err := h.Export(ctx, aud, &all, 0, h.now)
	h.must(err)
	who, got, err := people.CheckExport(&all)
	if err != nil || got != end || who != h.Installation() || end.Count < 10 {
		t.Errorf("%s %v %v %v", who, got, end, err)
	}
	h.must(h.Record(ctx, aud, people.Entry{Verb: "look", Reason: "daily"}, h.now))
	last, err := h.Export(ctx, aud, &part, end.Count, h.now)
	h.must(err)
	if _, got, err := people.CheckExport(&part); err != nil || got != last || last.Count != end.Count+1 {
		t.Errorf("%v %v %v", got, last, err)
	}
	if _, err := h.Export(ctx, aud, &part, 1<<40, h.now); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	vic := h.hire("vic", people.Grant{Role: people.Viewer})
	_, err = h.Export(ctx, vic, &part, 0, h.now)
	h.want("a viewer exports", err, people.NoRight)
	_, err = h.Entries(ctx, vic, Filter{}, h.now)
	h.want("a viewer reads", err, people.NoRight)
	_, err = h.Requests(ctx, vic, h.now)
	h.must(err)
	page, err := h.Entries(ctx, aud, Filter{Who: "ann", Limit: 2}, h.now)
	if err != nil || len(page) != 2 || page[0].Who != "ann" {
		t.Errorf("%v %v", page, err)
	}
	next, err := h.Entries(ctx, aud, Filter{Who: "ann", Limit: 2, After: page[1].Sequence}, h.now)
	if err != nil || len(next) != 2 || next[0].Sequence <= page[1].Sequence {
		t.Errorf("%v %v", next, err)
	}
	newest, err := h.Entries(ctx, aud, Filter{Newest: true, Limit: 3, Verb: didLogin, From: noon, Until: h.now.Add(time.Hour)}, h.now)
	if err != nil || len(newest) != 3 || newest[0].Sequence < newest[1].Sequence || newest[0].Verb != didLogin {
		t.Errorf("%v %v", newest, err)
	}
}

// filled is a store with n entries of about 400 bytes, written in large batches.
func filled(tb testing.TB, n int) *Store {
	tb.Helper()
	s := openAt(tb, tb.TempDir())
	e := people.Entry{
		Who: "ann.miller", How: "session 0123456789ab", And: "bob.jones", Verb: "raise", Site: "houston", Subject: "request 0123456789abcdef, raise: limit of feeder 3",
		Reason: "the line is repaired", Before: strings.Repeat("b", 120), After: strings.Repeat("a", 120), Effects: `{"power_w":5000000}`,
	}
	for n > 0 {
		err := s.write(tb.Context(), func(ctx context.Context, p pen) error {
			for range min(n, 20_000) {
				e.At = noon.Add(time.Duration(n) * time.Millisecond)
				if err := s.audit(ctx, p, e); err != nil {
					return err
				}
				n--
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// BenchmarkVerify is the check of a million entries.
func BenchmarkVerify(b *testing.B) {
	const entries = 1_000_000
	s := filled(b, entries)
	for b.Loop() {
		if head, err := s.Verify(b.Context()); err != nil || head.Count != entries {
			b.Fatal(head, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Seconds())/float64(b.N), "s/million")
}

// BenchmarkRecord is one entry, on stable storage.
func BenchmarkRecord(b *testing.B) {
	s := openAt(b, b.TempDir())
	for b.Loop() {
		if err := s.Note(b.Context(), people.Entry{Verb: "stop", Site: "houston", At: noon}); err != nil {
			b.Fatal(err)
		}
	}
}
