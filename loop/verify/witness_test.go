package verify

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/device"
	"sluice/unit"
)

// interval is the rounds of one steady time in most tests, ten seconds each: the
// first minute is left for things to settle.
const interval = 37

// blocks moves 20 racks of 15 as a whole, as plans do that go by merit.
func (p *plant) blocks() {
	for b := 0; b < len(p.asleep); b += 15 {
		if p.dice.IntN(2) == 0 {
			p.flip(b, b+1, b+2, b+3, b+4, b+5, b+6, b+7, b+8, b+9, b+10, b+11, b+12, b+13, b+14)
		}
	}
}

func (p *plant) flip(units ...int) {
	for _, i := range units {
		p.asleep[i] = !p.asleep[i]
	}
}

func TestLiarsAreNamedAndNobodyElse(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		units, liars, most, rounds int
		disturb                    func(*plant)
		short                      bool
	}{
		"300 units, 4 liars":              {300, 4, 110, interval, func(*plant) {}, true},
		"fans that nobody states, 60 kW":  {300, 4, 140, interval, func(p *plant) { p.hidden = 60_000 * unit.Power(p.dice.IntN(5)/4) }, false},
		"2000 units, 30 liars, one meter": {2000, 30, 750, 90, func(*plant) {}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && !c.short {
				t.Skip("SKIPPED by -short: minutes under the race detector")
			}
			for seed := range uint64(2) {
				p := newPlant(t, seed, c.units, c.liars)
				steps, innocent := p.until(t, c.most, c.rounds, func() { p.toss(0.3); c.disturb(p) })
				t.Logf("seed %d: all named after %d steps, %d false names at most", seed, steps, innocent)
				if steps > c.most || innocent > 0 {
					liars, _ := p.named()
					t.Errorf("seed %d: %d of %d liars named after %d steps, %d innocent", seed, liars, c.liars, c.most, innocent)
				}
				if c.units > 300 || testing.Short() {
					break
				}
			}
		})
	}
}

// TestTheInnocentAreLeftAlone: what else can go wrong on a site accuses nobody.
func TestTheInnocentAreLeftAlone(t *testing.T) {
	t.Parallel()
	for sentence, disturb := range map[string]func(*plant){
		"all is well": func(*plant) {},
		"the meter wanders by 3 %": func(p *plant) {
			by := 1 + 0.03*p.dice.NormFloat64()
			p.bend = func(x unit.Power) unit.Power { return unit.Power(float64(x) * by) }
		},
		"one in twenty is not heard": func(p *plant) {
			for i := range p.silent {
				p.silent[i] = p.dice.IntN(20) == 0
			}
		},
		"cooling costs a tenth more than known": func(p *plant) {
			p.bend = func(x unit.Power) unit.Power { return x * 11 / 10 }
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, 3, 200, 0)
			if _, innocent := p.until(t, 45, interval, func() { p.toss(0.3); disturb(p) }); innocent > 0 {
				t.Errorf("%d of 200 honest units were accused: %+v", innocent, p.rep.Findings)
			}
			if p.rep.Steps < 40 {
				t.Errorf("only %d steps were weighed", p.rep.Steps)
			}
		})
	}
}

// TestSimplerJudgesFail plants two wrong judges at the place of the scales, to
// show that the trial of TestLiarsAreNamedAndNobodyElse can be failed.
func TestSimplerJudgesFail(t *testing.T) {
	t.Parallel()
	const units, liars = 300, 4
	believes, worst, reached := 0, 0, 0
	for seed := range uint64(5) {
		p := newPlant(t, seed, units, liars)
		p.run(t, interval)
		before, load := slices.Clone(p.said), p.rep.Unexplained
		p.toss(0.3)
		p.run(t, interval)
		for i := range p.said { // a judge who believes what units say of themselves
			if p.said[i].Ordered == 0 && p.said[i].Activity != device.Asleep {
				believes++
			}
		}
		for _, i := range byDrop(before, p.said)[:liars] { // and one who looks at one step only
			if p.rep.Unexplained != load && !p.liar[i] {
				worst++
			}
			reached++
		}
	}
	if believes != 0 {
		t.Errorf("believing what is said named %d: the liars of this plant do not lie", believes)
	}
	if worst < reached/2 {
		t.Errorf("naming by the largest drop of one step accused only %d innocent of %d: the trial is too easy", worst, reached)
	}
}

// byDrop is the units by what they say to have dropped, most first.
func byDrop(before, after []Statement) []int {
	order := make([]int, len(after))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(before[b].Power-after[b].Power, before[a].Power-after[a].Power)
	})
	return order
}

// TestProbesTellWhatPlansCannot: of machines that always move together no step
// tells which one lies. Nobody is named, until suspects move by themselves.
func TestProbesTellWhatPlansCannot(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIPPED by -short: minutes under the race detector")
	}
	p := newPlant(t, 101, 300, 3)
	if _, innocent := p.until(t, 40, interval, p.blocks); innocent > 0 {
		t.Fatalf("%d accused where nobody can know", innocent)
	}
	if liars, _ := p.named(); liars > 0 {
		t.Fatalf("%d named where nobody can know", liars)
	}
	probes := p.w.Suspects(4)
	if len(probes) != 4 || len(probes[0]) > probeMost {
		t.Fatalf("probes %v: want 4 small sets", probes)
	}
	steps, innocent := p.until(t, 110, interval, func() {
		if sets := p.w.Suspects(1); len(sets) > 0 && p.dice.IntN(2) == 0 {
			p.flip(sets[0]...)
		} else {
			p.blocks()
		}
	})
	t.Logf("all named after %d more steps, half of them probes", steps)
	if steps > 110 || innocent > 0 {
		t.Errorf("after %d steps with probes, %d innocent: %+v", steps, innocent, p.rep.Findings)
	}
}

func TestSameRoundsSameFindings(t *testing.T) {
	t.Parallel()
	var reports [2][]Report
	for k := range reports {
		p := newPlant(t, 5, 60, 2)
		for range 25 {
			p.toss(0.4)
			p.run(t, 20)
			reports[k] = append(reports[k], p.rep)
		}
	}
	if d := gocmp.Diff(reports[0], reports[1], cmpopts.EquateEmpty()); d != "" {
		t.Errorf("two witnesses of the same rounds differ:\n%s", d)
	}
}

// TestFactors: what a unit draws for each watt it states is learned, and the
// learned factor is nearer to the truth than believing it.
func TestFactors(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 8, 40, 1)
	p.bias[7] = 400_000 // states 40 % of what it draws
	if _, _, known := p.w.Factor(0); known {
		t.Error("a factor is known before anything was seen")
	}
	p.liar[7] = false
	for range 80 {
		p.toss(0.3)
		p.run(t, interval)
	}
	learned, believed := unit.Ratio(0), unit.Ratio(0)
	for i, b := range p.bias {
		truth := unit.Ratio(unit.MulDiv(int64(unit.One), int64(unit.One), int64(b)))
		f, spread, known := p.w.Factor(i)
		if !known || spread <= 0 || spread > 60_000 {
			t.Fatalf("unit %d: factor %d ± %d, known %v", i, f, spread, known)
		}
		if !p.liar[i] && i != 7 {
			learned, believed = learned+max(f-truth, truth-f), believed+max(unit.One-truth, truth-unit.One)
		}
	}
	t.Logf("mean error %.1f %% learned, %.1f %% believed", learned.Float()*100/38, believed.Float()*100/38)
	if learned > believed/2 {
		t.Errorf("learned factors are off by %d in all, belief by %d", learned, believed)
	}
	drifting := slices.IndexFunc(p.rep.Findings, func(f Finding) bool { return f.Code == Drifting })
	if drifting < 0 || p.rep.Findings[drifting].Unit != 7 {
		t.Errorf("unit 7 states 40 %% and is not named: %+v", p.rep.Findings)
	}
}

// TestRepairedUnitIsForgiven: old steps do not accuse a machine that was repaired.
func TestRepairedUnitIsForgiven(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 2, 60, 1)
	if steps, _ := p.until(t, 60, interval, func() { p.toss(0.3) }); steps > 60 {
		t.Fatal("the liar was not named")
	}
	i := slices.Index(p.liar, true)
	p.liar[i] = false
	p.w.Clear(i)
	if _, innocent := p.until(t, 30, interval, func() { p.toss(0.3) }); innocent > 0 {
		t.Errorf("accused after its repair: %+v", p.rep.Findings)
	}
}

// TestWindow: the scales forget the oldest steps and go on.
func TestWindow(t *testing.T) {
	t.Parallel()
	s := newScales(cells / stepsLeast)
	if s.most() != stepsLeast || newScales(1).most() != stepsMost {
		t.Fatalf("window %d and %d", s.most(), newScales(1).most())
	}
	one := newScales(3)
	for e := range stepsMost + 1 {
		one.add(step{moved: []float32{1000, float32(-1000 * (e % 2)), 0}, short: float64(-1000 + e%7), noise: 100, shared: 40})
	}
	if n := len(one.steps); n != stepsMost*3/4+1 || len(one.white) != n || len(one.rest) != n || len(one.sums) != n || len(one.common) != n {
		t.Errorf("%d steps are left", n)
	}
}

func TestNewWitnessRefuses(t *testing.T) {
	t.Parallel()
	_, err := NewWitness(Config{Units: []Unit{{Most: 0}, {Most: 17 * unit.Megawatt}}})
	for _, want := range []string{"unit 0", "unit 1", "patience", "tolerance"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %q", err, want)
		}
	}
	if _, err := NewWitness(DefaultConfig(nil)); err == nil {
		t.Error("a meter with nothing behind it")
	}
}

func TestRoundRefuses(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		spoil func(*Round)
		says  string
	}{
		"a unit is missing":       {func(r *Round) { r.Units = r.Units[1:] }, "give all"},
		"not later":               {func(r *Round) { r.At = at }, "in order"},
		"overhead of nothing":     {func(r *Round) { r.Overhead = 0 }, "overhead"},
		"a meter from the future": {func(r *Round) { r.Age = -1 }, "neither a load"},
		"beyond all sense":        {func(r *Round) { r.Power = powerMost + 1 }, "neither a load"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, 1, 5, 0)
			p.run(t, 1)
			r := p.round()
			c.spoil(&r)
			if _, err := p.w.Round(r); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %q", err, c.says)
			}
			if _, err := p.w.Round(p.round()); err != nil {
				t.Errorf("the next good round: %v", err)
			}
		})
	}
}

// BenchmarkRound is one look at 20,000 units behind one meter.
func BenchmarkRound(b *testing.B) {
	p := newPlant(b, 1, 20_000, 200)
	p.run(b, 20)
	r := p.round()
	b.ReportAllocs()
	for b.Loop() {
		r.At = r.At.Add(10_000_000_000)
		if _, err := p.w.Round(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerdict is a step of 20,000 units and the verdict on 400 of them.
func BenchmarkVerdict(b *testing.B) {
	const units, steps = 20_000, 400
	p := newPlant(b, 1, units, 0)
	s := newScales(units)
	next := func() step {
		x := step{moved: make([]float32, units), noise: 1e9, short: 30_000 * p.dice.NormFloat64()}
		for i := range x.moved {
			x.moved[i] = 3500 * float32(p.dice.IntN(3)-1)
		}
		return x
	}
	for range steps {
		s.add(next())
	}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if len(s.steps) >= s.most() {
			s.rebuild(s.steps[1:])
		}
		x := next()
		b.StartTimer()
		s.add(x)
		s.weigh(nil)
	}
}
