package people

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/people"
)

// TestTokens: who has the text of a token acts for its maker, within its scope, until it
// ends, and nobody else does.
func TestTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	at := people.Place{Site: "houston"}
	operator := people.Grant{Role: people.Operator, Site: "houston"}
	oli := h.hire("oli", operator)
	text, k, err := h.Issue(ctx, oli, Token{Label: "script", Scope: []people.Grant{operator}, Until: h.now.Add(48 * time.Hour)}, h.now)
	h.must(err)
	if !strings.HasPrefix(text.Reveal(), k.Prefix()+"_") || k.Person != "oli" {
		t.Errorf("%+v", k)
	}
	v, err := h.Token(ctx, text, h.now)
	h.must(err)
	if a := v.Actor(); a.Token != k.ID || !a.Holds(people.Stop, at) || a.Holds(people.Stop, people.Place{Site: "odessa"}) || v.SessionID() != "" {
		t.Errorf("%+v", a)
	}
	for _, bad := range []string{"", "slk_", k.Prefix() + "_", text.Reveal()[4:], text.Reveal() + " ", strings.Replace(text.Reveal(), k.ID, "0123456789abcdef", 1), k.Prefix() + "_" + strings.Repeat("A", 43)} {
		if _, err := h.Token(ctx, people.Hide(bad), h.now); !errors.Is(err, ErrToken) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := h.Session(ctx, people.Hide(text.Reveal()[len(k.Prefix())+1:]), h.now); !errors.Is(err, ErrSession) {
		t.Errorf("a token is a session: %v", err)
	}
	h.must(h.Record(ctx, v, people.Entry{Verb: "stop", Site: "houston"}, h.now))
	if e := h.last(); e.Who != "oli" || e.How != "token "+k.ID {
		t.Errorf("%+v", e)
	}
	for what, err := range map[string]error{
		"adds somebody":      second(h.Add(ctx, v, Person{Name: "eve"}, h.now)),
		"makes a token":      third(h.Issue(ctx, v, Token{Label: "x", Scope: []people.Grant{operator}}, h.now)),
		"logs out":           h.Logout(ctx, v, h.now),
		"changes a password": h.ChangePassword(ctx, v, people.Hide(password), people.Hide(password+"x"), h.now),
		"enrols an app":      second(h.AskCode(ctx, v, h.now)),
	} {
		h.want("a token "+what, err, people.NotByToken)
	}
	resume := raise()
	resume.Verb = people.Resume
	r, err := h.Ask(ctx, v, resume, h.now)
	h.must(err)
	_, err = h.Approve(ctx, h.proven(oli), r.ID, h.now)
	h.want("her own token asked", err, people.SamePerson)
	_, err = h.Approve(ctx, h.enter("ann"), r.ID, h.now)
	h.must(err)
	_, err = h.Begin(ctx, v, r.ID, h.now)
	h.must(err)
	// What the maker loses the token loses, and it comes back with the role.
	h.must(h.TakeRole(ctx, h.enter("ann"), Change{"oli", operator, "off shift"}, h.now))
	if v, err := h.Token(ctx, text, h.now); err != nil || v.Actor().Holds(people.Look, at) {
		t.Errorf("%+v %v", v.Actor(), err)
	}
	h.later(48 * time.Hour)
	if _, err := h.Token(ctx, text, h.now); !errors.Is(err, ErrToken) {
		t.Errorf("it is valid after its end: %v", err)
	}
	if err := h.Record(ctx, v, people.Entry{Verb: "stop"}, h.now); !errors.Is(err, ErrToken) {
		t.Errorf("a visitor of before goes on: %v", err)
	}
}

func second[A any](_ A, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }

// TestRevoke: at once, one's own, or by an administrator; and with the account.
func TestRevoke(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	viewer := people.Grant{Role: people.Viewer}
	h.hire("vic", viewer)
	h.hire("eve", viewer)
	issue := func(name string) (people.Secret, Token, Visitor) {
		v := h.enter(name)
		text, k, err := h.Issue(h.Context(), v, Token{Label: "x", Scope: []people.Grant{viewer}}, h.now)
		h.must(err)
		if k.Until.Sub(k.Made) != people.TokenUsual {
			t.Errorf("it lasts %v", k.Until.Sub(k.Made))
		}
		return text, k, v
	}
	one, first, vic := issue("vic")
	two, other, _ := issue("vic")
	_, _, eve := issue("eve")
	if err := h.RevokeToken(ctx, eve, first.ID, h.now); !errors.Is(err, ErrUnknown) {
		t.Errorf("eve revokes what is not hers: %v", err)
	}
	h.must(h.RevokeToken(ctx, vic, first.ID, h.now), h.RevokeToken(ctx, vic, first.ID, h.now))
	if _, err := h.Token(ctx, one, h.now); !errors.Is(err, ErrToken) {
		t.Errorf("a revoked token is valid: %v", err)
	}
	itself, err := h.Token(ctx, two, h.now)
	h.must(err)
	if err := h.RevokeToken(ctx, itself, first.ID, h.now); !errors.Is(err, ErrUnknown) {
		t.Errorf("a token revokes another: %v", err)
	}
	for _, c := range []struct {
		Visitor
		want int
	}{{vic, 2}, {h.enter("ann"), 3}} {
		if all, err := h.Tokens(ctx, c.Visitor, h.now); err != nil || len(all) != c.want {
			t.Errorf("%s sees %d, %v", c.Actor().Person, len(all), err)
		}
	}
	if all, err := h.Tokens(ctx, vic, h.now); err != nil || all[1].Used.IsZero() && all[0].Used.IsZero() || all[0].Revoked.IsZero() == all[1].Revoked.IsZero() {
		t.Errorf("%+v %v", all, err)
	}
	h.must(h.RevokeToken(ctx, h.enter("ann"), other.ID, h.now))
	three, _, _ := issue("vic")
	h.must(h.CloseAccount(ctx, h.enter("ann"), "vic", "left", h.now))
	if _, err := h.Token(ctx, three, h.now); !errors.Is(err, ErrToken) {
		t.Errorf("a token of who left is valid: %v", err)
	}
	v := h.enter("eve")
	for range mostTokens - 1 {
		_, _, err := h.Issue(ctx, v, Token{Label: "x", Scope: []people.Grant{viewer}}, h.now)
		h.must(err)
	}
	if _, _, err := h.Issue(ctx, v, Token{Label: "x", Scope: []people.Grant{viewer}}, h.now); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
}

// FuzzToken: whatever is sent as a token or a session, it is not one.
func FuzzToken(f *testing.F) {
	s := openAt(f, f.TempDir())
	f.Add("slk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := s.Token(t.Context(), people.Hide(text), noon); !errors.Is(err, ErrToken) {
			t.Error(err)
		}
		if _, err := s.Session(t.Context(), people.Hide(text), noon); !errors.Is(err, ErrSession) {
			t.Error(err)
		}
	})
}
