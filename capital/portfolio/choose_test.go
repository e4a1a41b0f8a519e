package portfolio

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/capital"
)

// small is a plan of one scenario in millions: option by site as (name, value, capex
// by quarter).
func small(quarters int, sites ...Site) Problem {
	p := Problem{Quarters: quarters, Beta: 0.95, Scenarios: []Scenario{{"only", 1}}, Sites: sites}
	for i := range p.Sites {
		p.Sites[i].Options = append(p.Sites[i].Options, Option{Name: "wait", Product: None})
	}
	return p
}

func hall(name string, value float64, capex ...float64) Option {
	return Option{Name: name, Product: "hall", NPV: []float64{value}, Capex: capex}
}

// TestLimits are plans whose best choice can be seen at once, limit by limit.
func TestLimits(t *testing.T) {
	t.Parallel()
	two := func() []Site {
		return []Site{
			{Name: "north", Options: []Option{hall("big", 10, 8, 0), hall("later", 9, 0, 8)}},
			{Name: "south", Options: []Option{hall("big", 7, 8, 0), hall("small", 3, 2, 0)}},
		}
	}
	for name, c := range map[string]struct {
		sites  []Site
		change func(p *Problem)
		want   []string
		value  float64
	}{
		"no limit: every site its best": {two(), func(*Problem) {}, []string{"big", "big"}, 17},
		"a budget for one now and one later": {
			two(), func(p *Problem) { p.Budget = &Budget{Money: []float64{8, 8}} },
			[]string{"later", "big"},
			16,
		},
		"what is not spent is lost": {
			two(), func(p *Problem) { p.Budget = &Budget{Money: []float64{5, 5}} },
			[]string{"wait", "small"},
			3,
		},
		"what is not spent is carried over": {
			two(), func(p *Problem) { p.Budget = &Budget{Money: []float64{5, 5}, Carry: true} },
			[]string{"later", "small"},
			12,
		},
		"carried over is not borrowed": {
			two(), func(p *Problem) { p.Budget = &Budget{Money: []float64{0, 16}, Carry: true} },
			[]string{"later", "wait"},
			9,
		},
		"crew for one at a time": {
			two(), func(p *Problem) {
				p.Crew = []float64{20, 20}
				for i := range p.Sites {
					for o := range p.Sites[i].Options[:2] {
						x := &p.Sites[i].Options[o]
						x.Crew = []float64{15, 0}
						if x.Name == "later" {
							x.Crew = []float64{0, 15}
						}
					}
				}
			},
			[]string{"later", "big"},
			16,
		},
		"one project in construction": {
			two(), func(p *Problem) {
				p.Building = 1
				for i := range p.Sites {
					for o := range p.Sites[i].Options[:2] {
						x := &p.Sites[i].Options[o]
						x.Build = 1
						if x.Name == "later" {
							x.Start = 1
						}
					}
				}
			},
			[]string{"later", "big"},
			16,
		},
		"a substation that both share": {
			two(), func(p *Problem) {
				p.Substations = []Substation{{"bus", []float64{100, 30}}}
				for i := range p.Sites {
					p.Sites[i].Substation = "bus"
					for o := range p.Sites[i].Options[:2] {
						p.Sites[i].Options[o].MW = []float64{0, 20}
					}
				}
				p.Sites[1].Options[1].MW[1] = 10
			},
			[]string{"big", "small"},
			13,
		},
		"a substation of another site does not matter": {
			two(), func(p *Problem) {
				p.Substations = []Substation{{"bus", []float64{0, 0}}}
				p.Sites[0].Substation = "bus"
				for o := range p.Sites[0].Options[:2] {
					p.Sites[0].Options[o].MW = []float64{0, 20}
				}
			},
			[]string{"wait", "big"},
			7,
		},
		"mining that goes on keeps its megawatts": {
			two(), func(p *Problem) {
				p.Substations = []Substation{{"bus", []float64{25, 25}}}
				p.Sites[0].Substation, p.Sites[1].Substation = "bus", "bus"
				for i := range p.Sites {
					for o := range p.Sites[i].Options {
						p.Sites[i].Options[o].MW = []float64{20, 20}
					}
				}
				p.Sites[0].Options[2].MW = []float64{5, 5}
			},
			[]string{"wait", "big"},
			7,
		},
		"one needs the other": {
			two(), func(p *Problem) {
				p.Budget = &Budget{Money: []float64{8, 8}}
				p.Needs = []Need{{"line", []Ref{{"south", "big"}}, []Ref{{"north", "big"}}}}
			},
			[]string{"later", "small"},
			12,
		},
		"a promise": {
			two(), func(p *Problem) { p.Needs = []Need{{"promise", nil, []Ref{{"south", "small"}, {"south", "wait"}}}} },
			[]string{"big", "small"},
			13,
		},
		"a need that nothing fills forbids": {
			two(), func(p *Problem) { p.Needs = []Need{{"permit", []Ref{{"north", "big"}}, nil}} },
			[]string{"later", "big"},
			16,
		},
		"one or the other": {
			two(), func(p *Problem) {
				p.Exclusive = []Exclusion{{"one tenant", []Ref{{"north", "big"}, {"south", "big"}}}}
			},
			[]string{"later", "big"},
			16,
		},
		"debt at most four times earnings": {
			two(), func(p *Problem) {
				p.Covenants = []Covenant{Multiple("debt", 4, Debt{
					Owed:     [][][]float64{{{8, 8}, nil, nil}, {{8, 8}, {2, 2}, nil}},
					Earned:   [][][]float64{{{1, 2}, nil, nil}, {{1, 2}, {0, 1}, nil}},
					BaseOwed: []float64{0, 0}, BaseEarned: []float64{1, 1},
				})}
			},
			[]string{"later", "big"},
			16,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := small(2, c.sites...)
			c.change(&p)
			got := chosen(t, p, Options{})
			if !slices.Equal(names(got), c.want) || !near(got.Objective, c.value, 1e-9, 1) {
				t.Errorf("%v worth %v, want %v worth %v", names(got), got.Objective, c.want, c.value)
			}
			counted, err := Exhaustive(p)
			if err != nil || counted.Objective != c.value {
				t.Errorf("counting out says %v (%v)", counted.Objective, err)
			}
		})
	}
}

// liquid is a plan with one good project that costs cash first.
func liquid(l Liquidity) Problem {
	p := small(3, Site{Name: "north", Options: []Option{
		{Name: "now", Product: "hall", NPV: []float64{10, 10}, Cash: [][]float64{{-6, 0, 8}, {-6, -2, 6}}},
		{Name: "slow", Product: "hall", NPV: []float64{7, 7}, Cash: [][]float64{{-2, -1, 5}, {-2, -1, 5}}},
	}})
	p.Scenarios = []Scenario{{"good", 0.75}, {"bad", 0.25}}
	p.Liquidity = &l
	return p
}

func TestLiquidity(t *testing.T) {
	t.Parallel()
	in := solver(t)
	for name, c := range map[string]struct {
		l     Liquidity
		want  string
		value float64
		short []float64
	}{
		"enough":                         {Liquidity{Start: 10, Least: 2, Hard: true}, "now", 10, []float64{0, 0, 0}},
		"forbidden in the bad scenario":  {Liquidity{Start: 9, Least: 2, Hard: true}, "slow", 7, []float64{0, 0, 0}},
		"forbidden at all":               {Liquidity{Start: 4, Least: 2, Hard: true}, "wait", 0, []float64{0, 0, 0}},
		"a shortfall that is worth it":   {Liquidity{Start: 9, Least: 2, Penalty: 4}, "now", 9, []float64{0, 0.25, 0}},
		"a shortfall that costs too far": {Liquidity{Start: 9, Least: 2, Penalty: 16}, "slow", 7, []float64{0, 0, 0}},
	} {
		got := chosen(t, liquid(c.l), Options{Solver: in})
		if got.Taken[0].Option != c.want || !near(got.Objective, c.value, 1e-9, 1) || !slices.Equal(got.Shortfall, c.short) {
			t.Errorf("%s: %s worth %v, short %v; want %s worth %v, short %v", name, got.Taken[0].Option, got.Objective, got.Shortfall, c.want, c.value, c.short)
		}
	}
}

// TestTail is CVaR of losses 1 to 100 at 95 %: VaR 95, CVaR 98; with weights, with a
// scenario that lies across the edge, and against the sample function of capital.
func TestTail(t *testing.T) {
	t.Parallel()
	build := func(beta float64, loss, weight []float64) Problem {
		p := small(1, Site{Name: "north", Options: []Option{{Name: "only", Product: "hall"}}})
		p.Beta, p.Aversion, p.Scenarios = beta, 1, nil
		p.Needs = []Need{{"taken", nil, []Ref{{"north", "only"}}}}
		for s, l := range loss {
			p.Scenarios = append(p.Scenarios, Scenario{string(rune('A' + s)), weight[s]})
			p.Sites[0].Options[0].NPV = append(p.Sites[0].Options[0].NPV, -l)
		}
		return p
	}
	hundred, even := make([]float64, 100), make([]float64, 100)
	for i := range hundred {
		hundred[i], even[i] = float64((i*37)%100+1), 0.01
	}
	in := solver(t)
	for name, c := range map[string]struct {
		p            Problem
		atRisk, tail float64
	}{
		"1 to 100":        {build(0.95, hundred, even), 95, 98},
		"1 to 100, 99 %":  {build(0.99, hundred, even), 99, 100},
		"1 to 100, 90 %":  {build(0.90, hundred, even), 90, 95.5},
		"across the edge": {build(0.9, []float64{100, 10, 0}, []float64{0.04, 0.16, 0.8}), 10, 46},
		"all gain":        {build(0.5, []float64{-4, -8}, []float64{0.5, 0.5}), -8, -4},
	} {
		got := chosen(t, c.p, Options{Solver: in})
		if !near(got.VaR, c.atRisk, 1e-9, 1) || !near(got.CVaR, c.tail, 1e-9, 1) || !near(got.Objective, got.Expected-got.CVaR, 1e-9, 1) {
			t.Errorf("%s: VaR %v, CVaR %v, objective %v; want %v and %v", name, got.VaR, got.CVaR, got.Objective, c.atRisk, c.tail)
		}
		counted, err := Exhaustive(c.p)
		if err != nil || !near(counted.VaR, c.atRisk, 1e-9, 1) || !near(counted.CVaR, c.tail, 1e-9, 1) {
			t.Errorf("%s: counting out: VaR %v, CVaR %v (%v)", name, counted.VaR, counted.CVaR, err)
		}
	}
	if a, m := capital.Tail(hundred, 0.95); !near(a, 95, 1e-9, 1) || !near(m, 98, 1e-9, 1) {
		t.Errorf("capital.Tail: %v, %v", a, m)
	}
}

// TestAversion: a site whose best mean has a bad tail is given up as aversion rises.
func TestAversion(t *testing.T) {
	t.Parallel()
	p := small(1, Site{Name: "north", Options: []Option{
		{Name: "gpu", Product: "gpu", NPV: []float64{30, -10}}, {Name: "rent", Product: "hall", NPV: []float64{6, 5}},
	}})
	p.Scenarios, p.Beta = []Scenario{{"up", 0.5}, {"down", 0.5}}, 0.5
	in := solver(t)
	// gpu 10 - 10 lambda, rent 5.5 + 5 lambda: equal at lambda 0.3
	for lambda, want := range map[float64]string{0: "gpu", 0.29: "gpu", 0.31: "rent", 5: "rent"} {
		p.Aversion = lambda
		if got := chosen(t, p, Options{Solver: in}); got.Taken[0].Option != want {
			t.Errorf("aversion %v takes %s, want %s", lambda, got.Taken[0].Option, want)
		}
	}
}

// TestConflict: limits that cannot be kept together are named, and only these.
func TestConflict(t *testing.T) {
	t.Parallel()
	plan := func() Problem {
		p := small(2, Site{Name: "north", Options: []Option{hall("big", 10, 8, 0)}}, Site{Name: "south", Options: []Option{hall("big", 7, 8, 0)}})
		p.Crew = []float64{1, 1}
		p.Sites[0].Options[0].Crew, p.Sites[1].Options[0].Crew = []float64{1, 0}, []float64{0, 1}
		p.Budget = &Budget{Money: []float64{7, 0}, Carry: true}
		p.Needs = []Need{{"tenant", nil, []Ref{{"north", "big"}}}}
		return p
	}
	cash := liquid(Liquidity{Start: 7, Least: 2, Hard: true})
	cash.Needs = []Need{{"tenant", nil, []Ref{{"north", "now"}}}}
	mining := plan()
	mining.Needs, mining.Substations, mining.Sites[1].Substation = nil, []Substation{{"bus", []float64{5, 5}}}, "bus"
	mining.Sites[1].Options[0].MW, mining.Sites[1].Options[1].MW = []float64{6, 5}, []float64{7, 5}
	in := solver(t)
	for name, c := range map[string]struct {
		p        Problem
		together []string
		short    string
		by       float64
	}{
		"a promise the budget cannot pay":  {plan(), []string{"the budget", `need "tenant"`}, "the budget until quarter 0", 1},
		"a promise cash cannot pay":        {cash, []string{`need "tenant"`, cashName}, "the cash of quarter 1", 3},
		"mining that the grid cannot bear": {mining, []string{`substation "bus"`}, `substation "bus" of quarter 0`, 1},
	} {
		_, err := Choose(t.Context(), c.p, Options{Solver: in})
		var got *Conflict
		if !errors.Is(err, ErrInfeasible) || !errors.As(err, &got) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(got.Together, c.together) {
			t.Errorf("%s: %q cannot be kept together, want %q", name, got.Together, c.together)
		}
		if !slices.ContainsFunc(got.Short, func(s Shortage) bool { return s.Name == c.short && near(s.By, c.by, 1e-6, 1) }) {
			t.Errorf("%s: short of %v, want %s by %v", name, got.Short, c.short, c.by)
		}
		for _, word := range c.together {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q does not say %q", name, err, word)
			}
		}
	}
}

// TestBinding names the limit that stands in the way, and Worth says what it costs.
func TestBinding(t *testing.T) {
	t.Parallel()
	in := solver(t)
	p := small(2, Site{Name: "north", Options: []Option{hall("big", 10, 8, 0)}}, Site{Name: "south", Options: []Option{hall("big", 7, 8, 0)}})
	p.Budget = &Budget{Money: []float64{10, 0}}
	p.Crew = []float64{5, 5}
	p.Sites[0].Options[0].Crew, p.Sites[1].Options[0].Crew = []float64{1, 1}, []float64{1, 1}
	c := chosen(t, p, Options{Solver: in})
	if len(c.Binding) != 1 || c.Binding[0] != (Binding{"the budget of quarter 0", 8, 10, 1, 7}) {
		t.Errorf("binding: %+v", c.Binding)
	}
	got, err := Worth(t.Context(), p, c, Options{Solver: in}, Raise{Limit: Money, Quarter: 0, Step: 6}, Raise{Limit: Money, Quarter: 0, Step: 5}, Raise{Limit: People, Quarter: -1, Step: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{7, 0, 0} {
		if !near(got[i].Gain, want, 1e-9, 1) || !near(got[i].Unit, want/got[i].Raise.Step, 1e-9, 1) || got[i].Least > want+1e-6 || got[i].Most < want-1e-6 {
			t.Errorf("raise %+v: gain %v (%v to %v), want %v", got[i].Raise, got[i].Gain, got[i].Least, got[i].Most, want)
		}
	}
	if p.Budget.Money[0] != 10 || p.Crew[0] != 5 {
		t.Error("the plan itself was raised")
	}
	for _, bad := range []Raise{{Limit: Grid, Substation: "bus", Step: 1}, {Limit: Cash, Step: 1}, {Limit: Money, Quarter: 2, Step: 1}, {Limit: Money, Step: 0}} {
		if _, err := Worth(t.Context(), p, c, Options{Solver: in}, bad); !errors.Is(err, ErrProblem) {
			t.Errorf("raise %+v: %v", bad, err)
		}
	}
}

// TestMoreIsNeverWorse: a raised budget, crew or grid never lowers the objective.
func TestMoreIsNeverWorse(t *testing.T) {
	t.Parallel()
	in := solver(t)
	gains := 0
	for seed := range uint64(24) {
		p := random(1000+seed, shape{3, 4, 5, 3})
		before, err := Choose(t.Context(), p, Options{Solver: in})
		if errors.Is(err, ErrInfeasible) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		step := 1e7 * capital.Stream(seed, 3).Float64()
		for _, raise := range []Raise{{Limit: Money, Quarter: -1, Step: step}, {Limit: People, Quarter: 0, Step: step / 1e6}, {Limit: Grid, Substation: "east", Quarter: 1, Step: step / 1e6}} {
			q, err := raise.apply(p)
			if err != nil {
				continue // The plan has no such limit.
			}
			after, err := Choose(t.Context(), q, Options{Solver: in})
			if err != nil || after.Objective < before.Objective-1e-6*max(1e3, math.Abs(before.Objective)) {
				t.Fatalf("seed %d, %+v: from %v to %v (%v)", seed, raise, before.Objective, after.Objective, err)
			}
			if after.Objective > before.Objective+1 {
				gains++
			}
		}
	}
	if gains < 3 {
		t.Errorf("only %d raises changed anything", gains)
	}
}

// TestTailIdentities: CVaR is at least VaR and the mean loss and at most the worst
// loss; it moves with what is added to every loss, and grows with what multiplies it.
func TestTailIdentities(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), 1, 30).Draw(r, "values")
		tb := table{p: &Problem{Beta: rapid.Float64Range(0.01, 0.99).Draw(r, "beta")}}
		mean, worst, sum := 0.0, math.Inf(-1), 0.0
		for range value {
			w := rapid.Float64Range(0.1, 1).Draw(r, "weight")
			tb.p.Scenarios = append(tb.p.Scenarios, Scenario{Weight: w})
			sum += w
		}
		shifted := make([]float64, len(value))
		for s, v := range value {
			tb.p.Scenarios[s].Weight /= sum
			mean -= v * tb.p.Scenarios[s].Weight
			worst = max(worst, -v)
			shifted[s] = 3*v - 7
		}
		atRisk, tail, share := tb.tailOf(value)
		if tail < atRisk-1e-6 || tail < mean-1e-6 || tail > worst+1e-6 {
			r.Fatalf("VaR %v, CVaR %v, mean %v, worst %v", atRisk, tail, mean, worst)
		}
		total := 0.0
		for s, c := range share {
			total += c
			if c < 0 || c > tb.p.Scenarios[s].Weight/(1-tb.p.Beta)+1e-9 {
				r.Fatalf("share %v of weight %v", c, tb.p.Scenarios[s].Weight)
			}
		}
		if _, moved, _ := tb.tailOf(shifted); !near(moved, 3*tail+7, 1e-9, 1e3) || math.Abs(total-1) > 1e-6 {
			r.Fatalf("CVaR %v became %v, shares sum to %v", tail, moved, total)
		}
	})
}

// TestPermuted: scenarios, and sites, in another order give the same answer.
func TestPermuted(t *testing.T) {
	t.Parallel()
	in := solver(t)
	for seed := range uint64(8) {
		p := random(500+seed, shape{4, 4, 7, 3})
		p.Liquidity = nil
		before, err := Choose(t.Context(), p, Options{Solver: in})
		q := p
		q.Scenarios, q.Sites = nil, nil
		order := capital.Stream(seed, 1).Perm(len(p.Scenarios))
		for _, s := range order {
			q.Scenarios = append(q.Scenarios, p.Scenarios[s])
		}
		for _, site := range p.Sites {
			site.Options = slices.Clone(site.Options)
			for o := range site.Options {
				x := &site.Options[o]
				x.Cash = nil
				if x.NPV != nil {
					old := x.NPV
					x.NPV = nil
					for _, s := range order {
						x.NPV = append(x.NPV, old[s])
					}
				}
			}
			q.Sites = append(q.Sites, site)
		}
		after, wrong := Choose(t.Context(), q, Options{Solver: in})
		if (err == nil) != (wrong == nil) || !near(before.Objective, after.Objective, 1e-9, 1e3) || !slices.Equal(names(before), names(after)) {
			t.Errorf("seed %d: %v %v (%v), permuted %v %v (%v)", seed, before.Objective, names(before), err, after.Objective, names(after), wrong)
		}
	}
}

// TestNoLimits: without aversion and limits every site takes its best mean.
func TestNoLimits(t *testing.T) {
	t.Parallel()
	in := solver(t)
	for seed := range uint64(10) {
		p := random(700+seed, shape{5, 6, 6, 3})
		p = Problem{Quarters: p.Quarters, Sites: p.Sites, Scenarios: p.Scenarios, Beta: 0.9, Substations: p.Substations}
		want := 0.0
		for i := range p.Sites {
			p.Sites[i].Substation = ""
			best := math.Inf(-1)
			for _, o := range p.Sites[i].Options {
				mean := 0.0
				for s, v := range o.NPV {
					mean += v * p.Scenarios[s].Weight
				}
				best = max(best, mean)
			}
			want += best
		}
		if got := chosen(t, p, Options{Solver: in}); !near(got.Objective, want, 1e-9, 1) || got.Effort.Programs > 0 {
			t.Errorf("seed %d: %v, want %v; %+v", seed, got.Objective, want, got.Effort)
		}
	}
}
