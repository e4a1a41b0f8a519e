package whatsminer_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/internal/beside"
	"sluice/unit"
)

// recorded reads a folder of recorded replies beside the checkout, by command.
func recorded(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"devs", "get_error_code", "get_error_code_with_errors", "get_miner_info", "get_psu", "get_version", "pools", "status", "summary"}
	out := map[string]string{}
	for _, name := range names {
		out[name] = string(beside.Read(t, "recorded", "whatsminer", "v2", name+".json"))
	}
	return out
}

// TestRecordedReading holds the driver against replies of a machine; they are
// composed of several states, so the fields need not agree with one another.
func TestRecordedReading(t *testing.T) {
	t.Parallel()
	replies := recorded(t)
	replies["get_error_code"] = replies["get_error_code_with_errors"]
	_, m := opened(t, replies)
	got, err := m.Read(t.Context(), device.All)
	if err != nil {
		t.Fatal(err)
	}
	want := device.Reading{
		Asked: got.Asked, Activity: device.Stated(device.Running), Intent: device.Stated(device.Running),
		Power: device.Stated(unit.Power(3200)), Limit: device.Stated(unit.Power(3300)), Mode: device.Stated("normal"),
		Hash: device.Stated(124_500 * unit.Gigahash), Ideal: device.Stated(126 * unit.Terahash), // no mean: only one since the start is stated
		Uptime: device.Stated(25_500 * time.Second), Accepted: device.Stated(int64(5412)),
		Chips: []device.Temperature{
			{Where: "inlet", MilliC: 28_500},
			{Where: "hottest chip", MilliC: 81_000},
			{Where: "board 0", MilliC: 65_000},
			{Where: "board 0 chip", MilliC: 80_000},
			{Where: "board 1", MilliC: 66_000},
			{Where: "board 1 chip", MilliC: 81_000},
			{Where: "board 2", MilliC: 67_000},
			{Where: "board 2 chip", MilliC: 81_000},
		},
		Fans: []device.Fan{{Name: "in", RPM: 5400}, {Name: "out", RPM: 5280}, {Name: "power supply", RPM: 6000}},
		Faults: []device.Fault{
			{Code: "218", Text: "power supply: the input voltage is too low for the high power mode"},
			{Code: "110", Text: "fan: the intake fan has a wrong speed"},
		},
	}
	pools := got.Pools
	got.Pools = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(pools) != 3 || pools[0].Active != device.Stated(true) || pools[2].Active != device.Stated(false) || pools[1].Alive != device.Stated(true) || !strings.HasPrefix(pools[0].URL, "stratum+tcp://") {
		t.Errorf("pools %+v", pools)
	}
}

func TestRecordedIdentity(t *testing.T) {
	t.Parallel()
	_, d, at := play(t, recorded(t))
	got, err := d.Probe(t.Context(), at)
	want := device.Identity{
		Family: device.WhatsMiner, Maker: "MicroBT", Firmware: "WhatsMiner API 2.0.5", Version: "20230803.11.REL", MAC: "d4:01:02:03:04:05",
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestRecordedRepliesCutAnywhere: a reply that ends early is an error or a part
// that is not known, never another value.
func TestRecordedRepliesCutAnywhere(t *testing.T) {
	t.Parallel()
	whole := recorded(t)
	summary := whole["summary"]
	_, m := opened(t, whole)
	s, cut := opened(t, maps.Clone(whole))
	full, err := m.Read(t.Context(), device.Power|device.Hash)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(summary); at += 7 {
		s.mu.Lock()
		s.answers["summary"] = summary[:at]
		s.mu.Unlock()
		r, err := cut.Read(t.Context(), device.Power|device.Hash)
		if err == nil && (r.Power.Known && r.Power != full.Power || r.Hash.Known && r.Hash != full.Hash) {
			t.Errorf("cut after %d bytes: %+v, %+v", at, r.Power, r.Hash)
		}
	}
}
