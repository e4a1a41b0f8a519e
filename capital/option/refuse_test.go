package option_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"sluice/capital/option"
)

// TestRefused: a problem that is none, settings that look ahead, and numbers that are none.
func TestRefused(t *testing.T) {
	t.Parallel()
	nan := func(int, []float64) float64 { return math.NaN() }
	for sentence, c := range map[string]struct {
		change func(*option.Problem, *option.Settings)
		says   string
	}{
		"no dates":                  {func(p *option.Problem, _ *option.Settings) { p.Dates = 0 }, "0 dates"},
		"five variables":            {func(p *option.Problem, _ *option.Settings) { p.Variables = make([]option.Variable, 5) }, "5 variables"},
		"no phase":                  {func(p *option.Problem, _ *option.Settings) { p.Phases = nil }, "0 phases"},
		"a start that is not there": {func(p *option.Problem, _ *option.Settings) { p.Start = 4 }, "phase 4 of 4"},
		"no discount":               {func(p *option.Problem, _ *option.Settings) { p.Discount = 0 }, "discount of 0"},
		"a discount that is none":   {func(p *option.Problem, _ *option.Settings) { p.Discount = math.NaN() }, "discount of NaN"},
		"no paths drawn":            {func(p *option.Problem, _ *option.Settings) { p.Draw = nil }, "draws"},
		"an action into nowhere":    {func(p *option.Problem, _ *option.Settings) { p.Phases[1].Actions[0].To = -1 }, `action "stay" leads to phase -1`},
		"a cut of nothing":          {func(p *option.Problem, _ *option.Settings) { p.Cuts = []option.Cut{{Axis: 1, Across: -1}} }, "cut 1"},
		"too many features":         {func(p *option.Problem, _ *option.Settings) { p.Features = make([]option.Money, 5) }, "5 features"},
		"few paths":                 {func(_ *option.Problem, s *option.Settings) { s.Paths = 99 }, "99 paths"},
		"few fresh paths":           {func(_ *option.Problem, s *option.Settings) { s.Fresh = 0 }, "0 fresh"},
		"degree 5":                  {func(_ *option.Problem, s *option.Settings) { s.Degree = 5 }, "degree 5"},
		"one seed twice":            {func(_ *option.Problem, s *option.Settings) { s.Seed = s.FreshSeed }, "looks ahead"},
		"too much to hold":          {func(p *option.Problem, s *option.Settings) { s.Paths, p.Dates = 1_000_000, 2_000 }, "at most 67108 paths"},
		"a state that is no number": {func(p *option.Problem, _ *option.Settings) {
			p.Draw = func(_ *rand.Rand, x []float64) { x[3] = math.Inf(1) }
		}, "path 0 of seed 1: margin is +Inf on date 3"},
		"a feature that is none": {func(p *option.Problem, _ *option.Settings) { p.Features = []option.Money{nan} }, "feature 1 is NaN on date 0"},
		"a flow that is none":    {func(p *option.Problem, _ *option.Settings) { p.Phases[0].Flow = nan }, `phase "running" on date 11`},
		"a payment that is none now and then": {func(p *option.Problem, _ *option.Settings) {
			p.Phases[0].Actions[0].Pay = func(_ int, x []float64) float64 { return math.Log(x[0] + 1) }
		}, "no finite number"},
	} {
		p, s := plant(0.2, 0.4, 4), settings(1_000)
		c.change(&p, &s)
		if _, err := option.Solve(t.Context(), p, s); !errors.Is(err, option.ErrProblem) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", sentence, err, c.says)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := option.Solve(done, plant(0.2, 0.4, 4), settings(1_000)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	one, other := solve(t, plant(0.2, 0.4, 4), settings(200)), solve(t, plant(0.2, 0.4, 4), settings(300))
	if _, _, err := one.Against(other); !errors.Is(err, option.ErrProblem) {
		t.Errorf("results on different paths: %v", err)
	}
	for _, x := range [][5]float64{{0, 1, 0.04, 0.04, 0.2}, {1, -1, 0.04, 0.04, 0.2}, {1, 1, 0.04, 0, 0.2}, {1, 1, 0.04, 0.04, 0}, {1, 1, math.NaN(), 0.04, 0.2}, {1, 1, 0.04, 1e-30, 1e-30}} {
		if w, err := option.Perpetual(x[0], x[1], x[2], x[3], x[4]); !errors.Is(err, option.ErrProblem) {
			t.Errorf("%v: %+v, %v", x, w, err)
		}
	}
}

// TestConversionRefused: all faults at once, each with its name and bounds.
func TestConversionRefused(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		change func(*option.Conversion)
		says   []string
	}{
		"two numbers":              {func(c *option.Conversion) { c.First, c.Mine.Uptime = math.NaN(), 2 }, []string{"first block, MW, is NaN", "uptime is 2: give 0 to 1"}},
		"a stage of another trade": {func(c *option.Conversion) { c.At = "sold" }, []string{`it is at "sold"`}},
		"nothing left":             {func(c *option.Conversion) { c.At, c.Second = option.Running, 0 }, []string{"nothing is left", "right to expand"}},
		"a deposit without a wait": {func(c *option.Conversion) { c.Hall.Connect = 0 }, []string{"add it to the capex"}},
		"paid, but not needed":     {func(c *option.Conversion) { c.At, c.Hall.Connect, c.Hall.Deposit = option.Deposited, 0, 0 }, []string{"none is needed"}},
		"markets that contradict": {func(c *option.Conversion) {
			c.Markets.HashRent, c.Markets.HashCapex, c.Markets.RentCapex = 0.9, 0.9, -0.9
		}, []string{"contradict"}},
		"a correlation of two": {func(c *option.Conversion) { c.Markets.HashRent = 2 }, []string{"contradict"}},
		"no horizon":           {func(c *option.Conversion) { c.Quarters = 41 }, []string{"horizon in quarters is 41: give 1 to 40"}},
	} {
		x := example()
		c.change(&x)
		_, err := x.Answer(t.Context(), quick())
		if !errors.Is(err, option.ErrProblem) {
			t.Errorf("%s: %v", sentence, err)
			continue
		}
		for _, says := range c.says {
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", sentence, err, says)
			}
		}
	}
	good := example()
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	good.Markets.HashRent, good.Markets.HashCapex, good.Markets.RentCapex = 1, 0.5, 0.5
	if err := good.Validate(); err != nil {
		t.Errorf("two markets that are one: %v", err)
	}
	s := quick()
	s.Paths = 1
	if _, err := good.Answer(t.Context(), s); !errors.Is(err, option.ErrProblem) {
		t.Errorf("one path: %v", err)
	}
}
