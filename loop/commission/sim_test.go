package commission

import (
	"math/rand/v2"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// noon is when every simulated trial begins.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// bench is a machine, a meter and whatever else hangs on it, in virtual time.
type bench struct {
	m      *machine.Machine
	can    device.Capabilities
	rng    *rand.Rand
	step   time.Duration
	now    time.Duration
	noise  float64                                            // of one sample of the meter, watts
	others func(time.Duration) int64                          // load of other machines
	lie    func(device.Reading, time.Duration) device.Reading // what the machine says instead
	deaf   func(device.Command) device.Ack                    // answers without the machine having heard; zero class: it hears
	blind  func(time.Duration) bool                           // the meter is silent
	loses  func(device.Command) bool                          // it hears, and does something else instead: nothing
	meter  bool
	steps  bool // any target is the preset below it

	highest unit.Power // that the machine truly drew
	sent    []Send
	ended   []Ended
	lines   []Effect
	record  *Record
}

// times are those of no machine in particular.
func times() machine.Times {
	return machine.Times{Down: 10 * time.Second, Dark: 30 * time.Second, FirstHash: time.Minute, Up: 3 * time.Minute, UpFast: 40 * time.Second, Level: 20 * time.Second, Reboot: 40 * time.Second}
}

func presets() []device.Preset {
	return []device.Preset{{Name: "a", Power: 1200, Hash: 60_000}, {Name: "b", Power: 1700, Hash: 82_000}, {Name: "c", Power: 2300, Hash: 104_000}, {Name: "d", Power: 2800, Hash: 122_000}, {Name: "e", Power: 3400, Hash: 140_000}}
}

// place sets up an honest machine at level d with a shared meter that shows twenty
// other machines and a little noise.
func place(seed uint64, f machine.Faults) *bench {
	m := machine.New(machine.Spec{
		Family: device.LuxOS, Model: "S19k Pro", Nameplate: presets()[3], Presets: presets(), Standby: 40, Times: times(), Bias: -0.06, Seed: seed, Faults: f,
	}, noon)
	return &bench{
		m: m, rng: rand.New(rand.NewPCG(seed, 7)), step: time.Second, noise: 20, others: func(time.Duration) int64 { return 60_000 }, meter: true,
		can: device.Capabilities{Sleep: true, Wake: true, FastWake: true, Level: device.Presets, LevelCost: device.Hot, Presets: presets(), PowerSource: device.FromFirmware, Settle: 3 * time.Minute},
	}
}

func (b *bench) at() time.Time { return noon.Add(b.now) }

// reading is what the machine says now; false while it is dark.
func (b *bench) reading() (device.Reading, bool) {
	s := b.m.State(b.at())
	if s.Dark {
		return device.Reading{}, false
	}
	r := device.Reading{Activity: device.Stated(s.Activity), Intent: device.Stated(s.Intent), Power: s.Reported, Mode: device.Stated(s.Mode), Hash: device.Stated(s.Hash), Chips: []device.Temperature{{Where: "board 0", MilliC: int64(s.ChipC * 1000)}}}
	r.Limit = device.Stated(s.Target)
	if b.lie != nil {
		r = b.lie(r, b.now)
	}
	return r, true
}

// plan is a trial of this machine with windows of half a minute.
func (b *bench) plan() Plan {
	found, _ := b.reading()
	p := Plan{Can: b.can, Found: found, Meter: Meter{Given: b.meter, Step: 1}, Levels: 5, HottestMill: 95_000, Limits: DefaultLimits(b.can, 30*time.Second)}
	p.Record = Record{At: noon, Address: "10.20.0.1", Family: device.LuxOS, Model: "S19k Pro", Firmware: "LuxOS 1"}
	return p
}

// apply does what the machine is told.
func (b *bench) apply(c device.Command) device.Ack {
	if b.deaf != nil {
		if a := b.deaf(c); a.Class != "" {
			return a
		}
	}
	if b.m.State(b.at()).Dark {
		return device.Ack{Class: device.NotSent, Text: "connection refused"}
	}
	if b.loses == nil || !b.loses(c) {
		switch c.Verb {
		case device.Sleep:
			b.m.Sleep(b.at())
		case device.Wake:
			b.m.Wake(b.at(), c.Fast)
		case device.SetPower:
			if b.steps {
				b.m.SetPower(b.at(), c.Power)
				break
			}
			b.m.SetLevel(b.at(), device.Preset{Name: "watts", Power: c.Power, Hash: unit.Hashrate(c.Power) * 42}, false)
		case device.SetMode:
			b.m.SetMode(b.at(), c.Mode)
		case device.Reboot:
			b.m.Reboot(b.at(), false)
		case device.Locate:
		}
	}
	return device.Ack{Class: device.Accepted, Set: c}
}

// run lets a trial go on until its end, with a stop pressed at a time, or never
// when it is negative. It ends after a day at the latest.
func (b *bench) run(t *Trial, stop time.Duration) {
	due, answers := map[int]time.Duration{}, map[int]Send{}
	for ; b.record == nil && b.now < 24*time.Hour; b.now += b.step {
		s := b.m.State(b.at())
		b.highest = max(b.highest, s.Power)
		b.say(t.Step(b.now, Tick{}), due, answers)
		if b.meter && (b.blind == nil || !b.blind(b.now)) {
			w := int64(s.Power) + b.others(b.now) + int64(b.rng.NormFloat64()*b.noise)
			b.say(t.Step(b.now, Metered{b.now, unit.Power(w)}), due, answers)
		}
		if r, ok := b.reading(); !ok {
			b.say(t.Step(b.now, Unread{b.now}), due, answers)
		} else {
			b.say(t.Step(b.now, Read{b.now, r}), due, answers)
		}
		for n, at := range due {
			if at <= b.now {
				delete(due, n)
				b.say(t.Step(b.now, Answered{n, b.apply(answers[n].Command)}), due, answers)
			}
		}
		if stop >= 0 && b.now >= stop {
			b.say(t.Step(b.now, Stopped{}), due, answers)
			stop = -1
		}
	}
}

// say takes down what the trial wants.
func (b *bench) say(out []Effect, due map[int]time.Duration, answers map[int]Send) {
	for _, e := range out {
		b.lines = append(b.lines, e)
		switch e := e.(type) {
		case Send:
			b.sent = append(b.sent, e)
			due[e.Number], answers[e.Number] = b.now+2*b.step, e
		case Ended:
			b.ended = append(b.ended, e)
		case Done:
			b.record = &e.Record
		}
	}
}
