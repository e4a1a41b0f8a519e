package sitefile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/power"
	"sluice/site"
)

// small is a sound file; the cases below break it. Lines count from 1.
const small = `name: creek
time_zone: America/Chicago
currency: USD
connection:
  import_limit_mw: 10
must_run_mw: 0.1
halls:
  - name: east
    limit_mw: 9
contracts:
  spot:
    settlement_point: HB_WEST
models:
  - name: Own Box
    power_w: 3500
    hashrate_ths: 200
    curves:
      - points:
          - {power_w: 2000, hashrate_ths: 130}
          - {power_w: 3000, hashrate_ths: 180}
groups:
  - name: row-1
    hall: east
    model: Own Box
    count: 2500
`

// breaks are single edits of small and the faults, in order, that they cause.
var breaks = map[string]struct {
	from, to string
	want     []string
}{
	"must-run load above the connection": {"must_run_mw: 0.1", "must_run_mw: 11", []string{
		"6:1: must-run load 11.000 MW is larger than the connection of 10.000 MW; lower the must-run load or raise the import limit",
	}},
	"a position with one of two":      {"currency: USD", "currency: USD\nposition: {latitude: 47.42}", []string{"4:1: longitude is missing; state it: how far east of Greenwich, west of it negative"}},
	"a position beyond the pole":      {"currency: USD", "currency: USD\nposition: {latitude: 90.1, longitude: 0}", []string{"4:22: latitude is 90.1; state at most 90"}},
	"a position beyond the date line": {"currency: USD", "currency: USD\nposition: {latitude: 0, longitude: -181}", []string{"4:36: longitude is -181; state at least -180"}},
	"a position that is no number":    {"currency: USD", "currency: USD\nposition: {latitude: .nan, longitude: .inf}", []string{"4:22: latitude is not a finite number \".nan\"; write a plain decimal number in degrees", "4:39: longitude is not a finite number"}},
	"a position in minutes":           {"currency: USD", "currency: USD\nposition: {latitude: 47°25', longitude: 0}", []string{"4:22: latitude is text \"47°25'\"; write a plain decimal number in degrees"}},
	"a position finer than a hand":    {"currency: USD", "currency: USD\nposition: {latitude: 47.4200001, longitude: 0}", []string{`4:22: latitude "47.4200001" is finer than this quantity is kept; round it to 6 decimals`}},
	"a position that is a list":       {"currency: USD", "currency: USD\nposition: [47.42, -120.31]", []string{"4:1: an object with keys belongs here, not a list; write latitude:, longitude:"}},
	"an unknown machine model": {"model: Own Box", "model: Antminer S21 20", []string{
		`24:5: machine model "Antminer S21 20" is not in the catalogue; did you mean Antminer S21 200, `,
	}},
	"an own curve that falls": {"{power_w: 3000, hashrate_ths: 180}", "{power_w: 3000, hashrate_ths: 120}", []string{
		`20:13: model "Own Box": point 2 (3000 W, 120 TH/s) does not rise above point 1 (2000 W, 130 TH/s); more power must bring more`,
	}},
	"a model in the wrong units":         {"power_w: 3500", "power_w: 3", []string{`14:5: model "Own Box": nameplate: its J/TH is not between 5 and 200; check the units`}},
	"a hall that does not exist":         {"hall: east", "hall: eest", []string{`23:5: group "row-1" stands in hall "eest", which the site does not have; did you mean east?`}},
	"a feeder that does not exist":       {"limit_mw: 9", "feeder: f9", []string{`9:5: hall "east" hangs on feeder "f9", which the site does not have; declare it under feeders`}},
	"a negative count":                   {"count: 2500", "count: -5", []string{"25:12: count is -5, which is negative; state at least 1"}},
	"a broken count":                     {"count: 2500", "count: 2.5", []string{`25:12: count "2.5" is finer than this quantity is kept; write a whole number`}},
	"a count beyond all reason":          {"count: 2500", "count: 25000000", []string{`22:5: mining group "row-1": count 25000000 must be between`}},
	"a wrong unit":                       {"import_limit_mw: 10", "import_limit_kw: 10000", []string{`5:3: "import_limit_kw" does not carry the unit of this file; write import_limit_mw, the value in MW`}},
	"a unit in the value":                {"import_limit_mw: 10", "import_limit_mw: 10 MW", []string{`5:20: import_limit_mw is text "10 MW"; write a plain decimal number in MW, without`}},
	"a number in words":                  {"import_limit_mw: 10", "import_limit_mw: ten", []string{`5:20: import_limit_mw is text "ten"; write a plain`}},
	"a number in quotes":                 {"import_limit_mw: 10", `import_limit_mw: "10"`, []string{`5:20: import_limit_mw is text "10"; write a plain`}},
	"a hexadecimal":                      {"import_limit_mw: 10", "import_limit_mw: 0x10", []string{`5:20: import_limit_mw "0x10" is not a plain decimal number; write`}},
	"infinity":                           {"import_limit_mw: 10", "import_limit_mw: .inf", []string{"5:20: import_limit_mw is not a finite number"}},
	"too many digits":                    {"import_limit_mw: 10", "import_limit_mw: 10.0000001", []string{`5:20: import_limit_mw "10.0000001" is finer than this quantity is kept; round it to 6 decimals`}},
	"a power beyond 64 bits":             {"import_limit_mw: 10", "import_limit_mw: 1e18", []string{`5:20: import_limit_mw "1e18" is too large`}},
	"a thousands separator":              {"count: 2500", "count: 2_500", []string{`25:12: count "2_500" is not a plain decimal number`}},
	"no import":                          {"import_limit_mw: 10", "import_limit_mw: 0", []string{"5:3: the import limit is 0 W; state the power"}},
	"a rating below the contract":        {"import_limit_mw: 10", "import_limit_mw: 10\n  rating_mw: 8", []string{"6:3: the rating of the connection, 8.000 MW, is below"}},
	"a key without value":                {"import_limit_mw: 10", "import_limit_mw:", []string{"5:3: import_limit_mw has no value; write the value behind the colon"}},
	"no connection":                      {"connection:\n  import_limit_mw: 10\n", "", []string{"1:1: connection is missing; state it: what the grid"}},
	"a needed key left out":              {"name: creek\n", "", []string{"1:1: name is missing; state it: stable name of the site"}},
	"an unknown zone":                    {"America/Chicago", "America/Chicgo", []string{`2:1: time zone "America/Chicgo" is not known; did you mean America/Chicago?`}},
	"the zone of the machine":            {"America/Chicago", "Local", []string{`2:1: time zone "Local" is not known; use an IANA name`}},
	"an unknown currency":                {"USD", "UDS", []string{`3:11: currency "UDS" is not known; did you mean USD?`}},
	"a misspelt key":                     {"must_run_mw", "must_rum_mw", []string{`6:1: there is no key "must_rum_mw" here; did you mean must_run_mw?`}},
	"a key of another object":            {"must_run_mw: 0.1", "zzz: 0.1", []string{`6:1: there is no key "zzz" here; use one of name, place,`}},
	"a key stated twice":                 {"currency: USD", "currency: USD\ncurrency: EUR", []string{"4:1: currency is stated twice, here and on line 3; keep one of them"}},
	"two groups of one name":             {"groups:", "groups:\n  - {name: row-1, model: Own Box, count: 5}", []string{`23:5: group "row-1" is stated twice, here and on line 22; rename one`}},
	"two models of one name":             {"models:", "models:\n  - {name: Own Box, power_w: 3000, hashrate_ths: 100}", []string{`15:5: model "Own Box" is stated twice, here and on line 14; rename one`}},
	"a firmware without curve":           {"count: 2500", "count: 2500\n    firmware: LuxOS", []string{`22:5: mining group "row-1": model "Own Box" has no single curve for firmware "LuxOS"`}},
	"a yes that is no truth value":       {"must_run_mw: 0.1", "synthetic: yes", []string{`6:12: synthetic is text "yes"; write true or false`}},
	"a list that is an object":           {"halls:", "halls: {name: a}\nnotes:", []string{"7:1: halls is a list, not an object with keys; begin each", "9:5: notes is an object with keys; write text"}},
	"an object that is a number":         {"connection:\n  import_limit_mw: 10", "connection: 5", []string{"4:1: an object with keys belongs here, not a number; write import_limit_mw:,"}},
	"a name that is a number":            {"name: creek", "name: 5", []string{"1:7: name is the number 5; write it in quotes"}},
	"no groups":                          {small[strings.Index(small, "groups:"):], "groups: []\n", []string{"21:1: nothing here uses power: there is neither a group of machines nor a contract with a tenant; declare groups, each"}},
	"nothing that uses power":            {small[strings.Index(small, "groups:"):], "", []string{"1:1: nothing here uses power: there is neither"}},
	"groups by a misspelt name":          {"groups:", "grups:", []string{`21:1: there is no key "grups" here; did you mean groups?`}},
	"groups without a value":             {small[strings.Index(small, "groups:"):], "groups:\n", []string{"21:1: groups has no value; write"}},
	"groups that are a number":           {small[strings.Index(small, "groups:"):], "groups: 5\n", []string{"21:1: groups is a list, not a number; begin"}},
	"a tab":                              {"  import_limit", "\timport_limit", []string{"5:1: a tab indents the line; indent with blanks"}},
	"broken YAML":                        {"connection:", "connection: [", []string{"6:1: this is not YAML: "}},
	"several documents":                  {"models:", "---\nmodels:", []string{"14:1: the file holds several YAML documents"}},
	"an alias without anchor":            {"count: 2500", "count: *n", []string{"25:12: alias *n has no anchor above it; write the value, or set &n"}},
	"a tag":                              {"count: 2500", "count: !!int 2500", []string{"25:12: a YAML tag such as !!str is not used here"}},
	"an object merged into itself":       {"models:", "prices: &a {<<: *a, file: x}\nmodels:", []string{"13:12: objects nest deeper than 24 levels"}},
	"a restart in hours":                 {"count: 2500", "count: 2500\n    restart_hours: 1", []string{`26:5: "restart_hours" does not carry the unit of this file; write restart_minutes, the value in minutes`}},
	"a plan that ends before it is fine": {"models:", "plan: {horizon_hours: 3}\nmodels:", []string{"13:1: fine_hours is longer than horizon_hours"}},
	"two faults of one group": {"hall: east", "pu: 1.05\n    pool_fee_percent: 101", []string{
		"22:5: mining group \"row-1\": pool fee 1.010 is a share", `23:5: there is no key "pu" here; did you mean pue?`,
	}},
	"meters": {"models:", "meters:\n  - {name: a, kind: hall, of: eas}\n  - {name: b, kind: generation, of: x}\nmodels:", []string{
		"13:1: 0 meters are of kind revenue; declare exactly one", `14:27: meter "a" measures hall "eas"`, `15:33: meter "b" measures plant "x"`,
	}},
	"a second supplier": {"models:", "  energy_charges:\n    - {name: s, supply: true, price_per_mwh: 5}\nmodels:", []string{
		`14:17: energy charge "s" is a second supplier beside the spot contract; keep one`,
	}},
	"contracts, each with its own fault": {"models:", `  demand_charges:
    - {name: d, rate_per_mw_month: 5, interval_minutes: 20}
    - {name: e, ratchet_percent: 80}
  ppas:
    - {name: p, power_mw: 5, price_per_mwh: -3.5, sell_back: true, from: 2025-13-01}
  energy_charges:
    - {name: s, price_per_mwh: 5, authorised_mw: 3, tiers: [{up_to_mwh: 5, add_per_mwh: 1}]}
models:`, []string{
		"14:7: demand charge d: measurement interval 20m0s; use 5, 15, 30 or 60 minutes",
		`15:7: demand charge "e" must have one rate; state either rate_per_mw_month or rate_per_mw_day`,
		"15:7: demand charge e: ratchet 0.800 with 0 months of look-back; state a ratio",
		"17:7: ppa p: selling back needs a block that is paid anyhow",
		`17:68: "2025-13-01" is not a calendar day; write year, month and day`,
		"19:7: energy charge s: authorised power, price beyond, interruption and carbon",
		"19:7: energy charge s: its last tier ends at 5.000 MWh",
	}},
	"a ramp of the connection": {"import_limit_mw: 10", "import_limit_mw: 10\n  ramp_mw_per_minute: 5", []string{
		"6:3: ramp_mw_per_minute is not supported yet; leave it out",
	}},
	"wind and sun without a profile, beside a river": {"models:", `  plants:
    - {name: ridge, kind: wind, power_mw: 5}
    - {name: weir, kind: hydro, power_mw: 5}
    - {name: steam, kind: geothermal, power_mw: 5}
    - {name: roof, kind: solar, power_mw: 5, profile_percent: []}
models:`, []string{
		`14:21: wind plant "ridge" has no profile_percent; state its share`,
		`17:20: solar plant "roof" has no profile_percent; state its share`,
	}},
	"day-ahead prices without a time": {"settlement_point: HB_WEST", "settlement_point: SE1\n    published: day_ahead", []string{
		`13:5: day-ahead prices without a gate_time; state when`,
	}},
	"a gate that is no time": {"settlement_point: HB_WEST", "settlement_point: SE1\n    published: day_ahead\n    gate_time: noon", []string{
		`14:5: gate_time "noon" is not a time of day; write`,
	}},
	"hours that are none": {"models:", "  ppas:\n    - {name: p, power_mw: 1, price_per_mwh: 1, window: {hours: [6-7]}}\nmodels:", []string{
		`14:57: hours "6-7" are not a stretch of the clock; write two times`,
	}},
}

// TestEveryFaultHasItsPlaceAndRemedy breaks a sound file in one way at a time.
func TestEveryFaultHasItsPlaceAndRemedy(t *testing.T) {
	t.Parallel()
	if _, err := Read(strings.NewReader(small), "site.yaml"); err != nil {
		t.Fatalf("the sound file: %v", err)
	}
	for name, c := range breaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(small, c.from, c.to, 1)
			if text == small {
				t.Fatalf("%q is not in the file", c.from)
			}
			f, err := Read(strings.NewReader(text), "site.yaml")
			if f != nil || err == nil {
				t.Fatal("the file was accepted")
			}
			got := strings.Split(err.Error(), "\n")
			for i, want := range c.want {
				if i >= len(got) || !strings.HasPrefix(got[i], "site.yaml:"+want) {
					t.Fatalf("faults:\n%s\nwant number %d to begin with site.yaml:%s", err, i+1, want)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("%d faults, want %d:\n%s", len(got), len(c.want), err)
			}
		})
	}
}

// TestManyFaultsAreReportedAtOnce puts faults of all kinds into one file.
func TestManyFaultsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	text := small
	for _, name := range []string{"must-run load above the connection", "an unknown machine model", "a hall that does not exist", "a broken count", "an unknown zone", "an unknown currency"} {
		text = strings.Replace(text, breaks[name].from, breaks[name].to, 1)
	}
	_, err := Read(strings.NewReader(text), "site.yaml")
	var lines []int
	for _, f := range Faults(err) {
		lines = append(lines, f.Line)
		if f.File != "site.yaml" || f.Column == 0 || f.What == "" || f.Remedy == "" {
			t.Errorf("fault %+v is not complete", f)
		}
	}
	if diff := cmp.Diff([]int{2, 3, 6, 23, 24, 25}, lines); diff != "" {
		t.Errorf("lines of the faults: %s\n%v", diff, err)
	}
	if first, ok := errors.AsType[*Fault](err); !ok || first.Line != 2 {
		t.Errorf("first fault %v", first)
	}
}

// TestWhatARoomSaidCanBeAskedFor keeps the room's own error behind the fault.
func TestWhatARoomSaidCanBeAskedFor(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"must-run load above the connection": site.ErrSite, "contracts, each with its own fault": power.ErrContract} {
		c := breaks[name]
		if _, err := Read(strings.NewReader(strings.Replace(small, c.from, c.to, 1)), "site.yaml"); !errors.Is(err, want) {
			t.Errorf("%s: %v is not %v", name, err, want)
		}
	}
}

// TestAFileThatIsNoSiteIsRefusedInOneLine reads what is not even an object.
func TestAFileThatIsNoSiteIsRefusedInOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "site.yaml: the file is empty; begin with name",
		" \n\n":                       "site.yaml: the file is empty; begin with name",
		"# nothing\n":                 "site.yaml: the file declares nothing; begin with name",
		"hello":                       "site.yaml:1:1: a site is an object with keys, not text; begin",
		"- a\n":                       "site.yaml:1:1: a site is an object with keys, not a list; begin",
		"\xff\xfe":                    "site.yaml: the file is not UTF-8 text; save",
		strings.Repeat("#\n", 70<<10): "site.yaml: the file is larger than 128 KiB; is it",
		strings.Repeat("#", 5<<10):    "site.yaml:1:1: the line is longer than 4096 bytes; break it",
		strings.Repeat("[", 1000):     "site.yaml: the file has more than 512 opening brackets; write",
		strings.Repeat("- ", 1000):    "site.yaml:1:1: the line nests too deeply; break",
	} {
		_, err := Read(strings.NewReader(text), "site.yaml")
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

// TestAFleetLargerThanTheConnectionIsNoted because it is a common way to build.
func TestAFleetLargerThanTheConnectionIsNoted(t *testing.T) {
	t.Parallel()
	f, err := Read(strings.NewReader(strings.Replace(small, "count: 2500", "count: 9000", 1)), "site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`the machines of hall "east" can draw 31.500 MW with their cooling, more than its 9.000 MW: not all machines run at once`,
		`the machines and the must-run load behind the connection can draw 31.600 MW with their cooling, more than its 10.000 MW: not all machines run at once`,
	}
	if !slices.Equal(f.Notes, want) {
		t.Errorf("notes %q", f.Notes)
	}
}

// TestFaultsAreBounded reads a file of twenty thousand unknown keys, and one
// whose merge keys multiply.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var keys, merge strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	merge.WriteString("m0: &m0 {name: x}\n")
	for i := range 22 {
		fmt.Fprintf(&merge, "m%d: &m%d\n  <<: [*m%d, *m%d, *m%d, *m%d]\n", i+1, i+1, i, i, i, i)
	}
	merge.WriteString("<<: *m22\n")
	for _, text := range []string{keys.String(), merge.String()} {
		_, err := Read(strings.NewReader(text), "site.yaml")
		if n := len(Faults(err)); n == 0 || n > faultsMax+1 {
			t.Errorf("%d faults", n)
		}
	}
}

// failing is a reader that breaks off.
type failing struct{ err error }

func (r failing) Read([]byte) (int, error) { return 0, r.err }

func TestAReaderThatFailsIsReported(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	if _, err := Read(failing{broken}, "site.yaml"); !errors.Is(err, broken) || !strings.Contains(err.Error(), "site.yaml") {
		t.Error(err)
	}
}
