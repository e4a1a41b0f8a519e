package people

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/people"
)

// TestTwoPeople goes the whole way of a request, and what is refused stands in the log.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("eng", people.Grant{Role: people.Engineer})
	h.hire("dis", people.Grant{Role: people.Dispatcher, Site: "houston"})
	eng, dis, ann := h.enter("eng"), h.enter("dis"), h.enter("ann")
	r, err := h.Ask(ctx, eng, raise(), h.now)
	h.must(err)
	_, err = h.Approve(ctx, eng, r.ID, h.now)
	h.want("who asked", err, people.SamePerson)
	if e := h.last(); e.Verb != didRefuse || e.Who != "eng" || e.Effects != "approved: same_person" || e.Site != "houston" {
		t.Errorf("%+v", e)
	}
	_, err = h.Begin(ctx, eng, r.ID, h.now)
	h.want("unapproved", err, people.NotApproved)
	_, err = h.Approve(ctx, dis, "nothing", h.now)
	h.want("nothing", err, people.NotThere)
	_, err = h.Approve(ctx, dis, r.ID, h.now)
	h.must(err)
	_, err = h.Begin(ctx, ann, r.ID, h.now)
	h.want("a third one begins", err, people.NoRight)
	begun, err := h.Begin(ctx, dis, r.ID, h.now)
	h.must(err)
	if begun.Deed != "{}" || begun.State != people.Begun {
		t.Errorf("%+v", begun)
	}
	_, err = h.Begin(ctx, eng, r.ID, h.now)
	h.want("twice", err, people.AlreadyDone)
	done, err := h.Finish(ctx, r.ID, "the limit is 30 MW", true, h.now)
	if err != nil || done.State != people.Done {
		t.Error(done, err)
	}
	if e := h.last(); e.Verb != didFinish || e.Effects != "done: the limit is 30 MW" || e.And != "dis" {
		t.Errorf("%+v", e)
	}
	late, err := h.Ask(ctx, h.proven(eng), raise(), h.now)
	h.must(err)
	h.later(people.Patience)
	_, err = h.Approve(ctx, h.proven(dis), late.ID, h.now)
	h.want("too late", err, people.Expired)
	h.now = h.now.Add(-people.Patience) // a clock that is set back gives no second chance
	_, err = h.Approve(ctx, dis, late.ID, h.now)
	h.want("expired for ever", err, people.Expired)
	_, err = h.Verify(ctx)
	h.must(err)
}

// proven shows again who somebody is.
func (h *house) proven(v Visitor) Visitor {
	h.Helper()
	out, err := h.Prove(h.Context(), v, people.Secret{}, h.code(v.Actor().Person), h.now)
	h.must(err)
	return out
}

// TestRightsAreThoseOfNow: who lost theirs since cannot go on.
func TestRightsAreThoseOfNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	engineer := people.Grant{Role: people.Engineer}
	h.hire("eng", engineer)
	h.hire("ing", engineer)
	take := func(name string) {
		h.must(h.TakeRole(h.Context(), h.enter("bob"), Change{name, engineer, "moved"}, h.now))
	}
	eng, ing := h.enter("eng"), h.enter("ing")
	first, err := h.Ask(ctx, eng, raise(), h.now)
	h.must(err)
	second, err := h.Ask(ctx, eng, raise(), h.now)
	h.must(err)
	_, err = h.Approve(ctx, ing, first.ID, h.now)
	h.must(err)
	take("eng")
	_, err = h.Approve(ctx, h.proven(ing), second.ID, h.now)
	h.want("who asked has lost it", err, people.LostRight)
	_, err = h.Begin(ctx, ing, first.ID, h.now)
	h.want("who asked has lost it since", err, people.LostRight)
	h.must(h.CloseAccount(ctx, h.enter("ann"), "ing", "left", h.now))
	if _, err := h.Approve(ctx, ing, second.ID, h.now); !errors.Is(err, ErrSession) {
		t.Errorf("who left approves: %v", err)
	}
}

// TestManyApproveAtOnce: one is the second person, and it is carried out once.
func TestManyApproveAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("eng", people.Grant{Role: people.Engineer})
	eng, ann, bob := h.enter("eng"), h.enter("ann"), h.enter("bob")
	r, err := h.Ask(ctx, eng, raise(), h.now)
	h.must(err)
	var all sync.WaitGroup
	var mu sync.Mutex
	approved, begun := 0, 0
	for _, v := range []Visitor{ann, bob, ann, bob, eng} {
		all.Go(func() {
			_, no := h.Approve(ctx, v, r.ID, h.now)
			_, not := h.Begin(ctx, v, r.ID, h.now)
			mu.Lock()
			defer mu.Unlock()
			if no == nil {
				approved++
			}
			if not == nil {
				begun++
			}
		})
	}
	all.Wait()
	if approved != 1 || begun != 1 {
		t.Errorf("approved %d times, begun %d times", approved, begun)
	}
}

// TestRequestsAreBounded, and shown to whom they concern.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	eng := h.hire("eng", people.Grant{Role: people.Engineer})
	vic := h.hire("vic", people.Grant{Role: people.Viewer})
	eng = h.proven(eng)
	for range mostOpen {
		_, err := h.Ask(ctx, eng, raise(), h.now)
		h.must(err)
	}
	_, err := h.Ask(ctx, eng, raise(), h.now)
	h.want("one more", err, people.TooMany)
	for _, c := range []struct {
		Visitor
		want int
	}{{eng, mostOpen}, {vic, 0}} {
		got, err := h.Requests(ctx, c.Visitor, h.now)
		got = slices.DeleteFunc(got, func(r people.Request) bool { return r.Verb != people.Raise })
		if err != nil || len(got) != c.want {
			t.Errorf("%s sees %d, %v", c.Actor().Person, len(got), err)
		}
	}
	h.later(people.Patience)
	if n, err := h.Expire(ctx, h.now); err != nil || n != mostOpen+3 && n != mostOpen {
		t.Errorf("%d ran out, %v", n, err)
	}
	if n, err := h.Expire(ctx, h.now); err != nil || n != 0 {
		t.Errorf("%d ran out again, %v", n, err)
	}
	if _, err := h.Ask(ctx, h.proven(eng), raise(), h.now); err != nil {
		t.Error(err)
	}
	big := raise()
	big.Deed = strings.Repeat("x", 1<<20)
	_, err = h.Ask(ctx, h.proven(eng), big, h.now)
	h.want("a megabyte", err, people.BadText)
}

// TestCredentialsTakeTwo: one administrator cannot take an account over.
func TestCredentialsTakeTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.hire("eng", people.Grant{Role: people.Engineer})
	ann, bob := h.enter("ann"), h.enter("bob")
	text, _ := h.login("eng")
	for _, v := range []people.Verb{people.GiveRole, people.Credentials} {
		_, err := h.Ask(ctx, ann, people.Draft{Verb: v, Subject: "eng", Says: "eng becomes viewer", Reason: "x", Deed: `{"person":"eng","grant":{"role":"admin"}}`}, h.now)
		h.want("words that are not the deed", err, people.Other)
	}
	r, err := h.AskCredentials(ctx, ann, "eng", "the phone is lost", h.now)
	h.must(err)
	_, err = h.RenewCredentials(ctx, ann, r.ID, h.now)
	h.want("alone", err, people.NotApproved)
	_, err = h.GiveRole(ctx, ann, r.ID, h.now)
	h.want("as a role", err, people.Other)
	_, err = h.Begin(ctx, ann, r.ID, h.now)
	h.want("by somebody else's hand", err, people.Other)
	_, err = h.Approve(ctx, bob, r.ID, h.now)
	h.must(err)
	invitation, err := h.RenewCredentials(ctx, ann, r.ID, h.now)
	h.must(err)
	if _, err := h.Session(ctx, text, h.now); !errors.Is(err, ErrSession) {
		t.Errorf("a session of before: %v", err)
	}
	if _, _, err := h.Login(ctx, Attempt{Name: "eng", Password: people.Hide(password), Code: h.code("eng")}, h.now); !errors.Is(err, ErrLogin) {
		t.Errorf("the password of before: %v", err)
	}
	_, err = h.RenewCredentials(ctx, ann, r.ID, h.now)
	h.want("twice", err, people.AlreadyDone)
	if _, err := h.Invite(ctx, ann, "eng", h.now); !errors.Is(err, ErrConflict) {
		t.Errorf("one administrator invites somebody with roles: %v", err)
	}
	_, err = h.Accept(ctx, invitation, people.Hide(password), h.now)
	h.must(err)
	delete(h.apps, "eng")
	if _, v := h.login("eng"); v.Must() != EnrolCode {
		t.Error("the app of before counts")
	}
}

// TestNobodyGains is a walk at random over people, roles, tokens and requests: what
// somebody holds is what two administrators agreed on and none took away, and a token
// holds no more.
func TestNobodyGains(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	dice := rand.New(rand.NewPCG(7, 11))
	names := []string{"ann", "bob", "eng", "oli", "vic"}
	roles := map[string][]people.Grant{"ann": {{Role: people.Admin}}, "bob": {{Role: people.Admin}}}
	for _, n := range names[2:] {
		h.hire(n)
	}
	var tokens []string
	open := map[string]Visitor{}
	gave, took, made := 0, 0, 0
	for range 250 {
		h.later(time.Second)
		who, about := names[dice.IntN(len(names))], names[dice.IntN(len(names))]
		if dice.IntN(2) == 0 {
			who = names[dice.IntN(2)]
		}
		if !slices.Contains(roles["ann"], people.Grant{Role: people.Admin}) || !slices.Contains(roles["bob"], people.Grant{Role: people.Admin}) {
			t.Fatal("the walk took its administrators away")
		}
		g := people.Grant{Role: people.Roles()[dice.IntN(8)], Site: []string{"", "houston", "odessa"}[dice.IntN(3)]}
		v := h.in(who, open)
		switch dice.IntN(4) {
		case 0, 1:
			second := h.in(names[dice.IntN(3)], open)
			r, err := h.AskRole(ctx, h.in(who, open), Change{about, g, "x"}, h.now)
			if err != nil {
				continue
			}
			_, no := h.Approve(ctx, second, r.ID, h.now)
			_, not := h.GiveRole(ctx, second, r.ID, h.now)
			if admin := people.Allowed(roles[second.Actor().Person], people.GiveRole, g.Place()); (not == nil) != (admin && second.Actor().Person != who) {
				t.Fatalf("%s asks, %s approves %v: %v %v", who, second.Actor().Person, g, no, not)
			}
			if not == nil && !slices.Contains(roles[about], g) {
				roles[about] = append(roles[about], g)
				gave++
			}
		case 2:
			if g.Role == people.Admin && g.Site == "" {
				continue
			}
			if h.TakeRole(ctx, v, Change{about, g, "x"}, h.now) == nil {
				roles[about] = slices.DeleteFunc(slices.Clone(roles[about]), func(x people.Grant) bool { return x == g })
				took++
			}
		default:
			if _, k, err := h.Issue(ctx, v, Token{Label: "x", Scope: []people.Grant{g}}, h.now); err == nil {
				tokens = append(tokens, k.ID)
				made++
			}
		}
		h.compare(roles, tokens)
	}
	t.Logf("%d roles given, %d taken, %d tokens", gave, took, made)
	if gave < 10 || took < 3 || made < 10 {
		t.Error("the walk was too short")
	}
	_, err := h.Verify(ctx)
	h.must(err)
}

// in is somebody who is logged in, with the session of before where it is still good.
func (h *house) in(name string, open map[string]Visitor) Visitor {
	h.Helper()
	v, err := h.again(h.Context(), h.file, open[name], h.now)
	if err != nil || v.Must() != "" || h.now.Sub(v.Actor().Proven) > people.StepUp/2 {
		v = h.enter(name)
	}
	open[name] = v
	return v
}

// compare looks at what everybody holds.
func (h *house) compare(roles map[string][]people.Grant, tokens []string) {
	h.Helper()
	for name, want := range roles {
		got, err := rights(h.Context(), h.file, name)
		h.must(err)
		for _, g := range got {
			if !slices.Contains(want, g) {
				h.Fatalf("%s has %v", name, g)
			}
		}
		if len(got) != len(want) {
			h.Fatalf("%s has %v, want %v", name, got, want)
		}
	}
	for _, id := range tokens {
		a, err := tokenActor(h.Context(), h.file, id, h.now)
		h.must(err)
		for _, r := range people.Rules() {
			for _, at := range []people.Place{{}, {Site: "houston"}, {Site: "odessa"}} {
				if a.Holds(r.Verb, at) && !people.Allowed(roles[a.Person], r.Verb, at) {
					h.Fatalf("a token of %s may %s at %v", a.Person, r.Verb, at)
				}
			}
		}
	}
}

// TestRolesOfGroups: a role that an object gives to a group takes two administrators, and
// no such request gives a person anything.
func TestRolesOfGroups(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, ann, bob := t.Context(), h.enter("ann"), h.enter("bob")
	draft := people.Draft{Verb: people.GiveRole, Subject: "carol", Reason: "for the night", Says: "1 object", Diff: "none -> operator", Deed: `{"deed":"objects"}`}
	h.invite(ann, "carol")
	for sentence, deed := range map[string]string{"of a person": `{"person":"carol"}`, "of both": `{"deed":"objects","person":"carol"}`, "of nothing": `{}`, "no JSON": `objects`} {
		d := draft
		d.Deed = deed
		h.want(sentence, second(h.Ask(ctx, ann, d, h.now)), people.Other)
	}
	d := draft
	d.Verb = people.Credentials
	h.want("credentials", second(h.Ask(ctx, ann, d, h.now)), people.Other)
	r, err := h.Ask(ctx, ann, draft, h.now)
	h.must(err)
	h.want("begun alone", second(h.Begin(ctx, ann, r.ID, h.now)), people.NotApproved)
	h.want("approved alone", second(h.Approve(ctx, ann, r.ID, h.now)), people.SamePerson)
	h.must(second(h.Approve(ctx, bob, r.ID, h.now)))
	h.want("as a role of a person", second(h.GiveRole(ctx, ann, r.ID, h.now)), people.Other)
	h.must(second(h.Begin(ctx, bob, r.ID, h.now)))
	h.must(second(h.Finish(ctx, r.ID, "applied", true, h.now)))
}
