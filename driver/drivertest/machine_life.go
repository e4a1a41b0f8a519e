package drivertest

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/device"
	"sluice/unit"
)

var macForm = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)

// identify checks that a machine is told from its neighbours, every time alike.
func identify(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	var first, again device.Identity
	var err error
	s.within(tb, generous, func(ctx context.Context) {
		if first, err = b.Driver.Probe(ctx, b.Address); err == nil {
			again, err = b.Driver.Probe(ctx, b.Address)
		}
	})
	if err != nil {
		tb.Fatalf("probe: %v", err)
	}
	if first != again {
		tb.Errorf("two probes gave %+v and %+v", first, again)
	}
	if first.Family != s.Family || first.Model == "" {
		tb.Errorf("the identity is %+v, want family %s and a model", first, s.Family)
	}
	if !strings.Contains(strings.ToLower(first.Model), strings.ToLower(b.Machine.Spec.Model)) {
		tb.Errorf("the model is %q, want it to tell %q", first.Model, b.Machine.Spec.Model)
	}
	if first.MAC != "" && !macForm.MatchString(first.MAC) {
		tb.Errorf("the MAC is %q: lower case with colons, or nothing", first.MAC)
	}
	if first.Weak != (first.MAC == "" && first.Serial == "") {
		tb.Errorf("identity %+v: weak is what has neither MAC nor serial", first)
	}
	if first.Weak != s.Nameless || first.MAC != "" && !strings.EqualFold(first.MAC, b.Machine.Spec.MAC) {
		tb.Errorf("identity %+v, want the MAC %s", first, b.Machine.Spec.MAC)
	}
}

// readTrue checks a machine that runs: units, sources and what it is doing.
func readTrue(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	r, truth := s.read(tb, d), b.Machine.State(b.Now())
	if r.Activity.Known && r.Activity.Value != device.Running {
		tb.Errorf("a machine that runs at its nameplate is said to be %s", r.Activity.Value)
	}
	if r.Intent.Known && r.Intent.Value != device.Running {
		tb.Errorf("a machine that was told to run is said to be told %s", r.Intent.Value)
	}
	hashNear(tb, s, r, truth.Hash)
	if r.Power.Known && !near(int64(r.Power.Value), int64(truth.Power), 5) {
		tb.Errorf("it draws %d W and the reading says %d W", truth.Power, r.Power.Value)
	}
	if r.Power.Known && r.Power.Source == "" {
		tb.Errorf("the reading does not say who measured %d W", r.Power.Value)
	}
	c := d.Capabilities()
	if r.Power.Known != (c.PowerSource != "") {
		tb.Errorf("the capabilities say that power comes from %q and the reading states power: %t", c.PowerSource, r.Power.Known)
	}
	for _, v := range r.Chips {
		if v.MilliC != 0 && (v.MilliC < 1000 || v.MilliC > 200_000) {
			tb.Errorf("%s is at %d thousandths of a degree", v.Where, v.MilliC)
		}
	}
}

// hashNear checks the hash rate and its unit.
func hashNear(tb testing.TB, s MachineSuite, r device.Reading, truth unit.Hashrate) {
	tb.Helper()
	if !r.Hash.Known && !s.Hashless {
		tb.Errorf("the reading states no hash rate")
	}
	if r.Hash.Known && !near(int64(r.Hash.Value), int64(truth), 5) {
		tb.Errorf("it hashes at %d GH/s and the reading says %d GH/s", truth, r.Hash.Value)
	}
	if r.HashMean.Known && truth > 0 && !near(int64(r.HashMean.Value), int64(truth), 20) {
		tb.Errorf("it has hashed at %d GH/s for long and the mean is said to be %d GH/s", truth, r.HashMean.Value)
	}
}

// near reports whether got is want give or take so many percent.
func near(got, want, percent int64) bool {
	return math.Abs(float64(got-want)) <= math.Abs(float64(want))*float64(percent)/100
}

// readAbsent checks that what a machine does not state is not made up.
func readAbsent(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b := s.New(tb)
	b.Machine.Report(math.NaN())
	r := s.read(tb, s.open(tb, b, b.Right))
	if r.Power.Known && r.Power.Value <= 0 {
		tb.Errorf("the machine states no power and the reading says %d W: absent is not zero", r.Power.Value)
	}
}

// capable checks that the capabilities make sense in themselves.
func capable(tb testing.TB, s MachineSuite) {
	tb.Helper()
	_, d := s.begin(tb)
	c := d.Capabilities()
	if c.Sleep == s.Sleepless || c.Wake == s.Sleepless {
		tb.Errorf("sleep %t, wake %t: want %t", c.Sleep, c.Wake, !s.Sleepless)
	}
	if c.Connections < 1 {
		tb.Errorf("it bears %d connections: at least one", c.Connections)
	}
	switch c.Level {
	case device.NoLevels:
	case device.Modes:
		if len(c.Presets) == 0 {
			tb.Errorf("levels are modes and none is named")
		}
	case device.Presets:
		if len(c.Presets) == 0 || !slices.IsSortedFunc(c.Presets, func(a, b device.Preset) int { return int(a.Power - b.Power) }) {
			tb.Errorf("the presets are none or not in rising order: %v", c.Presets)
		}
	case device.Watts, device.Percent:
		if c.Least < 0 || c.Most <= c.Least || c.Step < 0 {
			tb.Errorf("the bounds are %d to %d W by %d W", c.Least, c.Most, c.Step)
		}
	default:
		tb.Errorf("%q is no kind of level", c.Level)
	}
}

// sleeps checks that sleep is carried out and read back.
func sleeps(tb testing.TB, s MachineSuite) {
	tb.Helper()
	if s.Sleepless {
		return
	}
	b, d := s.begin(tb)
	s.asleep(tb, b, d)
	r := s.read(tb, d)
	if r.Activity.Known && r.Activity.Value != device.Asleep {
		tb.Errorf("a sleeping machine is said to be %s", r.Activity.Value)
	}
	if !s.Unsure && (!r.Intent.Known || r.Intent.Value != device.Asleep) {
		tb.Errorf("a machine that was told to sleep is said to be told %+v", r.Intent)
	}
	if r.Hash.Known && r.Hash.Value != 0 {
		tb.Errorf("a sleeping machine is said to hash at %d GH/s", r.Hash.Value)
	}
	if limit := max(150, b.Machine.Spec.Nameplate.Power/10); r.Power.Known && r.Power.Value > limit {
		tb.Errorf("a sleeping machine is said to draw %d W, more than %d W", r.Power.Value, limit)
	}
}

// wakes checks that the mode found before sleep comes back.
func wakes(tb testing.TB, s MachineSuite) {
	tb.Helper()
	if s.Sleepless {
		return
	}
	b, d := s.begin(tb)
	found := s.read(tb, d).Mode
	s.asleep(tb, b, d)
	a := s.apply(tb, d, generous, device.Command{Verb: device.Wake, Mode: found.Value})
	if !heard(a, d) {
		tb.Fatalf("wake: %v", a)
	}
	b.Wait(settle(b))
	r, truth := s.read(tb, d), b.Machine.State(b.Now())
	if truth.Activity != device.Running || truth.Target != b.Machine.Spec.Nameplate.Power {
		tb.Errorf("after waking to %q the machine is %s at %d W", found.Value, truth.Activity, truth.Target)
	}
	if r.Activity.Known && r.Activity.Value != device.Running || r.Intent.Known && r.Intent.Value != device.Running {
		tb.Errorf("an awake machine is said to be %s and told %s", r.Activity.Value, r.Intent.Value)
	}
	if r.Mode != found {
		tb.Errorf("the mode was %+v before and is %+v after", found, r.Mode)
	}
	hashNear(tb, s, r, truth.Hash)
}

// levels checks the way in which this family is held below full power.
func levels(tb testing.TB, s MachineSuite) {
	tb.Helper()
	b, d := s.begin(tb)
	c := d.Capabilities()
	switch c.Level {
	case device.NoLevels:
	case device.Modes:
		byMode(tb, s, b, d)
	case device.Presets:
		byMode(tb, s, b, d)
		byPower(tb, s, b, d, c.Presets[len(c.Presets)/2].Power)
	case device.Watts, device.Percent:
		byPower(tb, s, b, d, c.Least+(c.Most-c.Least)/2)
	}
}

// byMode sets every named mode other than the present one.
func byMode(tb testing.TB, s MachineSuite, b MachineBench, d device.Device) {
	tb.Helper()
	for _, p := range d.Capabilities().Presets {
		if p.Name == s.read(tb, d).Mode.Value {
			continue
		}
		before := b.Machine.State(b.Now()).Target
		a := s.apply(tb, d, generous, device.Command{Verb: device.SetMode, Mode: p.Name})
		if !heard(a, d) {
			tb.Errorf("mode %s: %v", p.Name, a)
			continue
		}
		b.Wait(settle(b))
		if r := s.read(tb, d); r.Mode.Known && r.Mode.Value != p.Name {
			tb.Errorf("mode %s was set and is read as %q", p.Name, r.Mode.Value)
		}
		if b.Machine.State(b.Now()).Target == before {
			tb.Errorf("mode %s was accepted and the target is still %d W", p.Name, before)
		}
	}
}

// heard reports whether the machine said yes, or said nothing as it may.
func heard(a device.Ack, d device.Device) bool {
	return a.Class == device.Accepted || a.MayHaveActed() && d.Capabilities().Silent
}

// byPower sets an upper bound in watts.
func byPower(tb testing.TB, s MachineSuite, b MachineBench, d device.Device, p unit.Power) {
	tb.Helper()
	a := s.apply(tb, d, generous, device.Command{Verb: device.SetPower, Power: p})
	if !heard(a, d) {
		tb.Errorf("set %d W: %v", p, a)
		return
	}
	if a.Set.Power > p || a.Set.Power <= 0 {
		tb.Errorf("at most %d W was asked for and %d W was set: the nearest step below", p, a.Set.Power)
	}
	b.Wait(settle(b))
	if got := b.Machine.State(b.Now()).Target; got > p || got <= 0 {
		tb.Errorf("at most %d W was asked for and the machine goes to %d W", p, got)
	}
	r := s.read(tb, d)
	if r.Limit.Known && r.Limit.Value > p {
		tb.Errorf("at most %d W was asked for and the limit is read as %d W", p, r.Limit.Value)
	}
	if r.Power.Known && r.Power.Value > p+p/20 {
		tb.Errorf("at most %d W was asked for and %d W is read", p, r.Power.Value)
	}
}
