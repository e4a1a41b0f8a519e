package trust

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/unit"
)

// round does one thing, chosen by the dice; most of them help the site along.
func (f *foe) round() error {
	f.now = f.now.Add(time.Duration(f.roll(3)) * time.Second)
	switch f.roll(16) {
	case 0, 1, 2, 3, 4:
		return f.interval()
	case 5:
		return f.ask()
	case 6:
		return f.together()
	case 7, 8:
		return f.approve()
	case 9, 10:
		return f.recommend()
	case 11, 12:
		return f.step(Proved{Proven: 5})
	case 13:
		return f.step([]Event{Versions{Agree: true}, Feeds{}, Clock{Offset: time.Duration(f.roll(400)) * time.Millisecond}}[f.roll(3)])
	case 14:
		if f.roll(20) == 0 {
			return f.trouble()
		}
	case 15:
		if f.roll(12) == 0 {
			n := unit.Power(1 + f.roll(4))
			return f.restart(Caps{Rack: n * 6 * kw, Five: n * 8 * kw, Quarter: n * 20 * kw, All: n * 45 * kw})
		}
	}
	return f.step(Tick{})
}

func (f *foe) who() string { return spellings()[f.roll(len(spellings()))].name }

func (f *foe) ask() error {
	to := Stages()[f.roll(7)]
	if f.roll(8) > 0 {
		to, _ = f.stage.Next()
	}
	kind := []Kind{Promote, Promote, Promote, Promote, Widen, Resume}[f.roll(6)]
	return f.step(Requested{Kind: kind, To: to, By: f.who(), Reason: "trial"})
}

// together is what two honest people do; the kernel may still say no.
func (f *foe) together() error {
	to, _ := f.stage.Next()
	e := Requested{Kind: Promote, To: to, By: "ann", Reason: "trial"}
	if f.roll(3) == 0 {
		e = Requested{Kind: Widen, By: "ann", Reason: "caps were raised"}
	}
	if err := f.step(e); err != nil {
		return err
	}
	return f.step(Approved{Number: f.k.numbers.Request, By: "ben"})
}

func (f *foe) approve() error {
	n := f.k.numbers.Request - int64(f.roll(2))
	switch f.roll(12) {
	case 0:
		f.now = f.now.Add(15 * time.Minute)
	case 1:
		if err := f.step(Declined{Number: n, By: f.who()}); err != nil {
			return err
		}
	}
	return f.step(Approved{Number: n, By: f.who()})
}

// interval reports all the time since the last one, or the last hour of it.
func (f *foe) interval() error {
	f.now = f.now.Add(9 * time.Minute)
	start := f.last
	if f.now.Sub(start) > time.Hour {
		start = f.now.Add(-9 * time.Minute)
	}
	o := Outcome{Start: start, Length: f.now.Sub(start), Seen: f.now.Sub(start)}
	if f.roll(30) == 0 {
		o.Seen /= 2
	}
	if f.roll(50) > 0 {
		o.Gains = []Gain{{"USD", 3, 2}}
	}
	if err := f.step(o); err != nil || f.roll(3) > 0 {
		return err
	}
	return f.step(o)
}

func (f *foe) recommend() error {
	e := Recommended{What: "wake", Plan: 100 + int64(f.now.Sub(monday)/time.Hour) - int64(f.roll(12)/11), Expires: f.now.Add(10 * time.Minute), Until: f.now.Add(30 * time.Minute)}
	for range 1 + f.roll(3) {
		e.Units = append(e.Units, fmt.Sprintf("m%d", f.roll(20)))
	}
	if err := f.step(e); err != nil || f.roll(40) == 0 {
		return err
	}
	// Most answers are prompt; some are for an older one, by nobody, or come twice.
	for range 2 + f.roll(2) {
		n := f.k.numbers.Recommendation - int64(f.roll(8)/7)
		if err := f.step(Answered{Number: n, By: f.who(), Accept: f.roll(2) == 0, Reason: "why not"}); err != nil {
			return err
		}
	}
	return nil
}

// trouble is one of the rare things.
func (f *foe) trouble() error {
	switch f.roll(12) {
	case 0:
		return f.step(Violated{Limit: "site", Over: 1, For: time.Second})
	case 1:
		return f.step(Broke{Why: "x"})
	case 2:
		return f.step(Versions{})
	case 3:
		return f.step(Feeds{Stale: []string{"a", "b"}[:1+f.roll(2)]})
	case 4:
		return f.step(Clock{Offset: -time.Second})
	case 5:
		return f.step(Proved{Failed: 10})
	case 6:
		return f.step(Fleet{Units: trialFleet(f.roll)})
	case 7:
		f.now = f.now.Add(-time.Duration(1+f.roll(3600)) * time.Second)
		return f.step(Tick{})
	case 8:
		return f.step(Unsafe{Number: f.k.numbers.Recommendation, By: "zoë"})
	case 9:
		return f.restart(f.k.cfg.Caps)
	}
	return f.step(Lowered{To: append(Stages(), "")[f.roll(8)], By: spellings()[f.roll(9)].name})
}

// restart goes through the memory, as after a power loss; somebody may have
// changed the configuration meanwhile.
func (f *foe) restart(caps Caps) error {
	f.k.cfg.Caps = caps
	k, err := reborn(f.k)
	if err != nil {
		return err
	}
	if k.stage != f.k.stage {
		return fmt.Errorf("woke up in %s, not in %s", k.stage, f.k.stage)
	}
	k.sabotage = f.k.sabotage
	f.k, f.fit, f.feeds, f.timed = k, false, -1, false
	if f.roll(4) == 0 {
		return f.step(Tick{})
	}
	for _, e := range []Event{Versions{Agree: true}, Feeds{}, Clock{}} {
		if err := f.step(e); err != nil {
			return err
		}
	}
	return nil
}

// attack plays rounds until something is wrong. It returns the attacker
// with its account.
func attack(plant func(*Kernel), rounds int, roll dice) (*foe, error) {
	k, err := New(trialConfig(roll), Memory{})
	if err != nil {
		return nil, err
	}
	if plant != nil {
		plant(k)
	}
	f := newFoe(k, roll)
	for range rounds {
		if err := f.round(); err != nil {
			return f, err
		}
	}
	return f, nil
}

// TestNothingRisesUnproven: whatever happens in whatever order.
func TestNothingRisesUnproven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		roll := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "roll") }
		if _, err := attack(nil, 200, roll); err != nil {
			t.Fatal(err)
		}
	})
}

func seeded(seed uint64) dice { return rand.New(rand.NewPCG(seed, 0)).IntN }

// seeds is how many attacks are made; a planted fault is looked for in as many.
const seeds = 20

// some is how many seeds a test without a fault takes; fewer in a short run.
func some() uint64 {
	if testing.Short() {
		return seeds / 4
	}
	return seeds
}

// TestLongAttacks: the same for longer, with seeds; it counts that the site rose
// and fell at all, and how high.
func TestLongAttacks(t *testing.T) {
	t.Parallel()
	rises, falls, widened := 0, 0, 0
	for seed := range some() {
		f, err := attack(nil, 3000, seeded(seed))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		rises, falls, widened = rises+f.rises, falls+f.falls, widened+f.widened
	}
	if n := int(some()); rises < 10*n || falls < 3*n || widened < n/4 {
		t.Errorf("only %d rises, %d falls and %d wider caps: the test shows nothing", rises, falls, widened)
	}
	t.Logf("%d rises, %d falls, %d wider caps", rises, falls, widened)
}

// TestPlantedFaultsAreCaught: a kernel with a fault must fail the same attacks.
func TestPlantedFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(*Kernel){
		"who asks may approve":           func(k *Kernel) { k.approveOwn = true },
		"an expired request counts":      func(k *Kernel) { k.approveLate = true },
		"lowering asks for a second one": func(k *Kernel) { k.lowerAsks = true },
		"evidence outlives a demotion":   func(k *Kernel) { k.keepEvidence = true },
		"guards only warn":               func(k *Kernel) { k.guardsSleep = true },
		"the cap is not looked at":       func(k *Kernel) { k.ignoreCap = true },
		"strangers are entrusted":        func(k *Kernel) { k.trustStrange = true },
		"conditions are not asked for":   func(k *Kernel) { k.skipReadiness = true },
		"accepted advice acts for ever":  func(k *Kernel) { k.keepAdvice = true },
		"a wider cap holds at once":      func(k *Kernel) { k.trustConfig = true },
		"an interval counts twice":       func(k *Kernel) { k.countTwice = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(seeds) {
				if _, err := attack(plant, 3000, seeded(seed)); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("no attack found it")
		})
	}
}
