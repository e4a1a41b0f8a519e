package tenant

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/books/rate"
	"sluice/engine"
	"sluice/service"
	"sluice/store/tenants"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/use/hosting/meter"
)

// TestUsage: the figures are those of the meter, to the joule, as JSON and as CSV.
func TestUsage(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	w.enrol("beta", 37)
	s := w.server()
	u := read[Usages](t, s, "GET /v1/usage", alpha.text, "")
	sums := map[string]Sum{}
	for _, x := range u.Sums {
		sums[x.Component] = x
	}
	// 2,400,000 J of the server by 4 : 2 : 2 GPUs of alpha, another job and nobody.
	if sums["it"].Quantity != 1_200_000 || sums["it"].In != "0.333333" || sums["gpu-h100-sxm"].Quantity != 1200 || sums["gpu-h100-sxm"].In != "0.333333" {
		t.Errorf("%+v", u.Sums)
	}
	if len(u.Rows) != 3 || u.Rows[0].Revision != 1 || len(u.Rows[0].Evidence) != 64 || u.Next != nil || len(u.Held) != 1 || u.Held[0].Engine != 240 {
		t.Errorf("%+v", u)
	}
	csv := send(s, "GET /v1/usage?contract=alpha-contract", alpha.text, "", "Accept", "text/csv")
	if !strings.HasPrefix(csv.body, "contract,meter,component,start,end,quantity,unit,revision,estimated\n") || strings.Count(csv.body, "\n") != 4 || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%s", csv.body)
	}
	use := read[[]JobUse](t, s, "GET /v1/usage/jobs", alpha.text, "")
	if len(use) != 1 || use[0].Job != "alpha-job" || use[0].GPUSeconds != 1200 || use[0].ITJoules != 1_200_000 || use[0].GPUHours != "0.333333" {
		t.Errorf("%+v", use)
	}
	if a := send(s, "GET /v1/usage/jobs", alpha.text, "", "Accept", "text/csv"); !strings.Contains(a.body, "\nalpha-contract,alpha-job,1200,0,1200000,1200000,true\n") {
		t.Errorf("%s", a.body)
	}
	if a := send(s, "GET /v1/usage/jobs?from=2026-01-01&to=2026-11-10", alpha.text, ""); a.status != 400 || !strings.Contains(a.body, "62 days") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestCorrectedUsage: what a correction says counts, once.
func TestCorrectedUsage(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	rows, err := w.store.Desk().Usage(t.Context(), alpha.who, usageQuery())
	w.must(err)
	before := read[Usages](t, w.server(), "GET /v1/usage", alpha.text, "")
	for i := range rows {
		rows[i].Revision, rows[i].Estimated = 2, true
		rows[i].Quantity /= 2
	}
	w.must(w.store.Office().PutUsage(t.Context(), rows))
	s := w.server()
	after := read[Usages](t, s, "GET /v1/usage?all=true", alpha.text, "")
	if len(after.Rows) != 2*len(before.Rows) || after.Sums[0].Quantity*2 != before.Sums[0].Quantity || !after.Sums[0].Estimated || after.Marked <= before.Marked {
		t.Errorf("%+v", after)
	}
}

// TestLevel: 64 GPUs for 2.50 a GPU-hour through November, of which 16 are down for
// three hours: 0.998958 of the month, and a tenth of 115,200 back. Two of them agreed
// hours of all are excused.
func TestLevel(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	month := rate.Span{From: first.Unix(), To: first.AddDate(0, 1, 0).Unix()}
	w.must(w.store.Office().Bind(t.Context(), alpha.who, "firm", today))
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{
		Name: "firm", Tenant: "alpha", Version: 1, Kind: hosting.Reserved, Hall: "hall-1", Model: "H100 SXM", GPUs: 64, Start: first, Price: 2_500_000,
		Level: service.Level{Scope: service.Fleet, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}, {Below: 950_000, Credit: unit.One}}},
	})
	w.mu.Unlock()
	stretch := func(part string, gpus, from, to int64, c meter.Condition) meter.Stretch {
		return meter.Stretch{Tenant: "alpha", Contract: "firm", Part: part, GPUs: gpus, Span: rate.Span{From: month.From + from, To: month.From + to}, Condition: c, Out: c != meter.Up, Why: "w", Evidence: [32]byte{1}}
	}
	all := []meter.Stretch{
		stretch("a", 16, 0, 10_800, meter.Down), stretch("a", 16, 10_800, 720*3600, meter.Up), stretch("b", 48, 0, 720*3600, meter.Up),
	}
	w.must(w.store.Office().PutService(t.Context(), "firm", month, all, today))
	get := func(s *Server) Level {
		return read[[]Level](t, s, "GET /v1/level?contract=firm&month=2026-11", alpha.text, "")[0]
	}
	s := w.server()
	none := read[[]Level](t, s, "GET /v1/level?contract=firm&month=2026-12", alpha.text, "")[0]
	if none.Credit != nil || none.Month != nil || none.Available != nil || *none.Fee != "119040.000000" || none.Counted.Recorded != "0.000" {
		t.Errorf("a month of which nothing is known: %+v", none)
	}
	l := get(s)
	if *l.Available != "0.998958" || *l.Month != "0.998958" || *l.Credit != "11520.000000" || *l.Fee != "115200.000000" || l.Counted.Down != "2880.000" || len(l.Against) != 1 || l.Against[0].Evidence[:4] != "0100" {
		t.Errorf("%+v", l)
	}
	w.mu.Lock()
	w.book.Contracts[len(w.book.Contracts)-1].Level.Scope = service.Instance
	w.mu.Unlock()
	if l := get(s); *l.Credit != "2880.000000" || l.Left != nil { // 10 % of a quarter of the fee
		t.Errorf("one by one: %s", *l.Credit)
	}
	w.mu.Lock()
	w.book.Contracts[len(w.book.Contracts)-1].Level.Scope = service.Fleet
	w.mu.Unlock()
	all = append(all[:1], stretch("a", 16, 10_800, 18_000, meter.Excused), stretch("a", 16, 18_000, 720*3600, meter.Up), stretch("b", 48, 0, 10_800, meter.Up), stretch("b", 48, 10_800, 18_000, meter.Excused), stretch("b", 48, 18_000, 720*3600, meter.Up))
	w.must(w.store.Office().PutService(t.Context(), "firm", month, all, today))
	if l := get(s); *l.Month != "0.998955" || *l.Credit != "11520.000000" || l.Counted.Excused != "7680.000" {
		t.Errorf("with excused hours: %+v", l)
	}
}

// TestCurtailments: times are absolute, notice is told, and what is withdrawn says so.
func TestCurtailments(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	state := func() Curtailment {
		return read[[]Curtailment](t, s, "GET /v1/curtailments", alpha.text, "")[0]
	}
	if x := state(); x.State != "coming" || x.NoticeS != 3600 || !x.From.Equal(today.Add(time.Hour)) || x.GPUs != 24 {
		t.Errorf("%+v", x)
	}
	w.pass(time.Hour)
	if x := state(); x.State != "on" {
		t.Errorf("%+v", x)
	}
	w.pass(2 * time.Hour)
	if x := state(); x.State != "over" {
		t.Errorf("%+v", x)
	}
}

// TestAccess: the secret is in one answer, and in no other.
func TestAccess(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha := w.enrol("alpha", 24)
	s := w.server()
	got := read[Access](t, s, "POST /v1/access", alpha.text, `{}`)
	if got.Secret != "secret-of-alpha" || got.Engine != "slurm" || got.Account.Account != "alpha" {
		t.Errorf("%+v", got)
	}
	if a := send(s, "GET /v1/access", alpha.text, ""); a.status != 200 || strings.Contains(a.body, "secret") || !strings.Contains(a.body, `"account":"alpha"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	w.enrol("beta", 37)
	o := w.store.Office()
	w.must(o.Register(t.Context(), alpha.who, engine.Access{Engine: "slurm", Account: "gamma"}, today))
	gamma := w.enrol("gamma", 11)
	if a := send(s, "POST /v1/access", gamma.text, `{}`); a.status != http.StatusInternalServerError || strings.Contains(a.body, "alpha") {
		t.Errorf("an account that another tenant has: %d %s", a.status, a.body)
	}
	w.must(o.Strike(t.Context(), alpha.who, "slurm", today))
	if a := send(s, "POST /v1/access", alpha.text, `{}`); a.status != 409 {
		t.Errorf("an account that was ended: %d %s", a.status, a.body)
	}
	if a := send(s, "POST /v1/access", alpha.text, `{"engine": "kueue"}`); a.status != 404 {
		t.Errorf("an engine that is none: %d %s", a.status, a.body)
	}
}

func usageQuery() (q tenants.Query) { return q }

// TestMisfiledContract: a contract that is bound to one tenant and entered for another
// is shown to neither.
func TestMisfiledContract(t *testing.T) {
	t.Parallel()
	w := build(t)
	alpha, beta := w.enrol("alpha", 24), w.enrol("beta", 37)
	w.must(w.store.Office().Bind(t.Context(), alpha.who, "odd", today))
	w.mu.Lock()
	w.book.Contracts = append(w.book.Contracts, hosting.Contract{Name: "odd", Tenant: "beta", Version: 1, Kind: hosting.Reserved, Hall: "hall-1", Model: "H100 SXM", GPUs: 777, Start: today})
	w.mu.Unlock()
	s := w.server()
	for _, r := range []resident{alpha, beta} {
		for _, route := range []string{"/v1/contracts", "/v1/level"} {
			if a := send(s, "GET "+route, r.text, ""); a.status != 200 || strings.Contains(a.body, "777") || r.name == "beta" && strings.Contains(a.body, "odd") {
				t.Errorf("%s of %s: %s", route, r.name, a.body)
			}
		}
	}
}
