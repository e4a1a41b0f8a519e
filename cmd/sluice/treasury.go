package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sluice/capital"
	"sluice/capital/path"
	"sluice/capital/treasury"
	"sluice/driver/planfile"
)

// treasuryFlags say whose treasury is tested, and on what.
type treasuryFlags struct {
	file, bitcoin, from, to string
	share, days             float64 // of the policies part and cover
	rate, volatility        float64
	efficiency, service     float64 // instead of the plan's; 0 and below 0: the plan's
	saleCost                float64
	seed                    uint64
	paths, window, years    int
	json                    bool
}

func newTreasury() *cobra.Command {
	in := treasuryFlags{}
	c := &cobra.Command{
		Use: "treasury --file PLAN.yaml", Short: "Show what holding, selling, pledging and hedging coins would have done to a plan's miner", Args: cobra.NoArgs,
		Long: `Steps the miner of a plan (all its sites together, before anything is converted,
with its bills, its debt and its loans against coins) by weeks through recorded
prices and difficulty under several policies of selling, the plan's own among them:
what each left in cash and coins, when cash ran out, which loans were called and how
many coins lenders sold; the winters of 2018 and 2022 by themselves where they are
recorded; and the same on futures, ranked. It says what a pledge may cost before it
is made, how often holding beat selling, and what the hedges of the plan moved and
cost. docs/treasury.md walks through one, docs/formula/treasury.md has the formulas.

What happened is one draw: it says nothing of how likely it was. Nothing is bought or
sold here, and no price is forecast. For energy that nobody takes, turned into a
reserve, see: sluice treasury reserve.
` + exitHelp,
		Example: `  sluice treasury --file operator
  sluice treasury --file plan.yaml --bitcoin bitcoin_by_day.csv --from 2017-01-01 --j-per-th 98
  sluice treasury --file plan.yaml --share 0.5 --cover-days 60 --paths 10000 --json
  sluice treasury reserve --surplus spill`,
		RunE: func(c *cobra.Command, _ []string) error { return in.run(c.Context(), c.OutOrStdout()) },
	}
	in.bind(c.Flags())
	c.AddCommand(newTreasuryReserve())
	return c
}

func (in *treasuryFlags) bind(f *pflag.FlagSet) {
	f.StringVar(&in.file, "file", "", "plan file, or the name of a shipped example (washington, operator)")
	f.StringVar(&in.bitcoin, "bitcoin", shippedBitcoin, "daily price, difficulty and reward of bitcoin, CSV")
	f.StringVar(&in.from, "from", "", "first day of the history that is stepped through (default: the first recorded one, not before 2017)")
	f.StringVar(&in.to, "to", "", "last day of it (default: the last recorded one)")
	f.Float64Var(&in.share, "share", 0.7, "share of the mined coins that the policy part sells")
	f.Float64Var(&in.days, "cover-days", 90, "days of bills that the policy cover keeps in cash")
	f.Float64Var(&in.rate, "cash-rate", 0.04, "what money earns in a year, against which holding is weighed")
	f.Float64Var(&in.volatility, "volatility", 0.5, "of the price a year, for the formula of a pledge")
	f.Float64Var(&in.efficiency, "j-per-th", 0, "efficiency of the machines on recorded weeks, at the same power (default: that of the plan)")
	f.Float64Var(&in.service, "debt-service", -1, "debt service a week (default: that of the plan's loans to the company)")
	f.Float64Var(&in.saleCost, "sale-cost", 0, "fees and slippage of a sale of coins, a share")
	f.Uint64Var(&in.seed, "seed", 1, "seed of the futures")
	f.IntVar(&in.paths, "paths", 2000, "number of futures, 100 to 20000; 0: the history alone")
	f.IntVar(&in.window, "window", 156, "last weeks of the history that futures are drawn from")
	f.IntVar(&in.years, "years", 4, "years of the futures, at most those of the plan")
	f.BoolVar(&in.json, "json", false, "print JSON")
}

// treasuryReport is all that is to be said of a treasury.
type treasuryReport struct {
	in      treasuryFlags
	plan    *planReport
	own     treasury.Policy
	miner   treasuryMiner
	days    *treasuryDays
	choices []treasury.Choice // the plan's own is the last
	windows []treasuryWindow  // the whole history is the first
	pledges []treasuryPledge
	held    []treasury.Held
	hedged  []treasuryHedged // history first; none: the plan has no hedge
	futures *treasuryFutures // nil: none were asked for
	warns   []string
}

func (in treasuryFlags) run(ctx context.Context, w io.Writer) error {
	if err := in.check(); err != nil {
		return input(err)
	}
	s, err := in.open()
	if err != nil {
		return input(err)
	}
	if err := s.work(ctx); err != nil {
		return err
	}
	if in.json {
		return printJSON(w, s.view())
	}
	s.print(w)
	return nil
}

// check refuses flags that make no sense.
func (in treasuryFlags) check() error {
	var faults []error
	fault := func(wrong bool, format string, a ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, a...))
		}
	}
	fault(in.file == "", "name the plan: --file with a plan file or a shipped example (washington, operator), see --help")
	fault(!(in.rate > -1 && in.rate <= 1), "--cash-rate %v: write a share of a year, such as 0.04", in.rate)
	fault(!(in.volatility > 0 && in.volatility <= 5), "--volatility %v: write that of a year as a share, such as 0.5", in.volatility)
	fault(!(in.efficiency == 0 || in.efficiency >= 1 && in.efficiency <= 10_000), "--j-per-th %v: write joules per terahash at the wall, such as 98 for machines of 2017", in.efficiency)
	fault(!(in.service == -1 || in.service >= 0 && in.service < 1e12), "--debt-service %v: write what is paid a week, 0 or more", in.service)
	fault(!(in.saleCost >= 0 && in.saleCost < 1), "--sale-cost %v: write a share below 1, such as 0.003", in.saleCost)
	fault(in.paths != 0 && (in.paths < 100 || in.paths > 20_000), "--paths %d: take 100 to 20000, or 0 for the history alone", in.paths)
	fault(in.window < 26 || in.window > 2600, "--window %d: take 26 to 2600 weeks, usually 156", in.window)
	fault(in.years < 1 || in.years > 20, "--years %d: take 1 to 20", in.years)
	if err := (treasury.Policy{Kind: treasury.Part, Share: in.share}).Check(); err != nil {
		faults = append(faults, fmt.Errorf("--share: %w", err))
	}
	if err := (treasury.Policy{Kind: treasury.Cover, Cover: in.days}).Check(); err != nil {
		faults = append(faults, fmt.Errorf("--cover-days: %w", err))
	}
	return errors.Join(faults...)
}

// open reads the plan and the history.
func (in treasuryFlags) open() (*treasuryReport, error) {
	s := &treasuryReport{in: in}
	f, err := planfile.Load(in.file)
	if err != nil {
		return nil, err
	}
	if s.own, err = treasuryPolicy(f.Plan.Treasury); err != nil {
		return nil, f.Fault("$.treasury", err)
	}
	if s.plan, err = (planFlags{file: in.file}).load(); err != nil {
		return nil, err
	}
	rate := 1.0
	if c := s.plan.plan.Currency; c != "USD" {
		if rate = s.plan.plan.Rates["USD"]; rate == 0 {
			return nil, f.Fault("$.currency", fmt.Errorf("recorded prices are in USD and there is no rate for it: add rates: {USD: units of %s for one}", c))
		}
	}
	if s.days, err = readTreasuryDays(in.bitcoin, rate); err != nil {
		return nil, err
	}
	if s.miner, err = s.minerOf(); err != nil {
		return nil, f.Locate(err)
	}
	s.choices = s.choose()
	return s, s.cut()
}

// treasuryPolicy is the rule of a plan.
func treasuryPolicy(t capital.Treasury) (treasury.Policy, error) {
	p := treasury.Policy{Share: t.Share, Least: t.Least, Floor: t.Floor, Ceiling: t.Ceiling, Cover: t.Cover, Every: t.Every, Evenly: t.Evenly, Keep: t.Keep}
	if t.Policy != "" {
		if err := p.Kind.UnmarshalText([]byte(t.Policy)); err != nil {
			return p, err
		}
	}
	return p, p.Check()
}

// choose is every policy that is tested. The bands are sized by the bills.
func (s *treasuryReport) choose() []treasury.Choice {
	bills := s.miner.bills()
	return []treasury.Choice{
		{Name: "hold"},
		{Name: "sell-all", Policy: treasury.Policy{Kind: treasury.SellAll}},
		{Name: "part", Policy: treasury.Policy{Kind: treasury.Part, Share: s.in.share}},
		{Name: "cover", Policy: treasury.Policy{Kind: treasury.Cover, Cover: s.in.days}},
		{Name: "threshold", Policy: treasury.Policy{Kind: treasury.Threshold, Share: 0.7, Least: 0.2, Floor: 13 * bills, Ceiling: 52 * bills}},
		{Name: "average", Policy: treasury.Policy{Kind: treasury.Average, Share: 0.5, Every: 13, Evenly: true}},
		{Name: "the plan's own", Policy: s.own},
	}
}

// work computes all that the report says.
func (s *treasuryReport) work(ctx context.Context) (err error) {
	for i := range s.windows {
		if err := s.test(&s.windows[i]); err != nil {
			return err
		}
	}
	if s.pledges, err = s.weighPledges(); err != nil {
		return err
	}
	if s.held, err = s.weighHolding(); err != nil {
		return err
	}
	if len(s.plan.plan.Hedges) > 0 {
		h, err := s.hedgeHistory()
		if err != nil {
			return err
		}
		s.hedged = append(s.hedged, h)
	}
	s.doubt()
	if s.in.paths == 0 {
		return nil
	}
	return s.look(ctx)
}

// treasuryYears is below how many recorded years a warning is due, as of futures.
const treasuryYears = 7

// treasuryLarge is from what part of the network on a miner is warned that it moves it.
const treasuryLarge = 0.02

// doubt warns where a result rests on little.
func (s *treasuryReport) doubt() {
	whole := s.windows[0].path
	if years := float64(len(whole.Price)) / 52; years < treasuryYears {
		s.warns = append(s.warns, fmt.Sprintf("The history is %.1f years: few independent ones. What a policy came to in them is one draw, and shares of windows that overlap are not odds.", years))
	}
	s.days.warn(&s.warns, whole.Begin[0])
	if part := s.miner.older(s.in.efficiency).PH / s.days.network(whole.Begin[0]); part > treasuryLarge {
		s.warns = append(s.warns, fmt.Sprintf("In %s these machines are %s of the network: difficulty would not have been what it was, and they would have found less. Take a later --from, or a plan with fewer MW.", whole.Begin[0].Format("2006-01"), inPercent(part)))
	}
	if n := s.plan.plan.Market; s.in.efficiency == 0 && n.Fleet > 0 && n.Newer > 0 {
		years := s.plan.plan.Begin.Begin().Sub(whole.Begin[0]).Hours() / 24 / 365.2425
		if then := n.Fleet / math.Pow(1-n.Newer, years); years > 1 && then > 2*s.miner.Efficiency {
			s.warns = append(s.warns, fmt.Sprintf("In %d the average machine of the network needed about %.0f J/TH by the plan's figures, and these need %.1f: nobody had them then, so every policy looks too good. --j-per-th takes machines of their time.", whole.Begin[0].Year(), then, s.miner.Efficiency))
		}
	}
}

// treasuryWindow is a stretch of the history and what every policy came to in it.
type treasuryWindow struct {
	name    string
	path    treasury.Path
	loans   []treasury.Rung
	lent    []float64 // of the plan's pledges, as far as coins carry them
	reports []treasury.Report
}

// test steps every policy through a window.
func (s *treasuryReport) test(w *treasuryWindow) error {
	m, lent := s.miner.older(s.in.efficiency).with(s.plan.plan.Pledges, w.path.Price[0])
	w.loans, w.lent = m.Loans, lent
	for _, c := range s.choices {
		r, err := treasury.Backtest(m, w.path, c.Policy)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", w.name, c.Name, err)
		}
		w.reports = append(w.reports, r)
	}
	return nil
}

// cut lays the windows on the history.
func (s *treasuryReport) cut() error {
	from, to, err := s.days.period(s.in.from, s.in.to)
	if err != nil {
		return err
	}
	whole := s.days.weekly(from, to)
	if len(whole.Price) < treasuryWeeksLeast {
		return fmt.Errorf("%s: %d whole weeks, from Monday to Sunday, lie from %s to %s and %d are needed: give more days, or widen --from and --to", s.days.place(), len(whole.Price), from.Format(time.DateOnly), to.Format(time.DateOnly), treasuryWeeksLeast)
	}
	s.windows = append(s.windows, treasuryWindow{name: "the history", path: whole})
	for _, year := range []int{2018, 2022} { // in which the price fell by most
		first, last := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC)
		if from.After(first) || to.Before(last) {
			continue
		}
		s.windows = append(s.windows, treasuryWindow{name: fmt.Sprintf("the winter of %d", year), path: s.days.weekly(first, last)})
	}
	return nil
}

// treasuryWeeksLeast is the shortest history that is stepped through.
const treasuryWeeksLeast = 13

// treasuryFutures is every policy on many futures.
type treasuryFutures struct {
	paths, weeks int
	facts        path.Facts
	lent         []float64
	ranked       []treasury.Rated
}
