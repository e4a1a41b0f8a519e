package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/modbus"
	"sluice/driver/sitefile"
	"sluice/driver/wire"
	"sluice/unit"
)

// TestWorldWithMeters serves a metered site, has the program check the site
// file that it wrote, and reads its revenue meter as that file says.
func TestWorldWithMeters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "virtual.yaml")
	townOf(t, "--miners", "30", "--feeders", "2", "--meters", "127.8.0.0/24", "--pue", "1.05", "--auxiliary-kw", "2.5",
		"--meter-fault", "feeder-2=swapped", "--site-file", path, "--limit-mw", "0.09")
	code, out, errs := call(t, "site", "check", path)
	if code != exitOK || !strings.Contains(out, "90.0 kW in") || !strings.Contains(out, "control: 30 machines in 127.7.0.0/16, 127.8.0.0/24") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	f, err := sitefile.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rigs, err := f.Rigs()
	if err != nil {
		t.Fatal(err)
	}
	full := unit.Power(0)
	for _, r := range rigs {
		full += r.FullPower()
	}
	var shown []unit.Power
	for _, m := range f.Control.Meters {
		shown = append(shown, meterOf(t, f.Control, m).Power.Value)
	}
	if want := full.Scale(1_050_000) + 2500; shown[0] < want-3 || shown[0] > want+3 || shown[2] >= 0 || shown[1]-shown[2] < want-3 || shown[1]-shown[2] > want+3 {
		t.Errorf("the meters show %v, the machines draw %v: want %v in all and the second feeder negative", shown, full, want)
	}
}

// TestWorldFate: what happens to machines by itself is told by --list, and a
// feeder that trips before anybody looks shows nothing.
func TestWorldFate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "virtual.yaml")
	begin := time.Now()
	town := townOf(t, "--miners", "40", "--meters", "127.8.0.0/24", "--network", "127.7.0.0/16", "--site-file", path, "--families", "whatsminer=1,luxos=1",
		"--reboots", "24", "--locked", "500", "--occupied", "500", "--trip", "feeder-1@0s", "--trip-seconds", "600")
	locked, occupied := 0, 0
	for _, u := range town.units {
		if u.NextRestart == nil || u.NextRestart.Before(begin) || u.Persists != (u.Family == device.LuxOS) {
			t.Errorf("%+v", u)
		}
		if u.Locked {
			locked++
		}
		if u.Occupied {
			occupied++
		}
	}
	if len(town.units) != 40 || locked == 0 || locked == 40 || occupied == 0 || occupied == 40 {
		t.Errorf("%d machines, %d locked, %d occupied", len(town.units), locked, occupied)
	}
	f, err := sitefile.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if p := meterOf(t, f.Control, f.Control.Meters[0]).Power; !p.Known || p.Value != 0 {
		t.Errorf("without supply the connection carries %+v", p)
	}
}

// meterOf reads a meter as the control section says.
func meterOf(t *testing.T, c *sitefile.Control, m sitefile.Meter) modbus.Reading {
	t.Helper()
	n, err := wire.NewNetwork(c.Networks, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := modbus.Shipped(m.Template)
	if err != nil {
		t.Fatal(err)
	}
	meter, err := modbus.New(n, tpl, modbus.Options{Host: m.Address.String(), Port: m.Port + c.PortOffset, Unit: m.Unit})
	if err != nil {
		t.Fatal(err)
	}
	r, err := meter.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWorldRefusals: what a virtual site cannot be is said before it is served.
func TestWorldRefusals(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(own, []byte("name: mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const meters = "--meters=127.8.0.0/24"
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--pue", "1.1"}, "--pue needs --meters"},
		{[]string{"--site-file", own}, "--site-file needs --meters"},
		{[]string{"--meters", "here"}, `--meters "here"`},
		{[]string{"--meters", "10.0.0.0/24"}, "127.0.0.0/8"},
		{[]string{meters, "--pue", "much"}, `--pue "much"`},
		{[]string{meters, "--pue", "0.9"}, "pue 0.9"},
		{[]string{meters, "--limit-mw", "0"}, "--limit-mw 0"},
		{[]string{meters, "--position", "29.8"}, `--position "29.8": write degrees north and degrees east`},
		{[]string{meters, "--position", "29.8,west"}, "such as 29.8,-95.4"},
		{[]string{meters, "--position", "NaN,NaN"}, "such as 29.8,-95.4"},
		{[]string{meters, "--position", "98,0", "--site-file", filepath.Join(filepath.Dir(own), "far.yaml")}, "latitude is 98"},
		{[]string{meters, "--feeders", "99"}, "99 feeders"},
		{[]string{meters, "--meter-template", "abacus"}, "abacus"},
		{[]string{meters, "--meter-fault", "revenue=tired"}, "swapped, stuck, silent or scaled"},
		{[]string{meters, "--meter-fault", "revenue=scaled:-1"}, "factor above zero"},
		{[]string{meters, "--meter-fault", "revenue=stuck", "--meter-fault", "revenue=silent"}, "has a fault already"},
		{[]string{meters, "--meter-fault", "hall=stuck"}, `no meter "hall"`},
		{[]string{meters, "--site-file", own}, "no virtual site wrote it"},
		{[]string{meters, "--site-file", filepath.Join(own, "x")}, "--site-file"},
		{[]string{"--rack", "-1"}, "racks"},
		{[]string{"--trip", "feeder-1@1s"}, "--trip needs --meters"},
		{[]string{meters, "--trip", "feeder-1"}, "feeder-1@90s"},
		{[]string{meters, "--trip", "feeder-2@1s"}, `no feeder "feeder-2"`},
		{[]string{meters, "--trip", "feeder-1@1s", "--trip-seconds", "0"}, "for 0s"},
		{[]string{"--air", "warm"}, `--air "warm"`},
		{[]string{"--air", "30"}, `--air "30"`},
		{[]string{"--air", "30:99"}, "amplitude of 99"},
		{[]string{"--reboots", "1e6"}, "restarts a day"},
		{[]string{"--locked", "1001"}, "1001 locked"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			args := append([]string{"world", "--miners", "5", "--port-offset", strconv.Itoa(freeOffset(t))}, c.args...)
			code, out, errs := call(t, args...)
			refused(t, code, out, errs, []string{c.says})
		})
	}
	if text, err := os.ReadFile(own); err != nil || string(text) != "name: mine\n" {
		t.Errorf("a file of somebody else became %q, %v", text, err)
	}
}
