package people

import (
	"errors"
	"testing"
	"time"

	"sluice/people"
)

// TestFirstAdministrator: by one link, once, for a quarter of an hour, and while there is
// nobody.
func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	h := &house{t, s, noon, map[string][]byte{}}
	ann, strong := Person{Name: "ann"}, people.Hide(password)
	first, until, err := s.FirstLink(t.Context(), noon)
	h.must(err)
	second, _, err := s.FirstLink(t.Context(), noon)
	h.must(err)
	if until.Sub(noon) != people.LinkFor {
		t.Errorf("until %v", until)
	}
	for sentence, c := range map[string]struct {
		link, password people.Secret
		x              Person
		at             time.Time
		want           error
	}{
		"a link that was replaced": {first, strong, ann, noon, ErrLink},
		"no link":                  {people.Secret{}, strong, ann, noon, ErrLink},
		"half a link":              {people.Hide(second.Reveal()[:20]), strong, ann, noon, ErrLink},
		"a link that is over":      {second, strong, ann, until, ErrLink},
		"a weak password":          {second, people.Hide("short"), ann, noon, ErrInvalid},
		"a name that looks odd":    {second, strong, Person{Name: "Änn"}, noon, ErrInvalid},
		"a mail that is none":      {second, strong, Person{Name: "ann", Mail: "ann"}, noon, ErrInvalid},
	} {
		if err := s.First(t.Context(), c.link, c.x, c.password, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	h.must(s.First(t.Context(), second, ann, strong, noon))
	if err := s.First(t.Context(), second, Person{Name: "eve"}, strong, noon); !errors.Is(err, ErrLink) {
		t.Errorf("the link works twice: %v", err)
	}
	if _, _, err := s.FirstLink(t.Context(), noon); !errors.Is(err, ErrAdmin) {
		t.Errorf("there is a link beside the administrator: %v", err)
	}
	if _, v := h.login("ann"); v.Must() != EnrolCode || len(v.Actor().Grants) != 0 {
		t.Errorf("an administrator without an app: %+v", v)
	}
}

// TestTwoLinksAtOnce: of two who have the link only one becomes the administrator.
func TestTwoLinksAtOnce(t *testing.T) {
	t.Parallel()
	s := openAt(t, t.TempDir())
	link, _, err := s.FirstLink(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	made := make(chan error)
	for _, name := range []string{"ann", "bob", "eve"} {
		go func() { made <- s.First(t.Context(), link, Person{Name: name}, people.Hide(password), noon) }()
	}
	good := 0
	for range 3 {
		if err := <-made; err == nil {
			good++
		} else if !errors.Is(err, ErrLink) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d administrators", good)
	}
}

// TestTheFounderIsAloneOnce: the first administrator gives roles alone, until there is a
// second one, and never again while one is left.
func TestTheFounderIsAloneOnce(t *testing.T) {
	t.Parallel()
	h := &house{t, openAt(t, t.TempDir()), noon, map[string][]byte{}}
	ctx := t.Context()
	link, _, err := h.FirstLink(ctx, h.now)
	h.must(err, h.First(ctx, link, Person{Name: "ann"}, people.Hide(password), h.now))
	ann := h.enter("ann")
	h.invite(ann, "oli")
	operator := Change{"oli", people.Grant{Role: people.Operator}, "shift"}
	h.must(h.GiveRoleAlone(ctx, ann, operator, h.now))
	if e := h.last(); e.Effects != "alone: there was no second administrator" {
		t.Errorf("%+v", e)
	}
	_, err = h.Ask(ctx, ann, raise(), h.now)
	h.must(err)
	h.invite(ann, "bob")
	h.must(h.GiveRoleAlone(ctx, ann, Change{"bob", people.Grant{Role: people.Admin}, "two"}, h.now))
	operator.Grant.Site = "odessa"
	h.want("alone beside a second one", h.GiveRoleAlone(ctx, ann, operator, h.now), people.NeedsTwo)
	h.must(h.CloseAccount(ctx, ann, "bob", "he left", h.now))
	h.want("alone again", h.GiveRoleAlone(ctx, ann, operator, h.now), people.NeedsTwo)
	// The way out needs the data directory: no administrator, and a new link.
	h.must(h.CloseAccount(ctx, ann, "ann", "begin anew", h.now))
	link, _, err = h.FirstLink(ctx, h.now)
	h.must(err, h.First(ctx, link, Person{Name: "eve"}, people.Hide(password), h.now))
	h.must(h.GiveRoleAlone(ctx, h.enter("eve"), operator, h.now))
	_, err = h.Verify(ctx)
	h.must(err)
}

// TestInvitations set a password once, and only for who has none.
func TestInvitations(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann := t.Context(), h.enter("ann")
	old, err := h.Add(ctx, ann, Person{Name: "carol"}, h.now)
	h.must(err)
	fresh, err := h.Invite(ctx, ann, "carol", h.now)
	h.must(err)
	strong := people.Hide(password)
	for sentence, c := range map[string]struct {
		link, password people.Secret
		at             time.Time
		want           error
	}{
		"one that was replaced": {old, strong, h.now, ErrLink},
		"one that is over":      {fresh, strong, h.now.Add(people.InviteFor), ErrLink},
		"with her own name":     {fresh, people.Hide("carolcarolcarol"), h.now, ErrInvalid},
	} {
		if _, err := h.Accept(ctx, c.link, c.password, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
	if err := h.First(ctx, fresh, Person{Name: "eve"}, strong, h.now); !errors.Is(err, ErrLink) {
		t.Errorf("an invitation makes an administrator: %v", err)
	}
	if name, err := h.Accept(ctx, fresh, strong, h.now); err != nil || name != "carol" {
		t.Error(name, err)
	}
	if _, err := h.Accept(ctx, fresh, strong, h.now); !errors.Is(err, ErrLink) {
		t.Errorf("it works twice: %v", err)
	}
	if _, err := h.Invite(ctx, ann, "carol", h.now); !errors.Is(err, ErrConflict) {
		t.Errorf("one administrator takes an account over: %v", err)
	}
	h.must(second(h.Add(ctx, ann, Person{Name: "dora"}, h.now)))
	r, err := h.AskRole(ctx, ann, Change{"dora", people.Grant{Role: people.Finance}, "books"}, h.now)
	h.must(err, second(h.Approve(ctx, h.enter("bob"), r.ID, h.now)))
	if _, err := h.GiveRole(ctx, ann, r.ID, h.now); !errors.Is(err, ErrConflict) {
		t.Errorf("whoever has the invitation gets a role: %v", err)
	}
	if _, err := h.Invite(ctx, ann, "nobody", h.now); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	_, carol := h.login("carol")
	if _, err := h.Add(ctx, carol, Person{Name: "dan"}, h.now); people.CodeOf(err) != people.NoRight {
		t.Errorf("she adds somebody: %v", err)
	}
}

// TestOnePersonHasOneAccount: another spelling of a name, or an address of the same
// mailbox, is refused.
func TestOnePersonHasOneAccount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann := t.Context(), h.enter("ann")
	for _, x := range []Person{{Name: "ann"}, {Name: "a-n-n"}, {Name: "a.nn"}, {Name: "zoe", Mail: "Ann+admin@Example.org"}} {
		if _, err := h.Add(ctx, ann, x, h.now); !errors.Is(err, ErrConflict) {
			t.Errorf("%+v: %v", x, err)
		}
	}
	if _, err := h.Add(ctx, ann, Person{Name: "zoe", Mail: "zoe@example.org"}, h.now); err != nil {
		t.Error(err)
	}
	if err := h.Describe(ctx, ann, Person{Name: "zoe", Mail: "ann@example.org"}, h.now); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	h.must(h.Describe(ctx, ann, Person{Name: "zoe", Label: "Zoe", Mail: "zoe@example.com", Language: "pt-BR"}, h.now))
	if e := h.last(); e.Before == e.After || e.Subject != "zoe" {
		t.Errorf("%+v", e)
	}
	_, err := h.Accept(ctx, h.reinvite(ann, "zoe"), people.Hide(password), h.now)
	h.must(err)
	_, zoe := h.login("zoe")
	h.must(h.Describe(ctx, zoe, Person{Name: "zoe", Label: "Zoé", Mail: "zoe@example.com", Language: "ar"}, h.now))
	h.want("her own mailbox", h.Describe(ctx, zoe, Person{Name: "zoe", Mail: "new@example.com"}, h.now), people.NoRight)
	h.want("another one", h.Describe(ctx, zoe, Person{Name: "bob"}, h.now), people.NoRight)
	if x, err := h.Me(ctx, zoe, h.now); err != nil || x.Label != "Zoé" || x.Language != "ar" || !x.Password || x.Code {
		t.Errorf("%+v %v", x, err)
	}
}

func (h *house) reinvite(by Visitor, name string) people.Secret {
	h.Helper()
	i, err := h.Invite(h.Context(), by, name, h.now)
	h.must(err)
	return i
}
