package people

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

// engineer is somebody who may raise.
func engineer(name string, proven time.Time) Actor {
	return Actor{Person: name, Grants: []Grant{{Role: Engineer}}, Proven: proven}
}

func raise() Draft {
	p := 5 * unit.Megawatt
	return Draft{
		Verb: Raise, Place: Place{Site: "houston"}, Subject: "limit", Reason: "the line is repaired", Says: "the limit rises to 30 MW",
		Diff: "25 MW -> 30 MW", Deed: `{"limit_w": 30000000}`, Effect: Effect{Power: &p, Money: []Sum{{"USD", -12_000_000}}},
	}
}

// TestRequest goes the whole way, and each step once.
func TestRequest(t *testing.T) {
	t.Parallel()
	ann, bob := engineer("ann", noon), engineer("bob", noon)
	r, err := Ask(ann, raise(), "1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Begin(ann, bob, noon); CodeOf(err) != NotApproved {
		t.Errorf("it began unapproved: %v", err)
	}
	if _, err := r.Finish("", true, noon); CodeOf(err) != NotApproved {
		t.Errorf("it ended unapproved: %v", err)
	}
	if r, err = r.Approve(bob, ann, noon.Add(time.Minute)); err != nil || r.State != Approved || r.And != "bob" {
		t.Fatal(r, err)
	}
	if _, err := r.Approve(bob, ann, noon.Add(time.Minute)); CodeOf(err) != Decided {
		t.Errorf("it was approved twice: %v", err)
	}
	begun, err := r.Begin(ann, bob, noon.Add(2*time.Minute))
	if err != nil || begun.State != Begun {
		t.Fatal(begun, err)
	}
	if _, err := begun.Begin(ann, bob, noon.Add(2*time.Minute)); CodeOf(err) != AlreadyDone {
		t.Errorf("it was carried out twice: %v", err)
	}
	if _, err := begun.Decline(bob, "", noon.Add(2*time.Minute)); CodeOf(err) != Decided {
		t.Errorf("what was begun is declined: %v", err)
	}
	// It ends whenever it ends, also after its time.
	done, err := begun.Seen(noon.Add(time.Hour)).Finish("the limit is 30 MW", true, noon.Add(time.Hour))
	if err != nil || done.State != Done || !done.State.Over() {
		t.Fatal(done, err)
	}
	if _, err := done.Finish("", false, noon); CodeOf(err) != AlreadyDone {
		t.Errorf("it ended twice: %v", err)
	}
	if failed, err := begun.Finish("the meter is silent", false, noon); err != nil || failed.State != CameToNought {
		t.Error(failed, err)
	}
}

// TestAsk: who cannot ask.
func TestAsk(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		who  Actor
		turn func(*Draft)
		want Code
	}{
		"a viewer":                 {Actor{Person: "vic", Grants: []Grant{{Role: Viewer}}, Proven: noon}, func(*Draft) {}, NoRight},
		"at a site that is not":    {Actor{Person: "ann", Grants: []Grant{{Role: Engineer, Site: "odessa"}}, Proven: noon}, func(*Draft) {}, NoRight},
		"without a reason":         {engineer("ann", noon), func(d *Draft) { d.Reason = " \n" }, NoReason},
		"not shown just now":       {engineer("ann", noon.Add(-time.Hour)), func(*Draft) {}, NotProven},
		"for what one can do":      {engineer("ann", noon), func(d *Draft) { d.Verb = Lower }, OneIsEnough},
		"for what is not there":    {engineer("ann", noon), func(d *Draft) { d.Verb = "x" }, UnknownVerb},
		"with a bell in its words": {engineer("ann", noon), func(d *Draft) { d.Says = "\a" }, BadText},
		"with two lines of a name": {engineer("ann", noon), func(d *Draft) { d.Subject = "a\nb" }, BadText},
		"with a long diff":         {engineer("ann", noon), func(d *Draft) { d.Diff = strings.Repeat("x", mostText+1) }, BadText},
		"with many sums":           {engineer("ann", noon), func(d *Draft) { d.Effect.Money = make([]Sum, mostSums+1) }, BadText},
		"with half a letter":       {engineer("ann", noon), func(d *Draft) { d.Reason = "\xff" }, BadText},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			d := raise()
			c.turn(&d)
			if _, err := Ask(c.who, d, "1", noon); CodeOf(err) != c.want {
				t.Error(err)
			}
		})
	}
}

// TestApprove: who cannot approve, and when.
func TestApprove(t *testing.T) {
	t.Parallel()
	ann := engineer("ann", noon)
	at := noon.Add(time.Minute)
	token := engineer("bob", at)
	token.Token, token.Scope = "1", token.Grants
	for sentence, c := range map[string]struct {
		by, asker Actor
		at        time.Time
		want      Code
	}{
		"somebody else":                {engineer("bob", at), ann, at, ""},
		"who asked":                    {engineer("ann", at), ann, at, SamePerson},
		"who asked, written large":     {engineer(" ANN", at), ann, at, SamePerson},
		"who asked, written otherwise": {engineer("a.n-n", at), ann, at, SamePerson},
		"a name that says nothing":     {engineer("--", at), ann, at, Nobody},
		"a token of somebody else":     {token, ann, at, NotByToken},
		"who may not raise":            {Actor{Person: "vic", Grants: []Grant{{Role: Operator}}, Proven: at}, ann, at, NoRight},
		"at another site":              {Actor{Person: "bob", Grants: []Grant{{Role: Engineer, Site: "odessa"}}, Proven: at}, ann, at, NoRight},
		"not shown just now":           {engineer("bob", noon.Add(-time.Hour)), ann, at, NotProven},
		"the other lost the right":     {engineer("bob", at), Actor{Person: "ann"}, at, LostRight},
		"for another asker":            {engineer("bob", at), engineer("eve", noon), at, LostRight},
		"in the last second":           {engineer("bob", noon.Add(Patience-time.Second)), ann, noon.Add(Patience - time.Second), ""},
		"too late":                     {engineer("bob", noon.Add(Patience)), ann, noon.Add(Patience), Expired},
		"before it was made":           {engineer("bob", noon.Add(-time.Second)), ann, noon.Add(-time.Second), Expired},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r, err := Ask(ann, raise(), "1", noon)
			if err != nil {
				t.Fatal(err)
			}
			r, err = r.Approve(c.by, c.asker, c.at)
			if CodeOf(err) != c.want || (r.State == Approved) != (c.want == "") {
				t.Errorf("%s: %v", r.State, err)
			}
		})
	}
}

// TestTokenAsks: a token may ask, and its maker is who asked.
func TestTokenAsks(t *testing.T) {
	t.Parallel()
	token := engineer("ann", time.Time{})
	token.Token, token.Scope = "1", token.Grants
	r, err := Ask(token, raise(), "1", noon)
	if err != nil || r.By != "ann" || r.Token != "1" {
		t.Fatal(r, err)
	}
	if _, err := r.Approve(engineer("ann", noon), token, noon); CodeOf(err) != SamePerson {
		t.Errorf("she approves what her token asked: %v", err)
	}
	if _, err := r.Approve(engineer("bob", noon), engineer("ann", noon), noon); CodeOf(err) != LostRight {
		t.Errorf("the rights of the person stood for those of the token: %v", err)
	}
	if r, err = r.Approve(engineer("bob", noon), token, noon); err != nil {
		t.Fatal(err)
	}
	token.Scope = nil
	if _, err := r.Begin(token, engineer("bob", noon), noon); CodeOf(err) != LostRight {
		t.Errorf("a token without rights goes on: %v", err)
	}
}

// TestBeginTrustsNoState: one that says it was approved by who asked, or by a token, is
// not carried out.
func TestBeginTrustsNoState(t *testing.T) {
	t.Parallel()
	ann := engineer("ann", noon)
	r, err := Ask(ann, raise(), "1", noon)
	if err != nil {
		t.Fatal(err)
	}
	r.State, r.And = Approved, "ann"
	if _, err := r.Begin(ann, ann, noon); CodeOf(err) != SamePerson {
		t.Errorf("one person is two: %v", err)
	}
	r.And = "bob"
	token := engineer("bob", noon)
	token.Token, token.Scope = "1", token.Grants
	for _, approver := range []Actor{token, engineer("eve", noon)} {
		if _, err := r.Begin(ann, approver, noon); CodeOf(err) != SamePerson {
			t.Errorf("%+v: %v", approver, err)
		}
	}
}

// TestDecline: one person is enough, and nothing becomes of it any more.
func TestDecline(t *testing.T) {
	t.Parallel()
	ann, bob := engineer("ann", noon), engineer("bob", noon)
	for sentence, c := range map[string]struct {
		by   Actor
		want Code
	}{
		"who asked, without rights by now": {Actor{Person: "ann"}, ""},
		"who approved":                     {bob, ""},
		"an operator":                      {Actor{Person: "oli", Grants: []Grant{{Role: Operator}}}, ""},
		"a viewer":                         {Actor{Person: "vic", Grants: []Grant{{Role: Viewer}}}, NoRight},
		"nobody":                           {Actor{}, Nobody},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r, err := Ask(ann, raise(), "1", noon)
			if err != nil {
				t.Fatal(err)
			}
			if r, err = r.Approve(bob, ann, noon); err != nil {
				t.Fatal(err)
			}
			r, err = r.Decline(c.by, "not now", noon)
			if CodeOf(err) != c.want || (r.State == Declined) != (c.want == "") {
				t.Fatal(r.State, err)
			}
			if _, err := r.Begin(ann, bob, noon); c.want == "" && CodeOf(err) != Decided {
				t.Errorf("what was declined is carried out: %v", err)
			}
		})
	}
}

// TestRequestHolds walks at random: whatever people do in whatever order, nothing is
// carried out but what another one than who asked approved, within its time, once, while
// both had the right.
func TestRequestHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"ann", "bob", "Ann", "a-nn", "eve"}
		role := map[string]Role{}
		now, begun := noon, 0
		who := func(label string) Actor {
			n := rapid.SampledFrom(names).Draw(t, label)
			if role[n] == "" || rapid.IntRange(0, 9).Draw(t, "turn") == 0 {
				role[n] = rapid.SampledFrom([]Role{Engineer, Engineer, Admin, Operator, Viewer}).Draw(t, "role")
			}
			a := Actor{Person: n, Grants: []Grant{{Role: role[n]}}, Proven: now}
			if rapid.IntRange(0, 5).Draw(t, "token") == 0 {
				a.Token, a.Scope, a.Proven = "1", a.Grants, time.Time{}
			}
			return a
		}
		r, err := Ask(who("asks"), raise(), "1", now)
		if err != nil {
			return
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-1, 500).Draw(t, "seconds")) * time.Second)
			was := r
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				r, _ = r.Approve(who("approves"), who("asker"), now)
			case 1:
				if rapid.IntRange(0, 3).Draw(t, "no") == 0 {
					r, _ = r.Decline(who("declines"), "", now)
				}
			default:
				asker, approver := who("asker"), who("approver")
				if r, err = r.Begin(asker, approver, now); err == nil && r.State == Begun {
					begun++
					late := now.Before(r.Made) || !now.Before(r.Until())
					if begun > 1 || late || was.State != Approved || Same(r.By, r.And) || !asker.Holds(Raise, r.Place) || !approver.Holds(Raise, r.Place) {
						t.Fatalf("%+v begins at %v by %v and %v", r, now, asker, approver)
					}
				}
			}
			if was.State.Over() && r.State != was.State {
				t.Fatalf("%s became %s", was.State, r.State)
			}
		}
	})
}
