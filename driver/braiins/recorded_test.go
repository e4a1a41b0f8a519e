package braiins

import (
	"strings"
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
	return drivertest.Tree(t, beside.Read(t, "recorded", "braiins", "v25_07", name))
}

// TestRecordedReading holds the parsers against a real machine's replies.
func TestRecordedReading(t *testing.T) {
	t.Parallel()
	var r device.Reading
	for _, p := range pages() {
		p.fill(&r, recorded(t, strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(p.path, "/"), "/", "_"), "-", "_")+".json"))
	}
	run := device.Stated(device.Running)
	want := device.Reading{
		Activity: run, Intent: run,
		Power:    device.Stated(unit.Power(3137)), // above the target
		Limit:    device.Stated(unit.Power(3031)),
		Hash:     device.Stated(unit.Hashrate(141_464)),
		HashMean: device.Stated(unit.Hashrate(144_009)),
		Ideal:    device.Stated(unit.Hashrate(142_877)),
		Uptime:   device.Stated(69725 * time.Second),
		Accepted: device.Stated(int64(10464)),
		Fans:     []device.Fan{{Name: "fan 0", RPM: 5904}, {Name: "fan 1", RPM: 5874}, {Name: "fan 2", RPM: 5874}, {Name: "fan 3", RPM: 5904}},
	}
	got := r
	got.Chips, got.Faults, got.Pools = nil, nil, nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("reading (-want +got):\n%s", d)
	}
	if len(r.Chips) != 9 || r.Chips[0] != (device.Temperature{Where: "board 1 chip", MilliC: 70_500}) || r.Chips[2].MilliC != 41_000 {
		t.Errorf("temperatures: %v", r.Chips)
	}
	if len(r.Faults) != 2 { // eight errors, two different ones
		t.Errorf("faults: %v", r.Faults)
	}
	if len(r.Pools) != 2 || !r.Pools[0].Active.Value || r.Pools[1].Active.Value || !r.Pools[1].Alive.Value {
		t.Errorf("pools: %+v", r.Pools)
	}
}

// TestRecordedIdentity checks who the recorded machine is once it is logged in to.
func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	want := device.Identity{Family: device.Braiins, Maker: "Bitmain", Model: "Antminer S19 XP", Firmware: "Braiins OS", Version: "25.07", MAC: "02:ee:da:a9:b6:4a"}
	if d := cmp.Diff(want, identity(recorded(t, "miner_details.json"))); d != "" {
		t.Errorf("identity (-want +got):\n%s", d)
	}
	if v, stated := recorded(t, "actions_locate.json").Flag(); v || !stated {
		t.Errorf("a bare false is %t, stated %t", v, stated)
	}
}
