package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const (
	portfolioCases = 100
	portfolioWall  = 60  // seconds
	portfolioGap   = 0.1 // percent
)

// reCases is what the test of the portfolio says of its cases.
var reCases = regexp.MustCompile(`(\d+) infeasible, (\d+) averse`)

// portfolio runs the two measurements that stand with the package, where what they
// draw is: its hundred cases against counting out, and companies of fifty sites.
func (b *bench) portfolio(ctx context.Context, t *table) error {
	program := filepath.Join(b.work, "portfolio.test")
	if _, err := execute(exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./capital/portfolio")); err != nil { //nolint:gosec // a package of this module
		return err
	}
	said, used, wrong := tested(ctx, program, "-test.v", "-test.run", "^TestExhaustiveAgrees$")
	m := reCases.FindStringSubmatch(said)
	if m == nil {
		return fmt.Errorf("TestExhaustiveAgrees of capital/portfolio says nothing of its cases: %w\n%s", errors.Join(errBroken, wrong), said)
	}
	bad := strings.Count(said, ": case ")
	t.add(figure{
		Name: "portfolio, cases that equal counting out", Value: float64(portfolioCases - bad), Unit: fmt.Sprintf("of %d", portfolioCases),
		How: fmt.Sprintf("TestExhaustiveAgrees, gap 0: objective to 1e-6, %s infeasible ones refused, %s averse to risk; %.0f s of a processor", m[1], m[2], used.CPU.Seconds()),
	}.promised("all", wrong == nil && bad == 0))
	said, used, wrong = tested(ctx, program, "-test.run", "^$", "-test.bench", "^BenchmarkCompany$", "-test.benchtime", "1x")
	if wrong != nil {
		return fmt.Errorf("BenchmarkCompany of capital/portfolio: %w\n%s", wrong, said)
	}
	n := len(t.Figures)
	if err := companies(t, said); err != nil {
		return err
	}
	t.add(figure{
		Name: "portfolio of 50 sites by 10 years, processor", Value: used.CPU.Seconds() / float64((len(t.Figures)-n)/2), Unit: "s",
		How: "mean of the companies, with the start of the solver",
	})
	return nil
}

// tested runs the tests of the portfolio, and returns what they say and cost.
func tested(ctx context.Context, program string, args ...string) (said string, used usage, err error) {
	var out bytes.Buffer
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // built here
	c.Dir, c.Stdout = "capital/portfolio", &out
	used, err = execute(c)
	return out.String(), used, err
}

// companies reads how long each company took, and what gap was proven.
func companies(t *table, text string) error {
	found := 0
	for line := range strings.Lines(text) {
		m := reBenchmark.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		values := map[string]float64{}
		fields := strings.Fields(m[2])
		for i := 0; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q is no number in %q", fields[i], line)
			}
			values[fields[i+1]] = v
		}
		gap, ok := values["gap%"]
		if !ok {
			return fmt.Errorf("%q has no gap: %w", line, errBroken)
		}
		found++
		how := fmt.Sprintf("50 sites with 73 options, 40 quarters, 50 scenarios, CVaR, every limit binding somewhere; %.0f nodes, %.0f cuts", values["nodes"], values["cuts"])
		name := "portfolio of 50 sites by 10 years, " + strings.TrimPrefix(strings.ReplaceAll(m[1], "_", " "), "Company/")
		t.add(
			figure{Name: name + ", wall", Value: values["ns/op"] / 1e9, Unit: "s", How: how}.below("promise", portfolioWall).atMost(portfolioWall),
			figure{Name: name + ", proven gap", Value: gap, Unit: "%", How: how}.atMost(portfolioGap),
		)
	}
	if found == 0 {
		return fmt.Errorf("BenchmarkCompany of capital/portfolio was not run: was it renamed? %w", errBroken)
	}
	return nil
}
