package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"sluice/capital"
	"sluice/capital/model"
	"sluice/capital/path"
	"sluice/capital/risk"
	"sluice/driver/history"
	"sluice/unit"
	"sluice/use/mining"
)

// riskFlags say which plan is put at risk, and how.
type riskFlags struct {
	file, without, bitcoin string
	seed                   uint64
	paths, window          int
	json, quick            bool
	board                  boardFlags
}

func newRisk() *cobra.Command {
	in := riskFlags{}
	c := &cobra.Command{
		Use: "risk --file PLAN.yaml", Short: "Run a plan on thousands of futures: what it is worth, what breaks, and when", Args: cobra.NoArgs,
		Long: `Runs a plan by weeks on many futures: the price of bitcoin, difficulty, fees and
power drawn together from recorded weeks, with delays, overruns, falling rents and
tenants that fail. It prints the spread of its worth, how often cash runs out and
when, the probability that each covenant breaks in each quarter, scenarios with a
name, what one input alone does, whose doing the spread is, and the smallest joint
move that breaks a promise within twelve months; with the standard error of each
figure, how far the same bands held in the past, and a warning where they rest on
few independent years. docs/risk.md walks through one, docs/formula/risk.md has the
formulas. The same seed gives the same figures, on any number of processors.
` + exitHelp,
		Example: `  sluice risk --file washington
  sluice risk --file plan.yaml --paths 20000 --seed 7 --html board.html --pdf board.pdf
  sluice risk --file plan.yaml --without "fjord colocation" --json`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.Context(), c.OutOrStdout()) },
	}
	f := c.Flags()
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.without, "without", "", "without this project and what is borrowed for it")
	f.StringVar(&in.bitcoin, "bitcoin", "", "daily price, difficulty and reward of bitcoin, CSV (default: the shipped days of 2021 to 2025)")
	f.Uint64Var(&in.seed, "seed", 1, "seed of the futures")
	f.IntVar(&in.paths, "paths", 10_000, "number of futures, 100 to 1000000")
	f.IntVar(&in.window, "window", 156, "last weeks of the history that are drawn from")
	f.BoolVar(&in.quick, "quick", false, "the spread and the covenants alone: no scenarios, tornado, drivers and reverse stress test")
	f.BoolVar(&in.json, "json", false, "print JSON")
	in.board.bind(f)
	return c
}

// exposure is all that is to be said of the risk of a plan.
type exposure struct {
	plan     *planReport
	futures  *risk.Futures
	seed     uint64
	days     history.Source
	facts    path.Facts
	result   risk.Result
	named    []risk.Scenario
	bars     []risk.Bar
	shares   []risk.Share
	worst    risk.Move
	alone    []risk.Move
	coverage []path.Covered
}

func (in riskFlags) run(ctx context.Context, w io.Writer) error {
	if in.file == "" {
		return input(errors.New("name the plan: --file with a plan file or a shipped example (washington, operator), see --help"))
	}
	if in.paths < 100 || in.paths > 1_000_000 {
		return input(fmt.Errorf("--paths %d: take 100 to 1000000", in.paths))
	}
	s, err := in.assess(ctx)
	if err != nil {
		return err
	}
	if err := in.board.write(s.plan, s); err != nil {
		return err
	}
	if in.json {
		return printJSON(w, s.view())
	}
	s.print(w)
	return nil
}

// assess works out all that is to be said.
func (in riskFlags) assess(ctx context.Context) (*exposure, error) {
	p, err := planFlags{file: in.file, without: in.without}.load()
	if err != nil {
		return nil, input(err)
	}
	if err := p.work(); err != nil {
		return nil, err
	}
	s := &exposure{plan: p, seed: in.seed}
	m, h, err := in.lay(s)
	if err != nil {
		return nil, err
	}
	if s.result, err = risk.Analyse(ctx, m, s.futures, in.paths); err != nil {
		return nil, err
	}
	s.result.Warnings = append(s.result.Warnings, s.futures.Warnings...)
	if s.coverage, err = backtest(h); err != nil {
		s.result.Warnings = append(s.result.Warnings, "the bands were not tested on the past: "+err.Error())
	}
	if in.quick {
		return s, nil
	}
	return s, s.move(m, min(in.paths/4, 2000))
}

// lay makes the plan ready by weeks, and its futures.
func (in riskFlags) lay(s *exposure) (*model.Model, path.History, error) {
	m, err := model.New(s.plan.plan, model.Weekly(s.plan.plan), s.plan.histories)
	if err != nil {
		return nil, nil, input(s.plan.file.Locate(err))
	}
	h, err := in.history(s)
	if err != nil {
		return nil, nil, input(err)
	}
	begins, err := shared(s.plan.told)
	if err != nil {
		return nil, nil, input(err)
	}
	c := risk.Usual(in.seed)
	c.Path.Window = in.window
	s.futures, err = risk.NewFutures(m, h, begins, c)
	if err != nil {
		return nil, nil, input(fmt.Errorf("%s: %w", s.days.Name, err))
	}
	s.facts = s.futures.Facts()
	return m, h, nil
}

// history reads the weeks of bitcoin that futures are drawn from.
func (in riskFlags) history(s *exposure) (path.History, error) {
	name := in.bitcoin
	if name == "" {
		name = shippedBitcoin
	}
	o, err := open(name)
	if err != nil {
		return nil, err
	}
	days, source, err := history.ReadBitcoin(o, name, "USD")
	if err := errors.Join(err, o.close()); err != nil {
		return nil, err
	}
	s.days = source
	return path.Weekly(daysOf(days))
}

// shared is the begins of the weeks of power prices, which all sites must share: one
// index draws them all.
func shared(told []historyTold) ([]time.Time, error) {
	if len(told) == 0 {
		return nil, nil
	}
	first := told[0]
	for _, t := range told[1:] {
		if !slices.EqualFunc(first.weeks.Begins, t.weeks.Begins, time.Time.Equal) {
			return nil, fmt.Errorf("histories %q and %q do not cover the same weeks: cut both to the same days, so that one index can draw the power of all sites together", first.name, t.name)
		}
	}
	return first.weeks.Begins, nil
}

// move works out what single inputs, names and joint moves do.
func (s *exposure) move(m *model.Model, pairs int) (err error) {
	remake := func(p capital.Plan) (*model.Model, error) { return model.New(p, m.Grid(), s.plan.histories) }
	if s.named, err = s.futures.Scenarios(remake); err != nil {
		return err
	}
	if s.bars, err = s.futures.Tornado(remake); err != nil {
		return err
	}
	s.shares = s.futures.Drivers(max(pairs, 100))
	s.worst, s.alone, err = s.futures.Reverse(remake)
	return err
}

// daysOf is the days of the network as futures take them. A file in which most blocks
// earn exactly a subsidy does not know the fees.
func daysOf(networks []mining.Network) []path.Day {
	out := make([]path.Day, len(networks))
	bare := 0
	for i, n := range networks {
		out[i] = path.Day{Day: n.Day, Price: float64(n.Price) / float64(unit.Unit), Difficulty: float64(n.Difficulty), Reward: float64(n.Reward) / float64(unit.Bitcoin)}
		for halvings := range 20 {
			if n.Reward == 50*unit.Bitcoin>>halvings {
				bare++
			}
		}
	}
	if bare > len(networks)/2 {
		for i := range out {
			out[i].Reward = 0
		}
	}
	return out
}

// backtest is how far the bands of these futures held in the past.
func backtest(h path.History) ([]path.Covered, error) {
	study := path.UsualStudy()
	study.From, study.To = h[0].Begin, h[len(h)-1].Begin.AddDate(0, 0, 7)
	return path.Coverage(h, study)
}
