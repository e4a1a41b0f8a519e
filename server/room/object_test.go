package room

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/object"
	"sluice/people"
)

// TestKindsAndSchemas: every kind has a schema of 2020-12 under its own address.
func TestKindsAndSchemas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Public = "https://room.example" })
	var kinds ObjectKinds
	w.nobody().ok(http.StatusOK, "GET", "/v1/kinds", nil).read(t, &kinds)
	if len(kinds.Kinds) != len(object.Kinds()) {
		t.Fatal(kinds)
	}
	for _, k := range kinds.Kinds {
		a := w.nobody().ok(http.StatusOK, "GET", "/v1/schemas/"+k.Kind, nil)
		address, is := strings.CutPrefix(k.Schema, "https://room.example")
		if b := w.nobody().ok(http.StatusOK, "GET", address, nil); !is || b.body != a.body || a.header.Get("Content-Type") != "application/schema+json" {
			t.Errorf("%s %v", k.Schema, a.header)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(a.body))
		if err != nil {
			t.Fatalf("%s: %v", k.Kind, err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(k.Schema, doc); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Compile(k.Schema); err != nil || doc.(map[string]any)["$id"] != k.Schema {
			t.Errorf("%s: %v", k.Kind, err)
		}
	}
	if a := w.nobody().do("GET", "/v1/schemas/Castle", nil); a.status != http.StatusNotFound {
		t.Error(a.status, a.body)
	}
}

// TestObjects lists, shows and filters by what the visitor may see.
func TestObjects(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100"), strings.ReplaceAll(fjord("9", "10"), "fjord", "bayou"), mailbox("a", "a@example.org"), mailbox("b", "b@example.org"),
		"apiVersion: sluice/v1\nkind: Policy\nmetadata: {name: fjord, site: fjord}\nspec: {alarms: {flood_per_10_minutes: 8}}\n"))
	list := func(g *guest, query string) (keys []string) {
		var p ObjectPage
		g.ok(http.StatusOK, "GET", "/v1/objects?"+query, nil).read(t, &p)
		for _, o := range p.Objects {
			keys = append(keys, o.Kind+"/"+o.Metadata.Name)
		}
		if p.Next != "" {
			keys = append(keys, "next "+p.Next)
		}
		return keys
	}
	for query, want := range map[string][]string{
		"":                                 {"Contact/a", "Contact/b", "Policy/fjord", "Site/bayou", "Site/fjord"},
		"kind=Contact":                     {"Contact/a", "Contact/b"},
		"site=fjord":                       {"Policy/fjord", "Site/fjord"},
		"label=team%3Dhouston&kind=Site":   nil,
		"label=team%3Dhouston":             {"Contact/a", "Contact/b"},
		"label=team%3Dhouston&label=a%3Db": nil,
		"limit=2":                          {"Contact/a", "Contact/b", "next Contact/b"},
		"limit=2&after=Contact%2Fb":        {"Policy/fjord", "Site/bayou", "next Site/bayou"},
		"limit=2&after=Site%2Fbayou":       {"Site/fjord"},
	} {
		if got := list(engineer, query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	local := w.as(people.Engineer, "fjord")
	if got := list(local, ""); !slices.Equal(got, []string{"Policy/fjord", "Site/fjord"}) {
		t.Error(got)
	}
	for _, path := range []string{"Contact/a", "Site/bayou", "Site/none", "Castle/a", "Site/bayou/history"} {
		if a := local.do("GET", "/v1/objects/"+path, nil); a.status != http.StatusNotFound || strings.Contains(a.body, "example.org") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if text := local.ok(http.StatusOK, "GET", "/v1/objects/export", nil).body; strings.Contains(text, "bayou") || strings.Contains(text, "Contact") || !strings.Contains(text, "name: fjord") {
		t.Error(text)
	}
	if o, tag := local.stored("Site/fjord"); tag != `"1"` || o.By != "engineer" || o.Metadata.Version != 1 {
		t.Errorf("%s %+v", tag, o)
	}
	for _, bad := range []string{"label=team", "label=%40site%3Dfjord", "kind=Castle", "after=x", "limit=0", "label=a%3D1&label=a%3D2"} {
		if a := engineer.do("GET", "/v1/objects?"+bad, nil); a.status/100 != 4 || a.problem().Hint == "" {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}
}

// TestApplyIsWhole: what is bad is told with file, line, column and remedy, and nothing of
// it is done.
func TestApplyIsWhole(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	good := mailbox("a", "a@example.org")
	for sentence, c := range map[string]struct {
		upload ObjectUpload
		status int
		says   []string
	}{
		"half a file": {yaml(good, "apiVersion: sluice/v1\nkind: Contact\nmetadata: {name: b\n"), 422, []string{"objects.yaml:"}},
		"an unknown key, and another one in another file": {
			ObjectUpload{Files: []ObjectFile{{"one.yaml", good}, {"two.yaml", strings.Replace(good, "address:", "addres:", 1)}, {"three.yaml", strings.Replace(fjord("12", "100"), "import_limit_mw", "import_limt_mw", 1)}}},
			422,
			[]string{"two.yaml:4:", "did you mean address?", "three.yaml:9:5: spec.connection.import_limt_mw", "did you mean import_limit_mw?"},
		},
		"what the reader of sites refuses": {yaml(good, fjord("-12", "100")), 422, []string{"objects.yaml:"}},
		"a route to nobody":                {yaml(good, "apiVersion: sluice/v1\nkind: Route\nmetadata: {name: r}\nspec: {steps: [{after_minutes: 0, contacts: [nobody]}]}\n"), 422, []string{"there is no Contact/nobody"}},
		"the same twice":                   {yaml(good, good), 422, []string{"twice"}},
		"a zone that is none":              {yaml(strings.Replace(good, "spec: {", `spec: {quiet: {from: "22:00", to: "06:00", zone: Mars/Base}, `, 1)), 422, []string{"objects.yaml:4:44", "Mars/Base"}},
		"a route of too many steps": {yaml(good, "apiVersion: sluice/v1\nkind: Route\nmetadata: {name: r}\nspec:\n  steps:\n"+strings.Join([]string{
			"", "1, contacts: [a]}\n", "2, contacts: [a]}\n", "3, contacts: [a]}\n", "4, contacts: [a]}\n", "5, contacts: [a]}\n", "6, contacts: [a]}\n", "7, contacts: [a]}\n", "8, contacts: [a]}\n", "9, contacts: [a]}\n", "10, contacts: [a]}\n", "11, contacts: [a]}\n",
		}, "    - {after_minutes: ")), 422, []string{"1 to 10 steps"}},
		"an administrator by group":      {yaml("apiVersion: sluice/v1\nkind: GroupRole\nmetadata: {name: g}\nspec: {group: all, role: admin}\n"), 422, []string{"no group makes an administrator"}},
		"a version of what is not there": {yaml(strings.Replace(good, "name: a,", "name: a, version: 3,", 1)), 409, []string{"version 3 of it is gone"}},
		"prune without a label":          {ObjectUpload{YAML: good, Prune: true}, 422, []string{"it needs a label"}},
		"prune by a label of ours":       {ObjectUpload{YAML: good, Prune: true, Labels: map[string]string{"@site": "fjord"}}, 422, nil},
		"nothing at all":                 {ObjectUpload{}, 422, []string{"objects.yaml: it is empty"}},
		"text and files":                 {ObjectUpload{YAML: good, Files: []ObjectFile{{"a", good}}}, 422, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			for _, path := range []string{"/v1/objects/diff", "/v1/objects/apply"} {
				a := engineer.do("POST", path, c.upload)
				p := a.problem()
				if a.status != c.status || p.Hint == "" {
					t.Fatalf("%s: %d %s", path, a.status, a.body)
				}
				all := strings.Join(p.Faults, "\n")
				for _, says := range c.says {
					if !strings.Contains(all, says) {
						t.Errorf("%s does not say %q:\n%s", path, says, all)
					}
				}
			}
		})
	}
	if text := engineer.ok(http.StatusOK, "GET", "/v1/objects", nil).body; strings.Contains(text, "Contact") {
		t.Errorf("something was applied: %s", text)
	}
	if a := engineer.do("POST", "/v1/objects/apply", yaml(good+strings.Repeat("# more\n", 700_000))); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("5 MB: %d %.200s", a.status, a.body)
	}
}

// TestConditions: a change names the version that it changes.
func TestConditions(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	body := func(address string) any {
		return ObjectText{Spec: json.RawMessage(`{"channel":"mail","address":"` + address + `"}`)}
	}
	put := func(b any, header ...string) reply { return engineer.do("PUT", "/v1/objects/Contact/a", b, header...) }
	steps := []struct {
		sentence string
		reply    func() reply
		status   int
		code     string
	}{
		{"without a condition", func() reply { return put(body("a@b.org")) }, 428, "condition_missing"},
		{"of what is not there", func() reply { return put(body("a@b.org"), "If-Match", `"1"`) }, 404, "unknown"},
		{"it is new", func() reply { return put(body("a@b.org"), "If-None-Match", "*") }, 200, ""},
		{"it is new again", func() reply { return put(body("a@b.org"), "If-None-Match", "*") }, 412, "stale"},
		{"both", func() reply { return put(body("a@b.org"), "If-None-Match", "*", "If-Match", `"1"`) }, 422, "invalid"},
		{"a version that is none", func() reply { return put(body("a@b.org"), "If-Match", "1") }, 422, "invalid"},
		{"a weak one", func() reply { return put(body("a@b.org"), "If-Match", `W/"1"`) }, 422, "invalid"},
		{"any version", func() reply { return put(body("a@b.org"), "If-Match", "*") }, 422, "invalid"},
		{"the version that stands", func() reply { return put(body("c@d.org"), "If-Match", `"1"`) }, 200, ""},
		{"one that stood before", func() reply { return put(body("e@f.org"), "If-Match", `"1"`) }, 412, "stale"},
		{"another name", func() reply {
			return put(ObjectText{Metadata: &ObjectMeta{Name: "b"}, Spec: json.RawMessage(`{}`)}, "If-Match", `"2"`)
		}, 422, "invalid"},
		{"a bad address", func() reply { return put(body("nowhere"), "If-Match", `"2"`) }, 422, "invalid"},
		{"a spec that is no object", func() reply { return put(ObjectText{Spec: json.RawMessage(`[1]`)}, "If-Match", `"2"`) }, 422, "invalid"},
		{"a key that stands twice", func() reply {
			return put(`{"spec":{"channel":"mail","channel":"mail","address":"a@b.org"}}`, "If-Match", `"2"`)
		}, 422, "invalid"},
		{"another kind", func() reply { return engineer.do("PUT", "/v1/objects/Castle/a", body("a@b.org"), "If-None-Match", "*") }, 404, "unknown"},
		{"deleted without a condition", func() reply { return engineer.do("DELETE", "/v1/objects/Contact/a", nil) }, 428, "condition_missing"},
		{"deleted as it stood before", func() reply { return engineer.do("DELETE", "/v1/objects/Contact/a", nil, "If-Match", `"1"`) }, 412, "stale"},
		{"deleted", func() reply { return engineer.do("DELETE", "/v1/objects/Contact/a", nil, "If-Match", `"2"`) }, 200, ""},
		{"deleted again", func() reply { return engineer.do("DELETE", "/v1/objects/Contact/a", nil, "If-Match", `"2"`) }, 404, "unknown"},
		{"made anew", func() reply { return put(body("a@b.org"), "If-None-Match", "*") }, 200, ""},
	}
	for _, s := range steps {
		a := s.reply()
		if a.status != s.status || a.problem().Code != s.code {
			t.Errorf("%s: %d %s", s.sentence, a.status, a.body)
		}
		if s.code == "stale" && !strings.Contains(a.problem().Detail, "by engineer at 2026-") {
			t.Errorf("%s does not say what stands: %s", s.sentence, a.body)
		}
	}
	if o, tag := engineer.stored("Contact/a"); tag != `"4"` || !strings.Contains(string(o.Spec), "a@b.org") {
		t.Errorf("%s %+v", tag, o)
	}
	var h ObjectHistory
	engineer.ok(http.StatusOK, "GET", "/v1/objects/Contact/a/history", nil).read(t, &h)
	var versions []int64
	for _, o := range h.Versions {
		versions = append(versions, o.Metadata.Version)
	}
	if !slices.Equal(versions, []int64{4, 3, 2, 1}) || !h.Versions[1].Deleted || h.Versions[1].Spec != nil {
		t.Errorf("%+v", h)
	}
}

// TestPruneAndReferences: what goes is named, and what is still named stays.
func TestPruneAndReferences(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	route := "apiVersion: sluice/v1\nkind: Route\nmetadata: {name: r}\nspec: {steps: [{after_minutes: 0, contacts: [b]}]}\n"
	a, b := mailbox("a", "a@example.org"), mailbox("b", "b@example.org")
	engineer.applied(http.StatusOK, yaml(a, b, route))
	prune := yaml(a)
	prune.Prune, prune.Labels = true, map[string]string{"team": "houston"}
	if x := engineer.do("POST", "/v1/objects/apply", prune); x.status != 422 || !strings.Contains(x.body, "Route/r") {
		t.Errorf("%d %s", x.status, x.body)
	}
	if x := engineer.do("DELETE", "/v1/objects/Contact/b", nil, "If-Match", `"1"`); x.status != 422 || !strings.Contains(x.body, "Route/r") {
		t.Errorf("%d %s", x.status, x.body)
	}
	x := engineer.do("DELETE", "/v1/objects/Route/r", nil, "If-Match", `"1"`)
	if x.status != 200 || strings.Contains(x.body, goes) {
		t.Errorf("%d %s", x.status, x.body)
	}
	out := engineer.applied(http.StatusOK, prune)
	if len(out.Changes) != 2 || out.Changes[1].What != "delete" || out.Changes[1].Name != "b" || !out.Done {
		t.Errorf("%+v", out)
	}
}

// TestRightsOfObjects: who may not see or do, does not, and dry runs do nothing.
func TestRightsOfObjects(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100"), strings.ReplaceAll(fjord("9", "10"), "fjord", "bayou")))
	viewer, local := w.as(people.Viewer, ""), w.as(people.Engineer, "fjord")
	if d := viewer.differs(yaml(fjord("12", "120"))); len(d) != 1 || d[0].Risk != "setup" || d[0].Fields[0].Before != "100" || d[0].Fields[0].After != "120" {
		t.Errorf("%+v", d)
	}
	for sentence, c := range map[string]struct {
		g      *guest
		upload ObjectUpload
		status int
		code   string
	}{
		"who only looks":         {viewer, yaml(fjord("12", "120")), 403, "no_right"},
		"at another site":        {local, yaml(strings.ReplaceAll(fjord("9", "11"), "fjord", "bayou")), 404, "unknown"},
		"a new site of others":   {local, yaml(strings.ReplaceAll(fjord("9", "11"), "fjord", "delta")), 404, "unknown"},
		"what is of the house":   {local, yaml(mailbox("a", "a@example.org")), 404, "unknown"},
		"an entity by engineers": {engineer, ObjectUpload{Files: []ObjectFile{{"e.yaml", shippedOf(t, "kind: Entity")}}}, 403, "no_right"},
		"a tenant":               {w.as(people.TenantAdmin, ""), yaml(fjord("12", "120")), 403, "no_right"},
		"nobody":                 {w.nobody(), yaml(fjord("12", "120")), 401, "session"},
	} {
		if a := c.g.do("POST", "/v1/objects/apply", c.upload); a.status != c.status || a.problem().Code != c.code {
			t.Errorf("%s: %d %s", sentence, a.status, a.body)
		}
	}
	for i, at := range []string{"/v1/objects/diff", "/v1/objects/apply"} {
		if a := local.do("POST", at, yaml(strings.ReplaceAll(fjord("9", "11"), "fjord", "bayou"))); strings.Contains(a.body, "import_limit") {
			t.Errorf("%d: %s", i, a.body)
		}
	}
	body := map[string]any{"yaml": fjord("11", "100"), "dry_run": true}
	if a := local.ok(http.StatusOK, "POST", "/v1/objects/apply", body); !strings.Contains(a.body, `"done":false`) || !strings.Contains(a.body, `"lower"`) {
		t.Error(a.body)
	}
	if o, _ := local.stored("Site/fjord"); o.Metadata.Version != 1 {
		t.Errorf("a dry run changed it: %+v", o)
	}
	if out := local.applied(http.StatusOK, yaml(fjord("11", "100"))); !out.Done || out.Changes[0].Risk != "lower" {
		t.Errorf("%+v", out)
	}
}

// shippedOf is the first shipped example with a text.
func shippedOf(t *testing.T, text string) string {
	t.Helper()
	for _, f := range shippedObjects(t) {
		if strings.Contains(f.YAML, text) {
			return f.YAML
		}
	}
	t.Fatal("there is none with", text)
	return ""
}

// TestProofOfObjects: what takes a proof takes it here too, and the same again asks for
// nothing.
func TestProofOfObjects(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100")))
	w.later(people.StepUp + 1)
	if a := engineer.do("POST", "/v1/objects/apply", yaml(fjord("12", "120"))); a.status != 403 || a.problem().Code != "not_proven" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if out := engineer.applied(http.StatusOK, yaml(fjord("12", "100"))); !out.Done {
		t.Errorf("%+v", out)
	}
	if out := engineer.applied(http.StatusOK, yaml(fjord("10", "100"))); !out.Done {
		t.Errorf("a lower limit waits for nothing: %+v", out)
	}
}

// TestThePolicyOfFloods: the least that a policy says is when alarms are a flood, and
// without one it is as usual.
func TestThePolicyOfFloods(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	target := func() int {
		var all Alarms
		engineer.ok(http.StatusOK, "GET", "/v1/alarms", nil).read(t, &all)
		return all.Board.TargetTen
	}
	policy := func(site, flood string) string {
		return "apiVersion: sluice/v1\nkind: Policy\nmetadata: {name: " + site + ", site: " + site + "}\nspec: {alarms: {flood_per_10_minutes: " + flood + "}}\n"
	}
	before := target()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100"), strings.ReplaceAll(fjord("9", "10"), "fjord", "bayou"), policy("fjord", "4"), policy("bayou", "7")))
	if got := target(); before != 10 || got != 4 {
		t.Errorf("%d, then %d", before, got)
	}
	engineer.applied(http.StatusOK, yaml(policy("fjord", "20")))
	if got := target(); got != 7 {
		t.Errorf("the least is %d", got)
	}
	a := engineer.do("POST", "/v1/objects/apply", yaml(strings.Replace(policy("fjord", "20"), "alarms: {flood_per_10_minutes: 20}", "shift: {length_hours: 12}", 1)))
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "shift") {
		t.Errorf("what nothing acts on is kept: %d %s", a.status, a.body)
	}
}

// TestObjectsInTheLog: before and after stand there by field, and what has to be done.
func TestObjectsInTheLog(t *testing.T) {
	t.Parallel()
	w, _ := deciding(t)
	engineer := w.engineer()
	engineer.applied(http.StatusOK, yaml(fjord("12", "100")))
	engineer.applied(http.StatusOK, yaml(fjord("11", "120")))
	var log AuditPage
	w.admin().ok(http.StatusOK, "GET", "/v1/audit?site=fjord&limit=20", nil).read(t, &log)
	type line struct{ Who, Verb, Subject, Reason, Before, After, Effects string }
	var got []line
	for _, e := range log.Entries[:2] {
		got = append(got, line{e.Who, e.Verb, e.Subject, e.Reason, e.Before, e.After, e.Effects})
	}
	want := []line{
		{"engineer", "setup", "update Site/fjord", "for the test", "", "", "applied: Site/fjord version 2; no site fjord is attached here: add it under Set-up, or attach it with --site, and it runs by its own file until then"},
		{"engineer", "setup", "update Site/fjord", "for the test", "spec.connection.import_limit_mw: 12\nspec.groups[row-1].count: 100\n", "spec.connection.import_limit_mw: 11\nspec.groups[row-1].count: 120\n", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
