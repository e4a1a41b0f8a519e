package trust

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sluice/unit"
)

// drawFleet is some machines in some groups, each of its own power.
func drawFleet(t *rapid.T) []Unit {
	n := rapid.IntRange(1, 60).Draw(t, "machines")
	out := make([]Unit, n)
	for i := range out {
		out[i] = Unit{
			Name: fmt.Sprintf("m%03d", i), Group: fmt.Sprintf("g%d", rapid.IntRange(0, 3).Draw(t, "group")),
			Most:    unit.Power(rapid.IntRange(1, 9).Draw(t, "kilowatt")) * kw,
			Adopted: rapid.IntRange(0, 9).Draw(t, "adopted") > 0,
		}
	}
	return out
}

func names(units []Unit, c Choice) []string {
	var out []string
	for i, ok := range c.Entrusted {
		if ok {
			out = append(out, units[i].Name)
		}
	}
	slices.Sort(out)
	return out
}

// chooser is Choose, or one with a fault.
type chooser func(site string, s Scope, units []Unit) Choice

// fair checks all that Choose promises about one fleet, and names the first breach.
func fair(choose chooser, units []Unit, caps Caps, rack []string) error {
	var before []string
	for _, s := range Stages()[ClosedRack.rank():] {
		c := choose("pecos", Scope{s, rack, caps.of(s)}, units)
		got := names(units, c)
		if err := within(units, c, s, caps.of(s), rack); err != nil {
			return err
		}
		for _, n := range before {
			if !slices.Contains(got, n) {
				return fmt.Errorf("%s is entrusted below %s and not in it", n, s)
			}
		}
		mixed := slices.Clone(units)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if again := names(mixed, choose("pecos", Scope{s, rack, caps.of(s)}, mixed)); !slices.Equal(got, again) {
			return fmt.Errorf("%s: in another order %v, not %v", s, again, got)
		}
		before = got
	}
	return nil
}

// within checks identity, cap and share of one choice.
func within(units []Unit, c Choice, s Stage, limit unit.Power, rack []string) error {
	var sum unit.Power
	of, has, named := map[string]int{}, map[string]int{}, map[string]int{}
	for i, u := range units {
		if u.Adopted {
			of[u.Group]++
		}
		if u.Adopted && slices.Contains(rack, u.Name) {
			named[u.Group]++
		}
		if !c.Entrusted[i] {
			continue
		}
		sum += u.Most
		has[u.Group]++
		if !u.Adopted {
			return fmt.Errorf("%s: %s was never adopted", s, u.Name)
		}
	}
	if sum > limit || sum != c.Most {
		return fmt.Errorf("%s: %v entrusted, said %v, cap %v", s, sum, c.Most, limit)
	}
	for g, n := range has {
		percent := map[Stage]int{ClosedFive: 5, ClosedQuarter: 25, ClosedAll: 100}[s]
		if most := max(named[g], (of[g]*percent+99)/100); n > most {
			return fmt.Errorf("%s: %d of %d in %s, at most %d", s, n, of[g], g, most)
		}
	}
	return nil
}

func drawCaps(t *rapid.T) Caps {
	step := func(name string) unit.Power { return unit.Power(rapid.IntRange(1, 90).Draw(t, name)) * kw }
	c := Caps{Rack: step("rack")}
	c.Five = c.Rack + step("five")
	c.Quarter = c.Five + step("quarter")
	c.All = c.Quarter + step("all")
	return c
}

// TestChoiceIsFair: never a machine beyond identity, scope and cap; each stage
// keeps what the one below had; the order says nothing.
func TestChoiceIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		units := drawFleet(t)
		if err := fair(Choose, units, drawCaps(t), Block("pecos", units, rapid.IntRange(0, 9).Draw(t, "block"))); err != nil {
			t.Fatal(err)
		}
	})
}

// TestUnfairChoicesAreCaught: choosers with a fault must fail the same check.
func TestUnfairChoicesAreCaught(t *testing.T) {
	t.Parallel()
	for name, choose := range map[string]chooser{
		"no cap": func(site string, s Scope, units []Unit) Choice {
			s.Cap = mostPower
			return Choose(site, s, units)
		},
		"no identity": func(site string, s Scope, units []Unit) Choice {
			units = slices.Clone(units)
			for i := range units {
				units[i].Adopted = true
			}
			return Choose(site, s, units)
		},
		"each stage draws anew": func(site string, s Scope, units []Unit) Choice {
			return Choose(site+string(s.Stage), s, units)
		},
		"the order decides": func(_ string, s Scope, units []Unit) Choice {
			return Choose(units[0].Name, s, units)
		},
		"a small one is squeezed in": squeeze,
		"twice the share": func(site string, s Scope, units []Unit) Choice {
			if s.Stage == ClosedQuarter {
				s.Stage = ClosedAll
			}
			return Choose(site, s, units)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range 400 {
				units, caps := seededFleet(uint64(seed))
				if err := fair(choose, units, caps, Block("pecos", units, 3)); err != nil {
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Error("no fleet showed it")
		})
	}
}

// squeeze takes whatever still fits under the cap, so a higher cap can lose a machine.
func squeeze(site string, s Scope, units []Unit) Choice {
	c := Choice{Entrusted: make([]bool, len(units)), Why: make([]Code, len(units))}
	for _, p := range row(site, s.Named, units) {
		if m := units[p.unit].Most; (p.named || int64(p.rank)*int64(unit.One) < int64(p.of)*int64(s.Stage.share())) && c.Most+m <= s.Cap {
			c.Entrusted[p.unit] = true
			c.Most += m
		}
	}
	return c
}

func seededFleet(seed uint64) ([]Unit, Caps) {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]Unit, 1+r.IntN(60))
	for i := range out {
		out[i] = Unit{Name: fmt.Sprintf("m%03d", i), Group: fmt.Sprintf("g%d", r.IntN(4)), Most: unit.Power(1+r.IntN(9)) * kw, Adopted: r.IntN(10) > 0}
	}
	five := unit.Power(1+r.IntN(30)) * kw
	return out, Caps{Rack: five, Five: five + 3*kw, Quarter: five + 9*kw, All: five + 60*kw}
}

// TestChoiceIsStable: a machine that comes or goes moves at most one other of its
// group, and none of another.
func TestChoiceIsStable(t *testing.T) {
	t.Parallel()
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		units := drawFleet(t)
		gone := rapid.IntRange(0, len(units)-1).Draw(t, "gone")
		left := slices.Delete(slices.Clone(units), gone, gone+1)
		for _, s := range []Stage{ClosedFive, ClosedQuarter, ClosedAll} {
			a := names(units, Choose("pecos", Scope{Stage: s, Cap: mostPower}, units))
			b := names(left, Choose("pecos", Scope{Stage: s, Cap: mostPower}, left))
			n := 0
			for _, u := range units {
				if u.Name != units[gone].Name && slices.Contains(a, u.Name) != slices.Contains(b, u.Name) {
					n++
					if u.Group != units[gone].Group {
						t.Fatalf("%s: %s of another group moved", s, u.Name)
					}
				}
			}
			if n > 1 {
				t.Fatalf("%s: %d machines moved when one left", s, n)
			}
			moved += n
		}
	})
	if moved == 0 {
		t.Error("nothing ever moved: the test shows nothing")
	}
}

// TestEachGroupIsTested: at 5 % each group gives its share, also the small ones.
func TestEachGroupIsTested(t *testing.T) {
	t.Parallel()
	var units []Unit
	for g, n := range map[string]int{"a": 1000, "b": 100, "c": 10, "d": 1} {
		for i := range n {
			units = append(units, Unit{Name: fmt.Sprintf("%s%d", g, i), Group: g, Most: 1, Adopted: true})
		}
	}
	c := Choose("pecos", Scope{Stage: ClosedFive, Cap: 1000}, units)
	got := map[string]int{}
	for _, n := range names(units, c) {
		got[n[:1]]++
	}
	if got["a"] != 50 || got["b"] != 5 || got["c"] != 1 || got["d"] != 1 {
		t.Errorf("entrusted %v", got)
	}
	small := Choose("pecos", Scope{Stage: ClosedFive, Cap: 8}, units) // the cap, too, cuts evenly
	got = map[string]int{}
	for _, n := range names(units, small) {
		got[n[:1]]++
	}
	if got["a"] != 5 || got["b"] != 1 || got["c"] != 1 || got["d"] != 1 || small.Most != 8 {
		t.Errorf("entrusted under a small cap: %v", got)
	}
}

// TestWhyNot: each machine that is not entrusted has its reason.
func TestWhyNot(t *testing.T) {
	t.Parallel()
	units := []Unit{{"a", "g", 5, true}, {"b", "g", 5, true}, {"c", "g", 5, false}, {"d", "g", 5, true}}
	c := Choose("pecos", Scope{Stage: ClosedRack, Named: []string{"a", "b", "c"}, Cap: 7}, units)
	var full int
	for i := range 2 {
		if c.Why[i] == CapFull {
			full++
		}
	}
	if full != 1 || c.Why[2] != NotAdopted || c.Why[3] != OutOfScope || c.Count != 1 {
		t.Errorf("why %v", c.Why)
	}
	if c := Choose("pecos", Scope{Stage: Shadow, Cap: 7}, units); c.Why[0] != StageTooLow || c.Count != 0 {
		t.Errorf("in shadow: %+v", c)
	}
}

func TestCapsOf(t *testing.T) {
	t.Parallel()
	units := []Unit{{"a", "g", 100 * kw, true}, {"b", "g", 60 * kw, true}, {"c", "g", 40 * kw, true}}
	if c := CapsOf(units); c != (Caps{100 * kw, 100 * kw, 100 * kw, 200 * kw}) {
		t.Errorf("got %+v", c)
	}
	if c := CapsOf(farm()); c != (Caps{42 * kw, 42 * kw, 210 * kw, 840 * kw}) {
		t.Errorf("got %+v", c)
	}
}

// BenchmarkChoose is what a change of stage or of the fleet costs.
func BenchmarkChoose(b *testing.B) {
	units := make([]Unit, 10_000)
	for i := range units {
		units[i] = Unit{Name: fmt.Sprintf("m%06d", i), Group: fmt.Sprintf("g%d", i%20), Most: 3500, Adopted: true}
	}
	for b.Loop() {
		Choose("pecos", Scope{Stage: ClosedQuarter, Cap: mostPower}, units)
	}
}
