package fleet_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/luxos"
	"sluice/driver/whatsminer"
	"sluice/driver/wire"
	"sluice/unit"
	"sluice/world/fleet"
)

// TestMoodsBringRestartsAndWeather: once and six times a day, and eight degrees
// around 25; in a calm fleet nothing happens. A flag overrides the mood.
func TestMoodsBringRestartsAndWeather(t *testing.T) {
	t.Parallel()
	byMood := fleet.Fate{Reboots: -1, Locked: -1, Occupied: -1}
	for what, c := range map[string]struct {
		mood     fleet.Mood
		fate     fleet.Fate
		restarts float64 // of one machine a day
		low, top float64 // degrees
	}{
		"calm":          {fleet.Calm, byMood, 0, 25, 25},
		"field":         {fleet.Field, byMood, 1, 17, 33},
		"hostile":       {fleet.Hostile, byMood, 6, 17, 33},
		"calm by flags": {fleet.Calm, fleet.Fate{Reboots: 2, Air: &fleet.Air{Mean: 35, Swing: 5}}, 2, 30, 40},
		"field, never":  {fleet.Field, fleet.Fate{Air: &fleet.Air{}}, 0, 0, 0},
	} {
		x := config(300)
		x.Mood, x.Fate = c.mood, c.fate
		f, err := fleet.New(x, noon)
		if err != nil {
			t.Fatal(err)
		}
		restarts, low, top := 0, 1e9, -1e9
		for _, u := range f.Units() {
			for hour := range 24 {
				s := u.Machine.State(noon.Add(time.Duration(hour+1) * time.Hour))
				low, top = min(low, s.AirC), max(top, s.AirC)
				if hour == 23 {
					restarts += s.Restarts
				}
			}
		}
		if want := c.restarts * 300; math.Abs(float64(restarts)-want) > 5*math.Sqrt(want) {
			t.Errorf("%s: %d restarts of 300 machines in a day, want about %.0f", what, restarts, want)
		}
		if math.Abs(low-c.low) > 0.2 || math.Abs(top-c.top) > 0.2 {
			t.Errorf("%s: air from %.1f to %.1f degrees", what, low, top)
		}
	}
}

// TestTies: as many as the moods or the flags say are bound, only in the
// families that can be, and the machines are otherwise the same.
func TestTies(t *testing.T) {
	t.Parallel()
	x := config(8000)
	x.Mood = fleet.Hostile
	free, err := fleet.New(x, noon)
	if err != nil {
		t.Fatal(err)
	}
	x.Fate = fleet.Fate{Locked: -1, Occupied: 250}
	f, err := fleet.New(x, noon)
	if err != nil {
		t.Fatal(err)
	}
	locked, occupied, persists := map[device.Family]int{}, map[device.Family]int{}, map[device.Family]int{}
	for i, u := range f.Units() {
		if a, b := u.Machine.Spec, free.Units()[i].Machine.Spec; a.Seed != b.Seed || a.Model != b.Model || free.Units()[i].Locked {
			t.Fatalf("%s became another machine: %+v, %+v", u.Address, a, b)
		}
		for of, is := range map[*map[device.Family]int]bool{&locked: u.Locked, &occupied: u.Occupied, &persists: u.Persists} {
			if is {
				(*of)[u.Family]++
			}
		}
	}
	n := f.Count()
	share := func(what string, got, of int, want float64) {
		if mean := want * float64(of); math.Abs(float64(got)-mean) > 5*math.Sqrt(mean) {
			t.Errorf("%s: %d of %d, want about %.0f", what, got, of, mean)
		}
	}
	share("locked WhatsMiners", locked[device.WhatsMiner], n[device.WhatsMiner], 0.03)
	share("occupied WhatsMiners", occupied[device.WhatsMiner], n[device.WhatsMiner], 0.25)
	share("occupied LuxOS", occupied[device.LuxOS], n[device.LuxOS], 0.25)
	share("VNish that keep", persists[device.VNish], n[device.VNish], 0.5)
	if len(locked) != 1 || len(occupied) != 2 || len(persists) != 3 || persists[device.Antminer] != n[device.Antminer] || persists[device.LuxOS] != n[device.LuxOS] {
		t.Errorf("locked %v, occupied %v, persists %v", locked, occupied, persists)
	}
}

// TestTiesAreFelt: the real drivers are refused for the reason that is true, and
// by no machine that is free.
func TestTiesAreFelt(t *testing.T) {
	t.Parallel()
	c := config(80)
	c.Families = map[device.Family]int{device.LuxOS: 1, device.WhatsMiner: 1}
	c.Fate = fleet.Fate{Locked: 300, Occupied: 300}
	f := serve(t, c)
	n, err := wire.NewNetwork([]netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	lux := luxos.New(n, luxos.Options{Port: 4028 + f.Offset()})
	whats := whatsminer.New(n, whatsminer.Options{PortV2: 4028 + f.Offset(), PortV3: 4433 + f.Offset()})
	type tie struct {
		family device.Family
		ties   fleet.Ties
	}
	seen := map[tie]bool{}
	for _, u := range f.Units() {
		ties := u.Ties
		ties.Persists = false
		if seen[tie{u.Family, ties}] || u.API == 3 && u.Occupied {
			continue // nobody gets in to a machine of API 3 that is full
		}
		seen[tie{u.Family, ties}] = true
		var driver device.Driver = whats
		if u.Family == device.LuxOS {
			driver = lux
		}
		want := device.Ack{Class: device.Accepted}
		switch {
		case u.Occupied:
			want = device.Ack{Class: device.Refused, Reason: device.Busy}
		case u.Locked:
			want = device.Ack{Class: device.Refused, Reason: device.Locked}
		}
		if got := sleep(t, driver, u); got.Class != want.Class || got.Reason != want.Reason {
			t.Errorf("%s %s API %d %+v: %+v", u.Address, u.Family, u.API, ties, got)
		}
	}
	if len(seen) != 6 {
		t.Errorf("seen %v", seen)
	}
}

// sleep sends a machine to sleep through its driver.
func sleep(t *testing.T, driver device.Driver, u fleet.Unit) device.Ack {
	t.Helper()
	at := device.Address{Host: u.Address.String()}
	id, err := driver.Probe(t.Context(), at)
	if err != nil {
		t.Fatalf("%s: %v", u.Address, err)
	}
	secret := device.Credential{}
	if u.Family == device.WhatsMiner {
		secret = device.Credential{User: "super", Secret: "super"}
		if u.API == 2 {
			secret = device.Credential{User: "admin", Secret: "admin"}
		}
	}
	d, err := driver.Open(t.Context(), at, id, secret)
	if err != nil {
		t.Fatalf("%s: %v", u.Address, err)
	}
	ack := d.Apply(t.Context(), device.Command{Verb: device.Sleep})
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return ack
}

// TestTrip: a feeder that trips draws nothing, the other is untouched; the
// supply returns, the machines boot one after another, and those that keep their
// sleep stay asleep.
func TestTrip(t *testing.T) {
	t.Parallel()
	m := open(t, config(60), fleet.Grid{Feeders: 2, Auxiliary: 2_000, Trips: []fleet.Trip{{Feeder: "feeder-2", After: 90 * time.Second, For: 20 * time.Second}}})
	for _, u := range m.Units() {
		u.Machine.Sleep(noon)
	}
	revenue, one, two := m.site.Meters()[0], m.site.Meters()[1], m.site.Meters()[2]
	m.clock.pass(89 * time.Second)
	before := m.read(t, two)
	full := one.Truth(m.clock.now())
	m.clock.pass(11 * time.Second)
	if p := m.read(t, two).Power.Value; p != 0 {
		t.Errorf("without supply the meter shows %v", p)
	}
	if p := m.read(t, one).Power.Value; p != full.Power || m.read(t, revenue).Power.Value != p {
		t.Errorf("the other feeder shows %v, was %v", p, full.Power)
	}
	joules := two.Truth(noon.Add(109 * time.Second)).Energy
	if lit := two.Truth(noon.Add(90 * time.Second)).Energy; lit != joules || float64(lit) < float64(before.Import.Energy) {
		t.Errorf("without supply %d J became %d J", lit, joules)
	}
	checkBoots(t, m)
	m.clock.pass(30 * time.Minute)
	var want unit.Power
	for i, u := range m.Units() {
		x := u.Machine.State(m.clock.now())
		if kept := i < 30 || u.Persists; (x.Intent == device.Asleep) != kept {
			t.Errorf("%s %s is %s", u.Address, u.Family, x.Activity)
		}
		if i >= 30 {
			want += x.Power
		}
	}
	if p := m.read(t, two).Power.Value; p != want+1_000 || p < before.Power.Value*5 {
		t.Errorf("afterwards the feeder carries %v, the machines %v", p, want)
	}
}

// checkBoots holds that machines come back within half a minute, not all at once.
func checkBoots(t *testing.T, m metered) {
	t.Helper()
	back := noon.Add(110 * time.Second)
	early := 0
	for i, u := range m.Units() {
		half, late := u.Machine.State(back.Add(15*time.Second)), u.Machine.State(back.Add(30*time.Second))
		if i < 30 {
			continue
		}
		if half.Power > 0 {
			early++
		}
		if late.Power == 0 || late.Restarts != 1 || late.Booted.Before(back) || late.Booted.After(back.Add(30*time.Second)) {
			t.Errorf("%s half a minute later: %+v", u.Address, late)
		}
	}
	if early < 5 || early > 25 {
		t.Errorf("%d of 30 booted in the first quarter of a minute", early)
	}
}

func TestTripFaults(t *testing.T) {
	t.Parallel()
	for says, trips := range map[string][]fleet.Trip{
		`no feeder "feeder-9"`: {{Feeder: "feeder-9", For: time.Second}},
		"for 0s":               {{Feeder: "feeder-1"}},
		"and again at 1m0s":    {{Feeder: "feeder-1", After: time.Minute, For: time.Second}, {Feeder: "feeder-1", After: 45 * time.Second, For: time.Second}},
	} {
		f, err := fleet.New(config(12), noon)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Behind(fleet.Grid{Meters: netip.MustParsePrefix("127.8.0.0/24"), Trips: trips}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", trips, err)
		}
	}
}

func TestFateFaults(t *testing.T) {
	t.Parallel()
	for says, fate := range map[string]fleet.Fate{
		"at most 1440":  {Reboots: 1e9},
		"NaN":           {Reboots: math.NaN()},
		"air of 400":    {Air: &fleet.Air{Mean: 400}},
		"air of NaN":    {Air: &fleet.Air{Mean: math.NaN()}},
		"amplitude":     {Air: &fleet.Air{Swing: -1}},
		"1001 occupied": {Occupied: 1001},
		"1001 locked":   {Locked: 1001},
	} {
		c := config(12)
		c.Fate = fate
		if _, err := fleet.New(c, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", fate, err)
		}
	}
}
