package room

import (
	"net/http"
	"strings"
	"testing"

	"sluice/people"
)

// TestDeeds does what people do at a site, and what is refused.
func TestDeeds(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	shift := w.as(people.Dispatcher, "houston")
	for sentence, c := range map[string]struct {
		path string
		body any
		no   string // of the site
		code int
		says string
	}{
		"one person stops everything":            {"stop", Asked{}, "", http.StatusOK, "done: stop"},
		"a lock-out without a reason":            {"lock", map[string]any{"machine": "10.0.0.1", "limit_w": 0}, "", http.StatusUnprocessableEntity, "lock needs reason"},
		"a lock-out without a power is not zero": {"lock", map[string]any{"machine": "10.0.0.1", "reason": "smoke"}, "", http.StatusUnprocessableEntity, "lock needs limit_w"},
		"a lock-out":                             {"lock", map[string]any{"machine": "10.0.0.1", "reason": "smoke", "limit_w": 0}, "", http.StatusOK, "done: lock"},
		"a limit below zero":                     {"instruct", map[string]any{"limit_w": -5}, "", http.StatusUnprocessableEntity, "limit_w"},
		"an instruction without a limit":         {"instruct", map[string]any{}, "", http.StatusUnprocessableEntity, "instruct needs limit_w"},
		"a field that there is not":              {"stop", map[string]any{"force": true}, "", http.StatusUnprocessableEntity, "force"},
		"the site says no":                       {"demote", Asked{Stage: "observe"}, "it observes already", http.StatusConflict, "it observes already"},
	} {
		p.change(func(p *plant) { p.no = c.no })
		a := shift.do(http.MethodPost, "/v1/sites/houston/"+c.path, c.body)
		if a.status != c.code || !strings.Contains(a.body, c.says) {
			t.Errorf("%s: %d %s, want %d and %q", sentence, a.status, a.body, c.code, c.says)
		}
	}
	p.change(func(p *plant) {
		p.no = ""
		for _, d := range p.told {
			if !strings.HasPrefix(d.q.By, "dispatcher") {
				t.Errorf("the site was told that %q did %s: names come from the login", d.q.By, d.deed)
			}
		}
		p.away = true
	})
	if a := shift.do(http.MethodPost, "/v1/sites/houston/stop", Asked{}); a.status != http.StatusServiceUnavailable || a.problem().Code != "away" {
		t.Errorf("a site that does not answer: %d %s", a.status, a.body)
	}
	log := w.as(people.Auditor, "").do(http.MethodGet, "/v1/audit?verb=stop", nil)
	if log.status != http.StatusOK || strings.Count(log.body, `"stop"`) < 2 || !strings.Contains(log.body, "not done") {
		t.Errorf("the audit log: %d %s", log.status, log.body)
	}
}

// TestTwoPeople ends a stop: one asks, another one approves, the site is told both.
func TestTwoPeople(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	p.change(func(p *plant) { p.status.Stopped = true })
	w.hear()
	one, other, viewer := w.as(people.Dispatcher, "houston"), w.as(people.Engineer, "houston"), w.as(people.Viewer, "houston")
	a := one.do(http.MethodPost, "/v1/sites/houston/resume", Asked{Reason: "the grid is calm"})
	var did Did
	a.read(t, &did)
	if a.status != http.StatusAccepted || did.Request == nil || len(p.told) != 0 {
		t.Fatalf("asked: %d %s, told %v", a.status, a.body, p.told)
	}
	approve := "/v1/requests/" + did.Request.ID + "/approve"
	for sentence, c := range map[string]struct {
		who  *guest
		code string
	}{"by who asked": {one, string(people.SamePerson)}, "by who may not": {viewer, string(people.NoRight)}} {
		if a := c.who.do(http.MethodPost, approve, nil); a.status/100 != 4 || a.problem().Code != c.code || len(p.told) != 0 {
			t.Errorf("approved %s: %d %s, told %v", sentence, a.status, a.body, p.told)
		}
	}
	if a := other.do(http.MethodPost, approve, nil); a.status != http.StatusOK || !strings.Contains(a.body, "done: resume") {
		t.Fatalf("approved by the other: %d %s", a.status, a.body)
	}
	p.change(func(p *plant) {
		if len(p.told) != 1 || p.told[0].q.By == p.told[0].q.And || p.told[0].q.And == "" || p.status.Stopped {
			t.Errorf("the site was told %+v", p.told)
		}
	})
	if a := other.do(http.MethodPost, approve, nil); a.status != http.StatusConflict {
		t.Errorf("approved twice: %d %s", a.status, a.body)
	}
}

// TestPromotion asks the site in one name and approves in another.
func TestPromotion(t *testing.T) {
	t.Parallel()
	w, p := heard(t)
	one, other := w.as(people.Dispatcher, "houston"), w.as(people.Engineer, "houston")
	var did Did
	one.do(http.MethodPost, "/v1/sites/houston/promote", Asked{Reason: "evidence is there"}).read(t, &did)
	if did.Request == nil || !strings.Contains(did.Request.Diff, "shadow -> advisory") {
		t.Fatalf("asked: %+v", did)
	}
	if a := other.do(http.MethodPost, "/v1/requests/"+did.Request.ID+"/decline", map[string]string{"reason": "not today"}); a.status != http.StatusOK || !strings.Contains(a.body, "declined") {
		t.Fatalf("declined: %d %s", a.status, a.body)
	}
	one.do(http.MethodPost, "/v1/sites/houston/promote", Asked{Reason: "tomorrow"}).read(t, &did)
	if a := other.do(http.MethodPost, "/v1/requests/"+did.Request.ID+"/approve", nil); a.status != http.StatusOK {
		t.Fatalf("approved: %d %s", a.status, a.body)
	}
	p.change(func(p *plant) {
		if n := len(p.told); n != 2 || p.told[0].q.By == p.told[1].q.By || p.status.Mode.Stage != "advisory" {
			t.Errorf("the site was told %+v", p.told)
		}
	})
}
