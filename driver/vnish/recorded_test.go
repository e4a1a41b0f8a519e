package vnish

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/wire"
	"sluice/internal/beside"
	"sluice/unit"
)

// recorded reads a recorded reply beside the checkout.
func recorded(t *testing.T, name string) []byte {
	t.Helper()
	return beside.Read(t, "recorded", "vnish", "contract-s21pro-1.2.7", name)
}

func parsed(t *testing.T, name string) wire.Tree {
	t.Helper()
	return drivertest.Tree(t, recorded(t, name))
}

// TestRecordedReading holds the parsers against a real machine's replies.
func TestRecordedReading(t *testing.T) {
	t.Parallel()
	info := parsed(t, "web/info.json")
	m := &machine{measure: info.At("hr_measure").Word()}
	var r device.Reading
	m.fill(&r, device.All, parsed(t, "web/summary.json"))
	m.level(&r, parsed(t, "web/summary.json"), parsed(t, "web/perf-summary.json"))
	r.Uptime = uptime(info.At("system", "uptime").Text())
	want := device.Reading{
		Activity: device.Stated(device.Tuning), Intent: device.Stated(device.Running),
		Power:    device.Value[unit.Power]{Value: 2583, Known: true, Source: device.FromPSU},
		Limit:    device.Stated(unit.Power(2800)), // in force; the settings say 3160
		Mode:     device.Stated("2800"),
		Hash:     device.Stated(unit.Hashrate(173_871)),
		Ideal:    device.Stated(unit.Hashrate(196_517)),
		Uptime:   device.Stated(115 * time.Minute),
		Accepted: device.Stated(int64(1599)), // without the developers' 224
		Fans:     []device.Fan{{Name: "fan 0", RPM: 5880}, {Name: "fan 1", RPM: 5880}, {Name: "fan 2", RPM: 5940}, {Name: "fan 3", RPM: 5940}},
	}
	got := r
	got.Chips, got.Pools = nil, nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("reading (-want +got):\n%s", d)
	}
	if len(r.Chips) != 6 || r.Chips[0] != (device.Temperature{Where: "board 1 chip", MilliC: 65_000}) {
		t.Errorf("temperatures: %v", r.Chips)
	}
	if len(r.Pools) != 3 || !r.Pools[0].Active.Value || r.Pools[1].Active.Value || !r.Pools[1].Alive.Value {
		t.Errorf("pools: %+v", r.Pools)
	}
	for i, p := range r.Pools {
		if p.Fee != (i == 2) {
			t.Errorf("pool %d, %q, is a fee: %v", i, p.URL, p.Fee)
		}
	}
}

// TestRecordedIdentity checks who the recorded machine is, and that its front
// page and its refusal of "version" do not matter.
func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	info := parsed(t, "web/info.json")
	want := device.Identity{Family: device.VNish, Maker: "Bitmain", Model: "Antminer S21 Pro", Firmware: "VNish", Version: "1.2.7", MAC: "02:95:23:b3:e0:79"}
	if d := cmp.Diff(want, identity(info)); d != "" {
		t.Errorf("identity (-want +got):\n%s", d)
	}
	if !isVNish(info) {
		t.Errorf("the recorded machine is not taken for VNish")
	}
}

// TestRecordedPresets: 25 presets with watts, none of them tuned.
func TestRecordedPresets(t *testing.T) {
	t.Parallel()
	all, tuned := presets(parsed(t, "web/autotune/presets.json"))
	if len(all) != 25 || len(tuned) != 0 || all[0] != (device.Preset{Name: "2550", Power: 2550, Hash: 170_000}) || all[24].Power != 4690 {
		t.Fatalf("%d presets, %d tuned, %v", len(all), len(tuned), all)
	}
	m := &machine{version: versionOf("1.2.7")}
	c := m.capabilities(parsed(t, "web/autotune/presets.json"), parsed(t, "web/perf-summary.json"), parsed(t, "web/settings.json"))
	if c.Level != device.Presets || c.LevelCost != device.Retunes || !c.Persists {
		t.Errorf("level %s at the cost of %s, persists %t", c.Level, c.LevelCost, c.Persists)
	}
	m.version = versionOf("1.3.0")
	c = m.capabilities(parsed(t, "web/autotune/presets.json"), parsed(t, "web/perf-summary.json"), parsed(t, "web/settings.json"))
	if c.Level != device.Percent || c.Least != 560 || c.Most != 2800 || c.Step != 28 {
		t.Errorf("with a throttle: %+v", c)
	}
}

// TestRecordedSettings: what is sent back is what came, but for the preset.
func TestRecordedSettings(t *testing.T) {
	t.Parallel()
	change, err := withPreset(parsed(t, "web/settings.json"), "2800")
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(change)
	if err != nil {
		t.Fatal(err)
	}
	var got, was map[string]any
	if json.Unmarshal(b, &got) != nil || json.Unmarshal(recorded(t, "web/settings.json"), &was) != nil {
		t.Fatal("not JSON")
	}
	overclock := was["miner"].(map[string]any)["overclock"].(map[string]any)
	overclock["preset"] = "2800"
	if d := cmp.Diff(map[string]any{"miner": map[string]any{"overclock": overclock}}, got); d != "" {
		t.Errorf("sent back (-want +got):\n%s", d)
	}
}
