package sitefile

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sluice/site"
)

// live is a sound file with a control section; the cases below break it.
const live = `name: creek
time_zone: America/Chicago
currency: USD
connection: {import_limit_mw: 10}
feeders: [{name: f1, limit_mw: 6}, {name: f2, limit_mw: 6}]
halls: [{name: east, feeder: f1}, {name: west, feeder: f2}]
contracts:
  spot: {settlement_point: HB_WEST}
  plants: [{name: weir, kind: hydro, power_mw: 1}]
groups:
  - {name: row-1, hall: east, model: Antminer S21 200, count: 6}
  - {name: row-2, hall: west, model: Antminer S21 200, count: 259}
control:
  device_networks: [10.20.0.0/16, 10.30.0.0/24]
  poll_seconds: 5
  machines:
    - group: row-1
      addresses:
        - 10.20.1.0-10.20.1.3
        - 10.30.0.8/31
    - group: row-2
      addresses: [10.20.2.0/24, 10.20.3.1-10.20.3.5]
  meters:
    - {name: grid, kind: revenue, template: abb-a43, address: 10.20.0.2, port: 503, unit: 7}
    - name: cable
      kind: feeder
      of: f1
      template: ./own.yaml
      address: 10.20.0.3
      current_transformer: 2000/5
      voltage_transformer: 20000 / 100
    - {name: river, kind: generation, of: weir, template: abb-a43, address: 10.20.0.2, unit: 8}
  pools:
    - {url: "stratum+tcp://pool.example:3333", worker: site.*}
    - {url: "pool.example:3333", worker: "*"}
  shed_seconds: 30
  fast_reboots_per_day: 0.25
  wakes_per_feeder: 0
  starts_per_day: 3
`

// TestControlArrives reads every key of a control section into the rooms' types.
func TestControlArrives(t *testing.T) {
	t.Parallel()
	f, err := Read(strings.NewReader(live), "live.yaml")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddr
	want := &Control{
		Networks: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16"), netip.MustParsePrefix("10.30.0.0/24")},
		Poll:     5 * time.Second, Shed: 30 * time.Second, Starts: 3, FastReboots: 250_000,
		Machines: []Machines{
			{"row-1", Addresses{{at("10.20.1.0"), at("10.20.1.3")}, {at("10.30.0.8"), at("10.30.0.9")}}},
			{"row-2", Addresses{{at("10.20.2.1"), at("10.20.2.254")}, {at("10.20.3.1"), at("10.20.3.5")}}},
		},
		Meters: []Meter{
			{Name: "grid", Kind: site.RevenueMeter, Template: "abb-a43", Address: at("10.20.0.2"), Port: 503, Unit: 7},
			{Name: "cable", Kind: site.FeederMeter, Of: "f1", Template: "./own.yaml", Address: at("10.20.0.3"), Current: Transformer{2000, 5}, Voltage: Transformer{20_000, 100}},
			{Name: "river", Kind: site.GenerationMeter, Of: "weir", Template: "abb-a43", Address: at("10.20.0.2"), Unit: 8},
		},
		Pools: []Pool{{"stratum+tcp://pool.example:3333", "site.*"}, {"pool.example:3333", "*"}},
	}
	same := cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})
	if d := cmp.Diff(want, f.Control, same); d != "" {
		t.Error(d)
	}
	meters := []site.Meter{{Name: "grid", Kind: site.RevenueMeter}, {Name: "cable", Kind: site.FeederMeter, Of: "f1"}, {Name: "river", Kind: site.GenerationMeter, Of: "weir"}}
	if d := cmp.Diff(meters, f.Site.Meters); d != "" {
		t.Error(d)
	}
	all := slices.Collect(f.Control.Machines[1].Addresses.All())
	if len(all) != 259 || all[0] != at("10.20.2.1") || all[258] != at("10.20.3.5") || f.Control.Machines[0].Addresses.Holds(at("10.20.1.4")) {
		t.Errorf("%d addresses from %v", len(all), all[:1])
	}
}

// TestControlDefaults reads the least that a control section must say.
func TestControlDefaults(t *testing.T) {
	t.Parallel()
	text := small + `control:
  device_networks: [127.7.0.0/16]
  port_offset: 10000
  machines: [{group: row-1, addresses: [127.7.0.1-127.7.9.196]}]
  meters: [{name: grid, kind: revenue, template: generic, address: 127.7.255.1}]
`
	f, err := Read(strings.NewReader(text), "x")
	if err != nil {
		t.Fatal(err)
	}
	c := f.Control
	if c.Poll != 10*time.Second || c.PortOffset != 10_000 || c.Shed != time.Minute || c.FastReboots != 100_000 || c.Wakes != 50 || c.Pools != nil || c.Meters[0].Port != 0 || c.Meters[0].Unit != 0 {
		t.Errorf("defaults %+v", c)
	}
	if plain := shipped(t, "houston").Control; plain != nil {
		t.Errorf("houston has no control section and reads as %+v", plain)
	}
}

// controlBreaks are single edits of live and the faults, in order, that they cause.
var controlBreaks = map[string]struct {
	from, to string
	want     []string
}{
	"a misspelt key":             {"shed_seconds", "shedd_seconds", []string{`36:3: there is no key "shedd_seconds" here; did you mean shed_seconds?`}},
	"a unit of another time":     {"poll_seconds: 5", "poll_minutes: 5", []string{`15:3: "poll_minutes" does not carry the unit of this file; write poll_seconds, the value in seconds`}},
	"no networks":                {"device_networks: [10.20.0.0/16, 10.30.0.0/24]", "device_networks: []", []string{"14:3: there is no device network; declare at least one"}},
	"machines left out":          {live[strings.Index(live, "  machines:"):strings.Index(live, "  meters:")], "", []string{"13:1: machines is missing; state it: which addresses"}},
	"networks left out":          {"  device_networks: [10.20.0.0/16, 10.30.0.0/24]\n", "", []string{"13:1: device_networks is missing; state it: networks of the machines"}},
	"a network that is a name":   {"10.30.0.0/24]", "miners.example]", []string{`14:35: device network "miners.example" is not an IPv4 network; write`, "20:11: 10.30.0.8 is in no device network; correct"}},
	"a network that is a number": {"10.30.0.0/24]", "10.30]", []string{`14:35: device_networks is the number 10.30; write it in quotes`, "20:11: 10.30.0.8 is in no device network; correct"}},
	"a network by a host":        {"10.30.0.0/24]", "10.30.0.5/24]", []string{"14:35: device network 10.30.0.5/24 does not begin a network of its size; write 10.30.0.0/24", "20:11: 10.30.0.8 is in no device network; correct"}},
	"networks that overlap":      {"10.30.0.0/24]", "10.30.0.0/24, 10.20.7.0/24]", []string{"14:49: device network 10.20.7.0/24 overlaps 10.20.0.0/16; keep the wider one"}},
	"an offset on real networks": {"poll_seconds: 5", "port_offset: 1000", []string{"15:3: port_offset 1000 beside the device network 10.20.0.0/16; ports are moved for virtual machines"}},
	"an offset beyond all ports": {"device_networks: [10.20.0.0/16, 10.30.0.0/24]\n  poll_seconds: 5", "device_networks: [127.0.0.0/8]\n  port_offset: 60000", []string{
		"15:3: port_offset 60000 leaves no room for the ports of machines; state at most 59000",
		"19:11: 10.20.1.0 is in no device network", "20:11: 10.30.0.8 is in no", "22:19: 10.20.2.1 is in no", "22:33: 10.20.3.1 is in no", "24:54: 10.20.0.2 is in no", "29:7: 10.20.0.3 is in no", "32:68: 10.20.0.2 is in no",
	}},
	"a poll longer than the shed window": {"poll_seconds: 5", "poll_seconds: 45", []string{"15:3: a round of 45s is longer than the 30s in which power must fall; lower poll_seconds"}},
	"a poll of no time":                  {"poll_seconds: 5", "poll_seconds: 0", []string{"15:17: poll_seconds is 0; state at least 1"}},
	"a group that does not exist":        {"group: row-2", "group: row-3", []string{`21:7: addresses of group "row-3", which the site does not have; did you mean row-`}},
	"a group stated twice":               {"group: row-2", "group: row-1", []string{`16:3: group "row-2" has no entry here; state the addresses`, `21:7: group "row-1" is stated twice, here and on line 17; put all its addresses into one entry`}},
	"a group without entry": {`    - group: row-2
      addresses: [10.20.2.0/24, 10.20.3.1-10.20.3.5]
`, "", []string{`16:3: group "row-2" has no entry here; state the addresses of its machines`}},
	"a group without addresses":       {"[10.20.2.0/24, 10.20.3.1-10.20.3.5]", "[]", []string{`22:7: group "row-2" has no addresses; state them`}},
	"fewer addresses than machines":   {", 10.20.3.1-10.20.3.5]", "]", []string{`22:7: group "row-2" has 259 machines and only 254 addresses; state the others`}},
	"more addresses than machines":    {"10.20.3.5]", "10.20.3.9]", []string{`22:7: group "row-2" has 259 machines and 263 addresses; leave out the addresses at which no machine stands`}},
	"more addresses than a site has":  {"10.20.3.1-10.20.3.5]", "10.20.4.0-10.23.0.0]", []string{"22:33: 10.21.0.0 is in no device network", "22:33: the site has more than 131072 addresses of machines; split the site"}},
	"an address that is a name":       {"- 10.30.0.8/31", "- miner-7", []string{`20:11: "miner-7" is not an IPv4 address, stretch or network; write 10.20.1.7`}},
	"an address of another kind":      {"- 10.30.0.8/31", `- "fd00::7"`, []string{`20:11: "fd00::7" is not an IPv4 address, stretch or network`}},
	"a network of another kind":       {"- 10.30.0.8/31", `- "fd00::/64"`, []string{`20:11: network "fd00::/64" is not an IPv4 network`}},
	"a stretch that runs backwards":   {"10.20.1.0-10.20.1.3", "10.20.1.3-10.20.1.0", []string{`19:11: "10.20.1.3-10.20.1.0" ends before it begins; write the lower address first`}},
	"a stretch of half an address":    {"10.20.1.0-10.20.1.3", "10.20.1.0-3", []string{`19:11: "10.20.1.0-3" is not an IPv4 address`}},
	"a network by a machine":          {"10.20.2.0/24", "10.20.2.1/24", []string{"22:19: network 10.20.2.1/24 does not begin a network of its size; write 10.20.2.0/24"}},
	"an address outside the networks": {"10.30.0.8/31", "10.40.0.8/31", []string{"20:11: 10.40.0.8 is in no device network; correct the address, or add its network to device_networks"}},
	"two groups at one address":       {"10.20.3.1-10.20.3.5]", "10.20.1.2-10.20.1.6]", []string{`22:33: group "row-2" claims 10.20.1.2, which group "row-1" claims on line 19; correct one of the two`}},
	"two entries at one address":      {"10.30.0.8/31", "10.20.1.3-10.20.1.4", []string{`20:11: group "row-1" claims 10.20.1.3, which group "row-1" claims on line 19`}},
	"a meter among machines":          {"address: 10.20.0.3", "address: 10.20.2.9", []string{`29:7: meter "cable" claims 10.20.2.9, which group "row-2" claims on line 22`}},
	"no meters":                       {live[strings.Index(live, "  meters:"):strings.Index(live, "  pools:")], "  meters: []\n", []string{"23:3: 0 meters are of kind revenue; declare exactly one"}},
	"no revenue meter":                {"kind: revenue", "kind: hall, of: west", []string{"23:3: 0 meters are of kind revenue; declare exactly one"}},
	"two revenue meters":              {"kind: generation, of: weir", "kind: revenue", []string{"23:3: 2 meters are of kind revenue; declare exactly one"}},
	"a revenue meter of a feeder":     {"kind: revenue", "kind: revenue, of: f1", []string{`24:35: meter "grid" measures the whole connection and states of: f1; leave of out`}},
	"a meter of a feeder that is not": {"of: f1", "of: f3", []string{`27:7: meter "cable" measures feeder "f3", which the site does not have; correct the name`}},
	"a meter of a plant that is not":  {"of: weir", "of: dam", []string{`32:39: meter "river" measures plant "dam", which is not declared`}},
	"two meters of one name":          {"name: cable", "name: grid", []string{`25:7: meter "grid" is stated twice, here and on line 24; rename one`}},
	"a meter address that is a name":  {"address: 10.20.0.3", "address: meter.example", []string{`29:7: meter "cable": address "meter.example" is not an IPv4 address; write`}},
	"a meter outside the networks":    {"address: 10.20.0.3", "address: 10.40.0.3", []string{"29:7: 10.40.0.3 is in no device network"}},
	"a meter without address":         {"      address: 10.20.0.3\n", "", []string{"25:7: address is missing; state it: IPv4 address"}},
	"a meter without template":        {"      template: ./own.yaml\n", "", []string{"25:7: template is missing; state it: name of a shipped"}},
	"two meters at one unit":          {"port: 503, unit: 7", "unit: 8", []string{`32:68: meter "river" answers where the meter on line 24 does; correct the address, or state the unit number`}},
	"a port that is none":             {"port: 503", "port: 70000", []string{`24:74: meter "grid": port 70000 with a port_offset of 0 is above 65535`}},
	"a unit that is none":             {"unit: 7", "unit: 256", []string{`24:85: meter "grid": unit 256 is above 255; state a number from 1`}},
	"a ratio that is none":            {"current_transformer: 2000/5", "current_transformer: 2000/0", []string{`30:7: meter "cable": current_transformer "2000/0" is not a ratio of two whole numbers`}},
	"a ratio of one side":             {"voltage_transformer: 20000 / 100", `voltage_transformer: "200"`, []string{`31:7: meter "cable": voltage_transformer "200" is not a ratio`}},
	"a ratio that is a number":        {"current_transformer: 2000/5", "current_transformer: 400", []string{`30:28: current_transformer is the number 400; write it in quotes`}},
	"meters stated twice":             {"contracts:", "meters: [{name: m, kind: revenue}]\ncontracts:", []string{"7:1: meters are stated twice, here and under control on line 24; keep those under control"}},
	"no pools":                        {live[strings.Index(live, "  pools:"):strings.Index(live, "  shed_seconds")], "  pools: []\n", []string{"33:3: there is no pool at which machines may mine; state at least one"}},
	"a pool without port":             {"stratum+tcp://pool.example:3333", "stratum+tcp://pool.example", []string{`34:8: pool "stratum+tcp://pool.example" is not an address with a port; write`}},
	"a pool with a password":          {"stratum+tcp://pool.example:3333", "stratum+tcp://u:p@pool.example:3333", []string{`34:8: pool "stratum+tcp://u:p@pool.example:3333" is not an address`}},
	"a pool of any name":              {`"pool.example:3333"`, `"*.example:3333"`, []string{`35:8: pool "*.example:3333" is not an address`}},
	"a pool stated twice":             {`{url: "pool.example:3333", worker: "*"}`, `{url: "stratum+tcp://pool.example:3333", worker: site.*}`, []string{"35:7: pool stratum+tcp://pool.example:3333 with worker site.* is stated twice, here and on line 34"}},
	"a pool without worker":           {`, worker: "*"}`, "}", []string{"35:7: worker is missing; state it: worker name"}},
	"reboots below zero":              {"fast_reboots_per_day: 0.25", "fast_reboots_per_day: -1", []string{"37:25: fast_reboots_per_day is -1, which is negative; state at least 0"}},
}

// TestEveryFaultOfControlHasItsPlace breaks a sound control section in one way at a time.
func TestEveryFaultOfControlHasItsPlace(t *testing.T) {
	t.Parallel()
	for name, c := range controlBreaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(live, c.from, c.to, 1)
			if text == live {
				t.Fatalf("%q is not in the file", c.from)
			}
			_, err := Read(strings.NewReader(text), "site.yaml")
			if err == nil {
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

// TestStretchesAreCountedAsTheyAreListed compares the count of stretches with
// the addresses that come out of them, and what they hold with both ends.
func TestStretchesAreCountedAsTheyAreListed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(22, 32).Draw(t, "bits")
		host := rapid.Uint32().Draw(t, "address")
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(host >> 24), byte(host >> 16), byte(host >> 8), byte(host)}), bits).Masked()
		d := &decoder{}
		s, ok := (&builder{decoder: d}).stretch(located{Text: p.String()})
		again, too := (&builder{decoder: d}).stretch(located{Text: s.String()})
		if !ok || !too || s != again {
			t.Fatalf("%s is %s and then %s", p, s, again)
		}
		all := slices.Collect(Addresses{s}.All())
		want := 1 << (32 - bits)
		if bits < 31 {
			want -= 2
		}
		if len(all) != want || (Addresses{s}).Count() != want {
			t.Fatalf("%s lists %d and counts %d, want %d", p, len(all), (Addresses{s}).Count(), want)
		}
		for _, a := range all {
			if !p.Contains(a) || !(Addresses{s}).Holds(a) {
				t.Fatalf("%s holds %s", p, a)
			}
		}
	})
}
