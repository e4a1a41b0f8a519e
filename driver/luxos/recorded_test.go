package luxos

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/driver/drivertest"
	"sluice/driver/wire"
	"sluice/internal/beside"
	"sluice/unit"
)

// recorded parses a recorded reply beside the checkout.
func recorded(t *testing.T, name string) wire.Tree {
	t.Helper()
	return drivertest.Tree(t, beside.Read(t, "recorded", "luxos", "v1", name))
}

// TestRecordedReading holds the parsers against a real machine's replies.
func TestRecordedReading(t *testing.T) {
	t.Parallel()
	var r device.Reading
	for _, s := range sections() {
		s.fill(&r, recorded(t, s.command+".json"))
	}
	want := device.Reading{
		Activity: device.Stated(device.Tuning), // IsTuning is true in the recording
		Intent:   device.Stated(device.Running),
		Power:    device.Stated(unit.Power(1051)), // and not the label of 1188 W
		Mode:     device.Stated("290MHz"),
		Hash:     device.Stated(unit.Hashrate(59_756)),
		HashMean: device.Stated(unit.Hashrate(60_829)),
		Ideal:    device.Stated(unit.Hashrate(61_954)),
		Uptime:   device.Stated(3453 * time.Second),
		Accepted: device.Stated(int64(1483)),
	}
	want.Fans = []device.Fan{{Name: "FAN4", RPM: 1920}, {Name: "FAN2", RPM: 1920}, {Name: "FAN1", RPM: 2340}, {Name: "FAN3", RPM: 2340}}
	got := r
	got.Chips, got.Faults, got.Pools = nil, nil, nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("reading (-want +got):\n%s", d)
	}
	if len(r.Chips) != 12 || r.Chips[0] != (device.Temperature{Where: "board 0 TopLeft", MilliC: 47_000}) {
		t.Errorf("temperatures: %v", r.Chips)
	}
	if len(r.Faults) != 2 || r.Faults[0].Code != "NOPIC_PROTECTION" {
		t.Errorf("faults: %v", r.Faults)
	}
	if len(r.Pools) != 4 || !r.Pools[0].Active.Value || !r.Pools[0].Alive.Value || r.Pools[0].Worker != "asic-rs.user1" {
		t.Errorf("pools: %+v", r.Pools)
	}
}

// TestRecordedIdentity checks who the recorded machine is.
func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	version := recorded(t, "version.json")
	if !isLux(version) {
		t.Errorf("the recorded machine is not taken for LuxOS")
	}
	got := identity(version, recorded(t, "config.json"))
	want := device.Identity{
		Family: device.LuxOS, Maker: "Bitmain", Model: "Antminer S19k Pro", Firmware: "LuxOS",
		Version: "2025.4.8.220305-57b389c7", MAC: "62:f7:5e:b7:10:46", Serial: "JYZZB0UBDJABF06RB",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("identity (-want +got):\n%s", d)
	}
}

// TestRecordedProfiles checks the recorded curve: 25 labels in rising order.
func TestRecordedProfiles(t *testing.T) {
	t.Parallel()
	c := capabilities(recorded(t, "profiles.json"), recorded(t, "power.json"))
	if c.Level != device.Presets || len(c.Presets) != 25 || c.PowerSource != device.FromFirmware {
		t.Fatalf("level %s, %d presets, power from %q", c.Level, len(c.Presets), c.PowerSource)
	}
	if first, last := c.Presets[0], c.Presets[24]; first != (device.Preset{Name: "190MHz", Power: 784, Hash: 39_200}) || last != (device.Preset{Name: "790MHz", Power: 4195, Hash: 163_100}) {
		t.Errorf("from %v to %v", first, last)
	}
	if !managed(recorded(t, "config.json")) {
		t.Errorf("the temperature manager is on in the recording")
	}
}
