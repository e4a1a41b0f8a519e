package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/data"
	"sluice/driver/sitefile"
	"sluice/gpu"
	"sluice/loop/cycle"
	"sluice/unit"
	"sluice/use/hosting"
	"sluice/world"
	"sluice/world/hall"
	"sluice/world/jobs"
)

// creek is a site on whose connection the machines and a hall of twelve servers do
// not both find room.
const creek = `name: creek
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 0.25}
must_run_mw: 0.01
halls: [{name: mine, limit_mw: 0.2}, {name: gpus, limit_mw: 0.16}]
contracts:
  spot: {settlement_point: HB_HOUSTON, import_adder_per_mwh: 3.5, published: after_interval}
groups:
  - {name: s21, hall: mine, model: Antminer S21 200, count: 40, pue: 1.05, pool_fee_percent: 1, restart_minutes: 10, min_on_minutes: 15, min_off_minutes: 15}
hosting:
  models:
    - {name: H100 SXM, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: 10200, empty_node_w: 1800}
  halls:
    - {hall: gpus, pue: 1.2, spare_nodes: 1, servers: [{name: h100, model: H100 SXM, nodes: 12}]}
  contracts:
    - name: train
      kind: reserved
      from: 2024-01-01
      work: training
      gpus: 32
      price_per_gpu_hour: 2.4
      saves_every_minutes: 60
      max_slowdown_percent: 5
      service_level: {tiers: [{below_percent: 99.9, credit_percent: 10}, {below_percent: 99, credit_percent: 25}]}
    - name: flex
      kind: flexible
      from: 2024-01-01
      work: training
      gpus: 16
      price_per_gpu_hour: 2.25
      flexibility: {hours_per_year: 50, notice_minutes: 30, above_per_mwh: 300}
      service_level: {tiers: [{below_percent: 99.9, credit_percent: 10}]}
    - {name: serve, kind: on-demand, from: 2024-01-01, work: inference, gpus: 8, price_per_gpu_hour: 2.95}
    - {name: batch, kind: batch, from: 2024-01-01, work: hpc, gpus: 16, price_per_gpu_hour: 1.4, saves_every_minutes: 30, deadline_hours: 36, late_credit_per_gpu_hour: 1.4}
    - {name: spot, kind: spot, from: 2024-01-01, work: training, gpus: 24, price_per_gpu_hour: 1.25, saves_every_minutes: 60, max_slowdown_percent: 20}
  load: {seed: 7, utilisation_percent: 70}
`

// recorded is the recorded jobs of other clusters, read once for all tests.
var recorded = sync.OnceValues(func() (*jobs.Traces, error) { return jobs.Load(data.Open) })

// halled is creek over some hours, with tenants at work. Edits change its site file.
func halled(tb testing.TB, from, to string, edits ...string) *Setup {
	tb.Helper()
	return declared(tb, strings.NewReplacer(edits...).Replace(creek), from, to)
}

// declared is the site of a file with halls of GPUs over some hours.
func declared(tb testing.TB, text, from, to string) *Setup {
	tb.Helper()
	in, err := houston()
	if err != nil {
		tb.Fatal(err)
	}
	file, err := sitefile.Read(strings.NewReader(text), "creek")
	if err != nil {
		tb.Fatal(err)
	}
	rigs, err := file.Rigs()
	if err != nil {
		tb.Fatal(err)
	}
	s := &Setup{
		Site: file.Site, Contracts: file.Contracts, Rigs: rigs, Failures: map[string]world.Failures{},
		From: local(tb, from, file.Site.Zone), To: local(tb, to, file.Site.Zone), Step: 15 * time.Minute, Lag: 1,
		Horizon: 6 * time.Hour, Fine: 2 * time.Hour, Made: "test", Networks: in.networks,
	}
	s.Prices = cut(in.prices, s.From.Add(-21*24*time.Hour), s.To)
	if s.Tenancies, err = file.Tenancies(); err != nil {
		tb.Fatal(err)
	}
	for _, h := range file.Hosting.Halls {
		s.Halls = append(s.Halls, tenanted(tb, h, file.Hosting, s.From))
	}
	sum := sha256.Sum256(fmt.Append(nil, text, s.From, s.To))
	s.Digest = hex.EncodeToString(sum[:])
	return s
}

// tenanted is a hall with the jobs of its tenants.
func tenanted(tb testing.TB, h hosting.Hall, f *sitefile.Hosting, from time.Time) hall.Config {
	tb.Helper()
	traces, err := recorded()
	if err != nil {
		tb.Fatal(err)
	}
	curves, err := gpu.StandardCurves()
	if err != nil {
		tb.Fatal(err)
	}
	c := hall.Config{Hall: h, Contracts: f.Contracts, Curves: curves, Streams: map[string]*jobs.Stream{}, Seed: f.Load.Seed, Saving: f.Load.Checkpoints}
	for _, k := range f.Contracts {
		if k.Kind == hosting.Colocation {
			continue
		}
		one, err := traces.Stream(jobs.Config{Contract: k, Model: h.Groups[0].Model, Load: f.Load.Utilisation, Seed: f.Load.Seed, From: from.Add(-WarmUp)})
		if err != nil {
			tb.Fatal(err)
		}
		c.Streams[k.Name] = one
	}
	return c
}

// spike is halled over half a day with a price of 2,000 known the day before, from the
// fourth to the sixth hour, and of 30 at all other times.
func spike(tb testing.TB, edits ...string) *Setup {
	tb.Helper()
	s := halled(tb, "2025-05-07T06:00", "2025-05-07T18:00", append(edits,
		"published: after_interval", `published: day_ahead, gate_time: "12:00"`, "utilisation_percent: 70", "utilisation_percent: 90")...)
	for i := range s.Prices.Grid.Len() {
		p := 30 * unit.PerMWh
		if since := s.Prices.Grid.Start(i).Sub(s.From); since >= 4*time.Hour && since < 6*time.Hour {
			p = 2000 * unit.PerMWh
		}
		s.Prices.Set(i, p)
	}
	return s
}

// turns are the papers of a setup of one month.
func turns(t *testing.T, s *Setup) []cycle.Turn {
	t.Helper()
	var out []cycle.Turn
	for _, line := range lines(t, s) {
		turn, err := read(line)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *turn)
	}
	return out
}

// done is what a use did in a turn.
func done(turn cycle.Turn, use string) cycle.UseDelivery {
	i := slices.IndexFunc(turn.Delivery.Uses, func(u cycle.UseDelivery) bool { return u.Use == use })
	return turn.Delivery.Uses[i]
}
