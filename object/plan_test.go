package object_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/object"
)

// house is what is stored before each plan.
func house(t *testing.T) []object.Object {
	t.Helper()
	all := []object.Object{
		made(t, object.Site, "houston", "", `{"name":"houston","connection":{"import_limit_mw":60}}`),
		made(t, object.Site, "fjord", "", `{"name":"fjord","connection":{"import_limit_mw":12}}`),
		made(t, object.Contact, "shift", "", `{"channel":"mail","address":"shift@example.org"}`),
		made(t, object.Route, "urgent", "", `{"sites":["houston"],"steps":[{"after_minutes":0,"contacts":["shift"]}]}`),
		made(t, object.GroupRole, "night", "houston", `{"group":"g","role":"operator"}`),
	}
	for i := range all {
		all[i].Metadata.Version = int64(i + 1)
		all[i].Metadata.Labels = map[string]string{"from": "git"}
	}
	return all
}

func summary(changes []object.Change) (out []string) {
	for _, c := range changes {
		if c.What != object.Unchanged {
			out = append(out, fmt.Sprintf("%s %s/%s at %q, %s: %s", c.What, c.Kind, c.Name, c.Site, c.Risk, strings.Join(c.Needs, "+")))
		}
	}
	return out
}

// with is the house with one object changed.
func with(t *testing.T, all []object.Object, i int, text string) []object.Object {
	t.Helper()
	all = slices.Clone(all)
	all[i].Spec = spec(t, text)
	return all
}

func TestPlan(t *testing.T) {
	t.Parallel()
	stored := house(t)
	stale := with(t, stored, 0, `{"name":"houston","connection":{"import_limit_mw":50}}`)
	stale[0].Metadata.Version = 9
	moved := slices.Clone(stored)
	moved[4].Metadata.Site = "fjord"
	label := object.Prune{On: true, Labels: map[string]string{"from": "git"}}
	for sentence, c := range map[string]struct {
		read  []object.Object
		prune object.Prune
		want  []string
		says  string // of the refusal
	}{
		"what was exported":       {read: stored},
		"an old export, the same": {read: func() []object.Object { o := slices.Clone(stored); o[0].Metadata.Version = 77; return o }()},
		"a limit is raised":       {read: with(t, stored, 0, `{"name":"houston","connection":{"import_limit_mw":61}}`), want: []string{`update Site/houston at "houston", raise: raise`}},
		"lowered":                 {read: with(t, stored, 0, `{"name":"houston","connection":{"import_limit_mw":50}}`), want: []string{`update Site/houston at "houston", lower: lower`}},
		"raised, and a pool": {
			read: with(t, stored, 0, `{"name":"houston","currency":"USD","connection":{"import_limit_mw":61},"control":{"pools":[{"url":"u","worker":"w"}]}}`),
			want: []string{`update Site/houston at "houston", payee: payee+raise+setup`},
		},
		"somebody else was faster": {read: stale, want: []string{`conflict Site/houston at "houston", lower: lower`}, says: "you have version 9, and version 1 is stored"},
		"a new site":               {read: []object.Object{made(t, object.Site, "oslo", "", `{"name":"oslo","connection":{"import_limit_mw":5}}`)}, want: []string{`create Site/oslo at "oslo", setup: setup`}},
		"a new role":               {read: []object.Object{made(t, object.GroupRole, "day", "", `{"group":"g","role":"admin"}`)}, want: []string{`create GroupRole/day at "", grant: grant`}},
		"a role at another site":   {read: moved, want: []string{`update GroupRole/night at "", grant: grant`}},
		"one thing twice":          {read: []object.Object{stored[0], stored[0]}, says: "Site/houston: it stands twice"},
		"a route to nobody":        {read: with(t, stored, 3, `{"steps":[{"after_minutes":0,"contacts":["ghost"]}]}`), want: []string{`update Route/urgent at "", setup: setup`}, says: "spec.steps[0].contacts[0]: there is no Contact/ghost"},
		"a bad object":             {read: with(t, stored, 2, `{"channel":"mail","address":"nobody"}`), says: "Contact/shift: spec.address: it is no mailbox"},
		"pruning":                  {read: stored[:4], prune: label, want: []string{`delete GroupRole/night at "houston", lower: revoke`}},
		"pruning a site":           {read: slices.Delete(slices.Clone(stored), 1, 2), prune: label, want: []string{`delete Site/fjord at "fjord", raise: raise+setup`}},
		"pruning what is named":    {read: slices.Delete(slices.Clone(stored), 2, 3), prune: label, want: []string{`delete Contact/shift at "", setup: setup`}, says: "Route/urgent: spec.steps[0].contacts[0]: it names Contact/shift, which this apply deletes"},
		"pruning another label":    {prune: object.Prune{On: true, Labels: map[string]string{"from": "hand"}}},
		"pruning everything":       {prune: object.Prune{On: true}, says: "it needs a label"},
		"not pruning":              {},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			changes, err := object.Plan(stored, c.read, c.prune)
			if got := summary(changes); !slices.Equal(got, c.want) {
				t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if (err != nil) != (c.says != "") || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
	if _, err := object.Plan(stored, stale, object.Prune{}); !errors.Is(err, object.ErrConflict) {
		t.Errorf("%v is no conflict", err)
	}
}

// TestValidate: what the kinds without a reader of their own are held to.
func TestValidate(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		o    object.Object
		says string
	}{
		"a name with blanks":         {made(t, object.Contact, "A b", "", `{"channel":"mail","address":"a@b"}`), "metadata.name"},
		"a site of what has none":    {made(t, object.Contact, "a", "houston", `{"channel":"mail","address":"a@b"}`), "metadata.site: a Contact belongs to no site"},
		"a policy without a site":    {made(t, object.Policy, "a", "", `{}`), "metadata.site: is missing"},
		"a policy named otherwise":   {made(t, object.Policy, "a", "b", `{}`), "named like the site"},
		"an unknown key":             {made(t, object.Policy, "a", "a", `{"x":1}`), "unknown field"},
		"a chat without credential":  {made(t, object.Contact, "a", "", `{"channel":"chat"}`), "spec.secretRef: is missing"},
		"a token in plain text":      {made(t, object.Contact, "a", "", `{"channel":"chat","token":"hush"}`), "spec.token: a secret does not stand"},
		"a password in an address":   {made(t, object.Contact, "a", "", `{"channel":"webhook","address":"https://a:hush@b"}`), "the address holds a password"},
		"a webhook in the clear":     {made(t, object.Contact, "a", "", `{"channel":"webhook","address":"http://b"}`), "goes to an https address"},
		"a day with 25 hours":        {made(t, object.Contact, "a", "", `{"channel":"mail","address":"a@b","quiet":{"from":"25:00","to":"06:00","zone":"UTC"}}`), "spec.quiet.from"},
		"steps that do not rise":     {made(t, object.Route, "a", "", `{"steps":[{"after_minutes":5,"contacts":["x"]},{"after_minutes":5,"contacts":["x"]}]}`), "not after the step before"},
		"a role that is none":        {made(t, object.GroupRole, "a", "", `{"group":"g","role":"king"}`), "spec.role"},
		"a tenant's role for nobody": {made(t, object.GroupRole, "a", "", `{"group":"g","role":"tenant-user"}`), "spec.tenant: is missing"},
		"a kind that is none":        {made(t, "King", "a", "", `{}`), "is no kind of object"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			err := c.o.Validate()
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}
