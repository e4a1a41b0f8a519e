package portfolio

import (
	"context"
	"fmt"
	"os"
	"sluice/solve"
	"strconv"
	"testing"
	"time"
)

type timed struct {
	tb testing.TB
	in Solver
}

func (x timed) Solve(ctx context.Context, p *solve.Problem, o solve.Options) (*solve.Solution, error) {
	b := cpu()
	s, err := x.in.Solve(ctx, p, o)
	det := ""
	if s != nil {
		det = s.Detail
	}
	if s != nil {
		x.tb.Logf("%8v mixed=%v rows=%d nz=%d %v it=%d nodes=%d obj=%.6g bound=%.6g start=%v %s", (cpu() - b).Round(time.Millisecond), p.Mixed(), p.Rows(), len(p.Value), s.Status, s.Iterations, s.Nodes, s.Objective, s.Bound, o.Start != nil, det)
	}
	return s, err
}
func TestTmp(t *testing.T) {
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	p := company(uint64(seed), 50)
	vary(&p, os.Getenv("VARY"))
	b := cpu()
	c := chosen(t, p, Options{Solver: timed{t, solver(t)}, Gap: 1e-3, Limit: 90 * time.Second})
	t.Logf("TOTAL %v gap %v%% %+v obj %.5g mean %.4g cvar %.4g", cpu()-b, c.Gap*100, c.Effort, c.Objective, c.Expected, c.CVaR)
	n := map[string]int{}
	for _, x := range c.Taken {
		n[x.Product]++
	}
	g := map[string]int{}
	for _, x := range c.Binding {
		g[x.Name[:min(14, len(x.Name))]] += x.Blocks
	}
	short := 0.0
	for _, v := range c.Shortfall {
		short += v
	}
	t.Log(n, g, short, fmt.Sprint(names(c)))
}
func vary(p *Problem, how string) {
	switch how {
	case "nocarry":
		p.Budget.Carry = false
		for q := range p.Budget.Money {
			p.Budget.Money[q] *= 1.6
		}
	case "averse":
		p.Aversion = 1
	case "hard":
		p.Liquidity.Hard = true
		p.Liquidity.Penalty = 0
		p.Liquidity.Start *= 1.5
	case "crew":
		for q := range p.Crew {
			p.Crew[q] *= 0.6
		}
	}
}
