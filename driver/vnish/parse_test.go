package vnish

import (
	"encoding/json"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/unit"
)

func tree(tb testing.TB, text string) wire.Tree {
	tb.Helper()
	x, err := wire.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

// TestState says what the machine's words mean.
func TestState(t *testing.T) {
	t.Parallel()
	var nothing device.Value[device.Activity]
	run, sleep := device.Stated(device.Running), device.Stated(device.Asleep)
	for word, want := range map[string][2]device.Value[device.Activity]{
		"mining": {run, run}, "auto-tuning": {device.Stated(device.Tuning), run}, "initializing": {device.Stated(device.Waking), run},
		"stopped": {sleep, sleep}, "paused": {sleep, sleep}, "failure": {device.Stated(device.Stopped), nothing},
		"shutting-down": {run, nothing}, "": {nothing, nothing}, "dancing": {device.Stated(device.Unknown), nothing},
	} {
		does, told := state(word, false)
		if does != want[0] || told != want[1] {
			t.Errorf("%q does %+v and was told %+v", word, does, told)
		}
	}
	if does, _ := state("mining", true); does.Value != device.Throttled {
		t.Errorf("a throttled machine is %s", does.Value)
	}
}

// TestUptime reads the ways in which the machine writes a time.
func TestUptime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"1:55": 115 * time.Minute, "10 days, 18:00": 258 * time.Hour, "1 day,  0:03": 24*time.Hour + 3*time.Minute, "7 min": 7 * time.Minute,
	} {
		if got := uptime(text); !got.Known || got.Value != want {
			t.Errorf("%q: %+v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "soon", "1:5", "99999999999 days, 1:00", "-1:00", "1:55 or so"} {
		if got := uptime(text); got.Known {
			t.Errorf("%q is no time and was read as %v", text, got.Value)
		}
	}
}

// TestPreset reads names, descriptions, and leaves out what has no watts.
func TestPreset(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Preset{
		`{"name":"2800","pretty":"2800 watt ~ 188 TH"}`:  {Name: "2800", Power: 2800, Hash: 188_000},
		`{"name":2800,"pretty":null}`:                    {Name: "2800", Power: 2800},
		`{"name":"eco","pretty":"1450 Watt ~ 99.5 TH"}`:  {Name: "eco", Power: 1450, Hash: 99_500},
		`{"name":"disabled","pretty":"Disabled"}`:        {},
		`{"name":"-5","pretty":"-5 watt"}`:               {},
		`{"pretty":"2800 watt ~ 188 TH"}`:                {},
		`{"name":"99999999999999999999","pretty":"N/A"}`: {},
		`null`: {},
		`{"name":"3000","pretty":"3000 watt ~ 500 MH"}`:      {Name: "3000", Power: 3000},
		`{"name":"0","pretty":"0 watt ~ 0 TH","status":"x"}`: {},
	} {
		if got, ok := preset(tree(t, text)); got != want || ok != (want != device.Preset{}) {
			t.Errorf("%s: %+v, %t", text, got, ok)
		}
	}
}

// TestHash counts in the unit that the machine names.
func TestHash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value, measure string
		want           device.Value[unit.Hashrate]
	}{
		{`173870.94`, "gh/s", device.Stated(unit.Hashrate(173_871))},
		{`"173870.94"`, "", device.Stated(unit.Hashrate(173_871))},
		{`173.87094`, "th/s", device.Stated(unit.Hashrate(173_871))},
		{`9500`, "mh/s", device.Value[unit.Hashrate]{}}, // Scrypt: never added to Bitcoin's
		{`"N/A"`, "gh/s", device.Value[unit.Hashrate]{}},
		{`-1`, "gh/s", device.Value[unit.Hashrate]{}},
		{`0`, "gh/s", device.Stated(unit.Hashrate(0))},
	} {
		if got := hash(tree(t, `{"h":`+c.value+`}`).At("h"), c.measure); got != c.want {
			t.Errorf("%s in %q: %+v, want %+v", c.value, c.measure, got, c.want)
		}
	}
}

// TestPower: absent is not zero.
func TestPower(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]device.Value[unit.Power]{
		`{"miner":{"power_consumption":2583,"psu":{"psu_power_metering":true}}}`: {Value: 2583, Known: true, Source: device.FromPSU},
		`{"miner":{"power_usage":"2583"}}`:                                       {Value: 2583, Known: true, Source: device.FromFirmware},
		`{"miner":{"power_consumption":null}}`:                                   {},
		`{"miner":{"power_consumption":-4}}`:                                     {},
		`{"miner":[]}`:                                                           {},
	} {
		if got := power(tree(t, text)); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestPresetKeepsItsType: a preset that was a number goes back as a number.
func TestPresetKeepsItsType(t *testing.T) {
	t.Parallel()
	for was, want := range map[string]string{
		`{"miner":{"overclock":{"chips":[0,1.50,1e3],"preset":2800}}}`:   `{"miner":{"overclock":{"chips":[0,1.50,1e3],"preset":3000}}}`,
		`{"miner":{"overclock":{"chips":[0,1.50,1e3],"preset":"2800"}}}`: `{"miner":{"overclock":{"chips":[0,1.50,1e3],"preset":"3000"}}}`,
	} {
		change, err := withPreset(tree(t, was), "3000")
		got, _ := json.Marshal(change)
		if err != nil || string(got) != want {
			t.Errorf("%s became %s, %v", was, got, err)
		}
	}
	if _, err := withPreset(tree(t, `{"miner":{}}`), "3000"); err == nil {
		t.Errorf("settings without an overclock section were changed")
	}
}

// FuzzReading feeds any answer to every parser: none may panic, and none may
// make a number out of nothing.
func FuzzReading(f *testing.F) {
	for _, seed := range []string{
		`{"miner":{"miner_status":{"miner_state":"mining","throttled":"50"},"power_consumption":"N/A","hr_realtime":1e30,"chains":[{"id":null}],"pools":{"url":"x"}}}`,
		`[{"name":"2800","pretty":"2800 watt ~ 188 TH","status":"tuned"},{"name":[]},3,null]`,
		`{"fw_name":"Vnish","fw_version":"1..x","system":{"uptime":"10 days, 18:00","network_status":{"mac":"02:55:97:22:3M:72"}},"current_preset":{"name":2800}}`,
		`{"presets":[{"name":"1","pretty":"999999 w ~ 999999.999999 TH"}],}`, `{"miner":{"overclock":{"preset":1}}}`, `[[]]`, `x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := wire.Parse(b)
		if err != nil {
			return
		}
		m := &machine{measure: x.At("hr_measure").Word(), version: versionOf(x.At("fw_version").Text())}
		var r device.Reading
		m.fill(&r, device.All, x)
		m.level(&r, x, x)
		if r.Power.Known && r.Power.Value < 0 || r.Hash.Known && r.Hash.Value < 0 || r.Limit.Known && r.Limit.Value < 0 {
			t.Errorf("%q gave %+v", b, r)
		}
		if c := m.capabilities(x, x, x); c.Level == device.Percent && (c.Least > c.Most || c.Step <= 0) {
			t.Errorf("%q gave %+v", b, c)
		}
		if id := identity(x); id.Weak != (id.MAC == "" && id.Serial == "") {
			t.Errorf("%q gave %+v", b, id)
		}
		if up := uptime(x.At("system", "uptime").Text()); up.Value < 0 {
			t.Errorf("%q gave %v", b, up.Value)
		}
		_, _ = withPreset(x, "3000")
		_ = saying(b)
	})
}
