package commission

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// stopped stops a trial at a random instant on a random machine and says what is
// then not as it was found, or nothing. A machine that could not be brought back
// must be named; that is checked too.
func stopped(t *rapid.T, s sabotage) string {
	b := place(rapid.Uint64().Draw(t, "seed"), machine.Faults{WakeFails: rapid.SampledFrom([]float64{0, 0, 0.3}).Draw(t, "wake fails")})
	b.others = swings(rapid.Float64Range(0, 300).Draw(t, "swing"), 17*time.Minute)
	b.meter = rapid.Bool().Draw(t, "meter")
	p := b.plan()
	p.Reboot, p.AllowRaise = rapid.Bool().Draw(t, "reboot"), rapid.Bool().Draw(t, "raise")
	trial, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	trial.sabotage = s
	stop := time.Duration(rapid.IntRange(0, 3000).Draw(t, "stop after seconds")) * time.Second
	b.run(trial, stop)
	if b.record == nil {
		t.Fatal("the trial never ended")
	}
	giving := false
	for _, e := range b.lines {
		if _, ok := e.(Ended); ok {
			giving = true
		}
		if o, ok := e.(Send); ok && giving != o.Restore {
			t.Fatalf("order %+v after the end: %t", o.Command, giving)
		}
	}
	if b.highest > 2800 && !p.AllowRaise {
		t.Fatalf("it drew %d W", b.highest)
	}
	if n := len(b.record.NotRestored); n > 0 {
		if b.standsAsFound() == "" && b.record.Verdict != WakeFailed {
			t.Fatalf("named as not given back, and it is: %v", b.record.NotRestored)
		}
		return ""
	}
	return b.standsAsFound()
}

// TestStopRestores stops at any moment.
func TestStopRestores(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		if why := stopped(t, sabotage{}); why != "" {
			t.Fatal(why)
		}
	})
}

// TestForgettingIsCaught plants a trial that forgets what to give back, and shows
// that the property above would find it.
func TestForgettingIsCaught(t *testing.T) {
	t.Parallel()
	for sentence, s := range map[string]sabotage{"a level": {forgetLevel: true}, "a sleeper": {forgetSleep: true}} {
		caught := 0
		for i := range 60 {
			b := place(uint64(i), machine.Faults{})
			trial, err := New(b.plan())
			if err != nil {
				t.Fatal(err)
			}
			trial.sabotage = s
			b.run(trial, time.Duration(i)*25*time.Second)
			if b.record == nil || b.standsAsFound() != "" && len(b.record.NotRestored) == 0 {
				caught++
			}
		}
		if caught == 0 {
			t.Errorf("%s: never noticed", sentence)
		}
		t.Logf("%s: caught in %d of 60 stops", sentence, caught)
	}
}

// TestBlindTrialsAreCaught plants trials that believe too much: the tests above
// must tell them from a sound one.
func TestBlindTrialsAreCaught(t *testing.T) {
	t.Parallel()
	run := func(s sabotage, set func(*bench)) Record {
		b := place(3, machine.Faults{Lies: 1})
		if set == nil {
			b = place(4, machine.Faults{})
			b.others = func(d time.Duration) int64 { return 60_000 + 1500*int64(min(1, d/(6*time.Minute+20*time.Second))) }
		} else {
			set(b)
		}
		trial, err := New(b.plan())
		if err != nil {
			t.Fatal(err)
		}
		trial.sabotage = s
		b.run(trial, -1)
		return *b.record
	}
	liar := func(b *bench) {
		b.lie = func(r device.Reading, d time.Duration) device.Reading {
			return sleepsInWords(r, d)
		}
	}
	if r := run(sabotage{trustWord: true}, liar); len(r.Wakes) == 0 {
		t.Errorf("a trial that trusts the machine's own watts found the liar all the same: the scenario proves nothing: %s", show(r))
	}
	if r := run(sabotage{}, liar); len(r.Wakes) != 0 || r.Verdict != Disobeys {
		t.Errorf("a sound trial believed the liar: %s", show(r))
	}
	if r := run(sabotage{believeAll: true}, nil); r.Verdict == Learned && near(r.Found, 2800, 300) {
		t.Errorf("a trial that believes every difference was right all the same: the scenario proves nothing: %s", show(r))
	}
	if r := run(sabotage{}, nil); r.Verdict != Learned || !near(r.Found, 2800, r.Resolution+5) {
		t.Errorf("a sound trial was misled: %s", show(r))
	}
}

// TestResolution checks the formula's worked number and its edges.
func TestResolution(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		means [batches]int64
		step  int64
		want  int64
	}{
		"the page's worked number":  {[batches]int64{60_010, 59_990, 60_010, 59_990, 60_010, 59_990, 60_010, 59_990}, 1, 54},
		"a still feeder":            {[batches]int64{5, 5, 5, 5, 5, 5, 5, 5}, 1, 1},
		"a meter with coarse steps": {[batches]int64{5, 5, 5, 5, 5, 5, 5, 5}, 100, 100},
		"a drift counts as noise":   {[batches]int64{0, 100, 200, 300, 400, 500, 600, 700}, 1, 1214},
	} {
		if got := resolution(c.means, unit.Power(c.step)); int64(got) != c.want {
			t.Errorf("%s: %d, want %d", sentence, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 1<<62).Draw(t, "v")
		r := root(v)
		if r > 0 && (r-1)*(r-1) >= v || r < 3_037_000_499 && r*r < v {
			t.Fatalf("root of %d: %d", v, r)
		}
	})
}
