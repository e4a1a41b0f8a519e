package actuate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/site"
	"sluice/unit"
)

// rig is a kernel with the units of the test vectors and a clock of its own.
type rig struct {
	t   *testing.T
	k   *Kernel
	now time.Duration

	until time.Duration // of the next plan
}

const known = KnownPower | KnownSetpoint | Same

func vectorConfig(n int) Config {
	c := Config{Site: "vector", Term: 1, Groups: []Group{{Name: "site", Parent: -1, Limit: 1_000_000}}, Timing: DefaultTiming()}
	c.Timing.Hold, c.Timing.Jitter = 0, 0
	for range n {
		c.Units = append(c.Units, Unit{Name: "u", Least: 500, Most: 3600, Boot: 3500, Fenced: true})
	}
	return c
}

func newRig(t *testing.T, c Config) *rig {
	t.Helper()
	k, err := New(c, Memory{})
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, k: k, now: time.Minute}
}

func (r *rig) step(e Event) []Effect {
	r.t.Helper()
	r.now += time.Second
	return append([]Effect(nil), r.k.Step(r.now, e)...)
}

func (r *rig) read(i int, p, setpoint unit.Power) {
	r.t.Helper()
	r.step(Readings{Units: []UnitReading{{Unit: i, Asked: r.now + time.Second, Power: p, Setpoint: setpoint, Known: known}}})
}

// order puts a setpoint in flight and proves it when proven.
func (r *rig) order(i int, p unit.Power, proven bool) Epoch {
	r.t.Helper()
	r.k.now = r.now
	r.k.out = r.k.out[:0]
	r.k.put(i, p, ForPlan)
	s := &r.k.units[i]
	e := s.flights[len(s.flights)-1].epoch
	if proven {
		r.step(Answered{Unit: i, Epoch: e, Class: device.Accepted})
		r.now += 5 * time.Second
		r.read(i, p, p)
	}
	return e
}

// sends are the orders among effects.
func sends(out []Effect) []Send {
	var s []Send
	for _, e := range out {
		if x, ok := e.(Send); ok {
			s = append(s, x)
		}
	}
	return s
}

// codes are the refusals and alarms among effects.
func codes(out []Effect) []string {
	var s []string
	for _, e := range out {
		switch x := e.(type) {
		case Refusal:
			s = append(s, string(x.Code))
		case Alarm:
			s = append(s, string(x.Code))
		}
	}
	return s
}

func wish(number int64, p ...unit.Power) Planned { return Planned{Term: 1, Number: number, Target: p} }

// TestStop: one event lowers everything, and only two people end it.
func TestStop(t *testing.T) {
	t.Parallel()
	c := vectorConfig(10_000)
	c.Groups[0].Limit = 40_000_000
	r := newRig(t, c)
	began := len(sends(r.step(Stopped{By: "anna"})))
	if began != 10_000 {
		t.Errorf("%d units were stopped, want all", began)
	}
	if got := codes(r.step(Resumed{By: "anna", And: "anna"})); !cmp.Equal(got, []string{"needs_two_people"}) {
		t.Errorf("one person resumed: %v", got)
	}
	r.step(wish(1, make([]unit.Power, 10_000)...))
	for _, s := range sends(r.step(Tick{})) {
		if s.Target > 0 {
			t.Fatalf("a stopped site was sent %+v", s)
		}
	}
	r.step(Resumed{By: "anna", And: "ben"})
	if r.k.stopped {
		t.Error("two people could not resume")
	}
}

// TestOldPlansLose: neither an old number, an old term nor another content wins.
func TestOldPlansLose(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		p    Planned
		want []string
	}{
		"older number":        {wish(4, 600), []string{"old_epoch"}},
		"older controller":    {Planned{Term: 0, Number: 99, Target: []unit.Power{600}}, []string{"old_epoch"}},
		"same again":          {wish(5, 1500), nil},
		"same, other content": {wish(5, 600), []string{"epoch_conflict", "old_epoch"}},
		"newer":               {wish(6, 600), nil},
		"wrong size":          {wish(7, 600, 600), []string{"bad_event"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, vectorConfig(1))
			r.step(wish(5, 1500))
			if d := cmp.Diff(c.want, codes(r.step(c.p))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			want := unit.Power(1500)
			if name == "newer" {
				want = 600
			}
			if got := r.k.units[0].wish; got != want {
				t.Errorf("follows %d W, want %d", got, want)
			}
		})
	}
}

// TestPlanSurvivesRestart: the number of the last plan is remembered.
func TestPlanSurvivesRestart(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 3500, 3500)
	r.step(wish(5, 1500))
	r.step(Tick{})
	r.step(Locked{Ceiling: 900, By: "anna"})
	k, err := New(vectorConfig(1), r.k.Memory())
	if err != nil {
		t.Fatal(err)
	}
	r2 := &rig{t: t, k: k, now: time.Second}
	if got := codes(r2.step(wish(4, 3000))); !cmp.Equal(got, []string{"old_epoch"}) {
		t.Errorf("an old plan after a restart: %v", got)
	}
	if s := k.units[0]; s.bound != 3600 || s.most != 900 || len(s.flights) != len(r.k.units[0].flights) {
		t.Errorf("after the restart the unit is %+v", s)
	}
}

// TestWhyNot names the reason for every raise that is not made.
func TestWhyNot(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(c *Config)
		do     func(r *rig)
		want   string
	}{
		"limit":            {func(c *Config) { c.Groups[0].Limit = 1500 }, nil, "limit"},
		"silent":           {nil, func(r *rig) { r.now += time.Minute }, "stale_telemetry"},
		"no meter":         {func(c *Config) { c.Groups[0].Metered = true }, nil, "stale_meter"},
		"stranger":         {nil, func(r *rig) { r.step(Readings{Units: []UnitReading{{Asked: r.now + time.Second, Known: KnownPower}}}) }, "identity"},
		"behind a contact": {nil, func(r *rig) { r.step(Isolated{Open: true}) }, "isolated"},
		"old plan":         {nil, func(r *rig) { r.until = r.now }, "plan_expired"},
		"ramp":             {func(c *Config) { c.Groups[0].Ramp = 3600 }, func(r *rig) { r.k.groups[0].up.spend(r.now, 3600) }, "ramp_limit"},
		"asleep too short": {func(c *Config) { c.Units[0].MinOff = time.Hour }, func(r *rig) { r.order(0, 0, true) }, "min_off_time"},
		"wakes":            {func(c *Config) { c.Groups[0].Wakes = 1; c.Units = append(c.Units, c.Units[0]) }, asleepBoth, "wake_limit"},
		"somebody's sleep": {nil, func(r *rig) {
			r.now += 5 * time.Second
			r.read(0, 0, 0)
			r.step(Tick{})
			r.now += 5 * time.Second
			r.read(0, 0, 0)
		}, "not_stopped_by_us"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := vectorConfig(1)
			if c.change != nil {
				c.change(&cfg)
			}
			r := newRig(t, cfg)
			target := make([]unit.Power, len(cfg.Units))
			for i := range cfg.Units {
				r.read(i, 1500, 1500)
				r.order(i, 1500, true)
				target[i] = 3000
			}
			if c.do != nil {
				c.do(r)
			}
			r.step(Planned{Term: 1, Number: 1, Target: target, Until: r.until})
			out := r.step(Tick{})
			found := false
			for _, got := range codes(out) {
				found = found || got == c.want
			}
			if !found {
				t.Errorf("said %v and sent %+v, want %s", codes(out), sends(out), c.want)
			}
		})
	}
}

func asleepBoth(r *rig) {
	r.order(0, 0, true)
	r.order(1, 0, true)
}

// TestLiarIsNamed: two answers of yes without effect, and the unit counts in full.
func TestLiarIsNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 1500, 1500)
	r.order(0, 1500, true)
	e := r.order(0, 800, false)
	var said []string
	for range 2 {
		r.step(Answered{Epoch: e, Class: device.Accepted})
		r.now += 5 * time.Second
		out := r.step(Readings{Units: []UnitReading{{Asked: r.now + time.Second, Power: 1500, Setpoint: 1500, Known: known}}})
		said = append(said, codes(out)...)
	}
	if !cmp.Equal(said, []string{"yes_without_effect"}) || r.k.units[0].bound != 3500 {
		t.Errorf("said %v, counts at %d W", said, r.k.units[0].bound)
	}
}

// TestAuthorityNarrows: whatever a layer wants, nothing above it is widened.
func TestAuthorityNarrows(t *testing.T) {
	t.Parallel()
	got := Resolve(Range{0, 100}, [layers]Range{{0, 80}, {0, 60}, {0, 90}, {70, 100}, {20, 20}})
	if d := cmp.Diff(Range{60, 60}, got); d != "" {
		t.Errorf("a promise above an instruction gives the instruction (-want +got):\n%s", d)
	}
	got = Resolve(Range{0, 100}, [layers]Range{{0, 0}, {0, 100}, {0, 100}, {50, 100}, {100, 100}})
	if d := cmp.Diff(Range{0, 0}, got); d != "" {
		t.Errorf("a lock-out gave way (-want +got):\n%s", d)
	}
}

// TestRampInAnyMinute: no sixty seconds hold more than the ramp.
func TestRampInAnyMinute(t *testing.T) {
	t.Parallel()
	const ramp = 1000
	var v governor
	var spent []struct {
		at time.Duration
		p  unit.Power
	}
	for now := time.Duration(0); now < 10*time.Minute; now += 700 * time.Millisecond {
		p := min(130, v.left(now, ramp))
		v.spend(now, p)
		spent = append(spent, struct {
			at time.Duration
			p  unit.Power
		}{now, p})
		var sum unit.Power
		for _, s := range spent {
			if s.at > now-time.Minute {
				sum += s.p
			}
		}
		if sum > ramp {
			t.Fatalf("%d W in the minute before %v", sum, now)
		}
	}
}

// TestTimeDoesNotGoBack: an event from the past is refused.
func TestTimeDoesNotGoBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.step(Tick{})
	if got := codes(r.k.Step(r.now-time.Second, Tick{})); !cmp.Equal(got, []string{"back_in_time"}) {
		t.Errorf("got %v", got)
	}
}

// TestKnownCut: what is cut within the shed window binds at once.
func TestKnownCut(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.step(Instruction{From: r.now + 2*time.Minute, Limit: 100})
	if got := r.k.limit(0, r.now); got != 1_000_000 {
		t.Errorf("two minutes ahead the limit is %d W", got)
	}
	if got := r.k.limit(0, r.now+61*time.Second); got != 100 {
		t.Errorf("within the shed window the limit is %d W", got)
	}
}

// TestMeterFinds: the meter finds what no unit explains, and keeps it reserved.
func TestMeterFinds(t *testing.T) {
	t.Parallel()
	c := vectorConfig(1)
	c.Groups[0].Metered, c.Groups[0].Unmeasured = true, 900
	r := newRig(t, c)
	r.read(0, 1500, 1500)
	r.order(0, 1500, true)
	if got := r.k.reserved(0); got != 1500+900 {
		t.Errorf("without a meter %d W are reserved, want what was declared", got)
	}
	r.step(Metered{Asked: r.now, Power: 5000})
	if got := r.k.reserved(0); got != 1500+1400 {
		t.Errorf("%d W are reserved: a unit that has just moved explains as much as it might have drawn", got)
	}
	r.now += 16 * time.Minute
	r.read(0, 1500, 1500)
	r.step(Metered{Asked: r.now, Power: 1800})
	if got := r.k.reserved(0); got != 1500+300 {
		t.Errorf("with a meter %d W are reserved, want what it shows", got)
	}
	r.step(Metered{Asked: r.now, Power: 1400})
	if got := r.k.reserved(0); got != 1500+300 {
		t.Errorf("%d W are reserved, want the highest of a quarter of an hour", got)
	}
	r.now += time.Minute
	r.step(Tick{})
	if got := r.k.reserved(0); got != 3500+900 {
		t.Errorf("with a stale meter and a silent unit %d W are reserved", got)
	}
}

// TestGroupsOf: a site's own limits become groups, parents first.
func TestGroupsOf(t *testing.T) {
	t.Parallel()
	s := site.Site{
		Name: "pecos", MustRun: 7, Connection: site.Connection{Import: 3000, Rating: 2000, RampPerMinute: 150},
		Feeders: []site.Feeder{{Name: "f", Limit: 900}}, Halls: []site.Hall{{Name: "h", Feeder: "f", Limit: 400}},
	}
	want := []Group{
		{Name: "pecos", Parent: -1, Limit: 2000, Unmeasured: 7, Margin: 10_000, Ramp: 150},
		{Name: "f", Limit: 900, Margin: 10_000},
		{Name: "h", Parent: 1, Limit: 400, Margin: 10_000},
	}
	if d := cmp.Diff(want, GroupsOf(s)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestValidateSaysAll: every fault of a configuration is reported at once.
func TestValidateSaysAll(t *testing.T) {
	t.Parallel()
	c := vectorConfig(2)
	c.Groups[0].Ramp, c.Groups[0].Parent, c.Units[0].Group, c.Timing.Tries = 100, 4, 9, 0
	_, err := New(c, Memory{})
	if err == nil {
		t.Fatal("a faulty configuration was accepted")
	}
	for _, want := range []string{"parent 4", "group 9 does not exist", "never start", "timing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

// TestNothingIsWokenByLowering: a lock-out or a shed never wakes what sleeps.
func TestNothingIsWokenByLowering(t *testing.T) {
	t.Parallel()
	r := newRig(t, vectorConfig(1))
	r.read(0, 0, 0)
	for _, s := range sends(append(r.step(Locked{Ceiling: 2000, By: "anna"}), r.step(Tick{})...)) {
		if s.Target > 0 {
			t.Errorf("sent %+v", s)
		}
	}
	if got := codes(r.step(Unlocked{By: "ben"})); !cmp.Equal(got, []string{"needs_two_people"}) {
		t.Errorf("another person alone released it: %v", got)
	}
}
