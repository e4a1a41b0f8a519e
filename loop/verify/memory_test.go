package verify

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sluice/unit"
)

// written is a memory as it comes back from a file.
func written(tb testing.TB, m Memory) Memory {
	tb.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	var out Memory
	if err := json.Unmarshal(text, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// restart lets the witness of a plant begin anew from what it kept, spoilt or not.
func (p *plant) restart(tb testing.TB, spoil func(*Memory)) {
	tb.Helper()
	m := written(tb, p.w.Memory())
	spoil(&m)
	w, err := Restore(p.w.cfg, m)
	if err != nil {
		tb.Fatal(err)
	}
	p.w = w
}

// trial is how many intervals a plant takes until all its liars are named, when
// its witness begins anew after half of them, and how it went.
func trial(tb testing.TB, seed uint64, half int, spoil func(*Memory)) (steps int, reports []Report) {
	tb.Helper()
	const most = 90
	p := newPlant(tb, seed, 60, 2)
	for steps = 1; steps <= most; steps++ {
		p.toss(0.3)
		p.run(tb, interval)
		rep := p.rep
		rep.Findings = named(rep.Findings)
		reports = append(reports, rep)
		found, innocent := p.named()
		if innocent > 0 {
			tb.Errorf("seed %d: %d innocent after %d steps", seed, innocent, steps)
		}
		if found == 2 {
			return steps, reports
		}
		if steps == half && spoil != nil {
			p.restart(tb, spoil)
		}
	}
	return steps, reports
}

// named is the findings against units: the others are of the last minutes.
func named(all []Finding) []Finding {
	var out []Finding
	for _, f := range all {
		if f.Code == Liar || f.Code == Drifting {
			out = append(out, f)
		}
	}
	return out
}

// TestRestoredWitnessGoesOn: one that began anew half way names the same liars in
// the same step as one that never stopped, with the same numbers; one that forgot
// its steps does not, which is the control.
func TestRestoredWitnessGoesOn(t *testing.T) {
	t.Parallel()
	later := 0
	for seed := range uint64(8) {
		steps, whole := trial(t, seed, 0, nil)
		half := steps * 2 / 3
		again, restored := trial(t, seed, half, func(*Memory) {})
		if d := gocmp.Diff(whole, restored, cmpopts.EquateEmpty()); d != "" || again != steps {
			t.Errorf("seed %d: %d steps, %d with a new beginning:\n%s", seed, steps, again, d)
		}
		forgot, _ := trial(t, seed, half, func(m *Memory) { m.Steps, m.Said, m.Names = nil, nil, nil })
		t.Logf("seed %d: named after %d steps; %d where the steps were forgotten after %d", seed, steps, forgot, half)
		if forgot > steps+3 {
			later++
		}
	}
	if later < 5 {
		t.Errorf("forgetting cost steps in %d of 8 trials only: the trial is too easy", later)
	}
}

// TestRestartWithinASteadyTime costs no more than two steps.
func TestRestartWithinASteadyTime(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		steps, _ := trial(t, seed, 0, nil)
		p, n := newPlant(t, seed, 60, 2), 1
		for ; n <= steps+2; n++ {
			p.toss(0.3)
			p.run(t, interval/2)
			if n == steps/2 {
				p.restart(t, func(*Memory) {})
			}
			p.run(t, interval-interval/2)
			if found, _ := p.named(); found == 2 {
				break
			}
		}
		if _, innocent := p.named(); n > steps+2 || innocent > 0 {
			t.Errorf("seed %d: %d steps, %d without a restart, %d innocent", seed, n, steps, innocent)
		}
	}
}

// TestALongGapMakesNoStep: what moved while nobody looked is held against nobody.
func TestALongGapMakesNoStep(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		gap  time.Duration
		want int
	}{"ten minutes": {10 * time.Minute, 3}, "a day": {24 * time.Hour, 2}} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, 1, 40, 0)
			for range 3 {
				p.toss(0.3)
				p.run(t, interval)
			}
			p.at = p.at.Add(c.gap)
			p.restart(t, func(*Memory) {})
			p.toss(0.3)
			p.run(t, interval)
			p.toss(0)
			p.flip(0)
			p.run(t, 1)
			if p.rep.Steps != c.want {
				t.Errorf("%d steps after the gap, want %d", p.rep.Steps, c.want)
			}
		})
	}
}

// TestPick: machines that come, go and change places take what is known of the
// others with them.
func TestPick(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 2, 60, 1)
	if steps, _ := p.until(t, 60, interval, func() { p.toss(0.3) }); steps > 60 {
		t.Fatal("the liar was not named")
	}
	m := written(t, p.w.Memory())
	liar := m.Names[0].Unit
	for sentence, c := range map[string]struct {
		of   func(order []int) []int
		kept bool // its name
	}{
		"the same in another order": {func(o []int) []int { return o }, true},
		"ten are gone":              {func(o []int) []int { return without(o, liar)[:50] }, true},
		"ten are new":               {func(o []int) []int { return append(o, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1) }, true},
		"the liar itself is gone":   {func(o []int) []int { return without(o, -1, liar) }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			of := c.of(rand.New(rand.NewPCG(1, 1)).Perm(60))
			got, err := m.Pick(of)
			if err != nil {
				t.Fatal(err)
			}
			q := newPlant(t, 77, len(of), 0)
			w, err := Restore(q.w.cfg, written(t, got))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(w.named); (n == 1) != c.kept || n > 1 {
				t.Fatalf("%d names are kept", n)
			}
			for k, i := range of {
				if f, _, known := w.Factor(k); i >= 0 && k > 0 {
					if was, _, _ := p.w.Factor(i); !known || f != was {
						t.Fatalf("factor of unit %d is %d, was %d as unit %d", k, f, was, i)
					}
				}
				if i == liar {
					q.liar[k] = true
				}
			}
			q.w, q.at = w, m.At
			for range 12 {
				q.toss(0.3)
				q.run(t, interval)
			}
			if found, innocent := q.named(); innocent > 0 || (found == 1) != c.kept {
				t.Errorf("later %d liars are named and %d innocent: %+v", found, innocent, named(q.rep.Findings))
			}
		})
	}
	for _, of := range [][]int{{0, 0}, {60}} {
		if _, err := m.Pick(of); !errors.Is(err, ErrMemory) {
			t.Errorf("units %v: %v", of, err)
		}
	}
}

// without is an order with the first unit that keep does not name left out, and
// with keep moved to the front where it is a unit.
func without(order []int, keep int, gone ...int) []int {
	var out []int
	if keep >= 0 {
		out = append(out, keep)
	}
	for _, i := range order {
		if i != keep && (len(gone) == 0 || i != gone[0]) {
			out = append(out, i)
		}
	}
	return out
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 3, 20, 1)
	for range 12 {
		p.toss(0.3)
		p.run(t, interval)
	}
	good := p.w.Memory()
	if good.Said == nil || good.Before == nil || good.Now == nil || len(good.Steps) < 9 {
		t.Fatalf("the trial is too easy: %d steps", len(good.Steps))
	}
	for sentence, c := range map[string]struct {
		spoil func(*Memory)
		says  string
	}{
		"another version":              {func(m *Memory) { m.Version = 2 }, "version 2"},
		"other units":                  {func(m *Memory) { m.Units = 21 }, "of 21 units"},
		"a short column":               {func(m *Memory) { m.Awake = m.Awake[1:] }, "awake_w"},
		"chances of too few":           {func(m *Memory) { m.Said.Liar = m.Said.Liar[1:] }, "chances"},
		"a chance of two":              {func(m *Memory) { m.Said.Doubt[3] = 2 }, "chances"},
		"an odd unit that is not":      {func(m *Memory) { m.Said.Odd = []Part{{20, 1}} }, "odd unit 20"},
		"a name that is not":           {func(m *Memory) { m.Names = []Name{{Unit: -1, Code: Liar, Counts: 2}} }, "name"},
		"a name without a verdict":     {func(m *Memory) { m.Said, m.Names = nil, []Name{{Unit: 1, Code: Liar, Counts: 2}} }, "name"},
		"a step that is cut":           {func(m *Memory) { m.Steps[2].Moved = m.Steps[2].Moved[:3] }, "step 3"},
		"a step of other units":        {func(m *Memory) { m.Steps[2].Moved = newPacker().pack(make([]float32, 21)) }, "step 3"},
		"a change beyond sense":        {func(m *Memory) { m.Steps[0].Moved = newPacker().pack(append(make([]float32, 19), 1e12)) }, "step 1"},
		"noise below zero":             {func(m *Memory) { m.Steps[4].Noise = -1 }, "step 5"},
		"more steps than are kept":     {func(m *Memory) { m.Steps = append(m.Steps, make([]StepMemory, stepsMost)...) }, "steps where"},
		"a steady time of other units": {func(m *Memory) { m.Before.Order = m.Before.Order[1:] }, "steady time"},
		"a steady time of no round":    {func(m *Memory) { m.Now.Rounds = 0 }, "0 rounds"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			m := written(t, good)
			c.spoil(&m)
			if w, err := Restore(p.w.cfg, m); !errors.Is(err, ErrMemory) || !strings.Contains(err.Error(), c.says) || w != nil {
				t.Errorf("error %v, want %q", err, c.says)
			}
		})
	}
	if _, err := Restore(Config{}, good); err == nil || errors.Is(err, ErrMemory) {
		t.Errorf("a config of nothing: %v", err)
	}
}

// TestMemoryIsSmall: a full window of 2,500 units, a third of them moved in each
// step and all others by a few watts, takes a few megabytes.
func TestMemoryIsSmall(t *testing.T) {
	t.Parallel()
	p := newPlant(t, 1, 2500, 0)
	for range 3 {
		p.toss(0.3)
		p.run(t, interval)
	}
	s := p.w.scales
	for range s.most() - len(s.steps) {
		x := step{moved: make([]float32, 2500), short: p.dice.NormFloat64() * 1e5, noise: p.dice.Float64() * 1e9, shared: 1e7}
		for i := range x.moved {
			if x.moved[i] = float32(p.dice.IntN(9) - 4); p.dice.IntN(3) == 0 {
				x.moved[i] = float32(p.dice.IntN(8001) - 4000)
			}
		}
		s.steps = append(s.steps, x)
	}
	text, err := json.Marshal(p.w.Memory())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d steps of 2,500 units take %.1f MB", len(s.steps), float64(len(text))/1e6)
	if len(text) > 5_000_000 {
		t.Errorf("%d bytes", len(text))
	}
}

// TestPackReadsBack: what was packed comes back.
func TestPackReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) float32 {
			return float32(rapid.Int64Range(-int64(16*unit.Megawatt), int64(16*unit.Megawatt)).Draw(t, "w"))
		})).Draw(t, "moved")
		out, err := unpack(newPacker().pack(in), len(in))
		if err != nil || !gocmp.Equal(in, out, cmpopts.EquateEmpty()) {
			t.Fatalf("%v came back as %v, %v", in, out, err)
		}
	})
}

// FuzzRestore: no file makes a witness fall over, now or in its next rounds.
func FuzzRestore(f *testing.F) {
	p := newPlant(f, 3, 5, 1)
	for range 10 {
		p.toss(0.4)
		p.run(f, 8)
	}
	text, err := json.Marshal(p.w.Memory())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var m Memory
		if json.Unmarshal(text, &m) != nil || len(m.Steps) > 40 {
			return
		}
		m.At = time.Time{}
		q := newPlant(t, 1, 5, 0)
		w, err := Restore(q.w.cfg, m)
		if err != nil {
			return
		}
		q.w = w
		for range 3 {
			q.toss(0.5)
			q.run(t, 10)
		}
		if _, err := m.Pick([]int{4, -1, 0}); err != nil {
			t.Errorf("taken up whole, and not in part: %v", err)
		}
	})
}
