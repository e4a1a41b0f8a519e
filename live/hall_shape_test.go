package live

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"sluice/device"
	"sluice/site"
	"sluice/unit"
	"sluice/use"
	"sluice/use/mining"
	virtual "sluice/world/machine"
)

// shape is what a firmware can do and what it says, and the machine under it.
type shape struct {
	family  device.Family
	kind    device.LevelKind
	mute    bool // states no power
	dark    bool
	keeps   bool           // sleep survives a restart
	points  []mining.Point // rising in power; the last is what it was delivered with
	standby unit.Power
	times   virtual.Times
}

// pointsOf joins watts and terahashes.
func pointsOf(pairs ...int64) []mining.Point {
	var out []mining.Point
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, mining.Point{
			Label: strconv.FormatInt(pairs[i], 10), Power: unit.Power(pairs[i]), Hashrate: unit.Hashrate(pairs[i+1]) * 1000,
			Confidence: mining.Measured, Source: "virtual",
		})
	}
	return out
}

// shapes are one of each kind, in the sizes and with the times of the virtual fleet.
func shapes() []shape {
	s := time.Second
	return []shape{
		{device.LuxOS, device.Presets, false, false, true, pointsOf(784, 39, 1188, 59, 1657, 80, 2794, 121, 3461, 142), 25, virtual.Times{Down: 3 * s, FirstHash: 20 * s, Up: 120 * s, Level: 10 * s}},
		{device.Braiins, device.Watts, false, false, false, pointsOf(1500, 76, 2000, 99, 2500, 120, 3031, 141), 40, virtual.Times{Down: 5 * s, FirstHash: 10 * s, Up: 60 * s, Level: 20 * s}},
		{device.VNish, device.Percent, false, false, false, pointsOf(1500, 101, 2550, 170, 2800, 188, 3510, 234), 40, virtual.Times{Down: 10 * s, Dark: 22 * s, FirstHash: 90 * s, Up: 160 * s, Level: 20 * s}},
		{device.WhatsMiner, device.Percent, false, true, false, pointsOf(2600, 104, 3300, 126), 35, virtual.Times{Down: 5 * s, Dark: 40 * s, FirstHash: 60 * s, Up: 600 * s, Level: 20 * s}},
		{device.Antminer, device.NoLevels, true, true, true, pointsOf(3500, 200), 40, virtual.Times{Down: 10 * s, Dark: 60 * s, FirstHash: 120 * s, Up: 480 * s, Level: 60 * s}},
		{device.Avalon, device.Modes, false, true, false, pointsOf(3300, 110), 11, virtual.Times{Down: 9 * s, Dark: 20 * s, FirstHash: 120 * s, Up: 300 * s, Level: 60 * s}},
		{device.EPIC, device.NoLevels, false, false, false, pointsOf(3000, 100), 40, virtual.Times{Down: 5 * s, FirstHash: 60 * s, Up: 300 * s, Level: 60 * s}},
	}
}

func (s shape) top() mining.Point { return s.points[len(s.points)-1] }

// can is what its driver says of it.
func (s shape) can() device.Capabilities {
	c := device.Capabilities{
		Sleep: true, Wake: true, Dark: s.dark, Persists: s.keeps, Level: s.kind, LevelCost: device.Hot, Connections: 1,
		PowerSource: device.FromPSU, Restart: time.Minute, Settle: s.times.Up, Exclusive: s.family == device.LuxOS,
	}
	if s.mute {
		c.PowerSource = ""
	}
	switch s.kind {
	case device.Presets:
		c.Presets = s.presets()
	case device.Watts:
		c.Least, c.Most, c.Step = s.points[0].Power, s.top().Power, 1
	case device.Percent:
		c.Least, c.Most, c.Step = s.top().Power*3/10, s.top().Power, max(1, s.top().Power/100)
	case device.Modes:
		c.Presets = []device.Preset{{Name: "eco"}, {Name: "normal"}}
	case device.NoLevels:
	}
	return c
}

func (s shape) presets() []device.Preset {
	var out []device.Preset
	for _, p := range s.points {
		out = append(out, device.Preset{Name: p.Label, Power: p.Power, Hash: p.Hashrate})
	}
	return out
}

// at is the operating point of any power within the range.
func (s shape) at(p unit.Power) device.Preset {
	out := device.Preset{Name: strconv.FormatInt(int64(p), 10), Power: p}
	for i, x := range s.points {
		if p <= x.Power || i == len(s.points)-1 {
			if i == 0 || p >= x.Power {
				out.Hash = x.Hashrate
				return out
			}
			a := s.points[i-1]
			out.Hash = a.Hashrate + unit.Hashrate(unit.MulDiv(int64(x.Hashrate-a.Hashrate), int64(p-a.Power), int64(x.Power-a.Power)))
			return out
		}
	}
	return out
}

// apply is what the machine does about a command, and what it says.
func (u *dummy) apply(now time.Time, c device.Command) device.Ack {
	if u.silent(now) {
		return device.Ack{Class: device.NoReply}
	}
	if u.ack != nil {
		return *u.ack
	}
	u.Spec.Times = u.times
	switch c.Verb {
	case device.Sleep:
		u.Sleep(now)
	case device.Wake:
		u.Wake(now, c.Fast)
	case device.SetMode:
		if !u.SetMode(now, c.Mode) {
			return device.Ack{Class: device.Refused, Reason: device.BadValue}
		}
	case device.SetPower:
		if u.kind != device.Watts && u.kind != device.Percent {
			return device.Ack{Class: device.Refused, Reason: device.Unsupported}
		}
		u.SetLevel(now, u.at(c.Power), false)
	case device.Locate, device.Reboot:
		return device.Ack{Class: device.Refused, Reason: device.Unsupported}
	}
	return device.Ack{Class: device.Accepted, Set: c}
}

// silent reports whether nobody gets an answer.
func (u *dummy) silent(now time.Time) bool {
	return u.cut || now.Before(u.dark) || u.State(now).Dark
}

// hear is what a question finds: what the machine says, and whether it says anything.
func (u *dummy) hear(now time.Time) (device.Reading, bool) {
	s := u.State(now)
	if u.cut || now.Before(u.dark) || s.Dark {
		return device.Reading{}, false
	}
	return u.says(now, s), true
}

// reboot restarts a machine by itself: it comes back at full power after a while,
// at once and not on a ramp, because that is the worst.
func (u *dummy) reboot(now time.Time, gone time.Duration) {
	asleep := u.State(now).Intent == device.Asleep
	if !u.keeps || !asleep {
		u.SetLevel(now, u.at(u.top().Power), false)
	}
	u.Spec.Times.FirstHash, u.Spec.Times.Up, u.Spec.Times.Dark, u.Spec.Times.Reboot = gone, gone, 0, gone
	u.Reboot(now, u.keeps)
	u.dark = now.Add(gone)
}

// look is what the machine says of itself.
func (u *dummy) look(now time.Time) device.Reading { return u.says(now, u.State(now)) }

func (u *dummy) says(now time.Time, s virtual.State) device.Reading {
	r := device.Reading{
		Asked: now, Activity: device.Stated(s.Activity), Intent: device.Stated(s.Intent), Hash: device.Stated(s.Hash),
		Uptime: device.Stated(now.Sub(s.Booted)), Pools: u.pools,
	}
	if !u.mute {
		r.Power = s.Reported
	}
	switch u.kind {
	case device.Presets:
		r.Mode, r.Limit = device.Stated(s.Mode), device.Stated(s.Target)
	case device.Watts, device.Percent:
		r.Limit = device.Stated(s.Target)
	case device.Modes:
		r.Mode = device.Stated("normal")
	case device.NoLevels:
	}
	return r
}

// plot is what a virtual site is built of.
type plot struct {
	seed   uint64
	each   []int      // machines of each of shapes()
	limit  unit.Power // of the connection
	rest   unit.Power
	pue    float64
	wire   network
	bias   float64 // what machines state is off by up to so much
	change func(c *Config)
	begin  time.Time // zero: dawn
	quick  bool      // machines follow at once, so that a fault shows at once
}

var dawn = time.Date(2026, 7, 1, 6, 0, 0, 0, time.UTC)

// build is a site whose machines all run and that nobody has read yet.
func (p plot) build(t *testing.T) *hall {
	t.Helper()
	if p.begin.IsZero() {
		p.begin = dawn
	}
	h := &hall{pulse: 5, pue: p.pue, rest: p.rest, wire: p.wire, now: p.begin, journal: newDrawer(), rng: rand.New(rand.NewPCG(p.seed, 0x4a11))}
	h.config = Config{
		Site: site.Site{
			Name: "virtual", Zone: time.UTC, Currency: "USD", MustRun: p.rest,
			Connection: site.Connection{Import: p.limit, Rating: p.limit},
		},
		Begin: h.now, Poll: 10 * time.Second, Shed: time.Minute, Grace: 15 * time.Second, Reboots: unit.One / 10, Entrust: true,
	}
	for k, s := range shapes() {
		if k < len(p.each) && p.each[k] > 0 {
			p.group(t, h, s, p.each[k])
		}
	}
	h.config.Site.Meters = []site.Meter{{Name: "revenue", Kind: site.RevenueMeter}}
	h.meters = []gaugeMeter{{of: func(int) bool { return true }, rest: true, scale: 1}}
	if p.change != nil {
		p.change(&h.config)
	}
	h.reborn(t, nil)
	h.restart()
	return h
}

// group adds the machines of one shape, and the group that they are.
func (p plot) group(t *testing.T, h *hall, s shape, count int) {
	t.Helper()
	if p.quick {
		s.times = virtual.Times{Down: 2 * time.Second, Up: 3 * time.Second, Level: 2 * time.Second}
	}
	c, err := mining.Catalogue{}.With(mining.Model{
		Name: "m-" + string(s.family), Cooling: mining.Air, Power: s.top().Power, Hashrate: s.top().Hashrate, Source: "virtual",
		Curves: []mining.Curve{{Points: s.points}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := mining.Compile(mining.Group{
		Name: string(s.family), Model: "m-" + string(s.family), Count: count, MinOn: 10 * time.Minute, MinOff: 5 * time.Minute,
		Cooling: use.Cooling{PUE0: unit.Ratio(p.pue * float64(unit.One))},
	}, c)
	if err != nil {
		t.Fatal(err)
	}
	g := len(h.config.Rigs)
	h.config.Rigs = append(h.config.Rigs, r)
	for i := range count {
		n := len(h.units)
		u := &dummy{shape: s, host: netip.AddrFrom4([4]byte{10, byte(1 + g), byte(i >> 8), byte(i)})}
		u.id = device.Identity{Family: s.family, Model: "m-" + string(s.family), MAC: fmt.Sprintf("02:00:00:%02x:%02x:%02x", n>>16, n>>8&255, n&255)}
		spec := virtual.Spec{
			Family: s.family, Model: u.id.Model, MAC: u.id.MAC, Presets: s.presets(), Nameplate: s.at(s.top().Power), Standby: s.standby,
			Times: s.times, Seed: p.seed<<20 + uint64(n), Bias: (2*h.rng.Float64() - 1) * p.bias,
		}
		u.Machine = virtual.New(spec, h.now)
		h.units = append(h.units, u)
		h.config.Machines = append(h.config.Machines, Machine{Host: u.host, Group: g, Identity: u.id, Can: s.can()})
	}
}

// uncooled are rigs of which nobody knows that cooling draws too.
func uncooled(t *testing.T, rigs []*mining.Rig) []*mining.Rig {
	t.Helper()
	var out []*mining.Rig
	for _, r := range rigs {
		g, m := r.Group(), r.Model()
		g.Cooling.PUE0 = unit.One
		c, err := mining.Catalogue{}.With(m)
		if err != nil {
			t.Fatal(err)
		}
		x, err := mining.Compile(g, c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}
