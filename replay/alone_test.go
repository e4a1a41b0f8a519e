package replay

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/books"
	"sluice/replay/report"
)

// let is a data centre without a single miner: a hall of 4 MW with two tenants.
const let = `name: let
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 4.5}
must_run_mw: 0.1
halls: [{name: gpus, limit_mw: 4}]
contracts:
  spot: {settlement_point: HB_HOUSTON, import_adder_per_mwh: 3.5, published: after_interval}
hosting:
  models:
    - {name: H100 SXM, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: 10200, empty_node_w: 1800}
  halls:
    - {pue: 1.2, spare_nodes: 4, servers: [{name: h100, model: H100 SXM, nodes: 320}]}
  contracts:
    - name: train
      kind: reserved
      from: 2022-01-01
      work: training
      gpus: 1536
      price_per_gpu_hour: 2.4
      saves_every_minutes: 60
      max_slowdown_percent: 5
      service_level: {tiers: [{below_percent: 99.9, credit_percent: 10}]}
    - {name: spot, kind: spot, from: 2022-01-01, work: training, gpus: 768, price_per_gpu_hour: 1.25, saves_every_minutes: 60}
  load: {seed: 7, utilisation_percent: 70}
`

// unmined is let over some hours, and nothing is known of the Bitcoin network.
func unmined(tb testing.TB, from, to string) *Setup {
	tb.Helper()
	s := declared(tb, let, from, to)
	s.Networks = nil
	if err := s.Validate(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestReplayOfTenantsAlone: over three days with prices up to 5,000 on two evenings
// tenants are served and held back while it pays; nothing of machines is reported,
// nothing is added up wrongly, and every way of running the hall comes to its parts.
func TestReplayOfTenantsAlone(t *testing.T) {
	t.Parallel()
	long(t)
	s := unmined(t, "2023-09-05", "2023-09-08")
	r := replayed(t, s, options(t, 2))
	addsUp(t, r)
	var names []string
	for _, p := range r.Policies {
		names = append(names, p.ID)
		if p.Bitcoin != 0 || p.Off != 0 || p.Starts != 0 || p.Idle != 0 || p.EnergyCostPerBTC != 0 || p.Violations != 0 || p.Energy <= 0 {
			t.Errorf("%s: %+v", p.ID, p)
		}
		if slices.ContainsFunc(p.Money, func(l report.Line) bool { return l.Source == report.Mining }) {
			t.Errorf("%s mines: %+v", p.ID, p.Money)
		}
	}
	if want := []string{report.Always, report.Sluice, report.Hindsight}; !slices.Equal(names, want) {
		t.Fatalf("policies %v, want %v", names, want)
	}
	always, sluice, best := r.Policies[0].Net, r.Policies[1].Net, r.Policies[2].Net
	if always <= 0 || sluice <= always || best < sluice || !r.Capture.Defined {
		t.Errorf("nets %v, %v and %v", always, sluice, best)
	}
	if m := r.Months[0]; m.Off != 0 || m.Revenue <= 0 || m.Energy <= 0 {
		t.Errorf("month %+v", m)
	}
	if len(r.Decisions) == 0 || !strings.HasPrefix(r.Decisions[0].What, "tenants held back by ") || r.Decisions[0].Gain <= 0 {
		t.Errorf("decisions %+v", r.Decisions)
	}
	let := r.Hosting
	names = nil
	for _, w := range let.Ways {
		names = append(names, w.ID)
		if sum := w.Tenants - w.Credits - w.Bill; sum != w.Net || w.Bill <= 0 || w.Mined != 0 || w.Down != 0 {
			t.Errorf("%s nets %v, its parts come to %v: %+v", w.ID, w.Net, sum, w)
		}
	}
	if want := []string{report.Together, report.Unheld, report.Foreseen}; !slices.Equal(names, want) || let.Ways[0].Net != sluice || let.Ways[1].Net != always {
		t.Errorf("ways %+v", let.Ways)
	}
	for _, c := range let.Contracts {
		if c.Earned <= 0 || c.Served <= 0 || c.Power <= 0 || (c.Evictions > 0) != (c.Name == "spot") {
			t.Errorf("contract %+v", c)
		}
	}
	said(t, r)
}

// said checks the words of a report on tenants alone in every language.
func said(t *testing.T, r *report.Report) {
	t.Helper()
	silent := regexp.MustCompile(`NaN|\bInf\b|BTC|J/TH|[Mm]iner|[Bb]itcoin|break-even|whole fleet`)
	var b bytes.Buffer
	if err := report.Text(&b, *r); err != nil {
		t.Fatal(err)
	}
	if found := silent.FindString(b.String()); found != "" || !strings.Contains(b.String(), "Nobody held back") {
		t.Errorf("%q in the report:\n%s", found, b.String())
	}
	for _, l := range report.Languages() {
		if err := report.HTML(&b, *r, l); err != nil {
			t.Errorf("in %s: %v", l, err)
		}
	}
}

// TestTurnsOfTenantsAlone: every turn balances and can be told and decided again from
// its papers, without a word on what was mined.
func TestTurnsOfTenantsAlone(t *testing.T) {
	t.Parallel()
	s := unmined(t, "2023-09-06T17:00", "2023-09-06T19:00")
	o := options(t, 1)
	replayed(t, s, o)
	for i := range s.grid().Len() {
		turn, err := Find(o.Dir, s.grid().Start(i).Format("2006-01-02T15:04Z"))
		if err != nil {
			t.Fatal(err)
		}
		balanced(t, s, *turn)
		if turn.Snapshot.Hashprice.Known {
			t.Error("a hashprice that nobody published is known")
		}
		var b bytes.Buffer
		if err := Explain(&b, turn, s.Site.Zone); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); strings.Contains(text, "BTC") || !strings.Contains(text, "hosting/train: ") || !strings.Contains(text, "Booked     debits positive") {
			t.Errorf("told as\n%s", text)
		}
		again, err := Again(t.Context(), turn, solverOf(t), o.Limits)
		if err != nil || again.Err() != nil {
			t.Errorf("decided again: %v, %v", err, again.Err())
		}
	}
}

// TestBooksOfTenantsAlone: a company without machines has books, in which tenants and
// power are all that came of the site, and no coin.
func TestBooksOfTenantsAlone(t *testing.T) {
	t.Parallel()
	long(t)
	r := inTheBooks(t, unmined(t, "2025-04-30T23:00", "2025-05-01T01:00"))
	if q, _ := r.held.Total(""); q != 0 {
		t.Errorf("%d satoshi came from nowhere", q)
	}
	tenants, power := -r.sums[books.Reservation]-r.sums[books.Hosting], r.sums[books.PowerEnergy]
	if w := r.Hosting.Ways[0]; tenants != w.Tenants || power != w.Bill || tenants <= 0 {
		t.Errorf("the books earn %v and spend %v, the report %v and %v", tenants, power, w.Tenants, w.Bill)
	}
}

// TestSetupWithoutMiners: without machines no Bitcoin data is asked for and none
// limits the period; with them, and with nothing at all, a setup is refused.
func TestSetupWithoutMiners(t *testing.T) {
	t.Parallel()
	s := unmined(t, "2025-05-01", "2025-05-02")
	for _, reach := range s.Reaches() {
		if reach.What != "prices" {
			t.Errorf("the period depends on %s", reach.What)
		}
	}
	mixed := halled(t, "2025-05-01", "2025-05-02")
	mixed.Networks = nil
	if err := mixed.Validate(); err == nil || !strings.Contains(err.Error(), "site creek mines: give bitcoin data") {
		t.Errorf("machines without bitcoin data: %v", err)
	}
	s.Halls, s.Tenancies = nil, nil
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "neither a mining group nor a hall of GPUs") {
		t.Errorf("nothing at all: %v", err)
	}
	s.Prices = nil
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "no prices: give a file of them") {
		t.Errorf("no prices: %v", err)
	}
	if _, err := NewTape(s); err == nil || !strings.Contains(err.Error(), "no prices") {
		t.Errorf("a tape without prices: %v", err)
	}
}
