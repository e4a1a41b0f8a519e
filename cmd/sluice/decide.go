package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"sluice/capital"
	"sluice/capital/decide"
	"sluice/capital/option"
	"sluice/capital/portfolio"
	"sluice/capital/risk"
)

// decideFlags say what is decided.
type decideFlags struct {
	riskFlags
	project   string
	budget    float64
	building  int
	aversion  float64
	delays    []int
	scenarios int
	unsaid    decide.Unsaid
}

func newDecide() *cobra.Command {
	in := decideFlags{unsaid: decide.Usual()}
	c := &cobra.Command{
		Use: "decide --file PLAN.yaml", Short: "Decide on a plan: the rate that beats mining, convert or wait, and which projects when", Args: cobra.NoArgs,
		Long: `Answers three questions about the projects of a plan, on the futures of sluice risk.
At what rate does the contract of each beat the mining that it displaces: as planned,
on half and on 80 % of the futures. Is it better to convert now, to wait, to expand
later or to give up: the project as a staged option by Longstaff and Schwartz, with
the rule for every year; invest when its value exceeds the option to wait, not when it
is positive. And which projects should begin when, under a budget by quarter, the
connections of the sites and the worst 5 %: a mixed-integer program with proven gap,
and the frontier of value against risk. docs/decide.md walks through one,
docs/formula/decide.md, option.md and portfolio.md have the formulas.
` + exitHelp,
		Example: `  sluice decide --file washington
  sluice decide --file operator --budget 40e6 --building 1 --delays 0,4,8
  sluice decide --file plan.yaml --project "fjord colocation" --json`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr()) },
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.bitcoin, "bitcoin", "", "daily price, difficulty and reward of bitcoin, CSV (default: the shipped days of 2021 to 2025)")
	f.StringVar(&in.project, "project", "", "this project alone for the rate and the option (default: all)")
	f.Uint64Var(&in.seed, "seed", 1, "seed of the futures")
	f.IntVar(&in.paths, "paths", 2000, "number of futures, 100 to 100000")
	f.IntVar(&in.window, "window", 156, "last weeks of the history that are drawn from")
	f.Float64Var(&in.budget, "budget", 0, "money that may be spent on building in each quarter; what is not spent may be spent later; 0: no limit")
	f.IntVar(&in.building, "building", 0, "most projects in construction at once; 0: no limit")
	f.Float64Var(&in.aversion, "aversion", 0.2, "weight of the mean of the worst 5 % against expected value")
	f.IntSliceVar(&in.delays, "delays", []int{0, 2, 4, 8}, "quarters by which a project may begin later")
	f.IntVar(&in.scenarios, "scenarios", 50, "futures that the choice of projects is made on, 10 to 200")
	f.Float64Var(&in.unsaid.RentVolatility, "rent-volatility", in.unsaid.RentVolatility, "of the market's rent, a year (assumed)")
	f.Float64Var(&in.unsaid.RentGrowth, "rent-growth", in.unsaid.RentGrowth, "of the market's rent, a year (assumed)")
	f.Float64Var(&in.unsaid.CapexVolatility, "capex-volatility", in.unsaid.CapexVolatility, "of building cost, a year (assumed)")
	f.Float64Var(&in.unsaid.HashRent, "correlation", in.unsaid.HashRent, "of hashprice and rents (assumed)")
	f.IntVar(&in.unsaid.Years, "years", in.unsaid.Years, "for how long one may wait")
	f.BoolVar(&in.json, "json", false, "print JSON")
	return c
}

// decision is all that is to be said.
type decision struct {
	plan     *planReport
	hurdles  []decide.Hurdle
	stages   []staged
	problem  portfolio.Problem
	reduced  portfolio.Reduced
	choice   portfolio.Choice
	none     error // why nothing could be chosen
	frontier []portfolio.Point
	corners  []decide.Corner
	unshared error // why capital cannot be shared
	in       decideFlags
}

// staged is a project as an option.
type staged struct {
	name       string
	conversion option.Conversion
	answer     option.Answer
	void       error // why it is none
}

func (in decideFlags) run(ctx context.Context, w, stderr io.Writer) error {
	if in.file == "" {
		return input(errors.New("name the plan: --file with a plan file or a shipped example (washington, operator), see --help"))
	}
	if in.paths < 100 || in.paths > 100_000 {
		return input(fmt.Errorf("--paths %d: take 100 to 100000", in.paths))
	}
	if in.scenarios < 10 || in.scenarios > 200 {
		return input(fmt.Errorf("--scenarios %d: take 10 to 200", in.scenarios))
	}
	d, err := in.decide(ctx, stderr)
	if err != nil {
		return err
	}
	if in.json {
		return printJSON(w, d.view())
	}
	d.print(w)
	return nil
}

func (in decideFlags) decide(ctx context.Context, stderr io.Writer) (*decision, error) {
	p, err := planFlags{file: in.file}.load()
	if err != nil {
		return nil, input(err)
	}
	d := &decision{plan: p, in: in}
	g, err := in.ground(p)
	if err != nil {
		return nil, err
	}
	if err := d.each(ctx, g); err != nil {
		return nil, err
	}
	solver, err := solvers(stderr)(ctx)
	if err != nil || solver == nil {
		d.none = errors.Join(err, portfolio.ErrSolver)
		return d, err
	}
	return d, d.choose(ctx, g, solver)
}

// ground is the plan with all that its futures are drawn from.
func (in decideFlags) ground(p *planReport) (decide.Ground, error) {
	s := &exposure{plan: p}
	h, err := in.history(s)
	if err != nil {
		return decide.Ground{}, input(err)
	}
	begins, err := shared(p.told)
	if err != nil {
		return decide.Ground{}, input(err)
	}
	c := risk.Usual(in.seed)
	c.Path.Window = in.window
	return decide.Ground{Plan: p.plan, Hours: p.histories, Begins: begins, Bitcoin: h, Risk: c}, nil
}

// each answers for every project: its rate, and its option.
func (d *decision) each(ctx context.Context, g decide.Ground) error {
	found := d.in.project == ""
	for _, p := range d.plan.plan.Projects {
		if d.in.project != "" && p.Name != d.in.project {
			continue
		}
		found = true
		h, err := g.Hurdle(ctx, p.Name, d.in.paths)
		if err != nil && !errors.Is(err, decide.ErrDecide) {
			return err
		}
		if err == nil {
			d.hurdles = append(d.hurdles, h)
		}
		d.stages = append(d.stages, d.stage(ctx, g, p))
	}
	if !found {
		return input(fmt.Errorf("--project %q: the plan has none of that name", d.in.project))
	}
	return ctx.Err()
}

// stage values a project as an option; what cannot be one says why.
func (d *decision) stage(ctx context.Context, g decide.Ground, p capital.Project) staged {
	s := staged{name: p.Name}
	if s.conversion, s.void = g.Stage(p.Name, d.in.unsaid); s.void != nil {
		return s
	}
	s.answer, s.void = decide.Decide(ctx, s.conversion, max(d.in.paths, 2000), d.in.seed)
	return s
}

// solving is the time that one run of the solver may take.
const solving = time.Minute

// choose picks projects and their begin.
func (d *decision) choose(ctx context.Context, g decide.Ground, solver portfolio.Solver) (err error) {
	if len(d.plan.plan.Projects) == 0 {
		return nil
	}
	l := decide.Limits{Delays: d.in.delays, Futures: min(d.in.paths, 1000), Scenarios: d.in.scenarios, Carry: true, Building: d.in.building, Beta: 0.95, Aversion: d.in.aversion}
	if d.in.budget > 0 {
		for range d.plan.plan.Months() / 3 {
			l.Budget = append(l.Budget, d.in.budget)
		}
	}
	if d.problem, d.reduced, err = g.Candidates(ctx, l); err != nil {
		return input(err)
	}
	o := portfolio.Options{Solver: solver, Gap: 1e-6, Limit: solving}
	if d.choice, err = portfolio.Choose(ctx, d.problem, o); err != nil {
		if errors.Is(err, portfolio.ErrInfeasible) || errors.Is(err, portfolio.ErrLimit) {
			d.none = err
			return nil
		}
		return err
	}
	if d.frontier, err = portfolio.Frontier(ctx, d.problem, o, 0, 0.1, 0.2, 0.5, 1, 2); err != nil {
		return err
	}
	h, err := g.Holdings(ctx, d.reduced)
	if errors.Is(err, decide.ErrDecide) {
		d.unshared = err
		return nil
	}
	if err != nil {
		return err
	}
	d.corners, err = decide.Corners(ctx, solver, h, 9)
	return err
}
