package people

import (
	"errors"
	"testing"
	"time"

	"sluice/people"
)

// claimOf is what an issuer says of somebody.
func claimOf(subject, mail string) Claim {
	return Claim{Provider: "corp", Issuer: "https://login.example", Subject: subject, Mail: mail, Address: "10.0.0.1", Agent: "test"}
}

// TestWhoAnIssuerKnows: an account by its address, once, and by the subject from then on.
func TestWhoAnIssuerKnows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann := t.Context(), h.enter("ann")
	h.must(second(h.Add(ctx, ann, Person{Name: "carol", Mail: "Carol@example.org"}, h.now)))
	h.must(second(h.Add(ctx, ann, Person{Name: "dora"}, h.now)))
	nobody := []Claim{claimOf("1", ""), claimOf("1", "eve@example.org"), claimOf("1", "carol+x@example.org")}
	for _, c := range nobody {
		if _, v, err := h.LoginBy(ctx, c, h.now); !errors.Is(err, ErrLogin) || v.Actor().Person != "" {
			t.Errorf("%+v: %v %v", c, v, err)
		}
	}
	text, v, err := h.LoginBy(ctx, claimOf("1", "carol@example.org"), h.now)
	h.must(err)
	if v.Actor().Person != "carol" || len(v.Actor().Grants) != 0 || v.Actor().Proven.After(noon.Add(-time.Hour)) {
		t.Errorf("%+v", v.Actor())
	}
	if again, err := h.Session(ctx, text, h.now); err != nil || again.Actor().Person != "carol" {
		t.Error(again, err)
	}
	if e := h.last(); e.Verb != didLogin || e.How != "oidc corp" {
		t.Errorf("%+v", e)
	}
	if _, v, err := h.LoginBy(ctx, claimOf("1", "new@example.org"), h.now); err != nil || v.Actor().Person != "carol" {
		t.Errorf("known by the subject: %v %v", v, err)
	}
	if _, _, err := h.LoginBy(ctx, claimOf("2", "carol@example.org"), h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("another subject takes the account over: %v", err)
	}
	h.must(h.CloseAccount(ctx, ann, "carol", "she left", h.now))
	if _, _, err := h.LoginBy(ctx, claimOf("1", "carol@example.org"), h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("a closed account: %v", err)
	}
	h.must(second(h.Add(ctx, ann, Person{Name: "carol2", Mail: "carol@example.org"}, h.now)))
	if _, v, err := h.LoginBy(ctx, claimOf("1", "carol@example.org"), h.now); err != nil || v.Actor().Person != "carol2" {
		t.Errorf("she came back: %v %v", v, err)
	}
	h.must(second(h.Verify(ctx)))
}

// TestRolesByGroups come and go with the groups; those that people gave stay, and nobody
// becomes an administrator by a group.
func TestRolesByGroups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	by := people.Grant{Role: people.Viewer, Site: "a"}
	h.hire("carol", by)
	h.must(h.Describe(ctx, h.enter("ann"), Person{Name: "carol", Mail: "carol@example.org"}, h.now))
	c := claimOf("1", "carol@example.org")
	c.Mapped, c.Proven = true, true
	c.Grants = []people.Grant{{Role: people.Operator, Site: "b"}, by}
	old, _, err := h.LoginBy(ctx, c, h.now)
	h.must(err)
	_, v, err := h.LoginBy(ctx, c, h.now)
	h.must(err)
	if v.Must() != EnrolCode {
		t.Errorf("an operator without an app: %+v", v)
	}
	h.enrolApp(v)
	_, v, err = h.LoginBy(ctx, c, h.now)
	h.must(err)
	if a := v.Actor(); !a.Holds(people.Lower, people.Place{Site: "b"}) || !a.Proven.Equal(h.now) {
		t.Errorf("%+v", a)
	}
	c.Grants = nil
	_, v, err = h.LoginBy(ctx, c, h.now)
	h.must(err)
	if a := v.Actor(); len(a.Grants) != 1 || a.Grants[0] != by {
		t.Errorf("without the group: %+v", a)
	}
	if _, err := h.Session(ctx, old, h.now); !errors.Is(err, ErrSession) {
		t.Errorf("a session with the roles of before: %v", err)
	}
	for sentence, bad := range map[string]func(*Claim){
		"an administrator":  func(c *Claim) { c.Grants = []people.Grant{{Role: people.Admin}} },
		"no such role":      func(c *Claim) { c.Grants = []people.Grant{{Role: "king"}} },
		"without groups":    func(c *Claim) { c.Mapped, c.Grants = false, []people.Grant{by} },
		"without a subject": func(c *Claim) { c.Subject = "" },
	} {
		wrong := c
		bad(&wrong)
		if _, _, err := h.LoginBy(ctx, wrong, h.now); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	h.must(second(h.Verify(ctx)))
}

// TestWithoutAPassword: where a provider may say who somebody is, a role needs no
// password. Whoever holds the invitation gets nothing by it, and nobody points the address
// of an account with roles elsewhere alone.
func TestWithoutAPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann, bob := t.Context(), h.enter("ann"), h.enter("bob")
	invitation, err := h.Add(ctx, ann, Person{Name: "carol", Mail: "carol@example.org"}, h.now)
	h.must(err)
	h.must(second(h.Add(ctx, ann, Person{Name: "dora"}, h.now)))
	give := func(name string) error {
		r, err := h.AskRole(ctx, ann, Change{name, people.Grant{Role: people.Viewer}, "for the shift"}, h.now)
		h.must(err)
		h.must(second(h.Approve(ctx, bob, r.ID, h.now)))
		return second(h.GiveRole(ctx, ann, r.ID, h.now))
	}
	if err := give("carol"); !errors.Is(err, ErrConflict) {
		t.Errorf("without a provider: %v", err)
	}
	h.outside = true
	if err := give("dora"); !errors.Is(err, ErrConflict) {
		t.Errorf("without an address: %v", err)
	}
	h.must(give("carol"))
	if _, err := h.Accept(ctx, invitation, people.Hide(password), h.now); !errors.Is(err, ErrLink) {
		t.Errorf("whoever has the invitation gets the role: %v", err)
	}
	if err := second(h.Invite(ctx, ann, "carol", h.now)); !errors.Is(err, ErrConflict) {
		t.Errorf("a new invitation: %v", err)
	}
	if err := h.Describe(ctx, ann, Person{Name: "carol", Mail: "eve@example.org"}, h.now); !errors.Is(err, ErrConflict) {
		t.Errorf("an administrator alone becomes who they like: %v", err)
	}
	h.must(h.Describe(ctx, ann, Person{Name: "carol", Label: "Carol", Mail: "carol@example.org"}, h.now))
	_, v, err := h.LoginBy(ctx, claimOf("1", "carol@example.org"), h.now)
	h.must(err)
	if !v.Actor().Holds(people.Look, people.Place{}) {
		t.Errorf("%+v", v.Actor())
	}
	h.must(second(h.Verify(ctx)))
}

// TestAGroupEndsTheInvitation: what a group gives does not go to who has the link.
func TestAGroupEndsTheInvitation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	invitation, err := h.Add(t.Context(), h.enter("ann"), Person{Name: "carol", Mail: "carol@example.org"}, h.now)
	h.must(err)
	c := claimOf("1", "carol@example.org")
	c.Mapped, c.Grants = true, []people.Grant{{Role: people.Viewer}}
	_, _, err = h.LoginBy(t.Context(), c, h.now)
	h.must(err)
	if _, err := h.Accept(t.Context(), invitation, people.Hide(password), h.now); !errors.Is(err, ErrLink) {
		t.Errorf("whoever has the invitation gets the role: %v", err)
	}
}

// TestFounded: until there is an administrator.
func TestFounded(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	if there, err := s.Founded(t.Context()); there || err != nil {
		t.Error(there, err)
	}
	if there, err := newHouse(t).Founded(t.Context()); !there || err != nil {
		t.Error(there, err)
	}
}
