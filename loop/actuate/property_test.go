package actuate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/unit"
)

// dice returns a number below n.
type dice func(n int) int

// loose is a copy of an order that is somewhere on its way.
type loose struct {
	Send
	sent time.Duration
}

// foe is a plant that does the worst that is allowed: any order may act at any
// time or never, any answer may lie, units restart. It keeps its own account of
// what each unit could draw, and knows nothing of the kernel's.
type foe struct {
	k      *Kernel
	roll   dice
	now    time.Duration
	power  []unit.Power
	uptime []time.Duration // instant of the last start
	dark   []time.Duration // since when nothing was heard; -1: just heard
	epoch  []Epoch
	loose  [][]loose
	limits []unit.Power
	guests []unit.Power // most that others may draw in each group itself
	number int64
	raises int
}

func foeConfig(roll dice) Config {
	c := vectorConfig(6)
	c.Groups = []Group{{Name: "site", Parent: -1, Limit: 21_600}, {Name: "a", Limit: 9000}, {Name: "b", Limit: 8000, Ramp: 4000, Wakes: 1}}
	for i := range c.Units {
		c.Units[i].Group, c.Units[i].Fenced = 1+i%2, roll(2) == 0
	}
	return c
}

func newFoe(k *Kernel, roll dice) *foe {
	n := len(k.units)
	f := &foe{k: k, roll: roll, now: time.Minute, power: make([]unit.Power, n), uptime: make([]time.Duration, n), dark: make([]time.Duration, n), epoch: make([]Epoch, n), loose: make([][]loose, n)}
	for i := range f.power {
		f.power[i] = 3500
	}
	for _, g := range k.cfg.Groups {
		f.limits = append(f.limits, g.Limit)
	}
	f.guests = make([]unit.Power, len(f.limits))
	_ = f.step(wish(1, 3600, 3600, 3600, 3600, 3600, 3600)) // a plan alone raises nothing
	return f
}

// could is the most that a unit can draw without another order.
func (f *foe) could(i int) unit.Power {
	p := f.power[i]
	if f.now-f.dark[i] > f.k.cfg.Timing.Silent { // it may have restarted meanwhile
		p = max(p, 3500)
	}
	for _, l := range f.loose[i] {
		if !f.dead(i, l) {
			p = max(p, l.Target)
		}
	}
	return p
}

func (f *foe) dead(i int, l loose) bool {
	return f.now-l.sent > f.k.cfg.Timing.Late || f.k.cfg.Units[i].Fenced && l.Epoch.Compare(f.epoch[i]) < 0
}

// step tells the kernel and returns an error if a raise could pass a limit.
func (f *foe) step(e Event) error {
	var raised []Send
	for _, x := range f.k.Step(f.now, e) {
		switch x := x.(type) {
		case Send:
			f.loose[x.Unit] = append(f.loose[x.Unit], loose{x, f.now})
			if x.Raise {
				raised = append(raised, x)
			}
		case Safe:
			return fmt.Errorf("assertion: %s", x.Why)
		}
	}
	for _, x := range raised {
		f.raises++
		if err := f.fits(x); err != nil {
			return err
		}
	}
	return nil
}

// fits checks the groups around a raise.
func (f *foe) fits(x Send) error {
	for g, l := range f.limits {
		if !f.k.within(x.Unit, g) {
			continue
		}
		var sum unit.Power
		for i := range f.power {
			if f.k.within(i, g) {
				sum += f.could(i)
			}
		}
		for in := range f.guests {
			if in == g || g == 0 { // the site is around all others
				sum += f.guests[in]
			}
		}
		if sum > l {
			return fmt.Errorf("at %v a raise was sent while group %d could draw %d W of %d: %+v%s", f.now, g, sum, l, x, f.apart())
		}
	}
	return nil
}

// apart names the units that the kernel counts at less than they could draw.
func (f *foe) apart() string {
	var s strings.Builder
	for i := range f.power {
		if k := &f.k.units[i]; k.bound < f.could(i) {
			fmt.Fprintf(&s, "\nunit %d counts at %d W and could draw %d: power %d, kernel %+v, loose %+v", i, k.bound, f.could(i), f.power[i], *k, f.loose[i])
		}
	}
	return s.String()
}

// round does one thing, chosen by the dice.
func (f *foe) round() error {
	f.now += time.Duration(1+f.roll(6)) * time.Second
	i := f.roll(len(f.power))
	switch f.roll(12) {
	case 0, 1:
		return f.deliver(i)
	case 2:
		if f.roll(4) == 0 {
			return f.restart(i)
		}
		return f.poll()
	case 3:
		g := f.roll(len(f.limits))
		f.limits[g] = min(f.k.cfg.Groups[g].Limit, unit.Power(4000+f.roll(18_000)))
		return f.step(Instruction{Group: g, From: f.now, Limit: f.limits[g]})
	case 4:
		f.number++
		return f.step(wish(1+f.number, f.some(), f.some(), f.some(), f.some(), f.some(), f.some()))
	case 5:
		if n := len(f.loose[i]); n > 0 {
			e := f.loose[i][n-1-f.roll(min(n, 2))].Epoch
			if e.Compare(f.epoch[i]) > 0 {
				f.epoch[i] = e // the fence has seen it, whether or not the unit obeys
			}
			return f.step(Answered{Unit: i, Epoch: e, Class: device.Accepted})
		}
	case 6, 7:
		return f.poll()
	case 8:
		return f.step(Cleared{Unit: i, By: "anna"})
	case 9:
		g := f.roll(len(f.guests))
		f.guests[g] = f.some()
		return f.step(Beside{Group: g, Draw: f.guests[g] / unit.Power(1+f.roll(3)), Most: f.guests[g]})
	}
	return f.step(Tick{})
}

func (f *foe) some() unit.Power { return unit.Power(f.roll(8) * 500) }

// deliver lets a loose order act; what a fence holds back does nothing.
func (f *foe) deliver(i int) error {
	if len(f.loose[i]) == 0 {
		return nil
	}
	n := f.roll(len(f.loose[i]))
	l := f.loose[i][n]
	if !f.dead(i, l) {
		f.power[i], f.epoch[i] = l.Target, l.Epoch
	}
	if f.k.cfg.Units[i].Fenced && f.roll(3) > 0 { // only fences bear any number of copies
		return nil
	}
	f.loose[i] = append(f.loose[i][:n:n], f.loose[i][n+1:]...)
	return nil
}

// restart is noticed at once: what is not is the reserve for fast reboots, and tested by simulation.
func (f *foe) restart(i int) error {
	f.power[i], f.uptime[i] = 3500, f.now
	return f.hear(i)
}

func (f *foe) poll() error {
	for i := range f.power {
		if f.roll(8) > 0 {
			if err := f.hear(i); err != nil {
				return err
			}
		}
	}
	return f.step(Tick{})
}

func (f *foe) hear(i int) error {
	f.dark[i] = f.now
	return f.step(Readings{Units: []UnitReading{{
		Unit: i, Asked: f.now, Power: f.power[i], Setpoint: f.power[i], Uptime: f.now - f.uptime[i], Known: known | KnownUptime,
	}}})
}

// attack plays rounds until a raise could pass a limit.
func attack(plant func(k *Kernel), rounds int, roll dice) (int, error) {
	k, err := New(foeConfig(roll), Memory{})
	if err != nil {
		return 0, err
	}
	if plant != nil {
		plant(k)
	}
	f := newFoe(k, roll)
	for range rounds {
		if err := f.round(); err != nil {
			return f.raises, err
		}
	}
	return f.raises, nil
}

// TestNoRaiseCouldPassALimit: whatever happens in whatever order.
func TestNoRaiseCouldPassALimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		roll := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "roll") }
		if _, err := attack(nil, 80, roll); err != nil {
			t.Fatal(err)
		}
	})
}

func seeded(seed uint64) dice {
	r := rand.New(rand.NewPCG(seed, 0))
	return r.IntN
}

// seeds is how many attacks are made; a planted fault is looked for in more.
const seeds = 60

// TestLongAttacks: the same for longer, with seeds; it counts that raises were made at all.
func TestLongAttacks(t *testing.T) {
	t.Parallel()
	raises := 0
	for seed := range uint64(seeds) {
		n, err := attack(nil, 2000, seeded(seed))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		raises += n
	}
	if raises < 1000 {
		t.Errorf("only %d raises were tried: the test shows nothing", raises)
	}
	t.Logf("%d steps that raise", raises)
}

// TestPlantedFaultsAreCaught: a kernel with a fault must fail the same attacks.
func TestPlantedFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*Kernel){
		"an answer is proof":               func(k *Kernel) { k.believeAnswers = true },
		"raises in flight are not counted": func(k *Kernel) { k.forgetFlights = true },
		"silence is not counted":           func(k *Kernel) { k.trustSilence = true },
		"a proof bars what came before":    func(k *Kernel) { k.proofBars = true },
		"every unit is thought fenced":     func(k *Kernel) { k.thinkFenced = true },
		"guests count at what they draw":   func(k *Kernel) { k.trustsGuests = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(seeds) {
				if _, err := attack(plant, 1500, seeded(seed)); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("no attack found it")
		})
	}
}

// TestAssertionStops: a raise that passes a limit in spite of everything does not go out.
func TestAssertionStops(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 1500, 1500)
	r.order(0, 1500, true)
	r.k.cfg.Groups[0].Limit = 2000
	r.k.out, r.k.raised = r.k.out[:0], append(r.k.raised, 0)
	r.k.put(0, 3000, ForPlan)
	r.k.assert()
	if len(sends(r.k.out)) != 0 || !r.k.safe || len(codes(r.k.out)) != 1 {
		t.Errorf("sent %+v, said %v, safe %v", sends(r.k.out), codes(r.k.out), r.k.safe)
	}
}
