package commission

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/device"
	"sluice/unit"
	"sluice/world/machine"
)

// conduct runs the trial of a bench to its end.
func conduct(tb testing.TB, b *bench, change func(*Plan)) Record {
	tb.Helper()
	p := b.plan()
	if change != nil {
		change(&p)
	}
	t, err := New(p)
	if err != nil {
		tb.Fatal(err)
	}
	b.run(t, -1)
	if b.record == nil {
		tb.Fatalf("the trial never ended: %d orders, %+v", len(b.sent), b.lines[len(b.lines)-1])
	}
	return *b.record
}

// show is a record for a failure.
func show(r Record) string {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func near(got *int64, want, by int64) bool { return got != nil && abs(*got-want) <= by }

// standsAsFound says in what the machine is not as it was, or nothing.
func (b *bench) standsAsFound() string {
	s := b.m.State(b.at().Add(time.Hour))
	if s.Activity != device.Running || s.Target != 2800 {
		return fmt.Sprintf("it is %s at %d W and was running at 2800 W", s.Activity, s.Target)
	}
	return ""
}

// TestHonest commissions an honest machine whose own watts are 6 % too low, on a
// meter that it shares and on one of its own.
func TestHonest(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		others    int64
		noise     float64
		dedicated bool
	}{
		"a meter of its own":         {0, 2, true},
		"a quiet feeder":             {60_000, 5, false},
		"a feeder with some noise":   {60_000, 60, false},
		"a large feeder, more noise": {900_000, 150, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b := place(1, machine.Faults{})
			b.others, b.noise = func(time.Duration) int64 { return c.others }, c.noise
			r := conduct(t, b, func(p *Plan) { p.Meter.Dedicated, p.Reboot = c.dedicated, true })
			checkHonest(t, r)
			if why := b.standsAsFound(); why != "" {
				t.Error(why)
			}
			if b.highest > 2800 {
				t.Errorf("it drew %d W, above the 2800 W found", b.highest)
			}
		})
	}
}

// checkHonest compares a record with what the simulated machine is made of. A
// power may be off by the resolution that the record itself states.
func checkHonest(t *testing.T, r Record) {
	t.Helper()
	res := r.Resolution + 5
	second := func(s int64) int64 { return s * 1000 }
	want := map[string]bool{
		"verdict":    r.Verdict == Learned && r.Standing == ByMeter && len(r.NotRestored) == 0 && r.Repeats == 0,
		"resolution": r.Resolution >= 1 && r.Resolution <= 280,
		"found":      near(r.Found, 2800, res),
		"bias":       near(r.Bias, 940_000, 1_000_000*res/2800),
		"residual":   near(r.Residual, 38, 2+res/10),
		"sleep":      near(r.Sleep, second(11), second(3)), // a tenth at 9 s, the order heard after 2
		"wakes":      len(r.Wakes) == 2 && !r.Wakes[0].Fast && r.Wakes[1].Fast,
		"points":     len(r.Points) == 4,
		"boot":       r.Boot != nil && near(&r.Boot.Highest, 1200, 4*res) && r.Boot.Interval == 1000 && r.Boot.Kept != nil && *r.Boot.Kept,
	}
	if want["wakes"] {
		w, f := r.Wakes[0], r.Wakes[1]
		want["wake"] = near(&w.Dark, second(32), 1000) && near(w.FirstHash, second(63), second(2)) && near(w.Ninety, second(170), second(8)) && near(&w.Steady, second(181), second(3+res/23)) && w.Overshoot <= 3*res // the ramp gains 23 W a second
		want["fast wake"] = near(&f.Steady, second(42), second(3))
	}
	for i, p := range r.Points {
		truth := presets()[i]
		want["point "+truth.Name] = p.Label == truth.Name && near(p.Metered, int64(truth.Power), res) && near(p.Stated, int64(truth.Power)*94/100, 2) && near(p.Hash, int64(truth.Hash), 10) && near(p.Asked, int64(truth.Power), 0)
	}
	for what, ok := range want {
		if !ok {
			t.Errorf("%s is wrong", what)
		}
	}
	if t.Failed() {
		t.Log(show(r))
	}
}

// TestWordOnly: without a meter the record says so and claims nothing measured.
func TestWordOnly(t *testing.T) {
	t.Parallel()
	b := place(2, machine.Faults{})
	b.meter = false
	r := conduct(t, b, nil)
	if r.Verdict != Learned || r.Standing != ByWordOnly || r.Found != nil || r.Bias != nil || len(r.Points) != 4 || r.Points[0].Metered != nil || !near(r.Points[0].Stated, 1128, 2) || !near(r.Stated, 2632, 2) {
		t.Error(show(r))
	}
}

// TestVerdicts: what goes wrong is named, and whatever can be is given back.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		faults  machine.Faults
		set     func(*bench)
		change  func(*Plan)
		verdict Verdict
		says    string
		unsent  bool // nothing was sent at all
		broken  bool // it cannot be given back, and the record says so
	}{
		"a liar": {faults: machine.Faults{Lies: 1}, verdict: Disobeys, says: "told twice to sleep"},
		"a liar that reports sleep": {
			faults: machine.Faults{Lies: 1}, verdict: Disobeys, says: "told twice to sleep",
			set: func(b *bench) { b.lie = sleepsInWords },
		},
		"levels do nothing": {
			verdict: Disobeys, says: "told twice to take level",
			set: func(b *bench) { b.loses = func(c device.Command) bool { return c.Verb == device.SetMode } },
		},
		"a wake that fails once":   {faults: machine.Faults{WakeFails: 1}, verdict: WakeFailed, says: "does not answer", broken: true},
		"a wake that does nothing": {verdict: WakeFailed, says: "still sleeps", set: func(b *bench) { b.loses = func(c device.Command) bool { return c.Verb == device.Wake } }, broken: true},
		"a board missing after a wake": {
			verdict: WakeFailed, says: "66 % of the hash rate", broken: false,
			set: func(b *bench) { b.lie = twoThirdsUntil(b) },
		},
		"too hot":       {verdict: TooHot, says: "board 0 shows", change: func(p *Plan) { p.HottestMill = 60_000 }, unsent: true},
		"a new fault":   {verdict: Faulty, says: "E42", set: func(b *bench) { b.lie = faultAfter(6 * time.Minute) }},
		"an old fault":  {verdict: Learned, set: func(b *bench) { b.lie = faultAfter(0) }},
		"a dead meter":  {verdict: MeterStale, says: "said nothing", set: func(b *bench) { b.blind = func(d time.Duration) bool { return d > 5*time.Minute } }},
		"no time":       {verdict: OutOfTime, says: "it has taken", change: func(p *Plan) { p.Limits.Total = 6 * time.Minute }},
		"asleep before": {verdict: Unsteady, says: "it sleeps", set: func(b *bench) { b.m.Sleep(noon) }, unsent: true, broken: true},
		"a wild feeder": {verdict: TooCoarse, says: "nothing below", set: func(b *bench) { b.others = swings(4000, 47*time.Second) }, unsent: true},
		"a feeder that never rests": {
			verdict: Restless, says: "times in a row",
			set: func(b *bench) { b.others = stairs(1500, 5*time.Minute) },
		},
		"refused": {
			verdict: WasRefused, says: "auth", unsent: false,
			set: func(b *bench) {
				b.deaf = func(device.Command) device.Ack {
					return device.Ack{Class: device.Refused, Reason: device.BadAuth, Text: "no"}
				}
			},
		},
		"a login that was forgotten": {verdict: Learned, set: func(b *bench) { b.deaf = forgetful() }},
		"never reached": {
			verdict: Unreachable, says: "could not be told",
			set: func(b *bench) {
				b.deaf = func(device.Command) device.Ack { return device.Ack{Class: device.NotSent, Text: "no route"} }
			},
		},
		"no answers, but it acts": {verdict: Learned, set: func(b *bench) { b.deaf = mute(b) }},
		"no fast wake after all": {
			verdict: Learned,
			set: func(b *bench) {
				b.deaf = func(c device.Command) device.Ack {
					if c.Fast {
						return device.Ack{Class: device.Refused, Reason: device.Unsupported}
					}
					return device.Ack{}
				}
			},
		},
		"a level is refused": {
			verdict: Learned,
			set: func(b *bench) {
				b.deaf = func(c device.Command) device.Ack {
					if c.Mode == "b" {
						return device.Ack{Class: device.Refused, Reason: device.BadValue}
					}
					return device.Ack{}
				}
			},
		},
		"nothing can be tried": {verdict: Impossible, says: "neither", change: func(p *Plan) { p.Can = device.Capabilities{} }, unsent: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b := place(3, c.faults)
			if c.set != nil {
				c.set(b)
			}
			r := conduct(t, b, c.change)
			if r.Verdict != c.verdict || !strings.Contains(r.Why, c.says) || (len(b.sent) == 0) != c.unsent {
				t.Errorf("%s: %s, %d orders, want %s: %q\n%s", r.Verdict, r.Why, len(b.sent), c.verdict, c.says, show(r))
			}
			why := b.standsAsFound()
			if (why != "") != c.broken || c.broken && !c.unsent && len(r.NotRestored) == 0 || !c.broken && len(r.NotRestored) > 0 {
				t.Errorf("%s; said not restored: %v", why, r.NotRestored)
			}
		})
	}
}

// sleepsInWords: once it is told to sleep it reports what a sleeper reports.
func sleepsInWords(r device.Reading, _ time.Duration) device.Reading {
	if r.Intent.Value == device.Asleep {
		r.Activity, r.Power, r.Hash = device.Stated(device.Asleep), device.Stated(unit.Power(30)), device.Stated(unit.Hashrate(0))
	}
	return r
}

// twoThirdsUntil: after its first wake it works with two boards of three, until it
// is woken once more.
func twoThirdsUntil(b *bench) func(device.Reading, time.Duration) device.Reading {
	return func(r device.Reading, _ time.Duration) device.Reading {
		wakes := 0
		for _, s := range b.sent {
			if s.Command.Verb == device.Wake {
				wakes++
			}
		}
		if wakes == 1 {
			r.Hash = device.Stated(r.Hash.Value * 2 / 3)
		}
		return r
	}
}

func faultAfter(d time.Duration) func(device.Reading, time.Duration) device.Reading {
	return func(r device.Reading, now time.Duration) device.Reading {
		if now >= d {
			r.Faults = []device.Fault{{Code: "E42", Text: "a fan stands"}}
		}
		return r
	}
}

// swings is other load that goes up and down.
func swings(w float64, period time.Duration) func(time.Duration) int64 {
	return func(d time.Duration) int64 {
		return 60_000 + int64(w*math.Sin(2*math.Pi*d.Seconds()/period.Seconds()))
	}
}

// stairs is other load that is still for a while and then another.
func stairs(w int64, each time.Duration) func(time.Duration) int64 {
	return func(d time.Duration) int64 { return 60_000 + w*int64(d/each)*int64(1+d/each%3) }
}

// forgetful refuses every second order for its login.
func forgetful() func(device.Command) device.Ack {
	n := 0
	return func(device.Command) device.Ack {
		if n++; n%2 == 1 {
			return device.Ack{Class: device.Refused, Reason: device.BadAuth, Text: "token"}
		}
		return device.Ack{}
	}
}

// mute does what it is told and says nothing.
func mute(b *bench) func(device.Command) device.Ack {
	return func(c device.Command) device.Ack {
		deaf := b.deaf
		b.deaf = nil
		a := b.apply(c)
		b.deaf = deaf
		if a.Class == device.Accepted {
			a.Class = device.NoReply
		}
		return a
	}
}

// TestOtherLoad: one step of other load in the middle of a round costs a repetition
// and no accuracy.
func TestOtherLoad(t *testing.T) {
	t.Parallel()
	for at := 5 * time.Minute; at < 20*time.Minute; at += 45 * time.Second {
		b := place(4, machine.Faults{})
		b.others = func(d time.Duration) int64 {
			if d >= at {
				return 63_000
			}
			return 60_000
		}
		r := conduct(t, b, nil)
		if r.Verdict != Learned || !near(r.Found, 2800, r.Resolution+5) || len(r.Points) != 4 || !near(r.Points[0].Metered, 1200, r.Resolution+5) {
			t.Errorf("3 kW more from %v on: %s", at, show(r))
		}
		if why := b.standsAsFound(); why != "" {
			t.Error(why)
		}
	}
}

// TestDriftCancels: load that rises steadily, by less than the resolution between
// two visits, hardly moves the curve.
func TestDriftCancels(t *testing.T) {
	t.Parallel()
	b := place(5, machine.Faults{})
	b.others = func(d time.Duration) int64 { return 60_000 + int64(d.Seconds()/8) }
	r := conduct(t, b, func(p *Plan) { p.Can.FastWake = false })
	if r.Verdict != Learned || !near(r.Points[0].Metered, 1200, 30) {
		t.Errorf("%s", show(r))
	}
}

// TestNeverAboveFound: levels above the one found are tried only when somebody
// allowed it, and that is seen when it happens.
func TestNeverAboveFound(t *testing.T) {
	t.Parallel()
	for _, allow := range []bool{false, true} {
		b := place(6, machine.Faults{})
		r := conduct(t, b, func(p *Plan) { p.AllowRaise = allow })
		if (b.highest > 2800) != allow || r.Verdict != Learned || allow != (len(r.Points) == 5) {
			t.Errorf("allowed: %t; it drew %d W: %s", allow, b.highest, show(r))
		}
		if why := b.standsAsFound(); why != "" {
			t.Error(why)
		}
	}
}

// TestWattLevels commissions a machine that takes any target.
func TestWattLevels(t *testing.T) {
	t.Parallel()
	b := place(7, machine.Faults{})
	b.can.Level, b.can.Presets, b.can.Least, b.can.Most, b.can.Step = device.Watts, nil, 1000, 3500, 1
	r := conduct(t, b, nil)
	if r.Verdict != Learned || len(r.Points) != 6 || r.Points[0].Label != "1120 W" || !near(r.Points[0].Metered, 1120, r.Resolution+5) || b.highest > 2800 {
		t.Error(show(r))
	}
	if !slices.IsSortedFunc(r.Points, func(a, b Point) int { return int(*a.Metered - *b.Metered) }) {
		t.Error("the points do not rise")
	}
}

// TestCoarseTargets: a machine that takes any target for the preset below it obeys,
// although some of its targets change nothing.
func TestCoarseTargets(t *testing.T) {
	t.Parallel()
	b := place(8, machine.Faults{})
	b.can.Level, b.can.Presets, b.can.Least, b.can.Most, b.can.Step = device.Watts, nil, 1200, 3500, 1
	b.steps = true
	r := conduct(t, b, nil)
	if r.Verdict != Learned || len(r.Points) != 6 || !near(r.Points[0].Metered, 1200, r.Resolution+5) || !near(r.Points[1].Metered, 1200, r.Resolution+5) || b.standsAsFound() != "" {
		t.Error(show(r))
	}
}

// TestLongest: no trial takes longer than its preview says.
func TestLongest(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		b := place(seed, machine.Faults{WakeFails: 0.5})
		p := b.plan()
		r := conduct(t, b, nil)
		if took := time.Duration(r.Took) * time.Millisecond; took > p.Longest()+time.Minute {
			t.Errorf("took %v, at most %v were promised", took, p.Longest())
		}
	}
}

// TestValidate: a plan says everything that is wrong with it.
func TestValidate(t *testing.T) {
	t.Parallel()
	_, err := New(Plan{Levels: 99})
	for _, want := range []string{"window", "levels", "temperature", "no meter"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
