package portfolio

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestRefused: each fault is told with its place.
func TestRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(p *Problem){
		`site "site 1", option "o0", NPV: 2 numbers: give 3`:               func(p *Problem) { p.Sites[1].Options[0].NPV = []float64{1, 2} },
		`site "site 0", option "o0", capex: number 1 is NaN`:               func(p *Problem) { p.Sites[0].Options[0].Capex[1] = math.NaN() },
		`site "site 0", option "o1", crew: is not given`:                   func(p *Problem) { p.Crew, p.Sites[0].Options[1].Crew = []float64{1, 1}, nil },
		`cash of scenario "s2": quarter 1 is +Inf`:                         func(p *Problem) { p.Sites[0].Options[0].Cash[2][1] = math.Inf(1) },
		`the weights of the 3 scenarios sum to 1.1`:                        func(p *Problem) { p.Scenarios[0].Weight += 0.1 },
		`scenario "s1": its weight is -1`:                                  func(p *Problem) { p.Scenarios[1].Weight = -1 },
		`scenario "s0" is there twice`:                                     func(p *Problem) { p.Scenarios[1].Name = "s0" },
		`site "site 0" is there twice`:                                     func(p *Problem) { p.Sites[1].Name = "site 0" },
		`option of site "site 1" "o0" is there twice`:                      func(p *Problem) { p.Sites[1].Options[1].Name = "o0" },
		`site "site 0": 0 options have the product "none"`:                 func(p *Problem) { p.Sites[0].Options = p.Sites[0].Options[:2] },
		`site "site 1": substation "moon" is not in the plan`:              func(p *Problem) { p.Sites[1].Substation = "moon" },
		`need "n": there is no option "x" at site "site 0"`:                func(p *Problem) { p.Needs = []Need{{"n", nil, []Ref{{"site 0", "x"}}}} },
		`need "n": its condition names the sites "site 0" and "site 1"`:    func(p *Problem) { p.Needs = []Need{{"n", []Ref{{"site 0", "o0"}, {"site 1", "o0"}}, nil}} },
		`exclusion "e": names 1 options`:                                   func(p *Problem) { p.Exclusive = []Exclusion{{"e", []Ref{{"site 0", "o0"}}}} },
		`covenant "c": loads of 1 sites and limits of 0 quarters`:          func(p *Problem) { p.Covenants = []Covenant{{Name: "c", Load: make([][][]float64, 1)}} },
		`liquidity is hard and has a penalty`:                              func(p *Problem) { p.Liquidity = &Liquidity{Hard: true, Penalty: 1} },
		`a shortfall that costs nothing limits nothing`:                    func(p *Problem) { p.Liquidity = &Liquidity{} },
		`the level of CVaR is 1`:                                           func(p *Problem) { p.Beta = 1 },
		`the aversion to risk is NaN`:                                      func(p *Problem) { p.Aversion = math.NaN() },
		`the budget: 1 numbers for 2 quarters`:                             func(p *Problem) { p.Budget = &Budget{Money: []float64{1}} },
		`site "site 0", option "o0": starts in quarter 2 and builds for 1`: func(p *Problem) { p.Sites[0].Options[0].Start, p.Sites[0].Options[0].Build = 2, 1 },
	} {
		p := random(3, shape{2, 3, 3, 2})
		// Every site gets its option None last, and no limit.
		for i := range p.Sites {
			o := p.Sites[i].Options
			slices.SortFunc(o, func(a, b Option) int { return strings.Compare(a.Name, b.Name) })
		}
		p = Problem{Quarters: 2, Sites: p.Sites, Scenarios: p.Scenarios, Beta: 0.9, Substations: p.Substations}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&p)
		_, err := Choose(t.Context(), p, Options{})
		if !errors.Is(err, ErrProblem) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := Choose(t.Context(), random(3, shape{2, 3, 3, 2}), Options{}); !errors.Is(err, ErrProblem) {
		t.Errorf("without a solver: %v", err)
	}
	if _, err := Exhaustive(random(3, shape{7, 8, 2, 2})); !errors.Is(err, ErrProblem) {
		t.Errorf("too many combinations: %v", err)
	}
}

// TestThin: an option that another betters in everything is left out, and one that
// uses less of any limit is not.
func TestThin(t *testing.T) {
	t.Parallel()
	p := small(2, Site{Name: "north", Options: []Option{
		hall("best", 10, 5, 0), hall("dearer", 10, 6, 0), hall("twin", 10, 5, 0), hall("cheap", 4, 1, 0), hall("later", 10, 0, 5), hall("worse", 3, 2, 0),
	}})
	p.Budget = &Budget{Money: []float64{2, 2}}
	tb, err := newTable(&p)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tb.thin(), []bool{true, false, false, true, true, false, true}; !slices.Equal(got, want) {
		t.Errorf("open %v, want %v", got, want)
	}
}
