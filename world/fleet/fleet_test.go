package fleet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/avalon"
	"sluice/driver/braiins"
	"sluice/driver/epic"
	"sluice/driver/luxos"
	"sluice/driver/scan"
	"sluice/driver/vnish"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
	"sluice/world/fleet"
)

// noon is when the machines are built.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func config(miners int) fleet.Config {
	return fleet.Config{Miners: miners, Seed: 7, Network: netip.MustParsePrefix("127.7.0.0/16")}
}

// TestSeed: the same seed, the same fleet; another seed, another.
func TestSeed(t *testing.T) {
	t.Parallel()
	tell := func(seed uint64) string {
		c := config(300)
		c.Seed, c.Mood = seed, fleet.Field
		f, err := fleet.New(c, noon)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, u := range f.Units() {
			fmt.Fprintln(&out, u.Address, u.Family, u.API, u.Lies, u.Machine.Spec)
		}
		return out.String()
	}
	if first, again, other := tell(7), tell(7), tell(8); first != again || first == other {
		t.Error("a fleet must be made of its seed and of nothing else")
	}
}

// TestLiars: those that are said to lie are those that do.
func TestLiars(t *testing.T) {
	t.Parallel()
	c := config(400)
	c.Liars = 250
	f, err := fleet.New(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	liars := 0
	for _, u := range f.Units() {
		u.Machine.Sleep(noon)
		if still := u.Machine.State(noon.Add(time.Hour)).Activity != device.Asleep; still != u.Lies {
			t.Errorf("%s lies: %t, said %t", u.Address, still, u.Lies)
		}
		if u.Lies {
			liars++
		}
	}
	if liars < 70 || liars > 130 {
		t.Errorf("%d liars of 400 at 250 of a thousand", liars)
	}
}

func TestConfigFaults(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		change func(*fleet.Config)
		says   string
	}{
		"nobody":            {func(c *fleet.Config) { c.Miners = 0 }, "at least one"},
		"a real network":    {func(c *fleet.Config) { c.Network = netip.MustParsePrefix("10.0.0.0/16") }, "127.0.0.0/8"},
		"no room":           {func(c *fleet.Config) { c.Network = netip.MustParsePrefix("127.7.0.0/24") }, "room for 254"},
		"an unknown family": {func(c *fleet.Config) { c.Families = map[device.Family]int{"abacus": 1} }, "abacus"},
		"no weight":         {func(c *fleet.Config) { c.Families = map[device.Family]int{device.LuxOS: 0} }, "no family"},
		"a mood":            {func(c *fleet.Config) { c.Mood = "bad" }, "hostile"},
		"an offset":         {func(c *fleet.Config) { c.Offset = 65_000 }, "59000"},
	} {
		x := config(300)
		c.change(&x)
		if _, err := fleet.New(x, noon); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// drivers is every real driver, before the ones that are imitated.
func drivers(n *wire.Network, offset int) []device.Driver {
	return []device.Driver{
		whatsminer.New(n, whatsminer.Options{PortV2: 4028 + offset, PortV3: 4433 + offset, Read: 1500 * time.Millisecond}),
		epic.New(n, epic.Options{Port: 4028 + offset}), // before those who would wait for an answer of its web server
		luxos.New(n, luxos.Options{Port: 4028 + offset}),
		avalon.New(n, avalon.Options{Port: 4028 + offset}),
		vnish.New(n, vnish.Options{WebPort: 80 + offset, RPCPort: 4028 + offset}),
		braiins.New(n, braiins.Options{Port: 80 + offset}),
		antminer.New(n, antminer.Options{Web: 80 + offset, Miner: 4028 + offset, Power: 6060 + offset}),
	}
}

// serve serves a fleet on free ports until the test ends.
func serve(t *testing.T, c fleet.Config) *fleet.Fleet {
	t.Helper()
	return serveSince(t, c, 0)
}

// serveSince serves a fleet that was built so long ago.
func serveSince(t *testing.T, c fleet.Config, ago time.Duration) *fleet.Fleet {
	t.Helper()
	for range 20 {
		c.Offset = 10_000 + rand.IntN(15_000)
		f, err := fleet.New(c, time.Now().Add(-ago))
		if err != nil {
			t.Fatal(err)
		}
		open, err := f.Listen(t.Context())
		if err != nil {
			continue
		}
		ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan error, 1)
		go func() { done <- f.Serve(ctx, open) }()
		t.Cleanup(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("serve: %v", err)
			}
		})
		return f
	}
	t.Fatal("no free ports")
	return nil
}

// TestScan lets the real drivers find three hundred machines of all families.
func TestScan(t *testing.T) {
	t.Parallel()
	c := config(300)
	c.Shared = true
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	offset := f.Offset()
	r, err := scan.Scan(t.Context(), n, drivers(n, offset), netip.MustParsePrefix("127.7.0.0/23"), scan.Options{
		Rate: 1 << 20, Timeout: 20 * time.Second, Ports: []int{4028 + offset, 80 + offset, 4433 + offset},
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Asked != 510 || r.Mute != 210 || len(r.Found) != 300 || len(r.Twins) != 0 {
		t.Errorf("asked %d, %d mute, %d found, twins %v", r.Asked, r.Mute, len(r.Found), r.Twins)
	}
	for i, u := range f.Units() {
		if i >= len(r.Found) {
			break
		}
		got := r.Found[i]
		if got.Err != nil || got.Address.Host != u.Address.String() || got.Identity.Family != u.Family {
			t.Errorf("%s %s: found %+v, %v", u.Address, u.Family, got.Identity, got.Err)
		}
		if mac := got.Identity.MAC; mac != "" && mac != u.Machine.Spec.MAC {
			t.Errorf("%s: MAC %s, is %s", u.Address, mac, u.Machine.Spec.MAC)
		}
	}
	if len(f.Count()) != len(fleet.Families()) {
		t.Errorf("families %v", f.Count())
	}
}

// TestPorts: a small fleet has the ports that its machines have, and no others.
func TestPorts(t *testing.T) {
	t.Parallel()
	c := config(12)
	c.Families = map[device.Family]int{device.WhatsMiner: 1}
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	apis := map[int]int{}
	for _, u := range f.Units() {
		apis[u.API]++
		for port, want := range map[int]bool{80: false, 4028: true, 4433: u.API == 3} {
			conn, err := n.Dial(t.Context(), u.Address.String(), port+f.Offset())
			if (err == nil) != want {
				t.Errorf("%s API %d: port %d opens: %t", u.Address, u.API, port, err == nil)
			}
			if err == nil {
				_ = conn.Close()
			}
		}
	}
	if apis[2] == 0 || apis[3] == 0 {
		t.Errorf("API versions %v", apis)
	}
}

// TestPeersPorts: other programs find Braiins and ePIC at all the ports that real
// ones have, and Avalons are of both kinds.
func TestPeersPorts(t *testing.T) {
	t.Parallel()
	c := config(16)
	c.Families = map[device.Family]int{device.Braiins: 1, device.EPIC: 1, device.Avalon: 1}
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	models := map[string]int{}
	for _, u := range f.Units() {
		models[u.Machine.Spec.Model]++
		far := 50051 + f.Offset()
		for port, want := range map[int]bool{
			80 + f.Offset(): u.Family != device.Avalon, 4028 + f.Offset(): true, far: u.Family == device.Braiins && far <= 65535,
		} {
			if port > 65535 {
				continue
			}
			conn, err := n.Dial(t.Context(), u.Address.String(), port)
			if (err == nil) != want {
				t.Errorf("%s %s: port %d opens: %t", u.Address, u.Family, port, err == nil)
			}
			if err == nil {
				_ = conn.Close()
			}
		}
	}
	if models["Q"] == 0 || models["1246"] == 0 || len(models) != 4 {
		t.Errorf("models %v", models)
	}
}
