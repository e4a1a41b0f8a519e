package room

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/live/hall"
	"sluice/people"
	"sluice/service"
)

// ofTenants is everything that can be asked about a tenant, by its path.
func ofTenants() map[string]any {
	all := map[string]any{
		"POST quote":                   map[string]any{"kind": "reserved", "gpus": 8, "from": noon},
		"POST reservations":            map[string]any{"kind": "reserved", "gpus": 8, "from": noon, "key": "k-1"},
		"POST reservations/r-1/cancel": nil,
		"GET bills":                    nil,
	}
	for name := range tenantViews() {
		all["GET "+name] = nil
	}
	return all
}

// TestTenantsApart walks every role of two tenants at one site, at another one and at
// all, and everything that can be asked about either tenant: the desk is asked in the name
// of the tenant that the visitor is of, and of nobody else.
func TestTenantsApart(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	var guests []*guest
	for _, tenant := range []string{"acme", "borealis"} {
		for _, role := range []people.Role{people.TenantUser, people.TenantAdmin} {
			for _, site := range []string{"a", "b", ""} {
				guests = append(guests, w.holding(strings.Join([]string{tenant, string(role), site}, "-")+"x", people.Grant{Role: role, Site: site, Tenant: tenant}))
			}
		}
	}
	for _, role := range people.Roles() {
		if !role.OfTenant() {
			guests = append(guests, w.as(role, ""))
		}
	}
	let, kept := 0, 0
	for i, g := range guests {
		g = w.holding(g.name, g.grants[0]) // a right that was given since ended the session
		guests[i] = g
		for _, tenant := range []string{"acme", "borealis"} {
			for what, body := range ofTenants() {
				method, path, _ := strings.Cut(what, " ")
				w.view.asked = nil
				a := g.do(method, "/v1/tenants/"+tenant+"/"+path, body)
				verb := people.Own
				if strings.HasPrefix(what, "POST reservations") {
					verb = people.Reserve
				}
				may := people.Allowed(g.grants, verb, people.Place{Site: "a", Tenant: tenant})
				switch {
				case may && a.status != http.StatusOK:
					t.Errorf("%s may ask for %s of %s: %d %s", g.name, what, tenant, a.status, a.body)
				case may && path != "bills" && (len(w.view.asked) != 1 || !strings.Contains(w.view.asked[0], tenant+" /v1/")):
					t.Errorf("%s asks for %s of %s: the desk was asked %q", g.name, what, tenant, w.view.asked)
				case !may && len(w.view.asked) > 0:
					t.Errorf("%s may not ask for %s of %s: the desk was asked %q", g.name, what, tenant, w.view.asked)
				case !may && path != "bills" && a.status < 400, !may && g.grants[0].Tenant != tenant && a.status != http.StatusForbidden:
					t.Errorf("%s may not ask for %s of %s: %d %s", g.name, what, tenant, a.status, a.body)
				}
				if may {
					let++
				} else {
					kept++
				}
			}
		}
	}
	t.Logf("%d let in, %d kept out", let, kept)
}

// TestTenantReserves: what is asked goes to the desk as the tenants' interface takes it, is
// written into the audit log with its tenant, and takes somebody who has shown who they are.
func TestTenantReserves(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	g := w.as(people.TenantAdmin, "a")
	w.view.says = `{"id":"r-9","state":"accepted"}`
	until := noon.Add(48 * time.Hour)
	wish := TenantWish{TenantInquiry: TenantInquiry{Kind: "reserved", Model: "H100 SXM", GPUs: 16, From: noon, Until: &until}, Key: "po-7", Says: "please"}
	g.ok(http.StatusOK, http.MethodPost, "/v1/tenants/acme/reservations", wish)
	g.ok(http.StatusOK, http.MethodPost, "/v1/tenants/acme/reservations/r-9/cancel", nil)
	if diff := cmp.Diff([]string{"POST acme /v1/reservations?", "DELETE acme /v1/reservations/r-9?"}, w.view.asked); diff != "" {
		t.Error(diff)
	}
	want := `{"kind":"reserved","model":"H100 SXM","gpus":16,"from":"2026-11-20T12:00:00Z","until":"2026-11-22T12:00:00Z","key":"po-7","says":"please"}`
	if w.view.sent[0] != want {
		t.Errorf("%s, want %s", w.view.sent[0], want)
	}
	w.logs("reserve", "wish po-7", g.name)
	w.logs("reserve", "reservation r-9", g.name)
	for _, id := range []string{"..", "%2E%2E", "a%2Fb", "a%3Fb"} {
		n := len(w.view.asked)
		if a := g.do(http.MethodPost, "/v1/tenants/acme/reservations/"+id+"/cancel", nil); a.status < 300 || len(w.view.asked) != n {
			t.Errorf("%s: %d %s, the desk was asked %q", id, a.status, a.body, w.view.asked[n:])
		}
	}
	w.later(people.StepUp + time.Minute)
	for path, body := range map[string]any{"reservations": wish, "reservations/r-9/cancel": nil} {
		if a := g.do(http.MethodPost, "/v1/tenants/acme/"+path, body); a.problem().Code != string(people.NotProven) {
			t.Errorf("%s long after they showed who they are: %d %s", path, a.status, a.body)
		}
	}
	g.ok(http.StatusOK, http.MethodPost, "/v1/tenants/acme/quote", wish.TenantInquiry)
}

// TestTenantBills: a tenant sees the documents to it, of books where its right is held.
func TestTenantBills(t *testing.T) {
	t.Parallel()
	c := newCabinet(t)
	for name, x := range map[string]struct {
		grant people.Grant
		shown bool
		n     int
	}{
		"its own":                  {people.Grant{Role: people.TenantUser, Site: "houston", Tenant: "borealis"}, true, 1},
		"at all sites":             {people.Grant{Role: people.TenantAdmin, Tenant: "borealis"}, true, 1},
		"of another tenant":        {people.Grant{Role: people.TenantUser, Site: "houston", Tenant: "acme"}, true, 0},
		"of a site without books":  {people.Grant{Role: people.TenantUser, Site: "odessa", Tenant: "borealis"}, false, 0},
		"of a name that is alike":  {people.Grant{Role: people.TenantUser, Tenant: "boreali"}, true, 0},
		"of a name in other cases": {people.Grant{Role: people.TenantUser, Tenant: "Borealis"}, true, 0},
	} {
		var got TenantBills
		c.holding(strings.ReplaceAll(name, " ", "-"), x.grant).ok(http.StatusOK, http.MethodGet, "/v1/tenants/"+x.grant.Tenant+"/bills", nil).read(t, &got)
		if got.Shown != x.shown || len(got.Bills) != x.n {
			t.Errorf("%s: %+v", name, got)
		}
		if x.n == 1 && (got.Bills[0].Number != c.number || got.Bills[0].Open != Micro(dollars(140)) || got.Bills[0].Customer != "borealis") {
			t.Errorf("%s: %+v", name, got.Bills)
		}
	}
}

// TestBurnt: what is left goes down by a GPU-second for each second of each GPU that is
// down and counts, and by nothing else.
func TestBurnt(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	all := []lostStretch{{8, at(100), at(200), "down"}, {16, at(150), at(160), "down"}, {99, at(0), at(1000), "excused"}, {8, at(300), at(300), "down"}}
	want := []BurnPoint{{at(0), 5000}, {at(100), 5000}, {at(150), 4600}, {at(160), 4360}, {at(200), 4040}, {at(1000), 4040}}
	if diff := cmp.Diff(want, burnt(5000, noon, at(1000), all)); diff != "" {
		t.Error(diff)
	}
	many := make([]BurnPoint, 5000)
	many[4999].Left = 7
	if got := thinned(many, burnMost); len(got) > burnMost+1 || got[len(got)-1].Left != 7 {
		t.Errorf("%d points, the last %v", len(got), got[len(got)-1])
	}
}

// TestHallBurn: the burn of a hall is that of each promise with an allowance, by the desk
// of its tenant.
func TestHallBurn(t *testing.T) {
	t.Parallel()
	w := newGallery(t)
	w.hall.standing = []hall.Standing{{Contract: "acme-train", Tenant: "acme"}, {Contract: "by-server", Tenant: "acme"}}
	w.hall.promises = []hall.Promise{
		{Contract: "acme-train", From: noon.Add(-time.Hour), To: noon.Add(time.Hour), Allowed: new(int64(7200)), Down: 4000, Excused: 300, Tiers: []service.Tier{{Below: 999_000}}},
		{Contract: "by-server", From: noon.Add(-time.Hour), To: noon.Add(time.Hour)},
	}
	w.view.says = `[{"seen_until":"2026-11-20T11:50:00Z","against":[{"gpus":4,"from":"2026-11-20T11:30:00Z","to":"2026-11-20T11:45:00Z","condition":"down"}]}]`
	var got HallBurns
	w.as(people.Operator, "a").ok(http.StatusOK, http.MethodGet, "/v1/halls/gpu/burn", nil).read(t, &got)
	if len(got.Burns) != 1 || got.Burns[0].Tenant != "acme" {
		t.Fatalf("%+v", got)
	}
	half, last := noon.Add(-15*time.Minute), noon.Add(-10*time.Minute)
	want := []BurnPoint{{noon.Add(-time.Hour), 7200}, {noon.Add(-30 * time.Minute), 7200}, {half, 3600}, {last, 3600}, {noon, 3500}}
	if diff := cmp.Diff(want, got.Burns[0].Points); diff != "" || !got.Burns[0].Recorded.Equal(last) {
		t.Errorf("recorded until %v: %s", got.Burns[0].Recorded, diff)
	}
	if diff := cmp.Diff([]string{"acme /v1/level?contract=acme-train"}, w.view.asked); diff != "" {
		t.Error(diff)
	}
	if a := w.as(people.TenantAdmin, "a").do(http.MethodGet, "/v1/halls/gpu/burn", nil); a.status != http.StatusForbidden {
		t.Errorf("a tenant sees the burn of all: %d %s", a.status, a.body)
	}
}
