package tenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/capital/quote"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
)

// read sends a request that must succeed and reads the answer.
func read[T any](tb testing.TB, s *Server, what, token, body string) (out T) {
	tb.Helper()
	a := send(s, what, token, body)
	if a.status < 200 || a.status > 299 {
		tb.Fatalf("%s: %d %s", what, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

func wishes(key, kind string, gpus int, from, until time.Time) string {
	return fmt.Sprintf(`{"key": %q, "kind": %q, "gpus": %d, "from": %q, "until": %q}`, key, kind, gpus, from.Format(time.RFC3339), until.Format(time.RFC3339))
}

// TestReservations: the hall has 800 GPUs. What does not fit is refused at once and
// says when; what fits waits for a person; what needs none is accepted.
func TestReservations(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 37)
	s := w.server()
	from, until := today.AddDate(0, 3, 0), today.AddDate(0, 6, 0)
	post := func(who resident, key, kind string, gpus int) Reservation {
		return read[Reservation](t, s, "POST /v1/reservations", who.text, wishes(key, kind, gpus, from, until))
	}
	large := post(beta, "large", "reserved", 700)
	if large.State != "asked" || large.Hall != "hall-1" || large.Model != "H100 SXM" {
		t.Fatalf("%+v", large)
	}
	office := Office{Store: w.store, Books: w, Now: w.clock}
	carry := func(q Order) Report {
		r, err := office.Carry(t.Context(), q)
		w.must(err)
		return r
	}
	if r := carry(Order{Do: "accept", Reservation: large.ID, By: "ann"}); r.Decided.Contract != "beta-large" {
		t.Errorf("%+v", r.Decided)
	}
	no := post(alpha, "more", "reserved", 101)
	if no.State != "refused" || no.By != "calendar" || no.Why != "it does not fit from 2027-02-20T12:00:00Z on: not enough GPUs of H100 SXM in hall hall-1" {
		t.Errorf("%+v", no)
	}
	if got := post(alpha, "spot", "spot", 500); got.State != "accepted" || got.Contract != "alpha-spot" {
		t.Errorf("%+v", got)
	}
	fits := post(alpha, "fits", "flexible", 100)
	again := post(alpha, "fits", "flexible", 100)
	if diff := cmp.Diff(fits, again); diff != "" || fits.State != "asked" {
		t.Errorf("%+v: %s", fits, diff)
	}
	if a := send(s, "POST /v1/reservations", alpha.text, wishes("fits", "flexible", 99, from, until)); a.status != 409 || !strings.Contains(a.body, "key of its own") {
		t.Errorf("another wish of the same key: %d %s", a.status, a.body)
	}
	w.pass(200 * 24 * time.Hour)
	if late := post(alpha, "fits", "flexible", 100); late.ID != fits.ID {
		t.Error("the same wish again is refused because time has passed")
	}
	if got := read[Reservation](t, s, "DELETE /v1/reservations/"+fits.ID, alpha.text, ""); got.State != "cancelled" {
		t.Errorf("%+v", got)
	}
	if a := send(s, "DELETE /v1/reservations/"+large.ID, beta.text, ""); a.status != 409 {
		t.Errorf("what was accepted is taken back: %d %s", a.status, a.body)
	}
}

// TestAcceptedOnce: an accepted wish is kept free until the contract made of it is in
// the book, and is not counted twice then.
func TestAcceptedOnce(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	from, until := today.AddDate(0, 3, 0), today.AddDate(0, 6, 0)
	r := read[Reservation](t, s, "POST /v1/reservations", alpha.text, wishes("run", "reserved", 500, from, until))
	office := Office{Store: w.store, Books: w, Now: w.clock}
	_, err := office.Carry(t.Context(), Order{Do: "accept", Reservation: r.ID, By: "ann", Contract: "alpha-own"})
	w.must(err)
	fits := func(gpus int) bool {
		return read[Quote](t, s, "POST /v1/quote", alpha.text, strings.Replace(wishes("", "reserved", gpus, from, until), `"key": "", `, "", 1)).Available
	}
	if !fits(300) || fits(301) {
		t.Error("an accepted wish is not kept free")
	}
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{Name: "alpha-own", Tenant: "alpha", Version: 1, Kind: hosting.Reserved, Hall: "hall-1", Model: "H100 SXM", GPUs: 500, Start: from, End: until})
	w.mu.Unlock()
	if !fits(300) || fits(301) {
		t.Error("an accepted wish is not its contract")
	}
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{Name: "twice", Tenant: "beta", Version: 1, Kind: hosting.Reserved, Hall: "hall-1", Model: "H100 SXM", GPUs: 500, Start: from, End: until})
	w.mu.Unlock()
	q := read[Quote](t, s, "POST /v1/quote", alpha.text, strings.Replace(wishes("", "reserved", 700, from, until), `"key": "", `, "", 1))
	r = read[Reservation](t, s, "POST /v1/reservations", alpha.text, wishes("doubt", "reserved", 700, from, until))
	if q.Sure || r.State != "asked" {
		t.Errorf("a calendar that is sold twice decides: %+v %+v", q, r)
	}
}

// terms are those of a hall of H100s, without a source.
func terms() quote.Terms {
	return quote.Terms{
		GPU: 1400, PUE: 1_250_000, Hardware: 32_000 * unit.Unit, HardwareLife: 60, Hall: 10_000_000 * unit.Unit, HallLife: 180, Capital: 120_000, Operations: 1_200_000 * unit.Unit,
		Energy: 45 * unit.PerMWh, Load: unit.One, Utilisation: 800_000, Hashprice: 45_000_000, Efficiency: 18_000, Available: 980_000,
	}
}

// TestQuote: the price is that of capital/quote, and soonest is when it really fits.
func TestQuote(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	from, until := today.AddDate(0, 3, 0), today.AddDate(0, 3, 10)
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{Name: "other", Tenant: "beta", Version: 1, Kind: hosting.Reserved, Hall: "hall-1", Model: "H100 SXM", GPUs: 700, Start: today, End: from.AddDate(0, 1, 0)})
	w.mu.Unlock()
	w.conf.Prices = Tariffs{{Model: "h100 sxm", Terms: terms(), Flexibility: &quote.Flexibility{Hours: 50, Value: 1000 * unit.PerMWh}}}
	s := w.server()
	ask := func(kind string, gpus int) Quote {
		return read[Quote](t, s, "POST /v1/quote", alpha.text, strings.Replace(wishes("", kind, gpus, from, until), `"key": "", `, "", 1))
	}
	q := ask("reserved", 200)
	if q.Available || q.Soonest == nil || !q.Soonest.Equal(from.AddDate(0, 1, 0)) || !strings.Contains(q.Why, "not enough GPUs") || !q.Sure {
		t.Errorf("%+v", q)
	}
	if strings.Contains(fmt.Sprint(q), "other") || strings.Contains(fmt.Sprint(q), "100 are free") {
		t.Errorf("it tells of others: %+v", q)
	}
	if q := ask("reserved", 900); q.Available || q.Soonest != nil {
		t.Errorf("more than there is: %+v", q)
	}
	whole := terms()
	whole.Utilisation = unit.One
	o, err := quote.GPUHours(whole)
	w.must(err)
	p, err := o.Price()
	w.must(err)
	firm, open, flex := ask("reserved", 100), ask("on-demand", 100), ask("flexible", 100)
	if firm.Price == nil || *firm.Price != money(p.Least) || *firm.Total != money(p.Least*100*240) || firm.Currency != "USD" {
		t.Errorf("want %s and %s: %+v", money(p.Least), money(p.Least*100*240), firm)
	}
	if *open.Price <= *firm.Price || open.Total != nil || *flex.Price >= *firm.Price {
		t.Errorf("on-demand %s, reserved %s, flexible %s", *open.Price, *firm.Price, *flex.Price)
	}
	if q := ask("spot", 100); q.Price != nil || q.Priced == "" {
		t.Errorf("a price of spot from nowhere: %+v", q)
	}
}

// TestOffice: what the operator orders, and what is refused to him.
func TestOffice(t *testing.T) {
	t.Parallel()
	w := build(t)
	o := Office{Store: w.store, Books: w, Now: w.clock}
	carry := func(q Order) Report {
		r, err := o.Carry(t.Context(), q)
		w.must(err)
		return r
	}
	carry(Order{Do: "add", Tenant: "alpha", Label: "Alpha", Contracts: []string{"alpha-1"}, Accounts: map[string]string{"slurm": "shared"}})
	r := carry(Order{Do: "token", Tenant: "alpha", Label: "ci"})
	s := w.server()
	if me := read[Me](t, s, "GET /v1/me", r.Secret, ""); me.Name != "alpha" || len(me.Tokens) != 1 || me.Tokens[0].ID != r.Token.ID {
		t.Errorf("%+v", me)
	}
	wish := read[Reservation](t, s, "POST /v1/reservations", r.Secret, wishes("k", "reserved", 8, today.AddDate(0, 1, 0), today.AddDate(0, 2, 0)))
	list := carry(Order{Do: "list"})
	if len(list.Tenants) != 1 || len(list.Open) != 1 || list.Open[0].Fits != "yes" || list.Open[0].Tenant != "alpha" {
		t.Errorf("%+v", list)
	}
	if text, _ := json.Marshal(list); strings.Contains(string(text), r.Secret) {
		t.Error("the list shows a secret")
	}
	for why, q := range map[string]Order{
		"no such order":           {Do: "sell"},
		"no such tenant":          {Do: "token", Tenant: "nobody"},
		"a name that is none":     {Do: "add", Tenant: "Alpha Inc"},
		"a contract of another":   {Do: "add", Tenant: "beta", Contracts: []string{"alpha-1"}},
		"an account of another":   {Do: "add", Tenant: "beta", Accounts: map[string]string{"slurm": "shared"}},
		"a token of nobody":       {Do: "revoke", Tenant: "alpha", Token: "x"},
		"no such wish":            {Do: "accept", Reservation: "x", By: "ann"},
		"a refusal without why":   {Do: "refuse", Reservation: wish.ID, By: "ann"},
		"a contract that is none": {Do: "accept", Reservation: wish.ID, By: "ann", Contract: "A B"},
	} {
		if _, err := o.Carry(t.Context(), q); err == nil || !errors.Is(err, ErrNo) {
			t.Errorf("%s: %v", why, err)
		}
	}
	carry(Order{Do: "refuse", Reservation: wish.ID, By: "ann", Why: "no power"})
	if got := read[Reservation](t, s, "GET /v1/reservations/"+wish.ID, r.Secret, ""); got.State != "refused" || got.Why != "no power" || got.By != "ann" {
		t.Errorf("%+v", got)
	}
	carry(Order{Do: "revoke", Tenant: "alpha", Token: r.Token.ID})
	if a := send(s, "GET /v1/me", r.Secret, ""); a.status != 401 {
		t.Errorf("a revoked token: %d", a.status)
	}
	other := carry(Order{Do: "token", Tenant: "alpha"})
	carry(Order{Do: "close", Tenant: "alpha"})
	if a := send(s, "GET /v1/me", other.Secret, ""); a.status != 401 {
		t.Errorf("a token of a closed tenant: %d", a.status)
	}
}

// TestSold: two wishes that fit one by one and not together are not both accepted.
func TestSold(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 37)
	w.conf.Accepts = []hosting.Kind{hosting.Reserved}
	s := w.server()
	states := make(chan string, 2)
	for _, r := range []resident{alpha, beta} {
		go func() {
			a := send(s, "POST /v1/reservations", r.text, wishes("x", "reserved", 450, today.AddDate(1, 0, 0), today.AddDate(2, 0, 0)))
			var got Reservation
			_ = json.Unmarshal([]byte(a.body), &got)
			states <- got.State
		}()
	}
	got := map[string]int{<-states: 1}
	got[<-states]++
	if diff := cmp.Diff(map[string]int{string(tenants.Accepted): 1, string(tenants.Refused): 1}, got); diff != "" {
		t.Error(diff)
	}
}

// TestWishesOfADay: a tenant does not fill the disk with wishes.
func TestWishesOfADay(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	post := func(i int) int {
		return send(s, "POST /v1/reservations", alpha.text, wishes(fmt.Sprint("k", i), "spot", 8, today.AddDate(0, 1, 0), today.AddDate(0, 2, 0))).status
	}
	for i := range mostADay - 1 { // one was there
		if got := post(i); got != 201 {
			t.Fatalf("wish %d: %d", i, got)
		}
	}
	if got := post(mostADay); got != 429 {
		t.Errorf("one too many: %d", got)
	}
	if got := post(7); got != 201 {
		t.Errorf("the same again: %d", got)
	}
	w.pass(25 * time.Hour)
	if got := post(mostADay); got != 201 {
		t.Errorf("a day later: %d", got)
	}
}
