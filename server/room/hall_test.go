package room

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/live/hall"
	"sluice/people"
	"sluice/unit"
)

// TestLiveHall: what is answered is what the hall says; a preview does nothing, and a
// curtailment does what it showed.
func TestLiveHall(t *testing.T) {
	t.Parallel()
	inLiveHall(t, func(w *world, h *hall.Hall) {
		g := w.as(people.Operator, "a")
		s, err := h.Status(w.Context())
		w.must(err)
		var got HallDetail
		g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu", nil).read(w, &got)
		if !got.Now.Answers || !got.Now.Reachable || got.Now.Power == nil || *got.Now.Power != int64(s.Power) || got.Now.GPUs != 96 || got.Now.Busy != s.Busy || got.Now.Servers["up"] != 12 || got.Now.Running != 11 {
			t.Errorf("%+v", got.Now)
		}
		if len(got.Contracts) != 3 || got.Contracts[0].Contract != "firm" || got.Contracts[0].Running != 32 || got.Market == nil || len(got.Caps) != 1 || got.Caps[0].GPUs != 88 || got.Caps[0].Limit != nil {
			t.Errorf("%+v", got)
		}
		ask := HallWish{By: new(int64(20_000)), Within: 600, Hold: 3600, Reason: "order 17"}
		var plan HallPlan
		g.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/preview", ask).read(w, &plan)
		want, err := h.Propose(w.Context(), hall.Wish{By: 20_000, Within: 10 * time.Minute, Hold: time.Hour, KeepFirm: true})
		w.must(err)
		if plan.Saves != int64(want.Saved) || plan.Cost != Micro(want.Cost) || plan.To != int64(want.To) || plan.Two || len(givers(plan)) == 0 {
			t.Errorf("%+v, want %+v", plan, want)
		}
		if s, _ := h.Status(w.Context()); s.Event != nil {
			t.Error("the preview began a curtailment")
		}
		w.curtailed(g, h, ask)
	})
}

// curtailed lowers the hall, waits until the meter shows it, and gives back.
func (w *world) curtailed(g *guest, h *hall.Hall, ask HallWish) {
	w.Helper()
	var did HallDid
	g.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/curtail", ask).read(w, &did)
	pass(10 * time.Minute)
	var got HallDetail
	g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu", nil).read(w, &got)
	e := got.Now.Event
	if e == nil || e.Name != did.Event || !e.Proven || *got.Now.Power > e.To+1000 || e.Who != g.name || e.Why != "order 17" {
		w.Errorf("%+v: %+v", did, e)
	}
	again := g.do(http.MethodPost, "/v1/halls/gpu/curtail", HallWish{To: new(int64(1 << 40)), Within: 60, Reason: "x"})
	if again.status != http.StatusConflict || !strings.Contains(again.problem().Detail, "not above") {
		w.Errorf("a curtailment to more: %d %s", again.status, again.body)
	}
	g.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/restore", map[string]string{"reason": "over"})
	pass(time.Hour)
	if s, err := h.Status(w.Context()); err != nil || s.Event == nil || len(s.Event.Acts) > 0 {
		w.Errorf("after it was restored: %+v %v", s.Event, err)
	}
}

// TestPromises: minutes of a month are those of the promise, used, left and credited.
func TestPromises(t *testing.T) {
	t.Parallel()
	credit := unit.Amount(7)
	allowed, left := int64(3600), int64(600)
	got := promiseNow(hall.Promise{Recorded: 10_000, Down: 3_500, Excused: 500, Allowed: &allowed, Left: &left, Credit: &credit, Fee: 9})
	if got.Down != 3_000 || *got.Allowed-got.Down != *got.Left || *got.Credit != 7 {
		t.Errorf("%+v", got)
	}
	inLiveHall(t, func(w *world, h *hall.Hall) {
		pass(time.Hour)
		var d HallDetail
		w.as(people.Viewer, "a").ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu", nil).read(w, &d)
		p := d.Contracts[0].Promise
		if p == nil || p.Recorded < 32*3500 || p.Down != 0 || p.Allowed == nil || p.Left == nil || *p.Allowed != *p.Left || *p.Credit != 0 || len(p.Tiers) != 2 || p.Fee <= 0 {
			t.Errorf("the promise is %+v", p)
		}
		if d.Contracts[1].Promise != nil {
			t.Errorf("batch was promised nothing: %+v", d.Contracts[1].Promise)
		}
	})
}

// TestHallFirm: one person never stops who was promised to run; it becomes a request, and
// what two people agreed on is what was shown.
func TestHallFirm(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	w.hall.firm = true
	ask := HallWish{By: new(int64(30_000)), Within: 600, Firm: true, Reason: "order 18"}
	operator, dispatcher := w.as(people.Operator, "a"), w.as(people.Dispatcher, "a")
	var plan HallPlan
	operator.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/preview", ask).read(t, &plan)
	if !plan.Two {
		t.Errorf("%+v", plan)
	}
	if a := operator.do(http.MethodPost, "/v1/halls/gpu/curtail", ask); a.status != http.StatusForbidden || len(w.hall.told) > 0 {
		t.Errorf("who may not evict asked for it: %d %s", a.status, a.body)
	}
	var did HallDid
	dispatcher.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/curtail", ask).read(t, &did)
	if did.Request == nil || did.Request.Verb != "evict" || len(w.hall.told) > 0 || !strings.Contains(did.Request.Says, "aurora") {
		t.Fatalf("%+v, told %+v", did, w.hall.told)
	}
	q := w.agreed(did.Request.ID)
	says, ours, err := w.room.obeyHall(t.Context(), w.visits(dispatcher), q)
	if err != nil || !ours || says == "" || len(w.hall.told) != 1 {
		t.Fatalf("%q %v %v", says, ours, err)
	}
	want := hall.Wish{To: 70_000, Within: 10 * time.Minute, Why: "order 18", Who: q.By + " and " + q.And}
	if diff := cmp.Diff(want, w.hall.told[0]); diff != "" {
		t.Error(diff)
	}
	ask.Firm = false
	operator.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/curtail", ask)
	ask.Firm, w.hall.firm = true, false // nobody has to be stopped now, and by the time of the deed nobody may
	operator.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/curtail", ask)
	for _, x := range w.hall.told[1:] {
		if !x.KeepFirm || x.Who != operator.name || x.By != 30_000 {
			t.Errorf("%+v", x)
		}
	}
}

// agreed is a request as two people agreed on it.
func (w *world) agreed(id string) people.Request {
	w.Helper()
	_, ann := w.visitor("ann")
	all, err := w.store.Requests(w.Context(), ann, w.clock())
	w.must(err)
	for _, q := range all {
		if q.ID == id {
			q.And = "ann"
			return q
		}
	}
	w.Fatalf("no request %s", id)
	return people.Request{}
}

// visits is a guest as a visit.
func (w *world) visits(g *guest) Visit {
	w.Helper()
	v, err := w.store.Session(w.Context(), people.Hide(g.cookie), w.clock())
	w.must(err)
	return Visit{who: v, at: w.clock()}
}

// TestHallRestore: alone gives back who began it; of anybody else it becomes a request.
func TestHallRestore(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	back := map[string]string{"reason": "the order is over"}
	one, other := w.as(people.Operator, "a"), w.as(people.Engineer, "a")
	if a := one.do(http.MethodPost, "/v1/halls/gpu/restore", back); a.status != http.StatusConflict {
		t.Errorf("nothing runs: %d %s", a.status, a.body)
	}
	one.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/curtail", HallWish{To: new(int64(50_000)), Within: 600, Reason: "r"})
	var did HallDid
	other.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/restore", back).read(t, &did)
	if did.Request == nil || did.Request.Verb != "release" || len(w.hall.back) > 0 {
		t.Fatalf("%+v", did)
	}
	if _, ours, err := w.room.obeyHall(t.Context(), w.visits(other), w.agreed(did.Request.ID)); !ours || err != nil || len(w.hall.back) != 1 || w.hall.back[0].Event != "c-1" || !strings.Contains(w.hall.back[0].Who, " and ") {
		t.Errorf("%v %v %+v", ours, err, w.hall.back)
	}
	one.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/restore", back)
	if len(w.hall.back) != 2 || w.hall.back[1].Who != one.name {
		t.Errorf("%+v", w.hall.back)
	}
	for _, verb := range []string{"lower", "unlock"} {
		w.logs(verb, "hall gpu", one.name)
	}
}

// logs checks that the audit log holds a deed.
func (w *world) logs(verb, subject, who string) {
	w.Helper()
	var p AuditPage
	w.as(people.Auditor, "").ok(http.StatusOK, http.MethodGet, "/v1/audit?verb="+verb, nil).read(w, &p)
	for _, e := range p.Entries {
		if e.Subject == subject && e.Who == who && e.Effects != "" {
			return
		}
	}
	w.Errorf("the audit log holds no %s of %s by %s: %+v", verb, subject, who, p.Entries)
}

// TestHallApart: who has no right at the site of a hall is not told that it exists, and
// each deed takes its own right.
func TestHallApart(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	less := HallWish{To: new(int64(50_000)), Within: 600, Reason: "r"}
	far := w.as(people.Operator, "b")
	if a := far.do(http.MethodGet, "/v1/halls", nil); a.status != http.StatusOK || strings.Contains(a.body, "gpu") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, path := range []string{"", "/jobs", "/why?job=w1", "/order", "/reservations"} {
		if a := far.do(http.MethodGet, "/v1/halls/gpu"+path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, x := range []struct {
		role people.Role
		path string
		body any
		want int
	}{
		{people.Viewer, "curtail", less, http.StatusForbidden},
		{people.Viewer, "restore", map[string]string{"reason": "r"}, http.StatusForbidden},
		{people.Viewer, "preview", less, http.StatusOK},
		{people.Operator, "reservations/r-1/accept", map[string]string{}, http.StatusForbidden},
		{people.Trader, "reservations/r-1/accept", map[string]string{}, http.StatusOK},
		{people.Trader, "curtail", less, http.StatusForbidden},
	} {
		if a := w.as(x.role, "a").do(http.MethodPost, "/v1/halls/gpu/"+x.path, x.body); a.status != x.want {
			t.Errorf("%s as %s: %d, want %d: %s", x.path, x.role, a.status, x.want, a.body)
		}
	}
	if a := far.do(http.MethodPost, "/v1/halls/gpu/curtail", less); a.status != http.StatusNotFound || len(w.hall.told) > 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestHallInput: what makes no sense is told and nothing is done; what a hall refuses is a
// conflict in its words; one that is away is away.
func TestHallInput(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	g := w.as(people.Operator, "a")
	for _, body := range []string{
		`{}`, `{"within_s": 600, "reason": "r"}`, `{"to_w": 5, "by_w": 5, "within_s": 600, "reason": "r"}`, `{"to_w": 5, "within_s": 0, "reason": "r"}`, `{"to_w": -5, "within_s": 600, "reason": "r"}`,
		`{"to_w": 5, "within_s": 600}`, `{"to_w": 5, "within_s": 600, "reason": " "}`, `{"to_w": 5, "within_s": 600, "reason": "r", "colour": 1}`, `{"by_w": "5", "within_s": 600, "reason": "r"}`,
	} {
		if a := g.do(http.MethodPost, "/v1/halls/gpu/curtail", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	less := HallWish{To: new(int64(50_000)), Within: 600, Reason: "r"}
	w.hall.no = true
	if a := g.do(http.MethodPost, "/v1/halls/gpu/curtail", less); a.status != http.StatusConflict || !strings.Contains(a.problem().Detail, "shown nothing") {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.hall.no, w.hall.away = false, true
	for _, a := range []reply{g.do(http.MethodPost, "/v1/halls/gpu/curtail", less), g.do(http.MethodGet, "/v1/halls/gpu", nil), g.do(http.MethodPost, "/v1/halls/gpu/preview", less)} {
		if a.status != http.StatusServiceUnavailable {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := g.do(http.MethodGet, "/v1/halls", nil); a.status != http.StatusOK || !strings.Contains(a.body, `"answers":false`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if len(w.hall.told) > 0 {
		t.Errorf("the hall was told %+v", w.hall.told)
	}
}

// TestHallJobs: what waits comes first by its place, and who would go first costs least.
func TestHallJobs(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	w.hall.firm = true
	g := w.as(people.Viewer, "a")
	names := func(query string) (out []string) {
		var all HallJobs
		g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu/jobs"+query, nil).read(t, &all)
		for _, j := range all.Jobs {
			out = append(out, j.ID)
		}
		return out
	}
	for query, want := range map[string][]string{"": {"w1", "w2", "s1", "r1", "r2", "r3"}, "?state=waiting": {"w1", "w2"}, "?state=stopped": {"s1"}, "?state=running&limit=2": {"r1", "r2"}} {
		if diff := cmp.Diff(want, names(query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	var d HallDetail
	g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu", nil).read(t, &d)
	want := []HallCap{{new(int64(420)), 6, nil}, {nil, 8, new(int64(500))}}
	if diff := cmp.Diff(want, d.Caps); diff != "" {
		t.Error(diff)
	}
	var o HallOrder
	g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu/order", nil).read(t, &o)
	if len(o.Goes) != 2 || o.Goes[0].Item != "r1" || *o.Goes[0].PerKW != 50_000 || !o.Goes[1].Firm || *o.Goes[1].PerKW != 5_000 {
		t.Errorf("%+v", o)
	}
	if a := g.do(http.MethodGet, "/v1/halls/gpu/why?job=x", nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestReservations: the office is told who decided, and what it refuses is a conflict.
func TestReservations(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	g := w.as(people.Trader, "a")
	var all Wishes
	g.ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu/reservations", nil).read(t, &all)
	if len(all.Wishes) != 1 || all.Wishes[0].Tenant != "acme" {
		t.Errorf("%+v", all)
	}
	g.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/reservations/r-1/accept", map[string]any{"contract": "acme-1"})
	g.ok(http.StatusOK, http.MethodPost, "/v1/halls/gpu/reservations/r-2/refuse", map[string]any{"why": "no room"})
	want := []Decision{{Wish: "r-1", Accept: true, Contract: "acme-1", By: g.name}, {Wish: "r-2", Why: "no room", By: g.name}}
	if diff := cmp.Diff(want, w.desk.said); diff != "" {
		t.Error(diff)
	}
	w.logs("quote", "reservation r-1", g.name)
	if a := g.do(http.MethodPost, "/v1/halls/gpu/reservations/r-2/refuse", map[string]any{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.desk.no = true
	if a := g.do(http.MethodPost, "/v1/halls/gpu/reservations/r-1/accept", map[string]any{}); a.status != http.StatusConflict || !strings.Contains(a.problem().Detail, "does not fit") {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.later(people.StepUp + time.Minute)
	if a := g.do(http.MethodPost, "/v1/halls/gpu/reservations/r-1/accept", map[string]any{}); a.problem().Code != string(people.NotProven) {
		t.Errorf("long after they showed who they are: %d %s", a.status, a.body)
	}
}

// TestTenantView: people of a tenant see what is theirs, and no path leads to another one.
func TestTenantView(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	user := w.as(people.TenantUser, "a")
	var places TenantPlaces
	user.ok(http.StatusOK, http.MethodGet, "/v1/tenants", nil).read(t, &places)
	if diff := cmp.Diff([]TenantPlace{{"acme", "gpu", "a", false}}, places.Tenants); diff != "" {
		t.Error(diff)
	}
	for name := range tenantViews() {
		var got map[string]string
		a := user.ok(http.StatusOK, http.MethodGet, "/v1/tenants/acme/"+name, nil)
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || got["tenant"] != "acme" || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v %s", name, a.header, a.body)
		}
	}
	user.ok(http.StatusOK, http.MethodGet, "/v1/tenants/acme/level?month=2025-09&hall=gpu", nil)
	if last := w.view.asked[len(w.view.asked)-1]; last != "acme /v1/level?month=2025-09" {
		t.Errorf("the desk was asked %q", last)
	}
	n := len(w.view.asked)
	for _, x := range []struct {
		who  *guest
		path string
		want int
	}{
		{user, "borealis/jobs", http.StatusForbidden},
		{user, "acme/jobs?contract=x", http.StatusUnprocessableEntity},
		{user, "acme/jobs?hall=other", http.StatusNotFound},
		{user, "acme/jobs?tenant=borealis", http.StatusUnprocessableEntity},
		{user, "acme%2F..%2Fborealis/jobs", http.StatusForbidden},
		{user, "ACME/jobs", http.StatusForbidden},
		{w.as(people.TenantUser, "b"), "acme/jobs", http.StatusNotFound},
		{w.as(people.Admin, ""), "acme/jobs", http.StatusForbidden},
		{w.as(people.Operator, "a"), "acme/jobs", http.StatusForbidden},
		{w.nobody(), "acme/jobs", http.StatusUnauthorized},
	} {
		if a := x.who.do(http.MethodGet, "/v1/tenants/"+x.path, nil); a.status != x.want {
			t.Errorf("%s asks for %s: %d, want %d: %s", x.who.name, x.path, a.status, x.want, a.body)
		}
	}
	if len(w.view.asked) != n {
		t.Errorf("the desk was asked %q", w.view.asked[n:])
	}
	w.view.status = http.StatusBadRequest
	if a := user.do(http.MethodGet, "/v1/tenants/acme/usage", nil); a.status != http.StatusBadRequest || a.problem().Hint != "ask for less" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
