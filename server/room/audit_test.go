package room

import (
	"net/http"
	"strings"
	"testing"

	"sluice/people"
)

// TestAuditLog: pages, filters, what is seen of one site alone, the check and the export.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, auditor, one := w.admin(), w.as(people.Auditor, ""), w.as(people.Auditor, "a")
	w.as(people.Operator, "a")
	w.as(people.Operator, "b")
	var whole AuditPage
	auditor.ok(http.StatusOK, "GET", "/v1/audit?limit=1000", nil).read(t, &whole)
	if len(whole.Entries) < 10 || whole.Next != 0 || whole.Entries[len(whole.Entries)-1].Verb != "first_link" {
		t.Fatalf("%d entries, next %d", len(whole.Entries), whole.Next)
	}
	var seen []AuditEntry
	for next, pages := "", 0; pages < 100; pages++ {
		var p AuditPage
		auditor.ok(http.StatusOK, "GET", "/v1/audit?limit=3"+next, nil).read(t, &p)
		seen = append(seen, p.Entries...)
		if p.Next == 0 {
			break
		}
		next = "&cursor=" + itoa(int(p.Next))
	}
	if len(seen) != len(whole.Entries) || seen[0] != whole.Entries[0] || seen[len(seen)-1] != whole.Entries[len(seen)-1] {
		t.Errorf("%d entries by pages, %d at once", len(seen), len(whole.Entries))
	}
	for query, check := range map[string]func(AuditEntry) bool{
		"verb=login":      func(e AuditEntry) bool { return e.Verb == "login" },
		"who=ann":         func(e AuditEntry) bool { return e.Who == "ann" },
		"site=a":          func(e AuditEntry) bool { return e.Site == "a" },
		"verb=role_given": func(e AuditEntry) bool { return e.Verb == "role_given" },
	} {
		var p AuditPage
		auditor.ok(http.StatusOK, "GET", "/v1/audit?"+query, nil).read(t, &p)
		for _, e := range p.Entries {
			if !check(e) {
				t.Errorf("%s: %+v", query, e)
			}
		}
		if len(p.Entries) == 0 {
			t.Errorf("%s: nothing", query)
		}
	}
	var mine AuditPage
	one.ok(http.StatusOK, "GET", "/v1/audit", nil).read(t, &mine)
	for _, e := range mine.Entries {
		if e.Site != "a" {
			t.Errorf("of another site: %+v", e)
		}
	}
	if len(mine.Entries) == 0 {
		t.Error("nothing of the own site")
	}
	both := &guest{world: w, name: one.name}
	both.cookie, _ = w.visitor(one.name, one.grants[0], people.Grant{Role: people.Viewer, Site: "b"})
	both.ok(http.StatusOK, "GET", "/v1/audit", nil)
	one = both
	one.wants(t, "GET", "/v1/audit?site=b", nil, http.StatusForbidden, string(people.NoRight))
	for _, bad := range []string{"limit=0", "limit=1001", "cursor=-1", "from=yesterday", "verbs=login"} {
		auditor.wants(t, "GET", "/v1/audit?"+bad, nil, http.StatusUnprocessableEntity, "invalid")
	}

	var head AuditHead
	ann.ok(http.StatusOK, "GET", "/v1/audit/verify", nil).read(t, &head)
	if !head.Good || head.Count < 10 {
		t.Errorf("%+v", head)
	}
	kept := "count=" + itoa(int(head.Count)) + "&hash="
	ann.ok(http.StatusOK, "GET", "/v1/audit/verify?"+kept+head.Hash, nil).read(t, &head)
	if !head.Good {
		t.Errorf("%+v", head)
	}
	ann.ok(http.StatusOK, "GET", "/v1/audit/verify?"+kept+strings.Repeat("0", 64), nil).read(t, &head)
	if head.Good || head.Fault == "" {
		t.Errorf("another head is not noticed: %+v", head)
	}

	a := auditor.ok(http.StatusOK, "GET", "/v1/audit/export", nil)
	if !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment; filename=") {
		t.Error(a.header)
	}
	installation, end, err := people.CheckExport(strings.NewReader(a.body))
	if err != nil || installation != head.Installation || end.Count < head.Count {
		t.Errorf("%s %+v %v", installation, end, err)
	}
}
