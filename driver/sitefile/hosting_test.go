package sitefile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/gpu"
	"sluice/service"
	"sluice/unit"
	"sluice/use"
	"sluice/use/hosting"
)

// gpus is a sound file with halls of GPUs that states every key of them; the cases
// below break it.
const gpus = `name: creek
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 10}
halls: [{name: mine, limit_mw: 9}, {name: west, limit_mw: 1.5}, {name: east, limit_mw: 0.5}]
contracts: {spot: {settlement_point: HB_WEST}}
groups: [{name: row-1, hall: mine, model: Antminer S21 200, count: 2500}]
hosting:
  models:
    - {name: H100 Own, tdp_w: 700, min_limit_w: 200, idle_w: 70, gpus_per_node: 8, node_w: 10200, empty_node_w: 1800, cooling: liquid, source: bench}
  halls:
    - hall: west
      cooling: liquid
      pue: 1.2
      pue_per_c: 0.004
      pue_above_c: 25.5
      spare_nodes: 3
      servers:
        - {name: a, model: H100 Own, nodes: 100, nodes_per_rack: 8, rack_limit_w: 90000, boot_minutes: 7.5}
    - {hall: east, servers: [{name: b, model: B200, nodes: 10}], failures: {mean_days_between: 400, repair_days: 3, seed: 9}}
  contracts:
    - name: aurora
      tenant: aurora-labs
      kind: reserved
      hall: west
      gpu: H100 Own
      work: training
      from: 2024-01-01
      to: 2027-01-01
      gpus: 256
      price_per_gpu_hour: 2.4
      prepaid_percent: 20
      ramp_percent: [50, 75.5, 100]
      warn_minutes: 5
      grace_seconds: 120
      restart_minutes: 12
      saves_every_minutes: 60
      max_slowdown_percent: 5
      slowdown_hours_per_month: 60
      service_level:
        scope: instance
        tiers: [{below_percent: 99.9, credit_percent: 10}, {below_percent: 99, credit_percent: 25}]
        cap_percent: 50
      renewal_risk_per_gpu_hour: 1.5
      whole_nodes: true
    - name: borealis
      kind: flexible
      hall: west
      from: 2024-01-01
      gpus: 128
      price_per_gpu_hour: 2.25
      flexibility: {hours_per_year: 50, longest_hours: 3, calls_per_month: 7, notice_minutes: 45, share_percent: 60, above_per_mwh: 1000.5}
    - name: drizzle
      kind: batch
      hall: west
      from: 2024-01-01
      gpus: 64
      price_per_gpu_hour: 1.4
      deadline_hours: 36
      late_credit_per_gpu_hour: 0.7
    - {name: racks, kind: colocation, hall: east, from: 2024-01-01, critical_power_w: 100000, price_per_kw_month: 150.25}
  load:
    seed: 7
    utilisation_percent: 70.5
    warned_saves_percent: 40
`

// TestHostingArrives reads every key of halls and contracts into the rooms' types.
func TestHostingArrives(t *testing.T) {
	t.Parallel()
	f, err := Read(strings.NewReader(gpus), "gpus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	models, err := gpu.StandardModels()
	if err != nil {
		t.Fatal(err)
	}
	b200, err := models.Lookup("B200")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Failures{Between: 400 * 24 * time.Hour, Repair: 72 * time.Hour, Seed: 9}); f.Failures["hosting/east"] != want {
		t.Errorf("servers fail %+v", f.Failures)
	}
	day := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, f.Site.Zone) }
	own := gpu.Model{Name: "H100 Own", TDP: 700, Min: 200, Idle: 70, PerNode: 8, Node: 10_200, Empty: 1_800, Cooling: "liquid", Source: "bench"}
	want := &Hosting{
		Halls: []hosting.Hall{
			{
				Name: "west", Spare: 3, Cooling: use.Cooling{Kind: "liquid", PUE0: 1_200_000, PerDegree: 4_000, Threshold: 25_500},
				Groups: []hosting.Group{{Name: "a", Model: own, Nodes: 100, Rack: 8, Limit: 90_000, Boot: 450 * time.Second}},
			},
			{
				Name: "east", Cooling: use.Cooling{PUE0: unit.One, Threshold: 25_000},
				Groups: []hosting.Group{{Name: "b", Model: b200, Nodes: 10, Rack: 4, Boot: 8 * time.Minute}},
			},
		},
		Contracts: []hosting.Contract{
			{
				Name: "aurora", Tenant: "aurora-labs", Version: 1, Kind: hosting.Reserved, Hall: "west", Model: "H100 Own", Class: gpu.Training,
				GPUs: 256, Start: day(2024), End: day(2027), Ramp: []unit.Ratio{500_000, 755_000, unit.One}, Price: 2_400_000, Prepaid: 200_000,
				Warn: 5 * time.Minute, Grace: 2 * time.Minute, Restart: 12 * time.Minute, Saves: time.Hour,
				Capping: hosting.Capping{Slowdown: 50_000, Hours: 60 * time.Hour},
				Level: service.Level{
					Scope: service.Instance, Cap: 500_000, Tiers: []service.Tier{{Below: 999_000, Credit: 100_000}, {Below: 990_000, Credit: 250_000}},
				},
				Renewal: 1_500_000, Nodes: true,
			},
			{
				Name: "borealis", Tenant: "borealis", Version: 1, Kind: hosting.Flexible, Hall: "west", Model: "H100 Own", GPUs: 128, Start: day(2024),
				Price: 2_250_000, Grace: 30 * time.Second, Restart: 6 * time.Minute,
				Flex: hosting.Flex{Hours: 50 * time.Hour, Event: 3 * time.Hour, Events: 7, Notice: 45 * time.Minute, Share: 600_000, Above: 1_000_500_000},
			},
			{
				Name: "drizzle", Tenant: "drizzle", Version: 1, Kind: hosting.Batch, Hall: "west", Model: "H100 Own", GPUs: 64, Start: day(2024),
				Price: 1_400_000, Grace: 30 * time.Second, Restart: 6 * time.Minute, Deadline: 36 * time.Hour, Late: 700_000,
			},
			{
				Name: "racks", Tenant: "racks", Version: 1, Kind: hosting.Colocation, Hall: "east", Power: 100_000, Start: day(2024),
				Price: 150_250_000, Grace: 30 * time.Second, Restart: 6 * time.Minute,
			},
		},
		Load: &Load{Seed: 7, Utilisation: 705_000, Checkpoints: 400_000},
	}
	if d := cmp.Diff(want, f.Hosting); d != "" {
		t.Error(d)
	}
	tenancies, err := f.Tenancies()
	if err != nil || len(tenancies) != 4 || tenancies[0].Zone() != f.Site.Zone || tenancies[3].Use() != "hosting/racks" {
		t.Errorf("%d tenancies, %v", len(tenancies), err)
	}
}

// TestNoKeyOfHostingIsLeftOut: the file above states each key, so that a new one is
// read into its unit by somebody's eyes.
func TestNoKeyOfHostingIsLeftOut(t *testing.T) {
	t.Parallel()
	running := []string{"engine", "networks", "agents", "meters"} // of a hall that runs
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for _, f := range fieldsOf(typ) {
			if slices.Contains(running, f.key) {
				continue
			}
			if !strings.Contains(gpus, f.key+":") {
				t.Errorf("the file of the test has no %s", f.key)
			}
			if inner := f.inner(); inner != nil {
				walk(inner)
			}
		}
	}
	walk(reflect.TypeFor[hostingKeys]())
}

// TestWithoutHosting: a site without GPUs has no halls and no tenancies.
func TestWithoutHosting(t *testing.T) {
	t.Parallel()
	f, err := Read(strings.NewReader(small), "small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if all, err := f.Tenancies(); f.Hosting != nil || all != nil || err != nil {
		t.Errorf("%+v, %v, %v", f.Hosting, all, err)
	}
}

// hostingBreaks are single edits of gpus and the faults, in order, that they cause.
var hostingBreaks = map[string]struct {
	from, to string
	want     []string
}{
	"an unknown GPU":                      {"model: H100 Own, nodes", "model: H100 Owm, nodes", []string{`19:21: servers "a" are of model "H100 Owm", which is not known; did you mean H100 Own? Otherwise declare it un`}},
	"an unknown GPU of the catalogue":     {"model: B200", "model: B201", []string{`20:40: servers "b" are of model "B201", which is not known; did you mean B200? Otherwise declare it under mode`}},
	"a contract without GPUs in its hall": {"hall: east, from", "hall: mine, from", []string{`61:7: contract "racks" is served in hall "mine", in which no GPUs stand; state one of the halls under hosting`}},
	"a contract in no hall":               {"kind: batch\n      hall: west", "kind: batch\n      hall: wset", []string{`53:7: contract "drizzle" is served in hall "wset", in which no GPUs stand; state one of the halls under hostin`}},
	"a contract that does not say where":  {"kind: batch\n      hall: west", "kind: batch", []string{`53:7: contract "drizzle" is served in hall "", in which no GPUs stand; state one of the halls under hosting`}},
	"a hall of GPUs that the site has not": {"- hall: west", "- hall: wets", []string{
		`12:7: a hall of GPUs stands in hall "wets", which the site does not have; did you mean west? Otherwise declare`,
		`22:7: contract "aurora" is served in hall "west", in which no GPUs stand; state one of the halls under hosting`,
		`46:7: contract "borealis" is served in hall "west", in which no GPUs stand; state one of the halls under hosti`,
		`53:7: contract "drizzle" is served in hall "west", in which no GPUs stand; state one of the halls under hostin`,
	}},
	"a GPU-hour of colocation":               {"price_per_kw_month: 150.25", "price_per_gpu_hour: 2.4", []string{`61:95: contract "racks" is colocation and priced by the GPU-hour; state price_per_kw_month`}},
	"GPUs by the kilowatt":                   {"price_per_gpu_hour: 2.25", "price_per_kw_month: 150", []string{`51:7: contract "borealis" sells GPUs and is priced by the kilowatt; state price_per_gpu_hour`}},
	"more GPUs sold than there are":          {"gpus: 128", "gpus: 600", []string{`21:3: "borealis" in hall "west" does not fit: from 2024-03-01T06:00:00Z it wants 600 GPUs of H100 Own and 544`}},
	"more kilowatts sold than the hall has":  {"critical_power_w: 100000", "critical_power_w: 600000", []string{`21:3: "racks" in hall "east" does not fit: from 2024-01-01T06:00:00Z it wants 600 kW of the hall's power and 5`}},
	"an availability above one":              {"below_percent: 99.9", "below_percent: 199.9", []string{`22:7: contract "aurora": no valid service level: tier 1: an availability of 199.9 % cannot be missed or not be`}},
	"tiers that rise":                        {"below_percent: 99,", "below_percent: 99.95,", []string{`22:7: contract "aurora": no valid service level: tier 2: 99.95 % is not below the 99.9 % of the tier before; p`}},
	"a credit that falls":                    {"credit_percent: 25", "credit_percent: 5", []string{`22:7: contract "aurora": no valid service level: tier 2: a credit of 5 % is not above the 10 % of the tier bef`}},
	"a promise for work that may be stopped": {"deadline_hours: 36", "deadline_hours: 36\n      service_level: {tiers: [{below_percent: 99, credit_percent: 10}]}", []string{`53:7: contract "drizzle": batch may be stopped at any time and promises no availability; leave the service lev`}},
	"two reservations of one name":           {"name: borealis", "name: aurora", []string{`46:7: contract "aurora" is stated twice, here and on line 22; rename one of them`}},
	"no first day":                           {"hall: east, from: 2024-01-01", "hall: east", []string{`61:8: contract "racks": has no start; state when the tenant accepts it, from then on it is charged`}},
	"a contract that ends before it begins":  {"to: 2027-01-01", "to: 2023-01-01", []string{`22:7: contract "aurora": ends 2023-01-01T00:00:00-06:00, not after it starts; correct it`}},
	"an unknown kind":                        {"kind: batch", "kind: bach", []string{`54:13: kind "bach" is not known; use one of colocation, reserved, flexible, on-demand, spot, batch`}},
	"an unknown work":                        {"work: training", "work: trainings", []string{`27:13: work "trainings" is not known; use one of training, inference, hpc`}},
	"a fraction of a GPU":                    {"gpus: 64", "gpus: 6.5", []string{`57:13: gpus "6.5" is finer than this quantity is kept; write a whole number`}},
	"fewer than no GPUs":                     {"gpus: 64", "gpus: -64", []string{`57:13: gpus is -64, which is negative; state at least 0`}},
	"a price in another unit":                {"price_per_gpu_hour: 1.4", "price_per_gpu_day: 33", []string{`58:7: "price_per_gpu_day" does not carry the unit of this file; write price_per_gpu_hour, the value in the sit`}},
	"kilowatts for GPUs":                     {"critical_power_w: 100000", "critical_power_kw: 100", []string{`61:69: "critical_power_kw" does not carry the unit of this file; write critical_power_w, the value in W`}},
	"a batch without a deadline":             {"      deadline_hours: 36\n", "", []string{`53:7: contract "drizzle": batch without a deadline; state it from submission, or sell it as spot`}},
	"a deadline of a reservation":            {"whole_nodes: true", "deadline_hours: 5", []string{`22:7: contract "aurora": only batch has a deadline and a late credit; leave them out`}},
	"a ramp that falls":                      {"[50, 75.5, 100]", "[50, 45, 100]", []string{`22:7: contract "aurora": ramp falls in month 2; a smaller commitment is a new version of the contract`}},
	"flexibility of a reservation":           {"whole_nodes: true", "flexibility: {hours_per_year: 50}", []string{`22:7: contract "aurora": only a flexible contract lets power go; change its kind, or leave the flexible terms`}},
	"a call longer than the year's hours":    {"longest_hours: 3", "longest_hours: 60", []string{`46:7: contract "borealis": a call of 60h0m0s is longer than the 50h0m0s of a year; correct it`}},
	"a model that draws more idle":           {"tdp_w: 700", "tdp_w: 60", []string{`10:8: GPU model "H100 Own": the lowest limit and the idle draw lie at most at the default limit, 60 W; correct`}},
	"a rack that bears nothing":              {"rack_limit_w: 90000", "rack_limit_w: 90", []string{`12:7: GPU hall "west": group "a": one empty node draws 1.8 kW and a rack bears 90 W; check the unit of the lim`}},
	"two groups of servers of one name":      {"boot_minutes: 7.5}", "boot_minutes: 7.5}\n        - {name: a, model: H100 Own, nodes: 1}", []string{`20:12: group of servers "a" is stated twice, here and on line 19; rename one of them`}},
	"more spare servers than there are":      {"spare_nodes: 3", "spare_nodes: 300", []string{`12:7: GPU hall "west": 300 spare nodes of 100; keep fewer`}},
	"a PUE below one":                        {"pue: 1.2", "pue: 0.9", []string{`14:12: pue is 0.9; state at least 1`}},
	"two faults of one contract": {"gpus: 64", "gpus: 0\n      prepaid_percent: 10", []string{
		`53:7: contract "drizzle": a batch contract commits nothing that could be prepaid; leave prepaid out`,
		`53:7: contract "drizzle": 0 GPUs; state how many it holds, at most 10000000`,
	}},
	"tenants that are busier than busy":    {"utilisation_percent: 70.5", "utilisation_percent: 170.5", []string{`64:5: utilisation_percent is above 100; state a share between 0 and 100`}},
	"a contract with the name of its hall": {"name: racks", "name: west", []string{`61:8: contract "west" has the name of a hall, whose idle servers go by it; rename the contract`}},
}

// TestEveryFaultOfHostingHasItsPlace breaks the sound file in one way at a time.
func TestEveryFaultOfHostingHasItsPlace(t *testing.T) {
	t.Parallel()
	for name, c := range hostingBreaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(gpus, c.from, c.to, 1)
			if text == gpus {
				t.Fatalf("%q is not in the file", c.from)
			}
			f, err := Read(strings.NewReader(text), "site.yaml")
			if f != nil || err == nil {
				t.Fatal("the file was accepted")
			}
			got := strings.Split(err.Error(), "\n")
			for i, want := range c.want {
				if i >= len(got) || !strings.HasPrefix(got[i], "site.yaml:"+want) || !strings.Contains(got[i], "; ") {
					t.Fatalf("faults:\n%s\nwant number %d to begin with site.yaml:%s", err, i+1, want)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("%d faults, want %d:\n%s", len(got), len(c.want), err)
			}
		})
	}
}

// mined is the line of gpus that declares machines.
const mined = "groups: [{name: row-1, hall: mine, model: Antminer S21 200, count: 2500}]\n"

// TestASiteOfTenantsAlone: a data centre without a single miner is a site, with its
// list of groups empty or left out; one whose halls are let to nobody is none.
func TestASiteOfTenantsAlone(t *testing.T) {
	t.Parallel()
	from, to := strings.Index(gpus, "  contracts:\n    - name"), strings.Index(gpus, "  load:")
	unlet := strings.Replace(gpus, gpus[from:to], "  contracts: []\n", 1)
	for name, c := range map[string]struct{ text, want string }{
		"no groups":                     {strings.Replace(gpus, mined, "", 1), ""},
		"an empty list of groups":       {strings.Replace(gpus, mined, "groups: []\n", 1), ""},
		"machines beside unlet halls":   {unlet, ""},
		"run live without machines":     {strings.Replace(gpus, mined, "control:\n  device_networks: [10.20.0.0/16]\n  meters: [{name: grid, kind: revenue, template: abb-a43, address: 10.20.0.2}]\n", 1), ""},
		"halls let to nobody":           {strings.Replace(unlet, mined, "", 1), "site.yaml:20:3: nothing here uses power: there is neither a group of machines nor a contract with a tenant; declare groups, each"},
		"contracts without a value":     {strings.Replace(strings.Replace(unlet, mined, "", 1), "contracts: []", "contracts:", 1), "site.yaml:20:3: contracts has no value; write"},
		"contracts left out":            {strings.Replace(strings.Replace(unlet, mined, "", 1), "  contracts: []\n", "", 1), "site.yaml:7:1: contracts is missing; state it"},
		"hosting by a misspelt name":    {strings.Replace(strings.Replace(gpus, mined, "", 1), "hosting:", "hostin:", 1), `site.yaml:7:1: there is no key "hostin" here; did you mean hosting?`},
		"neither machines nor a tenant": {gpus[:strings.Index(gpus, "groups:")], "site.yaml:1:1: nothing here uses power"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := Read(strings.NewReader(c.text), "site.yaml")
			if c.want != "" {
				if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%v\nwant %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			rigs, wrong := f.Rigs()
			let, err := f.Tenancies()
			if err := errors.Join(err, wrong); err != nil || len(rigs) != len(f.Groups) || len(let) != len(f.Hosting.Contracts) || len(rigs)+len(let) == 0 {
				t.Errorf("%d rigs, %d contracts, %v", len(rigs), len(let), err)
			}
		})
	}
}

// TestServersThatPassTheConnectionAreNoted where no machines give way to them.
func TestServersThatPassTheConnectionAreNoted(t *testing.T) {
	t.Parallel()
	const note = "the servers and the must-run load behind the connection can draw 1.367 MW with their cooling, more than its 1.300 MW, and no machines give way: work that comes between two decisions may pass it"
	alone := strings.Replace(gpus, mined, "", 1)
	small := func(text string) string {
		return strings.Replace(text, "import_limit_mw: 10", "import_limit_mw: 1.3", 1)
	}
	for name, c := range map[string]struct {
		text  string
		noted bool
	}{
		"room for every server":          {alone, false},
		"a connection that is too small": {small(alone), true},
		"machines beside them":           {small(gpus), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := Read(strings.NewReader(c.text), "site.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(f.Notes, func(n string) bool { return strings.HasPrefix(n, "the servers") }) != c.noted || c.noted && f.Notes[0] != note {
				t.Errorf("notes %q", f.Notes)
			}
		})
	}
}
