package people

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// TestAllowed goes through places and tenants.
func TestAllowed(t *testing.T) {
	t.Parallel()
	houston := Place{Site: "houston"}
	for sentence, c := range map[string]struct {
		grants []Grant
		verb   Verb
		at     Place
		want   bool
	}{
		"at the site":                       {[]Grant{{Role: Operator, Site: "houston"}}, Stop, houston, true},
		"at another site":                   {[]Grant{{Role: Operator, Site: "odessa"}}, Stop, houston, false},
		"at all sites":                      {[]Grant{{Role: Operator}}, Stop, houston, true},
		"the house with a role at a site":   {[]Grant{{Role: Admin, Site: "houston"}}, People, Place{}, false},
		"the house with a role at all":      {[]Grant{{Role: Admin}}, People, Place{}, true},
		"nobody":                            {nil, Look, houston, false},
		"a verb that is not there":          {[]Grant{{Role: Admin}}, "everything", houston, false},
		"no verb":                           {[]Grant{{Role: Admin}}, "", houston, false},
		"a role that is not there":          {[]Grant{{Role: "root"}}, Look, houston, false},
		"own of the tenant":                 {[]Grant{{Role: TenantUser, Tenant: "acme"}}, Own, Place{Tenant: "acme"}, true},
		"own of another tenant":             {[]Grant{{Role: TenantUser, Tenant: "acme"}}, Own, Place{Tenant: "zeta"}, false},
		"own of nobody":                     {[]Grant{{Role: TenantUser, Tenant: "acme"}}, Own, Place{}, false},
		"a tenant's role without a tenant":  {[]Grant{{Role: TenantUser}}, Own, Place{}, false},
		"a tenant looks at the house":       {[]Grant{{Role: TenantAdmin, Tenant: "acme"}}, Look, Place{Tenant: "acme"}, false},
		"a tenant's role at one site":       {[]Grant{{Role: TenantAdmin, Tenant: "acme", Site: "houston"}}, Reserve, Place{Site: "odessa", Tenant: "acme"}, false},
		"a role of the house with a tenant": {[]Grant{{Role: Operator, Tenant: "acme"}}, Stop, Place{Tenant: "acme"}, false},
		"evicts a tenant":                   {[]Grant{{Role: Dispatcher}}, Evict, Place{Site: "houston", Tenant: "acme"}, true},
		"an admin posts":                    {[]Grant{{Role: Admin}}, Post, Place{}, false},
		"an admin instructs":                {[]Grant{{Role: Admin}}, Instruct, houston, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := Allowed(c.grants, c.verb, c.at); got != c.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func verbs() (all []Verb) {
	for _, r := range Rules() {
		all = append(all, r.Verb)
	}
	return all
}

func places() []Place {
	return []Place{{}, {Site: "houston"}, {Site: "odessa"}, {Tenant: "acme"}, {Tenant: "zeta"}, {Site: "houston", Tenant: "acme"}}
}

// grants draws grants, some of them malformed.
func grants(t *rapid.T, name string) []Grant {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Grant {
		return Grant{
			Role:   rapid.SampledFrom(append(Roles(), "root", "")).Draw(t, "role"),
			Site:   rapid.SampledFrom([]string{"", "houston", "odessa"}).Draw(t, "site"),
			Tenant: rapid.SampledFrom([]string{"", "", "acme", "zeta"}).Draw(t, "tenant"),
		}
	}), 0, 4).Draw(t, name)
}

// TestNobodyGains: whatever a token's scope says, it holds nothing that its person does
// not; more grants never take a right away; and what Covers agrees to, Allowed does.
func TestNobodyGains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		held, asked := grants(t, "held"), grants(t, "asked")
		token := Actor{Person: "ann", Token: "1", Grants: held, Scope: asked}
		covered := Covers(held, asked)
		for _, v := range verbs() {
			for _, at := range places() {
				mine, theirs := Allowed(held, v, at), Allowed(asked, v, at)
				if token.Holds(v, at) && (!mine || !theirs) {
					t.Fatalf("a token gains %s at %v", v, at)
				}
				if mine && !Allowed(append(slices.Clone(held), asked...), v, at) {
					t.Fatalf("%s at %v is lost by more grants", v, at)
				}
				if covered && theirs && !mine {
					t.Fatalf("%v does not cover %v: %s at %v", held, asked, v, at)
				}
			}
		}
		until := noon.Add(time.Hour)
		maker := Actor{Person: "ann", Grants: held, Proven: noon}
		if CheckScope(maker, asked, noon, until) == nil && (!covered || len(asked) == 0) {
			t.Fatalf("%v makes a token with %v", held, asked)
		}
		if CheckScope(Actor{Person: "ann", Token: "1", Grants: held, Scope: held, Proven: noon}, asked, noon, until) == nil && len(asked) > 0 {
			t.Fatal("a token makes a token")
		}
	})
}

// TestCheckScope: a token ends, and is made in person.
func TestCheckScope(t *testing.T) {
	t.Parallel()
	ann := Actor{Person: "ann", Grants: []Grant{{Role: Operator, Site: "houston"}}, Proven: noon}
	scope := []Grant{{Role: Operator, Site: "houston"}}
	for sentence, c := range map[string]struct {
		maker Actor
		scope []Grant
		until time.Time
		want  bool
	}{
		"what she has":            {ann, scope, noon.Add(TokenUsual), true},
		"less than she has":       {ann, []Grant{{Role: Viewer, Site: "houston"}}, noon.Add(TokenUsual), true},
		"at another site":         {ann, []Grant{{Role: Operator, Site: "odessa"}}, noon.Add(TokenUsual), false},
		"at all sites":            {ann, []Grant{{Role: Operator}}, noon.Add(TokenUsual), false},
		"more than she has":       {ann, []Grant{{Role: Engineer, Site: "houston"}}, noon.Add(TokenUsual), false},
		"nothing":                 {ann, nil, noon.Add(TokenUsual), false},
		"for ever":                {ann, scope, time.Time{}, false},
		"for two years":           {ann, scope, noon.Add(2 * TokenMost), false},
		"over already":            {ann, scope, noon, false},
		"not shown just now":      {Actor{Person: "ann", Grants: ann.Grants, Proven: noon.Add(-StepUp)}, scope, noon.Add(TokenUsual), false},
		"an agent of an operator": {ann, []Grant{{Role: Agent, Site: "houston"}}, noon.Add(TokenUsual), false},
		"an agent of an engineer": {Actor{Person: "bob", Grants: []Grant{{Role: Engineer}}, Proven: noon}, []Grant{{Role: Agent, Site: "houston"}}, noon.Add(TokenUsual), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if err := CheckScope(c.maker, c.scope, noon, c.until); (err == nil) != c.want {
				t.Error(err)
			}
		})
	}
}

// TestMay: what a verb takes beyond the right to it.
func TestMay(t *testing.T) {
	t.Parallel()
	at := Place{Site: "houston"}
	ann := Actor{Person: "ann", Grants: []Grant{{Role: Engineer}, {Role: Admin}}, Proven: noon}
	later, token, founder, ahead := ann, ann, ann, ann
	later.Proven = noon.Add(-StepUp)
	token.Token, token.Scope, token.Proven = "1", ann.Grants, time.Time{}
	founder.Founder = true
	ahead.Proven = noon.Add(time.Second)
	for sentence, c := range map[string]struct {
		who  Actor
		verb Verb
		want Code
	}{
		"stops at once":                         {later, Stop, ""},
		"sets up, just shown":                   {ann, SetUp, ""},
		"sets up, shown long ago":               {later, SetUp, NotProven},
		"sets up, shown in the future":          {ahead, SetUp, NotProven},
		"raises alone":                          {ann, Raise, NeedsTwo},
		"sets up by token":                      {token, SetUp, ""},
		"raises by token":                       {token, Raise, NeedsTwo},
		"adds people by token":                  {token, People, NotByToken},
		"makes tokens by token":                 {token, Tokens, NotByToken},
		"gives a role alone":                    {ann, GiveRole, NeedsTwo},
		"the founder gives a role alone":        {founder, GiveRole, ""},
		"the founder raises alone":              {founder, Raise, NeedsTwo},
		"has no right":                          {ann, Post, NoRight},
		"is nobody":                             {Actor{Grants: ann.Grants, Proven: noon}, Stop, Nobody},
		"has a name without a letter":           {Actor{Person: " .-", Grants: ann.Grants, Proven: noon}, Stop, Nobody},
		"does something that is not there":      {ann, "dance", UnknownVerb},
		"a token with a scope that is narrower": {Actor{Person: "ann", Token: "1", Grants: ann.Grants, Scope: []Grant{{Role: Viewer}}}, Stop, NoRight},
		"a token whose person lost the role":    {Actor{Person: "ann", Token: "1", Scope: ann.Grants}, Stop, NoRight},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			err := c.who.May(c.verb, at, noon)
			if CodeOf(err) != c.want || (err == nil) != (c.want == "") {
				t.Error(err)
			}
		})
	}
}

// BenchmarkMay is what each request to the program costs.
func BenchmarkMay(b *testing.B) {
	ann := Actor{Person: "ann", Grants: []Grant{{Role: Viewer}, {Role: Operator, Site: "houston"}}, Proven: noon}
	for b.Loop() {
		if err := ann.May(Stop, Place{Site: "houston"}, noon); err != nil {
			b.Fatal(err)
		}
	}
}
