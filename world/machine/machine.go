package machine

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"sluice/device"
	"sluice/unit"
)

// Times is how long a model of a family takes for things. They are inputs of a
// simulation; nothing in the product may count on them.
type Times struct {
	Down      time.Duration // from the order to standby
	Dark      time.Duration // interface gone after a wake
	FirstHash time.Duration // from the order to the first hash
	Up        time.Duration // from the order to full power
	UpFast    time.Duration // the same without the slow ramp; 0: as Up
	Level     time.Duration // a hot change of level
	Reboot    time.Duration // interface gone after a restart, at least as long as Dark; 0: twenty seconds
}

// Spec is what a machine is.
type Spec struct {
	Family    device.Family
	Model     string
	MAC       string
	Serial    string
	Nameplate device.Preset
	Presets   []device.Preset // rising in power; empty: the nameplate alone
	Standby   unit.Power
	Times     Times
	PerDegree float64 // share by which the draw rises for each degree of air above 25
	Air       Air
	ChipMax   float64       // degrees Celsius above which it lowers its level by itself; 0: it never does
	Restarts  time.Duration // mean time between restarts that nobody ordered; 0: there are none
	Persists  bool          // such a restart keeps what it was told; else it comes back awake at its nameplate
	Bias      float64       // share by which the reported power is off; NaN: none is reported
	Seed      uint64
	Faults    Faults
	Latency   time.Duration // every answer comes so much later, in real time
}

// Faults is what goes wrong, each with its chance for an order, or for an answer.
type Faults struct {
	WakeFails float64 // stays dark until it is woken again
	Lies      float64 // this machine says yes and does nothing, for good
	Slow      float64 // an answer comes late
	Silent    float64 // an answer never comes
	Garbage   float64 // an answer is no answer
	Half      float64 // an answer is cut
	Spare     int     // so many answers go well before any goes wrong
}

// State is where a machine truly stands.
type State struct {
	Activity device.Activity
	Intent   device.Activity // what its settings say
	Mode     string          // name of the preset in force
	Target   unit.Power      // what it would draw when settled
	Power    unit.Power      // drawn now
	Hash     unit.Hashrate
	Reported device.Value[unit.Power]
	ChipC    float64
	AirC     float64 // the air that it draws in
	Share    int64   // percent of its level that it allows itself while it is too hot; 100: all
	Dark     bool    // its interface does not answer
	Since    time.Time
	Booted   time.Time
	Restarts int         // restarts that nobody ordered, so far
	Energy   unit.Energy // drawn since the beginning
	Told     Told
}

// Told is how often a machine was ordered to do what, since the beginning. An
// order for later counts when it comes, and one that a liar ignores counts too.
type Told struct{ Sleep, Wake, Level, Restart int }

// Machine is one virtual miner.
type Machine struct {
	Spec Spec

	mu     sync.Mutex // guards what is below
	rng    *rand.Rand
	faults Faults
	bias   float64
	asked  int // answers so far
	liar   bool
	stuck  bool // a wake failed
	on     bool
	intent bool
	level  device.Preset
	from   float64 // watts at the last change
	moved  time.Time
	up     time.Duration
	since  time.Time // the last change that somebody ordered, or a restart
	dark   time.Time // until then
	booted time.Time
	at     time.Time
	energy float64 // joules
	due    []order // orders for later, in the order in which they come due
	told   Told
	wakes  int // wakes so far, each with a luck of its own

	dead     bool // without supply
	cuts     []cut
	hot      int       // steps by which it lowered its level by itself
	check    time.Time // when it looks at its chips next
	restarts int
	drawn    int       // restarts drawn so far
	restart  time.Time // the next one that nobody orders; zero: never
}

// order is what a machine was told to do at a time.
type order struct {
	at    time.Time
	sleep bool
}

// New returns a machine that has been running for long.
func New(s Spec, now time.Time) *Machine {
	if len(s.Presets) == 0 {
		s.Presets = []device.Preset{s.Nameplate}
	}
	long := now.Add(-24 * time.Hour)
	m := &Machine{
		Spec: s, rng: rand.New(rand.NewPCG(s.Seed, 0x51)), faults: s.Faults, bias: s.Bias,
		on: true, intent: true, level: s.Nameplate, moved: long, since: long, booted: long, at: now, check: now.Truncate(glance).Add(glance),
	}
	m.liar = m.rng.Float64() < s.Faults.Lies
	m.schedule(now)
	m.from = float64(m.level.Power)
	return m
}

// State is where the machine stands at now, which never runs backwards.
func (m *Machine) State(now time.Time) State {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	p := m.power(m.at)
	s := State{
		Activity: m.activity(m.at), Intent: device.Asleep, Mode: m.level.Name, Target: m.level.Power,
		Power: unit.Power(math.Round(p)), Hash: m.hash(m.at), ChipC: m.chip(m.at, p), AirC: m.Spec.Air.At(m.at), Share: int64(math.Round(100 * m.share(m.hot))),
		Dark: m.at.Before(m.dark) || m.stuck || m.dead, Since: m.since, Booted: m.booted, Restarts: m.restarts, Energy: unit.Energy(math.Round(m.energy)), Told: m.told,
	}
	if m.intent {
		s.Intent = device.Running
	}
	if !math.IsNaN(m.bias) {
		s.Reported = device.Stated(unit.Power(math.Round(p * (1 + m.bias))))
	}
	return s
}

// Sleep orders standby and reports whether the firmware says yes.
func (m *Machine) Sleep(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.told.Sleep++
	m.sleep()
	return true
}

func (m *Machine) sleep() {
	m.intent = false
	if !m.liar && m.on {
		m.change(m.at, m.Spec.Times.Down)
		m.on, m.hot = false, 0
	}
}

// Later orders standby or running for a time to come, or at once when it is past.
func (m *Machine) Later(now, at time.Time, sleep bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if sleep {
		m.told.Sleep++
	} else {
		m.told.Wake++
	}
	m.due = append(m.due, order{at: at, sleep: sleep})
	slices.SortStableFunc(m.due, func(a, b order) int { return a.at.Compare(b.at) })
	m.pass(now)
}

// Wake orders running and reports whether the firmware says yes.
func (m *Machine) Wake(now time.Time, fast bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.told.Wake++
	m.wake(fast)
	return true
}

func (m *Machine) wake(fast bool) {
	m.intent = true
	if m.liar || m.on && !m.stuck {
		return
	}
	up := m.Spec.Times.Up
	if fast && m.Spec.Times.UpFast > 0 {
		up = m.Spec.Times.UpFast
	}
	m.wakes++
	m.stuck = !m.stuck && m.luck(wakeLuck, m.wakes).Float64() < m.faults.WakeFails
	m.change(m.at, up)
	m.dark = m.at.Add(m.Spec.Times.Dark)
	m.on = !m.stuck
}

// SetPower orders the highest preset that draws at most p and returns it, or
// false when there is none.
func (m *Machine) SetPower(now time.Time, p unit.Power) (device.Preset, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.told.Level++
	for _, step := range slices.Backward(m.Spec.Presets) {
		if step.Power <= p {
			m.set(step)
			return step, true
		}
	}
	return device.Preset{}, false
}

// SetMode orders a preset by its name and reports whether there is one.
func (m *Machine) SetMode(now time.Time, name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.told.Level++
	for _, p := range m.Spec.Presets {
		if p.Name == name {
			m.set(p)
			return true
		}
	}
	return false
}

func (m *Machine) set(p device.Preset) {
	if m.liar {
		return
	}
	m.change(m.at, m.Spec.Times.Level)
	m.level = p
}

// Reboot restarts the firmware. A machine whose sleep does not survive it comes
// back at full power.
func (m *Machine) Reboot(now time.Time, staysAsleep bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pass(now)
	m.told.Restart++
	m.reboot(staysAsleep)
}

func (m *Machine) reboot(staysAsleep bool) {
	m.from, m.moved, m.since = float64(m.Spec.Standby), m.at, m.at
	m.up, m.dark, m.booted, m.stuck, m.hot = m.Spec.Times.Up, m.at.Add(max(m.Spec.Times.Dark, cmp.Or(m.Spec.Times.Reboot, 20*time.Second))), m.at, false, 0
	m.on = m.on || m.intent || !staysAsleep
	m.intent = m.on
}

// change notes where a ramp begins.
func (m *Machine) change(now time.Time, takes time.Duration) {
	m.from, m.moved, m.up, m.since = m.power(now), now, takes, now
}
