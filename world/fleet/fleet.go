package fleet

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"sluice/device"
	"sluice/world/machine"
)

// Mood is how much goes wrong in a fleet.
type Mood string

// The moods.
const (
	Calm    Mood = "none"    // nothing goes wrong
	Field   Mood = "field"   // as one expects of a real site
	Hostile Mood = "hostile" // slow, silent and garbled answers every day
)

// Config says which machines there are.
type Config struct {
	Miners   int
	Seed     uint64
	Network  netip.Prefix          // inside 127.0.0.0/8; machines stand from its second address on
	Families map[device.Family]int // weights; nil: the mix of an ordinary site
	Rack     int                   // so many machines side by side are of one family; 0: 1, and 50 in a fleet of more than 2000
	Mood     Mood                  // empty: Calm
	Liars    int                   // so many of a thousand say yes and do nothing; negative: by the mood
	Speed    int                   // ramps are so many times faster; 0: 1
	Offset   int                   // added to every port
	Shared   bool                  // one listener a port for all addresses, as for more than 500 machines
	Password string                // of every machine that has one; empty: each family's own default
	Latency  time.Duration         // every answer comes so much later, in real time
	Bad      int                   // so many of a thousand answer nothing that can be used; see Trouble
	Fate
}

// Unit is one machine of a fleet.
type Unit struct {
	Address netip.Addr
	Family  device.Family
	API     int // of WhatsMiner: 2 or 3; else 0
	Lies    bool
	Bad     Trouble // empty: it answers
	Ties
	Machine *machine.Machine
}

// Fleet is machines with their addresses. It is made once and never changed.
type Fleet struct {
	config Config
	born   time.Time
	units  []Unit
	at     map[netip.Addr]*Unit
}

// mix is what an ordinary site has, in parts of a hundred.
func mix() map[device.Family]int {
	return map[device.Family]int{device.Antminer: 45, device.WhatsMiner: 22, device.LuxOS: 8, device.Braiins: 10, device.VNish: 8, device.Avalon: 5, device.EPIC: 2}
}

// loopback is where virtual machines may stand: nobody else can reach it.
var errLoopback = errors.New("virtual machines stand on addresses of 127.0.0.0/8 only: give a network such as 127.7.0.0/16")

// check reports all faults of a config at once.
func (c Config) check() error {
	var faults []error
	if c.Miners < 1 {
		faults = append(faults, fmt.Errorf("%d machines: give at least one", c.Miners))
	}
	if !c.Network.IsValid() || !c.Network.Addr().Is4() || !c.Network.Addr().IsLoopback() || c.Network.Bits() < 8 {
		faults = append(faults, errLoopback)
	} else if room := 1<<(32-c.Network.Bits()) - 2; c.Miners > room {
		faults = append(faults, fmt.Errorf("%d machines in %s: there is room for %d: widen the network", c.Miners, c.Network, max(0, room)))
	}
	if c.Speed < 0 || c.Offset < 0 || c.Offset > 59_000 {
		faults = append(faults, fmt.Errorf("speed %d, port offset %d: neither is negative, and the offset is at most 59000", c.Speed, c.Offset))
	}
	if c.Rack < 0 {
		faults = append(faults, fmt.Errorf("racks of %d machines: give at least 1", c.Rack))
	}
	if c.Liars > 1000 {
		faults = append(faults, fmt.Errorf("%d liars of a thousand: at most all of them", c.Liars))
	}
	faults = append(faults, c.checkMix(), c.checkMood(), c.checkTrouble(), c.checkFate())
	return errors.Join(faults...)
}

func (c Config) checkMix() error {
	sum, known := 0, models()
	for f, w := range c.Families {
		if _, ok := known[f]; !ok || w < 0 {
			return fmt.Errorf("%s=%d: families are %v, weights are not negative", f, w, Families())
		}
		sum += w
	}
	if c.Families != nil && sum == 0 {
		return fmt.Errorf("no family has a weight: families are %v", Families())
	}
	return nil
}

func (c Config) checkMood() error {
	switch c.Mood {
	case "", Calm, Field, Hostile:
		return nil
	}
	return fmt.Errorf("faults %q: choose %s, %s or %s", c.Mood, Calm, Field, Hostile)
}

// New builds the machines, all running since long. It reports every fault of c.
func New(c Config, now time.Time) (*Fleet, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.Families == nil {
		c.Families = mix()
	}
	if c.Rack == 0 {
		c.Rack = 1
		if c.Miners > racked {
			c.Rack = 50
		}
	}
	f := &Fleet{config: c, born: now, units: make([]Unit, c.Miners), at: make(map[netip.Addr]*Unit, c.Miners)}
	rng := rand.New(rand.NewPCG(c.Seed, 0xf1ee7))
	known, at := models(), c.Network.Masked().Addr()
	var rack model
	var family device.Family
	for i := range f.units {
		at = at.Next()
		if i%c.Rack == 0 {
			family = c.draw(rng)
			rack = choose(rng, known[family])
		}
		f.units[i] = c.unit(rng, Unit{Address: at, Family: family}, rack, now)
		f.at[at] = &f.units[i]
	}
	return f, nil
}

// racked is from how many machines on they stand in racks of one family, so
// that the addresses of a family can be told in a file of a bearable length.
const racked = 2000

// choose draws one of the models of a family.
func choose(rng *rand.Rand, of []model) model {
	if len(of) == 1 {
		return of[0]
	}
	return of[rng.IntN(len(of))]
}

// unit draws one machine of a model.
func (c Config) unit(rng *rand.Rand, u Unit, x model, now time.Time) Unit {
	if u.Family == device.WhatsMiner {
		u.API = 2 + rng.IntN(2)
	}
	b := u.Address.As4()
	faults := c.faults()
	u.Lies = rng.Float64() < faults.Lies
	faults.Lies = 0
	if u.Lies {
		faults.Lies = 1
	}
	u.Ties = c.ties(u)
	u.Machine = machine.New(machine.Spec{
		Family: u.Family, Model: x.name, MAC: net.HardwareAddr{2, 0x5c, b[0], b[1], b[2], b[3]}.String(), Serial: fmt.Sprintf("VIRTUAL-%02X%02X%02X%02X", b[0], b[1], b[2], b[3]),
		Nameplate: x.presets[x.full], Presets: x.presets, Standby: x.standby, Times: faster(x.times, c.Speed),
		PerDegree: 0.004, Bias: c.bias(rng), Seed: rng.Uint64(), Faults: faults, Latency: c.Latency,
		Air: c.air(), ChipMax: chipMax, Restarts: c.restarts(), Persists: u.Persists,
	}, now)
	u.Bad = c.trouble(u.Address)
	return u
}

// draw chooses a family by the weights, in the order of Families.
func (c Config) draw(rng *rand.Rand) device.Family {
	sum := 0
	for _, w := range c.Families {
		sum += w
	}
	at := rng.IntN(sum)
	for _, f := range Families() {
		if at -= c.Families[f]; at < 0 {
			return f
		}
	}
	return device.Antminer
}

// bias is by which share a machine misreports its draw: up to a tenth, and
// nothing at all in a calm fleet.
func (c Config) bias(rng *rand.Rand) float64 {
	share := math.Round((rng.Float64()*0.2-0.1)*1000) / 1000
	if c.Mood == "" || c.Mood == Calm {
		return 0
	}
	return share
}

// faults is what the mood means for each machine; Lies is a share of machines.
func (c Config) faults() machine.Faults {
	out := machine.Faults{}
	switch c.Mood {
	case Field:
		out = machine.Faults{WakeFails: 0.01, Lies: 0.01, Slow: 0.01, Silent: 0.001, Garbage: 0.001, Half: 0.001}
	case Hostile:
		out = machine.Faults{WakeFails: 0.05, Lies: 0.03, Slow: 0.03, Silent: 0.02, Garbage: 0.02, Half: 0.02}
	case Calm, "":
	}
	if c.Liars >= 0 {
		out.Lies = float64(c.Liars) / 1000
	}
	return out
}

// Units lists the machines in the order of their addresses.
func (f *Fleet) Units() []Unit { return f.units }

// Count is how many machines there are of each family.
func (f *Fleet) Count() map[device.Family]int {
	out := map[device.Family]int{}
	for _, u := range f.units {
		out[u.Family]++
	}
	return out
}

// find is the machine at a local address.
func (f *Fleet) find(local net.Addr) *Unit {
	a, ok := local.(*net.TCPAddr)
	if !ok {
		return nil
	}
	return f.at[a.AddrPort().Addr().Unmap()]
}

// machine is find for those who serve.
func (f *Fleet) machine(local net.Addr) *machine.Machine {
	if u := f.find(local); u != nil {
		return u.Machine
	}
	return nil
}

// Offset is what is added to every port.
func (f *Fleet) Offset() int { return f.config.Offset }
