package verify

import (
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"sluice/unit"
)

// TestTheMeterItself: what is wrong with a meter is told from what is wrong with
// the load, and one cause raises one alarm.
func TestTheMeterItself(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		bend   func(unit.Power) unit.Power
		before func(*plant)
		rounds int
		want   []Code
	}{
		"all is well":                         {nil, nil, 120, nil},
		"turned round":                        {func(p unit.Power) unit.Power { return -p }, nil, 14, []Code{MeterSwapped}},
		"one of three turned round":           {func(p unit.Power) unit.Power { return p / 3 }, nil, 14, []Code{MeterSwapped}},
		"a thousand times too much":           {func(p unit.Power) unit.Power { return p * 1000 }, nil, 14, []Code{MeterScaled}},
		"a thousandth":                        {func(p unit.Power) unit.Power { return p / 1000 }, nil, 14, []Code{MeterScaled}},
		"a tenth, before two minutes are up":  {func(p unit.Power) unit.Power { return p / 10 }, nil, 11, nil},
		"7 % too much":                        {func(p unit.Power) unit.Power { return p * 107 / 100 }, nil, 14, []Code{MeterDiffers}},
		"7 % too much, for a minute":          {func(p unit.Power) unit.Power { return p * 107 / 100 }, nil, 7, nil},
		"7 % too little":                      {func(p unit.Power) unit.Power { return p * 93 / 100 }, nil, 14, []Code{CountedTwice, MeterDiffers}},
		"4 % too little":                      {func(p unit.Power) unit.Power { return p * 957 / 1000 }, nil, 14, []Code{CountedTwice}},
		"4 % hidden, for a while":             {nil, func(p *plant) { p.hidden = 30_000 }, 88, nil},
		"4 % hidden, a quarter of an hour":    {nil, func(p *plant) { p.hidden = 30_000 }, 120, []Code{HiddenLoad}},
		"stuck, and nothing moves":            {func(unit.Power) unit.Power { return 740_000 }, nil, 14, nil},
		"a tenth of the units are not heard":  {nil, func(p *plant) { copy(p.silent, slices.Repeat([]bool{true}, 20)) }, 120, []Code{Stale}},
		"nothing is heard and the meter runs": {nil, func(p *plant) { copy(p.silent, slices.Repeat([]bool{true}, 200)) }, 120, []Code{Stale}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, 4, 200, 0)
			p.bend = c.bend
			for i := range p.bias {
				p.bias[i] = unit.One
			}
			if c.before != nil {
				c.before(p)
			}
			p.run(t, c.rounds)
			if d := gocmp.Diff(c.want, p.codes()); d != "" {
				t.Errorf("report %+v\n%s", p.rep, d)
			}
		})
	}
}

// TestStuck: a meter that repeats one number is stuck once the load has moved.
func TestStuck(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 4, 200, 0)
	p.run(t, 20)
	p.bend = func(unit.Power) unit.Power { return 740_000 }
	p.run(t, 5)
	if slices.Contains(p.codes(), MeterStuck) {
		t.Error("stuck before anything moved")
	}
	p.toss(0.3)
	p.run(t, 3)
	if !slices.Contains(p.codes(), MeterStuck) {
		t.Errorf("not found stuck: %+v", p.rep)
	}
	p.bend = nil
	p.run(t, 30)
	if slices.Contains(p.codes(), MeterStuck) {
		t.Error("still stuck after it moved")
	}
	if p.rep.Steps != 0 {
		t.Errorf("%d steps were taken from a stuck meter", p.rep.Steps)
	}
}

// TestSilentMeter: without a meter nothing is said about the load.
func TestSilentMeter(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 4, 200, 0)
	p.run(t, 20)
	for _, spoil := range []func(*Round){func(r *Round) { r.Metered = false }, func(r *Round) { r.Age = time.Minute }} {
		r := p.round()
		spoil(&r)
		rep, err := p.w.Round(r)
		if err != nil || rep.Metered || rep.Unexplained != 0 || rep.Share != 0 || len(rep.Findings) != 1 || rep.Findings[0].Code != MeterStale {
			t.Errorf("report %+v, %v", rep, err)
		}
	}
}

// TestSleepersAreCandidates: nothing has ever moved; who says asleep for long while
// load is hidden is asked first.
func TestSleepersAreCandidates(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 9, 100, 10)
	for i := range p.asleep {
		p.asleep[i], p.bias[i] = p.liar[i] || i%3 == 0, unit.One
	}
	p.run(t, 6*40)
	f := slices.IndexFunc(p.rep.Findings, func(f Finding) bool { return f.Code == AsleepDoubt })
	if f < 0 {
		t.Fatalf("no candidates in %+v", p.codes())
	}
	e := p.rep.Findings[f].Evidence
	if asleep := len(slices.DeleteFunc(slices.Clone(p.asleep), func(a bool) bool { return !a })); e.Count != asleep || len(e.Units) != listed {
		t.Errorf("%d candidates, %d listed, of %d asleep", e.Count, len(e.Units), asleep)
	}
	if sets := p.w.Suspects(2); len(sets) != 2 {
		t.Errorf("probes %v", sets)
	}
}

// TestReportAddsUp: the reconciliation is arithmetic that a person can repeat.
func TestReportAddsUp(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 4, 2, 0)
	r := p.round()
	r.Units[0].Power, r.Units[1].Power, r.Power, r.Auxiliary = 3000, 2000, 7000, 500
	rep, err := p.w.Round(r)
	if err != nil || rep.Stated != 5000 || rep.Expected != 5750 || rep.Unexplained != 1250 || rep.Share != 178_571 {
		t.Errorf("%+v, %v", rep, err)
	}
}

// TestEveryCodeHasARemedy: and none has that of another.
func TestEveryCodeHasARemedy(t *testing.T) {
	t.Parallel()
	seen := map[string]Code{"": "no remedy"}
	for _, c := range []Code{
		MeterStale, MeterStuck, MeterSwapped, MeterScaled, MeterDiffers, CountedTwice, HiddenLoad, Liar, Drifting, AsleepDoubt, Stale,
		LyingMiner, Redirected, Overpaid, EnergyOdd, NoTwoAgree, PoolSilent, PoolStranger, PoolDeveloper, PoolUnreadable, PoolUnstated,
	} {
		if other, twice := seen[c.Remedy()]; twice {
			t.Errorf("%s and %s have the same remedy", c, other)
		}
		seen[c.Remedy()] = c
	}
	if Code("x").Remedy() != "" {
		t.Error("an unknown code has a remedy")
	}
}
