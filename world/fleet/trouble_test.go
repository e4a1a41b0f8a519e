package fleet_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/luxos"
	"sluice/driver/wire"
	"sluice/world/fleet"
)

// TestTroublesAreDrawn: by the seed, in equal shares, without touching the rest.
func TestTroublesAreDrawn(t *testing.T) {
	t.Parallel()
	c := config(8000)
	sound, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	c.Bad = 50
	f, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	count := map[fleet.Trouble]int{}
	for i, u := range f.Units() {
		count[u.Bad]++
		if old := sound.Units()[i]; old.Bad != fleet.Sound || old.Family != u.Family || old.Machine.Spec.Seed != u.Machine.Spec.Seed {
			t.Fatalf("%s became another machine", u.Address)
		}
	}
	if len(count) != 5 || count[fleet.Sound] < 7500 || count[fleet.Sound] > 7700 {
		t.Errorf("%v", count)
	}
	for _, bad := range []fleet.Trouble{fleet.Dead, fleet.Hangs, fleet.Garbage, fleet.Endless} {
		if count[bad] < 60 || count[bad] > 140 {
			t.Errorf("%d are %s", count[bad], bad)
		}
	}
}

// TestTroubles: each fails a driver in its own way, and none holds it up beyond
// its deadline.
func TestTroubles(t *testing.T) {
	t.Parallel()
	c := config(60)
	c.Families, c.Bad = map[device.Family]int{device.LuxOS: 1}, 1000
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	driver, seen := luxos.New(n, luxos.Options{Port: 4028 + f.Offset()}), map[fleet.Trouble]bool{}
	for _, u := range f.Units() {
		if seen[u.Bad] {
			continue
		}
		seen[u.Bad] = true
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, err := driver.Probe(ctx, device.Address{Host: u.Address.String()})
		late := errors.Is(err, context.DeadlineExceeded)
		cancel()
		if err == nil || late != (u.Bad == fleet.Hangs) && u.Bad != fleet.Endless { // an endless one is late or too long
			t.Errorf("%s: %v", u.Bad, err)
		}
	}
	if len(seen) != 4 {
		t.Errorf("seen %v", seen)
	}
}

// TestEndlessIsCutOff: an answer without end is given up after what a machine may say.
func TestEndlessIsCutOff(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: an endless answer takes seconds, because it comes in pieces")
	}
	c := config(40)
	c.Families, c.Bad = map[device.Family]int{device.LuxOS: 1}, 1000
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range f.Units() {
		if u.Bad == fleet.Endless {
			_, err := n.Ask(t.Context(), u.Address.String(), 4028+f.Offset(), []byte(`{"command":"version"}`))
			if !errors.Is(err, wire.ErrTooLong) {
				t.Errorf("%v", err)
			}
			return
		}
	}
	t.Fatal("no endless machine")
}

// TestLatency: an answer comes late, and not only the first.
func TestLatency(t *testing.T) {
	t.Parallel()
	c := config(7)
	c.Families, c.Latency = map[device.Family]int{device.LuxOS: 1}, 40*time.Millisecond
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		begin := time.Now()
		_, err := n.Ask(t.Context(), f.Units()[0].Address.String(), 4028+f.Offset(), []byte(`{"command":"version"}`))
		if took := time.Since(begin); err != nil || took < c.Latency {
			t.Errorf("answered after %v, %v", took, err)
		}
	}
}
