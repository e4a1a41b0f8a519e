package fleet_test

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/wire"
	"sluice/world/fleet"
)

// TestHeatIsFelt: on a very hot day every machine has lowered its level by
// itself, and the drivers of the families whose firmware has words for it hear
// them. In ordinary air nobody says so.
func TestHeatIsFelt(t *testing.T) {
	t.Parallel()
	says := map[device.Family]string{device.Antminer: "temp:1", device.LuxOS: "OVERHEAT", device.WhatsMiner: "350", device.EPIC: "Overheating"}
	for what, mean := range map[string]float64{"hot": 48, "usual": 25} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := config(25)
			c.Families = map[device.Family]int{device.Antminer: 1, device.LuxOS: 1, device.WhatsMiner: 1, device.EPIC: 1, device.Braiins: 1}
			c.Air = &fleet.Air{Mean: mean}
			f := serveSince(t, c, 30*time.Minute)
			n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, 2*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			told := map[device.Family]int{}
			for _, u := range f.Units() {
				r := reading(t, drivers(n, f.Offset()), u)
				got := r.Activity.Value == device.Throttled
				for _, fault := range r.Faults {
					got = got || says[u.Family] != "" && fault.Code == says[u.Family]
				}
				if got != (mean > 40) {
					t.Errorf("%s %s says that it is hot: %t, %+v", u.Address, u.Family, got, r.Faults)
				}
				if x := u.Machine.State(time.Now()); (x.Activity == device.Throttled) != (mean > 40) || x.ChipC > 88 {
					t.Errorf("%s %s: %+v", u.Address, u.Family, x)
				}
				told[u.Family]++
			}
			if len(told) != 5 {
				t.Errorf("families %v", told)
			}
		})
	}
}

// reading asks a machine through the driver of its family; all is as drivers lists them.
func reading(t *testing.T, all []device.Driver, u fleet.Unit) device.Reading {
	t.Helper()
	passwords := map[device.Family]device.Credential{device.Antminer: {User: "root", Secret: "root"}, device.Braiins: {User: "root"}, device.EPIC: {Secret: "letmein"}}
	for i, of := range []device.Family{device.WhatsMiner, device.EPIC, device.LuxOS, device.Avalon, device.VNish, device.Braiins, device.Antminer} {
		if of != u.Family {
			continue
		}
		d, at := all[i], device.Address{Host: u.Address.String()}
		id, err := d.Probe(t.Context(), at)
		if err != nil {
			t.Fatalf("%s %s: %v", u.Address, u.Family, err)
		}
		m, err := d.Open(t.Context(), at, id, passwords[u.Family])
		if err != nil {
			t.Fatalf("%s %s: %v", u.Address, u.Family, err)
		}
		r, err := m.Read(t.Context(), device.Status|device.Faults)
		if err != nil {
			t.Fatalf("%s %s: %v", u.Address, u.Family, err)
		}
		if err := m.Close(t.Context()); err != nil {
			t.Error(err)
		}
		return r
	}
	t.Fatalf("no driver for %s", u.Family)
	return device.Reading{}
}

// TestSessions: of two clients of a LuxOS machine the second is refused, until a
// restart that nobody ordered has ended the session of the first.
func TestSessions(t *testing.T) {
	t.Parallel()
	c := config(1)
	c.Families, c.Speed = map[device.Family]int{device.LuxOS: 1}, 1000
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	u := f.Units()[0]
	logon := func(ctx context.Context) ([]byte, error) {
		r, err := n.Ask(ctx, u.Address.String(), 4028+f.Offset(), []byte(`{"command":"logon"}`))
		return r.Bytes, err
	}
	for _, want := range []string{`"Code":316`, `"Code":402`} {
		if got, err := logon(t.Context()); err != nil || !bytes.Contains(got, []byte(want)) {
			t.Fatalf("%s, %v: want %s", got, err, want)
		}
	}
	now := time.Now()
	u.Machine.Cut(now, now, now.Add(time.Millisecond))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for {
		got, err := logon(ctx)
		if err == nil && bytes.Contains(got, []byte(`"Code":316`)) {
			return
		}
		if err == nil || ctx.Err() != nil {
			t.Fatalf("after the restart: %s, %v", got, err)
		}
	}
}
