package sitefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests need named zones on every machine

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/power"
	"sluice/series"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
	"sluice/use/export"
	"sluice/use/mining"
)

// shipped reads one of the shipped examples.
func shipped(t *testing.T, name string) *File {
	t.Helper()
	text, err := Example(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(bytes.NewReader(text), name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEveryExampleReadsAndCompiles also holds each fleet, with its cooling on
// a hot day, within the connection and its halls.
func TestEveryExampleReadsAndCompiles(t *testing.T) {
	t.Parallel()
	hot := map[string]int64{"houston": 40_000, "sweden-se1": 32_000, "washington": 40_000}
	for _, name := range Examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := shipped(t, name)
			rigs, err := f.Rigs()
			if err != nil || len(rigs) != 3 {
				t.Fatalf("%d rigs, %v", len(rigs), err)
			}
			if err := errors.Join(f.Site.Validate(), f.Contracts.Validate()); err != nil {
				t.Error(err)
			}
			all, halls := f.Site.MustRun, map[string]unit.Power{}
			for _, r := range rigs {
				draw := r.FullPower().Scale(r.Group().Cooling.PUE(hot[name]))
				all, halls[r.Group().Hall] = all+draw, halls[r.Group().Hall]+draw
			}
			if limit := f.Site.Connection.Ceiling(); all > limit || all < limit.Scale(900_000) {
				t.Errorf("the site draws %v on a hot day behind a connection of %v", all, limit)
			}
			for hall, draw := range halls {
				if room, ok := f.Site.Room(hall); !ok || draw > room {
					t.Errorf("hall %s draws %v of %v", hall, draw, room)
				}
			}
			if f.Synthetic != strings.Contains(strings.Join(f.Notes, " "), "SYNTHETIC") || f.Synthetic != strings.Contains(f.Prices.File, "synthetic") {
				t.Errorf("synthetic %v does not agree with the notes %q and the file %s", f.Synthetic, f.Notes, f.Prices.File)
			}
		})
	}
}

// TestExamplesNameFilesOfTheShippedPack reads the names of the folder data.
func TestExamplesNameFilesOfTheShippedPack(t *testing.T) {
	t.Parallel()
	for _, name := range Examples() {
		f := shipped(t, name)
		files := []string{f.Prices.File}
		if f.Air != nil {
			files = append(files, f.Air.File)
		}
		for _, file := range files {
			if _, err := os.Stat(filepath.Join("..", "..", "data", file)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestAnUnknownExampleNamesThoseThereAre(t *testing.T) {
	t.Parallel()
	if _, err := Example("dallas"); err == nil || !strings.Contains(err.Error(), "houston, houston-gpu, sweden-se1, washington") {
		t.Error(err)
	}
}

// everything uses every kind of contract and of value.
const everything = `
name: all
place: somewhere
position: {latitude: 47.42, longitude: -120.310001}
time_zone: America/Chicago
currency: USD
synthetic: true
notes: [one, "two: three"]
connection: {import_limit_mw: 50.000001, export_limit_mw: 5, rating_mw: 60}
must_run_mw: 0.1
feeders: [{name: f, limit_mw: 60}]
halls: [{name: h, feeder: f, limit_mw: 40}, {name: g}]
meters: [{name: m, kind: revenue}, {name: fm, kind: feeder, of: f}, {name: hm, kind: hall, of: h}, {name: pm, kind: generation, of: river}]
contracts:
  holidays: [2025-12-25]
  spot: {name: rt, settlement_point: LZ_WEST, import_adder_per_mwh: 3.5, export_adder_per_mwh: 0.25, losses_percent: 2.5, feed_in: true, lag_minutes: 5, carbon_g_per_kwh: 400, from: 2025-01-01, to: 2026-01-01}
  ppas:
    - {name: p, power_mw: 10, price_per_mwh: -1.25, take_or_pay: true, sell_back: true, sell_back_fee_per_mwh: 0.1, window: &w {months: [6, 7], weekdays: [mon, sun], hours: ["17:00-20:30", "22:00-06:00"], holidays: "off"}}
  plants:
    - {name: river, kind: hydro, power_mw: 4, price_per_mwh: 4, must_run: true}
  energy_charges:
    - name: delivery
      price_per_mwh: 1
      times: [{<<: *w, price_per_mwh: 2}]
      tiers: [{up_to_mwh: 0.5, add_per_mwh: 0.1}, {add_per_mwh: -0.1}]
  demand_charges:
    - {name: d, rate_per_mw_month: 10000, rate_days: 30, interval_minutes: 30, ratchet_percent: 80, lookback_months: 11, minimum_billed_mw: 2, window: *w}
    - {name: day, rate_per_mw_day: 100}
  coincident_peaks:
    - {name: 4cp, rate_per_mw_year: 60000, counted_per_year: 4, window: {months: [6]}, watch: {load_percent: 97.5, hours: ["16:00-18:00"], odds_percent: 3.125}}
  fixed_charges: [{name: x, per_month: 100.5}]
  minimum_bill_per_month: 1000
  carbon: {price_per_tonne: 50, cap_kg_per_plan: 1000.5}
models:
  - name: Own
    maker: Us
    cooling: hydro
    year: 2024
    power_w: 3500
    hashrate_ths: 200.5
    source: bench
    curves:
      - {firmware: X, points: [{label: low, power_w: 2000, hashrate_ths: 130, confidence: inferred, source: s}]}
groups:
  - {name: one, hall: h, model: Own, firmware: X, count: 100, working_percent: 97.5, max_power_w: 3000, cooling: hydro, pue: 1.06, pue_per_c: 0.002, pue_above_c: -5.5, derate: {above_c: 30, drop_percent: 5, per_c_percent: 1.5, stop_above_c: 45}, pool_fee_percent: 1.0, operating_cost_per_mwh: 1.5, start_wear_per_mw: 0.75, restart_minutes: 7.5, min_on_minutes: 15, min_off_minutes: 30, ramp_mw_per_minute: 2, whole: true, failures: {mean_days_between: 365, repair_days: 2, seed: 3}}
  - {name: two, hall: g, model: Own, overclock: true, count: 10, restart_minutes: 0}
failures: {mean_days_between: 730}
plan: {horizon_hours: 48, fine_hours: 6}
prices: {file: p.csv, column: c, time_column: t, time_zone: Europe/Oslo, label: end, currency: EUR, per_kwh: true, fill: hold-last}
air: {file: a.csv, column: temp}
`

// TestEveryValueArrives reads one file with every key into the rooms' types.
func TestEveryValueArrives(t *testing.T) {
	t.Parallel()
	f, err := Read(strings.NewReader(everything), "all.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(everything))
	const mw, day = unit.Megawatt, 24 * time.Hour
	zone, oslo := f.Site.Zone, f.Prices.Zone
	window := power.Window{
		Months: []time.Month{6, 7}, Weekdays: []time.Weekday{time.Monday, time.Sunday}, Holidays: power.HolidaysOff,
		Hours: []power.Hours{{From: 17 * time.Hour, To: 20*time.Hour + 30*time.Minute}, {From: 22 * time.Hour, To: 6 * time.Hour}},
	}
	want := &File{
		Name: "all.yaml", SHA256: hex.EncodeToString(sum[:]), Synthetic: true, Notes: []string{"one", "two: three"},
		Horizon: 48 * time.Hour, Fine: 6 * time.Hour,
		Site: site.Site{
			Name: "all", Place: "somewhere", Position: &site.Position{Latitude: 47_420_000, Longitude: -120_310_001}, Zone: zone, Currency: "USD", MustRun: 100_000,
			Connection: site.Connection{Import: 50_000_001, Export: 5 * mw, Rating: 60 * mw},
			Feeders:    []site.Feeder{{Name: "f", Limit: 60 * mw}},
			Halls:      []site.Hall{{Name: "h", Feeder: "f", Limit: 40 * mw}, {Name: "g", Feeder: "f", Limit: 60 * mw}},
			Meters:     []site.Meter{{Name: "m", Kind: site.RevenueMeter}, {Name: "fm", Kind: site.FeederMeter, Of: "f"}, {Name: "hm", Kind: site.HallMeter, Of: "h"}, {Name: "pm", Kind: site.GenerationMeter, Of: "river"}},
		},
		Contracts: power.Contracts{
			Holidays: []power.Date{{Year: 2025, Month: 12, Day: 25}},
			Spot: &power.Spot{
				Name: "rt", Zone: "LZ_WEST", Adders: power.Adders{Import: 3_500_000, Export: 250_000, Losses: 25_000}, Export: true,
				Publication: power.Publication{Lag: 5 * time.Minute}, Carbon: 400,
				Term: power.Term{From: time.Date(2025, 1, 1, 0, 0, 0, 0, zone), To: time.Date(2026, 1, 1, 0, 0, 0, 0, zone)},
			},
			PPAs:   []power.PPA{{Name: "p", Power: 10 * mw, Price: -1_250_000, Shape: window, TakeOrPay: true, SellBack: true, Fee: 100_000}},
			Plants: []power.Plant{{Name: "river", Kind: power.Hydro, Power: 4 * mw, Price: 4_000_000, MustRun: true}},
			Energy: []power.EnergyCharge{{
				Name: "delivery", Price: 1_000_000, Uses: []power.TimeOfUse{{Window: window, Price: 2_000_000}},
				Tiers: []power.Tier{{UpTo: unit.MegawattHour / 2, Price: 100_000}, {Price: -100_000}},
			}},
			Demand: []power.DemandCharge{
				{Name: "d", Rate: 10_000_000_000, RateDays: 30, Interval: 30 * time.Minute, Window: window, Period: power.Monthly, Ratchet: 800_000, Lookback: 11, MinimumBilled: 2 * mw},
				{Name: "day", Rate: 100_000_000, Interval: 15 * time.Minute, Period: power.Daily},
			},
			Coincident: []power.CoincidentPeak{{
				Name: "4cp", Rate: 60_000_000_000, Counted: 4, Window: power.Window{Months: []time.Month{6}}, Interval: 15 * time.Minute,
				Watch: power.Watch{Ratio: 975_000, Hours: []power.Hours{{From: 16 * time.Hour, To: 18 * time.Hour}}, Odds: 31_250},
			}},
			Fixed: []power.FixedCharge{{Name: "x", PerMonth: 100_500_000}}, MinimumBill: 1_000_000_000,
			Carbon: power.Carbon{PerTonne: 50_000_000, Cap: 1_000_500},
		},
		Models: []mining.Model{{
			Name: "Own", Maker: "Us", Cooling: "hydro", Year: 2024, Power: 3500, Hashrate: 200_500, Source: "bench",
			Curves: []mining.Curve{{Firmware: "X", Points: []mining.Point{{Label: "low", Power: 2000, Hashrate: 130_000, Confidence: mining.Inferred, Source: "s"}}}},
		}},
		Groups: []mining.Group{
			{
				Name: "one", Hall: "h", Model: "Own", Firmware: "X", Count: 100, Health: 975_000, MaxPower: 3000,
				Cooling: use.Cooling{Kind: "hydro", PUE0: 1_060_000, PerDegree: 2000, Threshold: -5500},
				Derate:  mining.Derate{From: 30_000, Drop: 50_000, PerDegree: 15_000, Stop: 45_000},
				PoolFee: 10_000, OperatingCost: 1_500_000, Wear: 750_000,
				Restart: 450 * time.Second, MinOn: 15 * time.Minute, MinOff: 30 * time.Minute, Ramp: 2 * mw, Whole: true,
			},
			{
				Name: "two", Hall: "g", Model: "Own", Overclock: true, Count: 10, Health: unit.One,
				Cooling: use.Cooling{PUE0: unit.One, Threshold: 25_000}, Restart: time.Second,
			},
		},
		Failures: map[string]Failures{"one": {Between: 365 * day, Repair: 2 * day, Seed: 3}, "two": {Between: 730 * day, Repair: 5 * day, Seed: 1}},
		Prices:   &Prices{File: "p.csv", Column: "c", Time: "t", Zone: oslo, End: true, Currency: "EUR", PerKWh: true, Fill: series.HoldLast},
		Air:      &Air{File: "a.csv", Column: "temp"},
	}
	same := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want, f, same, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if oslo.String() != "Europe/Oslo" || zone.String() != "America/Chicago" {
		t.Errorf("zones %v and %v", zone, oslo)
	}
	if feed, ok := f.FeedIn(); !ok || cmp.Diff(export.FeedIn{Use: "export/all", Limit: 5 * mw}, feed) != "" {
		t.Errorf("feed-in %+v, %v", feed, ok)
	}
}

func TestFeedingInNeedsTheContractAndTheConnection(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"houston": false, "sweden-se1": false, "washington": true} {
		if _, ok := shipped(t, name).FeedIn(); ok != want {
			t.Errorf("%s feeds in: %v, want %v", name, ok, want)
		}
	}
}

func TestDayAheadPricesKeepTheirGate(t *testing.T) {
	t.Parallel()
	got := shipped(t, "sweden-se1").Contracts.Spot.Publication
	if want := (power.Publication{DayAhead: true, Gate: 13 * time.Hour}); got != want {
		t.Errorf("publication %+v, want %+v", got, want)
	}
}

func TestReadFileNamesWhatItCannotOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "site.yaml")
	if _, err := ReadFile(path); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := ReadFile(path); err != nil || f.Name != path {
		t.Errorf("%v, %v", f, err)
	}
}
