package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	portfolioCases = 100
	portfolioWall  = 60  // seconds
	portfolioGap   = 0.1 // percent
)

// reCases is what the test of the portfolio says of its cases.
var reCases = regexp.MustCompile(`(\d+) infeasible, (\d+) averse`)

// portfolio runs the two measurements that stand with the package, where what they
// draw is: its hundred cases against counting out, and a company of fifty sites.
func (b *bench) portfolio(ctx context.Context, t *table) error {
	var out bytes.Buffer
	c := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "-run", "^TestExhaustiveAgrees$", "./capital/portfolio")
	c.Stdout = &out
	begin := time.Now()
	_, err := execute(c)
	m := reCases.FindStringSubmatch(out.String())
	if m == nil {
		return fmt.Errorf("TestExhaustiveAgrees of capital/portfolio says nothing of its cases: %w\n%s", errBroken, out.String())
	}
	wrong := strings.Count(out.String(), ": case ")
	t.add(figure{
		Name: "portfolio, cases that equal counting out", Value: float64(portfolioCases - wrong), Unit: fmt.Sprintf("of %d", portfolioCases),
		How: fmt.Sprintf("go test -run TestExhaustiveAgrees, gap 0: objective to 1e-6, %s infeasible ones refused, %s averse to risk; %.0f s", m[1], m[2], time.Since(begin).Seconds()),
	}.promised("all", err == nil && wrong == 0))
	out.Reset()
	c = exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkCompany$", "-benchtime", "1x", "-timeout", "20m", "./capital/portfolio")
	c.Stdout = &out
	if _, err := execute(c); err != nil {
		return fmt.Errorf("BenchmarkCompany of capital/portfolio: %w\n%s", err, out.String())
	}
	return companies(t, out.String())
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
