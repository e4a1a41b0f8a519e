package live

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/device"
	"sluice/loop/actuate"
	"sluice/loop/verify"
	"sluice/unit"
)

// bench is a court with one seat of its own making: machines of 3.5 kW behind one
// meter, some of which say that they sleep and do not.
type bench struct {
	*court
	at     time.Time
	dice   *rand.Rand
	asleep []bool
	liar   []bool
	report verify.Report
	told   []string
}

func newBench(t *testing.T, names []string, liars ...string) *bench {
	t.Helper()
	units := slices.Repeat([]verify.Unit{{Most: 4000}}, len(names))
	s := &seat{name: "revenue", units: names, config: verify.DefaultConfig(units)}
	w, err := verify.NewWitness(s.config)
	if err != nil {
		t.Fatal(err)
	}
	s.witness = w
	b := &bench{court: &court{site: "yard", seats: []*seat{s}}, at: dawn, dice: rand.New(rand.NewPCG(1, 2)), asleep: make([]bool, len(names)), liar: make([]bool, len(names))}
	for i, n := range names {
		s.members = append(s.members, i)
		b.liar[i] = slices.Contains(liars, n)
	}
	return b
}

// open lets the court take up what is kept in a directory.
func (b *bench) open(dir string) *bench {
	b.recall(archive{dir: dir, note: func(code, text string) { b.told = append(b.told, code+" "+text) }}, b.at)
	return b
}

// interval lets six minutes pass after a third of the machines were moved.
func (b *bench) interval(t *testing.T) {
	t.Helper()
	for i := range b.asleep {
		if b.dice.IntN(3) == 0 {
			b.asleep[i] = !b.asleep[i]
		}
	}
	for range 36 {
		b.at = b.at.Add(10 * time.Second)
		r := verify.Round{At: b.at, Metered: true, Age: time.Second, Overhead: unit.One}
		for i := range b.asleep {
			s := verify.Statement{Power: 3500, Known: true, Fresh: true, Activity: device.Running, Ordered: 3500}
			if b.asleep[i] {
				s.Power, s.Activity, s.Ordered = 15, device.Asleep, 0
			}
			r.Power += s.Power
			if b.asleep[i] && b.liar[i] {
				r.Power += 3400
			}
			r.Units = append(r.Units, s)
		}
		r.Power += unit.Power(float64(r.Power) * 0.003 * b.dice.NormFloat64())
		h := hearing{seat: b.seats[0], round: r, cleared: b.seats[0].cleared}
		b.seats[0].cleared = nil
		var err error
		if b.report, err = h.take(); err != nil {
			t.Fatal(err)
		}
		b.keep(b.at, false)
	}
}

// liars is the names of those that were named.
func (b *bench) liars() []string {
	var out []string
	for _, f := range b.report.Findings {
		if f.Code == verify.Liar {
			out = append(out, b.seats[0].units[f.Unit])
		}
	}
	return out
}

func manyNames(n int) []string {
	var out []string
	for i := range n {
		out = append(out, "10.0.0."+string(rune('a'+i/10))+string(rune('0'+i%10)))
	}
	return out
}

// TestWitnessesGoOnAfterARestart: what was learned is there again when the same
// machines are, in whatever order, and without those that left.
func TestWitnessesGoOnAfterARestart(t *testing.T) {
	t.Parallel()
	dir, names := t.TempDir(), manyNames(40)
	b := newBench(t, names, names[7]).open(dir)
	for range 30 {
		b.interval(t)
	}
	if got := b.liars(); !slices.Equal(got, names[7:8]) || b.told != nil {
		t.Fatalf("named %v, told %v", got, b.told)
	}
	b.keep(b.at, true)
	turned := slices.Clone(names)
	slices.Reverse(turned)
	for sentence, c := range map[string]struct {
		names []string
		want  []string
		told  string
	}{
		"the same":                  {names, names[7:8], ""},
		"in another order":          {turned, names[7:8], ""},
		"five left and five came":   {append(slices.Clone(names[5:]), "x1", "x2", "x3", "x4", "x5"), names[7:8], ""},
		"the liar left":             {slices.Delete(slices.Clone(names), 7, 8), nil, ""},
		"nearly all were exchanged": {append(slices.Clone(names[30:]), manyNames(80)[50:]...), nil, "only 10 of 40"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			again := newBench(t, c.names, names[7])
			again.at = b.at.Add(time.Minute)
			again.open(dir)
			again.interval(t)
			if got := again.liars(); !slices.Equal(got, c.want) {
				t.Errorf("named %v, want %v", got, c.want)
			}
			if told := strings.Join(again.told, "\n"); (told == "") != (c.told == "") || !strings.Contains(told, c.told) {
				t.Errorf("told %q, want %q", told, c.told)
			}
		})
	}
	t.Run("control: the file is gone", func(t *testing.T) {
		t.Parallel()
		again := newBench(t, names, names[7])
		again.at = b.at.Add(time.Minute)
		again.open(t.TempDir())
		again.interval(t)
		if got := again.liars(); got != nil || again.told != nil {
			t.Errorf("named %v, told %v", got, again.told)
		}
	})
}

// TestWitnessesBeginAnew: what cannot be taken up is told, and harms nothing.
func TestWitnessesBeginAnew(t *testing.T) {
	t.Parallel()
	names := manyNames(10)
	good := func(t *testing.T) (string, time.Time) {
		t.Helper()
		dir := t.TempDir()
		b := newBench(t, names).open(dir)
		b.interval(t)
		b.keep(b.at, true)
		return dir, b.at
	}
	edit := func(f func(*courtMemory)) func([]byte) []byte {
		return func(text []byte) []byte {
			var m courtMemory
			if json.Unmarshal(text, &m) != nil {
				return nil
			}
			f(&m)
			out, _ := json.Marshal(m)
			return out
		}
	}
	for sentence, c := range map[string]struct {
		spoil func([]byte) []byte
		early time.Duration
		says  string
	}{
		"cut in half":              {func(x []byte) []byte { return x[:len(x)/2] }, 0, "unexpected end"},
		"empty":                    {func([]byte) []byte { return nil }, 0, "unexpected end"},
		"another version":          {edit(func(m *courtMemory) { m.Version = 2 }), 0, "version 2"},
		"another site":             {edit(func(m *courtMemory) { m.Site = "else" }), 0, `of site "else"`},
		"another learned version":  {edit(func(m *courtMemory) { m.Seats[0].Learned.Version = 9 }), 0, "version 9"},
		"names of too few":         {edit(func(m *courtMemory) { m.Seats[0].Units = m.Seats[0].Units[1:] }), 0, "9 names of 10 units"},
		"columns of another size":  {edit(func(m *courtMemory) { m.Seats[0].Learned.Awake = nil }), 0, "awake_w"},
		"the clock was set back":   {func(x []byte) []byte { return x }, time.Hour, "set back"},
		"a name twice is no crash": {edit(func(m *courtMemory) { m.Seats[0].Units[1] = m.Seats[0].Units[0] }), 0, ""},
		"another meter":            {edit(func(m *courtMemory) { m.Seats[0].Meter = "feeder" }), 0, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			dir, at := good(t)
			name := filepath.Join(dir, WitnessFile)
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, c.spoil(text), 0o600); err != nil {
				t.Fatal(err)
			}
			b := newBench(t, names)
			b.at = at.Add(-c.early)
			b.open(dir)
			if told := strings.Join(b.told, "\n"); (told == "") != (c.says == "") || !strings.Contains(told, c.says) {
				t.Errorf("told %q, want %q", told, c.says)
			}
			b.at = at
			b.interval(t) // and it works
		})
	}
}

// TestWitnessesAreKeptHourly, whole or not at all, and for the owner alone.
func TestWitnessesAreKeptHourly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, WitnessFile)
	b := newBench(t, manyNames(10)).open(dir)
	for range 9 {
		b.interval(t)
	}
	if _, err := os.Stat(name); err == nil {
		t.Error("kept within the first hour")
	}
	b.interval(t)
	i, err := os.Stat(name)
	if err != nil || i.Mode().Perm() != 0o600 {
		t.Fatalf("after an hour: %v, %v", i, err)
	}
	kept, err := readCourt(name)
	if err != nil || len(kept.Seats) != 1 || b.at.Sub(kept.Seats[0].Learned.At) > time.Minute {
		t.Fatalf("%v, %v", kept.Seats, err)
	}
	b.keep(b.at, true)
	if left, err := filepath.Glob(filepath.Join(dir, ".witness-*")); err != nil || left != nil {
		t.Errorf("left over: %v, %v", left, err)
	}
	again := newBench(t, manyNames(10))
	again.at = b.at
	again.open(dir)
	if d := cmp.Diff(b.seats[0].witness.Memory(), again.seats[0].witness.Memory()); d != "" {
		t.Errorf("what was kept is not what comes back:\n%s", d)
	}
	b.archive.dir = filepath.Join(dir, "gone")
	b.keep(b.at, true)
	if len(b.told) != 1 || !strings.HasPrefix(b.told[0], "witness_unkept") {
		t.Errorf("told %v", b.told)
	}
}

// TestClearedMachineIsForgiven: a machine that a person has looked at is not named
// again for what it did before, neither by a report that was on its way nor by
// the next ones; if it goes on lying it is.
func TestClearedMachineIsForgiven(t *testing.T) {
	t.Parallel()
	b := newBench(t, manyNames(40), "10.0.0.a7")
	for range 30 {
		b.interval(t)
	}
	if len(b.liars()) != 1 {
		t.Fatal("the liar was not named")
	}
	b.forgive(Said{What: actuate.Cleared{Unit: 7}})
	b.liar[7] = false
	for range 5 {
		b.interval(t)
		if b.liars() != nil {
			t.Errorf("accused again: %v", b.liars())
		}
	}
	k, _ := lane(t, 4, Memory{})
	say := func(forgiven ...int) Trouble {
		k.Handle(laneBegin, witnessed{report: verify.Report{Findings: []verify.Finding{{Code: verify.Liar, Unit: 2}}}, forgiven: forgiven})
		return k.machines[2].trouble
	}
	if say() != Liar {
		t.Fatal("a liar is not in trouble")
	}
	k.Handle(laneBegin, Said{By: "anna", What: actuate.Cleared{Unit: 2, By: "anna"}})
	if got := say(); got != Fine {
		t.Errorf("a report from before makes it %q", got)
	}
	if got := say(2); got != Liar {
		t.Errorf("one from after makes it %q", got)
	}
}
