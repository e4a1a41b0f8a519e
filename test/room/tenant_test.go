package room

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"sluice/internal/browser"
)

// tenantReserves has somebody of a tenant ask the price of GPUs and reserve them, and
// somebody of the house accept, all by clicks: each sees what the other one did.
func (o operator) tenantReserves(t *testing.T, ben person, hall string) {
	t.Helper()
	if hall == "" {
		t.Fatal("the demonstration has no hall of GPUs")
	}
	c := o.client(t, "nia")
	until(t, "the hall answers its tenant", 90*time.Second, func() bool {
		var me struct{ Name string }
		return o.call(t, c, http.MethodGet, "/v1/tenants/firm/me", &me) == http.StatusOK && me.Name == "firm"
	})
	nia := o.sit(t, "nia", look{"en", "light", 1280})
	nia.goes(t, "/tenant")
	nia.clicks(t, `[data-quote="1"]`)
	var offer string
	nia.do(t, chromedp.Text(`[data-offer="1"]`, &offer, chromedp.ByQuery))
	if !strings.Contains(offer, "2.40") || !strings.Contains(offer, "USD") {
		t.Errorf("the offer names no price: %s", offer)
	}
	nia.clicks(t, `[data-reserve="1"]`)
	nia.do(t, chromedp.WaitVisible(`[data-cancel]`, chromedp.ByQuery))
	nia.keep(t, "deed-reserved")
	ben.goes(t, "/halls/"+hall+"/reservations")
	ben.clicks(t, `[data-accept]`)
	ben.clicks(t, `[data-answer="1"]`)
	until(t, "the tenant's wish is accepted", 20*time.Second, func() bool {
		var all []struct{ State, By string }
		o.call(t, c, http.MethodGet, "/v1/tenants/firm/reservations", &all)
		return len(all) == 1 && all[0].State == "accepted" && all[0].By == "ben"
	})
	ben.keep(t, "deed-accepted")
	var status int
	nia.do(t, chromedp.Evaluate(`fetch("/v1/halls").then((a) => a.status)`, &status, browser.Awaited))
	if status != http.StatusForbidden {
		t.Errorf("a tenant sees the halls of the house: %d", status)
	}
}

// tenantLooks visits what somebody of a tenant may see.
func (o operator) tenantLooks(t *testing.T) {
	t.Helper()
	for _, l := range []look{{"en", "light", 1280}, {"ar", "dark", 390}} {
		t.Run("a tenant, "+l.String(), func(t *testing.T) {
			nia := o.sit(t, "nia", l)
			nia.faults.All() // of who was not logged in yet
			for _, path := range []string{"/tenant", "/requests", "/tokens", "/account"} {
				nia.visit(t, path, l)
			}
		})
	}
}
