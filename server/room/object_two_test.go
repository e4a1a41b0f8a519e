package room

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/people"
	keep "sluice/store/room"
)

// approve approves what was asked for.
func (g *guest) approve(id string) reply {
	g.Helper()
	return g.do("POST", "/v1/requests/"+id+"/approve", map[string]any{})
}

// requestOf is a request as it stands.
func (g *guest) requestOf(id string) Request {
	g.Helper()
	var all Requests
	g.ok(http.StatusOK, "GET", "/v1/requests", nil).read(g, &all)
	for _, q := range all.Requests {
		if q.ID == id {
			return q
		}
	}
	g.Fatalf("there is no request %s: %+v", id, all)
	return Request{}
}

// limitOf is the import limit of fjord as it is stored.
func (g *guest) limitOf() string {
	g.Helper()
	o, _ := g.stored("Site/fjord")
	_, text, _ := strings.Cut(string(o.Spec), `"import_limit_mw":`)
	text, _, _ = strings.Cut(text, "}")
	return text
}

// TestARaisedLimit takes two people: nothing is done until another one approves.
func TestARaisedLimit(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	other, engineer := w.as(people.Dispatcher, ""), w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100")))
	if a := engineer.do("POST", "/v1/objects/apply", ObjectUpload{YAML: fjord("14", "100")}); a.status != 422 || a.problem().Code != "no_reason" {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
	out := engineer.applied(http.StatusAccepted, yaml(fjord("14", "120"), mailbox("a", "a@example.org")))
	if out.Done || out.Request == nil || !out.Two || engineer.limitOf() != "12" {
		t.Fatalf("%s %+v", engineer.limitOf(), out)
	}
	q := engineer.requestOf(out.Request.ID)
	if q.Verb != "raise" || q.Site != "fjord" || !q.Mine || !strings.HasPrefix(q.Diff, "Site/fjord spec.connection.import_limit_mw: 12 -> 14 (raise)\n") || !strings.Contains(q.Diff, "Contact/a spec.address") {
		t.Errorf("%+v", q)
	}
	for sentence, c := range map[string]struct {
		g      *guest
		status int
		code   string
	}{
		"the same person":        {engineer, 403, "same_person"},
		"somebody without right": {w.as(people.Viewer, ""), 403, "no_right"},
		"at another site":        {w.as(people.Dispatcher, "bayou"), 403, "no_right"},
	} {
		if a := c.g.approve(q.ID); a.status != c.status && a.status != 404 {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
		if engineer.limitOf() != "12" {
			t.Fatalf("%s alone raised the limit", sentence)
		}
	}
	if a := other.approve(q.ID); a.status != http.StatusOK {
		t.Fatal(a.status, a.body)
	}
	o, tag := engineer.stored("Site/fjord")
	if engineer.limitOf() != "14" || tag != `"2"` || o.By != "engineer and dispatcher" {
		t.Errorf("%s %s %+v", engineer.limitOf(), tag, o)
	}
	engineer.stored("Contact/a")
	if a := other.approve(q.ID); a.status/100 != 4 {
		t.Errorf("approved twice: %d %s", a.status, a.body)
	}
	var log AuditPage
	w.admin().ok(http.StatusOK, "GET", "/v1/audit?limit=20", nil).read(t, &log)
	i := slices.IndexFunc(log.Entries, func(e AuditEntry) bool {
		return e.Subject == "update Site/fjord" && strings.Contains(e.After, "import_limit_mw: 14")
	})
	if i < 0 || log.Entries[i].Who != "dispatcher" || log.Entries[i].And != "engineer" || log.Entries[i].Verb != "raise" {
		t.Errorf("%d %+v", i, log.Entries)
	}
}

// TestWhatChangedMeanwhile is not overwritten: what two people agreed on is of the version
// that they saw.
func TestWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	for sentence, meanwhile := range map[string]func(g *guest){
		"another limit": func(g *guest) { g.applied(http.StatusOK, yaml(fjord("10", "100"))) },
		"another field": func(g *guest) { g.applied(http.StatusOK, yaml(fjord("12", "90"))) },
		"it was changed and changed back": func(g *guest) {
			g.applied(http.StatusOK, yaml(fjord("12", "90")))
			g.applied(http.StatusOK, yaml(fjord("12", "100")))
		},
		"what it names is gone": func(g *guest) {
			g.ok(http.StatusOK, "GET", "/v1/objects/Contact/a", nil)
			if a := g.do("DELETE", "/v1/objects/Contact/a", nil, "If-Match", `"1"`); a.status != http.StatusOK {
				g.Fatal(a.body)
			}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w, _ := deciding(t)
			other, engineer := w.as(people.Dispatcher, ""), w.engineer()
			engineer.applied(http.StatusOK, yaml(fjord("12", "100"), mailbox("a", "a@example.org")))
			route := "apiVersion: sluice/v1\nkind: Route\nmetadata: {name: r}\nspec: {steps: [{after_minutes: 0, contacts: [a]}]}\n"
			out := engineer.applied(http.StatusAccepted, yaml(fjord("14", "100"), route))
			meanwhile(engineer)
			before := engineer.ok(http.StatusOK, "GET", "/v1/objects/export", nil).body
			if a := other.approve(out.Request.ID); a.status != 409 && a.status != 422 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if q := engineer.requestOf(out.Request.ID); q.State != "failed" || !strings.HasPrefix(q.Why, "not done: ") {
				t.Errorf("%+v", q)
			}
			if after := engineer.ok(http.StatusOK, "GET", "/v1/objects/export", nil).body; after != before {
				t.Errorf("something was applied:\n%s", after)
			}
		})
	}
}

// TestApproversOfObjects have every right that an apply takes, not the heaviest alone.
func TestApproversOfObjects(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	finance, admin := w.as(people.Finance, ""), w.as(people.Admin, "")
	ann := w.admin()
	mines := func(limit, pool string) ObjectUpload {
		return yaml(fjord(limit, "100") + "  control:\n    device_networks: [10.20.0.0/16]\n    machines:\n      - {group: row-1, addresses: [10.20.1.1-10.20.1.100]}\n" +
			"    meters:\n      - {name: revenue, kind: revenue, template: schneider-pm5000, address: 10.20.0.2}\n    pools:\n      - {url: \"stratum+tcp://" + pool + ":3333\", worker: site.*}\n")
	}
	if a := admin.approve(ann.applied(http.StatusAccepted, mines("12", "pool.example")).Request.ID); a.status != http.StatusOK {
		t.Fatal(a.status, a.body)
	}
	paid := mines("14", "elsewhere.example")
	var plan ObjectPlan
	ann.ok(http.StatusOK, "POST", "/v1/objects/diff", paid).read(t, &plan)
	if needs := plan.Changes[0].Needs; !slices.Contains(needs, "payee") || !slices.Contains(needs, "raise") {
		t.Fatal(needs)
	}
	out := ann.applied(http.StatusAccepted, paid)
	if a := finance.approve(out.Request.ID); a.status != 403 || a.problem().Verb != "raise" {
		t.Errorf("finance: %d %s", a.status, a.body)
	}
	if q := ann.requestOf(out.Request.ID); q.Verb != "payee" || q.State != "open" {
		t.Errorf("%+v", q)
	}
	if a := admin.approve(out.Request.ID); a.status != http.StatusOK || ann.limitOf() != "14" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestExportAndDiff: what is exported differs in nothing, and applied again changes nothing.
func TestExportAndDiff(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	finance, admin := w.as(people.Finance, ""), w.as(people.Admin, "")
	ann := w.admin()
	files := shippedObjects(t)
	byKind := func(f ObjectFile) int {
		return strings.Index("Site Entity MeterTemplate Quote Contact", strings.Fields(f.YAML)[3])
	}
	slices.SortFunc(files, func(a, b ObjectFile) int { return byKind(a) - byKind(b) })
	for _, f := range files {
		by := ann
		if strings.Contains(f.YAML, "kind: Entity") || strings.Contains(f.YAML, "kind: Quote") {
			by = finance
		}
		a := by.do("POST", "/v1/objects/apply", ObjectUpload{YAML: f.YAML, Reason: "as shipped"})
		var out ObjectApplied
		if a.read(t, &out); a.status/100 != 2 {
			t.Fatalf("%s: %d %s", f.Name, a.status, a.body)
		}
		if out.Request != nil {
			if a := admin.approve(out.Request.ID); a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", f.Name, a.status, a.body)
			}
		}
	}
	viewer := w.as(people.Viewer, "")
	a := viewer.ok(http.StatusOK, "GET", "/v1/objects/export", nil)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/yaml") || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=") {
		t.Error(a.header)
	}
	exported := strings.Count(a.body, "apiVersion: sluice/v1")
	if exported < len(files) {
		t.Fatalf("%d of %d objects", exported, len(files))
	}
	if d := viewer.differs(ObjectUpload{YAML: a.body}); d != nil {
		t.Errorf("%+v", d)
	}
	if out := viewer.applied(http.StatusOK, ObjectUpload{YAML: a.body}); !out.Done || len(out.Changes) != exported {
		t.Errorf("%+v", out)
	}
	t.Logf("%d objects, %d bytes", exported, len(a.body))
}

// TestGroupRoles: what objects say about groups is what a login gives, and when the object
// is gone the next login takes it away.
func TestGroupRoles(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t, func(c *Config) {
		c.Public = "https://room.example"
		c.OIDC = []Provider{{Name: "corp", Issuer: "https://corp.example", ClientID: "sluice", Groups: map[string]people.Grant{"shift": {Role: people.Viewer}}}}
	})
	said := claims{subject: "x", said: map[string]any{"groups": []any{"shift", "sluice-operators"}}}
	grants := func() []people.Grant { return w.room.providers["corp"].claim(said, Visit{at: noon}).Grants }
	if got := grants(); len(got) != 1 {
		t.Error(got)
	}
	apply := func(p keep.Put) {
		_, err := w.room.cfg.Objects.Apply(t.Context(), []keep.Put{p}, "ann", noon)
		w.must(err, w.room.takeIn(t.Context()))
	}
	o := keep.Object{Kind: "GroupRole", Name: "night", Labels: map[string]string{siteLabel: "houston"}, Spec: json.RawMessage(`{"group":"sluice-operators","role":"operator"}`)}
	apply(keep.Put{Object: o})
	if got := grants(); !slices.Contains(got, people.Grant{Role: people.Operator, Site: "houston"}) || len(got) != 2 {
		t.Error(got)
	}
	apply(keep.Put{Object: o, Expect: 1, Delete: true})
	if c := w.room.providers["corp"].claim(said, Visit{at: noon}); len(c.Grants) != 1 || !c.Mapped {
		t.Errorf("%+v", c)
	}
}

// TestAGroupRole takes two administrators: nothing is given before the other one approves.
func TestAGroupRole(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t, func(c *Config) {
		c.Public = "https://room.example"
		c.OIDC = []Provider{{Name: "corp", Issuer: "https://corp.example", ClientID: "sluice"}}
	})
	said := claims{subject: "x", said: map[string]any{"groups": []any{"sluice-operators"}}}
	grants := func() []people.Grant { return w.room.providers["corp"].claim(said, Visit{at: noon}).Grants }
	role := yaml("apiVersion: sluice/v1\nkind: GroupRole\nmetadata: {name: night}\nspec: {group: sluice-operators, role: operator}\n")
	admin, ann, engineer := w.as(people.Admin, ""), w.admin(), w.engineer()
	if a := engineer.do("POST", "/v1/objects/apply", role); a.status != http.StatusForbidden || a.problem().Code != "no_right" || a.problem().Verb != "grant" || a.problem().Hint == "" {
		t.Errorf("without the right: %d %s", a.status, a.body)
	}
	out := admin.applied(http.StatusAccepted, role)
	if out.Done || out.Request == nil || out.Request.Verb != "grant" || !strings.Contains(out.Request.Diff, "spec.role: none -> operator (grant)") || len(grants()) != 0 {
		t.Fatalf("%+v", out)
	}
	if a := admin.approve(out.Request.ID); a.status != http.StatusForbidden || a.problem().Code != "same_person" || a.problem().Hint == "" || len(grants()) != 0 {
		t.Errorf("one person gave a role to a group: %d %s", a.status, a.body)
	}
	if a := engineer.approve(out.Request.ID); a.status/100 != 4 || len(grants()) != 0 {
		t.Errorf("without the right: %d %s", a.status, a.body)
	}
	if a := ann.approve(out.Request.ID); a.status != http.StatusOK {
		t.Fatal(a.status, a.body)
	}
	if got := grants(); !slices.Equal(got, []people.Grant{{Role: people.Operator}}) {
		t.Error(got)
	}
	if q := ann.requestOf(out.Request.ID); q.State != "done" {
		t.Errorf("%+v", q)
	}
}

// TestLargeRequests: what is more than a person can read is not asked for, and what raises
// is never left out of what is shown.
func TestLargeRequests(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100")))
	var many []string
	for i := range 300 {
		many = append(many, mailbox("contact-"+itoa(i), "somebody-with-a-long-name-"+itoa(i)+"@example.org"))
	}
	out := engineer.applied(http.StatusAccepted, yaml(append([]string{fjord("14", "100")}, many[:150]...)...))
	if q := engineer.requestOf(out.Request.ID); !strings.Contains(q.Diff, "12 -> 14 (raise)") || !strings.Contains(q.Diff, "more differences") {
		t.Error(q.Diff)
	}
	w.later(time.Second)
	if a := engineer.do("POST", "/v1/objects/apply", yaml(append([]string{fjord("14", "100")}, many...)...)); a.status != 422 || !strings.Contains(a.body, "300 contacts") {
		t.Errorf("%d %.300s", a.status, a.body)
	}
}
