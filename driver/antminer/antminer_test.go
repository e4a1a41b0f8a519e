package antminer_test

import (
	"testing"
	"time"

	"sluice/device"
	"sluice/driver/antminer"
	"sluice/driver/drivertest"
	world "sluice/world/antminer"
)

// TestMachine runs the conformance suite against builds that differ in what
// builds are known to differ in.
func TestMachine(t *testing.T) { // not parallel: it counts goroutines
	for name, b := range map[string]build{
		"S21 with watts in its statistics":                            {model: "S21"},
		"T21 with watts on the power page":                            {model: "T21", world: world.Options{Watts: world.OnPage, NoQop: true}},
		"L7 with old answers, one key, and none on 4028 while asleep": {model: "L7", world: world.Options{Watts: world.Nowhere, Old: true, Asleep: world.Mute, Reports: "miner-mode", Obeys: "miner-mode"}},
	} {
		t.Run(name, func(t *testing.T) { drivertest.Machine(t, b.suite()) })
	}
}

// TestWithoutAnswer checks a build that applies a mode and never says so.
func TestWithoutAnswer(t *testing.T) {
	t.Parallel()
	b := build{model: "L9", world: world.Options{Quiet: true}}.start(t)
	a := open(t, b).Apply(t.Context(), device.Command{Verb: device.Sleep})
	if a.Class != device.NoReply || a.Set.Verb != device.Sleep {
		t.Errorf("ack %v with %+v, want no_reply", a, a.Set)
	}
	if got := b.Machine.State(b.Now()).Intent; got != device.Asleep {
		t.Errorf("the machine was told %s", got)
	}
}

// TestSuccessWithoutEffect checks the build that says success and does nothing:
// the reading shows it.
func TestSuccessWithoutEffect(t *testing.T) {
	t.Parallel()
	b := build{model: "S21+", world: world.Options{Idle: true}}.start(t)
	d := open(t, b)
	if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
		t.Fatalf("ack %v", a)
	}
	b.Wait(time.Hour)
	r, err := d.Read(t.Context(), device.All)
	if err != nil || r.Intent != device.Stated(device.Running) || r.Activity != device.Stated(device.Running) {
		t.Errorf("intent %+v, activity %+v, error %v", r.Intent, r.Activity, err)
	}
}

// TestKeptChallenge: a second exchange needs no knock, and a machine that has
// forgotten the challenge is answered with its new one.
func TestKeptChallenge(t *testing.T) {
	t.Parallel()
	b := build{model: "S21"}.start(t)
	d := open(t, b)
	order := func() int {
		before := b.Machine.Answers()
		if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
			t.Errorf("ack %v", a)
		}
		return b.Machine.Answers() - before
	}
	if first, second := order(), order(); first != 3 || second != 2 {
		t.Errorf("%d answers, then %d: want the knock once", first, second)
	}
	for range 8 { // as others who look at its pages make it forget
		other := open(t, b)
		if _, err := other.Read(t.Context(), device.Status); err != nil {
			t.Fatal(err)
		}
	}
	if again := order(); again != 3 {
		t.Errorf("%d answers of a machine that forgot: want a no, the configuration and the post", again)
	}
}

// TestStyles checks that each style of writing a mode moves the build that
// wants it and no other, and that nothing is tried behind the caller's back.
func TestStyles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build build
		slept bool
	}{
		"numbers for either key":               {build{model: "S21"}, true},
		"numbers where texts are wanted":       {build{model: "S21", world: world.Options{Texts: true}}, false},
		"texts where texts are wanted":         {build{model: "S21", world: world.Options{Texts: true}, driver: antminer.Options{Style: antminer.Texts}}, true},
		"the reported key where it is obeyed":  {build{model: "S21", world: world.Options{Obeys: "bitmain-work-mode"}, driver: antminer.Options{Style: antminer.Reported}}, true},
		"the reported key where it is another": {build{model: "S21", world: world.Options{Obeys: "miner-mode"}, driver: antminer.Options{Style: antminer.Reported}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := c.build.start(t)
			d := open(t, b)
			before := b.Machine.Answers()
			if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
				t.Errorf("ack %v", a)
			}
			if got := b.Machine.Answers() - before; got != 3 {
				t.Errorf("one order took %d answers, want a challenge, the configuration and the post", got)
			}
			if got := b.Machine.State(b.Now()).Intent == device.Asleep; got != c.slept {
				t.Errorf("told to sleep: %t, want %t", got, c.slept)
			}
		})
	}
}

// TestSettingsSurvive checks that a night's sleep leaves everything but the
// mode as it was, the passwords of the pools first of all.
func TestSettingsSurvive(t *testing.T) {
	t.Parallel()
	b := build{model: "S21"}.start(t)
	d := open(t, b)
	before, err := d.Read(t.Context(), device.Pools)
	if err != nil || len(before.Pools) != 2 {
		t.Fatalf("pools %+v, error %v", before.Pools, err)
	}
	for _, c := range []device.Command{{Verb: device.SetMode, Mode: "low"}, {Verb: device.Sleep}, {Verb: device.Wake, Mode: "low"}} {
		if a := d.Apply(t.Context(), c); a.Class != device.Accepted {
			t.Fatalf("%+v: %v", c, a)
		}
		b.Wait(time.Hour)
	}
	after, err := d.Read(t.Context(), device.All)
	if err != nil || after.Mode != device.Stated("low") || len(after.Pools) != 2 || after.Pools[0] != before.Pools[0] || after.Pools[1] != before.Pools[1] {
		t.Errorf("mode %+v, pools %+v, were %+v, error %v", after.Mode, after.Pools, before.Pools, err)
	}
}

// TestModes checks which modes are taken: only what the model is known to
// offer, only to wake also what may have been found before.
func TestModes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model   string
		command device.Command
		class   device.AckClass
		reason  device.RefusedReason
	}{
		"a mode on offer":                    {"T21", device.Command{Verb: device.SetMode, Mode: "high"}, device.Accepted, ""},
		"a mode of another model":            {"T21", device.Command{Verb: device.SetMode, Mode: "low"}, device.Refused, device.Unsupported},
		"any mode of an unknown model":       {"S19 Pro", device.Command{Verb: device.SetMode, Mode: "low"}, device.Refused, device.Unsupported},
		"waking to a mode that was found":    {"S19 Pro", device.Command{Verb: device.Wake, Mode: "low"}, device.Accepted, ""},
		"waking as the machine would":        {"S19 Pro", device.Command{Verb: device.Wake}, device.Accepted, ""},
		"waking to sleep":                    {"S21", device.Command{Verb: device.Wake, Mode: "sleep"}, device.Refused, device.BadValue},
		"sleep as a mode":                    {"S21", device.Command{Verb: device.SetMode, Mode: "sleep"}, device.Refused, device.BadValue},
		"blinking":                           {"S21", device.Command{Verb: device.Locate}, device.Accepted, ""},
		"a restart":                          {"S21", device.Command{Verb: device.Reboot}, device.Accepted, ""},
		"watts, which this firmware has not": {"S21", device.Command{Verb: device.SetPower, Power: 3000}, device.Refused, device.Unsupported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := build{model: c.model}.start(t)
			a := open(t, b).Apply(t.Context(), c.command)
			if a.Class != c.class || a.Reason != c.reason {
				t.Errorf("ack %v, want %s (%s)", a, c.class, c.reason)
			}
		})
	}
}

// TestIdentify checks that the credential turns a weak identity into a strong
// one, and that a cut challenge is asked for once more.
func TestIdentify(t *testing.T) {
	t.Parallel()
	b := build{model: "S21"}.start(t)
	m, ok := open(t, b).(*antminer.Miner)
	if !ok {
		t.Fatal("not a miner")
	}
	id, err := m.Identify(t.Context())
	if err != nil || id.MAC != "02:4a:00:00:00:7c" || id.Serial != "SLUICE0001" || id.Weak {
		t.Errorf("identity %+v, error %v", id, err)
	}
}

// TestCutChallenge checks that a dropped challenge is asked for once more, and
// only once.
func TestCutChallenge(t *testing.T) {
	t.Parallel()
	for drops, want := range map[int]device.AckClass{0: device.Accepted, 1: device.Accepted, 2: device.NotSent} {
		b := build{model: "S21", world: world.Options{Drops: drops}}.start(t)
		opened, err := b.Driver.Open(t.Context(), b.Address, device.Identity{Model: "Antminer S21"}, b.Right)
		if err != nil {
			t.Fatal(err)
		}
		if a := opened.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != want {
			t.Errorf("%d challenges dropped: %v, want %s", drops, a, want)
		}
	}
}

// TestAsleep checks the shapes that sleep has on the cgminer interface: each is
// sleep, and in none is a value made up.
func TestAsleep(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]world.Options{
		"identification only":                  {},
		"identification only, old answers":     {Old: true},
		"zeros, whose mode of 1 is not looked": {Asleep: world.Zeros, Old: true},
		"zeros in the new answers":             {Asleep: world.Zeros},
		"no answer, so that the web is asked":  {Asleep: world.Mute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := build{model: "S21", world: o}.start(t)
			d := open(t, b)
			if a := d.Apply(t.Context(), device.Command{Verb: device.Sleep}); a.Class != device.Accepted {
				t.Fatalf("ack %v", a)
			}
			b.Wait(time.Hour)
			r, err := d.Read(t.Context(), device.All)
			if err != nil || r.Activity != device.Stated(device.Asleep) || r.Mode != device.Stated("sleep") || r.Hash.Value != 0 || !r.Hash.Known {
				t.Errorf("activity %+v, mode %+v, hash %+v, error %v", r.Activity, r.Mode, r.Hash, err)
			}
			if o.Asleep != world.Zeros && r.Power.Known {
				t.Errorf("no watts are stated and the reading says %+v", r.Power)
			}
		})
	}
}
